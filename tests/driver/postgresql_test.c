/* SPDX-License-Identifier: MIT
 * The PostgreSQL driver by itself, on the server that FURROW_TEST_POSTGRESQL names, in a schema of its
 * own. Skipped without that variable. */
#include <float.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libpq-fe.h>

#include <furrow/driver.h>

#include "base/arena.h"
#include "base/calendar.h"
#include "faults/proxy.h"

static const furrow_driver *const driver = &furrow_driver_postgresql;
static const char *server_url;

/* ---- memory that can fail ---- */

static long allocations, fail_at = -1, balance;

static void *test_allocate(size_t size, void *context)
{
    (void)context;
    if (allocations++ == fail_at)
        return NULL;
    balance++;
    return malloc(size);
}

static void *test_reallocate(void *block, size_t size, void *context)
{
    (void)context;
    if (allocations++ == fail_at)
        return NULL;
    balance += !block;
    return realloc(block, size);
}

static void test_release(void *block, void *context)
{
    (void)context;
    balance -= block != NULL;
    free(block);
}

/* ---- a model of every type ---- */

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
    {.name = #n, .field = #n, .model = &every_model, .type = FURROW_TYPE_##t, .size = SIZE(n),     \
     .offset = offsetof(struct every, n), __VA_ARGS__}
#define MAYBE(n, t)                                                                                \
    {.name = #n, .field = #n, .model = &every_model, .type = FURROW_TYPE_##t,                      \
     .size = SIZE(n.value), .offset = offsetof(struct every, n.value),                             \
     .has_offset = offsetof(struct every, n.has),                                                  \
     .flags = FURROW_COLUMN_NULLABLE | FURROW_COLUMN_OPT}
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

static const char create_every[] =
    "CREATE TABLE every (id bigint PRIMARY KEY, flag boolean NOT NULL, small smallint NOT NULL, "
    "medium integer NOT NULL, large bigint NOT NULL, single real NOT NULL, "
    "\"real\" double precision NOT NULL, text text NOT NULL, chars varchar(7) NOT NULL, "
    "blob bytea NOT NULL, \"time\" timestamptz NOT NULL, date date NOT NULL, uuid uuid NOT NULL, "
    "\"decimal\" numeric(18, 4) NOT NULL, json jsonb NOT NULL, fruit text NOT NULL, maybe integer, "
    "maybe_time timestamptz, maybe_real double precision, note text, picture bytea)";
static const char insert_every[] =
    "INSERT INTO every VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, "
    "$16, $17, $18, $19, $20, $21)";

/* ---- a connection for each test ---- */

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

static furrow_status open_url(fixture *f, furrow_connection **out, const char *url)
{
    struct furrow_connect_options options = {.url = url, .prepare = true};
    return driver->open(out, &options, &f->error);
}

static furrow_status try(fixture *f, furrow_connection *c, const char *sql)
{
    furrow_statement *s;
    furrow_status status = driver->prepare(c, &s, sql, strlen(sql), false, &f->error);
    if (status == FURROW_OK)
        status = driver->execute(s, &f->error);
    driver->finalize(s);
    return status;
}

static void run(fixture *f, const char *sql)
{
    OK(try(f, f->c, sql));
}

/* The first value of the first row. */
static furrow_value ask(fixture *f, const char *sql)
{
    furrow_statement *s;
    furrow_value value;
    bool row;
    OK(driver->prepare(f->c, &s, sql, strlen(sql), false, &f->error));
    OK(driver->execute(s, &f->error));
    OK(driver->step(s, &row, &f->error));
    assert_true(row);
    OK(driver->read_value(s, 0, &value, &f->arena, &f->error));
    driver->finalize(s);
    return value;
}

static int64_t count_of(fixture *f, const char *sql)
{
    return ask(f, sql).as.integer;
}

static int set_up(void **state)
{
    static fixture fixtures[1];
    fixture *f = fixtures;
    *f = (fixture){0};
    *state = f;
    for (int i = 0; i < COLUMNS; i++)
        columns[i] = &every_columns[i];
    if (open_url(f, &f->c, server_url))
        return -1;
    return try(f, f->c, "DROP SCHEMA IF EXISTS furrow_driver CASCADE") ||
           try(f, f->c, "CREATE SCHEMA furrow_driver") ||
           try(f, f->c, "SET search_path = furrow_driver");
}

static int tear_down(void **state)
{
    fixture *f = *state;
    driver->close(f->c);
    furrow_connection *c;
    int answer = open_url(f, &c, server_url) || try(f, c, "DROP SCHEMA furrow_driver CASCADE");
    driver->close(c);
    furrow__arena_done(&f->arena);
    return answer;
}

static furrow_statement *prepare(fixture *f, const char *sql)
{
    furrow_statement *s;
    OK(driver->prepare(f->c, &s, sql, strlen(sql), false, &f->error));
    return s;
}

static furrow_value integer(int64_t number)
{
    return (furrow_value){.type = FURROW_TYPE_INT64, .as.integer = number};
}

static furrow_value text(const char *words)
{
    return (furrow_value){.type = FURROW_TYPE_TEXT, .as.text = words};
}

/* ---- every type ---- */

static char all_bytes[256], long_text[1 << 20];

static struct every sample(int which)
{
    struct every e = {.id = which + 1, .text = "", .json = {"null"}, .blob = {"", 0}};
    if (which == 1) { /* the least */
        e.small = INT16_MIN;
        e.medium = INT32_MIN;
        e.large = INT64_MIN;
        e.single = -FLT_MAX;
        e.real = -DBL_TRUE_MIN;
        e.time.us = FURROW__TIME_MIN;
        e.date.days = FURROW__DATE_MIN;
        e.decimal = (furrow_decimal){-999999999999999999, 4};
        e.fruit = PLUM;
        e.text = "\xF0\x9F\x8D\x90 na\xC3\xAFve 'quoted\" \\ $1 ?";
        memcpy(e.chars, "abcdefg", 8);
        e.blob = (furrow_blob){all_bytes, sizeof all_bytes};
    } else if (which == 2) { /* the greatest */
        e.flag = true;
        e.small = INT16_MAX;
        e.medium = INT32_MAX;
        e.large = INT64_MAX;
        e.single = HUGE_VALF;
        e.real = DBL_MAX;
        e.time.us = FURROW__TIME_MAX;
        e.date.days = FURROW__DATE_MAX;
        memset(e.uuid.bytes, 0xFF, sizeof e.uuid.bytes);
        e.decimal = (furrow_decimal){999999999999999999, 4};
        e.fruit = PEAR;
        e.text = long_text;
        e.json.text = "{\"a\": [1, 2.50, \"\xC3\xA9\"]}";
        furrow_put(e.maybe, 0);
        furrow_put(e.maybe_time, (furrow_time){0});
        furrow_put(e.maybe_real, -HUGE_VAL);
        e.note = "";
        e.picture = (furrow_blob){"", 0};
    }
    return e;
}

