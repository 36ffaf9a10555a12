/* SPDX-License-Identifier: MIT
 * A small model. */
#ifndef TODO_H
#define TODO_H

#include <furrow/model.h>

/* Something to do. */
struct todo {
    int64_t     id          FURROW(primary_key);
    const char *title       FURROW(max_length(200));
    const char *description FURROW(default(""));
    bool        completed;
};

#endif
