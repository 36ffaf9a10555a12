/* SPDX-License-Identifier: MIT
 * Composes the names of constraints and indexes. The names are the same on every engine, and at
 * most 63 bytes long. A name that would be longer is cut at a code point, and `_` and 8 hexadecimal
 * digits of its hash are appended. */
#ifndef FURROW_SCHEMA_NAME_H
#define FURROW_SCHEMA_NAME_H

#include <furrow/schema.h>

enum { FURROW__NAME_SIZE = 64 };

/* Composes the name table_column_column_suffix. The suffix is "key" (unique), "idx", "fkey",
 * "check" or "pkey". `part`, if not NULL, precedes the suffix, such as "max_length" in
 * table_column_max_length_check. */
void furrow__constraint_name(char out[FURROW__NAME_SIZE], const furrow_model *model,
                             const uint16_t *columns, size_t count, const char *part,
                             const char *suffix);

#endif
