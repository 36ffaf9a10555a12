/* SPDX-License-Identifier: MIT
 * Tests the values of UPDATE and USING, with CAST and CASE: both engines must store the same
 * values, or reject the same rows. If a hint suggests an expression, following the hint must work.
 */
#include "steps.h"

#include "../unit/migrate_world.h"
#include "history.h"
#include "migrate/apply/route.h"
#include "migrate/author/diff.h"

static const char table[] =
    "\n-- upgrade\nCREATE TABLE t (id BIGINT PRIMARY KEY, i SMALLINT, n INTEGER, b BIGINT, r DOUBLE"
    " PRECISION, t TEXT, u TEXT, ok BOOLEAN, d DECIMAL(8, 2), day DATE, at TIMESTAMP WITH TIME "
    "ZONE,"
    " key UUID, mood ENUM ('SAD', 'GLAD'), out_i BIGINT, out_r DOUBLE PRECISION, out_t TEXT, out_ok"
    " BOOLEAN, out_d DECIMAL(8, 2), out_day DATE, out_at TIMESTAMP WITH TIME ZONE, out_key UUID,"
    " out_mood ENUM ('SAD', 'GLAD', 'CALM'));\n"
    "INSERT INTO t (id, i, n, b, r, t, u, ok, d, day, at, key, mood) VALUES (1, 5, -7,"
    " 9007199254740993, 1.5, '12', 'x', TRUE, 1.25, '2026-02-03', '2026-02-03T04:05:06Z',"
    " 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'GLAD'),"
    " (2, 0, 0, 0, 0.0, '-9223372036854775808', '', FALSE, 0, '1970-01-01', '1970-01-01T00:00:00Z',"
    " '00000000-0000-0000-0000-000000000000', 'SAD');\n"
    "INSERT INTO t (id) VALUES (3);\n-- downgrade\nDROP TABLE t;\n";

/* A column, the expression that is assigned to it, and the resulting values in rows 1, 2 and 3, as
 * text. */
static const struct {
    const char *column, *value, *results;
} values[] = {
    {"out_i", "CAST(t AS INTEGER)", "12;-9223372036854775808;-"},
    {"out_i", "CAST(t AS BIGINT)", "12;-9223372036854775808;-"},
    {"out_i", "CAST(CAST(n AS TEXT) AS SMALLINT) * 2", "-14;0;-"},
    {"out_i", "CAST(i AS INTEGER) + b", "9007199254740998;0;-"},
    {"out_t", "CAST(b AS TEXT)", "9007199254740993;0;-"},
    {"out_t", "CAST(n AS TEXT) || 'x'", "-7x;0x;-"},
    {"out_t", "CAST(mood AS TEXT) || '!'", "GLAD!;SAD!;-"},
    {"out_t", "lower(CAST(mood AS TEXT))", "glad;sad;-"},
    {"out_t", "CAST(key AS TEXT)",
     "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11;00000000-0000-0000-0000-000000000000;-"},
    {"out_t", "CAST(t AS TEXT)", "12;-9223372036854775808;-"},
    {"out_r", "CAST(n AS DOUBLE PRECISION) / 2", "-3.5;0;-"},
    {"out_r", "CAST(r AS DOUBLE PRECISION)", "1.5;0;-"},
    {"out_t", "CASE WHEN n < 0 THEN 'minus' WHEN n = 0 THEN 'zero' END", "minus;zero;-"},
    {"out_t", "CASE n WHEN -7 THEN 'minus' WHEN 0 THEN 'zero' ELSE 'none' END", "minus;zero;none"},
    {"out_t", "CASE mood WHEN 'SAD' THEN u ELSE CAST(n AS TEXT) END", "-7;;-"},
    {"out_t", "case when ok then 'yes' when not ok then 'no' else NULL end", "yes;no;-"},
    {"out_i", "CASE WHEN ok THEN 1 ELSE 0 END", "1;0;0"},
    {"out_i", "CASE WHEN CAST(t AS INTEGER) > 0 THEN i + 1 ELSE -1 END", "6;-1;-1"},
    {"out_i", "1 + CASE WHEN ok THEN n ELSE 1 END * 2", "-13;3;3"},
    {"out_i", "abs(CASE WHEN ok THEN i ELSE n END)", "5;0;-"},
    {"out_r", "CASE WHEN ok THEN n ELSE 0.5 END / 2", "-3.5;0.25;0.25"},
    {"out_r", "CASE WHEN ok THEN 1 ELSE 2 END", "1;2;2"},
    {"out_ok", "CASE WHEN n < 0 THEN TRUE ELSE FALSE END", "1;0;0"},
    {"out_ok", "CASE WHEN n < 0 THEN ok ELSE n = 0 END", "1;1;-"},
    {"out_d", "CASE WHEN ok THEN 1.5 ELSE 2 END", "1.50;2.00;2.00"},
    {"out_d", "CASE WHEN ok THEN d ELSE 2.25 END", "1.25;2.25;2.25"},
    {"out_day", "CASE WHEN ok THEN '2020-01-31' END", "2020-01-31;-;-"},
    {"out_day", "CASE WHEN ok THEN day ELSE '2020-01-31' END", "2026-02-03;2020-01-31;2020-01-31"},
    {"out_at", "CASE WHEN ok THEN '2020-01-31T00:00:00Z' ELSE at END",
     "2020-01-31T00:00:00.000000Z;1970-01-01T00:00:00.000000Z;-"},
    {"out_at", "CASE WHEN ok THEN '2020-01-31T00:00:00Z' ELSE NULL END",
     "2020-01-31T00:00:00.000000Z;-;-"},
    {"out_key", "CASE WHEN ok THEN '00000000-0000-0000-0000-000000000001' ELSE key END",
     "00000000-0000-0000-0000-000000000001;00000000-0000-0000-0000-000000000000;-"},
    {"out_key", "CASE WHEN ok THEN '00000000-0000-0000-0000-000000000001' END",
     "00000000-0000-0000-0000-000000000001;-;-"},
    {"out_mood", "CASE WHEN ok THEN 'CALM' ELSE 'SAD' END", "CALM;SAD;SAD"},
    {"out_mood", "CASE mood WHEN 'SAD' THEN 'CALM' ELSE CAST(mood AS TEXT) END", "GLAD;CALM;-"},
    {"out_i", "CASE WHEN CASE WHEN ok THEN n ELSE 1 END < 0 THEN 1 ELSE 2 END", "1;2;2"},
    {"out_t", "CASE WHEN CAST(i AS TEXT) IN ('5', '6') THEN 'in' ELSE 'out' END", "in;out;out"},
    {"out_t", "CASE WHEN CAST(i AS TEXT) < '3' THEN 'less' ELSE 'more' END", "more;less;more"},
};

