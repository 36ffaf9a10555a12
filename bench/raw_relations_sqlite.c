/* SPDX-License-Identifier: MIT
 *
 * Loads users with their posts and comments: hand-written C on SQLite. There is one prepared
 * statement per table. Its parameters are the keys of the parents. The statement uses the index on
 * the column that refers to the parent, and returns the children in the order of the index. The
 * side `loop` does the same in a simpler and slower way, with one statement per user.
 */
#include <stdio.h>

#include "raw_sqlite.h"
#include "relations.h"

typedef struct raw {
    sqlite3 *db;
    sqlite3_stmt *begin, *commit, *users, *posts, *comments, *posts_of_one;
} raw;

#define POSTS "SELECT id, user_id, title, body FROM posts WHERE user_id "
#define COMMENTS "SELECT id, post_id, text FROM comments WHERE post_id "

/* Prepares the statement that begins with `start` and continues with IN (?,?,…) and ORDER BY. The
 * rows are ordered by their parent's key, and then by their own key. */
static sqlite3_stmt *prepare_in(raw *r, const char *start, int count, const char *order)
{
    char *text = malloc(256 + (size_t)count * 2);
    if (!text)
        bench_fail("out of memory");
    size_t size = (size_t)snprintf(text, 128, "%sIN (", start);
    for (int i = 0; i < count; i++) {
        text[size++] = '?';
        text[size++] = ',';
    }
    snprintf(text + size - 1, 128, ") ORDER BY %s, id", order);
    sqlite3_stmt *statement = raw_prepare(r->db, text);
    free(text);
    return statement;
}

static void *raw_open(const char *path)
{
    raw *r = calloc(1, sizeof *r);
    if (!r)
        bench_fail("out of memory");
    r->db = raw_connect(path);
    r->begin = raw_prepare(r->db, "BEGIN IMMEDIATE");
    r->commit = raw_prepare(r->db, "COMMIT");
    r->users = raw_prepare(r->db, "SELECT id, name, hair_color FROM users");
    r->posts = prepare_in(r, POSTS, BENCH_USERS, "user_id");
    r->comments = prepare_in(r, COMMENTS, BENCH_USERS * BENCH_POSTS_EACH, "post_id");
    r->posts_of_one = raw_prepare(r->db, POSTS "= ? ORDER BY id");
    return r;
}

static void raw_close(void *connection)
{
    raw *r = connection;
    sqlite3_stmt *all[] = {r->begin, r->commit, r->users, r->posts, r->comments, r->posts_of_one};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        sqlite3_finalize(all[i]);
    sqlite3_close(r->db);
    free(r);
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

static const char *read_optional(sqlite3_stmt *s, int i, bench_arena *arena)
{
    return sqlite3_column_type(s, i) == SQLITE_NULL ? NULL : read_text(s, i, arena);
}

static int64_t read_integer(sqlite3_stmt *s, int i)
{
    if (sqlite3_column_type(s, i) != SQLITE_INTEGER)
        bench_fail("sqlite: column %d is not an integer", i);
    return sqlite3_column_int64(s, i);
}

static bool step(raw *r, sqlite3_stmt *statement)
{
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        return true;
    if (code != SQLITE_DONE)
        bench_fail("sqlite: %s", sqlite3_errmsg(r->db));
    sqlite3_reset(statement);
    return false;
}

static void bind_keys(sqlite3_stmt *statement, const bench_rows *rows, size_t size)
{
    for (size_t i = 0; i < rows->count; i++) {
        int64_t key;
        memcpy(&key, rows->items + i * size, sizeof key);
        if (sqlite3_bind_int64(statement, (int)i + 1, key))
            bench_fail("sqlite: a key could not be bound");
    }
}

static void read_users(raw *r, bench_rows *rows, bench_arena *arena)
{
    while (step(r, r->users)) {
        struct raw_user *user = bench_row(rows, sizeof *user);
        *user = (struct raw_user){.id = read_integer(r->users, 0),
                                  .name = read_text(r->users, 1, arena),
                                  .hair_color = read_optional(r->users, 2, arena)};
    }
}

static void read_posts(raw *r, sqlite3_stmt *s, bench_rows *rows, bench_arena *arena)
{
    while (step(r, s)) {
        struct raw_post *post = bench_row(rows, sizeof *post);
        *post = (struct raw_post){.id = read_integer(s, 0),
                                  .user_id = read_integer(s, 1),
                                  .title = read_text(s, 2, arena),
                                  .body = read_optional(s, 3, arena)};
    }
}

static void read_comments(raw *r, bench_rows *rows, bench_arena *arena)
{
    sqlite3_stmt *s = r->comments;
    while (step(r, s)) {
        struct raw_comment *comment = bench_row(rows, sizeof *comment);
        *comment = (struct raw_comment){.id = read_integer(s, 0),
                                        .post_id = read_integer(s, 1),
                                        .text = read_text(s, 2, arena)};
    }
}

static uint64_t load_once(raw *r, bench_job job, bool one_by_one)
{
    bench_arena arena = {0};
    bench_rows users = {0}, posts = {0}, comments = {0};
    raw_run(r->begin);
    read_users(r, &users, &arena);
    if (one_by_one) {
        for (size_t i = 0; i < users.count; i++) {
            bench_rows user = {users.items + i * sizeof(struct raw_user), 1, 1};
            bind_keys(r->posts_of_one, &user, sizeof(struct raw_user));
            read_posts(r, r->posts_of_one, &posts, &arena);
        }
    } else {
        bind_keys(r->posts, &users, sizeof(struct raw_user));
        read_posts(r, r->posts, &posts, &arena);
    }
    if (job == BENCH_COMMENTS) {
        bind_keys(r->comments, &posts, sizeof(struct raw_post));
        read_comments(r, &comments, &arena);
    }
    raw_run(r->commit);
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

const bench_side bench_raw_sqlite_blog = {"raw", raw_open, raw_close, run_at_once};
const bench_side bench_raw_sqlite_loop = {"raw, a statement a user", raw_open, raw_close, run_loop};
