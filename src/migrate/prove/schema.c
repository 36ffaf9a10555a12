/* SPDX-License-Identifier: MIT
 *
 * Compares live schemas in both directions. A search for drift (drift.c) reports parts that are
 * missing or different. A proof also reports everything that exists although no revision creates
 * it. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "migrate/apply/inspect.h"
#include "migrate/catalog/parts.h"
#include "migrate/prove/parts.h"
#include "migrate/apply/dialect.h"
#include "migrate/apply/drift.h"

typedef struct comparer {
    furrow__schema_differences *out;
    furrow_arena *arena;
    furrow_error *error;
    furrow_status status;
} comparer;

static void add_difference(comparer *c, furrow__table_name table, const char *column,
                           const char *message)
{
    furrow__schema_differences *out = c->out;
    furrow__schema_difference *items =
        furrow__arena_room(c->arena, out->items, out->count, &out->capacity, sizeof *items);
    const char *copy = message ? furrow__arena_text(c->arena, message, strlen(message)) : NULL;
    if (!items || !copy) {
        c->status = furrow__fail(c->error, FURROW_NOMEM, "out of memory");
        return;
    }
    out->items = items;
    items[out->count++] = (furrow__schema_difference){table, column, copy};
}

static void __attribute__((format(printf, 4, 5)))
add_message(comparer *c, furrow__table_name table, const char *column, const char *format, ...)
{
    char text[4 * FURROW__NAME_SIZE + 120];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    add_difference(c, table, column, text);
}

/* Adds a message about a difference, followed by `suffix`. */
static void add_drift(comparer *c, const furrow__drift *drift, const char *suffix)
{
    furrow__buffer text = {0};
    bool is_column = drift->part && strcmp(drift->part, "column") == 0;
    furrow__drift_write(&text, drift);
    furrow__buffer_add_text(&text, suffix);
    add_difference(c, drift->table, is_column ? drift->name : NULL, furrow__buffer_text(&text));
    furrow__buffer_done(&text);
}

static bool names_are_equal(const furrow__catalog *live, const char *a, const char *b)
{
    if (!a || !b)
        return a == b;
    return live->dialect->apply->names_are_equal(a, b);
}

static const furrow__catalog_table *find(const furrow__catalog *in, const furrow__catalog *live,
                                         furrow__table_name name)
{
    for (size_t i = 0; i < in->count; i++)
        if (live->dialect->apply->tables_are_equal(in->tables[i]->name, name))
            return in->tables[i];
    return NULL;
}

/* Returns whether the table is one in which SQLite stores a virtual table, such as notes_data for
 * the virtual table notes. */
static bool is_shadow(const furrow__catalog *live, const char *name)
{
    for (size_t i = 0; i < live->object_count; i++) {
        const furrow__catalog_object *o = &live->objects[i];
        size_t size = strlen(o->name.name);
        if (o->kind == FURROW__OBJECT_OTHER && strncmp(name, o->name.name, size) == 0 &&
            name[size] == '_')
            return true;
    }
    return false;
}

static void find_additions(comparer *c, const furrow__catalog *live,
                           const furrow__catalog *expected)
{
    for (size_t i = 0; i < live->count && c->status == FURROW_OK; i++) {
        const furrow__catalog_table *table = live->tables[i];
        const furrow__catalog_table *known = find(expected, live, table->name);
        if (!known && !is_shadow(live, table->name.name))
            add_message(c, table->name, NULL, "table %s exists, but no revision creates it",
                        table->name.name);
        for (size_t k = 0; known && k < table->column_count; k++) {
            bool is_known = false;
            for (size_t n = 0; n < known->column_count; n++)
                is_known |= names_are_equal(live, known->columns[n].name, table->columns[k].name);
            if (!is_known && (table->columns[k].nullable || table->columns[k].default_))
                add_message(c, table->name, table->columns[k].name,
                            "column %s exists, but no revision creates it", table->columns[k].name);
        }
    }
}

static furrow_status compare_live(comparer *c, const furrow__content_source *source,
                                  const furrow__catalog *expected)
{
    furrow__drift_list drift;
    furrow__catalog live;
    furrow_status status = furrow__drift_find(
        &drift,
        &(furrow__drift_request){
            .connection = source->connection, .dialect = source->dialect, .expected = expected},
        c->arena, c->error);
    if (status == FURROW_OK)
        status = furrow__inspect(&live, source->connection, source->dialect, c->arena, c->error);
    if (status != FURROW_OK)
        return status;
    for (size_t i = 0; i < drift.count && c->status == FURROW_OK; i++)
        add_drift(c, &drift.items[i], "");
    find_additions(c, &live, expected);
    return c->status;
}

