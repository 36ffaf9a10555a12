/* SPDX-License-Identifier: MIT
 *
 * Defines the form in which values of each type are stored, as conditions for CHECK constraints,
 * and converts other spellings to this form.
 *
 * The conditions are evaluated for each row that is written, so their cost matters; the README of
 * this folder has the figures. A condition is NULL only if the value is NULL, because a CHECK that
 * is NULL does not reject a row. length(CAST(… AS BLOB)) detects a NUL, at which GLOB and the
 * functions for times stop reading. */
#include <string.h>

#include "dialect/sqlite/form.h"

/* Writes a pattern, in which each @ is replaced by the value. */
static void write_with(furrow__buffer *out, const char *pattern, const char *value)
{
    for (; *pattern; pattern++) {
        if (*pattern == '@')
            furrow__buffer_add_text(out, value);
        else
            furrow__buffer_add_char(out, *pattern);
    }
}

/* date(…, '+0 days') checks the digits before the fraction, and returns another day if the day or
 * the hour is too large, such as 2026-03-02 for 2026-02-30; without a modifier, some versions
 * return 2026-02-30. Only spaces could come between the fraction and the Z. date may round the last
 * half millisecond of a day up to the next day, so a separate condition checks such a time. */
#define TIME                                                                                       \
    "length(CAST(@ AS BLOB)) = 27 AND @ GLOB '???\?-?\?-?\?T??:??:??.?????[0-9]Z' AND "            \
    "@ >= '0001' AND (date(@, '+0 days') IS substr(@, 1, 10) OR "                                  \
    "(@ GLOB '*T23:59:59.99[0-9][0-9][0-9][0-9]Z' AND "                                            \
    "date(substr(@, 1, 10), '+0 days') IS substr(@, 1, 10)))"
/* BETWEEN comes first because date('now') is an error in a CHECK. */
#define DATE "@ BETWEEN '0001-01-01' AND '9999-12-31' AND date(@, '+0 days') IS @"
#define HEX4 "[0-9a-f][0-9a-f][0-9a-f][0-9a-f]"
#define UUID                                                                                       \
    "length(CAST(@ AS BLOB)) = 36 AND @ GLOB '" HEX4 HEX4 "-" HEX4 "-" HEX4 "-" HEX4               \
    "-" HEX4 HEX4 HEX4 "'"
/* In some versions, such as 3.40, json_valid(NULL) is 0. */
#define JSON "(@ IS NULL OR json_valid(@)) AND instr(CAST(@ AS BLOB), x'00') = 0"

const char *furrow__sqlite_write_form(furrow__buffer *out, furrow_type type, const char *value)
{
    switch (type) {
    case FURROW_TYPE_TIME:
        write_with(out, TIME, value);
        return "time";
    case FURROW_TYPE_DATE:
        write_with(out, DATE, value);
        return "date";
    case FURROW_TYPE_UUID:
        write_with(out, UUID, value);
        return "uuid";
    case FURROW_TYPE_JSON:
        write_with(out, JSON, value);
        return "json";
    default:
        return NULL;
    }
}

/* Converts what SQLite's functions return and what furrow_time_parse reads: a date; a date and a
 * time with T or a blank, with or without seconds, a fraction of up to six digits, and a zone; a
 * number of 9 to 11 digits, which are the seconds since 1970. A time without a zone is UTC, as in
 * SQLite. The innermost SELECT splits the value after the minutes, the seconds or the date. The
 * SELECTs around it split off the zone and the fraction. strftime would change an invalid date or
 * hour to a later one, and ignore blanks, so the conditions exclude such values. */
