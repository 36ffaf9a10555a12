/* SPDX-License-Identifier: MIT
 *
 * Many threads in many processes write to one SQLite file:
 *   storm [--processes N] [--threads N] [--seconds S] [--durability durable|relaxed]
 * Without --durability the test runs once with each durability. It runs for a twentieth of the full
 * time, or for the full time with FURROW_TEST_SCALE=full. Each thread writes units (units.h) in one
 * of three ways: with a new session for each unit, with one session for all units, or with
 * furrow_transact, which must not need a second attempt. Between units, the thread reads in
 * read-only sessions. At the end,
 *   - no call may have failed: no session was locked out, busy or too late;
 *   - every unit that was acknowledged must exist and be complete, and no other unit may exist;
 *     integrity_check must be ok;
 *   - no thread may have written less than a third of the mean of its process, and no process
 *     less than a tenth of the mean of all processes.
 * Each process is this program, started again, because a process that has a database open must not
 * fork. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ledger.furrow.h"
#include "units.h"

enum {
    MAX_PROCESSES = 16,
    MAX_THREADS = 256,
    MAX_UNITS = 100000, /* largest number of units that a thread writes */
    FULL_SECONDS = 30,
    LEAST_UNITS = 12, /* shares are compared if the threads wrote at least this many units on
                         average */
    PATIENCE = 600,   /* seconds after which a hanging process is killed */
};

/* Memory that all processes share (a mapped file). */
struct shared {
    atomic_bool stop;
    atomic_llong units[MAX_PROCESSES][MAX_THREADS]; /* numbers of acknowledged units */
    atomic_llong failures[FURROW_STATUS_COUNT_];
    atomic_llong torn_reads;
    atomic_llong batches; /* how many commits there were, and how many syncs several of them shared;
                             printed, not checked */
    atomic_llong syncs;
    atomic_bool has_message;
    char message[600];
};

struct storm {
    int processes, threads;
    double seconds;
    bool relaxed;
};

static struct shared *shared;

static struct shared *map_shared(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, sizeof *shared))
        return NULL;
    void *at = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    return at == MAP_FAILED ? NULL : at;
}

static void fail(furrow_status status, const furrow_error *error)
{
    shared->failures[status]++;
    if (!atomic_exchange(&shared->has_message, true))
        snprintf(shared->message, sizeof shared->message, "%s: %s", furrow_status_name(status),
                 error->message);
}

struct worker {
    furrow_engine *engine;
    const struct storm *storm;
    int process, thread;
    pthread_barrier_t *start;
};

static furrow_status write_in_transact(furrow_session *s, void *context)
{
    return unit_write(s, *(int64_t *)context);
}

/* Reads a row twice in one transaction. The values must be the same. */
static void read_twice(furrow_engine *engine)
{
    int64_t sums[2] = {0};
    furrow_session *s = furrow_session_open(engine, .read_only = true);
    for (int i = 0; i < 2; i++) {
        struct account_list accounts = {0};
        account_find(s, &accounts);
        furrow_each (struct account, account, accounts)
            sums[i] += account->units;
    }
    furrow_status status = furrow_commit(s);
    if (status)
        fail(status, furrow_session_error(s));
    else if (sums[0] != sums[1])
        shared->torn_reads++;
    furrow_session_close(s);
}

static furrow_status write_one(struct worker *w, furrow_session *kept, int64_t number)
{
    furrow_error error = {0};
    furrow_status status;
    if (number % 3 == 0) {
        status = furrow_transact(w->engine, write_in_transact, &number, &error, .max_attempts = 1);
        if (status)
            fail(status, &error);
        return status;
    }
    furrow_session *s = number % 3 == 1 ? kept : furrow_session_open(w->engine);
    unit_write(s, number);
    status = furrow_commit(s);
    if (status)
        fail(status, furrow_session_error(s));
    if (s == kept)
        furrow_session_reset(s);
    else
        furrow_session_close(s);
    return status;
}

