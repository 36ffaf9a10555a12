/* SPDX-License-Identifier: MIT
 *
 * Determines and checks the types of expressions. A node is checked after its arguments. A literal
 * that is compared with a time, date, UUID, enum or decimal column takes the type of the column:
 * the literal is parsed as a value of that type and stored in canonical form, so that it can be
 * written for any engine.
 *
 * Expressions are refused if engines would give different results (decimals with different scales,
 * the order of enum values, comparisons of JSON) or if the result is always unknown (= NULL).
 */
#include "schema/expression_parts.h"

#include <math.h>
#include <stdio.h>

#include <furrow/furrow.h>

#include "base/calendar.h"
#include "base/real.h"
#include "base/text.h"
#include "schema/type.h"

typedef furrow__expression node;
typedef furrow__expression_context context;

static const char *type_name(furrow_type type)
{
    static const char *const names[FURROW_TYPE_COUNT_] = {
        [FURROW_TYPE_NULL] = "NULL",        [FURROW_TYPE_BOOL] = "a bool",
        [FURROW_TYPE_INT64] = "an integer", [FURROW_TYPE_DOUBLE] = "a real",
        [FURROW_TYPE_TEXT] = "text",        [FURROW_TYPE_BLOB] = "a blob",
        [FURROW_TYPE_TIME] = "a time",      [FURROW_TYPE_DATE] = "a date",
        [FURROW_TYPE_UUID] = "a UUID",      [FURROW_TYPE_DECIMAL] = "a decimal",
        [FURROW_TYPE_JSON] = "JSON",        [FURROW_TYPE_ENUM] = "an enum",
    };
    return type < FURROW_TYPE_COUNT_ && names[type] ? names[type] : "of another type";
}

static bool is_number(furrow_type type)
{
    return type == FURROW_TYPE_INT64 || type == FURROW_TYPE_DOUBLE || type == FURROW_TYPE_DECIMAL;
}

/* Whether an argument of CASE is a value, not a condition. */
static bool is_value_of_case(const node *n, size_t i)
{
    return i % 2 == 1 || i + 1 == n->argument_count;
}

/* Returns whether the node is a literal that can take the type of another operand, or a CASE whose
 * values are such literals. */
static bool is_flexible(const node *n)
{
    bool any = false;
    for (size_t i = 0; n->kind == FURROW__EXPRESSION_CASE && i < n->argument_count; i++) {
        const node *value = n->arguments[i];
        if (!is_value_of_case(n, i) || value->kind == FURROW__EXPRESSION_NULL)
            continue;
        if (!is_flexible(value))
            return false;
        any = true;
    }
    if (n->kind == FURROW__EXPRESSION_CASE)
        return any;
    return !n->beside &&
           (n->kind == FURROW__EXPRESSION_INTEGER || n->kind == FURROW__EXPRESSION_NUMBER ||
            n->kind == FURROW__EXPRESSION_TEXT);
}

/* Returns an argument as a node that can be modified. The cast is valid, because the arguments are
 * not const objects; they belong to the arena. */
static node *argument(const node *of, size_t i)
{
    return (node *)(uintptr_t)of->arguments[i];
}

enum { NEAREST_SIZE = 64 };

/* Returns the Levenshtein distance: the number of bytes to insert, remove or replace to change one
 * name into the other. Neither name may be longer than an identifier. */
static size_t distance(const char *a, const char *b)
{
    size_t row[NEAREST_SIZE + 1], a_size = strlen(a), b_size = strlen(b);
    if (a_size > NEAREST_SIZE || b_size > NEAREST_SIZE)
        return SIZE_MAX;
    for (size_t j = 0; j <= b_size; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_size; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            size_t best = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            best = best < row[j] + 1 ? best : row[j] + 1;
            row[j] = best < row[j - 1] + 1 ? best : row[j - 1] + 1;
        }
    }
    return row[b_size];
}

typedef struct nearest {
    const char *name, *best;
    size_t distance;
} nearest;

