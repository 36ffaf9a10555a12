/* SPDX-License-Identifier: MIT
 * See faulty.h. */
#include <sqlite3.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include "faulty.h"

static atomic_long calls;
static atomic_long fail_at;
static atomic_int flavour;
static _Atomic(const char *) failed;
static atomic_bool armed;
static sqlite3_vfs *real_vfs;

typedef struct file {
    sqlite3_file base;
    sqlite3_file *real;
} file;

#define REAL(f) ((file *)(f))->real
#define PASS(call) REAL(f)->pMethods->call

void faulty_arm(long n, fault_flavour with)
{
    calls = 0;
    fail_at = n;
    flavour = (int)with;
    failed = NULL;
    armed = true;
}

long faulty_disarm(void)
{
    armed = false;
    return calls;
}

const char *faulty_failed(void)
{
    return failed;
}

/* Counts a call of the VFS. Returns SQLITE_OK if the call must run. Otherwise returns the error
 * that the call must return: `code` for FAULT_IO, `other` for FAULT_OTHER. */
static int fault(const char *name, int code, int other)
{
    if (!armed || ++calls != fail_at)
        return SQLITE_OK;
    int rc = flavour == FAULT_IO ? code : other;
    if (rc != SQLITE_OK)
        failed = name;
    return rc;
}

static int file_close(sqlite3_file *f)
{
    return PASS(xClose)(REAL(f));
}
static int file_read(sqlite3_file *f, void *to, int size, sqlite3_int64 at)
{
    int rc = fault("read", SQLITE_IOERR_READ, SQLITE_IOERR_SHORT_READ);
    if (rc == SQLITE_IOERR_SHORT_READ)
        memset(to, 0, (size_t)size);
    return rc ? rc : PASS(xRead)(REAL(f), to, size, at);
}
static int file_write(sqlite3_file *f, const void *from, int size, sqlite3_int64 at)
{
    int rc = fault("write", SQLITE_IOERR_WRITE, SQLITE_FULL);
    return rc ? rc : PASS(xWrite)(REAL(f), from, size, at);
}
static int file_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    int rc = fault("truncate", SQLITE_IOERR_TRUNCATE, SQLITE_OK);
    return rc ? rc : PASS(xTruncate)(REAL(f), size);
}
static int file_sync(sqlite3_file *f, int flags)
{
    (void)f, (void)flags;
    return fault("sync", SQLITE_IOERR_FSYNC, SQLITE_FULL);
}
static int file_size(sqlite3_file *f, sqlite3_int64 *size)
{
    int rc = fault("size", SQLITE_IOERR_FSTAT, SQLITE_OK);
    return rc ? rc : PASS(xFileSize)(REAL(f), size);
}
static int file_lock(sqlite3_file *f, int level)
{
    int rc = fault("lock", SQLITE_IOERR_LOCK, SQLITE_OK);
    return rc ? rc : PASS(xLock)(REAL(f), level);
}
static int file_unlock(sqlite3_file *f, int level)
{
    int rc = fault("unlock", SQLITE_IOERR_UNLOCK, SQLITE_OK), real = PASS(xUnlock)(REAL(f), level);
    return rc ? rc : real;
}
static int file_reserved(sqlite3_file *f, int *out)
{
    int rc = fault("reserved", SQLITE_IOERR_CHECKRESERVEDLOCK, SQLITE_OK);
    return rc ? rc : PASS(xCheckReservedLock)(REAL(f), out);
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
    int rc = fault("shared memory", SQLITE_IOERR_SHMMAP, SQLITE_OK);
    if (rc)
        *out = NULL;
    return rc ? rc : PASS(xShmMap)(REAL(f), region, size, extend, out);
}
static int file_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
    bool unlocks = flags & SQLITE_SHM_UNLOCK;
    int rc = fault(unlocks ? "shared unlock" : "shared lock", SQLITE_IOERR_SHMLOCK, SQLITE_OK);
    if (rc && !unlocks)
        return rc;
    int real = PASS(xShmLock)(REAL(f), offset, n, flags);
    return rc ? rc : real;
}
static void file_barrier(sqlite3_file *f)
{
    PASS(xShmBarrier)(REAL(f));
}
static int file_unmap(sqlite3_file *f, int remove_it)
{
    return PASS(xShmUnmap)(REAL(f), remove_it);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_device,
    .xShmMap = file_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_barrier,
    .xShmUnmap = file_unmap,
};

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out)
{
    (void)vfs;
    file *made = (file *)f;
    made->real = (sqlite3_file *)(made + 1);
    made->base.pMethods = NULL;
    int rc = fault("open", SQLITE_CANTOPEN, SQLITE_OK);
    if (rc)
        return rc;
    rc = real_vfs->xOpen(real_vfs, name, made->real, flags, out);
    made->base.pMethods = made->real->pMethods ? &methods : NULL;
    return rc;
}
static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
    (void)vfs, (void)sync_folder;
    int rc = fault("delete", SQLITE_IOERR_DELETE, SQLITE_OK);
    return rc ? rc : real_vfs->xDelete(real_vfs, name, 0);
}
static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
    (void)vfs;
    int rc = fault("access", SQLITE_IOERR_ACCESS, SQLITE_OK);
    return rc ? rc : real_vfs->xAccess(real_vfs, name, flags, out);
}
static int vfs_path(sqlite3_vfs *vfs, const char *name, int size, char *out)
{
    (void)vfs;
    int rc = fault("path", SQLITE_CANTOPEN, SQLITE_OK);
    return rc ? rc : real_vfs->xFullPathname(real_vfs, name, size, out);
}

void faulty_start(void)
{
    static sqlite3_vfs vfs;
    real_vfs = sqlite3_vfs_find(NULL);
    vfs = *real_vfs;
    vfs.zName = "faulty";
    vfs.szOsFile = (int)sizeof(file) + real_vfs->szOsFile;
    vfs.xOpen = vfs_open;
    vfs.xDelete = vfs_delete;
    vfs.xAccess = vfs_access;
    vfs.xFullPathname = vfs_path;
    sqlite3_vfs_register(&vfs, 1);
}
