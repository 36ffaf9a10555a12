/* SPDX-License-Identifier: MIT
 *
 * Invalid input. Every engine must report the same error and name the table and the column. The
 * input must not be stored, and the session must work after a rollback.
 */
#include <math.h>

#include "conformance.h"
#include "world.furrow.h"

static furrow_session *fresh_session(void)
{
    create_fresh(&world_schema);
    return open_session();
}

static struct person somebody(void)
{
    return (struct person){.name = "ann", .age = 30, .code = "a", .weight = 1};
}

/* Passes this person to every function that writes a person. Each function must reject the person
 * before it sends a statement. */
static void refuse(furrow_session *s, furrow_status status, const char *message, struct person p)
{
    struct person many[2] = {somebody(), p}, ann = {0};
    assert_refused(s, status, message, person_insert(s, &p));
    assert_string_equal(furrow_session_error(s)->table, "person");
    assert_true(*furrow_session_error(s)->column);
    assert_refused(s, status, message, person_insert_many(s, many, 2));
    assert_refused(s, status, message, person_upsert(s, &p));
    ann = somebody();
    assert_ok(s, person_insert(s, &ann));
    p.id = ann.id;
    assert_refused(s, status, message, person_update(s, &p));
    int64_t count = -1;
    assert_ok(s, person_count(s, &count));
    assert_int_equal(count, 0);
}

static void test_write__is_refused_before_anything_is_sent(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    struct person p = somebody();
    p.name = "\xc3(";
    refuse(s, FURROW_INVALID, "\"person\".\"name\" is not valid UTF-8", p);
    static const char *const bad[] = {
        "\xff", "a\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\xf0\x80\x80\xaf"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        p.name = bad[i];
        refuse(s, FURROW_INVALID, "\"person\".\"name\" is not valid UTF-8", p);
    }
    p.name = "";
    refuse(s, FURROW_INVALID, "\"person\".\"name\" is shorter than 1 character", p);
    p.name = "12345678901";
    refuse(s, FURROW_INVALID, "\"person\".\"name\" is longer than 10 characters", p);
    p.name = NULL;
    refuse(s, FURROW_NOT_NULL, "\"person\".\"name\" must not be NULL", p);
    p = somebody();
    p.age = -1;
    refuse(s, FURROW_INVALID, "\"person\".\"age\" must be in the range 0 to 150", p);
    p = somebody();
    p.level = (enum level)99;
    refuse(s, FURROW_INVALID, "\"person\".\"level\" is not a value of enum level", p);
    p = somebody();
    p.weight = (double)NAN;
    refuse(s, FURROW_INVALID, "\"person\".\"weight\" must not be NaN", p);
    p = somebody();
    memset(p.code, 'x', sizeof p.code); /* the string in `code` has no terminating NUL */
    refuse(s, FURROW_INVALID, "\"person\".\"code\" has no terminating NUL within its 5 bytes", p);
    p = somebody();
    p.pay = (furrow_decimal){1, 3};
    refuse(s, FURROW_INVALID,
           "\"person\".\"pay\" cannot hold this decimal exactly: the column is decimal(6, 2)", p);
    p.pay = (furrow_decimal){100001, 2};
    refuse(s, FURROW_INVALID, "\"person\".\"pay\" must be in the range -1000.00 to 1000.00", p);
    p.pay = (furrow_decimal){1000000, 2};
    refuse(s, FURROW_INVALID, "\"person\".\"pay\" has more than the 6 digits of decimal(6, 2)", p);
    p = somebody();
    p.name = "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80"
             "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80";
    assert_ok(s, person_insert(s, &p)); /* `code` holds ten characters, which are forty bytes in
                                           UTF-8 */
    close_session(s);
}

static void test_options__that_are_null_are_refused(void **state)
{
    (void)state;
    furrow_status statuses[] = {
        person_find_using((const struct person_find_options *)NULL),
        person_first_using((const struct person_first_options *)NULL),
        person_stream_using((const struct person_stream_options *)NULL),
        person_explain_using((const struct person_explain_options *)NULL),
        person_count_using((const struct person_count_options *)NULL),
        person_exists_using((const struct person_exists_options *)NULL),
        person_update_using((const struct person_update_options *)NULL),
        person_upsert_using((const struct person_upsert_options *)NULL),
        person_update_where_using((const struct person_update_where_options *)NULL),
        person_delete_where_using((const struct person_delete_where_options *)NULL),
    };
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        assert_int_not_equal(statuses[i], FURROW_OK);
}

