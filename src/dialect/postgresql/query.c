/* SPDX-License-Identifier: MIT
 *
 * Writes queries for PostgreSQL 12 and later. Text columns are COLLATE "C", so that text is
 * compared by bytes and case conversion affects ASCII letters only. A parameter has the collation
 * of the database, so COLLATE "C" must be written where the collation matters. */
#include <string.h>

#include "dialect/postgresql/postgresql.h"

#define ADD(out, text) furrow__buffer_add((out), (text), sizeof(text) - 1)

static void write_parameter(furrow__buffer *out, size_t number)
{
    furrow__write_parameter(out, &furrow__dialect_postgresql, number);
}

static void text_condition(furrow__buffer *out, furrow__place place, enum furrow_op_ op,
                           size_t parameter)
{
    switch (op) {
    case FURROW_OP_LIKE_:
    case FURROW_OP_ILIKE_:
        furrow__write_place(out, place);
        furrow__buffer_add_text(out, op == FURROW_OP_LIKE_ ? " LIKE " : " ILIKE ");
        write_parameter(out, parameter);
        ADD(out, " ESCAPE ''"); /* with an empty escape character, a backslash is an ordinary
                                   character */
        return;
    case FURROW_OP_CONTAINS_:
        ADD(out, "strpos(");
        furrow__write_place(out, place);
        ADD(out, ", ");
        write_parameter(out, parameter);
        ADD(out, ") > 0");
        return;
    case FURROW_OP_ICONTAINS_:
        ADD(out, "strpos(lower(");
        furrow__write_place(out, place);
        ADD(out, "), lower(CAST(");
        write_parameter(out, parameter);
        ADD(out, " AS text) COLLATE \"C\")) > 0");
        return;
    case FURROW_OP_STARTS_WITH_:
        ADD(out, "starts_with(");
        furrow__write_place(out, place);
        ADD(out, ", ");
        write_parameter(out, parameter);
        ADD(out, ")");
        return;
    default:
        ADD(out, "right(");
        furrow__write_place(out, place);
        ADD(out, ", length(CAST(");
        write_parameter(out, parameter);
        ADD(out, " AS text))) = ");
        write_parameter(out, parameter);
        return;
    }
}

static void in(furrow__buffer *out, furrow__place place, bool negated, size_t parameter)
{
    if (negated)
        ADD(out, "NOT (");
    furrow__write_place(out, place);
    ADD(out, " = ANY(");
    write_parameter(out, parameter);
    furrow__buffer_add_text(out, negated ? "))" : ")");
}

/* The element type must be written, because unnest accepts an array of any type. */
const char *furrow__postgresql_array_type(const furrow_column *column)
{
    switch ((furrow_type)column->type) {
    case FURROW_TYPE_BOOL:
        return "bool[]";
    case FURROW_TYPE_INT16:
        return "int2[]";
    case FURROW_TYPE_INT32:
        return "int4[]";
    case FURROW_TYPE_INT64:
        return "int8[]";
    case FURROW_TYPE_FLOAT:
        return "float4[]";
    case FURROW_TYPE_DOUBLE:
        return "float8[]";
    case FURROW_TYPE_BLOB:
        return "bytea[]";
    case FURROW_TYPE_TIME:
        return "timestamptz[]";
    case FURROW_TYPE_DATE:
        return "date[]";
    case FURROW_TYPE_UUID:
        return "uuid[]";
    case FURROW_TYPE_DECIMAL:
        return "numeric[]";
    case FURROW_TYPE_JSON:
        return "jsonb[]";
    case FURROW_TYPE_NULL:
    case FURROW_TYPE_TEXT:
    case FURROW_TYPE_CHARS:
    case FURROW_TYPE_ENUM:
    case FURROW_TYPE_COUNT_:
        break;
    }
    return "text[]";
}

static void typed_array(furrow__buffer *out, const furrow_column *column, size_t parameter)
{
    ADD(out, "CAST(");
    write_parameter(out, parameter);
    ADD(out, " AS ");
    furrow__buffer_add_text(out, furrow__postgresql_array_type(column));
    ADD(out, ")");
}

