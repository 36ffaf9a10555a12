/* SPDX-License-Identifier: MIT
 *
 * The rows of a raw statement. They are buffered in chunks, since their number is not known in
 * advance.
 */
#ifndef FURROW_RUNTIME_QUERY_RAW_H
#define FURROW_RUNTIME_QUERY_RAW_H

#include "runtime/session/session.h"

enum { FURROW__RAW_CHUNK_ROWS = 64 };

typedef struct furrow__raw_chunk {
    struct furrow__raw_chunk *next;
    size_t count;         /* number of rows in this chunk */
    furrow_value *values; /* the values, row by row */
} furrow__raw_chunk;

struct furrow_rows {
    furrow_session *s;
    size_t column_count, row_count;
    size_t row; /* position of the current row, starting at 1; 0 before the first row */
    const char **names;
    furrow__raw_chunk *first, *current;
    size_t row_in_chunk; /* index of the current row in the chunk `current` */
};

#endif