static void check_error(furrow_session *s, const char *table, const char *column,
                        const char *constraint)
{
    const furrow_error *e = furrow_session_error(s);
    assert_string_equal(e->table, table);
    assert_string_equal(e->column, column);
    assert_string_equal(e->constraint, constraint);
}

static void test_violation__names_the_table_column_and_constraint(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    struct person ann = somebody(), again = somebody();
    struct place paris = {"fr", 1, "Paris"};
    assert_ok(s, person_insert(s, &ann));
    assert_ok(s, place_insert(s, &paris));
    assert_ok(
        s, visit_insert(
               s, &(struct visit){.person_id = ann.id, .country = "fr", .number = furrow_some(1)}));
    assert_ok(s, furrow_commit(s));

    again.weight = 2; /* the row violates several constraints; the engines differ in which
                         constraint they check first */
    assert_refused(s, FURROW_UNIQUE, "\"person\": a row with this \"name\" already exists",
                   person_insert(s, &again));
    check_error(s, "person", "name", "person_name_key");
    again = (struct person){.name = "bob", .age = 30, .code = "a", .weight = 1};
    assert_refused(s, FURROW_UNIQUE,
                   "\"person\": a row with this \"age\", \"code\", \"weight\" already exists",
                   person_insert(s, &again));
    check_error(s, "person", "age, code, weight", "person_age_code_weight_key");
    again = (struct person){.id = ann.id, .name = "carl"};
    assert_refused(s, FURROW_UNIQUE, "\"person\": a row with this \"id\" already exists",
                   person_insert(s, &again));
    check_error(s, "person", "id", furrow_session_error(s)->constraint);
    assert_refused(s, FURROW_UNIQUE,
                   "\"place\": a row with this \"country\", \"number\" already exists",
                   place_insert(s, &paris));
    check_error(s, "place", "country, number", "place_pkey");

    assert_refused(s, FURROW_FOREIGN_KEY,
                   "\"visit\": \"person_id\" refers to a row of \"person\" that does not exist",
                   visit_insert(s, &(struct visit){.person_id = 404}));
    check_error(s, "visit", "person_id", "visit_person_id_fkey");
    assert_refused(
        s, FURROW_FOREIGN_KEY,
        "\"visit\": \"country\", \"number\" refers to a row of \"place\" that does not exist",
        visit_insert(
            s, &(struct visit){.person_id = ann.id, .country = "de", .number = furrow_some(1)}));
    check_error(s, "visit", "country, number", "visit_country_number_fkey");
    assert_refused(s, FURROW_FOREIGN_KEY, "\"person\": a row of \"visit\" still refers to this row",
                   person_delete(s, &ann));
    assert_string_equal(furrow_session_error(s)->table, "person");
    assert_refused(s, FURROW_FOREIGN_KEY, "\"place\": a row of \"visit\" still refers to this row",
                   place_delete_where(s, .all_rows = true));
    /* If one column of a composite reference is NULL, the reference is not checked. */
    assert_ok(s, visit_insert(s, &(struct visit){.person_id = ann.id, .country = "de"}));

    again = (struct person){.name = "dora", .age = 13};
    assert_refused(s, FURROW_CHECK, "\"person\": the row violates check \"person_age_check\"",
                   person_insert(s, &again));
    assert_string_equal(furrow_session_error(s)->constraint, "person_age_check");
    assert_refused(s, FURROW_CHECK, "\"person\": the row violates check \"person_age_check\"",
                   person_update_where(s, .set = {furrow_set(PERSON.age, 13)}, .all_rows = true));
    assert_refused(
        s, FURROW_CHECK, "\"person\": the row violates check \"person_age_range_check\"",
        person_update_where(s, .set = {furrow_increment(PERSON.age, 149)}, .all_rows = true));
    assert_refused(s, FURROW_NOT_NULL, "\"person\": \"name\" must not be NULL",
                   furrow_exec(s, "UPDATE person SET name = ?", NULL));
    check_error(s, "person", "name", "");
    assert_refused(
        s, FURROW_UNIQUE, "\"word\": a row with this \"text\" already exists",
        furrow_exec(s, "INSERT INTO word (text, count) VALUES (?, 1), (?, 2)", "s3cret", "s3cret"));
    check_error(s, "word", "text", "word_pkey");
    assert_null(strstr(furrow_session_error(s)->sql, "s3cret"));
    close_session(s);
}

