/* SPDX-License-Identifier: MIT
 *
 * The preflight: checks that are run on the target database before anything changes. They count
 * rows that violate a new NOT NULL, key or CHECK; values that a narrower type cannot hold; and rows
 * or values that would be lost. Tables and columns that the same revision adds have no rows or
 * values yet that could be counted. A table is not checked if the revision has written to it before
 * the change. In this case, the engine itself refuses rows that do not fit when the change runs.
 */
#include <assert.h>

#include "migrate/plan/preflight_parts.h"

typedef furrow__planner planner;

static void add_table(planner *p, furrow__table_name name)
{
    furrow__write_table_name(&p->text, p->dialect, name);
}

static const char *count_rows(planner *p, const furrow__plan_question *q)
{
    furrow__buffer_add_text(&p->text, "SELECT count(*) FROM ");
    if (q->from)
        furrow__buffer_add_text(&p->text, q->from);
    else
        add_table(p, q->table->name);
    if (q->where)
        furrow__buffer_format(&p->text, " WHERE %s", q->where);
    return furrow__plan_take(p);
}

/* Returns a query for the primary keys of the first counted rows. Returns NULL if the table has no
 * primary key, or if the keys would not help the reader. */
static const char *show_keys(planner *p, const furrow__plan_question *q)
{
    const furrow__catalog_constraint *key = furrow__catalog_primary_key(q->table);
    if (!key || !q->where || q->from || q->is_loss)
        return NULL;
    furrow__buffer_add_text(&p->text, "SELECT ");
    for (size_t i = 0; i < key->count; i++) {
        furrow__buffer_add_text(&p->text, i ? ", " : "");
        furrow__sql_identifier(&p->text, key->columns[i]);
    }
    furrow__buffer_add_text(&p->text, " FROM ");
    add_table(p, q->table->name);
    furrow__buffer_format(&p->text, " WHERE %s ORDER BY 1 LIMIT 5", q->where);
    return furrow__plan_take(p);
}

void furrow__plan_add_question(planner *p, const furrow__change *change,
                               const furrow__plan_question *q)
{
    if (p->status != FURROW_OK)
        return;
    furrow__preflight *moved = furrow__plan_room(p, p->preflights, p->out->preflight_count,
                                                 &p->preflight_capacity, sizeof *moved);
    if (!moved)
        return;
    p->preflights = moved;
    p->preflights[p->out->preflight_count++] =
        (furrow__preflight){.place = change->place,
                            .count_sql = count_rows(p, q),
                            .sample_sql = q->sample ? q->sample : show_keys(p, q),
                            .message = q->message,
                            .loss = q->loss,
                            .hint = q->hint,
                            .is_loss = q->is_loss,
                            .is_allowed = change->allows_data_loss,
                            .table = q->table->name,
                            .where = q->where,
                            .unique = q->unique,
                            .unique_count = q->unique_count};
    p->out->preflights = p->preflights;
}

const char *furrow__plan_quote(planner *p, const char *name)
{
    furrow__sql_identifier(&p->text, name);
    return furrow__plan_take(p);
}

static const char *write_message(planner *p, const char *rows, const char *table, const char *text,
                                 const char *name)
{
    furrow__buffer_format(&p->text, " %s of ", rows);
    furrow__sql_identifier(&p->text, table);
    furrow__buffer_format(&p->text, " %s", text);
    if (name) {
        furrow__buffer_add_char(&p->text, ' ');
        furrow__sql_identifier(&p->text, name);
    }
    return furrow__plan_take(p);
}

furrow__count_message furrow__plan_message(planner *p, const char *table, furrow__wording wording,
                                           const char *name)
{
    return (furrow__count_message){
        .one = write_message(p, "row", table, wording.one, name),
        .many = write_message(p, "rows", table, wording.many, name),
    };
}

static void write_count(furrow__buffer *out, furrow__count_message message, int64_t count)
{
    furrow__buffer_format(out, "%lld%s", (long long)count, count == 1 ? message.one : message.many);
}

void furrow__preflight_write(furrow__buffer *out, const furrow__preflight *asked, int64_t count)
{
    write_count(out, asked->message, count);
}

