/* SPDX-License-Identifier: MIT
 * The model of docs/from-sqlite3.md. */
#ifndef READING_H
#define READING_H

#include <furrow/model.h>

struct reading {
    int64_t id FURROW(primary_key);
    const char *sensor FURROW(max_length(40), index);
    double celsius;
    furrow_time taken_at FURROW(default(now));
};

#endif
