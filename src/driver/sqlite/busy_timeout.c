/* SPDX-License-Identifier: MIT
 * Time limits. While a connection waits for a lock that another process holds, it sleeps for short
 * and equal times, so that all waiting connections have the same chance. SQLite's own handler
 * sleeps longer each time. The time limit of a statement is checked while the statement runs. */
#include <time.h>

#include "base/clock.h"
#include "driver/sqlite/sqlite.h"

enum {
    BUSY_SLEEP_US = 500,
    STEPS_PER_CHECK = 2000, /* number of instructions of SQLite's virtual machine between two
                               checks; these instructions take about ten microseconds */
};
#define NS_PER_MS INT64_C(1000000)

static bool has_timed_out(furrow__sqlite *connection, int64_t now)
{
    if (!connection->deadline_ns || now < connection->deadline_ns)
        return false;
    connection->timed_out = true;
    return true;
}

int furrow__sqlite_wait_busy(void *context, int tries)
{
    furrow__sqlite *connection = context;
    int64_t now = furrow__now_ns();
    if (tries == 0)
        connection->busy_since_ns = now;
    if (now - connection->busy_since_ns >= connection->busy_timeout_ms * NS_PER_MS ||
        has_timed_out(connection, now) || atomic_load(&connection->cancelled))
        return 0;
    nanosleep(&(struct timespec){.tv_nsec = BUSY_SLEEP_US * 1000L}, NULL);
    return 1;
}

static int check_deadline(void *context)
{
    furrow__sqlite *connection = context;
    return connection->deadline_ns && has_timed_out(connection, furrow__now_ns());
}

void furrow__sqlite_set_deadline(furrow__sqlite *connection)
{
    connection->timed_out = false;
    atomic_store_explicit(&connection->cancelled, false, memory_order_relaxed);
    connection->deadline_ns =
        connection->timeout_ms ? furrow__now_ns() + connection->timeout_ms * NS_PER_MS : 0;
}

void furrow__sqlite_set_timeout(furrow_connection *base, int timeout_ms)
{
    furrow__sqlite *connection = furrow__sqlite_of(base);
    if (timeout_ms && !connection->timeout_ms)
        sqlite3_progress_handler(connection->db, STEPS_PER_CHECK, check_deadline, connection);
    if (!timeout_ms && connection->timeout_ms)
        sqlite3_progress_handler(connection->db, 0, NULL, NULL);
    connection->timeout_ms = timeout_ms;
    connection->deadline_ns = 0;
}

void furrow__sqlite_cancel(furrow_connection *base)
{
    furrow__sqlite *connection = furrow__sqlite_of(base);
    atomic_store(&connection->cancelled, true); /* the statement's time limit also limits how long
                                                   it waits for a lock */
    sqlite3_interrupt(connection->db);
}
