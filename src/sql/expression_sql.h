/* SPDX-License-Identifier: MIT
 * Checked expressions (schema/expression.h) as SQL text. */
#ifndef FURROW_SQL_EXPRESSION_SQL_H
#define FURROW_SQL_EXPRESSION_SQL_H

#include "base/buffer.h"
#include "schema/expression.h"
#include "sql/sql.h"

/* The expression in the dialect; columns by their quoted names alone. `now` is the engine's clock,
 * as the default of `column`, which may be NULL for other expressions. */
void furrow__sql_expression(furrow__buffer *out, const furrow__dialect *dialect,
                            const furrow__expression *expression, const furrow_column *column);

#endif
