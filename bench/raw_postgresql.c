/* SPDX-License-Identifier: MIT
 *
 * Hand-written C on PostgreSQL, as fast as we can make it. Statements are prepared once. Parameters
 * and results are binary, the types of results are checked, and text is copied to an arena. Rows
 * are inserted as arrays, several thousand rows per statement. Each INSERT returns their keys with
 * RETURNING.
 */
#include <endian.h>
#include <libpq-fe.h>
#include <stdlib.h>

#include "bench.h"

enum {
    OID_BOOL = 16,
    OID_INT8 = 20,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_FLOAT8 = 701,
    OID_TIMESTAMPTZ = 1184,
    COLUMNS = 8,
    CHUNK = 10000,
};
#define EPOCH INT64_C(946684800000000) /* PostgreSQL's epoch, 2000-01-01, in microseconds */

typedef struct buffer {
    char *bytes;
    size_t size, capacity;
} buffer;

typedef struct raw {
    PGconn *connection;
    buffer arrays[COLUMNS - 1];
} raw;

static const Oid types[COLUMNS] = {OID_INT8,   OID_TEXT, OID_TEXT,        OID_INT4,
                                   OID_FLOAT8, OID_BOOL, OID_TIMESTAMPTZ, OID_TEXT};

static void check(raw *r, PGresult *result, ExecStatusType wanted)
{
    if (PQresultStatus(result) != wanted)
        bench_fail("postgresql: %s", PQerrorMessage(r->connection));
}

static void run(raw *r, const char *text)
{
    PGresult *result = PQexec(r->connection, text);
    check(r, result, PGRES_COMMAND_OK);
    PQclear(result);
}

static void prepare(raw *r, const char *name, const char *text)
{
    PGresult *result = PQprepare(r->connection, name, text, 0, NULL);
    check(r, result, PGRES_COMMAND_OK);
    PQclear(result);
}

#define SELECT "SELECT id, name, email, quantity, price, active, created, note FROM item"

static void *raw_open(const char *url)
{
    raw *r = calloc(1, sizeof *r);
    if (!r)
        bench_fail("out of memory");
    r->connection = PQconnectdb(url);
    if (PQstatus(r->connection) != CONNECTION_OK)
        bench_fail("postgresql: %s", PQerrorMessage(r->connection));
    prepare(r, "get", SELECT " WHERE id = $1");
    prepare(r, "load", SELECT);
    prepare(r, "insert",
            "INSERT INTO item (name, email, quantity, price, active, created, note) "
            "SELECT * FROM unnest($1::text[], $2::text[], $3::integer[], $4::double precision[], "
            "$5::boolean[], $6::timestamptz[], $7::text[]) RETURNING id");
    return r;
}

static void raw_close(void *connection)
{
    raw *r = connection;
    PQfinish(r->connection);
    for (int i = 0; i < COLUMNS - 1; i++)
        free(r->arrays[i].bytes);
    free(r);
}

static void check_types(const PGresult *result)
{
    if (PQnfields(result) != COLUMNS)
        bench_fail("postgresql: %d columns", PQnfields(result));
    for (int i = 0; i < COLUMNS; i++)
        if (PQftype(result, i) != types[i])
            bench_fail("postgresql: column %d has an unexpected type", i);
}

static const void *fixed(const PGresult *result, int row, int i, int size)
{
    if (PQgetlength(result, row, i) != size || PQgetisnull(result, row, i))
        bench_fail("postgresql: column %d is malformed", i);
    return PQgetvalue(result, row, i);
}

static int64_t read_int64(const PGresult *result, int row, int i)
{
    uint64_t word;
    memcpy(&word, fixed(result, row, i, 8), sizeof word);
    return (int64_t)be64toh(word);
}

static int32_t read_int32(const PGresult *result, int row, int i)
{
    uint32_t word;
    memcpy(&word, fixed(result, row, i, 4), sizeof word);
    return (int32_t)be32toh(word);
}

static double read_double(const PGresult *result, int row, int i)
{
    int64_t word = read_int64(result, row, i);
    double value;
    memcpy(&value, &word, sizeof value);
    return value;
}

static const char *read_text(const PGresult *result, int row, int i, bench_arena *arena)
{
    if (PQgetisnull(result, row, i))
        bench_fail("postgresql: column %d is NULL", i);
    return bench_text(arena, PQgetvalue(result, row, i), (size_t)PQgetlength(result, row, i));
}

static void read_item(const PGresult *result, int row, struct item *item, bench_arena *arena)
{
    item->id = read_int64(result, row, 0);
    item->name = read_text(result, row, 1, arena);
    item->email = read_text(result, row, 2, arena);
    item->quantity = read_int32(result, row, 3);
    item->price = read_double(result, row, 4);
    item->active = *(const char *)fixed(result, row, 5, 1) != 0;
    item->created.us = read_int64(result, row, 6) + EPOCH;
    item->note = PQgetisnull(result, row, 7) ? NULL : read_text(result, row, 7, arena);
}

