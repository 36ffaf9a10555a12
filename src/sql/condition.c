/* SPDX-License-Identifier: MIT
 * Writes conditions as SQL text and adds their values to the binds. `.where` is a flat list. A
 * separate element begins a bracket, an element FURROW_OP_CLOSE_ ends the bracket, and empty slots
 * are skipped. A recursive descent parser reads the list once, at most FURROW__BRACKET_DEPTH levels
 * deep.
 *
 * An empty list is TRUE and an empty furrow_any is FALSE, as in mathematics and in SQLAlchemy.
 * SQL's three-valued logic applies, except in furrow_every: if the conditions are unknown for a
 * related row, the row does not satisfy them. */
#include <string.h>

#include "base/text.h"
#include "schema/type.h"
#include "sql/parts.h"

enum { FURROW__BRACKET_DEPTH = 16 };

#define ADD(out, text) furrow__buffer_add((out), (text), sizeof(text) - 1)

/* The state of the recursive descent parser. */
typedef struct reader {
    furrow__writer *w;
    furrow__buffer *out;
    const furrow_condition *at, *end;
    const furrow_condition *first; /* the first condition of the whole list; messages count the
                                      conditions from here */
    const furrow_model *model;     /* the columns of the current conditions must belong to this
                                      model */
    int alias;
    int depth;
    size_t found;
} reader;

static furrow_status write_list(reader *r, const char *between, size_t between_size);

static furrow_status fail_at(const reader *r, const char *what)
{
    return furrow__fail(r->w->error, FURROW_INVALID, "condition %zu %s, in a query of model \"%s\"",
                        (size_t)(r->at - r->first) + 1, what, r->w->model->name);
}

static enum furrow_op_ op_of(const furrow_condition *condition)
{
    return (enum furrow_op_)condition->value.op;
}

static void skip_empty(reader *r)
{
    while (r->at != r->end && furrow__is_empty_condition(r->at))
        r->at++;
}

static bool is_text(const furrow_column *column)
{
    return column->type == FURROW_TYPE_TEXT || column->type == FURROW_TYPE_CHARS;
}

static furrow_status refuse_null(reader *r, const furrow_column *column)
{
    furrow__fail_column(r->w->error, FURROW_INVALID, column, "is compared with NULL");
    furrow__hint(r->w->error, "use furrow_is_null");
    return FURROW_INVALID;
}

static const char *const comparisons[] = {
    [FURROW_OP_EQ_] = " = ",        [FURROW_OP_NE_] = " <> ",
    [FURROW_OP_LT_] = " < ",        [FURROW_OP_LE_] = " <= ",
    [FURROW_OP_GT_] = " > ",        [FURROW_OP_GE_] = " >= ",
    [FURROW_OP_EQ_COLUMN_] = " = ", [FURROW_OP_NE_COLUMN_] = " <> ",
    [FURROW_OP_LT_COLUMN_] = " < ", [FURROW_OP_LE_COLUMN_] = " <= ",
    [FURROW_OP_GT_COLUMN_] = " > ", [FURROW_OP_GE_COLUMN_] = " >= ",
};

/* A comparison with a value: an operator, and the value in the form in which it is bound. */
typedef struct comparison {
    enum furrow_op_ op;
    furrow_value value;
} comparison;

/* Checks the value of the current condition. */
static furrow_status read_comparison(reader *r, const furrow_column *column, enum furrow_op_ op,
                                     comparison *out)
{
    *out = (comparison){op, r->at->value};
    out->value.op = 0;
    if (furrow__value_is_null(column, &out->value))
        return refuse_null(r, column);
    return furrow__fit_comparison(column, &out->op, &out->value, r->w->error);
}

static furrow_status write_read(furrow__writer *w, furrow__buffer *out, furrow__place place,
                                const comparison *c)
{
    furrow__write_place(out, place);
    furrow__buffer_add_text(out, comparisons[c->op]);
    return furrow__bind_write(w, place.column, &c->value);
}

static bool is_ordered(enum furrow_op_ op)
{
    return op != FURROW_OP_EQ_ && op != FURROW_OP_NE_;
}

/* The enumerators have at most 32 bits, so adding 1 to their values cannot overflow. */
static furrow_status write_enum_comparison(reader *r, furrow__place place, const comparison *c)
{
    int64_t v = c->value.as.integer, low = INT64_MIN, high = INT64_MAX;
    if (c->op == FURROW_OP_LT_ || c->op == FURROW_OP_LE_)
        high = c->op == FURROW_OP_LT_ ? v - 1 : v;
    else
        low = c->op == FURROW_OP_GT_ ? v + 1 : v;
    return furrow__write_enum_range(r->w, r->out, place, low, high);
}

