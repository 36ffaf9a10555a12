/* SPDX-License-Identifier: MIT
 *
 * What somebody else changed: the live database beside what the history made. SQLite keeps the
 * words that it was given, so words are compared. PostgreSQL renders everything anew, so the
 * expected tables are made as temporary ones, within a savepoint that is rolled back, and read
 * again: then both sides are its own words. Foreign keys have none and are compared as they are.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "migrate/apply/query.h"
#include "migrate/apply/inspect_parts.h"
#include "migrate/catalog/sqlite_table.h"
#include "migrate/apply/drift.h"
#include "scan/compare.h"

typedef struct finder {
    furrow_connection *connection;
    const furrow__dialect *dialect;
    furrow_arena *arena;
    furrow_error *error;
    furrow_status status;
    bool sqlite;
    bool every_column; /* tell those, too, that are in nobody's way */
    bool by_meaning;   /* a constraint's name matters only where none says the same */
    furrow__catalog expected, live;
    const furrow__catalog_table *table; /* the expected one at work */
    furrow__drift *items;
    size_t count, capacity;
} finder;

static void no_memory(finder *f)
{
    if (f->status == FURROW_OK)
        f->status = furrow__fail(f->error, FURROW_NOMEM, "out of memory");
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

static void add(finder *f, furrow__drift_kind kind, const char *part, const char *name,
                const char *expected, const char *found)
{
    furrow__drift *more =
        furrow__arena_room(f->arena, f->items, f->count, &f->capacity, sizeof *more);
    if (!more) {
        no_memory(f);
        return;
    }
    f->items = more;
    f->items[f->count++] = (furrow__drift){kind, f->table->name, part, name, expected, found};
}

/* ---- words ---- */

static bool names_are_equal(const finder *f, const char *a, const char *b)
{
    if (f->sqlite || !a || !b)
        return furrow__sqlite_names_are_equal(a, b);
    return strcmp(a, b) == 0;
}

static bool words_are_equal(const finder *f, const char *a, const char *b)
{
    if (f->sqlite || !a || !b)
        return furrow__sqlite_texts_are_equal(a, b);
    return strcmp(a, b) == 0;
}

static bool lists_are_equal(const finder *f, const char *const *a, const char *const *b,
                            size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!names_are_equal(f, a[i], b[i]))
            return false;
    return true;
}

/* A part as it would be written, without its name. */
static const char *column_words(finder *f, const furrow__catalog_column *column)
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

static const char *constraint_words(finder *f, const furrow__catalog_constraint *constraint)
{
    furrow__buffer text = {0};
    furrow__catalog_constraint bare = *constraint;
    bare.source = bare.name = NULL;
    furrow__physical_write_constraint(&text, f->dialect, &bare);
    return take_text(f, &text);
}

static const char *index_words(finder *f, const furrow__catalog_table *table,
                               const furrow__catalog_index *index)
{
    furrow__buffer text = {0};
    furrow__catalog_index bare = *index;
    bare.source = NULL;
    furrow__physical_write_index(&text, &f->expected, table, &bare);
    return take_text(f, &text);
}

/* ---- columns ---- */

static bool columns_are_equal(const finder *f, const furrow__catalog_column *a,
                              const furrow__catalog_column *b)
{
    return words_are_equal(f, a->type.native, b->type.native) && a->nullable == b->nullable &&
           a->assigned == b->assigned && words_are_equal(f, a->default_, b->default_) &&
           words_are_equal(f, a->generated, b->generated) && a->stored == b->stored;
}

static furrow__catalog_column *column_named(const finder *f, const furrow__catalog_table *table,
                                            const char *name)
{
    return f->sqlite ? furrow__sqlite_column_named(table, name)
                     : furrow__catalog_column_named(table, name);
}

static void compare_columns(finder *f, const furrow__catalog_table *live)
{
    for (size_t i = 0; i < f->table->column_count; i++) {
        const furrow__catalog_column *expected = &f->table->columns[i];
        const furrow__catalog_column *found = column_named(f, live, expected->name);
        if (!found)
            add(f, FURROW__DRIFT_MISSING, "column", expected->name, column_words(f, expected),
                NULL);
        else if (!columns_are_equal(f, expected, found))
            add(f, FURROW__DRIFT_DIFFERS, "column", expected->name, column_words(f, expected),
                column_words(f, found));
    }
    for (size_t i = 0; i < live->column_count; i++) {
        const furrow__catalog_column *found = &live->columns[i];
        bool in_the_way =
            !found->nullable && !found->default_ && !found->generated && !found->assigned;
        if ((in_the_way || f->every_column) && !column_named(f, f->table, found->name))
            add(f, FURROW__DRIFT_EXTRA, "column", found->name, NULL, column_words(f, found));
    }
}

