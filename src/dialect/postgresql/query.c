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

static void sum(furrow__buffer *out, furrow__place place)
{
    switch (place.column->type) {
    case FURROW_TYPE_INT64: /* without the cast, the sum of values of type bigint would be numeric
                             */
        call(out, "CAST(sum(", place, ") AS int8)");
        return;
    case FURROW_TYPE_FLOAT: /* without the cast, floats would be added in single precision */
        call(out, "sum(CAST(", place, " AS float8))");
        return;
    default:
        call(out, "sum(", place, ")");
    }
}

/* An average is computed in double precision throughout, as on SQLite. An average of type numeric
 * would be rounded twice. Decimals are added in units of their scale, also as on SQLite. */
static void average(furrow__buffer *out, furrow__place place)
{
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
