/* SPDX-License-Identifier: MIT
 *
 * Tests changes from random schemas to other random schemas, on real databases. The difference is
 * planned and run, and there must then be no drift. Before each step, the live schema is compared
 * with the history, too. */
#include "steps.h"

#include "migrate/author/diff.h"

#include "../unit/migrate_random.h"
#include "migrate/apply/drift.h"

enum { WAYS = 12, STEPS = 5 };

static const furrow__migrator_options careful = {.lock_timeout_ms = 5000, .allow_data_loss = true};

static void look_for_drift(fixture *f, const furrow__catalog *expected, const char *script)
{
    furrow__drift_list drift;
    furrow__buffer text = {0};
    OK(f->driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error));
    OK(furrow__drift_find(
        &drift,
        &(furrow__drift_request){.connection = f->c, .dialect = f->dialect, .expected = expected},
        &f->arena, &f->error));
    OK(f->driver->rollback(f->c, &f->error));
    for (size_t i = 0; i < drift.count; i++) {
        furrow__drift_write(&text, &drift.items[i]);
        furrow__buffer_add_char(&text, '\n');
    }
    if (drift.count)
        fail_msg("%s\nbehind\n%s", furrow__buffer_text(&text), script);
}

/* Runs one revision. Returns false if a change of a type needs USING. */
static bool go(fixture *f, unsigned number, const furrow__catalog *from, const furrow__catalog *to)
{
    furrow__diff diff;
    furrow__plan plan;
    furrow__step_report report;
    furrow__buffer script = {0};
    char letter[16];
    OK(furrow__diff_catalogs(&diff, &(furrow__diff_request){from, to, (furrow__diff_options){0}},
                             &f->arena, &f->error));
    diff.changes.storage = to->storage;
    if (furrow__plan_make(&plan, &(furrow__plan_input){f->dialect, from, &diff.changes}, &f->arena,
                          &f->error) != FURROW_OK) {
        assert_non_null(strstr(f->error.message, "cannot be converted"));
        return false;
    }
    furrow__plan_write(&script, &plan);
    snprintf(letter, sizeof letter, "r%u", number);
    furrow__migrator *m = open_migrator(f, careful);
    furrow__revision *of = revision(f, furrow__arena_text(&f->arena, letter, strlen(letter)), NULL);
    furrow__revision_step step = {of, false, from, to};
    furrow_status status = furrow__migrator_run(m, &step, &plan, &report, &f->error);
    if (status != FURROW_OK)
        fail_msg("%s (%s; %s)\nin\n%s", f->error.message, f->error.hint, f->error.sql,
                 furrow__buffer_text(&script));
    furrow__migrator_close(m);
    look_for_drift(f, to, furrow__buffer_text(&script));
    furrow__buffer_done(&script);
    return true;
}

static void test_ways__lead_from_any_schema_to_any_other(void **state)
{
    fixture *f = *state;
    unsigned number = 0;
    for (unsigned seed = 0; seed < WAYS; seed++) {
        furrow_arena arena = {0};
        random_source r = {.state = seed + 77, .related = seed % 4 != 0};
        furrow__catalog schemas[STEPS], nothing;
        const furrow__catalog *at = &nothing;
        furrow__catalog_init(&nothing, NULL, &arena);
        for (size_t i = 0; i < STEPS; i++) {
            furrow__buffer text = {0};
            random_schema(&r, &text);
            make_catalog(&schemas[i], text.size ? text.text : "", &arena);
            /* over all steps, the storage version changes in each direction or stays the same, with
             * and without other changes */
            schemas[i].storage =
                (seed + i) / 2 % 2 ? FURROW__STORAGE_NEWEST : FURROW__STORAGE_FIRST;
            furrow__buffer_done(&text);
            if (go(f, number++, at, &schemas[i]))
                at = &schemas[i];
        }
        go(f, number++, at, &nothing);
        furrow__arena_clear(&f->arena);
        furrow__arena_done(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest sqlite[] = {SQLITE_TEST(test_ways__lead_from_any_schema_to_any_other)};
    int failed = cmocka_run_group_tests(sqlite, NULL, NULL);
#ifdef FURROW_WITH_POSTGRESQL
    const struct CMUnitTest postgresql[] = {
        POSTGRESQL_TEST(test_ways__lead_from_any_schema_to_any_other)};
    failed += RUN_ON_POSTGRESQL(postgresql);
#endif
    return failed;
}
