/* SPDX-License-Identifier: MIT
 *
 * Builds the statements that add and remove the link rows of a many-to-many relationship. Also
 * builds the statements that count or sum rows per parent. A link row contains two keys: the near
 * key identifies the row whose links change, and the far key identifies the row at the other end of
 * the link. The far keys are array parameters, so one statement handles any number of links.
 *
 * A link that already exists is left unchanged. If a unique constraint consists of exactly the
 * columns of both keys, ON CONFLICT ensures this. Otherwise the statement first looks for existing
 * links.
 */
#include <string.h>

#include "base/text.h"
#include "sql/parts.h"

#define ADD(out, text) furrow__buffer_add((out), (text), sizeof(text) - 1)

enum { LINK = 0 };

/* A statement that changes links. The parameters begin with the near key; the far key follows. */
typedef struct links {
    furrow__writer w;
    furrow__buffer *out;
    const furrow_relation *relation;
    furrow_time now;
    size_t near, far; /* parameter numbers at which the near key and the far key begin */
} links;

static const furrow_column *near_column(const furrow_relation *r, size_t i)
{
    return &r->link->columns[r->link_columns[i]];
}

static const furrow_column *far_column(const furrow_relation *r, size_t i)
{
    return &r->link->columns[r->link_target_columns[i]];
}

/* Returns whether a column of the link model, such as a tenant's id, belongs to both keys. Such a
 * column is written only once. */
static bool is_shared(const furrow_relation *r, size_t far)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->link_columns[i] == r->link_target_columns[far])
            return true;
    return false;
}

static bool is_in_keys(const furrow_relation *r, size_t column)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->link_columns[i] == column)
            return true;
    for (size_t i = 0; i < r->link_target_count; i++)
        if (r->link_target_columns[i] == column)
            return true;
    return false;
}

static bool is_now(const furrow_column *c)
{
    return c->default_ && strcmp(c->default_, "now") == 0 &&
           (c->type == FURROW_TYPE_TIME || c->type == FURROW_TYPE_DATE);
}

static furrow_status bind_keys(links *l, const furrow_value *near, const furrow_value *far)
{
    const furrow_relation *r = l->relation;
    furrow_status status = FURROW_OK;
    size_t number;
    l->near = l->w.sql->bind_count + 1;
    for (size_t i = 0; i < r->count && !status; i++)
        status = furrow__bind_add(&l->w, near_column(r, i), &near[i], false, &number);
    l->far = l->w.sql->bind_count + 1;
    for (size_t i = 0; i < r->link_target_count && !status; i++)
        status = furrow__bind_add(&l->w, far_column(r, i), &far[i], true, &number);
    return status;
}

static void write_typed(links *l, const furrow_column *column, size_t number)
{
    l->w.dialect->typed_parameter(l->out, column, number);
}

/* Writes FROM and the far keys, as a table u with the columns c0, c1, … */
static void write_far_rows(links *l)
{
    const furrow_relation *r = l->relation;
    const furrow_column *columns[FURROW__MAX_KEY];
    for (size_t i = 0; i < r->link_target_count; i++)
        columns[i] = far_column(r, i);
    ADD(l->out, " FROM ");
    l->w.dialect->array_rows(l->out, (furrow__columns){columns, r->link_target_count}, l->far);
}

/* Checks that the INSERT can fill every column of the link model. Returns FURROW_INVALID if a
 * column belongs to neither key and has no default. */
static furrow_status check_others(links *l)
{
    const furrow_model *link = l->relation->link;
    for (size_t i = 0; i < link->column_count; i++) {
        const furrow_column *c = &link->columns[i];
        if (is_in_keys(l->relation, i) || c->default_ ||
            c->flags & (FURROW_COLUMN_NULLABLE | FURROW_COLUMN_ASSIGNED))
            continue;
        furrow__fail_column(l->w.error, FURROW_INVALID, c,
                            "has no default, so links of \"%s\" cannot be inserted",
                            l->relation->field);
        furrow__hint(l->w.error,
                     "give the column a default, or insert rows of model \"%s\" instead",
                     link->name);
        return FURROW_INVALID;
    }
    return FURROW_OK;
}

