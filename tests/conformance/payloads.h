/* SPDX-License-Identifier: MIT
 *
 * Text of the kind that breaks programs which build SQL from strings: made from parts, so that
 * there are many, and the same at each run. Every one is valid UTF-8 without NUL.
 */
#ifndef PAYLOADS_H
#define PAYLOADS_H

#include <stddef.h>

/* At least 300; the array and its texts are freed together by payloads_free. */
char **payloads_new(size_t *count);
void payloads_free(char **payloads, size_t count);

#endif
