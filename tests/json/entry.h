/* SPDX-License-Identifier: MIT
 * The model that reader.c reads. */
#ifndef ENTRY_H
#define ENTRY_H

#include <furrow/model.h>

struct entry {
    int64_t id FURROW(primary_key);
    const char *text FURROW(nullable);
    furrow_opt(int64_t) number;
    furrow_opt(double) real;
    furrow_json any FURROW(nullable);
};

#endif
