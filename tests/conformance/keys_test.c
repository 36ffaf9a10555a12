/* SPDX-License-Identifier: MIT
 *
 * Rows by key: keys that the database assigns, keys of every type that the program can assign, many
 * rows at once, upserts, and the values that a write stores in the struct.
 */
#include "conformance.h"
#include "narrow.furrow.h"
#include "world.furrow.h"

static furrow_session *fresh_session(void)
{
    create_fresh(&world_schema);
    return open_session();
}

static void test_insert__does_not_assign_a_given_key_again(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    struct note given = {.id = 40, .body = "given"}, next = {.body = "next"};
    assert_ok(s, note_insert(s, &given));
    assert_int_equal(given.id, 40);
    for (int i = 0; i < 60; i++) {
        next.id = 0;
        assert_ok(s, note_insert(s, &next));
        assert_int_not_equal(next.id, 40);
    }
    struct note low = {.id = -5, .body = "negative"}, *got = NULL;
    assert_ok(s, note_insert(s, &low));
    assert_ok(s, note_get(s, &got, -5));
    assert_string_equal(got->body, "negative");
    assert_ok(s, furrow_commit(s));
    struct note many[] = {
        {.id = 1000, .body = "a"}, {.body = "b"}, {.id = 1001, .body = "c"}, {.body = "d"}};
    assert_ok(s, note_insert_many(s, many, 4));
    assert_int_equal(many[0].id, 1000);
    assert_int_equal(many[2].id, 1001);
    for (int i = 0; i < 4; i++) {
        assert_ok(s, note_get(s, &got, many[i].id));
        assert_string_equal(got->body, many[i].body);
    }
    next.id = 0;
    assert_ok(s, note_insert(s, &next));
    struct note same = {.id = 5000, .body = "upserted"};
    assert_ok(s, note_upsert(s, &same));
    for (int i = 0; i < 3; i++) {
        next.id = 0;
        assert_ok(s, note_insert(s, &next));
        assert_true(next.id != 1000 && next.id != 1001 && next.id != 5000);
    }
    close_session(s);
}

/* Declarations of a key that the database does not assign: the type and options of the column, and
 * what follows the list of columns. */
static const struct {
    const char *column, *end;
    bool on_postgresql;
} unassigned_keys[] = {
    {"BIGINT PRIMARY KEY", "", true},
    {"INT PRIMARY KEY", "", true},
    {"INTEGER PRIMARY KEY DESC", "", false},
    {"INT NOT NULL PRIMARY KEY", " STRICT", false},
    {"INTEGER PRIMARY KEY", " WITHOUT ROWID", false},
};

static void check_key_is_missing(furrow_session *s, furrow_status status, const char *what)
{
    const furrow_error *error = furrow_session_error(s);
    if (status != FURROW_NOT_NULL || strcmp(error->column, "id") != 0 ||
        strcmp(error->hint, "the database does not assign keys to this table, so a key of 0 is "
                            "refused: set \"id\" in the program") != 0)
        fail_msg("%s: %s: %s (%s)", what, furrow_status_name(status), error->message, error->hint);
    furrow_rollback(s);
}

/* In most SQLite tables, such a key could be NULL. */
static void test_insert__refuses_zero_if_the_database_assigns_no_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof unassigned_keys / sizeof *unassigned_keys; i++) {
        char sql[256];
        const char *key = unassigned_keys[i].column;
        if (is_postgresql() && !unassigned_keys[i].on_postgresql)
            continue;
        create_fresh(&world_schema);
        run_sql("DROP TABLE note");
        run_sql("DROP TABLE page");
        snprintf(sql, sizeof sql, "CREATE TABLE note (id %s, body TEXT)%s", key,
                 unassigned_keys[i].end);
        run_sql(sql);
        snprintf(sql, sizeof sql,
                 "CREATE TABLE page (id %s, title TEXT, version INTEGER, made_at %s, seen_at %s)%s",
                 key, is_postgresql() ? "timestamptz" : "TEXT",
                 is_postgresql() ? "timestamptz" : "TEXT", unassigned_keys[i].end);
        run_sql(sql);
        furrow_session *s = open_session();
        struct note one = {.body = "a"}, many[] = {{.id = 5, .body = "b"}, {.body = "c"}};
        struct note two[] = {{.body = "b"}, {.body = "c"}};
        struct page page = {.title = "t"};
        check_key_is_missing(s, note_insert(s, &one), key);
        check_key_is_missing(s, note_insert_many(s, many, 2), key);
        check_key_is_missing(s, note_insert_many(s, two, 2), key);
        check_key_is_missing(s, note_upsert(s, &one), key);
        check_key_is_missing(s, page_insert(s, &page), key);
        one.id = 7;
        assert_ok(s, note_insert(s, &one));
        assert_ok(s, furrow_commit(s));
        assert_string_equal(value_of_sql("SELECT count(*) FROM note"), "1");
        assert_string_equal(value_of_sql("SELECT count(*) FROM page"), "0");
        close_session(s);
    }
}

