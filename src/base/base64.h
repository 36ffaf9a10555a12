/* SPDX-License-Identifier: MIT
 * Base64 (RFC 4648). Only the canonical text of a value is accepted: the unused bits of its last
 * digit are 0. */
#ifndef FURROW_BASE_BASE64_H
#define FURROW_BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum furrow__base64_form {
    FURROW__BASE64,     /* section 4, with padding */
    FURROW__BASE64_URL, /* section 5, without padding */
} furrow__base64_form;

/* Returns a size that is sufficient for the text of `size` bytes, including the NUL. */
static inline size_t furrow__base64_text_size(size_t size)
{
    return size / 3 * 4 + 5;
}
/* Returns a size that is sufficient for the bytes of a text of `size` bytes. */
static inline size_t furrow__base64_byte_size(size_t size)
{
    return size / 4 * 3 + 3;
}

/* Writes the text and a NUL. Returns the length of the text. */
size_t furrow__base64_write(furrow__base64_form form, const void *bytes, size_t size, char *text);
/* Reads a text of `size` bytes. Returns false if it is not the canonical text of a value. */
bool furrow__base64_read(furrow__base64_form form, const char *text, size_t size, uint8_t *bytes,
                         size_t *out_size);

#endif