static void assert_same(const struct every *a, const struct every *b)
{
    assert_true(a->id == b->id && a->flag == b->flag && a->small == b->small);
    assert_true(a->medium == b->medium && a->large == b->large);
    assert_true(a->single == b->single && a->real == b->real);
    assert_string_equal(a->text, b->text);
    assert_memory_equal(a->chars, b->chars, sizeof a->chars);
    assert_int_equal(a->blob.size, b->blob.size);
    assert_memory_equal(a->blob.bytes, b->blob.bytes, a->blob.size);
    assert_true(a->time.us == b->time.us && a->date.days == b->date.days);
    assert_memory_equal(&a->uuid, &b->uuid, sizeof a->uuid);
    assert_true(a->decimal.unscaled == b->decimal.unscaled);
    assert_int_equal(b->decimal.scale, 4);
    assert_string_equal(a->json.text, b->json.text);
    assert_true(a->fruit == b->fruit);
    assert_true(a->maybe.has == b->maybe.has && a->maybe.value == b->maybe.value);
    assert_true(a->maybe_time.has == b->maybe_time.has);
    assert_true(a->maybe_real.has == b->maybe_real.has);
    assert_true(a->maybe_real.value == b->maybe_real.value);
    assert_true(!a->note == !b->note && !a->picture.bytes == !b->picture.bytes);
}

static void prepare_bytes(void)
{
    for (int i = 0; i < 256; i++)
        all_bytes[i] = (char)i;
    memset(long_text, 'x', sizeof long_text - 1);
}

static void round_trip(fixture *f)
{
    prepare_bytes();
    run(f, create_every);
    struct every rows[3] = {sample(0), sample(1), sample(2)}, read[3];
    rows[0].decimal.scale = rows[1].decimal.scale = 4;
    furrow_statement *insert = prepare(f, insert_every);
    for (int i = 0; i < 3; i++) {
        OK(driver->bind_row(insert, 0, columns, COLUMNS, &rows[i], &f->error));
        OK(driver->execute(insert, &f->error));
        assert_int_equal(insert->changed, 1);
        driver->reset_statement(insert);
    }
    furrow_statement *select = prepare(f, "SELECT * FROM every ORDER BY id");
    assert_int_equal(select->column_count, COLUMNS);
    assert_string_equal(driver->column_name(select, 3), "medium");
    OK(driver->execute(select, &f->error));
    assert_int_equal(driver->row_count(select), 3);
    bool row;
    for (int i = 0; i < 3; i++) {
        memset(&read[i], 0xEE, sizeof read[i]);
        OK(driver->step(select, &row, &f->error));
        assert_true(row);
        OK(driver->read_row(select, columns, COLUMNS, &read[i], &f->arena, &f->error));
        assert_same(&rows[i], &read[i]);
    }
    OK(driver->step(select, &row, &f->error));
    assert_false(row);
}

static void test_postgresql__every_type_comes_back(void **state)
{
    round_trip(*state);
}

static void test_postgresql__every_type_comes_back_without_prepared_statements(void **state)
{
    fixture *f = *state;
    struct furrow_connect_options options = {.url = server_url, .prepare = false};
    driver->close(f->c);
    OK(driver->open(&f->c, &options, &f->error));
    run(f, "SET search_path = furrow_driver");
    round_trip(f);
    assert_int_equal(count_of(f, "SELECT count(*) FROM pg_prepared_statements WHERE name <> ''"), 0);
}

/* One array of each column, UNNEST of them all, and back by = ANY. */
static void test_postgresql__arrays_carry_every_type(void **state)
{
    fixture *f = *state;
    prepare_bytes();
    run(f, create_every);
    struct every rows[3] = {sample(0), sample(1), sample(2)};
    furrow_statement *s = prepare(
        f, "INSERT INTO every SELECT * FROM unnest($1::bigint[], $2::boolean[], $3::smallint[], "
           "$4::integer[], $5::bigint[], $6::real[], $7::double precision[], $8::text[], "
           "$9::text[], $10::bytea[], $11::timestamptz[], $12::date[], $13::uuid[], "
           "$14::numeric[], $15::jsonb[], $16::text[], $17::integer[], $18::timestamptz[], "
           "$19::double precision[], $20::text[], $21::bytea[])");
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < COLUMNS; i++) {
            const furrow_column *c = columns[i];
            ptrdiff_t has = c->flags & FURROW_COLUMN_OPT
                                ? (ptrdiff_t)c->has_offset - (ptrdiff_t)c->offset
                                : 0;
            OK(driver->bind_array(s, i, c, (char *)rows + c->offset, sizeof *rows, has, 3,
                                  &f->error));
        }
        OK(driver->execute(s, &f->error));
        assert_int_equal(s->changed, 3);
        driver->reset_statement(s);
        for (int i = 0; i < 3; i++)
            rows[i].id += 100;
    }
    int64_t keys[] = {3, 77, 1};
    furrow_statement *any = prepare(f, "SELECT * FROM every WHERE id = ANY($1) ORDER BY id");
    OK(driver->bind_array(any, 0, columns[0], keys, sizeof *keys, 0, 3, &f->error));
    OK(driver->execute(any, &f->error));
    assert_int_equal(driver->row_count(any), 2);
    for (int i = 0; i < 3; i += 2) {
        struct every wanted = sample(i), read;
        bool row;
        OK(driver->step(any, &row, &f->error));
        OK(driver->read_row(any, columns, COLUMNS, &read, &f->arena, &f->error));
        assert_same(&wanted, &read);
    }
    driver->reset_statement(any);
    OK(driver->bind_array(any, 0, columns[0], keys, sizeof *keys, 0, 0, &f->error));
    OK(driver->execute(any, &f->error));
    assert_int_equal(driver->row_count(any), 0);
}

