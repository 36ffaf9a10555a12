/* SPDX-License-Identifier: MIT
 * Writes the expressions of checks, defaults and indexes in SQLite's SQL. */
#include <string.h>

#include "base/memory.h"
#include "dialect/sqlite/sqlite.h"

void furrow__sqlite_glob(char *glob, const char *pattern)
{
    for (; *pattern; pattern++) {
        switch (*pattern) {
        case '%':
            *glob++ = '*';
            break;
        case '_':
            *glob++ = '?';
            break;
        case '*':
        case '?':
        case '[':
            *glob++ = '[';
            *glob++ = *pattern;
            *glob++ = ']';
            break;
        default:
            *glob++ = *pattern;
        }
    }
    *glob = '\0';
}

/* Writes GLOB instead of LIKE, because SQLite's LIKE ignores the case of ASCII letters. */
static void write_like(furrow__buffer *out, const char *pattern)
{
    char *glob = furrow__allocate(3 * strlen(pattern) + 1);
    if (!glob) {
        out->failed = true;
        return;
    }
    furrow__sqlite_glob(glob, pattern);
    furrow__buffer_add_text(out, "GLOB ");
    furrow__sql_literal(out, glob);
    furrow__release(glob);
}

static void write_decimal(furrow__buffer *out, int64_t unscaled, int scale)
{
    (void)scale;
    furrow__write_integer(out, unscaled);
}

const furrow__expression_dialect furrow__sqlite_expression = {
    .true_ = "1",
    .false_ = "0",
    .now = "strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'",
    .today = "date('now')",
    .length = "length",
    .collation = "",
    .has_wide_integers = true,
    .divides_by_zero = true,
    .reads_numbers_inexactly = true,
    .write_like = write_like,
    .write_decimal = write_decimal,
    /* The subquery calculates the string v only once. For a string that is not an integer, the
     * argument of abs is the smallest integer, so abs fails with "integer overflow". The argument
     * refers to v, because SQLite may evaluate a constant expression in advance.
     */
    .integer_before =
        "(SELECT CASE WHEN CAST(CAST(v AS INTEGER) AS TEXT) = v THEN CAST(v AS INTEGER) "
        "WHEN v IS NOT NULL THEN abs(-9223372036854775807 - 1 + (v IS NULL)) END FROM "
        "(SELECT ",
    .integer_after = " AS v))",
};
