/* SPDX-License-Identifier: MIT
 * The SQLite driver by itself, on real files in a temporary folder. */
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
};

static const furrow_model every_model;
#define COLUMN(i, n, t, f, ...)                                                                    \
    {.name = #n, .field = #n, .model = &every_model, .type = FURROW_TYPE_##t, .flags = (f),        \
     .index = (i), .size = sizeof((struct every *)0)->n, .offset = offsetof(struct every, n),      \
     __VA_ARGS__}
#define MAYBE(i, n, t)                                                                             \
    {.name = #n, .field = #n, .model = &every_model, .type = FURROW_TYPE_##t,                      \
     .flags = FURROW_COLUMN_NULLABLE | FURROW_COLUMN_OPT, .index = (i),                            \
     .size = sizeof((struct every *)0)->n.value, .offset = offsetof(struct every, n.value),        \
     .has_offset = offsetof(struct every, n.has)}
enum { ID, FLAG, SMALL, MEDIUM, LARGE, SINGLE, REAL, TEXT, CHARS, BLOB, TIME, DATE, UUID, DECIMAL,
       JSON, FRUIT, MAYBE_INT, MAYBE_TIME, MAYBE_REAL, COLUMNS };
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
static const furrow_model every_model = {.format = FURROW_FORMAT_VERSION, .name = "every",
                                         .table = "every", .size = sizeof(struct every),
                                         .columns = every_columns, .column_count = COLUMNS};
#define EVERY_DDL(suffix)                                                                          \
    "CREATE TABLE every (id INTEGER PRIMARY KEY AUTOINCREMENT, flag INTEGER NOT NULL, small "      \
    "INTEGER NOT NULL, medium INTEGER NOT NULL, large INTEGER NOT NULL, single REAL NOT NULL, "    \
    "real REAL NOT NULL, text TEXT, chars TEXT NOT NULL, blob BLOB, time TEXT NOT NULL, date "     \
    "TEXT NOT NULL, uuid TEXT NOT NULL, decimal INTEGER NOT NULL, json TEXT, fruit TEXT NOT "      \
    "NULL, maybe INTEGER, maybe_time TEXT, maybe_real REAL)" suffix

/* ---- a database a test ---- */

typedef struct fixture {
    char folder[64], url[160], path[128];
    furrow_connection *c;
    furrow_arena arena;
    furrow_error error;
    const furrow_column *all[COLUMNS];
} fixture;

static void connect_again(fixture *f, bool read_only)
{
    driver->close(f->c);
    f->c = NULL;
    struct furrow_connect_options options = {.url = f->url, .read_only = read_only,
                                             .busy_timeout_ms = 50};
    assert_int_equal(driver->open(&f->c, &options, &f->error), FURROW_OK);
}

static int set_up(void **state)
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

static int tear_down(void **state)
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

static furrow_statement *prepare(fixture *f, const char *text)
{
    furrow_statement *s;
    furrow_status status = driver->prepare(f->c, &s, text, strlen(text), false, &f->error);
    if (status)
        fail_msg("%s: %s", text, f->error.message);
    return s;
}

/* Run a text to its end; its status. */
static furrow_status run(fixture *f, const char *text, bool raw)
{
    furrow_statement *s;
    bool row = true;
    furrow_status status = driver->prepare(f->c, &s, text, strlen(text), raw, &f->error);
    if (status == FURROW_OK)
        status = driver->execute(s, &f->error);
    while (status == FURROW_OK && row)
        status = driver->step(s, &row, &f->error);
    driver->finalize(s);
    return status;
}

static void must(fixture *f, const char *text)
{
    if (run(f, text, false))
        fail_msg("%s: %s", text, f->error.message);
}

static int64_t count_of(fixture *f, const char *text)
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

static void insert(fixture *f, const struct every *row)
{
    bool more;
    furrow_statement *s = prepare(f, INSERT_EVERY);
    if (driver->bind_row(s, 0, f->all, COLUMNS, row, &f->error) ||
        driver->execute(s, &f->error) || driver->step(s, &more, &f->error))
        fail_msg("%s", f->error.message);
    assert_false(more);
    assert_int_equal(s->changed, 1);
    driver->finalize(s);
}

static furrow_status get(fixture *f, int64_t id, struct every *out)
{
    bool row;
    furrow_value key = {.type = FURROW_TYPE_INT64, .as.integer = id};
    furrow_statement *s = prepare(f, "SELECT * FROM every WHERE id = ?1");
    assert_int_equal(driver->bind(s, 0, &every_columns[ID], &key, &f->error), FURROW_OK);
    assert_int_equal(driver->execute(s, &f->error), FURROW_OK);
    assert_int_equal(driver->step(s, &row, &f->error), FURROW_OK);
    assert_true(row);
    memset(out, 0x55, sizeof *out);
    furrow_status status = driver->read_row(s, f->all, COLUMNS, out, &f->arena, &f->error);
    driver->finalize(s);
    return status;
}

static void assert_same(const struct every *a, const struct every *b)
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

/* ---- round trips ---- */

static void fill_rows(struct every rows[4], char *megabyte, size_t size, uint8_t bytes[256])
{
    memset(megabyte, 'x', size - 1);
    megabyte[size - 1] = '\0';
    for (int i = 0; i < 256; i++)
        bytes[i] = (uint8_t)i;
    rows[0] = (struct every){.id = 1, .decimal.scale = 4};
    rows[1] = (struct every){.id = INT64_MIN, .flag = true, .small = INT16_MIN,
        .medium = INT32_MIN, .large = INT64_MIN, .single = -FLT_MAX, .real = -DBL_MAX, .text = "",
        .chars = "1234567", .blob = {"", 0}, .time = {FURROW__TIME_MIN},
        .date = {FURROW__DATE_MIN}, .decimal = {-999999999999999999, 4}, .json = {"[]"},
        .fruit = PLUM, .maybe = {true, INT32_MIN}, .maybe_time = {true, {0}},
        .maybe_real = furrow_some(-INFINITY)};
    rows[2] = (struct every){.id = INT64_MAX, .flag = true, .small = INT16_MAX,
        .medium = INT32_MAX, .large = INT64_MAX, .single = FLT_TRUE_MIN, .real = DBL_TRUE_MIN,
        .text = megabyte, .chars = "\xf0\x9f\x8d\x90", .blob = {bytes, 256},
        .time = {FURROW__TIME_MAX}, .date = {FURROW__DATE_MAX},
        .decimal = {999999999999999999, 4}, .json = {"{\"\xf0\x9f\x8d\x90\": null}"},
        .fruit = PEAR, .maybe = furrow_some(0),
        .maybe_time = {true, {FURROW__TIME_MAX - 1}}, .maybe_real = furrow_some(0.1)};
    rows[3] = (struct every){.id = 4, .single = INFINITY, .real = INFINITY,
        .text = "a'; DROP TABLE every; -- \x01\x7f \xc3\xa9 \xe2\x82\xac", .chars = "x",
        .time = {-1}, .date = {-1}, .decimal = {1, 4}, .maybe_real = furrow_some(5.0)};
    for (int i = 0; i < 16; i++)
        rows[1].uuid.bytes[i] = 0xff;
    for (int i = 0; i < 16; i++)
        rows[2].uuid.bytes[i] = (uint8_t)(i * 16 + i);
}

