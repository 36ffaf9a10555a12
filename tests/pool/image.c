/* SPDX-License-Identifier: MIT
 * See image.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"

static image *mounted;

static void resize(image_file *f, size_t size)
{
    if (size > f->capacity) {
        f->capacity = size > 2 * f->capacity ? size : 2 * f->capacity;
        f->bytes = realloc(f->bytes, f->capacity);
        if (!f->bytes)
            abort();
    }
    if (size > f->size)
        memset(f->bytes + f->size, 0, size - f->size);
    f->size = size;
}

static void write_at(image_file *f, const void *bytes, size_t size, size_t offset)
{
    f->exists = true;
    if (offset + size > f->size)
        resize(f, offset + size);
    if (size)
        memcpy(f->bytes + offset, bytes, size);
}

void image_apply(image *disk, const recorded_event *event, size_t most)
{
    image_file *f = &disk->files[event->file];
    switch (event->kind) {
    case RECORDED_WRITE:
        write_at(f, event->bytes, event->size < most ? event->size : most, (size_t)event->offset);
        break;
    case RECORDED_TRUNCATE:
        resize(f, (size_t)event->offset);
        break;
    case RECORDED_REMOVE:
        f->exists = false;
        f->size = 0;
        break;
    case RECORDED_SYNC:
    case RECORDED_ACKNOWLEDGE:
        break;
    }
}

void image_copy(image *to, const image *from)
{
    for (int i = 0; i < RECORDED_FILES; i++) {
        resize(&to->files[i], from->files[i].size);
        if (from->files[i].size)
            memcpy(to->files[i].bytes, from->files[i].bytes, from->files[i].size);
        to->files[i].exists = from->files[i].exists;
    }
}

void image_done(image *disk)
{
    for (int i = 0; i < RECORDED_FILES; i++)
        free(disk->files[i].bytes);
    memset(disk, 0, sizeof *disk);
}

typedef struct file {
    sqlite3_file base;
    image_file *at;
} file;

#define AT(f) ((file *)(f))->at

static int file_close(sqlite3_file *f)
{
    (void)f;
    return SQLITE_OK;
}
static int file_read(sqlite3_file *f, void *to, int size, sqlite3_int64 at)
{
    const image_file *from = AT(f);
    size_t offset = (size_t)at, wanted = (size_t)size;
    size_t there = offset < from->size ? from->size - offset : 0;
    size_t got = there < wanted ? there : wanted;
    if (got)
        memcpy(to, from->bytes + offset, got);
    if (got == wanted)
        return SQLITE_OK;
    memset((char *)to + got, 0, wanted - got);
    return SQLITE_IOERR_SHORT_READ;
}
static int file_write(sqlite3_file *f, const void *from, int size, sqlite3_int64 at)
{
    write_at(AT(f), from, (size_t)size, (size_t)at);
    return SQLITE_OK;
}
static int file_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    resize(AT(f), (size_t)size);
    return SQLITE_OK;
}
static int file_nothing(sqlite3_file *f, int flags)
{
    (void)f, (void)flags;
    return SQLITE_OK;
}
static int file_size(sqlite3_file *f, sqlite3_int64 *size)
{
    *size = (sqlite3_int64)AT(f)->size;
    return SQLITE_OK;
}
static int file_reserved(sqlite3_file *f, int *out)
{
    (void)f;
    *out = 0;
    return SQLITE_OK;
}
static int file_control(sqlite3_file *f, int op, void *argument)
{
    (void)f, (void)op, (void)argument;
    return SQLITE_NOTFOUND;
}
static int file_sector(sqlite3_file *f)
{
    (void)f;
    return 512;
}
static int file_device(sqlite3_file *f)
{
    (void)f;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE; /* the real VFS reports the same value */
}

static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_nothing,
    .xFileSize = file_size,
    .xLock = file_nothing,
    .xUnlock = file_nothing,
    .xCheckReservedLock = file_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_device,
};

static image_file *find(const char *name)
{
    static const char *const names[RECORDED_FILES] = {"/image", "/image-wal", "/image-journal"};
    for (int i = 0; name && i < RECORDED_FILES; i++)
        if (strcmp(name, names[i]) == 0)
            return &mounted->files[i];
    return NULL;
}

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out)
{
    (void)vfs;
    file *made = (file *)f;
    made->base.pMethods = NULL;
    made->at = find(name);
    if (!made->at || (!made->at->exists && !(flags & SQLITE_OPEN_CREATE)))
        return SQLITE_CANTOPEN;
    made->at->exists = true;
    made->base.pMethods = &methods;
    if (out)
        *out = flags;
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
    (void)vfs, (void)sync_folder;
    image_file *f = find(name);
    if (!f || !f->exists)
        return SQLITE_IOERR_DELETE_NOENT;
    f->exists = false;
    f->size = 0;
    return SQLITE_OK;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
    (void)vfs, (void)flags;
    image_file *f = find(name);
    /* The real VFS also treats an empty journal as missing. */
    *out = f && f->exists && (flags != SQLITE_ACCESS_EXISTS || f->size > 0);
    return SQLITE_OK;
}

static int vfs_path(sqlite3_vfs *vfs, const char *name, int size, char *out)
{
    (void)vfs;
    snprintf(out, (size_t)size, "%s", name);
    return SQLITE_OK;
}

sqlite3 *image_open(image *disk)
{
    static sqlite3_vfs vfs;
    sqlite3 *db = NULL;
    if (!vfs.zName) {
        vfs = *sqlite3_vfs_find(NULL);
        vfs.zName = "image";
        vfs.szOsFile = (int)sizeof(file);
        vfs.xOpen = vfs_open;
        vfs.xDelete = vfs_delete;
        vfs.xAccess = vfs_access;
        vfs.xFullPathname = vfs_path;
        sqlite3_vfs_register(&vfs, 0);
    }
    mounted = disk;
    if (sqlite3_open_v2("/image", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "image") ||
        sqlite3_exec(db, "PRAGMA locking_mode=EXCLUSIVE; PRAGMA temp_store=MEMORY", NULL, NULL,
                     NULL)) {
        sqlite3_close(db);
        return NULL;
    }
    return db;
}
