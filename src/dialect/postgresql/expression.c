/* SPDX-License-Identifier: MIT
 * Writes the expressions of checks, defaults and indexes in PostgreSQL's SQL. */
#include "dialect/postgresql/postgresql.h"

static void write_like(furrow__buffer *out, const char *pattern)
{
    furrow__buffer_add_text(out, "LIKE ");
    furrow__sql_literal(out, pattern);
    furrow__buffer_add_text(out, " ESCAPE ''"); /* with an empty escape character, a backslash is an
                                                   ordinary character */
}

const furrow__expression_dialect furrow__postgresql_expression = {
    .true_ = "TRUE",
    .false_ = "FALSE",
    .now = "CURRENT_TIMESTAMP",
    .today = "CAST(CURRENT_TIMESTAMP AT TIME ZONE 'UTC' AS DATE)",
    .length = "char_length",
    .collation = " COLLATE \"C\"",
    .write_like = write_like,
    .write_decimal = furrow__write_decimal,
};
