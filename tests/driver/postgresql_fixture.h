/* SPDX-License-Identifier: MIT
 * The fixture of the PostgreSQL driver's tests: an allocator that can fail, a model with a field of
 * every type, and a connection to the server of FURROW_TEST_POSTGRESQL with its own schema. */
#ifndef FURROW_TESTS_POSTGRESQL_FIXTURE_H
#define FURROW_TESTS_POSTGRESQL_FIXTURE_H

#include <float.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <furrow/driver.h>

#include "base/arena.h"
#include "base/calendar.h"

/* Each test program defines its own SCHEMA before it includes this header, because the programs run
 * in parallel on the same server. */
static const furrow_driver *const driver = &furrow_driver_postgresql;
static const char *server_url;

static long allocations, fail_at = -1, balance;

static inline void *test_allocate(size_t size, void *context)
{
    (void)context;
    if (allocations++ == fail_at)
        return NULL;
    balance++;
    return malloc(size);
}

static inline void *test_reallocate(void *block, size_t size, void *context)
{
    (void)context;
    if (allocations++ == fail_at)
        return NULL;
    balance += !block;
    return realloc(block, size);
}

static inline void test_release(void *block, void *context)
{
    (void)context;
    balance -= block != NULL;
    free(block);
}

enum fruit { APPLE = 0, PEAR = 7, PLUM = -2 };
static const furrow_enumerator fruits[] = {{"APPLE", 0}, {"PEAR", 7}, {"PLUM", -2}};
static const furrow_enum fruit_enum = {"fruit", fruits, 3};

struct every {
    int64_t id;
    bool flag;
    int16_t small;
    int32_t medium;
    int64_t large;
    float single;
    double real;
    const char *text;
    char chars[8];
    furrow_blob blob;
    furrow_time time;
    furrow_date date;
    furrow_uuid uuid;
    furrow_decimal decimal;
    furrow_json json;
    enum fruit fruit;
    furrow_opt(int32_t) maybe;
    furrow_opt(furrow_time) maybe_time;
    furrow_opt(double) maybe_real;
    const char *note;
    furrow_blob picture;
};

static const furrow_model every_model = {.name = "every", .table = "every"};
#define SIZE(n) sizeof(((struct every *)0)->n)
#define COLUMN(n, t, ...)                                                                          \
    {                                                                                              \
        .name = #n, .field = #n, .model = &every_model, .type = FURROW_TYPE_##t, .size = SIZE(n),  \
        .offset = offsetof(struct every, n), __VA_ARGS__                                           \
    }
#define MAYBE(n, t)                                                                                \
    {                                                                                              \
        .name = #n, .field = #n, .model = &every_model, .type = FURROW_TYPE_##t,                   \
        .size = SIZE(n.value), .offset = offsetof(struct every, n.value),                          \
        .has_offset = offsetof(struct every, n.has),                                               \
        .flags = FURROW_COLUMN_NULLABLE | FURROW_COLUMN_OPT                                        \
    }
static const furrow_column every_columns[] = {
    COLUMN(id, INT64, .flags = 0),
    COLUMN(flag, BOOL, .flags = 0),
    COLUMN(small, INT16, .flags = 0),
    COLUMN(medium, INT32, .flags = 0),
    COLUMN(large, INT64, .flags = 0),
    COLUMN(single, FLOAT, .flags = 0),
    COLUMN(real, DOUBLE, .flags = 0),
    COLUMN(text, TEXT, .flags = 0),
    COLUMN(chars, CHARS, .flags = 0),
    COLUMN(blob, BLOB, .flags = 0),
    COLUMN(time, TIME, .flags = 0),
    COLUMN(date, DATE, .flags = 0),
    COLUMN(uuid, UUID, .flags = 0),
    COLUMN(decimal, DECIMAL, .scale = 4, .precision = 18),
    COLUMN(json, JSON, .flags = 0),
    COLUMN(fruit, ENUM, .enumeration = &fruit_enum),
    MAYBE(maybe, INT32),
    MAYBE(maybe_time, TIME),
    MAYBE(maybe_real, DOUBLE),
    COLUMN(note, TEXT, .flags = FURROW_COLUMN_NULLABLE),
    COLUMN(picture, BLOB, .flags = FURROW_COLUMN_NULLABLE),
};
enum { COLUMNS = sizeof every_columns / sizeof *every_columns };
static const furrow_column *columns[COLUMNS];