static PGresult *execute(raw *r, const char *name, int count, const char *const *values,
                         const int *sizes)
{
    static const int formats[COLUMNS] = {1, 1, 1, 1, 1, 1, 1, 1};
    PGresult *result = PQexecPrepared(r->connection, name, count, values, sizes, formats, 1);
    check(r, result, PGRES_TUPLES_OK);
    return result;
}

static uint64_t get(raw *r, int count)
{
    bench_arena arena = {0};
    uint64_t sum = 0;
    run(r, "BEGIN");
    for (int i = 0; i < count; i++) {
        struct item *item = bench_allocate(&arena, sizeof *item);
        uint64_t key = htobe64((uint64_t)bench_key(i));
        const char *value = (const char *)&key;
        PGresult *result = execute(r, "get", 1, &value, &(int){sizeof key});
        check_types(result);
        if (PQntuples(result) != 1)
            bench_fail("postgresql: the row was not found");
        read_item(result, 0, item, &arena);
        PQclear(result);
        sum += bench_sum(item);
    }
    run(r, "COMMIT");
    bench_arena_done(&arena);
    return sum;
}

static uint64_t load_once(raw *r)
{
    bench_arena arena = {0};
    uint64_t sum = 0;
    run(r, "BEGIN");
    PGresult *result = execute(r, "load", 0, NULL, NULL);
    run(r, "COMMIT");
    check_types(result);
    int count = PQntuples(result);
    struct item *items = bench_allocate(&arena, (size_t)count * sizeof *items);
    for (int i = 0; i < count; i++)
        read_item(result, i, &items[i], &arena);
    PQclear(result);
    for (int i = 0; i < count; i++)
        sum += bench_sum(&items[i]);
    bench_arena_done(&arena);
    return sum;
}

static char *extend(buffer *b, size_t size)
{
    if (b->capacity - b->size < size) {
        b->capacity = b->capacity ? b->capacity * 2 : 4096;
        if (b->capacity < b->size + size)
            b->capacity = b->size + size;
        b->bytes = realloc(b->bytes, b->capacity);
        if (!b->bytes)
            bench_fail("out of memory");
    }
    char *at = b->bytes + b->size;
    b->size += size;
    return at;
}

static void put32(char *at, uint32_t value)
{
    value = htobe32(value);
    memcpy(at, &value, sizeof value);
}

static void add64(buffer *b, uint64_t value)
{
    char *at = extend(b, 12);
    put32(at, 8);
    value = htobe64(value);
    memcpy(at + 4, &value, sizeof value);
}

static void add_text(buffer *b, const char *text)
{
    if (!text) {
        put32(extend(b, 4), UINT32_MAX);
        return;
    }
    size_t size = strlen(text);
    char *at = extend(b, 4 + size);
    put32(at, (uint32_t)size);
    memcpy(at + 4, text, size);
}

/* Writes the header of a binary array with one dimension and the lower bound 1. Only the last
 * column can contain NULL. */
static void start_array(buffer *b, int column, int count)
{
    b->size = 0;
    char *at = extend(b, 20);
    put32(at, 1);
    put32(at + 4, column == COLUMNS - 1);
    put32(at + 8, types[column]);
    put32(at + 12, (uint32_t)count);
    put32(at + 16, 1);
}

static void insert_chunk(raw *r, struct item *items, int count)
{
    const char *values[COLUMNS - 1];
    int sizes[COLUMNS - 1];
    buffer *a = r->arrays;
    for (int i = 0; i < COLUMNS - 1; i++)
        start_array(&a[i], i + 1, count);
    for (int i = 0; i < count; i++) {
        uint64_t price;
        memcpy(&price, &items[i].price, sizeof price);
        add_text(&a[0], items[i].name);
        add_text(&a[1], items[i].email);
        char *at = extend(&a[2], 8);
        put32(at, 4);
        put32(at + 4, (uint32_t)items[i].quantity);
        add64(&a[3], price);
        at = extend(&a[4], 5);
        put32(at, 1);
        at[4] = items[i].active;
        add64(&a[5], (uint64_t)(items[i].created.us - EPOCH));
        add_text(&a[6], items[i].note);
    }
    for (int i = 0; i < COLUMNS - 1; i++) {
        values[i] = a[i].bytes;
        sizes[i] = (int)a[i].size;
    }
    PGresult *result = execute(r, "insert", COLUMNS - 1, values, sizes);
    if (PQntuples(result) != count)
        bench_fail("postgresql: the statement returned %d rows", PQntuples(result));
    for (int i = 0; i < count; i++)
        items[i].id = read_int64(result, i, 0);
    PQclear(result);
}

static uint64_t raw_run(void *connection, bench_job job, struct item *rows, int count)
{
    raw *r = connection;
    uint64_t sum = 0;
    switch (job) {
    case BENCH_GET:
        return get(r, count);
    case BENCH_LOAD:
        for (int i = 0; i < count; i++)
            sum += load_once(r);
        return sum;
    default:
        run(r, "BEGIN");
        for (int i = 0; i < count; i += CHUNK)
            insert_chunk(r, rows + i, count - i < CHUNK ? count - i : CHUNK);
        run(r, "COMMIT");
        return (uint64_t)rows[count - 1].id;
    }
}

const bench_side bench_raw_postgresql = {"raw", raw_open, raw_close, raw_run};
