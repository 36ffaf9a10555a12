/* SPDX-License-Identifier: MIT
 *
 * Compares the live database with the expected schema. Both are given as physical catalogs. Their
 * definitions are in the engine's own form.
 */
#include "migrate/apply/drift.h"

#include <string.h>

#include "base/text.h"
#include "migrate/apply/dialect.h"
#include "migrate/apply/inspect.h"
#include "migrate/catalog/ddl.h"
#include "scan/compare.h"

typedef struct finder {
    const furrow__dialect *dialect;
    const furrow__apply_dialect *engine;
    furrow_arena *arena;
    furrow_error *error;
    furrow_status status;
    bool every_column;  /* whether all additional columns are reported */
    bool ignores_names; /* whether constraints with equal definitions are equal even if their names
                           differ */
    furrow__catalog expected, live;
    furrow__catalog first; /* `expected` in the first storage version; empty unless tables may have
                              any version */
    const furrow__catalog_table *table; /* the table of `expected` that is being compared */
    furrow__drift *items;
    size_t count, capacity;
} finder;

static void no_memory(finder *f)
{
    if (f->status == FURROW_OK)
        f->status = furrow__fail(f->error, FURROW_NOMEM, "out of memory");
}

static void add(finder *f, furrow__drift drift)
{
    furrow__drift *items =
        furrow__arena_room(f->arena, f->items, f->count, &f->capacity, sizeof *items);
    if (!items) {
        no_memory(f);
        return;
    }
    drift.table = f->table->name;
    f->items = items;
    f->items[f->count++] = drift;
}

static const char *take_text(finder *f, furrow__buffer *buffer)
{
    const char *text = furrow__buffer_text(buffer);
    const char *copy = text ? furrow__arena_text(f->arena, text, buffer->size) : NULL;
    furrow__buffer_done(buffer);
    if (!copy)
        no_memory(f);
    return copy;
}

static const char *write_column(finder *f, const furrow__catalog_column *column)
{
    furrow__buffer text = {0}, name = {0};
    furrow__catalog_column bare = *column;
    bare.source = NULL;
    furrow__physical_write_column(&text, f->dialect, &bare);
    furrow__sql_identifier(&name, column->name);
    size_t skip = name.size < text.size ? name.size + 1 : text.size;
    furrow__buffer_done(&name);
    const char *whole = take_text(f, &text);
    return whole ? whole + skip : NULL;
}

static const char *write_constraint(finder *f, const furrow__catalog_constraint *constraint)
{
    furrow__buffer text = {0};
    furrow__catalog_constraint bare = *constraint;
    bare.source = bare.name = NULL;
    furrow__physical_write_constraint(&text, f->dialect, &bare);
    return take_text(f, &text);
}

static const char *write_index(finder *f, const furrow__catalog_table *table,
                               const furrow__catalog_index *index)
{
    furrow__buffer text = {0};
    furrow__catalog_index bare = *index;
    bare.source = NULL;
    furrow__physical_write_index(&text, &f->expected, table, &bare);
    return take_text(f, &text);
}

static bool makes_inserts_fail(const furrow__catalog_column *column)
{
    return !column->nullable && !column->default_ && !column->generated && !column->assigned;
}

static void compare_columns(finder *f, const furrow__catalog_table *live)
{
    for (size_t i = 0; i < f->table->column_count; i++) {
        const furrow__catalog_column *expected = &f->table->columns[i];
        const furrow__catalog_column *found = furrow__find_column(f->engine, live, expected->name);
        if (!found)
            add(f, (furrow__drift){.kind = FURROW__DRIFT_MISSING,
                                   .part = "column",
                                   .name = expected->name,
                                   .expected = write_column(f, expected)});
        else if (!furrow__columns_are_equal(f->engine, expected, found))
            add(f, (furrow__drift){.kind = FURROW__DRIFT_DIFFERS,
                                   .part = "column",
                                   .name = expected->name,
                                   .expected = write_column(f, expected),
                                   .found = write_column(f, found)});
    }
    for (size_t i = 0; i < live->column_count; i++) {
        const furrow__catalog_column *found = &live->columns[i];
        if ((f->every_column || makes_inserts_fail(found)) &&
            !furrow__find_column(f->engine, f->table, found->name))
            add(f, (furrow__drift){.kind = FURROW__DRIFT_EXTRA,
                                   .part = "column",
                                   .name = found->name,
                                   .found = write_column(f, found)});
    }
}

/* Returns whether a check refers only to additional columns. If these columns are reported, the
 * check is not reported separately. */
