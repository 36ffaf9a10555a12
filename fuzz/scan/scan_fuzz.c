/* SPDX-License-Identifier: MIT
 * Fuzzes the SQL scanner. The first byte of the input selects the syntax. Each token must begin at
 * or after the end of the previous token, and must not extend beyond the end of the text. The last
 * token must be FURROW__TOKEN_END. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "scan/compare.h"
#include "scan/statement.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const uint32_t syntaxes[] = {FURROW__SCAN_SQLITE, FURROW__SCAN_POSTGRESQL,
                                    FURROW__SCAN_FURROW,
                                    FURROW__SCAN_POSTGRESQL | FURROW__SCAN_COMMENTS};

/* Checks that the copied value of a token is not longer than the token. Also checks that a name
 * compares equal to its copied value. */
static void check_copy(furrow__token token, furrow_arena *arena)
{
    const char *copy = furrow__token_copy(token, arena);
    assert(copy && strlen(copy) <= furrow__token_size(token));
    assert(!furrow__token_names(token) || furrow__token_is_name(token, copy));
}

static void check_tokens(const char *text, size_t size, uint32_t syntax)
{
    furrow_arena arena = {0};
    furrow__statement_state statement = {0};
    furrow__scanner scanner = furrow__scanner_begin(text, size, syntax);
    size_t end = 0;
    for (;;) {
        furrow__token token = furrow__scanner_next(&scanner);
        assert(token.start >= end && token.end <= size && token.text == text + token.start);
        if (token.kind == FURROW__TOKEN_END)
            break;
        assert(token.end > token.start);
        check_copy(token, &arena);
        if (furrow__statement_follow(&statement, token, syntax))
            statement = (furrow__statement_state){0};
        end = token.end;
    }
    furrow__arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return 0;
    uint32_t syntax = syntaxes[bytes[0] % (sizeof syntaxes / sizeof *syntaxes)];
    check_tokens((const char *)bytes + 1, size - 1, syntax);
    furrow_arena arena = {0};
    const char *text = furrow__arena_text(&arena, (const char *)bytes + 1, size - 1);
    assert(text && furrow__sqlite_texts_are_equal(text, text));
    furrow__statement_first_token(text, strlen(text), syntax);
    furrow__arena_done(&arena);
    return 0;
}
