/* SPDX-License-Identifier: MIT
 *
 * Splits a header into tokens of C. Comments and preprocessor lines are skipped, except for what
 * models need: the comment before a token, and the value of `#define NAME integer`. The parts under
 * `#if 0` and `#ifdef __cplusplus` are skipped too.
 */
#ifndef FURROW_COMPILER_READ_LEXER_H
#define FURROW_COMPILER_READ_LEXER_H

#include "compiler/read/source.h"

typedef enum furrow__lexeme_kind {
    FURROW__LEXEME_END,
    FURROW__LEXEME_NAME,
    FURROW__LEXEME_NUMBER,
    FURROW__LEXEME_STRING, /* with its quotes; adjacent strings are separate tokens */
    FURROW__LEXEME_CHAR,
    FURROW__LEXEME_SIGN, /* one character; "<<" is two tokens without a gap */
} furrow__lexeme_kind;

typedef struct furrow__lexeme {
    uint8_t kind;
    char sign;
    uint32_t offset, size;
    uint32_t comment,
        comment_size; /* the comment right before the token; size 0 if there is none */
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

/* Split a source into tokens and add its macros to *macros. Invalid tokens are reported; the list
 * always has an end. */
furrow__lexemes furrow__lexer_run(furrow__compiler *c, const furrow__source *source,
                                  furrow__macro **macros);

furrow__location furrow__lexeme_place(const furrow__lexemes *tokens, size_t index);
bool furrow__lexeme_is(const furrow__lexemes *tokens, size_t index, const char *name);

/* Read an integer literal of C (decimal, octal or hexadecimal, with or without a suffix) or a
 * character literal. Returns false if the text is neither, or if the value does not fit. */
bool furrow__lexeme_integer(const furrow__lexemes *tokens, size_t index, int64_t *out);

/* Decode a string literal and append it to *out. Reports an error and returns false for an unknown
 * escape sequence or a NUL. */
bool furrow__lexeme_text(furrow__compiler *c, const furrow__lexemes *tokens, size_t index,
                         furrow__buffer *out);
/* The offset in the source of a byte of a decoded string, which may consist of several tokens from
 * `first` on. */
uint32_t furrow__lexeme_text_offset(const furrow__lexemes *tokens, size_t first, size_t position);

#endif
