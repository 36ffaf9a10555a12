/* SPDX-License-Identifier: MIT
 * Declares the functions that all hand-written sides on SQLite use. If an operation fails, they
 * print a message and exit. */
#ifndef FURROW_BENCH_RAW_SQLITE_H
#define FURROW_BENCH_RAW_SQLITE_H

#include <sqlite3.h>

_Noreturn void bench_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Opens a connection without a mutex. Its other settings are the same as those of furrow's
 * connections. */
static inline sqlite3 *raw_connect(const char *path)
{
    sqlite3 *db;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL))
        bench_fail("sqlite: could not open %s", path);
    sqlite3_busy_timeout(db, 600000);
    if (sqlite3_exec(db,
                     "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                     "PRAGMA cell_size_check=ON; PRAGMA cache_size=-16384",
                     NULL, NULL, NULL))
        bench_fail("sqlite: %s", sqlite3_errmsg(db));
    return db;
}

static inline sqlite3_stmt *raw_prepare(sqlite3 *db, const char *text)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v3(db, text, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL))
        bench_fail("sqlite: %s", sqlite3_errmsg(db));
    return statement;
}

/* Runs a statement that returns no rows. */
static inline void raw_run(sqlite3_stmt *statement)
{
    if (sqlite3_step(statement) != SQLITE_DONE)
        bench_fail("sqlite: %s", sqlite3_errmsg(sqlite3_db_handle(statement)));
    sqlite3_reset(statement);
}

#endif
