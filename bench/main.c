/* SPDX-License-Identifier: MIT
 *
 * Compares furrow with hand-written C: bench --sqlite FOLDER [--postgresql RAW_URL FURROW_URL]
 *
 * The output has a row for each job. The two sides of a row run in this process, in alternating
 * turns. Each side uses its own table, which furrow created and filled. For each turn, the wall
 * time and the CPU time (user and system) of this process are measured. The output has the medians
 * of these times, and the median ratio of the two sides.
 *
 *     --pairs N      pairs of turns per row (9)
 *     --only TEXT    only rows whose name contains TEXT
 *     --json FILE    also write the results as JSON
 *     --side S N     do not measure: run side `raw` or `furrow` of the row that --only names
 *                    N times. To get the cost without the set-up, count the instructions
 *                    for two values of N
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "bench.h"
#include "delay.h"

enum { MAX_PAIRS = 101 };

_Noreturn void bench_fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("bench: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

struct row {
    const char *name;
    const bench_side *raw;
    bench_job job;
    int count;  /* how many times the job is repeated in one turn */
    double per; /* units of work in one repetition; the reported time is the time of the turn
                   divided by (count * per) */
    const char *unit;
};

static const struct row rows_of_sqlite[] = {
    {"sqlite get", &bench_raw_sqlite, BENCH_GET, 20000, 1, "us/get"},
    {"sqlite load 10,000", &bench_raw_sqlite, BENCH_LOAD, 10, 1, "us/load"},
    {"sqlite insert 100,000", &bench_raw_sqlite, BENCH_INSERT, BENCH_INSERTED, 1, "us/row"},
    {"sqlite insert, raw one by one", &bench_raw_sqlite_single, BENCH_INSERT, BENCH_INSERTED, 1,
     "us/row"},
    {"sqlite posts", &bench_raw_sqlite_blog, BENCH_POSTS, 50, 1, "us/load"},
    {"sqlite posts, raw loop", &bench_raw_sqlite_loop, BENCH_POSTS, 50, 1, "us/load"},
    {"sqlite comments", &bench_raw_sqlite_blog, BENCH_COMMENTS, 10, 1, "us/load"},
};
#ifdef FURROW_WITH_POSTGRESQL
static const struct row rows_of_postgresql[] = {
    {"postgresql get", &bench_raw_postgresql, BENCH_GET, 2000, 1, "us/get"},
    {"postgresql load 10,000", &bench_raw_postgresql, BENCH_LOAD, 5, 1, "us/load"},
    {"postgresql insert 100,000", &bench_raw_postgresql, BENCH_INSERT, BENCH_INSERTED, 1, "us/row"},
    {"postgresql posts", &bench_raw_postgresql_blog, BENCH_POSTS, 50, 1, "us/load"},
    {"postgresql posts, raw loop", &bench_raw_postgresql_loop, BENCH_POSTS, 10, 1, "us/load"},
    {"postgresql comments", &bench_raw_postgresql_blog, BENCH_COMMENTS, 10, 1, "us/load"},
};
/* Rows for the same server, but with round trips that take 1 ms longer. */
static const struct row rows_of_delayed[] = {
    {"postgresql +1 ms posts", &bench_raw_postgresql_blog, BENCH_POSTS, 20, 1, "us/load"},
    {"postgresql +1 ms, raw loop", &bench_raw_postgresql_loop, BENCH_POSTS, 3, 1, "us/load"},
    {"postgresql +1 ms comments", &bench_raw_postgresql_blog, BENCH_COMMENTS, 10, 1, "us/load"},
};
#endif

struct options {
    const char *folder, *raw_url, *furrow_url, *only, *json, *side;
    int pairs, times;
};

struct figures {
    double raw_wall, furrow_wall, wall_ratio, raw_cpu, furrow_cpu, cpu_ratio;
};

static struct item *items;
static char *texts;

static void make_items(void)
{
    enum { TEXT = 96 };
    items = calloc(BENCH_INSERTED, sizeof *items);
    texts = malloc((size_t)BENCH_INSERTED * TEXT);
    if (!items || !texts)
        bench_fail("out of memory");
    for (int i = 0; i < BENCH_INSERTED; i++) {
        char *name = texts + (size_t)i * TEXT, *email = name + 24, *note = name + 56;
        snprintf(name, 24, "Name of number %06d", i);
        snprintf(email, 32, "person.%06d@example.org", i);
        snprintf(note, 40, "a note that is somewhat longer %06d", i);
        items[i] = (struct item){
            .name = name,
            .email = email,
            .quantity = i * 7 % 1000,
            .price = i * 0.25 + 0.1,
            .active = i % 3 != 0,
            .created = {INT64_C(1700000000000000) + i * INT64_C(1234567)},
            .note = i % 2 ? note : NULL,
        };
    }
}

static void clear_ids(void)
{
    for (int i = 0; i < BENCH_INSERTED; i++)
        items[i].id = 0;
}

static furrow_engine *engine_open(const char *url)
{
    furrow_engine *engine = NULL;
    furrow_error error = {0};
    if (furrow_engine_open(&engine, url, &error))
        bench_fail("%s", error.message);
    return engine;
}

