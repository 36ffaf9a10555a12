/* SPDX-License-Identifier: MIT
 *
 * The write-ahead log. SQLite up to 3.51.2 can damage it when two connections move it into the
 * database and one of them writes, so the engine's writer alone does: behind a commit that made it
 * long, when nobody waits and it is longer still (a reader stood in the way, or one transaction was
 * large), and at the end. */
#include "driver/sqlite/sqlite.h"

enum { LONG = 1000, TOO_LONG = 4000 }; /* frames, each a page */

/* As SQLite's own automatic checkpoint, which this replaces, and remembers the length. */
static int see_commit(void *context, sqlite3 *db, const char *schema, int frames)
{
    furrow__sqlite *connection = context;
    connection->wal_frames = frames;
    if (!connection->relaxed)
        connection->base.syncs++;
    if (frames >= LONG)
        sqlite3_wal_checkpoint_v2(db, schema, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    if (frames < connection->tidied_frames)
        connection->tidied_frames = 0; /* begun anew */
    connection->base.has_idle_work = frames >= connection->tidied_frames + TOO_LONG;
    return SQLITE_OK;
}

void furrow__sqlite_watch_wal(furrow__sqlite *connection)
{
    sqlite3_wal_hook(connection->db, see_commit, connection);
}

void furrow__sqlite_empty_wal(furrow__sqlite *connection)
{
    /* Whoever stands in the way is not waited for. */
    sqlite3_busy_handler(connection->db, NULL, NULL);
    sqlite3_wal_checkpoint_v2(connection->db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    sqlite3_busy_handler(connection->db, furrow__sqlite_wait_busy, connection);
}

void furrow__sqlite_run_idle_work(furrow_connection *base)
{
    furrow__sqlite *connection = furrow__sqlite_of(base);
    base->has_idle_work = false;
    connection->tidied_frames = connection->wal_frames;
    connection->deadline_ns = 0;
    furrow__sqlite_empty_wal(connection);
}
