/* SPDX-License-Identifier: MIT
 *
 * A disk in memory that holds what a crash left of a database and its logs, and a VFS (named
 * "image") that opens it. Only one connection at a time, in exclusive locking mode, since the VFS
 * has no shared memory. */
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

/* Applies an event to the disk. Only the first `most` bytes of a write are stored. Syncs and
 * acknowledgements do nothing. */
void image_apply(image *disk, const recorded_event *event, size_t most);
void image_copy(image *to, const image *from);
void image_done(image *disk);

/* Opens the image, which SQLite changes during recovery. Returns NULL when out of memory. */
sqlite3 *image_open(image *disk);

#endif