static void test_postgresql__numeric_is_exact(void **state)
{
    fixture *f = *state;
    static const furrow_decimal values[] = {
        {0, 0},    {0, 18},   {1, 0},          {-1, 18},        {10000, 0},      {10000, 4},
        {99999, 5}, {100000000, 0}, {123456789, 3}, {-5, 1},      {INT64_MAX, 0},  {INT64_MIN, 0},
        {INT64_MAX, 18}, {INT64_MIN, 18}, {1, 4},  {1, 5},        {120000000, 7}, {INT64_MAX, 17}};
    furrow_statement *s = prepare(f, "SELECT $1::numeric::text, $1");
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        furrow_value value = {.type = FURROW_TYPE_DECIMAL, .as.decimal = values[i]}, read;
        char wanted[FURROW_DECIMAL_SIZE];
        bool row;
        furrow_decimal_format(values[i], wanted, sizeof wanted);
        OK(driver->bind(s, 0, NULL, &value, &f->error));
        OK(driver->execute(s, &f->error));
        OK(driver->step(s, &row, &f->error));
        OK(driver->read_value(s, 0, &read, &f->arena, &f->error));
        assert_string_equal(read.as.text, wanted);
        OK(driver->read_value(s, 1, &read, &f->arena, &f->error));
        assert_int_equal(read.type, FURROW_TYPE_DECIMAL);
        assert_true(read.as.decimal.unscaled == values[i].unscaled);
        assert_int_equal(read.as.decimal.scale, values[i].scale);
        driver->reset_statement(s);
    }
    assert_string_equal(ask(f, "SELECT 12345678901234567890.5").as.text, "12345678901234567890.5");
    assert_string_equal(ask(f, "SELECT -1e30::numeric").as.text,
                        "-1000000000000000000000000000000");
    assert_string_equal(ask(f, "SELECT 0.00000000000000000001").as.text, "0.00000000000000000001");
    assert_string_equal(ask(f, "SELECT 'NaN'::numeric").as.text, "NaN");
    furrow_value average = ask(f, "SELECT avg(x) FROM (VALUES (1), (2)) AS v (x)");
    furrow_decimal half;
    assert_true(furrow_decimal_rescale(average.as.decimal, 1, &half) && half.unscaled == 15);
    assert_true(ask(f, "SELECT sum(9223372036854775807::bigint)").as.decimal.unscaled == INT64_MAX);
}

/* ---- values and the types of parameters ---- */

static void refuses(fixture *f, const char *sql, furrow_value value, const char *wanted)
{
    furrow_statement *s = prepare(f, sql);
    IS(driver->bind(s, 0, NULL, &value, &f->error), FURROW_INVALID);
    assert_string_equal(f->error.message, wanted);
    driver->finalize(s);
}

static const char *gives(fixture *f, const char *sql, furrow_value value)
{
    furrow_statement *s = prepare(f, sql);
    furrow_value read;
    bool row;
    OK(driver->bind(s, 0, NULL, &value, &f->error));
    OK(driver->execute(s, &f->error));
    OK(driver->step(s, &row, &f->error));
    OK(driver->read_value(s, 0, &read, &f->arena, &f->error));
    assert_int_equal(read.type, FURROW_TYPE_TEXT);
    driver->finalize(s);
    return read.as.text;
}

static void test_postgresql__values_become_the_parameter_s_type_or_are_refused(void **state)
{
    fixture *f = *state;
    furrow_value half = {.type = FURROW_TYPE_DOUBLE, .as.real = 0.5};
    furrow_value three = {.type = FURROW_TYPE_DOUBLE, .as.real = 3};
    furrow_value noon = {.type = FURROW_TYPE_TIME, .as.time = {43200000000}};
    refuses(f, "SELECT $1::bigint", text("12"), "value 1 is text, the server expects bigint");
    refuses(f, "SELECT $1::numeric", text("12"), "value 1 is text, the server expects numeric");
    refuses(f, "SELECT $1::smallint", integer(32768),
            "value 1 is an integer that does not fit smallint");
    refuses(f, "SELECT $1::integer", half, "value 1 is a real that does not fit integer");
    refuses(f, "SELECT $1::uuid", text("no"), "value 1 is text that does not fit uuid");
    refuses(f, "SELECT $1::date", text("2024-02-30"), "value 1 is text that does not fit date");
    refuses(f, "SELECT $1::jsonb", text("{"), "value 1 is text that does not fit jsonb");
    refuses(f, "SELECT $1::double precision", integer(INT64_MAX),
            "value 1 is an integer that does not fit double precision");
    refuses(f, "SELECT $1::bigint[]", integer(1),
            "value 1 is an integer, the server expects bigint[]");
    assert_string_equal(gives(f, "SELECT $1", integer(INT64_MIN)), "-9223372036854775808");
    assert_string_equal(gives(f, "SELECT $1", half), "0.5");
    assert_string_equal(gives(f, "SELECT $1", noon), "1970-01-01T12:00:00.000000Z");
    assert_string_equal(gives(f, "SELECT $1", text("")), "");
    assert_string_equal(gives(f, "SELECT ($1::integer + 1)::text", three), "4");
    assert_string_equal(gives(f, "SELECT ($1::numeric * 2)::text", half), "1.0");
    assert_string_equal(gives(f, "SELECT (NOT $1::boolean)::text", integer(1)), "false");
    assert_string_equal(gives(f, "SELECT $1::interval + '1 s'", text("1 day")), "1 day 00:00:01");
    assert_string_equal(gives(f, "SELECT ($1::date + 1)::text", text("2024-02-28")), "2024-02-29");
}

