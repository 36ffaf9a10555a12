/* SPDX-License-Identifier: MIT
 *
 * Writes expressions as SQL. Most of furrow's expressions have the same meaning on every engine.
 * For the others, the SQL differs so that all engines give the same results:
 *
 *   LIKE       is case-sensitive and has no escape character: GLOB on SQLite, ESCAPE '' on
 *              PostgreSQL
 *   integers   are calculated with 64 bits: PostgreSQL would use 32
 *   x / 0      is NULL: PostgreSQL would fail
 *   decimals   are stored by SQLite as integers in units of their scale, and are calculated as such
 *   CAST       of a string to an integer fails unless the string is the text of an integer
 *   strings    in an expression without columns are compared byte by byte: COLLATE "C" on
 *              PostgreSQL
 *   numbers    are read inexactly by SQLite, which also has no float; see number_sql.c
 */
#include "sql/expression_sql.h"

#include <stdio.h>
#include <string.h>

#include "sql/dialect.h"

typedef furrow__expression node;

typedef struct renderer {
    furrow__buffer *out;
    const furrow__expression_dialect *dialect;
    const furrow_column *column;
    bool is_exact; /* whether to write numbers for an engine that reads numbers inexactly */
} renderer;

static void render(const renderer *r, const node *n);

static bool is_operator(const node *n, const char *operator_)
{
    return n->operator_ && strcmp(n->operator_, operator_) == 0;
}

static bool is_leaf(const node *n)
{
    return n->argument_count == 0 || n->kind == FURROW__EXPRESSION_CALL ||
           n->kind == FURROW__EXPRESSION_CAST || n->kind == FURROW__EXPRESSION_CASE;
}

static bool is_logic(const node *n)
{
    return n->kind == FURROW__EXPRESSION_BINARY && (is_operator(n, "AND") || is_operator(n, "OR"));
}

static bool has_column(const node *n)
{
    if (n->kind == FURROW__EXPRESSION_COLUMN)
        return true;
    for (size_t i = 0; i < n->argument_count; i++)
        if (has_column(n->arguments[i]))
            return true;
    return false;
}

static bool is_negative(const node *n)
{
    return (n->kind == FURROW__EXPRESSION_INTEGER && n->integer < 0) ||
           (n->kind == FURROW__EXPRESSION_NUMBER && (n->text[0] == '-' || n->integer < 0));
}

/* Writes an argument, in parentheses unless they are unnecessary on every engine. */
static void render_argument(const renderer *r, const node *of, size_t i)
{
    const node *n = of->arguments[i];
    bool bare = is_leaf(n);
    if (of->kind == FURROW__EXPRESSION_CALL)
        bare = true;
    else if (of->type == FURROW_TYPE_BOOL && n->type != FURROW_TYPE_BOOL)
        bare = true; /* no parentheses are needed, because comparisons have lower precedence than
                        arithmetic */
    else if (is_logic(of))
        bare = !is_logic(n) || (i == 0 && is_operator(n, of->operator_));
    else if (is_negative(n))
        bare =
            false; /* write parentheses, because "a - -5" is hard to read and "--5" is a comment */
    if (!bare)
        furrow__buffer_add_char(r->out, '(');
    render(r, n);
    if (!bare)
        furrow__buffer_add_char(r->out, ')');
}

static void render_now(const renderer *r)
{
    bool date = r->column && r->column->type == FURROW_TYPE_DATE;
    furrow__buffer_add_text(r->out, date ? r->dialect->today : r->dialect->now);
}

static void render_like(const renderer *r, const node *n)
{
    render_argument(r, n, 0);
    furrow__buffer_add_text(r->out, n->negated ? " NOT " : " ");
    r->dialect->write_like(r->out, n->arguments[1]->text);
}

/* Returns whether this operand is already 64 bits wide. It then needs no cast on an engine without
 * wide integers. */
