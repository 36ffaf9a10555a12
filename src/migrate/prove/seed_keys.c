/* SPDX-License-Identifier: MIT
 * Sets optional foreign keys that refer to a table that is filled later. This is done when all
 * tables have their rows. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "migrate/apply/query.h"
#include "migrate/prove/seed_parts.h"

static furrow_status update_key(furrow__seeder *s, const furrow__seed_table *t,
                                const furrow__seed_key *k, const furrow__content_row *row,
                                const furrow_value *to)
{
    furrow__buffer sql = {0};
    size_t parameter = 0;
    furrow__buffer_add_text(&sql, "UPDATE ");
    furrow__write_table_name(&sql, s->dialect, t->table->name);
    for (size_t i = 0; i < k->key->count; i++) {
        furrow__buffer_add_text(&sql, i ? ", " : " SET ");
        furrow__sql_identifier(&sql, k->key->columns[i]);
        furrow__buffer_add_text(&sql, " = ");
        furrow__write_parameter(&sql, s->dialect, ++parameter);
    }
    furrow__buffer_add_text(&sql, " WHERE ");
    furrow__write_row_id(&sql, s->dialect, t->table, NULL);
    furrow__buffer_add_text(&sql, " = ");
    furrow__sql_literal(&sql, row->row_id);
    furrow_status status = furrow__seed_prepare(s, &sql);
    furrow__buffer_done(&sql);
    for (size_t i = 0; i < k->key->count && status == FURROW_OK; i++)
        status = s->driver->bind(s->statement, (int)i, &t->content.model->columns[k->own[i]],
                                 &to[k->theirs[i]], &s->refused);
    return status == FURROW_OK ? furrow__seed_execute(s) : status;
}

static furrow_status try_update(furrow__seeder *s, const furrow__seed_table *t,
                                const furrow__seed_key *k, const furrow__content_row *row,
                                const furrow_value *to)
{
    furrow_status status = s->driver->savepoint(s->connection, 1, s->error);
    if (status != FURROW_OK)
        return status;
    status = update_key(s, t, k, row, to);
    if (status == FURROW_OK)
        return s->driver->release(s->connection, 1, s->error);
    if (furrow__seed_is_refusal(s, status))
        return furrow__seed_undo(s);
    *s->error = s->refused;
    return status;
}

static bool is_null_key(const furrow__seed_key *k, const furrow__content_row *row)
{
    for (size_t i = 0; i < k->key->count; i++)
        if (!row->cells[k->own[i]])
            return true;
    return false;
}

/* Sets the foreign key in two thirds of the rows in which it is NULL. */
static furrow_status set_key(furrow__seeder *s, const furrow__seed_table *t,
                             const furrow__seed_key *k)
{
    furrow__content now;
    furrow__seed_begin_choices(s, t);
    furrow_status status = furrow__content_read(&now, s->source, t->table, s->arena, s->error);
    for (size_t i = 0; i < now.count && status == FURROW_OK; i++) {
        uint64_t choice = furrow__seed_next(&s->state);
        if (!is_null_key(k, &now.rows[i]) || choice % 3 == 0 || !now.rows[i].row_id)
            continue;
        const furrow__content_row *to =
            &k->target->content.rows[(choice >> 8) % k->target->content.count];
        status = try_update(s, t, k, &now.rows[i], to->values);
    }
    return status;
}

/* Sets those optional foreign keys of the table order[at] that refer to tables later in the order.
 */
furrow_status furrow__seed_set_keys(furrow__seeder *s, const size_t *order, size_t at)
{
    furrow__seed_table *t = &s->tables[order[at]];
    furrow_status status = FURROW_OK;
    if (t->content.count == t->existing)
        return FURROW_OK;
    for (size_t i = 0; i < t->table->constraint_count && status == FURROW_OK; i++) {
        const furrow__catalog_constraint *key = &t->table->constraints[i];
        furrow__seed_key k;
        if (key->kind != FURROW__CONSTRAINT_FOREIGN_KEY ||
            !furrow__seed_key_is_optional(t->table, key))
            continue;
        size_t target = furrow__seed_table_index(s->catalog, key->target), later = at + 1;
        while (later < s->catalog->count && order[later] != target)
            later++;
        if (later < s->catalog->count && furrow__seed_key_find(s, t, key, &k) &&
            k.target->content.count)
            status = set_key(s, t, &k);
    }
    return status;
}