static void test_postgresql__types_without_a_c_form_come_as_text(void **state)
{
    fixture *f = *state;
    furrow_statement *s = prepare(
        f, "SELECT interval '90 s', 1::bigint, true, '\\x00ff'::bytea, 1.50, 0.1::real, "
           "timestamptz '1850-01-01 00:00:00.5+00', date '2024-02-29', ARRAY[1, 2], NULL::text, "
           "'{\"a\": 1}'::jsonb, '00000000-0000-0000-0000-0000000000ff'::uuid, timestamp '2024-01-01'");
    run(f, "SET timezone = 'Europe/Amsterdam'"); /* its offset of 1850 has seconds */
    OK(driver->execute(s, &f->error));
    furrow_value v[13];
    bool row;
    OK(driver->step(s, &row, &f->error));
    for (int i = 0; i < 13; i++)
        OK(driver->read_value(s, i, &v[i], &f->arena, &f->error));
    assert_string_equal(v[0].as.text, "00:01:30");
    assert_true(v[1].type == FURROW_TYPE_INT64 && v[1].as.integer == 1);
    assert_true(v[2].type == FURROW_TYPE_BOOL && v[2].as.integer == 1);
    assert_int_equal(v[3].as.blob.size, 2);
    assert_memory_equal(v[3].as.blob.bytes, "\x00\xff", 2);
    assert_true(v[4].as.decimal.unscaled == 150 && v[4].as.decimal.scale == 2);
    assert_true(v[5].as.real == (double)0.1f);
    assert_true(v[6].as.time.us == INT64_C(-3786825599500000));
    assert_int_equal(v[7].as.date.days, 19782);
    assert_string_equal(v[8].as.text, "{1,2}");
    assert_int_equal(v[9].type, FURROW_TYPE_NULL);
    assert_string_equal(v[10].as.text, "{\"a\": 1}");
    assert_int_equal(v[11].as.uuid.bytes[15], 255);
    assert_true(v[12].as.time.us == INT64_C(1704067200000000));
}

/* ---- reading what does not fit ---- */

static void misread(fixture *f, const char *sql, int column, furrow_status wanted, const char *words)
{
    struct every read;
    bool row;
    furrow_statement *s = prepare(f, sql);
    OK(driver->execute(s, &f->error));
    OK(driver->step(s, &row, &f->error));
    IS(driver->read_row(s, &columns[column], 1, &read, &f->arena, &f->error), wanted);
    assert_string_equal(f->error.message, words);
    assert_string_equal(f->error.table, "every");
    assert_string_equal(f->error.column, every_columns[column].name);
    driver->finalize(s);
}

static void test_postgresql__what_does_not_fit_its_field_names_the_column(void **state)
{
    fixture *f = *state;
    misread(f, "SELECT 32768", 2, FURROW_INVALID,
            "every.small holds a number that does not fit its field");
    misread(f, "SELECT 1.5", 4, FURROW_INVALID,
            "every.large holds a number that does not fit its field");
    misread(f, "SELECT 'abcdefgh'", 8, FURROW_INVALID,
            "every.chars holds text that is too long for its field");
    misread(f, "SELECT 'QUINCE'", 15, FURROW_INVALID,
            "every.fruit holds text that is none of its enum's names");
    misread(f, "SELECT 'infinity'::timestamptz", 10, FURROW_INVALID,
            "every.time holds a time outside the years 1 to 9999");
    misread(f, "SELECT '10000-01-01'::date", 11, FURROW_INVALID,
            "every.date: \"date\" holds a time outside the years 1 to 9999");
    misread(f, "SELECT NULL::text", 7, FURROW_INVALID,
            "every.text is NULL, which its field cannot hold");
    misread(f, "SELECT 1.00001", 13, FURROW_INVALID,
            "every.decimal holds a number that does not fit its field");
    misread(f, "SELECT 'x'", 4, FURROW_SCHEMA, "every.large is an int64_t in the model and text in "
                                               "the database");
    misread(f, "SELECT interval '1 s'", 6, FURROW_SCHEMA,
            "every.real is a double in the model and interval in the database");
}

/* ---- errors ---- */

static void assert_silent(const furrow_error *error, const char *secret)
{
    assert_null(memmem(error, sizeof *error, secret, strlen(secret)));
}

static void breaks(fixture *f, const char *sql, furrow_status wanted, const char *column,
                   const char *constraint, const char *words)
{
    furrow_statement *s = prepare(f, sql);
    furrow_value secret = text("secret-value");
    if (s->parameter_count)
        OK(driver->bind(s, 0, NULL, &secret, &f->error));
    IS(driver->execute(s, &f->error), wanted);
    assert_silent(&f->error, "secret");
    assert_string_equal(f->error.column, column);
    assert_string_equal(f->error.constraint, constraint);
    assert_string_equal(f->error.message, words);
    driver->finalize(s);
}