/* Expressions that are rejected when a revision is read. */
static const char *const refused[][2] = {
    {"out_t", "CAST(r AS TEXT)"},
    {"out_t", "CAST(ok AS TEXT)"},
    {"out_t", "CAST(day AS TEXT)"},
    {"out_t", "CAST(at AS TEXT)"},
    {"out_t", "CAST(d AS TEXT)"},
    {"out_i", "CAST(r AS INTEGER)"},
    {"out_i", "CAST(d AS INTEGER)"},
    {"out_i", "CAST(ok AS INTEGER)"},
    {"out_r", "CAST(t AS DOUBLE PRECISION)"},
    {"out_day", "CAST(t AS DATE)"},
    {"out_key", "CAST(t AS UUID)"},
    {"out_i", "CAST(t AS DECIMAL)"},
    {"out_i", "CAST(t)"},
    {"out_i", "CAST(t AS)"},
    {"out_i", "CASE END"},
    {"out_i", "CASE WHEN ok THEN 1"},
    {"out_i", "CASE WHEN n THEN 1 END"},
    {"out_i", "CASE WHEN ok THEN 1 ELSE 'x' END"},
    {"out_i", "CASE WHEN ok THEN NULL END"},
    {"out_mood", "CASE WHEN ok THEN 'ANGRY' ELSE 'SAD' END"},
    {"out_day", "CASE WHEN ok THEN '2020-02-30' END"},
    {"out_i", "CASE WHEN ok THEN i ELSE r END"},
};

/* Text that does not represent an integer. An UPDATE that casts such a text fails. */
static const char *const not_integers[] = {
    "",
    " ",
    "x",
    "12x",
    " 12",
    "12 ",
    "+5",
    "007",
    "-0",
    "1.0",
    "1e3",
    "0x10",
    "--5",
    "1_000",
    "9223372036854775808",
    "-9223372036854775809",
    "99999999999999999999999",
    "Infinity",
    "1\n",
    "\n1",
    "１２",
};

static furrow_status go(fixture *f, const written *h, const char *target, bool down)
{
    furrow__route_report report;
    return run_route(
        f, &(furrow__route_request){.history = &h->history, .target = target, .down = down},
        (furrow__migrator_options){.allow_data_loss = true}, &report);
}

