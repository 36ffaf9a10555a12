/* SPDX-License-Identifier: MIT
 *
 * Measures the rebuild of a SQLite table with 1,000,000 rows and three indexes. Compares furrow
 * with the best hand-written script that we know. The script preserves the same things as furrow:
 * the AUTOINCREMENT counter, the indexes, the trigger and the child rows. It runs in one
 * transaction and checks the foreign keys at the end.
 *
 *     --sqlite FOLDER   folder for the database files
 *     --pairs N         turns of each side (9); the result is their median
 *     --rows N          rows of the table (1,000,000)
 *     --only TEXT       do nothing unless the name of the row contains TEXT
 *     --json FILE       also write the result as JSON
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "migrate/apply/migrator.h"

enum { MOST_PAIRS = 99 };

#define COLUMNS(note)                                                                              \
    "(\n    id INTEGER PRIMARY KEY AUTOINCREMENT,\n    name TEXT NOT NULL,\n    email TEXT NOT "   \
    "NULL,\n    age INTEGER NOT NULL,\n    note TEXT" note ",\n    CONSTRAINT t_age_check CHECK "  \
    "(age >= 0)\n) STRICT"
#define OLD "CREATE TABLE t " COLUMNS("")
#define NEW "CREATE TABLE t " COLUMNS(" NOT NULL")
#define INDEXES                                                                                    \
    "CREATE INDEX t_name ON t (name); CREATE UNIQUE INDEX t_email ON t (email); CREATE INDEX "     \
    "t_age ON t (age, id) WHERE age > 20; "
#define TRIGGER                                                                                    \
    "CREATE TRIGGER t_gone AFTER DELETE ON t BEGIN INSERT INTO gone VALUES (old.id); END; "

static const char by_hand[] =
    "PRAGMA foreign_keys = OFF; PRAGMA legacy_alter_table = ON; BEGIN IMMEDIATE;"
    "CREATE TABLE t_new " COLUMNS(
        " NOT NULL") ";"
                     "CREATE TEMP TABLE mark AS SELECT seq FROM sqlite_sequence WHERE name = 't';"
                     "INSERT INTO t_new (id, name, email, age, note) SELECT id, name, email, age, "
                     "note FROM t;"
                     "DROP TABLE t; ALTER TABLE t_new RENAME TO t;"
                     "UPDATE sqlite_sequence SET seq = (SELECT seq FROM mark) WHERE name = "
                     "'t';" INDEXES TRIGGER "PRAGMA foreign_key_check; COMMIT;"
                     "PRAGMA legacy_alter_table = OFF; PRAGMA foreign_keys = ON;";

static _Noreturn void fail(const char *what, const char *why)
{
    fprintf(stderr, "rebuild: %s: %s\n", what, why);
    exit(1);
}

static void must(sqlite3 *db, const char *sql)
{
    char *message = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        fail(sql, message);
}

typedef struct figures {
    double wall_ms, cpu_ms;
} figures;

static figures now(void)
{
    struct timespec wall;
    struct rusage used;
    clock_gettime(CLOCK_MONOTONIC, &wall);
    getrusage(RUSAGE_SELF, &used);
    return (figures){
        .wall_ms = (double)wall.tv_sec * 1e3 + (double)wall.tv_nsec / 1e6,
        .cpu_ms = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e3 +
                  (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e3,
    };
}

static figures since(figures began)
{
    figures end = now();
    return (figures){end.wall_ms - began.wall_ms, end.cpu_ms - began.cpu_ms};
}

static void make_file(const char *path, int rows)
{
    char sql[512];
    sqlite3 *db;
    unlink(path);
    if (sqlite3_open(path, &db) != SQLITE_OK)
        fail(path, "could not be created");
    must(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; BEGIN; " OLD ";");
    snprintf(
        sql, sizeof sql,
        "WITH RECURSIVE k (v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM k WHERE v < %d) INSERT "
        "INTO t SELECT v, 'Name of number ' || (v * 7919 %% 1000003), 'person.' || (v * 104729 "
        "%% 1299709) || '.' || v || '@example.org', v %% 90, 'a note that is somewhat longer ' "
        "|| v FROM k",
        rows);
    must(db, sql);
    must(db,
         "CREATE TABLE child (id INTEGER PRIMARY KEY, t INTEGER REFERENCES t (id) ON DELETE "
         "CASCADE) STRICT; INSERT INTO child (t) SELECT id FROM t WHERE age = 7; CREATE TABLE "
         "gone (id INTEGER) STRICT; " INDEXES TRIGGER "COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
    sqlite3_close(db);
}

static void copy_file(const char *to, const char *from)
{
    char name[600], bytes[1 << 16];
    static const char *const endings[] = {"-wal", "-shm"};
    for (int i = 0; i < 2; i++) {
        snprintf(name, sizeof name, "%s%s", to, endings[i]);
        unlink(name);
    }
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    size_t size;
    if (!in || !out)
        fail(to, "could not be copied");
    while ((size = fread(bytes, 1, sizeof bytes, in)))
        if (fwrite(bytes, 1, size, out) != size)
            fail(to, "could not be written");
    fclose(in);
    if (fflush(out) || fsync(fileno(out)) || fclose(out))
        fail(to, "could not be written");
}

/* Returns a checksum of the database. Both sides must give the same checksum. */
static int64_t sum_of(const char *path)
{
    sqlite3 *db;
    sqlite3_stmt *rows = NULL;
    int64_t sum = 0;
    if (sqlite3_open(path, &db) != SQLITE_OK ||
        sqlite3_prepare_v2(
            db,
            "SELECT sum(id * length(name) + age) + (SELECT count(*) FROM child) + "
            "(SELECT count(*) FROM sqlite_schema WHERE tbl_name = 't') + (SELECT seq "
            "FROM sqlite_sequence WHERE name = 't') + (SELECT sum(\"notnull\") FROM "
            "pragma_table_info('t')) FROM t",
            -1, &rows, NULL) != SQLITE_OK)
        fail(path, "could not be read");
    if (sqlite3_step(rows) == SQLITE_ROW)
        sum = sqlite3_column_int64(rows, 0);
    sqlite3_finalize(rows);
    sqlite3_close(db);
    return sum;
}

