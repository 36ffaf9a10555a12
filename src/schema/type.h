/* SPDX-License-Identifier: MIT
 * What types of columns have in common, whatever the engine. */
#ifndef FURROW_SCHEMA_TYPE_H
#define FURROW_SCHEMA_TYPE_H

#include <furrow/schema.h>

/* Types that compare with each other: integers of every width are INT64, reals DOUBLE, text TEXT;
 * any other is its own. */
furrow_type furrow__type_family(uint8_t type);
/* Integers, reals, decimals. */
bool furrow__type_is_number(uint8_t type);
/* What a field is declared as in C; NULL for those that have more to say: arrays and enums. */
const char *furrow__type_in_c(uint8_t type);

#endif