static bool is_unique(const furrow_relation *r, const uint16_t *columns, size_t count)
{
    size_t keys = r->count;
    for (size_t i = 0; i < r->link_target_count; i++)
        keys += !is_shared(r, i);
    if (count != keys)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!is_in_keys(r, columns[i]))
            return false;
    return true;
}

/* Returns whether a unique constraint consists of exactly the columns of the two keys. */
static bool has_constraint(const furrow_relation *r)
{
    const furrow_model *link = r->link;
    if (is_unique(r, link->primary_key, link->primary_key_count))
        return true;
    for (size_t i = 0; i < link->index_count; i++)
        if (link->indexes[i].unique && !link->indexes[i].where &&
            is_unique(r, link->indexes[i].columns, link->indexes[i].count))
            return true;
    return false;
}

/* Returns whether all these columns belong to the two keys. */
static bool are_in_keys(const furrow_relation *r, const uint16_t *columns, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!is_in_keys(r, columns[i]))
            return false;
    return true;
}

bool furrow__links_are_unique(const furrow_relation *r)
{
    const furrow_model *link = r->link;
    if (are_in_keys(r, link->primary_key, link->primary_key_count))
        return true;
    for (size_t i = 0; i < link->index_count; i++)
        if (link->indexes[i].unique && !link->indexes[i].where &&
            are_in_keys(r, link->indexes[i].columns, link->indexes[i].count))
            return true;
    return false;
}

static void write_key_names(links *l)
{
    const furrow_relation *r = l->relation;
    for (size_t i = 0; i < r->count; i++) {
        furrow__buffer_add_text(l->out, i ? ", " : "");
        furrow__sql_identifier(l->out, near_column(r, i)->name);
    }
    for (size_t i = 0; i < r->link_target_count; i++)
        if (!is_shared(r, i)) {
            ADD(l->out, ", ");
            furrow__sql_identifier(l->out, far_column(r, i)->name);
        }
}

/* Writes the columns whose default is `now`: their names if `names` is set, otherwise their values.
 * As in every insert, the value is the time of the transaction. */
static furrow_status write_times(links *l, bool names)
{
    const furrow_model *link = l->relation->link;
    furrow_status status = FURROW_OK;
    for (size_t i = 0; i < link->column_count && !status; i++) {
        const furrow_column *c = &link->columns[i];
        if (is_in_keys(l->relation, i) || !is_now(c))
            continue;
        ADD(l->out, ", ");
        if (names) {
            furrow__sql_identifier(l->out, c->name);
            continue;
        }
        size_t number;
        int64_t day = INT64_C(86400000000), us = l->now.us;
        furrow_date date = {(int32_t)((us >= 0 ? us : us - day + 1) / day)};
        furrow_value value =
            c->type == FURROW_TYPE_DATE ? furrow_value_date_(date) : furrow_value_time_(l->now);
        status = furrow__bind_add(&l->w, c, &value, false, &number);
        if (!status)
            write_typed(l, c, number);
    }
    return status;
}

/* Writes the condition that no link with these keys exists. */
static void write_not_exists(links *l)
{
    const furrow_relation *r = l->relation;
    ADD(l->out, " WHERE NOT EXISTS (SELECT 1 FROM ");
    furrow__write_table_as(l->out, l->w.dialect, r->link, LINK);
    ADD(l->out, " WHERE ");
    for (size_t i = 0; i < r->count; i++) {
        furrow__buffer_add_text(l->out, i ? " AND " : "");
        furrow__write_place(l->out, furrow__place_of(near_column(r, i), LINK));
        ADD(l->out, " = ");
        furrow__write_parameter(l->out, l->w.dialect, l->near + i);
    }
    for (size_t i = 0; i < r->link_target_count; i++) {
        ADD(l->out, " AND ");
        furrow__write_place(l->out, furrow__place_of(far_column(r, i), LINK));
        furrow__buffer_format(l->out, " = u.c%zu", i);
    }
    ADD(l->out, ")");
}

