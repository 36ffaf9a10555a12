/* SPDX-License-Identifier: MIT
 * Words of SQLite's SQL: see sqlite_tokens.h. As SQLite's own tokenizer, but that an operator of
 * two characters is two words, which nobody here minds. */
#include "migrate/catalog/sqlite_tokens.h"

#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' ||
           c == '$' || (unsigned char)c >= 0x80;
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* The byte at `at`, or NUL behind the end. */
static char byte_at(const furrow__words *w, size_t at)
{
    return at < w->size ? w->text[at] : '\0';
}

/* Behind space and comments; a block comment that does not end goes on to the end, as in SQLite. */
static size_t skip_blank(const furrow__words *w, size_t at)
{
    for (;;) {
        char c = byte_at(w, at);
        if (at < w->size && (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f')) {
            at++;
        } else if (c == '-' && byte_at(w, at + 1) == '-') {
            while (at < w->size && w->text[at] != '\n')
                at++;
        } else if (c == '/' && byte_at(w, at + 1) == '*') {
            at += 2;
            while (at < w->size && !(w->text[at] == '*' && byte_at(w, at + 1) == '/'))
                at++;
            at = at < w->size ? at + 2 : at;
        } else {
            return at;
        }
    }
}

/* Behind the closing quote; 0 where there is none. */
static size_t skip_quoted(const furrow__words *w, size_t at)
{
    char close = w->text[at] == '[' ? ']' : w->text[at];
    for (at++; at < w->size && w->text[at]; at++) {
        if (w->text[at] != close)
            continue;
        if (close == ']' || byte_at(w, at + 1) != close)
            return at + 1;
        at++;
    }
    return 0;
}

static void read_quoted(furrow__words *w, furrow__word_kind kind, size_t quote)
{
    w->end = skip_quoted(w, quote);
    w->kind = w->end ? kind : FURROW__WORD_BAD;
    if (!w->end)
        w->end = w->size;
}

static void read_number(furrow__words *w)
{
    while (is_name_byte(byte_at(w, w->end)) || byte_at(w, w->end) == '.' ||
           ((byte_at(w, w->end) == '+' || byte_at(w, w->end) == '-') &&
            upper(w->text[w->end - 1]) == 'E' && upper(byte_at(w, w->start + 1)) != 'X'))
        w->end++;
    w->kind = FURROW__WORD_NUMBER;
}

void furrow__words_next(furrow__words *w)
{
    w->last_end = w->end;
    w->start = skip_blank(w, w->end);
    w->end = w->start + 1;
    char c = byte_at(w, w->start), follows = byte_at(w, w->start + 1);
    if (w->start >= w->size) {
        w->kind = FURROW__WORD_END;
        w->start = w->end = w->size;
    } else if (c == '"' || c == '`' || c == '[') {
        read_quoted(w, FURROW__WORD_QUOTED, w->start);
    } else if (c == '\'') {
        read_quoted(w, FURROW__WORD_STRING, w->start);
    } else if (upper(c) == 'X' && follows == '\'') {
        read_quoted(w, FURROW__WORD_BLOB, w->start + 1);
    } else if (is_digit(c) || (c == '.' && is_digit(follows))) {
        read_number(w);
    } else if (is_name_byte(c)) {
        while (is_name_byte(byte_at(w, w->end)))
            w->end++;
        w->kind = FURROW__WORD_PLAIN;
    } else {
        w->kind = c == '('   ? FURROW__WORD_OPEN
                  : c == ')' ? FURROW__WORD_CLOSE
                  : c == ',' ? FURROW__WORD_COMMA
                  : c        ? FURROW__WORD_OTHER
                             : FURROW__WORD_BAD;
    }
}

furrow__words furrow__words_begin(const char *text, size_t size)
{
    furrow__words w = {.text = text, .size = size};
    furrow__words_next(&w);
    w.last_end = w.start;
    return w;
}

bool furrow__words_is(const furrow__words *w, const char *keyword)
{
    size_t size = strlen(keyword);
    if (w->kind != FURROW__WORD_PLAIN || w->end - w->start != size)
        return false;
    for (size_t i = 0; i < size; i++)
        if (upper(w->text[w->start + i]) != keyword[i])
            return false;
    return true;
}

bool furrow__words_has_name(const furrow__words *w)
{
    return w->kind == FURROW__WORD_PLAIN || w->kind == FURROW__WORD_QUOTED ||
           w->kind == FURROW__WORD_STRING;
}

/* ---- names, letter by letter ---- */

/* What is left of a name: from `at` on, without its quotes. */
typedef struct letters {
    const char *at, *end;
    char quote; /* doubled inside, or NUL */
} letters;

static letters letters_of(const furrow__words *w)
{
    letters l = {w->text + w->start, w->text + w->end, '\0'};
    if (w->kind == FURROW__WORD_QUOTED || w->kind == FURROW__WORD_STRING) {
        l.quote = *l.at == '[' ? '\0' : *l.at;
        l.at++;
        l.end--;
    }
    return l;
}

/* The next letter, or -1. */
static int next_letter(letters *l)
{
    if (l->at >= l->end)
        return -1;
    char c = *l->at++;
    if (l->quote && c == l->quote)
        l->at++;
    return (unsigned char)c;
}

static bool letters_are_equal(letters a, letters b, bool fold)
{
    for (;;) {
        int x = next_letter(&a), y = next_letter(&b);
        if (x != y && !(fold && x >= 0 && y >= 0 && upper((char)x) == upper((char)y)))
            return false;
        if (x < 0)
            return true;
    }
}

const char *furrow__words_name(const furrow__words *w, furrow_arena *arena)
{
    char *name = furrow__arena_aligned(arena, w->end - w->start + 1, 1);
    letters l = letters_of(w);
    size_t size = 0;
    for (int c; name && (c = next_letter(&l)) >= 0;)
        name[size++] = (char)c;
    if (name)
        name[size] = '\0';
    return name;
}

bool furrow__words_skip_list(furrow__words *w)
{
    size_t depth = 0;
    do {
        if (w->kind == FURROW__WORD_END || w->kind == FURROW__WORD_BAD)
            return false;
        if (w->kind == FURROW__WORD_OPEN)
            depth++;
        else if (w->kind == FURROW__WORD_CLOSE)
            depth--;
        furrow__words_next(w);
    } while (depth > 0);
    return true;
}

/* ---- comparing ---- */

bool furrow__sqlite_names_are_equal(const char *a, const char *b)
{
    if (!a || !b)
        return a == b;
    return letters_are_equal((letters){a, a + strlen(a), '\0'}, (letters){b, b + strlen(b), '\0'},
                             true);
}

bool furrow__sqlite_mentions(const char *text, const char *name)
{
    letters wanted = {name, name + strlen(name), '\0'};
    for (furrow__words w = furrow__words_begin(text, strlen(text)); w.kind != FURROW__WORD_END;
         furrow__words_next(&w))
        if ((w.kind == FURROW__WORD_PLAIN || w.kind == FURROW__WORD_QUOTED) &&
            letters_are_equal(letters_of(&w), wanted, true))
            return true;
    return false;
}

/* Step over brackets around the whole. */
static furrow__words without_brackets(const char *text)
{
    furrow__words w = furrow__words_begin(text, strlen(text));
    while (w.kind == FURROW__WORD_OPEN) {
        furrow__words behind = w;
        if (!furrow__words_skip_list(&behind) || behind.kind != FURROW__WORD_END)
            break;
        size_t end = behind.last_end - 1;
        w = furrow__words_begin(w.text + w.end, end - w.end);
    }
    return w;
}

static bool is_a_name(const furrow__words *w)
{
    return w->kind == FURROW__WORD_PLAIN || w->kind == FURROW__WORD_QUOTED;
}

bool furrow__sqlite_says_the_same(const char *a, const char *b)
{
    if (!a || !b)
        return a == b;
    furrow__words x = without_brackets(a), y = without_brackets(b);
    for (;; furrow__words_next(&x), furrow__words_next(&y)) {
        bool names = is_a_name(&x) && is_a_name(&y);
        if (!names && x.kind != y.kind)
            return false;
        if (x.kind == FURROW__WORD_END)
            return true;
        bool fold = x.kind != FURROW__WORD_STRING;
        if (!letters_are_equal(letters_of(&x), letters_of(&y), fold))
            return false;
    }
}
