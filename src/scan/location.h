/* SPDX-License-Identifier: MIT
 * Locations in text files, computed from byte offsets. */
#ifndef FURROW_SCAN_LOCATION_H
#define FURROW_SCAN_LOCATION_H

#include <stddef.h>
#include <stdint.h>

typedef struct furrow__file_location {
    uint32_t line, column; /* from 1; the column in bytes; line 0 means an unknown location */
    const char *file;      /* its name; NULL if the caller knows it */
} furrow__file_location;

/* A text, or the part of a file that begins at `location`. */
typedef struct furrow__source_text {
    const char *text;
    size_t size;
    furrow__file_location location;
} furrow__source_text;

/* Computes the locations of rising offsets in one pass over the text. */
typedef struct furrow__locator {
    const char *text;
    furrow__file_location origin; /* of the first byte */
    size_t offset;                /* `location` is the location of this offset */
    furrow__file_location location;
} furrow__locator;

furrow__locator furrow__locator_begin(const char *text, furrow__file_location origin);
/* The location of an offset within the text. If the offset is smaller than the last one, the text
 * is read again from its beginning. */
furrow__file_location furrow__locate(furrow__locator *locator, size_t offset);

#endif
