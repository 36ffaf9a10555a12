/* SPDX-License-Identifier: MIT
 *
 * Many rows as one statement that reads them where they lie, for engines that run in the program's
 * own memory (SQLite): no cell is bound, and nothing is compiled or started row by row.
 *
 * An assigned key is known before: the session holds the one lock for writing, and AUTOINCREMENT
 * counts on from the largest key that the table ever had, row by row in their order. That it did is
 * checked by the last key, and by every key where more comes back. A table with triggers is written
 * row by row, as those may insert into the same table; so is one whose columns the engine fills in
 * without a key to match them by.
 */
#include "runtime/bulk.h"
#include "runtime/explain.h"
#include "runtime/field.h"

enum { MAX_COLUMNS = 64 }; /* of driver->bind_rows */

/* The assigned key among what comes back, or NULL. */
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
           shape->sent_count <= MAX_COLUMNS &&
           (key || (shape->sent_count && !shape->returned_count));
}

/* ---- the largest key ---- */

struct largest {
    int64_t key;
    bool has_triggers;
};

static void render_largest(furrow__buffer *out, furrow_session *s, const void *context)
{
    furrow__sql_largest_key(out, s->dialect, context);
}

/* A table that nobody gave AUTOINCREMENT has no largest key: *known is false. */
static furrow_status find_largest(furrow_session *s, const furrow_model *model, struct largest *out,
                                  bool *known)
{
    furrow__run run;
    furrow_value values[2] = {{0}, {0}};
    bool row = false;
    *known = false;
    if (furrow__run_verb(&run, s, model, FURROW__VERB_LARGEST_KEY, render_largest, model)) {
        if (run.status == FURROW_SCHEMA && s->status == FURROW_OK)
            return FURROW_OK; /* row by row says what is wrong, if anything is */
        return furrow__run_end(&run);
    }
    furrow__run_execute(&run);
    furrow__run_step(&run, &row);
    for (int i = 0; i < 2 && row && run.status == FURROW_OK; i++)
        run.status = s->driver->read_value(run.statement, i, &values[i], &s->scratch, &run.error);
    *known = row && values[0].type == FURROW_TYPE_INT64;
    *out = (struct largest){values[0].as.integer, values[1].as.integer != 0};
    return furrow__run_end(&run);
}

/* ---- the rows ---- */

static void render_rows(furrow__buffer *out, furrow_session *s, const void *context)
{
    const furrow__shape *shape = context;
    size_t returned = shape->returned_count > 1 ? shape->returned_count : 0;
    furrow__sql_insert_rows(out, s->dialect, shape->model, shape->sent, shape->sent_count,
                            drawn_key(shape), shape->returned, returned);
}

static furrow_status bind(furrow__run *run, const struct furrow__group *group)
{
    const furrow__shape *shape = group->shape;
    const furrow_driver *driver = run->s->driver;
    run->status = driver->bind_rows(run->statement, 0, shape->sent, shape->sent_count, group->sent,
                                    shape->model->size, group->count, &run->error);
    if (run->s->trace && furrow__engine_options(run->s->engine)->trace_values)
        run->values = furrow__describe_binds(
            run->s, &(furrow__bind){.is_array = true, .value.as.blob.size = group->count}, 1);
    return run->status;
}

static furrow_status set_keys(furrow__run *run, const struct furrow__group *group,
                              const furrow_column *key, int64_t base)
{
    furrow_session *s = run->s;
    if (s->driver->last_key(s->link->connection) != base + (int64_t)group->count ||
        run->statement->changed != group->count)
        return run->status = furrow__fail(&run->error, FURROW_DATABASE,
                                          "\"%s\": the table did not count its keys on by one",
                                          group->shape->model->table);
    for (size_t i = 0; i < group->count; i++)
        furrow__field_set_integer(key, group->rows + i * group->shape->model->size,
                                  base + (int64_t)i + 1);
    return FURROW_OK;
}

/* What the engine did not say of a broken reference: look for the first row that breaks one. */
static void explain(furrow__run *run, const struct furrow__group *group)
{
    furrow_session *s = run->s;
    if (run->status != FURROW_FOREIGN_KEY || !s->driver->explain_violation ||
        !s->link->connection->in_transaction)
        return;
    for (size_t i = 0; i < group->count && !run->error.constraint[0]; i++)
        s->driver->explain_violation(s->link->connection, group->shape->model,
                                     group->sent + i * group->shape->model->size, &run->error);
}

static furrow_status run_rows(furrow_session *s, const struct furrow__group *group, int64_t base)
{
    const furrow__shape *shape = group->shape;
    const furrow_column *key = drawn_key(shape);
    furrow__run run;
    uint64_t tag = FURROW__VERB_INSERT_MANY | shape->zeros << 8;
    if (furrow__run_verb(&run, s, shape->model, tag, render_rows, shape) == FURROW_OK &&
        bind(&run, group) == FURROW_OK && furrow__run_execute(&run) == FURROW_OK) {
        bool row;
        if (shape->returned_count > 1)
            furrow__bulk_read(&run, group, base);
        else if (furrow__run_step(&run, &row) == FURROW_OK && key)
            set_keys(&run, group, key, base);
    }
    explain(&run, group);
    return furrow__run_end(&run);
}

/* Whether all keys behind `base` fit: first the engine's integer, then the field. */
static furrow_status check_keys(furrow_session *s, const furrow__shape *shape, char *rows,
                                size_t count, int64_t base, bool *done)
{
    const furrow_column *key = drawn_key(shape);
    int64_t last;
    *done = !__builtin_add_overflow(base, (int64_t)count, &last);
    if (!*done || furrow__field_set_integer(key, rows, last))
        return FURROW_OK;
    return furrow__session_failf(s, FURROW_INVALID,
                                 "\"%s\": the assigned \"%s\" does not fit its field",
                                 shape->model->table, key->name);
}

furrow_status furrow__memory_insert(furrow_session *s, const furrow__shape *shape, char *rows,
                                    size_t count, bool *done)
{
    struct largest largest = {0};
    *done = true;
    furrow_status status = furrow__shape_check_rows(s, shape, rows, count);
    if (!status && drawn_key(shape)) {
        status = find_largest(s, shape->model, &largest, done);
        if (!status && *done)
            status = check_keys(s, shape, rows, count, largest.key, done);
    }
    *done = status || (*done && !largest.has_triggers);
    if (status || !*done)
        return status;
    struct furrow__group group = {.shape = shape, .rows = rows, .sent = rows, .count = count};
    return run_rows(s, &group, largest.key);
}
