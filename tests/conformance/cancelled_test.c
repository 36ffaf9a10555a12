/* SPDX-License-Identifier: MIT
 *
 * Rows whose insert, update or delete a trigger cancels, with RAISE(IGNORE) on SQLite and with a
 * trigger function that returns NULL on PostgreSQL. Each verb that inserts rows must return the
 * same status for them, leave the caller's rows unchanged, and make the transaction fail.
 */
#include <furrow/generated.h>

#include "conformance.h"
#include "shapes.furrow.h"

enum { MAX_ROWS = 40 };

/* Creates a trigger that cancels the `event` for each row of the table that meets the condition.
 * Before that, the trigger writes to another table, so that the connection's count of changes does
 * not show what happened. */
static void add_trigger(furrow_session *s, const char *table, const char *event,
                        const char *condition)
{
    char sql[512];
    furrow_rows *rows = NULL;
    if (is_postgresql()) {
        snprintf(sql, sizeof sql,
                 "CREATE OR REPLACE FUNCTION cancel_%s_%s() RETURNS trigger LANGUAGE plpgsql AS "
                 "$$ BEGIN INSERT INTO log (id) VALUES (default); IF %s THEN RETURN NULL; END IF; "
                 "RETURN new; END $$",
                 table, event, condition);
        assert_ok(s, furrow_unsafe_sql(s, &rows, sql, NULL, 0));
        snprintf(sql, sizeof sql,
                 "CREATE TRIGGER cancel_%s BEFORE %s ON %s FOR EACH ROW EXECUTE FUNCTION "
                 "cancel_%s_%s()",
                 event, event, table, table, event);
    } else {
        snprintf(sql, sizeof sql,
                 "CREATE TRIGGER cancel_%s_%s BEFORE %s ON %s WHEN %s BEGIN INSERT INTO log (id) "
                 "VALUES (NULL); SELECT RAISE(IGNORE); END",
                 table, event, event, table, condition);
    }
    assert_ok(s, furrow_unsafe_sql(s, &rows, sql, NULL, 0));
}

static furrow_session *fresh(void)
{
    create_fresh(&shapes_schema);
    furrow_session *s = open_session();
    furrow_rows *rows = NULL;
    assert_ok(s, furrow_exec(s, "DROP TABLE IF EXISTS log"));
    if (is_postgresql())
        assert_ok(s, furrow_exec(s, "CREATE TABLE log (id bigserial PRIMARY KEY)"));
    else
        assert_ok(s, furrow_exec(s, "CREATE TABLE log (id INTEGER PRIMARY KEY)"));
    struct sheet sheets[MAX_ROWS] = {0};
    for (int i = 0; i < MAX_ROWS; i++)
        sheets[i].id = i + 1;
    assert_ok(s, sheet_insert_many(s, sheets, MAX_ROWS));
    assert_ok(s, furrow_commit(s));
    (void)rows;
    return s;
}

static int64_t count_of(furrow_session *s, const furrow_model *model)
{
    int64_t count = -1;
    struct furrow_count_options o = {.s = s, .out = &count};
    assert_ok(s, furrow_model_count(model, sizeof o, &o));
    return count;
}

/* How rows are inserted. */
typedef enum verb { INSERT, INSERT_MANY, INSERT_WITH, UPSERT, VERB_COUNT } verb;

static furrow_status run(furrow_session *s, const furrow_model *model, verb v, void *rows,
                         size_t count)
{
    furrow_status status = FURROW_OK;
    struct furrow_upsert_options o = {.s = s};
    switch (v) {
    case INSERT_MANY:
        return furrow_model_insert_many(s, model, rows, count);
    case INSERT_WITH:
        return furrow_rows_insert(s, model, rows, count, (furrow_path_list){NULL, 0});
    default:
        for (size_t i = 0; i < count && !status; i++) {
            o.row = (char *)rows + i * model->size;
            status = v == INSERT ? furrow_model_insert(s, model, o.row)
                                 : furrow_model_upsert(model, sizeof o, &o);
        }
        return status;
    }
}