static void round_trip(fixture *f, const char *ddl)
{
    static char megabyte[(1 << 20) + 1];
    uint8_t bytes[256];
    struct every rows[4], back;
    fill_rows(rows, megabyte, sizeof megabyte, bytes);
    must(f, ddl);
    for (int i = 0; i < 4; i++)
        insert(f, &rows[i]);
    connect_again(f, false); /* what was acknowledged is on disk */
    for (int i = 0; i < 4; i++) {
        if (get(f, rows[i].id, &back))
            fail_msg("row %d: %s", i, f->error.message);
        assert_same(&back, &rows[i]);
    }
}

static void test_sqlite__every_type_comes_back_as_it_went_in(void **state)
{
    round_trip(*state, EVERY_DDL(" STRICT"));
}

static void test_sqlite__every_type_comes_back_from_a_table_without_strict(void **state)
{
    round_trip(*state, EVERY_DDL(""));
}

static void test_sqlite__storage_is_what_the_shell_shows(void **state)
{
    fixture *f = *state;
    must(f, EVERY_DDL(" STRICT"));
    insert(f, &(struct every){.id = 1, .flag = true, .chars = "abc", .time = {1700000000123456},
                              .date = {19000}, .decimal = {15000, 4}, .fruit = PEAR,
                              .real = -0.0, .blob = {"", 0}});
    assert_int_equal(count_of(f, "SELECT count(*) FROM every WHERE flag = 1 AND chars = 'abc' AND "
        "time = '2023-11-14T22:13:20.123456Z' AND date = '2022-01-08' AND uuid = "
        "'00000000-0000-0000-0000-000000000000' AND decimal = 15000 AND fruit = 'PEAR' AND "
        "typeof(blob) = 'blob' AND length(blob) = 0 AND text IS NULL AND maybe IS NULL AND "
        "typeof(real) = 'real' AND json IS NULL"), 1);
}

static void test_sqlite__dates_agree_with_sqlite(void **state)
{
    fixture *f = *state;
    furrow_statement *s = prepare(f, "SELECT julianday(?1) - 2440587.5, strftime('%Y-%m-%d', ?1)");
    for (int32_t day = FURROW__DATE_MIN; day <= FURROW__DATE_MAX; day += 97) {
        furrow_value value = {.type = FURROW_TYPE_DATE, .as.date = {day}};
        bool row;
        furrow_date back;
        const furrow_column column = {.name = "d", .model = &every_model, .type = FURROW_TYPE_DATE,
                                      .size = sizeof back};
        assert_int_equal(driver->bind(s, 0, NULL, &value, &f->error), FURROW_OK);
        assert_int_equal(driver->execute(s, &f->error), FURROW_OK);
        assert_int_equal(driver->step(s, &row, &f->error), FURROW_OK);
        assert_int_equal(driver->read_value(s, 0, &value, &f->arena, &f->error), FURROW_OK);
        assert_true(value.type == FURROW_TYPE_DOUBLE && value.as.real == (double)day);
        driver->reset_statement(s);
        (void)column;
    }
    driver->finalize(s);
}

/* ---- what plain SQL may have written ---- */

static const struct naughty {
    const char *set;
    furrow_status status;
    const char *column, *message;
} naughty[] = {
    {"flag = 2", FURROW_INVALID, "flag", "\"every\".\"flag\": the value does not fit the field"},
    {"flag = 'x'", FURROW_SCHEMA, "flag", "\"every\".\"flag\": holds TEXT where the model has a bool"},
    {"small = 32768", FURROW_INVALID, "small", NULL},
    {"small = -32769", FURROW_INVALID, "small", NULL},
    {"medium = 2147483648", FURROW_INVALID, "medium", NULL},
    {"large = 1e300", FURROW_SCHEMA, "large", NULL},
    {"large = 'secret'", FURROW_SCHEMA, "large", NULL},
    {"single = 1e39", FURROW_INVALID, "single", NULL},
    {"real = 'x'", FURROW_SCHEMA, "real", NULL},
    {"text = x'00'", FURROW_SCHEMA, "text", NULL},
    {"text = CAST(x'ff' AS TEXT)", FURROW_INVALID, "text", "\"every\".\"text\": the text is not valid UTF-8"},
    {"text = CAST(x'eda080' AS TEXT)", FURROW_INVALID, "text", NULL},
    {"text = CAST(x'6162636465666768690061' AS TEXT)", FURROW_INVALID, "text", "\"every\".\"text\": the text holds a NUL"},
    {"text = CAST(x'61626364656667686900ff' AS TEXT)", FURROW_INVALID, "text", NULL},
    {"chars = '12345678'", FURROW_INVALID, "chars", "\"every\".\"chars\": the text is longer than the 7 bytes of its field"},
    {"chars = CAST(x'6100' AS TEXT)", FURROW_INVALID, "chars", NULL},
    {"blob = 'text'", FURROW_SCHEMA, "blob", NULL},
    {"time = 'tomorrow'", FURROW_INVALID, "time", "\"every\".\"time\": the text is not a time"},
    {"time = '2023-02-29T00:00:00.000000Z'", FURROW_INVALID, "time", NULL},
    {"time = '2023-13-01T00:00:00.000000Z'", FURROW_INVALID, "time", NULL},
    {"time = '0000-01-01T00:00:00.000000Z'", FURROW_INVALID, "time", NULL},
    {"time = CAST(x'323032332d30312d30315430303a30303a30305a00' AS TEXT)", FURROW_INVALID, "time", NULL},
    {"time = x'05'", FURROW_SCHEMA, "time", NULL},
    {"date = '2023-1-1'", FURROW_INVALID, "date", NULL},
    {"date = '2023-04-31'", FURROW_INVALID, "date", NULL},
    {"uuid = 'g0000000-0000-0000-0000-000000000000'", FURROW_INVALID, "uuid", NULL},
    {"uuid = '0'", FURROW_INVALID, "uuid", NULL},
    {"decimal = 1000000000000000000", FURROW_INVALID, "decimal", NULL},
    {"decimal = 1.5", FURROW_SCHEMA, "decimal", NULL},
    {"fruit = 'MELON'", FURROW_INVALID, "fruit", "\"every\".\"fruit\": the text is no value of enum fruit"},
    {"fruit = 'PEA'", FURROW_INVALID, "fruit", NULL},
    {"fruit = 'PEARS'", FURROW_INVALID, "fruit", NULL},
    {"fruit = CAST(x'5045415200' AS TEXT)", FURROW_INVALID, "fruit", NULL},
    {"maybe = 4294967296", FURROW_INVALID, "maybe", NULL},
    /* the same value in another form */
    {"real = 5", FURROW_OK, NULL, NULL},
    {"maybe_real = 7", FURROW_OK, NULL, NULL},
    {"time = '2023-01-01 10:00:00+02:00'", FURROW_OK, NULL, NULL},
    {"time = '2023-01-01T10:00Z'", FURROW_OK, NULL, NULL},
    {"uuid = 'ABCDEF00-0000-0000-0000-00000000000F'", FURROW_OK, NULL, NULL},
};