static furrow_status write_comparison(reader *r, furrow__place place)
{
    comparison c;
    furrow_status status = read_comparison(r, place.column, op_of(r->at), &c);
    if (status != FURROW_OK)
        return status;
    if (place.column->type == FURROW_TYPE_ENUM && is_ordered(c.op))
        return write_enum_comparison(r, place, &c);
    return write_read(r->w, r->out, place, &c);
}

/* Writes a range as two comparisons. Used if one end of the range is a number that the column
 * cannot hold. */
static furrow_status write_two(reader *r, furrow__place place, const comparison ends[2])
{
    ADD(r->out, "(");
    furrow_status status = write_read(r->w, r->out, place, &ends[0]);
    ADD(r->out, " AND ");
    if (status == FURROW_OK)
        status = write_read(r->w, r->out, place, &ends[1]);
    ADD(r->out, ")");
    return status;
}

static furrow_status write_between(reader *r, furrow__place place)
{
    comparison ends[2];
    furrow_status status = read_comparison(r, place.column, FURROW_OP_GE_, &ends[0]);
    if (status != FURROW_OK)
        return status;
    if (r->at + 1 == r->end || op_of(r->at + 1) != FURROW_OP_BETWEEN_HIGH_ || r->at[1].subject)
        return fail_at(r, "is the low end of a furrow_between without its high end");
    r->at++;
    status = read_comparison(r, place.column, FURROW_OP_LE_, &ends[1]);
    if (status != FURROW_OK)
        return status;
    if (place.column->type == FURROW_TYPE_ENUM)
        return furrow__write_enum_range(r->w, r->out, place, ends[0].value.as.integer,
                                        ends[1].value.as.integer);
    if (ends[0].op != FURROW_OP_GE_ || ends[1].op != FURROW_OP_LE_)
        return write_two(r, place, ends);
    furrow__write_place(r->out, place);
    ADD(r->out, " BETWEEN ");
    status = furrow__bind_write(r->w, place.column, &ends[0].value);
    ADD(r->out, " AND ");
    return status != FURROW_OK ? status : furrow__bind_write(r->w, place.column, &ends[1].value);
}

static furrow_status write_in(reader *r, furrow__place place, bool negated)
{
    furrow_value array = r->at->value;
    array.op = 0;
    furrow_status status = furrow__check_array(place.column, &array, r->w->sql->arena, r->w->error);
    if (status != FURROW_OK)
        return status;
    if (!array.as.blob.size && r->at->value.as.blob.size) {
        comparison c = {.op = negated ? FURROW_OP_NE_ : FURROW_OP_EQ_};
        furrow__fit_unequal(place.column, &c.op, &c.value);
        return write_read(r->w, r->out, place, &c);
    }
    if (!array.as.blob.size) {
        furrow__buffer_add_text(r->out, negated ? "TRUE" : "FALSE");
        return FURROW_OK;
    }
    size_t number;
    status = furrow__bind_add(r->w, place.column, &array, true, &number);
    if (status == FURROW_OK)
        r->w->dialect->in(r->out, place, negated, number);
    return status;
}

/* Writes a condition with a pattern, such as LIKE. A pattern is not a value of the column, so the
 * column's length and range limits do not apply. */
static furrow_status write_text_condition(reader *r, furrow__place place)
{
    enum furrow_op_ op = op_of(r->at);
    furrow_value value = r->at->value;
    value.op = 0;
    furrow_error *error = r->w->error;
    if (!is_text(place.column))
        return furrow__fail_column(error, FURROW_INVALID, place.column, "is not text");
    if (furrow__value_is_null(place.column, &value))
        return refuse_null(r, place.column);
    furrow_status status = furrow__check_summand(place.column, &value, error);
    if (status != FURROW_OK)
        return status;
    bool is_pattern = op == FURROW_OP_LIKE_ || op == FURROW_OP_ILIKE_;
    if (is_pattern && strlen(value.as.text) > FURROW_MAX_LIKE_SIZE)
        return furrow__fail_column(error, FURROW_INVALID, place.column,
                                   "is compared with a pattern of more than %d bytes",
                                   FURROW_MAX_LIKE_SIZE);
    if (op == FURROW_OP_LIKE_ && r->w->dialect->pattern) {
        value.as.text = r->w->dialect->pattern(r->w->sql->arena, value.as.text);
        if (!value.as.text)
            return furrow__no_memory(error);
    }
    size_t number;
    status = furrow__bind_add(r->w, place.column, &value, false, &number);
    if (status == FURROW_OK)
        r->w->dialect->text_condition(r->out, place, op, number);
    return status;
}

