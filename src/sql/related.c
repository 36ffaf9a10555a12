/* SPDX-License-Identifier: MIT
 *
 * Builds subselects that follow a relationship from the current row. A subselect is EXISTS for a
 * condition, a count of rows, or a column of the single row that a to-one relationship leads to. A
 * subselect cannot duplicate rows. Its value can be used wherever a column can be used: in a
 * condition, in an order, or in the position of a page.
 */
#include <string.h>

#include "base/text.h"
#include "sql/parts.h"

#define ADD(out, text) furrow__buffer_add((out), (text), sizeof(text) - 1)

static bool is_count(const furrow_column *column)
{
    return column && column->flags & FURROW_COLUMN_COUNT;
}

bool furrow__conditions_have_relation(const furrow_condition *where, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        unsigned op = where[i].value.op;
        if (op >= FURROW_OP_HAS_ && op <= FURROW_OP_EVERY_)
            return true;
        if (op >= FURROW_OP_EQ_ && op <= FURROW_OP_GE_COLUMN_ && is_count(where[i].subject))
            return true;
        if (op >= FURROW_OP_EQ_COLUMN_ && op <= FURROW_OP_GE_COLUMN_ &&
            is_count(where[i].value.as.column))
            return true;
    }
    return false;
}

bool furrow__orders_have_relation(const furrow_ordering *order, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (order[i].used && (order[i].through || is_count(order[i].column)))
            return true;
    return false;
}

void furrow__write_pairs(furrow__buffer *out, size_t count, furrow__side a, furrow__side b)
{
    for (size_t i = 0; i < count; i++) {
        if (i)
            ADD(out, " AND ");
        furrow__write_place(out, furrow__place_of(&a.model->columns[a.columns[i]], a.alias));
        ADD(out, " = ");
        furrow__write_place(out, furrow__place_of(&b.model->columns[b.columns[i]], b.alias));
    }
}

furrow_status furrow__write_related(furrow__writer *w, furrow__buffer *out,
                                    const furrow__related *related, int *target)
{
    const furrow_relation *relation = related->relation;
    int near = ++w->last_alias;
    int far = relation->link ? ++w->last_alias : near;
    const furrow_model *first = relation->link ? relation->link : relation->target;
    *target = far;
    ADD(out, "SELECT ");
    furrow_status status = related->what(w, out, far, related->context);
    ADD(out, " FROM ");
    furrow__write_table_as(out, w->dialect, first, near);
    if (relation->link) {
        ADD(out, " JOIN ");
        furrow__write_table_as(out, w->dialect, relation->target, far);
        ADD(out, " ON ");
        furrow__write_pairs(out, relation->link_target_count,
                            (furrow__side){relation->target, relation->target_columns, far},
                            (furrow__side){relation->link, relation->link_target_columns, near});
    }
    ADD(out, " WHERE ");
    furrow__write_pairs(
        out, relation->count,
        (furrow__side){first, relation->link ? relation->link_columns : relation->target_columns,
                       near},
        (furrow__side){relation->model, relation->columns, related->alias});
    return status;
}

static furrow_status write_count(furrow__writer *w, furrow__buffer *out, int target,
                                 const void *context)
{
    (void)w;
    (void)target;
    (void)context;
    ADD(out, "count(*)");
    return FURROW_OK;
}

/* Writes SELECT count(*) FROM the target WHERE its key is one of the keys in the links of the
 * current row. A target row is counted once, even if two links refer to it. */
static void write_count_once(furrow__writer *w, furrow__buffer *out, const furrow_relation *r,
                             int alias)
{
    int near = ++w->last_alias, far = ++w->last_alias;
    ADD(out, "SELECT count(*) FROM ");
    furrow__write_table_as(out, w->dialect, r->target, far);
    ADD(out, " WHERE (");
    for (size_t i = 0; i < r->link_target_count; i++) {
        furrow__buffer_add_text(out, i ? ", " : "");
        furrow__write_place(out, furrow__place_of(&r->target->columns[r->target_columns[i]], far));
    }
    ADD(out, ") IN (SELECT ");
    for (size_t i = 0; i < r->link_target_count; i++) {
        furrow__buffer_add_text(out, i ? ", " : "");
        furrow__write_place(out,
                            furrow__place_of(&r->link->columns[r->link_target_columns[i]], near));
    }
    ADD(out, " FROM ");
    furrow__write_table_as(out, w->dialect, r->link, near);
    ADD(out, " WHERE ");
    furrow__write_pairs(out, r->count, (furrow__side){r->link, r->link_columns, near},
                        (furrow__side){r->model, r->columns, alias});
    ADD(out, ")");
}

