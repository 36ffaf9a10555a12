/* SPDX-License-Identifier: MIT
 *
 * Many rows as arrays, one a column, some thousands of rows a statement. Rows are grouped by shape,
 * so that a call costs as many statements as it has shapes (and chunks), in whatever order they
 * come. A group that is not all of the rows is copied together first, as arrays need an even
 * stride.
 */
#include "runtime/bulk.h"
#include "runtime/field.h"

enum {
    CHUNK = 10000, /* rows a statement */
    FEW = 500,     /* rows that go in one round trip, with their keys; for more, two are faster */
};

bool furrow__bulk_is_possible(const furrow_session *s)
{
    return furrow__dialect_has_unnest(s->dialect);
}

/* ---- statements ---- */

/* Nothing comes back, and no key that was given must move its sequence. */
static bool is_plain(const furrow__shape *shape)
{
    return !shape->returned_count &&
           (shape->keys_drawn || shape->model->assigned == FURROW_NO_COLUMN);
}

static void render(furrow__buffer *out, furrow_session *s, const void *context)
{
    const furrow__shape *shape = context;
    if (is_plain(shape))
        furrow__sql_insert_arrays(out, s->dialect, shape->model, shape->sent, shape->sent_count);
    else
        furrow__sql_insert_many(out, s->dialect, shape->model, shape->sent, shape->sent_count,
                                shape->returned, shape->returned_count);
}

static furrow_status bind(furrow__run *run, const struct furrow__group *group)
{
    const furrow__shape *shape = group->shape;
    for (size_t i = 0; i < shape->sent_count && run->status == FURROW_OK; i++) {
        const furrow_column *c = shape->sent[i];
        ptrdiff_t has =
            c->flags & FURROW_COLUMN_OPT ? (ptrdiff_t)c->has_offset - (ptrdiff_t)c->offset : 0;
        run->status =
            run->s->driver->bind_array(run->statement, (int)i, c, group->sent + c->offset,
                                       shape->model->size, has, group->count, &run->error);
    }
    return run->status;
}

static char *row_of(const struct furrow__group *group, size_t i)
{
    size_t place = group->index ? group->index[group->first + i] : group->first + i;
    return group->rows + place * group->shape->model->size;
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
        run->status =
            run->s->driver->read_value(run->statement, 0, &ordinal, &run->s->scratch, &run->error);
        if (run->status)
            break;
        size_t n = (size_t)ordinal.as.integer - (size_t)base - 1;
        if (n >= group->count)
            return run->status = furrow__fail(&run->error, FURROW_DATABASE,
                                              "\"%s\": a row came back that was not sent",
                                              shape->model->table);
        run->status = run->s->driver->read_row(run->statement, columns, shape->returned_count + 1,
                                               row_of(group, n), &run->s->arena, &run->error);
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
    uint64_t tag = FURROW__VERB_INSERT_MANY | group->shape->zeros << 8 |
                   (uint64_t)group->shape->keys_drawn << 63;
    if (furrow__run_verb(&run, s, group->shape->model, tag, render, group->shape) == FURROW_OK &&
        bind(&run, group) == FURROW_OK && furrow__run_execute(&run) == FURROW_OK)
        furrow__bulk_read(&run, group, 0);
    return furrow__run_end(&run);
}

/* ---- keys drawn before ---- */

static void render_draw(furrow__buffer *out, furrow_session *s, const void *context)
{
    furrow__sql_draw_keys(out, s->dialect, context);
}

/* Read a key into a row of the caller's and into the one that is sent. */
static furrow_status read_key(furrow__run *run, const struct furrow__group *group, size_t i)
{
    const furrow_model *model = group->shape->model;
    const furrow_column *key = &model->columns[model->assigned];
    furrow_value value;
    run->status =
        run->s->driver->read_value(run->statement, 0, &value, &run->s->scratch, &run->error);
    if (run->status)
        return run->status;
    if (i >= group->count || value.type != FURROW_TYPE_INT64)
        return run->status =
                   furrow__fail(&run->error, FURROW_DATABASE,
                                "\"%s\": the sequence of \"%s\" gave something else than keys",
                                model->table, key->name);
    if (!furrow__field_set_integer(key, row_of(group, i), value.as.integer))
        return run->status = furrow__fail(&run->error, FURROW_INVALID,
                                          "\"%s\": the assigned \"%s\" does not fit its field",
                                          model->table, key->name);
    furrow__field_set_integer(key, group->sent + i * model->size, value.as.integer);
    return FURROW_OK;
}

/* Whose key is which does not matter, as long as each has one. */
static furrow_status draw_keys(furrow_session *s, const struct furrow__group *group)
{
    furrow__run run;
    furrow_value count = {.type = FURROW_TYPE_INT64, .as.integer = (int64_t)group->count};
    size_t read = 0;
    bool row = true;
    if (furrow__run_verb(&run, s, group->shape->model, FURROW__VERB_DRAW_KEYS, render_draw,
                         group->shape->model) == FURROW_OK)
        run.status = s->driver->bind(run.statement, 0, NULL, &count, &run.error);
    furrow__run_execute(&run);
    while (furrow__run_step(&run, &row) == FURROW_OK && row)
        read_key(&run, group, read++);
    if (run.status == FURROW_OK && read != group->count)
        run.status = furrow__fail(&run.error, FURROW_DATABASE, "\"%s\": %zu keys of %zu were drawn",
                                  group->shape->model->table, read, group->count);
    return furrow__run_end(&run);
}

/* Send an assigned key that alone would come back, if the rows are many. */
static void add_drawn_key(furrow__shape *keyed, const furrow__shape *shape, size_t count)
{
    *keyed = *shape;
    if (count <= FEW || shape->returned_count != 1 ||
        !(shape->returned[0]->flags & FURROW_COLUMN_ASSIGNED))
        return;
    keyed->keys_drawn = true;
    keyed->sent[keyed->sent_count++] = shape->returned[0];
    keyed->returned_count = 0;
}

/* ---- groups ---- */

static furrow_status insert_group(furrow_session *s, const furrow__shape *shape, char *rows,
                                  char *sent, const size_t *index, size_t count)
{
    furrow__shape keyed;
    size_t size = shape->model->size;
    add_drawn_key(&keyed, shape, count);
    furrow_status status = furrow__shape_check_rows(s, shape, sent, count);
    for (size_t first = 0; first < count && !status; first += CHUNK) {
        size_t left = count - first;
        struct furrow__group group = {&keyed, rows,  sent + first * size,
                                      index,  first, left < CHUNK ? left : CHUNK};
        if (keyed.keys_drawn)
            status = draw_keys(s, &group);
        if (!status)
            status = insert_chunk(s, &group);
    }
    return status;
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
    for (size_t i = 0; i < 2 * count && !status; i++) {
        size_t at = i % count;
        bool assigned = i >= count;
        if (done[at] || furrow__assigns_key(model, rows + at * model->size) != assigned)
            continue;
        furrow__shape_columns(&shape, model, zeros[at]);
        if (has_chosen_key(&shape) || !shape.sent_count)
            status = furrow__insert_row(s, &shape, rows + at * model->size);
        else
            status = insert_gathered(s, &shape, rows, zeros, done, at, count);
    }
    furrow__release(done);
    return status;
}
