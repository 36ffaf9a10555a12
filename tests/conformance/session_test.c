/* SPDX-License-Identifier: MIT
 *
 * Sessions. The first failure is kept, and a savepoint confines a failure. Outputs are always set.
 * A NULL session is accepted. Transactions can be repeated. Read-only sessions cannot write.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "conformance.h"
#include "world.furrow.h"

static furrow_session *fresh_session(void)
{
    create_fresh(&world_schema);
    return open_session();
}

static int64_t count_notes(furrow_session *s)
{
    int64_t count = -1;
    assert_ok(s, note_count(s, &count));
    return count;
}

/* Makes the transaction fail before a statement is sent. The error is the same on every engine. */
static void fail_by_value(furrow_session *s)
{
    assert_int_equal(person_insert(s, &(struct person){.name = "this name is too long"}),
                     FURROW_INVALID);
}
/* Makes the transaction fail with an error that the database reports. */
static void fail_in_database(furrow_session *s)
{
    assert_int_equal(visit_insert(s, &(struct visit){.person_id = 404}), FURROW_FOREIGN_KEY);
}

static void call_everything(furrow_session *s, furrow_status wanted)
{
    static const struct note rubbish_note = {.id = 9, .body = "rubbish"};
    struct note *rubbish = (struct note *)(uintptr_t)&rubbish_note, *row = rubbish;
    struct note one = rubbish_note;
    struct note_list list = {.items = &rubbish, .count = 7, .loaded = true};
    struct note_cursor *cursor = (struct note_cursor *)rubbish;
    struct tally_list tallies = {.items = (struct tally **)&rubbish, .count = 7};
    furrow_rows *rows = (furrow_rows *)rubbish;
    int64_t number = 7, key = 1;
    double real = 7;
    bool flag = true;
    uint64_t changed = 7;
    const char *plan = "rubbish";

    assert_int_equal(note_insert(s, &one), wanted);
    assert_int_equal(note_insert_many(s, &one, 1), wanted);
    assert_int_equal(note_upsert(s, &one), wanted);
    assert_int_equal(note_update(s, &one), wanted);
    assert_int_equal(note_delete(s, &one), wanted);
    assert_int_equal(note_refresh(s, &one), wanted);
    assert_int_equal(note_get(s, &row, 1), wanted);
    assert_null(row);
    assert_int_equal(note_get_many(s, &list, &key, 1), wanted);
    assert_true(!list.items && !list.count && !list.loaded);
    list = (struct note_list){.items = &rubbish, .count = 7, .loaded = true};
    assert_int_equal(note_find(s, &list), wanted);
    assert_true(!list.items && !list.count && !list.loaded);
    row = rubbish;
    assert_int_equal(note_first(s, &row), wanted);
    assert_null(row);
    assert_int_equal(note_stream(s, &cursor), wanted);
    assert_null(cursor);
    assert_null(note_next(cursor));
    assert_int_equal(note_count(s, &number), wanted);
    assert_int_equal(number, 0);
    assert_int_equal(note_exists(s, &flag), wanted);
    assert_false(flag);
    number = 7;
    assert_int_equal(note_sum(s, &number, NOTE.id), wanted);
    assert_int_equal(number, 0);
    number = 7;
    assert_int_equal(note_max(s, &number, NOTE.id), wanted);
    assert_int_equal(number, 0);
    number = 7;
    assert_int_equal(note_min(s, &number, NOTE.id), wanted);
    assert_int_equal(number, 0);
    assert_int_equal(note_avg(s, &real, NOTE.id), wanted);
    assert_true(real == 0);
    assert_int_equal(note_update_where(s, .set = {furrow_set(NOTE.body, "x")}, .all_rows = true,
                                       .changed = &changed),
                     wanted);
    assert_int_equal(changed, 0);
    changed = 7;
    assert_int_equal(note_delete_where(s, .all_rows = true, .changed = &changed), wanted);
    assert_int_equal(changed, 0);
    assert_int_equal(note_explain(s, &plan), wanted);
    assert_string_equal(plan, "");
    assert_int_equal(tally_query(s, &tallies, "SELECT 1 AS count, 'a' AS word, 1.5 AS mean"),
                     wanted);
    assert_true(!tallies.items && !tallies.count);
    assert_int_equal(furrow_exec(s, "DELETE FROM note"), wanted);
    assert_int_equal(furrow_session_changed(s), 0);
    assert_int_equal(furrow_query(s, &rows, "SELECT 1"), wanted);
    assert_null(rows);
    assert_false(furrow_rows_next(rows));
    assert_int_equal(furrow_create_all(s, &world_schema), wanted);
    assert_int_equal(furrow_drop_all(s, &world_schema), wanted);
}

