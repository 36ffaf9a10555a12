/* SPDX-License-Identifier: MIT
 * The model of the tutorial in docs/migrations.md, as it was first. */
#ifndef MODELS_H
#define MODELS_H

#include <furrow/model.h>

struct contact {
    int64_t id FURROW(primary_key);
    const char *name FURROW(max_length(100));
};

#endif