static void check_cancelled(furrow_session *s, const furrow_model *model, verb v,
                            furrow_status status)
{
    check_status(s, FURROW_CHECK, status, __FILE__, __LINE__);
    const furrow_error *e = furrow_session_error(s);
    assert_string_equal(e->table, model->table);
    char message[96];
    snprintf(message, sizeof message, "\"%s\": a row was %s", model->table,
             v == UPSERT ? "neither inserted nor updated" : "not inserted");
    assert_string_equal(e->message, message);
    assert_non_null(strstr(e->hint, "trigger"));
    assert_int_equal(furrow_session_status(s), FURROW_CHECK);
}

/* Checks the failure of an UPDATE or DELETE of one row that a trigger cancelled. */
static void check_not_done(furrow_session *s, const char *table, const char *what,
                           furrow_status status)
{
    char message[96];
    check_status(s, FURROW_CHECK, status, __FILE__, __LINE__);
    const furrow_error *e = furrow_session_error(s);
    snprintf(message, sizeof message, "\"%s\": the row was not %s", table, what);
    assert_string_equal(e->message, message);
    assert_string_equal(e->table, table);
    assert_non_null(strstr(e->hint, "trigger"));
}

/* Bit i of `cancelled` shows whether row i is cancelled, and bit i of `keyed` shows whether the
 * program gives its key. */
typedef struct trial {
    verb v;
    size_t count;
    uint64_t cancelled, keyed, numbered;
} trial;

/* The functions of one model. If the database does not assign the keys, the program gives all of
 * them. */