static void test_sqlite__data_of_other_hands_is_refused_by_name(void **state)
{
    fixture *f = *state;
    must(f, EVERY_DDL(""));
    for (size_t i = 0; i < sizeof naughty / sizeof *naughty; i++) {
        const struct naughty *n = &naughty[i];
        char text[200];
        struct every back;
        must(f, "DELETE FROM every");
        insert(f, &(struct every){.id = 1});
        snprintf(text, sizeof text, "UPDATE every SET %s", n->set);
        must(f, text);
        furrow_status status = get(f, 1, &back);
        if (status != n->status)
            fail_msg("%s: %s, %s", n->set, furrow_status_name(status), f->error.message);
        if (!status)
            continue;
        assert_string_equal(f->error.table, "every");
        assert_string_equal(f->error.column, n->column);
        if (n->message)
            assert_string_equal(f->error.message, n->message);
        assert_null(strstr(f->error.message, "secret"));
    }
}

static void test_sqlite__null_where_the_field_cannot_be(void **state)
{
    fixture *f = *state;
    const furrow_column *flag = &every_columns[FLAG], *maybe = &every_columns[MAYBE_INT];
    struct every row;
    bool more;
    furrow_statement *s = prepare(f, "SELECT NULL");
    assert_int_equal(driver->execute(s, &f->error), FURROW_OK);
    assert_int_equal(driver->step(s, &more, &f->error), FURROW_OK);
    assert_int_equal(driver->read_row(s, &flag, 1, &row, &f->arena, &f->error), FURROW_SCHEMA);
    assert_string_equal(f->error.message, "\"every\".\"flag\": is NULL, and its field cannot be");
    memset(&row, 0xff, sizeof row);
    assert_int_equal(driver->read_row(s, &maybe, 1, &row, &f->arena, &f->error), FURROW_OK);
    assert_false(row.maybe.has);
    assert_int_equal(row.maybe.value, 0);
    assert_int_equal(driver->read_row(s, f->all, 2, &row, &f->arena, &f->error), FURROW_SCHEMA);
    driver->finalize(s);
}

/* ---- arrays ---- */

static size_t rows_of(fixture *f, furrow_statement *s)
{
    bool row = true;
    size_t count = 0;
    assert_int_equal(driver->execute(s, &f->error), FURROW_OK);
    while (driver->step(s, &row, &f->error) == FURROW_OK && row)
        count++;
    return count;
}

static void test_sqlite__array_of_structs_members_with_nulls(void **state)
{
    fixture *f = *state;
    struct every rows[3] = {{.maybe = furrow_some(5), .time = {1}}, {.time = {2}}, {.maybe = furrow_some(7), .time = {3}}};
    must(f, "CREATE TABLE t (x INTEGER, at TEXT)");
    must(f, "INSERT INTO t VALUES (5, '1970-01-01T00:00:00.000001Z'), (6, ''), (7, ''), (NULL, '1970-01-01T00:00:00.000003Z')");
    furrow_statement *s = prepare(f, "SELECT 1 FROM t WHERE x IN (SELECT value FROM furrow_array(?1))");
    ptrdiff_t has = (ptrdiff_t)offsetof(struct every, maybe.has) - (ptrdiff_t)offsetof(struct every, maybe.value);
    assert_int_equal(driver->bind_array(s, 0, &every_columns[MAYBE_INT], &rows[0].maybe.value, sizeof rows[0], has, 3, &f->error), FURROW_OK);
    assert_int_equal(rows_of(f, s), 2);
    driver->reset_statement(s);
    assert_int_equal(driver->bind_array(s, 0, &every_columns[MAYBE_INT], NULL, 0, 0, 0, &f->error), FURROW_OK);
    assert_int_equal(rows_of(f, s), 0);
    driver->reset_statement(s);
    assert_int_equal(rows_of(f, s), 0); /* nothing bound */
    driver->finalize(s);
    s = prepare(f, "SELECT 1 FROM t WHERE at IN (SELECT value FROM furrow_array(?1))");
    assert_int_equal(driver->bind_array(s, 0, &every_columns[TIME], &rows[0].time, sizeof rows[0], 0, 3, &f->error), FURROW_OK);
    assert_int_equal(rows_of(f, s), 2);
    driver->finalize(s);
    assert_int_equal(run(f, "SELECT * FROM furrow_array", false), FURROW_INVALID);
}

static void test_sqlite__arrays_of_a_key_are_joined_by_place(void **state)
{
    fixture *f = *state;
    int64_t a[3] = {1, 2, 3}, b[3] = {10, 20, 30};
    must(f, "CREATE TABLE t (a INTEGER, b INTEGER, PRIMARY KEY (a, b))");
    must(f, "INSERT INTO t VALUES (1, 10), (2, 10), (3, 30), (1, 30)");
    furrow_statement *s = prepare(f, "SELECT 1 FROM t WHERE (a, b) IN (SELECT k0.value, k1.value "
        "FROM furrow_array(?1) AS k0 JOIN furrow_array(?2) AS k1 ON k1.rowid = k0.rowid)");
    assert_int_equal(driver->bind_array(s, 0, &every_columns[ID], a, 8, 0, 3, &f->error), FURROW_OK);
    assert_int_equal(driver->bind_array(s, 1, &every_columns[ID], b, 8, 0, 3, &f->error), FURROW_OK);
    assert_int_equal(rows_of(f, s), 2);
    driver->finalize(s);
}

