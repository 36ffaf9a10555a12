/* SPDX-License-Identifier: MIT
 *
 * INSERT of many rows from arrays, one array per column, with PostgreSQL's unnest.
 *
 * PostgreSQL does not promise in which order an INSERT returns its rows. If only an assigned key is
 * returned, the statement takes as many keys from the sequence as there are rows, and stores them
 * in an array. It unnests this array together with the arrays of the columns, and returns the keys
 * in order. Otherwise each row gets a number, and its assigned key is taken from the sequence
 * before the INSERT. The returned rows are then joined with the numbers by their key.
 *
 * If the program sends the keys, the statement moves the sequence past the largest key. If that key
 * exceeds the last value of the sequence by at most NEAR, the statement takes all values in between
 * from the sequence. Other sessions cannot undo this effect. Otherwise the statement calls setval.
 */
#include "dialect/postgresql/postgresql.h"

enum { NEAR = 1000 };

/* Returns the index of a column in the list; -1 if the column is not in the list. */
static int index_of(const furrow_column *column, furrow__columns list)
{
    for (size_t i = 0; i < list.count; i++)
        if (list.items[i] == column)
            return (int)i;
    return -1;
}

/* Writes the sequence of the assigned key, as a regclass. The sequence is written as a subselect,
 * so that PostgreSQL looks it up once per statement and not once per row. */
static void add_sequence(furrow__buffer *out, const furrow_model *model)
{
    furrow__buffer table = {0};
    furrow__sql_table(&table, &furrow__dialect_postgresql, model);
    furrow__buffer_add_text(out, "(SELECT pg_get_serial_sequence(");
    if (!table.failed)
        furrow__sql_literal(out, furrow__buffer_text(&table));
    furrow__buffer_add_text(out, ", ");
    furrow__sql_literal(out, model->columns[model->assigned].name);
    furrow__buffer_add_text(out, ")::regclass)");
    out->failed |= table.failed;
    furrow__buffer_done(&table);
}

/* Writes the array parameters, such as "$1::bigint[], $2::text[]". */
static void add_arrays(furrow__buffer *out, furrow__columns sent)
{
    for (size_t i = 0; i < sent.count; i++)
        furrow__buffer_format(out, "%s$%zu::%s", i ? ", " : "", i + 1,
                              furrow__postgresql_array_type(sent.items[i]));
}

/* Writes the arrays as rows with the columns c0, c1, … and the row's number n. */
static void add_unnest(furrow__buffer *out, furrow__columns sent)
{
    if (!sent.count) {
        furrow__buffer_add_text(out, "generate_series(1, $1::bigint) AS u (n)");
        return;
    }
    furrow__buffer_add_text(out, "unnest(");
    add_arrays(out, sent);
    furrow__buffer_add_text(out, ") WITH ORDINALITY AS u (");
    for (size_t i = 0; i < sent.count; i++)
        furrow__buffer_format(out, "c%zu, ", i);
    furrow__buffer_add_text(out, "n)");
}

/* Writes an INSERT that selects c0, c1, … from the rows. If `key` is not NULL, it also selects k,
 * the key that was taken from the sequence. */
static void add_insert(furrow__buffer *out, const furrow__insert *insert, const furrow_column *key)
{
    furrow__buffer_add_text(out, "INSERT INTO ");
    furrow__sql_table(out, &furrow__dialect_postgresql, insert->model);
    furrow__buffer_add_text(out, " (");
    if (key)
        furrow__sql_identifier(out, key->name);
    for (size_t i = 0; i < insert->sent.count; i++) {
        furrow__buffer_add_text(out, i || key ? ", " : "");
        furrow__sql_identifier(out, insert->sent.items[i]->name);
    }
    furrow__buffer_add_text(out, key ? ") SELECT k" : ") SELECT ");
    for (size_t i = 0; i < insert->sent.count; i++)
        furrow__buffer_format(out, "%sc%zu", i || key ? ", " : "", i);
}

