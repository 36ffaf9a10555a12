/* SPDX-License-Identifier: MIT
 *
 * Determines which values a column can hold. These are the values in the range of its type, limited
 * by checks of the forms `column < literal`, BETWEEN, IN, `length(column) <= n` and LIKE 'x%'.
 * Literals in other checks are kept as hints: values that are worth trying.
 *
 * If a check or an index computes with a column, the values of the column are kept small enough
 * that the result does not overflow. Otherwise the engines would get different rows: after an
 * overflow, SQLite continues with an inexact number, and PostgreSQL refuses the row.
 */
#include <float.h>
#include <string.h>

#include "base/calendar.h"
#include "base/real.h"
#include "base/text.h"
#include "migrate/catalog/parts.h"
#include "migrate/prove/seed_parts.h"

typedef furrow__seed_domain domain;
typedef furrow__expression node;

bool furrow__seed_is_real(const domain *d)
{
    return d->as->type == FURROW_TYPE_FLOAT || d->as->type == FURROW_TYPE_DOUBLE;
}

bool furrow__seed_is_text(const domain *d)
{
    return d->as->type == FURROW_TYPE_TEXT && !d->column->type.native;
}

/* Returns whether the values of the type are whole numbers of some unit. */
bool furrow__seed_is_number(const domain *d)
{
    switch ((furrow_type)d->as->type) {
    case FURROW_TYPE_INT16:
    case FURROW_TYPE_INT32:
    case FURROW_TYPE_INT64:
    case FURROW_TYPE_DECIMAL:
    case FURROW_TYPE_TIME:
    case FURROW_TYPE_DATE:
        return true;
    default:
        return false;
    }
}

furrow_value furrow__seed_number(const domain *d, int64_t number)
{
    switch ((furrow_type)d->as->type) {
    case FURROW_TYPE_DECIMAL:
        return (furrow_value){.type = FURROW_TYPE_DECIMAL,
                              .as.decimal = {.unscaled = number, .scale = d->as->scale}};
    case FURROW_TYPE_TIME:
        return (furrow_value){.type = FURROW_TYPE_TIME, .as.time = {number}};
    case FURROW_TYPE_DATE:
        return (furrow_value){.type = FURROW_TYPE_DATE, .as.date = {(int32_t)number}};
    default:
        return (furrow_value){.type = FURROW_TYPE_INT64, .as.integer = number};
    }
}

furrow_value furrow__seed_real(const domain *d, double real)
{
    if (d->as->type == FURROW_TYPE_FLOAT)
        real = (double)(float)real;
    return (furrow_value){.type = FURROW_TYPE_DOUBLE, .as.real = real + 0.0};
}

bool furrow__seed_add_value(furrow_value **items, size_t *count, size_t *capacity,
                            furrow_value value, furrow_arena *arena)
{
    furrow_value *more = furrow__arena_room(arena, *items, *count, capacity, sizeof *more);
    if (!more)
        return false;
    *items = more;
    more[(*count)++] = value;
    return true;
}

void furrow__seed_reset_numbers(domain *d)
{
    switch ((furrow_type)d->as->type) {
    case FURROW_TYPE_INT16:
        d->low = INT16_MIN;
        d->high = INT16_MAX;
        break;
    case FURROW_TYPE_INT32:
        d->low = INT32_MIN;
        d->high = INT32_MAX;
        break;
    case FURROW_TYPE_DECIMAL: {
        int digits = d->as->precision && d->as->precision <= 18 ? d->as->precision : 18;
        d->high = furrow__power10[digits] - 1;
        d->low = -d->high;
        break;
    }
    case FURROW_TYPE_TIME:
        d->low = FURROW__TIME_MIN;
        d->high = FURROW__TIME_MAX;
        break;
    case FURROW_TYPE_DATE:
        d->low = FURROW__DATE_MIN;
        d->high = FURROW__DATE_MAX;
        break;
    default:
        d->low = INT64_MIN;
        d->high = INT64_MAX;
    }
}

