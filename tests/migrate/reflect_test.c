/* SPDX-License-Identifier: MIT
 * Reflects live databases. A database that furrow created must give the same models again, and any
 * other database must give models that are as close to it as possible. argv[1] is tests/golden. */
#include "fixture.h"

#include <dirent.h>

#include "compiler/compiler.h"
#include "migrate/reflect/parts.h"
#include "migrate/catalog/ddl.h"

#include "../unit/migrate_random.h"
#include "migrate/reflect/reflect.h"

enum { RANDOM_SCHEMAS = 60 };

static const char *golden_folder;

static const char *keep(fixture *f, furrow__buffer *text)
{
    const char *copy = furrow__arena_text(&f->arena, furrow__buffer_text(text), text->size);
    furrow__buffer_done(text);
    return copy;
}

/* Returns the engine's DDL for all tables. Equal schemas give equal DDL. */
static const char *lowered(fixture *f, const furrow__catalog *logical)
{
    furrow__catalog physical;
    furrow__buffer text = {0};
    OK(furrow__catalog_lower(&physical, logical, f->dialect, &f->arena, &f->error));
    for (size_t i = 0; i < physical.count; i++) {
        furrow__physical_write_table(&text, &physical, physical.tables[i], NULL);
        furrow__buffer_add_text(&text, ";\n");
        for (size_t k = 0; k < physical.tables[i]->index_count; k++) {
            furrow__physical_write_index(&text, &physical, physical.tables[i],
                                         &physical.tables[i]->indexes[k]);
            furrow__buffer_add_text(&text, ";\n");
        }
    }
    return keep(f, &text);
}

static furrow__catalog reflected(fixture *f, const char **left_out)
{
    furrow__catalog physical, logical;
    furrow__buffer lines = {0};
    OK(furrow__inspect(&physical, f->c, f->dialect, &f->arena, &f->error));
    OK(furrow__reflect_catalog(&logical, &lines, &physical, &f->arena, &f->error));
    *left_out = keep(f, &lines);
    return logical;
}

/* Compiles a written header. The test fails if there is an error. */
static furrow__catalog compiled(fixture *f, const char *header, furrow__compiler **out)
{
    furrow__catalog catalog;
    *out = furrow__compiler_new(NULL, NULL);
    assert_true(furrow__compiler_add(*out, "models.h", header, strlen(header)));
    if (!furrow__compiler_run(*out))
        fail_msg("%s\n%s", furrow__compiler_messages(*out), header);
    OK(furrow__catalog_from_schema(&catalog, furrow__compiler_schema(*out), &f->arena, &f->error));
    return catalog;
}

static const char *header_of(fixture *f, const furrow__catalog *logical)
{
    furrow__buffer header = {0};
    OK(furrow__catalog_write_models(&header, logical, &f->error));
    return keep(f, &header);
}

static void read_file(fixture *f, const char *path, furrow__compiler *c, const char *name)
{
    char text[65536];
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t size = fread(text, 1, sizeof text, file);
    fclose(file);
    assert_true(furrow__compiler_add(c, name, text, size));
    (void)f;
}

static void add_headers(fixture *f, furrow__compiler *c, const char *folder, int depth)
{
    DIR *d = opendir(folder);
    assert_non_null(d);
    for (struct dirent *e = readdir(d); e; e = readdir(d)) {
        char path[512];
        size_t size = strlen(e->d_name);
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        if (size > 2 && strcmp(e->d_name + size - 2, ".h") == 0)
            read_file(f, path, c, e->d_name);
        else if (!strchr(e->d_name, '.') && strcmp(e->d_name, "args") && depth == 0 &&
                 strcmp(e->d_name, "expected"))
            add_headers(f, c, path, depth + 1);
    }
    closedir(d);
}

static void make_schemas(fixture *f, const furrow__catalog *catalog)
{
    for (size_t i = 0; i < catalog->count && f->dialect != &furrow__dialect_sqlite; i++) {
        char sql[128];
        snprintf(sql, sizeof sql, "CREATE SCHEMA IF NOT EXISTS \"%s\"",
                 catalog->tables[i]->name.schema ? catalog->tables[i]->name.schema : "public");
        run(f, sql);
    }
}

