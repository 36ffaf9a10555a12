/* SPDX-License-Identifier: MIT
 * UTF-8 (RFC 3629), hashing, and errors as text. */
#ifndef FURROW_BASE_TEXT_H
#define FURROW_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <furrow/furrow.h>

/* No overlong form, no surrogate, nothing past U+10FFFF. NUL is valid UTF-8: ask furrow__has_nul.
 */
bool furrow__utf8_is_valid(const char *text, size_t size);
/* Code points in valid UTF-8. */
size_t furrow__utf8_length(const char *text, size_t size);
/* The largest size <= `size` that does not cut a code point of text. */
size_t furrow__utf8_cut(const char *text, size_t size);
bool furrow__has_nul(const char *text, size_t size);
/* Whether there is more, and it ends so. */
bool furrow__ends_with(const char *text, const char *end);

uint64_t furrow__hash(const void *bytes, size_t size);

/* Copy text into a field of `size` bytes, cut at a code point, always terminated. */
void furrow__copy_text(char *field, size_t size, const char *text);

/* Fill *error: everything else is cleared, the message is formatted, cut if it must be. Returns
 * status. error may be NULL. */
furrow_status furrow__fail(furrow_error *error, furrow_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Copies an error into a caller's struct of `size` bytes, which may be NULL, or shorter or longer
 * than this library's. */
void furrow__copy_error(furrow_error *out, size_t size, const furrow_error *error);
/* Add a hint to an error already filled; returns its status. */
furrow_status furrow__hint(furrow_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