static bool begin(domain *d, furrow_arena *arena)
{
    const furrow__catalog_type *type = &d->column->type;
    furrow__seed_reset_numbers(d);
    d->real_high = d->as->type == FURROW_TYPE_FLOAT ? (double)FLT_MAX : DBL_MAX;
    d->real_low = -d->real_high;
    d->max_length = type->max_length ? type->max_length : UINT32_MAX;
    d->max_size = type->max_size ? type->max_size : UINT32_MAX;
    bool fine = true;
    size_t listed = d->as->type == FURROW_TYPE_BOOL   ? 2
                    : d->as->type == FURROW_TYPE_ENUM ? type->value_count
                                                      : 0;
    for (size_t i = 0; i < listed && fine; i++)
        fine = furrow__seed_add_value(
            &d->listed, &d->listed_count, &d->listed_capacity,
            (furrow_value){.type = FURROW_TYPE_INT64, .as.integer = (int64_t)i}, arena);
    return fine;
}

static bool decimal_units(const domain *d, const char *text, int64_t *out)
{
    furrow_decimal parsed, scaled;
    if (!furrow_decimal_parse(text, &parsed) ||
        !furrow_decimal_rescale(parsed, d->as->scale, &scaled))
        return false;
    *out = scaled.unscaled;
    return true;
}

/* Reads a literal as a number in the column's unit. */
static bool literal_number(const domain *d, const node *n, int64_t *out)
{
    furrow_time time;
    furrow_date date;
    switch ((furrow_type)d->as->type) {
    case FURROW_TYPE_DECIMAL:
        if (n->kind == FURROW__EXPRESSION_NUMBER)
            return decimal_units(d, n->text, out);
        if (n->kind != FURROW__EXPRESSION_INTEGER || n->integer > INT32_MAX ||
            n->integer < INT32_MIN || d->as->scale > 9 || d->as->scale < 0)
            return false;
        *out = n->integer * furrow__power10[d->as->scale];
        return true;
    case FURROW_TYPE_TIME:
        if (n->kind != FURROW__EXPRESSION_TEXT || !furrow_time_parse(n->text, &time))
            return false;
        *out = time.us;
        return true;
    case FURROW_TYPE_DATE:
        if (n->kind != FURROW__EXPRESSION_TEXT || !furrow_date_parse(n->text, &date))
            return false;
        *out = date.days;
        return true;
    default:
        *out = n->integer;
        return n->kind == FURROW__EXPRESSION_INTEGER;
    }
}

static bool literal_real(const node *n, double *out)
{
    if (n->kind == FURROW__EXPRESSION_NUMBER)
        return furrow__real_parse(n->text, out);
    *out = (double)n->integer;
    return n->kind == FURROW__EXPRESSION_INTEGER;
}

/* Reads a literal as a value of the column. Returns false if the literal's type does not fit. */
static bool literal_value(const domain *d, const node *n, furrow_value *out)
{
    int64_t number;
    double real;
    furrow_uuid uuid;
    if (furrow__seed_is_number(d) && literal_number(d, n, &number)) {
        *out = furrow__seed_number(d, number);
        return true;
    }
    if (furrow__seed_is_real(d) && literal_real(n, &real)) {
        *out = furrow__seed_real(d, real);
        return true;
    }
    if (d->as->type == FURROW_TYPE_BOOL && n->kind == FURROW__EXPRESSION_BOOL) {
        *out = (furrow_value){.type = FURROW_TYPE_INT64, .as.integer = n->integer};
        return true;
    }
    if (n->kind != FURROW__EXPRESSION_TEXT)
        return false;
    if (d->as->type == FURROW_TYPE_UUID && furrow_uuid_parse(n->text, &uuid)) {
        *out = (furrow_value){.type = FURROW_TYPE_UUID, .as.uuid = uuid};
        return true;
    }
    for (size_t i = 0; d->as->type == FURROW_TYPE_ENUM && i < d->column->type.value_count; i++)
        if (strcmp(d->column->type.values[i], n->text) == 0) {
            *out = (furrow_value){.type = FURROW_TYPE_INT64, .as.integer = (int64_t)i};
            return true;
        }
    *out = (furrow_value){.type = FURROW_TYPE_TEXT, .as.text = n->text};
    return furrow__seed_is_text(d);
}

typedef struct checker {
    domain *domains; /* one entry for each column of the table */
    furrow_arena *arena;
    bool failed; /* whether an allocation failed */
} checker;

static domain *domain_of(const checker *c, const node *n)
{
    return n->kind == FURROW__EXPRESSION_COLUMN ? &c->domains[n->column->index] : NULL;
}