/* ---- constraints ---- */

static bool constraints_are_equal(const finder *f, const furrow__catalog_constraint *a,
                                  const furrow__catalog_constraint *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == FURROW__CONSTRAINT_CHECK)
        return words_are_equal(f, a->expression, b->expression);
    if (a->count != b->count || a->deferrable != b->deferrable ||
        !lists_are_equal(f, a->columns, b->columns, a->count))
        return false;
    if (a->kind != FURROW__CONSTRAINT_FOREIGN_KEY)
        return true;
    if (!names_are_equal(f, a->target.name, b->target.name) ||
        !names_are_equal(f, a->target.schema, b->target.schema) || a->on_delete != b->on_delete ||
        a->on_update != b->on_update)
        return false;
    /* SQLite's that names no columns means the primary key. */
    return !a->target_columns || !b->target_columns ||
           lists_are_equal(f, a->target_columns, b->target_columns, a->count);
}

/* The live one that an expected one is: by name where the name is part of the schema, else one that
 * says the same. */
static const furrow__catalog_constraint *find_constraint(finder *f,
                                                         const furrow__catalog_table *live,
                                                         const furrow__catalog_constraint *expected,
                                                         const bool *taken)
{
    if (expected->kind == FURROW__CONSTRAINT_PRIMARY_KEY)
        return furrow__catalog_primary_key(live);
    for (size_t i = 0; i < live->constraint_count && expected->name && !expected->of_column; i++)
        if (!taken[i] && live->constraints[i].name && live->constraints[i].kind == expected->kind &&
            strcmp(live->constraints[i].name, expected->name) == 0)
            return &live->constraints[i];
    if (expected->name && !expected->of_column && !f->sqlite && !f->by_meaning)
        return NULL;
    for (size_t i = 0; i < live->constraint_count; i++)
        if (!taken[i] && (!live->constraints[i].name || expected->of_column || f->by_meaning) &&
            constraints_are_equal(f, expected, &live->constraints[i]))
            return &live->constraints[i];
    return NULL;
}

/* A check that speaks of a column that is told itself, and of no other. */
static bool is_of_extra_column(const finder *f, const furrow__catalog_table *live,
                               const furrow__catalog_constraint *constraint)
{
    bool extra = false, known = false;
    if (constraint->kind != FURROW__CONSTRAINT_CHECK)
        return false;
    for (size_t i = 0; i < live->column_count; i++) {
        const char *name = live->columns[i].name;
        if (!furrow__sqlite_mentions(constraint->expression, name))
            continue;
        if (column_named(f, f->table, name))
            known = true;
        else
            extra = true;
    }
    return extra && !known;
}

static void compare_constraints(finder *f, const furrow__catalog_table *live)
{
    bool *taken = furrow__arena_aligned(f->arena, live->constraint_count + 1, 1);
    if (!taken) {
        no_memory(f);
        return;
    }
    memset(taken, 0, live->constraint_count + 1);
    for (size_t i = 0; i < f->table->constraint_count && f->status == FURROW_OK; i++) {
        const furrow__catalog_constraint *expected = &f->table->constraints[i];
        const furrow__catalog_constraint *found = find_constraint(f, live, expected, taken);
        const char *name = expected->name ? expected->name : "primary key";
        if (found)
            taken[found - live->constraints] = true;
        if (!found)
            add(f, FURROW__DRIFT_MISSING, "constraint", name, constraint_words(f, expected), NULL);
        else if (!constraints_are_equal(f, expected, found))
            add(f, FURROW__DRIFT_DIFFERS, "constraint", name, constraint_words(f, expected),
                constraint_words(f, found));
    }
    for (size_t i = 0; i < live->constraint_count && f->status == FURROW_OK; i++)
        if (!taken[i] && !(f->every_column && is_of_extra_column(f, live, &live->constraints[i])))
            add(f, FURROW__DRIFT_EXTRA, "constraint", live->constraints[i].name, NULL,
                constraint_words(f, &live->constraints[i]));
}

/* ---- indexes ---- */

