/* SPDX-License-Identifier: MIT
 * What the two programs that kill migrations share: counting checks, time, and child processes. */
#ifndef FURROW_TESTS_MIGRATE_KILL_H
#define FURROW_TESTS_MIGRATE_KILL_H

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "steps.h"

enum { WAS_DONE = 40 }; /* the exit code of a child if another process had run the step */

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

/* The exit code of a child for the status of its step. */
static inline int end_runner(fixture *f, furrow_status status, const furrow__step_report *report)
{
    if (status != FURROW_OK)
        fprintf(stderr, "runner: %s: %s\n", furrow_status_name(status), f->error.message);
    furrow__arena_done(&f->arena);
    return status != FURROW_OK ? 1 : report->was_done ? WAS_DONE : 0;
}

/* The seed of the random moments, unless the command line has one. */
enum {
    SEED = 20261123,
    MOST_TRIES = 4 /* attempts for each moment, until the kill comes before the
                      end of the process */
};

/* The exit code of a process, or minus the signal that ended it. */
static inline int end_of(pid_t child)
{
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* Kills a process after *delay_us, a random part of *took_us, which is the time that it usually
 * takes. Returns false if the process had ended before. Adjusts *took_us, because the speed of the
 * machine varies. */
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
