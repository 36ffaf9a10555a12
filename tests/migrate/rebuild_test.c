/* SPDX-License-Identifier: MIT
 * Tests SQLite's rebuild. Except for the requested changes, all parts of a table and their text
 * must be kept. If that is not possible, the rebuild must not change anything. */
#include "steps.h"
#include "migrate/apply/dialect.h"

#define CONTACT                                                                                    \
    "CREATE TABLE contact (\n    id INTEGER CONSTRAINT key PRIMARY KEY AUTOINCREMENT,\n"           \
    "    name TEXT NOT NULL COLLATE NOCASE CHECK (length(name) > 0), -- as written\n"              \
    "    mail TEXT %s DEFAULT ('a' || 'b'),\n    boss INTEGER REFERENCES contact (id) ON DELETE "  \
    "SET NULL,\n    loud TEXT GENERATED ALWAYS AS (upper(name)) STORED,\n"                         \
    "    soft TEXT AS (lower(name)),\n    UNIQUE (name, mail) ON CONFLICT IGNORE,\n"               \
    "    CHECK (name <> mail), CONSTRAINT named CHECK (id < 1000000)\n) STRICT"

static const char *contact(fixture *f, const char *mail)
{
    char *sql = furrow_arena_allocate(&f->arena, 1024);
    snprintf(sql, 1024, CONTACT, mail);
    return sql;
}

static void make_contacts(fixture *f)
{
    run(f, contact(f, "NOT NULL"));
    run(f, "INSERT INTO contact (id, name, mail, boss) VALUES (3, 'Ann', 'a@x', NULL), (7, 'Bob', "
           "'b@x', 3), (9, 'Cid', 'c@x', 7), (400, 'Dan', 'd@x', 9)");
    run(f, "DELETE FROM contact WHERE id = 400");
    run(f, "CREATE TABLE note (id INTEGER PRIMARY KEY, contact INTEGER NOT NULL REFERENCES contact "
           "(id) ON DELETE CASCADE, text TEXT) STRICT");
    run(f, "INSERT INTO note (contact, text) VALUES (3, 'x'), (7, 'y'), (7, 'z')");
    run(f, "CREATE UNIQUE INDEX contact_mail ON contact (mail DESC) WHERE mail <> ''");
    run(f, "CREATE INDEX contact_lower ON contact (lower(mail), boss)");
    run(f, "CREATE VIEW loud AS SELECT id, loud FROM contact");
    run(f, "CREATE TABLE log (what TEXT)");
    run(f, "CREATE TRIGGER t2 AFTER UPDATE OF mail ON contact BEGIN INSERT INTO log VALUES "
           "(new.mail); END");
    run(f,
        "CREATE TRIGGER t1 AFTER DELETE ON contact BEGIN INSERT INTO log VALUES (old.name); END");
    run(f, "CREATE TRIGGER t3 AFTER INSERT ON note BEGIN UPDATE contact SET boss = boss WHERE id = "
           "new.contact; END");
}

static const char all_rows[] = "SELECT rowid, id, name, mail, boss, loud, soft FROM contact ORDER "
                               "BY rowid";
static const char rest_of_schema[] = "SELECT name, sql FROM sqlite_schema WHERE name NOT IN "
                                     "('contact', 'furrow_revision') AND name NOT LIKE "
                                     "'sqlite_autoindex_furrow%' ORDER BY name";

static void assert_consistent(fixture *f)
{
    assert_int_equal(number(f, "SELECT count(*) FROM sqlite_schema WHERE name LIKE "
                               "'furrow_rebuild%'"),
                     0);
    assert_string_equal(rows(f, "PRAGMA integrity_check"), "ok");
    assert_string_equal(rows(f, "PRAGMA foreign_key_check"), "");
}

