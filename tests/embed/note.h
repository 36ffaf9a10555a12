/* SPDX-License-Identifier: MIT */
#ifndef NOTE_H
#define NOTE_H

#include <furrow/model.h>

struct note {
    int64_t     id   FURROW(primary_key);
    const char *text FURROW(unique);
};

#endif
