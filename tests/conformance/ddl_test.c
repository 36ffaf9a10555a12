/* SPDX-License-Identifier: MIT
 *
 * Tables that another program changes while an engine has prepared statements for them. A
 * transaction must then need at most one more attempt, regardless of how many statements it runs
 * and which connection of the pool it uses. Settings that a trigger changes on a connection must be
 * restored when the session ends.
 */
#include "conformance.h"
#include "world.furrow.h"

enum { CONNECTIONS = 3 };

static furrow_engine *pool;
static int attempts[CONNECTIONS];

/* Changes to the tables note and mixed after which their models can still be used. A bar separates
 * statements.
 */
static const char *const changes[][2] = {
    /* the first string of each pair is for SQLite, the second for PostgreSQL */
    {"ALTER TABLE note ADD COLUMN extra INTEGER", "ALTER TABLE note ADD COLUMN extra integer"},
    {"CREATE INDEX note_other ON note (body)", "CREATE INDEX note_other ON note (body)"},
    {"DROP INDEX note_other", "ALTER TABLE note ALTER COLUMN body TYPE varchar(75)"},
    {"ALTER TABLE note DROP COLUMN extra", "ALTER TABLE note DROP COLUMN extra"},
    {"CREATE TRIGGER note_trigger AFTER INSERT ON note BEGIN SELECT 1; END",
     "ALTER TABLE note ALTER COLUMN body TYPE text, ALTER COLUMN id TYPE bigint"},
    {"ALTER TABLE mixed ADD COLUMN extra TEXT", "ALTER TABLE mixed ALTER COLUMN place TYPE bigint"},
    {"ANALYZE", "ALTER TABLE mixed ALTER COLUMN place TYPE smallint"},
    {"ALTER TABLE mixed RENAME COLUMN extra TO other",
     "ALTER TABLE mixed ALTER COLUMN place TYPE integer, ALTER COLUMN word TYPE varchar(20)"},
    {"ALTER TABLE mixed RENAME TO was_mixed|ALTER TABLE was_mixed RENAME TO mixed",
     "ALTER TABLE mixed RENAME TO was_mixed|CREATE TABLE mixed (LIKE was_mixed INCLUDING ALL)"},
};

#define FIND(list, find, ...)                                                                      \
    do {                                                                                           \
        if (find(s, &(list), __VA_ARGS__))                                                         \
            return furrow_session_status(s);                                                       \
    } while (0)

static furrow_status read_everything(furrow_session *s)
{
    struct note_list notes;
    struct mixed_list mixed;
    int64_t count;
    word_count(s, &count); /* this table does not change, so the first statement is not outdated */
    FIND(notes, note_find, .where = {furrow_eq(NOTE.id, 1)});
    FIND(notes, note_find, .where = {furrow_gt(NOTE.id, 1)});
    FIND(notes, note_find, .where = {furrow_le(NOTE.id, 1)});
    FIND(notes, note_find, .where = {furrow_eq(NOTE.body, "1")});
    FIND(notes, note_find, .where = {furrow_ne(NOTE.body, "1")});
    FIND(notes, note_find, .where = {furrow_contains(NOTE.body, "1")});
    FIND(notes, note_find, .order_by = {furrow_asc(NOTE.body)});
    FIND(mixed, mixed_find, .where = {furrow_eq(MIXED.place, 1)});
    FIND(mixed, mixed_find, .where = {furrow_gt(MIXED.place, 1)});
    FIND(mixed, mixed_find, .where = {furrow_eq(MIXED.word, "none")});
    FIND(mixed, mixed_find, .where = {furrow_ne(MIXED.word, "1")});
    FIND(mixed, mixed_find, .where = {furrow_between(MIXED.place, 1, 2)});
    FIND(mixed, mixed_find, .limit = 3);
    note_count(s, &count);
    return mixed_count(s, &count);
}

/* Reads on one connection and, while that connection is in use, reads on the next connection. */
static furrow_status read_with(furrow_session *s, void *context)
{
    int *depth = context;
    furrow_error error;
    attempts[*depth]++;
    furrow_status status = read_everything(s);
    if (status)
        return status;
    int next = *depth + 1;
    if (next < CONNECTIONS && furrow_transact(pool, read_with, &next, &error, .read_only = true)) {
        fprintf(stderr, "connection %d: %s\n", next, error.message);
        return FURROW_INVALID;
    }
    return FURROW_OK;
}

