/* SPDX-License-Identifier: MIT
 *
 * Strings that break a program if it builds SQL by concatenation. The strings are combined from
 * parts and are the same in each run. Every string is valid UTF-8 without NUL characters.
 */
#ifndef PAYLOADS_H
#define PAYLOADS_H

#include <stddef.h>

/* Returns an array of at least 300 strings. The caller frees the array and its strings with
 * payloads_free. */
char **payloads_new(size_t *count);
void payloads_free(char **payloads, size_t count);

#endif