static void test_insert__never_reuses_a_committed_key(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    struct note one = {.body = "one"}, two = {.body = "two"}, given = {.id = 77, .body = "given"};
    assert_ok(s, note_insert(s, &one));
    assert_ok(s, note_insert(s, &given));
    assert_ok(s, furrow_commit(s));
    assert_ok(s, note_delete(s, &one));
    assert_ok(s, note_delete(s, &given));
    assert_ok(s, furrow_commit(s));
    for (int i = 0; i < 80; i++) {
        two.id = 0;
        assert_ok(s, note_insert(s, &two));
        assert_int_not_equal(two.id, one.id);
        assert_int_not_equal(two.id, 77);
    }
    close_session(s);
}

static void test_insert__accepts_the_largest_key(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    struct note *got = NULL, least = {.id = INT64_MIN, .body = "least"};
    assert_ok(s, note_insert(s, &least));
    assert_ok(s, note_get(s, &got, INT64_MIN));
    assert_ok(s, furrow_savepoint_begin(s));
    struct note greatest = {.id = INT64_MAX, .body = "greatest"};
    assert_ok(s, note_insert(s, &greatest));
    assert_ok(s, note_get(s, &got, INT64_MAX));
    assert_string_equal(got->body, "greatest");
    close_session(s);
}

static void insert_and_read(furrow_session *s, size_t count)
{
    struct mixed *rows = calloc(count, sizeof *rows);
    char *seen = calloc(count, 1);
    int64_t *ids = calloc(count, sizeof *ids);
    for (size_t i = 0; i < count; i++) {
        rows[i].place = (int32_t)i;
        if (i % 3 == 0)
            furrow_put(rows[i].seven, (int32_t)i);
        if (i % 5 == 0)
            rows[i].word = "some";
        if (i % 7 == 0)
            furrow_put(rows[i].yes, false);
        if (i % 11 == 0)
            rows[i].id = 10000000 + (int64_t)i;
        if (i % 13 == 0)
            rows[i].at.us = (int64_t)i + 1;
    }
    assert_ok(s, mixed_insert_many(s, rows, count));
    for (size_t i = 0; i < count; i++)
        ids[i] = rows[i].id;
    struct mixed_list list = {0};
    assert_ok(s, mixed_get_many(s, &list, ids, count));
    assert_int_equal(list.count, count);
    for (size_t i = 0; i < count; i++) {
        const struct mixed *in = &rows[i], *out = list.items[i];
        assert_int_equal(out->id, in->id);
        assert_int_equal(out->place, i); /* each row was inserted with its own id */
        assert_true(in->seven.has && in->yes.has && in->word);
        assert_int_equal(in->seven.value, i % 3 ? 7 : i);
        assert_int_equal(out->seven.value, in->seven.value);
        assert_string_equal(in->word, i % 5 ? "none" : "some");
        assert_string_equal(out->word, in->word);
        assert_int_equal(in->yes.value, i % 7 != 0);
        assert_int_equal(out->yes.value, in->yes.value);
        assert_true(i % 13 ? in->at.us > 1000000000000000 : in->at.us == (int64_t)i + 1);
        assert_int_equal(out->at.us, in->at.us);
        if (i % 11 == 0)
            assert_int_equal(in->id, 10000000 + i);
    }
    free(rows), free(seen), free(ids);
}

