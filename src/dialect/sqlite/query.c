/* SPDX-License-Identifier: MIT
 *
 * Writes queries for SQLite. Text is compared by bytes. SQLite's LIKE ignores the
 * case of ASCII letters, so furrow's `ilike` is written as LIKE, and `like` as GLOB. The driver's
 * table-valued function furrow_array reads an array, which is bound as a pointer. */
#include <string.h>

#include "dialect/sqlite/sqlite.h"

#define ADD(out, text) furrow__buffer_add((out), (text), sizeof(text) - 1)

static void write_parameter(furrow__buffer *out, size_t number)
{
    furrow__write_parameter(out, &furrow__dialect_sqlite, number);
}

static void text_condition(furrow__buffer *out, furrow__place place, enum furrow_op_ op,
                           size_t parameter)
{
    switch (op) {
    case FURROW_OP_LIKE_:
        furrow__write_place(out, place);
        ADD(out, " GLOB ");
        write_parameter(out, parameter);
        return;
    case FURROW_OP_ILIKE_: /* without ESCAPE, a backslash is an ordinary character */
        furrow__write_place(out, place);
        ADD(out, " LIKE ");
        write_parameter(out, parameter);
        return;
    case FURROW_OP_CONTAINS_:
        ADD(out, "instr(");
        furrow__write_place(out, place);
        ADD(out, ", ");
        write_parameter(out, parameter);
        ADD(out, ") > 0");
        return;
    case FURROW_OP_ICONTAINS_:
        ADD(out, "instr(lower(");
        furrow__write_place(out, place);
        ADD(out, "), lower(");
        write_parameter(out, parameter);
        ADD(out, ")) > 0");
        return;
    case FURROW_OP_STARTS_WITH_:
        ADD(out, "substr(");
        furrow__write_place(out, place);
        ADD(out, ", 1, length(");
        write_parameter(out, parameter);
        ADD(out, ")) = ");
        write_parameter(out, parameter);
        return;
    default:
        /* substr(c, -length(p)) cannot be used, because it returns the whole text if p is empty.
         * The start is therefore length(c) - length(p) + 1. If p is longer than c, this start is 0
         * or negative; the result is then shorter than p, so it cannot equal p. */
        ADD(out, "substr(");
        furrow__write_place(out, place);
        ADD(out, ", length(");
        furrow__write_place(out, place);
        ADD(out, ") - length(");
        write_parameter(out, parameter);
        ADD(out, ") + 1) = ");
        write_parameter(out, parameter);
        return;
    }
}

/* Converts a pattern of LIKE to a pattern of GLOB, which can be three times as long. SQLite's limit
 * is 50,000 bytes, so FURROW_MAX_LIKE_SIZE is 16,384. */
static const char *pattern(furrow_arena *arena, const char *text)
{
    size_t size = strlen(text);
    char *glob = furrow__arena_aligned(arena, 3 * size + 1, 1);
    if (!glob)
        return NULL;
    furrow__sqlite_glob(glob, text);
    return glob;
}

static void in(furrow__buffer *out, furrow__place place, bool negated, size_t parameter)
{
    furrow__write_place(out, place);
    if (negated)
        ADD(out, " NOT");
    ADD(out, " IN (SELECT value FROM furrow_array(");
    write_parameter(out, parameter);
    ADD(out, "))");
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
    ADD(out, ") IN (SELECT ");
    for (size_t i = 0; i < count; i++) {
        furrow__buffer_add_text(out, i ? ", k" : "k");
        furrow__write_integer(out, (int64_t)i);
        ADD(out, ".value");
    }
    ADD(out, " FROM ");
    for (size_t i = 0; i < count; i++) {
        if (i)
            ADD(out, " JOIN ");
        ADD(out, "furrow_array(");
        write_parameter(out, parameter + i);
        ADD(out, ") AS k");
        furrow__write_integer(out, (int64_t)i);
        if (i) {
            ADD(out, " ON k");
            furrow__write_integer(out, (int64_t)i);
            ADD(out, ".rowid = k0.rowid");
        }
    }
    ADD(out, ")");
}

static void array_rows(furrow__buffer *out, furrow__columns columns, size_t parameter)
{
    ADD(out, "(SELECT ");
    for (size_t i = 0; i < columns.count; i++)
        furrow__buffer_format(out, "%sk%zu.value AS c%zu", i ? ", " : "", i, i);
    for (size_t i = 0; i < columns.count; i++) {
        furrow__buffer_add_text(out, i ? " JOIN furrow_array(" : " FROM furrow_array(");
        write_parameter(out, parameter + i);
        furrow__buffer_format(out, ") AS k%zu", i);
        if (i)
            furrow__buffer_format(out, " ON k%zu.rowid = k0.rowid", i);
    }
    ADD(out, ") AS u");
}

/* Writes a parameter without a type, because SQLite does not need the type. */
static void typed_parameter(furrow__buffer *out, const furrow_column *column, size_t parameter)
{
    (void)column;
    write_parameter(out, parameter);
}

static void aggregate(furrow__buffer *out, furrow_aggregate which, furrow__place place)
{
    static const char *const calls[] = {
        [FURROW_AGGREGATE_SUM] = "furrow_sum(",
        [FURROW_AGGREGATE_MIN] = "min(",
        [FURROW_AGGREGATE_MAX] = "max(",
        [FURROW_AGGREGATE_AVG] = "furrow_avg(",
    };
    bool is_real =
        place.column->type == FURROW_TYPE_FLOAT || place.column->type == FURROW_TYPE_DOUBLE;
    furrow__buffer_add_text(out, which == FURROW_AGGREGATE_SUM && is_real ? "furrow_sum_real("
                                                                          : calls[which]);
    furrow__write_place(out, place);
    ADD(out, ")");
    /* Decimals are integers in units of their scale, and so are their sum, minimum and maximum. The
     * average is a real. */
    if (which == FURROW_AGGREGATE_AVG && place.column->type == FURROW_TYPE_DECIMAL &&
        place.column->scale) {
        ADD(out, " / 1e");
        furrow__write_integer(out, place.column->scale);
    }
}

const furrow__dialect furrow__dialect_sqlite = {
    .name = "sqlite",
    .title = "SQLite",
    .expression = &furrow__sqlite_expression,
    .ddl = &furrow__sqlite_ddl,
    .plan = &furrow__sqlite_plan,
    .apply = &furrow__sqlite_apply,
    .parameter_sign = '?',
    .is_serverless = true,
    .needs_limit = true,
    .syntax = FURROW__SCAN_SQLITE,
    .decimals_are_units = true,
    .upsert_needs_where = true,
    .plans_by_list = true,
    .groups_by_index = true,
    .nulls_first = "",
    .nulls_last = "",
    .text_condition = text_condition,
    .pattern = pattern,
    .in = in,
    .keys_in = keys_in,
    .aggregate = aggregate,
    .insert_rows = furrow__sqlite_insert_rows,
    .array_rows = array_rows,
    .typed_parameter = typed_parameter,
    .add_double = "furrow_add",
    .add_float = "furrow_add_float",
    .explain = "EXPLAIN QUERY PLAN ",
};
