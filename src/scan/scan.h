/* SPDX-License-Identifier: MIT
 *
 * Declares the scanner of SQL text. The scanner splits text into tokens in the same way as the
 * scanner of a database engine. Flags describe the parts of the syntax in which engines differ. The
 * scanner copies nothing and never fails: a quote or a comment that is not closed is a token of its
 * own kind.
 *
 *     furrow__scanner scanner = furrow__scanner_begin(text, size, dialect->syntax);
 *     for (furrow__token token = furrow__scanner_next(&scanner); token.kind != FURROW__TOKEN_END;
 *          token = furrow__scanner_next(&scanner))
 */
#ifndef FURROW_SCAN_SCAN_H
#define FURROW_SCAN_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* Flags that describe the syntax of SQL text. The syntax of a dialect is a set of these flags. */
enum furrow__scan_flag {
    FURROW__SCAN_DOLLAR_QUOTES = 1 << 0,       /* strings such as $tag$…$tag$ */
    FURROW__SCAN_ESCAPE_STRINGS = 1 << 1,      /* strings such as E'…\'…' */
    FURROW__SCAN_BLOBS = 1 << 2,               /* blob literals such as x'00' */
    FURROW__SCAN_BRACKET_NAMES = 1 << 3,       /* quoted names such as [name] */
    FURROW__SCAN_BACKQUOTES = 1 << 4,          /* quoted names such as `name` */
    FURROW__SCAN_NESTED_COMMENTS = 1 << 5,     /* block comments can contain block comments */
    FURROW__SCAN_CARRIAGE_RETURNS = 1 << 6,    /* \r ends a line comment, as \n does */
    FURROW__SCAN_PARAMETERS = 1 << 7,          /* the parameters ? and ?1, and the escaped question
                                                  mark ?? */
    FURROW__SCAN_NUMBERED_PARAMETERS = 1 << 8, /* parameters such as $1 */
    FURROW__SCAN_NAMED_PARAMETERS = 1 << 9, /* parameters such as :name, @name, $name and #name */
    FURROW__SCAN_TRIGGER_BODIES = 1 << 10, /* statements that contain statements: CREATE TRIGGER …
                                              BEGIN …; END */
    FURROW__SCAN_ATOMIC_BODIES = 1 << 11, /* statements that contain statements: CREATE FUNCTION …
                                             BEGIN ATOMIC …; END */
    FURROW__SCAN_ASCII_WORDS = 1 << 12,   /* names without quotes contain only ASCII letters,
                                             digits and _ */
    FURROW__SCAN_COMMENTS = 1 << 13,      /* comments are returned as tokens; otherwise they are
                                             skipped */

    /* The syntax of SQLite, according to its tokenize.c and the manual "SQL As Understood By
     * SQLite". */
    FURROW__SCAN_SQLITE = FURROW__SCAN_BLOBS | FURROW__SCAN_BRACKET_NAMES |
                          FURROW__SCAN_BACKQUOTES | FURROW__SCAN_PARAMETERS |
                          FURROW__SCAN_NAMED_PARAMETERS | FURROW__SCAN_TRIGGER_BODIES,
    /* The syntax of PostgreSQL, according to section 4.1, "Lexical Structure", of its manual. */
    FURROW__SCAN_POSTGRESQL = FURROW__SCAN_DOLLAR_QUOTES | FURROW__SCAN_ESCAPE_STRINGS |
                              FURROW__SCAN_NESTED_COMMENTS | FURROW__SCAN_CARRIAGE_RETURNS |
                              FURROW__SCAN_PARAMETERS | FURROW__SCAN_NUMBERED_PARAMETERS |
                              FURROW__SCAN_ATOMIC_BODIES,
    /* The syntax of furrow's own expressions and DDL (docs/expressions.md, docs/migrations.md). */
    FURROW__SCAN_FURROW = FURROW__SCAN_ASCII_WORDS | FURROW__SCAN_COMMENTS,
};

typedef enum furrow__token_kind {
    FURROW__TOKEN_END,
    FURROW__TOKEN_WORD,   /* a keyword or a name without quotes */
    FURROW__TOKEN_NAME,   /* a name in quotes */
    FURROW__TOKEN_STRING, /* a string literal of any form */
    FURROW__TOKEN_BLOB,
    FURROW__TOKEN_NUMBER,            /* a number, which may be malformed, such as 1e or 12ab */
    FURROW__TOKEN_SYMBOL,            /* an operator, a punctuation mark or any other character */
    FURROW__TOKEN_PARAMETER,         /* the parameter ? */
    FURROW__TOKEN_QUESTION,          /* the escaped question mark ?? */
    FURROW__TOKEN_FOREIGN_PARAMETER, /* a parameter other than ?, such as ?1, $1 or :name */
    FURROW__TOKEN_COMMENT,
    FURROW__TOKEN_OPEN_QUOTE,   /* a quote that is not closed; the token extends to the end of the
                                   text */
    FURROW__TOKEN_OPEN_COMMENT, /* a comment that is not closed; the token extends to the end of the
                                   text */
} furrow__token_kind;

typedef struct furrow__token {
    furrow__token_kind kind;
    const char *text;  /* points to the first byte of the token in the scanned text */
    size_t start, end; /* byte offsets of the token in the scanned text; `end` is the offset after
                          its last byte */
} furrow__token;

typedef struct furrow__scanner {
    const char *text;
    size_t size;
    size_t at; /* offset at which to look for the next token */
    uint32_t syntax;
} furrow__scanner;

furrow__scanner furrow__scanner_begin(const char *text, size_t size, uint32_t syntax);
furrow__token furrow__scanner_next(furrow__scanner *scanner);

/* A scanner together with its current token. */
typedef struct furrow__cursor {
    furrow__scanner scanner;
    furrow__token token;
    size_t last_end; /* end of the previous token; if there is none, the start of the first token */
} furrow__cursor;

/* Returns a cursor that is positioned at the first token. */
furrow__cursor furrow__cursor_begin(const char *text, size_t size, uint32_t syntax);
void furrow__cursor_next(furrow__cursor *cursor);
/* Moves from a "(" to the token after the matching ")". Returns false if the parenthesis is not
 * closed. */
bool furrow__cursor_skip_list(furrow__cursor *cursor);

static inline size_t furrow__token_size(furrow__token token)
{
    return token.end - token.start;
}

/* Returns whether the token is this symbol, which consists of one character. */
bool furrow__token_is(furrow__token token, char symbol);
/* Returns whether the token is this keyword, in upper or lower case. `keyword` must be in upper
 * case. */
bool furrow__token_is_keyword(furrow__token token, const char *keyword);
/* Returns whether the token is this name, with or without quotes. The case of ASCII letters is
 * ignored. */
bool furrow__token_is_name(furrow__token token, const char *name);
/* Returns a copy of the token without its quotes. In the copy, doubled quotes are single, and in
 * E'' a backslash that escapes a character is removed. Returns NULL when out of memory. */
const char *furrow__token_copy(furrow__token token, furrow_arena *arena);

/* Returns whether the token is a word or a quoted name. */
static inline bool furrow__token_names(furrow__token token)
{
    return token.kind == FURROW__TOKEN_WORD || token.kind == FURROW__TOKEN_NAME;
}

#endif
