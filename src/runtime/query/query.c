/* SPDX-License-Identifier: MIT
 *
 * Typed queries: find, first, count, exists, aggregates, explain, update_where, delete_where. Each
 * function copies its options, renders them as SQL with src/sql, and runs the statement.
 */
#include <stdio.h>

#include "runtime/query/load.h"
#include "runtime/query/page.h"
#include "runtime/query/select.h"
#include "runtime/session/pattern.h"
#include "runtime/session/rows.h"
#include "runtime/session/use.h"

#define SLOTS(array) (sizeof(array) / sizeof *(array))

static furrow_status start_find(const furrow_model *model, struct furrow_find_options *o)
{
    furrow_session *s = o->s;
    furrow_status status = o->lock ? furrow__session_start_write(s) : furrow__session_start(s);
    if (status || (status = furrow__check_model(s, model)))
        return status;
    if (!o->out)
        return furrow__session_failf(s, FURROW_INVALID, "a query of \"%s\": the result is NULL",
                                     model->name);
    return FURROW_OK;
}

static furrow_path_list paths_of(const struct furrow_find_options *o)
{
    return (furrow_path_list){o->with, SLOTS(o->with)};
}

/* Loads the relationships of `.with`. If that fails, the list is emptied. */
static furrow_status load_with(furrow_session *s, const furrow_model *model,
                               const struct furrow_find_options *o, void *list)
{
    furrow__list rows;
    memcpy(&rows, list, sizeof rows);
    furrow__load_start start = {&s->arena, model, rows.items, rows.count};
    furrow_status status = furrow__load_paths(s, &start, paths_of(o));
    if (status)
        furrow__clear_list(list);
    return status;
}

static furrow_status run_find(const furrow_model *model, const struct furrow_find_options *o,
                              void *list)
{
    furrow_session *s = o->s;
    furrow__sql sql;
    furrow__select select = furrow__select_of(model, o);
    furrow_status status = furrow__render_select(s, &sql, &select);
    if (status)
        return status;
    const furrow_column *const *columns = furrow__all_columns(s, model);
    if (!columns) {
        furrow__buffer_done(&sql.text);
        return furrow__session_no_memory(s);
    }
    furrow__run run;
    furrow__run_sql(&run, s, &sql);
    run.model = model;
    furrow__run_execute(&run);
    furrow__read_list(&run, list, model, columns, model->column_count);
    furrow__buffer_done(&sql.text);
    return furrow__run_end(&run);
}

/* Finds the rows of a page and loads their relationships. If a relationship cannot be loaded, the
 * page's cursors are cleared. */
static furrow_status find_with(const furrow_model *model, const struct furrow_find_options *o,
                               void *list)
{
    furrow_status status = furrow__check_with(o->s, model, paths_of(o));
    if (status == FURROW_OK)
        status = furrow__is_page(o) ? furrow__find_page(model, o, list) : run_find(model, o, list);
    if (status == FURROW_OK && furrow__has_paths(paths_of(o)))
        status = load_with(o->s, model, o, list);
    if (status && o->page)
        *o->page = (furrow_page){0};
    return status;
}

furrow_status furrow_model_find(const furrow_model *model, size_t size, const void *options)
{
    struct furrow_find_options o;
    furrow__copy_struct(&o, sizeof o, options, size);
    furrow__clear_list(o.out);
    if (o.page)
        *o.page = (furrow_page){0};
    FURROW__USE(o.s, FURROW_INVALID);
    furrow_status status = start_find(model, &o);
    return status ? status : find_with(model, &o, o.out);
}

furrow_status furrow_model_first(const furrow_model *model, size_t size, const void *options)
{
    struct furrow_find_options o;
    furrow__copy_struct(&o, sizeof o, options, size);
    furrow__clear_pointer(o.out);
    FURROW__USE(o.s, FURROW_INVALID);
    furrow_status status = start_find(model, &o);
    if (status || (status = furrow__page_refuse(o.s, model, &o, "first")))
        return status;
    furrow__list list = {0};
    if (!o.limit)
        o.limit = 1;
    status = find_with(model, &o, &list);
    if (status == FURROW_OK && !list.count)
        return FURROW_NOT_FOUND;
    if (status == FURROW_OK)
        memcpy(o.out, &list.items[0], sizeof(void *));
    return status;
}

