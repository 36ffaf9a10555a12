/* SPDX-License-Identifier: MIT
 *
 * A VFS on top of the real one that records what reaches the disk, in order: every write, truncate,
 * sync and removal of a database, its write-ahead log and its rollback journal, and when the test
 * got an acknowledgement. A sync only takes a moment; the replay decides what is lost without it.
 * Shared memory is not recorded, since it does not survive a crash. */
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
    RECORDED_SYNC,        /* of the events of this file before event number `covers` */
    RECORDED_ACKNOWLEDGE, /* of `number` */
} recorded_kind;

typedef struct recorded_event {
    recorded_kind kind;
    recorded_file file;
    int64_t offset; /* the offset of a write, or the new size after a truncate */
    size_t size;
    unsigned char *bytes;
    size_t covers;
    bool of_folder; /* a sync that includes the folder, so that removals before it are durable */
    int64_t number;
} recorded_event;

typedef struct recording {
    recorded_event *events;
    size_t count, capacity;
} recording;

/* Installs the VFS as SQLite's default and records the files of this path into *into. May be called
 * again for another path while no file is open. */
void recorder_start(const char *path, recording *into);
/* Records that `number` was acknowledged. May be called from any thread. */
void recorder_acknowledge(int64_t number);
void recording_done(recording *r);

#endif
