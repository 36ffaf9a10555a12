/* SPDX-License-Identifier: MIT
 *
 * Database files that are moved, that cannot have a write-ahead log, or that are on a read-only
 * disk, or that cannot be opened. A VFS pretends that the disk is read-only, that it cannot map
 * shared memory, or that opening a file fails without a cause. */
#include <errno.h>
#include <sys/statvfs.h>

#include "sqlite_fixture.h"

static bool read_only_disk, no_shared_memory, opens_nothing;
static sqlite3_vfs *real_vfs;
static sqlite3_io_methods methods;
static int (*real_map)(sqlite3_file *, int, int, int, void volatile **);

/* Replaces the function of libc. */
int statvfs(const char *path, struct statvfs *out)
{
    (void)path;
    memset(out, 0, sizeof *out);
    out->f_flag = read_only_disk ? ST_RDONLY : 0;
    return 0;
}

static int map(sqlite3_file *file, int region, int size, int extend, void volatile **out)
{
    *out = NULL;
    return read_only_disk     ? SQLITE_CANTOPEN
           : no_shared_memory ? SQLITE_IOERR_SHMMAP
                              : real_map(file, region, size, extend, out);
}

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    (void)vfs;
    if (opens_nothing) {
        errno = 0;
        return SQLITE_CANTOPEN;
    }
    if (read_only_disk)
        flags = (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) | SQLITE_OPEN_READONLY;
    int rc = real_vfs->xOpen(real_vfs, name, file, flags, out);
    if (rc == SQLITE_OK && file->pMethods->xShmMap) {
        if (file->pMethods != &methods)
            real_map = file->pMethods->xShmMap;
        methods = *file->pMethods;
        methods.xShmMap = map;
        if (flags & SQLITE_OPEN_MAIN_DB)
            file->pMethods = &methods;
    }
    return rc;
}

static void set_vfs(void)
{
    static sqlite3_vfs vfs;
    real_vfs = sqlite3_vfs_find(NULL);
    vfs = *real_vfs;
    vfs.zName = "files";
    vfs.xOpen = open_file;
    sqlite3_vfs_register(&vfs, 1);
}

static int read_version(const char *path)
{
    unsigned char header[20] = {0};
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fread(header, 1, sizeof header, file), sizeof header);
    fclose(file);
    return header[19];
}

static void execute(sqlite3 *db, const char *text)
{
    char *message = NULL;
    if (sqlite3_exec(db, text, NULL, NULL, &message))
        fail_msg("%s: %s", text, message);
}

static void test_files__a_file_that_cannot_have_a_log_keeps_its_journal(void **state)
{
    fixture *f = *state;
    for (int is_new = 0; is_new < 2; is_new++) {
        sqlite3 *db;
        driver->close(f->c);
        f->c = NULL;
        assert_int_equal(remove(f->path), 0);
        if (!is_new) {
            assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
            execute(db, "CREATE TABLE t (a); INSERT INTO t VALUES (1)");
            sqlite3_close(db);
        }
        no_shared_memory = true;
        struct furrow_connect_options options = {.url = f->url, .busy_timeout_ms = 50};
        furrow_status status = driver->open(&f->c, &options, &f->error);
        if (status)
            fail_msg("%s: %s", furrow_status_name(status), f->error.message);
        must(f, "CREATE TABLE IF NOT EXISTS t (a)");
        must(f, "INSERT INTO t VALUES (2)");
        assert_int_equal(read_version(f->path), 1);
        driver->close(f->c);
        f->c = NULL;
        assert_int_equal(read_version(f->path), 1);
        connect_again(f, true);
        assert_int_equal(count_of(f, "SELECT count(*) FROM t"), 2 - is_new);
        no_shared_memory = false;
    }
}

static void copy(const char *from, const char *to)
{
    char bytes[65536];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    assert_non_null(in);
    assert_non_null(out);
    for (size_t size; (size = fread(bytes, 1, sizeof bytes, in)) > 0;)
        assert_int_equal(fwrite(bytes, 1, size, out), size);
    fclose(in);
    assert_int_equal(fclose(out), 0);
}

/* The table exists only in the log. */
static void test_files__the_log_on_a_read_only_disk_is_never_ignored(void **state)
{
    fixture *f = *state;
    char to[160], log[170], to_log[170], url[200];
    must(f, "CREATE TABLE t (a)");
    must(f, "INSERT INTO t VALUES (1)");
    snprintf(to, sizeof to, "%s/copy.db", f->folder);
    snprintf(to_log, sizeof to_log, "%s-wal", to);
    snprintf(log, sizeof log, "%s-wal", f->path);
    snprintf(url, sizeof url, "sqlite:///%s", to);
    copy(f->path, to);
    copy(log, to_log);
    for (int i = 0; i < 4; i++) {
        struct furrow_connect_options options = {.url = url, .read_only = i % 2};
        furrow_connection *c;
        if (i == 2) /* without a log, another process may be writing it through another mount */
            assert_int_equal(remove(to_log), 0);
        read_only_disk = true;
        furrow_status status = driver->open(&c, &options, &f->error);
        read_only_disk = false;
        driver->close(c);
        assert_int_equal(status, FURROW_DATABASE);
        if (!strstr(f->error.message, "the disk is mounted read-only"))
            fail_msg("%s", f->error.message);
        assert_non_null(strstr(f->error.hint, "-wal"));
    }
}

