/* SPDX-License-Identifier: MIT
 * The words of raw SQL, as an engine's own scanner would cut them: enough to tell what stands in
 * quotes and comments from what does not. Nothing is copied. */
#ifndef FURROW_SQL_TOKEN_H
#define FURROW_SQL_TOKEN_H

#include "sql/sql.h"

typedef enum furrow__token_kind {
    FURROW__TOKEN_END,
    FURROW__TOKEN_BLANK, /* blanks and comments */
    FURROW__TOKEN_WORD,  /* a keyword or a name without quotes */
    FURROW__TOKEN_NAME,  /* a name in quotes */
    FURROW__TOKEN_TEXT,  /* a text literal of any form */
    FURROW__TOKEN_NUMBER,
    FURROW__TOKEN_PARAMETER, /* ? */
    FURROW__TOKEN_QUESTION,  /* ?? */
    FURROW__TOKEN_OTHER,     /* one character */
    FURROW__TOKEN_UNENDED,   /* a quote or comment that does not end */
    FURROW__TOKEN_FOREIGN,   /* a parameter in another style: ?1, $1, :name, @name */
} furrow__token_kind;

typedef struct furrow__token {
    furrow__token_kind kind;
    const char *text;
    size_t size;
} furrow__token;

/* The token at *at, which moves behind it. */
furrow__token furrow__token_next(const furrow__dialect *dialect, const char **at);
/* The next one that is no blank. */
furrow__token furrow__token_next_word(const furrow__dialect *dialect, const char **at);
/* Is it this character alone? */
bool furrow__token_is(furrow__token token, char c);
/* Is it this keyword (upper case), in any case? */
bool furrow__token_says(furrow__token token, const char *keyword);
/* The same for a name that may also stand in quotes. */
bool furrow__token_names(furrow__token token, const char *name);

#endif
