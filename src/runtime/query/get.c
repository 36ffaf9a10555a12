/* SPDX-License-Identifier: MIT
 *
 * Rows by their primary key: get, get_many, refresh. `get` is the shortest path through the
 * library: one lookup in the statement cache, one bound value for each key column, and one row.
 */
#include "runtime/session/explain.h"
#include "runtime/session/field.h"
#include "runtime/session/key.h"
#include "runtime/query/load.h"
#include "runtime/session/rows.h"
#include "runtime/session/use.h"

static void render_get(furrow__buffer *out, furrow_session *s, const void *context)
{
    furrow__sql_get(out, s->dialect, context);
}

static const furrow_column *key_column(const furrow_model *model, size_t i)
{
    return &model->columns[model->primary_key[i]];
}

/* Runs the statement of `get` with this key, and reads the row, if it exists, into `row`. */
static furrow_status get_into(furrow_session *s, const furrow_model *model,
                              const furrow_value *keys, void *row, bool *found)
{
    const furrow_column *columns[FURROW__MAX_COLUMNS];
    furrow__run run;
    *found = false;
    if (furrow__run_verb(&run, s,
                         &(furrow__verb_statement){model, FURROW__VERB_GET, render_get, model}) ==
        FURROW_OK) {
        for (size_t i = 0; i < model->primary_key_count && run.status == FURROW_OK; i++) {
            furrow_value key = keys[i];
            run.status = furrow__check_key(key_column(model, i), &key, &run.error);
            if (run.status == FURROW_OK)
                run.status =
                    s->driver->bind(run.statement, (int)i, key_column(model, i), &key, &run.error);
        }
        if (s->trace && furrow__engine_options(s->engine)->trace_values)
            run.values = furrow__describe_values(s, keys, model->primary_key_count);
        if (furrow__run_execute(&run) == FURROW_OK && furrow__run_step(&run, found) == FURROW_OK &&
            *found) {
            for (size_t i = 0; i < model->column_count; i++)
                columns[i] = &model->columns[i];
            run.status = s->driver->read_row(run.statement,
                                             (furrow_column_list){columns, model->column_count},
                                             row, &s->arena, &run.error);
        }
    }
    return furrow__run_end(&run);
}

furrow_status furrow_model_get(furrow_session *s, const furrow_model *model, void *out,
                               const furrow_value *key)
{
    furrow__clear_pointer(out);
    FURROW__USE(s, FURROW_INVALID);
    furrow_status status = furrow__session_start(s);
    if (status)
        return status;
    if (!out)
        return furrow__session_failf(s, FURROW_INVALID, "get of model \"%s\": the result is NULL",
                                     model->name);
    furrow__arena_mark mark = furrow__arena_mark_now(&s->arena);
    void *row = furrow__arena_aligned(&s->arena, model->size, 16);
    if (!row)
        return furrow__session_no_memory(s);
    memset(row, 0, model->size);
    bool found;
    status = get_into(s, model, key, row, &found);
    if (status == FURROW_OK && found) {
        memcpy(out, &row, sizeof row);
        return FURROW_OK;
    }
    furrow__arena_rewind(&s->arena, mark);
    return status ? status : FURROW_NOT_FOUND;
}

furrow_status furrow_model_get_with(furrow_session *s, const furrow_model *model, void *out,
                                    const furrow_value *key, furrow_path_list paths)
{
    void *row;
    furrow__clear_pointer(out);
    FURROW__USE(s, FURROW_INVALID);
    furrow_status status = furrow__session_start(s);
    if (status || (status = furrow__check_model(s, model)))
        return status;
    if (!paths.items && paths.count)
        return furrow__session_failf(s, FURROW_INVALID,
                                     "get_with of model \"%s\": the paths are NULL", model->name);
    if ((status = furrow__check_paths(s, model, paths)) ||
        (status = furrow_model_get(s, model, out, key)))
        return status;
    memcpy(&row, out, sizeof row);
    status = furrow__load_paths(s, &(furrow__load_start){&s->arena, model, &row, 1}, paths);
    if (status)
        furrow__clear_pointer(out);
    return status;
}

furrow_status furrow_model_refresh(furrow_session *s, const furrow_model *model, void *row)
{
    FURROW__USE(s, FURROW_INVALID);
    furrow_status status = furrow__session_start(s);
    if (status)
        return status;
    if (!row)
        return furrow__session_failf(s, FURROW_INVALID, "refresh of model \"%s\": the row is NULL",
                                     model->name);
    furrow_value *keys =
        furrow__arena_aligned(&s->scratch, model->primary_key_count * sizeof *keys, 16);
    void *fresh = furrow__arena_aligned(&s->scratch, model->size, 16);
    if (!keys || !fresh)
        return furrow__session_no_memory(s);
    for (size_t i = 0; i < model->primary_key_count; i++)
        keys[i] = furrow__row_value(key_column(model, i), row);
    memcpy(fresh, row, model->size); /* the copy keeps the members that are not columns */
    bool found;
    status = get_into(s, model, keys, fresh, &found);
    if (status)
        return status;
    if (!found)
        return FURROW_NOT_FOUND;
    memcpy(row, fresh, model->size);
    return FURROW_OK;
}

static void render_get_many(furrow__buffer *out, furrow_session *s, const void *context)
{
    furrow__sql_get_many(out, s->dialect, context);
}

