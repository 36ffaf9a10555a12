/* SPDX-License-Identifier: MIT
 *
 * Tables that another program changes while an engine has prepared statements for them. A
 * transaction must then need at most one more attempt, however many statements it runs, and on
 * whichever connection of the pool.
 */
#include "conformance.h"
#include "world.furrow.h"

enum { CONNECTIONS = 3 };

static furrow_engine *pool;
static int attempts[CONNECTIONS];

/* Each change of the tables note and mixed leaves their models usable. A bar separates statements.
 */
static const char *const changes[][2] = {
    /* on SQLite, on PostgreSQL */
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
    word_count(s, &count); /* the first statement of the transaction is up to date */
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

/* Reads on one connection and, while that is in use, on the next. */
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

/* Makes a change as another program would, and checks how often transactions run afterwards. */
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

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_change__of_a_table_costs_readers_one_attempt),
        cmocka_unit_test(test_change__of_a_table_costs_writers_one_attempt),
    };
    return RUN_CONFORMANCE(argc, argv, tests);
}