static furrow_status write_columns(reader *r, furrow__place place)
{
    enum furrow_op_ op = op_of(r->at);
    const furrow_column *other = r->at->value.as.column;
    furrow_status status = furrow__check_owner(other, r->model, "a condition on", r->w->error);
    if (status != FURROW_OK)
        return status;
    if (furrow__type_family(place.column->type) != furrow__type_family(other->type) ||
        place.column->type == FURROW_TYPE_JSON)
        return furrow__fail_column(r->w->error, FURROW_INVALID, place.column,
                                   "cannot be compared with column %s",
                                   FURROW__QUOTED(other->name));
    if (place.column->type == FURROW_TYPE_DECIMAL && place.column->scale != other->scale)
        return furrow__fail_column(r->w->error, FURROW_INVALID, place.column,
                                   "and %s are decimals of different scale",
                                   FURROW__QUOTED(other->name));
    if (place.column->enumeration != other->enumeration)
        return furrow__fail_column(r->w->error, FURROW_INVALID, place.column,
                                   "and %s are of different enums", FURROW__QUOTED(other->name));
    furrow__place other_place;
    status = furrow__find_place(r->w, other, place.alias, &other_place);
    if (status != FURROW_OK)
        return status;
    bool ordered = op != FURROW_OP_EQ_COLUMN_ && op != FURROW_OP_NE_COLUMN_;
    void (*write)(furrow__buffer *, furrow__place) =
        ordered ? furrow__write_comparable : furrow__write_place;
    write(r->out, place);
    furrow__buffer_add_text(r->out, comparisons[op]);
    write(r->out, other_place);
    return FURROW_OK;
}

static furrow_status write_null_test(reader *r, furrow__place place, const char *text)
{
    furrow__write_place(r->out, place);
    furrow__buffer_add_text(r->out, text);
    return FURROW_OK;
}

static furrow_status write_on_column(reader *r)
{
    const furrow_column *column = r->at->subject;
    enum furrow_op_ op = op_of(r->at);
    furrow_status status = furrow__check_owner(column, r->model, "a condition on", r->w->error);
    if (status != FURROW_OK)
        return status;
    furrow__place place;
    status = furrow__find_place(r->w, column, r->alias, &place);
    if (status != FURROW_OK)
        return status;
    if (op == FURROW_OP_IS_NULL_)
        return write_null_test(r, place, " IS NULL");
    if (op == FURROW_OP_NOT_NULL_)
        return write_null_test(r, place, " IS NOT NULL");
    if (column->type == FURROW_TYPE_JSON)
        return furrow__fail_column(r->w->error, FURROW_INVALID, column,
                                   "is JSON, which cannot be compared");
    switch (op) {
    case FURROW_OP_BETWEEN_:
        return write_between(r, place);
    case FURROW_OP_IN_:
        return write_in(r, place, false);
    case FURROW_OP_NOT_IN_:
        return write_in(r, place, true);
    case FURROW_OP_LIKE_:
    case FURROW_OP_ILIKE_:
    case FURROW_OP_CONTAINS_:
    case FURROW_OP_ICONTAINS_:
    case FURROW_OP_STARTS_WITH_:
    case FURROW_OP_ENDS_WITH_:
        return write_text_condition(r, place);
    case FURROW_OP_EQ_COLUMN_:
    case FURROW_OP_NE_COLUMN_:
    case FURROW_OP_LT_COLUMN_:
    case FURROW_OP_LE_COLUMN_:
    case FURROW_OP_GT_COLUMN_:
    case FURROW_OP_GE_COLUMN_:
        return write_columns(r, place);
    default:
        return write_comparison(r, place);
    }
}

/* Writes the conditions in a bracket. On success, r->at is at the closing element. */
static furrow_status write_bracket(reader *r, bool any)
{
    const furrow_condition *opening = r->at;
    if (r->depth == FURROW__BRACKET_DEPTH)
        return fail_at(r, "opens a bracket that is nested more than 16 levels deep");
    r->depth++;
    r->at++;
    skip_empty(r);
    furrow_status status = FURROW_OK;
    if (r->at != r->end && op_of(r->at) == FURROW_OP_CLOSE_)
        furrow__buffer_add_text(r->out, any ? "FALSE" : "TRUE");
    else
        status = any ? write_list(r, " OR ", 4) : write_list(r, " AND ", 5);
    r->depth--;
    if (status == FURROW_OK && r->at == r->end) {
        r->at = opening;
        return fail_at(r, "opens a bracket that is not closed");
    }
    return status;
}

