/* SPDX-License-Identifier: MIT
 *
 * Which database files this process has open: the one thing in furrow that belongs to the process
 * and to no engine. SQLite keeps such a list, with the locks it holds on each file, since POSIX
 * locks are the process's. A child inherits that list by a fork, but not the locks: opening one of
 * those files there, SQLite would take locks for its own that it does not have, and two writers
 * would damage the file. It has no way to know; so the connections, each with the process that
 * opened it, are linked here, and a child is refused what an ancestor had open at the fork. After
 * an exec the list is empty.
 *
 * The list must be good in a child, whatever a thread was at when another forked: it is linked one
 * way, each change is one store, and a lock whose holder is another process is nobody's. */
#include <sched.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "driver/sqlite/sqlite.h"

static furrow__sqlite *first_open;
static atomic_int holder; /* of the list: a process's number, or 0 */

static pid_t lock_list(void)
{
    pid_t me = getpid();
    for (;;) {
        int found = 0;
        if (atomic_compare_exchange_strong(&holder, &found, (int)me))
            return me;
        if (found != (int)me && atomic_compare_exchange_strong(&holder, &found, (int)me))
            return me; /* held at the fork by a thread that is not here */
        sched_yield();
    }
}

static void unlock_list(void)
{
    atomic_store(&holder, 0);
}

furrow_status furrow__sqlite_check_inherited(const char *path, furrow_error *error)
{
    struct stat file;
    bool inherited = false;
    if (stat(path, &file) != 0)
        return FURROW_OK;
    pid_t me = lock_list();
    for (const furrow__sqlite *c = first_open; c; c = c->next_open)
        if (c->process != me && c->device == file.st_dev && c->inode == file.st_ino)
            inherited = true;
    unlock_list();
    if (!inherited)
        return FURROW_OK;
    furrow__fail(error, FURROW_INVALID,
                 "\"%s\" was open in the process that this one was forked from", path);
    return furrow__hint(error,
                        "exec first, or fork before the file is opened: SQLite's locks do not "
                        "outlive a fork");
}

void furrow__sqlite_note_open(furrow__sqlite *connection, const char *path)
{
    struct stat file;
    if (stat(path, &file) != 0)
        return;
    connection->device = file.st_dev;
    connection->inode = file.st_ino;
    connection->process = lock_list();
    connection->next_open = first_open;
    atomic_signal_fence(memory_order_seq_cst);
    first_open = connection;
    unlock_list();
}

void furrow__sqlite_note_closed(furrow__sqlite *connection)
{
    if (!connection->process)
        return;
    lock_list();
    furrow__sqlite **at = &first_open;
    while (*at && *at != connection)
        at = &(*at)->next_open;
    if (*at)
        *at = connection->next_open;
    unlock_list();
}
