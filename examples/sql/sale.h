/* SPDX-License-Identifier: MIT
 * The models of docs/sql.md: sales, and the result of a report. */
#ifndef SALE_H
#define SALE_H

#include <furrow/model.h>

enum region { NORTH, SOUTH };

struct sale {
    int64_t id FURROW(primary_key);
    enum region region;
    furrow_decimal price FURROW(decimal(10, 2));
    int32_t units;
    furrow_time sold_at;
};

/* The rows of a report: not a table. */
struct turnover {
    enum region region;
    int64_t sales;
    furrow_decimal total FURROW(decimal(12, 2));
} FURROW(result);

#endif
