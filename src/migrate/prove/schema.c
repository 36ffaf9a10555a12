/* SPDX-License-Identifier: MIT
 * Live schemas, both ways: drift tells what is missing or in the way (drift.c); a proof also wants
 * to know what is there that nothing said. */
#include <string.h>

#include "base/text.h"
#include "migrate/apply/inspect.h"
#include "migrate/prove/parts.h"
#include "migrate/apply/drift.h"
#include "scan/compare.h"

typedef struct teller {
    furrow__schema_differences *out;
    furrow_arena *arena;
    furrow_error *error;
    furrow_status status;
} teller;

static void add_line(teller *t, furrow__table_name table, const char *column, const char *word,
                     const char *name, const char *behind)
{
    furrow__schema_differences *out = t->out;
    furrow__buffer text = {0};
    furrow__buffer_format(&text, "%s%s%s", word, name, behind);
    const char **items =
        furrow__arena_room(t->arena, out->items, out->count, &out->capacity, sizeof *items);
    furrow__table_name *tables =
        furrow__arena_room(t->arena, out->tables, out->count, &out->table_capacity, sizeof *tables);
    const char **columns = furrow__arena_room(t->arena, out->columns, out->count,
                                              &out->column_capacity, sizeof *columns);
    const char *line = text.failed ? NULL : furrow__arena_text(t->arena, text.text, text.size);
    furrow__buffer_done(&text);
    if (!items || !tables || !columns || !line) {
        t->status = furrow__fail(t->error, FURROW_NOMEM, "out of memory");
        return;
    }
    out->items = items;
    out->tables = tables;
    out->columns = columns;
    items[out->count] = line;
    tables[out->count] = table;
    columns[out->count++] = column;
}

static void add_drift(teller *t, const furrow__drift *drift, const char *behind)
{
    furrow__buffer text = {0};
    bool column = drift->part && strcmp(drift->part, "column") == 0;
    furrow__drift_write(&text, drift);
    add_line(t, drift->table, column ? drift->name : NULL, "",
             furrow__buffer_text(&text) ? furrow__buffer_text(&text) : "", behind);
    furrow__buffer_done(&text);
}

/* ---- beside the replay ---- */

static bool names_are_equal(const furrow__catalog *live, const char *a, const char *b)
{
    if (!a || !b)
        return a == b;
    return live->dialect == &furrow__dialect_sqlite ? furrow__sqlite_names_are_equal(a, b)
                                                    : strcmp(a, b) == 0;
}

static const furrow__catalog_table *find(const furrow__catalog *in, const furrow__catalog *live,
                                         furrow__table_name name)
{
    for (size_t i = 0; i < in->count; i++)
        if (names_are_equal(live, in->tables[i]->name.name, name.name) &&
            names_are_equal(live, in->tables[i]->name.schema, name.schema))
            return in->tables[i];
    return NULL;
}

/* SQLite's own tables behind a virtual one: name_data of "name". */
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

static const char unsaid[] = " is there, and no revision says so";

static void look_for_extras(teller *t, const furrow__catalog *live, const furrow__catalog *expected)
{
    for (size_t i = 0; i < live->count && t->status == FURROW_OK; i++) {
        const furrow__catalog_table *table = live->tables[i];
        const furrow__catalog_table *known = find(expected, live, table->name);
        if (!known && !is_shadow(live, table->name.name))
            add_line(t, table->name, NULL, "table ", table->name.name, unsaid);
        for (size_t k = 0; known && k < table->column_count; k++) {
            bool is_known = false;
            for (size_t n = 0; n < known->column_count; n++)
                is_known |= names_are_equal(live, known->columns[n].name, table->columns[k].name);
            if (!is_known && (table->columns[k].nullable || table->columns[k].default_))
                add_line(t, table->name, table->columns[k].name, "column ", table->columns[k].name,
                         unsaid);
        }
    }
}

static furrow_status compare_live(teller *t, furrow_connection *connection,
                                  const furrow__catalog *expected, const furrow__dialect *dialect)
{
    furrow__drift_list drift;
    furrow__catalog live;
    furrow_status status =
        furrow__drift_find(&drift,
                           &(furrow__drift_request){
                               .connection = connection, .dialect = dialect, .expected = expected},
                           t->arena, t->error);
    if (status == FURROW_OK)
        status = furrow__inspect(&live, connection, dialect, t->arena, t->error);
    if (status != FURROW_OK)
        return status;
    for (size_t i = 0; i < drift.count && t->status == FURROW_OK; i++)
        add_drift(t, &drift.items[i], "");
    look_for_extras(t, &live, expected);
    return t->status;
}