static void test_postgresql__errors_name_what_was_broken_and_no_value(void **state)
{
    fixture *f = *state;
    run(f, "CREATE TABLE parent (id text PRIMARY KEY, up text CONSTRAINT parent_up_fkey REFERENCES "
           "parent, \"a, b\" text, c text, UNIQUE (\"a, b\", c))");
    run(f, "CREATE TABLE child (id text, parent text CONSTRAINT child_parent_fkey REFERENCES "
           "parent, n integer CONSTRAINT small CHECK (n < 10), must text NOT NULL DEFAULT '', "
           "short varchar(3))");
    run(f, "INSERT INTO parent VALUES ('secret-value', NULL, 'secret', 'secret'), ('one', "
           "'secret-value', NULL, NULL)");
    run(f, "INSERT INTO child VALUES ('x', 'one', 1)");
    breaks(f, "INSERT INTO parent VALUES ($1)", FURROW_UNIQUE, "id", "parent_pkey",
           "\"parent\": a row with this \"id\" exists already");
    breaks(f, "INSERT INTO parent VALUES ('two', NULL, 'secret', 'secret')", FURROW_UNIQUE,
           "a, b, c", "parent_a, b_c_key",
           "\"parent\": a row with this \"a, b\", \"c\" exists already");
    breaks(f, "INSERT INTO child VALUES ('x', $1 || '!')", FURROW_FOREIGN_KEY, "parent",
           "child_parent_fkey", "\"child\": \"parent\" refers to a row of \"parent\" that is not "
                                "there");
    breaks(f, "DELETE FROM parent WHERE id = 'one'", FURROW_FOREIGN_KEY, "", "child_parent_fkey",
           "\"parent\": a row of \"child\" still refers to this one");
    breaks(f, "DELETE FROM parent WHERE id = $1", FURROW_FOREIGN_KEY, "", "parent_up_fkey",
           "\"parent\": a row of \"parent\" still refers to this one");
    breaks(f, "INSERT INTO parent VALUES ('three', $1 || '!')", FURROW_FOREIGN_KEY, "up",
           "parent_up_fkey", "\"parent\": \"up\" refers to a row of \"parent\" that is not there");
    breaks(f, "INSERT INTO child VALUES ($1, NULL, 11)", FURROW_CHECK, "", "small",
           "\"child\": check \"small\" does not hold");
    breaks(f, "INSERT INTO child (id, must) VALUES ($1, NULL)", FURROW_NOT_NULL, "must", "",
           "\"child\": \"must\" must not be NULL");
    breaks(f, "INSERT INTO child (short) VALUES ($1)", FURROW_INVALID, "", "",
           "a text is longer than its column takes");
    breaks(f, "SELECT $1::text::integer", FURROW_INVALID, "", "",
           "a text cannot be read as the type that is needed");
    breaks(f, "DO $$BEGIN RAISE 'it was %', 'secret-value'; END$$", FURROW_DATABASE, "", "",
           "a function on the server raised an exception");
    IS(try(f, f->c, "SELECT * FROM nowhere"), FURROW_SCHEMA);
    assert_string_equal(f->error.sqlstate, "42P01");
    IS(try(f, f->c, "SELECT nothing FROM child"), FURROW_SCHEMA);
    IS(try(f, f->c, "SELEC 1"), FURROW_INVALID);
    IS(try(f, f->c, "SELECT 1; SELECT 2"), FURROW_INVALID);
    IS(try(f, f->c, " /* a /* b */ */ ; -- c\n"), FURROW_INVALID);
    assert_string_equal(f->error.message, "there is no statement in the text");
}

static void refuses_url(fixture *f, const char *url, furrow_status wanted)
{
    furrow_connection *c;
    IS(open_url(f, &c, url), wanted);
    assert_null(c);
    assert_silent(&f->error, "sesame");
    assert_true(*f->error.message);
}

static void test_postgresql__no_url_shows_its_password(void **state)
{
    fixture *f = *state;
    refuses_url(f, "postgres", FURROW_INVALID);
    refuses_url(f, "postgresql://u:ses@me:sesame@localhost/db", FURROW_INVALID);
    refuses_url(f, "postgresql://u:sesame/x@localhost/db", FURROW_INVALID);
    refuses_url(f, "postgresql://u:1234/sesame@localhost/db", FURROW_INVALID);
    refuses_url(f, "postgresql://u:a@sesame@localhost/db", FURROW_INVALID);
    refuses_url(f, "postgresql://u:p?sesame@127.0.0.1:1/db?prepare=off", FURROW_DISCONNECTED);
    refuses_url(f, "postgresql://u:%zzsesame@localhost/db", FURROW_INVALID);
    refuses_url(f, "postgresql://u@localhost/db?passwort=sesame", FURROW_INVALID);
    refuses_url(f, "postgresql://u@localhost/db?prepare=sesame", FURROW_INVALID);
    refuses_url(f, "postgresql://u:sesame@localhost:99999/db", FURROW_INVALID);
    refuses_url(f, "postgresql://u:sesame@127.0.0.1:1/db", FURROW_DISCONNECTED);
    refuses_url(f, "postgresql:///db?host=/nowhere&password=sesame", FURROW_DISCONNECTED);
}

/* ---- transactions ---- */

static void test_postgresql__begin_and_savepoint_travel_with_the_statement(void **state)
{
    fixture *f = *state;
    run(f, "CREATE TABLE t (n integer)");
    furrow_statement *insert = prepare(f, "INSERT INTO t VALUES ($1)");
    furrow_value n = integer(1);
    OK(driver->begin(f->c, FURROW_SERIALIZABLE, false, &f->error));
    OK(driver->savepoint(f->c, 1, &f->error));
    OK(driver->bind(insert, 0, NULL, &n, &f->error));
    OK(driver->execute(insert, &f->error));
    assert_int_equal(insert->changed, 1);
    assert_string_equal(ask(f, "SHOW transaction_isolation").as.text, "serializable");
    OK(driver->savepoint(f->c, 2, &f->error));
    IS(try(f, f->c, "SELECT 1 / 0"), FURROW_INVALID);
    OK(driver->rollback_to(f->c, 2, &f->error));
    OK(driver->release(f->c, 2, &f->error));
    OK(driver->savepoint(f->c, 2, &f->error)); /* never sent */
    OK(driver->rollback_to(f->c, 2, &f->error));
    OK(driver->release(f->c, 2, &f->error));
    OK(driver->release(f->c, 1, &f->error));
    OK(driver->commit(f->c, &f->error));
    assert_false(f->c->in_transaction);
    assert_int_equal(count_of(f, "SELECT count(*) FROM t"), 1);

    OK(driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error));
    OK(driver->savepoint(f->c, 1, &f->error));
    OK(driver->execute(insert, &f->error));
    OK(driver->rollback_to(f->c, 1, &f->error));
    OK(driver->release(f->c, 1, &f->error));
    OK(driver->execute(insert, &f->error));
    OK(driver->rollback(f->c, &f->error));
    assert_int_equal(count_of(f, "SELECT count(*) FROM t"), 1);

    OK(driver->begin(f->c, FURROW_ISOLATION_DEFAULT, true, &f->error));
    IS(driver->execute(insert, &f->error), FURROW_INVALID);
    assert_string_equal(f->error.message, "the transaction is read-only");
    IS(driver->commit(f->c, &f->error), FURROW_ABORTED);
    assert_false(f->c->in_transaction);
    OK(driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error));
    OK(driver->commit(f->c, &f->error)); /* nothing was sent, nothing is */
    OK(driver->ping(f->c, &f->error));
}

