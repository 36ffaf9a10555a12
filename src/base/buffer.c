/* SPDX-License-Identifier: MIT
 * Implements buffers of growing text: see buffer.h. The capacity doubles when it is exhausted. */
#include "base/buffer.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/memory.h"

enum { FIRST_CAPACITY = 256 };

/* Makes room for `size` more bytes and a NUL. */
static bool reserve(furrow__buffer *buffer, size_t size)
{
    if (buffer->failed)
        return false;
    if (size < buffer->capacity - buffer->size)
        return true;
    size_t needed = buffer->size;
    if (!furrow__add_size(&needed, needed, size) || needed >= FURROW__BUFFER_LIMIT) {
        buffer->failed = true;
        return false;
    }
    size_t capacity = buffer->capacity ? buffer->capacity : FIRST_CAPACITY;
    while (capacity <= needed)
        capacity *= 2;
    char *text = furrow__reallocate(buffer->text, capacity);
    if (!text) {
        buffer->failed = true;
        return false;
    }
    buffer->text = text;
    buffer->capacity = capacity;
    return true;
}

void furrow__buffer_add(furrow__buffer *buffer, const char *bytes, size_t size)
{
    if (!reserve(buffer, size))
        return;
    if (size)
        memcpy(buffer->text + buffer->size, bytes, size);
    buffer->size += size;
    buffer->text[buffer->size] = '\0';
}

void furrow__buffer_add_text(furrow__buffer *buffer, const char *text)
{
    furrow__buffer_add(buffer, text, strlen(text));
}

void furrow__buffer_add_char(furrow__buffer *buffer, char c)
{
    furrow__buffer_add(buffer, &c, 1);
}

void furrow__buffer_format(furrow__buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    char few[128];
    int size = vsnprintf(few, sizeof few, format, arguments);
    if (size < 0) {
        buffer->failed = true;
    } else if ((size_t)size < sizeof few) {
        furrow__buffer_add(buffer, few, (size_t)size);
    } else if (reserve(buffer, (size_t)size)) {
        vsnprintf(buffer->text + buffer->size, (size_t)size + 1, format, again);
        buffer->size += (size_t)size;
    }
    va_end(again);
    va_end(arguments);
}

const char *furrow__buffer_text(const furrow__buffer *buffer)
{
    if (buffer->failed)
        return NULL;
    return buffer->text ? buffer->text : "";
}

char *furrow__buffer_take(furrow__buffer *buffer, struct furrow_arena *arena)
{
    const char *text = furrow__buffer_text(buffer);
    char *taken = text ? furrow__arena_text(arena, text, buffer->size) : NULL;
    furrow__buffer_done(buffer);
    return taken;
}

void furrow__buffer_clear(furrow__buffer *buffer)
{
    buffer->size = 0;
    buffer->failed = false;
    if (buffer->text)
        buffer->text[0] = '\0';
}

void furrow__buffer_done(furrow__buffer *buffer)
{
    furrow__release(buffer->text);
    *buffer = (furrow__buffer){0};
}