/* Writes a column of this type as text that does not depend on the engine. */
static const char *as_text(fixture *f, const char *column, const char *type)
{
    if (f->dialect == &furrow__dialect_sqlite)
        return strncmp(type, "DECIMAL", 7) == 0
                   ? join(f, "printf('%.2f', ", column, " / 100.0)", NULL)
               : strncmp(type, "DOUBLE", 6) == 0 ? join(f, "printf('%g', ", column, ")", NULL)
                                                 : column;
    if (strcmp(type, "BOOLEAN") == 0)
        return join(f, column, "::int::text", NULL);
    if (strcmp(type, "TIMESTAMP") == 0)
        return join(f, "to_char(", column,
                    " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')", NULL);
    return join(f, column, "::text", NULL);
}

/* Returns the values of a column of the table t, in the order of the keys. */
static const char *stored(fixture *f, const char *column)
{
    static const char *const types[][2] = {
        {"out_d", "DECIMAL"}, {"out_r", "DOUBLE"}, {"out_ok", "BOOLEAN"}, {"out_at", "TIMESTAMP"}};
    const char *type = "";
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i][0], column) == 0)
            type = types[i][1];
    return rows(f, join(f, "SELECT CASE WHEN ", column, " IS NOT NULL THEN ",
                        as_text(f, column, type), " END FROM t ORDER BY id", NULL));
}

static void test_cases__casts_and_cases_are_the_same_on_every_engine(void **state)
{
    fixture *f = *state;
    written h;
    begin_history(&h, &f->arena);
    add_revision(&h, table);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        add_revision(&h, join(f, "\n-- upgrade\nUPDATE t SET ", values[i].column, " = ",
                              values[i].value, ";\n-- downgrade\n", NULL));
    end_history(&h);
    OK(go(f, &h, "+1", false));
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        if (go(f, &h, "+1", false) != FURROW_OK)
            fail_msg("%s: %s (%s)", values[i].value, f->error.message, f->error.sql);
        const char *found = stored(f, values[i].column);
        if (strcmp(found, values[i].results) != 0)
            fail_msg("%s: %s instead of %s", values[i].value, found, values[i].results);
    }
}

/* Statements that change the type of out_t. Two of them in one revision must do the
 * same as in two revisions, or be refused. */
static const char *const conversions[] = {
    "ALTER TABLE t ALTER COLUMN out_t TYPE BIGINT USING (coalesce(CAST(t AS BIGINT), 4) / 2 + 1);",
    "ALTER TABLE t ALTER COLUMN out_t TYPE TEXT USING (CAST(n AS TEXT));",
    "ALTER TABLE t ALTER COLUMN out_t TYPE DOUBLE PRECISION USING (CAST(i AS DOUBLE PRECISION));",
    "ALTER TABLE t ALTER COLUMN out_t TYPE TEXT;",
    "ALTER TABLE t ALTER COLUMN out_t TYPE VARCHAR(80);",
    "ALTER TABLE t ALTER COLUMN out_t TYPE BIGINT;",
    "ALTER TABLE t ALTER COLUMN out_t TYPE DOUBLE PRECISION;",
    "ALTER TABLE t ALTER COLUMN out_t SET DEFAULT NULL;",
};

/* Runs two statements in one revision or in two. Returns the values of out_t, or the status of a
 * failure. */
static const char *values_after(fixture *f, const char *first, const char *second, bool together)
{
    written h;
    begin_history(&h, &f->arena);
    add_revision(&h, join(f, table, NULL));
    if (together) {
        add_revision(&h,
                     join(f, "-- irreversible\n\n-- upgrade\n", first, "\n", second, "\n", NULL));
    } else {
        add_revision(&h, join(f, "-- irreversible\n\n-- upgrade\n", first, "\n", NULL));
        add_revision(&h, join(f, "-- irreversible\n\n-- upgrade\n", second, "\n", NULL));
    }
    end_history(&h);
    furrow_status status = go(f, &h, "head", false);
    const char *found =
        status == FURROW_OK
            ? rows(f,
                   f->dialect == &furrow__dialect_sqlite
                       ? "SELECT typeof(out_t) || ' ' || out_t FROM t ORDER BY id"
                       : "SELECT pg_typeof(out_t)::text || ' ' || out_t::text FROM t ORDER BY id")
            : furrow_status_name(status);
    OK(furrow__execute(f->c, "DROP TABLE t", NULL, &f->error));
    OK(furrow__execute(f->c, "DROP TABLE furrow_revision", NULL, &f->error));
    return found;
}