static void drop_everything(fixture *f, const furrow__catalog *catalog)
{
    if (f->dialect == &furrow__dialect_sqlite)
        run(f, "PRAGMA foreign_keys = OFF");
    for (size_t i = 0; i < catalog->count; i++) {
        furrow__buffer sql = {0};
        furrow__buffer_add_text(&sql, "DROP TABLE ");
        furrow__write_table_name(&sql, f->dialect, catalog->tables[i]->name);
        furrow__buffer_add_text(&sql, f->dialect == &furrow__dialect_sqlite ? "" : " CASCADE");
        OK(furrow__execute_buffer(f->c, &sql, &f->error));
    }
}

static void create_all(fixture *f, const furrow_schema *schema)
{
    furrow__statements statements = {0};
    OK(furrow__ddl_create_schema(&statements, f->dialect, schema, &f->arena, &f->error));
    for (size_t i = 0; i < statements.count; i++)
        run(f, statements.items[i]);
}

/* Fails with the first line in which two strings differ. */
static void assert_same(const char *what, const char *a, const char *b, const char *beside)
{
    size_t line = 0;
    for (size_t i = 0; a[i] == b[i] && a[i]; i++)
        line = a[i] == '\n' ? i + 1 : line;
    if (strcmp(a, b) != 0)
        fail_msg("%s: \"%.*s\" came back as \"%.*s\"\n%.300s", what, (int)strcspn(a + line, "\n"),
                 a + line, (int)strcspn(b + line, "\n"), b + line, beside);
}

static void round_trip(fixture *f, const char *folder)
{
    furrow__catalog wanted, again;
    const char *left_out;
    furrow__compiler *c = furrow__compiler_new(NULL, NULL), *second;
    add_headers(f, c, folder, 0);
    if (!furrow__compiler_run(c))
        fail_msg("%s", furrow__compiler_messages(c));
    OK(furrow__catalog_from_schema(&wanted, furrow__compiler_schema(c), &f->arena, &f->error));
    make_schemas(f, &wanted);
    create_all(f, furrow__compiler_schema(c));
    furrow__catalog logical = reflected(f, &left_out);
    if (f->dialect == &furrow__dialect_sqlite) {
        /* SQLite's schema does not show whether a text is a time, a date or a UUID. */
        assert_same(folder, lowered(f, &wanted), lowered(f, &logical), left_out);
    } else {
        assert_string_equal(left_out, "");
        assert_same(folder, catalog_text(&wanted, &f->arena), catalog_text(&logical, &f->arena),
                    left_out);
    }
    const char *header = header_of(f, &logical);
    assert_null(strstr(header, "Not expressed here"));
    again = compiled(f, header, &second);
    assert_int_equal(logical.storage, FURROW__STORAGE_NEWEST);
    assert_same(folder, catalog_text(&logical, &f->arena), catalog_text(&again, &f->arena), header);
    drop_everything(f, &wanted);
    furrow__compiler_free(c);
    furrow__compiler_free(second);
    furrow__arena_clear(&f->arena);
}

