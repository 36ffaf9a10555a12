/* SPDX-License-Identifier: MIT
 *
 * A VFS that makes one call fail and passes all other calls to the real VFS. After faulty_arm, the
 * calls of all threads are counted, and call number n fails. The failing call does nothing. A
 * failing unlock is an exception: it still unlocks, because a kernel never refuses to unlock. Syncs
 * do nothing, because no test with this VFS simulates a loss of power. */
#ifndef FURROW_TESTS_POOL_FAULTY_H
#define FURROW_TESTS_POOL_FAULTY_H

#include <stdbool.h>

typedef enum fault_flavour {
    FAULT_IO,    /* the failing call returns an I/O error or, if it opens a file, SQLITE_CANTOPEN */
    FAULT_OTHER, /* a failing write or sync reports a full disk, a failing read returns too few
                    bytes, and any other call works */
    FAULT_FLAVOURS,
} fault_flavour;

/* Installs the VFS as SQLite's default. */
void faulty_start(void);
/* Starts counting calls from 1. Call number `n` will fail; with n = 0, no call fails. */
void faulty_arm(long n, fault_flavour flavour);
/* Stops counting and failing. Returns the number of calls since faulty_arm. */
long faulty_disarm(void);
/* Returns the name of the call that failed since faulty_arm; NULL if no call failed. */
const char *faulty_failed(void);

#endif