static bool is_wide(const node *n)
{
    if (n->kind == FURROW__EXPRESSION_COLUMN)
        return n->column->type == FURROW_TYPE_INT64 || n->column->type == FURROW_TYPE_DOUBLE;
    return n->kind == FURROW__EXPRESSION_BINARY || n->kind == FURROW__EXPRESSION_UNARY;
}

/* Writes the left operand. On engines without wide integers, it is cast to 64 bits, because the
 * left operand determines the width of the calculation. */
static void render_wide(const renderer *r, const node *n, size_t i)
{
    const node *left = n->arguments[i];
    bool number = n->type == FURROW_TYPE_INT64 || n->type == FURROW_TYPE_DOUBLE;
    if (r->dialect->has_wide_integers || !number || (is_wide(left) && left->type == n->type)) {
        render_argument(r, n, i);
        return;
    }
    furrow__buffer_add_text(r->out, "CAST(");
    render(r, left);
    furrow__buffer_add_text(r->out,
                            n->type == FURROW_TYPE_INT64 ? " AS BIGINT)" : " AS DOUBLE PRECISION)");
}

/* Writes a divisor in such a way that division by zero is NULL. */
static void render_divisor(const renderer *r, const node *n)
{
    const node *divisor = n->arguments[1];
    bool never_zero = divisor->kind == FURROW__EXPRESSION_INTEGER && divisor->integer != 0;
    if (r->dialect->divides_by_zero || never_zero) {
        render_argument(r, n, 1);
        return;
    }
    furrow__buffer_add_text(r->out, "NULLIF(");
    render(r, divisor);
    furrow__buffer_add_text(r->out, ", 0)");
}

/* Writes the collation for a comparison of strings without a column. Without this collation, the
 * comparison would use the collation of the database. */
static void render_collation(const renderer *r, const node *n)
{
    if (n->type == FURROW_TYPE_TEXT && !has_column(n))
        furrow__buffer_add_text(r->out, r->dialect->collation);
}

static void render_binary(const renderer *r, const node *n)
{
    if (is_operator(n, "LIKE")) {
        render_like(r, n);
        return;
    }
    bool arithmetic = n->type != FURROW_TYPE_BOOL && n->type != FURROW_TYPE_TEXT;
    if (arithmetic)
        render_wide(r, n, 0);
    else
        render_argument(r, n, 0);
    if (n->type == FURROW_TYPE_BOOL && !has_column(n->arguments[1]))
        render_collation(r, n->arguments[0]);
    furrow__buffer_format(r->out, " %s ", n->operator_);
    if (is_operator(n, "/") || is_operator(n, "%"))
        render_divisor(r, n);
    else
        render_argument(r, n, 1);
}

static void render_unary(const renderer *r, const node *n)
{
    furrow__buffer_add_text(r->out, is_operator(n, "NOT") ? "NOT " : "-");
    if (is_operator(n, "NOT"))
        render_argument(r, n, 0);
    else
        render_wide(r, n, 0);
}

static void render_between(const renderer *r, const node *n)
{
    render_argument(r, n, 0);
    if (!has_column(n))
        render_collation(r, n->arguments[0]);
    furrow__buffer_add_text(r->out, n->negated ? " NOT BETWEEN " : " BETWEEN ");
    render_argument(r, n, 1);
    furrow__buffer_add_text(r->out, " AND ");
    render_argument(r, n, 2);
}

static bool is_number(const node *n)
{
    return n->kind == FURROW__EXPRESSION_INTEGER || n->kind == FURROW__EXPRESSION_NUMBER;
}

/* Writes a number. If `is_float` is set, rounds the number to a float. */
static void render_number(const renderer *r, const node *n, bool is_float)
{
    char text[32];
    if (n->type == FURROW_TYPE_DECIMAL) {
        r->dialect->write_decimal(r->out, n->integer, n->beside->scale);
    } else if (n->kind == FURROW__EXPRESSION_INTEGER) {
        snprintf(text, sizeof text, "%lld", (long long)n->integer);
        if (r->is_exact && is_float && (double)(float)n->integer != (double)n->integer)
            furrow__write_number(r->out, text, true);
        else
            furrow__buffer_add_text(r->out, text);
    } else if (r->is_exact) {
        furrow__write_number(r->out, n->text, is_float);
    } else {
        furrow__buffer_add_text(r->out, n->text);
    }
}