static void test_postgresql__a_failed_prepare_fails_its_savepoint_only(void **state)
{
    fixture *f = *state;
    run(f, "CREATE TABLE t (n integer)");
    OK(driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error));
    run(f, "INSERT INTO t VALUES (1)");
    OK(driver->savepoint(f->c, 1, &f->error));
    IS(try(f, f->c, "SELECT * FROM nowhere"), FURROW_SCHEMA);
    OK(driver->rollback_to(f->c, 1, &f->error));
    OK(driver->release(f->c, 1, &f->error));
    OK(driver->commit(f->c, &f->error));
    assert_int_equal(count_of(f, "SELECT count(*) FROM t"), 1);
}

static void test_postgresql__a_changed_table_is_prepared_for_again(void **state)
{
    fixture *f = *state;
    run(f, "CREATE TABLE t (n integer)");
    run(f, "INSERT INTO t VALUES (5)");
    furrow_statement *s = prepare(f, "SELECT n FROM t");
    bool row;
    furrow_value value;
    OK(driver->execute(s, &f->error));
    run(f, "ALTER TABLE t ALTER n TYPE bigint");
    OK(driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error));
    OK(driver->execute(s, &f->error)); /* the first statement: nothing is lost by trying again */
    OK(driver->step(s, &row, &f->error));
    OK(driver->read_value(s, 0, &value, &f->arena, &f->error));
    assert_int_equal(value.as.integer, 5);
    run(f, "ALTER TABLE t ALTER n TYPE text");
    IS(driver->execute(s, &f->error), FURROW_BUSY);
    OK(driver->rollback(f->c, &f->error));
    run(f, "ALTER TABLE t ALTER n TYPE text");
    OK(driver->execute(s, &f->error));
    OK(driver->step(s, &row, &f->error));
    OK(driver->read_value(s, 0, &value, &f->arena, &f->error));
    assert_string_equal(value.as.text, "5");
}

static void test_postgresql__cursors_take_parameters(void **state)
{
    fixture *f = *state;
    bool row;
    furrow_value value = integer(5);
    OK(driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error));
    furrow_statement *declare =
        prepare(f, "DECLARE c NO SCROLL CURSOR FOR SELECT g FROM generate_series(1, $1::integer) g");
    assert_int_equal(declare->parameter_count, 1);
    OK(driver->bind(declare, 0, NULL, &value, &f->error));
    OK(driver->execute(declare, &f->error));
    furrow_statement *fetch = prepare(f, "FETCH FORWARD 3 FROM c");
    int64_t sum = 0, batches[3];
    for (int i = 0; i < 3; i++) {
        OK(driver->execute(fetch, &f->error));
        batches[i] = (int64_t)driver->row_count(fetch);
        for (;;) {
            OK(driver->step(fetch, &row, &f->error));
            if (!row)
                break;
            OK(driver->read_value(fetch, 0, &value, &f->arena, &f->error));
            sum += value.as.integer;
        }
    }
    assert_true(batches[0] == 3 && batches[1] == 2 && batches[2] == 0 && sum == 15);
    run(f, "CLOSE c");
    run(f, "DECLARE c CURSOR FOR SELECT 'other', 2"); /* the same FETCH, other columns */
    OK(driver->execute(fetch, &f->error));
    OK(driver->step(fetch, &row, &f->error));
    OK(driver->read_value(fetch, 0, &value, &f->arena, &f->error));
    assert_string_equal(value.as.text, "other");
    OK(driver->rollback(f->c, &f->error));
}

static void test_postgresql__raw_text_cannot_copy_or_end_the_transaction(void **state)
{
    fixture *f = *state;
    furrow_statement *s;
    static const char copy[] = "/* */ COPY pg_class TO STDOUT", end[] = "COMMIT";
    IS(driver->prepare(f->c, &s, copy, strlen(copy), true, &f->error), FURROW_INVALID);
    assert_null(s);
    OK(driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error));
    OK(driver->prepare(f->c, &s, end, strlen(end), true, &f->error));
    IS(driver->execute(s, &f->error), FURROW_INVALID);
    assert_false(f->c->in_transaction);
    static const char lasting[] = "SELECT set_config('client_encoding', 'LATIN1', false)";
    OK(driver->prepare(f->c, &s, lasting, strlen(lasting), true, &f->error));
    IS(driver->execute(s, &f->error), FURROW_INVALID);
    assert_true(f->c->broken);
}

static void test_postgresql__reset_undoes_what_outlives_a_transaction(void **state)
{
    fixture *f = *state;
    furrow_statement *kept = prepare(f, "SELECT 1");
    run(f, "CREATE TEMP TABLE pg_temp.here (n integer)");
    run(f, "SET work_mem = '1234kB'");
    run(f, "SELECT pg_advisory_lock(42)");
    run(f, "LISTEN somebody");
    OK(driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error));
    run(f, "CREATE TABLE public.furrow_never (n integer)");
    OK(driver->reset(f->c, &f->error));
    assert_false(f->c->in_transaction);
    assert_int_equal(count_of(f, "SELECT count(*) FROM pg_class WHERE relname IN ('here', "
                                 "'furrow_never')"), 0);
    assert_int_equal(count_of(f, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND "
                                 "pid = pg_backend_pid()"), 0);
    assert_int_equal(count_of(f, "SELECT count(*) FROM pg_listening_channels()"), 0);
    assert_string_not_equal(ask(f, "SHOW work_mem").as.text, "1234kB");
    OK(driver->execute(kept, &f->error));
}