static furrow_status write_insert(links *l)
{
    const furrow_relation *r = l->relation;
    bool constrained = has_constraint(r);
    furrow_status status = check_others(l);
    if (status)
        return status;
    ADD(l->out, "INSERT INTO ");
    furrow__sql_table(l->out, l->w.dialect, r->link);
    ADD(l->out, " (");
    write_key_names(l);
    write_times(l, true);
    furrow__buffer_add_text(l->out, constrained ? ") SELECT " : ") SELECT DISTINCT ");
    for (size_t i = 0; i < r->count; i++) {
        furrow__buffer_add_text(l->out, i ? ", " : "");
        write_typed(l, near_column(r, i), l->near + i);
    }
    for (size_t i = 0; i < r->link_target_count; i++)
        if (!is_shared(r, i))
            furrow__buffer_format(l->out, ", u.c%zu", i);
    status = write_times(l, false);
    write_far_rows(l);
    if (!constrained) {
        write_not_exists(l);
        return status;
    }
    furrow__buffer_add_text(l->out, l->w.dialect->upsert_needs_where ? " WHERE TRUE" : "");
    ADD(l->out, " ON CONFLICT (");
    write_key_names(l);
    ADD(l->out, ") DO NOTHING");
    return status;
}

static void write_missing(links *l)
{
    ADD(l->out, "SELECT 1");
    write_far_rows(l);
    write_not_exists(l);
    ADD(l->out, " LIMIT 1");
}

/* Writes a DELETE of links of the near key. If `others` is not set, it deletes the links to the
 * given far keys. If `others` is set, it deletes the links to all other far keys. */
static furrow_status write_delete(links *l, bool others)
{
    const furrow_relation *r = l->relation;
    furrow__place key[FURROW__MAX_KEY];
    ADD(l->out, "DELETE FROM ");
    furrow__sql_table(l->out, l->w.dialect, r->link);
    ADD(l->out, " WHERE ");
    for (size_t i = 0; i < r->count; i++) {
        furrow__sql_identifier(l->out, near_column(r, i)->name);
        ADD(l->out, " = ");
        furrow__write_parameter(l->out, l->w.dialect, l->near + i);
        ADD(l->out, " AND ");
    }
    for (size_t i = 0; i < r->link_target_count; i++)
        key[i] = furrow__place_of(far_column(r, i), FURROW__NO_ALIAS);
    furrow__buffer_add_text(l->out, others ? "NOT (" : "");
    l->w.dialect->keys_in(l->out, key, r->link_target_count, l->far);
    furrow__buffer_add_text(l->out, others ? ")" : "");
    return FURROW_OK;
}

furrow_status furrow__sql_links(furrow__sql *sql, const furrow__dialect *dialect,
                                const furrow__link_change *change, furrow_error *error)
{
    const furrow_relation *relation = change->relation;
    if (relation->count > FURROW__MAX_KEY || relation->link_target_count > FURROW__MAX_KEY)
        return furrow__fail(error, FURROW_INVALID, "relation \"%s\" has more than %d columns",
                            relation->field, FURROW__MAX_KEY);
    links l = {.w = furrow__writer_start(sql, dialect, relation->link, error),
               .out = &sql->text,
               .relation = relation,
               .now = change->now};
    furrow_status status = bind_keys(&l, change->near, change->far);
    if (status)
        return status;
    switch (change->verb) {
    case FURROW__LINKS_ADD:
        status = write_insert(&l);
        break;
    case FURROW__LINKS_REMOVE:
        status = write_delete(&l, false);
        break;
    case FURROW__LINKS_KEEP:
        status = write_delete(&l, true);
        break;
    case FURROW__LINKS_SET:
        ADD(l.out, "WITH gone AS (");
        write_delete(&l, true);
        ADD(l.out, ") ");
        status = write_insert(&l);
        break;
    case FURROW__LINKS_MISSING:
        write_missing(&l);
    }
    return status ? status : furrow__writer_end(&l.w);
}

enum { NEAR = 1, FAR = 2 };

/* Writes a subselect, (SELECT DISTINCT …) AS …, of the keys in the parents' links. With DISTINCT, a
 * pair of keys is counted once, even if it exists twice. */
