/* SPDX-License-Identifier: MIT
 *
 * Raw SQL. The SQL text must be a string literal. On every engine, `?` stands for a bound value and
 * `??` for a question mark. A statement takes at most 32 values: integers, float, double, bool,
 * text, NULL, and the value types (furrow_time and so on). A value that is a compound literal with
 * a comma needs parentheses: furrow_exec(s, "…", ((furrow_blob){bytes, size})).
 */
#ifndef FURROW_RAW_H
#define FURROW_RAW_H

#pragma GCC system_header /* see internal/export.h */

#include <furrow/session.h>
#include <furrow/internal/raw.h>

/* furrow_exec(s, "UPDATE … WHERE id = ?", id)
 *
 * Runs one statement and discards its rows. Returns FURROW_INVALID for statements that control
 * transactions, for ATTACH, and for settings that would outlive the transaction. */
#define furrow_exec(...) FURROW_EXEC_(furrow_exec_, __VA_ARGS__)
FURROW_API furrow_status furrow_exec_(furrow_session *s, const char *sql,
                                      const furrow_value *values, size_t count);

/* furrow_exec(s, "UPDATE sale SET price = ? WHERE id = ?", furrow_value_of(SALE.price, price), id)
 *
 * Makes a value in the form in which the column stores it, on every engine: on SQLite, a decimal is
 * an integer in units of the column's scale; an enum is text; a value for a float column is rounded
 * to float. The value is checked as in furrow_eq.
 *
 * Always use it for decimals and enums. On SQLite, a decimal without a column is refused with
 * FURROW_INVALID. An enumerator is an int in C, so furrow cannot know that it belongs to an enum.
 * In a condition it matches nothing, and as a new value it violates the column's CHECK. Literals in
 * the SQL text are not checked: on SQLite, price > 10 in a column with scale 2 means more than
 * 0.10. furrow-sql(7) lists the differences between the engines. */
#define furrow_value_of(column_, ...)                                                              \
    furrow_value_of_(FURROW_COLUMN_(column_), FURROW_VALUE_FOR_(column_, __VA_ARGS__))

/* The rows of a raw statement. They belong to the session. */
typedef struct furrow_rows furrow_rows;

/* furrow_query(s, &rows, "SELECT …", values…)
 *
 * Runs one statement and keeps its rows in the session. On failure *out is set to NULL, which
 * furrow_rows_next accepts. */
#define furrow_query(...) FURROW_QUERY_(furrow_query_, __VA_ARGS__)
FURROW_API furrow_status furrow_query_(furrow_session *s, furrow_rows **out, const char *sql,
                                       const furrow_value *values, size_t count);

/* Runs SQL text that need not be a literal, without the checks of furrow_query. This call is for
 * tools: never pass text that comes from a user. Changes to the settings of a SQLite connection
 * (PRAGMA, ATTACH, temporary tables) last until the end of the transaction, or, for a database in
 * memory, until the engine is closed. A statement that makes such a change must be the first of its
 * transaction; otherwise the call can return FURROW_INVALID. */
FURROW_API furrow_status furrow_unsafe_sql(furrow_session *s, furrow_rows **out, const char *sql,
                                           const furrow_value *values, size_t count);

/* Rows */

/* Moves to the next row; the first call moves to the first row. Returns false after the last row,
 * or if `rows` is NULL. */
FURROW_API bool furrow_rows_next(furrow_rows *rows);

/* Returns the number of rows, or 0 if `rows` is NULL. */
FURROW_API size_t furrow_rows_count(const furrow_rows *rows);

/* Returns the number of columns, or 0 if `rows` is NULL. */
FURROW_API size_t furrow_rows_column_count(const furrow_rows *rows);

/* Returns the name of column i (counted from 0), or "" if there is no such column. */
FURROW_API const char *furrow_rows_column_name(const furrow_rows *rows, int i);

/* Returns the index of the first column with this name, or -1. */
FURROW_API int furrow_rows_column_index(const furrow_rows *rows, const char *name);

/* Functions for the current row. They return the value of column i (counted from 0), converted if
 * the conversion is exact. They return NULL as 0, "" or an empty value. If the column does not
 * exist or the value cannot be converted, they also return 0, "" or an empty value, and the
 * transaction fails with FURROW_INVALID. The same happens without a current row: before the first
 * call to furrow_rows_next, and after it has returned false. Text and blobs belong to the
 * session. */

/* Return the value of column i of the current row. */
FURROW_API int64_t furrow_row_int64(furrow_rows *rows, int i);
FURROW_API double furrow_row_double(furrow_rows *rows, int i);
FURROW_API bool furrow_row_bool(furrow_rows *rows, int i);
FURROW_API const char *furrow_row_text(furrow_rows *rows, int i);
FURROW_API furrow_blob furrow_row_blob(furrow_rows *rows, int i);
FURROW_API furrow_time furrow_row_time(furrow_rows *rows, int i);
FURROW_API furrow_date furrow_row_date(furrow_rows *rows, int i);
FURROW_API furrow_uuid furrow_row_uuid(furrow_rows *rows, int i);

/* SQLite stores a decimal as an integer in units of its column's scale, which is not known in a raw
 * statement: 24.99 in a column with scale 2 is returned as 2499 with scale 0. So is a sum of such a
 * column; an average is a real, which cannot be returned as a decimal. A `result` struct with
 * FURROW(decimal(p, 2)) reads the value or the sum as 24.99 on every engine. */
FURROW_API furrow_decimal furrow_row_decimal(furrow_rows *rows, int i);

/* The `text` member of the result is never NULL: for SQL's NULL it is "". */
FURROW_API furrow_json furrow_row_json(furrow_rows *rows, int i);

/* Returns true if the value is NULL or the column does not exist. */
FURROW_API bool furrow_row_is_null(furrow_rows *rows, int i);

#endif
