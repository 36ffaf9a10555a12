/* SPDX-License-Identifier: MIT
 *
 * Writes and reads times, dates and UUIDs in the text form that this driver stores. The functions
 * are inline because they run once for each cell. If a reading function returns false, the text can
 * still have another valid form, which furrow_time_parse and similar functions accept.
 *
 * Days are counted from 0000-03-01, so that a leap day is the last day of its year. 400 years have
 * 146,097 days. */
#ifndef FURROW_DRIVER_SQLITE_FORM_H
#define FURROW_DRIVER_SQLITE_FORM_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <furrow/model.h>

#include "base/calendar.h"

enum {
    FURROW__SQLITE_TIME_LENGTH = 27, /* YYYY-MM-DDTHH:MM:SS.ffffffZ */
    FURROW__SQLITE_DATE_LENGTH = 10,
    FURROW__SQLITE_UUID_LENGTH = 36,
};

static inline void furrow__form_two(char *out, uint32_t value)
{
    out[0] = (char)('0' + value / 10);
    out[1] = (char)('0' + value % 10);
}

/* Reads two digits. Sets *bad to a non-zero value for any other character. */
static inline uint32_t furrow__form_read_two(const char *text, uint64_t *bad)
{
    uint32_t tens = (uint32_t)(unsigned char)text[0] - '0',
             ones = (uint32_t)(unsigned char)text[1] - '0';
    *bad |= (uint32_t)(tens > 9) | (uint32_t)(ones > 9);
    return tens * 10 + ones;
}

/* Writes 10 characters. The date must be in the years 1 to 9999. */
static inline void furrow__form_write_date(char *out, int32_t days)
{
    uint32_t day = (uint32_t)(days + 719468), era = day / 146097;
    day -= era * 146097;
    uint32_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    day -= 365 * year + year / 4 - year / 100;
    uint32_t month = (5 * day + 2) / 153; /* March is month 0 */
    day -= (153 * month + 2) / 5;
    month = month < 10 ? month + 3 : month - 9;
    year += era * 400 + (month <= 2);
    furrow__form_two(out, year / 100);
    furrow__form_two(out + 2, year % 100);
    out[4] = '-';
    furrow__form_two(out + 5, month);
    out[7] = '-';
    furrow__form_two(out + 8, day + 1);
}

/* Returns eight characters as a number. The first one is the lowest byte on every machine. */
static inline uint64_t furrow__form_load(const char *text)
{
    const unsigned char *c = (const unsigned char *)text;
    return (uint64_t)c[0] | (uint64_t)c[1] << 8 | (uint64_t)c[2] << 16 | (uint64_t)c[3] << 24 |
           (uint64_t)c[4] << 32 | (uint64_t)c[5] << 40 | (uint64_t)c[6] << 48 |
           (uint64_t)c[7] << 56;
}

/* Reads eight characters: digits where `pattern` has a 0, elsewhere the characters of `pattern`.
 * Byte i of the result is the number of the digits i and i + 1. Sets *bad to a non-zero value for
 * any other character. A byte of `margins` is 0x76 for a digit and 0x7f for another character: what
 * can be added to a valid byte of `value` without setting its top bit. */
static inline uint64_t furrow__form_read_pairs(const char *text, const char *pattern,
                                               uint64_t margins, uint64_t *bad)
{
    uint64_t value = furrow__form_load(text) ^ furrow__form_load(pattern);
    *bad |= (value | (value + margins)) & UINT64_C(0x8080808080808080);
    return value * 10 + (value >> 8);
}

/* Returns a byte of the result of furrow__form_read_pairs. */
static inline uint32_t furrow__form_pair(uint64_t pairs, int i)
{
    return (uint32_t)(pairs >> (8 * i)) & 0xff;
}

/* Returns false if this is not a day in the years 1 to 9999. */
static inline bool furrow__form_days(uint32_t year, uint32_t month, uint32_t day, int32_t *days)
{
    static const uint8_t lengths[12] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > lengths[month - 1])
        return false;
    if (month == 2 && day == 29 && (year % 4 != 0 || (year % 100 == 0 && year % 400 != 0)))
        return false;
    if (month <= 2) {
        year--;
        month += 12;
    }
    uint32_t era = year / 400;
    year -= era * 400;
    uint32_t in_era = 365 * year + year / 4 - year / 100 + (153 * (month - 3) + 2) / 5 + day - 1;
    *days = (int32_t)(era * 146097 + in_era) - 719468;
    return true;
}

