/* SPDX-License-Identifier: MIT
 * Computes locations in text files from byte offsets. */
#ifndef FURROW_SCAN_LOCATION_H
#define FURROW_SCAN_LOCATION_H

#include <stddef.h>
#include <stdint.h>

typedef struct furrow__file_location {
    uint32_t line, column; /* line and column, both starting at 1. The column is counted in bytes.
                              If the line is 0, the location is unknown */
    const char *file;      /* name of the file; NULL if the caller knows the name */
} furrow__file_location;

/* The text of a file, or of a part of a file that begins at `location`. */
typedef struct furrow__source_text {
    const char *text;
    size_t size;
    furrow__file_location location;
} furrow__source_text;

/* Computes the locations of several offsets in one pass over the text, if the offsets increase. */
typedef struct furrow__locator {
    const char *text;
    furrow__file_location origin; /* the location of the first byte of the text */
    size_t offset;                /* the offset whose location was computed last; this location is
                                     in `location` */
    furrow__file_location location;
} furrow__locator;

furrow__locator furrow__locator_begin(const char *text, furrow__file_location origin);
/* Returns the location of an offset within the text. If the offset is smaller than the previous
 * offset, the pass starts again at the beginning of the text. */
furrow__file_location furrow__locate(furrow__locator *locator, size_t offset);

#endif
