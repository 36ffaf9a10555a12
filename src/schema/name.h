/* SPDX-License-Identifier: MIT
 * Names of constraints and indexes. They are deterministic, the same on every engine, and at most
 * 63 bytes long. A longer name is cut at a code point and ends in `_` and 8 hexadecimal digits of
 * its hash. */
#ifndef FURROW_SCHEMA_NAME_H
#define FURROW_SCHEMA_NAME_H

#include <furrow/schema.h>

enum { FURROW__NAME_SIZE = 64 };

/* Composes the name table_column_column_suffix. The suffix is "key" (unique), "idx", "fkey",
 * "check" or "pkey". `part` precedes the suffix, as in table_column_max_length_check; NULL means
 * that there is none. */
void furrow__constraint_name(char out[FURROW__NAME_SIZE], const furrow_model *model,
                             const uint16_t *columns, size_t count, const char *part,
                             const char *suffix);

#endif
