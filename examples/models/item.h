/* SPDX-License-Identifier: MIT
 * Types of fields, and values that can be NULL. */
#ifndef ITEM_H
#define ITEM_H

#include <furrow/model.h>

enum colour { RED, GREEN, BLUE };

struct item {
    furrow_uuid             id      FURROW(primary_key);
    char                    shelf[8];
    enum colour             colour;
    furrow_opt(enum colour) lid;
    furrow_opt(double)      rating;
    const char             *note    FURROW(nullable);
    furrow_decimal          price   FURROW(decimal(12, 2));
    furrow_time             made_at FURROW(default(now));
};

#endif