static bool is_of_extra_column(const finder *f, const furrow__catalog_table *live,
                               const furrow__catalog_constraint *constraint)
{
    bool extra = false, known = false;
    if (constraint->kind != FURROW__CONSTRAINT_CHECK)
        return false;
    for (size_t i = 0; i < live->column_count; i++) {
        const char *name = live->columns[i].name;
        if (!furrow__text_mentions(constraint->expression, name, f->dialect->syntax))
            continue;
        if (furrow__find_column(f->engine, f->table, name))
            known = true;
        else
            extra = true;
    }
    return extra && !known;
}

static void compare_constraint(finder *f, const furrow__catalog_constraint *expected,
                               const furrow__catalog_constraint *found)
{
    const char *name = expected->name ? expected->name : "primary key";
    if (!found)
        add(f, (furrow__drift){.kind = FURROW__DRIFT_MISSING,
                               .part = "constraint",
                               .name = name,
                               .expected = write_constraint(f, expected)});
    else if (!furrow__constraints_are_equal(f->engine, expected, found, true))
        add(f, (furrow__drift){.kind = FURROW__DRIFT_DIFFERS,
                               .part = "constraint",
                               .name = name,
                               .expected = write_constraint(f, expected),
                               .found = write_constraint(f, found)});
}

static bool is_found(const size_t *found, size_t count, size_t live)
{
    for (size_t i = 0; i < count; i++)
        if (found[i] == live)
            return true;
    return false;
}

static void compare_constraints(finder *f, const furrow__catalog_table *live)
{
    size_t count = f->table->constraint_count;
    size_t *found = furrow__arena_aligned(f->arena, (count + 1) * sizeof *found, _Alignof(size_t));
    if (!found) {
        no_memory(f);
        return;
    }
    furrow__match_constraints(found, f->engine, f->table, live, f->ignores_names);
    for (size_t i = 0; i < count && f->status == FURROW_OK; i++)
        compare_constraint(f, &f->table->constraints[i],
                           found[i] == SIZE_MAX ? NULL : &live->constraints[found[i]]);
    for (size_t i = 0; i < live->constraint_count && f->status == FURROW_OK; i++) {
        const furrow__catalog_constraint *extra = &live->constraints[i];
        if (!is_found(found, count, i) && !(f->every_column && is_of_extra_column(f, live, extra)))
            add(f, (furrow__drift){.kind = FURROW__DRIFT_EXTRA,
                                   .part = "constraint",
                                   .name = extra->name,
                                   .found = write_constraint(f, extra)});
    }
}

static const furrow__catalog_index *find_index(const finder *f, const furrow__catalog_table *table,
                                               const char *name)
{
    for (size_t i = 0; i < table->index_count; i++)
        if (f->engine->names_are_equal(table->indexes[i].name, name))
            return &table->indexes[i];
    return NULL;
}

static void compare_indexes(finder *f, const furrow__catalog_table *live)
{
    for (size_t i = 0; i < f->table->index_count; i++) {
        const furrow__catalog_index *expected = &f->table->indexes[i];
        const furrow__catalog_index *found = find_index(f, live, expected->name);
        if (!found)
            add(f, (furrow__drift){.kind = FURROW__DRIFT_MISSING,
                                   .part = "index",
                                   .name = expected->name,
                                   .expected = write_index(f, f->table, expected)});
        else if (!furrow__indexes_are_equal(f->engine, expected, found))
            add(f, (furrow__drift){.kind = FURROW__DRIFT_DIFFERS,
                                   .part = "index",
                                   .name = expected->name,
                                   .expected = write_index(f, f->table, expected),
                                   .found = write_index(f, live, found)});
    }
}

static const furrow__catalog_table *find_live(const finder *f, furrow__table_name name)
{
    for (size_t i = 0; i < f->live.count; i++)
        if (f->engine->tables_are_equal(f->live.tables[i]->name, name))
            return f->live.tables[i];
    return NULL;
}

static void compare_table(finder *f, const furrow__catalog_table *table,
                          const furrow__catalog_table *live)
{
    f->table = table;
    compare_columns(f, live);
    compare_constraints(f, live);
    compare_indexes(f, live);
}

/* Compares a live table with the expected table in the first storage version. If this comparison
 * finds fewer differences, they replace the differences that were added after `start`. */
static void compare_first_version(finder *f, size_t at, const furrow__catalog_table *live,
                                  size_t start)
{
    size_t end = f->count;
    if (at >= f->first.count || end == start)
        return;
    compare_table(f, f->first.tables[at], live);
    size_t count = f->count - end;
    if (f->status == FURROW_OK && count < end - start) {
        memmove(f->items + start, f->items + end, count * sizeof *f->items);
        f->count = start + count;
    } else {
        f->count = end;
    }
}

