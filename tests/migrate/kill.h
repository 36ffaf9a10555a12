/* SPDX-License-Identifier: MIT
 * Functions that kill.c and kill_postgresql.c share: they count checks, measure time and run child
 * processes. */
#ifndef FURROW_TESTS_MIGRATE_KILL_H
#define FURROW_TESTS_MIGRATE_KILL_H

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "steps.h"

enum {
    WAS_DONE = 40
}; /* the exit code of a child process if another process had already run the
      step */

static int passed, failed;
static const char *self; /* the path of this program */

static inline void check(bool holds, const char *what, const char *more)
{
    passed += holds;
    failed += !holds;
    if (!holds)
        printf("FAILED %s: %s\n", what, more ? more : "");
}

static inline int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Returns the exit code of a child process for the status of its step. */
static inline int end_runner(fixture *f, furrow_status status, const furrow__step_report *report)
{
    if (status != FURROW_OK)
        fprintf(stderr, "runner: %s: %s\n", furrow_status_name(status), f->error.message);
    furrow__arena_done(&f->arena);
    return status != FURROW_OK ? 1 : report->was_done ? WAS_DONE : 0;
}

/* SEED is the seed of the random moments, unless the command line contains another seed. */
enum {
    SEED = 20261123,
    MOST_TRIES = 4 /* maximum number of attempts for each moment; an attempt is repeated if the
                      process ended before the kill */
};

/* Returns the exit code of a process. If a signal ended the process, returns the negative number of
 * the signal. */
static inline int end_of(pid_t child)
{
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* Kills a process after a random part of *took_us, the time that the process usually takes. Sets
 * *delay_us to this part. Returns false if the process ended before the kill. Adjusts *took_us,
 * because the speed of the machine varies. */
static inline bool kill_sometime(pid_t child, int64_t *took_us, int64_t *delay_us)
{
    int64_t delay = *delay_us = (int64_t)(drand48() * (double)*took_us);
    nanosleep(&(struct timespec){.tv_sec = delay / 1000000, .tv_nsec = delay % 1000000 * 1000},
              NULL);
    kill(child, SIGKILL);
    bool killed = end_of(child) == -SIGKILL;
    if (!killed)
        *took_us = delay;
    else if (delay > *took_us - *took_us / 10)
        *took_us += *took_us / 20;
    return killed;
}

#endif