static void test_cases__two_conversions_of_a_column_follow_each_other(void **state)
{
    fixture *f = *state;
    size_t compared = 0;
    for (size_t i = 0; i < sizeof conversions / sizeof *conversions; i++)
        for (size_t j = 0; j < sizeof conversions / sizeof *conversions; j++) {
            const char *apart = values_after(f, conversions[i], conversions[j], false);
            const char *together = values_after(f, conversions[i], conversions[j], true);
            if (strcmp(together, furrow_status_name(FURROW_INVALID)) == 0)
                continue;
            compared++;
            if (strcmp(apart, together) != 0)
                fail_msg("%s %s: %s instead of %s", conversions[i], conversions[j], together,
                         apart);
            compared++;
        }
    printf("%zu pairs\n", compared);
}

static void test_cases__what_would_differ_is_refused(void **state)
{
    fixture *f = *state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        furrow__catalog schema;
        furrow__history draft = {.arena = &f->arena};
        furrow__file_location place;
        furrow__buffer text = {0};
        written w = {.arena = &f->arena};
        static const char zero[] = "00000000000000000000000000000000";
        const char *body = table;
        furrow__catalog_init(&schema, NULL, &f->arena);
        const char *update =
            join(f, "UPDATE t SET ", refused[i][0], " = ", refused[i][1], ";\n", NULL);
        const char *end = strstr(body, "-- downgrade");
        write_file(
            &text, &w, 1, zero, zero,
            join(f, furrow__arena_text(&f->arena, body, (size_t)(end - body)), update, end, NULL));
        furrow_status status = furrow__history_add(
            &draft,
            &(furrow__source_text){
                .text = text.text, .size = text.size, .location = {.file = "01.sql"}},
            &place, &f->error);
        if (status == FURROW_OK)
            status = furrow__changes_apply(&schema, &draft.items[0]->upgrade, &f->error);
        if (status != FURROW_INVALID)
            fail_msg("%s: %s", refused[i][1], furrow_status_name(status));
        furrow__buffer_done(&text);
    }
}

static void test_cases__a_text_that_is_not_an_integer_stops_the_revision(void **state)
{
    fixture *f = *state;
    written h;
    begin_history(&h, &f->arena);
    add_revision(&h, table);
    add_revision(&h, "\n-- upgrade\nUPDATE t SET out_i = CAST(t AS INTEGER);\n-- downgrade\n");
    end_history(&h);
    OK(go(f, &h, "+1", false));
    for (size_t i = 0; i < sizeof not_integers / sizeof *not_integers; i++) {
        furrow__buffer sql = {0};
        furrow__buffer_add_text(&sql, "UPDATE t SET t = ");
        furrow__sql_literal(&sql, not_integers[i]);
        furrow__buffer_add_text(&sql, " WHERE id = 2");
        OK(furrow__execute_buffer(f->c, &sql, &f->error));
        if (go(f, &h, "+1", false) == FURROW_OK)
            fail_msg("'%s' is cast", not_integers[i]);
        if (strlen(not_integers[i]) > 2 && strstr(f->error.message, not_integers[i]))
            fail_msg("the message contains the value: %s", f->error.message);
    }
    assert_int_equal(number(f, "SELECT count(*) FROM t WHERE out_i IS NOT NULL"), 0);
}

/* Statements that cast the text c to an integer, and whether they fail. c is an integer in row 1,
 * not an integer in row 2, and NULL in row 3. */
static const struct {
    const char *statement;
    bool stops;
} casts[] = {
    {"UPDATE x SET n = CAST(c AS TYPE)", true},
    {"UPDATE x SET n = CAST(c AS TYPE) WHERE id <> 2", false},
    {"UPDATE x SET n = CAST(c AS TYPE) WHERE id >= 2", true},
    {"UPDATE x SET n = 0 - CAST(trim(c) || '' AS TYPE)", true},
    {"UPDATE x SET n = CASE WHEN id = 2 THEN 0 ELSE CAST(c AS TYPE) END", false},
    {"UPDATE x SET n = CASE WHEN id <> 2 THEN 0 ELSE CAST(c AS TYPE) END", true},
    {"UPDATE x SET n = CASE WHEN CAST(c AS TYPE) = 1 THEN 0 ELSE 2 END", true},
    {"UPDATE x SET n = coalesce(n, CAST(c AS TYPE))", true},
    {"UPDATE x SET n = coalesce(id, CAST(c AS TYPE))", false},
    {"INSERT INTO y (id, n) SELECT id, CAST(c AS TYPE) FROM x", true},
    {"INSERT INTO y (id, n) SELECT id, CAST(c AS TYPE) FROM x WHERE id <> 2", false},
    {"ALTER TABLE x ALTER COLUMN c TYPE TYPE USING (CAST(c AS TYPE))", true},
    {"ALTER TABLE x ALTER COLUMN c TYPE TYPE USING (CASE id WHEN 2 THEN 2 ELSE CAST(c AS TYPE) "
     "END)",
     false},
    {"ALTER TABLE x ADD COLUMN m TYPE USING (CAST(c AS TYPE))", true},
};

