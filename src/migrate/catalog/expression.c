/* SPDX-License-Identifier: MIT
 *
 * The canonical text and the normalized form of a catalog's expressions. The canonical text has no
 * more parentheses than necessary, so that reading and writing it again does not add any. The
 * normalized form is a string; two expressions are equal if their normalized forms are equal. Both
 * preserve the meaning under SQL's three-valued logic.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "migrate/catalog/parts.h"
#include "sql/dialect.h"

typedef furrow__expression node;

static bool is_operator(const node *n, const char *operator_)
{
    return n->operator_ && strcmp(n->operator_, operator_) == 0;
}

static bool is_binary(const node *n, const char *operator_)
{
    return n->kind == FURROW__EXPRESSION_BINARY && is_operator(n, operator_);
}

static const furrow_enum *enumeration(const furrow__catalog_type *type, furrow_arena *arena)
{
    furrow_enum *result = furrow__arena_aligned(arena, sizeof *result, _Alignof(furrow_enum));
    furrow_enumerator *names = furrow__arena_aligned(arena, (type->value_count + 1) * sizeof *names,
                                                     _Alignof(furrow_enumerator));
    if (!result || !names)
        return NULL;
    for (size_t i = 0; i < type->value_count; i++)
        names[i] = (furrow_enumerator){type->values[i], (int64_t)i};
    *result = (furrow_enum){"enum", names, type->value_count};
    return result;
}

typedef struct column_list {
    furrow_column *items;
    size_t count;
} column_list;

static const furrow_column *column_at(const void *context, size_t index)
{
    const column_list *list = context;
    return index < list->count ? &list->items[index] : NULL;
}

static const furrow_column *find_column(const void *context, const char *name)
{
    const column_list *list = context;
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].name, name) == 0)
            return &list->items[i];
    return NULL;
}

/* Returns false when out of memory. */
static bool describe(furrow_column *out, const furrow__catalog_column *column, size_t index,
                     furrow_arena *arena)
{
    *out = (furrow_column){
        .name = column->name,
        .field = column->name,
        .type = (uint8_t)(column->type.native ? FURROW_TYPE_TEXT : column->type.type),
        .scale = column->type.scale,
        .precision = column->type.precision,
        .flags = column->nullable ? FURROW_COLUMN_NULLABLE : 0,
        .index = (uint16_t)index,
        .max_length = column->type.max_length,
    };
    if (out->type == FURROW_TYPE_ENUM)
        out->enumeration = enumeration(&column->type, arena);
    return out->type != FURROW_TYPE_ENUM || out->enumeration;
}

const furrow__expression_scope *furrow__catalog_scope(const furrow__catalog_table *table,
                                                      furrow_arena *arena)
{
    furrow__expression_scope *scope =
        furrow__arena_aligned(arena, sizeof *scope, _Alignof(furrow__expression_scope));
    column_list *list = furrow__arena_aligned(arena, sizeof *list, _Alignof(column_list));
    furrow_column *columns = furrow__arena_aligned(
        arena, (table->column_count + 1) * sizeof *columns, _Alignof(furrow_column));
    if (!scope || !list || !columns)
        return NULL;
    for (size_t i = 0; i < table->column_count; i++)
        if (!describe(&columns[i], &table->columns[i], i, arena))
            return NULL;
    *list = (column_list){columns, table->column_count};
    *scope = (furrow__expression_scope){
        .table = table->name.name, .context = list, .find = find_column, .column_at = column_at};
    return scope;
}

/* The precedence of expressions. An operand of lower precedence is written in parentheses. */
enum {
    BINDS_OR = 1,
    BINDS_AND,
    BINDS_NOT,
    BINDS_COMPARISON,
    BINDS_SUM,
    BINDS_PRODUCT,
    BINDS_SIGN,
    BINDS_ALL
};

static bool is_negative(const node *n)
{
    return (n->kind == FURROW__EXPRESSION_INTEGER && n->integer < 0) ||
           (n->kind == FURROW__EXPRESSION_NUMBER && (n->text[0] == '-' || n->integer < 0));
}

