/* SPDX-License-Identifier: MIT
 * Locations in text files, computed from byte offsets. */
#ifndef FURROW_SCAN_LOCATION_H
#define FURROW_SCAN_LOCATION_H

#include <stddef.h>
#include <stdint.h>

typedef struct furrow__file_location {
    uint32_t line, column; /* both count from 1, columns in bytes; line 0 means that the location is
                              unknown */
    const char *file;      /* name of the file; NULL if the caller knows the file */
} furrow__file_location;

/* A text, or a part of a file that begins at `location`. */
typedef struct furrow__source_text {
    const char *text;
    size_t size;
    furrow__file_location location;
} furrow__source_text;

/* Computes the locations of increasing offsets in one pass over the text. */
typedef struct furrow__locator {
    const char *text;
    furrow__file_location origin; /* the location of the first byte of the text */
    size_t offset;                /* the last offset that was located; `location` belongs to it */
    furrow__file_location location;
} furrow__locator;

furrow__locator furrow__locator_begin(const char *text, furrow__file_location origin);
/* Returns the location of an offset within the text. An offset smaller than the last one restarts
 * the pass from the beginning of the text. */
furrow__file_location furrow__locate(furrow__locator *locator, size_t offset);

#endif