static void compare(finder *f)
{
    for (size_t i = 0; i < f->expected.count && f->status == FURROW_OK; i++) {
        size_t start = f->count;
        f->table = f->expected.tables[i];
        const furrow__catalog_table *live = find_live(f, f->table->name);
        if (!live) {
            add(f, (furrow__drift){.kind = FURROW__DRIFT_MISSING});
            continue;
        }
        compare_table(f, f->table, live);
        compare_first_version(f, i, live, start);
    }
}

/* Lowers the expected schema in the first storage version, if the versions differ on this engine.
 */
static void lower_first_version(finder *f, const furrow__catalog *expected)
{
    furrow__catalog first = *expected;
    first.storage = FURROW__STORAGE_FIRST;
    if (f->status == FURROW_OK && f->dialect->ddl->write_form)
        f->status = furrow__catalog_lower(&f->first, &first, f->dialect, f->arena, f->error);
}

furrow_status furrow__drift_find(furrow__drift_list *out, const furrow__drift_request *request,
                                 furrow_arena *arena, furrow_error *error)
{
    furrow_connection *connection = request->connection;
    finder f = {.dialect = request->dialect,
                .engine = request->dialect->apply,
                .arena = arena,
                .error = error,
                .every_column = request->every_column};
    *out = (furrow__drift_list){0};
    f.status = furrow__catalog_lower(&f.expected, request->expected, f.dialect, arena, error);
    if (request->any_storage)
        lower_first_version(&f, request->expected);
    if (f.status == FURROW_OK)
        f.status = furrow__inspect(&f.live, connection, f.dialect, arena, error);
    if (f.status == FURROW_OK && f.engine->render)
        f.status = f.engine->render(&f.expected, connection, error);
    if (f.status == FURROW_OK)
        compare(&f);
    if (f.status == FURROW_OK)
        *out = (furrow__drift_list){f.items, f.count};
    return f.status;
}

bool furrow__drift_find_writes(const furrow__dialect *dialect)
{
    return dialect->apply->render != NULL;
}

furrow_status furrow__drift_between(furrow__drift_list *out, const furrow__catalog *a,
                                    const furrow__catalog *b, furrow_arena *arena,
                                    furrow_error *error)
{
    finder f = {.dialect = a->dialect,
                .engine = a->dialect->apply,
                .arena = arena,
                .error = error,
                .ignores_names = true,
                .expected = *a,
                .live = *b};
    *out = (furrow__drift_list){0};
    compare(&f);
    if (f.status == FURROW_OK)
        *out = (furrow__drift_list){f.items, f.count};
    return f.status;
}

/* Writes a name, in double quotes unless it is a plain word, so that the parts of a longer name are
 * distinct. */
static void write_name(furrow__buffer *out, const char *name)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$-";
    const char *at = name;
    while (*at && ((unsigned char)*at >= 0x80 || strchr(plain, *at)))
        at++;
    if (*name && !*at)
        furrow__buffer_add_text(out, name);
    else
        furrow__sql_identifier(out, name);
}

static void write_difference(furrow__buffer *out, const furrow__drift *drift,
                             void (*write)(furrow__buffer *out, const char *name))
{
    furrow__buffer_format(out, "%s ", drift->part ? drift->part : "table");
    if (drift->table.schema) {
        write(out, drift->table.schema);
        furrow__buffer_add_char(out, '.');
    }
    write(out, drift->table.name);
    if (drift->part) {
        furrow__buffer_add_char(out, '.');
        if (drift->name)
            write(out, drift->name);
        else
            furrow__buffer_add_text(out, "(without a name)");
    }
    if (drift->kind == FURROW__DRIFT_MISSING)
        furrow__buffer_format(out, " is missing%s%s", drift->expected ? ": expected " : "",
                              drift->expected ? drift->expected : "");
    else if (drift->kind == FURROW__DRIFT_DIFFERS)
        furrow__buffer_format(out, ": expected %s, found %s", drift->expected, drift->found);
    else
        furrow__buffer_format(out, " is not expected: found %s", drift->found);
}

void furrow__drift_write(furrow__buffer *out, const furrow__drift *drift)
{
    write_difference(out, drift, write_name);
}

void furrow__drift_write_without_quotes(furrow__buffer *out, const furrow__drift *drift)
{
    write_difference(out, drift, furrow__buffer_add_text);
}