void furrow__preflight_write_loss(furrow__buffer *out, const furrow__preflight *asked,
                                  int64_t count)
{
    assert(asked->is_loss);
    write_count(out, asked->loss, count);
}

void furrow__plan_ask_column(planner *p, const furrow__change *change, const char *name,
                             const furrow__column_question *question)
{
    const furrow__catalog_table *table = furrow__plan_original(p, change->table);
    const char *column = table ? furrow__plan_original_column(p, change->table, name) : NULL;
    if (!column)
        return;
    furrow__sql_identifier(&p->text, column);
    furrow__buffer_add_text(&p->text, question->condition);
    furrow__plan_question q = {
        .table = table,
        .where = furrow__plan_take(p),
        .message = furrow__plan_message(p, table->name.name, question->wording, column),
        .hint = question->hint,
        .is_loss = question->is_loss};
    if (question->is_loss)
        q.loss = furrow__plan_message(p, table->name.name, question->loss, column);
    furrow__plan_add_question(p, change, &q);
}

#define LOSS_HINT                                                                                  \
    "to allow this, write -- furrow: allow-data-loss above the statement, or use "                 \
    "--allow-data-loss"

static void ask_drop_table(planner *p, const furrow__change *change)
{
    static const furrow__wording refused = {"would be lost with the table",
                                            "would be lost with the table"};
    static const furrow__wording allowed = {"is lost with the table", "are lost with the table"};
    const furrow__catalog_table *table = furrow__plan_original(p, change->table);
    if (!table)
        return;
    furrow__plan_question q = {.table = table,
                               .message = furrow__plan_message(p, table->name.name, refused, NULL),
                               .loss = furrow__plan_message(p, table->name.name, allowed, NULL),
                               .hint = LOSS_HINT,
                               .is_loss = true};
    furrow__plan_add_question(p, change, &q);
}

static void ask_drop_column(planner *p, const furrow__change *change)
{
    static const furrow__column_question lost = {
        .condition = " IS NOT NULL",
        .wording = {"would lose its value of", "would lose their value of"},
        .loss = {"loses its value of", "lose their value of"},
        .hint = LOSS_HINT,
        .is_loss = true};
    furrow__plan_ask_column(p, change, change->name, &lost);
}

static void ask_add_column(planner *p, const furrow__change *change)
{
    static const furrow__wording empty = {"would have no value in the new column",
                                          "would have no value in the new column"};
    const furrow__catalog_table *table = furrow__plan_original(p, change->table);
    if (!table || change->column.nullable || change->column.default_ || change->backfill)
        return;
    furrow__plan_question q = {
        .table = table,
        .message = furrow__plan_message(p, table->name.name, empty, change->column.name),
        .hint =
            "write USING (expression) before the semicolon; a DEFAULT must also be in the model"};
    furrow__plan_add_question(p, change, &q);
}

static void ask_alter_column(planner *p, const furrow__change *change)
{
    static const furrow__column_question missing = {
        .condition = " IS NULL", .wording = {"has no", "have no"}, .hint = FURROW__UPDATE_FIRST};
    if (change->alters == FURROW__ALTER_SET_NOT_NULL)
        furrow__plan_ask_column(p, change, change->name, &missing);
    else if (change->alters == FURROW__ALTER_TYPE)
        furrow__plan_ask_type(p, change);
}

void furrow__plan_ask(planner *p, const furrow__change *change)
{
    if (p->status != FURROW_OK)
        return;
    if (change->backfill)
        furrow__plan_ask_casts(p, change,
                               &(furrow__cast_source){change->table, change->backfill, NULL});
    switch (change->kind) {
    case FURROW__DROP_TABLE:
        ask_drop_table(p, change);
        break;
    case FURROW__DROP_COLUMN:
        ask_drop_column(p, change);
        break;
    case FURROW__ADD_COLUMN:
        ask_add_column(p, change);
        break;
    case FURROW__ALTER_COLUMN:
        ask_alter_column(p, change);
        break;
    case FURROW__ADD_CONSTRAINT:
        furrow__plan_ask_constraint(p, change);
        break;
    case FURROW__CREATE_INDEX:
        if (change->index.unique)
            furrow__plan_ask_key(p, change, &change->index);
        break;
    default:
        break;
    }
}
