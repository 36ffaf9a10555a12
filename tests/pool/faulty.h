/* SPDX-License-Identifier: MIT
 *
 * A VFS on top of the real one that makes one call fail: call number n of all threads after the VFS
 * was armed. The failing call does nothing, except that unlocking works, since no kernel refuses
 * it. Syncs do nothing, because no test with this VFS loses power. */
#ifndef FURROW_TESTS_POOL_FAULTY_H
#define FURROW_TESTS_POOL_FAULTY_H

#include <stdbool.h>

typedef enum fault_flavour {
    FAULT_IO,    /* the I/O error of the call; opening a file returns SQLITE_CANTOPEN */
    FAULT_OTHER, /* writes and syncs: the disk is full; reads: fewer bytes than requested; all other
                    calls work */
    FAULT_FLAVOURS,
} fault_flavour;

/* Installs the VFS as SQLite's default. */
void faulty_start(void);
/* Starts counting from 1 and makes call number `n` fail; 0 means none. */
void faulty_arm(long n, fault_flavour flavour);
/* Stops the faults and returns how many calls were counted. */
long faulty_disarm(void);
/* The name of the call that failed since the VFS was armed; NULL if none did. */
const char *faulty_failed(void);

#endif
