/* SPDX-License-Identifier: MIT
 * Names of constraints and indexes: deterministic, the same on every engine, at most 63 bytes. A
 * name that would be longer is cut at a code point and ends in `_` and 8 hex digits of its hash. */
#ifndef FURROW_SCHEMA_NAME_H
#define FURROW_SCHEMA_NAME_H

#include <furrow/schema.h>

enum { FURROW__NAME_SIZE = 64 };

/* table_column_column_suffix, for suffix "key" (unique), "idx", "fkey", "check", "pkey". `part` may
 * be NULL; it stands before the suffix: table_column_max_length_check. */
void furrow__constraint_name(char out[FURROW__NAME_SIZE], const furrow_model *model,
                             const uint16_t *columns, size_t count, const char *part,
                             const char *suffix);

#endif
