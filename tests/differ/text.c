/* SPDX-License-Identifier: MIT
 *
 * Text that grows. */
#include "differ.h"

#include <stdarg.h>
#include <stdlib.h>

static void reserve(text *t, size_t more)
{
    if (t->size - t->length > more)
        return;
    t->size = (t->length + more + 1) * 2;
    t->bytes = realloc(t->bytes, t->size);
    if (!t->bytes)
        abort();
}

void text_add(text *t, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    reserve(t, (size_t)length);
    vsnprintf(t->bytes + t->length, t->size - t->length, format, again);
    t->length += (size_t)length;
    va_end(again);
    va_end(arguments);
}

void text_free(text *t)
{
    free(t->bytes);
    *t = (text){0};
}

void text_add_quoted(text *t, const char *bytes, size_t size)
{
    text_add(t, "\"");
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c == '"' || c == '\\')
            text_add(t, "\\%c", c);
        else if (c < ' ' || c >= 127)
            text_add(t, "\\%03o", c);
        else
            text_add(t, "%c", c);
    }
    text_add(t, "\"");
}