static void consider(nearest *n, const char *candidate)
{
    size_t far = distance(n->name, candidate);
    if (far < n->distance && far <= strlen(n->name) / 3 + 1 && far < strlen(candidate)) {
        n->best = candidate;
        n->distance = far;
    }
}

static bool unknown(context *c, size_t position, const char *what, const nearest *n)
{
    int shown = furrow__expression_shown(n->name);
    if (n->best)
        return furrow__expression_fail(c, position, "unknown %s \"%.*s\"; did you mean \"%.*s\"?",
                                       what, shown, n->name, furrow__expression_shown(n->best),
                                       n->best);
    return furrow__expression_fail(c, position, "unknown %s \"%.*s\"", what, shown, n->name);
}

static const furrow_enumerator *enumerator(const furrow_enum *enumeration, const char *name)
{
    for (size_t i = 0; enumeration && i < enumeration->count; i++)
        if (strcmp(enumeration->enumerators[i].name, name) == 0)
            return &enumeration->enumerators[i];
    return NULL;
}

static bool unknown_column(context *c, const node *n, const char *name)
{
    nearest near = {.name = name, .distance = SIZE_MAX};
    const furrow_column *column;
    for (size_t i = 0; (column = furrow__scope_column(c->scope, i)); i++) {
        if (column->enumeration && enumerator(column->enumeration, name))
            return furrow__expression_fail(
                c, n->position, "unknown column \"%.*s\"; write the value of an enum as '%.*s'",
                furrow__expression_shown(name), name, furrow__expression_shown(name), name);
        consider(&near, column->field);
        consider(&near, column->name);
    }
    return unknown(c, n->position, "column", &near);
}

bool furrow__expression_resolve(context *c, node *n, const char *name)
{
    if (c->use == FURROW__EXPRESSION_FOR_DEFAULT) {
        if (c->column && c->column->type == FURROW_TYPE_ENUM) {
            n->kind = FURROW__EXPRESSION_TEXT;
            n->text = name;
            return true;
        }
        return furrow__expression_fail(c, n->position,
                                       "a default cannot contain columns; write text as '%.*s'",
                                       furrow__expression_shown(name), name);
    }
    const furrow_column *column = c->scope->find(c->scope->context, name);
    if (!column)
        return unknown_column(c, n, name);
    n->column = column;
    n->beside = column;
    n->type = furrow__type_family(column->type);
    return true;
}

static bool wrong_literal(context *c, const node *n, const furrow_column *beside, const char *hint)
{
    int shown = furrow__expression_shown(beside->name);
    return furrow__expression_fail(c, n->position, "column \"%.*s\" is %s; %s", shown, beside->name,
                                   type_name(furrow__type_family(beside->type)), hint);
}

/* Reports a string literal that is not a valid value of the column's type, such as the 30th of
 * February for a date. */
static bool wrong_text(context *c, const node *n, const furrow_column *beside, const char *hint)
{
    char what[160];
    if (n->kind != FURROW__EXPRESSION_TEXT)
        return wrong_literal(c, n, beside, hint);
    snprintf(what, sizeof what, "'%.*s' is not one; %s", furrow__expression_shown(n->text), n->text,
             hint);
    return wrong_literal(c, n, beside, what);
}

static bool take_decimal(context *c, node *n, const furrow_column *beside)
{
    furrow_decimal value = {.unscaled = n->integer}, scaled;
    if (n->kind == FURROW__EXPRESSION_TEXT)
        return wrong_literal(c, n, beside, "write a number without quotes");
    if (n->kind == FURROW__EXPRESSION_NUMBER && !furrow_decimal_parse(n->text, &value))
        return wrong_literal(c, n, beside, "write it in at most 18 digits without an exponent");
    if (!furrow_decimal_rescale(value, beside->scale, &scaled)) {
        char hint[80];
        snprintf(hint, sizeof hint,
                 "the number does not fit in %d digits, %d of them after the point",
                 beside->precision ? beside->precision : 18, beside->scale);
        return wrong_literal(c, n, beside, hint);
    }
    n->integer = scaled.unscaled;
    n->type = FURROW_TYPE_DECIMAL;
    return true;
}