static void test_rebuild__keeps_everything_else(void **state)
{
    fixture *f = *state;
    furrow__step_report report;
    make_contacts(f);
    run(f, "ANALYZE");
    static const char statistics[] =
        "SELECT idx, stat FROM sqlite_stat1 WHERE tbl = 'contact' ORDER "
        "BY idx";
    const char *before_statistics = rows(f, statistics);
    const char *before_rows = rows(f, all_rows), *before_schema = rows(f, rest_of_schema);
    furrow__action action =
        rebuild_of(f, table_from(f, contact(f, "NOT NULL")), table_from(f, contact(f, "")), NULL);
    OK(run_actions(f, "a", &action, 1, &report));
    assert_int_equal(report.rows_moved, 3);
    assert_string_equal(rows(f, all_rows), before_rows);
    assert_string_equal(rows(f, rest_of_schema), before_schema);
    assert_int_equal(number(f, "SELECT count(*) FROM note"), 3);
    assert_int_equal(number(f, "SELECT count(*) FROM log"), 0);
    assert_true(strlen(before_statistics) > 20);
    assert_string_equal(rows(f, statistics), before_statistics);
    assert_int_equal(number(f, "SELECT seq FROM sqlite_sequence WHERE name = 'contact'"), 400);
    assert_string_equal(
        rows(f, "SELECT sql FROM sqlite_schema WHERE name = 'contact'"),
        "CREATE TABLE \"contact\" (\n    id INTEGER CONSTRAINT key PRIMARY KEY AUTOINCREMENT,\n"
        "    name TEXT NOT NULL COLLATE NOCASE CHECK (length(name) > 0),\n"
        "    \"mail\" TEXT DEFAULT ('a' || 'b'),\n"
        "    boss INTEGER REFERENCES contact (id) ON DELETE SET NULL,\n"
        "    loud TEXT GENERATED ALWAYS AS (upper(name)) STORED,\n    soft TEXT AS (lower(name)),\n"
        "    UNIQUE (name, mail) ON CONFLICT IGNORE,\n    CHECK (name <> mail),\n"
        "    CONSTRAINT named CHECK (id < 1000000)\n) STRICT");
    assert_string_equal(rows(f, "SELECT id FROM furrow_revision"), "a");
    assert_consistent(f);
    /* The parts that were kept still work: cascades, triggers, the sequence of AUTOINCREMENT. */
    run(f, "UPDATE contact SET mail = NULL WHERE id = 9");
    run(f, "DELETE FROM contact WHERE id = 7");
    assert_int_equal(number(f, "SELECT count(*) FROM note"), 1);
    assert_string_equal(rows(f, "SELECT what FROM log"), "-;Bob");
    run(f, "INSERT INTO contact (name) VALUES ('Eve')");
    assert_int_equal(number(f, "SELECT max(id) FROM contact"), 401);
}

static void test_rebuild__keeps_rowids_without_a_column(void **state)
{
    fixture *f = *state;
    furrow__step_report report;
    run(f, "CREATE TABLE t (rowid TEXT, a TEXT)");
    run(f, "INSERT INTO t (_rowid_, rowid, a) VALUES (5, 'x', '1'), (77, 'y', '2'), (-3, 'z', "
           "'3')");
    furrow__action action =
        rebuild_of(f, table_from(f, "CREATE TABLE t (rowid TEXT, a TEXT)"),
                   table_from(f, "CREATE TABLE t (rowid TEXT, a INTEGER NOT NULL)"),
                   (const char *const[]){"a=CAST(\"a\" AS INTEGER)", NULL});
    OK(run_actions(f, "a", &action, 1, &report));
    assert_string_equal(rows(f, "SELECT _rowid_, rowid, a, typeof(a) FROM t ORDER BY 1"),
                        "-3|z|3|integer;5|x|1|integer;77|y|2|integer");
    assert_consistent(f);
}

/* The table has no rows, so nothing is copied, but the sequence, indexes, triggers and references
 * are kept. */
static void test_rebuild__an_empty_table_is_created_again(void **state)
{
    fixture *f = *state;
    furrow__step_report report;
    make_contacts(f);
    run(f, "DELETE FROM note");
    run(f, "DELETE FROM contact");
    const char *rest = rows(f, rest_of_schema);
    furrow__action action =
        rebuild_of(f, table_from(f, contact(f, "NOT NULL")), table_from(f, contact(f, "")), NULL);
    OK(run_actions(f, "a", &action, 1, &report));
    assert_int_equal(report.rows_moved, 0);
    assert_string_equal(rows(f, rest_of_schema), rest);
    run(f, "INSERT INTO contact (name, mail) VALUES ('Eve', NULL)");
    assert_string_equal(rows(f, "SELECT id, name, mail, loud, soft FROM contact"),
                        "401|Eve|-|EVE|eve");
    assert_consistent(f);
}

