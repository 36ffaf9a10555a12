/* SPDX-License-Identifier: MIT
 * A buffer contains a string that grows. The string is NUL-terminated after the first addition. If
 * an addition fails, all later additions do nothing, so the caller can check `failed` once, at the
 * end. A zeroed struct is an empty buffer. */
#ifndef FURROW_BASE_BUFFER_H
#define FURROW_BASE_BUFFER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct furrow__buffer {
    char *text; /* the string; NULL while the buffer is empty */
    size_t size, capacity;
    bool failed; /* memory ran out, or the string would be larger than FURROW__BUFFER_LIMIT */
} furrow__buffer;

enum { FURROW__BUFFER_LIMIT = 1 << 30 };

void furrow__buffer_add(furrow__buffer *buffer, const char *bytes, size_t size);
void furrow__buffer_add_text(furrow__buffer *buffer, const char *text);
void furrow__buffer_add_char(furrow__buffer *buffer, char c);
void furrow__buffer_format(furrow__buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Returns the string, "" if the buffer is empty, or NULL if an addition has failed. */
const char *furrow__buffer_text(const furrow__buffer *buffer);
/* Moves the string into the arena and empties the buffer. Returns NULL when out of memory. */
struct furrow_arena;
char *furrow__buffer_take(furrow__buffer *buffer, struct furrow_arena *arena);
void furrow__buffer_clear(furrow__buffer *buffer);
void furrow__buffer_done(furrow__buffer *buffer);

#endif