static void test_reflect__models_are_restored(void **state)
{
    fixture *f = *state;
    int count = 0;
    DIR *d = opendir(golden_folder);
    assert_non_null(d);
    for (struct dirent *e = readdir(d); e; e = readdir(d)) {
        char path[512];
        if (strncmp(e->d_name, "good_", 5) != 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", golden_folder, e->d_name);
        round_trip(f, path);
        count++;
    }
    closedir(d);
    assert_true(count >= 10);
}

/* Replaces native types with furrow's type TEXT, because they are reflected as TEXT. */
static void take_natives(furrow__catalog *catalog)
{
    for (size_t i = 0; i < catalog->count; i++)
        for (size_t k = 0; k < catalog->tables[i]->column_count; k++)
            if (catalog->tables[i]->columns[k].type.native)
                catalog->tables[i]->columns[k].type =
                    (furrow__catalog_type){.type = FURROW_TYPE_TEXT};
}

static void make_live(fixture *f, const furrow__catalog *logical)
{
    furrow__catalog physical;
    bool sqlite = f->dialect == &furrow__dialect_sqlite;
    OK(furrow__catalog_lower(&physical, logical, f->dialect, &f->arena, &f->error));
    for (size_t i = 0; i < physical.count; i++) {
        furrow__buffer sql = {0};
        furrow__catalog_table table = *physical.tables[i];
        furrow__catalog_constraint *all = table.constraints;
        furrow__catalog_constraint *kept =
            furrow_arena_allocate(&f->arena, (table.constraint_count + 1) * sizeof *kept);
        size_t count = 0;
        for (size_t k = 0; k < table.constraint_count; k++)
            if (sqlite || all[k].kind != FURROW__CONSTRAINT_FOREIGN_KEY)
                kept[count++] = all[k];
        table.constraints = kept;
        table.constraint_count = count;
        furrow__physical_write_table(&sql, &physical, &table, NULL);
        OK(furrow__execute_buffer(f->c, &sql, &f->error));
        for (size_t k = 0; k < table.index_count; k++) {
            furrow__physical_write_index(&sql, &physical, &table, &table.indexes[k]);
            OK(furrow__execute_buffer(f->c, &sql, &f->error));
        }
    }
    for (size_t i = 0; i < physical.count && !sqlite; i++)
        for (size_t k = 0; k < physical.tables[i]->constraint_count; k++) {
            furrow__buffer sql = {0};
            if (physical.tables[i]->constraints[k].kind != FURROW__CONSTRAINT_FOREIGN_KEY)
                continue;
            furrow__buffer_add_text(&sql, "ALTER TABLE ");
            furrow__write_table_name(&sql, f->dialect, physical.tables[i]->name);
            furrow__buffer_add_text(&sql, " ADD ");
            furrow__physical_write_constraint(&sql, f->dialect,
                                              &physical.tables[i]->constraints[k]);
            OK(furrow__execute_buffer(f->c, &sql, &f->error));
        }
}

static void test_reflect__any_schema_is_restored(void **state)
{
    fixture *f = *state;
    for (unsigned seed = 0; seed < RANDOM_SCHEMAS; seed++) {
        random_source r = {.state = seed + 4711};
        furrow__buffer text = {0};
        furrow__catalog wanted;
        furrow__compiler *c;
        const char *left_out;
        random_schema(&r, &text);
        make_catalog(&wanted, furrow__buffer_text(&text), &f->arena);
        make_live(f, &wanted);
        furrow__catalog logical = reflected(f, &left_out);
        if (f->dialect == &furrow__dialect_sqlite) {
            assert_same("random", lowered(f, &wanted), lowered(f, &logical), left_out);
        } else {
            take_natives(&wanted);
            wanted.storage = logical.storage; /* the storage versions do not differ on PostgreSQL */
            assert_same("random", catalog_text(&wanted, &f->arena),
                        catalog_text(&logical, &f->arena), left_out);
        }
        const char *header = header_of(f, &logical);
        if (strstr(header, "\nstruct ")) {
            compiled(f, header, &c);
            furrow__compiler_free(c);
        }
        drop_everything(f, &wanted);
        furrow__buffer_done(&text);
        furrow__arena_clear(&f->arena);
    }
}

static const char *const checks[] = {
    "n > -5",
    "n BETWEEN 1 AND 9",
    "n NOT BETWEEN 1 AND 9",
    "n BETWEEN 1 AND 9 AND m > 0",
    "m > 0 AND n BETWEEN 1 AND 9 OR n = 77",
    "NOT (n BETWEEN 1 AND 9)",
    "n >= 1 AND n <= 9",
    "n >= 1 AND n <= 9 AND m > 0",
    "m > 0 AND n >= 1 AND n <= 9",
    "n IN (1, 2, 3)",
    "n NOT IN (1, 2)",
    "n IN (7)",
    "n + m * 2 - 1 > 0",
    "n / m > 1",
    "n / 2 > 1",
    "n % 2 = 0",
    "-n < 0",
    "abs(n) < 100",
    "big > 5000000000 OR big = -9223372036854775807",
    "small <> 0",
    "r > 0.5 AND r < 1e3",
    "r + n > -0.25",
    "price > 0 AND price <= 999.99",
    "price BETWEEN -1.50 AND 10",
    "price * 2 < price2 + 1.25",
    "t LIKE 'A%'",
    "t NOT LIKE '_%b'",
    "t LIKE 'a\\b%'",
    "length(t) > 2 AND lower(t) = t",
    "upper(trim(t)) <> 'X'",
    "t || 'x' = 'yx'",
    "t IN ('it''s', 'b')",
    "t = 'a\\b'",
    "t >= 'a' AND t < u",
    "coalesce(t, u, 'z') <> ''",
    "coalesce(n, 0) >= 0",
    "b",
    "NOT b",
    "b = TRUE OR n IS NULL",
    "b <> FALSE AND t IS NOT NULL",
    "day >= '2020-01-31'",
    "at < '2030-01-01T00:00:00Z'",
    "id <> '00000000-0000-0000-0000-000000000000'",
    "id IN ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12')",
    "mood = 'SAD' OR mood <> 'GLAD'",
    "mood IN ('SAD', 'GLAD')",
    "(n = 1 OR n = 2) AND (m = 3 OR NOT (m > 4 AND n < 5))",
    "n = m AND m = n AND n <> 3 AND n <> 4 AND n <> 5",
};

static void test_reflect__expressions_keep_their_meaning(void **state)
{
    fixture *f = *state;
    bool sqlite = f->dialect == &furrow__dialect_sqlite;
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        furrow__buffer text = {0};
        furrow__catalog wanted;
        furrow__compiler *c;
        const char *left_out;
        if (sqlite && strstr(checks[i], "price"))
            continue; /* SQLite's schema does not contain the scale of a decimal */
        furrow__buffer_format(
            &text,
            "CREATE TABLE e (key BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, n INTEGER, m "
            "INTEGER, big BIGINT, small SMALLINT, r DOUBLE PRECISION, price DECIMAL(8, 2), price2 "
            "DECIMAL(8, 2), t TEXT, u TEXT, b BOOLEAN, day %s, at %s, id %s, mood ENUM('SAD', "
            "'GLAD'), CONSTRAINT e_check CHECK (%s));\nCREATE INDEX e_x ON e (n) WHERE %s;\n",
            sqlite ? "TEXT" : "DATE", sqlite ? "TEXT" : "TIMESTAMP WITH TIME ZONE",
            sqlite ? "TEXT" : "UUID", checks[i], checks[i]);
        make_catalog(&wanted, furrow__buffer_text(&text), &f->arena);
        make_live(f, &wanted);
        furrow__catalog logical = reflected(f, &left_out);
        if (sqlite)
            assert_same(checks[i], lowered(f, &wanted), lowered(f, &logical), left_out);
        wanted.storage = logical.storage; /* the storage versions do not differ on PostgreSQL */
        if (!sqlite)
            assert_same(checks[i], catalog_text(&wanted, &f->arena),
                        catalog_text(&logical, &f->arena), left_out);
        furrow__catalog again = compiled(f, header_of(f, &logical), &c);
        again.storage = logical.storage;
        const furrow__catalog_constraint *check =
            furrow__catalog_constraint_named(again.tables[0], "e_check");
        assert_non_null(check);
        drop_everything(f, &wanted);
        furrow__compiler_free(c);
        furrow__buffer_done(&text);
        furrow__arena_clear(&f->arena);
    }
}