static void test_rebuild__rebuilds_tables_without_rowid(void **state)
{
    fixture *f = *state;
    furrow__step_report report;
    static const char old[] = "CREATE TABLE t (a TEXT, b INT, PRIMARY KEY (b DESC, a COLLATE "
                              "nocase)) WITHOUT ROWID";
    run(f, old);
    run(f, "INSERT INTO t VALUES ('x', 1), ('y', 2)");
    furrow__action action = rebuild_of(
        f, table_from(f, old),
        table_from(f, "CREATE TABLE t (a TEXT, b INT, c INT NOT NULL, PRIMARY KEY (b, a)) "
                      "WITHOUT ROWID"),
        (const char *const[]){"c=\"b\" + 1", NULL});
    OK(run_actions(f, "a", &action, 1, &report));
    assert_string_equal(rows(f, "SELECT a, b, c FROM t"), "y|2|3;x|1|2");
    assert_string_equal(rows(f, "SELECT sql FROM sqlite_schema WHERE name = 't'"),
                        "CREATE TABLE \"t\" (\n    a TEXT,\n    b INT,\n    \"c\" INT NOT NULL,\n"
                        "    PRIMARY KEY (b DESC, a COLLATE nocase)\n) WITHOUT ROWID");
}

static void test_rebuild__changes_constraints_and_columns(void **state)
{
    fixture *f = *state;
    furrow__step_report report;
    static const char old[] =
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INT UNIQUE, c INT, "
        "CONSTRAINT t_a_check CHECK (a <> ''), CONSTRAINT t_c_check CHECK (c > 0)) STRICT";
    run(f, "CREATE TABLE p (x INT PRIMARY KEY) STRICT");
    run(f, old);
    run(f, "INSERT INTO p VALUES (1)");
    run(f, "INSERT INTO t (a, b, c) VALUES ('x', 1, 1)");
    run(f, "CREATE INDEX t_a ON t (a)");
    run(f, "CREATE INDEX t_b ON t (b)");
    run(f, "CREATE INDEX t_mine ON t (b, id)");
    furrow__catalog_table *before = table_from(f, old);
    furrow__catalog_table *after = table_from(
        f, "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a2 TEXT NOT NULL, b INT, d INT "
           "NOT NULL DEFAULT 5, CONSTRAINT t_a2_check CHECK (a2 <> ''), CONSTRAINT t_b_fkey "
           "FOREIGN KEY (b) REFERENCES p (x) ON UPDATE CASCADE) STRICT");
    add_index(f, before, "CREATE INDEX t_a ON t (a)");
    add_index(f, before, "CREATE INDEX t_b ON t (b)");
    add_index(f, after, "CREATE INDEX t_a ON t (a2 DESC)");
    furrow__change renamed = {.kind = FURROW__RENAME_COLUMN, .name = "a", .new_name = "a2"};
    furrow__change named = {
        .kind = FURROW__RENAME_CONSTRAINT, .name = "t_a_check", .new_name = "t_a2_check"};
    const furrow__change *changes[] = {&renamed, &named};
    furrow__action action =
        rebuild_of(f, before, after, (const char *const[]){"a2=\"a\"", "d=\"c\"", NULL});
    action.changes = changes;
    action.change_count = 2;
    OK(run_actions(f, "a", &action, 1, &report));
    assert_string_equal(
        rows(f, "SELECT sql FROM sqlite_schema WHERE tbl_name = 't' AND sql IS NOT NULL ORDER BY "
                "name"),
        "CREATE TABLE \"t\" (\n    id INTEGER PRIMARY KEY AUTOINCREMENT,\n    \"a2\" TEXT NOT "
        "NULL,\n    \"b\" INT,\n    \"d\" INT NOT NULL DEFAULT 5,\n    CONSTRAINT \"t_a2_check\" "
        "CHECK (a2 <> ''),\n    CONSTRAINT \"t_b_fkey\" FOREIGN KEY (\"b\") REFERENCES \"p\" "
        "(\"x\") ON UPDATE CASCADE\n) STRICT;CREATE INDEX \"t_a\" ON \"t\" (\"a2\" DESC);"
        "CREATE INDEX t_mine ON t (b, id)");
    assert_string_equal(rows(f, "SELECT * FROM t"), "1|x|1|1");
    assert_consistent(f);
}

/* The parts of a database that a refused or failed rebuild must not change: definitions, rows,
 * settings and furrow_revision. */
typedef struct snapshot {
    const char *schema, *rows;
} snapshot;

static snapshot take_snapshot(fixture *f)
{
    return (snapshot){rows(f, "SELECT name, sql FROM sqlite_schema ORDER BY name"),
                      rows(f, all_rows)};
}