static void test_files__a_journal_file_on_a_read_only_disk_is_read(void **state)
{
    fixture *f = *state;
    sqlite3 *db;
    driver->close(f->c);
    f->c = NULL;
    assert_int_equal(remove(f->path), 0);
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    execute(db, "CREATE TABLE t (a); INSERT INTO t VALUES (1)");
    sqlite3_close(db);
    read_only_disk = true;
    for (int read_only = 0; read_only < 2; read_only++) {
        connect_again(f, read_only);
        assert_int_equal(count_of(f, "SELECT count(*) FROM t"), 1);
    }
    read_only_disk = false;
}

static void expect_open_error(const char *path, const char *why)
{
    char url[400], message[512];
    furrow_connection *c;
    furrow_error error;
    snprintf(url, sizeof url, "sqlite:///%s", path);
    struct furrow_connect_options options = {.url = url};
    furrow_status status = driver->open(&c, &options, &error);
    opens_nothing = false;
    assert_int_equal(status, FURROW_DATABASE);
    snprintf(message, sizeof message, "could not open \"%s\": %s", path, why);
    assert_string_equal(error.message, message);
}

static void test_files__the_systems_reason_is_in_the_message(void **state)
{
    fixture *f = *state;
    char path[160], long_path[400];
    snprintf(path, sizeof path, "%s/inner.db", f->path);
    expect_open_error(path, "Not a directory");
    snprintf(path, sizeof path, "%s/loop.db", f->folder);
    assert_int_equal(symlink(path, path), 0);
    expect_open_error(path, "Too many levels of symbolic links");
    assert_int_equal(unlink(path), 0);
    snprintf(long_path, sizeof long_path, "%s/%0260d", f->folder, 0);
    expect_open_error(long_path, "File name too long");
}

static void test_files__a_failure_without_a_reason_has_the_message_of_sqlite(void **state)
{
    fixture *f = *state;
    opens_nothing = true;
    expect_open_error(f->path, "unable to open database file");
}

enum change { DELETED, MOVED, REPLACED, CHANGES };

static void test_files__a_file_that_moved_is_noticed(void **state)
{
    fixture *f = *state;
    char aside[160];
    struct furrow_connect_options read_only = {
        .url = f->url, .read_only = true, .busy_timeout_ms = 50};
    snprintf(aside, sizeof aside, "%s/aside.db", f->folder);
    for (int change = DELETED; change < CHANGES; change++) {
        furrow_connection *reader;
        connect_again(f, false);
        must(f, "CREATE TABLE IF NOT EXISTS t (a)");
        assert_int_equal(driver->open(&reader, &read_only, &f->error), FURROW_OK);
        assert_int_equal(driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error),
                         FURROW_OK);
        must(f, "INSERT INTO t VALUES (1)");
        if (change == DELETED)
            assert_int_equal(remove(f->path), 0);
        else
            assert_int_equal(rename(f->path, aside), 0);
        if (change == REPLACED)
            copy(aside, f->path);
        assert_int_equal(driver->commit(f->c, &f->error), FURROW_DATABASE);
        assert_false(f->c->in_transaction);
        if (!strstr(f->error.message, "deleted, moved or replaced"))
            fail_msg("%s", f->error.message);
        assert_true(f->error.hint[0]);
        assert_int_equal(driver->begin(reader, FURROW_ISOLATION_DEFAULT, true, &f->error),
                         FURROW_DATABASE);
        if (change == MOVED) { /* a file that comes back is used again */
            assert_int_equal(rename(aside, f->path), 0);
            assert_int_equal(driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error),
                             FURROW_OK);
            must(f, "INSERT INTO t VALUES (2)");
            assert_int_equal(driver->commit(f->c, &f->error), FURROW_OK);
            assert_int_equal(count_of(f, "SELECT count(*) FROM t"), 1);
        }
        driver->close(reader);
    }
}

static int start(void **state)
{
    read_only_disk = no_shared_memory = false;
    return set_up(state);
}

int main(void)
{
    set_vfs();
#define TEST(name) cmocka_unit_test_setup_teardown(test_files__##name, start, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_file_that_cannot_have_a_log_keeps_its_journal),
        TEST(the_log_on_a_read_only_disk_is_never_ignored),
        TEST(a_journal_file_on_a_read_only_disk_is_read),
        TEST(the_systems_reason_is_in_the_message),
        TEST(a_failure_without_a_reason_has_the_message_of_sqlite),
        TEST(a_file_that_moved_is_noticed),
    };
    return cmocka_run_group_tests_name("driver/sqlite_files", tests, NULL, NULL);
}
