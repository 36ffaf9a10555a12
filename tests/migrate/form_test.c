/* SPDX-License-Identifier: MIT
 *
 * Tests the checks that accept values only in the form in which furrow writes them. Many texts are
 * made from a few values of each type: every byte is replaced and removed, and other bytes are
 * inserted. The check of the column must accept exactly the texts that the driver reads, and would
 * write the same way. Other spellings of times, dates and UUIDs must be converted to the value that
 * furrow reads from them.
 */
#include "fixture.h"

#include "../unit/migrate_world.h"
#include "base/calendar.h"
#include "base/json.h"
#include "base/text.h"
#include "base/unreadable.h"
#include "dialect/sqlite/sqlite.h"

typedef union value {
    bool boolean;
    int16_t int16;
    int32_t int32;
    int64_t int64;
    furrow_time time;
    furrow_date date;
    furrow_uuid uuid;
    furrow_decimal decimal;
    const char *text;
    int enumerator;
} value;

static const furrow_enumerator enumerators[] = {{"A", 0}, {"b c", 5}, {"", 7}};
static const furrow_enum words = {"words", enumerators, 3};
static furrow_column column_of_x = {.name = "x", .field = "x"};
static const furrow_column *const column_x = &column_of_x;
static furrow_model model_of_x = {.table = "t", .name = "t", .columns = &column_of_x};

/* A type, and SQL literals of values near the limits of what it can hold. */
typedef struct tested {
    const char *ddl;
    furrow_type type;
    uint8_t precision;
    int8_t scale;
    size_t size;
    const char *texts[24];
} tested;

static const tested types[] = {
    {"BOOLEAN", FURROW_TYPE_BOOL, 0, 0, sizeof(bool), {"0", "1", "-1", "2"}},
    {"SMALLINT", FURROW_TYPE_INT16, 0, 0, 2, {"-32768", "32767", "-32769", "32768"}},
    {"INTEGER", FURROW_TYPE_INT32, 0, 0, 4, {"-2147483648", "2147483647", "0"}},
    {"BIGINT", FURROW_TYPE_INT64, 0, 0, 8, {"9223372036854775807", "-9223372036854775808"}},
    {"DECIMAL(5, 2)", FURROW_TYPE_DECIMAL, 5, 2, sizeof(furrow_decimal), {"99999", "-99999", "7"}},
    {"DECIMAL(18, 0)",
     FURROW_TYPE_DECIMAL,
     18,
     0,
     sizeof(furrow_decimal),
     {"999999999999999999", "-999999999999999999"}},
    {"ENUM('A', 'b c', '')", FURROW_TYPE_ENUM, 0, 0, sizeof(int), {"A", "b c", "", "B c"}},
    {"TIMESTAMP WITH TIME ZONE",
     FURROW_TYPE_TIME,
     0,
     0,
     sizeof(furrow_time),
     {"2025-06-01T12:30:45.123456Z", "0001-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z",
      "2024-02-29T23:59:59.999500Z", "2023-02-29T23:59:59.999500Z", "2025-06-01 12:30:45",
      "2025-06-01T24:00:00.000000Z", "2025-06-01T12:30:60.000000Z", "2025-06-01T12:30:45.1    Z",
      "0000-12-31T00:00:00.000000Z", "2025-06-01T12:30:45.123456+00:00", "now", "12:30",
      "2460000.5", "1750000000", "-001-06-01T12:30:45.123456Z"}},
    {"DATE",
     FURROW_TYPE_DATE,
     0,
     0,
     sizeof(furrow_date),
     {"2025-06-01", "0001-01-01", "9999-12-31", "2024-02-29", "1900-02-29", "2000-02-29",
      "2026-02-30", "0000-01-01", "now", "2460000.5", "2460000.55", "12:30", "-001-01-01",
      "2025-06-01 00:00", "10000-01-01"}},
    {"UUID",
     FURROW_TYPE_UUID,
     0,
     0,
     sizeof(furrow_uuid),
     {"0d1e2f3a-4b5c-4d6e-8f90-a1b2c3d4e5f6", "00000000-0000-0000-0000-000000000000",
      "ffffffff-ffff-ffff-ffff-ffffffffffff", "0D1E2F3A-4B5C-4D6E-8F90-A1B2C3D4E5F6",
      "{0d1e2f3a-4b5c-4d6e-8f90-a1b2c3d4e5f6}", "0d1e2f3a4b5c4d6e8f90a1b2c3d4e5f6"}},
    {"JSON",
     FURROW_TYPE_JSON,
     0,
     0,
     sizeof(char *),
     {"{\"a\": [1, -0.5e+7, null, true, false], \"b\": {}}", "[]", " \"\\u00e9\\n\xc3\xa9\" ",
      "\"\\ud83d\\ude00\"", "\"\\ud83d\"", "\"\\u0000\"", "1e99999", "{\"a\": 1, \"a\": 2}", "null",
      "-0", "01", "[1,]", "nan", "\"\x7f\"", "", "1 2"}},
};