#define DAY "???\?-?\?-?\?"
#define TIME_OF_SECONDS "strftime('%Y-%m-%dT%H:%M:%S.000000Z', @, 'unixepoch')"
#define TO_TIME                                                                                    \
    "WHEN @ GLOB '" DAY "T??:??:??.??????Z' THEN @ "                                               \
    "WHEN length(@) BETWEEN 9 AND 11 AND @ NOT GLOB '*[^0-9]*' "                                   \
    "THEN " TIME_OF_SECONDS " "                                                                    \
    "ELSE coalesce((SELECT strftime('%Y-%m-%dT%H:%M:%S', furrow_begin || CASE WHEN furrow_zone "   \
    "GLOB '[-+]?\?' THEN furrow_zone || ':00' ELSE furrow_zone END) || '.' || "                    \
    "substr(furrow_fraction || '000000', 1, 6) || 'Z' FROM (SELECT furrow_begin, furrow_zone, "    \
    "CASE WHEN furrow_rest GLOB '.*' THEN nullif(substr(furrow_rest, 2, length(furrow_rest) - "    \
    "length(furrow_zone) - 1), '') ELSE '' END AS furrow_fraction FROM (SELECT furrow_begin, "     \
    "furrow_rest, CASE WHEN furrow_rest GLOB '.*' THEN ltrim(substr(furrow_rest, 2), "             \
    "'0123456789') ELSE furrow_rest END AS furrow_zone FROM (SELECT substr(@, 1, furrow_size) AS " \
    "furrow_begin, substr(@, furrow_size + 1) AS furrow_rest FROM (SELECT CASE WHEN length(@) = "  \
    "10 THEN 10 WHEN substr(@, 17, 1) = ':' THEN 19 ELSE 16 END AS furrow_size)))) WHERE "         \
    "length(furrow_fraction) <= 6 AND (furrow_begin GLOB '" DAY "' OR furrow_begin GLOB '" DAY     \
    "[T ]?\?:?\?' OR furrow_begin GLOB '" DAY "[T ]?\?:?\?:?\?') AND (furrow_zone IN ('', 'Z') "   \
    "OR furrow_zone GLOB '[-+]?\?' OR furrow_zone GLOB '[-+]?\?:?\?') AND "                        \
    "date(substr(furrow_begin, 1, 10), '+0 days') IS substr(furrow_begin, "                        \
    "1, 10) AND substr(furrow_begin, 12, 2) < '24' AND (furrow_fraction = '' OR "                  \
    "length(furrow_begin) = 19)), @)"
#define DATE_OF_TIME "substr(@, 1, 10)"
#define TO_DATE                                                                                    \
    "WHEN @ GLOB '" DAY "[T ]00:00*' AND (substr(@, 17) IN ('', 'Z', ':00', ':00Z') OR "           \
    "(substr(@, 17, 5) = ':00.0' AND length(substr(@, 17)) <= 11 AND "                             \
    "ltrim(substr(@, 22), '0') IN ('', 'Z'))) THEN " DATE_OF_TIME " ELSE @"
#define UUID_OF_BRACES "lower(substr(@, 2, length(@) - 2))"
#define UUID_OF_DIGITS                                                                             \
    "lower(printf('%.8s-%.4s-%.4s-%.4s-%s', @, substr(@, 9), substr(@, 13), substr(@, 17), "       \
    "substr(@, 21)))"
/* The usual length is tested first, because the expression is evaluated for every row. */
#define TO_UUID                                                                                    \
    "WHEN length(@) = 36 THEN lower(@) WHEN @ GLOB '{*}' THEN " UUID_OF_BRACES                     \
    " WHEN length(@) = 32 THEN " UUID_OF_DIGITS " ELSE @"

void furrow__sqlite_write_to_form(furrow__buffer *out, furrow_type type, const char *value)
{
    const char *pattern = type == FURROW_TYPE_TIME   ? TO_TIME
                          : type == FURROW_TYPE_DATE ? TO_DATE
                          : type == FURROW_TYPE_UUID ? TO_UUID
                                                     : NULL;
    if (!pattern) {
        furrow__buffer_add_text(out, value);
        return;
    }
    /* A value with a NUL is not converted, because the functions would drop the part after the
     * NUL. */
    write_with(out, "CASE WHEN instr(CAST(@ AS BLOB), x'00') THEN @ ", value);
    write_with(out, pattern, value);
    furrow__buffer_add_text(out, " END");
}

/* The spellings of times that furrow_time_parse does not read: without a zone, with a fraction of
 * up to three digits or of more; and the seconds since 1970. */
static const struct {
    furrow_type type;
    const char *pattern;
} shorts[] = {
    {FURROW_TYPE_TIME, "strftime('%Y-%m-%dT%H:%M:%f000Z', @)"},
    {FURROW_TYPE_TIME, "substr(@, 1, 10) || 'T' || substr(substr(@, 12) || '00', 1, 15) || 'Z'"},
    {FURROW_TYPE_TIME, TIME_OF_SECONDS},
    {FURROW_TYPE_DATE, DATE_OF_TIME},
    {FURROW_TYPE_UUID, "lower(@)"},
    {FURROW_TYPE_UUID, UUID_OF_BRACES},
    {FURROW_TYPE_UUID, UUID_OF_DIGITS},
};

bool furrow__sqlite_write_short_form(furrow__buffer *out, furrow_type type, size_t index,
                                     const char *value)
{
    for (size_t i = 0; i < sizeof shorts / sizeof *shorts; i++)
        if (shorts[i].type == type && index-- == 0) {
            write_with(out, shorts[i].pattern, value);
            return true;
        }
    return false;
}
