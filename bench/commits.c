/* SPDX-License-Identifier: MIT
 *
 * Measures transactions per second, with furrow and with hand-written code. Usage:
 *
 *     commits [--sqlite FOLDER] [--postgresql RAW_URL FURROW_URL]
 *
 * The output has a row for each number of threads. The sides run in short alternating turns, each
 * on its own file. The numbers are medians over the turns: first the number of transactions per
 * second, then the 99th percentile of the latency, in syncs. One sync is the time that an fdatasync
 * takes after one page was written, as measured in this process. LD_PRELOAD can make syncs slower
 * (slow_sync.c).
 *
 * On PostgreSQL, many threads share a few connections. A wait is the time until a thread has a
 * connection and its first answer. For PostgreSQL, the output also has the longest wait, divided by
 * the median wait.
 *
 *     --label TEXT   begin the names of rows with this: "sqlite" or "sqlite +2 ms"
 *     --pairs N      turns per row (9)
 *     --turn-ms N    duration of a turn (300)
 *     --only TEXT    only rows whose name contains TEXT
 *     --json FILE    append the rows to a file, as JSON objects separated by commas */
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "commits.h"
#include "sale.furrow.h"

enum {
    MAX_TURNS = 101,
    MAX_SIDES = 4,
    MAX_LATENCIES = 1 << 17 /* largest number of latencies that are stored per thread and turn */
};

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

int64_t commits_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, compare);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

struct worker {
    const commits_side *side;
    void *at;
    int thread;
    pthread_barrier_t *start;
    const atomic_bool *stop;
    int64_t done;
    double *latencies, *waits; /* in nanoseconds */
};

struct turn {
    double rate, p99_ns, worst_wait; /* worst_wait is a multiple of the median wait */
};

static void *work(void *context)
{
    struct worker *w = context;
    pthread_barrier_wait(w->start);
    while (!atomic_load_explicit(w->stop, memory_order_relaxed)) {
        int64_t begun = commits_now_ns();
        int64_t waited = w->side->run(w->at, w->thread, w->done), at = w->done++ % MAX_LATENCIES;
        w->waits[at] = (double)waited;
        w->latencies[at] = (double)(commits_now_ns() - begun);
    }
    return NULL;
}

/* Returns all latencies of one turn, in ascending order. If `waits` is set, returns the waits for a
 * connection instead. */
static double *sorted(const struct worker *workers, int threads, bool waits, size_t *count)
{
    double *all = malloc((size_t)threads * MAX_LATENCIES * sizeof *all);
    if (!all)
        bench_fail("out of memory");
    *count = 0;
    for (int i = 0; i < threads; i++) {
        size_t kept = workers[i].done < MAX_LATENCIES ? (size_t)workers[i].done : MAX_LATENCIES;
        memcpy(all + *count, waits ? workers[i].waits : workers[i].latencies, kept * sizeof *all);
        *count += kept;
    }
    qsort(all, *count, sizeof *all, compare);
    return all;
}

static void look_at(const struct worker *workers, int threads, struct turn *turn)
{
    size_t count;
    double *all = sorted(workers, threads, false, &count);
    turn->p99_ns = count ? all[count * 99 / 100] : 0;
    free(all);
    all = sorted(workers, threads, true, &count);
    turn->worst_wait = count && all[count / 2] > 0 ? all[count - 1] / all[count / 2] : 0;
    free(all);
}

static double *buffer(double *kept)
{
    double *made = kept ? kept : malloc(MAX_LATENCIES * sizeof *made);
    if (!made)
        bench_fail("out of memory");
    return made;
}