static bool has_operator(const node *n, const char *operator_)
{
    return n->operator_ && strcmp(n->operator_, operator_) == 0;
}

/* Limits the column to values that are at least `bound`. If `strict` is true, they must be greater
 * than `bound`. */
static void raise_minimum(domain *d, const node *bound, bool strict)
{
    int64_t number;
    double real;
    if (furrow__seed_is_number(d) && literal_number(d, bound, &number) && number < INT64_MAX) {
        number += strict;
        d->low = number > d->low ? number : d->low;
    } else if (furrow__seed_is_real(d) && literal_real(bound, &real)) {
        double gap = strict ? (real < 0 ? -real : real) / 1024 + 0.0078125 : 0;
        d->real_low = real + gap > d->real_low ? real + gap : d->real_low;
    }
}

static void lower_maximum(domain *d, const node *bound, bool strict)
{
    int64_t number;
    double real;
    if (furrow__seed_is_number(d) && literal_number(d, bound, &number) && number > INT64_MIN) {
        number -= strict;
        d->high = number < d->high ? number : d->high;
    } else if (furrow__seed_is_real(d) && literal_real(bound, &real)) {
        double gap = strict ? (real < 0 ? -real : real) / 1024 + 0.0078125 : 0;
        d->real_high = real - gap < d->real_high ? real - gap : d->real_high;
    }
}

static void bound_length(domain *d, const char *operator_, int64_t length)
{
    bool strict = operator_[1] != '=';
    if (length < 0 || length > INT32_MAX)
        return;
    if (operator_[0] == '>' || strcmp(operator_, "=") == 0) {
        uint32_t least = (uint32_t)length + (operator_[0] == '>' && strict);
        d->min_length = least > d->min_length ? least : d->min_length;
    }
    if (operator_[0] == '<' || strcmp(operator_, "=") == 0) {
        uint32_t most = (uint32_t)length - (operator_[0] == '<' && strict && length > 0);
        d->max_length = most < d->max_length ? most : d->max_length;
    }
    if (strcmp(operator_, "<>") == 0 && length == 0 && !d->min_length)
        d->min_length = 1;
}

/* Returns the operator that is needed when the operands are exchanged. For ">", this is "<",
 * because `a > b` is equivalent to `b < a`. */
static const char *turned(const char *operator_)
{
    static const char *const pairs[][2] = {{"<", ">"}, {"<=", ">="}, {">", "<"}, {">=", "<="}};
    for (size_t i = 0; i < 4; i++)
        if (strcmp(operator_, pairs[i][0]) == 0)
            return pairs[i][1];
    return operator_;
}

static void list_one(checker *c, domain *d, const node *literal)
{
    furrow_value value;
    if (literal_value(d, literal, &value) &&
        !furrow__seed_add_value(&d->listed, &d->listed_count, &d->listed_capacity, value, c->arena))
        c->failed = true;
}

static void compare(checker *c, const node *left, const char *operator_, const node *right)
{
    domain *d = domain_of(c, left);
    bool length = left->kind == FURROW__EXPRESSION_CALL && has_operator(left, "length") &&
                  left->argument_count == 1;
    if (length && (d = domain_of(c, left->arguments[0])) != NULL && furrow__seed_is_text(d)) {
        if (right->kind == FURROW__EXPRESSION_INTEGER)
            bound_length(d, operator_, right->integer);
        return;
    }
    if (!d)
        return;
    if (strcmp(operator_, "=") == 0) {
        d->listed_count = 0;
        list_one(c, d, right);
    } else if (strcmp(operator_, "<>") == 0 && furrow__seed_is_text(d) &&
               right->kind == FURROW__EXPRESSION_TEXT && !right->text[0] && !d->min_length) {
        d->min_length = 1;
    } else if (operator_[0] == '>') {
        raise_minimum(d, right, operator_[1] != '=');
    } else if (operator_[0] == '<' && operator_[1] != '>') {
        lower_maximum(d, right, operator_[1] != '=');
    }
}

/* Reads a LIKE condition. The column is limited only by a pattern such as 'ab%': its values then
 * begin with this prefix. */
