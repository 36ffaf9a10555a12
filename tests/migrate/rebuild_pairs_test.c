/* SPDX-License-Identifier: MIT
 *
 * Tests random pairs of schemas on SQLite. Changes in furrow DDL turn one schema into the other. A
 * rebuild of the table applies the changes to the database. There must then be no drift. The test
 * is repeated in the other direction. FURROW_TEST_SCALE=full tries 1,000 pairs instead of 40.
 */
#include "migrate/catalog/ddl.h"
#include "steps.h"

#include "../unit/schema_models.h"
#include "migrate/revision/change.h"
#include "migrate/revision/ddl.h"
#include "migrate/author/diff.h"
#include "migrate/apply/drift.h"

static const furrow_model *const models[] = {&item, &person, &team, &bystander};
static const furrow_schema schema = {FURROW_FORMAT_VERSION, "all", models, 4};

static unsigned long random_state;
static size_t changes_made;
static bool planned; /* true: the rebuilds come from a plan; false: the test creates them itself */

static unsigned pick(size_t count)
{
    random_state = random_state * 6364136223846793005ul + 1442695040888963407ul;
    return count ? (unsigned)((random_state >> 33) % count) : 0;
}

static void add_name(furrow__buffer *out, const char *name)
{
    furrow__sql_identifier(out, name);
}

static const char *any_column(const furrow__catalog_table *t)
{
    return t->columns[pick(t->column_count)].name;
}

/* Writes one random statement about the table. The catalog rejects the statement if it cannot be
 * applied. */
static void write_change(furrow__buffer *out, const furrow__catalog_table *t, int number)
{
    static const char *const added[] = {"INTEGER",
                                        "TEXT",
                                        "VARCHAR(9) NOT NULL DEFAULT 'x'",
                                        "BOOLEAN NOT NULL DEFAULT TRUE",
                                        "DECIMAL(8, 3)",
                                        "ENUM('A', 'B') NOT NULL DEFAULT 'B'",
                                        "REAL",
                                        "JSON NOT NULL DEFAULT '[]'"};
    static const char *const types[] = {"TEXT",          "BIGINT",
                                        "VARCHAR(30)",   "VARCHAR(5, 20 OCTETS)",
                                        "DECIMAL(9, 2)", "DOUBLE PRECISION"};
    unsigned kind = pick(13);
    /* If other tables refer to a column, the column is renamed with SQLite's ALTER TABLE, which
     * also changes the references. */
    if (!planned && kind == 10 && strcmp(t->name.name, "items") != 0 &&
        strcmp(t->name.name, "bystander") != 0)
        kind = 4;
    if (kind < 11) {
        furrow__buffer_add_text(out, "ALTER TABLE ");
        if (t->name.schema) {
            add_name(out, t->name.schema);
            furrow__buffer_add_char(out, '.');
        }
        add_name(out, t->name.name);
        furrow__buffer_add_char(out, ' ');
    }
    if (kind == 0 || kind == 1) {
        furrow__buffer_add_text(out, "DROP COLUMN ");
        add_name(out, any_column(t));
    } else if (kind == 2 || kind == 3) {
        unsigned which = pick(8);
        furrow__buffer_format(out, "ADD COLUMN %s%d %s", "new_", number, added[which]);
    } else if (kind == 4) {
        furrow__buffer_add_text(out, "ALTER COLUMN ");
        add_name(out, any_column(t));
        furrow__buffer_add_text(out, pick(2) ? " SET NOT NULL" : " DROP NOT NULL");
    } else if (kind == 5) {
        furrow__buffer_add_text(out, "ALTER COLUMN ");
        add_name(out, any_column(t));
        furrow__buffer_format(out, " TYPE %s", types[pick(6)]);
    } else if (kind == 6) {
        furrow__buffer_add_text(out, "ALTER COLUMN ");
        add_name(out, any_column(t));
        furrow__buffer_add_text(out, pick(2) ? " DROP DEFAULT" : " SET DEFAULT 'v'");
    } else if (kind == 7) {
        furrow__buffer_format(out, "ADD CONSTRAINT u%d UNIQUE (", number);
        add_name(out, any_column(t));
        furrow__buffer_add_text(out, ")");
    } else if (kind == 8) {
        furrow__buffer_format(out, "ADD CONSTRAINT c%d CHECK (", number);
        add_name(out, any_column(t));
        furrow__buffer_add_text(out, " IS NOT NULL)");
    } else if (kind == 9 && t->constraint_count) {
        furrow__buffer_add_text(out, "DROP CONSTRAINT ");
        add_name(out, t->constraints[pick(t->constraint_count)].name);
    } else if (kind == 10 || (kind == 9 && !t->constraint_count)) {
        furrow__buffer_add_text(out, "RENAME COLUMN ");
        add_name(out, any_column(t));
        furrow__buffer_format(out, " TO renamed%d", number);
    } else if (kind == 11 && t->index_count) {
        furrow__buffer_add_text(out, "DROP INDEX ");
        if (t->name.schema) {
            add_name(out, t->name.schema);
            furrow__buffer_add_char(out, '.');
        }
        add_name(out, t->indexes[pick(t->index_count)].name);
    } else {
        furrow__buffer_format(out, "CREATE INDEX i%d ON ", number);
        if (t->name.schema) {
            add_name(out, t->name.schema);
            furrow__buffer_add_char(out, '.');
        }
        add_name(out, t->name.name);
        furrow__buffer_add_text(out, " (");
        add_name(out, any_column(t));
        furrow__buffer_add_text(out, " DESC)");
    }
    furrow__buffer_add_text(out, ";\n");
}

