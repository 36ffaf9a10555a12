/* SPDX-License-Identifier: MIT
 * Reads the monotonic clock, which is not affected by changes to the system time. The clock is used
 * for timeouts and for measuring durations. */
#ifndef FURROW_BASE_CLOCK_H
#define FURROW_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t furrow__now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static inline int64_t furrow__now_ms(void)
{
    return furrow__now_ns() / 1000000;
}

#endif
