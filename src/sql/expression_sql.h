/* SPDX-License-Identifier: MIT
 * Checked expressions (schema/expression.h) as SQL text. */
#ifndef FURROW_SQL_EXPRESSION_SQL_H
#define FURROW_SQL_EXPRESSION_SQL_H

#include "base/buffer.h"
#include "schema/expression.h"
#include "sql/sql.h"

/* Writes the expression in the dialect. Columns are written as their quoted names. `column` is the
 * column whose default the expression is: it determines whether now is a date or a time. It is NULL
 * for other expressions. */
void furrow__sql_expression(furrow__buffer *out, const furrow__dialect *dialect,
                            const furrow__expression *expression, const furrow_column *column);

#endif
