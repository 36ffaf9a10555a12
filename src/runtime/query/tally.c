/* SPDX-License-Identifier: MIT
 *
 * Counts related rows, or sums one of their columns, for each row of a list. One statement is
 * enough for any number of rows, and the related rows are not loaded.
 */
#include "runtime/query/parents.h"
#include "runtime/session/rows.h"
#include "runtime/session/use.h"

#define SLOTS(array) (sizeof(array) / sizeof *(array))

/* The computation of one number for each row of a list. The rows of the list are called parents. */
typedef struct tally {
    furrow_session *s;
    const furrow_relation *relation;
    const furrow_column *summed;   /* the target's column to sum; NULL to count rows */
    const furrow_condition *where; /* conditions on the target's rows */
    size_t where_count;
    furrow_column number;      /* describes the number as a column: its type and size */
    const furrow_model *model; /* the model whose columns contain the parent's key: the link or,
                                  without one, the target */
    const uint16_t *columns;   /* the columns of that model that contain the parent's key */
    void *const *rows;         /* the parents */
    size_t count;
    char *results; /* the results, one number for each parent */
    furrow__parents parents;
} tally;

/* Stores a number for all parents with this key. */
static void put_number(const tally *t, size_t key, const void *number)
{
    const furrow__parents *p = &t->parents;
    if (key == p->key_count)
        return;
    for (size_t at = p->first[key] + 1; at; at = p->next[at - 1])
        memcpy(t->results + (at - 1) * t->number.size, number, t->number.size);
}

/* Reads the groups. The parent's key is read into a row of the model that contains it. The number
 * is read into the memory that follows this row. */
static furrow_status read_groups(tally *t, furrow__run *run)
{
    const furrow_relation *r = t->relation;
    size_t row_size = (t->model->size + 15) / 16 * 16;
    furrow_column answer = t->number;
    answer.offset = (uint32_t)row_size;
    answer.has_offset = (uint32_t)row_size + 24;
    char *row = furrow__arena_aligned(&t->s->scratch, row_size + 32, 16);
    const furrow_column **columns =
        furrow__arena_aligned(&t->s->scratch, (r->count + 1u) * sizeof *columns, _Alignof(void *));
    bool more = true;
    if (!row || !columns)
        return run->status = furrow__fail(&run->error, FURROW_NOMEM, "out of memory");
    for (size_t i = 0; i < r->count; i++)
        columns[i] = &t->model->columns[t->columns[i]];
    columns[r->count] = &answer;
    while (furrow__run_step(run, &more) == FURROW_OK && more) {
        memset(row, 0, row_size + 32);
        run->status =
            t->s->driver->read_row(run->statement, (furrow_column_list){columns, r->count + 1u},
                                   row, &t->s->scratch, &run->error);
        bool has = row[row_size + 24];
        if (run->status || !has)
            continue;
        put_number(t, furrow__parents_find(&t->parents, row), row + row_size);
    }
    return run->status;
}

static furrow_status run_tally(tally *t, void *const *keys, size_t key_count)
{
    furrow_session *s = t->s;
    const furrow_relation *r = t->relation;
    furrow_error error = {0};
    furrow__sql sql = {.arena = &s->scratch};
    furrow_value *arrays = furrow__key_values(s, r->count);
    if (!arrays)
        return furrow__session_no_memory(s);
    furrow__key_columns near = furrow__near_key(r);
    furrow_status status = furrow__key_arrays(s, arrays, &near, keys, key_count);
    if (status)
        return status;
    furrow__tally asked = {.relation = r,
                           .summed = t->summed,
                           .where = t->where,
                           .where_count = t->where_count,
                           .keys = arrays};
    if (furrow__sql_tally(&sql, s->dialect, &asked, &error)) {
        furrow__buffer_done(&sql.text);
        return furrow__session_fail(s, &error);
    }
    furrow__run run;
    furrow__run_sql(&run, s, &sql);
    run.model = r->target;
    furrow__run_execute(&run);
    if (run.status == FURROW_OK)
        read_groups(t, &run);
    furrow__buffer_done(&sql.text);
    return furrow__run_end(&run);
}

/* Returns true if the list, the results and all rows are not NULL. */
static bool is_complete(const tally *t, const furrow__list *list)
{
    if (!list || (t->count && (!t->rows || !t->results)))
        return false;
    for (size_t i = 0; i < t->count; i++)
        if (!t->rows[i])
            return false;
    return true;
}