static bool take_enum(context *c, node *n, const furrow_column *beside)
{
    if (n->kind != FURROW__EXPRESSION_TEXT)
        return wrong_literal(c, n, beside, "write the name of one of its values in quotes");
    if (!enumerator(beside->enumeration, n->text)) {
        nearest near = {.name = n->text, .distance = SIZE_MAX};
        for (size_t i = 0; beside->enumeration && i < beside->enumeration->count; i++)
            consider(&near, beside->enumeration->enumerators[i].name);
        /* The enum of a column in a revision has no name, so the message contains the keyword
         * `enum` instead. */
        const char *name = beside->enumeration ? beside->enumeration->name : "enum";
        char what[128] = "enum value";
        if (strcmp(name, "enum") != 0)
            snprintf(what, sizeof what, "value of enum %.*s", furrow__expression_shown(name), name);
        return unknown(c, n->position, what, &near);
    }
    n->type = FURROW_TYPE_ENUM;
    return true;
}

/* Parses a string literal as a value of the column's type and replaces the literal with the
 * canonical form of that value. */
static bool take_text(context *c, node *n, const furrow_column *beside)
{
    char text[FURROW_UUID_SIZE > FURROW_TIME_SIZE ? FURROW_UUID_SIZE : FURROW_TIME_SIZE];
    furrow_time time;
    furrow_date date;
    furrow_uuid uuid;
    size_t size = 0;
    bool is_text = n->kind == FURROW__EXPRESSION_TEXT;
    switch (beside->type) {
    case FURROW_TYPE_TIME:
        if (!is_text || !furrow_time_parse(n->text, &time))
            return wrong_text(c, n, beside, "write it as '2026-12-31T23:59:59Z'");
        size = furrow_time_format(time, text, sizeof text);
        break;
    case FURROW_TYPE_DATE:
        if (!is_text || !furrow_date_parse(n->text, &date))
            return wrong_text(c, n, beside, "write it as '2026-12-31'");
        size = furrow_date_format(date, text, sizeof text);
        break;
    default:
        if (!is_text || !furrow_uuid_parse(n->text, &uuid))
            return wrong_literal(c, n, beside,
                                 "write it as '00000000-0000-0000-0000-000000000000'");
        size = furrow_uuid_format(uuid, text, sizeof text);
    }
    n->text = furrow__arena_text(c->arena, text, size);
    if (!n->text)
        return furrow__expression_no_memory(c);
    n->type = (furrow_type)beside->type;
    return true;
}

static bool take(context *c, node *n, furrow_type type, const furrow_column *beside);

/* Converts the values of a CASE, all of which are literals, to a type. */
static bool take_case(context *c, node *n, furrow_type type, const furrow_column *beside)
{
    for (size_t i = 0; i < n->argument_count; i++)
        if (is_value_of_case(n, i) && n->arguments[i]->kind != FURROW__EXPRESSION_NULL) {
            node *value = argument(n, i);
            if (!take(c, value, type, beside))
                return false;
            if (type != FURROW_TYPE_INT64 && type != FURROW_TYPE_DOUBLE)
                n->type = value->type;
        }
    return true;
}

/* Converts a literal to the type of the other operand. `beside` is the column that has this type;
 * it is NULL if the other operand is a function or a sum without a column. */