/* Writes the beginning of a scalar expression that moves the sequence past a key. The caller writes
 * the key and calls end_advance. A key that the sequence cannot reach, because it is below the
 * first or above the last value, is ignored. nextval(s) is in a separate subselect, because the
 * argument of max would otherwise refer only to `s`, and max would aggregate the rows of the outer
 * query. */
static void begin_advance(furrow__buffer *out, const furrow_model *model)
{
    furrow__buffer_format(
        out,
        "(SELECT CASE WHEN k <= last OR k > top OR step < 0 THEN 0 "
        "WHEN step = 1 AND k::numeric - last <= %d THEN "
        "(SELECT max(v) FROM (SELECT nextval(s) AS v FROM generate_series(last + 1, k)) c) "
        "ELSE setval(s, k) END FROM "
        "(SELECT s, k, p.maximum_value AS top, p.increment AS step, "
        "coalesce(pg_sequence_last_value(s), "
        "greatest(p.start_value, -9223372036854775807) - 1) AS last FROM (SELECT ",
        NEAR);
    add_sequence(out, model);
    furrow__buffer_add_text(out, " AS s, ");
}

static void end_advance(furrow__buffer *out)
{
    furrow__buffer_add_text(out, " AS k) a, pg_sequence_parameters(s) p) b)");
}

void furrow__postgresql_advance_key(furrow__buffer *out, furrow__place key)
{
    begin_advance(out, key.column->model);
    furrow__write_place(out, key);
    furrow__buffer_add_text(out, "::bigint");
    end_advance(out);
}

/* Joins the inserted rows with the rows that the program sent, by the primary key. */
static void add_join(furrow__buffer *out, const furrow__insert *insert)
{
    const furrow_model *model = insert->model;
    furrow__buffer_add_text(out, " FROM given JOIN added ON ");
    for (size_t i = 0; i < model->primary_key_count; i++) {
        const furrow_column *key = &model->columns[model->primary_key[i]];
        int index = index_of(key, insert->sent);
        furrow__buffer_add_text(out, i ? " AND added." : "added.");
        furrow__sql_identifier(out, key->name);
        if (index < 0)
            furrow__buffer_add_text(out, " = given.k");
        else
            furrow__buffer_format(out, " = given.c%d", index);
    }
}

/* Writes RETURNING with the primary key, which the join needs, and the returned columns. */
static void add_returning(furrow__buffer *out, const furrow__insert *insert)
{
    const furrow_model *model = insert->model;
    furrow__buffer_add_text(out, " RETURNING ");
    for (size_t i = 0; i < model->primary_key_count; i++) {
        furrow__buffer_add_text(out, i ? ", " : "");
        furrow__sql_identifier(out, model->columns[model->primary_key[i]].name);
    }
    for (size_t i = 0; i < insert->returned.count; i++)
        if (!(insert->returned.items[i]->flags & FURROW_COLUMN_PRIMARY_KEY)) {
            furrow__buffer_add_text(out, ", ");
            furrow__sql_identifier(out, insert->returned.items[i]->name);
        }
}

/* Writes the columns of the result: the row's number and the returned columns. */
static void add_result(furrow__buffer *out, const furrow__insert *insert,
                       const furrow_column *drawn)
{
    furrow__buffer_add_text(out, "given.n");
    for (size_t i = 0; i < insert->returned.count; i++) {
        const furrow_column *column = insert->returned.items[i];
        furrow__buffer_add_text(out, column == drawn ? ", given.k" : ", added.");
        if (column != drawn)
            furrow__sql_identifier(out, column->name);
    }
}

/* Writes an expression that moves the sequence past the largest of the sent keys, which are in
 * column c<index>. */
static void add_advance(furrow__buffer *out, const furrow_model *model, int index)
{
    begin_advance(out, model);
    furrow__buffer_format(out, "(SELECT max(c%d)::bigint FROM given)", index);
    end_advance(out);
}

