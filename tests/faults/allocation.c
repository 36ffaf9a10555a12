/* SPDX-License-Identifier: MIT
 *
 * Makes each allocation fail, first only that allocation, then also all later allocations. Runs on
 * a SQLite file and, if FURROW_TEST_POSTGRESQL is set, on that server.
 *
 * furrow's allocations fail through furrow_set_allocator; SQLite's own allocations fail through
 * SQLITE_CONFIG_MALLOC. Both are counted together. If the status after a failure is FURROW_NOMEM,
 * the database must have its previous contents. If the status is FURROW_OK, because the allocation
 * was not necessary, the database must contain the result of the whole transaction. No other status
 * is allowed. furrow must have freed all its memory. With FURROW_TEST_SCALE=full every allocation
 * is tried, otherwise every twentieth.
 */
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "workload.h"

static atomic_long allocations, fail_at, live;
static atomic_bool armed, ever_after;
static sqlite3_mem_methods sqlite_memory;

static bool must_fail(void)
{
    if (!armed)
        return false;
    long n = ++allocations;
    return fail_at && (ever_after ? n >= fail_at : n == fail_at);
}

static void *allocate(size_t size, void *context)
{
    (void)context;
    void *block = must_fail() ? NULL : malloc(size);
    live += block != NULL;
    return block;
}

static void *reallocate(void *block, size_t size, void *context)
{
    (void)context;
    void *moved = must_fail() ? NULL : realloc(block, size);
    live += moved && !block;
    return moved;
}

static void release(void *block, void *context)
{
    (void)context;
    live -= block != NULL;
    free(block);
}

static void *sqlite_allocate(int size)
{
    return must_fail() ? NULL : sqlite_memory.xMalloc(size);
}

static void *sqlite_reallocate(void *block, int size)
{
    return must_fail() ? NULL : sqlite_memory.xRealloc(block, size);
}

static void set_allocators(void)
{
    static const furrow_allocator own = {allocate, reallocate, release, NULL};
    furrow_set_allocator(&own);
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &sqlite_memory);
    sqlite3_mem_methods failing = sqlite_memory;
    failing.xMalloc = sqlite_allocate;
    failing.xRealloc = sqlite_reallocate;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &failing);
}

static const char *url;
static char *before, *after;
static int passed, failed;

/* Makes allocation number k fail. Returns a description of what went wrong, or NULL. */
static const char *attempt(long k, bool for_good)
{
    if (!workload_reset(url))
        return "could not prepare the tables";
    furrow_error error;
    long live_before = live;
    allocations = 0;
    fail_at = k;
    ever_after = for_good;
    armed = true;
    furrow_status status = workload_run(url, &error);
    armed = false;
    if (live != live_before)
        return "memory was leaked";
    if (status != FURROW_NOMEM && status != FURROW_OK) {
        fprintf(stderr, "  %s: %s\n  %s\n", furrow_status_name(status), error.message, error.sql);
        return "neither FURROW_OK nor FURROW_NOMEM";
    }
    char *now = workload_dump(url);
    if (!now)
        return "the database cannot be read";
    bool is_before = strcmp(now, before) == 0, is_after = strcmp(now, after) == 0;
    free(now);
    if (!is_before && !is_after)
        return "the transaction was committed in part";
    if (is_after != (status == FURROW_OK))
        return is_after ? "a failure was returned, but the transaction was committed"
                        : "FURROW_OK was returned, but nothing was committed";
    return NULL;
}

static void check(const char *name, long k, const char *wrong)
{
    if (!wrong) {
        passed++;
        return;
    }
    failed++;
    fprintf(stderr, "FAILED allocation %ld %s: %s\n", k, name, wrong);
}

static bool learn(long *count)
{
    furrow_error error;
    if (!workload_reset(url) || !(before = workload_dump(url)))
        return false;
    workload_run(url, &error); /* this run is not counted, because some allocations happen only once
                                  per process */
    if (!workload_reset(url))
        return false;
    allocations = 0;
    armed = true;
    furrow_status status = workload_run(url, &error);
    armed = false;
    *count = allocations;
    if (status)
        fprintf(stderr, "%s: %s\n  %s\n", furrow_status_name(status), error.message, error.sql);
    return status == FURROW_OK && (after = workload_dump(url)) && strcmp(before, after) != 0;
}

static void try_all(const char *where)
{
    const char *scale = getenv("FURROW_TEST_SCALE");
    long step = scale && strcmp(scale, "full") == 0 ? 1 : 20, count = 0;
    url = where;
    if (!learn(&count))
        check("none", 0, "the workload fails without a fault");
    /* The test starts with allocation 7 and not with allocation 1, so that the sampled allocations
     * are of different kinds. */
    for (long k = step == 1 ? 1 : 7; after && k <= count; k += step) {
        check("once", k, attempt(k, false));
        check("this and all later ones", k, attempt(k, true));
    }
    free(before);
    free(after);
    before = after = NULL;
    printf("%s: %ld allocations\n", strncmp(url, "sqlite", 6) == 0 ? "sqlite" : "postgresql",
           count);
}

int main(void)
{
    const char *folder = getenv("TMPDIR"), *server = getenv("FURROW_TEST_POSTGRESQL");
    char path[512], file_url[528];
    snprintf(path, sizeof path, "%s/furrow-allocation-%ld.db", folder ? folder : "/tmp",
             (long)getpid());
    snprintf(file_url, sizeof file_url, "sqlite:///%s", path);
    set_allocators();
    workload_has_large_rows = true;
    try_all(file_url);
    workload_has_large_rows = false;
    if (server)
        try_all(server);
    workload_remove(path);
    printf("%d passed, %d failed\n", passed, failed);
    return failed > 0;
}