static bool indexes_are_equal(const finder *f, const furrow__catalog_index *a,
                              const furrow__catalog_index *b)
{
    if (a->unique != b->unique || a->count != b->count || !words_are_equal(f, a->where, b->where))
        return false;
    /* PostgreSQL's whole statement says also where NULL stands, and the method. */
    if (!f->sqlite && a->source && b->source) {
        const char *x = strstr(a->source, " USING "), *y = strstr(b->source, " USING ");
        return x && y && strcmp(x, y) == 0;
    }
    for (size_t i = 0; i < a->count; i++)
        if (a->parts[i].descending != b->parts[i].descending ||
            !names_are_equal(f, a->parts[i].column, b->parts[i].column) ||
            !words_are_equal(f, a->parts[i].expression, b->parts[i].expression))
            return false;
    return true;
}

static furrow__catalog_index *index_named(const finder *f, const furrow__catalog_table *table,
                                          const char *name)
{
    for (size_t i = 0; i < table->index_count; i++)
        if (names_are_equal(f, table->indexes[i].name, name))
            return &table->indexes[i];
    return NULL;
}

static void compare_indexes(finder *f, const furrow__catalog_table *live)
{
    for (size_t i = 0; i < f->table->index_count; i++) {
        const furrow__catalog_index *expected = &f->table->indexes[i];
        const furrow__catalog_index *found = index_named(f, live, expected->name);
        if (!found)
            add(f, FURROW__DRIFT_MISSING, "index", expected->name,
                index_words(f, f->table, expected), NULL);
        else if (!indexes_are_equal(f, expected, found))
            add(f, FURROW__DRIFT_DIFFERS, "index", expected->name,
                index_words(f, f->table, expected), index_words(f, live, found));
    }
}

static const furrow__catalog_table *find_live(const finder *f, furrow__table_name name)
{
    for (size_t i = 0; i < f->live.count; i++)
        if (names_are_equal(f, f->live.tables[i]->name.name, name.name) &&
            names_are_equal(f, f->live.tables[i]->name.schema, name.schema))
            return f->live.tables[i];
    return NULL;
}

static void compare(finder *f)
{
    for (size_t i = 0; i < f->expected.count && f->status == FURROW_OK; i++) {
        f->table = f->expected.tables[i];
        const furrow__catalog_table *live = find_live(f, f->table->name);
        if (!live) {
            add(f, FURROW__DRIFT_MISSING, NULL, NULL, NULL, NULL);
            continue;
        }
        compare_columns(f, live);
        compare_constraints(f, live);
        compare_indexes(f, live);
    }
}

/* ---- PostgreSQL's own words for what is expected ---- */

static void make_temporary(finder *f, const furrow__catalog_table *table)
{
    furrow__buffer sql = {0};
    furrow__catalog_table there = *table;
    there.name = (furrow__table_name){"pg_temp", table->name.name};
    furrow__physical_write_table(&sql, &f->expected, &there,
                                 &(furrow__table_form){.without_foreign_keys = true});
    f->status = furrow__execute_buffer(f->connection, &sql, f->error);
    for (size_t i = 0; i < table->index_count && f->status == FURROW_OK; i++) {
        furrow__physical_write_index(&sql, &f->expected, &there, &table->indexes[i]);
        f->status = furrow__execute_buffer(f->connection, &sql, f->error);
    }
}

/* What was read back, with what a temporary table cannot say: its schema, its foreign keys, and
 * whose checks are whose. */
static void take_words(finder *f, furrow__catalog_table *expected,
                       const furrow__catalog_table *read)
{
    furrow__catalog_table made = *read;
    made.name = expected->name;
    made.constraints = NULL;
    made.constraint_count = made.constraint_capacity = 0;
    for (size_t i = 0; i < expected->constraint_count; i++) {
        const furrow__catalog_constraint *e = &expected->constraints[i];
        const furrow__catalog_constraint *r = furrow__catalog_constraint_named(read, e->name);
        furrow__catalog_constraint *added = furrow__catalog_add_constraint(&f->expected, &made);
        if (!added) {
            no_memory(f);
            return;
        }
        *added = r && e->kind != FURROW__CONSTRAINT_FOREIGN_KEY ? *r : *e;
        added->of_column = e->of_column;
    }
    *expected = made;
}

