/* SPDX-License-Identifier: MIT
 *
 * Conversions that ALTER COLUMN TYPE makes without USING. Some of them are exact for every value.
 * Others are exact only for some values: a string, for example, can be converted to an integer only
 * if it contains a number. For these conversions, the preflight counts the values that cannot be
 * converted exactly, so that no value is ever rounded or cut. The preflight reads the rows as they
 * are before the first change. If the revision changes the rows before the conversion, the
 * conversion needs USING.
 */
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/text.h"
#include "migrate/plan/dialect.h"
#include "sql/expression_sql.h"

typedef furrow__planner planner;
typedef furrow__catalog_type type;

static bool is_real(const type *t)
{
    return t->type == FURROW_TYPE_FLOAT || t->type == FURROW_TYPE_DOUBLE;
}

static furrow__conversion_kind to_integer(const type *from)
{
    if (from->type == FURROW_TYPE_TEXT)
        return FURROW__TEXT_TO_INTEGER;
    if (from->type == FURROW_TYPE_DECIMAL)
        return FURROW__DECIMAL_TO_INTEGER;
    return is_real(from) ? FURROW__REAL_TO_INTEGER : FURROW__NOT_CONVERTED;
}

static furrow__conversion_kind find_kind(const type *from, const type *to)
{
    bool integer = furrow__type_is_integer(from);
    if (from->native || to->native)
        return FURROW__NOT_CONVERTED;
    if (furrow__type_is_integer(to))
        return integer ? FURROW__CONVERTS_ALL : to_integer(from);
    if (from->type == to->type)
        return to->type == FURROW_TYPE_DECIMAL && to->scale < from->scale ? FURROW__FEWER_DIGITS
                                                                          : FURROW__CONVERTS_ALL;
    switch (to->type) {
    case FURROW_TYPE_TEXT:
        return integer || from->type == FURROW_TYPE_ENUM || from->type == FURROW_TYPE_UUID
                   ? FURROW__CONVERTS_ALL
                   : FURROW__NOT_CONVERTED;
    case FURROW_TYPE_ENUM:
        return from->type == FURROW_TYPE_TEXT ? FURROW__CONVERTS_ALL : FURROW__NOT_CONVERTED;
    case FURROW_TYPE_UUID:
        return from->type == FURROW_TYPE_TEXT ? FURROW__TEXT_TO_UUID : FURROW__NOT_CONVERTED;
    case FURROW_TYPE_DOUBLE:
        if (from->type == FURROW_TYPE_INT64)
            return FURROW__INTEGER_TO_DOUBLE;
        return from->type == FURROW_TYPE_FLOAT || integer ? FURROW__CONVERTS_ALL
                                                          : FURROW__NOT_CONVERTED;
    case FURROW_TYPE_FLOAT:
        if (from->type == FURROW_TYPE_DOUBLE)
            return FURROW__DOUBLE_TO_FLOAT;
        return from->type == FURROW_TYPE_INT16 ? FURROW__CONVERTS_ALL
               : integer                       ? FURROW__INTEGER_TO_FLOAT
                                               : FURROW__NOT_CONVERTED;
    case FURROW_TYPE_DECIMAL:
        return integer ? FURROW__CONVERTS_ALL : FURROW__NOT_CONVERTED;
    default:
        return FURROW__NOT_CONVERTED;
    }
}

/* Returns the number of digits after the decimal point that are lost; negative if digits are added.
 */
static int digits_lost(const type *from, const type *to)
{
    return (from->type == FURROW_TYPE_DECIMAL ? from->scale : 0) -
           (to->type == FURROW_TYPE_DECIMAL ? to->scale : 0);
}

/* Whether the column had the same values and the same type before the first change, which is when
 * the preflight reads them. */
static bool was_asked(const planner *p, const furrow__change *change, const type *from)
{
    const furrow__catalog_table *table = furrow__plan_original(p, change->table);
    const char *name = table ? furrow__plan_original_column(p, change->table, change->name) : NULL;
    const furrow__catalog_column *column = name ? furrow__catalog_column_named(table, name) : NULL;
    return column && !column->type.native && column->type.type == from->type &&
           column->type.scale == from->scale;
}

/* Writes the value of a column as a program reads it. In a float column, SQLite stores 0.1 as a
 * double. Programs read it as a float, so it is rounded to a float here. */
static const char *read_value(planner *p, const char *name, const type *from)
{
    if (!p->dialect->plan->floats_hold_doubles || from->type != FURROW_TYPE_FLOAT)
        return name;
    furrow__buffer_add_char(&p->text, '(');
    furrow__write_rounded_to_float(&p->text, name);
    furrow__buffer_add_char(&p->text, ')');
    return furrow__plan_take(p);
}