static void test_session__keeps_the_first_failure_and_empties_outputs(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    assert_ok(s, note_insert(s, &(struct note){.body = "before"}));
    fail_by_value(s);
    char message[512];
    snprintf(message, sizeof message, "%s", furrow_session_error(s)->message);
    call_everything(s, FURROW_ABORTED);
    assert_int_equal(furrow_session_status(s), FURROW_INVALID);
    assert_string_equal(furrow_session_error(s)->message, message); /* the session still reports the
                                                                       first failure */
    assert_int_equal(furrow_commit(s), FURROW_INVALID);
    assert_string_equal(furrow_session_error(s)->message, message);
    assert_int_equal(furrow_session_status(s), FURROW_OK);
    assert_int_equal(count_notes(s), 0);
    assert_ok(s, furrow_commit(s));

    assert_ok(s, note_insert(s, &(struct note){.body = "before"}));
    fail_in_database(s);
    call_everything(s, FURROW_ABORTED);
    assert_int_equal(furrow_commit(s), FURROW_FOREIGN_KEY);
    assert_int_equal(count_notes(s), 0);
    close_session(s);
}

static void test_session__may_be_null_in_every_call(void **state)
{
    (void)state;
    call_everything(NULL, FURROW_NOMEM);
    assert_int_equal(furrow_commit(NULL), FURROW_NOMEM);
    assert_int_equal(furrow_rollback(NULL), FURROW_NOMEM);
    assert_int_equal(furrow_savepoint_begin(NULL), FURROW_NOMEM);
    assert_int_equal(furrow_savepoint_end(NULL), FURROW_NOMEM);
    assert_int_equal(furrow_savepoint_rollback(NULL), FURROW_NOMEM);
    assert_int_equal(furrow_session_status(NULL), FURROW_NOMEM);
    assert_int_equal(furrow_session_error(NULL)->status, FURROW_NOMEM);
    assert_true(*furrow_session_error(NULL)->message);
    assert_int_equal(furrow_session_stats(NULL).statements, 0);
    furrow_session_reset(NULL);
    furrow_session_close(NULL);
    furrow_engine_close(NULL);
    note_cursor_close(NULL);
}

static void test_session__without_an_engine_says_so_in_every_call(void **state)
{
    (void)state;
    furrow_engine *none = NULL;
    furrow_session *s = furrow_session_open(none);
    call_everything(s, FURROW_INVALID);
    assert_int_equal(furrow_commit(s), FURROW_INVALID);
    assert_int_equal(furrow_rollback(s), FURROW_OK);
    furrow_session_reset(s);
    furrow_session_cancel(s);
    call_everything(s, FURROW_INVALID);
    furrow_ticket *ticket = (furrow_ticket *)(uintptr_t)&none;
    assert_int_equal(furrow_commit_begin(s, &ticket), FURROW_INVALID);
    assert_null(ticket);
    assert_int_equal(furrow_session_status(s), FURROW_INVALID);
    assert_string_equal(furrow_session_error(s)->message,
                        "the session was opened without an engine: the engine is NULL");
    assert_string_equal(furrow_session_error(s)->hint,
                        "check the status that furrow_engine_open returned");
    furrow_session_close(s);
}

/* What `.report` has received, and the session that the trace function passes to another thread. */
static struct {
    furrow_session *s;
    furrow_report_event last;
    int count, calls;
    pthread_t thread;
} reported;

static void note_report(void *context, const furrow_report_event *event)
{
    (void)context;
    reported.last = *event;
    reported.count++;
}

static void *call_from_another_thread(void *context)
{
    furrow_session *s = context;
    struct note row = {.id = 1};
    reported.thread = pthread_self();
    call_everything(s, FURROW_INVALID);
    assert_int_equal(furrow_savepoint_begin(s), FURROW_INVALID);
    assert_int_equal(furrow_savepoint_end(s), FURROW_INVALID);
    assert_int_equal(furrow_savepoint_rollback(s), FURROW_INVALID);
    assert_int_equal(furrow_expect_statements(s, 0), FURROW_INVALID);
    assert_null(note_copy(s, &row));
    assert_int_equal(furrow_rollback(s), FURROW_INVALID);
    assert_int_equal(furrow_commit(s), FURROW_INVALID);
    furrow_ticket *ticket = (furrow_ticket *)(uintptr_t)&row;
    assert_int_equal(furrow_commit_begin(s, &ticket), FURROW_INVALID);
    assert_null(ticket);
    furrow_session_reset(s);
    furrow_session_close(s);
    assert_int_equal(furrow_session_status(s), FURROW_INVALID);
    assert_string_equal(furrow_session_error(s)->message,
                        "another thread is in a call on this session");
    assert_int_equal(furrow_session_stats(s).statements, 0);
    assert_int_equal(furrow_session_changed(s), 0);
    return NULL;
}

