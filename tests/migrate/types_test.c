/* SPDX-License-Identifier: MIT
 *
 * Tests conversions from every type to every other type. Both engines must keep the values. If a
 * generated upgrade converts values without USING, its generated downgrade must convert them back.
 * This applies to the rows that existed before the upgrade and to the rows that were inserted after
 * it. Values that do not fit must be counted before anything changes; they must never cause an
 * engine error. */
#include "pairs.h"
#include "steps.h"

enum { VALUES = 16 };

static const struct {
    const char *type;
    const char *values[VALUES]; /* literals of furrow DDL; the list ends with NULL */
} types[] = {
    {"SMALLINT", {"0", "1", "-7", "32767", "-32768", "100"}},
    {"INTEGER", {"0", "12", "-2147483648", "2147483647", "16777217", "-16777216", "32768"}},
    {"BIGINT",
     {"0", "99", "-100", "9007199254740993", "9223372036854775807", "-9223372036854775807",
      "9223372036854774784", "1000000000000000000", "999999984306749440", "-16777217"}},
    {"REAL",
     {"0", "0.1", "-1.5", "16777216", "-16777217", "1e10", "1e18", "3.4028234663852886e38", "1e-40",
      "1.1754943508222875e-38", "1.4e-45", "33554431", "9.3e18"}},
    {"DOUBLE PRECISION",
     {"0", "0.1", "0.5", "7", "-32769", "1e18", "1e300", "1e-40", "1.401298464324817e-45",
      "9.223372036854775808e18", "-9.223372036854775808e18", "3.5e38", "2.5e-290",
      "9007199254740994", "16777217"}},
    {"TEXT",
     {"''", "'0'", "'-7'", "'007'", "'A'", "'it''s'", "'äöüßéä'",
      "'12345678-9abc-def0-1234-56789abcdef0'", "'12345678-9ABC-def0-1234-56789abcdef0'",
      "'9223372036854775807'", "'9223372036854775808'", "' 1'", "'-0'", "'1e2'", "'40000'"}},
    {"VARCHAR(5)", {"''", "'12345'", "'äöüßé'", "'A'", "'-1'"}},
    {"VARCHAR(9 OCTETS)", {"''", "'B'", "'äöüß'", "'123456789'", "'-2147483'"}},
    {"VARCHAR(40, 60 OCTETS)",
     {"'it''s'", "'00000000-0000-0000-0000-00000000000a'", "'4294967296'", "'ääääääääääää'"}},
    {"ENUM('A', 'B')", {"'A'", "'B'"}},
    {"ENUM('B', 'it''s', '12')", {"'B'", "'it''s'", "'12'"}},
    {"UUID", {"'12345678-9abc-def0-1234-56789abcdef0'", "'00000000-0000-0000-0000-000000000000'"}},
    {"DECIMAL(4, 2)", {"0", "0.99", "-0.99", "12.34", "99.99", "-99", "1"}},
    {"DECIMAL(2, 2)", {"0", "0.99", "-0.99", "0.1"}},
    {"DECIMAL(3, 0)", {"0", "999", "-999", "7"}},
    {"DECIMAL(12, 4)", {"0", "0.0001", "-12.34", "99999999.9999", "32768", "-2147483"}},
    {"DECIMAL(18, 0)", {"0", "999999999999999999", "-999999999999999999", "2147483648"}},
    {"DECIMAL(18, 18)", {"0", "0.999999999999999999", "-0.5"}},
    {"BOOLEAN", {"TRUE", "FALSE"}},
    {"BLOB", {NULL}},
    {"TIMESTAMP WITH TIME ZONE", {"'2020-01-01T00:00:00Z'"}},
    {"DATE", {"'2020-01-01'"}},
    {"JSON", {"'[1]'"}},
};
enum { TYPES = sizeof types / sizeof *types };

/* Makes tables that are named after the types: t3 has the fourth type. Each table has a column of
 * the type with the index `type`. If `type` is SIZE_MAX, the column has the table's own type.
 * `with` selects the tables to make. */
static void make_schema(furrow__catalog *out, const bool *with, size_t type, furrow_arena *arena)
{
    furrow__buffer text = {0};
    for (size_t i = 0; i < TYPES; i++)
        if (with[i])
            furrow__buffer_format(&text, "CREATE TABLE t%zu (id BIGINT PRIMARY KEY, n %s);\n", i,
                                  types[type == SIZE_MAX ? i : type].type);
    make_catalog(out, furrow__arena_text(arena, furrow__buffer_text(&text), text.size), arena);
    furrow__buffer_done(&text);
}

