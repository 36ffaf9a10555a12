/* SPDX-License-Identifier: MIT
 * The models of docs/sql.md: sales and their sellers, and the results of reports. */
#ifndef SALE_H
#define SALE_H

#include <furrow/model.h>

enum region { NORTH, SOUTH };

struct seller {
    int64_t id FURROW(primary_key);
    const char *name FURROW(unique, max_length(100));
};

struct sale {
    int64_t id FURROW(primary_key);
    int64_t seller_id FURROW(references(seller.id), index);
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

struct seller_total {
    const char *name;
    int64_t sales;
    furrow_opt(int64_t) units; /* the sum over no rows is NULL */
} FURROW(result);

#endif
