/* SPDX-License-Identifier: MIT
 * The fixture of the SQLite driver's tests: a model with a field of every type, and for each test a
 * database file in its own folder. */
#ifndef FURROW_TESTS_SQLITE_FIXTURE_H
#define FURROW_TESTS_SQLITE_FIXTURE_H

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include <furrow/driver.h>

#include "base/arena.h"
#include "base/calendar.h"

static const furrow_driver *const driver = &furrow_driver_sqlite;

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
};

static const furrow_model every_model;
#define COLUMN(i, n, t, f, ...)                                                                    \
    {                                                                                              \
        .name = #n, .field = #n, .model = &every_model, .type = FURROW_TYPE_##t, .flags = (f),     \
        .index = (i), .size = sizeof((struct every *)0)->n, .offset = offsetof(struct every, n),   \
        __VA_ARGS__                                                                                \
    }
#define MAYBE(i, n, t)                                                                             \
    {                                                                                              \
        .name = #n, .field = #n, .model = &every_model, .type = FURROW_TYPE_##t,                   \
        .flags = FURROW_COLUMN_NULLABLE | FURROW_COLUMN_OPT, .index = (i),                         \
        .size = sizeof((struct every *)0)->n.value, .offset = offsetof(struct every, n.value),     \
        .has_offset = offsetof(struct every, n.has)                                                \
    }
enum {
    ID,
    FLAG,
    SMALL,
    MEDIUM,
    LARGE,
    SINGLE,
    REAL,
    TEXT,
    CHARS,
    BLOB,
    TIME,
    DATE,
    UUID,
    DECIMAL,
    JSON,
    FRUIT,
    MAYBE_INT,
    MAYBE_TIME,
    MAYBE_REAL,
    COLUMNS
};
static const furrow_column every_columns[COLUMNS] = {
    COLUMN(ID, id, INT64, FURROW_COLUMN_PRIMARY_KEY | FURROW_COLUMN_ASSIGNED, ),
    COLUMN(FLAG, flag, BOOL, 0, ),
    COLUMN(SMALL, small, INT16, 0, ),
    COLUMN(MEDIUM, medium, INT32, 0, ),
    COLUMN(LARGE, large, INT64, 0, ),
    COLUMN(SINGLE, single, FLOAT, 0, ),
    COLUMN(REAL, real, DOUBLE, 0, ),
    COLUMN(TEXT, text, TEXT, FURROW_COLUMN_NULLABLE, ),
    COLUMN(CHARS, chars, CHARS, 0, ),
    COLUMN(BLOB, blob, BLOB, FURROW_COLUMN_NULLABLE, ),
    COLUMN(TIME, time, TIME, 0, ),
    COLUMN(DATE, date, DATE, 0, ),
    COLUMN(UUID, uuid, UUID, 0, ),
    COLUMN(DECIMAL, decimal, DECIMAL, 0, .precision = 18, .scale = 4),
    COLUMN(JSON, json, JSON, FURROW_COLUMN_NULLABLE, ),
    COLUMN(FRUIT, fruit, ENUM, 0, .enumeration = &fruit_enum),
    MAYBE(MAYBE_INT, maybe, INT32),
    MAYBE(MAYBE_TIME, maybe_time, TIME),
    MAYBE(MAYBE_REAL, maybe_real, DOUBLE),
};
static const furrow_model every_model = {.format = FURROW_FORMAT_VERSION,
                                         .name = "every",
                                         .table = "every",
                                         .size = sizeof(struct every),
                                         .columns = every_columns,
                                         .column_count = COLUMNS};
#define EVERY_DDL(suffix)                                                                          \
    "CREATE TABLE every (id INTEGER PRIMARY KEY AUTOINCREMENT, flag INTEGER NOT NULL, small "      \
    "INTEGER NOT NULL, medium INTEGER NOT NULL, large INTEGER NOT NULL, single REAL NOT NULL, "    \
    "real REAL NOT NULL, text TEXT, chars TEXT NOT NULL, blob BLOB, time TEXT NOT NULL, date "     \
    "TEXT NOT NULL, uuid TEXT NOT NULL, decimal INTEGER NOT NULL, json TEXT, fruit TEXT NOT "      \
    "NULL, maybe INTEGER, maybe_time TEXT, maybe_real REAL)" suffix

typedef struct fixture {
    char folder[64], url[160], path[128];
    furrow_connection *c;
    furrow_arena arena;
    furrow_error error;
    const furrow_column *all[COLUMNS];
} fixture;

static inline void connect_again(fixture *f, bool read_only)
{
    driver->close(f->c);
    f->c = NULL;
    struct furrow_connect_options options = {
        .url = f->url, .read_only = read_only, .busy_timeout_ms = 50};
    assert_int_equal(driver->open(&f->c, &options, &f->error), FURROW_OK);
}

static inline int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    snprintf(f->folder, sizeof f->folder, "/tmp/furrow-sqlite-XXXXXX");
    if (!f || !mkdtemp(f->folder))
        return -1;
    snprintf(f->path, sizeof f->path, "%s/a b.db", f->folder);
    snprintf(f->url, sizeof f->url, "sqlite:///%s/a%%20b.db", f->folder);
    for (int i = 0; i < COLUMNS; i++)
        f->all[i] = &every_columns[i];
    connect_again(f, false);
    *state = f;
    return 0;
}