/* SQL statements of another program; each statement ends with ";\n". */
static const char foreign_on_sqlite[] =
    "CREATE TABLE author (id INTEGER PRIMARY KEY, \"class\" VARCHAR(40) NOT NULL DEFAULT 'it''s', "
    "mail TEXT UNIQUE, ok BOOLEAN NOT NULL DEFAULT 0, status TEXT CHECK (status IN ('NEW', "
    "'OLD')), "
    "CHECK (length(mail) > 2 AND mail LIKE 'x'), CHECK (id > 0 AND mail IS NOT NULL));\n"
    "CREATE TABLE \"two words\" (a INT, b TEXT, author_id INTEGER REFERENCES author ON DELETE "
    "CASCADE,"
    " n INT CHECK (n BETWEEN 1 AND 9), at TEXT DEFAULT (date('now')), PRIMARY KEY (b, a));\n"
    "CREATE INDEX i ON \"two words\" (n DESC, a) WHERE n > 3;\n"
    "CREATE VIRTUAL TABLE found USING fts5(body);\n"
    "INSERT INTO \"two words\" (a, b) VALUES (1, '2020-02-03');\n";

static const char foreign_on_postgresql[] =
    "CREATE TYPE mood AS ENUM ('sad', 'glad');\n"
    "CREATE TABLE author (id serial PRIMARY KEY, \"class\" varchar(40) NOT NULL DEFAULT 'it''s', "
    "mail text UNIQUE, feels mood, tags integer[], price numeric(8, 2), "
    "status text CHECK (status IN ('NEW', 'OLD')), CHECK (length(mail) > 2 AND mail LIKE 'x'));\n"
    "CREATE TABLE \"two words\" (a int, b char(13), author_id integer REFERENCES author ON DELETE "
    "CASCADE, n int CHECK (n BETWEEN 1 AND 9), at timestamp DEFAULT now(), PRIMARY KEY (b, a));\n"
    "CREATE INDEX i ON \"two words\" (n DESC, a) WHERE n > 3;\n"
    "CREATE INDEX j ON author (lower(mail));\n"
    "CREATE VIEW v AS SELECT id FROM author;\n";

