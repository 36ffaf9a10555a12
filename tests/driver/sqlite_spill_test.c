/* SPDX-License-Identifier: MIT
 *
 * Results that are read while other statements of the connection write. Their rows, with values of
 * every type, must be those that existed when the statement was executed. The memory must be
 * bounded, and a failure of the temporary file must be reported.
 */
#include "driver/sqlite/sqlite.h"
#include "sqlite_fixture.h"

/* While set, SQLite cannot create temporary files. */
static bool has_no_temporary_files;
static sqlite3_vfs *real_vfs;

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    (void)vfs;
    file->pMethods = NULL;
    if (!name && has_no_temporary_files)
        return SQLITE_CANTOPEN;
    return real_vfs->xOpen(real_vfs, name, file, flags, out);
}

static void set_vfs(void)
{
    static sqlite3_vfs vfs;
    real_vfs = sqlite3_vfs_find(NULL);
    vfs = *real_vfs;
    vfs.zName = "without_temporary_files";
    vfs.xOpen = open_file;
    sqlite3_vfs_register(&vfs, 1);
}

static bool step(fixture *f, furrow_statement *s)
{
    bool row = false;
    assert_int_equal(driver->step(s, &row, &f->error), FURROW_OK);
    return row;
}

static int64_t number(fixture *f, furrow_statement *s, int i)
{
    furrow_value value = {0};
    assert_int_equal(driver->read_value(s, i, &value, &f->arena, &f->error), FURROW_OK);
    assert_int_equal(value.type, FURROW_TYPE_INT64);
    return value.as.integer;
}

static furrow_statement *query(fixture *f, const char *text)
{
    furrow_statement *s = prepare(f, text);
    assert_int_equal(driver->execute(s, &f->error), FURROW_OK);
    return s;
}

/* Creates the table t with `count` rows: column a has the numbers from 1, and column b has a text
 * of `size` bytes.
 */
static void fill(fixture *f, int count, int size)
{
    char text[256];
    must(f, "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)");
    snprintf(text, sizeof text,
             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
             "INSERT INTO t SELECT i, printf('%%.*c', %d, char(97 + i %% 26)) FROM n",
             count, size);
    must(f, text);
}

/* The write can come before the first step, between two steps, and after the last one. */
static void test_sqlite__results_do_not_see_later_writes(void **state)
{
    fixture *f = *state;
    fill(f, 5, 1);
    for (int before = 0; before <= 6; before++) {
        driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error);
        furrow_statement *s = query(f, "SELECT a, a FROM t WHERE a > 0");
        for (int i = 1; i <= before && i <= 5; i++) {
            assert_true(step(f, s));
            assert_int_equal(number(f, s, 0), i);
        }
        if (before == 6)
            assert_false(step(f, s));
        must(f, "INSERT INTO t VALUES (6, 'new'), (-1, 'new')");
        must(f, "DELETE FROM t WHERE a IN (1, 3)");
        must(f, "UPDATE t SET a = a + 100");
        if (before >= 1 && before <= 5)
            assert_int_equal(number(f, s, 1), before); /* the current row can be read again */
        for (int i = before + 1; i <= 5; i++) {
            assert_true(step(f, s));
            assert_int_equal(number(f, s, 0), i);
        }
        assert_false(step(f, s));
        assert_false(step(f, s));
        assert_int_equal(s->changed, 0);
        assert_string_equal(driver->column_name(s, 1), "a");
        driver->reset_statement(s);
        assert_int_equal(rows_of(f, s), 5); /* when it is executed again, the statement sees the
                                               writes */
        driver->finalize(s);
        driver->rollback(f->c, &f->error);
    }
    assert_int_equal(furrow__sqlite_of(f->c)->unread, 0);
}