furrow_status furrow__prove_schema(furrow__schema_differences *out, furrow_connection *connection,
                                   const furrow__catalog *expected, const furrow__dialect *dialect,
                                   furrow_arena *arena, furrow_error *error)
{
    const furrow_driver *driver = connection->driver;
    furrow_error ignored;
    teller t = {.out = out, .arena = arena, .error = error};
    *out = (furrow__schema_differences){0};
    furrow_status status = driver->begin(connection, FURROW_ISOLATION_DEFAULT, false, error);
    if (status != FURROW_OK)
        return status;
    status = compare_live(&t, connection, expected, dialect);
    if (connection->in_transaction)
        driver->rollback(connection, &ignored);
    return status;
}

furrow_status furrow__prove_inspect(furrow__catalog *out, furrow_connection *connection,
                                    const furrow__dialect *dialect, furrow_arena *arena,
                                    furrow_error *error)
{
    const furrow_driver *driver = connection->driver;
    furrow_error ignored;
    furrow_status status = driver->begin(connection, FURROW_ISOLATION_DEFAULT, true, error);
    if (status != FURROW_OK)
        return status;
    status = furrow__inspect(out, connection, dialect, arena, error);
    if (connection->in_transaction)
        driver->rollback(connection, &ignored);
    return status;
}

/* ---- beside what it was ---- */

static const char *object_word(const furrow__catalog_object *o)
{
    return o->kind == FURROW__OBJECT_VIEW      ? "view "
           : o->kind == FURROW__OBJECT_TRIGGER ? "trigger "
                                               : "object ";
}

static const furrow__catalog_object *find_object(const furrow__catalog *in,
                                                 const furrow__catalog_object *object)
{
    for (size_t i = 0; i < in->object_count; i++)
        if (in->objects[i].kind == object->kind &&
            names_are_equal(in, in->objects[i].name.name, object->name.name) &&
            names_are_equal(in, in->objects[i].name.schema, object->name.schema) &&
            names_are_equal(in, in->objects[i].table.name, object->table.name))
            return &in->objects[i];
    return NULL;
}

static void compare_objects(teller *t, const furrow__catalog *then, const furrow__catalog *now)
{
    for (size_t i = 0; i < then->object_count && t->status == FURROW_OK; i++) {
        const furrow__catalog_object *was = &then->objects[i], *is = find_object(now, was);
        if (!is)
            add_line(t, was->table, NULL, object_word(was), was->name.name, " is not there again");
        else if (was->source && is->source && strcmp(was->source, is->source) != 0 &&
                 !furrow__sqlite_texts_are_equal(was->source, is->source))
            add_line(t, was->table, NULL, object_word(was), was->name.name,
                     " is not as it was the first time");
    }
    for (size_t i = 0; i < now->object_count && t->status == FURROW_OK; i++)
        if (!find_object(then, &now->objects[i]))
            add_line(t, now->objects[i].table, NULL, object_word(&now->objects[i]),
                     now->objects[i].name.name, " was not there the first time");
}

static void compare_kinds(teller *t, const furrow__catalog *then, const furrow__catalog *now)
{
    for (size_t i = 0; i < then->count && t->status == FURROW_OK; i++) {
        const furrow__catalog_table *was = then->tables[i], *is = find(now, now, was->name);
        if (is && (was->strict != is->strict || was->without_rowid != is->without_rowid ||
                   was->autoincrement != is->autoincrement))
            add_line(t, was->name, NULL, "table ", was->name.name,
                     " is not STRICT, WITHOUT ROWID or AUTOINCREMENT as it was");
    }
}

furrow_status furrow__prove_same(furrow__schema_differences *out, const furrow__catalog *then,
                                 const furrow__catalog *now, furrow_arena *arena,
                                 furrow_error *error)
{
    furrow__drift_list forth, back;
    teller t = {.out = out, .arena = arena, .error = error};
    *out = (furrow__schema_differences){0};
    furrow_status status = furrow__drift_between(&forth, then, now, arena, error);
    if (status == FURROW_OK)
        status = furrow__drift_between(&back, now, then, arena, error);
    if (status != FURROW_OK)
        return status;
    for (size_t i = 0; i < forth.count && t.status == FURROW_OK; i++)
        add_drift(&t, &forth.items[i],
                  forth.items[i].kind == FURROW__DRIFT_EXTRA ? ", and was not there the first time"
                                                             : ", as it was the first time");
    for (size_t i = 0; i < back.count && t.status == FURROW_OK; i++)
        if (back.items[i].kind == FURROW__DRIFT_MISSING)
            add_line(&t, back.items[i].table, NULL,
                     !back.items[i].part                             ? "table "
                     : strcmp(back.items[i].part, "column") == 0     ? "column "
                     : strcmp(back.items[i].part, "constraint") == 0 ? "constraint "
                                                                     : "index ",
                     back.items[i].name ? back.items[i].name : back.items[i].table.name,
                     " was not there the first time");
    compare_objects(&t, then, now);
    compare_kinds(&t, then, now);
    return t.status;
}