/* A nullable column for a single result, and the struct whose field receives the result. */
struct answer {
    bool has;
    union {
        int64_t integer;
        double real;
        float single;
        const char *text;
        furrow_decimal decimal;
        furrow_time time;
        furrow_date date;
        int16_t small;
        int32_t medium;
    } value;
};

static furrow_column answer_column(const furrow_column *source, furrow_type type)
{
    furrow_column c = {0};
    if (source)
        c = *source;
    c.type = (uint8_t)type;
    c.flags = FURROW_COLUMN_NULLABLE | FURROW_COLUMN_OPT;
    c.offset = offsetof(struct answer, value);
    c.has_offset = offsetof(struct answer, has);
    c.size = type == FURROW_TYPE_DOUBLE || type == FURROW_TYPE_INT64 ? 8 : c.size;
    c.max_length = c.min_length = 0;
    c.precision = 0;                /* a sum can have more digits than the column */
    if (type == FURROW_TYPE_TEXT) { /* a NULL pointer means NULL */
        c.flags = FURROW_COLUMN_NULLABLE;
        c.size = sizeof(char *);
    }
    if (!c.name)
        c.name = c.field = "count";
    return c;
}

static furrow_status run_answer(furrow_session *s, const furrow__select *select,
                                const furrow_column *column, struct answer *answer)
{
    furrow__sql sql;
    memset(answer, 0, sizeof *answer);
    furrow_status status = furrow__render_select(s, &sql, select);
    if (status)
        return status;
    furrow__run run;
    bool row;
    furrow__run_sql(&run, s, &sql);
    run.model = select->model;
    furrow__run_execute(&run);
    furrow__run_step(&run, &row);
    if (row)
        run.status = s->driver->read_row(run.statement, (furrow_column_list){&column, 1}, answer,
                                         &s->arena, &run.error);
    furrow__buffer_done(&sql.text);
    return furrow__run_end(&run);
}

static furrow_status count_or_exists(const furrow_model *model,
                                     const struct furrow_count_options *o, furrow__select_what what,
                                     int64_t *result)
{
    *result = 0;
    FURROW__USE(o->s, FURROW_INVALID);
    furrow_status status = furrow__session_start(o->s);
    if (status || (status = furrow__check_model(o->s, model)))
        return status;
    if (!o->out)
        return furrow__session_failf(o->s, FURROW_INVALID, "a query of \"%s\": the result is NULL",
                                     model->name);
    furrow__select select = {
        .model = model, .what = what, .where = o->where, .where_count = SLOTS(o->where)};
    furrow_column column =
        answer_column(NULL, what == FURROW__SELECT_EXISTS ? FURROW_TYPE_BOOL : FURROW_TYPE_INT64);
    column.model = model;
    if (what == FURROW__SELECT_EXISTS)
        column.size = 1;
    struct answer answer;
    status = run_answer(o->s, &select, &column, &answer);
    if (status == FURROW_OK) {
        bool any;
        memcpy(&any, &answer.value, sizeof any);
        *result = what == FURROW__SELECT_EXISTS ? any : answer.value.integer;
    }
    return status;
}

furrow_status furrow_model_count(const furrow_model *model, size_t size, const void *options)
{
    struct furrow_count_options o;
    int64_t count;
    furrow__copy_struct(&o, sizeof o, options, size);
    furrow_status status = count_or_exists(model, &o, FURROW__SELECT_COUNT, &count);
    if (o.out)
        memcpy(o.out, &count, sizeof count);
    return status;
}

furrow_status furrow_model_exists(const furrow_model *model, size_t size, const void *options)
{
    struct furrow_count_options o;
    int64_t result;
    furrow__copy_struct(&o, sizeof o, options, size);
    furrow_status status = count_or_exists(model, &o, FURROW__SELECT_EXISTS, &result);
    bool exists = result != 0;
    if (o.out)
        memcpy(o.out, &exists, sizeof exists);
    return status;
}

/* Returns the type of the result of an aggregate over a column. */
static furrow_type aggregate_type(furrow_aggregate aggregate, const furrow_column *c)
{
    bool is_real = c->type == FURROW_TYPE_FLOAT || c->type == FURROW_TYPE_DOUBLE;
    if (aggregate == FURROW_AGGREGATE_AVG)
        return FURROW_TYPE_DOUBLE;
    if (aggregate == FURROW_AGGREGATE_SUM)
        return c->type == FURROW_TYPE_DECIMAL ? FURROW_TYPE_DECIMAL
               : is_real                      ? FURROW_TYPE_DOUBLE
                                              : FURROW_TYPE_INT64;
    return c->type == FURROW_TYPE_CHARS ? FURROW_TYPE_TEXT : (furrow_type)c->type;
}