static furrow_status write_everything(furrow_session *s, void *context)
{
    int64_t count;
    (void)context;
    attempts[0]++;
    word_count(s, &count);
    struct note note = {.body = "a"};
    struct mixed mixed = {.place = 1}, many[2] = {{.place = 2}, {.place = 3, .word = "x"}};
    note_insert(s, &note);
    note.body = "b";
    note_update(s, &note);
    note_upsert(s, &note);
    mixed_insert(s, &mixed);
    mixed_insert_many(s, many, 2);
    mixed.place = 9;
    mixed_update(s, &mixed);
    mixed_update_where(s, .set = {furrow_set(MIXED.place, 4)},
                       .where = {furrow_eq(MIXED.place, 3)});
    mixed_delete_where(s, .where = {furrow_ge(MIXED.place, 1)});
    return note_delete(s, &note);
}

/* Makes a change as another program would, and checks how many attempts transactions need
 * afterwards. */
static void check_change(const char *change, bool writes)
{
    furrow_error error;
    int first = 0;
    assert_int_equal(furrow_transact(pool, read_with, &first, &error, .read_only = true),
                     FURROW_OK);
    assert_int_equal(furrow_transact(pool, write_everything, NULL, &error), FURROW_OK);
    for (const char *at = change; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL) {
        char one[200];
        snprintf(one, sizeof one, "%.*s", (int)strcspn(at, "|"), at);
        furrow_engine *other = NULL;
        assert_int_equal(furrow_engine_open(&other, database_url, &error), FURROW_OK);
        furrow_session *s = furrow_session_open(other);
        assert_ok(s, furrow_unsafe_sql(s, NULL, one, NULL, 0));
        assert_ok(s, furrow_commit(s));
        furrow_session_close(s);
        furrow_engine_close(other);
    }
    memset(attempts, 0, sizeof attempts);
    furrow_status status =
        writes ? furrow_transact(pool, write_everything, NULL, &error)
               : furrow_transact(pool, read_with, &first, &error, .read_only = true);
    int total = attempts[0] + attempts[1] + attempts[2];
    if (status || total > (writes ? 2 : CONNECTIONS + 1))
        fail_msg("after \"%s\": %s after %d, %d, %d attempts: %s", change,
                 furrow_status_name(status), attempts[0], attempts[1], attempts[2],
                 status ? error.message : "");
}

static void change_tables(bool writes)
{
    furrow_error error;
    if (is_memory()) /* no other program can change a database in memory */
        return;
    create_fresh(&world_schema);
    assert_int_equal(furrow_engine_open(&pool, database_url, &error, .pool_size = CONNECTIONS,
                                        .max_overflow = FURROW_NO_OVERFLOW, .readers = CONNECTIONS),
                     FURROW_OK);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
        check_change(changes[i][is_postgresql()], writes);
    furrow_engine_close(pool);
    run_sql("DROP TABLE IF EXISTS was_mixed");
}

static void test_change__of_a_table_costs_readers_one_attempt(void **state)
{
    (void)state;
    change_tables(false);
}

static void test_change__of_a_table_costs_writers_one_attempt(void **state)
{
    (void)state;
    change_tables(true);
}

/* Checks the answer that the next session gets on the only connection of the pool. */
static void check_next_session(const char *action, const char *question)
{
    furrow_rows *rows = NULL;
    furrow_session *s = furrow_session_open(pool);
    assert_ok(s, furrow_unsafe_sql(s, &rows, question, NULL, 0));
    assert_true(furrow_rows_next(rows));
    if (strcmp(furrow_row_text(rows, 0), "true") != 0)
        fail_msg("after \"%s\" the next session gets %s", action, furrow_row_text(rows, 0));
    furrow_session_close(s);
}

static furrow_status write_once(furrow_session *s, void *how)
{
    struct note note = {.body = "a"}, many[2] = {{.body = "b"}, {.body = "c"}};
    struct note_list list = {0};
    switch (*(int *)how) {
    case 0:
        return note_insert(s, &note);
    case 1:
        return note_insert_many(s, many, 2);
    case 2:
        return note_update_where(s, .set = {furrow_set(NOTE.body, "d")}, .all_rows = true);
    case 3:
        note_find(s, &list, .limit = 1);
        return list.count ? note_upsert(s, list.items[0]) : FURROW_NOT_FOUND;
    default:
        return note_delete_where(s, .all_rows = true);
    }
}

