/* SPDX-License-Identifier: MIT
 * The model of the tutorial in docs/migrations.md, with a column that is calculated. */
#ifndef MODELS_H
#define MODELS_H

#include <furrow/model.h>

struct contact {
    int64_t id FURROW(primary_key);
    const char *name FURROW(max_length(100));
    const char *phone FURROW(max_length(20), nullable);
    const char *slug FURROW(max_length(100));
};

#endif
