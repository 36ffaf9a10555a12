/* SPDX-License-Identifier: MIT
 *
 * The scalar SQL functions furrow_add(a, b), furrow_add_float(a, b) and json_valid(a), and the
 * aggregate functions furrow_sum(a), furrow_sum_real(a) and furrow_avg(a).
 *
 * furrow_increment uses the first two to add to a REAL column. SQLite's + operator returns infinity
 * for a sum that is too large, and NULL for infinity - infinity; and SQLite has no float type.
 * These functions round to the column's type. Like PostgreSQL, they fail if the sum is out of the
 * type's range.
 *
 * SQLite's sum() fails if the sum of the first rows exceeds 64 bits, even if the sum of all rows
 * does not; its sums of reals depend on SQLite's version, and a sum that is too large is infinity.
 * The aggregate functions give the same results as the expressions in
 * src/dialect/postgresql/query.c.
 *
 * All functions whose names begin with furrow_ are used only in statements, never in a schema, so
 * that any SQLite shell can read the database.
 */
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "driver/sqlite/sqlite.h"

static void fail_out_of_range(sqlite3_context *context)
{
    sqlite3_result_error(context, FURROW__SQLITE_OUT_OF_RANGE, -1);
    sqlite3_result_error_code(context, FURROW__SQLITE_BAD_SUM);
}

static void add(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    bool to_float = sqlite3_user_data(context) != NULL;
    if (sqlite3_value_type(values[0]) == SQLITE_NULL ||
        sqlite3_value_type(values[1]) == SQLITE_NULL)
        return; /* the result is NULL */
    double a = sqlite3_value_double(values[0]), b = sqlite3_value_double(values[1]);
    double sum = to_float ? (double)(float)(a + b) : a + b;
    if (isnan(sum) || (isinf(sum) && !isinf(a) && !isinf(b)))
        fail_out_of_range(context);
    else
        sqlite3_result_double(context, sum);
}

/* json_valid, which the checks of JSON columns call. It replaces SQLite's own function: while
 * trusted_schema is off, some versions refuse to call their own function in a CHECK ("unsafe use of
 * json_valid()"), and others are built without it. This function and SQLite's own function accept
 * the same texts. */
static void json_is_valid(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    if (sqlite3_value_type(values[0]) == SQLITE_NULL)
        return;
    const char *text = (const char *)sqlite3_value_text(values[0]);
    if (!text) {
        sqlite3_result_error_nomem(context);
        return;
    }
    size_t size = (size_t)sqlite3_value_bytes(values[0]);
    sqlite3_result_int(context, strlen(text) == size && furrow__json_is_valid(text));
}

int furrow__sqlite_add_scalars(sqlite3 *db)
{
    static char to_float[] = "float"; /* only the address of this variable is used */
    int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
    int rc = sqlite3_create_function_v2(db, "furrow_add", 2, flags, NULL, add, NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_create_function_v2(db, "furrow_add_float", 2, flags, to_float, add, NULL, NULL,
                                        NULL);
    return rc ? rc
              : sqlite3_create_function_v2(db, "json_valid", 1, flags, NULL, json_is_valid, NULL,
                                           NULL, NULL);
}

/* A sum of integers in 128 bits: high * 2^64 + low. */
typedef struct integer_sum {
    uint64_t low;
    int64_t high;
    bool has_value, is_wrong; /* is_wrong: a value was not an integer */
} integer_sum;

static void add_integer(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    integer_sum *sum = sqlite3_aggregate_context(context, sizeof *sum);
    int type = sqlite3_value_type(values[0]);
    if (!sum)
        sqlite3_result_error_nomem(context);
    if (!sum || type == SQLITE_NULL)
        return;
    int64_t value = sqlite3_value_int64(values[0]);
    sum->has_value = true;
    sum->is_wrong |= type != SQLITE_INTEGER;
    sum->high += __builtin_add_overflow(sum->low, (uint64_t)value, &sum->low);
    sum->high -= value < 0;
}

static void give_integer(sqlite3_context *context)
{
    const integer_sum *sum = sqlite3_aggregate_context(context, 0);
    if (!sum || !sum->has_value)
        return; /* the result is NULL */
    if (sum->is_wrong)
        sqlite3_result_error(context, "a value of the column is not an integer", -1);
    else if (sum->high != (sum->low >> 63 ? -1 : 0))
        fail_out_of_range(context);
    else
        sqlite3_result_int64(context, (int64_t)sum->low);
}

/* A sum of reals. Values of 1e290 or more are divided by 2^64 and added separately, so that no
 * intermediate sum is too large. A division by a power of two does not change the digits. */
typedef struct real_sum {
    double small, large;
    int64_t count;
    bool is_wrong; /* a value was not a number */
} real_sum;

static void add_real(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    real_sum *sum = sqlite3_aggregate_context(context, sizeof *sum);
    int type = sqlite3_value_type(values[0]);
    if (!sum)
        sqlite3_result_error_nomem(context);
    if (!sum || type == SQLITE_NULL)
        return;
    double value = sqlite3_value_double(values[0]);
    sum->is_wrong |= type != SQLITE_FLOAT && type != SQLITE_INTEGER;
    sum->count++;
    if (fabs(value) < 1e290)
        sum->small += value;
    else
        sum->large += value * 0x1p-64;
}

static void give_real(sqlite3_context *context)
{
    const real_sum *sum = sqlite3_aggregate_context(context, 0);
    bool is_average = sqlite3_user_data(context) != NULL;
    if (!sum || !sum->count)
        return; /* the result is NULL */
    double divisor = is_average ? (double)sum->count : 1;
    double result = sum->small / divisor;
    if (sum->large != 0) /* also true if the sum is NaN */
        result = (sum->large + (fabs(sum->small) >= 1e200 ? sum->small * 0x1p-64 : 0)) / divisor *
                 0x1p64;
    if (sum->is_wrong)
        sqlite3_result_error(context, "a value of the column is not a number", -1);
    else if (isnan(result) || (isinf(result) && !isinf(sum->large)))
        fail_out_of_range(context);
    else
        sqlite3_result_double(context, result);
}

int furrow__sqlite_add_aggregates(sqlite3 *db)
{
    static char average[] = "average"; /* only the address of this variable is used */
    static const struct {
        const char *name;
        void *data;
        void (*step)(sqlite3_context *, int, sqlite3_value **);
        void (*final)(sqlite3_context *);
    } sums[] = {
        {"furrow_sum", NULL, add_integer, give_integer},
        {"furrow_sum_real", NULL, add_real, give_real},
        {"furrow_avg", average, add_real, give_real},
    };
    int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, rc = SQLITE_OK;
    for (size_t i = 0; i < sizeof sums / sizeof *sums && rc == SQLITE_OK; i++)
        rc = sqlite3_create_function_v2(db, sums[i].name, 1, flags, sums[i].data, NULL,
                                        sums[i].step, sums[i].final, NULL);
    return rc;
}