furrow_status furrow__prove_schema(furrow__schema_differences *out,
                                   const furrow__content_source *source,
                                   const furrow__catalog *expected, furrow_arena *arena,
                                   furrow_error *error)
{
    furrow_connection *connection = source->connection;
    const furrow_driver *driver = connection->driver;
    furrow_error ignored;
    comparer c = {.out = out, .arena = arena, .error = error};
    *out = (furrow__schema_differences){0};
    furrow_status status = driver->begin(connection, FURROW_ISOLATION_DEFAULT, false, error);
    if (status != FURROW_OK)
        return status;
    status = compare_live(&c, source, expected);
    if (connection->in_transaction)
        driver->rollback(connection, &ignored);
    return status;
}

furrow_status furrow__prove_inspect(furrow__catalog *out, const furrow__content_source *source,
                                    furrow_arena *arena, furrow_error *error)
{
    furrow_connection *connection = source->connection;
    const furrow_driver *driver = connection->driver;
    furrow_error ignored;
    furrow_status status = driver->begin(connection, FURROW_ISOLATION_DEFAULT, true, error);
    if (status != FURROW_OK)
        return status;
    status = furrow__inspect(out, connection, source->dialect, arena, error);
    if (connection->in_transaction)
        driver->rollback(connection, &ignored);
    return status;
}

static const char *object_word(const furrow__catalog_object *o)
{
    return o->kind == FURROW__OBJECT_VIEW      ? "view"
           : o->kind == FURROW__OBJECT_TRIGGER ? "trigger"
                                               : "object";
}

static const furrow__catalog_object *find_object(const furrow__catalog *in,
                                                 const furrow__catalog_object *object)
{
    for (size_t i = 0; i < in->object_count; i++)
        if (in->objects[i].kind == object->kind &&
            in->dialect->apply->tables_are_equal(in->objects[i].name, object->name) &&
            names_are_equal(in, in->objects[i].table.name, object->table.name))
            return &in->objects[i];
    return NULL;
}

static void compare_objects(comparer *c, const furrow__catalog *then, const furrow__catalog *now)
{
    for (size_t i = 0; i < then->object_count && c->status == FURROW_OK; i++) {
        const furrow__catalog_object *was = &then->objects[i], *is = find_object(now, was);
        if (!is)
            add_message(c, was->table, NULL, "%s %s was not created again", object_word(was),
                        was->name.name);
        else if (was->source && is->source && strcmp(was->source, is->source) != 0 &&
                 !then->dialect->apply->definitions_are_equal(was->source, is->source))
            add_message(c, was->table, NULL, "%s %s differs from the first upgrade",
                        object_word(was), was->name.name);
    }
    for (size_t i = 0; i < now->object_count && c->status == FURROW_OK; i++)
        if (!find_object(then, &now->objects[i]))
            add_message(c, now->objects[i].table, NULL,
                        "%s %s did not exist after the first upgrade",
                        object_word(&now->objects[i]), now->objects[i].name.name);
}

static void compare_kinds(comparer *c, const furrow__catalog *then, const furrow__catalog *now)
{
    for (size_t i = 0; i < then->count && c->status == FURROW_OK; i++) {
        const furrow__catalog_table *was = then->tables[i], *is = find(now, now, was->name);
        if (is && (was->strict != is->strict || was->without_rowid != is->without_rowid ||
                   was->autoincrement != is->autoincrement))
            add_message(c, was->name, NULL,
                        "table %s differs in STRICT, WITHOUT ROWID or AUTOINCREMENT",
                        was->name.name);
    }
}

furrow_status furrow__prove_same(furrow__schema_differences *out, const furrow__catalog *then,
                                 const furrow__catalog *now, furrow_arena *arena,
                                 furrow_error *error)
{
    furrow__drift_list forth, back;
    comparer c = {.out = out, .arena = arena, .error = error};
    *out = (furrow__schema_differences){0};
    furrow_status status = furrow__drift_between(&forth, then, now, arena, error);
    if (status == FURROW_OK)
        status = furrow__drift_between(&back, now, then, arena, error);
    if (status != FURROW_OK)
        return status;
    for (size_t i = 0; i < forth.count && c.status == FURROW_OK; i++)
        add_drift(&c, &forth.items[i],
                  forth.items[i].kind == FURROW__DRIFT_EXTRA
                      ? ", which did not exist after the first upgrade"
                      : ", unlike after the first upgrade");
    for (size_t i = 0; i < back.count && c.status == FURROW_OK; i++)
        if (back.items[i].kind == FURROW__DRIFT_MISSING)
            add_message(&c, back.items[i].table, NULL,
                        "%s %s did not exist after the first upgrade",
                        back.items[i].part ? back.items[i].part : "table",
                        back.items[i].name ? back.items[i].name : back.items[i].table.name);
    compare_objects(&c, then, now);
    compare_kinds(&c, then, now);
    return c.status;
}
