/* SPDX-License-Identifier: MIT
 *
 * Forks under load: forks [COUNT]. Threads write units (units.h) through an engine on a SQLite
 * file, and through an engine on PostgreSQL if FURROW_TEST_POSTGRESQL is set. Meanwhile the process
 * forks again and again. Each child process tries to use its parent's engines and to open its
 * parent's file. All these attempts must be rejected and change nothing. Then the child opens its
 * own engine, on another SQLite file or on PostgreSQL, and writes a unit. At the end, no call of
 * the parent may have failed, and both databases must be intact and contain every unit. COUNT is
 * 10,000 with FURROW_TEST_SCALE=full, otherwise 500. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "units.h"

enum {
    THREADS = 4,
    AT_ONCE = 3, /* largest number of child processes at the same time */
    MAX_FORKS = 100000,
    LIMIT = 400000,      /* largest number of units that the parent writes */
    CHILD_PATIENCE = 60, /* seconds after which a child process is considered hanging */
    SERVER_EVERY = 10,   /* every tenth child process uses PostgreSQL */
};

static const char *server_url;
static char path[500], url[520], other_path[520], other_url[540];
static furrow_engine *engine, *server;
static atomic_bool stop;
static atomic_llong failures;
static int passed, failed;

static void check(bool holds, const char *what)
{
    passed += holds;
    failed += !holds;
    if (!holds)
        printf("FAILED %s\n", what);
}

static unsigned char acknowledged[LIMIT + 1]; /* indexed by the number of a unit; no two threads
                                                 write the same element */

static void complain(const char *what, const furrow_session *s)
{
    if (failures++ == 0)
        printf("%s: %s: %s\n", what, furrow_status_name(furrow_session_error(s)->status),
               furrow_session_error(s)->message);
}

static void *write_units(void *context)
{
    int thread = *(int *)context;
    for (int64_t number = 1 + thread; number <= LIMIT && !stop; number += THREADS) {
        furrow_session *s = furrow_session_open(engine);
        unit_write(s, number);
        if (furrow_commit(s) == FURROW_OK)
            acknowledged[number] = 1;
        else
            complain("a unit", s);
        furrow_session_close(s);
    }
    return NULL;
}

static void *use_server(void *context)
{
    (void)context;
    for (int64_t number = 1; !stop; number++) {
        furrow_rows *rows = NULL;
        furrow_session *s = furrow_session_open(server);
        furrow_query(s, &rows, "SELECT ? + 1", number);
        bool right = furrow_rows_next(rows) && furrow_row_int64(rows, 0) == number + 1;
        if (furrow_commit(s) || !right)
            complain("the server", s);
        furrow_session_close(s);
    }
    return NULL;
}

#define CHILD(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "child %d: %s (line %d)\n", number, #condition, __LINE__);             \
            _exit(1);                                                                              \
        }                                                                                          \
    } while (0)

static void is_refused(furrow_engine *inherited, furrow_session *open, int number)
{
    furrow_rows *rows;
    CHILD(furrow_query(open, &rows, "SELECT 1") == FURROW_INVALID);
    CHILD(strstr(furrow_session_error(open)->message, "forked"));
    CHILD(furrow_commit(open) == FURROW_INVALID);
    furrow_session_close(open);
    furrow_session *s = furrow_session_open(inherited);
    CHILD(furrow_query(s, &rows, "SELECT 1") == FURROW_INVALID);
    furrow_session_close(s);
    furrow_engine_close(inherited);
}

static void be_a_child(furrow_session *of_file, furrow_session *of_server, int number)
{
    furrow_engine *mine = NULL;
    furrow_error error = {0};
    alarm(CHILD_PATIENCE);
    is_refused(engine, of_file, number);
    if (server)
        is_refused(server, of_server, number);
    CHILD(furrow_engine_open(&mine, url, &error) == FURROW_INVALID);
    CHILD(strstr(error.hint, "exec first"));
    bool on_server = server && number % SERVER_EVERY == 0;
    if (furrow_engine_open(&mine, on_server ? server_url : other_url, &error))
        fprintf(stderr, "child %d: %s\n", number, error.message), _exit(1);
    furrow_session *s = furrow_session_open(mine);
    if (on_server) {
        furrow_rows *rows;
        CHILD(furrow_query(s, &rows, "SELECT 42") == FURROW_OK);
        CHILD(furrow_rows_next(rows) && furrow_row_int64(rows, 0) == 42);
    } else {
        unit_write(s, number);
    }
    if (furrow_commit(s))
        fprintf(stderr, "child %d: %s\n", number, furrow_session_error(s)->message), _exit(1);
    furrow_session_close(s);
    furrow_engine_close(mine);
    _exit(0);
}

static bool wait_for_child(void)
{
    int status = 0;
    pid_t child;
    while ((child = wait(&status)) < 0 && errno == EINTR)
        ;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    if (WIFSIGNALED(status))
        printf("a child process was ended by signal %d%s\n", WTERMSIG(status),
               WTERMSIG(status) == SIGALRM ? ": it hung" : "");
    return false;
}

