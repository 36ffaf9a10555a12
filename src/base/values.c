/* SPDX-License-Identifier: MIT
 * Converts values to and from text: times and dates (ISO 8601, RFC 3339, proleptic Gregorian
 * calendar), UUIDs (RFC 9562) and decimals. If the whole string is not a valid value, a parser
 * fails and sets *out to zero. */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <furrow/furrow.h>

#include "base/calendar.h"
#include "base/text.h"

const int64_t furrow__power10[19] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    INT64_C(10000000000),
    INT64_C(100000000000),
    INT64_C(1000000000000),
    INT64_C(10000000000000),
    INT64_C(100000000000000),
    INT64_C(1000000000000000),
    INT64_C(10000000000000000),
    INT64_C(100000000000000000),
    INT64_C(1000000000000000000),
};

#define DAY_US INT64_C(86400000000)

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads exactly `count` digits at *at. */
static bool read_digits(const char **at, int count, int *out)
{
    int value = 0;
    for (int i = 0; i < count; i++) {
        char c = (*at)[i];
        if (!is_digit(c))
            return false;
        value = value * 10 + (c - '0');
    }
    *at += count;
    *out = value;
    return true;
}

static bool read_char(const char **at, char c)
{
    if (**at != c)
        return false;
    ++*at;
    return true;
}

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static const uint16_t days_before_month[2][13] = {
    {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365},
    {0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335, 366},
};

/* Returns the number of days from 0001-01-01 to the first day of a year. */
static int32_t days_before_year(int year)
{
    int y = year - 1;
    return y * 365 + y / 4 - y / 100 + y / 400;
}

static bool days_of(int year, int month, int day, int32_t *out)
{
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1)
        return false;
    const uint16_t *before = days_before_month[is_leap(year)];
    if (day > before[month] - before[month - 1])
        return false;
    *out = FURROW__DATE_MIN + days_before_year(year) + before[month - 1] + day - 1;
    return true;
}

static void split_days(int32_t days, int *year, int *month, int *day)
{
    int32_t n = days - FURROW__DATE_MIN; /* number of days since 0001-01-01 */
    int y = (int)(n / 365.2425) + 1; /* an estimate of the year, which can be off by at most one */
    while (days_before_year(y) > n)
        y--;
    while (days_before_year(y + 1) <= n)
        y++;
    int of_year = n - days_before_year(y);
    const uint16_t *before = days_before_month[is_leap(y)];
    int m = of_year / 32 + 1; /* an estimate of the month, which is correct or too small by one */
    if (of_year >= before[m])
        m++;
    *year = y;
    *month = m;
    *day = of_year - before[m - 1] + 1;
}

static bool read_date(const char **at, int32_t *days)
{
    int year, month, day;
    return read_digits(at, 4, &year) && read_char(at, '-') && read_digits(at, 2, &month) &&
           read_char(at, '-') && read_digits(at, 2, &day) && days_of(year, month, day, days);
}

/* Reads an optional fraction of a second, such as .25, and converts it to microseconds. */
static bool read_fraction(const char **at, int *out)
{
    *out = 0;
    if (!read_char(at, '.'))
        return true;
    int digits = 0;
    for (; is_digit(**at); ++*at, digits++)
        if (digits < 6)
            *out = *out * 10 + (**at - '0');
    if (digits < 1 || digits > 6)
        return false;
    for (; digits < 6; digits++)
        *out *= 10;
    return true;
}

/* Reads a time zone, Z or ±HH[:MM], and converts it to minutes. */
static bool read_zone(const char **at, int *minutes)
{
    *minutes = 0;
    if (read_char(at, 'Z'))
        return true;
    bool negative = **at == '-';
    if (!negative && **at != '+')
        return false;
    ++*at;
    int hour, minute = 0;
    if (!read_digits(at, 2, &hour) || hour > 23)
        return false;
    if (read_char(at, ':') && (!read_digits(at, 2, &minute) || minute > 59))
        return false;
    *minutes = negative ? -(hour * 60 + minute) : hour * 60 + minute;
    return true;
}

bool furrow_time_parse(const char *text, furrow_time *out)
{
    *out = (furrow_time){0};
    if (!text)
        return false;
    const char *at = text;
    int32_t days;
    int hour, minute, second = 0, fraction = 0, zone;
    if (!read_date(&at, &days) || !(read_char(&at, 'T') || read_char(&at, ' ')))
        return false;
    if (!read_digits(&at, 2, &hour) || !read_char(&at, ':') || !read_digits(&at, 2, &minute))
        return false;
    if (read_char(&at, ':') && (!read_digits(&at, 2, &second) || !read_fraction(&at, &fraction)))
        return false;
    if (!read_zone(&at, &zone) || *at != '\0' || hour > 23 || minute > 59 || second > 59)
        return false;
    int64_t seconds = (int64_t)hour * 3600 + ((int64_t)minute - zone) * 60 + second;
    int64_t us = days * DAY_US + seconds * 1000000 + fraction;
    if (us < FURROW__TIME_MIN || us > FURROW__TIME_MAX)
        return false;
    out->us = us;
    return true;
}

bool furrow_date_parse(const char *text, furrow_date *out)
{
    *out = (furrow_date){0};
    int32_t days;
    if (!text || !read_date(&text, &days) || *text != '\0')
        return false;
    out->days = days;
    return true;
}