static bool take(context *c, node *n, furrow_type type, const furrow_column *beside)
{
    furrow_json json;
    n->beside = beside;
    if (n->kind == FURROW__EXPRESSION_CASE)
        return take_case(c, n, type, beside);
    switch (type) {
    case FURROW_TYPE_TIME:
    case FURROW_TYPE_DATE:
    case FURROW_TYPE_UUID:
        return take_text(c, n, beside);
    case FURROW_TYPE_DECIMAL:
        return take_decimal(c, n, beside);
    case FURROW_TYPE_ENUM:
        return take_enum(c, n, beside);
    case FURROW_TYPE_JSON:
        if (n->kind != FURROW__EXPRESSION_TEXT || !furrow_json_parse(n->text, &json))
            return wrong_literal(c, n, beside, "write a JSON value in quotes, as '{}'");
        n->type = FURROW_TYPE_JSON;
        return true;
    case FURROW_TYPE_INT64:
    case FURROW_TYPE_DOUBLE:
        if (n->kind != FURROW__EXPRESSION_TEXT)
            return true;
        return beside ? wrong_literal(c, n, beside, "write a number without quotes")
                      : furrow__expression_fail(c, n->position, "a number is expected here");
    case FURROW_TYPE_TEXT:
        if (n->kind == FURROW__EXPRESSION_TEXT)
            return true;
        return beside ? wrong_literal(c, n, beside, "put the literal in single quotes")
                      : furrow__expression_fail(c, n->position, "text is expected here");
    case FURROW_TYPE_BOOL:
        return beside ? wrong_literal(c, n, beside, "write TRUE or FALSE")
                      : furrow__expression_fail(c, n->position, "TRUE or FALSE is expected here");
    default:
        return beside ? wrong_literal(c, n, beside, "there is no literal of that type")
                      : furrow__expression_fail(c, n->position, "there is no literal of that type");
    }
}

/* Reports a real number that overflows or becomes zero on one engine but not on the other. */
static bool check_number(context *c, const node *n)
{
    enum { LIMIT = 308 };
    int whole = 0, fraction = 0, exponent = 0;
    const char *at = n->text + (*n->text == '-');
    for (; *at >= '0' && *at <= '9'; at++)
        whole++;
    if (*at == '.')
        for (at++; *at >= '0' && *at <= '9'; at++)
            fraction++;
    if (*at) {
        bool negative = at[1] == '-';
        for (at += at[1] == '-' || at[1] == '+' ? 2 : 1; *at; at++)
            exponent = exponent > LIMIT ? exponent : exponent * 10 + (*at - '0');
        exponent = negative ? -exponent : exponent;
    }
    if (whole + exponent <= LIMIT && fraction - exponent < LIMIT)
        return true;
    return furrow__expression_fail(c, n->position, "number out of range");
}

static bool same_kind(const node *a, const node *b)
{
    if (a->type == FURROW_TYPE_DECIMAL && b->type == FURROW_TYPE_DECIMAL)
        return a->beside->scale == b->beside->scale;
    if (a->type == FURROW_TYPE_ENUM && b->type == FURROW_TYPE_ENUM)
        return a->beside->enumeration == b->beside->enumeration;
    if (a->type == FURROW_TYPE_INT64 || a->type == FURROW_TYPE_DOUBLE)
        return b->type == FURROW_TYPE_INT64 || b->type == FURROW_TYPE_DOUBLE;
    return a->type == b->type;
}

static bool mismatch(context *c, const node *at, const node *a, const node *b)
{
    if (a->type == b->type && a->type == FURROW_TYPE_DECIMAL)
        return furrow__expression_fail(
            c, at->position, "decimals of different scales (%d and %d) cannot be combined",
            a->beside->scale, b->beside->scale);
    if (a->type == b->type)
        return furrow__expression_fail(c, at->position,
                                       "values of different enums cannot be combined");
    return furrow__expression_fail(c, at->position, "%s and %s cannot be combined",
                                   type_name(a->type), type_name(b->type));
}

/* Makes the types of all arguments equal: literals take the type of the first argument that is not
 * a literal. *out is set to that argument. */
static bool unify(context *c, node *of, const node **out)
{
    const node *anchor = of->arguments[0];
    for (size_t i = 0; i < of->argument_count && is_flexible(anchor); i++)
        anchor = of->arguments[i];
    if (is_flexible(anchor))
        anchor = of->arguments[0];
    for (size_t i = 0; i < of->argument_count; i++) {
        node *other = argument(of, i);
        if (other == anchor)
            continue;
        if (is_flexible(other) && !is_flexible(anchor)) {
            if (!take(c, other, anchor->type, anchor->beside))
                return false;
        } else if (!same_kind(anchor, other)) {
            return mismatch(c, of, anchor, other);
        }
    }
    *out = anchor;
    return true;
}

