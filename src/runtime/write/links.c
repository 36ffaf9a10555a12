/* SPDX-License-Identifier: MIT
 *
 * Links of a many-to-many: add, remove, set; and rows counted or summed for each of many parents.
 * One statement each, however many rows; setting links is two where an engine cannot change a table
 * inside WITH (SQLite).
 */
#include "runtime/session/field.h"
#include "runtime/session/key.h"
#include "runtime/session/rows.h"

/* ---- keys of rows as arrays ---- */

/* Some columns of `count` rows as arrays, in the form that furrow_in takes, in scratch memory; the
 * texts are the rows' own. */
static furrow_status gather(furrow_session *s, const furrow_model *model, const uint16_t *columns,
                            size_t column_count, void *const *rows, size_t count,
                            furrow_value *arrays)
{
    for (size_t i = 0; i < column_count; i++) {
        const furrow_column *c = &model->columns[columns[i]];
        bool is_chars = c->type == FURROW_TYPE_CHARS;
        size_t bytes, size = is_chars ? sizeof(char *) : c->size;
        char *at = NULL;
        if (furrow__multiply_size(&bytes, count, size))
            at = furrow__arena_aligned(&s->scratch, bytes ? bytes : 1, 16);
        if (!at)
            return furrow__session_no_memory(s);
        arrays[i] = furrow_value_array_(c, at, size, count);
        for (size_t k = 0; k < count; k++, at += size) {
            const char *field = (const char *)rows[k] + c->offset;
            if (is_chars)
                memcpy(at, &field, size);
            else
                memcpy(at, field, size);
        }
    }
    return FURROW_OK;
}

static furrow_value *values_for(furrow_session *s, size_t count)
{
    return furrow__arena_aligned(&s->scratch, (count + 1) * sizeof(furrow_value),
                                 _Alignof(furrow_value));
}

/* ---- links ---- */

static furrow_status check_rows(furrow_session *s, const furrow_relation *r, const void *row,
                                void *const *targets, size_t count)
{
    const char *model = r->model->name;
    if (r->kind != FURROW_RELATION_THROUGH)
        return furrow__session_failf(
            s, FURROW_INVALID, "relation \"%s\" of model \"%s\" has no links", r->field, model);
    if (!row || (!targets && count))
        return furrow__session_failf(s, FURROW_INVALID,
                                     "links of \"%s\" of model \"%s\": the %s NULL", r->field,
                                     model, row ? "targets are" : "row is");
    if (furrow__key_has_null(r->model, r->columns, r->count, row))
        return furrow__session_failf(s, FURROW_INVALID,
                                     "links of \"%s\" of model \"%s\": the row's key is NULL",
                                     r->field, model);
    for (size_t i = 0; i < count; i++)
        if (!targets[i] ||
            furrow__key_has_null(r->target, r->target_columns, r->link_target_count, targets[i]))
            return furrow__session_failf(
                s, FURROW_INVALID, "links of \"%s\" of model \"%s\": target %zu %s", r->field,
                model, i + 1, targets[i] ? "has a key that is NULL" : "is NULL");
    return FURROW_OK;
}

/* A column of the link that belongs to both keys can hold but one value. */
static furrow_status check_shared(furrow_session *s, const furrow_relation *r, const void *row,
                                  void *const *targets, size_t count)
{
    for (size_t i = 0; i < r->count; i++)
        for (size_t k = 0; k < r->link_target_count; k++) {
            if (r->link_columns[i] != r->link_target_columns[k])
                continue;
            const furrow_column *near = &r->model->columns[r->columns[i]];
            const furrow_column *far = &r->target->columns[r->target_columns[k]];
            furrow_value a = furrow__row_value(near, row);
            for (size_t t = 0; t < count; t++) {
                furrow_value b = furrow__row_value(far, targets[t]);
                if (!furrow__values_are_equal(&a, &b))
                    return furrow__session_failf(
                        s, FURROW_INVALID,
                        "links of \"%s\" of model \"%s\": target %zu has another \"%s\"", r->field,
                        r->model->name, t + 1, far->name);
            }
        }
    return FURROW_OK;
}

