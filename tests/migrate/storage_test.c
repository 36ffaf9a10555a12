/* SPDX-License-Identifier: MIT
 *
 * Tests storage versions. The folder storage_1 has a history, its furrow.sum and a SQLite database
 * that were made by a version of furrow that knew only the first storage version. Some rows were
 * written with the sqlite3 shell. The usage is: storage_test FOLDER.
 */
#include <dirent.h>

#include "fixture.h"

#include "../unit/migrate_world.h"
#include "history.h"
#include "steps.h"
#include "migrate/apply/drift.h"
#include "migrate/apply/route.h"
#include "migrate/author/squash.h"

static const char *folder;

/* Reads a whole file. */
static const char *contents(fixture *f, const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("cannot open %s", path);
    char *text = furrow_arena_allocate(&f->arena, 1 << 20);
    *size = fread(text, 1, (1 << 20) - 1, file);
    text[*size] = '\0';
    fclose(file);
    return text;
}

static const char *path_of(fixture *f, const char *name)
{
    furrow__buffer path = {0};
    furrow__buffer_format(&path, "%s/%s", folder, name);
    return furrow__buffer_take(&path, &f->arena);
}

/* Reads the history of the folder, without linking it. */
static void read_history(fixture *f, furrow__history *out)
{
    char name[300];
    DIR *files = opendir(path_of(f, "migrations"));
    assert_non_null(files);
    *out = (furrow__history){.arena = &f->arena};
    for (struct dirent *entry; (entry = readdir(files));) {
        furrow__file_location place;
        size_t size;
        if (!strstr(entry->d_name, ".sql"))
            continue;
        snprintf(name, sizeof name, "migrations/%s", entry->d_name);
        const char *text = contents(f, path_of(f, name), &size);
        OK(furrow__history_add(
            out, &(furrow__source_text){.text = text, .size = size, .location = {.file = name}},
            &place, &f->error));
    }
    closedir(files);
}

/* Adds a revision after the last one of a linked history, and links the history again. `header` is
 * the part of the file between the line "-- after:" and the first section. */
static void add_after(fixture *f, furrow__history *history, const char *header,
                      const char *sections)
{
    bool *all = furrow_arena_allocate(&f->arena, history->count + 1);
    char before[FURROW__FINGERPRINT_SIZE], after[FURROW__FINGERPRINT_SIZE];
    furrow__catalog schema;
    furrow__buffer text = {0};
    furrow__file_location place;
    furrow__history draft = {.arena = &f->arena};
    memset(all, 1, history->count);
    OK(furrow__history_replay(&schema, history, all, &f->arena, &f->error));
    OK(furrow__catalog_fingerprint(before, &schema, &f->error));
    snprintf(after, sizeof after, "%s", before);
    for (int pass = 0; pass < 2; pass++) {
        furrow__buffer_clear(&text);
        furrow__buffer_format(&text,
                              "-- furrow revision %012zx\n-- parent: %s\n-- message: more\n"
                              "-- before: %s\n-- after: %s\n%s\n%s",
                              history->count + 100, history->items[history->count - 1]->id, before,
                              after, header, sections);
        const furrow__source_text source = {
            .text = text.text, .size = text.size, .location = {.file = "more.sql"}};
        OK(furrow__history_add(pass ? history : &draft, &source, &place, &f->error));
        if (pass)
            break;
        OK(furrow__changes_apply(&schema, &draft.items[0]->upgrade, &f->error));
        OK(furrow__catalog_fingerprint(after, &schema, &f->error));
    }
    furrow__buffer_done(&text);
    OK(furrow__history_link(history, &f->error));
}

#define EMPTY "-- upgrade\n-- downgrade\n"