static bool check_comparison(context *c, node *n, bool ordered)
{
    const node *anchor;
    n->type = FURROW_TYPE_BOOL;
    if (!unify(c, n, &anchor))
        return false;
    if (anchor->type == FURROW_TYPE_JSON)
        return furrow__expression_fail(c, n->position, "JSON cannot be compared");
    if (anchor->type == FURROW_TYPE_ENUM && ordered)
        return furrow__expression_fail(
            c, n->position, "an enum can be compared only with =, <> and IN in an expression");
    return true;
}

static bool check_logic(context *c, node *n)
{
    n->type = FURROW_TYPE_BOOL;
    for (size_t i = 0; i < n->argument_count; i++)
        if (n->arguments[i]->type != FURROW_TYPE_BOOL)
            return furrow__expression_fail(c, n->arguments[i]->position,
                                           "%s needs a condition, but this is %s", n->operator_,
                                           type_name(n->arguments[i]->type));
    return true;
}

static bool check_text(context *c, const node *n, size_t i)
{
    const node *value = n->arguments[i];
    if (value->type == FURROW_TYPE_TEXT)
        return true;
    return furrow__expression_fail(c, value->position, "%s needs text, but this is %s",
                                   n->operator_, type_name(value->type));
}

/* Checks operations on decimals. SQLite stores decimals as integers in units of their scale.
 * Operations that keep the scale give the same result on every engine; all other operations are
 * refused. */
static bool check_decimal(context *c, node *n)
{
    node *a = argument(n, 0), *b = argument(n, 1);
    char op = n->operator_[0];
    const node *decimal = a->type == FURROW_TYPE_DECIMAL ? a : b, *other = decimal == a ? b : a;
    n->type = FURROW_TYPE_DECIMAL;
    n->beside = decimal->beside;
    if (op == '*') {
        if (other->type == FURROW_TYPE_INT64)
            return true;
        return furrow__expression_fail(c, n->position,
                                       "a decimal can only be multiplied by an integer");
    }
    if (op != '+' && op != '-')
        return furrow__expression_fail(c, n->position, "a decimal cannot be divided");
    const node *anchor;
    return unify(c, n, &anchor);
}

static bool check_arithmetic(context *c, node *n)
{
    for (size_t i = 0; i < n->argument_count; i++)
        if (!is_number(n->arguments[i]->type))
            return furrow__expression_fail(c, n->arguments[i]->position,
                                           "%s needs a number, but this is %s", n->operator_,
                                           type_name(n->arguments[i]->type));
    const node *a = n->arguments[0], *b = n->arguments[n->argument_count - 1];
    if (n->argument_count == 1) {
        n->type = a->type;
        n->beside = a->beside;
        return true;
    }
    if (a->type == FURROW_TYPE_DECIMAL || b->type == FURROW_TYPE_DECIMAL)
        return check_decimal(c, n);
    bool real = a->type == FURROW_TYPE_DOUBLE || b->type == FURROW_TYPE_DOUBLE;
    if (real && n->operator_[0] == '%')
        return furrow__expression_fail(c, n->position, "%% needs integers");
    n->type = real ? FURROW_TYPE_DOUBLE : FURROW_TYPE_INT64;
    return true;
}

static bool check_binary(context *c, node *n)
{
    const char *op = n->operator_;
    if (strcmp(op, "AND") == 0 || strcmp(op, "OR") == 0)
        return check_logic(c, n);
    if (strcmp(op, "LIKE") == 0) {
        n->type = FURROW_TYPE_BOOL;
        if (!check_text(c, n, 0))
            return false;
        if (n->arguments[1]->kind == FURROW__EXPRESSION_TEXT)
            return true;
        return furrow__expression_fail(c, n->arguments[1]->position,
                                       "the pattern of LIKE must be a literal");
    }
    if (strcmp(op, "||") == 0) {
        n->type = FURROW_TYPE_TEXT;
        return check_text(c, n, 0) && check_text(c, n, 1);
    }
    if (strchr("=<>", op[0]))
        return check_comparison(c, n, strcmp(op, "=") != 0 && strcmp(op, "<>") != 0);
    return check_arithmetic(c, n);
}

