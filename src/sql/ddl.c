/* SPDX-License-Identifier: MIT
 *
 * A schema as statements, in an order that works. A table comes behind those that it refers to;
 * where tables refer to each other in a circle, one of the circle goes first: SQLite lets a key
 * name a table that is yet to come, PostgreSQL gets that key by ALTER TABLE behind the tables.
 * Dropping goes the other way round.
 */
#include <string.h>

#include "base/text.h"
#include "sql/ddl_parts.h"
#include "sql/dialect.h"

static furrow_status no_memory(furrow__ddl *d)
{
    if (d->status == FURROW_OK)
        d->status = furrow__fail(d->error, FURROW_NOMEM, "out of memory");
    return d->status;
}

/* ---- order ---- */

static size_t index_of(const furrow_schema *schema, const furrow_model *model)
{
    for (size_t i = 0; i < schema->count; i++)
        if (schema->models[i] == model)
            return i;
    return SIZE_MAX;
}

bool furrow__ddl_is_forward(const furrow__ddl *d, const furrow_model *model,
                            const furrow_foreign_key *key)
{
    size_t from = index_of(d->schema, model), to = index_of(d->schema, key->target);
    return from != SIZE_MAX && to != SIZE_MAX && d->place[to] > d->place[from];
}

/* A table that the model waits for, or SIZE_MAX. */
static size_t waits_for(const furrow__ddl *d, size_t model)
{
    const furrow_model *m = d->schema->models[model];
    for (size_t i = 0; i < m->foreign_key_count; i++) {
        size_t target = index_of(d->schema, m->foreign_keys[i].target);
        if (target != SIZE_MAX && target != model && d->place[target] == SIZE_MAX)
            return target;
    }
    return SIZE_MAX;
}

/* The next model to place: the first that waits for none; else, all waiting, one that is itself
 * part of a circle, found by following what each waits for until one comes again. */
static size_t next_model(const furrow__ddl *d, bool *seen)
{
    size_t first = SIZE_MAX;
    for (size_t i = 0; i < d->schema->count; i++) {
        if (d->place[i] != SIZE_MAX)
            continue;
        if (waits_for(d, i) == SIZE_MAX)
            return i;
        if (first == SIZE_MAX)
            first = i;
    }
    memset(seen, 0, d->schema->count * sizeof *seen);
    while (!seen[first]) {
        seen[first] = true;
        first = waits_for(d, first);
    }
    return first;
}

static furrow_status order_models(furrow__ddl *d)
{
    size_t count = d->schema->count;
    d->order = furrow__arena_aligned(d->arena, count * sizeof *d->order, _Alignof(size_t));
    d->place = furrow__arena_aligned(d->arena, count * sizeof *d->place, _Alignof(size_t));
    bool *seen = furrow__arena_aligned(d->arena, count * sizeof *seen, 1);
    if (!d->order || !d->place || !seen)
        return no_memory(d);
    for (size_t i = 0; i < count; i++)
        d->place[i] = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        d->order[i] = next_model(d, seen);
        d->place[d->order[i]] = i;
    }
    return FURROW_OK;
}

/* ---- statements ---- */

/* Append what is in d->text. */
static void finish(furrow__ddl *d, const furrow_model *model)
{
    furrow__statements *out = d->out;
    const char *text = furrow__buffer_text(&d->text);
    if (d->status == FURROW_OK && !text)
        no_memory(d);
    if (d->status == FURROW_OK && out->count == d->capacity) {
        size_t capacity = d->capacity ? d->capacity * 2 : 16;
        const char **items =
            furrow__arena_aligned(d->arena, capacity * sizeof *items, _Alignof(char *));
        const furrow_model **models =
            furrow__arena_aligned(d->arena, capacity * sizeof *models, _Alignof(void *));
        if (!items || !models) {
            no_memory(d);
        } else {
            if (out->count) {
                memcpy(items, out->items, out->count * sizeof *items);
                memcpy(models, out->models, out->count * sizeof *models);
            }
            out->items = items;
            out->models = models;
            d->capacity = capacity;
        }
    }
    if (d->status == FURROW_OK) {
        const char *copy = furrow__arena_text(d->arena, text, d->text.size);
        if (copy) {
            out->items[out->count] = copy;
            out->models[out->count++] = model;
        } else {
            no_memory(d);
        }
    }
    furrow__buffer_clear(&d->text);
}

