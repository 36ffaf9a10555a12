/* SPDX-License-Identifier: MIT
 *
 * Kills a process under load: kill [ROUNDS [SEED]]. The victim process writes units (units.h) in
 * several threads and writes the number of each acknowledged unit to a pipe. The test reads a
 * random number of these acknowledgements. After a random delay it kills the victim (SIGKILL),
 * often while the victim opens the file or commits. Then
 *   - in a copy of the files, SQLite must find every unit that was acknowledged in this or an
 *     earlier round, no incomplete unit, and at most one other unit for each thread;
 *     integrity_check must be ok;
 *   - the next victim must be able to open the original files and continue.
 * ROUNDS is 200 with FURROW_TEST_SCALE=full, otherwise 10. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "units.h"

enum {
    THREADS = 8,
    ROUNDS_A_FILE = 20,
    UNITS_A_ROUND = 8000, /* largest number of units that the victim writes in one round */
    LIMIT = ROUNDS_A_FILE * UNITS_A_ROUND,
    MOST_READ = 250,      /* largest number of acknowledged units before the kill */
    MOST_DELAY_US = 4000, /* longest delay between the last acknowledgement and the kill */
};

static char path[500], url[520], copy[520];
static int passed, failed;

static void check(bool holds, const char *what)
{
    passed += holds;
    failed += !holds;
    if (!holds)
        printf("FAILED %s\n", what);
}

struct worker {
    furrow_engine *engine;
    int64_t first;
    int out;
};

static void *work(void *context)
{
    const struct worker *w = context;
    furrow_session *s = furrow_session_open(w->engine);
    for (int64_t i = 0; i < UNITS_A_ROUND / THREADS; i++) {
        int64_t number = w->first + i * THREADS;
        unit_write(s, number);
        if (furrow_commit(s)) {
            fprintf(stderr, "unit %lld: %s\n", (long long)number, furrow_session_error(s)->message);
            _exit(3);
        }
        if (write(w->out, &number, sizeof number) != (ssize_t)sizeof number)
            _exit(4);
        furrow_session_reset(s);
    }
    for (;;)
        pause(); /* the numbers of this round are used up; wait for the kill */
}

static int be_the_victim(const char *file, int64_t first, int out)
{
    static struct worker workers[THREADS];
    pthread_t thread;
    furrow_engine *engine;
    furrow_error error = {0};
    alarm(600);
    snprintf(url, sizeof url, "sqlite:///%s", file);
    if (furrow_engine_open(&engine, url, &error)) {
        fprintf(stderr, "%s\n", error.message);
        return 2;
    }
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){engine, first + i, out};
        if (pthread_create(&thread, NULL, work, &workers[i]))
            return 2;
    }
    for (;;)
        pause();
}

