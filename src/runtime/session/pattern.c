/* SPDX-License-Identifier: MIT
 *
 * Checks the values of columns that have a pattern. The library checks patterns itself, before a
 * statement is sent, because the regular expressions of the engines differ. The engine struct keeps
 * each compiled pattern. Patterns are matched byte by byte.
 */
#include "runtime/session/pattern.h"

static furrow_status check_text(furrow_session *s, const furrow_column *c, const char *text,
                                furrow_error *error)
{
    bool matches = false;
    furrow_status status = furrow__engine_match(s->engine, c, text, &matches, error);
    if (status || matches)
        return status;
    return furrow__fail_column(error, FURROW_INVALID, c, "does not match its pattern %s",
                               c->pattern);
}

furrow_status furrow__check_patterns(furrow_session *s, const furrow_column *const *columns,
                                     size_t count, const void *row, furrow_error *error)
{
    furrow_status status = FURROW_OK;
    for (size_t i = 0; i < count && !status; i++) {
        if (!columns[i]->pattern)
            continue;
        furrow_value value = furrow__row_value(columns[i], row);
        if (value.type == FURROW_TYPE_TEXT)
            status = check_text(s, columns[i], value.as.text, error);
    }
    return status;
}

furrow_status furrow__check_set_patterns(furrow_session *s, const furrow_assignment *set,
                                         size_t slots, furrow_error *error)
{
    furrow_status status = FURROW_OK;
    for (size_t i = 0; i < slots && !status; i++)
        if (set[i].value.op == FURROW_OP_SET_ && set[i].column->pattern &&
            set[i].value.type == FURROW_TYPE_TEXT)
            status = check_text(s, set[i].column, set[i].value.as.text, error);
    return status;
}
