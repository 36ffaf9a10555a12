/* SPDX-License-Identifier: MIT
 * Properties of column types that do not depend on the engine. */
#ifndef FURROW_SCHEMA_TYPE_H
#define FURROW_SCHEMA_TYPE_H

#include <furrow/schema.h>

/* Returns the type that stands for all types whose values can be compared with each other: INT64
 * for integers, DOUBLE for reals, TEXT for texts. Every other type stands for itself. */
furrow_type furrow__type_family(uint8_t type);
/* Whether values of the type are numbers: integers, reals or decimals. */
bool furrow__type_is_number(uint8_t type);
/* Returns the C type of a field, such as "int64_t". NULL for arrays and enums, whose declarations
 * need more than a type name. */
const char *furrow__type_in_c(uint8_t type);

#endif