enum { TYPES = sizeof types / sizeof *types };

/* Compiles a statement once, so that it can be run many times. */
static furrow_statement *prepare(fixture *f, const char *sql)
{
    furrow_statement *statement = NULL;
    OK(f->driver->prepare(f->c, &statement,
                          &(furrow_statement_text){.text = sql, .size = strlen(sql)}, &f->error));
    return statement;
}

/* Runs an INSERT of one blob, which the statement converts to text. Returns whether the row was
 * inserted. */
static bool insert(fixture *f, furrow_statement *statement, const char *text, size_t size)
{
    furrow_value bytes = {.type = FURROW_TYPE_BLOB, .as.blob = {text, size}};
    bool row = false;
    OK(f->driver->bind(statement, 0, NULL, &bytes, &f->error));
    furrow_status status = f->driver->execute(statement, &f->error);
    if (status == FURROW_OK)
        status = f->driver->step(statement, &row, &f->error);
    if (status != FURROW_OK && status != FURROW_CHECK && status != FURROW_INVALID &&
        status != FURROW_SCHEMA)
        fail_msg("%s: %s", furrow_status_name(status), f->error.message);
    f->driver->reset_statement(statement);
    return status == FURROW_OK;
}

typedef struct matrix {
    fixture *f;
    const tested *type;
    furrow_statement *plain, *checked, *read, *compare;
    size_t count, accepted;
} matrix;

/* Whether the driver reads the value in `plain`, and would write it the same way. */
static bool is_form(matrix *m)
{
    fixture *f = m->f;
    value found = {0};
    bool row = false, same = false;
    const furrow_driver *driver = f->driver;
    const furrow_column_list one = {&column_x, 1};
    OK(driver->execute(m->read, &f->error));
    OK(driver->step(m->read, &row, &f->error));
    assert_true(row);
    bool fine = driver->read_row(m->read, one, &found, &f->arena, &f->error) == FURROW_OK;
    driver->reset_statement(m->read);
    if (!fine)
        return false;
    if (m->type->type == FURROW_TYPE_JSON)
        return furrow__json_is_valid(found.text);
    OK(driver->bind_row(m->compare, 0, one, &found, &f->error));
    OK(driver->execute(m->compare, &f->error));
    OK(driver->step(m->compare, &same, &f->error));
    driver->reset_statement(m->compare);
    return same;
}

static void try(matrix *m, const char *text, size_t size)
{
    fixture *f = m->f;
    /* SQL has no function that finds invalid UTF-8; this limitation applies to every text
     * column. */
    if (m->type->type == FURROW_TYPE_JSON && !furrow__utf8_is_valid(text, size))
        return;
    run(f, "DELETE FROM plain");
    run(f, "DELETE FROM checked");
    bool stored = insert(f, m->plain, text, size);
    bool wanted = stored && is_form(m);
    bool accepted = insert(f, m->checked, text, size);
    if (accepted != wanted)
        fail_msg("%s: the check %s \"%.*s\" (%zu bytes)", m->type->ddl,
                 accepted ? "accepts" : "refuses", (int)size, text, size);
    m->count++;
    m->accepted += accepted;
}

typedef void visitor(void *context, const char *text, size_t size);

/* Visits a text, and the texts that differ from it in one place. */
static void each_near(const char *text, visitor *visit, void *context)
{
    static const char bytes[] = "\0 \tAFGafgz019-+:.TZ{}[]\",/\x7f\xc3\xa9\xff";
    char other[128];
    size_t size = strlen(text);
    visit(context, text, size);
    for (size_t i = 0; i <= size; i++) {
        memcpy(other, text, i);
        memcpy(other + i, text + i + (i < size), size - i);
        if (i < size)
            visit(context, other, size - 1);
        for (size_t k = 0; k + 1 < sizeof bytes; k++) {
            other[i] = bytes[k];
            memcpy(other + i + 1, text + i, size - i);
            visit(context, other, size + 1);
            memcpy(other + i + 1, text + i + 1, i < size ? size - i - 1 : 0);
            if (i < size)
                visit(context, other, size);
        }
    }
}

