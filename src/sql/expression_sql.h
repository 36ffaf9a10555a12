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

#endif