static const struct function {
    const char *name;
    size_t least, most;
    furrow_type argument; /* type of the arguments; FURROW_TYPE_DOUBLE accepts any number;
                             FURROW_TYPE_NULL accepts any type, which must be the same for all
                             arguments */
    furrow_type result;   /* type of the result; FURROW_TYPE_NULL means the type of the arguments */
} functions[] = {
    {"length", 1, 1, FURROW_TYPE_TEXT, FURROW_TYPE_INT64},
    {"lower", 1, 1, FURROW_TYPE_TEXT, FURROW_TYPE_TEXT},
    {"upper", 1, 1, FURROW_TYPE_TEXT, FURROW_TYPE_TEXT},
    {"trim", 1, 1, FURROW_TYPE_TEXT, FURROW_TYPE_TEXT},
    {"abs", 1, 1, FURROW_TYPE_DOUBLE, FURROW_TYPE_NULL},
    {"coalesce", 2, SIZE_MAX, FURROW_TYPE_NULL, FURROW_TYPE_NULL},
};

static bool check_call(context *c, node *n)
{
    const struct function *function = NULL;
    nearest near = {.name = n->operator_, .distance = SIZE_MAX};
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        if (strcmp(functions[i].name, n->operator_) == 0)
            function = &functions[i];
        consider(&near, functions[i].name);
    }
    if (!function)
        return unknown(c, n->position, "function", &near);
    if (n->argument_count < function->least || n->argument_count > function->most)
        return furrow__expression_fail(c, n->position, "%s takes %s", function->name,
                                       function->most == 1 ? "one argument"
                                                           : "at least two arguments");
    const node *first = n->arguments[0];
    n->type = function->result;
    if (function->argument == FURROW_TYPE_TEXT)
        return check_text(c, n, 0);
    if (function->argument == FURROW_TYPE_DOUBLE && !check_arithmetic(c, n))
        return false;
    if (function->argument == FURROW_TYPE_NULL && !unify(c, n, &first))
        return false;
    n->type = first->type;
    n->beside = is_flexible(first) ? NULL : first->beside;
    if (n->type == FURROW_TYPE_INT64)
        for (size_t i = 1; i < n->argument_count; i++)
            if (n->arguments[i]->type == FURROW_TYPE_DOUBLE)
                n->type = FURROW_TYPE_DOUBLE;
    return true;
}

/* Checks a cast. Casts for which engines give different results are refused: texts of reals, times
 * and decimals differ, as do the results of rounding. */
static bool check_cast(context *c, node *n)
{
    furrow_type from = n->arguments[0]->type;
    bool fine = from == n->type || from == FURROW_TYPE_INT64;
    if (n->type == FURROW_TYPE_TEXT)
        fine |= from == FURROW_TYPE_ENUM || from == FURROW_TYPE_UUID;
    if (n->type == FURROW_TYPE_INT64)
        fine |= from == FURROW_TYPE_TEXT;
    if (fine)
        return true;
    return furrow__expression_fail(
        c, n->position, "%s cannot be cast to %s with the same result on every engine%s",
        type_name(from), type_name(n->type),
        from == FURROW_TYPE_BOOL ? "; write CASE WHEN ... THEN ... ELSE ... END" : "");
}

/* Sets the type of a CASE to the type of its values: literals take the type of the first value that
 * is not a literal. */
