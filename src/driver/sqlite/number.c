/* SPDX-License-Identifier: MIT
 *
 * furrow_add(a, b) and furrow_add_float(a, b): what furrow_increment adds to a REAL with. SQLite's
 * own + makes infinity of what is too large, NULL of infinity - infinity, and knows no float; these
 * round to the column's type and refuse what is out of its range, as other engines do. Used in
 * statements alone, never in a schema, which any shell can read.
 */
#include <math.h>

#include "driver/sqlite/sqlite.h"

static void add(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    bool to_float = sqlite3_user_data(context) != NULL;
    if (sqlite3_value_type(values[0]) == SQLITE_NULL ||
        sqlite3_value_type(values[1]) == SQLITE_NULL)
        return; /* NULL */
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
    static char to_float[] = "float"; /* only its address counts */
    int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
    int rc = sqlite3_create_function_v2(db, "furrow_add", 2, flags, NULL, add, NULL, NULL, NULL);
    return rc ? rc
              : sqlite3_create_function_v2(db, "furrow_add_float", 2, flags, to_float, add, NULL,
                                           NULL, NULL);
}
