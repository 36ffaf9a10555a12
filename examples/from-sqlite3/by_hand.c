/* SPDX-License-Identifier: MIT
 * Stores and finds readings with sqlite3 calls. */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

static int fail(sqlite3 *db)
{
    fprintf(stderr, "by_hand: %s\n", sqlite3_errmsg(db));
    sqlite3_close(db);
    return 1;
}

static int insert(sqlite3 *db, const char *sensor, double celsius)
{
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(db, "INSERT INTO reading (sensor, celsius) VALUES (?, ?)", -1,
                           &statement, NULL) != SQLITE_OK)
        return SQLITE_ERROR;
    sqlite3_bind_text(statement, 1, sensor, -1, SQLITE_TRANSIENT);
    sqlite3_bind_double(statement, 2, celsius);
    int code = sqlite3_step(statement);
    sqlite3_finalize(statement);
    return code == SQLITE_DONE ? SQLITE_OK : SQLITE_ERROR;
}

int main(int argc, char **argv)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    const char *url = argc > 1 ? argv[1] : "sqlite:///by_hand.db";
    const char *file = strncmp(url, "sqlite:///", 10) == 0 ? url + 10 : ":memory:";
    if (sqlite3_open(file, &db) != SQLITE_OK)
        return fail(db);
    if (sqlite3_exec(db,
                     "PRAGMA foreign_keys = ON; BEGIN IMMEDIATE;"
                     "CREATE TABLE IF NOT EXISTS reading (id INTEGER PRIMARY KEY, sensor TEXT "
                     "NOT NULL, celsius REAL NOT NULL, taken_at TEXT)",
                     NULL, NULL, NULL) != SQLITE_OK ||
        insert(db, "cellar", 11.5) != SQLITE_OK || insert(db, "attic", 28.25) != SQLITE_OK ||
        sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
        return fail(db);
    if (sqlite3_prepare_v2(db, "SELECT sensor, celsius FROM reading WHERE celsius > ? ORDER BY id",
                           -1, &statement, NULL) != SQLITE_OK)
        return fail(db);
    sqlite3_bind_double(statement, 1, 20.0);
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW)
        printf("%s: %.2f\n", (const char *)sqlite3_column_text(statement, 0),
               sqlite3_column_double(statement, 1));
    sqlite3_finalize(statement);
    if (code != SQLITE_DONE)
        return fail(db);
    sqlite3_close(db);
    return 0;
}
