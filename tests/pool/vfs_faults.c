/* SPDX-License-Identifier: MIT
 *
 * Makes every call to the VFS fail once: vfs_faults [N]. Threads write units (units.h) and read.
 * They share one engine on a VFS whose n-th call fails (faulty.h). The test is repeated for every
 * call between opening the engine and the last unit. Each call fails with an I/O error and, where
 * possible, with a full disk or a short read. Then
 *   - each failure must have a status and a message that describe it, and its unit must not exist;
 *     if the status is FURROW_COMMIT_UNKNOWN, a process that opens a copy of the files may find it;
 *   - no thread may fail twice, and everything after the failure must work in the same engine;
 *   - every acknowledged unit must exist: in the engine, for a process that opens the files at that
 *     moment, and after the engine was closed. integrity_check is ok, and no unit is incomplete.
 * The test runs once with one thread, where at most one unit may fail, and once with several
 * threads and a reader. With the argument N only call number N fails. With FURROW_TEST_SCALE=full
 * every call is tried, otherwise every twentieth. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "faulty.h"
#include "ledger.furrow.h"
#include "units.h"

enum {
    THREADS = 4,
    UNITS = 6, /* number of units that each thread writes */
    LIMIT = THREADS * UNITS + 1,
    STEP = 20,
    MAX_COMPLAINTS = 12,
};

static char path[500], url[520], copy[520], template_path[520];
static furrow_engine *engine;
static int passed, failed;

struct worker {
    int thread, threads;
    int failures;
    furrow_error error; /* the error of the last failure */
    bool acknowledged[LIMIT + 1], refused[LIMIT + 1], unknown[LIMIT + 1];
    int64_t torn;
};

static void *write_units(void *context)
{
    struct worker *w = context;
    furrow_session *s = furrow_session_open(engine);
    for (int64_t number = 1 + w->thread; number < LIMIT; number += w->threads) {
        unit_write(s, number);
        if (furrow_commit(s) == FURROW_OK) {
            w->acknowledged[number] = true;
        } else {
            w->refused[number] = true;
            w->failures++;
            w->error = *furrow_session_error(s);
            w->unknown[number] = w->error.status == FURROW_COMMIT_UNKNOWN;
        }
        furrow_session_reset(s);
    }
    furrow_session_close(s);
    return NULL;
}

static void *read_units(void *context)
{
    struct worker *w = context;
    for (int i = 0; i < UNITS; i++) {
        int64_t units[2] = {0};
        furrow_session *s = furrow_session_open(engine, .read_only = true);
        for (int k = 0; k < 2; k++)
            account_sum(s, &units[k], ACCOUNT.units);
        if (furrow_commit(s)) {
            w->failures++;
            w->error = *furrow_session_error(s);
        } else if (units[0] != units[1]) {
            w->torn++;
        }
        furrow_session_close(s);
    }
    return NULL;
}

static void remove_database(const char *base)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
    char name[540];
    for (int i = 0; i < 4; i++) {
        snprintf(name, sizeof name, "%s%s", base, endings[i]);
        unlink(name);
    }
}

static bool copy_file(const char *from_base, const char *to_base, const char *ending)
{
    char from[540], to[540], bytes[65536];
    snprintf(from, sizeof from, "%s%s", from_base, ending);
    snprintf(to, sizeof to, "%s%s", to_base, ending);
    FILE *in = fopen(from, "rb"), *out = in ? fopen(to, "wb") : NULL;
    bool copied = true;
    for (size_t size; out && (size = fread(bytes, 1, sizeof bytes, in)) > 0;)
        copied &= fwrite(bytes, 1, size, out) == size;
    if (in)
        fclose(in);
    return (!out || fclose(out) == 0) && copied;
}

static char wrong[700];

#define WRONG(...) (snprintf(wrong, sizeof wrong, __VA_ARGS__), wrong)

/* Returns whether the error's message describes a disk error. If only a part of a page was read,
 * the message may report a damaged file. */
