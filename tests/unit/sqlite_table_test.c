/* SPDX-License-Identifier: MIT
 * Parsing CREATE TABLE and CREATE INDEX statements in the form that SQLite stores. Every statement
 * that SQLite accepts is either parsed, or rejected with an error that names the table or index.
 * Each parsed part keeps its source text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "migrate/apply/inspect.h"
#include "migrate/catalog/sqlite_table.h"
#include "scan/compare.h"

static furrow_arena arena;

static int tear_down(void **state)
{
    (void)state;
    furrow__arena_done(&arena);
    return 0;
}

/* Checks that SQLite accepts the statement. A test is useless if no database can contain its
 * statement. */
static void assert_is_sqlite(const char *sql)
{
    sqlite3 *db;
    char *message = NULL;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("SQLite does not accept %s: %s", sql, message);
    sqlite3_close(db);
}

static furrow__catalog_table *read_table(const char *sql)
{
    furrow__catalog catalog;
    furrow__catalog_table *table;
    furrow_error error = {0};
    assert_is_sqlite(sql);
    furrow__catalog_init(&catalog, &furrow__dialect_sqlite, &arena);
    if (furrow__sqlite_read_table(&catalog, sql, strlen(sql), &table, &error) != FURROW_OK)
        fail_msg("%s: %s", sql, error.message);
    assert_int_equal(catalog.count, 1);
    assert_string_equal(table->source, sql);
    return table;
}

static const char *refuse(const char *sql)
{
    static furrow_error error;
    furrow__catalog catalog;
    furrow__catalog_table *table;
    furrow__catalog_init(&catalog, &furrow__dialect_sqlite, &arena);
    if (furrow__sqlite_read_table(&catalog, sql, strlen(sql), &table, &error) != FURROW_SCHEMA)
        fail_msg("this statement must be refused: %s", sql);
    assert_null(table);
    assert_int_equal(catalog.count, 0);
    return error.message;
}

static const furrow__catalog_constraint *constraint(const furrow__catalog_table *table, size_t i)
{
    assert_true(i < table->constraint_count);
    return &table->constraints[i];
}

static void test_sqlite_table__names_may_have_any_quotes(void **state)
{
    (void)state;
    furrow__catalog_table *t =
        read_table("CREATE TABLE 'it''s' (\"a\"\"b\" TEXT, `c``d` INT, [e f] REAL, 'g' BLOB, h)");
    static const char *const names[] = {"a\"b", "c`d", "e f", "g", "h"};
    assert_string_equal(t->name.name, "it's");
    assert_int_equal(t->column_count, 5);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(t->columns[i].name, names[i]);
    assert_string_equal(t->columns[0].source, "\"a\"\"b\" TEXT");
    assert_string_equal(t->columns[4].type.native, "");
    assert_true(t->columns[4].nullable);
    t = read_table("CREATE TABLE \"sport.team\" (id INTEGER PRIMARY KEY)");
    assert_null(t->name.schema);
    assert_string_equal(t->name.name, "sport.team");
}

static void test_sqlite_table__comments_are_skipped_anywhere(void **state)
{
    (void)state;
    furrow__catalog_table *t = read_table(
        "CREATE TABLE t -- one, (\n ( /* ) */ a /* x */ TEXT -- no, \"quote\n"
        " NOT /* y */ NULL PRIMARY KEY,\n b INT -- the last\n) /* STRICT */ WITHOUT ROWID, STRICT");
    assert_int_equal(t->column_count, 2);
    assert_true(t->strict && t->without_rowid);
    assert_false(t->columns[0].nullable);
    assert_string_equal(t->columns[0].type.native, "TEXT");
    assert_string_equal(t->columns[1].source, "b INT");
}