static void test_sqlite__a_bad_element_fails_by_name(void **state)
{
    fixture *f = *state;
    enum fruit bad = (enum fruit)3;
    bool row;
    furrow_statement *s = prepare(f, "SELECT value FROM furrow_array(?1)");
    assert_int_equal(driver->bind_array(s, 0, &every_columns[FRUIT], &bad, sizeof bad, 0, 1, &f->error), FURROW_OK);
    furrow_status status = driver->execute(s, &f->error);
    if (status == FURROW_OK)
        status = driver->step(s, &row, &f->error);
    assert_int_equal(status, FURROW_INVALID);
    assert_string_equal(f->error.message, "\"every\".\"fruit\": the value is none of the enum's");
    driver->finalize(s);
}

/* ---- errors ---- */

static void assert_error(fixture *f, furrow_status status, const char *message, const char *table,
                         const char *column, const char *constraint)
{
    assert_string_equal(f->error.message, message);
    assert_int_equal(f->error.status, status);
    assert_string_equal(f->error.table, table);
    assert_string_equal(f->error.column, column);
    assert_string_equal(f->error.constraint, constraint);
}

static void test_sqlite__violations_name_what_was_broken(void **state)
{
    fixture *f = *state;
    must(f, "CREATE TABLE \"items\" (\"id\" INTEGER PRIMARY KEY, \"code\" TEXT NOT NULL CONSTRAINT "
            "\"items_code_key\" UNIQUE, \"shelf\" TEXT, \"serial\" TEXT, \"odd.name, x\" INTEGER, "
            "n INTEGER CONSTRAINT \"items_n_check\" CHECK (n > 0), w INTEGER, "
            "CONSTRAINT \"items_shelf_serial_key\" UNIQUE (\"shelf\", \"serial\"), "
            "CONSTRAINT items_check CHECK (w >= 0 AND n < 1000), CHECK (w <> 13)) STRICT");
    must(f, "CREATE UNIQUE INDEX \"items_odd_idx\" ON items (\"odd.name, x\")");
    must(f, "CREATE UNIQUE INDEX items_lower_idx ON items (lower(shelf))");
    must(f, "INSERT INTO items VALUES (1, 'a', 's', 't', 5, 1, 1)");
    assert_int_equal(run(f, "INSERT INTO items VALUES (2, 'a', 'x', 'y', 6, 1, 1)", true), FURROW_UNIQUE);
    assert_error(f, FURROW_UNIQUE, "\"items\": a row with this \"code\" exists already", "items", "code", "items_code_key");
    assert_int_equal(f->error.native_code, SQLITE_CONSTRAINT_UNIQUE);
    must(f, "DROP INDEX items_lower_idx");
    run(f, "INSERT INTO items VALUES (2, 'b', 's', 't', 6, 1, 1)", true);
    assert_error(f, FURROW_UNIQUE, "\"items\": a row with this \"shelf\", \"serial\" exists already", "items", "shelf, serial", "items_shelf_serial_key");
    must(f, "CREATE UNIQUE INDEX items_lower_idx ON items (lower(shelf))");
    run(f, "INSERT INTO items VALUES (2, 'b', 'S', 't', 6, 1, 1)", true);
    assert_error(f, FURROW_UNIQUE, "\"items\": a row with the same key in \"items_lower_idx\" exists already", "items", "", "items_lower_idx");
    run(f, "INSERT INTO items VALUES (2, 'b', 'x', 't', 5, 1, 1)", true);
    assert_error(f, FURROW_UNIQUE, "\"items\": a row with this \"odd.name, x\" exists already", "items", "odd.name, x", "items_odd_idx");
    run(f, "INSERT INTO items VALUES (1, 'b', 'x', 'y', 6, 1, 1)", true);
    assert_error(f, FURROW_UNIQUE, "\"items\": a row with this \"id\" exists already", "items", "id", "");
    run(f, "INSERT INTO items VALUES (2, NULL, 'x', 'y', 6, 1, 1)", true);
    assert_error(f, FURROW_NOT_NULL, "\"items\": \"code\" must not be NULL", "items", "code", "");
    run(f, "INSERT INTO items VALUES (2, 'b', 'x', 'y', 6, 0, 1)", true);
    assert_error(f, FURROW_CHECK, "\"items\": check \"items_n_check\" does not hold", "items", "n", "items_n_check");
    run(f, "INSERT INTO items VALUES (2, 'b', 'x', 'y', 6, 1, -1)", true);
    assert_error(f, FURROW_CHECK, "\"items\": check \"items_check\" does not hold", "items", "w, n", "items_check");
    run(f, "INSERT INTO items VALUES (2, 'b', 'x', 'y', 6, 1, 13)", true);
    assert_error(f, FURROW_CHECK, "a check does not hold", "", "", "");
    assert_int_equal(run(f, "INSERT INTO items VALUES (2, x'00', 'x', 'y', 6, 1, 1)", true), FURROW_INVALID);
}

struct post { int64_t id, author_id; };
static const furrow_model author_model, post_model;
static const furrow_column author_columns[] = {{.name = "id", .model = &author_model, .type = FURROW_TYPE_INT64, .size = 8}};
static const furrow_model author_model = {.name = "author", .table = "author", .columns = author_columns, .column_count = 1};
static const furrow_column post_columns[] = {
    {.name = "id", .model = &post_model, .type = FURROW_TYPE_INT64, .size = 8},
    {.name = "author_id", .model = &post_model, .type = FURROW_TYPE_INT64, .size = 8, .offset = 8, .index = 1}};
static const uint16_t zero[] = {0}, one[] = {1};
static const furrow_foreign_key post_keys[] = {
    {.name = "post_author_id_fkey", .columns = one, .target = &author_model, .target_columns = zero, .count = 1}};
static const furrow_model post_model = {.name = "post", .table = "post", .columns = post_columns, .column_count = 2,
    .foreign_keys = post_keys, .foreign_key_count = 1};