static void run_all(fixture *f, const char *statements)
{
    for (const char *at = statements, *end; (end = strstr(at, ";\n")); at = end + 2) {
        char sql[1024];
        snprintf(sql, sizeof sql, "%.*s", (int)(end - at), at);
        run(f, sql);
    }
}

/* Writes the models of a database in the same way as `furrow models`. */
static furrow_status write_models(fixture *f, furrow__buffer *lines, furrow__buffer *header,
                                  furrow_arena *arena)
{
    furrow__catalog physical, logical;
    const furrow__write_models_options options = {true, NULL};
    furrow_status status = furrow__inspect(&physical, f->c, f->dialect, arena, &f->error);
    if (status == FURROW_OK)
        status = furrow__reflect_sample(&physical, f->c, &f->error);
    if (status == FURROW_OK)
        status = furrow__reflect_catalog(&logical, lines, &physical, arena, &f->error);
    return status == FURROW_OK
               ? furrow__catalog_write_models_with(header, &logical, options, &f->error)
               : status;
}

static void test_reflect__survives_each_failed_allocation(void **state)
{
    fixture *f = *state;
    bool is_over = false, sqlite = f->dialect == &furrow__dialect_sqlite;
    int failed = 0;
    furrow__buffer whole = {0}, expected = {0};
    run_all(f, sqlite ? foreign_on_sqlite : foreign_on_postgresql);
    OK(write_models(f, &expected, &whole, &f->arena));
    for (int k = 0; !is_over; k++) {
        furrow_arena arena = {0};
        furrow__buffer lines = {0}, header = {0};
        allocations_left = k;
        furrow_status status = write_models(f, &lines, &header, &arena);
        is_over = allocations_left > 0;
        allocations_left = -1;
        failed += status != FURROW_OK;
        if (status == FURROW_OK) { /* a failed allocation must not cause a part of the models to be
                                      left out */
            assert_string_equal(furrow__buffer_text(&header), whole.text);
            assert_string_equal(furrow__buffer_text(&lines), expected.text);
        } else if (status != FURROW_NOMEM || is_over) {
            fail_msg("allocation %d: %s: %s", k, furrow_status_name(status), f->error.message);
        }
        furrow__buffer_done(&lines);
        furrow__buffer_done(&header);
        furrow__arena_done(&arena);
    }
    printf("%d failures\n", failed);
    assert_true(failed > 60);
    furrow__buffer_done(&whole);
    furrow__buffer_done(&expected);
}

static const char *header_of_live(fixture *f, const char **left_out)
{
    furrow__catalog logical = reflected(f, left_out);
    return header_of(f, &logical);
}

/* Checks whether the messages contain the note that the database does not assign the table's
 * key. */
static void assert_unassigned(const char *lines, const char *table, bool is_unassigned)
{
    char line[160];
    snprintf(line, sizeof line,
             "%s.id is a key that the database does not assign: the program must set it, and 0 is "
             "refused\n",
             table);
    if (!strstr(lines, line) == is_unassigned)
        fail_msg("%s: %s", table, lines);
}

