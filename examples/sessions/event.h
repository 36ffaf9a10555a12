/* SPDX-License-Identifier: MIT
 * The model of docs/sessions.md. */
#ifndef EVENT_H
#define EVENT_H

#include <furrow/model.h>

struct event {
    int64_t id FURROW(primary_key);
    const char *name FURROW(max_length(100));
    bool done;
};

#endif
