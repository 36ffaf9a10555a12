/* SPDX-License-Identifier: MIT
 *
 * Builds keyset pages. A page contains the rows after a position in the order; it does not skip a
 * number of rows. If other rows are inserted or deleted, no row moves from one page to another.
 *
 * The order ends with the primary key, so no two rows have the same place in the order. A row is
 * after the position (v1, v2, …) if its first value is after v1, or if its first value equals v1
 * and its second value is after v2, and so on:
 *
 *   c1 >= v1 AND (c1 > v1 OR c1 = v1 AND (c2 < v2 OR …))
 *
 * In this example, the second column is in descending order. The first comparison is redundant, but
 * it lets the engine use an index. If no column can be NULL and all columns have the same
 * direction, a shorter form is used: (c1, c2) > (v1, v2).
 *
 * NULL comes before every value in ascending order and after every value in descending order. NULL
 * can only be compared with `IS NULL`. The text therefore depends on which values of the position
 * are NULL.
 *
 * An enum is compared with the list of the names after the position, as in a condition.
 */
#include "base/text.h"
#include "sql/parts.h"

#define ADD(out, text) furrow__buffer_add((out), (text), sizeof(text) - 1)

static bool is_listed(const furrow_ordering *order, size_t count, const furrow_column *column,
                      const furrow_relation *through)
{
    for (size_t i = 0; i < count; i++)
        if (order[i].column == column && order[i].through == through)
            return true;
    return false;
}

furrow_status furrow__page_order(const furrow__select *select,
                                 furrow_ordering order[FURROW__MAX_KEYSET], size_t *count,
                                 furrow_error *error)
{
    const furrow_model *model = select->model;
    size_t slots = select->order_count, n = 0;
    *count = 0;
    if (slots && (slots - 1 > FURROW_MAX_ORDERINGS ||
                  !furrow__is_empty_ordering(&select->order_by[slots - 1])))
        return furrow__fail(error, FURROW_INVALID,
                            "more than %zu columns to order by in a query of model \"%s\"",
                            slots - 1, model->name);
    if (!model->primary_key_count || model->primary_key_count > FURROW__MAX_KEY)
        return furrow__fail(
            error, FURROW_INVALID,
            "model \"%s\" cannot be read in pages: it has no primary key of 1 to %d columns",
            model->name, FURROW__MAX_KEY);
    for (size_t i = 0; i < slots; i++)
        if (!furrow__is_empty_ordering(&select->order_by[i]) &&
            !is_listed(order, n, select->order_by[i].column, select->order_by[i].through))
            order[n++] = select->order_by[i];
    bool descending = n && order[n - 1].descending;
    for (size_t i = 0; i < model->primary_key_count; i++) {
        const furrow_column *key = &model->columns[model->primary_key[i]];
        if (!is_listed(order, n, key, NULL))
            order[n++] = furrow_order_(key, descending);
    }
    *count = n;
    return FURROW_OK;
}

bool furrow__page_is_extra(const furrow_ordering *ordering)
{
    return ordering->through || ordering->column->flags & FURROW_COLUMN_COUNT;
}

furrow_status furrow__page_find(furrow__writer *w, const furrow__select *select,
                                furrow__page_terms *out)
{
    const furrow__page_part *page = select->page;
    if (page->size <= 0 || page->size > INT32_MAX)
        return furrow__fail(w->error, FURROW_INVALID,
                            "page_size is not between 1 and %d in a query of model \"%s\"",
                            INT32_MAX, select->model->name);
    if (select->limit || select->offset) {
        furrow__fail(w->error, FURROW_INVALID,
                     "%s together with page_size in a query of model \"%s\"",
                     select->limit ? "limit" : "offset", select->model->name);
        furrow__hint(w->error, "use .page_size with .after or .before, or .limit with .offset");
        return FURROW_INVALID;
    }
    furrow_status status = furrow__page_order(select, out->order, &out->count, w->error);
    for (size_t i = 0; i < out->count && status == FURROW_OK; i++)
        status = furrow__find_term(w, &out->order[i], w->alias, &out->terms[i]);
    return status;
}

void furrow__page_write_columns(furrow__writer *w, const furrow__page_terms *terms)
{
    for (size_t i = 0; i < terms->count; i++)
        if (furrow__page_is_extra(&terms->order[i])) {
            ADD(&w->sql->text, ", ");
            furrow__write_place(&w->sql->text, terms->terms[i].place);
        }
}

typedef struct position {
    furrow__writer *w;
    furrow__buffer *out;
    const furrow__page_terms *terms;
    const furrow__page_part *page;
    size_t numbers[FURROW__MAX_KEYSET]; /* for each value of the position, the number of the
                                           parameter that contains the value, or 0 if the statement
                                           does not use the value yet */
    furrow_status status;               /* the first failure */
} position;

static bool is_null(const position *p, size_t i)
{
    return p->page->position[i].type == FURROW_TYPE_NULL;
}

/* Returns whether the page continues towards larger values in this column. */
static bool goes_up(const position *p, size_t i)
{
    return p->terms->terms[i].descending == p->page->backwards;
}

static void keep_status(position *p, furrow_status status)
{
    if (p->status == FURROW_OK)
        p->status = status;
}

