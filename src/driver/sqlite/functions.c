/* SPDX-License-Identifier: MIT
 *
 * The SQL functions furrow_add(a, b) and furrow_add_float(a, b). furrow_increment uses them to add
 * to a REAL column. SQLite's + operator returns infinity for a sum that is too large, and NULL for
 * infinity - infinity; and SQLite has no float type. These functions round to the column's type.
 * Like PostgreSQL, they fail if the sum is out of the type's range. They are used only in
 * statements, never in a schema, so that any SQLite shell can read the database.
 */
#include <math.h>

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

int furrow__sqlite_add_adders(sqlite3 *db)
{
    static char to_float[] = "float"; /* only the address of this variable is used */
    int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
    int rc = sqlite3_create_function_v2(db, "furrow_add", 2, flags, NULL, add, NULL, NULL, NULL);
    return rc ? rc
              : sqlite3_create_function_v2(db, "furrow_add_float", 2, flags, to_float, add, NULL,
                                           NULL, NULL);
}
