/* SPDX-License-Identifier: MIT
 *
 * insert_many. Rows are grouped by shape, in any order, so that a call needs one statement for each
 * shape (and for each 10,000 rows). If the dialect can unnest arrays, a group is sent as one array
 * for each column. Otherwise the driver reads the rows from memory if it can (memory.c). If it
 * cannot, the rows are sent one by one through a prepared statement. For arrays, and for a driver
 * that reads memory, rows must be at equal distances, so rows of a group that are not adjacent are
 * copied first.
 */
#include "runtime/write/bulk.h"
#include "runtime/session/field.h"

enum {
    CHUNK = 10000
}; /* largest number of rows of one statement; limits the memory of the arrays */

bool furrow__bulk_is_possible(const furrow_session *s)
{
    return furrow__dialect_has_unnest(s->dialect);
}

static bool is_assigned(const furrow_column *c)
{
    return (c->flags & FURROW_COLUMN_ASSIGNED) != 0;
}

/* Returns true if the statement returns no column and the model has no assigned key. Without an
 * assigned key, there is no sequence to advance past the keys that the program gave. */
static bool is_plain(const furrow__shape *shape)
{
    return !shape->returned_count && shape->model->assigned == FURROW_NO_COLUMN;
}

/* Returns whether the assigned key is the only column that the statement returns. */
static bool gives_keys(const furrow__shape *shape)
{
    return shape->returned_count == 1 && is_assigned(shape->returned[0]);
}

static void render(furrow__buffer *out, furrow_session *s, const void *context)
{
    const furrow__shape *shape = context;
    furrow__insert insert = {.model = shape->model,
                             .sent = {shape->sent, shape->sent_count},
                             .returned = {shape->returned, shape->returned_count}};
    if (is_plain(shape))
        furrow__sql_insert_arrays(out, s->dialect, &insert);
    else if (gives_keys(shape))
        furrow__sql_insert_drawn(out, s->dialect, &insert);
    else
        furrow__sql_insert_many(out, s->dialect, &insert);
}

static furrow_status bind(furrow__run *run, const struct furrow__group *group)
{
    const furrow__shape *shape = group->shape;
    furrow_value count = {.type = FURROW_TYPE_INT64, .as.integer = (int64_t)group->count};
    if (!shape->sent_count)
        run->status = run->s->driver->bind(run->statement, 0, NULL, &count, &run->error);
    for (size_t i = 0; i < shape->sent_count && run->status == FURROW_OK; i++) {
        const furrow_column *c = shape->sent[i];
        ptrdiff_t has =
            c->flags & FURROW_COLUMN_OPT ? (ptrdiff_t)c->has_offset - (ptrdiff_t)c->offset : 0;
        run->status = run->s->driver->bind_array(run->statement, (int)i,
                                                 &(furrow_array){.column = c,
                                                                 .first = group->sent + c->offset,
                                                                 .stride = shape->model->size,
                                                                 .has_offset = has,
                                                                 .count = group->count},
                                                 &run->error);
    }
    return run->status;
}

furrow_status furrow__bulk_check(furrow__run *run, const struct furrow__group *group,
                                 uint64_t inserted)
{
    if (run->status || inserted == group->count)
        return run->status;
    return furrow__fail_cancelled(run, group->shape->model, "not inserted");
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
        run->status =
            run->s->driver->read_value(run->statement, 0, &ordinal, &run->s->scratch, &run->error);
        if (run->status)
            break;
        size_t n = (size_t)ordinal.as.integer - (size_t)base - 1;
        if (n >= group->count)
            return run->status = furrow__fail(&run->error, FURROW_DATABASE,
                                              "%s: the statement returned a row that was not sent",
                                              FURROW__QUOTED(shape->model->table));
        run->status = run->s->driver->read_row(
            run->statement, (furrow_column_list){columns, shape->returned_count + 1},
            furrow__group_row(group, n), &run->s->arena, &run->error);
        read++;
    }
    return furrow__bulk_check(run, group, read);
}

/* Reads the assigned keys, which the statement returns in the order of the rows. The statement
 * returns no keys unless all rows were inserted. */
static void read_keys(furrow__run *run, const struct furrow__group *group)
{
    const furrow_model *model = group->shape->model;
    const furrow_column *key = group->shape->returned[0];
    size_t read = 0;
    furrow_value value;
    for (bool row = true; !furrow__run_step(run, &row) && row; read++) {
        run->status =
            run->s->driver->read_value(run->statement, 0, &value, &run->s->scratch, &run->error);
        if (run->status)
            return;
        if (read >= group->count || value.type != FURROW_TYPE_INT64)
            break;
        if (!furrow__field_set_integer(key, furrow__group_row(group, read), value.as.integer))
            run->status = furrow__fail(
                &run->error, FURROW_INVALID,
                "%s: the value that the database assigned to %s does not fit in its field",
                FURROW__QUOTED(model->table), FURROW__QUOTED(key->name));
    }
    furrow__bulk_check(run, group, read);
}