static void assert_untouched(fixture *f, snapshot before)
{
    assert_string_equal(rows(f, "SELECT name, sql FROM sqlite_schema ORDER BY name"),
                        before.schema);
    assert_string_equal(rows(f, all_rows), before.rows);
    assert_consistent(f);
}

static void refuse(fixture *f, const furrow__action *action, furrow_status wanted,
                   const char *message)
{
    furrow__step_report report;
    snapshot before = take_snapshot(f);
    IS(run_actions(f, "a", action, 1, &report), wanted);
    if (!strstr(f->error.message, message))
        fail_msg("\"%s\" is not in \"%s\"", message, f->error.message);
    assert_null(strstr(f->error.message, "furrow_rebuild_"));
    assert_int_equal(report.rows_moved, 0);
    assert_untouched(f, before);
}

static furrow__catalog_table *contact_without(fixture *f, const char *column)
{
    furrow__catalog_table *t = table_from(f, contact(f, "NOT NULL"));
    size_t kept = 0;
    for (size_t i = 0; i < t->column_count; i++)
        if (strcmp(t->columns[i].name, column) != 0)
            t->columns[kept++] = t->columns[i];
    t->column_count = kept;
    kept = 0;
    for (size_t i = 0; i < t->constraint_count; i++) {
        bool names = t->constraints[i].expression && strstr(t->constraints[i].expression, column);
        for (size_t k = 0; k < t->constraints[i].count; k++)
            names |= strcmp(t->constraints[i].columns[k], column) == 0;
        if (!names)
            t->constraints[kept++] = t->constraints[i];
    }
    t->constraint_count = kept;
    return t;
}

static void test_rebuild__a_row_that_does_not_fit_undoes_everything(void **state)
{
    fixture *f = *state;
    make_contacts(f);
    furrow__catalog_table *before = table_from(f, contact(f, "NOT NULL"));
    furrow__catalog_table *after = table_from(f, contact(f, "NOT NULL"));
    furrow__catalog catalog;
    furrow__catalog_init(&catalog, &furrow__dialect_sqlite, &f->arena);
    furrow__catalog_constraint *c = furrow__catalog_add_constraint(&catalog, after);
    *c = (furrow__catalog_constraint){
        .kind = FURROW__CONSTRAINT_CHECK, .name = "few", .expression = "id < 9"};
    furrow__action action = rebuild_of(f, before, after, NULL);
    refuse(f, &action, FURROW_CHECK, "few");
    assert_string_equal(f->error.table, "contact");
}

static void test_rebuild__refuses_to_drop_a_column_that_is_used(void **state)
{
    fixture *f = *state;
    make_contacts(f);
    furrow__action action =
        rebuild_of(f, table_from(f, contact(f, "NOT NULL")), contact_without(f, "mail"), NULL);
    refuse(f, &action, FURROW_SCHEMA, "index \"contact_mail\" uses column \"mail\"");
    run(f, "DROP INDEX contact_mail");
    run(f, "DROP INDEX contact_lower");
    refuse(f, &action, FURROW_SCHEMA, "trigger \"t2\" would no longer work");
    run(f, "DROP TRIGGER t2");
    run(f, "CREATE TRIGGER t2 AFTER UPDATE OF mail ON contact BEGIN SELECT 1; END");
    refuse(f, &action, FURROW_SCHEMA, "trigger \"t2\" would no longer work");
    run(f, "DROP TRIGGER t2");
    run(f, "CREATE VIEW mails AS SELECT c.mail FROM contact c");
    refuse(f, &action, FURROW_SCHEMA, "view \"mails\" would no longer work");
    run(f, "DROP VIEW mails");
    furrow__step_report report;
    OK(run_actions(f, "a", &action, 1, &report));
    assert_string_equal(rows(f, "SELECT id, name, loud FROM contact"),
                        "3|Ann|ANN;7|Bob|BOB;9|Cid|CID");
    assert_consistent(f);
}

static void test_rebuild__ignores_what_was_broken_before(void **state)
{
    fixture *f = *state;
    furrow__step_report report;
    make_contacts(f);
    run(f, "CREATE VIEW broken AS SELECT gone FROM nowhere");
    run(f, "PRAGMA foreign_keys = OFF");
    run(f, "INSERT INTO note (contact, text) VALUES (12345, 'orphan')");
    furrow__action action =
        rebuild_of(f, table_from(f, contact(f, "NOT NULL")), table_from(f, contact(f, "")), NULL);
    OK(run_actions(f, "a", &action, 1, &report));
    assert_int_equal(number(f, "SELECT count(*) FROM note"), 4);
}

