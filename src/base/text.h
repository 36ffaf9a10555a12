/* SPDX-License-Identifier: MIT
 * UTF-8 (RFC 3629), hashing, and filling the furrow_error struct. */
#ifndef FURROW_BASE_TEXT_H
#define FURROW_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <furrow/furrow.h>

/* Whether a text is UTF-8 without overlong forms, surrogates and code points above U+10FFFF. NUL is
 * valid UTF-8; furrow__has_nul finds it. */
bool furrow__utf8_is_valid(const char *text, size_t size);
/* Counts the code points of a text that is valid UTF-8. */
size_t furrow__utf8_length(const char *text, size_t size);
/* Returns the largest size, up to `size`, that does not cut a code point of the text in two. */
size_t furrow__utf8_cut(const char *text, size_t size);
bool furrow__has_nul(const char *text, size_t size);
/* Whether a text ends with `end` and has at least one byte before it. */
bool furrow__ends_with(const char *text, const char *end);

uint64_t furrow__hash(const void *bytes, size_t size);

/* Copies a text into a field of `size` bytes. A text that is too long is cut at a code point. The
 * field is always terminated. */
void furrow__copy_text(char *field, size_t size, const char *text);

/* Fills *error with a status and a formatted message, which is cut if it is too long, and clears
 * all other members. Returns the status. error may be NULL. */
furrow_status furrow__fail(furrow_error *error, furrow_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Copies an error into a struct of the caller that has `size` bytes. The struct may be smaller or
 * larger than this library's furrow_error, or NULL. */
void furrow__copy_error(furrow_error *out, size_t size, const furrow_error *error);
/* Adds a hint to an error that is already filled. Returns the error's status. */
furrow_status furrow__hint(furrow_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