static struct turn take_turn(const commits_side *side, void *at, int threads, int turn_ms)
{
    static struct worker workers[COMMITS_MAX_THREADS];
    pthread_t ids[COMMITS_MAX_THREADS];
    pthread_barrier_t start;
    atomic_bool stop = false;
    struct turn turn = {0};
    int64_t done = 0;
    pthread_barrier_init(&start, NULL, (unsigned)threads + 1);
    for (int i = 0; i < threads; i++) {
        workers[i] = (struct worker){
            side, at, i, &start, &stop, 0, buffer(workers[i].latencies), buffer(workers[i].waits)};
        if (pthread_create(&ids[i], NULL, work, &workers[i]))
            bench_fail("could not start a thread");
    }
    pthread_barrier_wait(&start);
    int64_t begun = commits_now_ns();
    nanosleep(&(struct timespec){turn_ms / 1000, turn_ms % 1000 * 1000000L}, NULL);
    stop = true;
    for (int i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
    /* A transaction that began before the end of the turn is counted. The measured time therefore
     * includes the rest of this transaction. */
    double seconds = (double)(commits_now_ns() - begun) / 1e9;
    for (int i = 0; i < threads; i++)
        done += workers[i].done;
    pthread_barrier_destroy(&start);
    turn.rate = (double)done / seconds;
    look_at(workers, threads, &turn);
    return turn;
}

struct options {
    const char *folder, *raw_url, *furrow_url, *label, *only, *json;
    int turns, turn_ms;
};

static void create(const char *url)
{
    furrow_engine *engine = NULL;
    furrow_error error = {0};
    if (furrow_engine_open(&engine, url, &error))
        bench_fail("%s", error.message);
    furrow_session *s = furrow_session_open(engine);
    furrow_drop_all(s, &sale_schema);
    furrow_create_all(s, &sale_schema);
    if (furrow_commit(s))
        bench_fail("%s", furrow_session_error(s)->message);
    furrow_session_close(s);
    furrow_engine_close(engine);
}

/* Returns the time of a sync, including a delay added by LD_PRELOAD. */
static double sync_ns(const char *folder)
{
    char path[600], page[4096] = {1};
    double took[25];
    snprintf(path, sizeof path, "%s/sync", folder);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    for (int i = 0; i < 25; i++) {
        if (fd < 0 || pwrite(fd, page, sizeof page, i * (off_t)sizeof page) != sizeof page)
            bench_fail("%s: could not be written", path);
        int64_t begun = commits_now_ns();
        fdatasync(fd);
        took[i] = (double)(commits_now_ns() - begun);
    }
    close(fd);
    unlink(path);
    return median(took, 25);
}

/* Writes the target of a side to `target`. Writes furrow's URL for the same database to `url`. */
static void find_target(const commits_side *side, const struct options *o, bool on_server,
                        char *target, char *url, size_t size)
{
    bool is_furrow = side == &commits_furrow || side == &commits_async;
    if (on_server) {
        snprintf(url, size, "%s", is_furrow ? o->furrow_url : o->raw_url);
        snprintf(target, size, "%s", url);
        return;
    }
    snprintf(url, size, "sqlite:///%s/commits-%s.db", o->folder, side->name);
    snprintf(target, size, "%s", is_furrow ? url : url + strlen("sqlite:///"));
}

static void measure(const commits_side *const *sides, int count, const struct options *o,
                    bool on_server, int threads, struct turn out[MAX_SIDES])
{
    double rates[MAX_SIDES][MAX_TURNS], p99s[MAX_SIDES][MAX_TURNS], waits[MAX_SIDES][MAX_TURNS];
    void *at[MAX_SIDES];
    char target[640], url[640];
    for (int i = 0; i < count; i++) {
        find_target(sides[i], o, on_server, target, url, sizeof url);
        create(url);
        at[i] = sides[i]->open(target, threads);
        take_turn(sides[i], at[i], threads, o->turn_ms / 4);
    }
    for (int t = 0; t < o->turns; t++)
        for (int i = 0; i < count; i++) {
            struct turn turn = take_turn(sides[i], at[i], threads, o->turn_ms);
            rates[i][t] = turn.rate;
            p99s[i][t] = turn.p99_ns;
            waits[i][t] = turn.worst_wait;
        }
    for (int i = 0; i < count; i++) {
        sides[i]->close(at[i]);
        out[i].rate = median(rates[i], o->turns);
        out[i].p99_ns = median(p99s[i], o->turns);
        out[i].worst_wait = median(waits[i], o->turns);
    }
}

static const commits_side *const sqlite_sides[] = {&commits_furrow, &commits_group, &commits_mutex,
                                                   &commits_own};
enum { SQLITE_SIDES = sizeof sqlite_sides / sizeof *sqlite_sides };

static void show(const char *name, const struct turn *turns, double alone, double sync, FILE *json)
{
    printf("%-30s", name);
    for (int i = 0; i < SQLITE_SIDES; i++)
        printf(" %9.0f", turns[i].rate);
    for (int i = 1; i < SQLITE_SIDES; i++)
        printf(" %6.2f", turns[0].rate / turns[i].rate);
    printf(" %7.2f %6.1f %6.1f\n", turns[0].rate / alone, turns[0].p99_ns / sync,
           turns[1].p99_ns / sync);
    fflush(stdout);
    if (!json)
        return;
    fprintf(json, "%s  {\"row\": \"%s\", \"unit\": \"commits/s\", \"sync_ms\": %.4f",
            ftell(json) > 0 ? ",\n" : "", name, sync / 1e6);
    for (int i = 0; i < SQLITE_SIDES; i++)
        fprintf(json, ", \"%s\": %.1f, \"%s_p99_syncs\": %.3f", sqlite_sides[i]->name,
                turns[i].rate, sqlite_sides[i]->name, turns[i].p99_ns / sync);
    fprintf(json, ", \"over_one_thread\": %.4f}", turns[0].rate / alone);
}

static void show_head(double sync)
{
    printf("\n%-30s", "commits a second");
    for (int i = 0; i < SQLITE_SIDES; i++)
        printf(" %9s", sqlite_sides[i]->name);
    for (int i = 1; i < SQLITE_SIDES; i++)
        printf(" /%5s", sqlite_sides[i]->name);
    printf(" /1 thread  p99  group  (syncs of %.2f ms)\n", sync / 1e6);
}

/* Measures one thread that begins the next transaction without waiting for the previous commit. */
static void run_async(const struct options *o, double alone, FILE *json)
{
    static const commits_side *const side[] = {&commits_async};
    struct turn turn[MAX_SIDES];
    char name[80];
    snprintf(name, sizeof name, "%s commit, asynchronous", o->label);
    if (o->only && !strstr(name, o->only))
        return;
    if (alone <= 0) {
        measure(sqlite_sides, 1, o, false, 1, turn);
        alone = turn[0].rate;
    }
    measure(side, 1, o, false, 1, turn);
    printf("%-30s %9.0f %*.2f\n", name, turn[0].rate, 59, turn[0].rate / alone);
    if (json)
        fprintf(json,
                "%s  {\"row\": \"%s\", \"unit\": \"commits/s\", \"furrow\": %.1f, "
                "\"over_one_thread\": %.4f}",
                ftell(json) > 0 ? ",\n" : "", name, turn[0].rate, turn[0].rate / alone);
}

static void run_sqlite(const struct options *o, FILE *json)
{
    static const int threads[] = {1, 8, 32};
    struct turn turns[MAX_SIDES];
    double alone = 0, sync = 0;
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        char name[80];
        snprintf(name, sizeof name, "%s commit, %d thread%s", o->label, threads[i],
                 threads[i] == 1 ? "" : "s");
        if (o->only && !strstr(name, o->only))
            continue;
        if (sync <= 0) {
            sync = sync_ns(o->folder);
            show_head(sync);
        }
        if (alone <= 0 && threads[i] != 1) { /* The other rows are compared with the rate of one
                                                thread, so this rate is measured first. */
            measure(sqlite_sides, 1, o, false, 1, turns);
            alone = turns[0].rate;
        }
        measure(sqlite_sides, SQLITE_SIDES, o, false, threads[i], turns);
        if (threads[i] == 1)
            alone = turns[0].rate;
        show(name, turns, alone, sync, json);
    }
    run_async(o, alone, json);
}