/* Runs a statement against the table x with this text in row 2. */
static void run_cast(fixture *f, size_t at, const char *type, const char *text)
{
    written h;
    furrow__buffer change = {0}, literal = {0};
    furrow__route_report report;
    const char *from = casts[at].statement, *found;
    for (; (found = strstr(from, "TYPE")) != NULL; from = found + 4) {
        furrow__buffer_add(&change, from, (size_t)(found - from));
        bool is_keyword = found[4] == ' ' && strncmp(found, "TYPE TYPE", 9) == 0;
        furrow__buffer_add_text(&change, is_keyword ? "TYPE" : type);
    }
    furrow__buffer_add_text(&change, from);
    furrow__sql_literal(&literal, text);
    begin_history(&h, &f->arena);
    add_revision(&h, join(f, "\n-- upgrade\nCREATE TABLE x (id BIGINT PRIMARY KEY, c TEXT, n ",
                          type, ");\nCREATE TABLE y (id BIGINT PRIMARY KEY, n ", type,
                          ");\nINSERT INTO x (id, c) VALUES (1, '7'), (2, ", literal.text,
                          "), (3, NULL);\n-- downgrade\nDROP TABLE y;\nDROP TABLE x;\n", NULL));
    add_revision(&h, join(f, "\n-- irreversible\n\n-- upgrade\n", change.text, ";\n", NULL));
    end_history(&h);
    OK(go(f, &h, "+1", false));
    furrow_status status =
        run_route(f, &(furrow__route_request){.history = &h.history, .target = "+1"},
                  (furrow__migrator_options){.allow_data_loss = true}, &report);
    if (!casts[at].stops && status != FURROW_OK)
        fail_msg("%s: %s (%s)", change.text, f->error.message, f->error.sql);
    if (casts[at].stops) {
        assert_int_not_equal(status, FURROW_OK);
        const char *wanted = "1 row of \"x\" has a text that is not a 64-bit integer in \"c\""
                             " (first keys: 2)";
        if (strcmp(f->error.message, wanted) != 0 || report.step.problem_count != 1 ||
            !strstr(f->error.hint, "update these rows first"))
            fail_msg("%s: %s (%s)", change.text, f->error.message, f->error.hint);
    }
    run(f, "DROP TABLE x");
    run(f, "DROP TABLE y");
    run(f, "DROP TABLE furrow_revision");
    furrow__buffer_done(&change);
    furrow__buffer_done(&literal);
    furrow__arena_clear(&f->arena);
}

static void test_cases__a_text_that_is_not_an_integer_is_named_by_row_and_column(void **state)
{
    static const char *const integers[] = {"SMALLINT", "INTEGER", "BIGINT"};
    fixture *f = *state;
    for (size_t i = 0; i < sizeof casts / sizeof *casts; i++)
        for (size_t t = 0; t < sizeof integers / sizeof *integers; t++)
            run_cast(f, i, integers[t], "12x");
    for (size_t i = 0; i < sizeof not_integers / sizeof *not_integers; i++)
        run_cast(f, 0, "BIGINT", not_integers[i]);
}

/* The changes whose comments or messages ask for an expression, and for each an expression that
 * follows this advice. */
static const struct {
    const char *type, *row, *wanted, *using, *result;
} hints[] = {
    {"TEXT", "' 12'", "INTEGER", "CAST(trim(c) AS INTEGER)", "12"},
    {"TEXT", "'yes'", "BOOLEAN", "CASE c WHEN 'yes' THEN TRUE WHEN 'no' THEN FALSE END", "1"},
    {"BOOLEAN", "TRUE", "INTEGER", "CASE WHEN c THEN 1 ELSE 0 END", "1"},
    {"BOOLEAN", "TRUE", "TEXT", "CASE WHEN c THEN 'yes' ELSE 'no' END", "yes"},
    {"INTEGER", "3", "BOOLEAN", "c <> 0", "1"},
    {"INTEGER", "3", "TEXT", "CAST(c AS TEXT)", "3"},
    {"INTEGER", "3", "DOUBLE PRECISION", "CAST(c AS DOUBLE PRECISION)", "3"},
    {"INTEGER", "1", "ENUM ('A', 'B')", "CASE c WHEN 1 THEN 'A' ELSE 'B' END", "A"},
    {"INTEGER", "1", "DATE", "CASE c WHEN 1 THEN '2026-01-02' END", "2026-01-02"},
    {"INTEGER", "1", "DECIMAL(6, 2)", "CASE c WHEN 1 THEN 1.5 ELSE 0 END", "1.50"},
    {"DOUBLE PRECISION", "1.5", "INTEGER", "CASE WHEN c > 1 THEN 2 ELSE 1 END", "2"},
    {"ENUM ('A', 'B')", "'B'", "ENUM ('A', 'C')",
     "CASE c WHEN 'B' THEN 'C' ELSE CAST(c AS TEXT) END", "C"},
    {"ENUM ('A', 'B')", "'B'", "INTEGER", "CASE c WHEN 'A' THEN 1 ELSE 2 END", "2"},
    {"ENUM ('A', 'B')", "'B'", "TEXT", "lower(CAST(c AS TEXT))", "b"},
    {"DATE", "'2026-01-02'", "TEXT", "CASE WHEN c > '2026-01-01' THEN 'new' ELSE 'old' END", "new"},
    {"UUID", "'00000000-0000-0000-0000-000000000001'", "TEXT", "CAST(c AS TEXT)",
     "00000000-0000-0000-0000-000000000001"},
    {"TEXT", "'A'", "ENUM ('A', 'B')", "CASE WHEN c = 'A' THEN c ELSE 'B' END", "A"},
};

