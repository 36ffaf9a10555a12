/* SPDX-License-Identifier: MIT
 *
 * INSERT of one row and of many.
 *
 * The fields of a row decide which columns are sent. These columns are called the shape of the row.
 * An assigned key of 0 is left out, as is a column with a default whose field has only zero bytes.
 * The statement returns the values that the database chose for the columns that were left out. A
 * column with default(now) is sent with the transaction's time. Rows of one shape share a statement
 * (bulk.c). A returned value is matched to its row by a number or by the key, never by the order of
 * the result.
 *
 * If an insert fails, fields that were zero become zero again.
 */
#include "base/violation.h"
#include "runtime/session/use.h"
#include "runtime/write/bulk.h"
#include "runtime/session/field.h"
#include "runtime/session/pattern.h"

static bool may_be_left_out(const furrow_column *c)
{
    return c->default_ || (c->flags & FURROW_COLUMN_ASSIGNED);
}

static bool is_default_now(const furrow_column *c)
{
    return c->default_ && strcmp(c->default_, "now") == 0;
}

/* The columns that can be left out, in the model's order. Each of them has a bit in the shape. */
struct optional {
    const furrow_model *model;
    size_t count;
    bool has_now; /* at least one column has default(now) */
    const furrow_column *columns[FURROW__SHAPE_BITS];
};

static furrow_status find_optional(furrow_session *s, const furrow_model *model,
                                   struct optional *out)
{
    size_t count = 0;
    furrow_status status = furrow__check_model(s, model);
    if (status)
        return status;
    out->model = model;
    out->has_now = false;
    for (size_t i = 0; i < model->column_count; i++) {
        const furrow_column *c = &model->columns[i];
        if (!may_be_left_out(c))
            continue;
        if (count < FURROW__SHAPE_BITS)
            out->columns[count] = c;
        out->has_now |= is_default_now(c);
        count++;
    }
    out->count = count;
    if (count > FURROW__SHAPE_BITS)
        return furrow__session_failf(
            s, FURROW_INVALID,
            "model \"%s\" has %zu columns with a default, but at most %d are supported",
            model->name, count, FURROW__SHAPE_BITS);
    return FURROW_OK;
}

static uint64_t shape_of(const struct optional *optional, const void *row)
{
    uint64_t zeros = 0;
    for (size_t i = 0; i < optional->count; i++)
        if (furrow__field_is_zero(optional->columns[i], row))
            zeros |= UINT64_C(1) << i;
    return zeros;
}

/* Stores the transaction's time in fields with default(now) that are zero. */
static void set_now(furrow_session *s, const struct optional *optional, void *row, uint64_t zeros)
{
    for (size_t i = 0; optional->has_now && i < optional->count; i++)
        if ((zeros & UINT64_C(1) << i) && is_default_now(optional->columns[i]))
            furrow__field_set_now(optional->columns[i], row, furrow__session_now(s));
}

/* Sets fields to zero again after a failed insert, if they were zero before it. */
static void restore_zeros(const struct optional *optional, void *row, uint64_t zeros)
{
    for (size_t i = 0; i < optional->count; i++) {
        const furrow_column *c = optional->columns[i];
        if (!(zeros & UINT64_C(1) << i))
            continue;
        memset((char *)row + c->offset, 0, c->size);
        if (c->flags & FURROW_COLUMN_OPT)
            memset((char *)row + c->has_offset, 0, sizeof(bool));
    }
}

void furrow__shape_columns(furrow__shape *shape, const furrow_model *model, uint64_t zeros)
{
    uint64_t bit = 1;
    shape->model = model;
    shape->zeros = zeros;
    shape->has_patterns = false;
    shape->sent_count = shape->returned_count = 0;
    for (size_t i = 0; i < model->column_count; i++) {
        const furrow_column *c = &model->columns[i];
        bool left_out = may_be_left_out(c) && (zeros & bit) && !is_default_now(c);
        if (may_be_left_out(c))
            bit <<= 1;
        if (left_out)
            shape->returned[shape->returned_count++] = c;
        else
            shape->sent[shape->sent_count++] = c;
        shape->has_patterns |= c->pattern && !left_out;
    }
}