static bool has_type(const node *n, furrow_type type)
{
    return n->kind == FURROW__EXPRESSION_COLUMN && n->column->type == type;
}

/* Returns whether PostgreSQL gives the type real to the numbers in this list. It does so if the
 * list contains float columns and otherwise only numbers. An IN with a single number is a
 * comparison, in which the number is a double.
 */
static bool is_float_list(const node *n)
{
    bool has_float = false;
    if (n->kind == FURROW__EXPRESSION_IN && n->argument_count == 2)
        return false;
    for (size_t i = 0; i < n->argument_count; i++) {
        if (!is_number(n->arguments[i]) && !has_type(n->arguments[i], FURROW_TYPE_FLOAT))
            return false;
        has_float |= !is_number(n->arguments[i]);
    }
    return has_float;
}

static void render_list(const renderer *r, const node *n, size_t from)
{
    bool is_float = is_float_list(n);
    furrow__buffer_add_char(r->out, '(');
    for (size_t i = from; i < n->argument_count; i++) {
        furrow__buffer_add_text(r->out, i > from ? ", " : "");
        if (is_number(n->arguments[i]))
            render_number(r, n->arguments[i], is_float);
        else
            render(r, n->arguments[i]);
    }
    furrow__buffer_add_char(r->out, ')');
}

static void render_call(const renderer *r, const node *n)
{
    furrow__buffer_add_text(r->out, is_operator(n, "length") ? r->dialect->length : n->operator_);
    if (is_operator(n, "abs")) {
        furrow__buffer_add_char(r->out, '(');
        render_wide(r, n, 0);
        furrow__buffer_add_char(r->out, ')');
    } else if (is_operator(n, "lower") || is_operator(n, "upper")) {
        furrow__buffer_add_char(r->out, '(');
        render_argument(r, n, 0);
        render_collation(r, n->arguments[0]);
        furrow__buffer_add_char(r->out, ')');
    } else {
        render_list(r, n, 0);
    }
}

/* The casts that expression_check.c accepts have the same result on every engine. */
static void render_cast(const renderer *r, const node *n)
{
    const node *value = n->arguments[0];
    if (n->type == FURROW_TYPE_INT64 && value->type == FURROW_TYPE_TEXT) {
        furrow__buffer_add_text(r->out, r->dialect->integer_before);
        render(r, value);
        furrow__buffer_add_text(r->out, r->dialect->integer_after);
        return;
    }
    furrow__buffer_add_text(r->out, "CAST(");
    render(r, value);
    furrow__buffer_add_text(r->out, n->type == FURROW_TYPE_INT64    ? " AS BIGINT)"
                                    : n->type == FURROW_TYPE_DOUBLE ? " AS DOUBLE PRECISION)"
                                                                    : " AS TEXT)");
    if (n->type == FURROW_TYPE_TEXT)
        furrow__buffer_add_text(r->out, r->dialect->collation);
}

/* Writes a value of a CASE. If other values of the CASE are reals, an integer is cast to a real,
 * because SQLite would otherwise calculate with an integer. */
static void render_case_value(const renderer *r, const node *n, size_t i, const char *type)
{
    const node *value = n->arguments[i];
    bool widens = n->type == FURROW_TYPE_DOUBLE && value->type == FURROW_TYPE_INT64;
    bool casts = value->kind != FURROW__EXPRESSION_NULL && (type || widens);
    furrow__buffer_add_text(r->out, casts ? "CAST(" : "");
    render(r, value);
    if (casts)
        furrow__buffer_format(r->out, " AS %s)", widens ? "DOUBLE PRECISION" : type);
}

