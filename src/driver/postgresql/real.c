/* SPDX-License-Identifier: MIT
 *
 * Converts floating-point numbers to and from text. The C library uses the decimal point of the
 * program's locale; PostgreSQL always uses a dot.
 */
#include "driver/postgresql/postgresql.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST = 512 }; /* maximum size of a number that has a fraction */

bool furrow__pg_real_parse(const char *text, double *out)
{
    *out = 0;
    if (!strcmp(text, "Infinity") || !strcmp(text, "-Infinity") || !strcmp(text, "NaN")) {
        *out = *text == 'N' ? (double)NAN : *text == '-' ? -HUGE_VAL : HUGE_VAL;
        return true;
    }
    const char *point = localeconv()->decimal_point, *dot = strchr(text, '.');
    char copy[LARGEST];
    size_t size = strlen(text), width = strlen(point);
    if (dot && strcmp(point, ".") != 0) {
        if (size + width >= sizeof copy)
            return false;
        size_t before = (size_t)(dot - text);
        memcpy(copy, text, before);
        memcpy(copy + before, point, width);
        memcpy(copy + before + width, dot + 1, size - before);
        text = copy;
    }
    char *end;
    *out = strtod(text, &end);
    return *text && !*end;
}

int furrow__pg_real_format(double value, char *buffer, size_t size)
{
    if (isinf(value) || isnan(value))
        return snprintf(buffer, size, "%s",
                        isnan(value) ? "NaN"
                        : value < 0  ? "-Infinity"
                                     : "Infinity");
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(buffer, size, "%.*g", digits, value);
        if (strtod(buffer, NULL) == value)
            break;
    }
    char *to = buffer;
    for (const char *at = buffer; *at; at++) {
        bool plain = (*at >= '0' && *at <= '9') || *at == '-' || *at == '+' || *at == 'e';
        if (plain)
            *to++ = *at;
        else if (to > buffer && to[-1] != '.') /* replaces the locale's decimal point with a dot;
                                                  the decimal point can have several bytes */
            *to++ = '.';
    }
    *to = '\0';
    return (int)(to - buffer);
}