static int binds(const node *n)
{
    switch (n->kind) {
    case FURROW__EXPRESSION_UNARY:
        return is_operator(n, "NOT") ? BINDS_NOT : BINDS_SIGN;
    case FURROW__EXPRESSION_BINARY:
        if (is_operator(n, "OR"))
            return BINDS_OR;
        if (is_operator(n, "AND"))
            return BINDS_AND;
        if (n->type == FURROW_TYPE_BOOL)
            return BINDS_COMPARISON;
        return is_operator(n, "*") || is_operator(n, "/") || is_operator(n, "%") ? BINDS_PRODUCT
                                                                                 : BINDS_SUM;
    case FURROW__EXPRESSION_IS_NULL:
    case FURROW__EXPRESSION_BETWEEN:
    case FURROW__EXPRESSION_IN:
        return BINDS_COMPARISON;
    default:
        return is_negative(n) ? BINDS_SIGN : BINDS_ALL;
    }
}

static void write_operand(furrow__buffer *out, const node *n, int least)
{
    bool bare = binds(n) >= least;
    if (!bare)
        furrow__buffer_add_char(out, '(');
    furrow__expression_write(out, n);
    if (!bare)
        furrow__buffer_add_char(out, ')');
}

static void write_list(furrow__buffer *out, const node *n, size_t from)
{
    furrow__buffer_add_char(out, '(');
    for (size_t i = from; i < n->argument_count; i++) {
        furrow__buffer_add_text(out, i > from ? ", " : "");
        write_operand(out, n->arguments[i], from ? BINDS_SUM : BINDS_OR);
    }
    furrow__buffer_add_char(out, ')');
}

static void write_binary(furrow__buffer *out, const node *n)
{
    int own = binds(n);
    const node *right = n->arguments[1];
    write_operand(out, n->arguments[0], own == BINDS_COMPARISON ? own + 1 : own);
    if (is_operator(n, "LIKE") && n->negated)
        furrow__buffer_add_text(out, " NOT");
    furrow__buffer_format(out, " %s ", n->operator_);
    /* A blank is written between two minus signs, because "--5" is a comment in SQL. */
    write_operand(out, right, is_negative(right) && own > BINDS_COMPARISON ? BINDS_ALL : own + 1);
}

static void write_unary(furrow__buffer *out, const node *n)
{
    bool not_ = is_operator(n, "NOT");
    furrow__buffer_add_text(out, not_ ? "NOT " : "-");
    write_operand(out, n->arguments[0], not_ ? BINDS_NOT : BINDS_ALL);
}

static void write_number(furrow__buffer *out, const node *n)
{
    if (n->type == FURROW_TYPE_DECIMAL && n->beside)
        furrow__write_decimal(out, n->integer, n->beside->scale);
    else if (n->kind == FURROW__EXPRESSION_INTEGER)
        furrow__buffer_format(out, "%lld", (long long)n->integer);
    else
        furrow__buffer_add_text(out, n->text);
}