static bool describes_a_disk_error(const furrow_error *error)
{
    static const char *const words[] = {"full",           "could not be read or written",
                                        "could not open", "could not be opened",
                                        "damaged",        "not a SQLite database"};
    if (error->status != FURROW_DATABASE &&
        !(error->status == FURROW_COMMIT_UNKNOWN && strcmp(error->sql, "COMMIT") == 0))
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(error->message, words[i]))
            return true;
    return false;
}

/* Checks which units exist. If the COMMIT of a unit failed, the log can still contain the complete
 * unit until the next unit overwrites it. */
static const char *check_present(const char *where, const char *found, const struct worker *workers,
                                 int count, const unsigned char *present, bool in_the_end)
{
    if (found)
        return WRONG("%s: %s", where, found);
    for (int i = 0; i < count; i++)
        for (int number = 1; number < LIMIT; number++) {
            if (workers[i].acknowledged[number] && !present[number])
                return WRONG("%s: unit %d was acknowledged, but does not exist", where, number);
            if ((in_the_end || !workers[i].unknown[number]) && workers[i].refused[number] &&
                present[number])
                return WRONG("%s: unit %d failed, but exists", where, number);
        }
    return NULL;
}

static bool is_acknowledged(const struct worker *workers, int count, int number)
{
    for (int i = 0; i < count; i++)
        if (workers[i].acknowledged[number])
            return true;
    return false;
}

/* Checks the database twice: as the engine sees it, and as a new process would see it. */
static const char *check_now(const struct worker *workers, int count)
{
    unsigned char present[LIMIT + 1];
    remove_database(copy);
    if (!copy_file(path, copy, "") || !copy_file(path, copy, "-wal") ||
        !copy_file(path, copy, "-journal"))
        return "could not be copied";
    const char *found = check_present("as it lies", units_check_file(copy, present, LIMIT), workers,
                                      count, present, false);
    furrow_session *s = furrow_session_open(engine, .read_only = true);
    for (int number = 1; !found && number < LIMIT; number++) {
        int64_t rows = -1;
        if (entry_count(s, &rows, .where = {furrow_eq(ENTRY.unit, number)}))
            found = WRONG("reading after the fault failed: %s", furrow_session_error(s)->message);
        else if (rows != (is_acknowledged(workers, count, number) ? unit_parts(number) : 0))
            found = WRONG("the engine sees %lld rows of unit %d", (long long)rows, number);
    }
    furrow_session_close(s);
    return found;
}

static const char *check_errors(const struct worker *workers, int count)
{
    for (int i = 0; i < count; i++) {
        const struct worker *w = &workers[i];
        if (w->failures && !faulty_failed())
            return WRONG("no call failed, but the status is %s: %.500s",
                         furrow_status_name(w->error.status), w->error.message);
        if (w->failures && !describes_a_disk_error(&w->error))
            return WRONG("%s: %.500s (%d)", furrow_status_name(w->error.status), w->error.message,
                         w->error.native_code);
        if (w->failures > 1)
            return WRONG("failed %d times, at last %.500s (%d)", w->failures, w->error.message,
                         w->error.native_code);
        if (w->torn)
            return "a row that was read twice in a session had changed";
    }
    return NULL;
}

static const char *open_engine(void)
{
    furrow_error error = {0};
    if (furrow_engine_open(&engine, url, &error, .readers = 2) == FURROW_OK)
        return NULL;
    if (!faulty_failed() || !describes_a_disk_error(&error))
        return WRONG("opening: %s: %s (%d)", furrow_status_name(error.status), error.message,
                     error.native_code);
    if (furrow_engine_open(&engine, url, &error, .readers = 2) == FURROW_OK)
        return NULL;
    return WRONG("the engine could not be opened again: %s: %s (%d)",
                 furrow_status_name(error.status), error.message, error.native_code);
}

