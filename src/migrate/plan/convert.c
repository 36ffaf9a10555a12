/* SPDX-License-Identifier: MIT
 *
 * How values of one type become another's by themselves. Some conversions fit every value; others
 * fit only some, as text that spells a number: then the preflight counts those that do not fit, so
 * that nothing is ever rounded or cut. What is asked is asked of the rows as they are before
 * everything: where a revision has changed them by then, such a conversion is not made by itself.
 */
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/text.h"
#include "migrate/plan/parts.h"

typedef furrow__planner planner;
typedef furrow__catalog_type type;

typedef enum conversion {
    NOT_CONVERTED,
    FITS,
    TEXT_TO_INTEGER = 2, /* from here on some values may not fit */
    TEXT_TO_UUID,
    REAL_TO_INTEGER,
    INTEGER_TO_DOUBLE,
    INTEGER_TO_FLOAT,
    DOUBLE_TO_FLOAT,
    DECIMAL_TO_INTEGER,
    FEWER_DIGITS,
} conversion;

static bool is_real(const type *t)
{
    return t->type == FURROW_TYPE_FLOAT || t->type == FURROW_TYPE_DOUBLE;
}

static conversion to_integer(const type *from)
{
    if (from->type == FURROW_TYPE_TEXT)
        return TEXT_TO_INTEGER;
    if (from->type == FURROW_TYPE_DECIMAL)
        return DECIMAL_TO_INTEGER;
    return is_real(from) ? REAL_TO_INTEGER : NOT_CONVERTED;
}

static conversion find(const type *from, const type *to)
{
    bool integer = furrow__type_is_integer(from);
    if (from->native || to->native)
        return NOT_CONVERTED;
    if (furrow__type_is_integer(to))
        return integer ? FITS : to_integer(from);
    if (from->type == to->type)
        return to->type == FURROW_TYPE_DECIMAL && to->scale < from->scale ? FEWER_DIGITS : FITS;
    switch (to->type) {
    case FURROW_TYPE_TEXT:
        return integer || from->type == FURROW_TYPE_ENUM || from->type == FURROW_TYPE_UUID
                   ? FITS
                   : NOT_CONVERTED;
    case FURROW_TYPE_ENUM:
        return from->type == FURROW_TYPE_TEXT ? FITS : NOT_CONVERTED;
    case FURROW_TYPE_UUID:
        return from->type == FURROW_TYPE_TEXT ? TEXT_TO_UUID : NOT_CONVERTED;
    case FURROW_TYPE_DOUBLE:
        if (from->type == FURROW_TYPE_INT64)
            return INTEGER_TO_DOUBLE;
        return from->type == FURROW_TYPE_FLOAT || integer ? FITS : NOT_CONVERTED;
    case FURROW_TYPE_FLOAT:
        if (from->type == FURROW_TYPE_DOUBLE)
            return DOUBLE_TO_FLOAT;
        return from->type == FURROW_TYPE_INT16 ? FITS : integer ? INTEGER_TO_FLOAT : NOT_CONVERTED;
    case FURROW_TYPE_DECIMAL:
        return integer ? FITS : NOT_CONVERTED;
    default:
        return NOT_CONVERTED;
    }
}

/* Digits behind the point that are lost; fewer than 0 where some are won. */
static int digits_lost(const type *from, const type *to)
{
    return (from->type == FURROW_TYPE_DECIMAL ? from->scale : 0) -
           (to->type == FURROW_TYPE_DECIMAL ? to->scale : 0);
}

/* Whether the rows that were asked still have these values, of this type. */
static bool was_asked(const planner *p, const furrow__change *change, const type *from)
{
    const furrow__catalog_table *table = furrow__plan_original(p, change->table);
    const char *name = table ? furrow__plan_original_column(p, change->table, change->name) : NULL;
    const furrow__catalog_column *column = name ? furrow__catalog_column_named(table, name) : NULL;
    return column && !column->type.native && column->type.type == from->type &&
           column->type.scale == from->scale;
}

/* ---- floats ---- */

/* A double rounded to a float, as neither engine has a word for it that does not fail: to 24 bits
 * by Veltkamp's splitting; below 2^-126 to a multiple of 2^-149, which is the last bit of 1.5 *
 * 2^-97. What is out of the range of floats stays. */
