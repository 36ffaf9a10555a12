/* SPDX-License-Identifier: MIT
 * Writes checked expressions (schema/expression.h) as SQL text. */
#ifndef FURROW_SQL_EXPRESSION_SQL_H
#define FURROW_SQL_EXPRESSION_SQL_H

#include "base/buffer.h"
#include "schema/expression.h"
#include "sql/sql.h"

/* Writes an expression as SQL. A column is written as its quoted name. For a default, `column` is
 * the column that the default belongs to, which determines whether `now` is a date or a time. For
 * other expressions, `column` is NULL. */
void furrow__sql_expression(furrow__buffer *out, const furrow__dialect *dialect,
                            const furrow__expression *expression, const furrow_column *column);

/* Like furrow__sql_expression, for schemas with storage version 2 or later: on an engine that reads
 * numbers inexactly or has no float, numbers are written so that the engine reads the same value as
 * a C program, and a value for a float column is rounded to a float. `column` is the column that
 * stores the value, or NULL. */
void furrow__sql_exact_expression(furrow__buffer *out, const furrow__dialect *dialect,
                                  const furrow__expression *expression,
                                  const furrow_column *column);

/* Writes a number so that every parser reads the nearest double or, if `is_float` is set, the
 * nearest float (number_sql.c). `text` is a number as it is written in an expression. A number that
 * is too large is written unchanged. */
void furrow__write_number(furrow__buffer *out, const char *text, bool is_float);
/* Writes an expression that rounds a double to a float and never fails. Neither engine has a
 * function for this. A value outside the range of floats is left unchanged. `value` is SQL in
 * parentheses, or a name. */
void furrow__write_rounded_to_float(furrow__buffer *out, const char *value);
/* Like furrow__write_rounded_to_float, but the statement fails with an integer overflow if the
 * value is outside the range of floats. For SQLite only, which has no other expression that
 * fails. */
void furrow__write_float_or_fail(furrow__buffer *out, const char *value);

#endif
