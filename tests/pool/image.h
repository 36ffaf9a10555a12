/* SPDX-License-Identifier: MIT
 *
 * A disk in memory, and a VFS named "image" that opens the files on this disk. The files are those
 * that a crash left: a database and its logs. The VFS has no shared memory. SQLite can therefore
 * open an image only in exclusive locking mode, with one connection at a time. */
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

/* Applies a recorded event to the disk. If the event is a write, only its first `most` bytes are
 * stored. A sync or an acknowledgement changes nothing. */
void image_apply(image *disk, const recorded_event *event, size_t most);
void image_copy(image *to, const image *from);
void image_done(image *disk);

/* Opens the database on the disk. SQLite's recovery changes the disk. Returns NULL if memory runs
 * out. */
sqlite3 *image_open(image *disk);

#endif