bool furrow_uuid_parse(const char *text, furrow_uuid *out)
{
    *out = (furrow_uuid){0};
    if (!text)
        return false;
    furrow_uuid uuid;
    for (int i = 0; i < 16; i++) {
        if ((i == 4 || i == 6 || i == 8 || i == 10) && !read_char(&text, '-'))
            return false;
        int high = furrow__hex_digit(text[0]);
        int low = high < 0 ? -1 : furrow__hex_digit(text[1]);
        if (low < 0)
            return false;
        uuid.bytes[i] = (uint8_t)(high << 4 | low);
        text += 2;
    }
    if (*text != '\0')
        return false;
    *out = uuid;
    return true;
}

/* Appends a digit to a negative number. The number is built as a negative number, because the
 * smallest int64_t has no positive counterpart. */
static bool push_digit(int64_t *value, char c)
{
    return !__builtin_mul_overflow(*value, 10, value) &&
           !__builtin_sub_overflow(*value, c - '0', value);
}

bool furrow_decimal_parse(const char *text, furrow_decimal *out)
{
    *out = (furrow_decimal){0};
    if (!text)
        return false;
    bool negative = *text == '-';
    if (*text == '-' || *text == '+')
        text++;
    int64_t value = 0;
    int scale = 0;
    if (!is_digit(*text))
        return false;
    for (; is_digit(*text); text++)
        if (!push_digit(&value, *text))
            return false;
    if (*text == '.') {
        for (text++; is_digit(*text); text++, scale++)
            if (scale == 18 || !push_digit(&value, *text))
                return false;
        if (scale == 0)
            return false;
    }
    if (*text != '\0' || (!negative && value == INT64_MIN))
        return false;
    *out = (furrow_decimal){negative ? value : -value, (int8_t)scale};
    return true;
}

bool furrow_decimal_rescale(furrow_decimal value, int scale, furrow_decimal *out)
{
    *out = (furrow_decimal){0};
    if (scale < 0 || scale > 18 || value.scale < 0 || value.scale > 18)
        return false;
    int64_t unscaled = value.unscaled;
    if (scale > value.scale) {
        if (__builtin_mul_overflow(unscaled, furrow__power10[scale - value.scale], &unscaled))
            return false;
    } else if (scale < value.scale) {
        int64_t divisor = furrow__power10[value.scale - scale];
        if (unscaled % divisor)
            return false;
        unscaled /= divisor;
    }
    *out = (furrow_decimal){unscaled, (int8_t)scale};
    return true;
}

/* Copies the finished string into the caller's buffer and returns the length of the string, as
 * snprintf does. */
static size_t deliver(const char *text, size_t length, char *buffer, size_t size)
{
    if (size) {
        size_t copied = length < size ? length : size - 1;
        memcpy(buffer, text, copied);
        buffer[copied] = '\0';
    }
    return length;
}

/* Writes exactly `count` digits; the last digit is written to end[-1]. Returns the address of the
 * first digit. */
static char *write_digits(char *end, int count, uint64_t value)
{
    for (int i = 0; i < count; i++, value /= 10)
        *--end = (char)('0' + value % 10);
    return end;
}

static void write_date(char *at, int32_t days)
{
    int year, month, day;
    split_days(days, &year, &month, &day);
    write_digits(at + 4, 4, (uint64_t)year);
    at[4] = '-';
    write_digits(at + 7, 2, (uint64_t)month);
    at[7] = '-';
    write_digits(at + 10, 2, (uint64_t)day);
}

size_t furrow_time_format(furrow_time value, char *buffer, size_t size)
{
    if (value.us < FURROW__TIME_MIN || value.us > FURROW__TIME_MAX)
        return deliver("", 0, buffer, size);
    int64_t since = value.us - FURROW__TIME_MIN;
    uint64_t of_day = (uint64_t)(since % DAY_US);
    uint64_t seconds = of_day / 1000000;
    char text[FURROW_TIME_SIZE];
    write_date(text, (int32_t)(since / DAY_US) + FURROW__DATE_MIN);
    text[10] = 'T';
    write_digits(text + 13, 2, seconds / 3600);
    text[13] = ':';
    write_digits(text + 16, 2, seconds / 60 % 60);
    text[16] = ':';
    write_digits(text + 19, 2, seconds % 60);
    text[19] = '.';
    write_digits(text + 26, 6, of_day % 1000000);
    text[26] = 'Z';
    return deliver(text, 27, buffer, size);
}

size_t furrow_date_format(furrow_date value, char *buffer, size_t size)
{
    if (value.days < FURROW__DATE_MIN || value.days > FURROW__DATE_MAX)
        return deliver("", 0, buffer, size);
    char text[FURROW_DATE_SIZE];
    write_date(text, value.days);
    return deliver(text, 10, buffer, size);
}

size_t furrow_uuid_format(furrow_uuid value, char *buffer, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    char text[FURROW_UUID_SIZE];
    size_t at = 0;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            text[at++] = '-';
        text[at++] = digits[value.bytes[i] >> 4];
        text[at++] = digits[value.bytes[i] & 15];
    }
    return deliver(text, at, buffer, size);
}

size_t furrow_decimal_format(furrow_decimal value, char *buffer, size_t size)
{
    if (value.scale < 0 || value.scale > 18)
        return deliver("", 0, buffer, size);
    bool negative = value.unscaled < 0;
    uint64_t magnitude = negative ? -(uint64_t)value.unscaled : (uint64_t)value.unscaled;
    char text[FURROW_DECIMAL_SIZE];
    char *end = text + sizeof text;
    char *at = end;
    if (value.scale) {
        at = write_digits(at, value.scale, magnitude);
        *--at = '.';
        magnitude /= (uint64_t)furrow__power10[value.scale];
    }
    do {
        *--at = (char)('0' + magnitude % 10);
        magnitude /= 10;
    } while (magnitude);
    if (negative)
        *--at = '-';
    return deliver(at, (size_t)(end - at), buffer, size);
}
