/* SPDX-License-Identifier: MIT
 *
 * Counts how often a session has run each statement, for `.repeat_limit`.
 */
#ifndef FURROW_RUNTIME_SESSION_REPEAT_H
#define FURROW_RUNTIME_SESSION_REPEAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct furrow__repeats {
    struct furrow__repeat *entries; /* hash table with open addressing; allocated with
                                       furrow__allocate */
    size_t count, capacity;
} furrow__repeats;

/* Counts one run of a statement and returns how often the session has run it. Returns 0 when out of
 * memory. */
uint64_t furrow__repeats_add(furrow__repeats *repeats, const char *text);
void furrow__repeats_done(furrow__repeats *repeats);

#endif
