/* SPDX-License-Identifier: MIT
 * Converts floating-point numbers to and from text with a dot, in every locale. */
#ifndef FURROW_BASE_REAL_H
#define FURROW_BASE_REAL_H

#include <stdbool.h>
#include <stddef.h>

/* Parses a whole string: decimal digits with an optional sign, dot and exponent, or exactly one of
 * Infinity, -Infinity and NaN. Returns false for any other text, and for a number with a fraction
 * and more than 500 bytes. A number that is too large becomes infinity. */
bool furrow__real_parse(const char *text, double *out);
/* Parses a number and rounds it directly to a float, without an intermediate double. Accepts the
 * same texts as furrow__real_parse. */
bool furrow__float_parse(const char *text, float *out);

enum {
    FURROW__REAL_SIZE = 32
}; /* buffer size that is sufficient for furrow__real_format and
      furrow__real_format_exact */

/* Writes the shortest text of 15 to 17 digits that the C library reads as the same number. Returns
 * the length. */
int furrow__real_format(double value, char *buffer, size_t size);
/* Writes the shortest text of 6 to 9 digits that is read as the same float. */
int furrow__float_format(float value, char *buffer, size_t size);
/* Writes a finite number with 17 digits, without trailing zeros. Between 1e-25 and 1e25, this text
 * is so far from the midpoint between two adjacent numbers that even a parser with small errors,
 * such as SQLite's, reads the same number. */
int furrow__real_format_exact(double value, char *buffer, size_t size);

#endif