/* Changes one table several times. Sets `changes` to the changes that could be applied. */
static void change_table(fixture *f, furrow__catalog *catalog, furrow__table_name name,
                         furrow__change_list *changes, furrow__buffer *script)
{
    for (int i = 0; i < 6; i++) {
        furrow__change_list list = {.arena = &f->arena};
        furrow__buffer text = {0};
        furrow__file_location at = {.line = 1, .column = 1}, place;
        furrow_error error;
        write_change(&text, furrow__catalog_table_named(catalog, name), i);
        if (furrow__ddl_parse(
                &list, &(furrow__source_text){.text = text.text, .size = text.size, .location = at},
                &place, &error) == FURROW_OK &&
            furrow__changes_apply(catalog, &list, &error) == FURROW_OK) {
            furrow__buffer_add_text(script, text.text);
            for (size_t k = 0; k < list.count; k++)
                *furrow__change_add(changes, list.items[k].kind) = list.items[k];
        }
        furrow__buffer_done(&text);
    }
}

static const char *drift(fixture *f, const furrow__catalog *expected)
{
    furrow__drift_list found;
    furrow__buffer out = {0};
    OK(f->driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error));
    OK(furrow__drift_find(
        &found,
        &(furrow__drift_request){.connection = f->c, .dialect = f->dialect, .expected = expected},
        &f->arena, &f->error));
    OK(f->driver->rollback(f->c, &f->error));
    for (size_t i = 0; i < found.count; i++) {
        furrow__drift_write(&out, &found.items[i]);
        furrow__buffer_add_char(&out, '\n');
    }
    const char *text = furrow__arena_text(&f->arena, furrow__buffer_text(&out), out.size);
    furrow__buffer_done(&out);
    return text;
}

/* Returns the name that a column had before the changes. */
static const char *old_name(const furrow__change_list *changes, const char *name)
{
    for (size_t i = changes ? changes->count : 0; i > 0; i--)
        if (changes->items[i - 1].kind == FURROW__RENAME_COLUMN &&
            strcmp(changes->items[i - 1].new_name, name) == 0)
            name = changes->items[i - 1].name;
    return name;
}

static void rebuild(fixture *f, const furrow__catalog *from, const furrow__catalog *to,
                    furrow__table_name name, const furrow__change_list *changes, const char *letter,
                    const char *script)
{
    furrow__catalog before, after;
    furrow__step_report report;
    OK(furrow__catalog_lower(&before, from, f->dialect, &f->arena, &f->error));
    if (furrow__catalog_lower(&after, to, f->dialect, &f->arena, &f->error) != FURROW_OK)
        fail_msg("%s\n%s", script, f->error.message);
    const furrow__catalog_table *old = furrow__catalog_table_named(&before, name);
    furrow__action action = rebuild_of(f, old, furrow__catalog_table_named(&after, name), NULL);
    furrow__rebuild_column *columns =
        furrow_arena_allocate(&f->arena, (action.after->column_count + 1) * sizeof *columns);
    action.columns = columns;
    action.column_count = 0;
    for (size_t i = 0; i < action.after->column_count; i++) {
        furrow__buffer source = {0};
        const char *was = old_name(changes, action.after->columns[i].name);
        if (!furrow__catalog_column_named(old, was))
            continue;
        furrow__sql_identifier(&source, was);
        columns[action.column_count++] = (furrow__rebuild_column){
            action.after->columns[i].name, furrow__arena_text(&f->arena, source.text, source.size)};
        furrow__buffer_done(&source);
    }
    const furrow__change **list =
        furrow_arena_allocate(&f->arena, ((changes ? changes->count : 0) + 1) * sizeof *list);
    for (size_t i = 0; changes && i < changes->count; i++)
        list[action.change_count++] = &changes->items[i];
    action.changes = list;
    furrow__plan plan = {.dialect = f->dialect, .actions = &action, .count = 1};
    if (run_step(f, revision(f, letter, NULL), false, &plan,
                 (furrow__migrator_options){.lock_timeout_ms = 5000}, &report) != FURROW_OK)
        fail_msg("%s\n%s (%s)", script, f->error.message, f->error.sql);
    const char *found = drift(f, to);
    if (*found)
        fail_msg("%s\nleaves:\n%s", script, found);
}