static void try_text(void *context, const char *text, size_t size)
{
    try(context, text, size);
}

/* Tries every month and day of some years, and every hour. */
static void try_calendar(matrix *m)
{
    static const int years[] = {0, 1, 1900, 2000, 2023, 2024, 9999};
    char text[128];
    bool time = m->type->type == FURROW_TYPE_TIME;
    for (size_t y = 0; y < sizeof years / sizeof *years; y++)
        for (int month = 0; month <= 13; month++)
            for (int day = 0; day <= 33; day++) {
                int size = snprintf(text, sizeof text, "%04d-%02d-%02d%s", years[y], month, day,
                                    time ? "T23:59:59.999999Z" : "");
                try(m, text, (size_t)size);
            }
    for (int hour = 0; hour < 30 && time; hour++)
        for (int minute = 0; minute < 65; minute += 5) {
            int size = snprintf(text, sizeof text, "2024-12-31T%02d:%02d:%02d.9995%02dZ", hour,
                                minute, minute, hour);
            try(m, text, (size_t)size);
        }
}

static void try_depth(matrix *m, size_t depth)
{
    char text[2048];
    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    try(m, text, 2 * depth);
}

static void create(fixture *f, const char *name, const tested *type, int storage)
{
    furrow__catalog logical, physical;
    furrow__buffer sql = {0};
    char ddl[128];
    const furrow__table_name as = {NULL, name};
    snprintf(ddl, sizeof ddl, "CREATE TABLE t (x %s);", type->ddl);
    make_catalog(&logical, ddl, &f->arena);
    logical.storage = storage;
    OK(furrow__catalog_lower(&physical, &logical, f->dialect, &f->arena, &f->error));
    if (storage == 0)
        physical.tables[0]->constraint_count = 0;
    furrow__physical_write_table(&sql, &physical, physical.tables[0],
                                 &(furrow__table_form){.as = &as});
    OK(furrow__execute_buffer(f->c, &sql, &f->error));
    furrow__buffer_done(&sql);
}

static matrix begin_matrix(fixture *f, const tested *type)
{
    matrix m = {.f = f, .type = type};
    create(f, "plain", type, 0);
    create(f, "checked", type, FURROW__STORAGE_FORMS);
    column_of_x = (furrow_column){.name = "x",
                                  .field = "x",
                                  .model = &model_of_x,
                                  .type = (uint8_t)type->type,
                                  .scale = type->scale,
                                  .precision = type->precision,
                                  .size = (uint32_t)type->size,
                                  .enumeration = &words};
    m.plain = prepare(f, "INSERT INTO plain VALUES (CAST(?1 AS TEXT))");
    m.checked = prepare(f, "INSERT INTO checked VALUES (CAST(?1 AS TEXT))");
    m.read = prepare(f, "SELECT x FROM plain");
    m.compare = prepare(f, "SELECT 1 FROM plain WHERE x = ?1");
    run(f, "BEGIN");
    return m;
}

static void end_matrix(matrix *m)
{
    fixture *f = m->f;
    run(f, "COMMIT");
    f->driver->finalize(m->plain);
    f->driver->finalize(m->checked);
    f->driver->finalize(m->read);
    f->driver->finalize(m->compare);
    run(f, "DROP TABLE plain");
    run(f, "DROP TABLE checked");
}

static void test_form__check_accepts_exactly_what_is_read(void **state)
{
    fixture *f = *state;
    for (size_t t = 0; t < TYPES; t++) {
        matrix m = begin_matrix(f, &types[t]);
        for (size_t i = 0; types[t].texts[i]; i++)
            each_near(types[t].texts[i], try_text, &m);
        if (types[t].type == FURROW_TYPE_TIME || types[t].type == FURROW_TYPE_DATE)
            try_calendar(&m);
        for (size_t depth = 510; depth < 515 && types[t].type == FURROW_TYPE_JSON; depth++)
            try_depth(&m, depth);
        assert_true(m.count > 100 && m.accepted > 1 && m.accepted < m.count);
        end_matrix(&m);
    }
}