static void test_trigger__changes_of_a_connection_end_with_the_session(void **state)
{
    static const struct {
        const char *action, *question;
    } cases[] = {
        {"PERFORM set_config('search_path', 'nowhere', false)",
         "SELECT current_setting('search_path') <> 'nowhere'"},
        {"PERFORM set_config('statement_timeout', '77s', false)",
         "SELECT current_setting('statement_timeout') = '0'"},
        {"PERFORM set_config('furrow.test', 'x', false)",
         "SELECT coalesce(current_setting('furrow.test', true), '') = ''"},
        {"PERFORM set_config('datestyle', 'German', false)",
         "SELECT current_setting('datestyle') LIKE 'ISO%'"},
        {"PERFORM set_config('standard_conforming_strings', 'off', false)",
         "SELECT current_setting('standard_conforming_strings') = 'on'"},
        /* In an upsert, PostgreSQL 18 runs the second trigger as the role before the first, and
         * does not let it set a role. */
        {"BEGIN PERFORM set_config('role', 'pg_read_all_stats', false); "
         "EXCEPTION WHEN insufficient_privilege THEN NULL; END",
         "SELECT current_user = session_user"},
        {"CREATE TEMP TABLE IF NOT EXISTS leftover (n integer)",
         "SELECT to_regclass('pg_temp.leftover') IS NULL"},
        {"LISTEN furrow_test", "SELECT count(*) = 0 FROM pg_listening_channels()"},
    };
    furrow_error error;
    (void)state;
    if (!is_postgresql())
        return;
    create_fresh(&world_schema);
    assert_int_equal(furrow_engine_open(&pool, database_url, &error, .pool_size = 1,
                                        .max_overflow = FURROW_NO_OVERFLOW),
                     FURROW_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char sql[400];
        snprintf(sql, sizeof sql,
                 "CREATE OR REPLACE FUNCTION dirty() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN "
                 "%s; RETURN NULL; END$$",
                 cases[i].action);
        run_sql(sql);
        run_sql("DROP TRIGGER IF EXISTS dirty ON note");
        run_sql("CREATE TRIGGER dirty AFTER INSERT OR UPDATE OR DELETE ON note FOR EACH STATEMENT "
                "EXECUTE FUNCTION dirty()");
        for (int how = 0; how < 5; how++) {
            assert_int_equal(furrow_transact(pool, write_once, &how, &error), FURROW_OK);
            check_next_session(cases[i].action, cases[i].question);
        }
    }
    assert_int_equal(furrow_engine_stats(pool).opened, 1);
    furrow_engine_close(pool);
    run_sql("DROP TRIGGER dirty ON note");
    run_sql("DROP FUNCTION dirty()");
}

static void check_word_error(furrow_session *s, furrow_status wanted, const char *constraint,
                             const char *column)
{
    const furrow_error *error = furrow_session_error(s);
    assert_int_equal(error->status, wanted);
    assert_string_equal(error->table, "word");
    assert_string_equal(error->constraint, constraint);
    assert_string_equal(error->column, column);
    assert_true(strncmp(error->message, "\"word\": ", 8) == 0);
    assert_null(strstr(error->message, "part"));
}

static void test_partition__is_not_named_in_errors(void **state)
{
    (void)state;
    if (!is_postgresql())
        return;
    create_fresh(&world_schema);
    run_sql("DROP TABLE word");
    run_sql("CREATE TABLE word (text text COLLATE \"C\" PRIMARY KEY, count bigint NOT NULL "
            "CHECK (count >= 0)) PARTITION BY HASH (text)");
    run_sql("CREATE TABLE word_part_0 PARTITION OF word FOR VALUES WITH (MODULUS 2, REMAINDER 0) "
            "PARTITION BY HASH (text)");
    run_sql("CREATE TABLE word_part_00 PARTITION OF word_part_0 FOR VALUES WITH (MODULUS 1, "
            "REMAINDER 0)");
    run_sql("CREATE TABLE word_part_1 PARTITION OF word FOR VALUES WITH (MODULUS 2, REMAINDER 1)");
    static const char *const texts[] = {"a", "b", "c", "d"};
    for (int i = 0; i < 4; i++) {
        furrow_session *s = open_session();
        struct word one = {.text = texts[i], .count = 1}, other = {.text = "other", .count = -1};
        assert_ok(s, word_insert(s, &one));
        assert_ok(s, furrow_savepoint_begin(s));
        assert_status(s, FURROW_UNIQUE, word_insert(s, &one));
        check_word_error(s, FURROW_UNIQUE, "word_pkey", "text");
        assert_ok(s, furrow_savepoint_rollback(s));
        assert_ok(s, furrow_commit(s));
        other.text = texts[3 - i];
        assert_status(s, FURROW_CHECK, word_upsert(s, &other));
        check_word_error(s, FURROW_CHECK, "word_count_check", "count");
        assert_status(s, FURROW_CHECK, furrow_commit(s));
        assert_status(s, FURROW_UNIQUE, word_insert(s, &one));
        check_word_error(s, FURROW_UNIQUE, "word_pkey", "text");
        close_session(s);
    }
    assert_string_equal(value_of_sql("SELECT count(*) FROM word"), "4");
    run_sql("DROP TABLE word");
}

