/* SPDX-License-Identifier: MIT
 *
 * Inserts many rows with one statement that reads them from the program's memory. This is for
 * engines that run in the program's process (SQLite). No value is bound, and no statement is run
 * for each row.
 *
 * If the driver knows that the table assigns consecutive keys in the order of the rows, the keys
 * are computed from the last key. No other session can insert in between, because this session
 * holds the write lock.
 *
 * In two cases the rows are written one by one. In the first case, the keys may not be consecutive,
 * for example because a trigger could insert into the same table. In the second case, the engine
 * chooses values, and the rows have no key by which these values can be matched with the rows.
 */
#include "runtime/write/bulk.h"
#include "runtime/session/explain.h"
#include "runtime/session/field.h"
#include "runtime/session/key.h"

enum {
    TRIES = 2 /* the first statement may have been prepared for an older schema; the second attempt
                 prepares the statement again */
};

/* Returns whether the program gives the primary key of each row. */
static bool has_given_key(const furrow__shape *shape)
{
    for (size_t i = 0; i < shape->returned_count; i++)
        if (shape->returned[i]->flags & FURROW_COLUMN_PRIMARY_KEY)
            return false;
    return shape->model->primary_key_count > 0;
}

/* Returns the assigned key if it is among the columns that the statement returns; otherwise NULL.
 */
static const furrow_column *drawn_key(const furrow__shape *shape)
{
    for (size_t i = 0; i < shape->returned_count; i++)
        if (shape->returned[i]->flags & FURROW_COLUMN_ASSIGNED)
            return shape->returned[i];
    return NULL;
}

bool furrow__memory_is_possible(const furrow_session *s, const furrow__shape *shape)
{
    const furrow_column *key = drawn_key(shape);
    return furrow__dialect_has_rows(s->dialect) && s->driver->bind_rows && s->driver->last_key &&
           shape->sent_count <= FURROW_ROW_ARRAY_COLUMNS &&
           (key || (shape->sent_count && (!shape->returned_count || has_given_key(shape))));
}

static void render_rows(furrow__buffer *out, furrow_session *s, const void *context)
{
    const furrow__shape *shape = context;
    const furrow_column *key = drawn_key(shape);
    bool is_only_key = key && shape->returned_count == 1;
    furrow__sql_insert_rows(
        out, s->dialect,
        &(furrow__insert){.model = shape->model,
                          .sent = {shape->sent, shape->sent_count},
                          .returned = {shape->returned, is_only_key ? 0 : shape->returned_count},
                          .key = key});
}

static furrow_status bind(furrow__run *run, const struct furrow__group *group)
{
    const furrow__shape *shape = group->shape;
    const furrow_driver *driver = run->s->driver;
    run->status = driver->bind_rows(run->statement, 0,
                                    &(furrow_row_array){.columns = {shape->sent, shape->sent_count},
                                                        .first = group->sent,
                                                        .stride = shape->model->size,
                                                        .count = group->count},
                                    &run->error);
    if (run->s->trace && furrow__engine_options(run->s->engine)->trace_values)
        run->values = furrow__describe_binds(
            run->s, &(furrow__bind){.is_array = true, .value.as.blob.size = group->count}, 1);
    return run->status;
}

/* Returns the integer that precedes the key of the first row. The keys must be consecutive. */
static int64_t key_before(const furrow__run *run, const struct furrow__group *group)
{
    int64_t last = run->s->driver->last_key(run->s->pooled->connection);
    return (int64_t)((uint64_t)last - group->count);
}

/* If rows were cancelled, for example because of ON CONFLICT IGNORE, the keys cannot be matched
 * with the rows. */
static furrow_status check_count(furrow__run *run, const struct furrow__group *group)
{
    return furrow__bulk_check(run, group, run->statement->changed);
}

static void read_keys(furrow__run *run, const struct furrow__group *group, const furrow_column *key)
{
    bool row;
    if (furrow__run_step(run, &row) || check_count(run, group))
        return;
    int64_t at = key_before(run, group);
    bool fits = true;
    for (size_t i = 0; i < group->count && fits; i++)
        fits = furrow__field_set_integer(key, furrow__group_row(group, i), ++at);
    if (!fits)
        run->status =
            furrow__fail(&run->error, FURROW_INVALID,
                         "%s: the value that the database assigned to %s does not fit in its field",
                         FURROW__QUOTED(group->shape->model->table), FURROW__QUOTED(key->name));
}

