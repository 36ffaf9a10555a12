/* SPDX-License-Identifier: MIT
 * Tests SQLite tables that furrow did not create. Their constraints are named differently from
 * those in the revisions, or have no name, and are spelled differently. A revision must drop and
 * change these constraints, a rebuild must not add them again, and a downgrade must restore
 * them. */
#include "steps.h"

#include "history.h"
#include "migrate/apply/drift.h"
#include "migrate/apply/route.h"

/* A kind of constraint: its definition in furrow DDL before and after a change, and its definition
 * in the live table, both as a column constraint and as a table constraint; and statements that
 * violate it. The live table has the columns a, b and id; the first row is (1, 1, 1). */
static const struct kind {
    const char *name, *before, *changed;
    const char *in_column, *in_table;
    const char *breaks, *breaks_changed; /* a statement that only `before` rejects, and one that
                                            only `changed` rejects */
    furrow__constraint_kind kind;
} kinds[] = {
    {"check", "CHECK (a > 0 AND a <> 7)", "CHECK (a > -9)", "CHECK ((a>0) and (a != 7))",
     "CHECK (((\"a\" > 0) AND (a <> 7)))", "INSERT INTO t (id, a, b) VALUES (2, 0, 1)",
     "INSERT INTO t (id, a, b) VALUES (2, -9, 1)", FURROW__CONSTRAINT_CHECK},
    {"check with IN", "CHECK (a IN (1, 2))", "CHECK (a IN (1, 2, 3))", "CHECK (a in (1,2))",
     "CHECK ((\"a\" IN (1, (2))))", "INSERT INTO t (id, a, b) VALUES (2, 3, 1)",
     "INSERT INTO t (id, a, b) VALUES (2, 4, 1)", FURROW__CONSTRAINT_CHECK},
    {"unique", "UNIQUE (a)", "UNIQUE (a, b)", "UNIQUE", "UNIQUE (\"a\")",
     "INSERT INTO t (id, a, b) VALUES (2, 1, 2)", "INSERT INTO t (id, a, b) VALUES (2, 1, 1)",
     FURROW__CONSTRAINT_UNIQUE},
    {"foreign key", "FOREIGN KEY (a) REFERENCES p (id)", "FOREIGN KEY (b) REFERENCES p (id)",
     "REFERENCES p", "FOREIGN KEY (\"a\") REFERENCES \"p\" (\"id\")",
     "INSERT INTO t (id, a, b) VALUES (2, 99, 1)", "INSERT INTO t (id, a, b) VALUES (2, 1, 99)",
     FURROW__CONSTRAINT_FOREIGN_KEY},
    {"foreign key with an action", "FOREIGN KEY (a) REFERENCES p (id) ON DELETE CASCADE",
     "FOREIGN KEY (b) REFERENCES p (id) ON DELETE SET NULL", "REFERENCES p (id) ON DELETE CASCADE",
     "FOREIGN KEY (a) REFERENCES p ON DELETE CASCADE", "INSERT INTO t (id, a, b) VALUES (2, 99, 1)",
     "INSERT INTO t (id, a, b) VALUES (2, 1, 99)", FURROW__CONSTRAINT_FOREIGN_KEY},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* The possible names of the live constraint: no name, a different name, and the name in the
 * revisions. */
static const char *const live_names[] = {NULL, "uq_Mine", "t_it"};

static void create_live(fixture *f, const struct kind *k, const char *name, bool in_column)
{
    const char *constraint = join(f, name ? "CONSTRAINT " : "", name ? name : "", " ",
                                  in_column ? k->in_column : k->in_table, NULL);
    run(f, "PRAGMA foreign_keys = ON");
    run(f, "CREATE TABLE p (id INTEGER NOT NULL PRIMARY KEY)");
    run(f, join(f, "CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, a INTEGER ",
                in_column ? constraint : "", ", b INTEGER", in_column ? "" : ", ",
                in_column ? "" : constraint, ")", NULL));
    run(f, "INSERT INTO p VALUES (1), (2), (3), (-9), (4)");
    run(f, "INSERT INTO t (id, a, b) VALUES (1, 1, 1)");
}

static void go(fixture *f, const written *h, const char *target, bool down, const char *what)
{
    furrow__route_report report;
    furrow_status status = run_route(
        f, &(furrow__route_request){.history = &h->history, .target = target, .down = down},
        (furrow__migrator_options){0}, &report);
    if (status != FURROW_OK)
        fail_msg("%s %s: %s: %s (%s)", what, down ? "down" : "up", furrow_status_name(status),
                 f->error.message, f->error.sql);
}

/* Records the first revision as applied. */
static void stamp(fixture *f, const written *h)
{
    const bool applied[8] = {true};
    size_t accepted;
    furrow__migrator *m = open_migrator(f, (furrow__migrator_options){.lock_timeout_ms = 5000});
    OK(furrow__migrator_stamp(m, &(furrow__stamp){&h->history, applied, NULL}, &accepted,
                              &f->error));
    furrow__migrator_close(m);
}

static size_t count_of(fixture *f, furrow__constraint_kind kind)
{
    furrow__catalog live;
    size_t count = 0;
    OK(furrow__inspect(&live, f->c, f->dialect, &f->arena, &f->error));
    const furrow__catalog_table *t =
        furrow__catalog_table_named(&live, (furrow__table_name){NULL, "t"});
    for (size_t i = 0; i < t->constraint_count; i++)
        count += t->constraints[i].kind == kind;
    return count;
}

/* Whether the database rejects a statement. Nothing is changed. */
static bool rejects(fixture *f, const char *sql)
{
    furrow_error error;
    run(f, "SAVEPOINT probe");
    furrow_status status = furrow__execute(f->c, sql, NULL, &error);
    run(f, "ROLLBACK TO probe");
    run(f, "RELEASE probe");
    return status != FURROW_OK;
}

static void assert_state(fixture *f, const struct kind *k, const char *what, bool has_before,
                         bool has_changed)
{
    size_t count = count_of(f, k->kind);
    if (count != (size_t)(has_before + has_changed))
        fail_msg("%s: %zu constraints: %s", what, count,
                 rows(f, "SELECT sql FROM sqlite_schema WHERE name = 't'"));
    if (rejects(f, k->breaks) != has_before || rejects(f, k->breaks_changed) != has_changed)
        if (!has_before || !rejects(f, k->breaks_changed))
            fail_msg("%s: %s", what, rows(f, "SELECT sql FROM sqlite_schema WHERE name = 't'"));
}

static void migrate_adopted(fixture *f, const struct kind *k, const char *name, bool in_column)
{
    written h;
    char what[160];
    snprintf(what, sizeof what, "%s, %s, of the %s", k->name, name ? name : "without a name",
             in_column ? "column" : "table");
    create_live(f, k, name, in_column);
    begin_history(&h, &f->arena);
    add_revision(&h, join(f,
                          "\n-- upgrade\nCREATE TABLE p (id BIGINT PRIMARY KEY);\n"
                          "CREATE TABLE t (id BIGINT PRIMARY KEY, a BIGINT, b BIGINT,"
                          " CONSTRAINT t_it ",
                          k->before, ");\n-- downgrade\nDROP TABLE t;\nDROP TABLE p;\n", NULL));
    add_revision(&h, "\n-- upgrade\nALTER TABLE t ALTER COLUMN b SET NOT NULL;\n-- downgrade\n"
                     "ALTER TABLE t ALTER COLUMN b DROP NOT NULL;\n");
    add_revision(&h, join(f,
                          "\n-- upgrade\nALTER TABLE t DROP CONSTRAINT t_it;\n-- downgrade\n"
                          "ALTER TABLE t ADD CONSTRAINT t_it ",
                          k->before, ";\n", NULL));
    add_revision(&h, join(f, "\n-- upgrade\nALTER TABLE t ADD CONSTRAINT t_it ", k->changed,
                          ";\n-- downgrade\nALTER TABLE t DROP CONSTRAINT t_it;\n", NULL));
    end_history(&h);
    stamp(f, &h);
    go(f, &h, "+1", false, what);
    assert_state(f, k, what, true, false);
    go(f, &h, "-1", true, what);
    assert_state(f, k, what, true, false);
    go(f, &h, "+2", false, what);
    assert_state(f, k, what, false, false);
    go(f, &h, "-2", true, what);
    assert_state(f, k, what, true, false);
    go(f, &h, "head", false, what);
    assert_state(f, k, what, false, true);
    go(f, &h, "-3", true, what);
    assert_state(f, k, what, true, false);
    run(f, "DROP TABLE t");
    run(f, "DROP TABLE p");
    run(f, "DROP TABLE furrow_revision");
    furrow__arena_clear(&f->arena);
}

static void test_adopted__constraints_are_found_by_content(void **state)
{
    for (size_t i = 0; i < KINDS; i++)
        for (size_t n = 0; n < sizeof live_names / sizeof *live_names; n++)
            for (int in_column = 0; in_column < 2; in_column++)
                migrate_adopted(*state, &kinds[i], live_names[n], in_column);
}

/* A constraint that cannot be recognized must not silently remain in the table. */
static void test_adopted__a_constraint_that_is_not_found_stops_the_revision(void **state)
{
    fixture *f = *state;
    written h;
    furrow__route_report report;
    run(f, "CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, a INTEGER, CONSTRAINT mine"
           " CHECK (CASE WHEN a > 0 THEN 1 ELSE 0 END))");
    begin_history(&h, &f->arena);
    add_revision(&h, "\n-- upgrade\nCREATE TABLE t (id BIGINT PRIMARY KEY, a BIGINT, CONSTRAINT"
                     " t_it CHECK (a > 0));\n-- downgrade\nDROP TABLE t;\n");
    add_revision(&h, "\n-- upgrade\nALTER TABLE t DROP CONSTRAINT t_it;\n-- downgrade\n"
                     "ALTER TABLE t ADD CONSTRAINT t_it CHECK (a > 0);\n");
    end_history(&h);
    stamp(f, &h);
    furrow__migrator *m =
        open_migrator(f, (furrow__migrator_options){.lock_timeout_ms = 5000, .ignore_drift = true});
    IS(furrow__route_run(m, &report,
                         &(furrow__route_request){.history = &h.history, .target = "head"},
                         &f->arena, &f->error),
       FURROW_SCHEMA);
    assert_string_equal(f->error.message, "table \"t\" has no constraint \"t_it\", and none with "
                                          "the same definition");
    furrow__migrator_close(m);
    assert_int_equal(number(f, "SELECT count(*) FROM furrow_revision"), 1);
}

int main(void)
{
    const struct CMUnitTest sqlite[] = {
        SQLITE_TEST(test_adopted__constraints_are_found_by_content),
        SQLITE_TEST(test_adopted__a_constraint_that_is_not_found_stops_the_revision)};
    return cmocka_run_group_tests(sqlite, NULL, NULL);
}
