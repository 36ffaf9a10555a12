/* SPDX-License-Identifier: MIT
 *
 * Checkpoints of the write-ahead log. SQLite up to 3.51.2 can damage the log when two connections
 * checkpoint at once and one of them writes, so only the writer of an engine checkpoints. It
 * checkpoints at three times:
 * - after a commit that made the log long;
 * - while no session waits, if the log is even longer because a reader prevented a checkpoint or a
 *   transaction was large;
 * - when the connection is closed. */
#include "driver/sqlite/sqlite.h"

enum { LONG = 1000, TOO_LONG = 4000 }; /* number of frames; each frame holds one page */

/* Replaces SQLite's automatic checkpoint, and records the length of the log. */
static int on_commit(void *context, sqlite3 *db, const char *schema, int frames)
{
    furrow__sqlite *connection = context;
    connection->wal_frames = frames;
    if (!connection->relaxed)
        connection->base.syncs++;
    if (frames >= LONG)
        sqlite3_wal_checkpoint_v2(db, schema, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    if (frames < connection->frames_left)
        connection->frames_left = 0; /* the log was restarted */
    connection->base.has_idle_work = frames >= connection->frames_left + TOO_LONG;
    return SQLITE_OK;
}

void furrow__sqlite_watch_wal(furrow__sqlite *connection)
{
    sqlite3_wal_hook(connection->db, on_commit, connection);
}

void furrow__sqlite_truncate_wal(furrow__sqlite *connection)
{
    /* Without a busy handler, the checkpoint does not wait for readers. */
    sqlite3_busy_handler(connection->db, NULL, NULL);
    sqlite3_wal_checkpoint_v2(connection->db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    sqlite3_busy_handler(connection->db, furrow__sqlite_wait_busy, connection);
}

void furrow__sqlite_run_idle_work(furrow_connection *base)
{
    furrow__sqlite *connection = furrow__sqlite_of(base);
    base->has_idle_work = false;
    connection->frames_left = connection->wal_frames;
    connection->deadline_ns = 0;
    furrow__sqlite_truncate_wal(connection);
}
