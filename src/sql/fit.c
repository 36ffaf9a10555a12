/* SPDX-License-Identifier: MIT
 *
 * Compares a column with a number that the column cannot hold, such as an int16 with 100000. The
 * engines would either refuse the parameter or round it. The number is therefore replaced by the
 * nearest number that the column can hold, and the operator is changed accordingly: x < 100000
 * becomes x <= 32767. A comparison that is never true becomes x < least, and a comparison that is
 * always true becomes x >= least. Both are unknown if x is NULL, as the original comparison is.
 */
#include <math.h>
#include <float.h>

#include <furrow/driver.h>

#include "base/calendar.h"
#include "sql/parts.h"

/* The numbers that a column can hold and that are nearest to a number that it cannot hold. */
typedef struct gap {
    bool has_below, has_above; /* whether the column can hold a smaller or greater number */
    furrow_value below, above; /* the greatest smaller number and the least greater number that the
                                  column can hold */
} gap;

static furrow_value decimal_of(const furrow_column *column, int64_t units)
{
    return furrow_value_decimal_((furrow_decimal){units, column->scale});
}

static int64_t greatest_integer(const furrow_column *column)
{
    switch (column->type) {
    case FURROW_TYPE_INT16:
        return INT16_MAX;
    case FURROW_TYPE_INT32:
        return INT32_MAX;
    default:
        return INT64_MAX;
    }
}

static int64_t greatest_units(const furrow_column *column)
{
    return column->precision && column->precision < 19 ? furrow__power10[column->precision] - 1
                                                       : INT64_MAX;
}

/* Returns the least number that a column of a numeric type can hold. */
static furrow_value least_of(const furrow_column *column)
{
    if (column->type == FURROW_TYPE_FLOAT || column->type == FURROW_TYPE_DOUBLE)
        return furrow_value_real_(-INFINITY);
    if (column->type == FURROW_TYPE_DECIMAL)
        return decimal_of(column, -greatest_units(column));
    return furrow_value_integer_(-greatest_integer(column) - 1);
}

static bool integer_gap(const furrow_column *column, const furrow_value *value, gap *out)
{
    int64_t greatest = greatest_integer(column);
    bool is_above = value->problem == FURROW_VALUE_TOO_LARGE_ || value->as.integer > greatest;
    out->has_below = is_above;
    out->below = furrow_value_integer_(greatest);
    out->has_above = !is_above;
    out->above = least_of(column);
    return is_above || value->as.integer < -greatest - 1;
}

/* A decimal with more digits after the point than the column has is not handled here: it is an
 * error. */
static bool decimal_gap(const furrow_column *column, const furrow_value *value, gap *out)
{
    furrow_decimal d = {value->as.integer, 0}, scaled;
    if (value->type == FURROW_TYPE_DECIMAL)
        d = value->as.decimal;
    if (d.scale < 0 || d.scale > 18)
        return false;
    int64_t greatest = greatest_units(column);
    bool too_large = value->problem == FURROW_VALUE_TOO_LARGE_, is_beyond = too_large;
    if (!too_large && furrow_decimal_rescale(d, column->scale, &scaled))
        is_beyond = scaled.unscaled > greatest || scaled.unscaled < -greatest;
    else if (!too_large)
        is_beyond = d.scale < column->scale;
    bool is_above = too_large || d.unscaled > 0;
    out->has_below = is_above;
    out->below = decimal_of(column, greatest);
    out->has_above = !is_above;
    out->above = least_of(column);
    return is_beyond;
}

/* Returns whether a real is greater than an integer. The comparison is exact. */
static bool is_greater(double real, const furrow_value *integer)
{
    if (integer->problem == FURROW_VALUE_TOO_LARGE_)
        return real >= 0x1p64 || (uint64_t)real > (uint64_t)integer->as.integer;
    return real >= 0x1p63 || (int64_t)real > integer->as.integer;
}

static bool is_equal(double real, const furrow_value *integer)
{
    if (integer->problem == FURROW_VALUE_TOO_LARGE_)
        return real < 0x1p64 && (uint64_t)real == (uint64_t)integer->as.integer;
    return real < 0x1p63 && (int64_t)real == integer->as.integer;
}

