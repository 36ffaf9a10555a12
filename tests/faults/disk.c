/* SPDX-License-Identifier: MIT
 *
 * Tests SQLite on a full or broken disk. A VFS makes the k-th write, sync or truncate fail, alone
 * or together with all later calls, as if the disk were full or had an I/O error. It passes all
 * other calls to the real VFS. Afterwards, the database must contain either its previous contents
 * or the result of the whole transaction. After FURROW_OK, the database must contain the result,
 * and after FURROW_DATABASE its previous contents. A COMMIT that fails when it writes or syncs must
 * return FURROW_COMMIT_UNKNOWN. The message must say whether the disk was full. The test copies the
 * files when the call fails, and opens the copy, as a process would after a crash at this moment.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "workload.h"

static long calls, fail_at;
static bool armed, ever_after, failed_once;
static bool is_copied; /* the files were copied at the first failure */
static int failure;    /* the error of the failing calls: SQLITE_FULL or SQLITE_IOERR */

typedef struct file {
    sqlite3_file base;
    sqlite3_file *real;
} file;

static sqlite3_vfs *real_vfs;

static bool copy_database(void);

static bool must_fail(void)
{
    if (!armed)
        return false;
    calls++;
    bool now = fail_at && (ever_after ? calls >= fail_at : calls == fail_at);
    if (now && !failed_once)
        is_copied = copy_database();
    failed_once |= now;
    return now;
}

