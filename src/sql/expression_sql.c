/* SPDX-License-Identifier: MIT
 *
 * Expressions as SQL. The two engines read most of the subset alike; where they do not, the text is
 * chosen so that they give the same answers:
 *
 *   LIKE       is case-sensitive and has no escape: GLOB on SQLite, ESCAPE '' on PostgreSQL
 *   integers   are 64 bits wide while calculating: PostgreSQL would keep 32
 *   x / 0      is NULL: PostgreSQL would fail
 *   decimals   are units on SQLite, as they are stored
 *   text       without a column in it compares by bytes: COLLATE "C" on PostgreSQL
 */
#include "sql/expression_sql.h"

#include <string.h>

#include <furrow/furrow.h>

typedef furrow__expression node;

typedef struct renderer {
    furrow__buffer *out;
    const furrow__dialect *dialect;
    const furrow_column *column;
    bool sqlite;
} renderer;

static void render(const renderer *r, const node *n);

static bool is_operator(const node *n, const char *operator_)
{
    return n->operator_ && strcmp(n->operator_, operator_) == 0;
}

static bool is_leaf(const node *n)
{
    return n->argument_count == 0 || n->kind == FURROW__EXPRESSION_CALL;
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

/* An argument, in brackets unless it needs none on any engine. */
static void render_argument(const renderer *r, const node *of, size_t i)
{
    const node *n = of->arguments[i];
    bool bare = is_leaf(n);
    if (of->kind == FURROW__EXPRESSION_CALL)
        bare = true;
    else if (of->type == FURROW_TYPE_BOOL && n->type != FURROW_TYPE_BOOL)
        bare = true; /* comparisons bind looser than calculations */
    else if (is_logic(of))
        bare = !is_logic(n) || (i == 0 && is_operator(n, of->operator_));
    else if (is_negative(n))
        bare = false; /* "a - -5" reads badly, and "--5" is a comment */
    if (!bare)
        furrow__buffer_add_char(r->out, '(');
    render(r, n);
    if (!bare)
        furrow__buffer_add_char(r->out, ')');
}

void furrow__sql_decimal(furrow__buffer *out, const furrow__dialect *dialect, int64_t unscaled,
                         int scale)
{
    char text[FURROW_DECIMAL_SIZE];
    furrow_decimal value = {.unscaled = unscaled, .scale = (int8_t)scale};
    if (dialect == &furrow__dialect_sqlite) {
        furrow__buffer_format(out, "%lld", (long long)unscaled);
        return;
    }
    furrow__buffer_add(out, text, furrow_decimal_format(value, text, sizeof text));
}

static void render_now(const renderer *r)
{
    bool date = r->column && r->column->type == FURROW_TYPE_DATE;
    if (r->sqlite)
        furrow__buffer_add_text(r->out, date ? "date('now')"
                                             : "strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'");
    else
        furrow__buffer_add_text(r->out, date ? "CAST(CURRENT_TIMESTAMP AT TIME ZONE 'UTC' AS DATE)"
                                             : "CURRENT_TIMESTAMP");
}

/* A pattern of LIKE as one of GLOB: % and _ become * and ?, and what GLOB would read is bracketed.
 */
static void render_glob(const renderer *r, const char *pattern)
{
    furrow__buffer glob = {0};
    for (; *pattern; pattern++) {
        switch (*pattern) {
        case '%':
            furrow__buffer_add_char(&glob, '*');
            break;
        case '_':
            furrow__buffer_add_char(&glob, '?');
            break;
        case '*':
        case '?':
        case '[':
            furrow__buffer_format(&glob, "[%c]", *pattern);
            break;
        default:
            furrow__buffer_add_char(&glob, *pattern);
        }
    }
    const char *text = furrow__buffer_text(&glob);
    if (text)
        furrow__sql_literal(r->out, text);
    else
        r->out->failed = true;
    furrow__buffer_done(&glob);
}

static void render_like(const renderer *r, const node *n)
{
    render_argument(r, n, 0);
    furrow__buffer_add_text(r->out, n->negated ? " NOT" : "");
    furrow__buffer_add_text(r->out, r->sqlite ? " GLOB " : " LIKE ");
    if (r->sqlite) {
        render_glob(r, n->arguments[1]->text);
        return;
    }
    furrow__sql_literal(r->out, n->arguments[1]->text);
    furrow__buffer_add_text(r->out, " ESCAPE ''");
}

/* Whether PostgreSQL calculates with it in 64 bits as it is. */
static bool is_wide(const node *n)
{
    if (n->kind == FURROW__EXPRESSION_COLUMN)
        return n->column->type == FURROW_TYPE_INT64 || n->column->type == FURROW_TYPE_DOUBLE;
    return n->kind == FURROW__EXPRESSION_BINARY || n->kind == FURROW__EXPRESSION_UNARY;
}

/* The left side decides how wide PostgreSQL calculates. */
static void render_wide(const renderer *r, const node *n, size_t i)
{
    const node *left = n->arguments[i];
    bool number = n->type == FURROW_TYPE_INT64 || n->type == FURROW_TYPE_DOUBLE;
    if (r->sqlite || !number || (is_wide(left) && left->type == n->type)) {
        render_argument(r, n, i);
        return;
    }
    furrow__buffer_add_text(r->out, "CAST(");
    render(r, left);
    furrow__buffer_add_text(r->out,
                            n->type == FURROW_TYPE_INT64 ? " AS BIGINT)" : " AS DOUBLE PRECISION)");
}

/* A divisor that is zero makes the result NULL. */
static void render_divisor(const renderer *r, const node *n)
{
    const node *divisor = n->arguments[1];
    bool never_zero = divisor->kind == FURROW__EXPRESSION_INTEGER && divisor->integer != 0;
    if (r->sqlite || never_zero) {
        render_argument(r, n, 1);
        return;
    }
    furrow__buffer_add_text(r->out, "NULLIF(");
    render(r, divisor);
    furrow__buffer_add_text(r->out, ", 0)");
}

/* Text that holds no column has the database's collation on PostgreSQL, not ours. */
static void render_collation(const renderer *r, const node *n)
{
    if (!r->sqlite && n->type == FURROW_TYPE_TEXT && !has_column(n))
        furrow__buffer_add_text(r->out, " COLLATE \"C\"");
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

static void render_list(const renderer *r, const node *n, size_t from)
{
    furrow__buffer_add_char(r->out, '(');
    for (size_t i = from; i < n->argument_count; i++) {
        furrow__buffer_add_text(r->out, i > from ? ", " : "");
        render(r, n->arguments[i]);
    }
    furrow__buffer_add_char(r->out, ')');
}

static void render_call(const renderer *r, const node *n)
{
    if (is_operator(n, "length") && !r->sqlite)
        furrow__buffer_add_text(r->out, "char_length");
    else
        furrow__buffer_add_text(r->out, n->operator_);
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

static void render(const renderer *r, const node *n)
{
    switch (n->kind) {
    case FURROW__EXPRESSION_NULL:
        furrow__buffer_add_text(r->out, "NULL");
        break;
    case FURROW__EXPRESSION_BOOL:
        if (r->sqlite)
            furrow__buffer_add_char(r->out, n->integer ? '1' : '0');
        else
            furrow__buffer_add_text(r->out, n->integer ? "TRUE" : "FALSE");
        break;
    case FURROW__EXPRESSION_INTEGER:
    case FURROW__EXPRESSION_NUMBER:
        if (n->type == FURROW_TYPE_DECIMAL)
            furrow__sql_decimal(r->out, r->dialect, n->integer, n->beside->scale);
        else if (n->kind == FURROW__EXPRESSION_INTEGER)
            furrow__buffer_format(r->out, "%lld", (long long)n->integer);
        else
            furrow__buffer_add_text(r->out, n->text);
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
    }
}

void furrow__sql_expression(furrow__buffer *out, const furrow__dialect *dialect,
                            const furrow__expression *expression, const furrow_column *column)
{
    renderer r = {.out = out,
                  .dialect = dialect,
                  .column = column,
                  .sqlite = dialect == &furrow__dialect_sqlite};
    render(&r, expression);
}
