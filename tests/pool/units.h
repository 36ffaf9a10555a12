/* SPDX-License-Identifier: MIT
 *
 * A unit is a transaction that can be recognized later. Unit `number` of a workload reads an
 * account, adds one to it, and writes a few rows with its number. Each row contains the number of
 * rows of its unit and the account, so that a program that opens the file later can check for each
 * unit whether it exists, is complete, and was done once.
 *
 * The check uses SQLite without furrow, so that it can read a file that a crash left. Numbers range
 * from 1 to a limit that the test chooses. Only the test knows which of them were acknowledged. */
#ifndef FURROW_TESTS_POOL_UNITS_H
#define FURROW_TESTS_POOL_UNITS_H

#include <sqlite3.h>

#include <furrow/furrow.h>

enum { UNIT_ACCOUNTS = 8 };

/* Creates the tables and the accounts, and commits. */
furrow_status units_create(furrow_session *s);

/* Does the unit in the session's transaction, which the caller commits. Returns the status of the
 * first failure. The functions that it uses depend on the number. */
furrow_status unit_write(furrow_session *s, int64_t number);

/* The number of rows of unit `number`. */
int unit_parts(int64_t number);

/* Checks the whole database: integrity_check is ok, each unit is complete, and each account equals
 * the number of its units. Sets present[number] for each unit that exists (limit + 1 elements).
 * Returns what is wrong, or NULL. The text is static and valid until the thread calls this function
 * again. */
const char *units_check(sqlite3 *db, unsigned char *present, int64_t limit);
/* Runs integrity_check only. */
const char *units_check_integrity(sqlite3 *db);
/* Does all checks on a file. */
const char *units_check_file(const char *path, unsigned char *present, int64_t limit);

/* A small random number generator, whose sequence depends only on the seed. */
static inline uint64_t units_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* Whether FURROW_TEST_SCALE is "full". */
bool units_full_scale(void);

#endif