static void test_rebuild__refuses_to_change_a_key_that_children_refer_to(void **state)
{
    fixture *f = *state;
    make_contacts(f);
    furrow__action action =
        rebuild_of(f, table_from(f, contact(f, "NOT NULL")), table_from(f, contact(f, "NOT NULL")),
                   (const char *const[]){"id=\"id\" + 1", NULL});
    refuse(f, &action, FURROW_FOREIGN_KEY,
           "rows of \"contact\" would refer to rows of \"contact\"");
}

static void test_rebuild__refuses_what_it_cannot_rebuild(void **state)
{
    fixture *f = *state;
    furrow__step_report report;
    furrow__step_guard *guard;
    make_contacts(f);
    furrow__catalog_table *before = table_from(f, contact(f, "NOT NULL"));
    furrow__action action = rebuild_of(f, before, table_from(f, contact(f, "")), NULL);
    OK(f->driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error));
    furrow__plan plan = {.dialect = f->dialect, .actions = &action, .count = 1};
    IS(f->dialect->apply->guard_begin(&guard, f->c, &plan, &f->arena, &f->error), FURROW_INVALID);
    assert_null(guard);
    OK(f->driver->rollback(f->c, &f->error));
    run(f, "CREATE TABLE furrow_rebuild_contact (a)");
    IS(run_actions(f, "a", &action, 1, &report), FURROW_SCHEMA);
    assert_non_null(strstr(f->error.message, "\"furrow_rebuild_contact\", which is taken"));
    run(f, "DROP TABLE furrow_rebuild_contact");
    run(f, "ALTER TABLE contact ADD COLUMN extra TEXT CHECK (extra <> name)");
    furrow__catalog_table *after = contact_without(f, "name");
    furrow__action drop = rebuild_of(f, before, after, NULL);
    refuse(f, &drop, FURROW_SCHEMA,
           "a constraint that the history did not create uses column \"name\"");
    action.table.name = "nobody";
    refuse(f, &action, FURROW_SCHEMA, "table \"nobody\" does not exist");
}

static void test_rebuild__keeps_columns_unknown_to_the_history(void **state)
{
    fixture *f = *state;
    furrow__step_report report;
    make_contacts(f);
    run(f, "ALTER TABLE contact ADD COLUMN extra TEXT CHECK (extra <> '')");
    run(f, "UPDATE contact SET extra = 'e' || id");
    furrow__action action =
        rebuild_of(f, table_from(f, contact(f, "NOT NULL")), table_from(f, contact(f, "")), NULL);
    OK(run_actions(f, "a", &action, 1, &report));
    assert_string_equal(rows(f, "SELECT extra FROM contact ORDER BY id"), "e3;e7;e9");
    assert_consistent(f);
}

/* A row that breaks a check of the old table is kept, and so is the check. */
static void test_rebuild__evaluates_only_new_checks(void **state)
{
    fixture *f = *state;
    furrow__step_report report;
    static const char old[] = "CREATE TABLE t (a INTEGER CHECK (a > 0), b TEXT NOT NULL) STRICT";
    run(f, old);
    run(f, "PRAGMA ignore_check_constraints = ON");
    run(f, "INSERT INTO t VALUES (-1, 'x'), (2, 'y')");
    run(f, "PRAGMA ignore_check_constraints = OFF");
    furrow__action same =
        rebuild_of(f, table_from(f, old),
                   table_from(f, "CREATE TABLE t (a INTEGER CHECK (a > 0), b TEXT) STRICT"), NULL);
    OK(run_actions(f, "a", &same, 1, &report));
    assert_string_equal(rows(f, "SELECT a, b FROM t ORDER BY a"), "-1|x;2|y");
    IS(furrow__execute(f->c, "INSERT INTO t VALUES (-2, 'z')", NULL, &f->error), FURROW_CHECK);
    furrow__action other = rebuild_of(
        f, table_from(f, "CREATE TABLE t (a INTEGER CHECK (a > 0), b TEXT) STRICT"),
        table_from(f, "CREATE TABLE t (a INTEGER CHECK (a > 0), b TEXT, CHECK (b <> 'w')) STRICT"),
        NULL);
    IS(run_actions(f, "b", &other, 1, &report), FURROW_CHECK);
    static const char *const fills[] = {"a=-a", NULL};
    furrow__action computed =
        rebuild_of(f, table_from(f, "CREATE TABLE t (a INTEGER CHECK (a > 0), b TEXT) STRICT"),
                   table_from(f, "CREATE TABLE t (a INTEGER CHECK (a > 0), b TEXT) STRICT"), fills);
    IS(run_actions(f, "c", &computed, 1, &report), FURROW_CHECK);
    assert_string_equal(rows(f, "SELECT a, b FROM t ORDER BY a"), "-1|x;2|y");
}