/* What the engine did not say of a broken reference: look for the first link that breaks one. */
static void explain(furrow__run *run, const furrow_relation *r, const void *row,
                    void *const *targets, size_t count)
{
    furrow_session *s = run->s;
    void *link;
    if (run->status != FURROW_FOREIGN_KEY || run->error.constraint[0] ||
        !s->driver->explain_violation || !s->pooled->connection->in_transaction ||
        !(link = furrow__arena_aligned(&s->scratch, r->link->size, 16)))
        return;
    for (size_t i = 0; i < count && !run->error.constraint[0]; i++) {
        memset(link, 0, r->link->size);
        for (size_t k = 0; k < r->count; k++)
            furrow__field_carry(&r->link->columns[r->link_columns[k]], link,
                                &r->model->columns[r->columns[k]], row);
        for (size_t k = 0; k < r->link_target_count; k++)
            furrow__field_carry(&r->link->columns[r->link_target_columns[k]], link,
                                &r->target->columns[r->target_columns[k]], targets[i]);
        s->driver->explain_violation(s->pooled->connection, r->link, link, &run->error);
    }
    run->row = link;
}

static furrow_status run_links(furrow_session *s, const furrow_relation *r, furrow__links_verb verb,
                               const furrow_value *near, const furrow_value *far, const void *row,
                               void *const *targets, size_t count)
{
    furrow_error error = {0};
    furrow__sql sql = {.arena = &s->scratch};
    furrow_status status =
        furrow__sql_links(&sql, s->dialect, r, verb, near, far, furrow__session_now(s), &error);
    if (status) {
        furrow__buffer_done(&sql.text);
        return furrow__session_fail(s, &error);
    }
    furrow__run run;
    furrow__run_sql(&run, s, &sql);
    run.model = r->link;
    furrow__run_all(&run, NULL);
    if (verb == FURROW__LINKS_ADD || verb == FURROW__LINKS_SET)
        explain(&run, r, row, targets, count);
    status = furrow__run_end(&run);
    furrow__buffer_done(&sql.text);
    return status;
}

/* The same links from their other end, if the target's model has a member for them. */
static const furrow_relation *other_end(const furrow_relation *r)
{
    for (size_t i = 0; i < r->target->relation_count; i++) {
        const furrow_relation *o = &r->target->relations[i];
        if (o->link == r->link && o->count == r->link_target_count &&
            o->link_target_count == r->count &&
            memcmp(o->link_columns, r->link_target_columns, o->count * sizeof *o->link_columns) ==
                0 &&
            memcmp(o->link_target_columns, r->link_columns, r->count * sizeof *r->link_columns) ==
                0)
            return o;
    }
    return NULL;
}

/* What was loaded of these links is no longer so, at both ends. */
static void forget_loaded(const furrow_relation *r, void *row, void *const *targets, size_t count)
{
    const furrow_relation *other = other_end(r);
    memset((char *)row + r->offset, 0, sizeof(furrow__list));
    for (size_t i = 0; other && i < count; i++)
        memset((char *)targets[i] + other->offset, 0, sizeof(furrow__list));
}

static furrow_status change_links(furrow_session *s, const furrow_relation *r,
                                  furrow__links_verb verb, void *row, void *const *targets,
                                  size_t count)
{
    furrow_status status = furrow__session_start_write(s);
    if (status || (status = furrow__check_model(s, r->model)) ||
        (status = check_rows(s, r, row, targets, count)) ||
        (status = check_shared(s, r, row, targets, count)))
        return status;
    if (!count && verb != FURROW__LINKS_SET)
        return FURROW_OK;
    furrow_value *near = values_for(s, r->count), *far = values_for(s, r->link_target_count);
    if (!near || !far)
        return furrow__session_no_memory(s);
    for (size_t i = 0; i < r->count; i++)
        near[i] = furrow__row_value(&r->model->columns[r->columns[i]], row);
    status = gather(s, r->target, r->target_columns, r->link_target_count, targets, count, far);
    if (!status && verb == FURROW__LINKS_SET && !furrow__dialect_changes_in_with(s->dialect)) {
        status = run_links(s, r, FURROW__LINKS_KEEP, near, far, row, targets, count);
        verb = FURROW__LINKS_ADD;
    }
    if (!status && (count || verb == FURROW__LINKS_SET))
        status = run_links(s, r, verb, near, far, row, targets, count);
    if (!status)
        forget_loaded(r, row, targets, count);
    return status;
}