/* Writes the parameter that contains the position's value. */
static void write_value(position *p, size_t i)
{
    if (!p->numbers[i])
        keep_status(p, furrow__bind_add(p->w, p->terms->terms[i].place.column,
                                        &p->page->position[i], false, &p->numbers[i]));
    furrow__write_parameter(p->out, p->w->dialect, p->numbers[i]);
}

static bool is_enum(const position *p, size_t i)
{
    return p->terms->terms[i].place.column->type == FURROW_TYPE_ENUM;
}

/* Writes the condition that a row's value is after the position's value in the direction of the
 * page or, if `or_equal` is set, equal to it. The values are not NULL. */
static void write_after(position *p, size_t i, bool or_equal)
{
    furrow__place place = p->terms->terms[i].place;
    if (is_enum(p, i)) {
        int64_t value = p->page->position[i].as.integer, next = or_equal ? value : value + 1;
        int64_t previous = or_equal ? value : value - 1;
        keep_status(p, goes_up(p, i)
                           ? furrow__write_enum_range(p->w, p->out, place, next, INT64_MAX)
                           : furrow__write_enum_range(p->w, p->out, place, INT64_MIN, previous));
        return;
    }
    furrow__write_place(p->out, place);
    furrow__buffer_add_text(p->out, goes_up(p, i) ? " >" : " <");
    furrow__buffer_add_text(p->out, or_equal ? "= " : " ");
    write_value(p, i);
}

static void write_word(position *p, size_t i, const char *word)
{
    furrow__write_place(p->out, p->terms->terms[i].place);
    furrow__buffer_add_text(p->out, word);
}

/* Writes the condition that a row's value in this column comes after the position's value. */
static void write_beyond(position *p, size_t i)
{
    bool nullable = p->terms->terms[i].nullable;
    if (is_null(p, i)) {
        if (goes_up(p, i))
            write_word(p, i, " IS NOT NULL");
        else
            ADD(p->out, "FALSE");
    } else if (goes_up(p, i) || !nullable) {
        write_after(p, i, false);
    } else {
        ADD(p->out, "(");
        write_after(p, i, false);
        ADD(p->out, " OR ");
        write_word(p, i, " IS NULL)");
    }
}

static void write_equal(position *p, size_t i)
{
    if (is_null(p, i)) {
        write_word(p, i, " IS NULL");
        return;
    }
    write_word(p, i, " = ");
    write_value(p, i);
}

/* Writes the redundant comparison that lets the engine use an index on the first column. Writes
 * nothing if the comparison would need two ranges: one for NULL and one for other values. */
static void write_range(position *p)
{
    if (is_null(p, 0)) {
        if (goes_up(p, 0))
            return;
        write_word(p, 0, " IS NULL");
    } else if (goes_up(p, 0) || !p->terms->terms[0].nullable) {
        write_after(p, 0, true);
    } else {
        return;
    }
    ADD(p->out, " AND ");
}

/* Writes `(after OR equal AND (…))` for the i-th column and all later columns. */
static void write_chain(position *p)
{
    size_t count = p->terms->count;
    for (size_t i = 0; i < count; i++) {
        ADD(p->out, "(");
        write_beyond(p, i);
        if (i + 1 < count || p->page->inclusive) {
            ADD(p->out, " OR ");
            write_equal(p, i);
        }
        if (i + 1 < count)
            ADD(p->out, " AND ");
    }
    for (size_t i = 0; i < count; i++)
        ADD(p->out, ")");
}

static bool is_uniform(const position *p)
{
    for (size_t i = 0; i < p->terms->count; i++)
        if (p->terms->terms[i].nullable || is_enum(p, i) || goes_up(p, i) != goes_up(p, 0))
            return false;
    return true;
}

static void write_tuple(position *p)
{
    size_t count = p->terms->count;
    furrow__buffer_add_text(p->out, count > 1 ? "(" : "");
    for (size_t i = 0; i < count; i++)
        write_word(p, i, i + 1 < count ? ", " : "");
    furrow__buffer_add_text(p->out, count > 1 ? ")" : "");
    furrow__buffer_add_text(p->out, goes_up(p, 0) ? " >" : " <");
    furrow__buffer_add_text(p->out, p->page->inclusive ? "= " : " ");
    furrow__buffer_add_text(p->out, count > 1 ? "(" : "");
    for (size_t i = 0; i < count; i++) {
        furrow__buffer_add_text(p->out, i ? ", " : "");
        write_value(p, i);
    }
    furrow__buffer_add_text(p->out, count > 1 ? ")" : "");
}

furrow_status furrow__page_write(furrow__writer *w, const furrow__page_part *page,
                                 const furrow__page_terms *terms, bool has_where)
{
    position p = {.w = w, .out = &w->sql->text, .terms = terms, .page = page};
    if (page->position) {
        furrow__buffer_add_text(p.out, has_where ? " AND " : " WHERE ");
        if (is_uniform(&p)) {
            write_tuple(&p);
        } else {
            write_range(&p);
            write_chain(&p);
        }
        if (p.status != FURROW_OK)
            return p.status;
    }
    for (size_t i = 0; i < terms->count; i++) {
        furrow__buffer_add_text(p.out, i ? ", " : " ORDER BY ");
        furrow__write_term(w, &terms->terms[i], page->backwards);
    }
    ADD(p.out, " LIMIT ");
    furrow_value limit = furrow_value_integer_(page->size + 1);
    return furrow__bind_write(w, NULL, &limit);
}