static void write_float(planner *p, const char *value)
{
    furrow__buffer_format(&p->text,
                          "CASE WHEN abs(%s) > 3.4028234663852886e38 THEN %s WHEN abs(%s) < "
                          "1.1754943508222875e-38 THEN %s + 9.466330862652142e-30 - "
                          "9.466330862652142e-30 ELSE %s * 536870913.0 - (%s * 536870913.0 - %s) "
                          "END",
                          value, value, value, value, value, value, value);
}

/* The value of a column as a program reads it: SQLite keeps a REAL that was written as 0.1 in 64
 * bits, and is asked as if it were the float that the column's type says. */
static const char *read_value(planner *p, const char *name, const type *from)
{
    if (!p->sqlite || from->type != FURROW_TYPE_FLOAT)
        return name;
    furrow__buffer_add_char(&p->text, '(');
    write_float(p, name);
    furrow__buffer_add_char(&p->text, ')');
    return furrow__plan_take(p);
}

/* ---- values ---- */

static void write_on_sqlite(planner *p, const char *value, const type *from, const type *to)
{
    int lost = digits_lost(from, to);
    bool decimals = from->type == FURROW_TYPE_DECIMAL || to->type == FURROW_TYPE_DECIMAL;
    if (to->type == FURROW_TYPE_TEXT && furrow__type_is_integer(from))
        furrow__buffer_format(&p->text, "CAST(%s AS TEXT)", value);
    else if (is_real(to) && furrow__type_is_integer(from))
        furrow__buffer_format(&p->text, "CAST(%s AS REAL)", value);
    else if (furrow__type_is_integer(to) && (from->type == FURROW_TYPE_TEXT || is_real(from)))
        furrow__buffer_format(&p->text, "CAST(%s AS INTEGER)", value);
    else if (decimals && lost)
        furrow__buffer_format(&p->text, "%s %c %lld", value, lost > 0 ? '/' : '*',
                              (long long)furrow__power10[lost > 0 ? lost : -lost]);
    else
        furrow__buffer_add_text(&p->text, value);
}

const char *furrow__plan_conversion(planner *p, const furrow__change *change, const type *from,
                                    const char *native)
{
    const type *to = &change->column.type;
    conversion how = find(from, to);
    if (how == NOT_CONVERTED || (how > FITS && !was_asked(p, change, from)))
        return NULL;
    furrow__sql_identifier(&p->text, change->name);
    const char *name = furrow__plan_take(p);
    if (!name)
        return NULL;
    if (p->sqlite) {
        const char *value = from->type == to->type ? name : read_value(p, name, from);
        if (value)
            write_on_sqlite(p, value, from, to);
    } else {
        const char *collate = strstr(native, " COLLATE");
        size_t size = collate ? (size_t)(collate - native) : strlen(native);
        furrow__buffer_format(&p->text, "CAST(%s AS %.*s)", name, (int)size, native);
    }
    return furrow__plan_take(p);
}

void furrow__plan_not_converted(planner *p, const furrow__change *change)
{
    furrow__buffer name = {0};
    furrow__catalog_write_name(&name, change->name);
    p->status =
        furrow__fail(p->error, FURROW_INVALID,
                     "column \"%s\" cannot be converted to its new type by itself", change->name);
    furrow__hint(p->error, "say how: ALTER COLUMN %s TYPE ... USING (expression)",
                 name.failed ? change->name : furrow__buffer_text(&name));
    furrow__buffer_done(&name);
}

/* ---- values that do not fit ---- */

static void write_limits(planner *p, const char *value, const type *to)
{
    if (to->type == FURROW_TYPE_INT64)
        furrow__buffer_format(&p->text,
                              "%s NOT BETWEEN -9223372036854775808 AND 9223372036854775807", value);
    else
        furrow__buffer_format(&p->text, "%s NOT BETWEEN %d AND %d", value,
                              to->type == FURROW_TYPE_INT16 ? INT16_MIN : INT32_MIN,
                              to->type == FURROW_TYPE_INT16 ? INT16_MAX : INT32_MAX);
}

