/* SPDX-License-Identifier: MIT
 * Where a statement ends in a text with several: at the first semicolon, except for statements
 * whose body holds statements of its own. A body ends in `; END`, as in SQLite's sqlite3_complete.
 */
#ifndef FURROW_SCAN_STATEMENT_H
#define FURROW_SCAN_STATEMENT_H

#include "scan/scan.h"

/* What was read of one statement. Zero is the beginning of a statement. */
typedef struct furrow__statement_state {
    size_t token_count;
    bool creates;         /* the first keyword is CREATE */
    bool has_body;        /* semicolons within the body do not end the statement */
    bool after_semicolon; /* the last token was one */
    bool after_body;      /* the last tokens were `; END` */
} furrow__statement_state;

/* Adds one token that is not a comment. True if it is the semicolon that ends the statement. */
bool furrow__statement_follow(furrow__statement_state *state, furrow__token token, uint32_t syntax);

/* The first token of the first statement, after comments and semicolons; FURROW__TOKEN_END if the
 * text holds no statement. */
furrow__token furrow__statement_first_token(const char *text, size_t size, uint32_t syntax);

#endif
