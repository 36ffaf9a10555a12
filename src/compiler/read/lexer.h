/* SPDX-License-Identifier: MIT
 *
 * A header as tokens of C. Comments and preprocessor lines are passed over, but for what models
 * need: the comment right before a token, `#define NAME integer`, and the parts under `#if 0` and
 * `#ifdef __cplusplus`, which are left out.
 */
#ifndef FURROW_COMPILER_READ_LEXER_H
#define FURROW_COMPILER_READ_LEXER_H

#include "compiler/read/source.h"

typedef enum furrow__lexeme_kind {
    FURROW__LEXEME_END,
    FURROW__LEXEME_NAME,
    FURROW__LEXEME_NUMBER,
    FURROW__LEXEME_STRING, /* with its quotes; adjacent ones are still apart */
    FURROW__LEXEME_CHAR,
    FURROW__LEXEME_SIGN, /* one character; "<<" is two tokens that touch */
} furrow__lexeme_kind;

typedef struct furrow__lexeme {
    uint8_t kind;
    char sign;
    uint32_t offset, size;
    uint32_t comment, comment_size; /* right before the token; size 0 for none */
} furrow__lexeme;

/* A macro that is defined in a header. */
typedef struct furrow__macro {
    const char *name;
    furrow__location place;
    bool is_integer;
    int64_t value;
    struct furrow__macro *next;
} furrow__macro;

typedef struct furrow__lexemes {
    const furrow__source *source;
    furrow__lexeme *items; /* the last one is FURROW__LEXEME_END */
    size_t count;
} furrow__lexemes;

/* Cut a source into tokens and add its macros to *macros. Always gives a list that ends; what is no
 * token is reported. */
furrow__lexemes furrow__lexer_run(furrow__compiler *c, const furrow__source *source,
                                  furrow__macro **macros);

furrow__location furrow__lexeme_place(const furrow__lexemes *tokens, size_t index);
bool furrow__lexeme_is(const furrow__lexemes *tokens, size_t index, const char *name);

/* The value of an integer literal of C (decimal, octal, hexadecimal, with a suffix) or a character
 * literal; false if it is none or does not fit. */
bool furrow__lexeme_integer(const furrow__lexemes *tokens, size_t index, int64_t *out);

/* Decode one string literal, appending to *out. False, with a message, for an escape C does not
 * have and for NUL. */
bool furrow__lexeme_text(furrow__compiler *c, const furrow__lexemes *tokens, size_t index,
                         furrow__buffer *out);
/* The offset in the source of byte `position` of the decoded text of string tokens from `first`. */
uint32_t furrow__lexeme_text_offset(const furrow__lexemes *tokens, size_t first, size_t position);

#endif
