/* SPDX-License-Identifier: MIT
 *
 * Runs random programs on SQLite and PostgreSQL.
 *
 *   differ_test [URL [SEED [FIRST [COUNT]]]]
 *
 * URL is the server; "-" or nothing means FURROW_TEST_POSTGRESQL. Without SEED, FURROW_TEST_SEED is
 * used, if it is set. */
#include "differ.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SKIPPED = 77, FULL = 4000, MAX_FAILURES = 5 };

static char schema[64];

static furrow_engine *open_engine(const char *url)
{
    furrow_engine *engine;
    furrow_error error = {0};
    if (furrow_engine_open(&engine, url, &error, .pool_size = 1) != FURROW_OK)
        fprintf(stderr, "%s\n", error.message);
    return engine;
}

/* Runs a statement outside the schema of this program. */
static bool run_on_server(const char *url, const char *sql)
{
    furrow_engine *engine = open_engine(url);
    furrow_session *s = furrow_session_open(engine);
    furrow_rows *rows = NULL;
    furrow_unsafe_sql(s, &rows, sql, NULL, 0);
    bool worked = engine && furrow_commit(s) == FURROW_OK;
    if (!worked)
        fprintf(stderr, "%s: %s\n", sql, furrow_session_error(s)->message);
    furrow_session_close(s);
    furrow_engine_close(engine);
    return worked;
}

static bool open_engines(furrow_engine *engines[2], const char *server)
{
    char url[1024], sql[128];
    snprintf(schema, sizeof schema, "furrow_differ_%ld", (long)getpid());
    snprintf(sql, sizeof sql, "CREATE SCHEMA %s", schema);
    snprintf(url, sizeof url, "%s%coptions=-csearch_path%%3D%s", server,
             strchr(server, '?') ? '&' : '?', schema);
    engines[0] = open_engine("sqlite://");
    engines[1] = run_on_server(server, sql) ? open_engine(url) : NULL;
    return engines[0] && engines[1];
}

static void close_engines(furrow_engine *engines[2], const char *server)
{
    char sql[128];
    for (int i = 0; i < 2; i++)
        furrow_engine_close(engines[i]);
    snprintf(sql, sizeof sql, "DROP SCHEMA %s CASCADE", schema);
    run_on_server(server, sql);
}

static void report(program *p, furrow_engine *const engines[2], const difference *found)
{
    difference d;
    text printed = {0};
    printf("program %" PRIu64 " of seed %" PRIu64 " differs at step %d\n", p->number, p->seed,
           found->step);
    program_shrink(p, engines, &d);
    program_print(&printed, p);
    printf("%s", printed.bytes);
    const char *labels[2] = {d.unexpected ? "" : "sqlite:     ",
                             d.unexpected ? "" : "postgresql: "};
    printf("at step %d%s:\n  %s%s\n  %s%s\n", d.step,
           d.step == p->count ? ", the contents at the end" : "", labels[0], d.what[0], labels[1],
           d.what[1]);
    printf("repeat it with: differ_test - %" PRIu64 " %" PRIu64 " 1\n\n", p->seed, p->number);
    fflush(stdout);
    text_free(&printed);
}

static bool run(uint64_t seed, uint64_t number, furrow_engine *const engines[2])
{
    static program p;
    difference d;
    program_make(&p, seed, number);
    if (program_compare(&p, engines, &d))
        return true;
    report(&p, engines, &d);
    return false;
}

int main(int argc, char **argv)
{
    const char *server =
        argc > 1 && strcmp(argv[1], "-") != 0 ? argv[1] : getenv("FURROW_TEST_POSTGRESQL");
    const char *scale = getenv("FURROW_TEST_SCALE");
    const char *chosen = argc > 2 ? argv[2] : getenv("FURROW_TEST_SEED");
    uint64_t seed = chosen ? strtoull(chosen, NULL, 10) : UINT64_C(20261130);
    uint64_t first = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;
    uint64_t count = argc > 4                              ? strtoull(argv[4], NULL, 10)
                     : scale && strcmp(scale, "full") == 0 ? FULL
                                                           : FULL / 20;
    int passed = 0, failed = 0;
    furrow_engine *engines[2] = {NULL};
    if (!server) {
        fprintf(stderr, "FURROW_TEST_POSTGRESQL is not set\n");
        return SKIPPED;
    }
    printf("seed %" PRIu64 "\n", seed);
    fflush(stdout); /* printed before the test, so that the seed is known after a crash */
    bool opened = open_engines(engines, server);
    for (uint64_t i = first; opened && i < first + count && failed < MAX_FAILURES; i++)
        if (run(seed, i, engines))
            passed++;
        else
            failed++;
    close_engines(engines, server);
    built_free_all();
    printf("%d passed, %d failed\n", passed, failed + !opened);
    return failed > 0 || !opened;
}