static void real_neighbours(const furrow_column *column, double near, bool is_above, gap *out)
{
    double other = column->type == FURROW_TYPE_FLOAT
                       ? (double)nextafterf((float)near, is_above ? -INFINITY : INFINITY)
                       : nextafter(near, is_above ? -INFINITY : INFINITY);
    out->below = furrow_value_real_(is_above ? other : near);
    out->above = furrow_value_real_(is_above ? near : other);
}

static bool real_gap(const furrow_column *column, const furrow_value *value, gap *out)
{
    bool is_float = column->type == FURROW_TYPE_FLOAT;
    out->has_below = out->has_above = true;
    if (value->type == FURROW_TYPE_DOUBLE) {
        double real = value->as.real, near = (double)(float)real;
        if (!is_float || !isinf(near) || isinf(real))
            return false;
        real_neighbours(column, near, near > 0, out);
        return true;
    }
    double real = value->problem == FURROW_VALUE_TOO_LARGE_ ? (double)(uint64_t)value->as.integer
                                                            : (double)value->as.integer;
    if (is_equal(real, value))
        return false;
    double near = is_float ? (double)(float)real : real;
    real_neighbours(column, near, is_greater(near, value), out);
    return true;
}

/* Finds the numbers next to a value. Returns false if the column can hold the value, or if the
 * value is not a number. */
static bool find_gap(const furrow_column *column, const furrow_value *value, gap *out)
{
    if (value->type != FURROW_TYPE_INT64 && value->type != FURROW_TYPE_DECIMAL &&
        value->type != FURROW_TYPE_DOUBLE)
        return false;
    switch ((furrow_type)column->type) {
    case FURROW_TYPE_INT16:
    case FURROW_TYPE_INT32:
    case FURROW_TYPE_INT64:
        return value->type == FURROW_TYPE_INT64 && integer_gap(column, value, out);
    case FURROW_TYPE_FLOAT:
    case FURROW_TYPE_DOUBLE:
        return value->type != FURROW_TYPE_DECIMAL && real_gap(column, value, out);
    case FURROW_TYPE_DECIMAL:
        return value->type != FURROW_TYPE_DOUBLE && decimal_gap(column, value, out);
    default:
        return false;
    }
}

/* Returns whether the column's range excludes every number on one side of the gap, so that the
 * value is outside the range. */
static bool is_out_of_range(const furrow_column *column, const gap *g)
{
    bool is_real = column->type == FURROW_TYPE_FLOAT || column->type == FURROW_TYPE_DOUBLE;
    if (!is_real)
        return (column->flags & FURROW_COLUMN_HAS_MAX && g->has_below) ||
               (column->flags & FURROW_COLUMN_HAS_MIN && g->has_above);
    return (column->flags & FURROW_COLUMN_HAS_MAX && g->below.as.real >= (double)column->maximum) ||
           (column->flags & FURROW_COLUMN_HAS_MIN && g->above.as.real <= (double)column->minimum);
}

furrow_status furrow__fit_comparison(const furrow_column *column, enum furrow_op_ *op,
                                     furrow_value *value, furrow_error *error)
{
    gap g = {0};
    if (!find_gap(column, value, &g)) {
        if (value->problem == FURROW_VALUE_TOO_LARGE_ && value->type == FURROW_TYPE_INT64 &&
            (column->type == FURROW_TYPE_FLOAT || column->type == FURROW_TYPE_DOUBLE))
            *value = furrow_value_real_((double)(uint64_t)value->as.integer);
        return furrow__check_value(column, value, error);
    }
    if (is_out_of_range(column, &g))
        return furrow__out_of_range(column, error);
    bool is_less = *op == FURROW_OP_LT_ || *op == FURROW_OP_LE_;
    bool is_greater_than = *op == FURROW_OP_GT_ || *op == FURROW_OP_GE_;
    if (is_less && g.has_below) {
        *op = FURROW_OP_LE_;
        *value = g.below;
    } else if (is_greater_than && g.has_above) {
        *op = FURROW_OP_GE_;
        *value = g.above;
    } else {
        furrow__fit_unequal(column, op, value);
    }
    return FURROW_OK;
}

void furrow__fit_unequal(const furrow_column *column, enum furrow_op_ *op, furrow_value *value)
{
    *op = *op == FURROW_OP_NE_ ? FURROW_OP_GE_ : FURROW_OP_LT_;
    *value = least_of(column);
}

bool furrow__is_beyond(const furrow_column *column, const furrow_value *value)
{
    gap g = {0};
    return find_gap(column, value, &g) && !is_out_of_range(column, &g);
}