static void test_sqlite_table__columns_keep_their_parts(void **state)
{
    (void)state;
    furrow__catalog_table *t =
        read_table("CREATE TABLE t (a decimal ( 10 , 2 ) not null on conflict replace default -1.5,"
                   " b varying character(20) collate nocase default 'x,)''',"
                   " c int generated always as (a * (b + 1)) stored, d as (upper(b)) virtual,"
                   " e text default (json_array(1, 2)), f DEFAULT CURRENT_TIMESTAMP NULL, g "
                   "COLLATE \"BINARY\","
                   " h default x'00', \"check\" int, i generated int)");
    assert_int_equal(t->column_count, 10);
    assert_string_equal(t->columns[0].type.native, "decimal(10 , 2)");
    assert_false(t->columns[0].nullable);
    assert_string_equal(t->columns[0].default_, "-1.5");
    assert_string_equal(t->columns[1].type.native, "varying character(20) COLLATE nocase");
    assert_string_equal(t->columns[1].default_, "'x,)'''");
    assert_string_equal(t->columns[2].generated, "a * (b + 1)");
    assert_true(t->columns[2].stored);
    assert_string_equal(t->columns[2].type.native, "int");
    assert_string_equal(t->columns[3].generated, "upper(b)");
    assert_false(t->columns[3].stored);
    assert_string_equal(t->columns[4].default_, "(json_array(1, 2))");
    assert_string_equal(t->columns[5].default_, "CURRENT_TIMESTAMP");
    assert_string_equal(t->columns[6].type.native, "");
    assert_string_equal(t->columns[7].default_, "x'00'");
    assert_string_equal(t->columns[9].type.native, "generated int");
    assert_int_equal(t->constraint_count, 0);
    assert_string_equal(t->columns[1].source,
                        "b varying character(20) collate nocase default 'x,)'''");
}

static void test_sqlite_table__constraints_of_columns_are_read(void **state)
{
    (void)state;
    furrow__catalog_table *t = read_table(
        "CREATE TABLE t (id INTEGER CONSTRAINT k PRIMARY KEY ON CONFLICT ABORT AUTOINCREMENT,"
        " a TEXT CONSTRAINT u UNIQUE ON CONFLICT IGNORE CHECK (a IN ('x', ')')) NOT NULL,"
        " b INT REFERENCES p ON DELETE SET NULL ON UPDATE CASCADE MATCH FULL DEFERRABLE INITIALLY"
        " DEFERRED, c REFERENCES \"q r\" (x) NOT DEFERRABLE INITIALLY DEFERRED)");
    assert_true(t->autoincrement && t->columns[0].assigned);
    assert_false(t->columns[0].nullable);
    assert_int_equal(t->constraint_count, 5);
    assert_int_equal(constraint(t, 0)->kind, FURROW__CONSTRAINT_PRIMARY_KEY);
    assert_string_equal(constraint(t, 0)->name, "k");
    assert_string_equal(constraint(t, 0)->inside, "id");
    assert_string_equal(constraint(t, 0)->source,
                        "CONSTRAINT k PRIMARY KEY ON CONFLICT ABORT AUTOINCREMENT");
    assert_string_equal(constraint(t, 1)->name, "u");
    assert_string_equal(constraint(t, 1)->columns[0], "a");
    assert_string_equal(constraint(t, 1)->source, "CONSTRAINT u UNIQUE ON CONFLICT IGNORE");
    assert_null(constraint(t, 2)->name);
    assert_string_equal(constraint(t, 2)->expression, "a IN ('x', ')')");
    assert_false(t->columns[1].nullable);
    assert_string_equal(constraint(t, 3)->target.name, "p");
    assert_null(constraint(t, 3)->target_columns);
    assert_int_equal(constraint(t, 3)->on_delete, FURROW_ACTION_SET_NULL);
    assert_int_equal(constraint(t, 3)->on_update, FURROW_ACTION_CASCADE);
    assert_true(constraint(t, 3)->deferrable);
    assert_string_equal(constraint(t, 4)->target.name, "q r");
    assert_string_equal(constraint(t, 4)->target_columns[0], "x");
    assert_false(constraint(t, 4)->deferrable);
}