/* Returns the size of the caller's variable for the result. */
static size_t result_size(furrow_type type, const furrow_column *c)
{
    return type == FURROW_TYPE_TEXT                                  ? sizeof(char *)
           : type == FURROW_TYPE_ENUM                                ? sizeof(int)
           : type == FURROW_TYPE_INT64 || type == FURROW_TYPE_DOUBLE ? 8
                                                                     : c->size;
}

furrow_status furrow_model_aggregate(const furrow_model *model, furrow_aggregate aggregate,
                                     size_t size, const void *options)
{
    struct furrow_aggregate_options o;
    furrow__copy_struct(&o, sizeof o, options, size);
    const furrow_column *source = o.column.column;
    furrow_type type = source ? aggregate_type(aggregate, source) : FURROW_TYPE_NULL;
    if (o.out && source)
        memset(o.out, 0, result_size(type, source));
    FURROW__USE(o.s, FURROW_INVALID);
    furrow_status status = furrow__session_start(o.s);
    if (status || (status = furrow__check_model(o.s, model)))
        return status;
    if (!o.out || !source)
        return furrow__session_failf(o.s, FURROW_INVALID, "an aggregate of \"%s\": the %s is NULL",
                                     model->name, o.out ? "column" : "result");
    furrow__select select = {.model = model,
                             .what = FURROW__SELECT_AGGREGATE,
                             .aggregate = aggregate,
                             .column = source,
                             .where = o.where,
                             .where_count = SLOTS(o.where)};
    /* The least and the greatest value of an enum are computed as integers. */
    furrow_column column =
        answer_column(source, type == FURROW_TYPE_ENUM ? FURROW_TYPE_INT64 : type);
    struct answer answer;
    status = run_answer(o.s, &select, &column, &answer);
    if (status != FURROW_OK)
        return status;
    if (type == FURROW_TYPE_DECIMAL && !answer.has)
        answer.value.decimal = (furrow_decimal){0, source->scale};
    if (type == FURROW_TYPE_ENUM)
        memcpy(o.out, &(uint32_t){(uint32_t)answer.value.integer}, sizeof(uint32_t));
    else
        memcpy(o.out, &answer.value, result_size(type, source));
    return FURROW_OK;
}

/* Executes the statement and appends its last column to `text`, one line for each row. */
static void read_plan(furrow__run *run, furrow__buffer *text)
{
    furrow_session *s = run->s;
    bool row = true;
    furrow__run_execute(run);
    while (run->status == FURROW_OK && row) {
        furrow_value line;
        furrow__run_step(run, &row);
        if (!row || run->status)
            break;
        run->status = s->driver->read_value(run->statement, run->statement->column_count - 1, &line,
                                            &s->scratch, &run->error);
        if (run->status == FURROW_OK && line.type == FURROW_TYPE_TEXT)
            furrow__buffer_format(text, "%s\n", line.as.text);
    }
}

/* Runs a statement that returns a plan. *plan receives the plan, which belongs to the session.
 * After a failure *plan is unchanged. */
static furrow_status run_explain(furrow_session *s, const furrow__sql *sql, const char **plan)
{
    furrow__run run;
    furrow__buffer text = {0};
    furrow__run_sql(&run, s, sql);
    read_plan(&run, &text);
    if (run.status == FURROW_OK) {
        const char *copy =
            text.failed ? NULL
                        : furrow__arena_text(&s->arena, furrow__buffer_text(&text), text.size);
        if (copy)
            *plan = copy;
        else
            run.status = furrow__fail(&run.error, FURROW_NOMEM, "out of memory");
    }
    furrow__buffer_done(&text);
    return furrow__run_end(&run);
}

furrow_status furrow_model_explain(const furrow_model *model, size_t size, const void *options)
{
    struct furrow_find_options o;
    furrow__copy_struct(&o, sizeof o, options, size);
    furrow_session *s = o.s;
    const char *plan = "";
    if (o.out)
        memcpy(o.out, &plan, sizeof plan);
    FURROW__USE(s, FURROW_INVALID);
    furrow_status status = furrow__session_start(s);
    if (status || (status = furrow__check_model(s, model)))
        return status;
    if (!o.out)
        return furrow__session_failf(s, FURROW_INVALID,
                                     "explain of model \"%s\": the result is NULL", model->name);
    furrow__sql sql;
    furrow__page page = {0};
    status = furrow__render_find(s, &sql, model, &o, &page);
    if (status)
        return status;
    furrow__sql explain = sql;
    explain.text = (furrow__buffer){0};
    furrow__buffer_add_text(&explain.text, furrow__dialect_explain(s->dialect));
    furrow__buffer_add(&explain.text, sql.text.text, sql.text.size);
    furrow__buffer_done(&sql.text);
    status = run_explain(s, &explain, &plan);
    furrow__buffer_done(&explain.text);
    memcpy(o.out, &plan, sizeof plan);
    return status;
}

