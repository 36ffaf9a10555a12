/* SPDX-License-Identifier: MIT
 *
 * A disk in memory with the files that a crash left, namely a database and its logs, and a VFS
 * named "image" that opens these files. The VFS has no shared memory, so SQLite can open an image
 * with one connection at a time, in exclusive locking mode. */
#ifndef FURROW_TESTS_POOL_IMAGE_H
#define FURROW_TESTS_POOL_IMAGE_H

#include <sqlite3.h>

#include "recorder.h"

typedef struct image_file {
    unsigned char *bytes;
    size_t size, capacity;
    bool exists;
} image_file;

typedef struct image {
    image_file files[RECORDED_FILES];
} image;

/* Applies a recorded event to the disk. Of a write, only the first `most` bytes are stored. A sync
 * or an acknowledgement changes nothing. */
void image_apply(image *disk, const recorded_event *event, size_t most);
void image_copy(image *to, const image *from);
void image_done(image *disk);

/* Opens the database on the disk. SQLite's recovery changes the disk. Returns NULL if memory runs
 * out. */
sqlite3 *image_open(image *disk);

#endif