furrow_status furrow_links_add(furrow_session *s, const furrow_relation *relation, void *row,
                               void *const *targets, size_t count)
{
    return change_links(s, relation, FURROW__LINKS_ADD, row, targets, count);
}

furrow_status furrow_links_remove(furrow_session *s, const furrow_relation *relation, void *row,
                                  void *const *targets, size_t count)
{
    return change_links(s, relation, FURROW__LINKS_REMOVE, row, targets, count);
}

furrow_status furrow_links_set(furrow_session *s, const furrow_relation *relation, void *row,
                               void *const *targets, size_t count)
{
    return change_links(s, relation, FURROW__LINKS_SET, row, targets, count);
}

/* ---- rows a parent ---- */

/* A number for each parent, read group by group. */
typedef struct tally {
    furrow_session *s;
    const furrow_relation *relation;
    const furrow_model *model; /* that holds the parent's key: the link or the target */
    const uint16_t *columns;
    void *const *rows;
    size_t count;
    size_t *table; /* open addressing: 1 + the first row with a key */
    size_t *next;  /* 1 + the next row with the same key */
    size_t capacity;
    char *results;
    size_t result_size;
} tally;

/* Where a row with the key that `columns` of a model's row hold is, or could be. */
static size_t place_of(const tally *t, const furrow_model *model, const uint16_t *columns,
                       const void *row)
{
    const furrow_relation *r = t->relation;
    size_t at = (size_t)furrow__key_hash(model, columns, r->count, row) & (t->capacity - 1);
    while (t->table[at] && !furrow__keys_are_equal(r->model, r->columns, t->rows[t->table[at] - 1],
                                                   model, columns, row, r->count))
        at = (at + 1) & (t->capacity - 1);
    return at;
}

/* Enter the rows that have a key; *keys receives one row for each. */
static bool enter_rows(tally *t, void ***keys, size_t *key_count)
{
    const furrow_relation *r = t->relation;
    t->capacity = 16;
    while (t->capacity < t->count * 2)
        t->capacity *= 2;
    t->table = furrow__allocate_zeroed(t->capacity, sizeof *t->table);
    t->next = furrow__allocate_zeroed(t->count + 1, sizeof *t->next);
    *keys = furrow__allocate_zeroed(t->count + 1, sizeof **keys);
    *key_count = 0;
    if (!t->table || !t->next || !*keys)
        return false;
    for (size_t i = 0; i < t->count; i++) {
        if (furrow__key_has_null(r->model, r->columns, r->count, t->rows[i]))
            continue;
        size_t at = place_of(t, r->model, r->columns, t->rows[i]);
        if (t->table[at])
            t->next[i] = t->table[at];
        else
            (*keys)[(*key_count)++] = t->rows[i];
        t->table[at] = i + 1;
    }
    return true;
}

/* Read groups: the key into a row of the model that holds it, the number behind that row. */
static furrow_status read_groups(tally *t, furrow__run *run, const furrow_column *number)
{
    const furrow_relation *r = t->relation;
    size_t row_size = (t->model->size + 15) / 16 * 16;
    furrow_column answer = *number;
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
        for (size_t at = t->table[place_of(t, t->model, t->columns, row)]; at; at = t->next[at - 1])
            memcpy(t->results + (at - 1) * t->result_size, row + row_size, t->result_size);
    }
    return run->status;
}