static const char *use_again(struct worker *w)
{
    furrow_session *s = furrow_session_open(engine);
    unit_write(s, LIMIT);
    if (furrow_commit(s))
        return WRONG("the next session failed: %s", furrow_session_error(s)->message);
    furrow_session_close(s);
    w->acknowledged[LIMIT] = true;
    return NULL;
}

static void run_threads(struct worker *workers, int threads)
{
    pthread_t ids[THREADS + 1];
    bool reads = threads > 1;
    for (int i = 0; i < threads + reads; i++) {
        workers[i].thread = i;
        workers[i].threads = threads;
        if (pthread_create(&ids[i], NULL, i < threads ? write_units : read_units, &workers[i]))
            exit(1);
    }
    for (int i = 0; i < threads + reads; i++)
        pthread_join(ids[i], NULL);
}

static const char *attempt(int threads, long n, fault_flavour flavour, long *calls)
{
    static struct worker workers[THREADS + 1];
    unsigned char present[LIMIT + 1];
    memset(workers, 0, sizeof workers);
    remove_database(path);
    if (!copy_file(template_path, path, ""))
        return "the template could not be copied";
    faulty_arm(n, flavour);
    const char *found = open_engine();
    if (!found)
        run_threads(workers, threads);
    *calls = faulty_disarm();
    if (found)
        return found;
    found = check_errors(workers, THREADS + 1);
    if (!found)
        found = check_now(workers, threads);
    if (!found)
        found = use_again(&workers[0]);
    furrow_engine_close(engine);
    if (!found)
        found = check_present("in the end", units_check_file(path, present, LIMIT), workers,
                              threads, present, true);
    return found;
}

static bool create_template(void)
{
    char at[560];
    furrow_engine *made = NULL;
    furrow_error error = {0};
    remove_database(template_path);
    snprintf(at, sizeof at, "sqlite:///%s", template_path);
    if (furrow_engine_open(&made, at, &error)) {
        printf("%s\n", error.message);
        return false;
    }
    furrow_session *s = furrow_session_open(made);
    furrow_status status = units_create(s);
    furrow_session_close(s);
    furrow_engine_close(made);
    return status == FURROW_OK;
}

static void check(const char *found, int threads, long n, fault_flavour flavour)
{
    passed += !found;
    failed += found != NULL;
    if (found && failed <= MAX_COMPLAINTS)
        printf("FAILED %d threads, call %ld (%s%s): %s\n", threads, n,
               faulty_failed() ? faulty_failed() : "none",
               flavour == FAULT_OTHER ? ", full disk or short read" : "", found);
}

static void fail_each(int threads, long only)
{
    long calls = 0, unused, fired = 0, tried = 0, step = units_full_scale() ? 1 : STEP;
    check(attempt(threads, 0, FAULT_IO, &calls), threads, 0, FAULT_IO);
    /* With several threads, the number of calls differs a little between runs. The test therefore
     * tries a few more calls than were counted. */
    for (long n = only ? only : 1; n <= (only ? only : calls + calls / 10); n += step)
        for (fault_flavour flavour = FAULT_IO; flavour < FAULT_FLAVOURS; flavour++) {
            check(attempt(threads, n, flavour, &unused), threads, n, flavour);
            tried++;
            fired += faulty_failed() != NULL;
        }
    printf("%d thread%s: %ld calls, %ld faults in %ld attempts\n", threads, threads > 1 ? "s" : "",
           calls, fired, tried);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    const char *folder = getenv("TMPDIR");
    long only = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
    snprintf(path, sizeof path, "%s/furrow-vfs-%ld.db", folder ? folder : "/tmp", (long)getpid());
    snprintf(url, sizeof url, "sqlite:///%s", path);
    snprintf(copy, sizeof copy, "%s-copy", path);
    snprintf(template_path, sizeof template_path, "%s-template", path);
    faulty_start();
    if (!create_template())
        return 1;
    fail_each(1, only);
    fail_each(THREADS, only);
    remove_database(path);
    remove_database(copy);
    remove_database(template_path);
    printf("%d passed, %d failed\n", passed, failed);
    return failed > 0;
}