static void test_partition__is_not_named_in_errors_of_commit(void **state)
{
    (void)state;
    if (!is_postgresql())
        return;
    run_sql("CREATE TABLE owner (id bigint PRIMARY KEY)");
    run_sql("CREATE TABLE owned (id bigint, owner_id bigint, CONSTRAINT owned_fkey FOREIGN KEY "
            "(owner_id) REFERENCES owner DEFERRABLE INITIALLY DEFERRED) PARTITION BY HASH (id)");
    run_sql("CREATE TABLE owned_0 PARTITION OF owned FOR VALUES WITH (MODULUS 1, REMAINDER 0)");
    furrow_session *s = open_session();
    assert_ok(s, furrow_exec(s, "INSERT INTO owned VALUES (1, 404)"));
    assert_status(s, FURROW_FOREIGN_KEY, furrow_commit(s));
    assert_string_equal(furrow_session_error(s)->table, "owned");
    assert_string_equal(furrow_session_error(s)->constraint, "owned_fkey");
    assert_null(strstr(furrow_session_error(s)->message, "owned_0"));
    close_session(s);
    assert_string_equal(value_of_sql("SELECT count(*) FROM owned"), "0");
    run_sql("DROP TABLE owned");
    run_sql("DROP TABLE owner");
}

/* Begins a transaction that breaks a deferred foreign key. */
static furrow_session *break_deferred_key(bool by_delete)
{
    furrow_session *s = furrow_session_open(engine);
    if (by_delete)
        assert_ok(s, furrow_exec(s, "DELETE FROM deferred_parent"));
    else
        assert_ok(s, furrow_exec(s, "INSERT INTO deferred_child VALUES (2, 404, 'x')"));
    return s;
}

static void test_commit__names_the_deferred_foreign_key(void **state)
{
    (void)state;
    run_sql("CREATE TABLE deferred_parent (a integer, b text, PRIMARY KEY (a, b))");
    run_sql("CREATE TABLE deferred_child (id integer PRIMARY KEY, a integer, b text, "
            "CONSTRAINT \"child's key\" FOREIGN KEY (a, b) REFERENCES deferred_parent (a, "
            "b) DEFERRABLE INITIALLY DEFERRED)");
    run_sql("INSERT INTO deferred_parent VALUES (1, 'x')");
    run_sql("INSERT INTO deferred_child VALUES (1, 1, 'x')");
    for (int by_delete = 0; by_delete < 2; by_delete++) {
        furrow_session *s = break_deferred_key(by_delete);
        assert_status(s, FURROW_FOREIGN_KEY, furrow_commit(s));
        const furrow_error *error = furrow_session_error(s);
        assert_string_equal(error->constraint, "child's key");
        assert_string_equal(error->sql, "COMMIT");
        if (!by_delete) {
            assert_string_equal(error->table, "deferred_child");
            assert_string_equal(error->column, "a, b");
            assert_string_equal(error->message, "\"deferred_child\": \"a\", \"b\" refers to a "
                                                "row of \"deferred_parent\" that does not exist");
        }
        furrow_session_close(s);
    }
    run_sql("DROP TABLE deferred_child");
    run_sql("DROP TABLE deferred_parent");
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_change__of_a_table_costs_readers_one_attempt),
        cmocka_unit_test(test_change__of_a_table_costs_writers_one_attempt),
        cmocka_unit_test(test_partition__is_not_named_in_errors),
        cmocka_unit_test(test_partition__is_not_named_in_errors_of_commit),
        cmocka_unit_test(test_commit__names_the_deferred_foreign_key),
        cmocka_unit_test(test_trigger__changes_of_a_connection_end_with_the_session),
    };
    return RUN_CONFORMANCE(argc, argv, tests);
}
