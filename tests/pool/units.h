/* SPDX-License-Identifier: MIT
 *
 * A unit is a transaction that can be recognized later. Unit `number` of a workload reads an
 * account, adds one to it, and writes a few rows with its number. Each row contains the account and
 * the number of rows of the unit. A program that opens the file later can therefore check, for each
 * unit, whether it exists, is complete, and ran only once.
 *
 * The check uses SQLite without furrow, so that it can read a file after a crash. Numbers range
 * from 1 to a limit that the test chooses. Only the test knows which units were acknowledged. */
#ifndef FURROW_TESTS_POOL_UNITS_H
#define FURROW_TESTS_POOL_UNITS_H

#include <sqlite3.h>

#include <furrow/furrow.h>

enum { UNIT_ACCOUNTS = 8 };

/* Creates the tables and the accounts, and commits. */
furrow_status units_create(furrow_session *s);

/* Runs the unit in the session's transaction, which the caller then commits. Returns the status of
 * the first failure. The number of the unit decides which functions of the library are used. */
furrow_status unit_write(furrow_session *s, int64_t number);

/* Returns the number of rows that unit `number` writes. */
int unit_parts(int64_t number);

/* Checks the whole database: integrity_check must be ok, each unit must be complete, and each
 * account must equal the number of its units. Sets present[number] for each unit that exists;
 * `present` has limit + 1 elements. Returns NULL, or a description of what is wrong. The
 * description is valid until the same thread calls the function again. */
const char *units_check(sqlite3 *db, unsigned char *present, int64_t limit);
/* Runs only integrity_check. Returns NULL, or a description of what is wrong. */
const char *units_check_integrity(sqlite3 *db);
/* Opens a file and runs units_check. Returns NULL, or a description of what is wrong. */
const char *units_check_file(const char *path, unsigned char *present, int64_t limit);

/* A small random number generator. The sequence depends only on the seed. */
static inline uint64_t units_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* Returns whether FURROW_TEST_SCALE is "full". */
bool units_full_scale(void);

#endif