static void test_postgresql__tables_are_described(void **state)
{
    fixture *f = *state;
    furrow_live_table table;
    run(f, "CREATE TABLE d (b text, a bigint GENERATED BY DEFAULT AS IDENTITY, c varchar(20) NOT "
           "NULL DEFAULT 'x', g integer GENERATED ALWAYS AS (1) STORED, PRIMARY KEY (c, a))");
    run(f, "CREATE VIEW v AS SELECT 1");
    run(f, "CREATE TEMP TABLE hidden (n integer)");
    OK(driver->describe_table(f->c, &table, NULL, "d", &f->arena, &f->error));
    assert_int_equal(table.column_count, 4);
    assert_null(table.schema);
    assert_string_equal(table.columns[0].type, "text");
    assert_true(table.columns[0].nullable && table.columns[0].key == 0);
    assert_string_equal(table.columns[1].default_, "GENERATED BY DEFAULT AS IDENTITY");
    assert_int_equal(table.columns[1].key, 2);
    assert_string_equal(table.columns[2].type, "character varying(20)");
    assert_string_equal(table.columns[2].default_, "'x'::character varying");
    assert_true(table.columns[2].key == 1 && !table.columns[2].nullable);
    assert_true(table.columns[3].generated && !table.columns[1].generated);
    OK(driver->describe_table(f->c, &table, "furrow_driver", "d", &f->arena, &f->error));
    assert_string_equal(table.schema, "furrow_driver");
    static const char *const none[] = {"v", "hidden", "d'; DROP TABLE d; --"};
    for (int i = 0; i < 3; i++) {
        OK(driver->describe_table(f->c, &table, NULL, none[i], &f->arena, &f->error));
        assert_null(table.columns);
    }
    OK(driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error));
    OK(driver->lock_schema(f->c, &f->error));
    assert_int_equal(count_of(f, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND "
                                 "pid = pg_backend_pid()"), 1);
}

/* ---- faults ---- */

static void add_encoded(char *out, size_t size, const char *text_)
{
    for (size_t at = strlen(out); *text_ && at + 4 < size; text_++, at += 3)
        snprintf(out + at, 4, "%%%02X", (unsigned)(unsigned char)*text_);
}

static const char *option(const PQconninfoOption *options, const char *keyword, const char *or)
{
    for (; options->keyword; options++)
        if (!strcmp(options->keyword, keyword) && options->val && *options->val)
            return options->val;
    return or;
}

/* A proxy before the tests' server, and the URL that leads through it. */
static proxy *through(char *url, size_t size)
{
    PQconninfoOption *given = PQconninfoParse(server_url, NULL);
    assert_non_null(given);
    proxy *p = proxy_open(option(given, "host", "/var/run/postgresql"),
                          (int)strtol(option(given, "port", "5432"), NULL, 10));
    assert_non_null(p);
    snprintf(url, size, "postgresql://");
    add_encoded(url, size, option(given, "user", "postgres"));
    strncat(url, ":", size - strlen(url) - 1);
    add_encoded(url, size, option(given, "password", "none"));
    size_t at = strlen(url);
    snprintf(url + at, size - at, "@127.0.0.1:%d/", proxy_port(p));
    add_encoded(url, size, option(given, "dbname", "postgres"));
    strncat(url, "?sslmode=disable&gssencmode=disable", size - strlen(url) - 1);
    PQconninfoFree(given);
    return p;
}

static void test_postgresql__a_commit_without_an_answer_is_unknown(void **state)
{
    fixture *f = *state;
    char url[1024];
    furrow_connection *c;
    run(f, "CREATE TABLE t (n integer)");
    proxy *p = through(url, sizeof url);
    OK(open_url(f, &c, url));
    OK(driver->begin(c, FURROW_ISOLATION_DEFAULT, false, &f->error));
    OK(try(f, c, "INSERT INTO furrow_driver.t VALUES (1)"));
    proxy_cut_after(p, PROXY_TO_CLIENT, 0);
    IS(driver->commit(c, &f->error), FURROW_UNKNOWN);
    assert_true(c->broken && !c->in_transaction);
    IS(driver->ping(c, &f->error), FURROW_DISCONNECTED);
    driver->close(c);

    proxy_heal(p);
    OK(open_url(f, &c, url));
    OK(driver->begin(c, FURROW_ISOLATION_DEFAULT, false, &f->error));
    OK(try(f, c, "INSERT INTO furrow_driver.t VALUES (2)"));
    proxy_reset(p);
    furrow_status lost = try(f, c, "SELECT 1");
    assert_int_equal(lost, FURROW_DISCONNECTED);
    IS(driver->commit(c, &f->error), FURROW_DISCONNECTED);
    driver->close(c);
    proxy_close(p);
    assert_int_equal(count_of(f, "SELECT count(*) FROM t WHERE n = 2"), 0);
}

static void test_postgresql__bytes_may_come_one_by_one(void **state)
{
    fixture *f = *state;
    char url[1024];
    furrow_connection *c;
    proxy *p = through(url, sizeof url);
    proxy_slice(p);
    OK(open_url(f, &c, url));
    OK(driver->begin(c, FURROW_ISOLATION_DEFAULT, false, &f->error));
    OK(driver->savepoint(c, 1, &f->error));
    OK(try(f, c, "SELECT repeat('x', 1000) FROM generate_series(1, 20)"));
    OK(driver->commit(c, &f->error));
    driver->close(c);
    proxy_close(p);
}

/* Wherever the answer to a pipeline is cut, the connection is found broken and nothing hangs. */
static void test_postgresql__a_pipeline_may_be_cut_anywhere(void **state)
{
    fixture *f = *state;
    char url[1024];
    furrow_connection *c;
    proxy *p = through(url, sizeof url);
    for (uint64_t at = 0; at < 120; at += 7) {
        proxy_heal(p);
        OK(open_url(f, &c, url));
        OK(driver->begin(c, FURROW_ISOLATION_DEFAULT, false, &f->error));
        OK(driver->savepoint(c, 1, &f->error));
        proxy_cut_after(p, at % 2 ? PROXY_TO_SERVER : PROXY_TO_CLIENT, at);
        furrow_status status = try(f, c, "SELECT 1, 'two', 3.0");
        assert_true(status == FURROW_DISCONNECTED || status == FURROW_OK);
        if (status != FURROW_OK) {
            assert_true(c->broken);
            IS(driver->rollback(c, &f->error), FURROW_DISCONNECTED);
        }
        driver->close(c);
    }
    proxy_close(p);
}