const char *furrow__plan_conversion(planner *p, const furrow__change *change, const type *from,
                                    const char *native)
{
    furrow__conversion c = {.from = from, .to = &change->column.type, .native = native};
    c.kind = find_kind(from, c.to);
    c.digits_lost = digits_lost(from, c.to);
    if (c.kind == FURROW__NOT_CONVERTED ||
        (c.kind > FURROW__CONVERTS_ALL && !was_asked(p, change, from)))
        return NULL;
    furrow__sql_identifier(&p->text, change->name);
    const char *name = furrow__plan_take(p);
    c.value = name && from->type != c.to->type ? read_value(p, name, from) : name;
    if (!c.value)
        return NULL;
    p->dialect->plan->write_conversion(p, &c);
    return furrow__plan_take(p);
}

void furrow__plan_not_converted(planner *p, const furrow__change *change)
{
    furrow__buffer name = {0};
    furrow__catalog_write_name(&name, change->name);
    p->status = furrow__fail(p->error, FURROW_INVALID,
                             "column %s cannot be converted to its new type automatically",
                             FURROW__QUOTED(change->name));
    furrow__hint(p->error, "write how: ALTER COLUMN %s TYPE ... USING (expression)",
                 name.failed ? change->name : furrow__buffer_text(&name));
    furrow__buffer_done(&name);
}

void furrow__plan_write_limits(planner *p, const char *value, const type *to)
{
    if (to->type == FURROW_TYPE_INT64)
        furrow__buffer_format(&p->text,
                              "%s NOT BETWEEN -9223372036854775808 AND 9223372036854775807", value);
    else
        furrow__buffer_format(&p->text, "%s NOT BETWEEN %d AND %d", value,
                              to->type == FURROW_TYPE_INT16 ? INT16_MIN : INT32_MIN,
                              to->type == FURROW_TYPE_INT16 ? INT16_MAX : INT32_MAX);
}

/* Writes a condition that is true for a double if a float cannot represent it exactly. */
static void not_floats(planner *p, const char *value)
{
    furrow__buffer_format(&p->text, "CASE WHEN abs(%s) > 3.4028234663852886e38 THEN abs(%s) < ",
                          value, value);
    furrow__buffer_add_text(&p->text, p->dialect->plan->infinity);
    furrow__buffer_format(&p->text, " ELSE %s <> ", value);
    furrow__write_rounded_to_float(&p->text, value);
    furrow__buffer_add_text(&p->text, " END");
}

/* Writes a condition that is true for an integer if a double, or a float, cannot represent it
 * exactly. The condition converts the integer to a double and back. 2^63 - 1024 is the largest
 * double in the range of bigint. A larger integer can be rounded to a double beyond this range,
 * which could not be converted back. No larger integer is exact, so the condition is simply true
 * for all of them. */
static void not_reals(planner *p, const char *value, bool floats)
{
    const furrow__expression_dialect *words = p->dialect->expression;
    furrow__buffer_format(&p->text, "CAST(%s AS %s)", value, p->dialect->plan->double_type);
    const char *as_real = furrow__plan_take(p);
    if (!as_real)
        return;
    furrow__buffer_format(&p->text,
                          "CASE WHEN %s > 9223372036854774784 THEN %s WHEN CAST(%s AS %s) <> %s "
                          "THEN %s ELSE ",
                          value, words->true_, as_real, p->dialect->plan->integer_type, value,
                          words->true_);
    if (floats)
        not_floats(p, as_real);
    else
        furrow__buffer_add_text(&p->text, words->false_);
    furrow__buffer_add_text(&p->text, " END");
}

const char *furrow__plan_misfits(planner *p, const furrow__change *change, const type *from,
                                 const char *name)
{
    furrow__conversion c = {.from = from, .to = &change->column.type};
    c.kind = find_kind(from, c.to);
    c.digits_lost = digits_lost(from, c.to);
    if (c.kind <= FURROW__CONVERTS_ALL || !was_asked(p, change, from))
        return NULL;
    c.value = read_value(p, name, from);
    if (!c.value)
        return NULL;
    if (c.kind == FURROW__DOUBLE_TO_FLOAT)
        not_floats(p, c.value);
    else if (c.kind == FURROW__INTEGER_TO_DOUBLE || c.kind == FURROW__INTEGER_TO_FLOAT)
        not_reals(p, c.value, c.kind == FURROW__INTEGER_TO_FLOAT);
    else
        p->dialect->plan->write_misfits(p, &c);
    return furrow__plan_take(p);
}