#ifdef FURROW_WITH_POSTGRESQL
static void run_postgresql(const struct options *o, FILE *json)
{
    static const commits_side *const sides[] = {&commits_furrow, &commits_pool};
    static const char name[] = "postgresql pool, 32 threads on 8";
    struct turn turns[MAX_SIDES];
    if (o->only && !strstr(name, o->only))
        return;
    measure(sides, 2, o, true, COMMITS_MAX_THREADS, turns);
    double ratio = turns[0].rate / turns[1].rate;
    printf("\n%-34s %9s %9s %6s   worst wait in medians: furrow, pool\n", "transactions per second",
           "furrow", "pool", "ratio");
    printf("%-34s %9.0f %9.0f %6.3f   %.1f, %.1f\n", name, turns[0].rate, turns[1].rate, ratio,
           turns[0].worst_wait, turns[1].worst_wait);
    if (json)
        fprintf(
            json,
            "%s  {\"row\": \"%s\", \"unit\": \"transactions/s\", \"furrow\": %.1f, \"pool\": %.1f, "
            "\"ratio\": %.4f, \"furrow_worst_wait\": %.2f, \"pool_worst_wait\": %.2f}",
            ftell(json) > 0 ? ",\n" : "", name, turns[0].rate, turns[1].rate, ratio,
            turns[0].worst_wait, turns[1].worst_wait);
}
#endif

static void read_options(struct options *o, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (i + 1 == argc)
            bench_fail("invalid argument \"%s\"; see the top of bench/commits.c", argv[i]);
        const char *name = argv[i], *value = argv[++i];
        if (strcmp(name, "--sqlite") == 0)
            o->folder = value;
        else if (strcmp(name, "--postgresql") == 0 && i + 1 < argc)
            o->raw_url = value, o->furrow_url = argv[++i];
        else if (strcmp(name, "--label") == 0)
            o->label = value;
        else if (strcmp(name, "--only") == 0)
            o->only = value;
        else if (strcmp(name, "--json") == 0)
            o->json = value;
        else if (strcmp(name, "--pairs") == 0)
            o->turns = (int)strtol(value, NULL, 10);
        else if (strcmp(name, "--turn-ms") == 0)
            o->turn_ms = (int)strtol(value, NULL, 10);
        else
            bench_fail("invalid argument \"%s\"; see the top of bench/commits.c", name);
    }
    if (o->turns < 1 || o->turns > MAX_TURNS || o->turn_ms < 1)
        bench_fail("between 1 and %d pairs", MAX_TURNS);
}

int main(int argc, char **argv)
{
    struct options o = {.label = "sqlite", .turns = 9, .turn_ms = 300};
    read_options(&o, argc, argv);
    FILE *json = o.json ? fopen(o.json, "a") : NULL;
    if (o.json && !json)
        bench_fail("%s: could not be written", o.json);
    if (o.folder)
        run_sqlite(&o, json);
#ifdef FURROW_WITH_POSTGRESQL
    if (o.raw_url)
        run_postgresql(&o, json);
#endif
    if (json)
        fclose(json);
    return 0;
}