static void typed_parameter(furrow__buffer *out, const furrow_column *column, size_t parameter)
{
    const char *array = furrow__postgresql_array_type(column);
    ADD(out, "CAST(");
    write_parameter(out, parameter);
    ADD(out, " AS ");
    furrow__buffer_add(out, array, strlen(array) - 2); /* the array type without the brackets */
    ADD(out, ")");
}

static void array_rows(furrow__buffer *out, furrow__columns columns, size_t parameter)
{
    ADD(out, "unnest(");
    for (size_t i = 0; i < columns.count; i++) {
        furrow__buffer_add_text(out, i ? ", " : "");
        typed_array(out, columns.items[i], parameter + i);
    }
    ADD(out, ") AS u (");
    for (size_t i = 0; i < columns.count; i++)
        furrow__buffer_format(out, i ? ", c%zu" : "c%zu", i);
    ADD(out, ")");
}

static void keys_in(furrow__buffer *out, const furrow__place *key, size_t count, size_t parameter)
{
    if (count == 1) {
        in(out, key[0], false, parameter);
        return;
    }
    ADD(out, "(");
    for (size_t i = 0; i < count; i++) {
        if (i)
            ADD(out, ", ");
        furrow__write_place(out, key[i]);
    }
    ADD(out, ") IN (SELECT * FROM unnest(");
    for (size_t i = 0; i < count; i++) {
        if (i)
            ADD(out, ", ");
        typed_array(out, key[i].column, parameter + i);
    }
    ADD(out, "))");
}

static void call(furrow__buffer *out, const char *before, furrow__place place, const char *after)
{
    furrow__buffer_add_text(out, before);
    furrow__write_place(out, place);
    furrow__buffer_add_text(out, after);
}

/* Writes an expression over a double column in which %s stands for the column. */
static void expand(furrow__buffer *out, furrow__place place, const char *expression)
{
    for (const char *at; (at = strstr(expression, "%s")); expression = at + 2) {
        furrow__buffer_add(out, expression, (size_t)(at - expression));
        furrow__write_place(out, place);
    }
    furrow__buffer_add_text(out, expression);
}

/* PostgreSQL's sum() of doubles fails if the sum of the first rows is too large, even if the sum of
 * all rows is not, and its avg() fails if the sum of the squares is too large. Values of 1e290 or
 * more are therefore divided by 2^64 and added separately. A division by a power of two does not
 * change the digits. */
#define SMALL "sum(%s) FILTER (WHERE abs(%s) < CAST('1e290' AS float8))"
#define LARGE                                                                                      \
    "sum(%s / CAST('18446744073709551616' AS float8)) "                                            \
    "FILTER (WHERE abs(%s) >= CAST('1e290' AS float8))"

/* Writes the sum of a double column or, if `divisor` is not empty, its average. If the sum is NaN
 * because the column contains both infinities, the expression calculates count * 1e308 instead: the
 * count is then at least 2, so this fails as out of range. */
static void sum_doubles(furrow__buffer *out, furrow__place place, const char *divisor)
{
    ADD(out, "CASE WHEN ");
    expand(out, place, LARGE " = CAST('NaN' AS float8) THEN count(%s) * CAST('1e308' AS float8)");
    expand(out, place,
           " WHEN " LARGE " <> 0 THEN (" LARGE " + CASE WHEN abs(" SMALL ") >= "
           "CAST('1e200' AS float8) THEN " SMALL
           " / CAST('18446744073709551616' AS float8) ELSE 0 END)");
    expand(out, place, divisor);
    expand(out, place,
           " * CAST('18446744073709551616' AS float8) ELSE coalesce(" SMALL ", " LARGE ")");
    expand(out, place, divisor);
    ADD(out, " END");
}

/* Writes the sum or the average of a float column. Sums of floats in double precision are never too
 * large. */
