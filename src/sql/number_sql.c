/* SPDX-License-Identifier: MIT
 *
 * Writes the numbers in DDL and in migrations, for an engine that reads numbers inexactly. SQLite
 * has no type for float, and its parser returns a neighbour of the nearest double for some numbers:
 * 0.002877, for example. A number is therefore written in such a way that SQLite reads the same
 * value as a C program.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/real.h"
#include "sql/expression_sql.h"

enum { EXACT_DIGITS = 15, EXACT_POWER = 22 };

/* Reads a number with at most 15 digits as digits * 10^power. Returns false for other numbers. */
static bool split(const char *text, int64_t *digits, long *power)
{
    int count = 0;
    bool after_point = false;
    *digits = 0;
    *power = 0;
    for (text += *text == '-'; *text && *text != 'e' && *text != 'E'; text++) {
        if (*text == '.') {
            after_point = true;
            continue;
        }
        *power -= after_point;
        count += count || *text != '0';
        if (count > EXACT_DIGITS)
            return false;
        *digits = *digits * 10 + (*text - '0');
    }
    if (*text)
        *power += strtol(text + 1, NULL, 10);
    return true;
}

/* Returns whether every parser reads the number nearest to the text, even with an error of 1/100 of
 * the distance between two doubles. The digits and the power of ten are exact as doubles, so the
 * quotient is rounded once, and fma calculates the difference between the text and the rounded
 * quotient. */
static bool is_read_exactly(const char *text)
{
    int64_t digits;
    long power;
    if (!split(text, &digits, &power))
        return false;
    if (digits == 0)
        return true;
    if (power > EXACT_POWER || power < -EXACT_POWER)
        return false;
    double scale = 1;
    for (long i = power < 0 ? -power : power; i > 0; i--)
        scale *= 10;
    if (power >= 0)
        return (double)digits * scale <= 0x1p53;
    double value = (double)digits / scale;
    double error = fma(-value, scale, (double)digits) / scale;
    return fabs(error) < 0.49 * (nextafter(value, INFINITY) - value);
}

void furrow__write_number(furrow__buffer *out, const char *text, bool is_float)
{
    char exact[FURROW__REAL_SIZE];
    double value;
    float single = 0;
    bool is_read =
        furrow__real_parse(text, &value) && (!is_float || furrow__float_parse(text, &single));
    double wanted = is_float ? (double)single : value;
    if (!is_read || isinf(wanted) || (wanted == value && is_read_exactly(text))) {
        furrow__buffer_add_text(out, text);
        return;
    }
    furrow__real_format_exact(wanted, exact, sizeof exact);
    furrow__buffer_add_text(out, exact);
}

/* The value is rounded to 24 bits by Veltkamp's splitting. Below 2^-126 it is rounded to a multiple
 * of 2^-149 by adding and subtracting 1.5 * 2^-97, whose last bit is 2^-149. */
void furrow__write_rounded_to_float(furrow__buffer *out, const char *value)
{
    furrow__buffer_format(out,
                          "CASE WHEN abs(%s) > 3.4028234663852886e38 THEN %s WHEN abs(%s) < "
                          "1.1754943508222875e-38 THEN %s + 9.466330862652142e-30 - "
                          "9.466330862652142e-30 ELSE %s * 536870913.0 - (%s * 536870913.0 - %s) "
                          "END",
                          value, value, value, value, value, value, value);
}

void furrow__write_float_or_fail(furrow__buffer *out, const char *value)
{
    furrow__buffer_format(out,
                          "CASE WHEN abs(%s) > 3.4028234663852886e38 AND abs(%s) < 9e999 THEN "
                          "abs(-9223372036854775807 - 1) ELSE ",
                          value, value);
    furrow__write_rounded_to_float(out, value);
    furrow__buffer_add_text(out, " END");
}