static void test_sqlite_table__constraints_of_the_table_are_read(void **state)
{
    (void)state;
    furrow__catalog_table *t =
        read_table("CREATE TABLE t (a, b, c, CONSTRAINT pk PRIMARY KEY (a COLLATE nocase DESC, b),"
                   " UNIQUE (c ASC) ON CONFLICT FAIL CONSTRAINT positive CHECK (a > 0 AND (b, c) ="
                   " (1, 2)), FOREIGN KEY (b, c) REFERENCES t (x, y) ON DELETE NO ACTION ON UPDATE"
                   " SET DEFAULT, CONSTRAINT self FOREIGN KEY (a) REFERENCES t)");
    assert_int_equal(t->constraint_count, 5);
    assert_string_equal(constraint(t, 0)->name, "pk");
    assert_int_equal(constraint(t, 0)->count, 2);
    assert_string_equal(constraint(t, 0)->source,
                        "CONSTRAINT pk PRIMARY KEY (a COLLATE nocase DESC, b)");
    assert_true(t->columns[0].nullable); /* for compatibility, SQLite allows NULL in this primary
                                            key */
    assert_string_equal(constraint(t, 1)->source, "UNIQUE (c ASC) ON CONFLICT FAIL");
    assert_string_equal(constraint(t, 2)->name, "positive");
    assert_string_equal(constraint(t, 2)->expression, "a > 0 AND (b, c) = (1, 2)");
    assert_int_equal(constraint(t, 3)->count, 2);
    assert_string_equal(constraint(t, 3)->target_columns[1], "y");
    assert_int_equal(constraint(t, 3)->on_update, FURROW_ACTION_SET_DEFAULT);
    assert_string_equal(constraint(t, 4)->name, "self");
    for (size_t i = 0; i < 5; i++)
        assert_null(constraint(t, i)->inside);
}