static void test_error__never_quotes_a_value(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    furrow_rows *rows = NULL;
    const char *secret = "s3cret-value";
    struct word word = {.text = secret};
    assert_ok(s, word_insert(s, &word));
    assert_ok(s, furrow_commit(s));
    assert_int_equal(word_insert(s, &word), FURROW_UNIQUE);
    for (int i = 0; i < 4; i++) {
        furrow_status status = FURROW_OK;
        if (i == 1)
            status = furrow_exec(s, "UPDATE word SET count = ?", secret);
        else if (i == 2)
            status = is_postgresql()
                         ? furrow_query(s, &rows, "SELECT CAST(CAST(? AS text) AS int)", secret)
                         : furrow_query(s, &rows, "SELECT json_extract('{}', ?)", secret);
        else if (i == 3)
            status = furrow_exec(
                s,
                "INSERT INTO person (name, age, code, level, weight, pay) VALUES ('a', 1, 'a', ?,"
                " 1, 1)",
                secret);
        if (i)
            assert_int_not_equal(status, FURROW_OK);
        const furrow_error *e = furrow_session_error(s);
        assert_null(strstr(e->message, secret));
        assert_null(strstr(e->hint, secret));
        assert_null(strstr(e->sql, secret));
        furrow_rollback(s);
    }
    close_session(s);
}