static void test_reflect__keys_that_the_program_sets_are_noted_on_sqlite(void **state)
{
    fixture *f = *state;
    const char *left_out;
    run_all(f, "CREATE TABLE a (id INTEGER PRIMARY KEY);\n"
               "CREATE TABLE b (id BIGINT PRIMARY KEY);\n"
               "CREATE TABLE c (id INTEGER PRIMARY KEY DESC);\n"
               "CREATE TABLE d (id INTEGER PRIMARY KEY) WITHOUT ROWID;\n"
               "CREATE TABLE e (id INTEGER, PRIMARY KEY (id DESC));\n"
               "CREATE TABLE f (id INTEGER CONSTRAINT mine PRIMARY KEY);\n"
               "CREATE TABLE g (id INT PRIMARY KEY REFERENCES b (id));\n");
    furrow__catalog logical = reflected(f, &left_out);
    static const bool unassigned[] = {false, true, true, true, false, false, false};
    for (size_t i = 0; i < logical.count; i++) {
        assert_unassigned(left_out, logical.tables[i]->name.name, unassigned[i]);
        assert_int_equal(logical.tables[i]->columns[0].assigned, i == 0 || i == 4);
    }
}

static void test_reflect__keys_that_the_program_sets_are_noted_on_postgresql(void **state)
{
    fixture *f = *state;
    const char *left_out;
    run_all(f, "CREATE TABLE a (id bigserial PRIMARY KEY);\n"
               "CREATE TABLE b (id bigint PRIMARY KEY);\n"
               "CREATE TABLE c (id int PRIMARY KEY REFERENCES a (id));\n"
               "CREATE TABLE d (id int PRIMARY KEY DEFAULT 5);\n");
    furrow__catalog logical = reflected(f, &left_out);
    for (size_t i = 0; i < logical.count; i++)
        assert_unassigned(left_out, logical.tables[i]->name.name, i == 1);
}

static void test_reflect__times_with_a_precision_are_times(void **state)
{
    fixture *f = *state;
    const char *left_out;
    for (int n = 0; n <= 6; n++) {
        char sql[160];
        snprintf(
            sql, sizeof sql,
            "CREATE TABLE t%d (id bigserial PRIMARY KEY, a timestamp(%d), b timestamptz(%d));\n", n,
            n, n);
        run_all(f, sql);
    }
    furrow__catalog logical = reflected(f, &left_out);
    assert_int_equal(logical.count, 7);
    for (size_t i = 0; i < logical.count; i++)
        for (size_t k = 1; k < 3; k++)
            assert_int_equal(logical.tables[i]->columns[k].type.type, FURROW_TYPE_TIME);
    assert_non_null(strstr(left_out, "t3.b (timestamp(3) with time zone) rounds times"));
    assert_null(strstr(left_out, "t6.b"));
}

static void test_reflect__virtual_tables_are_listed_without_their_shadow_tables(void **state)
{
    fixture *f = *state;
    const char *left_out;
    run_all(f, "CREATE TABLE ft_mine (id INTEGER PRIMARY KEY AUTOINCREMENT);\n"
               "CREATE VIRTUAL TABLE ft USING fts5(body);\n"
               "CREATE VIRTUAL TABLE \"rt ree\" USING rtree(id, x0, x1);\n"
               "CREATE INDEX ft_mine_x ON ft_mine (id DESC);\n");
    const char *header = header_of_live(f, &left_out);
    assert_string_equal(left_out, "ft is a virtual table, which models cannot express\n"
                                  "rt ree is a virtual table, which models cannot express\n");
    assert_non_null(strstr(header, "struct ft_mine {"));
    assert_null(strstr(header, "struct ft_data"));
    assert_null(strstr(header, "struct ft_idx"));
    assert_null(strstr(header, "node"));
}

static void test_reflect__partitions_belong_to_their_table(void **state)
{
    fixture *f = *state;
    const char *left_out;
    run_all(
        f, "CREATE TABLE sale (id bigint, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);\n"
           "CREATE TABLE sale_1 PARTITION OF sale FOR VALUES FROM ('2020-01-01') TO"
           " ('2021-01-01');\n"
           "CREATE TABLE sale_2 PARTITION OF sale FOR VALUES FROM ('2021-01-01') TO"
           " ('2022-01-01') PARTITION BY LIST (id);\n"
           "CREATE TABLE sale_2_1 PARTITION OF sale_2 DEFAULT;\n"
           "CREATE TABLE item (id bigserial PRIMARY KEY, sale bigint NOT NULL, at date NOT NULL,"
           " FOREIGN KEY (sale, at) REFERENCES sale (id, at));\n");
    const char *header = header_of_live(f, &left_out);
    assert_string_equal(left_out, "");
    assert_non_null(strstr(header, "struct sale {"));
    assert_null(strstr(header, "sale_1"));
    assert_null(strstr(header, "sale_2"));
    const char *reference = strstr(header, "references(");
    assert_non_null(reference);
    assert_null(strstr(reference + 1, "references("));
}

