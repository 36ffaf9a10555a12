/* SPDX-License-Identifier: MIT
 * Finds out why a database file could not be opened, since SQLite reports the same code for many
 * causes. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/text.h"
#include "driver/sqlite/sqlite.h"

enum { REASON_SIZE = 128 };

static const char *text_of_posix(int failed, const char *reason)
{
    return failed ? "unknown error of the system" : reason;
}

static const char *text_of_gnu(const char *text, const char *reason)
{
    (void)reason;
    return text;
}

/* Returns the system's text for an error number. strerror is not safe in programs with threads on
 * every C library; strerror_r returns an int by POSIX, and the text by the GNU C library. */
static const char *describe(int cause, char reason[REASON_SIZE])
{
    return _Generic(strerror_r(0, reason, 0), int: text_of_posix, char *: text_of_gnu)(
        strerror_r(cause, reason, REASON_SIZE), reason);
}

/* Removes the file name from a path, in place. */
static void cut_to_folder(char *path)
{
    char *slash = strrchr(path, '/');
    if (slash)
        slash[slash == path] = '\0';
}

/* Whether the database has a write-ahead log, which means that the read version (byte 19 of the
 * file's header) is 2 (https://www.sqlite.org/fileformat.html). The header is read through the
 * connection's own descriptor, because closing another descriptor would release the POSIX locks of
 * this process. */
bool furrow__sqlite_has_wal(sqlite3 *db)
{
    char header[20] = "";
    sqlite3_file *file = NULL;
    return db && sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK &&
           file && file->pMethods &&
           file->pMethods->xRead(file, header, sizeof header, 0) == SQLITE_OK && header[19] == 2;
}

static bool is_forbidden(const char *path)
{
    return faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) != 0 && errno != ENOENT;
}

/* Whether the process lacks the permission to create or write the write-ahead log or the log's
 * index. */
static bool is_forbidden_beside(const char *path)
{
    char name[520];
    furrow__copy_text(name, sizeof name, path);
    cut_to_folder(name);
    if (is_forbidden(strchr(path, '/') ? name : "."))
        return true;
    snprintf(name, sizeof name, "%s-shm", path);
    return is_forbidden(name);
}

static bool is_forbidden_wal(sqlite3 *db, const char *path)
{
    return furrow__sqlite_has_wal(db) && is_forbidden_beside(path);
}

static bool is_on_read_only_disk(const char *path)
{
    struct statvfs disk;
    return statvfs(path, &disk) == 0 && disk.f_flag & ST_RDONLY;
}

/* Even on a disk that is mounted read-only, the log can contain commits, and another process can
 * write to the file, for example through another mount. The file is therefore never opened as
 * immutable. */
static furrow_status fail_read_only_wal(const char *path, furrow_error *error)
{
    furrow__fail(error, FURROW_DATABASE,
                 "cannot read \"%s\": it has a write-ahead log, so SQLite must write to its folder "
                 "even to read it, and the disk is mounted read-only",
                 path);
    return furrow__hint(error, "read a copy of the file and of its -wal file, or run PRAGMA "
                               "journal_mode=DELETE before the file is put on that disk");
}

/* A reader, too, writes to FILE-shm, so that no other process removes the log during the read. */
static furrow_status fail_wal(const char *path, furrow_error *error)
{
    furrow__fail(
        error, FURROW_DATABASE,
        "could not read \"%s\": it has a write-ahead log, so SQLite must write to its folder "
        "even to read it, and this user has no permission to",
        path);
    return furrow__hint(
        error, "read it as a user who may write to its folder, or read a copy of it; if no "
               "process uses it, PRAGMA journal_mode=DELETE removes the log until furrow "
               "writes again");
}

static furrow_status fail_cannot_open(sqlite3 *db, const char *path, bool read_only,
                                      furrow_error *error)
{
    int cause = db ? sqlite3_system_errno(db) : 0;
    char folder[512], reason[REASON_SIZE];
    struct stat found;
    furrow__copy_text(folder, sizeof folder, path);
    cut_to_folder(folder);
    if (stat(path, &found) == 0 && S_ISDIR(found.st_mode))
        return furrow__fail(error, FURROW_DATABASE, "\"%s\" is a folder, not a database file",
                            path);
    if (stat(folder, &found) != 0 && errno == ENOENT) {
        furrow__fail(error, FURROW_DATABASE, "could not open \"%s\": the folder does not exist",
                     path);
        return furrow__hint(error, "create \"%.200s\" first", folder);
    }
    if (stat(path, &found) != 0 && errno == ENOENT) {
        furrow__fail(error, FURROW_DATABASE,
                     read_only ? "could not open \"%s\": the file does not exist"
                               : "could not create \"%s\"",
                     path);
        /* If SQLite cannot create the file, it tries to open the file for reading. The error of
         * that second attempt hides the cause. */
        return furrow__hint(error, read_only ? "a read-only connection does not create the file"
                                             : "this user must have permission to write to its "
                                               "folder, and the disk must have space");
    }
    if (furrow__sqlite_has_wal(db) && is_on_read_only_disk(path))
        return fail_read_only_wal(path, error);
    if (read_only && is_forbidden_wal(db, path))
        return fail_wal(path, error);
    if (cause == EACCES || cause == EPERM || cause == EROFS) {
        furrow__fail(error, FURROW_DATABASE, "could not open \"%s\": permission denied", path);
        return furrow__hint(
            error, "this user must have permission to write to the file and to its folder");
    }
    /* SQLite reports no cause if it follows symbolic links itself. */
    if (!cause && stat(path, &found) != 0)
        cause = errno;
    return furrow__fail(error, FURROW_DATABASE, "could not open \"%s\": %s", path,
                        cause ? describe(cause, reason) : sqlite3_errstr(SQLITE_CANTOPEN));
}

furrow_status furrow__sqlite_fail_open(sqlite3 *db, int rc, const char *path, bool read_only,
                                       furrow_error *error)
{
    const char *name = path ? path : ":memory:";
    switch (rc & 0xff) {
    case SQLITE_NOMEM:
        furrow__fail(error, FURROW_NOMEM, "out of memory");
        break;
    case SQLITE_CANTOPEN:
        fail_cannot_open(db, name, read_only, error);
        break;
    case SQLITE_NOTADB:
        furrow__fail(error, FURROW_DATABASE, "\"%s\" is not a SQLite database", name);
        furrow__hint(error, "check the path; the file was not changed");
        break;
    case SQLITE_READONLY:
    case SQLITE_PERM:
        if (read_only && is_forbidden_wal(db, name)) {
            fail_wal(name, error);
            break;
        }
        furrow__fail(error, FURROW_DATABASE, "\"%s\" cannot be written", name);
        furrow__hint(error,
                     "this user must have permission to write to the file and to its folder");
        break;
    case SQLITE_BUSY:
        furrow__fail(error, FURROW_BUSY, "could not open \"%s\": another process holds its lock",
                     name);
        break;
    default:
        furrow__fail(error, FURROW_DATABASE, "could not open \"%s\": %s", name, sqlite3_errstr(rc));
    }
    error->native_code = rc;
    return error->status;
}