static void test_sqlite__foreign_keys_are_explained(void **state)
{
    fixture *f = *state;
    must(f, "CREATE TABLE author (id INTEGER PRIMARY KEY)");
    must(f, "CREATE TABLE post (id INTEGER PRIMARY KEY, author_id INTEGER, CONSTRAINT post_author_id_fkey "
            "FOREIGN KEY (author_id) REFERENCES author (id))");
    must(f, "INSERT INTO author VALUES (1)");
    must(f, "INSERT INTO post VALUES (1, 1)");
    assert_int_equal(run(f, "INSERT INTO post VALUES (2, 9)", false), FURROW_FOREIGN_KEY);
    driver->explain_violation(f->c, &post_model, &(struct post){2, 9}, &f->error);
    assert_error(f, FURROW_FOREIGN_KEY, "\"post\": \"author_id\" refers to a row of \"author\" that is not there", "post", "author_id", "post_author_id_fkey");
    assert_int_equal(f->error.native_code, SQLITE_CONSTRAINT_FOREIGNKEY);
    assert_int_equal(run(f, "DELETE FROM author", false), FURROW_FOREIGN_KEY);
    driver->explain_violation(f->c, &author_model, NULL, &f->error);
    assert_error(f, FURROW_FOREIGN_KEY, "\"author\": a row of \"post\" still refers to this one", "author", "", "post_author_id_fkey");
}

static void test_sqlite__prepare_tells_mistakes_apart(void **state)
{
    fixture *f = *state;
    static const struct { const char *text; furrow_status status; } cases[] = {
        {"", FURROW_INVALID}, {" ; -- nothing", FURROW_INVALID}, {"SELECT 1; SELECT 2", FURROW_INVALID},
        {"SELECT 1; -- a comment\n ; /* and */", FURROW_OK}, {"SELECT 1; nonsense", FURROW_INVALID},
        {"SELEC 1", FURROW_INVALID}, {"SELECT * FROM nowhere", FURROW_SCHEMA}, {"SELECT \"nothing\"", FURROW_SCHEMA},
        {"SELECT nofunction()", FURROW_INVALID}, {"SELECT 'abc", FURROW_INVALID},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        furrow_statement *s;
        furrow_status status = driver->prepare(f->c, &s, cases[i].text, strlen(cases[i].text), true, &f->error);
        if (status != cases[i].status)
            fail_msg("%s: %s", cases[i].text, f->error.message);
        assert_int_equal(s == NULL, status != FURROW_OK);
        driver->finalize(s);
    }
    furrow_statement *s;
    assert_int_equal(driver->prepare(f->c, &s, "SELECT 1\0; DROP", 15, true, &f->error), FURROW_INVALID);
}

static void test_sqlite__raw_statements_are_judged(void **state)
{
    fixture *f = *state;
    static const char *const refused[] = {
        "COMMIT", "commit", "END", "ROLLBACK", "BEGIN", "BEGIN IMMEDIATE", "SAVEPOINT x", "RELEASE x",
        "ROLLBACK TO x", "ATTACH ':memory:' AS other", "DETACH other", "PRAGMA journal_mode = DELETE",
        "PRAGMA foreign_keys = OFF", "PRAGMA synchronous(0)", "PRAGMA writable_schema = 1", "PRAGMA optimize",
        "CREATE TEMP TABLE x (a)", "CREATE TABLE temp.x (a)", "CREATE TEMP VIEW v AS SELECT 1", "EXPLAIN COMMIT",
        "PRAGMA query_only = 0", "/* c */ COMMIT", "CREATE VIRTUAL TABLE temp.x USING fts5(a)",
        "CREATE VIEW temp.v AS SELECT 1", "CREATE TEMP TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END",
        "CREATE TABLE temp.x AS SELECT 1",
        "PRAGMA wal_checkpoint", "PRAGMA case_sensitive_like = 1", "PRAGMA main.foreign_keys = 0",
    };
    static const char *const allowed[] = {
        "PRAGMA table_info(t)", "PRAGMA foreign_keys", "PRAGMA user_version", "SELECT * FROM pragma_table_info('t')",
        "WITH x AS (SELECT 1) SELECT * FROM x", "INSERT INTO t VALUES (1)", "CREATE TABLE u (a)", "ALTER TABLE u ADD b",
        "CREATE INDEX u_a ON u (a)", "DROP TABLE u", "EXPLAIN QUERY PLAN SELECT * FROM t", "ANALYZE", "REINDEX",
    };
    must(f, "CREATE TABLE t (a)");
    assert_int_equal(driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error), FURROW_OK);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (run(f, refused[i], true) != FURROW_INVALID || !strstr(f->error.message, "in raw SQL"))
            fail_msg("%s: %s", refused[i], f->error.message);
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        if (run(f, allowed[i], true) != FURROW_OK)
            fail_msg("%s: %s", allowed[i], f->error.message);
    assert_int_equal(run(f, "VACUUM", true), FURROW_INVALID);
    run(f, "COMMIT", true);
    assert_string_equal(f->error.message, "COMMIT in raw SQL would end the transaction");
    assert_string_equal(f->error.hint, "call furrow_commit");
    assert_true(f->c->in_transaction);
    assert_int_equal(driver->commit(f->c, &f->error), FURROW_OK);
    assert_int_equal(count_of(f, "SELECT count(*) FROM t"), 1);
}

static void test_sqlite__a_transaction_that_ends_itself_is_noticed(void **state)
{
    fixture *f = *state;
    must(f, "CREATE TABLE t (a UNIQUE)");
    must(f, "INSERT INTO t VALUES (1)");
    driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error);
    must(f, "INSERT INTO t VALUES (2)");
    assert_int_equal(run(f, "INSERT OR ROLLBACK INTO t VALUES (1)", true), FURROW_UNIQUE);
    assert_false(f->c->in_transaction);
    assert_non_null(strstr(f->error.hint, "rolled back"));
    assert_int_equal(count_of(f, "SELECT count(*) FROM t"), 1);
    assert_int_equal(driver->rollback(f->c, &f->error), FURROW_OK);
    must(f, "CREATE TRIGGER no BEFORE INSERT ON t BEGIN SELECT RAISE(ROLLBACK, 'not today'); END");
    driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error);
    assert_int_equal(run(f, "INSERT INTO t VALUES (3)", true), FURROW_CHECK);
    assert_string_equal(f->error.message, "a trigger refused the row: not today");
    assert_false(f->c->in_transaction);
}

static void test_sqlite__a_commit_that_fails_rolls_back(void **state)
{
    fixture *f = *state;
    must(f, "CREATE TABLE author (id INTEGER PRIMARY KEY)");
    must(f, "CREATE TABLE post (id INTEGER PRIMARY KEY, a REFERENCES author DEFERRABLE INITIALLY DEFERRED)");
    driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error);
    must(f, "INSERT INTO post VALUES (1, 9)");
    assert_int_equal(driver->commit(f->c, &f->error), FURROW_FOREIGN_KEY);
    assert_false(f->c->in_transaction);
    assert_int_equal(count_of(f, "SELECT count(*) FROM post"), 0);
}