static void write_pairs_once(furrow__writer *w, const furrow_relation *r, const furrow__place *key,
                             size_t parameter)
{
    furrow__buffer *out = &w->sql->text;
    ADD(out, "(SELECT DISTINCT ");
    for (size_t i = 0; i < r->count; i++) {
        furrow__buffer_add_text(out, i ? ", " : "");
        furrow__write_place(out, key[i]);
    }
    for (size_t i = 0; i < r->link_target_count; i++)
        if (!is_shared(r, i)) {
            ADD(out, ", ");
            furrow__write_place(out, furrow__place_of(far_column(r, i), NEAR));
        }
    ADD(out, " FROM ");
    furrow__write_table_as(out, w->dialect, r->link, NEAR);
    ADD(out, " WHERE ");
    w->dialect->keys_in(out, key, r->count, parameter);
    furrow__buffer_format(out, ") AS t%d", NEAR);
}

/* Writes FROM and the table that contains the parents' keys. If this table is a link table, joins
 * it with the target's table. */
static void write_group_from(furrow__writer *w, const furrow_relation *relation,
                             const furrow__place *key, size_t parameter, bool once)
{
    furrow__buffer *out = &w->sql->text;
    ADD(out, " FROM ");
    if (once)
        write_pairs_once(w, relation, key, parameter);
    else
        furrow__write_table_as(out, w->dialect, relation->link ? relation->link : relation->target,
                               NEAR);
    if (!relation->link)
        return;
    ADD(out, " JOIN ");
    furrow__write_table_as(out, w->dialect, relation->target, FAR);
    ADD(out, " ON ");
    furrow__write_pairs(out, relation->link_target_count,
                        (furrow__side){relation->target, relation->target_columns, FAR},
                        (furrow__side){relation->link, relation->link_target_columns, NEAR});
}

static void write_group_key(furrow__buffer *out, const furrow__place *key, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        furrow__buffer_add_text(out, i ? ", " : "");
        furrow__write_place(out, key[i]);
    }
}

furrow_status furrow__sql_tally(furrow__sql *sql, const furrow__dialect *dialect,
                                const furrow__tally *tally, furrow_error *error)
{
    const furrow_relation *relation = tally->relation;
    furrow__place key[FURROW__MAX_KEY];
    const furrow_model *first = relation->link ? relation->link : relation->target;
    const uint16_t *columns = relation->link ? relation->link_columns : relation->target_columns;
    bool once = relation->link && !furrow__links_are_unique(relation);
    if (relation->count > FURROW__MAX_KEY)
        return furrow__fail(error, FURROW_INVALID, "relation \"%s\" has more than %d columns",
                            relation->field, FURROW__MAX_KEY);
    furrow__writer w = furrow__writer_start(sql, dialect, relation->target, error);
    w.alias = relation->link ? FAR : NEAR;
    w.last_alias = FAR;
    furrow__buffer *out = &sql->text;
    for (size_t i = 0; i < relation->count; i++)
        key[i] = furrow__place_of(&first->columns[columns[i]], NEAR);
    ADD(out, "SELECT ");
    write_group_key(out, key, relation->count);
    ADD(out, ", ");
    if (tally->summed)
        dialect->aggregate(out, FURROW_AGGREGATE_SUM, furrow__place_of(tally->summed, w.alias));
    else
        ADD(out, "count(*)");
    furrow_status status = FURROW_OK;
    size_t number = 0, found = 0;
    for (size_t i = 0; i < relation->count && !status; i++)
        status = furrow__bind_add(&w, key[i].column, &tally->keys[i], true, &number);
    if (status)
        return status;
    number -= relation->count - 1u;
    write_group_from(&w, relation, key, number, once);
    status = furrow__write_where(&w, tally->where, tally->where_count, &found);
    if (status)
        return status;
    if (!once) {
        furrow__buffer_add_text(out, found ? " AND " : " WHERE ");
        dialect->keys_in(out, key, relation->count, number);
    }
    ADD(out, " GROUP BY ");
    write_group_key(out, key, relation->count);
    return furrow__writer_end(&w);
}
