/* SPDX-License-Identifier: MIT
 * SQLite's SQL as a row of words: what is needed to take its own CREATE statements apart, and to
 * see whether two pieces say the same. Comments are passed over. */
#ifndef FURROW_MIGRATE_CATALOG_SQLITE_TOKENS_H
#define FURROW_MIGRATE_CATALOG_SQLITE_TOKENS_H

#include "base/arena.h"

typedef enum furrow__word_kind {
    FURROW__WORD_END,
    FURROW__WORD_PLAIN,  /* a keyword or a bare name */
    FURROW__WORD_QUOTED, /* a name: "x", `x`, [x] */
    FURROW__WORD_STRING, /* 'x'; also a name, where SQLite wants one */
    FURROW__WORD_NUMBER,
    FURROW__WORD_BLOB, /* x'00' */
    FURROW__WORD_OPEN,
    FURROW__WORD_CLOSE,
    FURROW__WORD_COMMA,
    FURROW__WORD_OTHER, /* one byte of an operator */
    FURROW__WORD_BAD,   /* a quote that does not end, a NUL */
} furrow__word_kind;

/* The word at hand is text[start … end). */
typedef struct furrow__words {
    const char *text;
    size_t size, start, end;
    size_t last_end; /* where the word before ended */
    furrow__word_kind kind;
} furrow__words;

/* Stand at the first word. */
furrow__words furrow__words_begin(const char *text, size_t size);
void furrow__words_next(furrow__words *w);
/* Whether the word is this keyword (upper case). */
bool furrow__words_is(const furrow__words *w, const char *keyword);
/* Whether the word can be a name. */
bool furrow__words_has_name(const furrow__words *w);
/* The name without its quotes; NULL when out of memory. */
const char *furrow__words_name(const furrow__words *w, furrow_arena *arena);
/* From "(" to behind its ")": false where it does not end. */
bool furrow__words_skip_list(furrow__words *w);

/* Names are equal without regard to the case of ASCII letters. */
bool furrow__sqlite_names_are_equal(const char *a, const char *b);
/* Whether a name stands somewhere in a text. */
bool furrow__sqlite_mentions(const char *text, const char *name);
/* Whether two pieces are the same words: case of keywords and names, quotes of names, space,
 * comments and brackets around the whole apart. NULL equals NULL. */
bool furrow__sqlite_says_the_same(const char *a, const char *b);

#endif
