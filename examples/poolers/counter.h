/* SPDX-License-Identifier: MIT
 * The model of docs/poolers.md. */
#ifndef COUNTER_H
#define COUNTER_H

#include <furrow/model.h>

struct counter {
    const char *name FURROW(primary_key, max_length(40));
    int64_t value;
};

#endif