static void *work(void *context)
{
    struct worker *w = context;
    int workers = w->storm->processes * w->storm->threads;
    int64_t number = 1 + w->process * w->storm->threads + w->thread;
    furrow_session *kept = furrow_session_open(w->engine);
    pthread_barrier_wait(w->start);
    for (int i = 0; i < MAX_UNITS && !shared->stop; i++, number += workers) {
        if (write_one(w, kept, number))
            break; /* the numbers of a thread must have no gaps, so that missing units can be
                      detected */
        shared->units[w->process][w->thread]++;
        if (i % 4 == 3)
            read_twice(w->engine);
    }
    furrow_session_close(kept);
    return NULL;
}

static int be_a_process(const struct storm *storm, const char *folder, int index, int ready, int go)
{
    static struct worker workers[MAX_THREADS];
    static pthread_t threads[MAX_THREADS];
    char url[600], byte = 0;
    furrow_engine *engine;
    furrow_error error = {0};
    pthread_barrier_t start;
    alarm(PATIENCE + 10 * (unsigned)storm->seconds);
    snprintf(url, sizeof url, "sqlite:///%s/storm.db", folder);
    if (furrow_engine_open(&engine, url, &error,
                           .durability = storm->relaxed ? FURROW_DURABILITY_RELAXED
                                                        : FURROW_DURABILITY_FULL)) {
        fail(error.status, &error);
        return 1;
    }
    pthread_barrier_init(&start, NULL, (unsigned)storm->threads);
    if (write(ready, &byte, 1) != 1 || read(go, &byte, 1) != 0)
        return 1;
    for (int i = 0; i < storm->threads; i++) {
        workers[i] = (struct worker){engine, storm, index, i, &start};
        if (pthread_create(&threads[i], NULL, work, &workers[i]))
            return 1;
    }
    for (int i = 0; i < storm->threads; i++)
        pthread_join(threads[i], NULL);
    furrow_engine_statistics stats = furrow_engine_stats(engine);
    shared->batches += (long long)stats.commits;
    shared->syncs += (long long)stats.syncs;
    furrow_engine_close(engine);
    pthread_barrier_destroy(&start);
    return 0;
}

static int passed, failed;

static void check(bool holds, const char *what)
{
    passed += holds;
    failed += !holds;
    if (!holds)
        printf("FAILED %s\n", what);
}

static pid_t start_process(const struct storm *storm, const char *folder, int index, int ready,
                           int go)
{
    char numbers[6][24];
    snprintf(numbers[0], sizeof numbers[0], "%d", index);
    snprintf(numbers[1], sizeof numbers[1], "%d", ready);
    snprintf(numbers[2], sizeof numbers[2], "%d", go);
    snprintf(numbers[3], sizeof numbers[3], "%d", storm->processes);
    snprintf(numbers[4], sizeof numbers[4], "%d", storm->threads);
    snprintf(numbers[5], sizeof numbers[5], "%g", storm->seconds);
    pid_t child = fork();
    if (child != 0)
        return child;
    execl("/proc/self/exe", "storm", "--process", folder, numbers[0], numbers[1], numbers[2],
          "--processes", numbers[3], "--threads", numbers[4], "--seconds", numbers[5],
          "--durability", storm->relaxed ? "relaxed" : "durable", (char *)NULL);
    _exit(127);
}