static void test_rebuild__restores_the_settings(void **state)
{
    fixture *f = *state;
    furrow__step_guard *guard;
    furrow__action drop = statement("DROP TABLE contact");
    furrow__plan plan = {.dialect = f->dialect, .actions = &drop, .count = 1};
    for (int i = 0; i < 4; i++) {
        run(f, i & 1 ? "PRAGMA foreign_keys = ON" : "PRAGMA foreign_keys = OFF");
        run(f, i & 2 ? "PRAGMA legacy_alter_table = ON" : "PRAGMA legacy_alter_table = OFF");
        OK(f->dialect->apply->guard_begin(&guard, f->c, &plan, &f->arena, &f->error));
        assert_int_equal(number(f, "PRAGMA foreign_keys"), 0);
        f->dialect->apply->guard_end(guard);
        assert_int_equal(number(f, "PRAGMA foreign_keys"), i & 1);
        assert_int_equal(number(f, "PRAGMA legacy_alter_table"), i >> 1);
    }
}

static void test_rebuild__restores_the_connection_after_a_failure(void **state)
{
    fixture *f = *state;
    furrow__step_report report;
    furrow__catalog empty;
    make_contacts(f);
    furrow__catalog_init(&empty, NULL, &f->arena);
    furrow__action actions[] = {
        rebuild_of(f, table_from(f, contact(f, "NOT NULL")), table_from(f, contact(f, "")), NULL),
        statement("CREATE TABLE contact (a)")};
    furrow__plan plan = {.dialect = f->dialect, .actions = actions, .count = 2};
    furrow__migrator *m =
        open_migrator(f, (furrow__migrator_options){.lock_timeout_ms = 100, .ignore_drift = true});
    furrow__revision_step step = {revision(f, "a", NULL), false, &empty, &empty};
    snapshot before = take_snapshot(f);
    IS(furrow__migrator_run(m, &step, &plan, &report, &f->error), FURROW_DATABASE);
    furrow_connection *c = furrow__migrator_connection(m);
    int64_t on = 0, legacy = 1, ignored = 1;
    OK(furrow__query_number(c, "PRAGMA foreign_keys", &on, &f->error));
    OK(furrow__query_number(c, "PRAGMA ignore_check_constraints", &ignored, &f->error));
    assert_int_equal(ignored, 0);
    OK(furrow__query_number(c, "PRAGMA legacy_alter_table", &legacy, &f->error));
    assert_int_equal(on, 1);
    assert_int_equal(legacy, 0);
    assert_false(c->in_transaction);
    assert_untouched(f, before);
    run(f, "INSERT INTO log VALUES ('nothing is locked')");
    furrow__migrator_close(m);
}

static void watch(const furrow__migrator_progress *progress, void *context)
{
    uint64_t *last = context;
    assert_string_equal(progress->what, "rebuild t");
    assert_true(progress->done >= *last && progress->done <= progress->total);
    assert_int_equal(progress->total, 250000);
    *last = progress->done;
}

static void test_rebuild__reports_the_progress_of_a_large_table(void **state)
{
    fixture *f = *state;
    furrow__step_report report;
    uint64_t last = 0;
    static const char old[] = "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT) STRICT";
    run(f, old);
    run(f, "INSERT INTO t SELECT value * 3, value FROM (WITH RECURSIVE n (value) AS (SELECT 1 "
           "UNION ALL SELECT value + 1 FROM n WHERE value < 250000) SELECT value FROM n)");
    furrow__action action = rebuild_of(
        f, table_from(f, old),
        table_from(f, "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT NOT NULL) STRICT"), NULL);
    furrow__plan plan = {.dialect = f->dialect, .actions = &action, .count = 1};
    OK(run_step(f, revision(f, "a", NULL), false, &plan,
                (furrow__migrator_options){.progress = watch, .context = &last}, &report));
    assert_int_equal(last, 250000);
    assert_int_equal(report.rows_moved, 250000);
    assert_int_equal(number(f, "SELECT count(*) FROM t WHERE id = a * 3"), 250000);
}

