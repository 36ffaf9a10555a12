/* SPDX-License-Identifier: MIT
 * Declares functions for UTF-8 (RFC 3629), hashing, and filling furrow_error. */
#ifndef FURROW_BASE_TEXT_H
#define FURROW_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <furrow/furrow.h>

/* Returns whether a string is valid UTF-8. Overlong forms, surrogates and code points above
 * U+10FFFF are invalid. A NUL is valid; furrow__has_nul finds it. */
bool furrow__utf8_is_valid(const char *text, size_t size);
/* Returns the size of the longest part, from the start, that is valid UTF-8. */
size_t furrow__utf8_valid_size(const char *text, size_t size);
/* Returns the number of code points in a string of valid UTF-8. */
size_t furrow__utf8_length(const char *text, size_t size);
/* Returns the largest size, up to `size`, at which the string can be cut without dividing a code
 * point. */
size_t furrow__utf8_cut(const char *text, size_t size);
/* Returns the code point of the control character for bidirectional text with which a string
 * begins, or 0 if it begins with another character. Such characters make code look different from
 * what it does. */
unsigned furrow__utf8_bidirectional(const char *text);
bool furrow__has_nul(const char *text, size_t size);
/* Returns whether a string ends with `end` and has at least one byte before it. */
bool furrow__ends_with(const char *text, const char *end);
/* Returns whether a string equals one of `count` words. FURROW__IS_ONE_OF takes an array of words.
 */
bool furrow__is_one_of(const char *text, const char *const *words, size_t count);
#define FURROW__IS_ONE_OF(text, words)                                                             \
    furrow__is_one_of((text), (words), sizeof(words) / sizeof *(words))

/* Returns the value of a hexadecimal digit, or -1. */
static inline int furrow__hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

uint64_t furrow__hash(const void *bytes, size_t size);

/* Copies a string into a field of `size` bytes. A string that is too long is cut at a code point.
 * The field is always NUL-terminated. */
void furrow__copy_text(char *field, size_t size, const char *text);

enum { FURROW__QUOTED_SIZE = 264 };
/* Writes a name for a message, as "name" or "schema.name". A double quote in the name is doubled,
 * as in SQL. A name that does not fit is cut. `schema` may be NULL. Returns `out`. */
const char *furrow__quote_name(char out[FURROW__QUOTED_SIZE], const char *schema, const char *name);
/* Return a name in double quotes: "name", or "scope.name". The string is valid until the end of the
 * enclosing block. */
#define FURROW__QUOTED(name) FURROW__QUOTED_IN(NULL, name)
#define FURROW__QUOTED_IN(scope, name)                                                             \
    furrow__quote_name((char[FURROW__QUOTED_SIZE]){0}, (scope), (name))

/* Sets the status and the message of *error and clears all other members. A message that is too
 * long is cut. `error` may be NULL. Returns the status. */
furrow_status furrow__fail(furrow_error *error, furrow_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Copies an error into a struct of `size` bytes that belongs to the caller. The caller's struct may
 * be smaller or larger than the library's furrow_error; `out` may be NULL. */
void furrow__copy_error(furrow_error *out, size_t size, const furrow_error *error);
/* Sets the hint of an error that already has a status and a message. Returns the error's status. */
furrow_status furrow__hint(furrow_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