/* The rows survive the rollback of savepoints that were begun before and after they were read. */
static void test_sqlite__results_survive_savepoints_and_ddl(void **state)
{
    fixture *f = *state;
    fill(f, 2000, 300); /* more rows than fit into the memory for one result */
    driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error);
    furrow_statement *s = query(f, "SELECT a FROM t ORDER BY a"),
                     *u = query(f, "SELECT a FROM t ORDER BY a DESC");
    for (int i = 1; i <= 2000; i++) {
        if (i % 400 == 100) {
            driver->savepoint(f->c, 1, &f->error);
            must(f, "DELETE FROM t WHERE a % 3 = 0");
            driver->savepoint(f->c, 2, &f->error);
            must(f, i == 100 ? "UPDATE t SET b = 'x'" : "DROP TABLE t");
            assert_int_equal(driver->rollback_to(f->c, 2, &f->error), FURROW_OK);
            assert_int_equal(driver->rollback_to(f->c, 1, &f->error), FURROW_OK);
            assert_int_equal(driver->release(f->c, 1, &f->error), FURROW_OK);
        }
        assert_true(step(f, s) && step(f, u));
        assert_int_equal(number(f, s, 0), i);
        assert_int_equal(number(f, u, 0), 2001 - i);
    }
    assert_false(step(f, s) || step(f, u));
    assert_int_equal(count_of(f, "SELECT count(*) FROM t"), 2000);
    driver->finalize(s);
    driver->finalize(u);
    assert_int_equal(driver->commit(f->c, &f->error), FURROW_OK);
}

static void insert_every(fixture *f, int64_t id, size_t size)
{
    char *text = calloc(size + 1, 1);
    memset(text, 'x', size);
    struct every row = {.id = id,
                        .flag = id % 2,
                        .small = -3,
                        .large = INT64_MIN,
                        .single = 0.1f,
                        .real = id % 2 ? 3.0 : -INFINITY,
                        .text = id % 3 ? text : NULL,
                        .chars = "1234567",
                        .blob = {text, id % 3 ? size : 0},
                        .time = {981173106789012},
                        .date = {-1},
                        .uuid = {{0xff, 1}},
                        .decimal = {15000, 4},
                        .json = {"{\"a\":[\"\xc3\xa9\"]}"},
                        .fruit = PLUM,
                        .maybe = furrow_some(7),
                        .maybe_real = furrow_some(-0.5)};
    insert(f, &row);
    free(text);
}

/* Reads the table twice, and writes between the rows of the second result. The rows must be equal.
 */
static void compare_every(fixture *f)
{
    struct every first, again;
    furrow_statement *s = query(f, "SELECT * FROM every ORDER BY id"),
                     *u = query(f, "SELECT * FROM every ORDER BY id");
    furrow_column_list all = {f->all, COLUMNS};
    int count = 0;
    driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error);
    struct every wanted[16];
    for (; step(f, s); count++) {
        assert_true(count < 16);
        assert_int_equal(driver->read_row(s, all, &wanted[count], &f->arena, &f->error), FURROW_OK);
    }
    for (int i = 0; i < count; i++) {
        assert_true(step(f, u));
        if (i % 2 == 0)
            must(f, "DELETE FROM every WHERE id % 2 = 0 OR id > 4");
        memset(&first, 0xaa, sizeof first);
        memset(&again, 0x55, sizeof again);
        assert_int_equal(driver->read_row(u, all, &first, &f->arena, &f->error), FURROW_OK);
        assert_int_equal(driver->read_row(u, all, &again, &f->arena, &f->error), FURROW_OK);
        assert_same(&wanted[i], &first);
        assert_same(&wanted[i], &again);
    }
    assert_false(step(f, u));
    driver->finalize(s);
    driver->finalize(u);
    driver->rollback(f->c, &f->error);
}

static void test_sqlite__kept_rows_have_every_type(void **state)
{
    fixture *f = *state;
    must(f, EVERY_DDL(" STRICT"));
    for (int64_t id = 1; id <= 6; id++)
        insert_every(f, id, id == 4 ? 0 : 10);
    compare_every(f); /* in memory */
    for (int64_t id = 7; id <= 12; id++)
        insert_every(f, id, 60000); /* these rows are partly in the temporary file */
    compare_every(f);
    must(f, "DELETE FROM every");
    insert_every(f, 1, FURROW__SQLITE_SPILL_SIZE); /* even the first row is in the temporary file */
    insert_every(f, 2, 10);
    compare_every(f);
}

