/* SPDX-License-Identifier: MIT
 *
 * The scalar SQL functions: furrow_add(a, b), furrow_add_float(a, b) and json_valid(a).
 *
 * furrow_increment uses the first two to add to a REAL column. SQLite's + operator returns infinity
 * for a sum that is too large, and NULL for infinity - infinity; and SQLite has no float type.
 * These functions round to the column's type. Like PostgreSQL, they fail if the sum is out of the
 * type's range. They are used only in statements, never in a schema, so that any SQLite shell can
 * read the database.
 */
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "driver/sqlite/sqlite.h"

static void add(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    bool to_float = sqlite3_user_data(context) != NULL;
    if (sqlite3_value_type(values[0]) == SQLITE_NULL ||
        sqlite3_value_type(values[1]) == SQLITE_NULL)
        return; /* the result is NULL */
    double a = sqlite3_value_double(values[0]), b = sqlite3_value_double(values[1]);
    double sum = to_float ? (double)(float)(a + b) : a + b;
    if (isnan(sum) || (isinf(sum) && !isinf(a) && !isinf(b))) {
        sqlite3_result_error(context, FURROW__SQLITE_OUT_OF_RANGE, -1);
        sqlite3_result_error_code(context, FURROW__SQLITE_BAD_SUM);
    } else {
        sqlite3_result_double(context, sum);
    }
}

/* json_valid, which the checks of JSON columns call. It replaces SQLite's own function: while
 * trusted_schema is off, some versions refuse to call theirs in a CHECK ("unsafe use of
 * json_valid()"), and others are built without it. Both accept the same text. */
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
