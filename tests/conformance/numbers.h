/* SPDX-License-Identifier: MIT
 *
 * Models with a column of every numeric type, for comparisons with numbers that a column cannot
 * hold, and for sums that exceed their type.
 */
#ifndef NUMBERS_H
#define NUMBERS_H

#include <furrow/model.h>

FURROW_LIST(number);

struct parent {
    int64_t id FURROW(primary_key);
    struct number_list numbers;
};
struct number {
    int64_t id FURROW(primary_key);
    int64_t parent_id FURROW(references(parent.id));
    int64_t hits;
    furrow_opt(int16_t) small FURROW(index);
    furrow_opt(int32_t) middle FURROW(index);
    furrow_opt(int64_t) large FURROW(index);
    furrow_opt(float) single FURROW(index);
    furrow_opt(double) real FURROW(index);
    furrow_opt(furrow_decimal) price FURROW(decimal(4, 2), index);
    furrow_opt(furrow_decimal) long_price FURROW(decimal(18, 4));
    furrow_opt(furrow_decimal) units FURROW(decimal(18, 0));
};

/* A model with expressions that compare narrow columns with wide numbers. */
struct guarded {
    int64_t id FURROW(primary_key);
    int16_t small FURROW(check("small < 100000 AND small > -10000000000 AND small <> 32768"));
    int32_t middle FURROW(check("middle BETWEEN -10000000000 AND 10000000000"));
    int64_t large FURROW(check("large < 9223372036854775807.5"));
    float single FURROW(check("single < 1e300 AND single >= -1e300"));
    furrow_decimal price FURROW(decimal(4, 2), check("price < 1000000 AND NOT price IN (100, 12345.67)"));
} FURROW(check("small IN (1, 2, 100000) OR small <= 10000000000"),
         index(small, where("small <> 100000")), index(price, where("price < 100000.5")));

#endif