static void empty(const char *url)
{
    furrow_engine *engine = engine_open(url);
    furrow_session *s = furrow_session_open(engine);
    item_delete_where(s, .all_rows = true);
    if (furrow_commit(s))
        bench_fail("%s", furrow_session_error(s)->message);
    furrow_session_close(s);
    furrow_engine_close(engine);
}

static void fill(const char *url)
{
    furrow_engine *engine = engine_open(url);
    furrow_session *s = furrow_session_open(engine);
    furrow_drop_all(s, &item_schema);
    furrow_create_all(s, &item_schema);
    clear_ids();
    item_insert_many(s, items, BENCH_ROWS);
    if (furrow_commit(s))
        bench_fail("%s", furrow_session_error(s)->message);
    furrow_session_close(s);
    furrow_engine_close(engine);
}

/* Checks the items in memory after an insert: each must have the id of its row in the table. */
static void check_ids(const char *url, int count)
{
    furrow_engine *engine = engine_open(url);
    furrow_session *s = furrow_session_open(engine);
    int64_t found = 0;
    item_count(s, &found);
    if (found != count)
        bench_fail("%s: the table has %lld rows instead of %d", url, (long long)found, count);
    for (int i = 0; i < count; i += 997) {
        struct item *item = NULL;
        if (item_get(s, &item, items[i].id) || strcmp(item->name, items[i].name) != 0)
            bench_fail("%s: row %d has the id of another row", url, i);
    }
    furrow_session_close(s);
    furrow_engine_close(engine);
}

