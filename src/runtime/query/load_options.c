/* SPDX-License-Identifier: MIT
 *
 * Compares the conditions, orders and limits with which paths load a relationship. Within one load,
 * a row is one object, so each of its relationships can be loaded with only one set of options.
 */
#include "runtime/query/load.h"
#include "runtime/query/member.h"

enum {
    CONDITIONS = sizeof((furrow_path *)0)->where / sizeof *((furrow_path *)0)->where,
    ORDERS = sizeof((furrow_path *)0)->order_by / sizeof *((furrow_path *)0)->order_by,
};

static bool elements_are_equal(furrow_type type, size_t size, const char *a, const char *b)
{
    const char *text, *other;
    if (type != FURROW_TYPE_TEXT)
        return memcmp(a, b, size) == 0;
    memcpy(&text, a, sizeof text);
    memcpy(&other, b, sizeof other);
    return text == other || (text && other && strcmp(text, other) == 0);
}

static bool arrays_are_equal(const furrow_value *a, const furrow_value *b)
{
    const char *x = a->as.blob.bytes, *y = b->as.blob.bytes;
    size_t size = a->element_size;
    if (a->element != b->element || size != b->element_size || a->as.blob.size != b->as.blob.size)
        return false;
    for (size_t i = 0; x != y && i < a->as.blob.size; i++)
        if (!elements_are_equal((furrow_type)a->element, size, x + i * size, y + i * size))
            return false;
    return true;
}

static bool conditions_are_equal(const furrow_condition *a, const furrow_condition *b)
{
    const furrow_value *x = &a->value, *y = &b->value;
    if (a->subject != b->subject || x->op != y->op || x->type != y->type)
        return false;
    if (x->op == FURROW_OP_IN_ || x->op == FURROW_OP_NOT_IN_)
        return arrays_are_equal(x, y);
    if (x->op >= FURROW_OP_EQ_COLUMN_ && x->op <= FURROW_OP_GE_COLUMN_)
        return x->as.column == y->as.column;
    if (x->type == FURROW_TYPE_DECIMAL && x->as.decimal.scale != y->as.decimal.scale)
        return false;
    return x->type == FURROW_TYPE_NULL || furrow__values_are_equal(x, y);
}

static bool have_equal_conditions(const furrow_path *a, const furrow_path *b)
{
    size_t i = 0, k = 0;
    for (;; i++, k++) { /* empty slots do not count */
        while (i < CONDITIONS && !a->where[i].value.op)
            i++;
        while (k < CONDITIONS && !b->where[k].value.op)
            k++;
        if (i == CONDITIONS || k == CONDITIONS)
            return i == k;
        if (!conditions_are_equal(&a->where[i], &b->where[k]))
            return false;
    }
}

static bool have_equal_orders(const furrow_path *a, const furrow_path *b)
{
    size_t i = 0, k = 0;
    for (;; i++, k++) {
        while (i < ORDERS && !a->order_by[i].used)
            i++;
        while (k < ORDERS && !b->order_by[k].used)
            k++;
        if (i == ORDERS || k == ORDERS)
            return i == k;
        const furrow_ordering *x = &a->order_by[i], *y = &b->order_by[k];
        if (x->column != y->column || x->descending != y->descending || x->through != y->through)
            return false;
    }
}

/* Returns the path whose options apply to a step. Only the last step of a path has options. */
static const furrow_path *options_of(const furrow_path *path, size_t step)
{
    static const furrow_path none;
    return step + 1 == furrow__path_length(path) ? path : &none;
}

/* The order and the limit have no effect on a relationship to one row. */
static bool have_equal_options(const furrow_relation *r, const furrow_path *a, const furrow_path *b)
{
    return have_equal_conditions(a, b) &&
           (!furrow__member_is_list(r) || (a->limit == b->limit && have_equal_orders(a, b)));
}

/* Returns whether the steps load the same relationship with different options. If one path begins
 * with all steps of the other path, it continues from the rows that the other path loads. */
static bool steps_conflict(const furrow_path *a, size_t i, const furrow_path *b, size_t k)
{
    const furrow_relation *r = a->steps[i].relation;
    if (r != b->steps[k].relation || have_equal_options(r, options_of(a, i), options_of(b, k)))
        return false;
    return i != k || !furrow__paths_share(a, b, i + 1) ||
           furrow__path_length(a) == furrow__path_length(b);
}

static const furrow_relation *conflict_of(const furrow_path *a, const furrow_path *b)
{
    for (size_t i = 0; i < furrow__path_length(a); i++)
        for (size_t k = 0; k < furrow__path_length(b); k++)
            if (steps_conflict(a, i, b, k))
                return a->steps[i].relation;
    return NULL;
}

furrow_status furrow__check_options(furrow_path_list paths, furrow_error *error)
{
    for (size_t b = 0; b < paths.count; b++)
        for (size_t a = 0; a < b; a++) {
            const furrow_relation *r = conflict_of(&paths.items[a], &paths.items[b]);
            if (!r)
                continue;
            furrow__fail(error, FURROW_INVALID,
                         "two paths load \"%s\".\"%s\" with different conditions, orders or limits",
                         r->model->name, r->field);
            return furrow__hint(error, "give both paths the same options, or load one of them in a "
                                       "separate call");
        }
    return FURROW_OK;
}
