/* SPDX-License-Identifier: MIT
 *
 * Many rows as arrays, one a column, some thousands of rows a statement. Rows are grouped by shape,
 * so that a call costs as many statements as it has shapes (and chunks), in whatever order they come.
 * A group that is not all of the rows is copied together first, as arrays need an even stride.
 */
#include "runtime/bulk.h"
#include "runtime/field.h"

enum { CHUNK = 10000 }; /* rows a statement */

bool furrow__bulk_is_possible(const furrow_session *s)
{
    return furrow__dialect_has_unnest(s->dialect);
}

static void render(furrow__buffer *out, furrow_session *s, const void *context)
{
    const furrow__shape *shape = context;
    furrow__sql_insert_many(out, s->dialect, shape->model, shape->sent, shape->sent_count,
                            shape->returned, shape->returned_count);
}

static furrow_status bind(furrow__run *run, const struct furrow__group *group)
{
    const furrow__shape *shape = group->shape;
    for (size_t i = 0; i < shape->sent_count && run->status == FURROW_OK; i++) {
        const furrow_column *c = shape->sent[i];
        ptrdiff_t has = c->flags & FURROW_COLUMN_OPT
                            ? (ptrdiff_t)c->has_offset - (ptrdiff_t)c->offset
                            : 0;
        run->status = run->s->driver->bind_array(run->statement, (int)i, c,
                                                 group->sent + c->offset, shape->model->size, has,
                                                 group->count, &run->error);
    }
    return run->status;
}

furrow_status furrow__bulk_read(furrow__run *run, const struct furrow__group *group, int64_t base)
{
    const furrow__shape *shape = group->shape;
    const furrow_column *columns[FURROW__MAX_COLUMNS + 1] = {NULL};
    memcpy(columns + 1, shape->returned, shape->returned_count * sizeof *columns);
    size_t read = 0;
    for (bool more = true; run->status == FURROW_OK;) {
        furrow_value ordinal;
        run->status = run->s->driver->step(run->statement, &more, &run->error);
        if (run->status || !more)
            break;
        if (!shape->returned_count)
            continue;
        run->status = run->s->driver->read_value(run->statement, 0, &ordinal, &run->s->scratch,
                                                 &run->error);
        if (run->status)
            break;
        size_t n = (size_t)ordinal.as.integer - (size_t)base - 1;
        if (n >= group->count)
            return run->status = furrow__fail(&run->error, FURROW_DATABASE,
                                              "\"%s\": a row came back that was not sent",
                                              shape->model->table);
        size_t place = group->index ? group->index[group->first + n] : group->first + n;
        run->status = run->s->driver->read_row(run->statement, columns, shape->returned_count + 1,
                                               group->rows + place * shape->model->size,
                                               &run->s->arena, &run->error);
        read++;
    }
    if (run->status == FURROW_OK && shape->returned_count && read != group->count)
        run->status = furrow__fail(&run->error, FURROW_DATABASE,
                                   "\"%s\": %zu rows were sent and %zu came back",
                                   shape->model->table, group->count, read);
    return run->status;
}

static furrow_status insert_chunk(furrow_session *s, const struct furrow__group *group)
{
    furrow__run run;
    uint64_t tag = FURROW__VERB_INSERT_MANY | group->shape->zeros << 8;
    if (furrow__run_verb(&run, s, group->shape->model, tag, render, group->shape) == FURROW_OK &&
        bind(&run, group) == FURROW_OK && furrow__run_execute(&run) == FURROW_OK)
        furrow__bulk_read(&run, group, 0);
    return furrow__run_end(&run);
}

static furrow_status insert_group(furrow_session *s, const furrow__shape *shape, char *rows,
                                  const char *sent, const size_t *index, size_t count)
{
    size_t size = shape->model->size;
    for (size_t i = 0; i < count; i++) {
        furrow_status status =
            furrow__check_written(s, shape->sent, shape->sent_count, sent + i * size);
        if (status)
            return status;
    }
    for (size_t first = 0; first < count; first += CHUNK) {
        size_t left = count - first;
        struct furrow__group group = {shape, rows, sent + first * size, index, first,
                              left < CHUNK ? left : CHUNK};
        furrow_status status = insert_chunk(s, &group);
        if (status)
            return status;
    }
    return FURROW_OK;
}

/* The rows whose shape is that of rows[start], from there on, copied together. */
static furrow_status insert_gathered(furrow_session *s, const furrow__shape *shape, char *rows,
                                     const uint64_t *zeros, bool *done, size_t start, size_t count)
{
    size_t size = shape->model->size, found = 0;
    for (size_t i = start; i < count; i++)
        found += zeros[i] == shape->zeros;
    size_t *index = furrow__allocate_zeroed(found, sizeof *index);
    char *copy = furrow__allocate_zeroed(found, size);
    furrow_status status = FURROW_OK;
    if (!index || !copy) {
        status = furrow__session_no_memory(s);
    } else {
        found = 0;
        for (size_t i = start; i < count; i++)
            if (zeros[i] == shape->zeros) {
                memcpy(copy + found * size, rows + i * size, size);
                done[i] = true;
                index[found++] = i;
            }
        status = insert_group(s, shape, rows, copy, index, found);
    }
    furrow__release(index);
    furrow__release(copy);
    return status;
}

/* Rows without a key to match them by: the database chooses it, and it is no sequence. */
static bool has_chosen_key(const furrow__shape *shape)
{
    for (size_t i = 0; i < shape->returned_count; i++)
        if ((shape->returned[i]->flags & (FURROW_COLUMN_PRIMARY_KEY | FURROW_COLUMN_ASSIGNED)) ==
            FURROW_COLUMN_PRIMARY_KEY)
            return true;
    return false;
}

furrow_status furrow__bulk_insert(furrow_session *s, const furrow_model *model, char *rows,
                                  const uint64_t *zeros, size_t count)
{
    furrow__shape shape;
    bool one_shape = true;
    for (size_t i = 1; i < count && one_shape; i++)
        one_shape = zeros[i] == zeros[0];
    furrow__shape_columns(&shape, model, zeros[0]);
    if (one_shape && !has_chosen_key(&shape) && shape.sent_count)
        return insert_group(s, &shape, rows, rows, NULL, count);

    furrow_status status = FURROW_OK;
    bool *done = furrow__allocate_zeroed(count, sizeof *done);
    if (!done)
        return furrow__session_no_memory(s);
    for (size_t i = 0; i < count && !status; i++) {
        if (done[i])
            continue;
        furrow__shape_columns(&shape, model, zeros[i]);
        if (has_chosen_key(&shape) || !shape.sent_count)
            status = furrow__insert_row(s, &shape, rows + i * model->size);
        else
            status = insert_gathered(s, &shape, rows, zeros, done, i, count);
    }
    furrow__release(done);
    return status;
}