/* Called by the library during a call on the session, on the session's thread. */
static void call_while_in_a_call(void *context, const furrow_trace_event *event)
{
    (void)context;
    pthread_t thread;
    if (!reported.s || reported.calls++ || !strstr(event->sql, "INSERT"))
        return;
    assert_int_equal(pthread_create(&thread, NULL, call_from_another_thread, reported.s), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

static furrow_engine *engine_that_reports(void)
{
    furrow_engine *other;
    furrow_error error;
    memset(&reported, 0, sizeof reported);
    assert_int_equal(furrow_engine_open(&other, database_url, &error, .trace = call_while_in_a_call,
                                        .report = note_report),
                     FURROW_OK);
    furrow_session *s = furrow_session_open(other);
    assert_ok(s, furrow_drop_all(s, &world_schema));
    assert_ok(s, furrow_create_all(s, &world_schema));
    assert_ok(s, furrow_commit(s));
    furrow_session_close(s);
    return other;
}

static void test_session__refuses_calls_while_another_thread_is_in_a_call(void **state)
{
    (void)state;
    furrow_engine *other = engine_that_reports();
    furrow_session *s = furrow_session_open(other);
    int line = __LINE__ - 1;
    reported.s = s;
    assert_ok(s, note_insert(s, &(struct note){.body = "by the first thread"}));
    assert_int_equal(reported.calls, 1);
    assert_true(reported.count > 30);
    assert_int_equal(reported.last.kind, FURROW_REPORT_IN_USE);
    assert_string_equal(reported.last.file, __FILE__);
    assert_int_equal(reported.last.line, line);
    assert_true(reported.last.thread == (uintptr_t)pthread_self());
    assert_true(reported.last.refused_thread == (uintptr_t)reported.thread);
    /* The transaction of the first thread continues, and may continue on another thread. */
    assert_int_equal(furrow_session_status(s), FURROW_OK);
    assert_ok(s, furrow_commit(s));
    assert_int_equal(count_notes(s), 1);
    furrow_session_close(s);
    furrow_engine_close(other);
}

static void *insert_note(void *s)
{
    assert_ok(s, note_insert(s, &(struct note){.body = "by another thread"}));
    return NULL;
}

static void test_session__may_move_to_another_thread_between_calls(void **state)
{
    (void)state;
    furrow_engine *other = engine_that_reports();
    furrow_session *s = furrow_session_open(other);
    pthread_t thread;
    for (int i = 0; i < 3; i++) {
        assert_ok(s, note_insert(s, &(struct note){.body = "by this thread"}));
        assert_int_equal(pthread_create(&thread, NULL, insert_note, s), 0);
        assert_int_equal(pthread_join(thread, NULL), 0);
    }
    assert_int_equal(count_notes(s), 6);
    assert_ok(s, furrow_commit(s));
    furrow_session_close(s);
    assert_int_equal(reported.count, 0);
    furrow_engine_close(other);
}

/* Functions that make changes and do not commit them. Each returns whether there is something to
 * commit at the end. */
static bool changes_nothing(furrow_session *s)
{
    count_notes(s);
    assert_ok(s, note_delete_where(s, .all_rows = true));
    return false;
}
static bool inserts(furrow_session *s)
{
    assert_ok(s, note_insert(s, &(struct note){.body = "lost"}));
    return true;
}
static bool inserts_by_raw_sql(furrow_session *s)
{
    assert_ok(s, furrow_exec(s, "INSERT INTO note (id, body) VALUES (9, 'lost')"));
    return true;
}
static bool changes_the_schema(furrow_session *s)
{
    assert_ok(s, furrow_drop_all(s, &world_schema));
    return true;
}
static bool rolls_back(furrow_session *s)
{
    inserts(s);
    assert_ok(s, furrow_rollback(s));
    return false;
}
static bool commits(furrow_session *s)
{
    assert_ok(s, furrow_exec(s, "UPDATE note SET body = 'new'"));
    assert_ok(s, furrow_commit(s));
    return false;
}
static bool fails(furrow_session *s)
{
    inserts(s);
    fail_by_value(s);
    return false;
}
static bool undoes_a_savepoint(furrow_session *s)
{
    assert_ok(s, furrow_savepoint_begin(s));
    inserts(s);
    assert_ok(s, furrow_savepoint_begin(s));
    inserts(s);
    assert_ok(s, furrow_savepoint_end(s));
    assert_ok(s, furrow_savepoint_rollback(s));
    return false;
}
static bool keeps_a_savepoint(furrow_session *s)
{
    assert_ok(s, furrow_savepoint_begin(s));
    inserts(s);
    assert_ok(s, furrow_savepoint_end(s));
    assert_ok(s, furrow_savepoint_begin(s));
    inserts(s);
    assert_ok(s, furrow_savepoint_rollback(s));
    return true;
}

static void test_session__reports_changes_that_are_neither_committed_nor_rolled_back(void **state)
{
    static bool (*const works[])(furrow_session *) = {
        changes_nothing, inserts, inserts_by_raw_sql, changes_the_schema, rolls_back,
        commits,         fails,   undoes_a_savepoint, keeps_a_savepoint,
    };
    (void)state;
    furrow_engine *other = engine_that_reports();
    for (size_t i = 0; i < 2 * (sizeof works / sizeof *works); i++) {
        furrow_session *s = furrow_session_open(other);
        int line = __LINE__ - 1;
        int wanted = works[i / 2](s);
        reported.count = 0;
        if (i % 2)
            furrow_session_reset(s);
        else
            furrow_session_close(s);
        assert_int_equal(reported.count, wanted);
        if (wanted) {
            assert_int_equal(reported.last.kind, FURROW_REPORT_UNCOMMITTED);
            assert_string_equal(reported.last.file, __FILE__);
            assert_int_equal(reported.last.line, line);
        }
        if (i % 2)
            furrow_session_close(s);
        assert_int_equal(reported.count, wanted);
    }
    furrow_engine_close(other);
}

static void test_session__rollback_keeps_the_last_error(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    assert_ok(s, note_insert(s, &(struct note){.body = "gone"}));
    fail_in_database(s);
    assert_ok(s, furrow_rollback(s));
    assert_int_equal(furrow_session_error(s)->status, FURROW_FOREIGN_KEY);
    assert_string_equal(furrow_session_error(s)->table, "visit");
    assert_int_equal(furrow_session_status(s), FURROW_OK);
    assert_int_equal(count_notes(s), 0);
    assert_ok(s, note_insert(s, &(struct note){.body = "kept"}));
    assert_ok(s, furrow_commit(s));
    assert_int_equal(furrow_session_error(s)->status, FURROW_FOREIGN_KEY);
    furrow_session_reset(s);
    assert_int_equal(furrow_session_error(s)->status, FURROW_OK);
    assert_string_equal(furrow_session_error(s)->message, "");
    close_session(s);
}

static void test_session__close_without_commit_rolls_back(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    assert_ok(s, note_insert(s, &(struct note){.body = "closed"}));
    close_session(s);
    s = open_session();
    assert_int_equal(count_notes(s), 0);
    assert_ok(s, note_insert(s, &(struct note){.body = "reset"}));
    furrow_session_reset(s);
    assert_int_equal(count_notes(s), 0);
    assert_ok(s, note_insert(s, &(struct note){.body = "kept"}));
    assert_ok(s, furrow_commit(s));
    assert_ok(s, note_insert(s, &(struct note){.body = "the next transaction"}));
    close_session(s);
    s = open_reader();
    assert_int_equal(count_notes(s), 1);
    close_session(s);
}

static void test_session__rows_stay_valid_after_commit_and_rollback(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    struct note *got = NULL;
    struct note row = {.body = "still here"};
    furrow_rows *rows = NULL;
    assert_ok(s, note_insert(s, &row));
    assert_ok(s, note_get(s, &got, row.id));
    assert_ok(s, furrow_query(s, &rows, "SELECT body FROM note"));
    assert_ok(s, furrow_commit(s));
    for (int i = 0; i < 200; i++) {
        struct note *other = NULL;
        note_get(s, &other, row.id);
        if (i % 3 == 0)
            furrow_rollback(s);
    }
    assert_string_equal(got->body, "still here");
    assert_true(furrow_rows_next(rows));
    assert_string_equal(furrow_row_text(rows, 0), "still here");
    close_session(s);
}

static void test_savepoint__contains_a_failure(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    assert_ok(s, note_insert(s, &(struct note){.body = "outside"}));
    for (int i = 0; i < 2; i++) {
        assert_ok(s, furrow_savepoint_begin(s));
        assert_ok(s, note_insert(s, &(struct note){.body = "inside"}));
        if (i)
            fail_in_database(s);
        else
            fail_by_value(s);
        furrow_status wanted = i ? FURROW_FOREIGN_KEY : FURROW_INVALID;
        assert_int_equal(furrow_session_status(s), wanted);
        assert_int_equal(furrow_savepoint_end(s), wanted);
        assert_int_equal(furrow_session_status(s), FURROW_OK);
        assert_int_equal(count_notes(s), 1);
    }
    assert_ok(s, furrow_savepoint_begin(s));
    assert_ok(s, note_insert(s, &(struct note){.body = "kept"}));
    assert_ok(s, furrow_savepoint_end(s));
    assert_ok(s, furrow_savepoint_begin(s));
    assert_ok(s, note_insert(s, &(struct note){.body = "undone"}));
    assert_ok(s, furrow_savepoint_rollback(s));
    assert_ok(s, furrow_commit(s));
    assert_int_equal(count_notes(s), 2);
    close_session(s);
}

static void test_savepoint__nests(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    enum { DEPTH = 40 };
    for (int i = 0; i < DEPTH; i++) {
        assert_ok(s, furrow_savepoint_begin(s));
        assert_ok(s, note_insert(s, &(struct note){.body = "x"}));
    }
    for (int i = 0; i < DEPTH; i++) /* ends every savepoint except one in the middle, which is
                                       rolled back */
        assert_ok(s, i == DEPTH / 2 ? furrow_savepoint_rollback(s) : furrow_savepoint_end(s));
    assert_int_equal(count_notes(s), DEPTH - DEPTH / 2 - 1);
    assert_status(s, FURROW_INVALID, furrow_savepoint_end(s));
    furrow_rollback(s);
    assert_status(s, FURROW_INVALID, furrow_savepoint_rollback(s));
    close_session(s);
}

static void test_savepoint__after_a_failure_only_counts_depth(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    assert_ok(s, furrow_savepoint_begin(s));
    assert_ok(s, note_insert(s, &(struct note){.body = "undone"}));
    fail_in_database(s);
    assert_int_equal(furrow_savepoint_begin(s), FURROW_ABORTED);
    assert_int_equal(note_insert(s, &(struct note){.body = "never"}), FURROW_ABORTED);
    assert_int_equal(furrow_savepoint_begin(s), FURROW_ABORTED);
    assert_int_equal(furrow_savepoint_rollback(s), FURROW_ABORTED);
    assert_int_equal(furrow_savepoint_end(s), FURROW_ABORTED);
    assert_int_equal(furrow_session_status(s), FURROW_FOREIGN_KEY);
    assert_int_equal(furrow_savepoint_end(s),
                     FURROW_FOREIGN_KEY); /* the failure was within this savepoint */
    assert_int_equal(count_notes(s), 0);
    assert_ok(s, note_insert(s, &(struct note){.body = "kept"}));
    assert_ok(s, furrow_commit(s));
    assert_int_equal(count_notes(s), 1);
    /* Outside a savepoint, a failure lasts until the transaction ends. */
    fail_by_value(s);
    assert_int_equal(furrow_savepoint_begin(s), FURROW_ABORTED);
    assert_int_equal(furrow_savepoint_end(s), FURROW_ABORTED);
    assert_int_equal(furrow_commit(s), FURROW_INVALID);
    close_session(s);
}

static void test_commit__with_a_savepoint_open_rolls_back(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    assert_ok(s, note_insert(s, &(struct note){.body = "lost"}));
    assert_ok(s, furrow_savepoint_begin(s));
    assert_status(s, FURROW_INVALID, furrow_commit(s));
    assert_string_equal(furrow_session_error(s)->message, "cannot commit with 1 savepoint open");
    assert_int_equal(count_notes(s), 0);
    assert_ok(s, furrow_commit(s));
    close_session(s);
}

static void test_read_only__refuses_every_write(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    struct note row = {.body = "kept"};
    assert_ok(s, note_insert(s, &row));
    assert_ok(s, furrow_commit(s));
    close_session(s);
    s = open_reader();
    const char *message = "cannot write in a read-only session";
    assert_status(s, FURROW_INVALID, note_insert(s, &row));
    assert_string_equal(furrow_session_error(s)->hint, "open a session without .read_only");
    furrow_rollback(s);
    assert_refused(s, FURROW_INVALID, message, note_insert(s, &row));
    assert_refused(s, FURROW_INVALID, message, note_insert_many(s, &row, 1));
    assert_refused(s, FURROW_INVALID, message, note_update(s, &row));
    assert_refused(s, FURROW_INVALID, message, note_upsert(s, &row));
    assert_refused(s, FURROW_INVALID, message, note_delete(s, &row));
    assert_refused(s, FURROW_INVALID, message, note_delete_where(s, .all_rows = true));
    assert_refused(s, FURROW_INVALID, message,
                   note_update_where(s, .set = {furrow_set(NOTE.body, "x")}, .all_rows = true));
    assert_refused(s, FURROW_INVALID, message, furrow_create_all(s, &world_schema));
    assert_refused(s, FURROW_INVALID, message, furrow_drop_all(s, &world_schema));
    furrow_rollback(s);
    assert_status(s, FURROW_INVALID, furrow_exec(s, "DELETE FROM note"));
    furrow_rollback(s);
    assert_status(s, FURROW_INVALID, furrow_exec(s, "CREATE TABLE more (id INTEGER)"));
    furrow_rollback(s);
    assert_int_equal(count_notes(s), 1);
    close_session(s);
}

static void test_read_only__sees_one_snapshot(void **state)
{
    (void)state;
    furrow_session *writer = fresh_session();
    assert_ok(writer, note_insert(writer, &(struct note){.body = "old"}));
    assert_ok(writer, furrow_commit(writer));
    if (is_memory()) { /* an in-memory database has only one connection, so the reader would wait
                          for its own thread */
        close_session(writer);
        return;
    }
    furrow_session *reader = open_reader();
    assert_int_equal(count_notes(reader), 1);
    assert_ok(writer, note_insert(writer, &(struct note){.body = "new"}));
    assert_int_equal(count_notes(reader), 1);
    assert_ok(writer, furrow_commit(writer));
    assert_int_equal(count_notes(reader), 1);
    assert_ok(reader, furrow_commit(reader));
    assert_int_equal(count_notes(reader), 2);
    close_session(reader);
    close_session(writer);
}

static atomic_bool created_too;

static void *create_all_too(void *context)
{
    furrow_engine *other = context;
    furrow_session *s = furrow_session_open(other);
    furrow_status status = furrow_create_all(s, &world_schema);
    if (status == FURROW_OK)
        status = furrow_commit(s);
    if (status)
        fprintf(stderr, "%s\n", furrow_session_error(s)->message);
    furrow_session_close(s);
    created_too = true;
    return status ? other : NULL;
}

/* Returns whether a transaction is waiting for a lock. This works only on PostgreSQL. */
static bool somebody_waits(furrow_session *s)
{
    furrow_rows *rows = NULL;
    assert_ok(s, furrow_query(s, &rows, "SELECT count(*) FROM pg_locks WHERE NOT granted"));
    assert_true(furrow_rows_next(rows));
    return furrow_row_int64(rows, 0) > 0;
}

static void test_create_all__can_run_in_two_programs_at_once(void **state)
{
    (void)state;
    if (is_memory())
        return;
    furrow_session *s = fresh_session();
    furrow_engine *other = NULL;
    furrow_error error = {0};
    pthread_t thread;
    void *failed = NULL;
    assert_ok(s, furrow_drop_all(s, &world_schema));
    assert_ok(s, furrow_commit(s));
    assert_int_equal(furrow_engine_open(&other, database_url, &error), FURROW_OK);
    assert_ok(s, furrow_create_all(s, &world_schema));
    created_too = false;
    assert_int_equal(pthread_create(&thread, NULL, create_all_too, other), 0);
    while (is_postgresql() && !created_too && !somebody_waits(s))
        ;
    assert_ok(s, furrow_commit(s)); /* the other thread now finds the tables and creates nothing */
    pthread_join(thread, &failed);
    furrow_engine_close(other);
    assert_null(failed);
    assert_int_equal(count_notes(s), 0);
    close_session(s);
}

static void test_session__refuses_a_second_writer_on_its_thread_on_sqlite(void **state)
{
    (void)state;
    furrow_session *first = fresh_session();
    assert_ok(first, note_insert(first, &(struct note){.body = "first"}));
    furrow_session *second = open_session();
    furrow_status status = note_insert(second, &(struct note){.body = "second"});
    if (is_postgresql()) {
        assert_ok(second, status);
        assert_ok(second, furrow_commit(second));
    } else {
        assert_int_equal(status, FURROW_INVALID);
        char place[32];
        snprintf(place, sizeof place, "session_test.c:");
        const furrow_error *e = furrow_session_error(second);
        assert_true(strstr(e->message, place) || strstr(e->hint, place));
        furrow_rollback(second);
        assert_ok(first, furrow_commit(first)); /* the failure did not affect the first session;
                                                   after its commit, the second session can write */
        assert_ok(second, note_insert(second, &(struct note){.body = "second"}));
        assert_ok(second, furrow_commit(second));
    }
    assert_ok(first, furrow_commit(first));
    assert_int_equal(count_notes(first), 2);
    close_session(first);
    close_session(second);
}

struct script {
    int calls, fail_until;
    furrow_status kept, returned;
    bool insert;
};

static furrow_status run_script(furrow_session *s, void *context)
{
    struct script *script = context;
    script->calls++;
    if (script->insert)
        note_insert(s, &(struct note){.body = "scripted"});
    if (script->fail_until && script->calls >= script->fail_until)
        return FURROW_OK;
    if (script->kept == FURROW_STALE)
        note_update(s, &(struct note){.id = 404, .body = "gone"});
    else if (script->kept)
        fail_by_value(s);
    return script->returned;
}

static void test_session__options_out_of_range_are_refused(void **state)
{
    (void)state;
    close_session(fresh_session());
    bool exists;
    furrow_session *s = furrow_session_open(engine, .isolation = (furrow_isolation)77);
    assert_status(s, FURROW_INVALID, note_exists(s, &exists));
    assert_non_null(strstr(furrow_session_error(s)->message, "isolation"));
    furrow_session_close(s);
    s = furrow_session_open(engine, .statement_timeout_ms = -7);
    assert_status(s, FURROW_INVALID, note_exists(s, &exists));
    assert_non_null(strstr(furrow_session_error(s)->message, "statement_timeout_ms"));
    furrow_session_close(s);

    struct script script = {.insert = true};
    furrow_error error = {0};
    assert_int_equal(furrow_transact(engine, run_script, &script, &error, .max_attempts = -1),
                     FURROW_INVALID);
    assert_non_null(strstr(error.message, "max_attempts"));
    assert_int_equal(script.calls, 0);
    assert_int_equal(
        furrow_transact(engine, run_script, &script, &error, .isolation = (furrow_isolation)77),
        FURROW_INVALID);
    assert_string_equal(value_of_sql("SELECT count(*) FROM note"), "0");
}

static void test_transact__repeats_only_conflicts(void **state)
{
    (void)state;
    close_session(fresh_session());
    furrow_error error = {0};
    struct script again = {.returned = FURROW_BUSY, .fail_until = 4, .insert = true};
    assert_int_equal(furrow_transact(engine, run_script, &again, &error), FURROW_OK);
    assert_int_equal(again.calls, 4);
    assert_int_equal(error.status, FURROW_OK);
    assert_string_equal(value_of_sql("SELECT count(*) FROM note"), "1");

    struct script stale = {.kept = FURROW_STALE, .insert = true};
    assert_int_equal(furrow_transact(engine, run_script, &stale, &error), FURROW_STALE);
    assert_int_equal(stale.calls, 10);
    assert_int_equal(error.status, FURROW_STALE);
    assert_string_equal(error.table, "note");

    struct script few = {.returned = FURROW_STALE};
    assert_int_equal(furrow_transact(engine, run_script, &few, &error, .max_attempts = 3),
                     FURROW_STALE);
    assert_int_equal(few.calls, 3);
    struct script one = {.returned = FURROW_BUSY};
    assert_int_equal(furrow_transact(engine, run_script, &one, NULL, .max_attempts = 1),
                     FURROW_BUSY);
    assert_int_equal(one.calls, 1);

    static const furrow_status once[] = {FURROW_COMMIT_UNKNOWN, FURROW_NOT_FOUND,
                                         FURROW_UNIQUE,         FURROW_INVALID,
                                         FURROW_DATABASE,       FURROW_DISCONNECTED};
    for (size_t i = 0; i < sizeof once / sizeof *once; i++) {
        struct script script = {.returned = once[i], .insert = true};
        assert_int_equal(furrow_transact(engine, run_script, &script, &error), once[i]);
        assert_int_equal(script.calls, 1);
        assert_int_equal(error.status, once[i]);
    }
    assert_string_equal(value_of_sql("SELECT count(*) FROM note"), "1");
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The upper limit of the wait doubles after each attempt, from 1 ms up to 256 ms, and each wait is
 * at least half of the limit. */
static void test_transact__waits_longer_after_each_attempt(void **state)
{
    (void)state;
    close_session(fresh_session());
    struct script busy = {.returned = FURROW_BUSY};
    int64_t start = now_ms();
    assert_int_equal(furrow_transact(engine, run_script, &busy, NULL), FURROW_BUSY);
    assert_int_equal(busy.calls, 10);
    assert_true(now_ms() - start >= 255);
}

/* Locks a row that another transaction has changed since this transaction began. */
static furrow_status lock_changed_row(furrow_session *s, void *is_typed)
{
    struct note_list notes;
    furrow_rows *rows;
    int64_t count;
    note_count(s, &count);
    run_sql("UPDATE note SET body = body || '.'");
    if (*(bool *)is_typed)
        return note_find(s, &notes, .lock = FURROW_LOCK_FOR_UPDATE,
                         .if_locked = FURROW_IF_LOCKED_SKIP);
    return furrow_query(s, &rows, "SELECT id FROM note FOR UPDATE SKIP LOCKED");
}

static void test_transact__explains_why_skipped_locks_conflict(void **state)
{
    (void)state;
    furrow_error error = {0};
    furrow_session *s = fresh_session();
    assert_ok(s, note_insert(s, &(struct note){.body = "queued"}));
    assert_ok(s, furrow_commit(s));
    close_session(s);
    for (int is_typed = 0; is_typed < 2 && is_postgresql(); is_typed++) {
        bool typed = is_typed;
        assert_int_equal(
            furrow_transact(engine, lock_changed_row, &typed, &error, .max_attempts = 2),
            FURROW_BUSY);
        assert_non_null(strstr(error.hint, "SKIP LOCKED"));
        assert_non_null(strstr(error.hint, "FURROW_ISOLATION_READ_COMMITTED"));
        assert_int_equal(furrow_transact(engine, lock_changed_row, &typed, &error,
                                         .max_attempts = 1,
                                         .isolation = FURROW_ISOLATION_READ_COMMITTED),
                         FURROW_OK);
    }
}

static void test_transact__prefers_the_kept_failure_to_the_return_value(void **state)
{
    (void)state;
    close_session(fresh_session());
    furrow_error error = {0};
    static const furrow_status returned[] = {FURROW_OK, FURROW_BUSY, FURROW_ABORTED, FURROW_STALE};
    for (size_t i = 0; i < 4; i++) {
        struct script script = {.kept = FURROW_INVALID, .returned = returned[i], .insert = true};
        assert_int_equal(furrow_transact(engine, run_script, &script, &error), FURROW_INVALID);
        assert_int_equal(script.calls, 1);
        assert_string_equal(error.table, "person");
    }
    assert_string_equal(value_of_sql("SELECT count(*) FROM note"), "0");
    assert_int_equal(furrow_transact(NULL, run_script, NULL, &error), FURROW_INVALID);
    assert_int_equal(furrow_transact(engine, NULL, NULL, &error), FURROW_INVALID);
    struct script writes = {.insert = true};
    assert_int_equal(furrow_transact(engine, run_script, &writes, &error, .read_only = true),
                     FURROW_INVALID);
}

enum { THREADS = 4, ADDITIONS = 25 };

static furrow_status add_one(furrow_session *s, void *context)
{
    struct word *word = NULL;
    (void)context;
    word_get(s, &word, "counter");
    if (!word)
        return FURROW_NOT_FOUND;
    word->count++;
    return word_update(s, word);
}

static void *add_many(void *failures)
{
    for (int i = 0; i < ADDITIONS; i++)
        if (furrow_transact(engine, add_one, NULL, NULL, .max_attempts = 1000))
            ++*(int *)failures;
    return NULL;
}

static void test_transact__keeps_the_additions_of_many_threads(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    assert_ok(s, word_insert(s, &(struct word){.text = "counter"}));
    assert_ok(s, furrow_commit(s));
    close_session(s);
    pthread_t threads[THREADS];
    int failures[THREADS] = {0};
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, add_many, &failures[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(failures[i], 0);
    }
    assert_string_equal(value_of_sql("SELECT count FROM word"), "100");
}

static void test_session__closes_at_the_end_of_its_scope(void **state)
{
    (void)state;
    create_fresh(&world_schema);
    {
        FURROW_AUTO_SESSION s = furrow_session_open(engine);
        assert_ok(s, note_insert(s, &(struct note){.body = "rolled back"}));
        assert_int_equal(furrow_engine_stats(engine).busy, 1);
    }
    assert_int_equal(furrow_engine_stats(engine).busy, 0);
    furrow_session *s = open_session();
    int64_t count = -1;
    assert_ok(s, note_count(s, &count));
    assert_int_equal(count, 0);
    close_session(s);
}

static void test_version__of_the_library_is_that_of_its_headers(void **state)
{
    (void)state;
    assert_string_equal(furrow_version(), FURROW_VERSION);
    assert_true(FURROW_VERSION_AT_LEAST(0, 2, 0));
    assert_false(FURROW_VERSION_AT_LEAST(FURROW_VERSION_MAJOR, FURROW_VERSION_MINOR,
                                         FURROW_VERSION_PATCH + 1));
    assert_false(FURROW_VERSION_AT_LEAST(FURROW_VERSION_MAJOR + 1, 0, 0));
}

/* A program can be compiled with headers of another version, in which a struct is shorter or longer
 * than in the library. */
static void test_structs__of_another_size_are_filled_as_far_as_they_go(void **state)
{
    (void)state;
    furrow_session *s = open_session();
    struct {
        furrow_session_statistics stats;
        uint64_t more;
    } longer;
    memset(&longer, 0xa5, sizeof longer);
    assert_ok(s, furrow_exec(s, "SELECT 1"));
    furrow_session_stats_(s, &longer.stats, sizeof longer);
    assert_int_equal(longer.stats.statements, 1);
    assert_int_equal(longer.more, 0);
    furrow_session_statistics shorter = {77, 77};
    furrow_session_stats_(s, &shorter, sizeof shorter.statements);
    assert_int_equal(shorter.statements, 1);
    assert_int_equal(shorter.rows, 77);
    close_session(s);

    furrow_error error;
    memset(&error, 0xa5, sizeof error);
    furrow_engine *other = NULL;
    struct furrow_engine_options options = {.out = &other,
                                            .url = "nothing://",
                                            .error = &error,
                                            .error_size_ = offsetof(furrow_error, hint)};
    assert_int_equal(furrow_engine_open_(sizeof options, &options), FURROW_INVALID);
    assert_int_equal(error.status, FURROW_INVALID);
    assert_true(*error.message != '\0');
    assert_int_equal((unsigned char)error.hint[0], 0xa5);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_session__keeps_the_first_failure_and_empties_outputs),
        cmocka_unit_test(test_session__may_be_null_in_every_call),
        cmocka_unit_test(test_session__rollback_keeps_the_last_error),
        cmocka_unit_test(test_session__close_without_commit_rolls_back),
        cmocka_unit_test(test_session__rows_stay_valid_after_commit_and_rollback),
        cmocka_unit_test(test_savepoint__contains_a_failure),
        cmocka_unit_test(test_savepoint__nests),
        cmocka_unit_test(test_savepoint__after_a_failure_only_counts_depth),
        cmocka_unit_test(test_commit__with_a_savepoint_open_rolls_back),
        cmocka_unit_test(test_read_only__refuses_every_write),
        cmocka_unit_test(test_read_only__sees_one_snapshot),
        cmocka_unit_test(test_create_all__can_run_in_two_programs_at_once),
        cmocka_unit_test(test_session__refuses_a_second_writer_on_its_thread_on_sqlite),
        cmocka_unit_test(test_transact__repeats_only_conflicts),
        cmocka_unit_test(test_transact__waits_longer_after_each_attempt),
        cmocka_unit_test(test_transact__explains_why_skipped_locks_conflict),
        cmocka_unit_test(test_transact__prefers_the_kept_failure_to_the_return_value),
        cmocka_unit_test(test_session__without_an_engine_says_so_in_every_call),
        cmocka_unit_test(test_session__refuses_calls_while_another_thread_is_in_a_call),
        cmocka_unit_test(test_session__may_move_to_another_thread_between_calls),
        cmocka_unit_test(test_session__reports_changes_that_are_neither_committed_nor_rolled_back),
        cmocka_unit_test(test_transact__keeps_the_additions_of_many_threads),
        cmocka_unit_test(test_session__closes_at_the_end_of_its_scope),
        cmocka_unit_test(test_session__options_out_of_range_are_refused),
        cmocka_unit_test(test_version__of_the_library_is_that_of_its_headers),
        cmocka_unit_test(test_structs__of_another_size_are_filled_as_far_as_they_go),
    };
    return RUN_CONFORMANCE(argc, argv, tests);
}