void furrow__field_set_now(const furrow_column *c, void *row, furrow_time now)
{
    if (c->flags & FURROW_COLUMN_OPT) {
        bool has = true;
        memcpy((char *)row + c->has_offset, &has, sizeof has);
    }
    if (c->type == FURROW_TYPE_DATE) {
        int64_t day = INT64_C(86400000000);
        furrow_date date = {(int32_t)((now.us >= 0 ? now.us : now.us - day + 1) / day)};
        memcpy((char *)row + c->offset, &date, sizeof date);
    } else {
        memcpy((char *)row + c->offset, &now, sizeof now);
    }
}

static void render_insert(furrow__buffer *out, furrow_session *s, const void *context)
{
    const furrow__shape *shape = context;
    furrow__insert insert = {.model = shape->model,
                             .sent = {shape->sent, shape->sent_count},
                             .returned = {shape->returned, shape->returned_count}};
    furrow__sql_insert(out, s->dialect, &insert);
}

furrow_status furrow__fail_cancelled(furrow__run *run, const furrow_model *model, const char *what)
{
    furrow__fail(&run->error, FURROW_CHECK, "%s: a row was %s", FURROW__QUOTED(model->table), what);
    furrow__copy_text(run->error.table, sizeof run->error.table, model->table);
    return run->status = furrow__hint(&run->error, FURROW__CANCELLED_HINT);
}

/* Reads the values that the database chose for the fields that were left out. Returns whether a row
 * was inserted. */
static bool read_chosen(furrow__run *run, const furrow__shape *shape, void *row)
{
    bool more = true, found = false;
    while (run->status == FURROW_OK && more) {
        run->status = run->s->driver->step(run->statement, &more, &run->error);
        if (run->status == FURROW_OK && more)
            run->status = run->s->driver->read_row(
                run->statement, (furrow_column_list){shape->returned, shape->returned_count}, row,
                &run->s->arena, &run->error);
        found |= more;
    }
    return shape->returned_count ? found : run->statement->changed > 0;
}

/* Returns the column of the assigned key if no RETURNING is needed, otherwise NULL. RETURNING is
 * not needed if the statement returns only this column and the driver knows the last assigned key.
 */
static const furrow_column *key_by_driver(const furrow_session *s, furrow__shape *shape)
{
    if (!s->driver->last_key || shape->returned_count != 1 ||
        !(shape->returned[0]->flags & FURROW_COLUMN_ASSIGNED))
        return NULL;
    shape->returned_count = 0;
    return shape->returned[0];
}

furrow_status furrow__check_key_is_assigned(furrow__run *run, const furrow_model *model)
{
    const furrow_driver *driver = run->s->driver;
    const furrow_column *key = &model->columns[model->assigned];
    bool assigned = true;
    if (run->status == FURROW_OK && driver->assigned_key)
        run->status = driver->assigned_key(run->statement, key, &assigned, &run->error);
    if (run->status == FURROW_OK && !assigned)
        run->status = furrow__violation_not_null(&run->error, model->table, key->name);
    return run->status;
}

static bool leaves_out_key(const furrow__shape *shape)
{
    for (size_t i = 0; i < shape->returned_count; i++)
        if (shape->returned[i]->flags & FURROW_COLUMN_ASSIGNED)
            return true;
    return false;
}

/* Inserts one row. If a call inserts several rows and counts as one statement, `is_more` is true
 * for all rows but the first. */
static furrow_status run_insert(furrow_session *s, const furrow__shape *shape,
                                const furrow_column *key, void *row, bool is_more)
{
    furrow__run run;
    uint64_t tag = FURROW__VERB_INSERT | shape->zeros << 8;
    if (furrow__run_verb(&run, s,
                         &(furrow__verb_statement){shape->model, tag, render_insert, shape}) ==
            FURROW_OK &&
        furrow__run_bind_row(&run, 0, shape->sent, shape->sent_count, row) == FURROW_OK) {
        furrow__run_execute(&run);
        if (key || leaves_out_key(shape))
            furrow__check_key_is_assigned(&run, shape->model);
        bool inserted = read_chosen(&run, shape, row);
        if (run.status == FURROW_OK && !inserted)
            furrow__fail_cancelled(&run, shape->model, "not inserted");
        else if (run.status == FURROW_OK && key &&
                 !furrow__field_set_integer(key, row, s->driver->last_key(s->pooled->connection)))
            run.status = furrow__fail(
                &run.error, FURROW_INVALID,
                "%s: the value that the database assigned to %s does not fit in its field",
                FURROW__QUOTED(shape->model->table), FURROW__QUOTED(key->name));
    }
    run.is_counted = is_more;
    return furrow__run_end(&run);
}