/* Writes an INSERT of rows with given keys that returns nothing. The INSERT is the outer statement,
 * so that PostgreSQL reports the number of inserted rows. The condition is always true; without it,
 * PostgreSQL would not evaluate `advanced`. */
static void add_given(furrow__buffer *out, const furrow__insert *insert, int key)
{
    furrow__buffer_add_text(out, "WITH given AS MATERIALIZED (SELECT * FROM ");
    add_unnest(out, insert->sent);
    furrow__buffer_add_text(out, "), advanced AS MATERIALIZED (SELECT ");
    add_advance(out, insert->model, key);
    furrow__buffer_add_text(out, ") ");
    add_insert(out, insert, NULL);
    furrow__buffer_add_text(out,
                            " FROM given WHERE (SELECT count(*) FROM advanced) = 1 ORDER BY n");
}

void furrow__postgresql_insert_many(furrow__buffer *out, const furrow__insert *insert)
{
    const furrow_model *model = insert->model;
    const furrow_column *assigned =
        model->assigned == FURROW_NO_COLUMN ? NULL : &model->columns[model->assigned];
    int sent = assigned ? index_of(assigned, insert->sent) : -1;
    const furrow_column *drawn = assigned && sent < 0 ? assigned : NULL;

    if (!insert->returned.count) {
        add_given(out, insert, sent);
        return;
    }
    furrow__buffer_add_text(out, "WITH given AS MATERIALIZED (SELECT *");
    if (drawn) {
        furrow__buffer_add_text(out, ", nextval(");
        add_sequence(out, model);
        furrow__buffer_add_text(out, ") AS k");
    }
    furrow__buffer_add_text(out, " FROM ");
    add_unnest(out, insert->sent);
    furrow__buffer_add_text(out, "), added AS (");
    add_insert(out, insert, drawn);
    furrow__buffer_add_text(out, " FROM given ORDER BY n");
    add_returning(out, insert);
    furrow__buffer_add_text(out, ") SELECT ");
    add_result(out, insert, drawn);
    if (sent >= 0) {
        furrow__buffer_add_text(out, ", ");
        add_advance(out, model, sent);
    }
    add_join(out, insert);
}

void furrow__postgresql_insert_drawn(furrow__buffer *out, const furrow__insert *insert)
{
    size_t count = insert->sent.count;
    furrow__buffer_add_text(out, "WITH drawn AS MATERIALIZED (SELECT array_agg(nextval(");
    add_sequence(out, insert->model);
    furrow__buffer_add_text(out, ")) AS keys FROM generate_series(1, ");
    if (count)
        furrow__buffer_format(out, "cardinality($1::%s)",
                              furrow__postgresql_array_type(insert->sent.items[0]));
    else
        furrow__buffer_add_text(out, "$1::bigint");
    furrow__buffer_add_text(out, ")), added AS (");
    add_insert(out, insert, &insert->model->columns[insert->model->assigned]);
    furrow__buffer_add_text(out, count ? " FROM unnest((SELECT keys FROM drawn), "
                                       : " FROM unnest((SELECT keys FROM drawn)");
    add_arrays(out, insert->sent);
    furrow__buffer_add_text(out, ") AS u (k");
    for (size_t i = 0; i < count; i++)
        furrow__buffer_format(out, ", c%zu", i);
    /* If a trigger cancels rows, it is not known which keys were used, so the result is empty. */
    furrow__buffer_add_text(out, ") RETURNING 1) SELECT k FROM drawn, unnest(CASE WHEN cardinality("
                                 "keys) = (SELECT count(*) FROM added) THEN keys END) WITH "
                                 "ORDINALITY AS u (k, n) ORDER BY n");
}

void furrow__postgresql_insert_arrays(furrow__buffer *out, const furrow__insert *insert)
{
    add_insert(out, insert, NULL);
    furrow__buffer_add_text(out, " FROM ");
    add_unnest(out, insert->sent);
}
