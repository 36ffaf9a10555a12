/* SPDX-License-Identifier: MIT
 *
 * Hand-written C on SQLite, as fast as we can make it. Statements are prepared once, and the
 * connection has no mutex. Text is copied to an arena with the length that SQLite reports. Types
 * are checked. Times are stored in a single format, so their parser accepts only this format. A
 * statement inserts many rows. AUTOINCREMENT assigns consecutive keys within a statement, so all
 * keys can be computed from the last key.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "raw_sqlite.h"

enum { COLUMNS = 7, GROUP = 100, TIME_LENGTH = 27 };

typedef struct raw {
    sqlite3 *db;
    sqlite3_stmt *begin, *commit, *get, *load, *insert, *insert_group;
} raw;

#define SELECT "SELECT id, name, email, quantity, price, active, created, note FROM item"
#define INSERT "INSERT INTO item (name, email, quantity, price, active, created, note) VALUES "

static void *raw_open(const char *path)
{
    raw *r = calloc(1, sizeof *r);
    if (!r)
        bench_fail("out of memory");
    r->db = raw_connect(path);
    r->begin = raw_prepare(r->db, "BEGIN IMMEDIATE");
    r->commit = raw_prepare(r->db, "COMMIT");
    r->get = raw_prepare(r->db, SELECT " WHERE id = ?1");
    r->load = raw_prepare(r->db, SELECT);
    r->insert = raw_prepare(r->db, INSERT "(?,?,?,?,?,?,?)");
    char text[sizeof INSERT + GROUP * 16] = INSERT;
    size_t size = strlen(text);
    for (int i = 0; i < GROUP; i++)
        size +=
            (size_t)snprintf(text + size, sizeof text - size, "%s(?,?,?,?,?,?,?)", i ? "," : "");
    r->insert_group = raw_prepare(r->db, text);
    return r;
}

static void raw_close(void *connection)
{
    raw *r = connection;
    sqlite3_finalize(r->begin);
    sqlite3_finalize(r->commit);
    sqlite3_finalize(r->get);
    sqlite3_finalize(r->load);
    sqlite3_finalize(r->insert);
    sqlite3_finalize(r->insert_group);
    sqlite3_close(r->db);
    free(r);
}

static int64_t days_from_civil(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool digits(const char *text, int count, int64_t *out)
{
    int64_t value = 0;
    for (int i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        value = value * 10 + (text[i] - '0');
    }
    *out = value;
    return true;
}

static bool parse_time(const char *text, int size, furrow_time *out)
{
    int64_t year, month, day, hour, minute, second, fraction;
    if (size != TIME_LENGTH || text[4] != '-' || text[7] != '-' || text[10] != 'T' ||
        text[13] != ':' || text[16] != ':' || text[19] != '.' || text[26] != 'Z' ||
        !digits(text, 4, &year) || !digits(text + 5, 2, &month) || !digits(text + 8, 2, &day) ||
        !digits(text + 11, 2, &hour) || !digits(text + 14, 2, &minute) ||
        !digits(text + 17, 2, &second) || !digits(text + 20, 6, &fraction))
        return false;
    if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59)
        return false;
    out->us =
        (days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second) * 1000000 +
        fraction;
    return true;
}

static void put_digits(char *text, int count, int64_t value)
{
    while (count--) {
        text[count] = (char)('0' + value % 10);
        value /= 10;
    }
}

static void format_time(furrow_time time, char text[TIME_LENGTH])
{
    int64_t seconds = time.us / 1000000, fraction = time.us % 1000000;
    if (fraction < 0) {
        fraction += 1000000;
        seconds--;
    }
    int64_t days = seconds / 86400, of_day = seconds % 86400;
    if (of_day < 0) {
        of_day += 86400;
        days--;
    }
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097, of_era = days - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;
    int64_t day = of_year - (153 * month + 2) / 5 + 1;
    month += month < 10 ? 3 : -9;
    memcpy(text, "0000-00-00T00:00:00.000000Z", TIME_LENGTH);
    put_digits(text, 4, year + era * 400 + (month <= 2));
    put_digits(text + 5, 2, month);
    put_digits(text + 8, 2, day);
    put_digits(text + 11, 2, of_day / 3600);
    put_digits(text + 14, 2, of_day / 60 % 60);
    put_digits(text + 17, 2, of_day % 60);
    put_digits(text + 20, 6, fraction);
}

static const char *read_text(sqlite3_stmt *s, int i, bench_arena *arena)
{
    if (sqlite3_column_type(s, i) != SQLITE_TEXT)
        bench_fail("sqlite: column %d is not text", i);
    const char *text = (const char *)sqlite3_column_text(s, i);
    if (!text)
        bench_fail("out of memory");
    return bench_text(arena, text, (size_t)sqlite3_column_bytes(s, i));
}

static int64_t read_integer(sqlite3_stmt *s, int i, int64_t low, int64_t high)
{
    if (sqlite3_column_type(s, i) != SQLITE_INTEGER)
        bench_fail("sqlite: column %d is not an integer", i);
    int64_t value = sqlite3_column_int64(s, i);
    if (value < low || value > high)
        bench_fail("sqlite: column %d is out of range", i);
    return value;
}

static void read_item(sqlite3_stmt *s, struct item *item, bench_arena *arena)
{
    item->id = read_integer(s, 0, INT64_MIN, INT64_MAX);
    item->name = read_text(s, 1, arena);
    item->email = read_text(s, 2, arena);
    item->quantity = (int32_t)read_integer(s, 3, INT32_MIN, INT32_MAX);
    if (sqlite3_column_type(s, 4) != SQLITE_FLOAT)
        bench_fail("sqlite: column 4 is not a real");
    item->price = sqlite3_column_double(s, 4);
    item->active = read_integer(s, 5, 0, 1) != 0;
    if (sqlite3_column_type(s, 6) != SQLITE_TEXT ||
        !parse_time((const char *)sqlite3_column_text(s, 6), sqlite3_column_bytes(s, 6),
                    &item->created))
        bench_fail("sqlite: column 6 is not a time");
    item->note = sqlite3_column_type(s, 7) == SQLITE_NULL ? NULL : read_text(s, 7, arena);
}

static uint64_t get(raw *r, int count)
{
    bench_arena arena = {0};
    uint64_t sum = 0;
    raw_run(r->begin);
    for (int i = 0; i < count; i++) {
        struct item *item = bench_allocate(&arena, sizeof *item);
        if (sqlite3_bind_int64(r->get, 1, bench_key(i)) || sqlite3_step(r->get) != SQLITE_ROW)
            bench_fail("sqlite: %s", sqlite3_errmsg(r->db));
        read_item(r->get, item, &arena);
        sqlite3_reset(r->get);
        sum += bench_sum(item);
    }
    raw_run(r->commit);
    bench_arena_done(&arena);
    return sum;
}

static uint64_t load_once(raw *r)
{
    bench_arena arena = {0};
    struct item *items = NULL;
    size_t size = 0, capacity = 0;
    uint64_t sum = 0;
    int rc;
    raw_run(r->begin);
    while ((rc = sqlite3_step(r->load)) == SQLITE_ROW) {
        if (size == capacity) {
            capacity = capacity ? capacity * 2 : 16;
            items = realloc(items, capacity * sizeof *items);
            if (!items)
                bench_fail("out of memory");
        }
        read_item(r->load, &items[size++], &arena);
    }
    if (rc != SQLITE_DONE)
        bench_fail("sqlite: %s", sqlite3_errmsg(r->db));
    sqlite3_reset(r->load);
    raw_run(r->commit);
    for (size_t i = 0; i < size; i++)
        sum += bench_sum(&items[i]);
    free(items);
    bench_arena_done(&arena);
    return sum;
}

static void bind_text(raw *r, sqlite3_stmt *s, int i, const char *text, int size)
{
    if (text ? sqlite3_bind_text(s, i, text, size, SQLITE_STATIC) : sqlite3_bind_null(s, i))
        bench_fail("sqlite: %s", sqlite3_errmsg(r->db));
}

static void bind_item(raw *r, sqlite3_stmt *s, int i, const struct item *item, char *time)
{
    bind_text(r, s, i, item->name, -1);
    bind_text(r, s, i + 1, item->email, -1);
    sqlite3_bind_int64(s, i + 2, item->quantity);
    sqlite3_bind_double(s, i + 3, item->price);
    sqlite3_bind_int64(s, i + 4, item->active);
    format_time(item->created, time);
    bind_text(r, s, i + 5, time, TIME_LENGTH);
    bind_text(r, s, i + 6, item->note, -1);
}

static void insert_one(raw *r, struct item *item)
{
    char time[TIME_LENGTH];
    bind_item(r, r->insert, 1, item, time);
    raw_run(r->insert);
    item->id = sqlite3_last_insert_rowid(r->db);
}

static void insert_group(raw *r, struct item *items)
{
    char times[GROUP][TIME_LENGTH];
    for (int i = 0; i < GROUP; i++)
        bind_item(r, r->insert_group, 1 + i * COLUMNS, &items[i], times[i]);
    raw_run(r->insert_group);
    int64_t last = sqlite3_last_insert_rowid(r->db);
    for (int i = 0; i < GROUP; i++)
        items[i].id = last - GROUP + 1 + i;
}

static uint64_t insert(raw *r, struct item *items, int count, int group)
{
    raw_run(r->begin);
    int i = 0;
    while (group > 1 && i + group <= count) {
        insert_group(r, &items[i]);
        i += group;
    }
    for (; i < count; i++)
        insert_one(r, &items[i]);
    raw_run(r->commit);
    return (uint64_t)items[count - 1].id;
}

static uint64_t run_job(raw *r, bench_job job, struct item *rows, int count, int group)
{
    uint64_t sum = 0;
    switch (job) {
    case BENCH_GET:
        return get(r, count);
    case BENCH_LOAD:
        for (int i = 0; i < count; i++)
            sum += load_once(r);
        return sum;
    default:
        return insert(r, rows, count, group);
    }
}

static uint64_t run_groups(void *connection, bench_job job, struct item *rows, int count)
{
    return run_job(connection, job, rows, count, GROUP);
}

static uint64_t run_single(void *connection, bench_job job, struct item *rows, int count)
{
    return run_job(connection, job, rows, count, 1);
}

const bench_side bench_raw_sqlite = {"raw", raw_open, raw_close, run_groups};
const bench_side bench_raw_sqlite_single = {"raw, one by one", raw_open, raw_close, run_single};