/* Replaces the test's database with a copy of the folder's database. */
static void use_old_database(fixture *f)
{
    size_t size;
    const char *bytes = contents(f, path_of(f, "database.sqlite3"), &size);
    f->driver->close(f->c);
    FILE *file = fopen(f->url + strlen("sqlite:///"), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    connect_to(f, &f->c);
}

/* Reads and links the history of the folder, adds a revision, and uses the old database. */
static void start(fixture *f, furrow__history *history, const char *header, const char *sections)
{
    read_history(f, history);
    OK(furrow__history_link(history, &f->error));
    add_after(f, history, header, sections);
    use_old_database(f);
}

static furrow_status go(fixture *f, const furrow__history *history, const char *target, bool down,
                        furrow__route_report *report)
{
    return run_route(f,
                     &(furrow__route_request){.history = history, .target = target, .down = down},
                     (furrow__migrator_options){.allow_data_loss = true}, report);
}

/* Fails if the database differs from the schema after all revisions. */
static void expect_no_drift(fixture *f, const furrow__history *history, size_t applied_count)
{
    bool *applied = furrow_arena_allocate(&f->arena, history->count + 1);
    furrow__catalog schema;
    furrow__drift_list drift;
    memset(applied, 0, history->count);
    memset(applied, 1, applied_count);
    OK(furrow__history_replay(&schema, history, applied, &f->arena, &f->error));
    OK(furrow__drift_find(
        &drift,
        &(furrow__drift_request){.connection = f->c, .dialect = f->dialect, .expected = &schema},
        &f->arena, &f->error));
    for (size_t i = 0; i < drift.count; i++) {
        furrow__buffer text = {0};
        furrow__drift_write(&text, &drift.items[i]);
        fail_msg("%s", furrow__buffer_text(&text));
    }
    assert_string_equal(rows(f, "PRAGMA integrity_check"), "ok");
}

static void test_storage__sum_of_an_old_history_is_unchanged(void **state)
{
    fixture *f = *state;
    furrow__history history;
    furrow__buffer sum = {0};
    size_t size;
    read_history(f, &history);
    OK(furrow__history_link(&history, &f->error));
    OK(furrow__sum_write(&sum, &history, &f->error));
    const char *old = contents(f, path_of(f, "migrations/furrow.sum"), &size);
    assert_int_equal(sum.size, size);
    assert_memory_equal(sum.text, old, size);
    furrow__buffer_done(&sum);
    for (size_t i = 0; i < history.count; i++) {
        furrow__buffer text = {0};
        bool *applied = furrow_arena_allocate(&f->arena, history.count + 1);
        furrow__catalog before, after;
        memset(applied, 0, history.count);
        memset(applied, 1, i);
        OK(furrow__history_replay(&before, &history, applied, &f->arena, &f->error));
        applied[i] = true;
        OK(furrow__history_replay(&after, &history, applied, &f->arena, &f->error));
        assert_int_equal(after.storage, FURROW__STORAGE_FIRST);
        furrow__revision_write(&text, history.items[i], &before, &after);
        assert_null(strstr(text.text, "storage"));
        furrow__buffer_done(&text);
    }
}

static void test_storage__old_database_has_no_drift(void **state)
{
    fixture *f = *state;
    furrow__history history;
    furrow__route_report report;
    read_history(f, &history);
    OK(furrow__history_link(&history, &f->error));
    use_old_database(f);
    expect_no_drift(f, &history, history.count);
    OK(go(f, &history, "head", false, &report));
    assert_int_equal(report.total, 0);
    OK(go(f, &history, "-1", true, &report));
    OK(go(f, &history, "head", false, &report));
    expect_no_drift(f, &history, history.count);
}

/* A later revision of an old history still creates tables in the first storage version. */
static void test_storage__old_history_stays_at_the_first_version(void **state)
{
    fixture *f = *state;
    furrow__history history;
    furrow__route_report report;
    start(f, &history, "",
          "-- upgrade\nCREATE TABLE later (at TIMESTAMP WITH TIME ZONE);\n"
          "-- downgrade\nDROP TABLE later;\n");
    OK(go(f, &history, "head", false, &report));
    expect_no_drift(f, &history, history.count);
    run(f, "INSERT INTO later VALUES ('whatever')");
}

static void test_storage__preflight_lists_rows_and_the_rebuild_converts_them(void **state)
{
    fixture *f = *state;
    furrow__history history;
    furrow__route_report report;
    start(f, &history, "-- storage: 2\n", EMPTY);
    IS(go(f, &history, "head", false, &report), FURROW_INVALID);
    assert_int_equal(report.step.problem_count, 1);
    assert_string_equal(report.step.problems[0].message,
                        "1 row of \"client\" holds a value that is not valid for the type of "
                        "\"joined\" (first keys: {2D1E2F3A-4B5C-4D6E-8F90-A1B2C3D4E5F6})");
    assert_int_equal(report.step.problems[0].place.line, 6);
    expect_no_drift(f, &history, history.count - 1);
    run(f, "UPDATE client SET joined = '2025-02-01' WHERE name = 'Linus'");
    OK(go(f, &history, "head", false, &report));
    expect_no_drift(f, &history, history.count);
    assert_string_equal(rows(f, "SELECT id, joined FROM client ORDER BY id"),
                        "0d1e2f3a-4b5c-4d6e-8f90-a1b2c3d4e5f6|2024-02-29;"
                        "1d1e2f3a-4b5c-4d6e-8f90-a1b2c3d4e5f6|2025-01-31;"
                        "2d1e2f3a-4b5c-4d6e-8f90-a1b2c3d4e5f6|2025-02-01");
    assert_string_equal(rows(f, "SELECT made, due, paid FROM invoice ORDER BY id"),
                        "2025-06-01T12:30:45.123456Z|2025-07-01|-;"
                        "2025-06-02T12:30:45.000000Z|2025-07-02|2025-06-20T08:00:00.000000Z;"
                        "2025-06-03T00:00:00.000000Z|-|2025-06-20T08:00:00.500000Z");
    assert_int_equal(number(f, "SELECT count(*) FROM invoice WHERE discount = 0.10000000149011612 "
                               "AND rate = 0.3"),
                     3);
    furrow_error error;
    assert_int_equal(
        furrow__execute(f->c, "UPDATE invoice SET paid = datetime('now')", NULL, &error),
        FURROW_INVALID);
    OK(go(f, &history, "-1", true, &report));
    expect_no_drift(f, &history, history.count - 1);
    run(f, "UPDATE invoice SET paid = datetime('now')");
}

/* SQLite's functions ignore what follows a NUL, so a value with a NUL is not converted. */
static void test_storage__value_with_a_nul_stops_the_step(void **state)
{
    fixture *f = *state;
    furrow__history history;
    furrow__route_report report;
    start(f, &history, "-- storage: 2\n", EMPTY);
    run(f, "UPDATE client SET id = id || char(0) || 'x' WHERE name = 'Linus'");
    run(f, "UPDATE client SET joined = '2025-02-01 00:00' || char(0) || ':01'");
    run(f, "UPDATE invoice SET paid = '2025-06-01 12:30:45' || char(0) || ' +02:00'");
    IS(go(f, &history, "head", false, &report), FURROW_INVALID);
    assert_int_equal(report.step.problem_count, 3);
    assert_string_equal(
        report.step.problems[0].message,
        "1 row of \"client\" holds a value that is not valid for the type of \"id\"");
    expect_no_drift(f, &history, history.count - 1);
}

static void test_storage__text_with_a_nul_is_not_a_uuid(void **state)
{
    fixture *f = *state;
    furrow__history history;
    furrow__route_report report;
    start(f, &history, "",
          "-- upgrade\nALTER TABLE client ALTER COLUMN name TYPE UUID;\n"
          "-- downgrade\nALTER TABLE client ALTER COLUMN name TYPE VARCHAR(80);\n");
    run(f, "UPDATE client SET name = lower(trim(id, '{}'))");
    run(f, "UPDATE client SET name = name || char(0) || 'x' WHERE name LIKE '1%'");
    IS(go(f, &history, "head", false, &report), FURROW_INVALID);
    assert_int_equal(report.step.problem_count, 1);
    run(f, "UPDATE client SET name = lower(trim(id, '{}'))");
    OK(go(f, &history, "head", false, &report));
}

/* The conversion can make two keys equal. The preflight lists the rows, and nothing is changed. */
static void test_storage__keys_that_become_equal_stop_the_step(void **state)
{
    fixture *f = *state;
    furrow__history history;
    furrow__route_report report;
    start(f, &history, "-- storage: 2\n", EMPTY);
    run(f, "UPDATE client SET joined = '2025-02-01'");
    run(f, "UPDATE client SET id = upper('0d1e2f3a-4b5c-4d6e-8f90-a1b2c3d4e5f6') WHERE name = "
           "'Linus'");
    IS(go(f, &history, "head", false, &report), FURROW_INVALID);
    assert_int_equal(report.step.problem_count, 1);
    assert_string_equal(report.step.problems[0].message,
                        "2 rows of \"client\" have the same \"id\" as another row in storage "
                        "version 2, but must be unique (first keys: "
                        "0D1E2F3A-4B5C-4D6E-8F90-A1B2C3D4E5F6, "
                        "0d1e2f3a-4b5c-4d6e-8f90-a1b2c3d4e5f6)");
    assert_non_null(strstr(report.step.problems[0].hint, "all but one"));
    expect_no_drift(f, &history, history.count - 1);
}

static void test_storage__quotes_in_names_are_doubled(void **state)
{
    fixture *f = *state;
    furrow__history history;
    furrow__route_report report;
    start(
        f, &history, "",
        "-- upgrade\nCREATE TABLE \"k\"\"\" (id BIGINT, \"x\"\"y\" UUID, CONSTRAINT k_pkey PRIMARY "
        "KEY (id), CONSTRAINT k_key UNIQUE (\"x\"\"y\"));\n-- downgrade\nDROP TABLE \"k\"\"\";\n");
    OK(go(f, &history, "head", false, &report));
    run(f, "UPDATE client SET joined = '2025-02-01'");
    run(f, "INSERT INTO \"k\"\"\" VALUES (1, '0d1e2f3a-4b5c-4d6e-8f90-a1b2c3d4e5f6'), "
           "(2, '0D1E2F3A-4B5C-4D6E-8F90-A1B2C3D4E5F6')");
    add_after(f, &history, "-- storage: 2\n", EMPTY);
    IS(go(f, &history, "head", false, &report), FURROW_INVALID);
    assert_int_equal(report.step.problem_count, 1);
    assert_string_equal(report.step.problems[0].message,
                        "2 rows of \"k\"\"\" have the same \"x\"\"y\" as another row in storage "
                        "version 2, but must be unique (first keys: 1, 2)");
}

/* Two spellings of one value, for each type whose values are converted, and another value. */
static const struct spelled {
    const char *type, *first, *second, *other;
} spelled[] = {
    {"TIMESTAMP WITH TIME ZONE", "'2025-06-01 12:30:45'", "'2025-06-01T12:30:45.000000Z'",
     "'2025-06-01 12:30:46'"},
    {"DATE", "'2025-06-01'", "'2025-06-01 00:00'", "'2025-06-02'"},
    {"UUID", "'0D1E2F3A-4B5C-4D6E-8F90-A1B2C3D4E5F6'", "'{0d1e2f3a-4b5c-4d6e-8f90-a1b2c3d4e5f6}'",
     "'1D1E2F3A-4B5C-4D6E-8F90-A1B2C3D4E5F6'"},
    {"REAL", "0.1", "0.10000000149011612", "0.2"},
};

/* The ways to make x a unique key: what follows the columns in CREATE TABLE, and an index. */
static const struct unique_way {
    const char *constraint, *index, *names;
} unique_ways[] = {
    {", CONSTRAINT k_key UNIQUE (x)", "", "\"x\""},
    {", CONSTRAINT k_key UNIQUE (n, x)", "", "\"n\", \"x\""},
    {", CONSTRAINT k_key UNIQUE (x, y)", "", "\"x\", \"y\""},
    {"", "CREATE UNIQUE INDEX k_x ON k (x);\n", "\"x\""},
    {"", "CREATE UNIQUE INDEX k_x ON k (y, x DESC);\n", "\"y\", \"x\""},
    {"", "CREATE UNIQUE INDEX k_x ON k (x) WHERE n < 7;\n", "\"x\""},
};

static void try_equal_keys(fixture *f, const struct spelled *s, const struct unique_way *way)
{
    furrow__history history;
    furrow__route_report report;
    char sql[512], wanted[256];
    snprintf(sql, sizeof sql,
             "-- upgrade\nCREATE TABLE k (id BIGINT, n INTEGER, x %s, y %s, CONSTRAINT k_pkey "
             "PRIMARY KEY (id)%s);\n%s-- downgrade\nDROP TABLE k;\n",
             s->type, s->type, way->constraint, way->index);
    start(f, &history, "", sql);
    OK(go(f, &history, "head", false, &report));
    run(f, "UPDATE client SET joined = '2025-02-01'");
    snprintf(sql, sizeof sql,
             "INSERT INTO k VALUES (3, 1, %s, %s), (4, 1, %s, %s), (5, 1, %s, %s), "
             "(6, 2, NULL, NULL), (7, 2, NULL, NULL)",
             s->first, s->second, s->other, s->first, s->second, s->first);
    run(f, sql);
    snprintf(sql, sizeof sql, "INSERT INTO k VALUES (8, 9, %s, %s)", s->first, s->second);
    if (strstr(way->index, "WHERE"))
        run(f, sql); /* the partial index leaves this row out */
    add_after(f, &history, "-- storage: 2\n", EMPTY);
    IS(go(f, &history, "head", false, &report), FURROW_INVALID);
    snprintf(wanted, sizeof wanted,
             "2 rows of \"k\" have the same %s as another row in storage version 2, but must be "
             "unique (first keys: 3, 5)",
             way->names);
    assert_int_equal(report.step.problem_count, 1);
    assert_string_equal(report.step.problems[0].message, wanted);
    run(f, "DELETE FROM k WHERE id = 5");
    OK(go(f, &history, "head", false, &report));
    expect_no_drift(f, &history, history.count);
}

static void test_storage__preflight_lists_keys_that_become_equal(void **state)
{
    for (size_t s = 0; s < sizeof spelled / sizeof *spelled; s++)
        for (size_t w = 0; w < sizeof unique_ways / sizeof *unique_ways; w++)
            try_equal_keys(*state, &spelled[s], &unique_ways[w]);
}

/* Changes of the same revision are made together with the change of the version: each table is
 * rebuilt once. */
static void test_storage__version_changes_with_other_changes(void **state)
{
    fixture *f = *state;
    furrow__history history;
    furrow__route_report report;
    start(f, &history, "-- storage: 2\n",
          "-- upgrade\nALTER TABLE invoice RENAME COLUMN paid TO settled;\n"
          "ALTER TABLE invoice ADD COLUMN seen DATE;\nALTER TABLE invoice DROP COLUMN due;\n"
          "CREATE TABLE note (at TIMESTAMP WITH TIME ZONE NOT NULL);\n"
          "-- downgrade\nDROP TABLE note;\n"
          "ALTER TABLE invoice ADD COLUMN due DATE;\nALTER TABLE invoice DROP COLUMN seen;\n"
          "ALTER TABLE invoice RENAME COLUMN settled TO paid;\n");
    run(f, "UPDATE client SET joined = '2025-02-01'");
    run(f, "UPDATE invoice SET due = NULL");
    OK(go(f, &history, "head", false, &report));
    expect_no_drift(f, &history, history.count);
    assert_string_equal(rows(f, "SELECT settled FROM invoice WHERE settled IS NOT NULL"),
                        "2025-06-20T08:00:00.000000Z;2025-06-20T08:00:00.500000Z");
    OK(go(f, &history, "-1", true, &report));
    expect_no_drift(f, &history, history.count - 1);
}

/* Branches: the schema has the latest storage version of the applied revisions, regardless of their
 * order. */
static const char *const branches[] = {
    "-- furrow revision 00000000000a\n-- parent: none\n-- message: base\n",
    "-- furrow revision 00000000000b\n-- parent: 00000000000a\n-- message: forms\n",
    "-- furrow revision 00000000000c\n-- parent: 00000000000a\n-- message: more\n",
    "-- furrow revision 00000000000d\n-- parent: 00000000000b, 00000000000c\n-- message: both\n",
};
static const char *const bodies[] = {
    "-- upgrade\nCREATE TABLE a (x DATE);\n-- downgrade\nDROP TABLE a;\n",
    EMPTY,
    "-- upgrade\nCREATE TABLE c (x DATE);\n-- downgrade\nDROP TABLE c;\n",
    EMPTY,
};

static void read_branches(fixture *f, furrow__history *out, const int storage[4])
{
    static const bool ancestors[4][4] = {{false}, {true}, {true}, {true, true, true}};
    char marks[2][FURROW__FINGERPRINT_SIZE];
    *out = (furrow__history){.arena = &f->arena};
    for (size_t i = 0; i < 4; i++) {
        furrow__catalog schema;
        furrow__buffer text = {0};
        furrow__file_location place;
        char line[32] = "";
        furrow__catalog_init(&schema, NULL, &f->arena);
        for (size_t k = 0; k <= i; k++) {
            furrow__change_list changes;
            if (k == i)
                OK(furrow__catalog_fingerprint(marks[0], &schema, &f->error));
            if (k < i && !ancestors[i][k])
                continue;
            schema.storage = schema.storage > storage[k] ? schema.storage : storage[k];
            if (k == 0 || k == 2) {
                read_changes(&changes, k ? "CREATE TABLE c (x DATE);" : "CREATE TABLE a (x DATE);",
                             &f->arena);
                apply_changes(&schema, &changes);
            }
        }
        OK(furrow__catalog_fingerprint(marks[1], &schema, &f->error));
        if (storage[i] > 1)
            snprintf(line, sizeof line, "-- storage: %d\n", storage[i]);
        furrow__buffer_format(&text, "%s-- before: %s\n-- after: %s\n%s%s", branches[i], marks[0],
                              marks[1], line, bodies[i]);
        const char *file = furrow__arena_text(&f->arena, &"a.sql\0b.sql\0c.sql\0d.sql"[6 * i], 5);
        OK(furrow__history_add(out,
                               &(furrow__source_text){.text = text.text,
                                                      .size = text.size,
                                                      .location = {.file = file}},
                               &place, &f->error));
        furrow__buffer_done(&text);
    }
}

static void test_storage__branches_are_applied_in_any_order(void **state)
{
    fixture *f = *state;
    furrow__history history;
    furrow__route_report report;
    read_branches(f, &history, (const int[]){1, 2, 1, 2});
    OK(furrow__history_link(&history, &f->error));
    for (int first = 0; first < 2; first++) {
        OK(go(f, &history, first ? "00000000000b" : "00000000000c", false, &report));
        OK(go(f, &history, "head", false, &report));
        expect_no_drift(f, &history, 4);
        OK(go(f, &history, "-1", true, &report));
        OK(go(f, &history, "-1", true, &report));
        OK(go(f, &history, "base", true, &report));
    }
    /* Undo one branch after the other, in both orders. */
    for (int first = 0; first < 2; first++) {
        OK(go(f, &history, "+3", false, &report));
        assert_int_equal(number(f, "SELECT count(*) FROM sqlite_schema WHERE sql LIKE '%CHECK%'"),
                         2);
        OK(go(f, &history, first ? "00000000000b" : "00000000000c", true, &report));
        assert_int_equal(number(f, "SELECT count(*) FROM sqlite_schema WHERE sql LIKE '%CHECK%'"),
                         first);
        OK(go(f, &history, "base", true, &report));
    }
}

static void test_storage__version_never_falls(void **state)
{
    fixture *f = *state;
    furrow__history history;
    read_branches(f, &history, (const int[]){1, 2, 1, 1});
    IS(furrow__history_link(&history, &f->error), FURROW_INVALID);
    assert_string_equal(f->error.message, "d.sql: error: the storage version is 1, but that of the "
                                          "parent 00000000000b is 2");
}

/* A squash keeps the version, and the fingerprint of the schema. */
static void test_storage__squash_keeps_the_version(void **state)
{
    fixture *f = *state;
    for (int version = 1; version <= FURROW__STORAGE_NEWEST; version++) {
        furrow__history history;
        furrow__squash squash;
        char found[FURROW__FINGERPRINT_SIZE];
        read_branches(f, &history, (const int[]){1, version, 1, version});
        OK(furrow__history_link(&history, &f->error));
        OK(furrow__squash_make(&squash, &history, history.items[3], &f->arena, &f->error));
        assert_int_equal(squash.after.storage, version);
        OK(furrow__catalog_fingerprint(found, &squash.after, &f->error));
        assert_string_equal(found, history.items[3]->after);
    }
}

static void test_storage__line_is_checked(void **state)
{
    fixture *f = *state;
    static const struct {
        const char *line, *message;
    } cases[] = {
        {"-- storage: 1\n", "this storage version is not known to this version of furrow"},
        {"-- storage: 3\n", "this storage version is not known to this version of furrow"},
        {"-- storage: x\n", "this storage version is not known to this version of furrow"},
        {"-- storage: 2\n-- storage: 2\n", "storage: must be below the header, and only once"},
        {"-- upgrade\n-- storage: 2\n", "storage: must be below the header, and only once"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        furrow__history history = {.arena = &f->arena};
        furrow__buffer text = {0};
        furrow__file_location place;
        static const char zero[] = "00000000000000000000000000000000";
        furrow__buffer_format(&text, "%s-- before: %s\n-- after: %s\n%s%s", branches[0], zero, zero,
                              cases[i].line, bodies[0]);
        IS(furrow__history_add(&history,
                               &(furrow__source_text){.text = text.text,
                                                      .size = text.size,
                                                      .location = {.file = "a.sql"}},
                               &place, &f->error),
           FURROW_INVALID);
        assert_string_equal(f->error.message, cases[i].message);
        furrow__buffer_done(&text);
    }
}

/* On PostgreSQL, a change of the storage version runs no statements. */
static void test_storage__plan_on_postgresql_is_empty(void **state)
{
    fixture *f = *state;
    furrow__history history;
    furrow__catalog before;
    furrow__plan plan;
    read_history(f, &history);
    OK(furrow__history_link(&history, &f->error));
    add_after(f, &history, "-- storage: 2\n", EMPTY);
    const furrow__revision *last = history.items[history.count - 1];
    OK(furrow__history_before(&before, &history, history.count - 1, &f->arena, &f->error));
    for (int down = 0; down < 2; down++) {
        OK(furrow__plan_make(&plan,
                             &(furrow__plan_input){&furrow__dialect_postgresql, &before,
                                                   down ? &last->downgrade : &last->upgrade},
                             &f->arena, &f->error));
        assert_int_equal(plan.count, 0);
        assert_int_equal(plan.preflight_count, 0);
        before.storage = FURROW__STORAGE_NEWEST;
    }
}

static furrow_status migrate(fixture *f, const furrow__history *history, furrow_migrate_mode mode)
{
    furrow_history_file *files = furrow_arena_allocate(&f->arena, history->count * sizeof *files);
    furrow__buffer sum = {0};
    furrow_engine *engine;
    OK(furrow__sum_write(&sum, history, &f->error));
    for (size_t i = 0; i < history->count; i++)
        files[i] = (furrow_history_file){history->items[i]->file, history->items[i]->text,
                                         history->items[i]->size};
    const furrow_history embedded = {.format = FURROW_HISTORY_FORMAT_VERSION,
                                     .name = "test",
                                     .files = files,
                                     .count = history->count,
                                     .sum = {"furrow.sum", sum.text, sum.size}};
    OK(furrow_engine_open(&engine, f->url, &f->error));
    furrow_status status = furrow_migrate(engine, &embedded, &f->error, .mode = mode);
    furrow_engine_close(engine);
    furrow__buffer_done(&sum);
    return status;
}

static void test_storage__program_upgrades_its_database(void **state)
{
    fixture *f = *state;
    furrow__history history;
    read_history(f, &history);
    OK(furrow__history_link(&history, &f->error));
    use_old_database(f);
    OK(migrate(f, &history, FURROW_MIGRATE_REFUSE));
    add_after(f, &history, "-- storage: 2\n", EMPTY);
    IS(migrate(f, &history, FURROW_MIGRATE_REFUSE), FURROW_SCHEMA);
    IS(migrate(f, &history, FURROW_MIGRATE_UPGRADE), FURROW_INVALID);
    assert_non_null(strstr(f->error.message, "\"joined\""));
    run(f, "UPDATE client SET joined = '2025-02-01' WHERE name = 'Linus'");
    OK(migrate(f, &history, FURROW_MIGRATE_UPGRADE));
    OK(migrate(f, &history, FURROW_MIGRATE_REFUSE));
    expect_no_drift(f, &history, history.count);
}

static size_t count_drift(fixture *f, const furrow__catalog *expected, bool any_storage)
{
    furrow__drift_list drift;
    OK(furrow__drift_find(&drift,
                          &(furrow__drift_request){.connection = f->c,
                                                   .dialect = f->dialect,
                                                   .expected = expected,
                                                   .any_storage = any_storage},
                          &f->arena, &f->error));
    return drift.count;
}

/* Without a history, each table may have any version. Other differences are still reported. */
static void test_storage__tables_of_any_version_are_accepted(void **state)
{
    fixture *f = *state;
    static const char ddl[] =
        "CREATE TABLE a (x DATE, y UUID); CREATE TABLE b (x DATE, n INTEGER);";
    furrow__catalog logical, physical;
    make_catalog(&logical, ddl, &f->arena);
    for (size_t i = 0; i < 2; i++) {
        furrow__buffer sql = {0};
        logical.storage = i ? FURROW__STORAGE_NEWEST : FURROW__STORAGE_FIRST;
        OK(furrow__catalog_lower(&physical, &logical, f->dialect, &f->arena, &f->error));
        furrow__physical_write_table(&sql, &physical, physical.tables[i], NULL);
        OK(furrow__execute_buffer(f->c, &sql, &f->error));
    }
    logical.storage = FURROW__STORAGE_NEWEST;
    assert_int_equal(count_drift(f, &logical, false), 2);
    assert_int_equal(count_drift(f, &logical, true), 0);
    run(f, "ALTER TABLE a RENAME COLUMN x TO z");
    run(f, "ALTER TABLE b RENAME COLUMN n TO m");
    assert_int_equal(count_drift(f, &logical, true), 4);
    logical.storage = FURROW__STORAGE_FIRST;
    assert_int_equal(count_drift(f, &logical, false), 5);
}

/* A refused value is reported with its column, as on PostgreSQL, even if another column has the
 * same name as a function that the check calls. */
static void test_storage__refused_value_is_reported_with_its_column(void **state)
{
    fixture *f = *state;
    static const char *const columns[] = {"at", "date", "id", "json"};
    char message[128];
    furrow__catalog logical, physical;
    furrow__buffer sql = {0};
    make_catalog(&logical,
                 "CREATE TABLE t (at TIMESTAMP WITH TIME ZONE, date DATE, id UUID, json JSON, "
                 "length SMALLINT, substr INTEGER CHECK (substr <> 5));",
                 &f->arena);
    logical.storage = FURROW__STORAGE_NEWEST;
    OK(furrow__catalog_lower(&physical, &logical, f->dialect, &f->arena, &f->error));
    furrow__physical_write_table(&sql, &physical, physical.tables[0], NULL);
    OK(furrow__execute_buffer(f->c, &sql, &f->error));
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        furrow__buffer_format(&sql, "INSERT INTO t (%s) VALUES ('x')", columns[i]);
        IS(furrow__execute_buffer(f->c, &sql, &f->error), FURROW_INVALID);
        snprintf(message, sizeof message,
                 "\"t\".\"%s\": a string is not a valid value of the required type", columns[i]);
        assert_string_equal(f->error.message, message);
        assert_string_equal(f->error.table, "t");
        assert_string_equal(f->error.column, columns[i]);
    }
    IS(furrow__execute(f->c, "INSERT INTO t (substr) VALUES (5)", NULL, &f->error), FURROW_CHECK);
    assert_string_equal(f->error.column, "substr");
    furrow__buffer_done(&sql);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        SQLITE_TEST(test_storage__sum_of_an_old_history_is_unchanged),
        SQLITE_TEST(test_storage__old_database_has_no_drift),
        SQLITE_TEST(test_storage__old_history_stays_at_the_first_version),
        SQLITE_TEST(test_storage__quotes_in_names_are_doubled),
        SQLITE_TEST(test_storage__preflight_lists_rows_and_the_rebuild_converts_them),
        SQLITE_TEST(test_storage__value_with_a_nul_stops_the_step),
        SQLITE_TEST(test_storage__text_with_a_nul_is_not_a_uuid),
        SQLITE_TEST(test_storage__keys_that_become_equal_stop_the_step),
        SQLITE_TEST(test_storage__preflight_lists_keys_that_become_equal),
        SQLITE_TEST(test_storage__version_changes_with_other_changes),
        SQLITE_TEST(test_storage__branches_are_applied_in_any_order),
        SQLITE_TEST(test_storage__version_never_falls),
        SQLITE_TEST(test_storage__squash_keeps_the_version),
        SQLITE_TEST(test_storage__line_is_checked),
        SQLITE_TEST(test_storage__plan_on_postgresql_is_empty),
        SQLITE_TEST(test_storage__program_upgrades_its_database),
        SQLITE_TEST(test_storage__tables_of_any_version_are_accepted),
        SQLITE_TEST(test_storage__refused_value_is_reported_with_its_column),
    };
    folder = argc > 1 ? argv[1] : "tests/migrate/storage_1";
    return cmocka_run_group_tests_name("storage", tests, NULL, NULL);
}