static bool is_planned(const furrow__dialect *dialect, size_t from, size_t to)
{
    furrow_arena arena = {0};
    furrow_error error = {0};
    furrow__catalog before;
    furrow__change_list changes;
    furrow__plan plan;
    char text[120];
    bool with[TYPES] = {false};
    with[to] = true;
    make_schema(&before, with, from, &arena);
    snprintf(text, sizeof text, "ALTER TABLE t%zu ALTER COLUMN n TYPE %s;", to, types[to].type);
    read_changes(&changes, text, &arena);
    furrow_status status =
        furrow__plan_make(&plan, &(furrow__plan_input){dialect, &before, &changes}, &arena, &error);
    if (status != FURROW_OK && !strstr(error.message, "cannot be converted to its new type"))
        fail_msg("%s to %s: %s", types[from].type, types[to].type, error.message);
    furrow__arena_done(&arena);
    return status == FURROW_OK;
}

static void test_types__conversions_can_be_undone(void **state)
{
    size_t count = 0;
    (void)state;
    for (size_t from = 0; from < TYPES; from++)
        for (size_t to = 0; to < TYPES; to++) {
            bool there = is_planned(&furrow__dialect_sqlite, from, to);
            if (there != is_planned(&furrow__dialect_postgresql, from, to))
                fail_msg("%s is converted to %s on one engine only", types[from].type,
                         types[to].type);
            if (there != is_planned(&furrow__dialect_sqlite, to, from))
                fail_msg("%s and %s are converted in one direction only", types[from].type,
                         types[to].type);
            count += there && from != to;
        }
    printf("%zu pairs of types are converted\n", count);
    assert_true(count >= 140);
}

typedef struct matrix {
    fixture *f;
    size_t from, steps;
    bool with[TYPES];
    furrow__catalog before, after;
    size_t kept, misfits;
} matrix;

static furrow_status run_plan(matrix *m, const furrow__catalog *over,
                              const furrow__change_list *changes, const furrow__plan **out,
                              furrow__step_report *report)
{
    fixture *f = m->f;
    furrow__plan *plan = furrow_arena_allocate(&f->arena, sizeof *plan);
    char id[16];
    snprintf(id, sizeof id, "%012zx", ++m->steps);
    OK(furrow__plan_make(plan, &(furrow__plan_input){f->dialect, over, changes}, &f->arena,
                         &f->error));
    if (out)
        *out = plan;
    const char *kept = furrow__arena_text(&f->arena, id, strlen(id));
    return run_step(f, revision(f, kept, NULL), false, plan,
                    (furrow__migrator_options){.lock_timeout_ms = 5000}, report);
}

/* Inserts the values of each table. `type` is the index of the type that all columns have. It is
 * SIZE_MAX if each column has its table's own type. */
static void insert_values(matrix *m, const furrow__catalog *over, size_t type, size_t first_id)
{
    fixture *f = m->f;
    furrow__change_list changes;
    furrow__step_report report;
    furrow__buffer text = {0};
    for (size_t i = 0; i < TYPES; i++) {
        if (!m->with[i])
            continue;
        furrow__buffer_format(&text, "INSERT INTO t%zu (id, n) VALUES (%zu, NULL)", i, first_id);
        const char *const *literals = types[type == SIZE_MAX ? i : type].values;
        for (size_t k = 0; k < VALUES && literals[k]; k++)
            furrow__buffer_format(&text, ", (%zu, %s)", first_id + 1 + k, literals[k]);
        furrow__buffer_add_text(&text, ";\n");
    }
    const char *sql = keep(f, &text);
    read_changes(&changes, sql, &f->arena);
    OK(run_plan(m, over, &changes, NULL, &report));
}

/* Writes a value as text, in the same form for all types and engines. */
static void add_canonical(furrow__buffer *out, const fixture *f, const furrow__catalog_type *type,
                          const char *text)
{
    double real = type->type == FURROW_TYPE_FLOAT ? (double)strtof(text, NULL) : strtod(text, NULL);
    if (type->type != FURROW_TYPE_FLOAT && type->type != FURROW_TYPE_DOUBLE)
        add_plain(out, f, type, text);
    else if (real >= -0x1p63 && real < 0x1p63 && (double)(int64_t)real == real)
        furrow__buffer_format(out, "%.0f", real + 0.0);
    else
        furrow__buffer_format(out, "%.17g", real);
}

static const char *all_values(matrix *m, const furrow__catalog *schema)
{
    fixture *f = m->f;
    furrow__buffer out = {0}, sql = {0};
    for (size_t i = 0; i < schema->count; i++) {
        const furrow__catalog_table *table = schema->tables[i];
        const furrow__catalog_type *type = &furrow__catalog_column_named(table, "n")->type;
        furrow__buffer_add_text(&sql, "SELECT id, ");
        add_value(&sql, f, type, "n");
        furrow__buffer_format(&sql, " FROM %s WHERE n IS NOT NULL AND id < 100 ORDER BY id",
                              table->name.name);
        furrow__query q =
            furrow__query_begin(f->c, furrow__buffer_text(&sql), &f->arena, &f->error);
        while (furrow__query_next(&q)) {
            furrow__buffer_format(&out, "%s %s: ", table->name.name, furrow__query_text(&q, 0));
            add_canonical(&out, f, type, furrow__query_text(&q, 1));
            furrow__buffer_add_char(&out, '\n');
            m->kept++;
        }
        OK(furrow__query_end(&q));
        furrow__buffer_clear(&sql);
    }
    furrow__buffer_done(&sql);
    return keep(f, &out);
}