#define MODEL(model, is_assigned, ...)                                                             \
    static void model##_fill(struct model *rows, const trial *t)                                   \
    {                                                                                              \
        memset(rows, 0, MAX_ROWS * sizeof *rows);                                                  \
        for (size_t i = 0; i < t->count; i++) {                                                    \
            struct model *row = &rows[i];                                                          \
            bool is_numbered = t->numbered >> i & 1;                                               \
            row->name = t->cancelled >> i & 1 ? "skip" : "fine";                                   \
            if (!(is_assigned) || (t->keyed >> i & 1))                                             \
                row->id = (int)i + 1;                                                              \
            (void)is_numbered;                                                                     \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }                                                                                              \
    static void model##_try(furrow_session *s, const trial *t)                                     \
    {                                                                                              \
        struct model rows[MAX_ROWS], before[MAX_ROWS], *got = NULL;                                \
        model##_fill(rows, t);                                                                     \
        model##_fill(before, t);                                                                   \
        assert_ok(s, furrow_savepoint_begin(s));                                                   \
        furrow_status status = run(s, &model##_model, t->v, rows, t->count);                       \
        if (t->cancelled) {                                                                        \
            check_cancelled(s, &model##_model, t->v, status);                                      \
            if (t->count == 1 || t->v == INSERT_MANY || t->v == INSERT_WITH)                       \
                for (size_t i = 0; i < t->count; i++)                                              \
                    assert_true(model##_same(&rows[i], &before[i]));                               \
        } else {                                                                                   \
            check_status(s, FURROW_OK, status, __FILE__, __LINE__);                                \
            for (size_t i = 0; i < t->count; i++) {                                                \
                assert_ok(s, model##_get(s, &got, rows[i].id));                                    \
                assert_true(model##_same(&rows[i], got));                                          \
            }                                                                                      \
        }                                                                                          \
        assert_int_equal(furrow_savepoint_rollback(s), FURROW_OK);                                 \
        assert_int_equal(count_of(s, &model##_model), 0);                                          \
    }                                                                                              \
    static void test_##model##__is_not_lost_if_a_trigger_cancels_it(void **state)                  \
    {                                                                                              \
        (void)state;                                                                               \
        furrow_session *s = fresh();                                                               \
        add_trigger(s, #model, "INSERT", "new.name = 'skip'");                                     \
        assert_ok(s, furrow_commit(s));                                                            \
        try_all(s, model##_try);                                                                   \
        close_session(s);                                                                          \
    }                                                                                              \
    static void test_##model##__is_not_lost_if_a_trigger_cancels_its_update(void **state)          \
    {                                                                                              \
        (void)state;                                                                               \
        furrow_session *s = fresh();                                                               \
        add_trigger(s, #model, "UPDATE", "new.name = 'skip'");                                     \
        struct model row = {.id = 3, .name = "fine"}, again, *got = NULL;                          \
        assert_ok(s, model##_upsert(s, &row));                                                     \
        assert_ok(s, furrow_commit(s));                                                            \
        again = row;                                                                               \
        again.name = "skip";                                                                       \
        struct model before = again;                                                               \
        assert_ok(s, furrow_savepoint_begin(s));                                                   \
        check_cancelled(s, &model##_model, UPSERT, model##_upsert(s, &again));                     \
        assert_true(model##_same(&before, &again));                                                \
        assert_int_equal(furrow_savepoint_end(s), FURROW_CHECK);                                   \
        assert_ok(s, model##_get(s, &got, 3));                                                     \
        assert_true(model##_same(&row, got));                                                      \
        /* Without a savepoint, the transaction fails. */                                          \
        again.name = "other";                                                                      \
        assert_ok(s, model##_upsert(s, &again));                                                   \
        again.name = "skip";                                                                       \
        check_cancelled(s, &model##_model, UPSERT, model##_upsert(s, &again));                     \
        assert_status(s, FURROW_ABORTED, model##_upsert(s, &row));                                 \
        assert_status(s, FURROW_CHECK, furrow_commit(s));                                          \
        assert_ok(s, model##_get(s, &got, 3));                                                     \
        assert_string_equal(got->name, "fine");                                                    \
        close_session(s);                                                                          \
    }                                                                                              \
    static void test_##model##__update_and_delete_report_what_a_trigger_cancels(void **state)      \
    {                                                                                              \
        (void)state;                                                                               \
        furrow_session *s = fresh();                                                               \
        struct model row = {.id = 3, .name = "skip"}, missing, before;                             \
        assert_ok(s, model##_upsert(s, &row));                                                     \
        add_trigger(s, #model, "UPDATE", "new.name = 'skip'");                                     \
        add_trigger(s, #model, "DELETE", "old.name = 'skip'");                                     \
        assert_ok(s, furrow_commit(s));                                                            \
        before = missing = row;                                                                    \
        missing.id = 4;                                                                            \
        check_not_done(s, #model, "updated", model##_update(s, &row));                             \
        assert_true(model##_same(&before, &row));                                                  \
        furrow_rollback(s);                                                                        \
        check_not_done(s, #model, "deleted", model##_delete(s, &row));                             \
        furrow_rollback(s);                                                                        \
        assert_status(s, FURROW_STALE, model##_update(s, &missing));                               \
        furrow_rollback(s);                                                                        \
        assert_int_equal(model##_delete(s, &missing), FURROW_NOT_FOUND);                           \
        assert_int_equal(count_of(s, &model##_model), 1);                                          \
        close_session(s);                                                                          \
    }

static void try_all(furrow_session *s, void (*try_one)(furrow_session *s, const trial *t))
{
    static const uint64_t keys[] = {0, UINT64_MAX, 0x15};
    static const uint64_t cancelled[] = {0, 1, 2, 4, 7, UINT64_C(1) << 29, UINT64_MAX};
    static const size_t counts[] = {1, 3, 30};
    for (verb v = 0; v < VERB_COUNT; v++)
        for (size_t n = 0; n < sizeof counts / sizeof *counts; n++)
            for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
                for (size_t c = 0; c < sizeof cancelled / sizeof *cancelled; c++) {
                    uint64_t all = (UINT64_C(1) << counts[n]) - 1;
                    trial t = {v, counts[n], cancelled[c] & all, keys[k] & all, keys[2 - k]};
                    try_one(s, &t);
                }
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool plain_line_same(const struct plain_line *a, const struct plain_line *b)
{
    return a->id == b->id && same_text(a->name, b->name);
}
static bool keyed_line_same(const struct keyed_line *a, const struct keyed_line *b)
{
    return a->id == b->id && same_text(a->name, b->name);
}
static bool default_line_same(const struct default_line *a, const struct default_line *b)
{
    return a->id == b->id && same_text(a->name, b->name) && a->number.has == b->number.has &&
           a->number.value == b->number.value;
}
static bool full_line_same(const struct full_line *a, const struct full_line *b)
{
    return a->id == b->id && same_text(a->name, b->name) && a->number.has == b->number.has &&
           a->number.value == b->number.value && same_text(a->word, b->word) &&
           a->version == b->version;
}

MODEL(plain_line, false, )
MODEL(keyed_line, true, )
MODEL(default_line, false, if (is_numbered) furrow_put(row->number, 9);)
MODEL(full_line, true, if (is_numbered) furrow_put(row->number, 9); else row->word = "some";)

/* Other reasons why a row is not inserted: ON CONFLICT IGNORE on SQLite, and a rule on
 * PostgreSQL. */
static void test_insert__is_not_lost_if_the_table_ignores_it(void **state)
{
    (void)state;
    furrow_session *s = fresh();
    furrow_rows *rows = NULL;
    assert_ok(s, furrow_unsafe_sql(s, &rows,
                                   is_postgresql()
                                       ? "CREATE RULE ignore AS ON INSERT TO plain_line WHERE "
                                         "new.name = 'skip' DO INSTEAD NOTHING"
                                       : "SELECT 1",
                                   NULL, 0));
    if (!is_postgresql()) {
        assert_ok(s, furrow_exec(s, "DROP TABLE plain_line"));
        assert_ok(s, furrow_exec(s, "DROP TABLE keyed_line"));
        assert_ok(s, furrow_exec(s, "DROP TABLE full_line"));
        assert_ok(s, furrow_exec(s, "CREATE TABLE plain_line (id INTEGER PRIMARY KEY, name TEXT "
                                    "UNIQUE ON CONFLICT IGNORE)"));
        assert_ok(s, furrow_exec(s, "CREATE TABLE keyed_line (id INTEGER PRIMARY KEY "
                                    "AUTOINCREMENT, name TEXT UNIQUE ON CONFLICT IGNORE)"));
        assert_ok(s, furrow_exec(s, "CREATE TABLE full_line (id INTEGER PRIMARY KEY AUTOINCREMENT, "
                                    "name TEXT UNIQUE ON CONFLICT IGNORE, number INTEGER DEFAULT "
                                    "5, word TEXT DEFAULT 'none', version INTEGER)"));
    }
    assert_ok(s, furrow_commit(s));
    struct plain_line first = {7, "skip"}, plain[] = {{1, "a"}, {2, "skip"}, {3, "c"}};
    struct keyed_line keyed[] = {{.name = "a"}, {.name = "a"}, {.name = "c"}};
    struct full_line full[] = {{.name = "a"}, {.name = "a"}, {.name = "c"}};
    if (!is_postgresql())
        assert_ok(s, plain_line_insert(s, &first));
    assert_ok(s, furrow_commit(s));
    first.id = 8;
    check_cancelled(s, &plain_line_model, INSERT, plain_line_insert(s, &first));
    furrow_rollback(s);
    check_cancelled(s, &plain_line_model, INSERT_MANY, plain_line_insert_many(s, plain, 3));
    furrow_rollback(s);
    assert_int_equal(count_of(s, &plain_line_model), is_postgresql() ? 0 : 1);
    if (!is_postgresql()) {
        check_cancelled(s, &keyed_line_model, INSERT_MANY, keyed_line_insert_many(s, keyed, 3));
        assert_int_equal(keyed[0].id, 0);
        furrow_rollback(s);
        check_cancelled(s, &full_line_model, INSERT_MANY, full_line_insert_many(s, full, 3));
        assert_int_equal(full[0].id, 0);
        assert_false(full[0].number.has);
        furrow_rollback(s);
        assert_int_equal(count_of(s, &keyed_line_model), 0);
        assert_int_equal(count_of(s, &full_line_model), 0);
    }
    close_session(s);
}

static void test_links__are_not_lost_if_a_trigger_cancels_them(void **state)
{
    (void)state;
    furrow_session *s = fresh();
    struct stamp stamps[] = {{1}, {2}, {3}};
    void *all[] = {&stamps[0], &stamps[1], &stamps[2]}, *fine[] = {&stamps[0], &stamps[2]};
    struct sheet sheet = {.id = 1}, new_sheet = {.id = MAX_ROWS + 1};
    const furrow_relation *r = &sheet_model.relations[0];
    assert_ok(s, stamp_insert_many(s, stamps, 3));
    add_trigger(s, "sheet_stamp", "INSERT", "new.stamp_id = 2");
    assert_ok(s, furrow_commit(s));
    furrow_expect_statements(s, 0);
    for (int i = 0; i < 2; i++) {
        assert_ok(s, furrow_links_add(s, r, &sheet, fine, 2));
        assert_ok(s, furrow_expect_statements(s, 1));
    }
    assert_ok(s, furrow_links_set(s, r, &sheet, fine, 1));
    assert_ok(s, furrow_links_set(s, r, &sheet, fine, 2));
    assert_ok(s, furrow_links_set(s, r, &sheet, NULL, 0));
    for (int existing = 0; existing < 2; existing++) {
        for (size_t count = 2; count <= 3; count++) {
            assert_ok(s, furrow_savepoint_begin(s));
            check_cancelled(s, &sheet_stamp_model, INSERT,
                            furrow_links_add(s, r, &sheet, all, count));
            assert_int_equal(furrow_savepoint_end(s), FURROW_CHECK);
            assert_ok(s, furrow_savepoint_begin(s));
            check_cancelled(s, &sheet_stamp_model, INSERT,
                            furrow_links_set(s, r, &sheet, all, count));
            assert_int_equal(furrow_savepoint_end(s), FURROW_CHECK);
            assert_int_equal(count_of(s, &sheet_stamp_model), existing);
        }
        if (!existing)
            assert_ok(s, furrow_links_add(s, r, &sheet, all, 1));
    }
    new_sheet.stamps = (struct stamp_list){(struct stamp **)all, 3, false};
    for (int i = 0; i < 3; i++)
        stamps[i].id += 10;
    stamps[1].id = 2;
    assert_ok(s, stamp_delete(s, &stamps[1]));
    check_cancelled(s, &sheet_stamp_model, INSERT,
                    sheet_insert_with(s, &new_sheet, furrow_load(SHEET.stamps)));
    close_session(s);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
#define ALL(model)                                                                                 \
    cmocka_unit_test(test_##model##__is_not_lost_if_a_trigger_cancels_it),                         \
        cmocka_unit_test(test_##model##__is_not_lost_if_a_trigger_cancels_its_update),             \
        cmocka_unit_test(test_##model##__update_and_delete_report_what_a_trigger_cancels)
        ALL(plain_line),
        ALL(keyed_line),
        ALL(default_line),
        ALL(full_line),
        cmocka_unit_test(test_insert__is_not_lost_if_the_table_ignores_it),
        cmocka_unit_test(test_links__are_not_lost_if_a_trigger_cancels_them),
    };
    return RUN_CONFORMANCE(argc, argv, tests);
}
