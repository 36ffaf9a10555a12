/* SPDX-License-Identifier: MIT
 *
 * Loses power at every moment: power_loss [SEED]. Threads write units (units.h) through one engine
 * on a VFS that records what reaches the disk, and when (recorder.h). The test then takes each
 * recorded write, truncate, removal and sync, and assumes that the power was lost just before it.
 * Several disks are possible at that moment. Everything that was synced is on the disk. Of the
 * rest, the disk contains nothing, everything, two random subsets, or everything with the last
 * write torn. SQLite must open each of these disks and find every unit that was acknowledged
 * before, and no incomplete unit; integrity_check must be ok.
 *
 * With FURROW_DURABILITY_RELAXED, whole units may be lost. The test then requires that some units
 * are lost, which proves that it detects a loss. With FURROW_TEST_SCALE=full every event is tried,
 * otherwise every twentieth. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "image.h"
#include "recorder.h"
#include "units.h"

enum {
    THREADS = 8,
    UNITS = 256, /* number of units that all threads write together */
    STEP = 20,
    MAX_COMPLAINTS = 5,
    CREATED = 0, /* the acknowledgement with this number means that the tables exist */
};

typedef enum crash_kind { NONE, ALL, RANDOM, RANDOM_TOO, TORN, KINDS } crash_kind;
static const char *const kind_names[KINDS] = {"none", "all", "a random subset",
                                              "another random subset", "all, the last one torn"};

static uint64_t seed = 20260214;
static int passed, failed;

static void check(bool holds, const char *what)
{
    passed += holds;
    failed += !holds;
    if (!holds)
        printf("FAILED %s\n", what);
}

static furrow_engine *engine;
static pthread_barrier_t start;
static atomic_int failures;

static void *work(void *context)
{
    int thread = *(int *)context;
    furrow_session *s = furrow_session_open(engine);
    pthread_barrier_wait(&start);
    for (int64_t number = 1 + thread; number <= UNITS; number += THREADS) {
        unit_write(s, number);
        if (number % 11 == 0) { /* units whose number is a multiple of 11 are rolled back, so they
                                   must not exist */
            furrow_rollback(s);
            unit_write(s, number);
        }
        if (furrow_commit(s) == FURROW_OK)
            recorder_acknowledge(number);
        else if (failures++ == 0)
            printf("unit %lld: %s\n", (long long)number, furrow_session_error(s)->message);
        furrow_session_reset(s);
    }
    furrow_session_close(s);
    return NULL;
}

/* With small pages, the same work consists of more and smaller writes. */
static bool make_small_pages(const char *path)
{
    sqlite3 *db = NULL;
    bool made = sqlite3_open(path, &db) == SQLITE_OK &&
                sqlite3_exec(db, "PRAGMA page_size=1024; CREATE TABLE made (n INTEGER)", NULL, NULL,
                             NULL) == SQLITE_OK;
    sqlite3_close(db);
    return made;
}

static bool run_workload(const char *path, furrow_durability durability)
{
    char url[600];
    pthread_t threads[THREADS];
    int numbers[THREADS];
    furrow_error error = {0};
    snprintf(url, sizeof url, "sqlite:///%s", path);
    failures = 0;
    if (!make_small_pages(path) ||
        furrow_engine_open(&engine, url, &error, .durability = durability)) {
        printf("%s\n", error.message);
        return false;
    }
    furrow_session *s = furrow_session_open(engine);
    furrow_status status = units_create(s);
    furrow_session_close(s);
    if (status)
        return false;
    recorder_acknowledge(CREATED);
    pthread_barrier_init(&start, NULL, THREADS);
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        if (pthread_create(&threads[i], NULL, work, &numbers[i]))
            exit(1);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&start);
    furrow_engine_close(engine);
    return failures == 0;
}

struct replay {
    const recording *record;
    image disk;      /* the durable contents of the disk */
    size_t *pending; /* indexes of the events that are not durable yet, in order */
    size_t pending_count;
    bool acknowledged[UNITS + 1];
    unsigned char present[UNITS + 1];
    bool may_lose;
    long images, lost_units, complaints;
};

static void add_pending(struct replay *r, image *disk, crash_kind kind, size_t point)
{
    uint64_t state = seed ^ (point * KINDS + kind) * UINT64_C(0x9E3779B97F4A7C15);
    size_t last = r->pending_count;
    if (kind == TORN) /* find the last pending write */
        while (last > 0 && r->record->events[r->pending[last - 1]].kind != RECORDED_WRITE)
            last--;
    for (size_t i = 0; i < r->pending_count; i++) {
        const recorded_event *event = &r->record->events[r->pending[i]];
        size_t most = event->size;
        if (kind == NONE || (kind != ALL && kind != TORN && units_random(&state) % 2))
            continue;
        if (kind == TORN && i + 1 == last)
            most = (size_t)(units_random(&state) % event->size);
        image_apply(disk, event, most);
    }
}

static void complain(struct replay *r, size_t point, crash_kind kind, const char *what)
{
    if (r->complaints++ < MAX_COMPLAINTS)
        printf("power loss before event %zu; of %zu events without a sync, the disk has %s: %s\n",
               point, r->pending_count, kind_names[kind], what);
}