static void fail_at(const matrix *m, const char *when)
{
    fail_msg("%s, %s: %s (%s)", types[m->from].type, when, m->f->error.message, m->f->error.sql);
}

static void remove_misfits(matrix *m, const furrow__plan *plan)
{
    fixture *f = m->f;
    for (size_t i = 0; i < plan->preflight_count; i++) {
        const furrow__preflight *asked = &plan->preflights[i];
        uint64_t gone = 0;
        furrow__buffer sql = {0};
        assert_non_null(asked->where);
        furrow__buffer_format(&sql, "DELETE FROM %s AS t WHERE %s", asked->table.name,
                              asked->where);
        OK(furrow__execute(f->c, keep(f, &sql), &gone, &f->error));
        m->misfits += (size_t)gone;
    }
}

/* Changes the types of the columns. If values do not fit, the preflight must refuse the step, so
 * that the engine reports no error. The rows with these values are then deleted, and the step must
 * succeed. Returns the values before the step, as text; the step must not change them. */
static const char *change_types(matrix *m, const furrow__catalog *from, const furrow__catalog *to,
                                furrow__diff_options options, const char *when)
{
    fixture *f = m->f;
    furrow__diff diff;
    const furrow__plan *plan;
    furrow__step_report report;
    const char *kept = all_values(m, from);
    OK(furrow__diff_catalogs(&diff, &(furrow__diff_request){from, to, options}, &f->arena,
                             &f->error));
    OK(furrow__diff_remark(&diff.changes, from, options.is_downgrade, &f->arena, &f->error));
    for (size_t i = 0; i < diff.changes.count; i++)
        assert_true(!diff.changes.items[i].comment ||
                    !strstr(diff.changes.items[i].comment, "TODO"));
    furrow_status status = run_plan(m, from, &diff.changes, &plan, &report);
    if (status == FURROW_OK)
        return kept;
    if (status != FURROW_INVALID || !report.problem_count)
        fail_at(m, when);
    remove_misfits(m, plan);
    kept = all_values(m, from);
    if (run_plan(m, from, &diff.changes, NULL, &report) != FURROW_OK)
        fail_at(m, when);
    return kept;
}

static void compare_all(const matrix *m, const char *wanted, const char *found, const char *when)
{
    if (strcmp(wanted, found) != 0)
        fail_msg("%s, %s: expected \"%.60s\", found \"%.60s\"", types[m->from].type, when,
                 first_difference(wanted, found), first_difference(found, wanted));
}

static void there_and_back(matrix *m)
{
    const furrow__diff_options there = {.to_is_models = true}, back = {.is_downgrade = true};
    fixture *f = m->f;
    furrow__catalog nothing;
    furrow__step_report report;
    furrow__diff diff;
    furrow__catalog_init(&nothing, NULL, &f->arena);
    make_schema(&m->before, m->with, m->from, &f->arena);
    make_schema(&m->after, m->with, SIZE_MAX, &f->arena);
    OK(furrow__diff_catalogs(&diff, &(furrow__diff_request){&nothing, &m->before, there}, &f->arena,
                             &f->error));
    OK(run_plan(m, &nothing, &diff.changes, NULL, &report));
    insert_values(m, &m->before, m->from, 1);
    const char *before = change_types(m, &m->before, &m->after, there, "there");
    const char *behind = all_values(m, &m->after);
    compare_all(m, before, behind, "behind the way there");
    insert_values(m, &m->after, SIZE_MAX, 100);
    const char *kept = change_types(m, &m->after, &m->before, back, "back");
    compare_all(m, behind, kept, "what came is not taken back");
    compare_all(m, behind, all_values(m, &m->before), "behind the way back");
}

static void test_types__conversions_keep_or_refuse_rows(void **state)
{
    matrix m = {.f = *state};
    for (m.from = 0; m.from < TYPES; m.from++) {
        bool any = false;
        for (size_t to = 0; to < TYPES; to++) {
            m.with[to] = to != m.from && is_planned(m.f->dialect, m.from, to);
            any |= m.with[to];
        }
        if (any)
            there_and_back(&m);
        make_empty(m.f);
    }
    printf("%zu values kept, %zu that did not fit\n", m.kept, m.misfits);
    assert_true(m.kept > 1000 && m.misfits > 500);
}

int main(void)
{
    const struct CMUnitTest sqlite[] = {
        cmocka_unit_test(test_types__conversions_can_be_undone),
        SQLITE_TEST(test_types__conversions_keep_or_refuse_rows),
    };
    int failed = cmocka_run_group_tests_name("types on SQLite", sqlite, NULL, NULL);
#ifdef FURROW_WITH_POSTGRESQL
    const struct CMUnitTest postgresql[] = {
        POSTGRESQL_TEST(test_types__conversions_keep_or_refuse_rows)};
    failed += RUN_ON_POSTGRESQL(postgresql);
#endif
    return failed;
}
