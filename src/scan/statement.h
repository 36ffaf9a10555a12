/* SPDX-License-Identifier: MIT
 * Finds the end of a statement in a text that contains several statements. A statement ends at the
 * first semicolon, unless it has a body that contains statements. A body ends at `; END`, as in
 * SQLite's sqlite3_complete.
 */
#ifndef FURROW_SCAN_STATEMENT_H
#define FURROW_SCAN_STATEMENT_H

#include "scan/scan.h"

/* The state after reading some tokens of a statement. A zeroed struct is the state before the first
 * token. */
typedef struct furrow__statement_state {
    size_t token_count;
    bool creates;         /* whether the first keyword is CREATE */
    bool has_body;        /* whether the statement has a body, in which a semicolon does not end the
                             statement */
    bool after_semicolon; /* whether the last token was a semicolon */
    bool after_body;      /* whether the last two tokens were `; END` */
} furrow__statement_state;

/* Updates the state with one token, which must not be a comment. Returns true if the token is the
 * semicolon that ends the statement. */
bool furrow__statement_follow(furrow__statement_state *state, furrow__token token, uint32_t syntax);

/* Returns the first token of the first statement, skipping comments and semicolons. Returns a token
 * of kind FURROW__TOKEN_END if the text contains no statement. */
furrow__token furrow__statement_first_token(const char *text, size_t size, uint32_t syntax);

#endif
