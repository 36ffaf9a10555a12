/* SPDX-License-Identifier: MIT
 *
 * INSERT of many rows from arrays, one a column: PostgreSQL's unnest.
 *
 * The order in which an INSERT gives its rows back is not promised. Where nothing but an assigned
 * key comes back, the statement draws as many keys as there are rows into an array, which it
 * unnests beside the others, element by element, and tells in their order. Else rows carry an
 * ordinal, an assigned key is drawn beside it, before the INSERT, and what comes back is joined by
 * key. A key that was given moves the sequence behind it: a near one by drawing the numbers
 * between, which no other session can undo, a far one by setval.
 */
#include <stdio.h>

#include "sql/parts.h"

enum { NEAR = 1000 };

/* The place of a column among those sent, or -1. */
static int place_of(const furrow_column *c, const furrow_column *const *sent, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (sent[i] == c)
            return (int)i;
    return -1;
}

/* The sequence behind the assigned key, as a regclass: looked up once a statement, not once a row.
 */
static void add_sequence(furrow__buffer *out, const furrow__dialect *dialect,
                         const furrow_model *model)
{
    furrow__buffer table = {0};
    furrow__sql_table(&table, dialect, model);
    furrow__buffer_add_text(out, "(SELECT pg_get_serial_sequence(");
    if (!table.failed)
        furrow__sql_literal(out, furrow__buffer_text(&table));
    furrow__buffer_add_text(out, ", ");
    furrow__sql_literal(out, model->columns[model->assigned].name);
    furrow__buffer_add_text(out, ")::regclass)");
    out->failed |= table.failed;
    furrow__buffer_done(&table);
}

/* "$1::bigint[], $2::text[], …" */
static void add_arrays(furrow__buffer *out, const furrow__dialect *dialect,
                       const furrow_column *const *sent, size_t count)
{
    for (size_t i = 0; i < count; i++)
        furrow__buffer_format(out, "%s$%zu::%s", i ? ", " : "", i + 1,
                              dialect->array_type(sent[i]));
}

/* The arrays as rows: c0, c1, … and the ordinal n. */
static void add_unnest(furrow__buffer *out, const furrow__dialect *dialect,
                       const furrow_column *const *sent, size_t count)
{
    if (!count) {
        furrow__buffer_add_text(out, "generate_series(1, $1::bigint) AS u (n)");
        return;
    }
    furrow__buffer_add_text(out, "unnest(");
    add_arrays(out, dialect, sent, count);
    furrow__buffer_add_text(out, ") WITH ORDINALITY AS u (");
    for (size_t i = 0; i < count; i++)
        furrow__buffer_format(out, "c%zu, ", i);
    furrow__buffer_add_text(out, "n)");
}

static void add_insert(furrow__buffer *out, const furrow__dialect *dialect,
                       const furrow_model *model, const furrow_column *const *sent, size_t count,
                       const furrow_column *key)
{
    furrow__buffer_add_text(out, "INSERT INTO ");
    furrow__sql_table(out, dialect, model);
    furrow__buffer_add_text(out, " (");
    if (key)
        furrow__sql_identifier(out, key->name);
    for (size_t i = 0; i < count; i++) {
        furrow__buffer_add_text(out, i || key ? ", " : "");
        furrow__sql_identifier(out, sent[i]->name);
    }
    furrow__buffer_add_text(out, key ? ") SELECT k" : ") SELECT ");
    for (size_t i = 0; i < count; i++)
        furrow__buffer_format(out, "%sc%zu", i || key ? ", " : "", i);
}

/* A scalar that moves the sequence behind the largest key given. max(nextval(s)) by itself would
 * aggregate the query around it, whose column s is. */
static void add_advance(furrow__buffer *out, const furrow__dialect *dialect,
                        const furrow_model *model, int place)
{
    furrow__buffer_format(out,
                          "(SELECT CASE WHEN k <= last THEN 0 WHEN k - last <= %d THEN "
                          "(SELECT max(v) FROM (SELECT nextval(s) AS v FROM "
                          "generate_series(last + 1, k)) c) "
                          "ELSE setval(s, k) END FROM "
                          "(SELECT s, k, coalesce(pg_sequence_last_value(s), 0) AS last FROM "
                          "(SELECT ",
                          NEAR);
    add_sequence(out, dialect, model);
    furrow__buffer_format(out, " AS s, (SELECT max(c%d)::bigint FROM given) AS k) a) b)", place);
}

/* added.* beside given's ordinal: joined by the primary key. */
static void add_join(furrow__buffer *out, const furrow_model *model,
                     const furrow_column *const *sent, size_t count)
{
    furrow__buffer_add_text(out, " FROM given JOIN added ON ");
    for (size_t i = 0; i < model->primary_key_count; i++) {
        const furrow_column *key = &model->columns[model->primary_key[i]];
        int place = place_of(key, sent, count);
        furrow__buffer_add_text(out, i ? " AND added." : "added.");
        furrow__sql_identifier(out, key->name);
        if (place < 0)
            furrow__buffer_add_text(out, " = given.k");
        else
            furrow__buffer_format(out, " = given.c%d", place);
    }
}

