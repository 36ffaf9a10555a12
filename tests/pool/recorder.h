/* SPDX-License-Identifier: MIT
 *
 * A VFS over the real one that remembers what reaches the disk, in order: every write, truncate,
 * sync and removal of a database, its write-ahead log and its rollback journal, and between them
 * the places at which a test was told that something is durable. A sync does nothing but take a
 * moment: what would be lost without it is for the replay to say. Shared memory is not recorded; no
 * crash leaves it. */
#ifndef FURROW_TESTS_POOL_RECORDER_H
#define FURROW_TESTS_POOL_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum recorded_file {
    RECORDED_DATABASE,
    RECORDED_LOG,
    RECORDED_JOURNAL,
    RECORDED_FILES,
} recorded_file;

typedef enum recorded_kind {
    RECORDED_WRITE,
    RECORDED_TRUNCATE,
    RECORDED_REMOVE,
    RECORDED_SYNC,        /* of what this file got before event number `covers` */
    RECORDED_ACKNOWLEDGE, /* `number` */
} recorded_kind;

typedef struct recorded_event {
    recorded_kind kind;
    recorded_file file;
    int64_t offset; /* of a write; the new size of a truncate */
    size_t size;
    unsigned char *bytes;
    size_t covers;
    bool of_folder; /* a sync: of names in the folder too, so that removals before it are durable */
    int64_t number;
} recorded_event;

typedef struct recording {
    recorded_event *events;
    size_t count, capacity;
} recording;

/* Become SQLite's default VFS, and record the files of this path into *into. Once a program; again
 * to record another path, while nothing is open. */
void recorder_start(const char *path, recording *into);
/* The test was told that `number` is kept. From any thread. */
void recorder_acknowledge(int64_t number);
void recording_done(recording *r);

#endif
