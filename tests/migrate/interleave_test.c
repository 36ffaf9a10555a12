/* SPDX-License-Identifier: MIT
 * Two migrators whose steps interleave: while one is between two steps, another applies or undoes
 * revisions. No step may run twice, or on another schema than the one that it was planned for. */
#include "steps.h"

#include "history.h"
#include "migrate/apply/route.h"

enum { REVISIONS = 3 };

static const char *const bodies[REVISIONS] = {
    "\n-- upgrade\nCREATE TABLE log (id BIGINT NOT NULL PRIMARY KEY, n BIGINT);\n"
    "INSERT INTO log (id, n) VALUES (1, 1);\n-- downgrade\nDROP TABLE log;\n",
    "\n-- upgrade\nINSERT INTO log (id, n) VALUES (2, 2);\n"
    "-- downgrade\nDELETE FROM log WHERE id = 2;\n",
    "\n-- upgrade\nINSERT INTO log (id, n) VALUES (3, 3);\n"
    "-- downgrade\nDELETE FROM log WHERE id = 3;\n",
};

/* A run that another migrator interrupts before one of its steps. */
typedef struct run_of {
    fixture *f;
    written history;
    int before;         /* number of the step before which the other migrator runs */
    const char *target; /* the target of the other migrator; NULL: it runs `sql` instead */
    const char *sql;
    bool down;
    int steps, done_by_other;
    furrow__route_report report;
} run_of;

static void make_run(run_of *r, fixture *f)
{
    *r = (run_of){.f = f};
    begin_history(&r->history, &f->arena);
    for (int i = 0; i < REVISIONS; i++)
        add_revision(&r->history, bodies[i]);
    end_history(&r->history);
}

static const furrow__migrator_options options = {.allow_data_loss = true};

static void advance(run_of *r, const char *target, bool down)
{
    fixture *f = r->f;
    furrow__route_report report;
    OK(run_route(
        f, &(furrow__route_request){.history = &r->history.history, .target = target, .down = down},
        options, &report));
}

static furrow_status before_step(const furrow__revision_step *step, const furrow__plan *plan,
                                 void *context, furrow_error *error)
{
    run_of *r = context;
    (void)step;
    (void)plan;
    (void)error;
    if (++r->steps == r->before && r->target)
        advance(r, r->target, r->down);
    else if (r->steps == r->before)
        run(r->f, r->sql);
    return FURROW_OK;
}

static void after_step(const furrow__revision_step *step, const furrow__step_report *report,
                       void *context)
{
    run_of *r = context;
    (void)step;
    r->done_by_other += report->was_done;
}

/* Runs the route of the first migrator. */
static furrow_status interrupted(run_of *r, const char *target, bool down)
{
    const furrow__route_hooks hooks = {before_step, after_step, r};
    return run_route(
        r->f,
        &(furrow__route_request){
            .history = &r->history.history, .target = target, .down = down, .hooks = &hooks},
        options, &r->report);
}

static void assert_busy(run_of *r, furrow_status status)
{
    fixture *f = r->f;
    IS(status, FURROW_BUSY);
    assert_string_equal(f->error.message,
                        "another migration has applied or undone revisions since this one began");
}

static const char *applied(fixture *f)
{
    return rows(f, "SELECT substr(id, 12) FROM furrow_revision ORDER BY id");
}

static void test_interleave__steps_of_another_upgrade_are_not_repeated(void **state)
{
    fixture *f = *state;
    run_of r;
    make_run(&r, f);
    r.before = 2;
    r.target = "+1";
    OK(interrupted(&r, "head", false));
    assert_int_equal(r.done_by_other, 1);
    assert_int_equal(r.report.done, 2);
    assert_string_equal(applied(f), "1;2;3");
    assert_string_equal(rows(f, "SELECT id, n FROM log ORDER BY id"), "1|1;2|2;3|3");
}

static void test_interleave__steps_of_another_downgrade_are_not_repeated(void **state)
{
    fixture *f = *state;
    run_of r;
    make_run(&r, f);
    advance(&r, "head", false);
    r.before = 2;
    r.target = "-1";
    r.down = true;
    OK(interrupted(&r, "-2", true));
    assert_int_equal(r.done_by_other, 1);
    assert_string_equal(applied(f), "1");
    assert_string_equal(rows(f, "SELECT id, n FROM log ORDER BY id"), "1|1");
}

static void test_interleave__a_downgrade_stops_an_upgrade(void **state)
{
    fixture *f = *state;
    run_of r;
    make_run(&r, f);
    r.before = 3;
    r.target = "-1";
    r.down = true;
    assert_busy(&r, interrupted(&r, "head", false));
    assert_int_equal(r.report.done, 2);
    assert_string_equal(applied(f), "1");
    assert_string_equal(rows(f, "SELECT id, n FROM log ORDER BY id"), "1|1");
}

static void test_interleave__an_upgrade_stops_a_downgrade(void **state)
{
    fixture *f = *state;
    run_of r;
    make_run(&r, f);
    advance(&r, "+2", false);
    r.before = 1;
    r.target = "head";
    assert_busy(&r, interrupted(&r, "-1", true));
    assert_string_equal(applied(f), "1;2;3");
    assert_string_equal(rows(f, "SELECT id, n FROM log ORDER BY id"), "1|1;2|2;3|3");
}

/* The revision is not in this migrator's history, like that of a newer program. */
static void test_interleave__a_revision_of_another_branch_stops_an_upgrade(void **state)
{
    fixture *f = *state;
    run_of r;
    make_run(&r, f);
    r.before = 2;
    r.sql = "INSERT INTO furrow_revision (id, hash, schema, applied_at) VALUES ('other', '', '', "
            "'')";
    assert_busy(&r, interrupted(&r, "head", false));
    assert_string_equal(rows(f, "SELECT id, n FROM log ORDER BY id"), "1|1");
}

static void test_interleave__a_base_that_was_stamped_meanwhile_is_not_undone(void **state)
{
    fixture *f = *state;
    run_of r;
    make_run(&r, f);
    advance(&r, "+1", false);
    r.before = 1;
    r.sql = "UPDATE furrow_revision SET applied_at = applied_at || ' stamped'";
    IS(interrupted(&r, "base", true), FURROW_INVALID);
    assert_string_equal(applied(f), "1");
    assert_int_equal(number(f, "SELECT count(*) FROM log"), 1);
}

#define BOTH(test)                                                                                 \
    test(test_interleave__steps_of_another_upgrade_are_not_repeated),                              \
        test(test_interleave__steps_of_another_downgrade_are_not_repeated),                        \
        test(test_interleave__a_downgrade_stops_an_upgrade),                                       \
        test(test_interleave__an_upgrade_stops_a_downgrade),                                       \
        test(test_interleave__a_revision_of_another_branch_stops_an_upgrade),                      \
        test(test_interleave__a_base_that_was_stamped_meanwhile_is_not_undone)

int main(void)
{
    const struct CMUnitTest sqlite[] = {BOTH(SQLITE_TEST)};
    int failed = cmocka_run_group_tests(sqlite, NULL, NULL);
#ifdef FURROW_WITH_POSTGRESQL
    const struct CMUnitTest postgresql[] = {BOTH(POSTGRESQL_TEST)};
    failed += RUN_ON_POSTGRESQL(postgresql);
#endif
    return failed;
}