#define FURROW__FORM_YEAR_MONTH "0000-00-", UINT64_C(0x7f76767f76767676)
#define FURROW__FORM_DAY_MINUTE "00T00:00", UINT64_C(0x76767f76767f7676)
#define FURROW__FORM_SECOND ":00.0000", UINT64_C(0x767676767f76767f)

/* Reads the 10 characters YYYY-MM-DD. Returns false if this is not a day in the years 1 to 9999. */
static inline bool furrow__form_read_date(const char *text, int32_t *days)
{
    uint64_t bad = 0, month = furrow__form_read_pairs(text, FURROW__FORM_YEAR_MONTH, &bad);
    uint32_t day = furrow__form_read_two(text + 8, &bad);
    return !bad &&
           furrow__form_days(furrow__form_pair(month, 0) * 100 + furrow__form_pair(month, 2),
                             furrow__form_pair(month, 5), day, days);
}

/* Writes 27 characters. The time must be in the years 1 to 9999. */
static inline void furrow__form_write_time(char *out, int64_t us)
{
    uint64_t from = (uint64_t)(us - FURROW__TIME_MIN), day = from / UINT64_C(86400000000);
    uint64_t in_day = from - day * UINT64_C(86400000000);
    uint32_t seconds = (uint32_t)(in_day / 1000000), fraction = (uint32_t)(in_day % 1000000);
    furrow__form_write_date(out, (int32_t)day + FURROW__DATE_MIN);
    out[10] = 'T';
    furrow__form_two(out + 11, seconds / 3600);
    out[13] = ':';
    furrow__form_two(out + 14, seconds / 60 % 60);
    out[16] = ':';
    furrow__form_two(out + 17, seconds % 60);
    out[19] = '.';
    furrow__form_two(out + 20, fraction / 10000);
    furrow__form_two(out + 22, fraction / 100 % 100);
    furrow__form_two(out + 24, fraction % 100);
    out[26] = 'Z';
}

/* Reads 27 characters in the form that furrow__form_write_time writes. */
static inline bool furrow__form_read_time(const char *text, int64_t *us)
{
    uint64_t bad = text[26] != 'Z';
    uint64_t month = furrow__form_read_pairs(text, FURROW__FORM_YEAR_MONTH, &bad);
    uint64_t minute = furrow__form_read_pairs(text + 8, FURROW__FORM_DAY_MINUTE, &bad);
    uint64_t second = furrow__form_read_pairs(text + 16, FURROW__FORM_SECOND, &bad);
    uint32_t fraction = furrow__form_pair(second, 4) * 10000 + furrow__form_pair(second, 6) * 100 +
                        furrow__form_read_two(text + 24, &bad);
    uint32_t hours = furrow__form_pair(minute, 3), minutes = furrow__form_pair(minute, 6),
             seconds = furrow__form_pair(second, 1);
    int32_t days;
    if (bad || hours > 23 || minutes > 59 || seconds > 59 ||
        !furrow__form_days(furrow__form_pair(month, 0) * 100 + furrow__form_pair(month, 2),
                           furrow__form_pair(month, 5), furrow__form_pair(minute, 0), &days))
        return false;
    *us = ((int64_t)days * 86400 + (int64_t)(hours * 3600 + minutes * 60 + seconds)) * 1000000 +
          (int64_t)fraction;
    return true;
}

/* Writes 36 characters. */
static inline void furrow__form_write_uuid(char *out, const uint8_t bytes[16])
{
    static const char digits[16] = {'0', '1', '2', '3', '4', '5', '6', '7',
                                    '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *out++ = '-';
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 15];
    }
}

/* Reads 36 characters with lower-case digits. */
static inline bool furrow__form_read_uuid(const char *text, uint8_t bytes[16])
{
    uint32_t bad = (uint32_t)(text[8] != '-') | (uint32_t)(text[13] != '-') |
                   (uint32_t)(text[18] != '-') | (uint32_t)(text[23] != '-');
    for (int i = 0; i < 16; i++) {
        uint32_t byte = 0;
        text += i == 4 || i == 6 || i == 8 || i == 10;
        for (int half = 0; half < 2; half++) {
            uint32_t c = (unsigned char)*text++, digit = c - '0', letter = c - 'a';
            bad |= (uint32_t)((digit > 9) & (letter > 5));
            byte = byte << 4 | (digit <= 9 ? digit : letter + 10);
        }
        bytes[i] = (uint8_t)byte;
    }
    return !bad;
}

#endif