static void test_cases__hints_can_be_followed(void **state)
{
    fixture *f = *state;
    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++) {
        written h;
        begin_history(&h, &f->arena);
        add_revision(&h, join(f, "\n-- upgrade\nCREATE TABLE x (id BIGINT PRIMARY KEY, c ",
                              hints[i].type, ");\nINSERT INTO x (id, c) VALUES (1, ", hints[i].row,
                              ");\n-- downgrade\nDROP TABLE x;\n", NULL));
        add_revision(&h, join(f, "\n-- upgrade\nALTER TABLE x ALTER COLUMN c TYPE ",
                              hints[i].wanted, " USING (", hints[i].using,
                              ");\n-- downgrade\nALTER TABLE x DROP COLUMN"
                              " c;\nALTER TABLE x ADD COLUMN c ",
                              hints[i].type, ";\n", NULL));
        end_history(&h);
        if (go(f, &h, "head", false) != FURROW_OK)
            fail_msg("%s: %s (%s)", hints[i].using, f->error.message, f->error.sql);
        const char *found =
            rows(f, join(f, "SELECT ", as_text(f, "c", hints[i].wanted), " FROM x", NULL));
        if (strcmp(found, hints[i].result) != 0)
            fail_msg("%s: %s instead of %s", hints[i].using, found, hints[i].result);
        OK(go(f, &h, "base", true));
    }
}