/* The error of a value that cannot be read must not depend on whether its row was kept. */
static void test_sqlite__kept_rows_that_cannot_be_read(void **state)
{
    static const char *const mistakes[] = {
        "UPDATE every SET flag = 7 WHERE id = 3",
        "UPDATE every SET small = 1 << 40 WHERE id = 3",
        "UPDATE every SET time = 'no time' WHERE id = 3",
        "UPDATE every SET uuid = x'00' WHERE id = 3",
        "UPDATE every SET fruit = 'FIG' WHERE id = 3",
        "UPDATE every SET text = x'00' WHERE id = 3",
    };
    fixture *f = *state;
    struct every row;
    furrow_column_list all = {f->all, COLUMNS};
    must(f, EVERY_DDL(""));
    for (int is_large = 0; is_large < 2; is_large++) {
        for (int64_t id = 1; id <= 6; id++)
            insert_every(f, id, is_large ? 60000 : 10);
        for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
            furrow_error wanted = {0};
            for (int writes = 0; writes < 2; writes++) {
                driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error);
                must(f, mistakes[i]);
                furrow_statement *s = query(f, "SELECT * FROM every ORDER BY id DESC");
                assert_true(step(f, s));
                if (writes)
                    must(f, "DELETE FROM every");
                for (int64_t id = 6; id > 3; id--) {
                    assert_int_equal(driver->read_row(s, all, &row, &f->arena, &f->error),
                                     FURROW_OK);
                    assert_int_equal(row.id, id);
                    assert_true(step(f, s));
                }
                f->error = (furrow_error){0};
                furrow_status status = driver->read_row(s, all, &row, &f->arena, &f->error);
                assert_true(status == FURROW_INVALID || status == FURROW_SCHEMA);
                assert_non_null(strstr(f->error.message, "every"));
                if (!writes)
                    wanted = f->error;
                assert_string_equal(f->error.message, wanted.message);
                assert_string_equal(f->error.hint, wanted.hint);
                driver->finalize(s);
                driver->rollback(f->c, &f->error);
            }
        }
        must(f, "DELETE FROM every");
    }
}

/* If a database uses UTF-16, kept rows have their text in UTF-16 or UTF-8. The text that is read
 * must be the same. */
static void test_sqlite__kept_rows_of_a_database_in_utf16(void **state)
{
    fixture *f = *state;
    furrow_value value;
    must(f, "PRAGMA encoding='UTF-16le'");
    fill(f, 1500, 200);
    must(f, "INSERT INTO t VALUES (0, '\xc3\xa9\xf0\x9f\x98\x80'), (1501, '\xf0\x9f\x98\x80')");
    furrow_statement *s = query(f, "SELECT b, a FROM t ORDER BY a");
    must(f, "DELETE FROM t");
    for (int i = 0; i <= 1501; i++) {
        assert_true(step(f, s));
        assert_int_equal(driver->read_value(s, 0, &value, &f->arena, &f->error), FURROW_OK);
        assert_int_equal(number(f, s, 1), i);
        if (i == 0)
            assert_string_equal(value.as.text, "\xc3\xa9\xf0\x9f\x98\x80");
        else if (i == 1501)
            assert_string_equal(value.as.text, "\xf0\x9f\x98\x80");
        else
            assert_true(strlen(value.as.text) == 200 && value.as.text[199] == 'a' + i % 26);
    }
    assert_false(step(f, s));
    driver->finalize(s);
}

/* The memory for a result must not depend on its number of rows, neither before nor after a
 * write. */