static void test_insert_many__gives_each_row_its_own_key(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    static const size_t counts[] = {0, 1, 2, 3, 64, 1000, 25000};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        if (counts[i])
            insert_and_read(s, counts[i]);
        else
            assert_ok(s, mixed_insert_many(s, NULL, 0));
        assert_ok(s, furrow_rollback(s));
    }
    close_session(s);
}

static void test_insert_many__inserts_all_rows_or_none(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    enum { ROWS = 3000 };
    struct word *rows = calloc(ROWS, sizeof *rows);
    char(*names)[16] = calloc(ROWS, sizeof *names);
    int64_t count = -1;
    for (int i = 0; i < ROWS; i++) {
        snprintf(names[i], sizeof *names, "word %d", i == ROWS - 1 ? 0 : i);
        rows[i].text = names[i];
    }
    assert_ok(s, furrow_savepoint_begin(s));
    assert_status(s, FURROW_UNIQUE, word_insert_many(s, rows, ROWS));
    assert_string_equal(furrow_session_error(s)->table, "word");
    assert_string_equal(furrow_session_error(s)->column, "text");
    assert_int_equal(furrow_savepoint_end(s), FURROW_UNIQUE);
    assert_ok(s, word_count(s, &count));
    assert_int_equal(count, 0);
    free(rows), free(names);
    close_session(s);
}

static void test_insert_many__checks_all_rows_before_sending(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    struct person rows[] = {{.name = "a"}, {.name = "b", .age = 151}};
    assert_refused(s, FURROW_INVALID, "\"person\".\"age\" must be in the range 0 to 150",
                   person_insert_many(s, rows, 2));
    int64_t count = -1;
    assert_ok(s, person_count(s, &count));
    assert_int_equal(count, 0);
    close_session(s);
}

static void test_get__returns_not_found_without_failing(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    struct note *got = (struct note *)&s, ghost = {.id = 5, .body = "ghost"};
    struct word *word = (struct word *)&s;
    assert_int_equal(note_get(s, &got, 5), FURROW_NOT_FOUND);
    assert_null(got);
    assert_int_equal(word_get(s, &word, "x"), FURROW_NOT_FOUND);
    assert_null(word);
    got = (struct note *)&s;
    assert_int_equal(note_first(s, &got), FURROW_NOT_FOUND);
    assert_null(got);
    assert_int_equal(note_refresh(s, &ghost), FURROW_NOT_FOUND);
    assert_int_equal(note_delete(s, &ghost), FURROW_NOT_FOUND);
    assert_int_equal(furrow_session_status(s), FURROW_OK);
    assert_ok(s, furrow_commit(s));
    close_session(s);
}

static void test_get_many__keeps_the_order_and_skips_missing_rows(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    struct note rows[5] = {{.id = 1, .body = "1"},
                           {.id = 2, .body = "2"},
                           {.id = 3, .body = "3"},
                           {.id = 4, .body = "4"},
                           {.id = 5, .body = "5"}};
    int64_t keys[] = {4, 99, 1, 4, -7, 5, 1};
    struct note_list list = {0};
    assert_ok(s, note_insert_many(s, rows, 5));
    uint64_t before = furrow_session_stats(s).statements;
    assert_ok(s, note_get_many(s, &list, keys, 7));
    assert_int_equal(furrow_session_stats(s).statements, before + 1);
    assert_int_equal(list.count, 5); /* if a key is given twice, its row is returned twice */
    static const int64_t wanted[] = {4, 1, 4, 5, 1};
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(list.items[i]->id, wanted[i]);
    assert_ok(s, note_get_many(s, &list, keys, 0));
    assert_int_equal(list.count, 0);
    assert_ok(s, note_get_many(s, &list, NULL, 0));
    close_session(s);
}