static bool same_schema(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static void read_schema_again(finder *f, const char *schema)
{
    furrow__catalog read;
    const char *name = NULL;
    for (size_t i = 0; i < f->expected.count && f->status == FURROW_OK; i++)
        if (same_schema(f->expected.tables[i]->name.schema, schema))
            make_temporary(f, f->expected.tables[i]);
    if (f->status != FURROW_OK)
        return;
    furrow__query q =
        furrow__query_begin(f->connection,
                            "SELECT nspname::text FROM pg_catalog.pg_namespace WHERE oid ="
                            " pg_catalog.pg_my_temp_schema()",
                            f->arena, f->error);
    if (furrow__query_next(&q))
        name = furrow__query_text(&q, 0);
    f->status = furrow__query_end(&q);
    furrow__catalog_init(&read, f->dialect, f->arena);
    if (f->status == FURROW_OK && name)
        f->status = furrow__inspect_postgresql(&read, f->connection, name, f->error);
    for (size_t i = 0; i < f->expected.count && f->status == FURROW_OK; i++) {
        furrow__catalog_table *table = f->expected.tables[i];
        furrow__table_name there = {NULL, table->name.name};
        const furrow__catalog_table *again = furrow__catalog_table_named(&read, there);
        if (same_schema(table->name.schema, schema) && again)
            take_words(f, table, again);
    }
}

/* One schema at a time: within one no two names are equal. */
static void read_again(finder *f)
{
    const furrow_driver *driver = f->connection->driver;
    size_t tables = f->expected.count;
    for (size_t i = 0; i < tables && f->status == FURROW_OK; i++) {
        const char *schema = f->expected.tables[i]->name.schema;
        bool seen = false;
        for (size_t k = 0; k < i; k++)
            seen |= same_schema(f->expected.tables[k]->name.schema, schema);
        if (seen)
            continue;
        f->status = driver->savepoint(f->connection, 1, f->error);
        if (f->status != FURROW_OK)
            return;
        read_schema_again(f, schema);
        furrow_error undone;
        furrow_status back = driver->rollback_to(f->connection, 1, &undone);
        if (back == FURROW_OK)
            back = driver->release(f->connection, 1, &undone);
        if (f->status == FURROW_OK && back != FURROW_OK) {
            *f->error = undone;
            f->status = back;
        }
    }
}

/* ---- all of it ---- */

furrow_status furrow__drift_find(furrow__drift_list *out, const furrow__drift_request *request,
                                 furrow_arena *arena, furrow_error *error)
{
    finder f = {.connection = request->connection,
                .dialect = request->dialect,
                .arena = arena,
                .error = error,
                .every_column = request->every_column,
                .sqlite = request->dialect == &furrow__dialect_sqlite};
    *out = (furrow__drift_list){0};
    f.status = furrow__catalog_lower(&f.expected, request->expected, f.dialect, arena, error);
    if (f.status == FURROW_OK)
        f.status = furrow__inspect(&f.live, f.connection, f.dialect, arena, error);
    if (f.status == FURROW_OK && !f.sqlite)
        read_again(&f);
    if (f.status == FURROW_OK)
        compare(&f);
    if (f.status == FURROW_OK)
        *out = (furrow__drift_list){f.items, f.count};
    return f.status;
}

furrow_status furrow__drift_between(furrow__drift_list *out, const furrow__catalog *a,
                                    const furrow__catalog *b, furrow_arena *arena,
                                    furrow_error *error)
{
    finder f = {.dialect = a->dialect,
                .arena = arena,
                .error = error,
                .sqlite = a->dialect == &furrow__dialect_sqlite,
                .by_meaning = true,
                .expected = *a,
                .live = *b};
    *out = (furrow__drift_list){0};
    compare(&f);
    if (f.status == FURROW_OK)
        *out = (furrow__drift_list){f.items, f.count};
    return f.status;
}

void furrow__drift_write(furrow__buffer *out, const furrow__drift *drift)
{
    furrow__buffer_format(out, "%s %s%s%s", drift->part ? drift->part : "table",
                          drift->table.schema ? drift->table.schema : "",
                          drift->table.schema ? "." : "", drift->table.name);
    if (drift->part)
        furrow__buffer_format(out, ".%s", drift->name ? drift->name : "(without a name)");
    if (drift->kind == FURROW__DRIFT_MISSING)
        furrow__buffer_format(out, " is missing%s%s", drift->expected ? ": expected " : "",
                              drift->expected ? drift->expected : "");
    else if (drift->kind == FURROW__DRIFT_DIFFERS)
        furrow__buffer_format(out, ": expected %s, found %s", drift->expected, drift->found);
    else
        furrow__buffer_format(out, " is not expected: found %s", drift->found);
}