static void test_sqlite__kept_rows_need_bounded_memory(void **state)
{
    fixture *f = *state;
    enum { ROWS = 20000, SIZE = 1000, OTHER = 128 * 1024 /* for statements */ };
    must(f, "PRAGMA cache_size=-256");
    fill(f, ROWS, SIZE);
    must(f, "CREATE TABLE log (a)");
    assert_int_equal(count_of(f, "SELECT count(DISTINCT b) FROM t"), 26);
    sqlite3_int64 before = sqlite3_memory_used();
    sqlite3_memory_highwater(1);
    furrow_statement *s = query(f, "SELECT a, b FROM t ORDER BY a");
    for (int i = 1; i <= ROWS; i++) {
        assert_true(step(f, s));
        assert_int_equal(number(f, s, 0), i);
        if (i == ROWS / 4) {
            assert_true(sqlite3_memory_highwater(1) - before < OTHER);
            must(f, "INSERT INTO log VALUES (1)");
        }
        if (i % 4 == 0)
            furrow__arena_clear(&f->arena);
    }
    assert_false(step(f, s));
    assert_in_range(sqlite3_memory_highwater(0) - before, FURROW__SQLITE_SPILL_SIZE / 2,
                    FURROW__SQLITE_SPILL_SIZE + OTHER);
    assert_true(sqlite3_memory_used() - before < OTHER); /* already freed after the last row */
    driver->finalize(s);
}

/* If the rows cannot be kept, the statement does not write. The result reports an error instead of
 * its next row, because the end of the result would look as if there were no more rows. */
static void test_sqlite__rows_that_cannot_be_kept_are_reported(void **state)
{
    fixture *f = *state;
    bool row = true;
    furrow_value value;
    fill(f, 2000, 500);
    driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error);
    furrow_statement *s = query(f, "SELECT a FROM t"), *b = query(f, "SELECT b FROM t");
    assert_true(step(f, s) && step(f, b));
    has_no_temporary_files = true;
    assert_int_equal(run(f, "DELETE FROM t", false), FURROW_DATABASE);
    has_no_temporary_files = false;
    assert_string_equal(f->error.message,
                        "the temporary file for the unread rows of a result could "
                        "not be read or written: unable to open database file");
    assert_non_null(strstr(f->error.hint, "SQLITE_TMPDIR"));
    assert_true(f->c->in_transaction && !f->c->broken);
    assert_int_equal(count_of(f, "SELECT count(*) FROM t"), 2000);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(driver->step(b, &row, &f->error), FURROW_DATABASE);
        assert_false(row);
        assert_string_equal(
            f->error.message,
            "the unread rows of a result could not be kept before the session wrote");
    }
    assert_int_equal(driver->read_value(b, 0, &value, &f->arena, &f->error), FURROW_INVALID);
    for (int i = 2; i <= 2000; i++) { /* the other result is small enough to be kept in memory */
        assert_true(step(f, s));
        assert_int_equal(number(f, s, 0), i);
    }
    driver->reset_statement(b);
    assert_int_equal(b->column_count, 1);
    assert_int_equal(rows_of(f, b), 2000);
    driver->finalize(s);
    driver->finalize(b);
    driver->rollback(f->c, &f->error);
}

/* A statement that only reads does not cause any rows to be kept. */
static void test_sqlite__reading_keeps_nothing(void **state)
{
    fixture *f = *state;
    fill(f, 10, 1);
    furrow_statement *s = query(f, "SELECT a FROM t");
    furrow__sqlite *c = furrow__sqlite_of(f->c);
    assert_true(step(f, s));
    assert_int_equal(c->unread, 1);
    assert_int_equal(count_of(f, "SELECT count(*) FROM t"), 10);
    must(f, "PRAGMA table_info(t)");
    assert_null(((furrow__sqlite_statement *)s)->spill);
    must(f, "CREATE INDEX i ON t (a)");
    assert_non_null(((furrow__sqlite_statement *)s)->spill);
    assert_int_equal(c->unread, 0);
    driver->reset_statement(s);
    assert_null(((furrow__sqlite_statement *)s)->spill);
    driver->finalize(s);
}

int main(void)
{
    set_vfs();
#define TEST(name) cmocka_unit_test_setup_teardown(test_sqlite__##name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(results_do_not_see_later_writes),
        TEST(results_survive_savepoints_and_ddl),
        TEST(kept_rows_have_every_type),
        TEST(kept_rows_that_cannot_be_read),
        TEST(kept_rows_of_a_database_in_utf16),
        TEST(kept_rows_need_bounded_memory),
        TEST(rows_that_cannot_be_kept_are_reported),
        TEST(reading_keeps_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