static void test_get_many__finds_thousands_of_keys_with_one_statement(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    enum { ROWS = 9000 };
    struct note *rows = calloc(ROWS, sizeof *rows);
    int64_t *keys = calloc(2 * ROWS, sizeof *keys);
    char(*bodies)[16] = calloc(ROWS, sizeof *bodies);
    struct note_list list = {0};
    for (int i = 0; i < ROWS; i++) {
        snprintf(bodies[i], sizeof *bodies, "%d", i);
        rows[i].body = bodies[i];
    }
    assert_ok(s, note_insert_many(s, rows, ROWS));
    for (int i = 0; i < ROWS; i++) {
        keys[2 * i] = rows[ROWS - 1 - i].id;
        keys[2 * i + 1] = 1000000 + i;
    }
    uint64_t before = furrow_session_stats(s).statements;
    assert_ok(s, note_get_many(s, &list, keys, 2 * ROWS));
    assert_int_equal(furrow_session_stats(s).statements, before + 1);
    assert_int_equal(list.count, ROWS);
    for (int i = 0; i < ROWS; i++)
        assert_string_equal(list.items[i]->body, bodies[ROWS - 1 - i]);
    free(rows), free(keys), free(bodies);
    close_session(s);
}

static void test_get_many__takes_every_type_of_key(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    struct word words[] = {
        {"", 1}, {"it's", 2}, {"\xf0\x9f\x98\x80", 3}, {"a,b}{\"\\", 4}, {"NULL", 5}};
    const char *texts[] = {"NULL", "nowhere", "\xf0\x9f\x98\x80", "", "a,b}{\"\\", "it's"};
    struct word_list found = {0};
    assert_ok(s, word_insert_many(s, words, 5));
    assert_ok(s, word_get_many(s, &found, texts, 6));
    assert_int_equal(found.count, 5);
    static const int counts[] = {5, 3, 1, 4, 2};
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(found.items[i]->count, counts[i]);

    struct thing things[] = {{.id = {{1}}, .name = "one"},
                             {.id = {{0}}, .name = "zero"},
                             {.id = {{0xff, 1}}, .name = "ff"}};
    furrow_uuid ids[] = {{{0xff, 1}}, {{9}}, {{1}}, {{0}}};
    struct thing_list got = {0};
    struct thing *thing = NULL;
    assert_ok(s, thing_insert_many(s, things, 3));
    assert_ok(s, thing_get_many(s, &got, ids, 4));
    assert_int_equal(got.count, 3);
    assert_string_equal(got.items[0]->name, "ff");
    assert_string_equal(got.items[1]->name, "one");
    assert_string_equal(got.items[2]->name, "zero");
    assert_ok(s, thing_get(s, &thing, ids[2]));
    assert_string_equal(thing->name, "one");

    struct place places[] = {
        {"fr", 1, "Paris"}, {"fr", 2, "Lyon"}, {"de", 1, "Ulm"}, {"", 0, "nowhere"}};
    struct place_key keys[] = {{"de", 1}, {"de", 2}, {"", 0}, {"fr", 2}, {"fr", 1}};
    struct place_list towns = {0};
    struct place *town = NULL;
    assert_ok(s, place_insert_many(s, places, 4));
    assert_ok(s, place_get_many(s, &towns, keys, 5));
    assert_int_equal(towns.count, 4);
    static const char *const names[] = {"Ulm", "nowhere", "Lyon", "Paris"};
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(towns.items[i]->name, names[i]);
    assert_ok(s, place_get(s, &town, "fr", 2));
    assert_string_equal(town->name, "Lyon");
    assert_int_equal(place_get(s, &town, "fr", 3), FURROW_NOT_FOUND);
    assert_null(town);
    town = towns.items[0];
    town->name = "Ulm an der Donau";
    assert_ok(s, place_update(s, town));
    assert_ok(s, place_refresh(s, town));
    assert_string_equal(town->name, "Ulm an der Donau");
    assert_ok(s, place_delete(s, town));
    int64_t count = 0;
    assert_ok(s, place_count(s, &count));
    assert_int_equal(count, 3);
    close_session(s);
}

/* Defines a test of two models. The key of the first model has one column, and the key of the
 * second model has two. Each table has a row with the key value 1. `wrapped` does not fit the type
 * of the key. For most types, a conversion of `wrapped` to that type would give 1. */