static furrow_status run_tally(tally *t, void *const *keys, size_t key_count,
                               const furrow_column *summed, const furrow_column *number)
{
    furrow_session *s = t->s;
    const furrow_relation *r = t->relation;
    furrow_error error = {0};
    furrow__sql sql = {.arena = &s->scratch};
    furrow_value *arrays = values_for(s, r->count);
    if (!arrays)
        return furrow__session_no_memory(s);
    furrow_status status = gather(s, r->model, r->columns, r->count, keys, key_count, arrays);
    if (status)
        return status;
    if (furrow__sql_group(&sql, s->dialect, r, summed, arrays, &error)) {
        furrow__buffer_done(&sql.text);
        return furrow__session_fail(s, &error);
    }
    furrow__run run;
    furrow__run_sql(&run, s, &sql);
    run.model = r->target;
    furrow__run_execute(&run);
    if (run.status == FURROW_OK)
        read_groups(t, &run, number);
    furrow__buffer_done(&sql.text);
    return furrow__run_end(&run);
}

static furrow_status tally_rows(furrow_session *s, const furrow_relation *r, void *results,
                                size_t result_size, void *const *rows, size_t count,
                                const furrow_column *summed, const furrow_column *number)
{
    furrow_status status = furrow__session_start(s);
    if (status || (status = furrow__check_model(s, r->model)))
        return status;
    bool missing = count && (!rows || !results);
    for (size_t i = 0; i < count && !missing; i++)
        missing = !rows[i];
    if (missing)
        return furrow__session_failf(
            s, FURROW_INVALID, "numbers of \"%s\" of model \"%s\": a row or the result is NULL",
            r->field, r->model->name);
    tally t = {.s = s,
               .relation = r,
               .model = r->link ? r->link : r->target,
               .columns = r->link ? r->link_columns : r->target_columns,
               .rows = rows,
               .count = count,
               .results = results,
               .result_size = result_size};
    void **keys;
    size_t key_count;
    if (!enter_rows(&t, &keys, &key_count))
        status = furrow__session_no_memory(s);
    else if (key_count)
        status = run_tally(&t, keys, key_count, summed, number);
    furrow__release(t.table);
    furrow__release(t.next);
    furrow__release(keys);
    return status;
}

furrow_status furrow_relation_count(furrow_session *s, const furrow_relation *relation,
                                    int64_t *counts, void *const *rows, size_t count)
{
    static const furrow_column number = {.name = "count",
                                         .field = "count",
                                         .type = FURROW_TYPE_INT64,
                                         .flags = FURROW_COLUMN_NULLABLE | FURROW_COLUMN_OPT,
                                         .size = sizeof(int64_t)};
    furrow_column column = number;
    column.model = relation->target;
    if (counts)
        memset(counts, 0, count * sizeof *counts);
    return tally_rows(s, relation, counts, sizeof *counts, rows, count, NULL, &column);
}

/* The sum's type and size, by the column's; false for what is no number. */
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

furrow_status furrow_relation_sum(furrow_session *s, const furrow_relation *relation, void *sums,
                                  const furrow_column *column, void *const *rows, size_t count)
{
    furrow_column number;
    const char *why = NULL;
    if (!column)
        why = "NULL";
    else if (column->model != relation->target || column->flags & FURROW_COLUMN_COUNT)
        why = "no column of that model";
    else if (!sum_column(column, &number))
        why = "no number";
    if (!why && sums) {
        furrow_decimal zero = {0, column->scale};
        memset(sums, 0, count * number.size);
        for (size_t i = 0; number.type == FURROW_TYPE_DECIMAL && i < count; i++)
            memcpy((char *)sums + i * sizeof zero, &zero, sizeof zero);
    }
    if (why) {
        furrow_status status = furrow__session_start(s);
        return status ? status
                      : furrow__session_failf(
                            s, FURROW_INVALID,
                            "the sum of a column of \"%s\", which leads to model \"%s\": column "
                            "\"%s\" of model \"%s\" is %s",
                            relation->field, relation->target->name, column ? column->name : "",
                            column ? column->model->name : "", why);
    }
    return tally_rows(s, relation, sums, number.size, rows, count, column, &number);
}