/* Makes a table with a column, both with this name, and returns the header that describes it. The
 * header must compile without a message. */
static const char *header_for_name(fixture *f, const char *name, const char *key,
                                   furrow__catalog *again)
{
    const char *left_out;
    char sql[512];
    furrow__compiler *c;
    bool sqlite = f->dialect == &furrow__dialect_sqlite;
    snprintf(sql, sizeof sql,
             "CREATE TABLE \"%s\" (id %s PRIMARY KEY%s, \"%s\" TEXT NOT NULL DEFAULT '%s' CHECK "
             "(\"%s\" <> '%s'))",
             name, sqlite ? "INTEGER" : "bigint GENERATED BY DEFAULT AS IDENTITY",
             sqlite ? " AUTOINCREMENT" : "", name, name, name, key);
    run(f, sql);
    const char *header = header_of_live(f, &left_out);
    *again = compiled(f, header, &c);
    if (*furrow__compiler_messages(c))
        fail_msg("%s\n%s", furrow__compiler_messages(c), header);
    furrow__compiler_free(c);
    snprintf(sql, sizeof sql, "DROP TABLE \"%s\"", name);
    run(f, sql);
    return header;
}

static void test_reflect__bidirectional_control_characters_are_escaped(void **state)
{
    static const unsigned points[] = {0x061C, 0x200E, 0x200F, 0x202A, 0x202B, 0x202C,
                                      0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069};
    fixture *f = *state;
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        unsigned p = points[i];
        char raw[4] = "", name[16], escaped[16], comment[64], sql[160];
        const char *left_out;
        furrow__catalog again;
        if (p < 0x800)
            snprintf(raw, sizeof raw, "%c%c", (char)(0xC0 | p >> 6), (char)(0x80 | (p & 0x3F)));
        else
            snprintf(raw, sizeof raw, "%c%c%c", (char)(0xE0 | p >> 12),
                     (char)(0x80 | (p >> 6 & 0x3F)), (char)(0x80 | (p & 0x3F)));
        snprintf(name, sizeof name, "a%sb", raw);
        snprintf(escaped, sizeof escaped, "a\\u%04Xb", p);
        const char *header = header_for_name(f, name, raw, &again);
        assert_null(strstr(header, raw));
        assert_non_null(strstr(header, escaped));
        assert_string_equal(again.tables[0]->name.name, name);
        assert_string_equal(again.tables[0]->columns[1].name, name);
        assert_non_null(strstr(again.tables[0]->columns[1].default_, raw));
        /* A table without a key is only mentioned in a comment. */
        snprintf(sql, sizeof sql, "CREATE TABLE \"%s\" (n INTEGER)", name);
        run(f, sql);
        header = header_of_live(f, &left_out);
        snprintf(comment, sizeof comment, "table \"%s\" has no primary key", escaped);
        assert_null(strstr(header, raw));
        if (!strstr(header, comment))
            fail_msg("%s: %s", comment, header);
        snprintf(sql, sizeof sql, "DROP TABLE \"%s\"", name);
        run(f, sql);
        furrow__arena_clear(&f->arena);
    }
}

/* Returns whether a header declares a struct or a member with this name. */
static bool declares(const char *header, const char *name)
{
    size_t size = strlen(name);
    for (const char *at = header; (at = strstr(at, name)); at++) {
        const char *next = at + size + strspn(at + size, " ");
        if (at > header && at[-1] == ' ' && next > at + size &&
            (strncmp(next, "FURROW(", 7) == 0 || *next == '{'))
            return true;
    }
    return false;
}

static void check_word(fixture *f, const char *word)
{
    furrow__catalog again;
    const char *header = header_for_name(f, word, "x", &again);
    if (declares(header, word))
        fail_msg("\"%s\" is declared in this header:\n%s", word, header);
    assert_string_equal(again.tables[0]->name.name, word);
    assert_string_equal(again.tables[0]->columns[1].name, word);
    furrow__arena_clear(&f->arena);
}

