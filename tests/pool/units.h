/* SPDX-License-Identifier: MIT
 *
 * A transaction that can be recognised: unit `number` of a workload reads an account, adds one to
 * it, and writes a few rows that carry its number. A row says how many rows its unit has and which
 * account it is of, so that whoever opens the file later sees of each unit whether it is there,
 * whole, once.
 *
 * The check knows nothing of furrow: it is plain SQLite, so that it can look at the file that a
 * crash left. Numbers are 1 to a limit that the test chooses; which of them were acknowledged only
 * it knows. */
#ifndef FURROW_TESTS_POOL_UNITS_H
#define FURROW_TESTS_POOL_UNITS_H

#include <sqlite3.h>

#include <furrow/furrow.h>

enum { UNIT_ACCOUNTS = 8 };

/* Create the tables and the accounts, and commit. */
furrow_status units_create(furrow_session *s);

/* Do the unit in the session's transaction, which the caller commits; the first failure's status.
 * The verbs differ by number. */
furrow_status unit_write(furrow_session *s, int64_t number);

/* The rows that unit `number` has. */
int unit_parts(int64_t number);

/* Look at the whole database: integrity_check is ok, each unit is whole, and each account is the
 * number of units that it has. Of those there, present[number] is set (limit + 1 elements). What is
 * wrong, or NULL; a static text, good until the next call of the thread. */
const char *units_check(sqlite3 *db, unsigned char *present, int64_t limit);
/* integrity_check alone. */
const char *units_check_integrity(sqlite3 *db);
/* All of it, of a file. */
const char *units_check_file(const char *path, unsigned char *present, int64_t limit);

/* A small generator whose sequence is the seed's alone. */
static inline uint64_t units_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* Whether FURROW_TEST_SCALE asks for every place and the full time. */
bool units_full_scale(void);

#endif