/* Runs a rendered UPDATE or DELETE. `changed` may be NULL. */
static furrow_status run_change(furrow_session *s, const furrow_model *model,
                                const furrow__sql *sql, uint64_t *changed)
{
    furrow__run run;
    furrow__run_sql(&run, s, sql);
    run.model = model;
    furrow__run_all(&run, changed);
    return furrow__run_end(&run);
}

furrow_status furrow_model_update_where(const furrow_model *model, size_t size, const void *options)
{
    struct furrow_update_where_options o;
    furrow__copy_struct(&o, sizeof o, options, size);
    if (o.changed)
        *o.changed = 0;
    FURROW__USE(o.s, FURROW_INVALID);
    furrow_status status = furrow__session_start_write(o.s);
    if (status || (status = furrow__check_model(o.s, model)))
        return status;
    furrow_error error = {0};
    furrow__sql sql = {.arena = &o.s->scratch};
    furrow__change_where change = {.model = model,
                                   .set = o.set,
                                   .set_count = SLOTS(o.set),
                                   .where = o.where,
                                   .where_count = SLOTS(o.where),
                                   .all_rows = o.all_rows,
                                   .now = furrow__session_now(o.s)};
    status = furrow__sql_update_where(&sql, o.s->dialect, &change, &error);
    if (!status)
        status = furrow__check_set_patterns(o.s, o.set, SLOTS(o.set), &error);
    if (status)
        furrow__session_fail(o.s, &error);
    else
        status = run_change(o.s, model, &sql, o.changed);
    furrow__buffer_done(&sql.text);
    return status;
}

furrow_status furrow_model_delete_where(const furrow_model *model, size_t size, const void *options)
{
    struct furrow_delete_where_options o;
    furrow__copy_struct(&o, sizeof o, options, size);
    if (o.changed)
        *o.changed = 0;
    FURROW__USE(o.s, FURROW_INVALID);
    furrow_status status = furrow__session_start_write(o.s);
    if (status || (status = furrow__check_model(o.s, model)))
        return status;
    furrow_error error = {0};
    furrow__sql sql = {.arena = &o.s->scratch};
    furrow__change_where change = {
        .model = model, .where = o.where, .where_count = SLOTS(o.where), .all_rows = o.all_rows};
    status = furrow__sql_delete_where(&sql, o.s->dialect, &change, &error);
    if (status)
        furrow__session_fail(o.s, &error);
    else
        status = run_change(o.s, model, &sql, o.changed);
    furrow__buffer_done(&sql.text);
    return status;
}

const furrow_column *furrow_model_column(const furrow_model *model, const char *name)
{
    for (size_t i = 0; name && i < model->column_count; i++)
        if (strcmp(model->columns[i].field, name) == 0 || strcmp(model->columns[i].name, name) == 0)
            return &model->columns[i];
    return NULL;
}

void furrow_add_conditions_(furrow_condition *array, size_t size, const furrow_condition *added,
                            size_t count)
{
    size_t used = size;
    while (used && furrow__is_empty_condition(&array[used - 1]))
        used--;
    if (size < 1 || used + count > size - 1) {
        if (size)
            array[size - 1].value.op = FURROW_OP_TOO_MANY_;
        return;
    }
    memcpy(array + used, added, count * sizeof *added);
}

void furrow_add_ordering_(furrow_ordering *array, size_t size, furrow_ordering added)
{
    size_t used = size;
    while (used && furrow__is_empty_ordering(&array[used - 1]))
        used--;
    if (used < size)
        array[used] = added; /* a query rejects the list if its last slot is not empty */
}

void furrow_add_assignment_(furrow_assignment *array, size_t size, furrow_assignment added)
{
    size_t used = size;
    while (used && furrow__is_empty_assignment(&array[used - 1]))
        used--;
    if (used < size)
        array[used] = added;
}
