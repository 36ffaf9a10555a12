/* SPDX-License-Identifier: MIT
 *
 * Texts that break programs which build SQL from strings. They are combined from parts, and are the
 * same at each run. Each is valid UTF-8 without NUL.
 */
#ifndef PAYLOADS_H
#define PAYLOADS_H

#include <stddef.h>

/* Returns at least 300 texts. payloads_free frees the array and its texts. */
char **payloads_new(size_t *count);
void payloads_free(char **payloads, size_t count);

#endif
