/* SPDX-License-Identifier: MIT
 *
 * Loads users with their posts and comments: hand-written C on PostgreSQL. There is one prepared
 * statement per table. Its parameter is a binary array with the keys of the parents. BEGIN is sent
 * together with the first statement. The side `loop` does the same in a simpler and slower way,
 * with one statement per user.
 */
#include <endian.h>
#include <libpq-fe.h>

#include "relations.h"

enum { OID_INT8 = 20, OID_TEXT = 25 };

typedef struct raw {
    PGconn *connection;
    char *keys; /* the keys of the parents as a binary array */
    size_t capacity;
} raw;

static PGresult *check(raw *r, PGresult *result, ExecStatusType wanted)
{
    if (PQresultStatus(result) != wanted)
        bench_fail("postgresql: %s", PQerrorMessage(r->connection));
    return result;
}

static void prepare(raw *r, const char *name, const char *text)
{
    PQclear(check(r, PQprepare(r->connection, name, text, 0, NULL), PGRES_COMMAND_OK));
}

#define POSTS "SELECT id, user_id, title, body FROM posts WHERE user_id = "

static void *raw_open(const char *url)
{
    raw *r = calloc(1, sizeof *r);
    if (!r)
        bench_fail("out of memory");
    r->connection = PQconnectdb(url);
    if (PQstatus(r->connection) != CONNECTION_OK)
        bench_fail("postgresql: %s", PQerrorMessage(r->connection));
    prepare(r, "begin", "BEGIN");
    prepare(r, "users", "SELECT id, name, hair_color FROM users");
    prepare(r, "posts", POSTS "ANY($1::int8[]) ORDER BY id");
    prepare(r, "posts of one", POSTS "$1::int8 ORDER BY id");
    prepare(r, "comments",
            "SELECT id, post_id, text FROM comments WHERE post_id = ANY($1::int8[]) ORDER BY id");
    return r;
}

static void raw_close(void *connection)
{
    raw *r = connection;
    PQfinish(r->connection);
    free(r->keys);
    free(r);
}

/* Reads the next result in the pipeline, and the NULL at the end of the statement's results. */
static PGresult *next(raw *r, ExecStatusType wanted)
{
    PGresult *result = check(r, PQgetResult(r->connection), wanted);
    if (wanted != PGRES_PIPELINE_SYNC && PQgetResult(r->connection))
        bench_fail("postgresql: more results than statements");
    return result;
}

/* Sends BEGIN and the query for the users in one round trip. Returns the users. */
static PGresult *begin_with_users(raw *r)
{
    if (!PQenterPipelineMode(r->connection) ||
        !PQsendQueryPrepared(r->connection, "begin", 0, NULL, NULL, NULL, 0) ||
        !PQsendQueryPrepared(r->connection, "users", 0, NULL, NULL, NULL, 1) ||
        !PQpipelineSync(r->connection))
        bench_fail("postgresql: %s", PQerrorMessage(r->connection));
    PQclear(next(r, PGRES_COMMAND_OK));
    PGresult *users = next(r, PGRES_TUPLES_OK);
    PQclear(next(r, PGRES_PIPELINE_SYNC));
    if (!PQexitPipelineMode(r->connection))
        bench_fail("postgresql: %s", PQerrorMessage(r->connection));
    return users;
}

static void commit(raw *r)
{
    PQclear(check(r, PQexec(r->connection, "COMMIT"), PGRES_COMMAND_OK));
}

static PGresult *execute(raw *r, const char *name, const char *value, int size)
{
    return check(r, PQexecPrepared(r->connection, name, 1, &value, &size, &(int){1}, 1),
                 PGRES_TUPLES_OK);
}

static void put32(char *at, uint32_t value)
{
    value = htobe32(value);
    memcpy(at, &value, sizeof value);
}

static PGresult *execute_for(raw *r, const char *name, const bench_rows *rows, size_t row_size)
{
    size_t size = 20 + rows->count * 12;
    if (size > r->capacity) {
        r->keys = realloc(r->keys, r->capacity = size);
        if (!r->keys)
            bench_fail("out of memory");
    }
    char *at = r->keys;
    put32(at, 1);
    put32(at + 4, 0);
    put32(at + 8, OID_INT8);
    put32(at + 12, (uint32_t)rows->count);
    put32(at + 16, 1);
    at += 20;
    for (size_t i = 0; i < rows->count; i++, at += 12) {
        uint64_t key;
        memcpy(&key, rows->items + i * row_size, sizeof key);
        key = htobe64(key);
        put32(at, 8);
        memcpy(at + 4, &key, sizeof key);
    }
    return execute(r, name, r->keys, (int)size);
}