static bool check_case(context *c, node *n)
{
    const node *anchor = NULL, *first = NULL;
    bool has_real = false;
    for (size_t i = 0; i < n->argument_count; i++) {
        const node *value = n->arguments[i];
        if (!is_value_of_case(n, i)) {
            if (value->type != FURROW_TYPE_BOOL)
                return furrow__expression_fail(c, value->position,
                                               "WHEN needs a condition, but this is %s",
                                               type_name(value->type));
        } else if (value->kind != FURROW__EXPRESSION_NULL) {
            first = first ? first : value;
            anchor = anchor || is_flexible(value) ? anchor : value;
        }
    }
    if (!first)
        return furrow__expression_fail(c, n->position, "all values of CASE are NULL");
    anchor = anchor ? anchor : first;
    for (size_t i = 0; i < n->argument_count; i++) {
        node *value = argument(n, i);
        if (!is_value_of_case(n, i) || value->kind == FURROW__EXPRESSION_NULL)
            continue;
        if (value != anchor && is_flexible(value) && !is_flexible(anchor)) {
            if (!take(c, value, anchor->type, anchor->beside))
                return false;
        } else if (value != anchor && !same_kind(anchor, value)) {
            return mismatch(c, n, anchor, value);
        }
        has_real |= value->type == FURROW_TYPE_DOUBLE;
    }
    n->type = has_real ? FURROW_TYPE_DOUBLE : anchor->type;
    n->beside = is_flexible(anchor) ? NULL : anchor->beside;
    return true;
}

bool furrow__expression_check(context *c, node *n)
{
    for (size_t i = 0; i < n->argument_count; i++) {
        const node *value = n->arguments[i];
        if (value->kind == FURROW__EXPRESSION_NULL && n->kind == FURROW__EXPRESSION_CASE &&
            is_value_of_case(n, i))
            continue;
        if (value->kind == FURROW__EXPRESSION_NULL)
            return furrow__expression_fail(
                c, value->position,
                "NULL must be the whole default; write a comparison with "
                "it as IS NULL or IS NOT NULL");
        if (value->kind == FURROW__EXPRESSION_NOW)
            return furrow__expression_fail(c, value->position, "\"now\" must be the whole default");
    }
    switch (n->kind) {
    case FURROW__EXPRESSION_NULL:
    case FURROW__EXPRESSION_COLUMN:
        return true;
    case FURROW__EXPRESSION_BOOL:
        n->type = FURROW_TYPE_BOOL;
        return true;
    case FURROW__EXPRESSION_INTEGER:
        n->type = FURROW_TYPE_INT64;
        return true;
    case FURROW__EXPRESSION_NUMBER:
        n->type = FURROW_TYPE_DOUBLE;
        return check_number(c, n);
    case FURROW__EXPRESSION_TEXT:
        n->type = FURROW_TYPE_TEXT;
        return true;
    case FURROW__EXPRESSION_NOW:
        n->type = FURROW_TYPE_TIME;
        if (c->use == FURROW__EXPRESSION_FOR_DEFAULT)
            return true;
        return furrow__expression_fail(
            c, n->position, "now can only be used in a default, because its value changes");
    case FURROW__EXPRESSION_UNARY:
        return strcmp(n->operator_, "NOT") == 0 ? check_logic(c, n) : check_arithmetic(c, n);
    case FURROW__EXPRESSION_BINARY:
        return check_binary(c, n);
    case FURROW__EXPRESSION_IS_NULL:
        n->type = FURROW_TYPE_BOOL;
        return true;
    case FURROW__EXPRESSION_BETWEEN:
        return check_comparison(c, n, true);
    case FURROW__EXPRESSION_IN:
        return check_comparison(c, n, false);
    case FURROW__EXPRESSION_CALL:
        return check_call(c, n);
    case FURROW__EXPRESSION_CAST:
        return check_cast(c, n);
    case FURROW__EXPRESSION_CASE:
        return check_case(c, n);
    }
    return false;
}

static bool past_range(const furrow_column *column, int64_t value)
{
    int64_t least = INT64_MIN, most = INT64_MAX;
    if (column->type == FURROW_TYPE_INT16) {
        least = INT16_MIN;
        most = INT16_MAX;
    } else if (column->type == FURROW_TYPE_INT32) {
        least = INT32_MIN;
        most = INT32_MAX;
    } else if (column->type == FURROW_TYPE_DECIMAL && column->precision > 0 &&
               column->precision <= 18) {
        most = furrow__power10[column->precision] - 1;
        least = -most;
    }
    if ((column->flags & FURROW_COLUMN_HAS_MIN) && column->minimum > least)
        least = column->minimum;
    if ((column->flags & FURROW_COLUMN_HAS_MAX) && column->maximum < most)
        most = column->maximum;
    return value < least || value > most;
}

