/* SPDX-License-Identifier: MIT
 *
 * The scanner for SQL text: it cuts a text into tokens in the way an engine's own scanner does.
 * Flags describe the syntax in which engines differ. Nothing is copied, and no text makes the
 * scanner fail: a quote or comment without an end is a token of its own kind.
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

/* The syntax of a text: a set of these bits. */
enum furrow__scan_flag {
    FURROW__SCAN_DOLLAR_QUOTES = 1 << 0,       /* $tag$…$tag$ */
    FURROW__SCAN_ESCAPE_STRINGS = 1 << 1,      /* E'…\'…' */
    FURROW__SCAN_BLOBS = 1 << 2,               /* x'00' */
    FURROW__SCAN_BRACKET_NAMES = 1 << 3,       /* [name] */
    FURROW__SCAN_BACKQUOTES = 1 << 4,          /* `name` */
    FURROW__SCAN_NESTED_COMMENTS = 1 << 5,     /* a block comment may contain others */
    FURROW__SCAN_CARRIAGE_RETURNS = 1 << 6,    /* \r ends a line comment, as \n does */
    FURROW__SCAN_PARAMETERS = 1 << 7,          /* ?, ?? and ?1 */
    FURROW__SCAN_NUMBERED_PARAMETERS = 1 << 8, /* $1 */
    FURROW__SCAN_NAMED_PARAMETERS = 1 << 9,    /* :name, @name, $name, #name */
    FURROW__SCAN_TRIGGER_BODIES = 1 << 10,     /* CREATE TRIGGER … BEGIN …; END */
    FURROW__SCAN_ATOMIC_BODIES = 1 << 11,      /* CREATE FUNCTION … BEGIN ATOMIC …; END */
    FURROW__SCAN_ASCII_WORDS = 1 << 12,        /* names without quotes are ASCII, and without $ */
    FURROW__SCAN_COMMENTS = 1 << 13,           /* comments are tokens; otherwise they are skipped */

    /* After SQLite's tokenize.c and its manual, "SQL As Understood By SQLite". */
    FURROW__SCAN_SQLITE = FURROW__SCAN_BLOBS | FURROW__SCAN_BRACKET_NAMES |
                          FURROW__SCAN_BACKQUOTES | FURROW__SCAN_PARAMETERS |
                          FURROW__SCAN_NAMED_PARAMETERS | FURROW__SCAN_TRIGGER_BODIES,
    /* After PostgreSQL's manual, 4.1, "Lexical Structure". */
    FURROW__SCAN_POSTGRESQL = FURROW__SCAN_DOLLAR_QUOTES | FURROW__SCAN_ESCAPE_STRINGS |
                              FURROW__SCAN_NESTED_COMMENTS | FURROW__SCAN_CARRIAGE_RETURNS |
                              FURROW__SCAN_PARAMETERS | FURROW__SCAN_NUMBERED_PARAMETERS |
                              FURROW__SCAN_ATOMIC_BODIES,
    /* furrow's own expressions and DDL (docs/expressions.md, docs/migrations.md). */
    FURROW__SCAN_FURROW = FURROW__SCAN_ASCII_WORDS | FURROW__SCAN_COMMENTS,
};

typedef enum furrow__token_kind {
    FURROW__TOKEN_END,
    FURROW__TOKEN_WORD,   /* a keyword, or a name without quotes */
    FURROW__TOKEN_NAME,   /* a name in quotes */
    FURROW__TOKEN_STRING, /* a string literal of any form */
    FURROW__TOKEN_BLOB,
    FURROW__TOKEN_NUMBER,            /* may be malformed: 1e, 12ab */
    FURROW__TOKEN_SYMBOL,            /* an operator, or any other character */
    FURROW__TOKEN_PARAMETER,         /* ? */
    FURROW__TOKEN_QUESTION,          /* ?? */
    FURROW__TOKEN_FOREIGN_PARAMETER, /* ?1, $1, :name, … */
    FURROW__TOKEN_COMMENT,
    FURROW__TOKEN_OPEN_QUOTE,   /* the rest of the text, after a quote that is not closed */
    FURROW__TOKEN_OPEN_COMMENT, /* the rest of the text, after a comment that is not closed */
} furrow__token_kind;

typedef struct furrow__token {
    furrow__token_kind kind;
    const char *text;  /* its first byte in the scanned text */
    size_t start, end; /* byte offsets in the scanned text */
} furrow__token;

typedef struct furrow__scanner {
    const char *text;
    size_t size;
    size_t at; /* where the next token, or the blanks before it, begin */
    uint32_t syntax;
} furrow__scanner;

furrow__scanner furrow__scanner_begin(const char *text, size_t size, uint32_t syntax);
furrow__token furrow__scanner_next(furrow__scanner *scanner);

/* A scanner that keeps the token to look at. */
typedef struct furrow__cursor {
    furrow__scanner scanner;
    furrow__token token;
    size_t last_end; /* where the token before this one ended; at the first token, its start */
} furrow__cursor;

/* Begins at the first token. */
furrow__cursor furrow__cursor_begin(const char *text, size_t size, uint32_t syntax);
void furrow__cursor_next(furrow__cursor *cursor);
/* From "(" to the token after the matching ")". False if there is none. */
bool furrow__cursor_skip_list(furrow__cursor *cursor);

/* ---- tokens ---- */

static inline size_t furrow__token_size(furrow__token token)
{
    return token.end - token.start;
}

/* Whether the token is this symbol of one character. */
bool furrow__token_is(furrow__token token, char symbol);
/* Whether the token is this keyword, given in upper case. Case is ignored. */
bool furrow__token_is_keyword(furrow__token token, const char *keyword);
/* Whether the token is this name, with or without quotes. The case of ASCII letters is ignored. */
bool furrow__token_is_name(furrow__token token, const char *name);
/* A copy of the token without its quotes: doubled quotes are written once, and in E'' a backslash
 * is left out before the character that it escapes. NULL when out of memory. */
const char *furrow__token_copy(furrow__token token, furrow_arena *arena);

/* A word or a name in quotes. */
static inline bool furrow__token_names(furrow__token token)
{
    return token.kind == FURROW__TOKEN_WORD || token.kind == FURROW__TOKEN_NAME;
}

#endif
