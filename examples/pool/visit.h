/* SPDX-License-Identifier: MIT
 * The model of docs/pool.md. */
#ifndef VISIT_H
#define VISIT_H

#include <furrow/model.h>

struct visit {
    int64_t id FURROW(primary_key);
    const char *page FURROW(max_length(200));
    int64_t count;
};

#endif
