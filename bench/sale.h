/* SPDX-License-Identifier: MIT
 * The model of the commit benchmarks. Each transaction writes one small row. */
#ifndef BENCH_SALE_H
#define BENCH_SALE_H

#include <furrow/model.h>

struct sale {
    int64_t id FURROW(primary_key);
    int64_t customer;
    int64_t amount;
    const char *note;
} FURROW(table("sale"));

#endif