static furrow_status check_relation(reader *r, const furrow_relation *relation)
{
    if (!relation)
        return fail_at(r, "is on a relation pointer that is NULL");
    if (relation->model == r->model)
        return FURROW_OK;
    return furrow__fail(r->w->error, FURROW_INVALID,
                        "a condition on relation \"%s\" of model \"%s\" in a query of model \"%s\"",
                        relation->field, relation->model->name, r->model->name);
}

static furrow_status write_one(furrow__writer *w, furrow__buffer *out, int target,
                               const void *context)
{
    (void)w;
    (void)target;
    (void)context;
    ADD(out, "1");
    return FURROW_OK;
}

static furrow_status write_on_relation(reader *r)
{
    enum furrow_op_ op = op_of(r->at);
    const furrow_relation *relation = r->at->subject;
    furrow_status status = check_relation(r, relation);
    if (status != FURROW_OK)
        return status;
    furrow__buffer_add_text(r->out, op == FURROW_OP_HAS_ ? "EXISTS (" : "NOT EXISTS (");
    const furrow_model *model = r->model;
    int alias = r->alias;
    status = furrow__write_related(r->w, r->out,
                                   &(furrow__related){relation, alias, write_one, NULL}, &r->alias);
    r->model = relation->target;
    ADD(r->out, " AND (");
    if (status == FURROW_OK)
        status = write_bracket(r, false);
    furrow__buffer_add_text(r->out, op == FURROW_OP_EVERY_ ? ") IS NOT TRUE)" : "))");
    r->model = model;
    r->alias = alias;
    return status;
}

static furrow_status write_element(reader *r)
{
    enum furrow_op_ op = op_of(r->at);
    furrow_status status;
    switch (op) {
    case FURROW_OP_NONE_:
        return fail_at(r, r->at->number_ == 0 ? "is not a condition" : "is a number");
    case FURROW_OP_ANY_:
    case FURROW_OP_ALL_:
    case FURROW_OP_NOT_:
        furrow__buffer_add_text(r->out, op == FURROW_OP_NOT_ ? "NOT (" : "(");
        status = write_bracket(r, op == FURROW_OP_ANY_);
        ADD(r->out, ")");
        return status;
    case FURROW_OP_HAS_:
    case FURROW_OP_NONE_OF_:
    case FURROW_OP_EVERY_:
        r->found++;
        return write_on_relation(r);
    case FURROW_OP_TOO_MANY_:
        return furrow__fail(r->w->error, FURROW_INVALID,
                            "more conditions were added than a list can hold, in a query of model "
                            "\"%s\"",
                            r->w->model->name);
    case FURROW_OP_BETWEEN_HIGH_:
        return fail_at(r, "is the high end of a furrow_between without its low end");
    default:
        if (op >= FURROW_OP_SET_)
            return fail_at(r, "is an assignment, not a condition");
        r->found++;
        return write_on_column(r);
    }
}

/* Writes conditions up to a closing bracket or the end of the list. */
static furrow_status write_list(reader *r, const char *between, size_t between_size)
{
    for (bool first = true;; first = false) {
        skip_empty(r);
        if (r->at == r->end)
            return FURROW_OK;
        if (op_of(r->at) == FURROW_OP_CLOSE_)
            return r->depth ? FURROW_OK : fail_at(r, "closes a bracket that was not opened");
        if (!first)
            furrow__buffer_add(r->out, between, between_size);
        furrow_status status = write_element(r);
        if (status != FURROW_OK)
            return status;
        r->at++;
    }
}

furrow_status furrow__write_where(furrow__writer *w, const furrow_condition *where, size_t count,
                                  size_t *found)
{
    *found = 0;
    if (count && !furrow__is_empty_condition(&where[count - 1])) {
        furrow__fail(w->error, FURROW_INVALID,
                     "more than %zu conditions in a query of model \"%s\"", count - 1,
                     w->model->name);
        furrow__hint(w->error, "use furrow_in for a list of values");
        return FURROW_INVALID;
    }
    reader r = {.w = w,
                .out = &w->sql->text,
                .at = where,
                .end = count ? where + count : where,
                .first = where,
                .model = w->model,
                .alias = w->alias};
    skip_empty(&r);
    if (r.at == r.end)
        return FURROW_OK;
    ADD(r.out, " WHERE ");
    furrow_status status = write_list(&r, " AND ", 5);
    *found = r.found;
    return status;
}