void furrow__expression_write(furrow__buffer *out, const furrow__expression *n)
{
    switch (n->kind) {
    case FURROW__EXPRESSION_NULL:
        furrow__buffer_add_text(out, "NULL");
        break;
    case FURROW__EXPRESSION_BOOL:
        furrow__buffer_add_text(out, n->integer ? "TRUE" : "FALSE");
        break;
    case FURROW__EXPRESSION_INTEGER:
    case FURROW__EXPRESSION_NUMBER:
        write_number(out, n);
        break;
    case FURROW__EXPRESSION_TEXT:
        furrow__sql_literal(out, n->text);
        break;
    case FURROW__EXPRESSION_NOW:
        furrow__buffer_add_text(out, "now");
        break;
    case FURROW__EXPRESSION_COLUMN:
        furrow__catalog_write_name(out, n->column->name);
        break;
    case FURROW__EXPRESSION_UNARY:
        write_unary(out, n);
        break;
    case FURROW__EXPRESSION_BINARY:
        write_binary(out, n);
        break;
    case FURROW__EXPRESSION_IS_NULL:
        write_operand(out, n->arguments[0], BINDS_SUM);
        furrow__buffer_add_text(out, n->negated ? " IS NOT NULL" : " IS NULL");
        break;
    case FURROW__EXPRESSION_BETWEEN:
        write_operand(out, n->arguments[0], BINDS_SUM);
        furrow__buffer_add_text(out, n->negated ? " NOT BETWEEN " : " BETWEEN ");
        write_operand(out, n->arguments[1], BINDS_SUM);
        furrow__buffer_add_text(out, " AND ");
        write_operand(out, n->arguments[2], BINDS_SUM);
        break;
    case FURROW__EXPRESSION_IN:
        write_operand(out, n->arguments[0], BINDS_SUM);
        furrow__buffer_add_text(out, n->negated ? " NOT IN " : " IN ");
        write_list(out, n, 1);
        break;
    case FURROW__EXPRESSION_CALL:
        furrow__buffer_add_text(out, n->operator_);
        write_list(out, n, 0);
        break;
    case FURROW__EXPRESSION_CAST:
        furrow__buffer_add_text(out, "CAST(");
        furrow__expression_write(out, n->arguments[0]);
        furrow__buffer_add_text(out, n->type == FURROW_TYPE_INT64    ? " AS BIGINT)"
                                     : n->type == FURROW_TYPE_DOUBLE ? " AS DOUBLE PRECISION)"
                                                                     : " AS TEXT)");
        break;
    case FURROW__EXPRESSION_CASE:
        furrow__buffer_add_text(out, "CASE");
        for (size_t i = 0; i < n->argument_count; i++) {
            bool is_else = i % 2 == 0 && i + 1 == n->argument_count;
            furrow__buffer_add_text(out, is_else ? " ELSE " : i % 2 ? " THEN " : " WHEN ");
            furrow__expression_write(out, n->arguments[i]);
        }
        furrow__buffer_add_text(out, " END");
        break;
    }
}

static void normalize(furrow__buffer *out, const node *n, bool negated);

/* Normalized strings before they are sorted: the operands of AND or OR, or the elements of a list.
 */
typedef struct operands {
    char **items;
    size_t count, capacity;
    bool failed;
} operands;

