/* SPDX-License-Identifier: MIT
 * Declares properties of column types that are the same on every engine. */
#ifndef FURROW_SCHEMA_TYPE_H
#define FURROW_SCHEMA_TYPE_H

#include <furrow/schema.h>

/* Returns the type that represents all types with comparable values: INT64 for integers, DOUBLE for
 * reals, TEXT for strings. Every other type represents only itself. */
furrow_type furrow__type_family(uint8_t type);
/* Returns whether the values of the type are numbers: integers, reals or decimals. */
bool furrow__type_is_number(uint8_t type);
/* Returns the C type of a field, such as "int64_t". Returns NULL for arrays and enums, whose
 * declarations need more than the name of a type. */
const char *furrow__type_in_c(uint8_t type);

#endif
