/* SPDX-License-Identifier: MIT
 * Finds the end of a statement in a text with several statements. A statement ends at the first
 * semicolon, unless it has a body that contains statements. A body ends in `; END`, as in SQLite's
 * sqlite3_complete.
 */
#ifndef FURROW_SCAN_STATEMENT_H
#define FURROW_SCAN_STATEMENT_H

#include "scan/scan.h"

/* What was read of one statement so far. A zeroed struct is the state before its first token. */
typedef struct furrow__statement_state {
    size_t token_count;
    bool creates;  /* the first keyword of the statement is CREATE */
    bool has_body; /* the statement has a body, in which semicolons do not end the statement */
    bool after_semicolon; /* the last token was a semicolon */
    bool after_body;      /* the last two tokens were `; END` */
} furrow__statement_state;

/* Reads one token, which is not a comment. Returns true if it is the semicolon that ends the
 * statement. */
bool furrow__statement_follow(furrow__statement_state *state, furrow__token token, uint32_t syntax);

/* Returns the first token of the first statement, after comments and semicolons. Returns
 * FURROW__TOKEN_END if the text contains no statement. */
furrow__token furrow__statement_first_token(const char *text, size_t size, uint32_t syntax);

#endif
