/* SPDX-License-Identifier: MIT
 *
 * Conversion of the value types to and from text. The types themselves are in model.h.
 *
 * The parse functions return true and write *out, or return false and set *out to zero if the text
 * is not a valid value. The format functions write the text and a NUL into buffer[size], cut if
 * necessary, and return the length of the whole text in bytes, as snprintf does; they return 0 for
 * a value out of range.
 */
#ifndef FURROW_VALUE_H
#define FURROW_VALUE_H

#include <furrow/model.h>
#include <furrow/internal/export.h>

/* Sizes, in bytes, of buffers that can hold any value of the type as text, with the NUL. */
enum {
    FURROW_TIME_SIZE = 28,
    FURROW_DATE_SIZE = 11,
    FURROW_UUID_SIZE = 37,
    FURROW_DECIMAL_SIZE = 24,
};

/* ISO 8601 and RFC 3339: YYYY-MM-DD, a T or a blank, HH:MM[:SS[.ffffff]], and Z or ±HH[:MM]. A
 * fraction has at most six digits. The format function writes YYYY-MM-DDTHH:MM:SS.ffffffZ. */
FURROW_API bool furrow_time_parse(const char *text, furrow_time *out);
FURROW_API size_t furrow_time_format(furrow_time value, char *buffer, size_t size);

/* YYYY-MM-DD. */
FURROW_API bool furrow_date_parse(const char *text, furrow_date *out);
FURROW_API size_t furrow_date_format(furrow_date value, char *buffer, size_t size);

/* 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12. The format function writes lower case. */
FURROW_API bool furrow_uuid_parse(const char *text, furrow_uuid *out);
FURROW_API size_t furrow_uuid_format(furrow_uuid value, char *buffer, size_t size);

/* A sign (optional), digits, and a point (optional), as in -1.50. */
FURROW_API bool furrow_decimal_parse(const char *text, furrow_decimal *out);
FURROW_API size_t furrow_decimal_format(furrow_decimal value, char *buffer, size_t size);

/* Makes a decimal: furrow_decimal_of(2499, 2) is 24.99. The scale is from 0 to 18; a call that uses
 * a decimal with another scale fails with FURROW_INVALID. */
static inline furrow_decimal furrow_decimal_of(int64_t unscaled, int scale)
{
    furrow_decimal decimal = {unscaled, (int8_t)(scale < 0 || scale > 18 ? -1 : scale)};
    return decimal;
}

/* Gives a decimal another scale, from 0 to 18. Returns false, and sets *out to zero, if that would
 * change the value or the result does not fit. */
FURROW_API bool furrow_decimal_rescale(furrow_decimal value, int scale, furrow_decimal *out);

/* Checks that the text is one JSON value in valid UTF-8. *out then points to `text` itself. */
FURROW_API bool furrow_json_parse(const char *text, furrow_json *out);

#endif
