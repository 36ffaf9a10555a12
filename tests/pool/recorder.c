/* SPDX-License-Identifier: MIT
 * See recorder.h. */
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "recorder.h"

enum {
    SYNC_NS = 200000
}; /* a simulated sync takes this long, so that several transactions wait
      for the same sync */

static pthread_mutex_t lock =
    PTHREAD_MUTEX_INITIALIZER; /* protects `record`, so that the events have an order */
static recording *record;
static char base_path[512];
static sqlite3_vfs *real_vfs;

typedef struct file {
    sqlite3_file base;
    sqlite3_file *real;
    int which;   /* a value of recorded_file; RECORDED_FILES if the file is not recorded */
    bool is_new; /* whether the file is a log that may be new; its first sync then includes the
                    folder */
} file;

#define REAL(f) ((file *)(f))->real
#define PASS(call) REAL(f)->pMethods->call

/* Appends an event to the record. The caller must hold the lock. */
static void add(recorded_event event, const void *bytes)
{
    if (record->count == record->capacity) {
        record->capacity = record->capacity ? record->capacity * 2 : 1024;
        record->events = realloc(record->events, record->capacity * sizeof *record->events);
        if (!record->events)
            abort();
    }
    if (bytes) {
        event.bytes = malloc(event.size ? event.size : 1);
        if (!event.bytes)
            abort();
        memcpy(event.bytes, bytes, event.size);
    }
    record->events[record->count++] = event;
}

void recorder_acknowledge(int64_t number)
{
    pthread_mutex_lock(&lock);
    add((recorded_event){.kind = RECORDED_ACKNOWLEDGE, .number = number}, NULL);
    pthread_mutex_unlock(&lock);
}

void recording_done(recording *r)
{
    for (size_t i = 0; i < r->count; i++)
        free(r->events[i].bytes);
    free(r->events);
    memset(r, 0, sizeof *r);
}

static int file_close(sqlite3_file *f)
{
    return PASS(xClose)(REAL(f));
}
static int file_read(sqlite3_file *f, void *to, int size, sqlite3_int64 at)
{
    return PASS(xRead)(REAL(f), to, size, at);
}
static int file_write(sqlite3_file *f, const void *from, int size, sqlite3_int64 at)
{
    int which = ((file *)f)->which;
    pthread_mutex_lock(&lock);
    int rc = PASS(xWrite)(REAL(f), from, size, at);
    if (rc == SQLITE_OK && which < RECORDED_FILES)
        add((recorded_event){.kind = RECORDED_WRITE,
                             .file = (recorded_file)which,
                             .offset = at,
                             .size = (size_t)size},
            from);
    pthread_mutex_unlock(&lock);
    return rc;
}
static int file_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    int which = ((file *)f)->which;
    pthread_mutex_lock(&lock);
    int rc = PASS(xTruncate)(REAL(f), size);
    if (rc == SQLITE_OK && which < RECORDED_FILES)
        add((recorded_event){.kind = RECORDED_TRUNCATE,
                             .file = (recorded_file)which,
                             .offset = size},
            NULL);
    pthread_mutex_unlock(&lock);
    return rc;
}
static int file_sync(sqlite3_file *f, int flags)
{
    file *me = (file *)f;
    (void)flags;
    if (me->which >= RECORDED_FILES)
        return SQLITE_OK;
    pthread_mutex_lock(&lock);
    recorded_event sync = {.kind = RECORDED_SYNC,
                           .file = (recorded_file)me->which,
                           .covers = record->count,
                           .of_folder = me->is_new};
    me->is_new = false;
    pthread_mutex_unlock(&lock);
    nanosleep(&(struct timespec){.tv_nsec = SYNC_NS}, NULL);
    pthread_mutex_lock(&lock);
    add(sync, NULL);
    pthread_mutex_unlock(&lock);
    return SQLITE_OK;
}
static int file_size(sqlite3_file *f, sqlite3_int64 *size)
{
    return PASS(xFileSize)(REAL(f), size);
}
static int file_lock(sqlite3_file *f, int level)
{
    return PASS(xLock)(REAL(f), level);
}
static int file_unlock(sqlite3_file *f, int level)
{
    return PASS(xUnlock)(REAL(f), level);
}
static int file_reserved(sqlite3_file *f, int *out)
{
    return PASS(xCheckReservedLock)(REAL(f), out);
}
static int file_control(sqlite3_file *f, int op, void *argument)
{
    return PASS(xFileControl)(REAL(f), op, argument);
}
static int file_sector(sqlite3_file *f)
{
    return PASS(xSectorSize)(REAL(f));
}
static int file_device(sqlite3_file *f)
{
    return PASS(xDeviceCharacteristics)(REAL(f));
}
static int file_map(sqlite3_file *f, int region, int size, int extend, void volatile **out)
{
    return PASS(xShmMap)(REAL(f), region, size, extend, out);
}
static int file_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
    return PASS(xShmLock)(REAL(f), offset, n, flags);
}
static void file_barrier(sqlite3_file *f)
{
    PASS(xShmBarrier)(REAL(f));
}
static int file_unmap(sqlite3_file *f, int remove_it)
{
    return PASS(xShmUnmap)(REAL(f), remove_it);
}

/* Version 2 of the methods has no memory-mapped reads, so every write goes through xWrite. */
static const sqlite3_io_methods methods = {
    2,           file_close, file_read,     file_write,    file_truncate, file_sync,
    file_size,   file_lock,  file_unlock,   file_reserved, file_control,  file_sector,
    file_device, file_map,   file_shm_lock, file_barrier,  file_unmap,    NULL,
    NULL,
};

static int which_of(const char *name)
{
    static const char *const endings[RECORDED_FILES] = {"", "-wal", "-journal"};
    size_t size = strlen(base_path);
    if (!name || strncmp(name, base_path, size) != 0)
        return RECORDED_FILES;
    int which = 0;
    while (which < RECORDED_FILES && strcmp(name + size, endings[which]) != 0)
        which++;
    return which;
}

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out)
{
    (void)vfs;
    file *made = (file *)f;
    made->real = (sqlite3_file *)(made + 1);
    made->which = which_of(name);
    made->is_new =
        (flags & SQLITE_OPEN_CREATE) && (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL));
    int rc = real_vfs->xOpen(real_vfs, name, made->real, flags, out);
    made->base.pMethods = made->real->pMethods ? &methods : NULL;
    return rc;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
    (void)vfs;
    int which = which_of(name);
    pthread_mutex_lock(&lock);
    int rc = real_vfs->xDelete(real_vfs, name, sync_folder);
    if (rc == SQLITE_OK && which < RECORDED_FILES) {
        add((recorded_event){.kind = RECORDED_REMOVE, .file = (recorded_file)which}, NULL);
        if (sync_folder)
            add((recorded_event){.kind = RECORDED_SYNC,
                                 .file = (recorded_file)which,
                                 .covers = record->count,
                                 .of_folder = true},
                NULL);
    }
    pthread_mutex_unlock(&lock);
    return rc;
}

void recorder_start(const char *path, recording *into)
{
    static sqlite3_vfs vfs;
    snprintf(base_path, sizeof base_path, "%s", path);
    record = into;
    memset(into, 0, sizeof *into);
    if (real_vfs)
        return;
    real_vfs = sqlite3_vfs_find(NULL);
    vfs = *real_vfs;
    vfs.zName = "recorder";
    vfs.szOsFile = (int)sizeof(file) + real_vfs->szOsFile;
    vfs.xOpen = vfs_open;
    vfs.xDelete = vfs_delete;
    sqlite3_vfs_register(&vfs, 1);
}
