/* SPDX-License-Identifier: MIT
 * Implements furrow__reflect_engine for PostgreSQL. */
#include <stdio.h>
#include <string.h>

#include "dialect/postgresql/reflect.h"

static const struct {
    const char *name;
    furrow_type type;
    const char *note;
} types[] = {
    {"boolean", FURROW_TYPE_BOOL, NULL},
    {"smallint", FURROW_TYPE_INT16, NULL},
    {"integer", FURROW_TYPE_INT32, NULL},
    {"bigint", FURROW_TYPE_INT64, NULL},
    {"real", FURROW_TYPE_FLOAT, NULL},
    {"double precision", FURROW_TYPE_DOUBLE, NULL},
    {"text", FURROW_TYPE_TEXT, NULL},
    {"character varying", FURROW_TYPE_TEXT, NULL},
    {"bytea", FURROW_TYPE_BLOB, NULL},
    {"timestamp with time zone", FURROW_TYPE_TIME, NULL},
    {"timestamp without time zone", FURROW_TYPE_TIME,
     "has no time zone: its values are read as UTC"},
    {"date", FURROW_TYPE_DATE, NULL},
    {"uuid", FURROW_TYPE_UUID, NULL},
    {"jsonb", FURROW_TYPE_JSON, NULL},
    {"json", FURROW_TYPE_JSON, NULL},
};

static furrow__catalog_type type(const char *name, const char **note)
{
    unsigned n = 0, s = 0;
    int end = 0;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].name, name) == 0) {
            *note = types[i].note;
            return (furrow__catalog_type){.type = types[i].type};
        }
    /* This is a time type that states the number of fractional digits. The largest possible number,
     * 6, is the precision of furrow's times.
     */
    if (sscanf(name, "timestamp(%u) with time zone%n", &n, &end) == 1 && end && !name[end]) {
        if (n < 6)
            *note = "rounds times to fewer fractional digits";
        return (furrow__catalog_type){.type = FURROW_TYPE_TIME};
    }
    if (sscanf(name, "timestamp(%u) without time zone%n", &n, &end) == 1 && end && !name[end]) {
        *note = n < 6 ? "has no time zone, so its values are read as UTC, and rounds times to "
                        "fewer fractional digits"
                      : "has no time zone: its values are read as UTC";
        return (furrow__catalog_type){.type = FURROW_TYPE_TIME};
    }
    if (sscanf(name, "character varying(%u)%n", &n, &end) == 1 && end && !name[end])
        return (furrow__catalog_type){.type = FURROW_TYPE_TEXT, .max_length = n};
    if (sscanf(name, "character(%u)%n", &n, &end) == 1 && end && !name[end]) {
        *note = "is padded with spaces";
        return (furrow__catalog_type){.type = FURROW_TYPE_TEXT, .max_length = n};
    }
    if (sscanf(name, "numeric(%u,%u)%n", &n, &s, &end) == 2 && end && !name[end] && n >= 1 &&
        n <= 18 && s <= n)
        return (furrow__catalog_type){
            .type = FURROW_TYPE_DECIMAL, .precision = (uint8_t)n, .scale = (int8_t)s};
    return (furrow__catalog_type){.native = name};
}

/* Returns whether PostgreSQL assigns the column's value. A serial column takes its value from a
 * sequence. */
static bool is_assigned(const furrow__catalog_table *table, const furrow__catalog_column *column)
{
    (void)table;
    return column->default_ && strncmp(column->default_, "nextval(", 8) == 0;
}

static bool is_now(const char *text, bool *is_date)
{
    *is_date = strcmp(text, "((CURRENT_TIMESTAMP AT TIME ZONE 'UTC'::text))::date") == 0 ||
               strcmp(text, "(timezone('UTC'::text, CURRENT_TIMESTAMP))::date") == 0;
    return *is_date;
}

static bool index_is_plain(const char *source, bool *is_partial)
{
    *is_partial = strstr(source, ") INCLUDE (") || strstr(source, "NULLS NOT DISTINCT");
    return strstr(source, " USING btree ") != NULL;
}

static const furrow__reflect_function functions[] = {
    {"LENGTH", "length", FURROW_TYPE_INT64},
    {"CHAR_LENGTH", "length", FURROW_TYPE_INT64},
    {"CHARACTER_LENGTH", "length", FURROW_TYPE_INT64},
    {"OCTET_LENGTH", "octet_length", FURROW_TYPE_INT64},
    {"LOWER", "lower", FURROW_TYPE_TEXT},
    {"UPPER", "upper", FURROW_TYPE_TEXT},
    {"TRIM", "trim", FURROW_TYPE_TEXT},
    {"BTRIM", "trim", FURROW_TYPE_TEXT},
    {"ABS", "abs", FURROW_TYPE_NULL},
    {"COALESCE", "coalesce", FURROW_TYPE_NULL},
};

static bool is_binary_collation(const furrow__reader *r)
{
    return r->kind == FURROW__LEXEME_NAME && strcmp(r->lexeme, "C") == 0;
}

const furrow__reflect_engine furrow__postgresql_reflect = {
    .dialect = &furrow__dialect_postgresql,
    .type = type,
    .is_assigned = is_assigned,
    .is_now = is_now,
    .index_is_plain = index_is_plain,
    .functions = functions,
    .function_count = sizeof functions / sizeof *functions,
    .splits_between = true,
    .read_keyword = furrow__postgresql_read_keyword,
    .read_suffix = furrow__postgresql_read_suffix,
    .read_operator = furrow__postgresql_read_operator,
    .read_quantifier = furrow__postgresql_read_quantifier,
    .is_binary_collation = is_binary_collation,
};