static inline int tear_down(void **state)
{
    fixture *f = *state;
    char command[160];
    driver->close(f->c);
    furrow__arena_done(&f->arena);
    snprintf(command, sizeof command, "rm -r '%s'", f->folder);
    int failed = system(command);
    free(f);
    return failed;
}

static inline furrow_statement *prepare(fixture *f, const char *text)
{
    furrow_statement *s;
    furrow_status status = driver->prepare(
        f->c, &s, &(furrow_statement_text){.text = text, .size = strlen(text)}, &f->error);
    if (status)
        fail_msg("%s: %s", text, f->error.message);
    return s;
}

/* Runs a statement to its end and returns its status. */
static inline furrow_status run(fixture *f, const char *text, bool raw)
{
    furrow_statement *s;
    bool row = true;
    furrow_status status =
        driver->prepare(f->c, &s, &(furrow_statement_text){text, strlen(text), raw}, &f->error);
    if (status == FURROW_OK)
        status = driver->execute(s, &f->error);
    while (status == FURROW_OK && row)
        status = driver->step(s, &row, &f->error);
    driver->finalize(s);
    return status;
}

static inline void must(fixture *f, const char *text)
{
    if (run(f, text, false))
        fail_msg("%s: %s", text, f->error.message);
}

static inline int64_t count_of(fixture *f, const char *text)
{
    furrow_value value;
    bool row;
    furrow_statement *s = prepare(f, text);
    assert_int_equal(driver->execute(s, &f->error), FURROW_OK);
    assert_int_equal(driver->step(s, &row, &f->error), FURROW_OK);
    assert_true(row);
    assert_int_equal(driver->read_value(s, 0, &value, &f->arena, &f->error), FURROW_OK);
    assert_int_equal(value.type, FURROW_TYPE_INT64);
    driver->finalize(s);
    return value.as.integer;
}

#define INSERT_EVERY                                                                               \
    "INSERT INTO every VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, " \
    "?16, ?17, ?18, ?19)"

static inline void insert(fixture *f, const struct every *row)
{
    bool more = true;
    furrow_statement *s = prepare(f, INSERT_EVERY);
    if (driver->bind_row(s, 0, (furrow_column_list){f->all, COLUMNS}, row, &f->error) ||
        driver->execute(s, &f->error) || driver->step(s, &more, &f->error))
        fail_msg("%s", f->error.message);
    assert_false(more);
    assert_int_equal(s->changed, 1);
    driver->finalize(s);
}

static inline furrow_status get(fixture *f, int64_t id, struct every *out)
{
    bool row;
    furrow_value key = {.type = FURROW_TYPE_INT64, .as.integer = id};
    furrow_statement *s = prepare(f, "SELECT * FROM every WHERE id = ?1");
    assert_int_equal(driver->bind(s, 0, &every_columns[ID], &key, &f->error), FURROW_OK);
    assert_int_equal(driver->execute(s, &f->error), FURROW_OK);
    assert_int_equal(driver->step(s, &row, &f->error), FURROW_OK);
    assert_true(row);
    memset(out, 0x55, sizeof *out);
    furrow_status status =
        driver->read_row(s, (furrow_column_list){f->all, COLUMNS}, out, &f->arena, &f->error);
    driver->finalize(s);
    return status;
}

static inline void assert_same(const struct every *a, const struct every *b)
{
    assert_int_equal(a->flag, b->flag);
    assert_int_equal(a->small, b->small);
    assert_int_equal(a->medium, b->medium);
    assert_int_equal(a->large, b->large);
    assert_memory_equal(&a->single, &b->single, sizeof a->single);
    assert_memory_equal(&a->real, &b->real, sizeof a->real);
    assert_int_equal(!a->text, !b->text);
    if (a->text)
        assert_string_equal(a->text, b->text);
    assert_string_equal(a->chars, b->chars);
    assert_int_equal(!a->blob.bytes, !b->blob.bytes);
    assert_int_equal(a->blob.size, b->blob.size);
    if (a->blob.size)
        assert_memory_equal(a->blob.bytes, b->blob.bytes, a->blob.size);
    assert_int_equal(a->time.us, b->time.us);
    assert_int_equal(a->date.days, b->date.days);
    assert_memory_equal(&a->uuid, &b->uuid, sizeof a->uuid);
    assert_int_equal(a->decimal.unscaled, b->decimal.unscaled);
    assert_int_equal(a->decimal.scale, b->decimal.scale);
    assert_int_equal(!a->json.text, !b->json.text);
    if (a->json.text)
        assert_string_equal(a->json.text, b->json.text);
    assert_int_equal(a->fruit, b->fruit);
    assert_int_equal(a->maybe.has, b->maybe.has);
    assert_int_equal(a->maybe_time.has, b->maybe_time.has);
    assert_int_equal(a->maybe_real.has, b->maybe_real.has);
    if (a->maybe.has)
        assert_int_equal(a->maybe.value, b->maybe.value);
    if (a->maybe_time.has)
        assert_int_equal(a->maybe_time.value.us, b->maybe_time.value.us);
    if (a->maybe_real.has)
        assert_memory_equal(&a->maybe_real.value, &b->maybe_real.value, sizeof(double));
}

static inline size_t rows_of(fixture *f, furrow_statement *s)
{
    bool row = true;
    size_t count = 0;
    assert_int_equal(driver->execute(s, &f->error), FURROW_OK);
    while (driver->step(s, &row, &f->error) == FURROW_OK && row)
        count++;
    return count;
}

#endif