static void render_case(const renderer *r, const node *n)
{
    size_t pairs = n->argument_count / 2 * 2;
    const char *type = NULL;
    if (r->dialect->type_of_literals)
        type = r->dialect->type_of_literals(n->type);
    furrow__buffer_add_text(r->out, "CASE");
    for (size_t i = 0; i < pairs; i += 2) {
        furrow__buffer_add_text(r->out, " WHEN ");
        render(r, n->arguments[i]);
        furrow__buffer_add_text(r->out, " THEN ");
        render_case_value(r, n, i + 1, type);
    }
    if (pairs < n->argument_count) {
        furrow__buffer_add_text(r->out, " ELSE ");
        render_case_value(r, n, pairs, type);
    }
    furrow__buffer_add_text(r->out, " END");
}

static void render(const renderer *r, const node *n)
{
    switch (n->kind) {
    case FURROW__EXPRESSION_NULL:
        furrow__buffer_add_text(r->out, "NULL");
        break;
    case FURROW__EXPRESSION_BOOL:
        furrow__buffer_add_text(r->out, n->integer ? r->dialect->true_ : r->dialect->false_);
        break;
    case FURROW__EXPRESSION_INTEGER:
    case FURROW__EXPRESSION_NUMBER:
        render_number(r, n, false);
        break;
    case FURROW__EXPRESSION_TEXT:
        furrow__sql_literal(r->out, n->text);
        break;
    case FURROW__EXPRESSION_NOW:
        render_now(r);
        break;
    case FURROW__EXPRESSION_COLUMN:
        furrow__sql_identifier(r->out, n->column->name);
        break;
    case FURROW__EXPRESSION_UNARY:
        render_unary(r, n);
        break;
    case FURROW__EXPRESSION_BINARY:
        render_binary(r, n);
        break;
    case FURROW__EXPRESSION_IS_NULL:
        render_argument(r, n, 0);
        furrow__buffer_add_text(r->out, n->negated ? " IS NOT NULL" : " IS NULL");
        break;
    case FURROW__EXPRESSION_BETWEEN:
        render_between(r, n);
        break;
    case FURROW__EXPRESSION_IN:
        render_argument(r, n, 0);
        furrow__buffer_add_text(r->out, n->negated ? " NOT IN " : " IN ");
        render_list(r, n, 1);
        break;
    case FURROW__EXPRESSION_CALL:
        render_call(r, n);
        break;
    case FURROW__EXPRESSION_CAST:
        render_cast(r, n);
        break;
    case FURROW__EXPRESSION_CASE:
        render_case(r, n);
        break;
    }
}

void furrow__sql_expression(furrow__buffer *out, const furrow__dialect *dialect,
                            const furrow__expression *expression, const furrow_column *column)
{
    renderer r = {.out = out, .dialect = dialect->expression, .column = column};
    render(&r, expression);
}

/* Writes an expression whose value is not a number and is stored in a float column. */
static void render_rounded(const renderer *r, const node *n)
{
    furrow__buffer value = {0};
    renderer inner = *r;
    inner.out = &value;
    furrow__buffer_add_char(&value, '(');
    render(&inner, n);
    furrow__buffer_add_char(&value, ')');
    if (furrow__buffer_text(&value))
        furrow__write_float_or_fail(r->out, value.text);
    else
        r->out->failed = true;
    furrow__buffer_done(&value);
}

void furrow__sql_exact_expression(furrow__buffer *out, const furrow__dialect *dialect,
                                  const furrow__expression *expression, const furrow_column *column)
{
    bool is_exact = dialect->expression->reads_numbers_inexactly;
    renderer r = {
        .out = out, .dialect = dialect->expression, .column = column, .is_exact = is_exact};
    bool is_for_float = is_exact && column && column->type == FURROW_TYPE_FLOAT;
    if (is_number(expression))
        render_number(&r, expression, is_for_float);
    else if (is_for_float && expression->kind != FURROW__EXPRESSION_NULL &&
             !has_type(expression, FURROW_TYPE_FLOAT))
        render_rounded(&r, expression);
    else
        render(&r, expression);
}