furrow_status furrow__check_written(furrow_session *s, const furrow_column *const *columns,
                                    size_t count, const void *row)
{
    furrow_error error; /* initialized only if a check fails, because clearing the struct costs more
                           than the checks */
    if (furrow__check_row(columns, count, row, &error) ||
        furrow__check_patterns(s, columns, count, row, &error))
        return furrow__session_fail(s, &error);
    return FURROW_OK;
}

furrow_status furrow__shape_check(furrow_session *s, const furrow__shape *shape, const void *row)
{
    furrow_error error;
    if (furrow__check_row(shape->sent, shape->sent_count, row, &error) ||
        (shape->has_patterns &&
         furrow__check_patterns(s, shape->sent, shape->sent_count, row, &error)))
        return furrow__session_fail(s, &error);
    return FURROW_OK;
}

furrow_status furrow__shape_check_rows(furrow_session *s, const furrow__shape *shape,
                                       const char *rows, size_t count)
{
    const furrow_column *checked[FURROW__MAX_COLUMNS];
    size_t checked_count = furrow__columns_to_check(shape->sent, shape->sent_count, checked);
    furrow_error error;
    for (size_t i = 0; i < count; i++, rows += shape->model->size)
        if (furrow__check_row(checked, checked_count, rows, &error) ||
            (shape->has_patterns &&
             furrow__check_patterns(s, shape->sent, shape->sent_count, rows, &error)))
            return furrow__session_fail(s, &error);
    return FURROW_OK;
}

/* If the keys come from a separate sequence, the sequence must be advanced past a key that the
 * program gave. */
static bool must_advance_key(const furrow_session *s, const furrow_model *model, const void *row)
{
    return model->assigned != FURROW_NO_COLUMN && furrow__bulk_is_possible(s) &&
           furrow__field_integer(&model->columns[model->assigned], row) != 0;
}

furrow_status furrow_model_insert(furrow_session *s, const furrow_model *model, void *row)
{
    FURROW__USE(s, FURROW_INVALID);
    furrow_status status = furrow__session_start_write(s);
    if (status)
        return status;
    if (!row)
        return furrow__session_failf(s, FURROW_INVALID, "insert of model \"%s\": the row is NULL",
                                     model->name);
    struct optional optional;
    status = find_optional(s, model, &optional);
    if (status)
        return status;

    if (must_advance_key(s, model, row))
        return furrow_model_insert_many(s, model, row, 1);
    furrow__shape shape;
    furrow__shape_columns(&shape, model, shape_of(&optional, row));
    set_now(s, &optional, row, shape.zeros);
    status = furrow__shape_check(s, &shape, row);
    if (!status)
        status = run_insert(s, &shape, key_by_driver(s, &shape), row, false);
    if (status)
        restore_zeros(&optional, row, shape.zeros);
    return status;
}

furrow_status furrow__insert_each(furrow_session *s, furrow__shape *shape,
                                  const struct furrow__group *group)
{
    const furrow_column *key = key_by_driver(s, shape);
    furrow_status status = FURROW_OK;
    for (size_t i = 0; i < group->count && !status; i++)
        status = run_insert(s, shape, key, furrow__group_row(group, i), i > 0);
    return status;
}

bool furrow__assigns_key(const furrow_model *model, const void *row)
{
    return model->assigned != FURROW_NO_COLUMN &&
           furrow__field_integer(&model->columns[model->assigned], row) == 0;
}

furrow_status furrow_model_insert_many(furrow_session *s, const furrow_model *model, void *rows,
                                       size_t count)
{
    FURROW__USE(s, FURROW_INVALID);
    furrow_status status = furrow__session_start_write(s);
    if (status || !count)
        return status;
    struct optional optional;
    status = find_optional(s, model, &optional);
    if (status)
        return status;
    if (!rows)
        return furrow__session_failf(s, FURROW_INVALID,
                                     "insert_many of model \"%s\": the rows are NULL", model->name);
    uint64_t *zeros = furrow__allocate_zeroed(count, sizeof *zeros);
    if (!zeros)
        return furrow__session_no_memory(s);
    for (size_t i = 0; i < count; i++) {
        void *row = (char *)rows + i * model->size;
        zeros[i] = shape_of(&optional, row);
        set_now(s, &optional, row, zeros[i]);
    }
    status = furrow__bulk_insert(s, model, rows, zeros, count);
    if (status)
        for (size_t i = 0; i < count; i++)
            restore_zeros(&optional, (char *)rows + i * model->size, zeros[i]);
    furrow__release(zeros);
    return status;
}