static bool is_created(sqlite3 *db)
{
    return sqlite3_table_column_metadata(db, "main", "pool_entries", NULL, NULL, NULL, NULL, NULL,
                                         NULL) == SQLITE_OK;
}

static const char *look_at(struct replay *r, image *disk)
{
    sqlite3 *db = image_open(disk);
    if (!db)
        return "could not be opened";
    bool has_tables = r->may_lose ? is_created(db) : r->acknowledged[CREATED];
    const char *wrong = has_tables ? units_check(db, r->present, UNITS) : units_check_integrity(db);
    sqlite3_close(db);
    return wrong;
}

/* Checks the possible disks after a loss of power just before event number `point`. */
static void crash(struct replay *r, size_t point)
{
    static image disk;
    for (crash_kind kind = NONE; kind < KINDS; kind++) {
        char what[64];
        if ((kind > NONE && r->pending_count == 0) ||
            ((kind == RANDOM || kind == RANDOM_TOO) && r->pending_count == 1))
            continue; /* these subsets are the same as NONE or ALL */
        image_copy(&disk, &r->disk);
        add_pending(r, &disk, kind, point);
        r->images++;
        memset(r->present, 0, sizeof r->present);
        const char *wrong = look_at(r, &disk);
        if (wrong)
            complain(r, point, kind, wrong);
        for (int number = 1; !wrong && number <= UNITS; number++) {
            if (!r->acknowledged[number] || r->present[number])
                continue;
            r->lost_units++;
            snprintf(what, sizeof what, "unit %d was acknowledged, but is lost", number);
            if (!r->may_lose)
                complain(r, point, kind, what);
        }
    }
    if (point == r->record->count)
        image_done(&disk);
}

/* Makes the file's events before number `covers` durable. If the sync includes the folder, makes
 * the removals of files durable, too. */
static void make_durable(struct replay *r, const recorded_event *sync)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->pending_count; i++) {
        size_t at = r->pending[i];
        const recorded_event *event = &r->record->events[at];
        bool same =
            event->file == sync->file || (sync->of_folder && event->kind == RECORDED_REMOVE);
        if (same && at < sync->covers)
            image_apply(&r->disk, event, event->size);
        else
            r->pending[kept++] = at;
    }
    r->pending_count = kept;
}

static void replay(struct replay *r, size_t step)
{
    size_t moment = 0, writes = 0, syncs = 0, to_database = 0;
    r->pending = calloc(r->record->count + 1, sizeof *r->pending);
    if (!r->pending)
        exit(1);
    for (size_t i = 0; i < r->record->count; i++) {
        const recorded_event *event = &r->record->events[i];
        if (event->kind == RECORDED_ACKNOWLEDGE) {
            r->acknowledged[event->number] = true;
            continue;
        }
        if (moment++ % step == 0)
            crash(r, i);
        syncs += event->kind == RECORDED_SYNC;
        writes += event->kind == RECORDED_WRITE;
        to_database += event->kind == RECORDED_WRITE && event->file == RECORDED_DATABASE &&
                       r->acknowledged[CREATED];
        if (event->kind == RECORDED_SYNC)
            make_durable(r, event);
        else
            r->pending[r->pending_count++] = i;
    }
    crash(r, r->record->count);
    free(r->pending);
    image_done(&r->disk);
    printf("%zu moments, %zu writes (%zu to the database), %zu syncs; %ld images, %ld units lost\n",
           moment, writes, to_database, syncs, r->images, r->lost_units);
    check(to_database > 0, "the log is checkpointed during the test");
}

static void run(furrow_durability durability)
{
    static struct replay r;
    recording record;
    char path[500], name[520];
    const char *folder = getenv("TMPDIR");
    bool relaxed = durability == FURROW_DURABILITY_RELAXED;
    printf("%s, seed %llu\n", relaxed ? "relaxed" : "durable", (unsigned long long)seed);
    snprintf(path, sizeof path, "%s/furrow-power-%ld.db", folder ? folder : "/tmp", (long)getpid());
    recorder_start(path, &record);
    check(run_workload(path, durability), "every unit is committed");
    memset(&r, 0, sizeof r);
    r.record = &record;
    r.may_lose = relaxed;
    replay(&r, units_full_scale() ? 1 : STEP);
    check(r.complaints == 0, relaxed ? "no unit is incomplete" : "no unit is lost or incomplete");
    int acknowledged = 0;
    for (int number = 1; number <= UNITS; number++)
        acknowledged += r.acknowledged[number];
    check(acknowledged == UNITS, "every unit was acknowledged");
    if (relaxed)
        check(r.lost_units > 0, "the test detects lost units");
    recording_done(&record);
    for (int i = 0; i < 3; i++) {
        static const char *const endings[] = {"", "-wal", "-shm"};
        snprintf(name, sizeof name, "%s%s", path, endings[i]);
        unlink(name);
    }
    fflush(stdout);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        seed = strtoull(argv[1], NULL, 10);
    run(FURROW_DURABILITY_FULL);
    run(FURROW_DURABILITY_RELAXED);
    printf("%d passed, %d failed\n", passed, failed);
    return failed > 0;
}
