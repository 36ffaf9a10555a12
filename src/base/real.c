/* SPDX-License-Identifier: MIT
 *
 * The C library uses the decimal point of the program's locale, which can have several bytes; SQL
 * and furrow's expressions always use a dot.
 */
#include "base/real.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST = 512 }; /* maximum size, as text, of a number that has a fraction */

static size_t count_digits(const char *text)
{
    return strspn(text, "0123456789");
}

/* Returns whether the text has one of the forms that real.h describes. The C library also accepts
 * blanks, hexadecimal digits, and other spellings of infinity and NaN. */
static bool is_number(const char *text)
{
    if (!strcmp(text, "Infinity") || !strcmp(text, "-Infinity") || !strcmp(text, "NaN"))
        return true;
    text += *text == '-' || *text == '+';
    size_t whole = count_digits(text), fraction = 0;
    text += whole;
    if (*text == '.') {
        fraction = count_digits(text + 1);
        text += 1 + fraction;
    }
    if (whole + fraction == 0)
        return false;
    if (*text == 'e' || *text == 'E') {
        text++;
        text += *text == '-' || *text == '+';
        size_t power = count_digits(text);
        if (!power)
            return false;
        text += power;
    }
    return !*text;
}

/* Returns the number with the locale's decimal point in place of the dot. The result is either the
 * text itself or copy[LARGEST]; it is NULL if the text is not a number, or is too long. */
static const char *localized(const char *text, char *copy)
{
    if (!is_number(text))
        return NULL;
    const char *point = localeconv()->decimal_point, *dot = strchr(text, '.');
    size_t size = strlen(text), width = strlen(point);
    if (!dot || strcmp(point, ".") == 0)
        return text;
    if (size + width >= LARGEST)
        return NULL;
    size_t before = (size_t)(dot - text);
    memcpy(copy, text, before);
    memcpy(copy + before, point, width);
    memcpy(copy + before + width, dot + 1, size - before);
    return copy;
}

bool furrow__real_parse(const char *text, double *out)
{
    char copy[LARGEST];
    text = localized(text, copy);
    *out = text ? strtod(text, NULL) : 0;
    return text != NULL;
}

bool furrow__float_parse(const char *text, float *out)
{
    char copy[LARGEST];
    text = localized(text, copy);
    *out = text ? strtof(text, NULL) : 0;
    return text != NULL;
}

/* Replaces the locale's decimal point with a dot. Returns the new size. */
static int use_dot(char *buffer)
{
    char *to = buffer;
    for (const char *at = buffer; *at; at++) {
        bool plain = (*at >= '0' && *at <= '9') || *at == '-' || *at == '+' || *at == 'e';
        if (plain)
            *to++ = *at;
        else if (to > buffer && to[-1] != '.')
            *to++ = '.';
    }
    *to = '\0';
    return (int)(to - buffer);
}

int furrow__real_format_exact(double value, char *buffer, size_t size)
{
    snprintf(buffer, size, "%.17g", value + 0.0);
    return use_dot(buffer);
}

int furrow__real_format(double value, char *buffer, size_t size)
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
    return use_dot(buffer);
}

int furrow__float_format(float value, char *buffer, size_t size)
{
    if (isinf(value) || isnan(value))
        return furrow__real_format((double)value, buffer, size);
    for (int digits = 6; digits <= 9; digits++) {
        snprintf(buffer, size, "%.*g", digits, (double)value);
        if (strtof(buffer, NULL) == value)
            break;
    }
    return use_dot(buffer);
}