/* Checks that a default is within the range and length limits of its column. Otherwise every insert
 * that uses the default would fail. */
static bool check_limits(context *c, const node *root)
{
    const furrow_column *column = c->column;
    if (root->kind == FURROW__EXPRESSION_TEXT &&
        furrow__type_family(column->type) == FURROW_TYPE_TEXT) {
        size_t size = strlen(root->text), length = furrow__utf8_length(root->text, size);
        if ((column->max_length && length > column->max_length) || length < column->min_length ||
            (column->type == FURROW_TYPE_CHARS && size >= column->size))
            return furrow__expression_fail(
                c, root->position, "the length of the default is outside the limits of the column");
    }
    if ((root->kind == FURROW__EXPRESSION_INTEGER || root->type == FURROW_TYPE_DECIMAL) &&
        past_range(column, root->integer))
        return furrow__expression_fail(c, root->position,
                                       "the default is outside the limits of the column");
    return true;
}

static bool check_default(context *c, node *root)
{
    const furrow_column *column = c->column;
    if (!column)
        return furrow__expression_fail(c, 0, "a default needs a column");
    furrow_type type = furrow__type_family(column->type);
    if (root->kind == FURROW__EXPRESSION_NULL)
        return (column->flags & FURROW_COLUMN_NULLABLE) ||
               furrow__expression_fail(c, root->position, "column \"%.*s\" is not nullable",
                                       furrow__expression_shown(column->name), column->name);
    if (root->kind == FURROW__EXPRESSION_NOW)
        return type == FURROW_TYPE_TIME || type == FURROW_TYPE_DATE ||
               wrong_literal(c, root, column, "now can only be the default of a time or a date");
    if (root->kind == FURROW__EXPRESSION_NUMBER && type == FURROW_TYPE_INT64)
        return wrong_literal(c, root, column, "write a number without a fraction");
    if (is_flexible(root))
        return take(c, root, type, column) && check_limits(c, root);
    if (root->type == type || (root->type == FURROW_TYPE_INT64 && type == FURROW_TYPE_DOUBLE))
        return true;
    char hint[64];
    snprintf(hint, sizeof hint, "this default is %s", type_name(root->type));
    return wrong_literal(c, root, column, hint);
}

/* Checks the numbers that a float column can receive from the expression. SQLite would store a
 * double, which no model can read. */
static bool check_floats(context *c, const node *n)
{
    double real;
    float single;
    if (n->kind == FURROW__EXPRESSION_NUMBER && furrow__real_parse(n->text, &real) &&
        furrow__float_parse(n->text, &single) &&
        (isinf(single) || (fpclassify(single) == FP_ZERO && fpclassify(real) != FP_ZERO)))
        return furrow__expression_fail(c, n->position, "the number is outside the range of float");
    bool is_case = n->kind == FURROW__EXPRESSION_CASE;
    bool is_coalesce = n->kind == FURROW__EXPRESSION_CALL && strcmp(n->operator_, "coalesce") == 0;
    for (size_t i = 0; (is_case || is_coalesce) && i < n->argument_count; i++)
        if ((is_coalesce || is_value_of_case(n, i)) && !check_floats(c, n->arguments[i]))
            return false;
    return true;
}

bool furrow__expression_check_use(context *c, node *root)
{
    if (c->column && c->column->type == FURROW_TYPE_FLOAT && !check_floats(c, root))
        return false;
    if (c->use == FURROW__EXPRESSION_FOR_DEFAULT)
        return check_default(c, root);
    if (c->is_statement && c->column && root->kind == FURROW__EXPRESSION_CASE && is_flexible(root))
        return take(c, root, furrow__type_family(c->column->type), c->column);
    if (root->type == FURROW_TYPE_BOOL || c->use == FURROW__EXPRESSION_FOR_INDEX)
        return true;
    return furrow__expression_fail(c, root->position, "%s must be true or false, but this is %s",
                                   c->use == FURROW__EXPRESSION_FOR_WHERE ? "a where" : "a check",
                                   type_name(root->type));
}