static void test_sqlite_table__finds_the_alias_of_the_rowid(void **state)
{
    (void)state;
    static const struct {
        const char *sql, *column;
    } cases[] = {
        {"CREATE TABLE t (id INTEGER PRIMARY KEY)", "id"},
        {"CREATE TABLE t (a, id integer, PRIMARY KEY (ID DESC))", "id"},
        {"CREATE TABLE t (id INTEGER PRIMARY KEY DESC)", NULL},
        {"CREATE TABLE t (id INT PRIMARY KEY)", NULL},
        {"CREATE TABLE t (id INTEGER PRIMARY KEY) WITHOUT ROWID", NULL},
        {"CREATE TABLE t (id INTEGER, b, PRIMARY KEY (id, b))", NULL},
        {"CREATE TABLE t (id INTEGER UNIQUE)", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const furrow__catalog_column *column =
            furrow__sqlite_rowid_column(read_table(cases[i].sql));
        if (!column != !cases[i].column)
            fail_msg("%s", cases[i].sql);
        if (column)
            assert_string_equal(column->name, cases[i].column);
    }
}

static void test_sqlite_table__what_cannot_be_read_is_refused_by_name(void **state)
{
    (void)state;
    assert_string_equal(
        refuse("CREATE TABLE odd (a) WITHOUT OIDS"),
        "cannot read the definition of table \"odd\": unknown table option at byte 30");
    static const char *const cases[] = {
        "",
        "CREATE",
        "CREATE TABLE",
        "CREATE TABLE t",
        "CREATE TABLE t (",
        "CREATE TABLE t ()",
        "CREATE TABLE t (a",
        "CREATE TABLE t (a,)",
        "CREATE TABLE t (a) STRICT,",
        "CREATE TABLE t (a) x",
        "CREATE TABLE t (a CHECK a > 1)",
        "CREATE TABLE t (a CHECK (a > 1)",
        "CREATE TABLE t (a CHECK ())",
        "CREATE TABLE t (a DEFAULT)",
        "CREATE TABLE t (a DEFAULT 'x)",
        "CREATE TABLE t (a REFERENCES)",
        "CREATE TABLE t (a REFERENCES p ON DELETE SET)",
        "CREATE TABLE t (a REFERENCES p (x, y))",
        "CREATE TABLE t (a REFERENCES p NOT NULL DEFERRABLE)",
        "CREATE TABLE t (a, PRIMARY KEY (b))",
        "CREATE TABLE t (a, UNIQUE ())",
        "CREATE TABLE t (a, FOREIGN KEY (a))",
        "CREATE TABLE t (a, \"b)",
        "CREATE TABLE t AS SELECT 1",
        "CREATE VIRTUAL TABLE t USING fts5(x)",
        "CREATE VIEW v AS SELECT 1",
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        refuse(cases[i]);
}

static void test_sqlite_table__more_than_the_limits_is_refused(void **state)
{
    (void)state;
    furrow__buffer sql = {0};
    furrow__buffer_add_text(&sql, "CREATE TABLE wide (a0");
    for (int i = 1; i < 2001; i++)
        furrow__buffer_format(&sql, ", a%d", i);
    furrow__buffer_add_text(&sql, ")");
    assert_string_equal(refuse(sql.text), "table \"wide\" has too many columns");
    furrow__buffer_clear(&sql);
    furrow__buffer_add_text(&sql, "CREATE TABLE t (a, UNIQUE (a");
    for (int i = 0; i < 32; i++)
        furrow__buffer_add_text(&sql, ", a");
    furrow__buffer_add_text(&sql, "))");
    assert_string_equal(refuse(sql.text), "table \"t\" has a key of more than 32 columns");
    furrow__buffer_done(&sql);
}

static void test_sqlite_table__an_index_is_read(void **state)
{
    (void)state;
    static const char sql[] = "CREATE UNIQUE INDEX if not exists \"i j\" ON t (a, lower(\"b\"), c "
                              "DESC, d COLLATE nocase ASC, json_extract(e, '$.x,)')) WHERE a > (0) "
                              "-- end\n";
    furrow__sqlite_live_index live;
    furrow_error error = {0};
    assert_int_equal(furrow__sqlite_read_index(&live, sql, strlen(sql), &arena, &error), FURROW_OK);
    const furrow__catalog_index index = live.index;
    assert_string_equal(index.name, "i j");
    assert_string_equal(live.table, "t");
    assert_true(index.unique);
    assert_int_equal(index.count, 5);
    assert_string_equal(index.parts[0].column, "a");
    assert_string_equal(index.parts[1].expression, "lower(\"b\")");
    assert_string_equal(index.parts[2].column, "c");
    assert_true(index.parts[2].descending && !index.parts[3].descending);
    assert_string_equal(index.parts[3].expression, "d COLLATE nocase");
    assert_string_equal(index.parts[4].expression, "json_extract(e, '$.x,)')");
    assert_string_equal(index.where, "a > (0)");
    assert_string_equal(index.source, sql);
    static const char broken[] = "CREATE INDEX i ON t (a";
    assert_int_equal(furrow__sqlite_read_index(&live, broken, strlen(broken), &arena, &error),
                     FURROW_SCHEMA);
    assert_null(live.index.name);
    assert_null(live.table);
}

static void test_sqlite_table__equal_texts_are_recognized(void **state)
{
    (void)state;
    assert_true(
        furrow__sqlite_texts_are_equal("\"a\" > 0 AND b in ('x')", "((A>0 and `b` IN('x')))"));
    assert_true(furrow__sqlite_texts_are_equal("(a) + (b)", "( (a)+(b) ) -- c"));
    assert_true(furrow__sqlite_texts_are_equal(NULL, NULL));
    assert_false(furrow__sqlite_texts_are_equal(NULL, "a"));
    assert_false(furrow__sqlite_texts_are_equal("a = 'x'", "a = 'X'"));
    assert_false(furrow__sqlite_texts_are_equal("(a) + (b)", "a) + (b"));
    assert_false(furrow__sqlite_texts_are_equal("a + b", "a + b + c"));
    assert_false(furrow__sqlite_texts_are_equal("'a'", "a"));
    assert_true(furrow__text_mentions("CHECK (\"Na\"\"me\" > 0)", "na\"ME", FURROW__SCAN_SQLITE));
    assert_false(furrow__text_mentions("x = 'name' -- name", "name", FURROW__SCAN_SQLITE));
}

/* The test makes the k-th allocation fail, for every k. The parser must report an error and leak no
 * memory. */
static long fail_at, requests;

static void *allocate(size_t size, void *context)
{
    (void)context;
    return requests++ == fail_at ? NULL : malloc(size);
}

static void *reallocate(void *block, size_t size, void *context)
{
    (void)context;
    return requests++ == fail_at ? NULL : realloc(block, size);
}

static void release(void *block, void *context)
{
    (void)context;
    free(block);
}

static const struct {
    const char *a, *b;
    bool are_equal;
} expressions[] = {
    {"a > 0 AND b > 0", "((\"a\">0) and (b > 0))", true},
    {"(a OR b) AND c", "a OR b AND c", false},
    {"a OR (b AND c)", "a OR b AND c", true},
    {"a == 1", "a = 1", true},
    {"a != 1", "a <> 1", true},
    {"a <> 1", "a = 1", false},
    {"a IS NOT NULL", "a NOTNULL", true},
    {"a NOT NULL", "a IS NOT NULL", true},
    {"a ISNULL", "a IS NULL", true},
    {"a IS NULL", "a IS NOT NULL", false},
    {"a NOT IN (1, 2)", "NOT (a IN (1, (2)))", true},
    {"a IN (1, 2)", "a IN (1, 2, 3)", false},
    {"a BETWEEN 1 AND 2 AND b", "(a BETWEEN (1) AND 2) AND b", true},
    {"a NOT BETWEEN 1 AND 2", "a BETWEEN 1 AND 2", false},
    {"a - b - c", "(a - b) - c", true},
    {"a - b - c", "a - (b - c)", false},
    {"a + b * c", "a + (b * c)", true},
    {"a || b || c", "a || (b || c)", false},
    {"-a + b", "(-a) + b", true},
    {"length(a) < 5", "LENGTH((a)) < 5", true},
    {"length(a) < 5", "lower(a) < 5", false},
    {"coalesce(a, b)", "coalesce(a, b, c)", false},
    {"coalesce(a, b) = c", "coalesce(a) = c", false},
    {"length(CAST(a AS BLOB)) <= 7", "(length(cast(a as blob)) <= 7)", true},
    {"CAST(a AS BLOB) = b", "CAST(a AS TEXT) = b", false},
    {"a LIKE 'x%'", "(a) like 'x%'", true},
    {"a LIKE 'x%'", "a LIKE 'X%'", false},
    {"a GLOB 'x'", "a LIKE 'x'", false},
    {"a = TRUE", "a = 1", true},
    {"a = TRUE", "a = 0", false},
    {"a COLLATE NOCASE = b", "(a COLLATE nocase) = b", true},
    {"a COLLATE NOCASE = b", "a = b", false},
    {"NOT a = b", "NOT (a = b)", true},
    {"NOT a = b", "(NOT a) = b", false},
    {"a < b = c", "(a < b) = c", true},
    {"CASE WHEN a THEN 1 END", "case when a then 1 end", true},
    {"CASE WHEN a THEN 1 END", "CASE WHEN (a) THEN 1 END", true},
    {"CASE WHEN a == 1 THEN b ELSE c + 1 END > 0",
     "(case when (a = 1) then b else (c + 1) end) > 0", true},
    {"CASE a WHEN 1 THEN 2 WHEN 3 THEN 4 END", "CASE (a) WHEN (1) THEN 2 WHEN 3 THEN (4) END",
     true},
    {"CASE WHEN CASE a WHEN 1 THEN b END THEN c END",
     "CASE WHEN (CASE (a) WHEN 1 THEN b END) THEN c END", true},
    {"CASE WHEN a THEN b END", "CASE WHEN b THEN a END", false},
    {"CASE WHEN a THEN b ELSE c END", "CASE WHEN a THEN b END", false},
    {"CASE WHEN a THEN b ELSE c END", "CASE a WHEN b THEN c END", false},
    {"CASE WHEN a THEN b WHEN c THEN d END", "CASE a WHEN b THEN c ELSE d END", false},
    {"CASE WHEN a THEN b", "CASE WHEN (a) THEN b", false},
    {"CASE a END", "CASE (a) END", false},
    {"EXISTS (SELECT 1)", "EXISTS ((SELECT 1))", false}, /* not read */
    {"a = 'x'", "a = \"x\"", false},
    {"a", "", false},
};

static void test_sqlite_table__expressions_are_compared_by_structure(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof expressions / sizeof *expressions; i++)
        for (int swapped = 0; swapped < 2; swapped++) {
            const char *a = swapped ? expressions[i].b : expressions[i].a;
            const char *b = swapped ? expressions[i].a : expressions[i].b;
            if (furrow__sqlite_expressions_are_equal(a, b) != expressions[i].are_equal)
                fail_msg("%s and %s", a, b);
        }
    assert_true(furrow__sqlite_expressions_are_equal(NULL, NULL));
    assert_false(furrow__sqlite_expressions_are_equal("a", NULL));
}

/* Text that is nested too deeply or too long is compared by its tokens. */
static void test_sqlite_table__long_expressions_are_compared_by_tokens(void **state)
{
    furrow__buffer a = {0}, b = {0};
    (void)state;
    for (int i = 0; i < 1000; i++)
        furrow__buffer_add_char(&a, '(');
    furrow__buffer_add_char(&a, 'a');
    assert_false(furrow__sqlite_expressions_are_equal(a.text, "a"));
    assert_true(furrow__sqlite_expressions_are_equal(a.text, a.text));
    furrow__buffer_clear(&a);
    for (int i = 0; i < 600; i++) {
        furrow__buffer_add_text(&a, i ? " + a" : "a");
        furrow__buffer_add_text(&b, i ? " + (a)" : "a");
    }
    assert_false(furrow__sqlite_expressions_are_equal(a.text, b.text));
    assert_true(furrow__sqlite_expressions_are_equal(a.text, a.text));
    furrow__buffer_done(&a);
    furrow__buffer_done(&b);
}

static void test_sqlite_table__out_of_memory_is_reported(void **state)
{
    (void)state;
    static const furrow_allocator failing = {allocate, reallocate, release, NULL};
    furrow__buffer sql = {0};
    furrow__buffer_add_text(&sql, "CREATE TABLE t (a INT");
    for (int i = 0; i < 40; i++)
        furrow__buffer_format(&sql, ", a%d varying character(20) COLLATE nocase UNIQUE", i);
    furrow__buffer_add_text(&sql, ", FOREIGN KEY (a) REFERENCES \"x.y\" (z))");
    furrow_status status = FURROW_NOMEM;
    furrow_set_allocator(&failing);
    for (fail_at = 0; status == FURROW_NOMEM && fail_at < 1000; fail_at++) {
        furrow_arena own = {0};
        furrow__catalog catalog;
        furrow__catalog_table *table;
        furrow_error error = {0};
        requests = 0;
        furrow__catalog_init(&catalog, &furrow__dialect_sqlite, &own);
        status = furrow__sqlite_read_table(&catalog, sql.text, sql.size, &table, &error);
        assert_true(status == FURROW_OK || status == FURROW_NOMEM);
        assert_int_equal(table != NULL, status == FURROW_OK);
        furrow__arena_done(&own);
    }
    furrow_set_allocator(NULL);
    assert_int_equal(status, FURROW_OK);
    assert_true(fail_at > 3);
    furrow__buffer_done(&sql);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_sqlite_table__names_may_have_any_quotes, tear_down),
        cmocka_unit_test_teardown(test_sqlite_table__comments_are_skipped_anywhere, tear_down),
        cmocka_unit_test_teardown(test_sqlite_table__columns_keep_their_parts, tear_down),
        cmocka_unit_test_teardown(test_sqlite_table__constraints_of_columns_are_read, tear_down),
        cmocka_unit_test_teardown(test_sqlite_table__constraints_of_the_table_are_read, tear_down),
        cmocka_unit_test_teardown(test_sqlite_table__finds_the_alias_of_the_rowid, tear_down),
        cmocka_unit_test_teardown(test_sqlite_table__what_cannot_be_read_is_refused_by_name,
                                  tear_down),
        cmocka_unit_test_teardown(test_sqlite_table__more_than_the_limits_is_refused, tear_down),
        cmocka_unit_test_teardown(test_sqlite_table__an_index_is_read, tear_down),
        cmocka_unit_test_teardown(test_sqlite_table__equal_texts_are_recognized, tear_down),
        cmocka_unit_test(test_sqlite_table__expressions_are_compared_by_structure),
        cmocka_unit_test(test_sqlite_table__long_expressions_are_compared_by_tokens),
        cmocka_unit_test_teardown(test_sqlite_table__out_of_memory_is_reported, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