#define TEST_OUT_OF_RANGE(type, wrapped)                                                           \
    static void test_get__refuses_a_key_out_of_range_of_##type(void **state)                       \
    {                                                                                              \
        (void)state;                                                                               \
        create_fresh(&narrow_schema);                                                              \
        furrow_session *s = open_session();                                                        \
        struct by_##type one = {.id = 1, .name = "one"}, *got = NULL;                              \
        struct with_##type two = {"fr", 1, "two"}, *pair = NULL;                                   \
        assert_ok(s, by_##type##_insert(s, &one));                                                 \
        assert_ok(s, with_##type##_insert(s, &two));                                               \
        assert_ok(s, furrow_commit(s));                                                            \
        assert_ok(s, by_##type##_get(s, &got, 1));                                                 \
        assert_string_equal(got->name, "one");                                                     \
        assert_ok(s, with_##type##_get(s, &pair, "fr", 1));                                        \
        assert_string_equal(pair->name, "two");                                                    \
        assert_status(s, FURROW_INVALID, by_##type##_get(s, &got, wrapped));                       \
        assert_null(got);                                                                          \
        furrow_rollback(s);                                                                        \
        assert_status(s, FURROW_INVALID, with_##type##_get(s, &pair, "fr", wrapped));              \
        assert_null(pair);                                                                         \
        close_session(s);                                                                          \
    }
TEST_OUT_OF_RANGE(bool, 7)
TEST_OUT_OF_RANGE(int16, 65537)
TEST_OUT_OF_RANGE(int32, INT64_C(4294967297))
TEST_OUT_OF_RANGE(int64, UINT64_MAX)
TEST_OUT_OF_RANGE(enum, INT64_C(4294967297))

static void test_get_with__refuses_a_key_out_of_range(void **state)
{
    (void)state;
    create_fresh(&narrow_schema);
    furrow_session *s = open_session();
    struct leaf leaf = {.id = 1}, *got = NULL;
    int64_t key = INT64_C(4294967297);
    assert_ok(s, leaf_insert(s, &leaf));
    assert_ok(s, leaf_get_with(s, &got, 1, furrow_load(LEAF.up)));
    assert_status(s, FURROW_INVALID, leaf_get_with(s, &got, key, furrow_load(LEAF.up)));
    assert_null(got);
    close_session(s);
}

static void test_upsert__finds_a_conflict_by_another_key(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    struct person first = {.name = "ann", .age = 30, .code = "a"}, *got = NULL;
    assert_ok(s, person_insert(s, &first));
    struct person again = {.name = "ann", .age = 31, .code = "b", .nick = "annie"};
    assert_ok(s, person_upsert(s, &again, .conflict = {furrow_col(PERSON.name)}));
    assert_int_equal(again.id, first.id); /* the upsert stores the id of the existing row in the
                                             struct */
    assert_ok(s, person_get(s, &got, first.id));
    assert_int_equal(got->age, 31);
    assert_string_equal(got->code, "b");
    assert_string_equal(got->nick, "annie");
    struct person once_more = {.name = "ann", .age = 99};
    assert_ok(
        s, person_upsert(s, &once_more, .conflict = {furrow_col(PERSON.name)},
                         .set = {furrow_increment(PERSON.age, 2), furrow_set_null(PERSON.nick)}));
    assert_ok(s, person_get(s, &got, first.id));
    assert_int_equal(got->age, 33);
    assert_string_equal(got->code, "b");
    assert_null(got->nick);
    int64_t count = 0;
    assert_ok(s, person_count(s, &count));
    assert_int_equal(count, 1);
    struct person other = {.name = "bob", .age = 1};
    assert_ok(s, person_upsert(s, &other, .conflict = {furrow_col(PERSON.name)},
                               .set = {furrow_increment(PERSON.age, 2)}));
    assert_ok(s, person_get(s, &got, other.id));
    assert_int_equal(got->age, 1); /* there was no conflict, so the row was inserted and .set was
                                      not applied */
    close_session(s);
}

/* After an upsert of a row with a given key, the keys that the database assigns are greater than
 * this key. */
static void test_upsert__advances_assigned_keys(void **state)
{
    (void)state;
    static const int64_t keys[] = {1, 2, 10, 3000, 7};
    furrow_session *s = fresh_session();
    int64_t largest = 0;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        for (int again = 0; again < 2; again++) {
            struct note given = {.id = keys[i], .body = "given"}, next = {.body = "next"};
            assert_ok(s, note_upsert(s, &given));
            assert_int_equal(given.id, keys[i]);
            largest = keys[i] > largest ? keys[i] : largest;
            assert_ok(s, note_insert(s, &next));
            assert_int_equal(next.id, largest + 1);
            largest = next.id;
        }
    struct by_int16 small = {.id = 5, .name = "a"}, after = {.name = "b"};
    close_session(s);
    create_fresh(&narrow_schema);
    s = open_session();
    assert_ok(s, by_int16_upsert(s, &small));
    assert_ok(s, by_int16_insert(s, &after));
    assert_int_equal(after.id, 6);
    close_session(s);
}

static void test_update__is_stale_after_another_update(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    struct page page = {.title = "one"}, mine, theirs;
    assert_ok(s, page_insert(s, &page));
    assert_ok(s, furrow_commit(s));
    mine = theirs = page;
    theirs.title = "theirs";
    assert_ok(s, page_update(s, &theirs));
    assert_int_equal(theirs.version, page.version + 1);
    theirs.title = "theirs again";
    assert_ok(s, page_update(s, &theirs));
    assert_int_equal(theirs.version, page.version + 2);
    assert_ok(s, furrow_commit(s));
    mine.title = "mine";
    assert_status(s, FURROW_STALE, page_update(s, &mine));
    assert_string_equal(furrow_session_error(s)->table, "page");
    assert_int_equal(mine.version, page.version);
    assert_int_equal(furrow_commit(s), FURROW_STALE);
    assert_status(s, FURROW_STALE, page_update(s, &mine, .only = {furrow_col(PAGE.title)}));
    furrow_rollback(s);
    assert_ok(s, page_refresh(s, &mine));
    assert_string_equal(mine.title, "theirs again");
    mine.title = "merged";
    assert_ok(s, page_update(s, &mine));
    assert_ok(s, furrow_commit(s));
    struct page ghost = {.id = 12345, .title = "ghost"};
    struct note gone = {.id = 12345, .body = "gone"};
    assert_status(s, FURROW_STALE, page_update(s, &ghost));
    furrow_rollback(s);
    assert_status(s, FURROW_STALE, note_update(s, &gone));
    close_session(s);
}

/* The largest key that the program gives may be one that the sequence can never produce. */
static void test_keys__outside_the_range_of_their_sequence_are_inserted(void **state)
{
    static const struct {
        const char *range;
        int64_t keys[4];
    } sequences[] = {
        {"MINVALUE 1000 START 1000 RESTART 1000", {5, 999, -3, INT64_MIN}},
        {"MINVALUE 5000000 START 5000000 RESTART 5000000", {7, 4999999, 5000010, 5005000}},
        {"MAXVALUE 100", {500, 90, INT64_MAX, 101}},
        {"INCREMENT 5", {3, 4, 17, 2}},
        {"INCREMENT -1 MINVALUE -100 MAXVALUE -1 START -1 RESTART -1", {1, 2, INT64_MAX, -200}},
        {"MINVALUE -9223372036854775807 START -9223372036854775807 RESTART "
         "-9223372036854775807",
         {-9223372036854775806, INT64_MIN, 8, 1000}},
    };
    (void)state;
    for (size_t i = 0; is_postgresql() && i < sizeof sequences / sizeof *sequences; i++) {
        char sql[200];
        create_fresh(&world_schema);
        snprintf(sql, sizeof sql, "ALTER SEQUENCE note_id_seq %s", sequences[i].range);
        run_sql(sql);
        furrow_session *s = open_session();
        for (int k = 0; k < 4; k++) {
            struct note given = {.id = sequences[i].keys[k], .body = "given"};
            struct note assigned = {.body = "assigned"};
            assert_ok(s, note_insert(s, &given));
            assert_ok(s, note_insert(s, &assigned));
        }
        assert_ok(s, furrow_commit(s));
        close_session(s);
        assert_string_equal(value_of_sql("SELECT count(*) FROM note"), "8");
    }
}

static void test_now__is_constant_in_a_transaction(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    struct page a = {.title = "a"}, many[3] = {{.title = "b"}, {.title = "c"}, {.title = "d"}};
    struct page *got = NULL;
    assert_ok(s, page_insert(s, &a));
    assert_ok(s, page_insert_many(s, many, 3));
    assert_true(a.made_at.us > 1000000000000000 && a.made_at.us == a.seen_at.us);
    for (int i = 0; i < 3; i++)
        assert_true(many[i].made_at.us == a.made_at.us && many[i].seen_at.us == a.made_at.us);
    assert_ok(s, page_get(s, &got, many[1].id));
    assert_int_equal(got->made_at.us, a.made_at.us);
    assert_ok(s, furrow_commit(s));
    int64_t first = a.made_at.us;
    struct page later = {.title = "later"};
    assert_ok(s, page_insert(s, &later));
    assert_true(later.made_at.us > first);
    /* An update sets only seen_at and stores the new time in the struct. All times that are set in
     * one transaction are equal. */
    assert_ok(s, page_update(s, &a));
    assert_int_equal(a.made_at.us, first);
    assert_int_equal(a.seen_at.us, later.made_at.us);
    assert_ok(s, page_get(s, &got, a.id));
    assert_int_equal(got->seen_at.us, later.made_at.us);
    assert_ok(s, page_update(s, &many[0], .only = {furrow_col(PAGE.title)}));
    assert_int_equal(many[0].seen_at.us, later.made_at.us);
    assert_ok(s, page_update_where(s, .set = {furrow_set(PAGE.title, "x")},
                                   .where = {furrow_eq(PAGE.id, many[2].id)}));
    assert_ok(s, page_get(s, &got, many[2].id));
    assert_int_equal(got->seen_at.us, later.made_at.us);
    assert_int_equal(got->made_at.us, first);
    close_session(s);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_insert__does_not_assign_a_given_key_again),
        cmocka_unit_test(test_insert__refuses_zero_if_the_database_assigns_no_key),
        cmocka_unit_test(test_insert__never_reuses_a_committed_key),
        cmocka_unit_test(test_insert__accepts_the_largest_key),
        cmocka_unit_test(test_insert_many__gives_each_row_its_own_key),
        cmocka_unit_test(test_insert_many__inserts_all_rows_or_none),
        cmocka_unit_test(test_insert_many__checks_all_rows_before_sending),
        cmocka_unit_test(test_get__returns_not_found_without_failing),
        cmocka_unit_test(test_get_many__keeps_the_order_and_skips_missing_rows),
        cmocka_unit_test(test_get_many__finds_thousands_of_keys_with_one_statement),
        cmocka_unit_test(test_get_many__takes_every_type_of_key),
        cmocka_unit_test(test_get__refuses_a_key_out_of_range_of_bool),
        cmocka_unit_test(test_get__refuses_a_key_out_of_range_of_int16),
        cmocka_unit_test(test_get__refuses_a_key_out_of_range_of_int32),
        cmocka_unit_test(test_get__refuses_a_key_out_of_range_of_int64),
        cmocka_unit_test(test_get__refuses_a_key_out_of_range_of_enum),
        cmocka_unit_test(test_get_with__refuses_a_key_out_of_range),
        cmocka_unit_test(test_upsert__finds_a_conflict_by_another_key),
        cmocka_unit_test(test_upsert__advances_assigned_keys),
        cmocka_unit_test(test_update__is_stale_after_another_update),
        cmocka_unit_test(test_keys__outside_the_range_of_their_sequence_are_inserted),
        cmocka_unit_test(test_now__is_constant_in_a_transaction),
    };
    return RUN_CONFORMANCE(argc, argv, tests);
}
