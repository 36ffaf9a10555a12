/* SPDX-License-Identifier: MIT
 *
 * A VFS over the real one, one call of which fails: the n-th of all that are made while it is
 * armed, by whatever thread. What fails is not done, but for unlocking, since no kernel refuses
 * that; nothing is truly synced, since nothing here loses power. */
#ifndef FURROW_TESTS_POOL_FAULTY_H
#define FURROW_TESTS_POOL_FAULTY_H

#include <stdbool.h>

typedef enum fault_flavour {
    FAULT_IO,    /* an I/O error of its kind; for opening a file that it cannot be opened */
    FAULT_OTHER, /* writes and syncs: the disk is full; reads: fewer bytes than asked for, which
                    must then be there; all others do not fail */
    FAULT_FLAVOURS,
} fault_flavour;

/* Become SQLite's default VFS. */
void faulty_start(void);
/* Count from 1, and let call number `n` fail; 0 for none. */
void faulty_arm(long n, fault_flavour flavour);
/* No more faults; returns how many calls were counted. */
long faulty_disarm(void);
/* What failed since the VFS was armed: the call's name, or NULL for nothing. */
const char *faulty_failed(void);

#endif