/* Types, and a literal of each. */
static const struct {
    const char *type, *literal;
} types[] = {
    {"BOOLEAN", "TRUE"},
    {"SMALLINT", "1"},
    {"INTEGER", "2"},
    {"BIGINT", "3"},
    {"REAL", "0.5"},
    {"DOUBLE PRECISION", "1.5"},
    {"TEXT", "'a'"},
    {"VARCHAR(5)", "'b'"},
    {"TIMESTAMP WITH TIME ZONE", "'2026-02-03T04:05:06Z'"},
    {"DATE", "'2026-02-03'"},
    {"UUID", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"},
    {"DECIMAL(6, 2)", "1.25"},
    {"JSON", "'{}'"},
    {"ENUM ('A', 'B')", "'A'"},
};
enum { TYPES = sizeof types / sizeof *types };

/* Returns the comment that a generated change of the column's type gets; "" if it gets none. */
static const char *comment_on(fixture *f, const furrow__catalog *before, const char *change)
{
    furrow__change_list changes;
    read_changes(&changes, change, &f->arena);
    OK(furrow__diff_remark(&changes, before, false, &f->arena, &f->error));
    return changes.items[0].comment ? changes.items[0].comment : "";
}

/* Wherever a comment asks for USING, an expression for it exists: a CASE with literals of the new
 * type is always possible. Where no comment asks for USING, the values are converted. */
static void test_cases__using_can_be_written_for_all_types(void **state)
{
    fixture *f = *state;
    size_t asked = 0;
    for (size_t to = 0; to < TYPES; to++) {
        written h;
        furrow__buffer create = {0}, alter = {0}, count = {0};
        furrow__buffer_add_text(&create, "CREATE TABLE x (id BIGINT PRIMARY KEY");
        for (size_t i = 0; i < TYPES; i++)
            furrow__buffer_format(&create, ", c%zu %s", i, types[i].type);
        furrow__buffer_add_text(&create, ");\n");
        begin_history(&h, &f->arena);
        furrow__catalog before;
        make_catalog(&before, create.text, &f->arena);
        furrow__buffer_add_text(&create, "INSERT INTO x (id");
        for (size_t i = 0; i < TYPES; i++)
            furrow__buffer_format(&create, ", c%zu", i);
        furrow__buffer_add_text(&create, ") VALUES (1");
        for (size_t i = 0; i < TYPES; i++)
            furrow__buffer_format(&create, ", %s", types[i].literal);
        furrow__buffer_add_text(&create, ");\nINSERT INTO x (id) VALUES (2);\n");
        add_revision(&h,
                     join(f, "\n-- upgrade\n", create.text, "-- downgrade\nDROP TABLE x;\n", NULL));
        for (size_t i = 0; i < TYPES; i++) {
            char column[16];
            snprintf(column, sizeof column, "c%zu", i);
            const char *change =
                join(f, "ALTER TABLE x ALTER COLUMN ", column, " TYPE ", types[to].type, NULL);
            if (!strstr(comment_on(f, &before, join(f, change, ";\n", NULL)), "USING (expression)"))
                continue;
            asked++;
            furrow__buffer_format(&alter, "%s USING (CASE WHEN %s IS NOT NULL THEN %s END);\n",
                                  change, column, types[to].literal);
            furrow__buffer_format(&count, "%scount(%s)", count.size ? " + " : "", column);
        }
        if (alter.size) {
            add_revision(&h, join(f, "\n-- irreversible\n\n-- upgrade\n", alter.text, NULL));
            end_history(&h);
            if (go(f, &h, "head", false) != FURROW_OK)
                fail_msg("to %s: %s (%s)", types[to].type, f->error.message, f->error.sql);
            size_t columns = 0;
            for (const char *c = alter.text; (c = strstr(c, "USING")) != NULL; c++)
                columns++;
            assert_int_equal(number(f, join(f, "SELECT ", count.text, " FROM x", NULL)), columns);
            run(f, "DROP TABLE x");
            run(f, "DROP TABLE furrow_revision");
        }
        furrow__buffer_done(&create);
        furrow__buffer_done(&alter);
        furrow__buffer_done(&count);
        furrow__arena_clear(&f->arena);
    }
    printf("%zu comments ask for USING\n", asked);
    assert_true(asked > TYPES * TYPES / 2);
}

/* Makes a change that the preflight stops, and then makes it again as the hint says. */
static void follow_hint(fixture *f, const char *first, const char *change)
{
    written h;
    begin_history(&h, &f->arena);
    add_revision(&h, first);
    add_revision(&h, join(f, "\n-- irreversible\n\n-- upgrade\n", change, NULL));
    end_history(&h);
    if (go(f, &h, "head", false) == FURROW_OK)
        fail_msg("%s is not stopped", change);
    const char *hint = furrow__arena_text(&f->arena, f->error.hint, strlen(f->error.hint));
    const char *using = strstr(hint, "USING (");
    if (!using || !strstr(hint, "in this revision"))
        fail_msg("%s: the hint is: %s", change, hint);
    const char *end = strchr(change, ';');
    const char *start = furrow__arena_text(&f->arena, change, (size_t)(end - change));
    begin_history(&h, &f->arena);
    add_revision(&h, first);
    add_revision(&h, join(f, "\n-- irreversible\n\n-- upgrade\n", start, " ", using, ";\n", NULL));
    end_history(&h);
    if (go(f, &h, "head", false) != FURROW_OK)
        fail_msg("%s: %s (%s)", using, f->error.message, f->error.sql);
    run(f, "DROP TABLE x");
    run(f, "DROP TABLE furrow_revision");
}

static void test_cases__names_in_messages_of_the_preflight_are_quoted(void **state)
{
    static const char *const names[] = {"a\"b", "\"",           "a.b.c",  "a b",
                                        "50%s", "stra\xc3\x9f", "select", "a'b"};
    fixture *f = *state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        written h;
        furrow__buffer quoted = {0};
        furrow__sql_identifier(&quoted, names[i]);
        const char *name = furrow__arena_text(&f->arena, quoted.text, quoted.size);
        begin_history(&h, &f->arena);
        add_revision(&h, join(f, "\n-- upgrade\nCREATE TABLE ", name, " (id BIGINT PRIMARY KEY, ",
                              name, " TEXT);\nINSERT INTO ", name,
                              " (id) VALUES (1);\n-- downgrade\nDROP TABLE ", name, ";\n", NULL));
        add_revision(&h, join(f, "\n-- irreversible\n\n-- upgrade\nALTER TABLE ", name,
                              " ALTER COLUMN ", name, " SET NOT NULL;\n", NULL));
        end_history(&h);
        if (go(f, &h, "head", false) == FURROW_OK)
            fail_msg("%s: a column with NULL becomes NOT NULL", name);
        assert_string_equal(f->error.message,
                            join(f, "1 row of ", name, " has no ", name, " (first keys: 1)", NULL));
        run(f, join(f, "DROP TABLE ", name, NULL));
        run(f, "DROP TABLE furrow_revision");
        furrow__buffer_done(&quoted);
        furrow__arena_clear(&f->arena);
    }
}

