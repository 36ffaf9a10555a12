/* SPDX-License-Identifier: MIT
 * Engines that share the connections of a pooler in transaction mode: pooler_test SCRIPT_SERVER.
 * With prepare=off everything works. Without this setting, a statement can be missing on the
 * server, but another engine's statement is never run in its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <furrow/furrow.h>

#include "pool/pooler.h"

enum { ROUNDS = 150 };

static pooler shared;

static furrow_engine *open_one(const char *parameters)
{
    furrow_engine *engine;
    furrow_error error;
    char url[700];
    snprintf(url, sizeof url, "%s%s", shared.url, parameters);
    if (furrow_engine_open(&engine, url, &error, .pool_size = 1,
                           .max_overflow = FURROW_NO_OVERFLOW))
        fail_msg("%s", error.message);
    return engine;
}

/* A query and its answer. */
struct question {
    bool is_second;
    int64_t number;
    int right, wrong, failed;
};

static furrow_status ask(furrow_session *s, struct question *q)
{
    furrow_rows *rows = NULL;
    furrow_status status = q->is_second
                               ? furrow_query(s, &rows, "SELECT 'second', ? + 1", q->number)
                               : furrow_query(s, &rows, "SELECT 'first', ? + 1", q->number);
    if (status) {
        q->failed++;
        return status;
    }
    bool is_right = furrow_rows_next(rows) && furrow_row_int64(rows, 1) == q->number + 1 &&
                    strcmp(furrow_row_text(rows, 0), q->is_second ? "second" : "first") == 0;
    q->right += is_right;
    q->wrong += !is_right;
    return FURROW_OK;
}

/* Two engines whose transactions overlap in varying ways, so that the pooler gives them different
 * server connections each time. */
static void overlap(const char *parameters, struct question *first, struct question *second)
{
    furrow_engine *a = open_one(parameters), *b = open_one(parameters);
    *first = (struct question){.is_second = false};
    *second = (struct question){.is_second = true};
    for (int i = 0; i < ROUNDS; i++) {
        furrow_session *x = furrow_session_open(a), *y = furrow_session_open(b);
        first->number = second->number = i;
        for (int k = 0; k < 2; k++) {
            furrow_session *s = k ? y : x;
            struct question *q = k ? second : first;
            if (i % 3 != 1 + k && ask(s, q)) {
                const furrow_error *error = furrow_session_error(s);
                assert_string_equal(error->sqlstate, "26000");
                assert_int_equal(error->status, FURROW_BUSY);
                assert_non_null(strstr(error->hint, "prepare=off"));
            }
        }
        furrow_commit(y);
        furrow_commit(x);
        furrow_session_close(y);
        furrow_session_close(x);
    }
    furrow_engine_close(a);
    furrow_engine_close(b);
}

static void test_pooler__never_runs_the_statement_of_another_connection(void **state)
{
    (void)state;
    struct question first, second;
    overlap("", &first, &second);
    assert_int_equal(first.wrong + second.wrong, 0);
    assert_true(first.right > 0 && second.right > 0);
}

static void test_pooler__works_with_prepare_off(void **state)
{
    (void)state;
    struct question first, second;
    overlap("?prepare=off", &first, &second);
    assert_int_equal(first.wrong + second.wrong + first.failed + second.failed, 0);
}

static furrow_status ask_twice(furrow_session *s, void *context)
{
    struct question *questions = context;
    ask(s, &questions[0]);
    return ask(s, &questions[1]);
}

/* If a statement is missing on the server, either the same attempt or the next one prepares it
 * there. */
static void test_pooler__works_with_transact(void **state)
{
    (void)state;
    furrow_engine *a = open_one(""), *b = open_one("");
    struct question questions[2] = {{.is_second = false}, {.is_second = true}};
    furrow_error error;
    for (int i = 0; i < ROUNDS; i++) {
        furrow_session *s = furrow_session_open(b);
        struct question other = {.number = i};
        if (i % 3)
            ask(s, &other);
        assert_int_equal(furrow_transact(a, ask_twice, questions, &error), FURROW_OK);
        furrow_session_close(s);
    }
    assert_int_equal(questions[0].wrong + questions[1].wrong, 0);
    furrow_engine_close(a);
    furrow_engine_close(b);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pooler__never_runs_the_statement_of_another_connection),
        cmocka_unit_test(test_pooler__works_with_prepare_off),
        cmocka_unit_test(test_pooler__works_with_transact),
    };
    int started = pooler_start(&shared, argc > 1 ? argv[1] : "", POOLER_SIZE);
    if (started != POOLER_STARTED)
        return started;
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    return pooler_stop(&shared) ? failures : 1;
}