static pid_t start_victim(int64_t first, int *in)
{
    int ends[2];
    char number[24], fd[24];
    if (pipe(ends))
        exit(1);
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    snprintf(number, sizeof number, "%lld", (long long)first);
    snprintf(fd, sizeof fd, "%d", ends[1]);
    pid_t child = fork();
    if (child == 0) {
        execl("/proc/self/exe", "kill", "--victim", path, number, fd, (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    *in = ends[0];
    return child;
}

static bool copy_file(const char *ending)
{
    char from[540], to[540], bytes[65536];
    snprintf(from, sizeof from, "%s%s", path, ending);
    snprintf(to, sizeof to, "%s%s", copy, ending);
    unlink(to);
    FILE *in = fopen(from, "rb"), *out = in ? fopen(to, "wb") : NULL;
    bool copied = true;
    for (size_t size; out && (size = fread(bytes, 1, sizeof bytes, in)) > 0;)
        copied &= fwrite(bytes, 1, size, out) == size;
    if (in)
        fclose(in);
    return (!out || fclose(out) == 0) && copied;
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

/* Checks that the copy contains every unit of `kept`. If the copy also contains units that were not
 * acknowledged, adds them to `kept`. */
static bool is_all_there(unsigned char *kept, int64_t first)
{
    static unsigned char present[LIMIT + 1];
    remove_database(copy);
    const char *wrong = copy_file("") && copy_file("-wal") && copy_file("-journal")
                            ? units_check_file(copy, present, LIMIT)
                            : "could not be copied";
    int64_t lost = 0, more = 0, older = 0;
    for (int64_t number = 1; !wrong && number <= LIMIT; number++) {
        lost += kept[number] && !present[number];
        if (present[number] && !kept[number]) {
            more++;
            older += number < first;
            kept[number] = 1;
        }
    }
    if (wrong)
        printf("  %s\n", wrong);
    if (lost || more > THREADS || older)
        printf("  %lld units lost, %lld additional units, %lld of them from earlier rounds\n",
               (long long)lost, (long long)more, (long long)older);
    return !wrong && !lost && more <= THREADS && !older;
}

static int64_t read_numbers(int in, unsigned char *kept, int64_t most)
{
    int64_t number, count = 0;
    ssize_t size = 0;
    while (count < most && ((size = read(in, &number, sizeof number)) > 0 || errno == EINTR)) {
        if (size != (ssize_t)sizeof number || number < 1 || number > LIMIT)
            break;
        kept[number] = 1;
        count++;
    }
    return count;
}

static void spin(int64_t us)
{
    struct timespec now, begun;
    clock_gettime(CLOCK_MONOTONIC, &begun);
    do
        clock_gettime(CLOCK_MONOTONIC, &now);
    while ((now.tv_sec - begun.tv_sec) * INT64_C(1000000) +
               (now.tv_nsec - begun.tv_nsec) / INT64_C(1000) <
           us);
}

static int64_t kill_one(unsigned char *kept, int64_t first, uint64_t *state)
{
    int in, status = 0;
    /* One victim in eight is killed while it opens the file. */
    int64_t most = units_random(state) % 8 ? (int64_t)(units_random(state) % MOST_READ) : 0;
    int64_t delay = (int64_t)(units_random(state) % MOST_DELAY_US) * (most ? 1 : 5);
    pid_t child = start_victim(first, &in);
    int64_t count = read_numbers(in, kept, most);
    spin(delay);
    kill(child, SIGKILL);
    count += read_numbers(in, kept, INT64_MAX);
    close(in);
    waitpid(child, &status, 0);
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
          "the victim works until it is killed");
    check(is_all_there(kept, first), "every acknowledged unit exists and is complete");
    return count;
}

static bool use_again(int64_t number)
{
    furrow_engine *engine = NULL;
    furrow_error error = {0};
    if (furrow_engine_open(&engine, url, &error)) {
        printf("  %s\n", error.message);
        return false;
    }
    furrow_session *s = furrow_session_open(engine);
    unit_write(s, number);
    furrow_status status = furrow_commit(s);
    if (status)
        printf("  %s\n", furrow_session_error(s)->message);
    furrow_session_close(s);
    furrow_engine_close(engine);
    return status == FURROW_OK;
}

static bool create(void)
{
    furrow_engine *engine = NULL;
    if (furrow_engine_open(&engine, url, NULL))
        return false;
    furrow_session *s = furrow_session_open(engine);
    furrow_status status = units_create(s);
    furrow_session_close(s);
    furrow_engine_close(engine);
    return status == FURROW_OK;
}

int main(int argc, char **argv)
{
    static unsigned char kept[LIMIT + 1];
    if (argc == 5 && strcmp(argv[1], "--victim") == 0)
        return be_the_victim(argv[2], strtoll(argv[3], NULL, 10), (int)strtol(argv[4], NULL, 10));
    int rounds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : units_full_scale() ? 200 : 10;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 20260305, state = seed;
    const char *folder = getenv("TMPDIR");
    int64_t units = 0;
    snprintf(path, sizeof path, "%s/furrow-kill-%ld.db", folder ? folder : "/tmp", (long)getpid());
    snprintf(copy, sizeof copy, "%s-copy", path);
    snprintf(url, sizeof url, "sqlite:///%s", path);
    printf("%d rounds, seed %llu\n", rounds, (unsigned long long)seed);
    fflush(stdout);
    for (int round = 0; round < rounds; round++) {
        int of_file = round % ROUNDS_A_FILE;
        if (of_file == 0) {
            remove_database(path);
            memset(kept, 0, sizeof kept);
            check(create(), "the tables are created");
        }
        units += kill_one(kept, 1 + (int64_t)of_file * UNITS_A_ROUND, &state);
        if (of_file == ROUNDS_A_FILE - 1 || round == rounds - 1)
            check(use_again((int64_t)(of_file + 1) * UNITS_A_ROUND),
                  "the next process can use the file");
    }
    remove_database(path);
    remove_database(copy);
    printf("%lld units acknowledged\n%d passed, %d failed\n", (long long)units, passed, failed);
    return failed > 0;
}