static double seconds_of(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static double wall_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double cpu_now(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(const double *values, int count)
{
    double sorted[MAX_PAIRS];
    memcpy(sorted, values, (size_t)count * sizeof *sorted);
    qsort(sorted, (size_t)count, sizeof *sorted, compare);
    return count % 2 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
}

static uint64_t turn(const bench_side *side, void *connection, const struct row *row,
                     const char *url, double *wall, double *cpu)
{
    if (row->job == BENCH_INSERT) {
        empty(url);
        clear_ids();
    }
    double cpu_before = cpu_now(), wall_before = wall_now();
    uint64_t sum = side->run(connection, row->job, items, row->count);
    double scale = 1e6 / row->count / row->per;
    *wall = (wall_now() - wall_before) * scale;
    *cpu = (cpu_now() - cpu_before) * scale;
    return sum;
}

static struct figures measure(const struct row *row, const char *const raw_targets[2],
                              const char *const furrow_targets[2], int pairs)
{
    double wall[2][MAX_PAIRS], cpu[2][MAX_PAIRS], ratio[2][MAX_PAIRS];
    void *raw = row->raw->open(raw_targets[0]), *own = bench_furrow.open(furrow_targets[0]);
    double unused;
    uint64_t a = turn(row->raw, raw, row, raw_targets[1], &unused, &unused);
    if (row->job == BENCH_INSERT)
        check_ids(raw_targets[1], row->count);
    uint64_t b = turn(&bench_furrow, own, row, furrow_targets[1], &unused, &unused);
    if (row->job == BENCH_INSERT)
        check_ids(furrow_targets[1], row->count);
    else if (a != b)
        bench_fail("%s: the sides read different rows", row->name);
    for (int i = 0; i < pairs; i++) {
        turn(row->raw, raw, row, raw_targets[1], &wall[0][i], &cpu[0][i]);
        turn(&bench_furrow, own, row, furrow_targets[1], &wall[1][i], &cpu[1][i]);
        ratio[0][i] = wall[1][i] / wall[0][i];
        ratio[1][i] = cpu[1][i] / cpu[0][i];
    }
    row->raw->close(raw);
    bench_furrow.close(own);
    return (struct figures){
        .raw_wall = median(wall[0], pairs),
        .furrow_wall = median(wall[1], pairs),
        .wall_ratio = median(ratio[0], pairs),
        .raw_cpu = median(cpu[0], pairs),
        .furrow_cpu = median(cpu[1], pairs),
        .cpu_ratio = median(ratio[1], pairs),
    };
}

static void show(const struct row *row, const struct figures *f, FILE *json, bool first)
{
    printf("%-30s %-8s %9.2f %9.2f %6.3f  %9.2f %9.2f %6.3f\n", row->name, row->unit, f->raw_wall,
           f->furrow_wall, f->wall_ratio, f->raw_cpu, f->furrow_cpu, f->cpu_ratio);
    fflush(stdout);
    if (json)
        fprintf(
            json,
            "%s\n  {\"row\": \"%s\", \"unit\": \"%s\", \"raw_wall\": %.4f, \"furrow_wall\": %.4f, "
            "\"wall_ratio\": %.4f, \"raw_cpu\": %.4f, \"furrow_cpu\": %.4f, \"cpu_ratio\": %.4f}",
            first ? "[" : ",", row->name, row->unit, f->raw_wall, f->furrow_wall, f->wall_ratio,
            f->raw_cpu, f->furrow_cpu, f->cpu_ratio);
}

struct targets {
    /* For each side, element 0 is the target that the side opens. Element 1 is furrow's URL for the
     * same database, which is used to fill the tables. */
    const char *raw[2], *furrow[2];
};

static void run_side(const struct row *row, const struct targets *t, const struct options *o)
{
    bool is_raw = strcmp(o->side, "raw") == 0;
    const bench_side *side = is_raw ? row->raw : &bench_furrow;
    const char *const *target = is_raw ? t->raw : t->furrow;
    void *connection = side->open(target[0]);
    int count = o->times * (row->job == BENCH_INSERT ? row->count / 4 : row->count);
    if (row->job == BENCH_INSERT && count > BENCH_INSERTED)
        bench_fail("--side can repeat an insert at most 4 times");
    side->run(connection, row->job, items, count);
    side->close(connection);
}

static void run_rows(const struct row *rows, size_t count, const struct targets *t,
                     const struct options *o, FILE *json, bool *first)
{
    for (size_t i = 0; i < count; i++) {
        if (o->only && !strstr(rows[i].name, o->only))
            continue;
        bool is_blog = rows[i].job == BENCH_POSTS || rows[i].job == BENCH_COMMENTS;
        (is_blog ? bench_fill_blog : fill)(t->raw[1]);
        (is_blog ? bench_fill_blog : fill)(t->furrow[1]);
        if (o->side) {
            clear_ids();
            run_side(&rows[i], t, o);
            return;
        }
        struct figures figures = measure(&rows[i], t->raw, t->furrow, o->pairs);
        show(&rows[i], &figures, json, *first);
        *first = false;
    }
}

static void read_options(struct options *o, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        int left = argc - i - 1;
        if (strcmp(argv[i], "--sqlite") == 0 && left >= 1) {
            o->folder = argv[++i];
        } else if (strcmp(argv[i], "--postgresql") == 0 && left >= 2) {
            o->raw_url = argv[++i];
            o->furrow_url = argv[++i];
        } else if (strcmp(argv[i], "--pairs") == 0 && left >= 1) {
            o->pairs = (int)strtol(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--only") == 0 && left >= 1) {
            o->only = argv[++i];
        } else if (strcmp(argv[i], "--json") == 0 && left >= 1) {
            o->json = argv[++i];
        } else if (strcmp(argv[i], "--side") == 0 && left >= 2) {
            o->side = argv[++i];
            o->times = (int)strtol(argv[++i], NULL, 10);
        } else {
            bench_fail("invalid argument \"%s\"; see the top of bench/main.c", argv[i]);
        }
    }
    if (o->pairs < 1 || o->pairs > MAX_PAIRS || (o->side && o->times < 1))
        bench_fail("between 1 and %d pairs", MAX_PAIRS);
}

static void run_sqlite(const struct options *o, FILE *json, bool *first)
{
    char raw[512], raw_url[540], url[540];
    snprintf(raw, sizeof raw, "%s/raw.db", o->folder);
    snprintf(raw_url, sizeof raw_url, "sqlite:///%s", raw);
    snprintf(url, sizeof url, "sqlite:///%s/furrow.db", o->folder);
    struct targets t = {{raw, raw_url}, {url, url}};
    run_rows(rows_of_sqlite, sizeof rows_of_sqlite / sizeof *rows_of_sqlite, &t, o, json, first);
}

#ifdef FURROW_WITH_POSTGRESQL
static void run_postgresql(const struct options *o, FILE *json, bool *first)
{
    struct targets t = {{o->raw_url, o->raw_url}, {o->furrow_url, o->furrow_url}};
    run_rows(rows_of_postgresql, sizeof rows_of_postgresql / sizeof *rows_of_postgresql, &t, o,
             json, first);
    if (!o->folder)
        return;
    char raw[512], own[512];
    bench_delay_url(raw, sizeof raw, o->folder, o->raw_url);
    bench_delay_url(own, sizeof own, o->folder, o->furrow_url);
    t.raw[0] = raw;
    t.furrow[0] = own;
    pid_t child = bench_delay_start(o->folder, o->raw_url, 1000);
    run_rows(rows_of_delayed, sizeof rows_of_delayed / sizeof *rows_of_delayed, &t, o, json, first);
    bench_delay_stop(child);
}
#endif

int main(int argc, char **argv)
{
    struct options o = {.pairs = 9};
    bool first = true;
    read_options(&o, argc, argv);
    FILE *json = o.json ? fopen(o.json, "w") : NULL;
    if (o.json && !json)
        bench_fail("%s: could not be written", o.json);
    make_items();
    if (!o.side)
        printf("%-30s %-8s %9s %9s %6s  %9s %9s %6s\n", "", "", "raw wall", "furrow", "ratio",
               "raw CPU", "furrow", "ratio");
    if (o.folder)
        run_sqlite(&o, json, &first);
#ifdef FURROW_WITH_POSTGRESQL
    if (o.raw_url)
        run_postgresql(&o, json, &first);
#endif
    if (json) {
        fputs(first ? "[]\n" : "\n]\n", json);
        fclose(json);
    }
    free(items);
    free(texts);
    return 0;
}