/* The keys of get_many. Their fields are read with copies of the key columns. The copies contain
 * offsets in a key struct; the original columns contain offsets in a row. */
struct keys {
    const furrow_model *model;
    furrow_column *columns; /* size of a key struct, in bytes */
    const char *elements;
    size_t size, count;
};

static uint64_t hash_key(const struct keys *keys, const void *element)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < keys->model->primary_key_count; i++) {
        furrow_value v = furrow__row_value(&keys->columns[i], element);
        hash = furrow__value_hash(&v, hash);
    }
    return hash;
}

static bool key_matches(const struct keys *keys, const void *element, const void *row)
{
    for (size_t i = 0; i < keys->model->primary_key_count; i++) {
        furrow_value a = furrow__row_value(&keys->columns[i], element);
        furrow_value b = furrow__row_value(key_column(keys->model, i), row);
        if (!furrow__values_are_equal(&a, &b))
            return false;
    }
    return true;
}

/* Sorts the rows in the order of the keys. If a key occurs twice, its row is in the list twice. */
static furrow_status order_by_keys(furrow_session *s, const struct keys *keys, furrow__list *list)
{
    size_t size = 4;
    while (size < list->count * 2)
        size *= 2;
    void **table = furrow__allocate_zeroed(size, sizeof *table);
    void **items = furrow__arena_aligned(&s->arena, (keys->count + 1) * sizeof *items, 16);
    if (!table || !items) {
        furrow__release(table);
        return furrow__session_no_memory(s);
    }
    for (size_t i = 0; i < list->count; i++) {
        size_t at = (size_t)furrow__key_hash(keys->model, keys->model->primary_key,
                                             keys->model->primary_key_count, list->items[i]) &
                    (size - 1);
        while (table[at])
            at = (at + 1) & (size - 1);
        table[at] = list->items[i];
    }
    size_t found = 0;
    for (size_t i = 0; i < keys->count; i++) {
        const char *element = keys->elements + i * keys->size;
        size_t at = (size_t)hash_key(keys, element) & (size - 1);
        while (table[at] && !key_matches(keys, element, table[at]))
            at = (at + 1) & (size - 1);
        if (table[at])
            items[found++] = table[at];
    }
    furrow__release(table);
    *list = (furrow__list){found ? items : NULL, found, true};
    return FURROW_OK;
}

static furrow_status check_keys(furrow_session *s, const struct keys *keys)
{
    furrow_error error = {0};
    for (size_t i = 0; i < keys->count; i++)
        for (size_t k = 0; k < keys->model->primary_key_count; k++) {
            furrow_value v = furrow__row_value(&keys->columns[k], keys->elements + i * keys->size);
            if (furrow__check_key(key_column(keys->model, k), &v, &error))
                return furrow__session_fail(s, &error);
        }
    return FURROW_OK;
}

static furrow_status select_keys(furrow_session *s, const struct keys *keys, furrow__list *list)
{
    const furrow_column *const *columns = furrow__all_columns(s, keys->model);
    if (!columns)
        return furrow__session_no_memory(s);
    furrow__run run;
    if (furrow__run_verb(&run, s,
                         &(furrow__verb_statement){keys->model, FURROW__VERB_GET_MANY,
                                                   render_get_many, keys->model}) == FURROW_OK) {
        for (size_t i = 0; i < keys->model->primary_key_count && run.status == FURROW_OK; i++)
            run.status = s->driver->bind_array(
                run.statement, (int)i,
                &(furrow_array){.column = &keys->columns[i],
                                .first = keys->elements + keys->columns[i].offset,
                                .stride = keys->size,
                                .count = keys->count},
                &run.error);
        furrow__run_execute(&run);
        furrow__read_list(&run, list, keys->model, columns, keys->model->column_count);
    }
    return furrow__run_end(&run);
}

furrow_status furrow_model_get_many(furrow_session *s, const furrow_model *model, void *out,
                                    const furrow_key_list *keys)
{
    furrow__list list = {0};
    furrow__clear_list(out);
    FURROW__USE(s, FURROW_INVALID);
    furrow_status status = furrow__session_start(s);
    if (status)
        return status;
    size_t bytes;
    if (!out || (!keys->items && keys->count) ||
        !furrow__multiply_size(&bytes, keys->count + 1, sizeof(void *)))
        return furrow__session_failf(s, FURROW_INVALID, "get_many of model \"%s\": the %s NULL",
                                     model->name, out ? "keys are" : "list is");
    struct keys k = {model, NULL, keys->items, keys->size, keys->count};
    if (keys->count) {
        k.columns =
            furrow__arena_aligned(&s->scratch, model->primary_key_count * sizeof *k.columns, 16);
        if (!k.columns)
            return furrow__session_no_memory(s);
        for (size_t i = 0; i < model->primary_key_count; i++) {
            furrow_column *c = &k.columns[i];
            *c = *key_column(model, i);
            c->offset = keys->offsets[i];
            if (c->type == FURROW_TYPE_CHARS) {
                c->type = FURROW_TYPE_TEXT;
                c->size = sizeof(char *);
            }
        }
        status = check_keys(s, &k);
        if (!status)
            status = select_keys(s, &k, &list);
        if (!status)
            status = order_by_keys(s, &k, &list);
        if (status)
            return status;
    }
    list.loaded = true;
    memcpy(out, &list, sizeof list);
    return FURROW_OK;
}