static void test_read__refuses_a_value_that_does_not_fit_its_field(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    struct note_list notes = {0};
    struct narrow_list narrow = {0};
    if (!is_postgresql()) { /* PostgreSQL rejects these values when they are written */
        run_sql("INSERT INTO note (body) VALUES (CAST(x'61ff62' AS TEXT))");
        assert_refused(
            s, FURROW_INVALID,
            "\"note\".\"body\": the text is not valid UTF-8, in the row whose \"id\" is 1",
            note_find(s, &notes));
        check_error(s, "note", "body", "");
        assert_int_equal(notes.count, 0);
        furrow_rollback(s);
        run_sql("UPDATE note SET body = CAST(x'610062' AS TEXT)");
        assert_status(s, FURROW_INVALID, note_find(s, &notes));
        assert_non_null(strstr(furrow_session_error(s)->message, "NUL"));
        check_error(s, "note", "body", "");
        furrow_rollback(s);
        furrow_rows *rows = NULL;
        assert_int_equal(furrow_query(s, &rows, "SELECT body FROM note"), FURROW_INVALID);
        furrow_rollback(s);
        run_sql("DELETE FROM note");
    }
    static const struct {
        const char *postgresql, *sqlite, *column;
    } cases[] = {
        {"SELECT 32768 AS small, 'LEVEL_LOW' AS level, '' AS code", NULL, "small"},
        {"SELECT 1 AS small, 'LEVEL_NONE' AS level, '' AS code", NULL, "level"},
        {"SELECT 1 AS small, 'LEVEL_LOW' AS level, 'abc' AS code", NULL, "code"},
        {"SELECT NULL::int AS small, 'LEVEL_LOW' AS level, 'ab' AS code",
         "SELECT NULL AS small, 'LEVEL_LOW' AS level, 'ab' AS code", "small"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *sql =
            is_postgresql() || !cases[i].sqlite ? cases[i].postgresql : cases[i].sqlite;
        assert_int_not_equal(
            furrow_model_query(s, &narrow_model, &narrow, sql, (furrow_value_list){NULL, 0}),
            FURROW_OK);
        assert_string_equal(furrow_session_error(s)->column, cases[i].column);
        assert_int_equal(narrow.count, 0);
        furrow_rollback(s);
    }
    close_session(s);
}

static void test_read__accepts_null_only_in_a_nullable_field(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    struct narrow_list narrow = {0};
    struct tally_list tallies = {0};
    assert_refused(
        s, FURROW_INVALID, "\"narrow\".\"small\": is NULL, but its field cannot be NULL",
        narrow_query(s, &narrow, "SELECT NULL AS small, 'LEVEL_LOW' AS level, '' AS code"));
    check_error(s, "narrow", "small", "");
    assert_refused(s, FURROW_INVALID, "\"tally\".\"count\": is NULL, but its field cannot be NULL",
                   tally_query(s, &tallies,
                               "SELECT sum(count) AS count, NULL AS word, NULL AS mean "
                               "FROM word"));
    assert_refused(s, FURROW_INVALID, "\"tally\".\"count\": is NULL, but its field cannot be NULL",
                   tally_query(s, &tallies, "SELECT NULL AS count, NULL AS word, NULL AS mean"));
    assert_ok(s, tally_query(s, &tallies,
                             "SELECT 1 AS count, NULL AS word, NULL AS mean "
                             "UNION ALL SELECT 2, 'b', NULL"));
    assert_int_equal(tallies.count, 2);
    assert_false(tallies.items[0]->mean.has);
    assert_false(tallies.items[1]->mean.has);
    /* In this column, the first row has NULL, and the second row has a value of the wrong type. */
    assert_status(s, FURROW_SCHEMA,
                  tally_query(s, &tallies,
                              "SELECT 1 AS count, 'a' AS word, NULL AS mean "
                              "UNION ALL SELECT 2, 'b', 'x'"));
    check_error(s, "tally", "mean", "");
    close_session(s);
}

static void test_violation__of_a_check_names_its_columns(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    struct order order = {.by = -1};
    assert_status(s, FURROW_CHECK, order_insert(s, &order));
    assert_string_equal(furrow_session_error(s)->column, "\xc3\xa9t\xc3\xa9 $1 ?");
    furrow_rollback(s);
    struct person ann = {.name = "ann", .age = 13, .code = "a", .weight = 1};
    assert_status(s, FURROW_CHECK, person_insert(s, &ann));
    check_error(s, "person", "age", "person_age_check");
    furrow_rollback(s);
    ann.age = 12;
    assert_ok(s, person_insert(s, &ann));
    assert_status(
        s, FURROW_CHECK,
        person_update_where(s, .set = {furrow_increment(PERSON.age, 1)}, .all_rows = true));
    check_error(s, "person", "age", "person_age_check");
    close_session(s);
}

static void test_keys__can_be_exhausted(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    static const char message[] = "\"note\": the range of keys is exhausted";
    struct note last = {.id = INT64_MAX, .body = "last"}, next = {.body = "next"};
    assert_ok(s, note_insert(s, &last));
    if (is_postgresql()) /* an INSERT with an explicit key does not advance PostgreSQL's sequence */
        run_sql("SELECT setval(pg_get_serial_sequence('note', 'id'), 9223372036854775807)");
    assert_refused(s, FURROW_DATABASE, message, note_insert(s, &next));
    assert_string_equal(furrow_session_error(s)->table, "note");
    assert_ok(s, note_upsert(s, &last));
    assert_ok(s, furrow_commit(s));
    struct sentinel other = {.secret = "in between"};
    assert_ok(s, sentinel_insert(s, &other));
    assert_refused(s, FURROW_DATABASE, message, note_insert(s, &next));
    struct note many[] = {{.body = "a"}, {.body = "b"}};
    assert_refused(s, FURROW_DATABASE, message, note_insert_many(s, many, 2));
    close_session(s);
}

static void test_schema__is_not_changed_while_a_stream_is_open(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    static const char message[] = "a stream is open in this session: close it first";
    struct note rows[] = {{.body = "a"}, {.body = "b"}};
    struct note_cursor *cursor = NULL;
    assert_ok(s, note_insert_many(s, rows, 2));
    assert_ok(s, furrow_commit(s));
    assert_ok(s, note_stream(s, &cursor));
    assert_non_null(note_next(cursor));
    assert_refused(s, FURROW_INVALID, message, furrow_drop_all(s, &world_schema));
    assert_ok(s, note_stream(s, &cursor));
    assert_non_null(note_next(cursor));
    assert_refused(s, FURROW_INVALID, message, furrow_create_all(s, &world_schema));
    assert_ok(s, note_stream(s, &cursor));
    assert_non_null(note_next(cursor));
    note_cursor_close(cursor);
    assert_ok(s, furrow_drop_all(s, &world_schema));
    assert_ok(s, furrow_create_all(s, &world_schema));
    close_session(s);
}

static void test_read__refuses_an_unknown_enumerator(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    struct person_list list = {0};
    const char *unchecked = is_postgresql()
                                ? "ALTER TABLE person DROP CONSTRAINT person_level_enum_check"
                                : "PRAGMA ignore_check_constraints = ON";
    assert_ok(s, furrow_unsafe_sql(s, NULL, unchecked, NULL, 0));
    assert_ok(s, furrow_exec(s, "INSERT INTO person (name, age, code, level, weight, pay) VALUES "
                                "('a', 1, 'a', 'LEVEL_NONE', 1, 1)"));
    assert_ok(s, furrow_commit(s));
    assert_status(s, FURROW_INVALID, person_find(s, &list));
    check_error(s, "person", "level", "");
    assert_int_equal(list.count, 0);
    furrow_rollback(s);
    int64_t count = 0;
    assert_ok(s, person_count(s, &count));
    assert_int_equal(count, 1);
    if (!is_postgresql()) /* an in-memory SQLite database has only one connection, so later sessions
                             would keep this setting */
        assert_ok(s, furrow_unsafe_sql(s, NULL, "PRAGMA ignore_check_constraints = OFF", NULL, 0));
    close_session(s);
}

static void test_names__may_be_keywords_or_need_quotes(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    struct order order = {.select = 1, .from = 2, .by = 3}, *got = NULL;
    struct group group = {.user = "u"};
    struct select row = {.where = "w"}, *chosen = NULL;
    struct order_list list = {0};
    assert_ok(s, order_insert(s, &order));
    assert_ok(s, order_insert_many(s, (struct order[]){{.select = 4}, {.from = 5}}, 2));
    assert_ok(s, order_get(s, &got, order.id));
    assert_true(got->select == 1 && got->from == 2 && got->by == 3);
    got->from = 9;
    assert_ok(s, order_update(s, got));
    assert_ok(s, order_find(s, &list, .where = {furrow_eq(ORDER.from, 9), furrow_ne(ORDER.by, 4)},
                            .order_by = {furrow_desc(ORDER.from), furrow_asc(ORDER.by)}));
    assert_int_equal(list.count, 1);
    assert_ok(s, order_upsert(s, got));
    assert_ok(s, group_insert(s, &group));
    assert_ok(s, user_insert(s, &(struct user){.group = group.id, .table = "t"}));
    assert_ok(s, select_insert(s, &row));
    assert_ok(s, select_get(s, &chosen, row.id));
    assert_string_equal(chosen->where, "w");
    assert_ok(s, furrow_commit(s));
    assert_refused(s, FURROW_CHECK, "\"order\": the row violates check \"order_check\"",
                   order_update_where(s, .set = {furrow_set(ORDER.by, -1)}, .all_rows = true));
    assert_refused(s, FURROW_FOREIGN_KEY, "\"group\": a row of \"user\" still refers to this row",
                   group_delete(s, &group));
    assert_refused(s, FURROW_UNIQUE, "\"user\": a row with this \"table\" already exists",
                   user_insert(s, &(struct user){.group = group.id, .table = "t"}));
    furrow_rollback(s);
    assert_ok(s, furrow_create_all(s, &world_schema)); /* checks that the existing tables match
                                                          their models */
    close_session(s);
}

static void test_schema__names_the_difference(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    struct note_list list = {0};
    assert_ok(s, furrow_create_all(s, &world_schema)); /* the tables already exist, so this call
                                                          changes nothing */
    assert_ok(s, furrow_commit(s));
    run_sql("DROP TABLE note");
    assert_status(s, FURROW_SCHEMA, note_find(s, &list));
    assert_non_null(strstr(furrow_session_error(s)->message, "note"));
    furrow_rollback(s);
    static const struct {
        const char *sqlite, *postgresql, *words;
    } cases[] = {
        {"CREATE TABLE note (id INTEGER PRIMARY KEY AUTOINCREMENT) STRICT",
         "CREATE TABLE note (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY)", "body"},
        {"CREATE TABLE note (id INTEGER PRIMARY KEY AUTOINCREMENT, body INTEGER NOT NULL) STRICT",
         "CREATE TABLE note (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, body bigint "
         "NOT NULL)",
         "body"},
        {"CREATE TABLE note (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT) STRICT",
         "CREATE TABLE note (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, body text)",
         "body"},
        {"CREATE TABLE note (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL, more TEXT "
         "NOT NULL) STRICT",
         "CREATE TABLE note (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, body text NOT "
         "NULL,"
         " more text NOT NULL)",
         "more"},
        {"CREATE TABLE note (id INTEGER NOT NULL, body TEXT NOT NULL PRIMARY KEY) STRICT",
         "CREATE TABLE note (id bigint NOT NULL, body text NOT NULL PRIMARY KEY)", "key"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        run_sql(is_postgresql() ? cases[i].postgresql : cases[i].sqlite);
        furrow_status status = furrow_create_all(s, &world_schema);
        const furrow_error *e = furrow_session_error(s);
        if (status != FURROW_SCHEMA || strcmp(e->table, "note") != 0 ||
            !(strstr(e->message, cases[i].words) || strstr(e->column, cases[i].words)))
            fail_msg("case %zu: %s: %s (%s)", i, furrow_status_name(status), e->message, e->table);
        furrow_rollback(s);
        run_sql("DROP TABLE note");
    }
    assert_ok(s, furrow_create_all(s, &world_schema));
    assert_ok(s, furrow_drop_all(s, &world_schema));
    assert_ok(s, furrow_drop_all(s, &world_schema)); /* the tables no longer exist */
    assert_ok(s, furrow_commit(s));
    close_session(s);
}

#define SLOTS(array) (sizeof(array) / sizeof *(array))
/* For each slot of a list in `options`, except those that are in use: sets the slot to a number, as
 * {1} does, and expects the call to fail. */
#define refuse_numbers(s, options, list, used, call)                                               \
    for (size_t slot = (used); slot < SLOTS((options).list); slot++) {                             \
        (options).list[slot].number_ = 1;                                                          \
        if ((call) != FURROW_INVALID)                                                              \
            fail_msg("slot %zu of %s is ignored by %s", slot, #list, #call);                       \
        furrow_rollback(s);                                                                        \
        (options).list[slot].number_ = 0;                                                          \
    }

static void test_slots__a_number_is_not_an_empty_slot(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    struct person_list list;
    struct person one = somebody(), *first;
    int64_t n;
    struct person_find_options find = {.s = s, .out = &list};
    refuse_numbers(s, find, where, 0, person_find_using(&find));
    refuse_numbers(s, find, order_by, 0, person_find_using(&find));
    refuse_numbers(s, find, with, 0, person_find_using(&find));
    refuse_numbers(s, find, with[1].where, 0, person_find_using(&find));
    refuse_numbers(s, find, with[1].order_by, 0, person_find_using(&find));
    find.page_size = 2;
    refuse_numbers(s, find, order_by, 0, person_find_using(&find));
    struct person_first_options first_options = {.s = s, .out = &first};
    refuse_numbers(s, first_options, where, 0, person_first_using(&first_options));
    struct person_count_options count = {.s = s, .out = &n};
    refuse_numbers(s, count, where, 0, person_count_using(&count));
    struct person_update_options update = {.s = s, .row = &one};
    refuse_numbers(s, update, only, 0, person_update_using(&update));
    struct person_upsert_options upsert = {.s = s, .row = &one};
    refuse_numbers(s, upsert, conflict, 0, person_upsert_using(&upsert));
    refuse_numbers(s, upsert, set, 0, person_upsert_using(&upsert));
    struct person_update_where_options change = {.s = s, .all_rows = true};
    change.set[0] = furrow_set(PERSON.age, 1);
    refuse_numbers(s, change, where, 0, person_update_where_using(&change));
    refuse_numbers(s, change, set, 1, person_update_where_using(&change));
    struct person_delete_where_options removal = {.s = s, .all_rows = true};
    refuse_numbers(s, removal, where, 0, person_delete_where_using(&removal));
    count.where[0] = furrow_eq(PERSON.age, 1);
    count.where[1].number_ = 1;
    assert_refused(s, FURROW_INVALID, "condition 2 is a number, in a query of model \"person\"",
                   person_count_using(&count));
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_write__is_refused_before_anything_is_sent),
        cmocka_unit_test(test_violation__names_the_table_column_and_constraint),
        cmocka_unit_test(test_error__never_quotes_a_value),
        cmocka_unit_test(test_read__refuses_a_value_that_does_not_fit_its_field),
        cmocka_unit_test(test_read__accepts_null_only_in_a_nullable_field),
        cmocka_unit_test(test_violation__of_a_check_names_its_columns),
        cmocka_unit_test(test_keys__can_be_exhausted),
        cmocka_unit_test(test_schema__is_not_changed_while_a_stream_is_open),
        cmocka_unit_test(test_read__refuses_an_unknown_enumerator),
        cmocka_unit_test(test_names__may_be_keywords_or_need_quotes),
        cmocka_unit_test(test_schema__names_the_difference),
        cmocka_unit_test(test_options__that_are_null_are_refused),
        cmocka_unit_test(test_slots__a_number_is_not_an_empty_slot),
    };
    return RUN_CONFORMANCE(argc, argv, tests);
}
