/* SPDX-License-Identifier: MIT
 * The model of the tutorial in docs/migrations.md, with a renamed column and another type. */
#ifndef MODELS_H
#define MODELS_H

#include <furrow/model.h>

struct contact {
    int64_t id FURROW(primary_key);
    const char *full_name FURROW(max_length(200), renamed_from("name"));
    const char *phone FURROW(max_length(20), nullable);
    const char *slug FURROW(max_length(100));
};

#endif
