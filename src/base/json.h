/* SPDX-License-Identifier: MIT
 * Checks JSON by SQLite's rules. */
#ifndef FURROW_BASE_JSON_H
#define FURROW_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>

/* Returns whether a string is one JSON value (RFC 8259), nested at most 1,000 levels deep. Unlike
 * furrow_json_parse, this function accepts values that PostgreSQL cannot store, and does not check
 * that the string is valid UTF-8. */
bool furrow__json_is_valid(const char *text);

typedef enum furrow__json_fault {
    FURROW__JSON_FINE,
    FURROW__JSON_SYNTAX,
    FURROW__JSON_TOO_DEEP,
} furrow__json_fault;

/* Checks a string by the rules of furrow_json_parse, except that it may be invalid UTF-8 and has at
 * most `depth` levels, up to 512. *offset receives the position of the fault, or the length. */
furrow__json_fault furrow__json_scan(const char *text, int depth, size_t *offset);

/* The hint of an error about a text that furrow_json_parse refuses. */
#define FURROW__JSON_HINT "JSON must be one value, nested at most 512 levels deep, without \\u0000"

#endif
