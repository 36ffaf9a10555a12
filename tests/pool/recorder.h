/* SPDX-License-Identifier: MIT
 *
 * A VFS that passes its calls to the real VFS and records, in order, what reaches the disk: every
 * write, truncate, sync and removal of a database, of its write-ahead log and of its rollback
 * journal. The acknowledgements that the test receives are recorded, too. A sync does nothing
 * except wait for a moment. When the record is replayed, the test decides what is lost without the
 * sync. Shared memory is not recorded, because it does not survive a crash. */
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
    RECORDED_SYNC,        /* makes the events of this file before event number `covers` durable */
    RECORDED_ACKNOWLEDGE, /* unit `number` was acknowledged */
} recorded_kind;

typedef struct recorded_event {
    recorded_kind kind;
    recorded_file file;
    int64_t offset; /* the offset of a write, or the new size after a truncate */
    size_t size;
    unsigned char *bytes;
    size_t covers;
    bool of_folder; /* the sync includes the folder and makes earlier removals of files durable */
    int64_t number;
} recorded_event;

typedef struct recording {
    recorded_event *events;
    size_t count, capacity;
} recording;

/* Installs the VFS as SQLite's default, and records in *into what happens to the files of this
 * database. May be called again with another path while no file is open. */
void recorder_start(const char *path, recording *into);
/* Records that unit `number` was acknowledged. May be called from any thread. */
void recorder_acknowledge(int64_t number);
void recording_done(recording *r);

#endif