/* The comment on a lost enum value contains statements. They can be run as they are written. */
static void test_cases__the_comment_on_a_lost_enum_value_can_be_followed(void **state)
{
    static const char *const enums[][2] = {{"'A', 'B'", "'A'"},
                                           {"'A', 'B'", "'A', 'C'"},
                                           {"'A', 'B', 'C'", "'D', 'B'"},
                                           {"'A', 'B'", "'X'"}};
    fixture *f = *state;
    for (size_t i = 0; i < sizeof enums / sizeof *enums; i++) {
        written h;
        furrow__catalog before;
        const char *create = join(f, "CREATE TABLE x (id BIGINT PRIMARY KEY, c ENUM (", enums[i][0],
                                  ") NOT NULL);\n", NULL);
        const char *change =
            join(f, "ALTER TABLE x ALTER COLUMN c TYPE ENUM (", enums[i][1], ");\n", NULL);
        make_catalog(&before, create, &f->arena);
        const char *comment = comment_on(f, &before, change),
                   *statements = strstr(comment, "\n    ");
        assert_non_null(statements);
        const char *first = join(f, "\n-- upgrade\n", create,
                                 "INSERT INTO x (id, c) VALUES (1, 'A'), (2, 'B');\n"
                                 "-- downgrade\nDROP TABLE x;\n",
                                 NULL);
        follow_hint(f, first, change);
        begin_history(&h, &f->arena);
        add_revision(&h, first);
        add_revision(&h,
                     join(f, "\n-- irreversible\n\n-- upgrade", statements, "\n", change, NULL));
        end_history(&h);
        if (go(f, &h, "head", false) != FURROW_OK)
            fail_msg("%s: %s (%s)", statements, f->error.message, f->error.sql);
        assert_int_equal(
            number(f, join(f, "SELECT count(*) FROM x WHERE c IN (", enums[i][1], ")", NULL)), 2);
        run(f, "DROP TABLE x");
        run(f, "DROP TABLE furrow_revision");
        furrow__arena_clear(&f->arena);
    }
}

int main(void)
{
    const struct CMUnitTest sqlite[] = {
        SQLITE_TEST(test_cases__casts_and_cases_are_the_same_on_every_engine),
        SQLITE_TEST(test_cases__two_conversions_of_a_column_follow_each_other),
        SQLITE_TEST(test_cases__what_would_differ_is_refused),
        SQLITE_TEST(test_cases__a_text_that_is_not_an_integer_stops_the_revision),
        SQLITE_TEST(test_cases__a_text_that_is_not_an_integer_is_named_by_row_and_column),
        SQLITE_TEST(test_cases__names_in_messages_of_the_preflight_are_quoted),
        SQLITE_TEST(test_cases__hints_can_be_followed),
        SQLITE_TEST(test_cases__using_can_be_written_for_all_types),
        SQLITE_TEST(test_cases__the_comment_on_a_lost_enum_value_can_be_followed)};
    int failed = cmocka_run_group_tests(sqlite, NULL, NULL);
#ifdef FURROW_WITH_POSTGRESQL
    const struct CMUnitTest postgresql[] = {
        POSTGRESQL_TEST(test_cases__casts_and_cases_are_the_same_on_every_engine),
        POSTGRESQL_TEST(test_cases__two_conversions_of_a_column_follow_each_other),
        POSTGRESQL_TEST(test_cases__what_would_differ_is_refused),
        POSTGRESQL_TEST(test_cases__a_text_that_is_not_an_integer_stops_the_revision),
        POSTGRESQL_TEST(test_cases__a_text_that_is_not_an_integer_is_named_by_row_and_column),
        POSTGRESQL_TEST(test_cases__names_in_messages_of_the_preflight_are_quoted),
        POSTGRESQL_TEST(test_cases__hints_can_be_followed),
        POSTGRESQL_TEST(test_cases__using_can_be_written_for_all_types),
        POSTGRESQL_TEST(test_cases__the_comment_on_a_lost_enum_value_can_be_followed)};
    failed += RUN_ON_POSTGRESQL(postgresql);
#endif
    return failed;
}