static void sum_floats(furrow__buffer *out, furrow__place place, const char *divisor)
{
    ADD(out, "CASE WHEN ");
    expand(out, place,
           "sum(CAST(%s AS float8)) = CAST('NaN' AS float8) THEN count(%s) * "
           "CAST('1e308' AS float8) ELSE sum(CAST(%s AS float8))");
    expand(out, place, divisor);
    ADD(out, " END");
}

/* Writes the sum of a decimal column. The cast fails if the sum, in units of the column's scale,
 * has more than 64 bits. */
static void sum_decimals(furrow__buffer *out, furrow__place place)
{
    int scale = place.column->scale;
    call(out, "CAST(sum(", place, ")");
    if (scale) {
        ADD(out, " * 1e");
        furrow__write_integer(out, scale);
    }
    ADD(out, " AS int8) * ");
    furrow__write_decimal(out, 1, scale);
}

static void sum(furrow__buffer *out, furrow__place place)
{
    switch (place.column->type) {
    case FURROW_TYPE_INT64: /* without the cast, the sum of values of type bigint would be numeric
                             */
        call(out, "CAST(sum(", place, ") AS int8)");
        return;
    case FURROW_TYPE_FLOAT: /* without a cast, floats would be added in single precision */
        sum_floats(out, place, "");
        return;
    case FURROW_TYPE_DOUBLE:
        sum_doubles(out, place, "");
        return;
    case FURROW_TYPE_DECIMAL:
        sum_decimals(out, place);
        return;
    default:
        call(out, "sum(", place, ")");
    }
}

/* An average is computed in double precision throughout, as on SQLite. An average of type numeric
 * would be rounded twice. Decimals are added in units of their scale, also as on SQLite. */
static void average(furrow__buffer *out, furrow__place place)
{
    if (place.column->type == FURROW_TYPE_DOUBLE) {
        sum_doubles(out, place, " / count(%s)");
        return;
    }
    if (place.column->type == FURROW_TYPE_FLOAT) {
        sum_floats(out, place, " / count(%s)");
        return;
    }
    if (place.column->type != FURROW_TYPE_DECIMAL || !place.column->scale) {
        call(out, "avg(CAST(", place, " AS float8))");
        return;
    }
    call(out, "avg(CAST(", place, " * 1e");
    furrow__write_integer(out, place.column->scale);
    ADD(out, " AS float8)) / CAST(1e");
    furrow__write_integer(out, place.column->scale);
    ADD(out, " AS float8)");
}

static void aggregate(furrow__buffer *out, furrow_aggregate which, furrow__place place)
{
    switch (which) {
    case FURROW_AGGREGATE_SUM:
        sum(out, place);
        return;
    case FURROW_AGGREGATE_AVG:
        average(out, place);
        return;
    case FURROW_AGGREGATE_MIN:
        call(out, "min(", place, ")");
        return;
    case FURROW_AGGREGATE_MAX:
        call(out, "max(", place, ")");
        return;
    }
}

const furrow__dialect furrow__dialect_postgresql = {
    .name = "postgresql",
    .title = "PostgreSQL",
    .expression = &furrow__postgresql_expression,
    .ddl = &furrow__postgresql_ddl,
    .plan = &furrow__postgresql_plan,
    .apply = &furrow__postgresql_apply,
    .parameter_sign = '$',
    .has_schemas = true,
    .has_row_locks = true,
    .changes_in_with = true,
    .syntax = FURROW__SCAN_POSTGRESQL,
    .has_question_operators = true,
    .nulls_first = " NULLS FIRST",
    .nulls_last = " NULLS LAST",
    .text_condition = text_condition,
    .in = in,
    .keys_in = keys_in,
    .aggregate = aggregate,
    .insert_many = furrow__postgresql_insert_many,
    .insert_drawn = furrow__postgresql_insert_drawn,
    .insert_arrays = furrow__postgresql_insert_arrays,
    .advance_key = furrow__postgresql_advance_key,
    .array_rows = array_rows,
    .typed_parameter = typed_parameter,
    .explain = "EXPLAIN ",
};