static void test_postgresql__a_terminated_backend_is_disconnected(void **state)
{
    fixture *f = *state;
    furrow_connection *c;
    OK(open_url(f, &c, server_url));
    for (int what = 0; what < 3; what++) {
        driver->close(c);
        OK(open_url(f, &c, server_url));
        furrow_connection *mine = f->c;
        f->c = c;
        int64_t pid = count_of(f, "SELECT pg_backend_pid()");
        f->c = mine;
        OK(driver->begin(c, FURROW_ISOLATION_DEFAULT, false, &f->error));
        if (what == 2)
            OK(try(f, c, "SELECT 1"));
        furrow_statement *kill = prepare(f, "SELECT pg_terminate_backend($1, 5000)");
        furrow_value value = integer(pid);
        OK(driver->bind(kill, 0, NULL, &value, &f->error));
        OK(driver->execute(kill, &f->error));
        driver->finalize(kill);
        if (what == 0)
            IS(try(f, c, "SELECT 1"), FURROW_DISCONNECTED);
        else if (what == 1)
            IS(driver->ping(c, &f->error), FURROW_DISCONNECTED);
        else
            IS(driver->commit(c, &f->error), FURROW_DISCONNECTED);
        assert_true(c->broken);
    }
    driver->close(c);
    OK(driver->ping(f->c, &f->error));
}

/* Waits by asking the server until the statement of `c` runs there, then cancels it. */
typedef struct canceller {
    furrow_connection *c;
    furrow_connection *watch;
    int64_t pid;
} canceller;

static void *cancel_once_it_runs(void *argument)
{
    canceller *job = argument;
    furrow_error error;
    furrow_statement *s;
    furrow_arena arena = {0};
    furrow_value value = integer(job->pid);
    static const char sql[] = "SELECT count(*) FROM pg_stat_activity WHERE pid = $1 AND state = "
                              "'active' AND wait_event = 'PgSleep'";
    bool row;
    if (driver->prepare(job->watch, &s, sql, strlen(sql), false, &error) == FURROW_OK) {
        do {
            value = integer(job->pid);
            if (driver->bind(s, 0, NULL, &value, &error) || driver->execute(s, &error) ||
                driver->step(s, &row, &error) ||
                driver->read_value(s, 0, &value, &arena, &error))
                break;
        } while (value.as.integer == 0);
    }
    driver->cancel(job->c);
    furrow__arena_done(&arena);
    return NULL;
}

static void test_postgresql__a_statement_can_be_cancelled_and_can_time_out(void **state)
{
    fixture *f = *state;
    run(f, "SET statement_timeout = 50");
    IS(try(f, f->c, "SELECT pg_sleep(60)"), FURROW_TIMEOUT);
    run(f, "SET statement_timeout = 0");
    canceller job = {.c = f->c, .pid = count_of(f, "SELECT pg_backend_pid()")};
    OK(open_url(f, &job.watch, server_url));
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, cancel_once_it_runs, &job), 0);
    IS(try(f, f->c, "SELECT pg_sleep(60)"), FURROW_CANCELLED);
    pthread_join(thread, NULL);
    driver->close(job.watch);
    OK(driver->ping(f->c, &f->error));
}

/* ---- out of memory ---- */

static furrow_status whole_life(fixture *f)
{
    furrow_connection *c;
    furrow_statement *s = NULL;
    furrow_live_table table;
    furrow_value value = integer(3);
    bool row;
    int64_t keys[300] = {0};
    furrow_arena arena = {0};
    furrow_status status = open_url(f, &c, server_url);
    if (!status)
        status = driver->begin(c, FURROW_ISOLATION_DEFAULT, false, &f->error);
    static const char sql[] = "SELECT $1::integer, 'text', $2::bigint[] IS NULL";
    if (!status)
        status = driver->prepare(c, &s, sql, strlen(sql), true, &f->error);
    if (!status)
        status = driver->bind(s, 0, NULL, &value, &f->error);
    if (!status)
        status = driver->bind_array(s, 1, columns[0], keys, sizeof *keys, 0, 300, &f->error);
    if (!status)
        status = driver->execute(s, &f->error);
    if (!status)
        status = driver->step(s, &row, &f->error);
    if (!status)
        status = driver->read_value(s, 1, &value, &arena, &f->error);
    if (!status)
        status = driver->describe_table(c, &table, "pg_catalog", "pg_am", &arena, &f->error);
    if (!status)
        status = driver->commit(c, &f->error);
    driver->close(c);
    furrow__arena_done(&arena);
    return status;
}

static void test_postgresql__every_allocation_may_fail(void **state)
{
    fixture *f = *state;
    long before = balance;
    furrow_status status = FURROW_NOMEM;
    for (long k = 0; status != FURROW_OK; k++) {
        allocations = 0;
        fail_at = k;
        status = whole_life(f);
        fail_at = -1;
        assert_true(status == FURROW_OK || status == FURROW_NOMEM);
        assert_int_equal(balance, before);
        assert_true(k < 500);
    }
}

int main(void)
{
    static const furrow_allocator allocator = {test_allocate, test_reallocate, test_release, NULL};
    furrow_set_allocator(&allocator);
    server_url = getenv("FURROW_TEST_POSTGRESQL");
    if (!server_url || !*server_url) {
        puts("skipped: FURROW_TEST_POSTGRESQL names no server");
        return 77;
    }
#define TEST(name) cmocka_unit_test_setup_teardown(test_postgresql__##name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_type_comes_back),
        TEST(every_type_comes_back_without_prepared_statements),
        TEST(arrays_carry_every_type),
        TEST(numeric_is_exact),
        TEST(values_become_the_parameter_s_type_or_are_refused),
        TEST(types_without_a_c_form_come_as_text),
        TEST(what_does_not_fit_its_field_names_the_column),
        TEST(errors_name_what_was_broken_and_no_value),
        TEST(no_url_shows_its_password),
        TEST(begin_and_savepoint_travel_with_the_statement),
        TEST(a_failed_prepare_fails_its_savepoint_only),
        TEST(a_changed_table_is_prepared_for_again),
        TEST(cursors_take_parameters),
        TEST(raw_text_cannot_copy_or_end_the_transaction),
        TEST(reset_undoes_what_outlives_a_transaction),
        TEST(tables_are_described),
        TEST(a_commit_without_an_answer_is_unknown),
        TEST(bytes_may_come_one_by_one),
        TEST(a_pipeline_may_be_cut_anywhere),
        TEST(a_terminated_backend_is_disconnected),
        TEST(a_statement_can_be_cancelled_and_can_time_out),
        TEST(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
