/* SPDX-License-Identifier: MIT
 * The model of the rows that the benchmarks read and write: eight columns of common types. */
#ifndef BENCH_ITEM_H
#define BENCH_ITEM_H

#include <furrow/model.h>

struct item {
    int64_t id FURROW(primary_key);
    const char *name;
    const char *email;
    int32_t quantity;
    double price;
    bool active;
    furrow_time created;
    const char *note FURROW(nullable);
} FURROW(table("item"));

#endif
