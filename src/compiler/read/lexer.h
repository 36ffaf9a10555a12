/* SPDX-License-Identifier: MIT
 *
 * Splits a header into C tokens. Comments and preprocessor lines are skipped, except for two things
 * that models need: the comment before a token, and the value of `#define NAME integer`. The lines
 * between `#if 0` or `#ifdef __cplusplus` and the matching #else or #endif are skipped too.
 */
#ifndef FURROW_COMPILER_READ_LEXER_H
#define FURROW_COMPILER_READ_LEXER_H

#include "compiler/read/source.h"

typedef enum furrow__lexeme_kind {
    FURROW__LEXEME_END,
    FURROW__LEXEME_NAME,
    FURROW__LEXEME_NUMBER,
    FURROW__LEXEME_STRING, /* a string literal, including its quotes; adjacent literals are separate
                              tokens */
    FURROW__LEXEME_CHAR,
    FURROW__LEXEME_SIGN, /* an operator or punctuation character; "<<" is read as two such tokens
                            without a space between them */
} furrow__lexeme_kind;

typedef struct furrow__lexeme {
    uint8_t kind;
    char sign;
    uint32_t offset, size;
    uint32_t comment,
        comment_size; /* size of the comment directly before the token; 0 if there is no comment */
} furrow__lexeme;

/* A macro that a header defines. */
typedef struct furrow__macro {
    const char *name;
    furrow__location place;
    bool is_integer;
    int64_t value;
    struct furrow__macro *next;
} furrow__macro;

typedef struct furrow__lexemes {
    const furrow__source *source;
    furrow__lexeme *items; /* the last token is FURROW__LEXEME_END */
    size_t count;
} furrow__lexemes;

/* Splits a source into tokens and adds its macros to *macros. Reports invalid tokens. The list
 * always ends with an END token. */
furrow__lexemes furrow__lexer_run(furrow__compiler *c, const furrow__source *source,
                                  furrow__macro **macros);

furrow__location furrow__lexeme_place(const furrow__lexemes *tokens, size_t index);
bool furrow__lexeme_is(const furrow__lexemes *tokens, size_t index, const char *name);

/* Converts an integer literal or a character literal to its value. An integer can be decimal, octal
 * or hexadecimal, and can have a suffix. Returns false if the token is not such a literal, or if
 * the value does not fit in an int64_t. */
bool furrow__lexeme_integer(const furrow__lexemes *tokens, size_t index, int64_t *out);

/* Decodes a string literal and appends the bytes to *out. If the literal contains a NUL or an
 * unknown escape sequence, reports an error and returns false. */
bool furrow__lexeme_text(furrow__compiler *c, const furrow__lexemes *tokens, size_t index,
                         furrow__buffer *out);
/* Converts a position in a decoded string to an offset in the source. The string can consist of
 * several adjacent literals. `first` is the index of the first of these tokens. */
uint32_t furrow__lexeme_text_offset(const furrow__lexemes *tokens, size_t first, size_t position);

#endif