static void like(checker *c, const node *n)
{
    domain *d = domain_of(c, n->arguments[0]);
    const node *pattern = n->arguments[1];
    if (!d || pattern->kind != FURROW__EXPRESSION_TEXT)
        return;
    char *made = furrow__arena_text(c->arena, pattern->text, strlen(pattern->text));
    if (!made) {
        c->failed = true;
        return;
    }
    size_t size = 0, kept = 0;
    for (const char *at = pattern->text; *at; at++) {
        if (*at != '%')
            made[size++] = *at == '_' ? 'a' : *at;
        kept += *at != '%' && *at != '_';
    }
    made[size] = '\0';
    furrow_value value = {.type = FURROW_TYPE_TEXT, .as.text = made};
    if (!furrow__seed_add_value(&d->hints, &d->hint_count, &d->hint_capacity, value, c->arena))
        c->failed = true;
    size_t whole = strlen(pattern->text);
    if (kept == size && whole == size + 1 && pattern->text[whole - 1] == '%')
        d->prefix = made;
}

static void in_list(checker *c, const node *n)
{
    domain *d = domain_of(c, n->arguments[0]);
    if (!d)
        return;
    d->listed_count = 0;
    for (size_t i = 1; i < n->argument_count; i++)
        list_one(c, d, n->arguments[i]);
}

/* Limits the columns to values for which the condition is true. */
static void narrow(checker *c, const node *n)
{
    if (n->kind == FURROW__EXPRESSION_BINARY && has_operator(n, "AND")) {
        narrow(c, n->arguments[0]);
        narrow(c, n->arguments[1]);
    } else if (n->kind == FURROW__EXPRESSION_BINARY && has_operator(n, "LIKE")) {
        if (!n->negated)
            like(c, n);
    } else if (n->kind == FURROW__EXPRESSION_BINARY && n->type == FURROW_TYPE_BOOL &&
               !has_operator(n, "OR")) {
        compare(c, n->arguments[0], n->operator_, n->arguments[1]);
        compare(c, n->arguments[1], turned(n->operator_), n->arguments[0]);
    } else if (n->kind == FURROW__EXPRESSION_BETWEEN && !n->negated) {
        compare(c, n->arguments[0], ">=", n->arguments[1]);
        compare(c, n->arguments[0], "<=", n->arguments[2]);
    } else if (n->kind == FURROW__EXPRESSION_IN && !n->negated) {
        in_list(c, n);
    } else if (n->kind == FURROW__EXPRESSION_COLUMN && domain_of(c, n)->listed_count == 2) {
        domain_of(c, n)->listed[0] = domain_of(c, n)->listed[1]; /* the check requires TRUE */
        domain_of(c, n)->listed_count = 1;
    }
}

static void hint(checker *c, const node *n)
{
    furrow_value value;
    if (n->beside) {
        domain *d = &c->domains[n->beside->index];
        if (literal_value(d, n, &value) &&
            !furrow__seed_add_value(&d->hints, &d->hint_count, &d->hint_capacity, value, c->arena))
            c->failed = true;
    }
    for (size_t i = 0; i < n->argument_count; i++)
        hint(c, n->arguments[i]);
}

/* The largest absolute value of a column, for each number of factors in a product. A sum of several
 * such products fits into 64 bits. */
static const int64_t largest_factors[] = {
    INT64_MAX, INT64_C(1000000000000000000), INT32_MAX, 1000000, 30000, 4000, 1000, 100};
enum { MOST_FACTORS = sizeof largest_factors / sizeof *largest_factors - 1 };
static const double largest_real = 1e10;

static bool is_computation(const node *n)
{
    static const char *const operators[] = {"+", "-", "*", "/", "%"};
    if (n->kind == FURROW__EXPRESSION_CALL)
        return has_operator(n, "abs");
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if ((n->kind == FURROW__EXPRESSION_BINARY || n->kind == FURROW__EXPRESSION_UNARY) &&
            has_operator(n, operators[i]))
            return true;
    return false;
}

/* Returns the largest number of factors in a product of the expression. */
static size_t factors_of(const node *n)
{
    size_t all = 0, most = 1;
    for (size_t i = 0; i < n->argument_count; i++) {
        size_t count = factors_of(n->arguments[i]);
        all += count;
        most = count > most ? count : most;
    }
    return n->kind == FURROW__EXPRESSION_BINARY && has_operator(n, "*") ? all : most;
}

/* Limits every column of the expression. `factors` is the number of factors in the computation that
 * the expression belongs to, or 0. */