typedef struct fixture {
    furrow_connection *c;
    furrow_arena arena;
    furrow_error error;
} fixture;

#define OK(call)                                                                                   \
    do {                                                                                           \
        furrow_status got_ = (call);                                                               \
        if (got_ != FURROW_OK)                                                                     \
            fail_msg("%s: %s: %s (%s)", #call, furrow_status_name(got_), f->error.message,         \
                     f->error.sqlstate);                                                           \
    } while (0)
#define IS(call, wanted)                                                                           \
    do {                                                                                           \
        furrow_status got_ = (call);                                                               \
        if (got_ != (wanted))                                                                      \
            fail_msg("%s: %s: %s (%s)", #call, furrow_status_name(got_), f->error.message,         \
                     f->error.sqlstate);                                                           \
        assert_int_equal(f->error.status, (wanted));                                               \
    } while (0)

static inline furrow_status open_url(fixture *f, furrow_connection **out, const char *url)
{
    struct furrow_connect_options options = {.url = url, .prepare = true};
    return driver->open(out, &options, &f->error);
}

static inline furrow_status try(fixture *f, furrow_connection *c, const char *sql)
{
    furrow_statement *s;
    furrow_status status = driver->prepare(
        c, &s, &(furrow_statement_text){.text = sql, .size = strlen(sql)}, &f->error);
    if (status == FURROW_OK)
        status = driver->execute(s, &f->error);
    driver->finalize(s);
    return status;
}

static inline void run(fixture *f, const char *sql)
{
    OK(try(f, f->c, sql));
}

/* Returns the first value of the first row. */
static inline furrow_value ask(fixture *f, const char *sql)
{
    furrow_statement *s;
    furrow_value value;
    bool row;
    OK(driver->prepare(f->c, &s, &(furrow_statement_text){.text = sql, .size = strlen(sql)},
                       &f->error));
    OK(driver->execute(s, &f->error));
    OK(driver->step(s, &row, &f->error));
    assert_true(row);
    OK(driver->read_value(s, 0, &value, &f->arena, &f->error));
    driver->finalize(s);
    return value;
}

static inline int64_t count_of(fixture *f, const char *sql)
{
    return ask(f, sql).as.integer;
}

static inline int set_up(void **state)
{
    static fixture fixtures[1];
    fixture *f = fixtures;
    *f = (fixture){0};
    *state = f;
    for (int i = 0; i < COLUMNS; i++)
        columns[i] = &every_columns[i];
    if (open_url(f, &f->c, server_url))
        return -1;
    return try(f, f->c, "DROP SCHEMA IF EXISTS " SCHEMA " CASCADE") ||
           try(f, f->c, "CREATE SCHEMA " SCHEMA) || try(f, f->c, "SET search_path = " SCHEMA);
}

static inline int tear_down(void **state)
{
    fixture *f = *state;
    driver->close(f->c);
    furrow_connection *c;
    int answer = open_url(f, &c, server_url) || try(f, c, "DROP SCHEMA " SCHEMA " CASCADE");
    driver->close(c);
    furrow__arena_done(&f->arena);
    return answer;
}

static inline furrow_statement *prepare(fixture *f, const char *sql)
{
    furrow_statement *s;
    OK(driver->prepare(f->c, &s, &(furrow_statement_text){.text = sql, .size = strlen(sql)},
                       &f->error));
    return s;
}

static inline furrow_value integer(int64_t number)
{
    return (furrow_value){.type = FURROW_TYPE_INT64, .as.integer = number};
}

static inline furrow_value text(const char *words)
{
    return (furrow_value){.type = FURROW_TYPE_TEXT, .as.text = words};
}

static inline void assert_silent(const furrow_error *error, const char *secret)
{
    assert_null(memmem(error, sizeof *error, secret, strlen(secret)));
}

/* Prepares the tests. Returns false if FURROW_TEST_POSTGRESQL is not set. */
static inline bool begin_tests(void)
{
    static const furrow_allocator allocator = {test_allocate, test_reallocate, test_release, NULL};
    furrow_set_allocator(&allocator);
    server_url = getenv("FURROW_TEST_POSTGRESQL");
    if (server_url && *server_url)
        return true;
    puts("skipped: FURROW_TEST_POSTGRESQL is not set");
    return false;
}

enum { SKIPPED = 77 };
#define TEST(name) cmocka_unit_test_setup_teardown(test_postgresql__##name, set_up, tear_down)

#endif