static void test_sqlite__savepoints_nest(void **state)
{
    fixture *f = *state;
    must(f, "CREATE TABLE t (a)");
    assert_int_equal(driver->savepoint(f->c, 1, &f->error), FURROW_INVALID);
    driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error);
    assert_int_equal(driver->savepoint(f->c, 1, &f->error), FURROW_OK);
    must(f, "INSERT INTO t VALUES (1)");
    assert_int_equal(driver->savepoint(f->c, 2, &f->error), FURROW_OK);
    must(f, "INSERT INTO t VALUES (2)");
    assert_int_equal(driver->rollback_to(f->c, 2, &f->error), FURROW_OK);
    assert_int_equal(driver->release(f->c, 2, &f->error), FURROW_OK);
    assert_int_equal(driver->release(f->c, 1, &f->error), FURROW_OK);
    assert_int_equal(driver->commit(f->c, &f->error), FURROW_OK);
    assert_int_equal(count_of(f, "SELECT sum(a) FROM t"), 1);
}

/* ---- connections ---- */

static void test_sqlite__settings(void **state)
{
    fixture *f = *state;
    assert_int_equal(count_of(f, "SELECT count(*) FROM pragma_journal_mode WHERE journal_mode = 'wal'"), 1);
    assert_int_equal(count_of(f, "SELECT * FROM pragma_foreign_keys"), 1);
    assert_int_equal(count_of(f, "SELECT * FROM pragma_synchronous"), 2);
    assert_int_equal(count_of(f, "SELECT * FROM pragma_trusted_schema"), 0);
}

static void test_sqlite__a_reader_reads_a_snapshot_and_never_writes(void **state)
{
    fixture *f = *state;
    furrow_connection *reader;
    struct furrow_connect_options options = {.url = f->url, .read_only = true, .busy_timeout_ms = 50};
    must(f, "CREATE TABLE t (a)");
    assert_int_equal(driver->open(&reader, &options, &f->error), FURROW_OK);
    fixture r = *f;
    r.c = reader;
    assert_int_equal(driver->begin(reader, FURROW_ISOLATION_DEFAULT, false, &r.error), FURROW_INVALID);
    assert_int_equal(driver->begin(reader, FURROW_ISOLATION_DEFAULT, true, &r.error), FURROW_OK);
    assert_int_equal(count_of(&r, "SELECT count(*) FROM t"), 0);
    must(f, "INSERT INTO t VALUES (1)");
    assert_int_equal(count_of(&r, "SELECT count(*) FROM t"), 0);
    assert_int_equal(run(&r, "INSERT INTO t VALUES (2)", true), FURROW_INVALID);
    assert_string_equal(r.error.message, "the session is read-only");
    assert_int_equal(driver->lock_schema(reader, &r.error), FURROW_INVALID);
    assert_int_equal(driver->commit(reader, &r.error), FURROW_OK);
    assert_int_equal(run(&r, "INSERT INTO t VALUES (2)", true), FURROW_INVALID);
    assert_int_equal(count_of(&r, "SELECT count(*) FROM t"), 1);
    driver->close(reader);
}

static void test_sqlite__a_second_writer_is_busy(void **state)
{
    fixture *f = *state;
    furrow_connection *other;
    struct furrow_connect_options options = {.url = f->url, .busy_timeout_ms = 10};
    assert_int_equal(driver->open(&other, &options, &f->error), FURROW_OK);
    assert_int_equal(driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error), FURROW_OK);
    assert_int_equal(driver->lock_schema(f->c, &f->error), FURROW_OK);
    assert_int_equal(driver->begin(other, FURROW_ISOLATION_DEFAULT, false, &f->error), FURROW_BUSY);
    assert_false(other->in_transaction);
    assert_int_equal(driver->rollback(f->c, &f->error), FURROW_OK);
    assert_int_equal(driver->begin(other, FURROW_ISOLATION_DEFAULT, false, &f->error), FURROW_OK);
    driver->close(other);
}

static void test_sqlite__urls(void **state)
{
    fixture *f = *state;
    static const char *const bad[] = {
        "sqlite:", "sqlite:/x", "sqlite:///", "sqlite://host/x", "sqlite:///x?mode=memory", "sqlite:///x%00y",
        "sqlite:///x%zz", "sqlite:///x%4", "sqlite:///x#y", "postgresql://x", "",
    };
    furrow_connection *c;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct furrow_connect_options options = {.url = bad[i]};
        if (driver->open(&c, &options, &f->error) != FURROW_INVALID)
            fail_msg("%s: %s", bad[i], f->error.message);
        assert_null(c);
        assert_true(f->error.hint[0]);
    }
    struct furrow_connect_options memory = {.url = "sqlite://"};
    assert_int_equal(driver->open(&c, &memory, &f->error), FURROW_OK);
    assert_int_equal(driver->ping(c, &f->error), FURROW_OK);
    driver->close(c);
    char here[256];
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(f->folder), 0);
    struct furrow_connect_options relative = {.url = "sqlite:///file:odd%3Fmode=memory"};
    assert_int_equal(driver->open(&c, &relative, &f->error), FURROW_OK);
    driver->close(c);
    assert_int_equal(access("file:odd?mode=memory", F_OK), 0);
    assert_int_equal(chdir(here), 0);
}

static void expect_open(fixture *f, const char *name, bool read_only, const char *part)
{
    char url[256];
    furrow_connection *c;
    snprintf(url, sizeof url, "sqlite:///%s/%s", f->folder, name);
    struct furrow_connect_options options = {.url = url, .read_only = read_only};
    furrow_status status = driver->open(&c, &options, &f->error);
    if (status != FURROW_DATABASE || !strstr(f->error.message, part))
        fail_msg("%s: %s, %s", name, furrow_status_name(status), f->error.message);
    assert_null(c);
    assert_true(f->error.native_code != 0);
}