/* Opens a session that stays open while the process forks. With `begun`, the session is in a
 * transaction. */
static furrow_session *open_session(furrow_engine *of, bool begun)
{
    furrow_rows *rows;
    furrow_session *s = furrow_session_open(of, .read_only = true);
    if (begun && furrow_query(s, &rows, "SELECT 1"))
        complain("a query in a session of the parent", s);
    return s;
}

static int fork_children(int count)
{
    int running = 0, broken = 0;
    for (int number = 1; number <= count && broken < 10; number++) {
        furrow_session *of_file = open_session(engine, number % 2);
        furrow_session *of_server = server ? open_session(server, number % 3 == 0) : NULL;
        pid_t child = fork();
        if (child == 0)
            be_a_child(of_file, of_server, number);
        if (child > 0)
            running++;
        broken += child < 0;
        furrow_session_close(of_file);
        furrow_session_close(of_server);
        for (; running >= AT_ONCE || (running && number == count); running--)
            broken += !wait_for_child();
    }
    for (; running; running--)
        broken += !wait_for_child();
    return broken;
}

static furrow_engine *open_engine(const char *at, bool create)
{
    furrow_engine *opened = NULL;
    furrow_error error = {0};
    if (furrow_engine_open(&opened, at, &error)) {
        printf("%s\n", error.message);
        exit(1);
    }
    if (create) {
        furrow_session *s = furrow_session_open(opened);
        if (units_create(s))
            exit(1);
        furrow_session_close(s);
    }
    return opened;
}

static void remove_database(const char *base)
{
    static const char *const endings[] = {"", "-wal", "-shm"};
    char name[540];
    for (int i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s%s", base, endings[i]);
        unlink(name);
    }
}

static void run(int count)
{
    pthread_t threads[THREADS + 2];
    int numbers[THREADS], started = 0;
    furrow_engine_close(open_engine(other_url, true)); /* The file is created and closed, because a
                                                          child process may not open a file that is
                                                          open in the parent. */
    engine = open_engine(url, true);
    server = server_url ? open_engine(server_url, false) : NULL;
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        if (pthread_create(&threads[started++], NULL, write_units, &numbers[i]))
            exit(1);
    }
    for (int i = 0; server && i < 2; i++)
        if (pthread_create(&threads[started++], NULL, use_server, NULL))
            exit(1);
    int broken = fork_children(count);
    stop = true;
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    furrow_engine_close(server);
    furrow_engine_close(engine);
    printf("%d of %d child processes failed, %lld calls of the parent failed\n", broken, count,
           (long long)failures);
    check(broken == 0, "every child process can use its own engine, and only that");
    check(failures == 0, "no call of the parent fails");
}

static void check_files(int count)
{
    static unsigned char present[LIMIT + 1];
    int64_t missing = 0, more = 0, units = 0;
    const char *wrong = units_check_file(path, present, LIMIT);
    for (int64_t number = 1; number <= LIMIT; number++) {
        missing += acknowledged[number] && !present[number];
        more += present[number] && !acknowledged[number];
        units += present[number];
    }
    printf("%lld units of the parent%s%s\n", (long long)units, wrong ? ": " : "",
           wrong ? wrong : "");
    check(!wrong && !missing && !more, "the parent's file is complete and intact");
    wrong = units_check_file(other_path, present, MAX_FORKS);
    for (int number = 1; number <= count; number++)
        missing += !present[number] && !(server_url && number % SERVER_EVERY == 0);
    printf("%lld units of child processes are missing%s%s\n", (long long)missing, wrong ? ": " : "",
           wrong ? wrong : "");
    check(!wrong && !missing, "the file of the child processes is complete and intact");
}

int main(int argc, char **argv)
{
    const char *folder = getenv("TMPDIR");
    int count = argc > 1 ? (int)strtol(argv[1], NULL, 10) : units_full_scale() ? 10000 : 500;
    server_url = getenv("FURROW_TEST_POSTGRESQL");
    if (count < 1 || count > MAX_FORKS)
        return 2;
    snprintf(path, sizeof path, "%s/furrow-forks-%ld.db", folder ? folder : "/tmp", (long)getpid());
    snprintf(url, sizeof url, "sqlite:///%s", path);
    snprintf(other_path, sizeof other_path, "%s-children", path);
    snprintf(other_url, sizeof other_url, "sqlite:///%s", other_path);
    setvbuf(stdout, NULL, _IOLBF, 0); /* line buffering, so that a child process inherits no
                                         buffered output */
    printf("%d forks%s\n", count, server_url ? ", and a server" : "");
    run(count);
    check_files(count);
    remove_database(path);
    remove_database(other_path);
    printf("%d passed, %d failed\n", passed, failed);
    return failed > 0;
}