/* Checks the types of the columns: the first `integers` columns must be bigint, the others text. */
static void check_types(const PGresult *result, int integers, int count)
{
    if (PQnfields(result) != count)
        bench_fail("postgresql: %d columns", PQnfields(result));
    for (int i = 0; i < count; i++)
        if (PQftype(result, i) != (Oid)(i < integers ? OID_INT8 : OID_TEXT))
            bench_fail("postgresql: column %d has an unexpected type", i);
}

static int64_t read_integer(const PGresult *result, int row, int i)
{
    if (PQgetlength(result, row, i) != 8 || PQgetisnull(result, row, i))
        bench_fail("postgresql: column %d is malformed", i);
    uint64_t word;
    memcpy(&word, PQgetvalue(result, row, i), sizeof word);
    return (int64_t)be64toh(word);
}

static const char *read_optional(const PGresult *result, int row, int i, bench_arena *arena)
{
    if (PQgetisnull(result, row, i))
        return NULL;
    return bench_text(arena, PQgetvalue(result, row, i), (size_t)PQgetlength(result, row, i));
}

static const char *read_text(const PGresult *result, int row, int i, bench_arena *arena)
{
    const char *text = read_optional(result, row, i, arena);
    if (!text)
        bench_fail("postgresql: column %d is NULL", i);
    return text;
}

static void read_users(PGresult *result, bench_rows *rows, bench_arena *arena)
{
    check_types(result, 1, 3);
    for (int i = 0; i < PQntuples(result); i++) {
        struct raw_user *user = bench_row(rows, sizeof *user);
        *user = (struct raw_user){.id = read_integer(result, i, 0),
                                  .name = read_text(result, i, 1, arena),
                                  .hair_color = read_optional(result, i, 2, arena)};
    }
    PQclear(result);
}

static void read_posts(PGresult *result, bench_rows *rows, bench_arena *arena)
{
    check_types(result, 2, 4);
    for (int i = 0; i < PQntuples(result); i++) {
        struct raw_post *post = bench_row(rows, sizeof *post);
        *post = (struct raw_post){.id = read_integer(result, i, 0),
                                  .user_id = read_integer(result, i, 1),
                                  .title = read_text(result, i, 2, arena),
                                  .body = read_optional(result, i, 3, arena)};
    }
    PQclear(result);
}

static void read_comments(PGresult *result, bench_rows *rows, bench_arena *arena)
{
    check_types(result, 2, 3);
    for (int i = 0; i < PQntuples(result); i++) {
        struct raw_comment *comment = bench_row(rows, sizeof *comment);
        *comment = (struct raw_comment){.id = read_integer(result, i, 0),
                                        .post_id = read_integer(result, i, 1),
                                        .text = read_text(result, i, 2, arena)};
    }
    PQclear(result);
}

static void read_posts_one_by_one(raw *r, const bench_rows *users, bench_rows *posts,
                                  bench_arena *arena)
{
    for (size_t i = 0; i < users->count; i++) {
        uint64_t key;
        memcpy(&key, users->items + i * sizeof(struct raw_user), sizeof key);
        key = htobe64(key);
        read_posts(execute(r, "posts of one", (const char *)&key, sizeof key), posts, arena);
    }
}

static uint64_t load_once(raw *r, bench_job job, bool one_by_one)
{
    bench_arena arena = {0};
    bench_rows users = {0}, posts = {0}, comments = {0};
    read_users(begin_with_users(r), &users, &arena);
    if (one_by_one)
        read_posts_one_by_one(r, &users, &posts, &arena);
    else
        read_posts(execute_for(r, "posts", &users, sizeof(struct raw_user)), &posts, &arena);
    if (job == BENCH_COMMENTS)
        read_comments(execute_for(r, "comments", &posts, sizeof(struct raw_post)), &comments,
                      &arena);
    commit(r);
    bench_group(&users, &posts, &comments);
    uint64_t sum = bench_sum_of_users(&users);
    free(users.items);
    free(posts.items);
    free(comments.items);
    bench_arena_done(&arena);
    return sum;
}

static uint64_t run_at_once(void *connection, bench_job job, struct item *rows, int count)
{
    uint64_t sum = 0;
    (void)rows;
    for (int i = 0; i < count; i++)
        sum += load_once(connection, job, false);
    return sum;
}

static uint64_t run_loop(void *connection, bench_job job, struct item *rows, int count)
{
    uint64_t sum = 0;
    (void)rows;
    for (int i = 0; i < count; i++)
        sum += load_once(connection, job, true);
    return sum;
}

const bench_side bench_raw_postgresql_blog = {"raw", raw_open, raw_close, run_at_once};
const bench_side bench_raw_postgresql_loop = {"raw, a statement a user", raw_open, raw_close,
                                              run_loop};