static figures run_by_hand(const char *path)
{
    sqlite3 *db;
    if (sqlite3_open(path, &db) != SQLITE_OK)
        fail(path, "could not be opened");
    must(db, "PRAGMA cell_size_check = ON; PRAGMA synchronous = FULL; PRAGMA cache_size = -16384; "
             "PRAGMA foreign_keys = ON");
    figures began = now();
    must(db, by_hand);
    figures took = since(began);
    sqlite3_close(db);
    return took;
}

static furrow__catalog_table *table_from(furrow_arena *arena, const char *sql)
{
    furrow__catalog catalog;
    furrow__catalog_table *table;
    furrow_error error;
    furrow__catalog_init(&catalog, &furrow__dialect_sqlite, arena);
    if (furrow__sqlite_read_table(&catalog, sql, strlen(sql), &table, &error))
        fail(sql, error.message);
    for (size_t i = 0; i < table->column_count; i++)
        table->columns[i].source = NULL;
    for (size_t i = 0; i < table->constraint_count; i++)
        table->constraints[i].source = table->constraints[i].inside = NULL;
    return table;
}

static figures run_furrow(const char *path)
{
    static const furrow__rebuild_column columns[] = {{"id", "\"id\""},
                                                     {"name", "\"name\""},
                                                     {"email", "\"email\""},
                                                     {"age", "\"age\""},
                                                     {"note", "\"note\""}};
    static const furrow__revision revision = {.file = "a", .id = "a", .hash = "a"};
    furrow_arena arena = {0};
    furrow__catalog empty;
    furrow__migrator *m;
    furrow__step_report report;
    furrow_error error;
    char url[600];
    snprintf(url, sizeof url, "sqlite:///%s", path);
    furrow__catalog_init(&empty, NULL, &arena);
    furrow__action action = {.kind = FURROW__ACTION_REBUILD,
                             .sql = NEW,
                             .table = {NULL, "t"},
                             .before = table_from(&arena, OLD),
                             .after = table_from(&arena, NEW),
                             .columns = columns,
                             .column_count = 5};
    furrow__plan plan = {.dialect = &furrow__dialect_sqlite, .actions = &action, .count = 1};
    furrow__revision_step step = {&revision, false, &empty, &empty};
    furrow__migrator_options options = {.url = url};
    if (furrow__migrator_open(&m, &furrow_driver_sqlite, &furrow__dialect_sqlite, &options, &error))
        fail(url, error.message);
    figures began = now();
    if (furrow__migrator_run(m, &step, &plan, &report, &error))
        fail("rebuild", error.message);
    figures took = since(began);
    furrow__migrator_close(m);
    furrow__arena_done(&arena);
    return took;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, compare);
    return values[count / 2];
}

int main(int argc, char **argv)
{
    const char *folder = NULL, *json = NULL, *only = "";
    char base[512], path[512];
    int pairs = 9, rows = 1000000;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--sqlite") == 0)
            folder = argv[i + 1];
        else if (strcmp(argv[i], "--pairs") == 0)
            pairs = (int)strtol(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--rows") == 0)
            rows = (int)strtol(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--only") == 0)
            only = argv[i + 1];
        else if (strcmp(argv[i], "--json") == 0)
            json = argv[i + 1];
    }
    if (!folder || pairs < 1 || pairs > MOST_PAIRS)
        fail("invalid argument", "see the top of bench/rebuild.c");
    static const char name[] = "sqlite rebuild of 1,000,000";
    if (!strstr(name, only))
        return 0;
    snprintf(base, sizeof base, "%s/rebuild-base.db", folder);
    snprintf(path, sizeof path, "%s/rebuild.db", folder);
    make_file(base, rows);
    static double wall[2][MOST_PAIRS], cpu[2][MOST_PAIRS], wall_ratios[MOST_PAIRS],
        cpu_ratios[MOST_PAIRS];
    for (int i = 0; i < pairs; i++) {
        int64_t sums[2];
        for (int k = 0; k < 2; k++) {
            int side = (i + k) % 2;
            copy_file(path, base);
            figures took = side ? run_furrow(path) : run_by_hand(path);
            wall[side][i] = took.wall_ms;
            cpu[side][i] = took.cpu_ms;
            sums[side] = sum_of(path);
        }
        if (sums[0] != sums[1])
            fail(name, "the two sides have different results");
        wall_ratios[i] = wall[1][i] / wall[0][i];
        cpu_ratios[i] = cpu[1][i] / cpu[0][i];
    }
    double w = median(wall_ratios, pairs), c = median(cpu_ratios, pairs);
    double hand = median(wall[0], pairs), furrow = median(wall[1], pairs);
    printf("%-30s %-8s %9.0f %9.0f %6.3f  %9.0f %9.0f %6.3f\n", name, "ms", hand, furrow, w,
           median(cpu[0], pairs), median(cpu[1], pairs), c);
    FILE *out = json ? fopen(json, "w") : NULL;
    if (out) {
        fprintf(out,
                "  {\"row\": \"%s\", \"unit\": \"ms\", \"raw\": %.1f, \"furrow\": %.1f, "
                "\"wall_ratio\": %.4f, \"cpu_ratio\": %.4f}",
                name, hand, furrow, w, c);
        fclose(out);
    }
    unlink(base);
    unlink(path);
    return 0;
}