static furrow_status insert_chunk(furrow_session *s, const struct furrow__group *group)
{
    furrow__run run;
    const furrow__shape *shape = group->shape;
    uint64_t changed, tag = FURROW__VERB_INSERT_MANY | shape->zeros << 8;
    if (furrow__run_verb(&run, s, &(furrow__verb_statement){shape->model, tag, render, shape}) ==
            FURROW_OK &&
        bind(&run, group) == FURROW_OK) {
        if (!shape->returned_count) {
            furrow__run_all(&run, &changed);
            furrow__bulk_check(&run, group, changed);
        } else if (furrow__run_execute(&run) == FURROW_OK) {
            if (gives_keys(shape))
                read_keys(&run, group);
            else
                furrow__bulk_read(&run, group, 0);
        }
    }
    return furrow__run_end(&run);
}

/* Returns true if the returned rows cannot be matched with the rows of the call, because the
 * database chooses keys that do not come from a sequence. */
static bool has_chosen_key(const furrow__shape *shape)
{
    for (size_t i = 0; i < shape->returned_count; i++)
        if ((shape->returned[i]->flags & FURROW_COLUMN_PRIMARY_KEY) &&
            !is_assigned(shape->returned[i]))
            return true;
    return !shape->sent_count && shape->model->assigned == FURROW_NO_COLUMN;
}

static furrow_status insert_arrays(furrow_session *s, const struct furrow__group *all)
{
    furrow_status status = FURROW_OK;
    for (size_t done = 0; done < all->count && !status; done += CHUNK) {
        struct furrow__group chunk = *all;
        chunk.sent += done * all->shape->model->size;
        chunk.first += done;
        chunk.count = all->count - done < CHUNK ? all->count - done : CHUNK;
        status = insert_chunk(s, &chunk);
    }
    return status;
}

static furrow_status insert_group(furrow_session *s, furrow__shape *shape,
                                  const struct furrow__group *group)
{
    bool done = false;
    furrow_status status = furrow__shape_check_rows(s, shape, group->sent, group->count);
    if (status)
        return status;
    if (furrow__bulk_is_possible(s) && !has_chosen_key(shape))
        return insert_arrays(s, group);
    if (group->count > 1 && furrow__memory_is_possible(s, shape))
        status = furrow__memory_insert(s, group, &done);
    return status || done ? status : furrow__insert_each(s, shape, group);
}

/* The rows of a call, and for each row a mark that it has been inserted. */
struct rows {
    char *rows;
    const uint64_t *zeros;
    bool *done;
    size_t count;
    bool in_order; /* rows keep their order, because a row can refer to an earlier row; a group then
                      ends where the shape changes */
};

/* Returns the end of the group that begins at `start`. *found receives the number of its rows. */
static size_t end_of(const struct rows *all, size_t start, size_t *found)
{
    size_t end = start;
    *found = 0;
    for (size_t i = start; i < all->count; i++)
        if (all->zeros[i] == all->zeros[start]) {
            ++*found;
            end = i + 1;
        } else if (all->in_order) {
            break;
        }
    return end;
}

static furrow_status insert_from(furrow_session *s, const furrow_model *model, struct rows *all,
                                 size_t start)
{
    furrow__shape shape;
    size_t found, size = model->size, end = end_of(all, start, &found);
    furrow__shape_columns(&shape, model, all->zeros[start]);
    struct furrow__group group = {&shape, all->rows, all->rows + start * size, NULL, start, found};
    if (end - start == found) {
        memset(all->done + start, true, found);
        return insert_group(s, &shape, &group);
    }
    size_t *index = furrow__allocate_zeroed(found, sizeof *index);
    char *copy = furrow__allocate_zeroed(found, size);
    furrow_status status = FURROW_OK;
    if (!index || !copy) {
        status = furrow__session_no_memory(s);
    } else {
        size_t n = 0;
        for (size_t i = start; i < end; i++)
            if (all->zeros[i] == shape.zeros) {
                memcpy(copy + n * size, all->rows + i * size, size);
                all->done[i] = true;
                index[n++] = i;
            }
        group.sent = copy;
        group.index = index;
        group.first = 0;
        status = insert_group(s, &shape, &group);
    }
    furrow__release(index);
    furrow__release(copy);
    return status;
}

/* Returns whether the model references itself, so that a row can refer to an earlier row of the
 * call. */
static bool refers_to_itself(const furrow_model *model)
{
    for (size_t i = 0; i < model->foreign_key_count; i++)
        if (model->foreign_keys[i].target == model)
            return true;
    return false;
}

furrow_status furrow__bulk_insert(furrow_session *s, const furrow_model *model, char *rows,
                                  const uint64_t *zeros, size_t count)
{
    furrow_status status = FURROW_OK;
    struct rows all = {rows, zeros, furrow__allocate_zeroed(count, sizeof(bool)), count,
                       !furrow__bulk_is_possible(s) && refers_to_itself(model)};
    if (!all.done)
        return furrow__session_no_memory(s);
    for (size_t i = 0; i < 2 * count && !status; i++) {
        size_t at = i % count;
        bool assigned = i >= count;
        if (!all.done[at] && furrow__assigns_key(model, rows + at * model->size) == assigned)
            status = insert_from(s, model, &all, at);
    }
    furrow__release(all.done);
    return status;
}