#define REAL(f) ((file *)(f))->real
#define PASS(call) REAL(f)->pMethods->call

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
    if (must_fail())
        return failure == SQLITE_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    return PASS(xWrite)(REAL(f), from, size, at);
}
static int file_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    return must_fail() ? SQLITE_IOERR_TRUNCATE : PASS(xTruncate)(REAL(f), size);
}
static int file_sync(sqlite3_file *f, int flags)
{
    /* Some file systems allocate blocks only on a sync, which then reports a full disk. */
    if (must_fail())
        return failure == SQLITE_FULL ? SQLITE_FULL : SQLITE_IOERR_FSYNC;
    return PASS(xSync)(REAL(f), flags);
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
static int file_control(sqlite3_file *f, int op, void *arg)
{
    return PASS(xFileControl)(REAL(f), op, arg);
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

static const sqlite3_io_methods methods = {
    2,           file_close, file_read,     file_write,    file_truncate, file_sync,
    file_size,   file_lock,  file_unlock,   file_reserved, file_control,  file_sector,
    file_device, file_map,   file_shm_lock, file_barrier,  file_unmap,    NULL,
    NULL,
};

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out)
{
    (void)vfs;
    file *made = (file *)f;
    made->real = (sqlite3_file *)(made + 1);
    int rc = real_vfs->xOpen(real_vfs, name, made->real, flags, out);
    made->base.pMethods = made->real->pMethods ? &methods : NULL;
    return rc;
}

static void set_vfs(void)
{
    static sqlite3_vfs vfs;
    real_vfs = sqlite3_vfs_find(NULL);
    vfs = *real_vfs;
    vfs.zName = "faulty";
    vfs.szOsFile = (int)sizeof(file) + real_vfs->szOsFile;
    vfs.xOpen = open_file;
    sqlite3_vfs_register(&vfs, 1);
}

static char path[512], url[528], copy_path[512], copy_url[528];
static char *before, *after;
static int passed, failed;
static int unknown;    /* attempts that returned FURROW_COMMIT_UNKNOWN */
static int reappeared; /* attempts that failed, but whose transaction the copy contains */

static bool copy_file(const char *ending)
{
    char from[520], to[520], bytes[65536];
    snprintf(from, sizeof from, "%s%s", path, ending);
    snprintf(to, sizeof to, "%s%s", copy_path, ending);
    FILE *in = fopen(from, "rb"), *out = in ? fopen(to, "wb") : NULL;
    for (size_t size; out && (size = fread(bytes, 1, sizeof bytes, in)) > 0;)
        if (fwrite(bytes, 1, size, out) != size)
            break;
    if (in)
        fclose(in);
    return !out || fclose(out) == 0;
}

static bool copy_database(void)
{
    workload_remove(copy_path);
    return copy_file("") && copy_file("-wal") && copy_file("-journal");
}

static const char *attempt(long k, int code, bool for_good)
{
    workload_remove(path);
    if (!workload_reset(url))
        return "could not prepare the tables";
    furrow_error error;
    calls = 0;
    fail_at = k;
    failure = code;
    ever_after = for_good;
    failed_once = false;
    armed = true;
    furrow_status status = workload_run(url, &error);
    armed = false;
    bool is_unknown = status && strcmp(error.sql, "COMMIT") == 0;
    unknown += is_unknown;
    if (status && status != (is_unknown ? FURROW_COMMIT_UNKNOWN : FURROW_DATABASE)) {
        fprintf(stderr, "  %s: %s\n  %s\n", furrow_status_name(status), error.message, error.sql);
        return "the status is wrong";
    }
    if (status &&
        !strstr(error.message, code == SQLITE_FULL ? "full" : "could not be read or written") &&
        !strstr(error.message, "could not be read or written")) {
        fprintf(stderr, "  %s\n", error.message);
        return "the message does not describe the fault";
    }
    if (!failed_once)
        is_copied = copy_database();
    char *copy = is_copied ? workload_dump(copy_url) : NULL, *now = workload_dump(url);
    const char *wrong = NULL;
    if (!now || !copy)
        wrong = "the database cannot be read";
    else if (strcmp(now, before) != 0 && strcmp(now, after) != 0)
        wrong = "the transaction was committed in part";
    else if (strcmp(copy, before) != 0 && strcmp(copy, after) != 0)
        wrong = "the next process finds a part of the transaction";
    else if (status == FURROW_OK && (strcmp(now, after) != 0 || strcmp(copy, after) != 0))
        wrong = "FURROW_OK was returned, but nothing was committed";
    else if (status == FURROW_DATABASE && (strcmp(now, before) != 0 || strcmp(copy, before) != 0))
        wrong = "FURROW_DATABASE was returned, but the transaction was committed";
    reappeared += wrong == NULL && status && strcmp(copy, after) == 0;
    free(now);
    free(copy);
    return wrong;
}

static void check(const char *name, long k, const char *wrong)
{
    if (!wrong) {
        passed++;
        return;
    }
    failed++;
    fprintf(stderr, "FAILED call %ld, %s: %s\n", k, name, wrong);
}

/* Tries every `step`-th call. */
static void try_all(long step)
{
    furrow_error error;
    workload_remove(path);
    if (!workload_reset(url) || !(before = workload_dump(url))) {
        check("none", 0, "could not prepare the tables");
        return;
    }
    armed = true;
    calls = fail_at = 0;
    furrow_status status = workload_run(url, &error);
    armed = false;
    long count = calls;
    after = workload_dump(url);
    check("none", 0, status || !after || strcmp(before, after) == 0 ? "the workload fails" : NULL);
    for (long k = 1; after && k <= count + step; k += step) {
        check("full once", k, attempt(k, SQLITE_FULL, false));
        check("full from then on", k, attempt(k, SQLITE_FULL, true));
        check("I/O error once", k, attempt(k, SQLITE_IOERR, false));
        check("I/O error from then on", k, attempt(k, SQLITE_IOERR, true));
    }
    free(before);
    free(after);
    before = after = NULL;
    printf("%ld calls\n", count);
}

int main(void)
{
    const char *folder = getenv("TMPDIR"), *scale = getenv("FURROW_TEST_SCALE");
    snprintf(path, sizeof path, "%s/furrow-disk-%ld.db", folder ? folder : "/tmp", (long)getpid());
    snprintf(url, sizeof url, "sqlite:///%s", path);
    snprintf(copy_path, sizeof copy_path, "%s/furrow-disk-%ld-copy.db", folder ? folder : "/tmp",
             (long)getpid());
    snprintf(copy_url, sizeof copy_url, "sqlite:///%s", copy_path);
    set_vfs();

    try_all(1);
    workload_has_large_rows = true; /* SQLite then needs a temporary file for the unread rows of a
                                       stream */
    try_all(scale && strcmp(scale, "full") == 0 ? 1 : 20);
    check("all", 0,
          reappeared ? NULL : "no transaction survived a failed COMMIT: nothing was tested");
    workload_remove(path);
    workload_remove(copy_path);
    printf("%d commits with an unknown outcome, %d of them exist\n", unknown, reappeared);
    printf("%d passed, %d failed\n", passed, failed);
    return failed > 0;
}
