/* SPDX-License-Identifier: MIT
 * What the programs share that kill migrations and run them again: counting, time, processes. */
#ifndef FURROW_TESTS_MIGRATE_KILL_H
#define FURROW_TESTS_MIGRATE_KILL_H

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "steps.h"

enum { WAS_DONE = 40 }; /* a runner's exit code: somebody else did it */

static int passed, failed;
static const char *self; /* this program */

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

/* What a runner's status is as its exit code. */
static inline int end_runner(fixture *f, furrow_status status, const furrow__step_report *report)
{
    if (status != FURROW_OK)
        fprintf(stderr, "runner: %s: %s\n", furrow_status_name(status), f->error.message);
    furrow__arena_done(&f->arena);
    return status != FURROW_OK ? 1 : report->was_done ? WAS_DONE : 0;
}

/* What the random moments are drawn by, where the command line names no seed. */
enum { SEED = 20261123, MOST_TRIES = 4 /* a moment, until one is within the process's life */ };

/* The exit code, or minus the signal. */
static inline int end_of(pid_t child)
{
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* Kill a process after `*delay_us`, a random moment of the `*took_us` that it takes; false if it
 * ended before. What it takes is followed, as the machine does other things too. */
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
