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

static const char *type_of_literals(furrow_type type)
{
    switch (type) {
    case FURROW_TYPE_TIME:
        return "TIMESTAMP WITH TIME ZONE";
    case FURROW_TYPE_DATE:
        return "DATE";
    case FURROW_TYPE_UUID:
        return "UUID";
    case FURROW_TYPE_JSON:
        return "JSONB";
    default:
        return NULL;
    }
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
    /* PostgreSQL's cast also accepts blanks, a plus sign and leading zeros, which furrow rejects. A
     * rejected string is replaced by a fixed text, because the error message of the first cast
     * quotes its operand. The error message of the second cast contains no value. */
    .integer_before = "CAST(CAST(regexp_replace(",
    .integer_after =
        ", '^(?!(0|-?[1-9][0-9]*)$).*$', 'text that is not an integer') AS NUMERIC) AS "
        "BIGINT)",
    .type_of_literals = type_of_literals,
};