static bool set_up(const char *folder)
{
    char url[600];
    furrow_engine *engine;
    furrow_error error = {0};
    snprintf(url, sizeof url, "sqlite:///%s/storm.db", folder);
    if (furrow_engine_open(&engine, url, &error)) {
        printf("%s\n", error.message);
        return false;
    }
    furrow_session *s = furrow_session_open(engine);
    furrow_status status = units_create(s);
    if (status)
        printf("%s\n", furrow_session_error(s)->message);
    furrow_session_close(s);
    furrow_engine_close(engine);
    return status == FURROW_OK;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int64_t sum_units(const struct storm *storm)
{
    int64_t sum = 0;
    for (int p = 0; p < storm->processes; p++)
        for (int t = 0; t < storm->threads; t++)
            sum += shared->units[p][t];
    return sum;
}

/* Lets the processes run for the given time. If there are not enough units yet to compare shares
 * (on a busy machine), lets them run longer. Then stops them. */
static void let_it_rage(const struct storm *storm)
{
    double start = now();
    int64_t least = (int64_t)LEAST_UNITS * storm->processes * storm->threads;
    while (now() - start < storm->seconds ||
           (sum_units(storm) < least && now() - start < PATIENCE / 2 && !shared->has_message))
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    shared->stop = true;
    int64_t units = sum_units(storm);
    printf("%lld units in %.1f s: %.0f/s\n", (long long)units, now() - start,
           (double)units / (now() - start));
}

static void run_processes(const struct storm *storm, const char *folder)
{
    int ready[2], go[2];
    pid_t children[MAX_PROCESSES];
    if (pipe(ready) || pipe(go))
        exit(1);
    fcntl(go[1], F_SETFD, FD_CLOEXEC);
    for (int i = 0; i < storm->processes; i++)
        children[i] = start_process(storm, folder, i, ready[1], go[0]);
    close(ready[1]);
    close(go[0]);
    char bytes[MAX_PROCESSES];
    int count = 0;
    for (ssize_t size;
         count < storm->processes && (size = read(ready[0], bytes, sizeof bytes)) != 0;)
        if (size > 0)
            count += (int)size;
    check(count == storm->processes, "every process opens the file");
    close(go[1]);
    let_it_rage(storm);
    bool all = true;
    for (int i = 0; i < storm->processes; i++) {
        int status = -1;
        while (waitpid(children[i], &status, 0) < 0 && errno == EINTR)
            ;
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
            printf("process %d ended with status %#x\n", i, (unsigned)status), all = false;
    }
    check(all, "every process exits normally");
    close(ready[0]);
}

static void check_failures(void)
{
    long long all = 0;
    for (int i = 0; i < FURROW_STATUS_COUNT_; i++) {
        if (shared->failures[i])
            printf("%lld times %s\n", (long long)shared->failures[i],
                   furrow_status_name((furrow_status)i));
        all += shared->failures[i];
    }
    if (all)
        printf("the first failure: %s\n", shared->message);
    check(shared->failures[FURROW_BUSY] == 0, "no transaction was busy");
    check(shared->failures[FURROW_TIMEOUT] == 0, "no transaction waited too long");
    check(all == 0, "no transaction failed");
    check(!strstr(shared->message, "locked"), "the database was never locked");
    check(shared->torn_reads == 0, "a row that is read twice in a transaction is unchanged");
}

static void check_database(const struct storm *storm, const char *folder)
{
    char path[600];
    int workers = storm->processes * storm->threads;
    int64_t limit = (int64_t)workers * MAX_UNITS, missing = 0, unknown = 0;
    unsigned char *present = malloc((size_t)limit + 1);
    if (!present)
        exit(1);
    snprintf(path, sizeof path, "%s/storm.db", folder);
    const char *wrong = units_check_file(path, present, limit);
    if (wrong)
        printf("%s\n", wrong);
    check(!wrong, "the database is intact");
    for (int64_t number = 1; number <= limit; number++) {
        int64_t worker = (number - 1) % workers, turn = (number - 1) / workers;
        bool acknowledged = turn < shared->units[worker / storm->threads][worker % storm->threads];
        missing += acknowledged && !present[number];
        unknown += !acknowledged && present[number];
    }
    printf("%lld acknowledged units are missing, %lld unacknowledged units exist\n",
           (long long)missing, (long long)unknown);
    check(missing == 0, "every acknowledged unit exists");
    check(unknown == 0, "no other unit exists");
    free(present);
}

static void check_shares(const struct storm *storm)
{
    double mean_of_processes = (double)sum_units(storm) / storm->processes;
    double least_thread = 1, least_process = 1;
    for (int p = 0; p < storm->processes; p++) {
        int64_t sum = 0, least = INT64_MAX;
        for (int t = 0; t < storm->threads; t++) {
            int64_t units = shared->units[p][t];
            sum += units;
            least = units < least ? units : least;
        }
        double mean = (double)sum / storm->threads;
        if (sum && (double)least / mean < least_thread)
            least_thread = (double)least / mean;
        if ((double)sum / mean_of_processes < least_process)
            least_process = (double)sum / mean_of_processes;
    }
    printf("least share of a thread %.2f of its process's mean, of a process %.2f of all\n",
           least_thread, least_process);
    check(least_thread >= 1.0 / 3, "no thread gets less than a third of the mean");
    check(least_process >= 0.1, "no process gets less than a tenth of the mean");
}

static void remove_files(const char *folder)
{
    static const char *const names[] = {"storm.db", "storm.db-wal", "storm.db-shm", "shared"};
    char path[600];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

static void run_storm(const struct storm *storm)
{
    char folder[500], path[520];
    const char *parent = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/furrow-storm-XXXXXX", parent ? parent : "/tmp");
    if (!mkdtemp(folder))
        exit(1);
    snprintf(path, sizeof path, "%s/shared", folder);
    shared = map_shared(path);
    printf("%s: %d processes, %d threads each, %g s\n", storm->relaxed ? "relaxed" : "durable",
           storm->processes, storm->threads, storm->seconds);
    fflush(stdout);
    bool ready = shared && set_up(folder);
    check(ready, "the tables are created");
    if (ready) {
        run_processes(storm, folder);
        check_failures();
        check_database(storm, folder);
        check_shares(storm);
        if (shared->syncs)
            printf("%lld commits, %lld syncs for commits\n", (long long)shared->batches,
                   (long long)shared->syncs);
    }
    munmap(shared, sizeof *shared);
    remove_files(folder);
    fflush(stdout);
}

static int number_in(const char *text, int least, int most)
{
    long number = strtol(text, NULL, 10);
    if (number < least || number > most) {
        fprintf(stderr, "storm: %s: between %d and %d\n", text, least, most);
        exit(2);
    }
    return (int)number;
}

int main(int argc, char **argv)
{
    struct storm storm = {.processes = 4, .threads = 64};
    bool both = true;
    const char *folder = NULL;
    int process = 0, ready = 0, go = 0;
    storm.seconds = units_full_scale() ? FULL_SECONDS : FULL_SECONDS / 20.0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--processes") == 0 && i + 1 < argc) {
            storm.processes = number_in(argv[++i], 1, MAX_PROCESSES);
        } else if (strcmp(argv[i], "--threads") == 0 && i + 1 < argc) {
            storm.threads = number_in(argv[++i], 1, MAX_THREADS);
        } else if (strcmp(argv[i], "--seconds") == 0 && i + 1 < argc) {
            storm.seconds = strtod(argv[++i], NULL);
        } else if (strcmp(argv[i], "--durability") == 0 && i + 1 < argc) {
            storm.relaxed = strcmp(argv[++i], "relaxed") == 0;
            both = false;
        } else if (strcmp(argv[i], "--process") == 0 && i + 4 < argc) {
            folder = argv[++i];
            process = number_in(argv[++i], 0, MAX_PROCESSES - 1);
            ready = number_in(argv[++i], 0, 1024);
            go = number_in(argv[++i], 0, 1024);
        } else {
            fprintf(stderr, "storm: invalid argument \"%s\"; see the top of storm.c\n", argv[i]);
            return 2;
        }
    }
    if (folder) {
        char path[600];
        snprintf(path, sizeof path, "%s/shared", folder);
        shared = map_shared(path);
        return shared ? be_a_process(&storm, folder, process, ready, go) : 1;
    }
    run_storm(&storm);
    if (both) {
        storm.relaxed = true;
        run_storm(&storm);
    }
    printf("%d passed, %d failed\n", passed, failed);
    return failed > 0;
}
