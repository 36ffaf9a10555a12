/* SPDX-License-Identifier: MIT
 * The models of docs/querying.md: products, and jobs that workers take from a queue. */
#ifndef SHOP_H
#define SHOP_H

#include <furrow/model.h>

enum category { BOOK, GAME, TOOL };

struct product {
    int64_t id FURROW(primary_key);
    const char *code FURROW(unique, max_length(20));
    const char *name FURROW(max_length(100));
    enum category category;
    furrow_decimal price FURROW(decimal(10, 2));
    int32_t stock FURROW(range(0, 100000));
    int32_t reserved;
    const char *note FURROW(nullable);
} FURROW(index(category, price));

enum state { WAITING, DONE };

struct job {
    int64_t id FURROW(primary_key);
    const char *task FURROW(max_length(200));
    enum state state FURROW(index);
};

#endif