/* Reads the current result row into the row with the same key. */
static furrow_status read_matched(furrow__run *run, const furrow__shape *shape,
                                  const furrow__identity *map, void *key)
{
    const furrow_model *model = shape->model;
    const furrow_column *columns[FURROW__MAX_COLUMNS] = {NULL};
    size_t keys = model->primary_key_count;
    for (size_t i = 0; i < keys; i++)
        columns[i] = &model->columns[model->primary_key[i]];
    run->status = run->s->driver->read_row(run->statement, (furrow_column_list){columns, keys}, key,
                                           &run->s->scratch, &run->error);
    if (run->status)
        return run->status;
    void *row = furrow__identity_find(map, model, model, model->primary_key, key);
    if (!row)
        return run->status = furrow__fail(&run->error, FURROW_DATABASE,
                                          "%s: the statement returned a row that was not sent",
                                          FURROW__QUOTED(model->table));
    memset(columns, 0, keys * sizeof *columns);
    memcpy(columns + keys, shape->returned, shape->returned_count * sizeof *columns);
    return run->status = run->s->driver->read_row(
               run->statement, (furrow_column_list){columns, keys + shape->returned_count}, row,
               &run->s->arena, &run->error);
}

static void read_by_key(furrow__run *run, const struct furrow__group *group)
{
    const furrow_model *model = group->shape->model;
    furrow__identity map = {0};
    void *key = furrow__arena_aligned(&run->s->scratch, model->size, 16);
    bool row = true, fits = key != NULL;
    for (size_t i = 0; i < group->count && fits; i++)
        fits = furrow__identity_add(&map, model, furrow__group_row(group, i));
    if (!fits)
        run->status = furrow__fail(&run->error, FURROW_NOMEM, "out of memory");
    while (!furrow__run_step(run, &row) && row)
        read_matched(run, group->shape, &map, key);
    furrow__identity_done(&map);
    check_count(run, group);
}

/* Finds the first row that violates a foreign key. This is needed if the engine did not report the
 * violated constraint. */
static void explain(furrow__run *run, const struct furrow__group *group)
{
    furrow_session *s = run->s;
    if (run->status != FURROW_FOREIGN_KEY || !s->driver->explain_violation ||
        !s->pooled->connection->in_transaction)
        return;
    for (size_t i = 0; i < group->count && !run->error.constraint[0]; i++)
        s->driver->explain_violation(s->pooled->connection, group->shape->model,
                                     group->sent + i * group->shape->model->size, &run->error);
}

/* Returns whether returned values can be matched with their rows. */
static bool can_tell(const furrow__run *run, const furrow__shape *shape)
{
    const furrow_driver *driver = run->s->driver;
    const furrow_column *key = drawn_key(shape);
    return !shape->returned_count || (key ? driver->assigns_sequential_keys(run->statement, key)
                                          : driver->keeps_rows(run->statement));
}

static void read_back(furrow__run *run, const struct furrow__group *group)
{
    const furrow__shape *shape = group->shape;
    const furrow_column *key = drawn_key(shape);
    bool row;
    if (!shape->returned_count) {
        furrow__run_step(run, &row);
        check_count(run, group);
    } else if (!key) {
        read_by_key(run, group);
    } else if (shape->returned_count == 1) {
        read_keys(run, group, key);
    } else { /* when SQLite returns the first row, all rows have been inserted */
        furrow__bulk_read(run, group, key_before(run, group));
        check_count(run, group);
    }
}

furrow_status furrow__memory_insert(furrow_session *s, const struct furrow__group *group,
                                    bool *done)
{
    const furrow__shape *shape = group->shape;
    furrow__run run;
    uint64_t tag = FURROW__VERB_INSERT_MANY | shape->zeros << 8;
    *done = false;
    for (int tries = 0; tries < TRIES; tries++) {
        if (furrow__run_verb(&run, s,
                             &(furrow__verb_statement){shape->model, tag, render_rows, shape}) ==
                FURROW_OK &&
            !can_tell(&run, shape))
            return furrow__run_withdraw(&run);
        if (run.status == FURROW_OK && bind(&run, group) == FURROW_OK &&
            furrow__run_execute(&run) == FURROW_OK)
            read_back(&run, group);
        *done = !run.statement || !run.statement->outdated;
        if (*done) {
            explain(&run, group);
            return furrow__run_end(&run);
        }
        furrow__run_withdraw(&run);
    }
    return FURROW_OK;
}