static void add_returning(furrow__buffer *out, const furrow_model *model,
                          const furrow_column *const *returned, size_t count)
{
    furrow__buffer_add_text(out, " RETURNING ");
    for (size_t i = 0; i < model->primary_key_count; i++) {
        furrow__buffer_add_text(out, i ? ", " : "");
        furrow__sql_identifier(out, model->columns[model->primary_key[i]].name);
    }
    for (size_t i = 0; i < count; i++)
        if (!(returned[i]->flags & FURROW_COLUMN_PRIMARY_KEY)) {
            furrow__buffer_add_text(out, ", ");
            furrow__sql_identifier(out, returned[i]->name);
        }
}

void furrow__sql_insert_many(furrow__buffer *out, const furrow__dialect *dialect,
                             const furrow_model *model, const furrow_column *const *sent,
                             size_t count, const furrow_column *const *returned,
                             size_t returned_count)
{
    const furrow_column *assigned =
        model->assigned == FURROW_NO_COLUMN ? NULL : &model->columns[model->assigned];
    int given = assigned ? place_of(assigned, sent, count) : -1;
    const furrow_column *drawn = assigned && given < 0 ? assigned : NULL;

    furrow__buffer_add_text(out, "WITH given AS MATERIALIZED (SELECT *");
    if (drawn) {
        furrow__buffer_add_text(out, ", nextval(");
        add_sequence(out, dialect, model);
        furrow__buffer_add_text(out, ") AS k");
    }
    furrow__buffer_add_text(out, " FROM ");
    add_unnest(out, dialect, sent, count);
    furrow__buffer_add_text(out, "), added AS (");
    add_insert(out, dialect, model, sent, count, drawn);
    furrow__buffer_add_text(out, " FROM given ORDER BY n");
    if (returned_count)
        add_returning(out, model, returned, returned_count);
    furrow__buffer_add_text(out, ") SELECT ");
    if (returned_count) {
        furrow__buffer_add_text(out, "given.n");
        for (size_t i = 0; i < returned_count; i++) {
            furrow__buffer_add_text(out, ", ");
            if (returned[i] == drawn) {
                furrow__buffer_add_text(out, "given.k");
                continue;
            }
            furrow__buffer_add_text(out, "added.");
            furrow__sql_identifier(out, returned[i]->name);
        }
    } else {
        furrow__buffer_add_text(out, "0");
    }
    if (given >= 0) {
        furrow__buffer_add_text(out, ", ");
        add_advance(out, dialect, model, given);
    }
    if (returned_count)
        add_join(out, model, sent, count);
}

void furrow__sql_insert_drawn(furrow__buffer *out, const furrow__dialect *dialect,
                              const furrow_model *model, const furrow_column *const *sent,
                              size_t count)
{
    furrow__buffer_add_text(out, "WITH drawn AS MATERIALIZED (SELECT array_agg(nextval(");
    add_sequence(out, dialect, model);
    furrow__buffer_add_text(out, ")) AS keys FROM generate_series(1, ");
    if (count)
        furrow__buffer_format(out, "cardinality($1::%s)", dialect->array_type(sent[0]));
    else
        furrow__buffer_add_text(out, "$1::bigint");
    furrow__buffer_add_text(out, ")), added AS (");
    add_insert(out, dialect, model, sent, count, &model->columns[model->assigned]);
    furrow__buffer_add_text(out, count ? " FROM unnest((SELECT keys FROM drawn), "
                                       : " FROM unnest((SELECT keys FROM drawn)");
    add_arrays(out, dialect, sent, count);
    furrow__buffer_add_text(out, ") AS u (k");
    for (size_t i = 0; i < count; i++)
        furrow__buffer_format(out, ", c%zu", i);
    /* A trigger may leave rows out, whose keys nobody must be told: then there are none. */
    furrow__buffer_add_text(out, ") RETURNING 1) SELECT k FROM drawn, unnest(CASE WHEN cardinality("
                                 "keys) = (SELECT count(*) FROM added) THEN keys END) WITH "
                                 "ORDINALITY AS u (k, n) ORDER BY n");
}

void furrow__sql_insert_arrays(furrow__buffer *out, const furrow__dialect *dialect,
                               const furrow_model *model, const furrow_column *const *sent,
                               size_t count)
{
    add_insert(out, dialect, model, sent, count, NULL);
    furrow__buffer_add_text(out, " FROM ");
    add_unnest(out, dialect, sent, count);
}