static void test_form__check_accepts_null(void **state)
{
    fixture *f = *state;
    for (size_t t = 0; t < TYPES; t++) {
        create(f, "checked", &types[t], FURROW__STORAGE_FORMS);
        run(f, "INSERT INTO checked VALUES (NULL)");
        run(f, "DROP TABLE checked");
    }
}

/* Every text that furrow accepts as JSON can be stored. */
static void test_form__json_that_is_portable_is_valid(void **state)
{
    (void)state;
    furrow_json out;
    for (size_t t = 0; t < TYPES; t++)
        for (size_t i = 0; types[t].texts[i]; i++)
            if (furrow_json_parse(types[t].texts[i], &out))
                assert_true(furrow__json_is_valid(types[t].texts[i]));
}

/* A check with BETWEEN replaces the check of the type only if the range of BETWEEN is not wider
 * than the range of the type. */
static void test_form__wide_range_does_not_replace_the_check_of_the_type(void **state)
{
    fixture *f = *state;
    static const struct {
        const char *ddl;
        size_t checks[2]; /* number of checks in the first storage version, and number of checks in
                             the newest storage version */
    } cases[] = {
        {"SMALLINT CHECK (x BETWEEN -5 AND 5)", {1, 1}},
        {"SMALLINT CHECK (x BETWEEN 0 AND 32768)", {1, 2}},
        {"INTEGER CHECK (x BETWEEN -2147483649 AND 0)", {1, 2}},
        {"DECIMAL(4, 2) CHECK (x BETWEEN 0 AND 99.99)", {1, 1}},
        {"DECIMAL(4, 2) CHECK (x BETWEEN 0 AND 100)", {1, 2}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int version = 0; version < 2; version++) {
            furrow__catalog logical, physical;
            char ddl[128];
            snprintf(ddl, sizeof ddl, "CREATE TABLE t (x %s);", cases[i].ddl);
            make_catalog(&logical, ddl, &f->arena);
            logical.storage = version ? FURROW__STORAGE_NEWEST : FURROW__STORAGE_FIRST;
            OK(furrow__catalog_lower(&physical, &logical, f->dialect, &f->arena, &f->error));
            if (physical.tables[0]->constraint_count != cases[i].checks[version])
                fail_msg("%s: version %d has %zu checks", cases[i].ddl, logical.storage,
                         physical.tables[0]->constraint_count);
        }
}

/* Returns the text that the rebuild of a table makes from a value. */
static const char *converted(fixture *f, furrow_type type, const char *text)
{
    furrow__buffer sql = {0};
    const char *values[] = {text};
    furrow__buffer_add_text(&sql, "SELECT ");
    furrow__sqlite_write_to_form(&sql, type, "?1");
    furrow__query q = furrow__query_begin_with(f->c, furrow__buffer_text(&sql),
                                               (furrow__texts){values, 1}, &f->arena, &f->error);
    assert_true(furrow__query_next(&q));
    const char *found = furrow__query_text(&q, 0);
    OK(furrow__query_end(&q));
    furrow__buffer_done(&sql);
    return found;
}

/* Every text that furrow_time_parse accepts is converted to the time that it returns, if SQLite
 * knows the time zone. */
static void test_form__times_are_converted_to_what_furrow_reads(void **state)
{
    fixture *f = *state;
    static const char *const days[] = {"2025-06-01", "2024-02-29", "0001-01-02", "9999-12-30"};
    static const char *const clocks[] = {"00:00",           "23:59",        "23:59:59",
                                         "12:30:45.1",      "12:30:45.123", "23:59:59.9999",
                                         "23:59:59.999999", "00:00:00.0",   "00:00:00.000001"};
    static const char *const zones[] = {"Z", "+00:00", "+02:00", "-05:30", "+02", "-11", "+14:00"};
    char text[64], wanted[FURROW_TIME_SIZE];
    for (size_t d = 0; d < 4; d++)
        for (size_t c = 0; c < sizeof clocks / sizeof *clocks; c++)
            for (size_t z = 0; z < 2 * sizeof zones / sizeof *zones; z++) {
                furrow_time time;
                snprintf(text, sizeof text, "%s%c%s%s", days[d], z % 2 ? 'T' : ' ', clocks[c],
                         zones[z / 2]);
                assert_true(furrow_time_parse(text, &time));
                furrow_time_format(time, wanted, sizeof wanted);
                assert_string_equal(converted(f, FURROW_TYPE_TIME, text), wanted);
            }
}

/* The times that SQLite's functions return are in UTC. Values that would lose information are not
 * converted. */
static void test_form__values_of_sqlite_are_converted(void **state)
{
    fixture *f = *state;
    static const struct {
        furrow_type type;
        const char *from, *to; /* `to` is NULL if the value is not converted */
    } cases[] = {
        {FURROW_TYPE_TIME, "2025-06-01 12:30:45", "2025-06-01T12:30:45.000000Z"},
        {FURROW_TYPE_TIME, "2025-06-01T12:30:45", "2025-06-01T12:30:45.000000Z"},
        {FURROW_TYPE_TIME, "2025-06-01 12:30:45.678", "2025-06-01T12:30:45.678000Z"},
        {FURROW_TYPE_TIME, "2025-06-01 12:30", "2025-06-01T12:30:00.000000Z"},
        {FURROW_TYPE_TIME, "2025-06-01", "2025-06-01T00:00:00.000000Z"},
        {FURROW_TYPE_TIME, "1750000000", "2025-06-15T15:06:40.000000Z"},
        {FURROW_TYPE_TIME, "2025-06-01T12:30:45.123456Z", NULL},
        {FURROW_TYPE_TIME, "2025-06-01 12:30:45.1234567", NULL},
        {FURROW_TYPE_TIME, "2025-02-30 12:30:45", NULL},
        {FURROW_TYPE_TIME, "2025-06-01 24:30:45", NULL},
        {FURROW_TYPE_TIME, "2025-06-01 12:30.5", NULL},
        {FURROW_TYPE_TIME, "20250601", NULL},
        {FURROW_TYPE_TIME, "2460000.5", NULL},
        {FURROW_TYPE_TIME, "12:30:45", NULL},
        {FURROW_TYPE_TIME, "now", NULL},
        {FURROW_TYPE_TIME, "tomorrow", NULL},
        {FURROW_TYPE_TIME, "", NULL},
        {FURROW_TYPE_DATE, "2025-06-01 00:00:00", "2025-06-01"},
        {FURROW_TYPE_DATE, "2025-06-01T00:00:00.000000Z", "2025-06-01"},
        {FURROW_TYPE_DATE, "2025-06-01 00:00", "2025-06-01"},
        {FURROW_TYPE_DATE, "2025-06-01 12:30:45", NULL},
        {FURROW_TYPE_DATE, "2025-06-01 00:00:00+02:00", NULL},
        {FURROW_TYPE_DATE, "2025-06-01", NULL},
        {FURROW_TYPE_UUID, "0D1E2F3A-4B5C-4D6E-8F90-A1B2C3D4E5F6",
         "0d1e2f3a-4b5c-4d6e-8f90-a1b2c3d4e5f6"},
        {FURROW_TYPE_UUID, "{0D1E2F3A-4b5c-4d6e-8f90-a1b2c3d4e5f6}",
         "0d1e2f3a-4b5c-4d6e-8f90-a1b2c3d4e5f6"},
        {FURROW_TYPE_UUID, "0d1e2f3a4b5c4d6e8f90a1b2c3d4e5f6",
         "0d1e2f3a-4b5c-4d6e-8f90-a1b2c3d4e5f6"},
        {FURROW_TYPE_UUID, "0d1e2f3a-4b5c-4d6e-8f90-a1b2c3d4e5f6", NULL},
        {FURROW_TYPE_JSON, "{\"a\": 1}", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(converted(f, cases[i].type, cases[i].from),
                            cases[i].to ? cases[i].to : cases[i].from);
}

/* Writes the value that a text must be converted to, without a NUL. Returns false if the text must
 * not be converted. */
static bool time_of(const char *text, char out[FURROW_TIME_SIZE])
{
    char zoned[160];
    furrow_time time;
    furrow_date date;
    size_t size = strlen(text);
    snprintf(zoned, sizeof zoned, "%s%s", text, furrow_date_parse(text, &date) ? "T00:00Z" : "Z");
    if (size >= 9 && size <= 11 && strspn(text, "0123456789") == size)
        time.us = strtoll(text, NULL, 10) * 1000000;
    else if (!furrow_time_parse(text, &time) && !furrow_time_parse(zoned, &time))
        return false;
    furrow_time_format(time, out, FURROW_TIME_SIZE);
    return true;
}

static bool date_of(const char *text, char out[FURROW_TIME_SIZE])
{
    furrow_date date;
    char time[FURROW_TIME_SIZE];
    snprintf(out, FURROW_TIME_SIZE, "%.10s", text);
    return furrow_date_parse(text, &date) ||
           (strlen(text) > 10 && time_of(text, time) && strncmp(time, text, 10) == 0 &&
            !strpbrk(text + 10, "+-") && strcmp(time + 10, "T00:00:00.000000Z") == 0);
}

static bool uuid_of(const char *text, char out[64])
{
    furrow_uuid uuid;
    size_t size = strlen(text), count = 0;
    bool braces = size == 38 && text[0] == '{' && text[37] == '}';
    const char *end = text + size - braces;
    for (const char *at = text + braces; at < end && count < 60; at++) {
        if (size == 32 && (count == 8 || count == 13 || count == 18 || count == 23))
            out[count++] = '-';
        out[count++] = (char)(*at >= 'A' && *at <= 'Z' ? *at + 'a' - 'A' : *at);
    }
    out[count] = 0;
    return furrow_uuid_parse(out, &uuid);
}

typedef struct conversion {
    fixture *f;
    furrow_type type;
    furrow_statement *differs; /* returns a row if the converted value has the right form but
                                  differs from the wanted value */
    size_t count;
} conversion;

static void check_conversion(void *context, const char *text, size_t size)
{
    conversion *c = context;
    fixture *f = c->f;
    char copy[128], wanted[64];
    bool differs = false;
    memcpy(copy, text, size);
    copy[size] = 0;
    bool any = !memchr(text, 0, size) && (c->type == FURROW_TYPE_TIME   ? time_of(copy, wanted)
                                          : c->type == FURROW_TYPE_DATE ? date_of(copy, wanted)
                                                                        : uuid_of(copy, wanted));
    furrow_value values[] = {
        {.type = FURROW_TYPE_BLOB, .as.blob = {text, size}},
        {.type = FURROW_TYPE_BLOB, .as.blob = {wanted, any ? strlen(wanted) : 0}},
    };
    OK(f->driver->bind(c->differs, 0, NULL, &values[0], &f->error));
    OK(f->driver->bind(c->differs, 1, NULL, &values[1], &f->error));
    OK(f->driver->execute(c->differs, &f->error));
    OK(f->driver->step(c->differs, &differs, &f->error));
    f->driver->reset_statement(c->differs);
    if (differs)
        fail_msg("\"%.*s\" (%zu bytes) is converted, but the result should be \"%s\"", (int)size,
                 text, size, any ? wanted : "refused");
    c->count++;
}

/* Spellings that the conversion accepts, or that differ from such spellings in one place. */
static const struct {
    furrow_type type;
    const char *texts[14];
} spelled[] = {
    {FURROW_TYPE_TIME,
     {"2025-06-01T12:30:45.123456Z", "2025-06-01 12:30:45", "2025-06-01T12:30",
      "2025-06-01 12:30:45.678", "2025-06-01 12:30:45 +02:00", "2025-06-01 12:30:45.5-05:30",
      "2025-06-01", "1750000000", "2025-06-01    12:30", "2025-06-01T12:30+02", "2025-06-01T00:00Z",
      "2025-06-01T12:30:45.123456"}},
    {FURROW_TYPE_DATE,
     {"2025-06-01", "2025-06-01 00:00", "2025-06-01T00:00:00", "2025-06-01T00:00:00.000Z",
      "2025-06-01 00:00Z"}},
    {FURROW_TYPE_UUID,
     {"0D1E2F3A-4B5C-4D6E-8F90-A1B2C3D4E5F6", "{0d1e2f3a-4b5c-4d6e-8f90-a1b2c3d4e5f6}",
      "0d1e2f3a4b5c4d6e8f90a1b2c3d4e5f6", "}}0d1e2f3a-4b5c-4d6e-8f90-a1b2c3d4e5f6"}},
};

enum { SPELLED = sizeof spelled / sizeof *spelled };

/* A conversion of any text gives the value that the text represents, or a text that the check
 * rejects. */
static void test_form__conversions_lose_nothing(void **state)
{
    fixture *f = *state;
    for (size_t t = 0; t < SPELLED; t++) {
        furrow__buffer sql = {0};
        conversion c = {.f = f, .type = spelled[t].type};
        furrow__buffer_add_text(&sql, "SELECT 1 FROM (SELECT ");
        furrow__sqlite_write_to_form(&sql, c.type, "found");
        furrow__buffer_add_text(&sql, " AS made FROM (SELECT CAST(?1 AS TEXT) AS found)) WHERE ");
        furrow__buffer_add_text(&sql, "CAST(made AS BLOB) <> ?2 AND (");
        furrow__sqlite_write_form(&sql, c.type, "made");
        furrow__buffer_add_text(&sql, ")");
        c.differs = prepare(f, furrow__buffer_text(&sql));
        for (size_t i = 0; spelled[t].texts[i]; i++)
            each_near(spelled[t].texts[i], check_conversion, &c);
        assert_true(c.count > 1000);
        f->driver->finalize(c.differs);
        furrow__buffer_done(&sql);
    }
}

/* A row that a field cannot hold, and the UPDATE of the hint. */
typedef struct hinted_row {
    int64_t id;
    value value;
} hinted_row;

typedef struct hint_matrix {
    fixture *f;
    furrow_column columns[2];
    furrow_model model;
    furrow_statement *insert, *read, *as_wanted, *is_form;
    size_t visited, converted, replaced;
} hint_matrix;

static const uint16_t first_column[] = {0};

static void begin_hints(hint_matrix *m, fixture *f, const tested *type)
{
    furrow__buffer sql = {0};
    char sample[64];
    memset(m, 0, sizeof *m);
    m->f = f;
    m->model = (furrow_model){.table = "t",
                              .name = "t",
                              .columns = m->columns,
                              .column_count = 2,
                              .primary_key = first_column,
                              .primary_key_count = 1};
    m->columns[0] = (furrow_column){.name = "id",
                                    .field = "id",
                                    .model = &m->model,
                                    .type = FURROW_TYPE_INT64,
                                    .size = 8,
                                    .flags = FURROW_COLUMN_PRIMARY_KEY};
    m->columns[1] = (furrow_column){.name = "x",
                                    .field = "value",
                                    .model = &m->model,
                                    .type = (uint8_t)type->type,
                                    .index = 1,
                                    .offset = offsetof(hinted_row, value),
                                    .size = (uint32_t)type->size};
    furrow__write_sample(sample, sizeof sample, &m->columns[1], true);
    run(f, "CREATE TABLE t (id INTEGER PRIMARY KEY, x)");
    run(f, "CREATE TABLE old (x)");
    m->insert = prepare(f, "INSERT INTO old VALUES (CASE WHEN ?2 THEN CAST(?1 AS INTEGER) "
                           "ELSE CAST(?1 AS TEXT) END)");
    m->read = prepare(f, "SELECT id, x FROM t");
    furrow__buffer_add_text(&sql, "SELECT 1 FROM t, (SELECT CASE WHEN ");
    furrow__sqlite_write_form(&sql, type->type, "made");
    furrow__buffer_format(&sql, " THEN made ELSE %s END AS wanted FROM (SELECT ", sample);
    furrow__sqlite_write_to_form(&sql, type->type, "old.x");
    furrow__buffer_add_text(&sql, " AS made FROM old)) WHERE t.x IS wanted");
    m->as_wanted = prepare(f, furrow__buffer_text(&sql));
    furrow__buffer_clear(&sql);
    furrow__buffer_add_text(&sql, "SELECT 1 FROM (SELECT ");
    furrow__sqlite_write_to_form(&sql, type->type, "x");
    furrow__buffer_add_text(&sql, " AS made FROM old) WHERE ");
    furrow__sqlite_write_form(&sql, type->type, "made");
    m->is_form = prepare(f, furrow__buffer_text(&sql));
    furrow__buffer_done(&sql);
    run(f, "BEGIN");
}

static bool has_row(fixture *f, furrow_statement *statement)
{
    bool row = false;
    OK(f->driver->execute(statement, &f->error));
    OK(f->driver->step(statement, &row, &f->error));
    f->driver->reset_statement(statement);
    return row;
}

/* Stores a value, and runs the UPDATE of the hint if the field cannot hold the value. */
static void try_hint(hint_matrix *m, const char *text, size_t size, bool is_integer)
{
    fixture *f = m->f;
    hinted_row found;
    bool row = false;
    char hint[sizeof f->error.hint];
    const furrow_column *const both[] = {&m->columns[0], &m->columns[1]};
    furrow_value values[] = {{.type = FURROW_TYPE_BLOB, .as.blob = {text, size}},
                             {.type = FURROW_TYPE_INT64, .as.integer = is_integer}};
    run(f, "DELETE FROM t");
    run(f, "DELETE FROM old");
    OK(f->driver->bind(m->insert, 0, NULL, &values[0], &f->error));
    OK(f->driver->bind(m->insert, 1, NULL, &values[1], &f->error));
    has_row(f, m->insert);
    run(f, "INSERT INTO t SELECT 41, x FROM old");
    OK(f->driver->execute(m->read, &f->error));
    OK(f->driver->step(m->read, &row, &f->error));
    furrow_status status =
        f->driver->read_row(m->read, (furrow_column_list){both, 2}, &found, &f->arena, &f->error);
    snprintf(hint, sizeof hint, "%s", f->error.hint);
    f->driver->reset_statement(m->read);
    if (status == FURROW_OK)
        return;
    const char *update = strstr(hint, "UPDATE ");
    bool is_converted = strncmp(hint, "correct the row", 15) == 0;
    assert_non_null(update);
    run(f, update);
    if (!has_row(f, m->as_wanted) || is_converted != has_row(f, m->is_form))
        fail_msg("\"%.*s\" (%zu bytes, type %d): %s", (int)size, text, size, m->columns[1].type,
                 hint);
    *(is_converted ? &m->converted : &m->replaced) += 1;
}

/* Tries one text in 17, because each attempt compiles several statements. The first is tried. */
static void try_hint_of_text(void *context, const char *text, size_t size)
{
    hint_matrix *m = context;
    if (m->visited++ % 17 == 0)
        try_hint(m, text, size, false);
}

static void try_hints_near(hint_matrix *m, const char *text)
{
    m->visited = 0;
    each_near(text, try_hint_of_text, m);
}

static void end_hints(hint_matrix *m)
{
    fixture *f = m->f;
    run(f, "COMMIT");
    f->driver->finalize(m->insert);
    f->driver->finalize(m->read);
    f->driver->finalize(m->as_wanted);
    f->driver->finalize(m->is_form);
    run(f, "DROP TABLE t");
    run(f, "DROP TABLE old");
}

static void try_integers(hint_matrix *m)
{
    static const int64_t numbers[] = {0, -1, 5, 20250601, 999999999, 1750000000, 99999999999};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char text[24];
        int size = snprintf(text, sizeof text, "%lld", (long long)numbers[i]);
        try_hint(m, text, (size_t)size, true);
    }
}

/* If a field cannot hold a stored value, the UPDATE of the hint writes what the conversion to the
 * form makes, or a replacement if the conversion refuses the value. */
static void test_form__hint_writes_what_the_conversion_makes(void **state)
{
    fixture *f = *state;
    for (size_t t = 0; t < TYPES; t++) {
        hint_matrix m;
        bool has_spellings = false;
        if (types[t].type != FURROW_TYPE_TIME && types[t].type != FURROW_TYPE_DATE &&
            types[t].type != FURROW_TYPE_UUID)
            continue;
        begin_hints(&m, f, &types[t]);
        for (size_t i = 0; types[t].texts[i]; i++)
            try_hints_near(&m, types[t].texts[i]);
        for (size_t s = 0; s < SPELLED; s++)
            for (size_t i = 0; spelled[s].texts[i] && spelled[s].type == types[t].type; i++) {
                try_hints_near(&m, spelled[s].texts[i]);
                has_spellings = true;
            }
        try_integers(&m);
        assert_true(has_spellings && m.converted > 10 && m.replaced > 100);
        end_hints(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SQLITE_TEST(test_form__check_accepts_exactly_what_is_read),
        SQLITE_TEST(test_form__check_accepts_null),
        SQLITE_TEST(test_form__json_that_is_portable_is_valid),
        SQLITE_TEST(test_form__wide_range_does_not_replace_the_check_of_the_type),
        SQLITE_TEST(test_form__times_are_converted_to_what_furrow_reads),
        SQLITE_TEST(test_form__values_of_sqlite_are_converted),
        SQLITE_TEST(test_form__conversions_lose_nothing),
        SQLITE_TEST(test_form__hint_writes_what_the_conversion_makes),
    };
    return cmocka_run_group_tests_name("form", tests, NULL, NULL);
}
