/* SPDX-License-Identifier: MIT
 * Splits a header into tokens: see lexer.h. */
#include "compiler/read/lexer.h"

#include <string.h>

typedef struct lexer {
    furrow__compiler *c;
    const furrow__source *source;
    const char *text;
    uint32_t at, size;
    uint32_t comment, comment_size;
    furrow__macro **macros;
    furrow__lexeme *items;
    size_t count;
} lexer;

static bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_part(char c)
{
    return is_name_start(c) || is_digit(c);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

static char peek(const lexer *l, uint32_t ahead)
{
    return l->at + ahead < l->size ? l->text[l->at + ahead] : '\0';
}

static furrow__location place_at(const lexer *l, uint32_t offset, uint32_t size)
{
    return (furrow__location){l->source, offset, size};
}

/* Returns the size of a line continuation, which consists of a backslash, optional blanks (which
 * compilers ignore) and the end of the line. Returns 1 if the backslash does not continue a line.
 */
static uint32_t continued(const lexer *l)
{
    uint32_t size = 1;
    while (peek(l, size) != '\n' && is_space(peek(l, size)))
        size++;
    return peek(l, size) == '\n' ? size + 1 : 1;
}

/* Skips a block comment or a line comment. A block comment is also stored as the comment of the
 * next token, unless it is followed by an empty line. */
static void skip_comment(lexer *l)
{
    uint32_t start = l->at;
    if (peek(l, 1) == '/') {
        while (l->at < l->size && l->text[l->at] != '\n')
            l->at += l->text[l->at] == '\\' ? continued(l) : 1;
        return;
    }
    l->at += 2;
    while (l->at < l->size && !(l->text[l->at] == '*' && peek(l, 1) == '/'))
        l->at++;
    if (l->at >= l->size) {
        furrow__compiler_error(l->c, place_at(l, start, 2), "close the comment with */",
                               "unterminated comment");
        return;
    }
    l->at += 2;
    l->comment = start;
    l->comment_size = l->at - start;
}

static void skip_space(lexer *l)
{
    unsigned lines = 0;
    for (; l->at < l->size && is_space(l->text[l->at]); l->at++)
        lines += l->text[l->at] == '\n';
    if (lines > 1)
        l->comment_size = 0;
}

/* Skips to the end of the logical line, which includes continuation lines and comments. */
static void skip_line(lexer *l)
{
    while (l->at < l->size && l->text[l->at] != '\n') {
        if (l->text[l->at] == '\\')
            l->at += continued(l);
        else if (l->text[l->at] == '/' && peek(l, 1) == '*')
            skip_comment(l);
        else
            l->at++;
    }
    l->comment_size = 0;
}

static void skip_blanks(lexer *l)
{
    while (peek(l, 0) == ' ' || peek(l, 0) == '\t')
        l->at++;
}

/* Reads a name or keyword and returns a copy. */
static const char *take_word(lexer *l, uint32_t *size)
{
    uint32_t start = l->at;
    while (l->at < l->size && is_name_part(l->text[l->at]))
        l->at++;
    *size = l->at - start;
    return l->text + start;
}

static bool word_is(const char *word, uint32_t size, const char *name)
{
    return strlen(name) == size && memcmp(word, name, size) == 0;
}

/* Reads the rest of a `#define` line and records the name of the macro. If the macro is a single
 * integer, its value is recorded too. */
static void read_define(lexer *l)
{
    skip_blanks(l);
    uint32_t start = l->at, size;
    const char *word = take_word(l, &size);
    if (!size || is_digit(word[0]))
        return;
    furrow__macro *macro = furrow__compiler_memory(l->c, 1, sizeof *macro);
    macro->name = furrow__compiler_copy(l->c, word, size);
    macro->place = place_at(l, start, size);
    macro->next = *l->macros;
    *l->macros = macro;
    if (peek(l, 0) == '(')
        return;
    skip_blanks(l);
    bool bracket = peek(l, 0) == '(';
    l->at += bracket;
    uint32_t number = l->at;
    const char *digits = take_word(l, &size);
    if (!size || !is_digit(digits[0]) || (bracket && peek(l, 0) != ')'))
        return;
    l->at += bracket;
    skip_blanks(l);
    if (l->at < l->size && !is_space(peek(l, 0)) && peek(l, 0) != '/')
        return;
    furrow__lexeme token = {.kind = FURROW__LEXEME_NUMBER, .offset = number, .size = size};
    furrow__lexemes one = {l->source, &token, 1};
    macro->is_integer = furrow__lexeme_integer(&one, 0, &macro->value);
}

/* Returns whether a directive starts a part of the header that cannot contain models: `#if 0` or
 * `#ifdef __cplusplus`. The lexer's position is after the `#`. */
static bool starts_left_out(lexer *l, const char *word, uint32_t size)
{
    skip_blanks(l);
    uint32_t argument_size;
    const char *argument = take_word(l, &argument_size);
    if (word_is(word, size, "if"))
        return word_is(argument, argument_size, "0");
    return word_is(word, size, "ifdef") && word_is(argument, argument_size, "__cplusplus");
}

/* Skips from `#if 0` to the matching #else or #endif. */
static void skip_left_out(lexer *l)
{
    size_t depth = 0;
    while (l->at < l->size) {
        while (l->at < l->size && is_space(l->text[l->at]))
            l->at++;
        if (peek(l, 0) == '#') {
            l->at++;
            skip_blanks(l);
            uint32_t size;
            const char *word = take_word(l, &size);
            bool ends = word_is(word, size, "endif");
            if (size >= 2 && memcmp(word, "if", 2) == 0)
                depth++;
            else if (depth == 0 &&
                     (ends || word_is(word, size, "else") || word_is(word, size, "elif"))) {
                skip_line(l);
                return;
            } else if (ends)
                depth--;
        }
        while (l->at < l->size && l->text[l->at] != '\n')
            l->at++;
    }
}

static void skip_directive(lexer *l)
{
    l->at++;
    skip_blanks(l);
    uint32_t size;
    const char *word = take_word(l, &size);
    if (word_is(word, size, "define"))
        read_define(l);
    bool left_out = starts_left_out(l, word, size);
    skip_line(l);
    if (left_out)
        skip_left_out(l);
}

static void add_token(lexer *l, furrow__lexeme_kind kind, uint32_t start)
{
    l->items[l->count++] = (furrow__lexeme){
        .kind = (uint8_t)kind,
        .sign = kind == FURROW__LEXEME_SIGN ? l->text[start] : '\0',
        .offset = start,
        .size = l->at - start,
        .comment = l->comment,
        .comment_size = l->comment_size,
    };
    l->comment_size = 0;
}

static void take_quoted(lexer *l, char quote)
{
    uint32_t start = l->at++;
    while (l->at < l->size && l->text[l->at] != quote && l->text[l->at] != '\n')
        l->at += l->text[l->at] == '\\' && l->at + 1 < l->size ? 2 : 1;
    if (peek(l, 0) == quote)
        l->at++;
    else
        furrow__compiler_error(l->c, place_at(l, start, 1), "close the quotes on the same line",
                               "unterminated %s", quote == '"' ? "string" : "character");
    add_token(l, quote == '"' ? FURROW__LEXEME_STRING : FURROW__LEXEME_CHAR, start);
}

/* Reads a preprocessing number (C11 6.4.8). */
static void take_number(lexer *l)
{
    uint32_t start = l->at;
    while (l->at < l->size) {
        char c = l->text[l->at];
        if ((c == 'e' || c == 'E') && (peek(l, 1) == '+' || peek(l, 1) == '-') &&
            !(l->text[start] == '0' && (l->text[start + 1] == 'x' || l->text[start + 1] == 'X')))
            l->at += 2;
        else if (is_name_part(c) || c == '.')
            l->at++;
        else
            break;
    }
    add_token(l, FURROW__LEXEME_NUMBER, start);
}

static void take_token(lexer *l)
{
    char c = l->text[l->at];
    uint32_t start = l->at, size;
    if (c == '"' || c == '\'') {
        take_quoted(l, c);
    } else if (is_digit(c) || (c == '.' && is_digit(peek(l, 1)))) {
        take_number(l);
    } else if (is_name_start(c)) {
        take_word(l, &size);
        add_token(l, FURROW__LEXEME_NAME, start);
    } else {
        l->at++;
        add_token(l, FURROW__LEXEME_SIGN, start);
    }
}

furrow__lexemes furrow__lexer_run(furrow__compiler *c, const furrow__source *source,
                                  furrow__macro **macros)
{
    lexer l = {.c = c,
               .source = source,
               .text = source->text,
               .size = (uint32_t)source->size,
               .macros = macros};
    /* Each token has at least one byte. The list therefore needs at most one item for each byte,
     * and one for the END token. */
    l.items = furrow__compiler_memory(c, source->size + 1, sizeof *l.items);
    bool line_start = true;
    if (l.size >= 3 && memcmp(l.text, "\xEF\xBB\xBF", 3) == 0)
        l.at = 3; /* Skip the byte order mark. */
    while (l.at < l.size) {
        char here = l.text[l.at];
        if (is_space(here)) {
            uint32_t start = l.at;
            skip_space(&l);
            line_start |= memchr(l.text + start, '\n', l.at - start) != NULL;
        } else if (here == '/' && (peek(&l, 1) == '*' || peek(&l, 1) == '/')) {
            skip_comment(&l);
        } else if (here == '\\' && continued(&l) > 1) {
            l.at += continued(&l);
        } else if (here == '#' && line_start) {
            skip_directive(&l);
        } else {
            take_token(&l);
            line_start = false;
        }
    }
    l.comment_size = 0;
    add_token(&l, FURROW__LEXEME_END, l.size);
    return (furrow__lexemes){source, l.items, l.count};
}

furrow__location furrow__lexeme_place(const furrow__lexemes *tokens, size_t index)
{
    const furrow__lexeme *token = &tokens->items[index];
    return (furrow__location){tokens->source, token->offset, token->size};
}

bool furrow__lexeme_is(const furrow__lexemes *tokens, size_t index, const char *name)
{
    const furrow__lexeme *token = &tokens->items[index];
    return token->kind == FURROW__LEXEME_NAME &&
           word_is(tokens->source->text + token->offset, token->size, name);
}