/* PostgreSQL's schemas are there before the first table in them. */
static void create_namespace(furrow__ddl *d, const furrow_model *model)
{
    if (d->sqlite || !model->schema)
        return;
    for (size_t i = 0; i < d->place[index_of(d->schema, model)]; i++) {
        const furrow_model *earlier = d->schema->models[d->order[i]];
        if (earlier->schema && strcmp(earlier->schema, model->schema) == 0)
            return;
    }
    furrow__buffer_add_text(&d->text, "CREATE SCHEMA IF NOT EXISTS ");
    furrow__sql_identifier(&d->text, model->schema);
    finish(d, model);
}

static void create_model(furrow__ddl *d, const furrow_model *model)
{
    create_namespace(d, model);
    furrow__ddl_create_table(d, model);
    finish(d, model);
    for (size_t i = 0; i < model->index_count && d->status == FURROW_OK; i++) {
        const furrow_index *index = &model->indexes[i];
        if (index->unique && !index->where)
            continue;
        furrow__ddl_create_index(d, model, index);
        finish(d, model);
    }
}

/* Call `write` for each key that refers to a table created later. */
static bool each_forward_key(furrow__ddl *d, void (*write)(furrow__ddl *, const furrow_model *,
                                                           const furrow_foreign_key *))
{
    bool any = false;
    for (size_t i = 0; i < d->schema->count && d->status == FURROW_OK; i++) {
        const furrow_model *model = d->schema->models[d->order[i]];
        for (size_t j = 0; j < model->foreign_key_count; j++)
            if (furrow__ddl_is_forward(d, model, &model->foreign_keys[j])) {
                any = true;
                if (write)
                    write(d, model, &model->foreign_keys[j]);
            }
    }
    return any;
}

static void add_forward_key(furrow__ddl *d, const furrow_model *model,
                            const furrow_foreign_key *key)
{
    furrow__buffer_add_text(&d->text, "ALTER TABLE ");
    furrow__sql_table(&d->text, d->dialect, model);
    furrow__buffer_add_text(&d->text, "\n    ADD ");
    furrow__ddl_foreign_key(d, model, key);
    finish(d, model);
}

static void drop_forward_key(furrow__ddl *d, const furrow_model *model,
                             const furrow_foreign_key *key)
{
    furrow__buffer_add_text(&d->text, "ALTER TABLE ");
    furrow__sql_table(&d->text, d->dialect, model);
    furrow__buffer_add_text(&d->text, "\n    DROP CONSTRAINT IF EXISTS ");
    furrow__ddl_foreign_key_name(d, model, key);
    finish(d, model);
}

static void begin(furrow__ddl *d, furrow__statements *out, const furrow__dialect *dialect,
                  const furrow_schema *schema, furrow_arena *arena, furrow_error *error)
{
    *d = (furrow__ddl){.dialect = dialect,
                       .sqlite = dialect == &furrow__dialect_sqlite,
                       .schema = schema,
                       .arena = arena,
                       .error = error,
                       .out = out};
    *out = (furrow__statements){0};
    order_models(d);
}

static furrow_status end(furrow__ddl *d)
{
    furrow__buffer_done(&d->text);
    if (d->status != FURROW_OK)
        *d->out = (furrow__statements){0};
    return d->status;
}

furrow_status furrow__sql_create_schema(furrow__statements *out, const furrow__dialect *dialect,
                                        const furrow_schema *schema, furrow_arena *arena,
                                        furrow_error *error)
{
    furrow__ddl d;
    begin(&d, out, dialect, schema, arena, error);
    for (size_t i = 0; i < schema->count && d.status == FURROW_OK; i++)
        create_model(&d, schema->models[d.order[i]]);
    if (!d.sqlite)
        each_forward_key(&d, add_forward_key);
    return end(&d);
}

furrow_status furrow__sql_drop_schema(furrow__statements *out, const furrow__dialect *dialect,
                                      const furrow_schema *schema, furrow_arena *arena,
                                      furrow_error *error)
{
    furrow__ddl d;
    begin(&d, out, dialect, schema, arena, error);
    bool circle = each_forward_key(&d, d.sqlite ? NULL : drop_forward_key);
    /* SQLite deletes a table's rows before it drops it, and refuses while others refer to them. */
    if (circle && d.sqlite) {
        furrow__buffer_add_text(&d.text, "PRAGMA defer_foreign_keys = ON");
        finish(&d, NULL);
    }
    for (size_t i = schema->count; i > 0 && d.status == FURROW_OK; i--) {
        const furrow_model *model = schema->models[d.order[i - 1]];
        furrow__buffer_add_text(&d.text, "DROP TABLE ");
        furrow__sql_table(&d.text, dialect, model);
        finish(&d, model);
    }
    if (circle && d.sqlite) {
        furrow__buffer_add_text(&d.text, "PRAGMA defer_foreign_keys = OFF");
        finish(&d, NULL);
    }
    return end(&d);
}