static void limit_factors(checker *c, const node *n, size_t factors)
{
    domain *d = domain_of(c, n);
    if (!factors && is_computation(n))
        factors = factors_of(n);
    if (d && factors > d->factors)
        d->factors = factors;
    for (size_t i = 0; i < n->argument_count; i++)
        limit_factors(c, n->arguments[i], factors);
}

/* Applies the limits for products. The limits from checks have already been applied. If no value is
 * within both kinds of limits, only the limits from checks are used. */
static void apply_factors(domain *d)
{
    int64_t most = largest_factors[d->factors < MOST_FACTORS ? d->factors : MOST_FACTORS];
    if (!d->factors)
        return;
    if (d->low <= most && d->high >= -most) {
        d->low = d->low < -most ? -most : d->low;
        d->high = d->high > most ? most : d->high;
    }
    if (d->real_low <= largest_real && d->real_high >= -largest_real) {
        d->real_low = d->real_low < -largest_real ? -largest_real : d->real_low;
        d->real_high = d->real_high > largest_real ? largest_real : d->real_high;
    }
}

static bool is_keyed(const furrow__catalog_table *table, const char *column)
{
    for (size_t i = 0; i < table->constraint_count; i++)
        for (size_t k = 0; k < table->constraints[i].count; k++)
            if (strcmp(table->constraints[i].columns[k], column) == 0)
                return true;
    for (size_t i = 0; i < table->index_count; i++)
        for (size_t k = 0; k < table->indexes[i].count; k++) {
            const furrow__index_part *part = &table->indexes[i].parts[k];
            if (!part->column || strcmp(part->column, column) == 0)
                return true;
        }
    return false;
}

/* Returns NULL if the text cannot be parsed, or when out of memory. */
static const node *parse(checker *c, const furrow__catalog_table *table, const char *text,
                         furrow__expression_use use)
{
    const furrow__expression_source source = {
        .text = text, .scope = furrow__catalog_scope(table, c->arena), .use = use};
    furrow__expression_error problem;
    c->failed |= !source.scope;
    return source.scope ? furrow__expression_parse(&source, c->arena, &problem) : NULL;
}

static void read_check(checker *c, const furrow__catalog_table *table, const char *text)
{
    const node *parsed = parse(c, table, text, FURROW__EXPRESSION_FOR_CHECK);
    if (!parsed)
        return;
    narrow(c, parsed);
    hint(c, parsed);
    limit_factors(c, parsed, 0);
}

static void read_index(checker *c, const furrow__catalog_table *table,
                       const furrow__catalog_index *index)
{
    const node *parsed =
        index->where ? parse(c, table, index->where, FURROW__EXPRESSION_FOR_WHERE) : NULL;
    if (parsed)
        limit_factors(c, parsed, 0);
    for (size_t i = 0; i < index->count; i++) {
        const char *text = index->parts[i].expression;
        parsed = text ? parse(c, table, text, FURROW__EXPRESSION_FOR_INDEX) : NULL;
        if (parsed)
            limit_factors(c, parsed, 0);
    }
}

furrow__seed_domain *furrow__seed_domains(const furrow__catalog_table *table,
                                          const furrow_model *model, bool plain,
                                          furrow_arena *arena)
{
    size_t count = table->column_count;
    domain *domains = furrow__arena_aligned(arena, (count + 1) * sizeof *domains, _Alignof(domain));
    checker c = {.domains = domains, .arena = arena};
    if (!domains)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        domains[i] = (domain){.column = &table->columns[i],
                              .as = &model->columns[i],
                              .is_keyed = is_keyed(table, table->columns[i].name)};
        if (!begin(&domains[i], arena))
            return NULL;
    }
    for (size_t i = 0; i < table->constraint_count && !c.failed; i++)
        if (table->constraints[i].kind == FURROW__CONSTRAINT_CHECK)
            read_check(&c, table, table->constraints[i].expression);
    for (size_t i = 0; i < table->index_count && !c.failed; i++)
        read_index(&c, table, &table->indexes[i]);
    for (size_t i = 0; i < count && !c.failed; i++) {
        if (domains[i].low > domains[i].high) /* the checks contradict each other, so the engine
                                                 will refuse every row */
            furrow__seed_reset_numbers(&domains[i]);
        apply_factors(&domains[i]);
        c.failed = !furrow__seed_add_specials(&domains[i], plain, arena);
    }
    return c.failed ? NULL : domains;
}