static void test_sqlite__what_cannot_be_opened_says_why(void **state)
{
    fixture *f = *state;
    char path[160];
    snprintf(path, sizeof path, "%s/note.txt", f->folder);
    FILE *file = fopen(path, "w");
    for (int i = 0; i < 1000; i++)
        fputs("this is no database\n", file);
    fclose(file);
    expect_open(f, "nowhere/x.db", false, "the folder is not there");
    expect_open(f, "x.db", true, "the file is not there");
    expect_open(f, ".", false, "is a folder");
    expect_open(f, "note.txt", false, "is no SQLite database");
    expect_open(f, "note.txt", true, "is no SQLite database");
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) { /* root may do everything */
        if (setuid(65534) != 0 && geteuid() == 0)
            _exit(2);
        struct furrow_connect_options options = {.url = f->url};
        furrow_connection *c;
        char url[256];
        snprintf(url, sizeof url, "sqlite:///%s/new.db", f->folder);
        bool refused = driver->open(&c, &options, &f->error) == FURROW_DATABASE;
        options.url = url;
        refused = refused && driver->open(&c, &options, &f->error) == FURROW_DATABASE && f->error.hint[0];
        _exit(refused ? 0 : 1);
    }
    int status;
    waitpid(child, &status, 0);
    if (geteuid() == 0)
        assert_int_equal(status, 0);
}

static void test_sqlite__reset_cleans_and_keeps_statements(void **state)
{
    fixture *f = *state;
    must(f, "CREATE TABLE t (a)");
    furrow_statement *s = prepare(f, "SELECT * FROM sqlite_schema");
    driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error);
    must(f, "INSERT INTO t VALUES (1)");
    assert_int_equal(driver->execute(s, &f->error), FURROW_OK);
    assert_int_equal(driver->reset(f->c, &f->error), FURROW_OK);
    assert_false(f->c->in_transaction || f->c->broken);
    assert_int_equal(rows_of(f, s), 1);
    assert_int_equal(count_of(f, "SELECT count(*) FROM t"), 0);
}

static void test_sqlite__results_survive_other_statements(void **state)
{
    fixture *f = *state;
    furrow_value value;
    bool row;
    must(f, "CREATE TABLE t (a INTEGER)");
    must(f, "INSERT INTO t VALUES (1), (2), (3)");
    furrow_statement *s = prepare(f, "SELECT a, a AS \"b c\" FROM t ORDER BY a"), *u = prepare(f, "SELECT a FROM t");
    assert_int_equal(driver->execute(s, &f->error), FURROW_OK);
    for (int64_t i = 1; i <= 3; i++) {
        assert_int_equal(driver->step(s, &row, &f->error), FURROW_OK);
        assert_true(row);
        assert_int_equal(rows_of(f, u), 3);
        driver->reset_statement(u);
        assert_int_equal(driver->read_value(s, 0, &value, &f->arena, &f->error), FURROW_OK);
        assert_int_equal(value.as.integer, i);
    }
    assert_string_equal(driver->column_name(s, 1), "b c");
    assert_string_equal(driver->column_name(s, 2), "");
    assert_int_equal(driver->column_type(s, 0), FURROW_TYPE_INT64);
    driver->finalize(s);
    driver->finalize(u);
}

static void test_sqlite__changed_counts_this_statement_only(void **state)
{
    fixture *f = *state;
    must(f, "CREATE TABLE t (a INTEGER)");
    must(f, "INSERT INTO t VALUES (1), (2), (3)");
    static const struct { const char *text; uint64_t changed; } cases[] = {
        {"UPDATE t SET a = a WHERE a > 1", 2}, {"SELECT * FROM t", 0}, {"CREATE TABLE u (a)", 0},
        {"DROP TABLE u", 0}, {"UPDATE t SET a = 1 WHERE a = 99", 0}, {"DELETE FROM t RETURNING a", 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        furrow_statement *s = prepare(f, cases[i].text);
        rows_of(f, s);
        if (s->changed != cases[i].changed)
            fail_msg("%s: %d", cases[i].text, (int)s->changed);
        driver->finalize(s);
    }
}

static void test_sqlite__raw_values_take_their_natural_form(void **state)
{
    fixture *f = *state;
    furrow_statement *s = prepare(f, "SELECT ?1");
    static const struct { furrow_value value; furrow_type back; } cases[] = {
        {{.type = FURROW_TYPE_NULL}, FURROW_TYPE_NULL},
        {{.type = FURROW_TYPE_BOOL, .as.integer = 1}, FURROW_TYPE_INT64},
        {{.type = FURROW_TYPE_INT64, .as.integer = INT64_MIN}, FURROW_TYPE_INT64},
        {{.type = FURROW_TYPE_DOUBLE, .as.real = 1.5}, FURROW_TYPE_DOUBLE},
        {{.type = FURROW_TYPE_TEXT, .as.text = "x"}, FURROW_TYPE_TEXT},
        {{.type = FURROW_TYPE_BLOB, .as.blob = {"x", 1}}, FURROW_TYPE_BLOB},
        {{.type = FURROW_TYPE_TIME, .as.time = {0}}, FURROW_TYPE_TEXT},
        {{.type = FURROW_TYPE_UUID}, FURROW_TYPE_TEXT},
        {{.type = FURROW_TYPE_DECIMAL, .as.decimal = {5, 0}}, FURROW_TYPE_INT64},
    };
    furrow_value back;
    bool row;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(driver->bind(s, 0, NULL, &cases[i].value, &f->error), FURROW_OK);
        assert_int_equal(driver->execute(s, &f->error), FURROW_OK);
        assert_int_equal(driver->step(s, &row, &f->error), FURROW_OK);
        assert_int_equal(driver->read_value(s, 0, &back, &f->arena, &f->error), FURROW_OK);
        assert_int_equal(back.type, cases[i].back);
        driver->reset_statement(s);
    }
    furrow_value decimal = {.type = FURROW_TYPE_DECIMAL, .as.decimal = {5, 2}};
    assert_int_equal(driver->bind(s, 0, NULL, &decimal, &f->error), FURROW_INVALID);
    assert_int_equal(driver->bind(s, 1, NULL, &decimal, &f->error), FURROW_INVALID);
    driver->finalize(s);
}