/* Computes the numbers of a tally whose options are set. */
static furrow_status tally_rows(tally *t, const furrow__list *list)
{
    furrow_session *s = t->s;
    const furrow_relation *r = t->relation;
    t->model = r->link ? r->link : r->target;
    t->columns = r->link ? r->link_columns : r->target_columns;
    furrow_status status = furrow__session_start(s);
    if (status || (status = furrow__check_model(s, r->model)))
        return status;
    if (!is_complete(t, list))
        return furrow__session_failf(
            s, FURROW_INVALID, "relationship \"%s\" of model \"%s\": a row or the result is NULL",
            r->field, r->model->name);
    bool grouped = furrow__parents_group(&t->parents, r, t->rows, t->count);
    size_t key_count = t->parents.key_count;
    void **keys = furrow__allocate_zeroed(key_count + 1, sizeof *keys);
    if (!grouped || !keys)
        status = furrow__session_no_memory(s);
    for (size_t k = 0; k < key_count && !status; k++)
        keys[k] = furrow__parents_row(&t->parents, k);
    if (!status && key_count)
        status = run_tally(t, keys, key_count);
    furrow__parents_done(&t->parents);
    furrow__release(keys);
    return status;
}

/* Starts a tally for the rows of a list, which may be NULL. */
static tally start(furrow_session *s, const furrow_relation *relation, const furrow__list *list)
{
    return (tally){.s = s,
                   .relation = relation,
                   .rows = list ? list->items : NULL,
                   .count = list ? list->count : 0};
}

furrow_status furrow_relation_count(const furrow_relation *relation, size_t size,
                                    const void *options)
{
    struct furrow_relation_count_options o;
    furrow__copy_struct(&o, sizeof o, options, size);
    tally t = start(o.s, relation, o.rows);
    t.where = o.where;
    t.where_count = SLOTS(o.where);
    t.results = (char *)o.out;
    t.number = (furrow_column){.name = "count",
                               .field = "count",
                               .model = relation->target,
                               .type = FURROW_TYPE_INT64,
                               .flags = FURROW_COLUMN_NULLABLE | FURROW_COLUMN_OPT,
                               .size = sizeof(int64_t)};
    if (o.out)
        memset(o.out, 0, t.count * sizeof *o.out);
    FURROW__USE(o.s, FURROW_INVALID);
    return tally_rows(&t, o.rows);
}

/* Sets the type and size of a sum, which depend on the column's type. Returns false if the column
 * is not a number. */
static bool sum_column(const furrow_column *source, furrow_column *out)
{
    *out = *source;
    out->flags = FURROW_COLUMN_NULLABLE | FURROW_COLUMN_OPT;
    out->size = 8;
    switch ((furrow_type)source->type) {
    case FURROW_TYPE_INT16:
    case FURROW_TYPE_INT32:
    case FURROW_TYPE_INT64:
        out->type = FURROW_TYPE_INT64;
        return true;
    case FURROW_TYPE_FLOAT:
    case FURROW_TYPE_DOUBLE:
        out->type = FURROW_TYPE_DOUBLE;
        return true;
    case FURROW_TYPE_DECIMAL:
        out->size = sizeof(furrow_decimal);
        return true;
    default:
        return false;
    }
}

/* Checks that a column belongs to a relationship's target and can be summed. */
static furrow_status check_summed(furrow_session *s, const furrow_relation *relation,
                                  const furrow_column *column)
{
    furrow_column number;
    if (!column)
        return furrow__session_failf(
            s, FURROW_INVALID, "relationship \"%s\" of model \"%s\": the column is a NULL pointer",
            relation->field, relation->model->name);
    if (column->model != relation->target || column->flags & FURROW_COLUMN_COUNT)
        return furrow__session_failf(
            s, FURROW_INVALID,
            "relationship \"%s\" of model \"%s\": column %s of model \"%s\" is not a column of "
            "model %s",
            relation->field, relation->model->name, FURROW__QUOTED(column->name),
            column->model->name, FURROW__QUOTED(relation->target->name));
    if (!sum_column(column, &number))
        return furrow__session_failf(
            s, FURROW_INVALID,
            "relationship \"%s\" of model \"%s\": column %s of model \"%s\" is not a number",
            relation->field, relation->model->name, FURROW__QUOTED(column->name),
            column->model->name);
    return FURROW_OK;
}

/* A sum of no rows is zero, with the scale of the column. */
static void clear_sums(tally *t)
{
    furrow_decimal zero = {0, t->number.scale};
    memset(t->results, 0, t->count * t->number.size);
    for (size_t i = 0; t->number.type == FURROW_TYPE_DECIMAL && i < t->count; i++)
        memcpy(t->results + i * sizeof zero, &zero, sizeof zero);
}

furrow_status furrow_relation_sum(const furrow_relation *relation, size_t size, const void *options)
{
    struct furrow_relation_sum_options o;
    furrow__copy_struct(&o, sizeof o, options, size);
    const furrow_column *column = o.column.column;
    tally t = start(o.s, relation, o.rows);
    t.summed = column;
    t.where = o.where;
    t.where_count = SLOTS(o.where);
    t.results = o.out;
    if (column && sum_column(column, &t.number) && t.results)
        clear_sums(&t);
    FURROW__USE(o.s, FURROW_INVALID);
    furrow_status status = furrow__session_start(o.s);
    if (status || (status = check_summed(o.s, relation, column)))
        return status;
    return tally_rows(&t, o.rows);
}