static void operands_add(operands *o, const node *n, bool negated)
{
    furrow__buffer text = {0};
    if (o->count == o->capacity) {
        size_t wanted = o->capacity ? o->capacity * 2 : 8;
        char **items = furrow__reallocate(o->items, wanted * sizeof *items);
        if (!items) {
            o->failed = true;
            return;
        }
        o->items = items;
        o->capacity = wanted;
    }
    normalize(&text, n, negated);
    const char *whole = furrow__buffer_text(&text);
    char *copy = whole ? furrow__duplicate(whole) : NULL;
    furrow__buffer_done(&text);
    if (copy)
        o->items[o->count++] = copy;
    else
        o->failed = true;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Writes the strings in sorted order. If `unique` is true, equal strings are written only once. */
static void operands_write(operands *o, furrow__buffer *out, bool unique)
{
    if (o->count)
        qsort(o->items, o->count, sizeof *o->items, compare_texts);
    for (size_t i = 0; i < o->count; i++) {
        if (unique && i && strcmp(o->items[i], o->items[i - 1]) == 0)
            continue;
        furrow__buffer_add_char(out, ' ');
        furrow__buffer_add_text(out, o->items[i]);
    }
    if (o->failed)
        out->failed = true;
}

static void operands_done(operands *o)
{
    for (size_t i = 0; i < o->count; i++)
        furrow__release(o->items[i]);
    furrow__release(o->items);
}

/* Collects the operands of nested ANDs, or of nested ORs. A NOT turns AND into OR and OR into AND
 * (De Morgan). A chain of n operands is nested n levels deep on its left side, so the function
 * loops over that side instead of calling itself. */
static void gather(operands *o, const node *n, bool negated, bool and_)
{
    for (;;) {
        while (n->kind == FURROW__EXPRESSION_UNARY && is_operator(n, "NOT")) {
            negated = !negated;
            n = n->arguments[0];
        }
        if (!is_binary(n, and_ != negated ? "AND" : "OR"))
            break;
        gather(o, n->arguments[1], negated, and_);
        n = n->arguments[0];
    }
    operands_add(o, n, negated);
}

static void normalize_logic(furrow__buffer *out, const node *n, bool negated)
{
    operands o = {0};
    bool and_ = is_operator(n, "AND") != negated;
    gather(&o, n, negated, and_);
    furrow__buffer_add_text(out, and_ ? "(AND" : "(OR");
    operands_write(&o, out, true);
    furrow__buffer_add_char(out, ')');
    operands_done(&o);
}

/* Writes (operator a b) with a and b sorted, because their order is not significant. */
static void normalize_sorted(furrow__buffer *out, const char *operator_, const node *a,
                             const node *b)
{
    operands o = {0};
    operands_add(&o, a, false);
    operands_add(&o, b, false);
    furrow__buffer_format(out, "(%s", operator_);
    operands_write(&o, out, false);
    furrow__buffer_add_char(out, ')');
    operands_done(&o);
}

static void normalize_pair(furrow__buffer *out, const char *operator_, const node *a, const node *b)
{
    furrow__buffer_format(out, "(%s ", operator_);
    normalize(out, a, false);
    furrow__buffer_add_char(out, ' ');
    normalize(out, b, false);
    furrow__buffer_add_char(out, ')');
}

/* Writes a comparison as a < b or a <= b. A comparison with > or >= is written with its sides
 * exchanged, and so is a negated comparison with < or <=. */
static void normalize_comparison(furrow__buffer *out, const node *n, bool negated)
{
    const node *a = n->arguments[0], *b = n->arguments[1];
    bool equal = is_operator(n, "=");
    if (equal || is_operator(n, "<>")) {
        normalize_sorted(out, equal != negated ? "=" : "<>", a, b);
        return;
    }
    bool swapped = n->operator_[0] == '>', or_equal = n->operator_[1] == '=';
    if (negated) {
        swapped = !swapped;
        or_equal = !or_equal;
    }
    normalize_pair(out, or_equal ? "<=" : "<", swapped ? b : a, swapped ? a : b);
}

static void normalize_binary(furrow__buffer *out, const node *n, bool negated)
{
    const node *a = n->arguments[0], *b = n->arguments[1];
    if (is_operator(n, "AND") || is_operator(n, "OR"))
        normalize_logic(out, n, negated);
    else if (is_operator(n, "LIKE"))
        normalize_pair(out, n->negated != negated ? "NOT LIKE" : "LIKE", a, b);
    else if (n->type == FURROW_TYPE_BOOL)
        normalize_comparison(out, n, negated);
    else if (is_operator(n, "+") || is_operator(n, "*"))
        normalize_sorted(out, n->operator_, a, b);
    else
        normalize_pair(out, n->operator_, a, b);
}

/* BETWEEN and the two comparisons that mean the same must have the same normalized form, so BETWEEN
 * is written as two comparisons. */
static void normalize_between(furrow__buffer *out, const node *n, bool negated)
{
    const char *order = n->negated != negated ? "<" : "<=";
    const node *value = n->arguments[0], *low = n->arguments[1], *high = n->arguments[2];
    furrow__buffer first = {0}, second = {0};
    if (n->negated != negated) {
        normalize_pair(&first, order, value, low);
        normalize_pair(&second, order, high, value);
    } else {
        normalize_pair(&first, order, low, value);
        normalize_pair(&second, order, value, high);
    }
    const char *a = furrow__buffer_text(&first), *b = furrow__buffer_text(&second);
    if (a && b) {
        bool in_order = strcmp(a, b) <= 0;
        furrow__buffer_format(out, "(%s %s %s)", n->negated != negated ? "OR" : "AND",
                              in_order ? a : b, in_order ? b : a);
    } else {
        out->failed = true;
    }
    furrow__buffer_done(&first);
    furrow__buffer_done(&second);
}

static void normalize_in(furrow__buffer *out, const node *n, bool negated)
{
    bool not_ = n->negated != negated;
    operands o = {0};
    if (n->argument_count == 2) {
        normalize_sorted(out, not_ ? "<>" : "=", n->arguments[0], n->arguments[1]);
        return;
    }
    furrow__buffer_add_text(out, not_ ? "(NOT IN " : "(IN ");
    normalize(out, n->arguments[0], false);
    for (size_t i = 1; i < n->argument_count; i++)
        operands_add(&o, n->arguments[i], false);
    operands_write(&o, out, true);
    furrow__buffer_add_char(out, ')');
    operands_done(&o);
}

/* Writes the digits of a real number without zeros at either end, followed by the exponent of the
 * last digit: 0.50 and 5e-1 become "5e-1", and 5.0 becomes "5". printf cannot be used, because its
 * decimal point depends on the locale. */
static void normalize_real(furrow__buffer *out, const char *text)
{
    char digits[FURROW__EXPRESSION_SIZE];
    size_t count = 0;
    long exponent = 0;
    bool behind_point = false;
    if (*text == '-')
        furrow__buffer_add_char(out, *text++);
    for (; *text && *text != 'e' && *text != 'E'; text++) {
        if (*text == '.') {
            behind_point = true;
            continue;
        }
        exponent -= behind_point;
        if ((count || *text != '0') && count < sizeof digits)
            digits[count++] = *text;
    }
    if (*text)
        exponent += strtol(text + 1, NULL, 10);
    for (; count && digits[count - 1] == '0'; count--)
        exponent++;
    if (!count) {
        furrow__buffer_add_char(out, '0');
        return;
    }
    furrow__buffer_add(out, digits, count);
    if (exponent < 0 || exponent > 17)
        furrow__buffer_format(out, "e%ld", exponent);
    for (; exponent > 0 && exponent <= 17; exponent--)
        furrow__buffer_add_char(out, '0');
}

static void normalize_number(furrow__buffer *out, const node *n)
{
    if (n->kind == FURROW__EXPRESSION_NUMBER && n->type != FURROW_TYPE_DECIMAL)
        normalize_real(out, n->text);
    else
        write_number(out, n);
}

static void normalize(furrow__buffer *out, const node *n, bool negated)
{
    switch (n->kind) {
    case FURROW__EXPRESSION_BOOL:
        furrow__buffer_add_text(out, (n->integer != 0) != negated ? "TRUE" : "FALSE");
        return;
    case FURROW__EXPRESSION_INTEGER:
    case FURROW__EXPRESSION_NUMBER:
        normalize_number(out, n);
        return;
    case FURROW__EXPRESSION_UNARY:
        if (is_operator(n, "NOT")) {
            normalize(out, n->arguments[0], !negated);
            return;
        }
        furrow__buffer_add_text(out, "(- ");
        normalize(out, n->arguments[0], false);
        furrow__buffer_add_char(out, ')');
        return;
    case FURROW__EXPRESSION_BINARY:
        normalize_binary(out, n, negated);
        return;
    case FURROW__EXPRESSION_IS_NULL:
        furrow__buffer_add_text(out, n->negated != negated ? "(NOT NULL " : "(NULL ");
        normalize(out, n->arguments[0], false);
        furrow__buffer_add_char(out, ')');
        return;
    case FURROW__EXPRESSION_BETWEEN:
        normalize_between(out, n, negated);
        return;
    case FURROW__EXPRESSION_IN:
        normalize_in(out, n, negated);
        return;
    default:
        break;
    }
    /* All other nodes are values. NOT can be applied only to values of type bool. */
    if (negated)
        furrow__buffer_add_text(out, "(NOT ");
    if (n->kind == FURROW__EXPRESSION_COLUMN)
        furrow__sql_identifier(out, n->column->name);
    else if (n->kind == FURROW__EXPRESSION_CALL) {
        furrow__buffer_format(out, "(%s", n->operator_);
        for (size_t i = 0; i < n->argument_count; i++) {
            furrow__buffer_add_char(out, ' ');
            normalize(out, n->arguments[i], false);
        }
        furrow__buffer_add_char(out, ')');
    } else
        furrow__expression_write(out, n);
    if (negated)
        furrow__buffer_add_char(out, ')');
}

void furrow__expression_write_normalized(furrow__buffer *out, const furrow__expression *expression)
{
    normalize(out, expression, false);
}
