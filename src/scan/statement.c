/* SPDX-License-Identifier: MIT
 * Finds the end of a statement: see statement.h. */
#include "scan/statement.h"

/* In every form of CREATE TRIGGER, the keyword TRIGGER is one of the first four tokens. */
enum { TOKENS_BEFORE_NAME = 4 };

static bool begins_body(const furrow__statement_state *state, furrow__token token, uint32_t syntax)
{
    if (!state->creates)
        return false;
    if (syntax & FURROW__SCAN_TRIGGER_BODIES && state->token_count < TOKENS_BEFORE_NAME)
        return furrow__token_is_keyword(token, "TRIGGER");
    return syntax & FURROW__SCAN_ATOMIC_BODIES && furrow__token_is_keyword(token, "ATOMIC");
}

bool furrow__statement_follow(furrow__statement_state *state, furrow__token token, uint32_t syntax)
{
    bool is_semicolon = furrow__token_is(token, ';');
    if (state->token_count == 0)
        state->creates = furrow__token_is_keyword(token, "CREATE");
    if (is_semicolon && (!state->has_body || state->after_body))
        return true;
    state->has_body = state->has_body || begins_body(state, token, syntax);
    state->after_body = state->after_semicolon && furrow__token_is_keyword(token, "END");
    state->after_semicolon = is_semicolon;
    state->token_count++;
    return false;
}

furrow__token furrow__statement_first_token(const char *text, size_t size, uint32_t syntax)
{
    furrow__scanner scanner = furrow__scanner_begin(text, size, syntax);
    furrow__token token;
    do
        token = furrow__scanner_next(&scanner);
    while (furrow__token_is(token, ';'));
    if (token.kind == FURROW__TOKEN_OPEN_COMMENT)
        token.kind = FURROW__TOKEN_END;
    return token;
}
