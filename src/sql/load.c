/* SPDX-License-Identifier: MIT
 *
 * Builds the statement that loads a relationship: a single SELECT for the rows of many parents. The
 * parents' keys are array parameters, so the text is the same for any number of parents. A link
 * table is joined, and its columns show which parent each row belongs to. Two to-many relationships
 * are never joined, so a row cannot appear several times.
 *
 * If there is a limit per parent, the rows of each parent are numbered. They are numbered in the
 * requested order, and rows that are equal in this order are numbered in the order of their keys. A
 * row that is linked twice to the same parent gets a single number.
 *
 * Only the order of the rows within each parent matters. If keys_in reads an index in order, rows
 * are ordered by parent first, because the index already has that order. Otherwise rows are ordered
 * only by the requested order.
 */
#include "base/text.h"
#include "sql/parts.h"

#define ADD(out, text) furrow__buffer_add((out), (text), sizeof(text) - 1)

enum { TARGET = FURROW__ALIAS_TARGET, LINK = 1 };

/* Finds how the statement refers to the columns that contain the parent's key. Returns the number
 * of these columns. */
static size_t parent_key(furrow__place *key, const furrow_relation *relation)
{
    const furrow_model *model = relation->link ? relation->link : relation->target;
    const uint16_t *columns = relation->link ? relation->link_columns : relation->target_columns;
    for (size_t i = 0; i < relation->count; i++)
        key[i] = furrow__place_of(&model->columns[columns[i]], relation->link ? LINK : TARGET);
    return relation->count;
}

static void write_link_columns(furrow__buffer *out, const furrow__place *key, size_t count,
                               bool with_names)
{
    for (size_t i = 0; i < count; i++) {
        furrow__write_place(out, key[i]);
        if (with_names) {
            ADD(out, " AS furrow_k");
            furrow__write_integer(out, (int64_t)i);
        }
        ADD(out, ", ");
    }
}

static void write_from(furrow__writer *w, const furrow_relation *relation)
{
    furrow__buffer *out = &w->sql->text;
    ADD(out, " FROM ");
    furrow__write_table_as(out, w->dialect, relation->target, TARGET);
    if (!relation->link)
        return;
    ADD(out, " JOIN ");
    furrow__write_table_as(out, w->dialect, relation->link, LINK);
    ADD(out, " ON ");
    furrow__write_pairs(out, relation->link_target_count,
                        (furrow__side){relation->link, relation->link_target_columns, LINK},
                        (furrow__side){relation->target, relation->target_columns, TARGET});
}

/* Writes WHERE with two parts: the parent's key is one of `keys`, and the conditions of the load
 * step are true. */
static furrow_status write_where(furrow__writer *w, const furrow__load_step *step,
                                 const furrow__place *key, const furrow_value *keys)
{
    size_t found = 0, first = 0, number;
    furrow_status status = furrow__write_where(w, step->where, step->where_count, &found);
    for (size_t i = 0; i < step->relation->count && status == FURROW_OK; i++) {
        status = furrow__bind_add(w, key[i].column, &keys[i], true, &number);
        first = i ? first : number;
    }
    if (status == FURROW_OK) {
        furrow__buffer_add_text(&w->sql->text, found ? " AND " : " WHERE ");
        w->dialect->keys_in(&w->sql->text, key, step->relation->count, first);
    }
    return status;
}

/* Writes a SELECT with a limit per parent. The inner SELECT numbers the rows of each parent. The
 * outer SELECT takes the rows whose number does not exceed the limit. */
static furrow_status write_limited(furrow__writer *w, const furrow__load_step *step,
                                   const furrow__place *key, const furrow_value *keys)
{
    furrow__buffer *out = &w->sql->text;
    const furrow_relation *relation = step->relation;
    ADD(out, "SELECT ");
    for (size_t i = 0; relation->link && i < relation->count; i++) {
        ADD(out, "furrow_k");
        furrow__write_integer(out, (int64_t)i);
        ADD(out, ", ");
    }
    furrow__write_all_columns(out, relation->target, FURROW__NO_ALIAS);
    ADD(out, " FROM (SELECT ");
    if (relation->link)
        write_link_columns(out, key, relation->count, true);
    furrow__write_all_columns(out, relation->target, TARGET);
    ADD(out, ", dense_rank() OVER (PARTITION BY ");
    for (size_t i = 0; i < relation->count; i++) {
        furrow__buffer_add_text(out, i ? ", " : "");
        furrow__write_place(out, key[i]);
    }
    furrow_status status = furrow__write_order(w, step->order_by, step->order_count, true);
    ADD(out, ") AS furrow_n");
    write_from(w, relation);
    if (status == FURROW_OK)
        status = write_where(w, step, key, keys);
    ADD(out, ") AS numbered WHERE furrow_n <= ");
    furrow_value limit = furrow_value_integer_(step->limit);
    if (status == FURROW_OK)
        status = furrow__bind_write(w, NULL, &limit);
    ADD(out, " ORDER BY furrow_n");
    return status;
}

furrow_status furrow__sql_load(furrow__sql *sql, const furrow__dialect *dialect,
                               const furrow__load_step *step, const furrow_value *keys,
                               furrow_error *error)
{
    const furrow_relation *relation = step->relation;
    furrow__place key[FURROW__MAX_KEY];
    if (relation->count > FURROW__MAX_KEY)
        return furrow__fail(error, FURROW_INVALID, "relation \"%s\" has more than %d columns",
                            relation->field, FURROW__MAX_KEY);
    if (step->limit < 0)
        return furrow__fail(error, FURROW_INVALID, "the limit of relation \"%s\" is negative",
                            relation->field);
    size_t count = parent_key(key, relation);
    furrow__writer w = furrow__writer_start(sql, dialect, relation->target, error);
    w.alias = TARGET;
    w.last_alias = LINK;
    furrow_status status;
    if (step->limit) {
        status = write_limited(&w, step, key, keys);
    } else {
        ADD(&sql->text, "SELECT ");
        if (relation->link)
            write_link_columns(&sql->text, key, count, false);
        furrow__write_all_columns(&sql->text, relation->target, TARGET);
        write_from(&w, relation);
        status = write_where(&w, step, key, keys);
        if (status == FURROW_OK)
            status = furrow__write_order_within(&w, key, dialect->groups_by_index ? count : 0,
                                                step->order_by, step->order_count);
    }
    return status == FURROW_OK ? furrow__writer_end(&w) : status;
}