/* Runs a plan for the changes. Returns false if a change of a type needs USING, because this test
 * does not write USING. */
static bool run_plan(fixture *f, const furrow__catalog *from, const furrow__catalog *to,
                     const furrow__change_list *changes, const char *letter, const char *script)
{
    furrow__plan plan;
    furrow__step_report report;
    furrow_status made = furrow__plan_make(&plan, &(furrow__plan_input){f->dialect, from, changes},
                                           &f->arena, &f->error);
    if (made == FURROW_INVALID && strstr(f->error.message, "converted"))
        return false;
    if (made != FURROW_OK)
        fail_msg("%s\n%s", script, f->error.message);
    if (run_step(f, revision(f, letter, NULL), false, &plan,
                 (furrow__migrator_options){.lock_timeout_ms = 5000, .allow_data_loss = true},
                 &report) != FURROW_OK)
        fail_msg("%s\n%s (%s)", script, f->error.message, f->error.sql);
    const char *found = drift(f, to);
    if (*found)
        fail_msg("%s\nleaves:\n%s", script, found);
    return true;
}

/* Changes one schema into another and back. On the way back, the difference contains no renames: a
 * renamed column is dropped, and a column with the old name is added. */
static void try_pair(fixture *f, unsigned long seed)
{
    furrow__catalog from, to;
    furrow__statements statements;
    furrow__change_list changes = {.arena = &f->arena};
    furrow__buffer script = {0};
    random_state = seed;
    OK(furrow__ddl_create_schema(&statements, f->dialect, &schema, &f->arena, &f->error));
    for (size_t i = 0; i < statements.count; i++)
        run(f, statements.items[i]);
    OK(furrow__catalog_from_schema(&from, &schema, &f->arena, &f->error));
    OK(furrow__catalog_copy(&to, &from, &f->arena, &f->error));
    furrow__table_name name = from.tables[pick(from.count)]->name;
    furrow__buffer_format(&script, "seed %lu:\n", seed);
    change_table(f, &to, name, &changes, &script);
    changes_made += changes.count;
    if (planned) {
        furrow__diff back;
        OK(furrow__diff_catalogs(&back,
                                 &(furrow__diff_request){&to, &from, (furrow__diff_options){0}},
                                 &f->arena, &f->error));
        bool went = run_plan(f, &from, &to, &changes, "a", script.text);
        furrow__buffer_add_text(&script, "and back\n");
        if (went)
            run_plan(f, &to, &from, &back.changes, "b", script.text);
    } else {
        rebuild(f, &from, &to, name, &changes, "a", script.text);
        furrow__buffer_add_text(&script, "and back\n");
        rebuild(f, &to, &from, name, NULL, "b", script.text);
    }
    assert_string_equal(rows(f, "PRAGMA integrity_check"), "ok");
    furrow__buffer_done(&script);
}

static void try_pairs(void)
{
    const char *scale = getenv("FURROW_TEST_SCALE"), *one = getenv("FURROW_TEST_SEED");
    unsigned long pairs = scale && strcmp(scale, "full") == 0 ? 1000 : 40;
    unsigned long begin = one ? strtoul(one, NULL, 10) : 1;
    changes_made = 0;
    for (unsigned long i = begin; i < begin + (one ? 1 : pairs); i++) {
        void *own = NULL;
        assert_int_equal(set_up_sqlite(&own), 0);
        run(own, "PRAGMA synchronous = OFF");
        if (i % 3 == 0)
            add_many_tables(own);
        try_pair(own, i);
        assert_int_equal(tear_down(&own), 0);
    }
    assert_true(one || changes_made > 2 * pairs); /* most of the random statements can be applied */
}

static void test_rebuild_pairs__rebuilds_leave_no_drift(void **state)
{
    (void)state;
    planned = false;
    try_pairs();
}

static void test_rebuild_pairs__plans_leave_no_drift(void **state)
{
    (void)state;
    planned = true;
    try_pairs();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rebuild_pairs__rebuilds_leave_no_drift),
        cmocka_unit_test(test_rebuild_pairs__plans_leave_no_drift),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