static void misfits_on_sqlite(planner *p, const char *value, conversion how, const type *from,
                              const type *to)
{
    long long power = furrow__power10[digits_lost(from, to) > 0 ? digits_lost(from, to) : 0];
    switch (how) {
    case TEXT_TO_INTEGER:
        furrow__buffer_format(&p->text, "CAST(CAST(%s AS INTEGER) AS TEXT) <> %s OR ", value,
                              value);
        furrow__buffer_format(&p->text, "CAST(%s AS INTEGER)", value);
        write_limits(p, "", to);
        break;
    case REAL_TO_INTEGER:
        furrow__buffer_format(&p->text, "CAST(%s AS INTEGER) <> %s OR ", value, value);
        write_limits(p, value, to);
        break;
    case TEXT_TO_UUID:
        furrow__buffer_format(&p->text, "%s NOT GLOB '", value);
        for (int i = 0; i < 36; i++)
            furrow__buffer_add_text(&p->text,
                                    i == 8 || i == 13 || i == 18 || i == 23 ? "-" : "[0-9a-f]");
        furrow__buffer_add_char(&p->text, '\'');
        break;
    case DECIMAL_TO_INTEGER:
        furrow__buffer_format(&p->text, "%s %% %lld <> 0 OR %s / %lld", value, power, value, power);
        write_limits(p, "", to);
        break;
    default:
        furrow__buffer_format(&p->text, "%s %% %lld <> 0", value, power);
    }
}

static void misfits_on_postgresql(planner *p, const char *name, conversion how, const type *to)
{
    switch (how) {
    case TEXT_TO_INTEGER:
        furrow__buffer_format(&p->text,
                              "%s IS NOT NULL AND CASE WHEN %s ~ '^(0|-?[1-9][0-9]{0,18})$' THEN "
                              "CAST(%s AS numeric)",
                              name, name, name);
        write_limits(p, "", to);
        furrow__buffer_add_text(&p->text, " ELSE true END");
        break;
    case TEXT_TO_UUID:
        furrow__buffer_format(&p->text, "%s !~ '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$'",
                              name);
        break;
    case REAL_TO_INTEGER:
        if (to->type == FURROW_TYPE_INT64) /* the largest is no real */
            furrow__buffer_format(
                &p->text, "%s < -9223372036854775808 OR %s >= 9223372036854775808", name, name);
        else
            write_limits(p, name, to);
        furrow__buffer_format(&p->text, " OR %s <> trunc(%s)", name, name);
        break;
    case DECIMAL_TO_INTEGER:
        write_limits(p, name, to);
        furrow__buffer_format(&p->text, " OR %s <> trunc(%s)", name, name);
        break;
    default:
        furrow__buffer_format(&p->text, "%s <> trunc(%s, %d)", name, name, to->scale);
    }
}

/* Doubles that are no floats. */
static void not_floats(planner *p, const char *value)
{
    furrow__buffer_format(&p->text, "CASE WHEN abs(%s) > 3.4028234663852886e38 THEN abs(%s) < ",
                          value, value);
    furrow__buffer_add_text(&p->text, p->sqlite ? "9e999" : "CAST('Infinity' AS double precision)");
    furrow__buffer_format(&p->text, " ELSE %s <> ", value);
    write_float(p, value);
    furrow__buffer_add_text(&p->text, " END");
}

/* Integers that are no doubles, or no floats. 2^63 - 1024 is the largest double that is a bigint:
 * what is rounded up from there cannot be compared. */
static void not_reals(planner *p, const char *value, bool floats)
{
    const char *real = p->sqlite ? "REAL" : "double precision",
               *integer = p->sqlite ? "INTEGER" : "bigint";
    furrow__buffer_format(&p->text, "CAST(%s AS %s)", value, real);
    const char *as_real = furrow__plan_take(p);
    if (!as_real)
        return;
    furrow__buffer_format(&p->text,
                          "CASE WHEN %s > 9223372036854774784 THEN %s WHEN CAST(%s AS %s) <> %s "
                          "THEN %s ELSE ",
                          value, p->sqlite ? "1" : "true", as_real, integer, value,
                          p->sqlite ? "1" : "true");
    if (floats)
        not_floats(p, as_real);
    else
        furrow__buffer_add_text(&p->text, p->sqlite ? "0" : "false");
    furrow__buffer_add_text(&p->text, " END");
}

const char *furrow__plan_misfits(planner *p, const furrow__change *change, const type *from,
                                 const char *name)
{
    const type *to = &change->column.type;
    conversion how = find(from, to);
    if (how <= FITS || !was_asked(p, change, from))
        return NULL;
    const char *value = read_value(p, name, from);
    if (!value)
        return NULL;
    if (how == DOUBLE_TO_FLOAT)
        not_floats(p, value);
    else if (how == INTEGER_TO_DOUBLE || how == INTEGER_TO_FLOAT)
        not_reals(p, value, how == INTEGER_TO_FLOAT);
    else if (p->sqlite)
        misfits_on_sqlite(p, value, how, from, to);
    else
        misfits_on_postgresql(p, value, how, to);
    return furrow__plan_take(p);
}
