/* SPDX-License-Identifier: MIT
 *
 * The list of database files that this process has open. It is the only state in furrow that
 * belongs to the process and not to an engine.
 *
 * POSIX locks belong to a process. SQLite keeps its own list of the locks that it holds. A fork
 * copies that list to the child, but does not copy the locks. If the child opened one of these
 * files, SQLite would rely on locks that it does not have, and two writers would damage the file.
 * SQLite cannot detect this. Therefore each connection is put into a list together with the ID of
 * the process that opened it. A child is not allowed to open a file that an ancestor had open at
 * the fork. The list is empty after an exec.
 *
 * The list must be valid in a child even if another thread was changing it during the fork. For
 * that reason the list is singly linked, and each change is one store. If the list was locked by
 * another process, it counts as not locked. */
#include <sched.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "driver/sqlite/sqlite.h"

static furrow__sqlite *first_open;
static atomic_int
    holder; /* ID of the process that has locked the list; 0: the list is not locked */

static pid_t lock_list(void)
{
    pid_t me = getpid();
    for (;;) {
        int found = 0;
        if (atomic_compare_exchange_strong(&holder, &found, (int)me))
            return me;
        if (found != (int)me && atomic_compare_exchange_strong(&holder, &found, (int)me))
            return me; /* a thread of the parent held the lock at the time of the fork */
        sched_yield();
    }
}

static bool is_same(furrow_file a, furrow_file b)
{
    return a.device == b.device && a.inode == b.inode;
}

static furrow_file file_of(const char *path)
{
    struct stat file;
    if (stat(path, &file) != 0)
        return (furrow_file){0};
    return (furrow_file){(uint64_t)file.st_dev, (uint64_t)file.st_ino};
}

bool furrow__sqlite_is_expected(const char *path, furrow_file expected)
{
    return !expected.inode || is_same(file_of(path), expected);
}

static void unlock_list(void)
{
    atomic_store(&holder, 0);
}

furrow_status furrow__sqlite_check_inherited(const char *path, furrow_error *error)
{
    furrow_file file = file_of(path);
    bool inherited = false;
    if (!file.inode)
        return FURROW_OK;
    pid_t me = lock_list();
    for (const furrow__sqlite *c = first_open; c; c = c->next_open)
        if (c->process != me && is_same(c->base.file, file))
            inherited = true;
    unlock_list();
    if (!inherited)
        return FURROW_OK;
    furrow__fail(error, FURROW_INVALID,
                 "\"%s\" was open in the process from which this one was forked", path);
    return furrow__hint(error,
                        "call exec first, or fork before the file is opened: a child does not "
                        "inherit SQLite's locks");
}

void furrow__sqlite_note_open(furrow__sqlite *connection, const char *path)
{
    connection->base.file = file_of(path);
    if (!connection->base.file.inode)
        return;
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
