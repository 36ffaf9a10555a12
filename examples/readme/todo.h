/* SPDX-License-Identifier: MIT */
#ifndef TODO_H
#define TODO_H

#include <furrow/model.h>

struct todo {
    int64_t     id    FURROW(primary_key);
    const char *title FURROW(max_length(200));
    bool        done;
};

#endif