static void test_reflect__keywords_and_macros_are_not_names(void **state)
{
    static const char *const words[] = {
        "auto",     "break",    "case",     "const",    "continue",  "default",     "do",
        "else",     "enum",     "extern",   "float",    "for",       "goto",        "if",
        "inline",   "long",     "register", "restrict", "return",    "short",       "signed",
        "sizeof",   "static",   "switch",   "typedef",  "union",     "unsigned",    "void",
        "volatile", "while",    "bool",     "true",     "false",     "NULL",        "offsetof",
        "and",      "and_eq",   "catch",    "class",    "co_await",  "concept",     "const_cast",
        "delete",   "explicit", "export",   "friend",   "mutable",   "namespace",   "new",
        "noexcept", "not",      "operator", "or",       "private",   "protected",   "public",
        "template", "this",     "throw",    "try",      "typeid",    "typename",    "using",
        "virtual",  "wchar_t",  "xor",      "SIZE_MAX", "WCHAR_MIN", "PTRDIFF_MAX",
    };
    static const char *const kinds[] = {"", "_LEAST", "_FAST"}, *const sizes[] = {"8", "64"},
                             *const ends[] = {"_MAX", "_MIN", "_C"};
    fixture *f = *state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        check_word(f, words[i]);
    for (size_t i = 0; i < 2 * 3 * 2 * 3; i++) {
        char word[32];
        bool is_unsigned = i % 2, is_min = i / 12 == 1, is_constant = i / 12 == 2;
        if ((is_unsigned && is_min) || (is_constant && i / 2 % 3))
            continue; /* there is no macro with this name */
        snprintf(word, sizeof word, "%sINT%s%s%s", is_unsigned ? "U" : "", kinds[i / 2 % 3],
                 sizes[i / 6 % 2], ends[i / 12]);
        check_word(f, word);
    }
}

/* The table of a model's columns has the name of the struct in upper case. */
static void test_reflect__tables_of_columns_are_not_macros(void **state)
{
    static const char *const words[] = {"int64_max", "uint8_c", "size_max", "eof", "null"};
    fixture *f = *state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        furrow__catalog again;
        header_for_name(f, words[i], "x", &again);
        assert_string_equal(again.tables[0]->name.name, words[i]);
        furrow__arena_clear(&f->arena);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest sqlite[] = {
        SQLITE_TEST(test_reflect__models_are_restored),
        SQLITE_TEST(test_reflect__any_schema_is_restored),
        SQLITE_TEST(test_reflect__expressions_keep_their_meaning),
        SQLITE_TEST(test_reflect__survives_each_failed_allocation),
        SQLITE_TEST(test_reflect__keys_that_the_program_sets_are_noted_on_sqlite),
        SQLITE_TEST(test_reflect__virtual_tables_are_listed_without_their_shadow_tables),
        SQLITE_TEST(test_reflect__bidirectional_control_characters_are_escaped),
        SQLITE_TEST(test_reflect__keywords_and_macros_are_not_names),
        SQLITE_TEST(test_reflect__tables_of_columns_are_not_macros)};
    use_failing_allocator(NULL);
    golden_folder = argc > 1 ? argv[1] : "tests/golden";
    int failed = cmocka_run_group_tests(sqlite, NULL, NULL);
#ifdef FURROW_WITH_POSTGRESQL
    const struct CMUnitTest postgresql[] = {
        POSTGRESQL_TEST(test_reflect__models_are_restored),
        POSTGRESQL_TEST(test_reflect__any_schema_is_restored),
        POSTGRESQL_TEST(test_reflect__expressions_keep_their_meaning),
        POSTGRESQL_TEST(test_reflect__survives_each_failed_allocation),
        POSTGRESQL_TEST(test_reflect__keys_that_the_program_sets_are_noted_on_postgresql),
        POSTGRESQL_TEST(test_reflect__times_with_a_precision_are_times),
        POSTGRESQL_TEST(test_reflect__partitions_belong_to_their_table),
        POSTGRESQL_TEST(test_reflect__bidirectional_control_characters_are_escaped),
        POSTGRESQL_TEST(test_reflect__keywords_and_macros_are_not_names),
        POSTGRESQL_TEST(test_reflect__tables_of_columns_are_not_macros)};
    failed += RUN_ON_POSTGRESQL(postgresql);
#endif
    return failed;
}
