/* SPDX-License-Identifier: MIT
 * The model of docs/expressions.md. */
#ifndef ITEM_H
#define ITEM_H

#include <furrow/model.h>

struct item {
    int64_t        id      FURROW(primary_key);
    const char    *code    FURROW(check("code LIKE 'A%' AND length(code) > 2"));
    furrow_decimal price   FURROW(decimal(12, 2), check("price BETWEEN 0 AND 999.99"));
    furrow_time    made_at FURROW(default(now));
    furrow_time    sold_at FURROW(check("sold_at >= '2020-01-01T00:00:00Z'"));
    bool           gone;
} FURROW(index(code, where("NOT gone")), check("sold_at >= made_at"));

#endif