static long fail_at = -1, requests;

static void *allocate(size_t size, void *context)
{
    (void)context;
    return requests++ == fail_at ? NULL : malloc(size);
}

static void *reallocate(void *block, size_t size, void *context)
{
    (void)context;
    return requests++ == fail_at ? NULL : realloc(block, size);
}

static void release(void *block, void *context)
{
    (void)context;
    free(block);
}

static void test_rebuild__out_of_memory_changes_nothing(void **state)
{
    fixture *f = *state;
    static const furrow_allocator failing = {allocate, reallocate, release, NULL};
    furrow__step_report report;
    furrow__catalog empty;
    make_contacts(f);
    furrow__catalog_init(&empty, NULL, &f->arena);
    furrow__action action =
        rebuild_of(f, table_from(f, contact(f, "NOT NULL")), table_from(f, contact(f, "")), NULL);
    furrow__plan plan = {.dialect = f->dialect, .actions = &action, .count = 1};
    furrow__migrator_options options = {.url = f->url, .lock_timeout_ms = 1000};
    furrow__revision_step step = {revision(f, "a", NULL), false, &empty, &empty};
    snapshot before = take_snapshot(f);
    furrow_status status = FURROW_NOMEM;
    long tries = 0;
    for (long k = 0; status != FURROW_OK; k += 1 + k / 40, tries++) {
        furrow__migrator *m = NULL;
        furrow_set_allocator(&failing);
        requests = 0;
        fail_at = k;
        status = furrow__migrator_open(&m, f->driver, f->dialect, &options, &f->error);
        if (status == FURROW_OK)
            status = furrow__migrator_run(m, &step, &plan, &report, &f->error);
        fail_at = -1;
        furrow__migrator_close(m);
        furrow_set_allocator(NULL);
        if (status == FURROW_OK) {
            assert_false(report.was_done); /* the earlier attempts failed before they applied the
                                              step */
            break;
        }
        if (status != FURROW_NOMEM)
            fail_msg("request %ld: %s", k, f->error.message);
        if (k % 16 == 0)
            assert_untouched(f, before);
    }
    assert_true(tries > 40);
    assert_int_equal(report.rows_moved, 3);
}

static int set_up_large_schema(void **state)
{
    int failed = set_up_sqlite(state);
    if (!failed)
        add_many_tables(*state);
    return failed;
}

#define LARGE_SCHEMA_TEST(name)                                                                    \
    cmocka_unit_test_setup_teardown(name, set_up_large_schema, tear_down)
#define ALL(TEST)                                                                                  \
    TEST(test_rebuild__keeps_everything_else), TEST(test_rebuild__keeps_rowids_without_a_column),  \
        TEST(test_rebuild__an_empty_table_is_created_again),                                       \
        TEST(test_rebuild__rebuilds_tables_without_rowid),                                         \
        TEST(test_rebuild__changes_constraints_and_columns),                                       \
        TEST(test_rebuild__a_row_that_does_not_fit_undoes_everything),                             \
        TEST(test_rebuild__refuses_to_drop_a_column_that_is_used),                                 \
        TEST(test_rebuild__ignores_what_was_broken_before),                                        \
        TEST(test_rebuild__refuses_to_change_a_key_that_children_refer_to),                        \
        TEST(test_rebuild__refuses_what_it_cannot_rebuild),                                        \
        TEST(test_rebuild__keeps_columns_unknown_to_the_history),                                  \
        TEST(test_rebuild__evaluates_only_new_checks), TEST(test_rebuild__restores_the_settings),  \
        TEST(test_rebuild__restores_the_connection_after_a_failure),                               \
        TEST(test_rebuild__out_of_memory_changes_nothing),                                         \
        TEST(test_rebuild__reports_the_progress_of_a_large_table)

int main(void)
{
    const struct CMUnitTest alone[] = {ALL(SQLITE_TEST)};
    const struct CMUnitTest in_large_schema[] = {ALL(LARGE_SCHEMA_TEST)};
    int failed = cmocka_run_group_tests_name("alone", alone, NULL, NULL);
    return failed + cmocka_run_group_tests_name("in a large schema", in_large_schema, NULL, NULL);
}