/* Writes a subselect into a separate string, which is allocated in the statement's arena. */
static furrow_status write_subselect(furrow__writer *w, const furrow__related *related,
                                     const char **text)
{
    const furrow_relation *relation = related->relation;
    furrow__buffer out = {0};
    int target;
    furrow_status status = FURROW_OK;
    ADD(&out, "(");
    if (related->what == write_count && relation->link && !furrow__links_are_unique(relation))
        write_count_once(w, &out, relation, related->alias);
    else
        status = furrow__write_related(w, &out, related, &target);
    ADD(&out, ")");
    *text = status == FURROW_OK && !out.failed
                ? furrow__arena_text(w->sql->arena, out.text, out.size)
                : NULL;
    furrow__buffer_done(&out);
    return status != FURROW_OK ? status : *text ? FURROW_OK : furrow__no_memory(w->error);
}

furrow_status furrow__find_place(furrow__writer *w, const furrow_column *column, int alias,
                                 furrow__place *out)
{
    *out = furrow__place_of(column, alias);
    if (!is_count(column))
        return FURROW_OK;
    const furrow_model *model = column->model;
    if (column->index >= model->relation_count)
        return furrow__fail(w->error, FURROW_INVALID, "model \"%s\" has no relation %u",
                            model->name, column->index);
    furrow__related count = {&model->relations[column->index], alias, write_count, NULL};
    return write_subselect(w, &count, &out->text);
}

static furrow_status write_far_column(furrow__writer *w, furrow__buffer *out, int target,
                                      const void *context)
{
    const furrow_column *column = context;
    furrow__place place;
    furrow_status status = furrow__find_place(w, column, target, &place);
    if (status == FURROW_OK)
        furrow__write_place(out, place);
    return status;
}

/* Checks that an element of an order follows a to-one relationship of this model, and that its
 * column belongs to the relationship's target. */
static furrow_status check_through(furrow__writer *w, const furrow_ordering *ordering)
{
    const furrow_relation *r = ordering->through;
    if (r->model != w->model)
        return furrow__fail(w->error, FURROW_INVALID,
                            "order by relation \"%s\" of model \"%s\" in a query of model \"%s\"",
                            r->field, r->model->name, w->model->name);
    if (r->kind != FURROW_RELATION_TO_ONE && r->kind != FURROW_RELATION_ONE_TO_ONE) {
        furrow__fail(w->error, FURROW_INVALID,
                     "order by a column of relation \"%s\" of model \"%s\", which leads to many "
                     "rows of model %s",
                     r->field, r->model->name, FURROW__QUOTED(r->target->name));
        furrow__hint(w->error, "order by a column of a to-one relationship, or by furrow_count_of");
        return FURROW_INVALID;
    }
    if (ordering->column && ordering->column->model != r->target)
        return furrow__fail(w->error, FURROW_INVALID,
                            "order by column %s of model \"%s\" through relation \"%s\", which "
                            "leads to model %s",
                            FURROW__QUOTED(ordering->column->name), ordering->column->model->name,
                            r->field, FURROW__QUOTED(r->target->name));
    return furrow__check_owner(ordering->column, r->target, "order by", w->error);
}

furrow_status furrow__find_term(furrow__writer *w, const furrow_ordering *ordering, int alias,
                                furrow__term *out)
{
    const furrow_column *column = ordering->column;
    if (!ordering->used)
        return furrow__fail(w->error, FURROW_INVALID,
                            "an element of .order_by is not an order, in a query of model \"%s\"",
                            w->model->name);
    furrow_status status = ordering->through
                               ? check_through(w, ordering)
                               : furrow__check_owner(column, w->model, "order by", w->error);
    if (status != FURROW_OK)
        return status;
    if (column->type == FURROW_TYPE_JSON)
        return furrow__fail_column(w->error, FURROW_INVALID, column, "is JSON, which has no order");
    *out = (furrow__term){.place = furrow__place_of(column, alias),
                          .nullable = column->flags & FURROW_COLUMN_NULLABLE || ordering->through,
                          .descending = ordering->descending};
    if (ordering->through)
        return write_subselect(
            w, &(furrow__related){ordering->through, alias, write_far_column, column},
            &out->place.text);
    return furrow__find_place(w, column, alias, &out->place);
}

/* Writes an element of ORDER BY in which NULL sorts before every other value. If the column is
 * never NULL, writes no NULLS clause, so that the index of a primary key can be used. */
void furrow__write_term(furrow__writer *w, const furrow__term *term, bool reversed)
{
    furrow__buffer *out = &w->sql->text;
    bool descending = term->descending != reversed;
    furrow__write_comparable(out, term->place);
    if (descending)
        ADD(out, " DESC");
    if (term->nullable)
        furrow__buffer_add_text(out, descending ? w->dialect->nulls_last : w->dialect->nulls_first);
}
