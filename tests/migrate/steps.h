/* SPDX-License-Identifier: MIT
 * Makes plans and steps by hand. The tables before and after a step are given as CREATE statements,
 * and the revisions as ids. */
#ifndef FURROW_TESTS_MIGRATE_STEPS_H
#define FURROW_TESTS_MIGRATE_STEPS_H

#include "fixture.h"

#include "migrate/apply/migrator.h"
#include "migrate/apply/route.h"
#include "migrate/catalog/sqlite_table.h"

/* Returns a physical table as a history contains it: without the text of its definition. */
static inline furrow__catalog_table *table_from(fixture *f, const char *sql)
{
    furrow__catalog catalog;
    furrow__catalog_table *table;
    furrow__catalog_init(&catalog, &furrow__dialect_sqlite, &f->arena);
    OK(furrow__sqlite_read_table(&catalog, sql, strlen(sql), &table, &f->error));
    table->source = NULL;
    for (size_t i = 0; i < table->column_count; i++)
        table->columns[i].source = NULL;
    for (size_t i = 0; i < table->constraint_count; i++)
        table->constraints[i].source = table->constraints[i].inside = NULL;
    return table;
}

static inline void add_index(fixture *f, furrow__catalog_table *table, const char *sql)
{
    furrow__catalog catalog;
    furrow__sqlite_live_index live;
    furrow__catalog_init(&catalog, &furrow__dialect_sqlite, &f->arena);
    furrow__catalog_index *index = furrow__catalog_add_index(&catalog, table);
    OK(furrow__sqlite_read_index(&live, sql, strlen(sql), &f->arena, &f->error));
    *index = live.index;
    index->source = NULL;
}

/* Returns a rebuild that copies the columns that both tables have. For other columns, `fills`
 * contains strings of the form "column=expression"; its last element is NULL. */
static inline furrow__action rebuild_of(fixture *f, const furrow__catalog_table *before,
                                        const furrow__catalog_table *after,
                                        const char *const *fills)
{
    furrow__rebuild_column *columns =
        furrow_arena_allocate(&f->arena, after->column_count * sizeof *columns);
    size_t count = 0;
    for (size_t i = 0; i < after->column_count; i++) {
        const furrow__catalog_column *column = &after->columns[i];
        const char *source = NULL;
        for (size_t k = 0; fills && fills[k]; k++)
            if (!strncmp(fills[k], column->name, strlen(column->name)) &&
                fills[k][strlen(column->name)] == '=')
                source = fills[k] + strlen(column->name) + 1;
        if (!source && furrow__catalog_column_named(before, column->name) && !column->generated) {
            furrow__buffer quoted = {0};
            furrow__sql_identifier(&quoted, column->name);
            source = furrow__arena_text(&f->arena, quoted.text, quoted.size);
            furrow__buffer_done(&quoted);
        }
        if (source)
            columns[count++] = (furrow__rebuild_column){column->name, source};
    }
    return (furrow__action){.kind = FURROW__ACTION_REBUILD,
                            .sql = "CREATE TABLE",
                            .table = before->name,
                            .before = before,
                            .after = after,
                            .columns = columns,
                            .column_count = count};
}

static inline furrow__action statement(const char *sql)
{
    return (furrow__action){.kind = FURROW__ACTION_STATEMENT, .sql = sql};
}

/* Returns a revision. Its id and the id of its parent are letters; `parent` is NULL if there is no
 * parent. */
static inline furrow__revision *revision(fixture *f, const char *letter, const char *parent)
{
    furrow__revision *r = furrow_arena_allocate(&f->arena, sizeof *r);
    *r = (furrow__revision){.file = letter,
                            .id = letter,
                            .message = letter,
                            .before = "",
                            .after = "after",
                            .hash = letter};
    if (parent)
        r->parents[r->parent_count++] = parent;
    return r;
}

static inline furrow__migrator *open_migrator(fixture *f, furrow__migrator_options options)
{
    furrow__migrator *m;
    options.url = f->url;
    OK(furrow__migrator_open(&m, f->driver, f->dialect, &options, &f->error));
    return m;
}

/* Runs the route to a target, with a new migrator. */
static inline furrow_status run_route(fixture *f, const furrow__route_request *request,
                                      furrow__migrator_options options,
                                      furrow__route_report *report)
{
    options.lock_timeout_ms = 5000;
    furrow__migrator *m = open_migrator(f, options);
    furrow_status status = furrow__route_run(m, report, request, &f->arena, &f->error);
    furrow__migrator_close(m);
    return status;
}

/* Runs actions as one revision, with a new migrator. */
static inline furrow_status run_step(fixture *f, const furrow__revision *of, bool down,
                                     const furrow__plan *plan, furrow__migrator_options options,
                                     furrow__step_report *report)
{
    static furrow__catalog empty;
    furrow__catalog_init(&empty, NULL, &f->arena);
    options.ignore_drift = true;
    furrow__migrator *m = open_migrator(f, options);
    furrow__revision_step step = {of, down, &empty, &empty};
    furrow_status status = furrow__migrator_run(m, &step, plan, report, &f->error);
    furrow__migrator_close(m);
    return status;
}

static inline furrow_status run_actions(fixture *f, const char *letter,
                                        const furrow__action *actions, size_t count,
                                        furrow__step_report *report)
{
    furrow__plan plan = {.dialect = f->dialect, .actions = actions, .count = count};
    return run_step(f, revision(f, letter, NULL), false, &plan,
                    (furrow__migrator_options){.lock_timeout_ms = 5000}, report);
}

#endif