static void test_sqlite__describes_tables(void **state)
{
    fixture *f = *state;
    furrow_live_table table;
    must(f, "CREATE TABLE \"order\" (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT 'x', twice INTEGER AS (id * 2)) STRICT");
    must(f, "CREATE VIEW seen AS SELECT 1");
    assert_int_equal(driver->describe_table(f->c, &table, NULL, "order", &f->arena, &f->error), FURROW_OK);
    assert_int_equal(table.column_count, 3);
    assert_string_equal(table.columns[0].type, "INTEGER");
    assert_int_equal(table.columns[0].key, 1);
    assert_false(table.columns[0].nullable);
    assert_string_equal(table.columns[1].default_, "'x'");
    assert_false(table.columns[1].nullable);
    assert_true(table.columns[2].generated && table.columns[2].nullable);
    assert_int_equal(strncmp(table.sql, "CREATE TABLE", 12), 0);
    assert_int_equal(driver->describe_table(f->c, &table, NULL, "seen", &f->arena, &f->error), FURROW_OK);
    assert_null(table.columns);
    assert_int_equal(driver->describe_table(f->c, &table, "sales", "order", &f->arena, &f->error), FURROW_OK);
    assert_null(table.columns);
}

/* ---- memory that runs out ---- */

static long allocations_left = -1;
static bool fail_ever_after;
static sqlite3_mem_methods sqlite_memory;

static bool must_fail(void)
{
    if (allocations_left < 0 || --allocations_left >= 0)
        return false;
    if (!fail_ever_after)
        allocations_left = -1;
    else
        allocations_left = 0;
    return true;
}
static void *failing_malloc(int size)
{
    return must_fail() ? NULL : sqlite_memory.xMalloc(size);
}
static void *failing_realloc(void *block, int size)
{
    return must_fail() ? NULL : sqlite_memory.xRealloc(block, size);
}
static void *own_allocate(size_t size, void *context)
{
    (void)context;
    return must_fail() ? NULL : malloc(size);
}
static void *own_reallocate(void *block, size_t size, void *context)
{
    (void)context;
    return must_fail() ? NULL : realloc(block, size);
}
static void own_release(void *block, void *context)
{
    (void)context;
    free(block);
}

/* A little of everything; the first failure's status. */
static furrow_status scenario(fixture *f, furrow_connection **out)
{
    furrow_statement *s = NULL;
    furrow_live_table table;
    furrow_value one_ = {.type = FURROW_TYPE_INT64, .as.integer = 1};
    struct every back;
    bool row;
    struct furrow_connect_options options = {.url = f->url};
    furrow_error *e = &f->error;
    static const char select[] = "SELECT * FROM every WHERE id IN (SELECT value FROM furrow_array(?1))";
    furrow_status status = driver->open(out, &options, e);
    if (!status)
        status = driver->begin(*out, FURROW_ISOLATION_DEFAULT, false, e);
    if (!status)
        status = driver->describe_table(*out, &table, NULL, "every", &f->arena, e);
    if (!status)
        status = driver->savepoint(*out, 1, e);
    if (!status)
        status = driver->prepare(*out, &s, INSERT_EVERY, strlen(INSERT_EVERY), false, e);
    if (!status)
        status = driver->bind_row(s, 0, f->all, COLUMNS, &(struct every){.text = "abc", .id = 2}, e);
    if (!status)
        status = driver->execute(s, e);
    if (!status) {
        driver->reset_statement(s);
        status = driver->bind_row(s, 0, f->all, COLUMNS, &(struct every){.id = 2}, e);
        if (!status)
            status = driver->execute(s, e) == FURROW_UNIQUE ? FURROW_OK : e->status;
        if (!status && !(*out)->in_transaction) /* lost while the violation was looked into */
            status = FURROW_NOMEM;
    }
    driver->finalize(s);
    s = NULL;
    if (!status)
        status = driver->prepare(*out, &s, select, strlen(select), true, e);
    if (!status)
        status = driver->bind_array(s, 0, &every_columns[ID], &one_.as.integer, 8, 0, 1, e);
    if (!status)
        status = driver->execute(s, e);
    if (!status)
        status = driver->step(s, &row, e);
    if (!status)
        status = driver->read_row(s, f->all, COLUMNS, &back, &f->arena, e);
    driver->finalize(s);
    if (!status)
        status = driver->release(*out, 1, e);
    if (!status)
        status = driver->commit(*out, e);
    return status;
}

static void test_sqlite__every_allocation_may_fail(void **state)
{
    fixture *f = *state;
    must(f, EVERY_DDL(" STRICT"));
    insert(f, &(struct every){.id = 1, .text = "one"});
    for (int mode = 0; mode < 2; mode++) {
        for (long k = 0;; k++) {
            furrow_connection *c = NULL;
            fail_ever_after = mode;
            allocations_left = k;
            furrow_status status = scenario(f, &c);
            bool done = allocations_left > 0;
            allocations_left = -1;
            driver->close(c);
            furrow__arena_done(&f->arena);
            if (status != FURROW_OK && status != FURROW_NOMEM)
                fail_msg("allocation %ld: %s, %s", k, furrow_status_name(status), f->error.message);
            assert_int_equal(count_of(f, "SELECT count(*) FROM every"), status == FURROW_OK ? 2 : 1);
            must(f, "DELETE FROM every WHERE id = 2");
            if (done)
                break;
        }
    }
}

int main(void)
{
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &sqlite_memory);
    sqlite3_mem_methods failing = sqlite_memory;
    failing.xMalloc = failing_malloc;
    failing.xRealloc = failing_realloc;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &failing);
    furrow_set_allocator(&(furrow_allocator){own_allocate, own_reallocate, own_release, NULL});
#define TEST(name) cmocka_unit_test_setup_teardown(test_sqlite__##name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_type_comes_back_as_it_went_in),
        TEST(every_type_comes_back_from_a_table_without_strict),
        TEST(storage_is_what_the_shell_shows),
        TEST(dates_agree_with_sqlite),
        TEST(data_of_other_hands_is_refused_by_name),
        TEST(null_where_the_field_cannot_be),
        TEST(array_of_structs_members_with_nulls),
        TEST(arrays_of_a_key_are_joined_by_place),
        TEST(a_bad_element_fails_by_name),
        TEST(violations_name_what_was_broken),
        TEST(foreign_keys_are_explained),
        TEST(prepare_tells_mistakes_apart),
        TEST(raw_statements_are_judged),
        TEST(a_transaction_that_ends_itself_is_noticed),
        TEST(a_commit_that_fails_rolls_back),
        TEST(savepoints_nest),
        TEST(settings),
        TEST(a_reader_reads_a_snapshot_and_never_writes),
        TEST(a_second_writer_is_busy),
        TEST(urls),
        TEST(what_cannot_be_opened_says_why),
        TEST(reset_cleans_and_keeps_statements),
        TEST(results_survive_other_statements),
        TEST(changed_counts_this_statement_only),
        TEST(raw_values_take_their_natural_form),
        TEST(describes_tables),
        TEST(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("driver/sqlite", tests, NULL, NULL);
}
