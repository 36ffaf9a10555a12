/* SPDX-License-Identifier: MIT
 * Makes one row: chooses its values and inserts it. If the engine refuses the row, the row is tried
 * again with other values. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "migrate/apply/query.h"
#include "migrate/prove/seed_parts.h"

enum {
    SPECIAL_TRIES = 3
}; /* number of attempts in which a value is the only special value of the row */

/* Returns whether the error was caused by the row, not by the connection. */
bool furrow__seed_is_refusal(const furrow__seeder *s, furrow_status status)
{
    switch (status) {
    case FURROW_UNIQUE:
    case FURROW_FOREIGN_KEY:
    case FURROW_NOT_NULL:
    case FURROW_CHECK:
    case FURROW_INVALID:
    case FURROW_DATABASE:
        return !s->connection->broken && s->connection->in_transaction;
    default:
        return false;
    }
}

furrow_status furrow__seed_prepare(furrow__seeder *s, furrow__buffer *sql)
{
    const char *text = furrow__buffer_text(sql);
    furrow_status status = FURROW_OK;
    if (!text)
        return furrow__seed_no_memory(s);
    if (s->statement && s->sql && strcmp(s->sql, text) == 0) {
        s->driver->reset_statement(s->statement);
        return FURROW_OK;
    }
    s->driver->finalize(s->statement);
    s->statement = NULL;
    s->sql = furrow__arena_text(s->arena, text, sql->size);
    if (!s->sql)
        return furrow__seed_no_memory(s);
    status =
        s->driver->prepare(s->connection, &s->statement,
                           &(furrow_statement_text){.text = text, .size = sql->size}, &s->refused);
    return status;
}

furrow_status furrow__seed_execute(furrow__seeder *s)
{
    bool row = true;
    furrow_status status = s->driver->execute(s->statement, &s->refused);
    while (status == FURROW_OK && row)
        status = s->driver->step(s->statement, &row, &s->refused);
    s->driver->reset_statement(s->statement);
    return status;
}

/* Writes a literal for a column of a native type. Its form is chosen at random, because it is not
 * known which forms the type accepts. */
static void write_native(furrow__buffer *sql, const furrow__catalog_column *column, size_t number,
                         uint64_t *state)
{
    char text[48];
    if (column->nullable && furrow__seed_next(state) % 3 == 0) {
        furrow__buffer_add_text(sql, "NULL");
        return;
    }
    switch (furrow__seed_next(state) % 6) {
    case 0:
        snprintf(text, sizeof text, "'%zu'", number);
        break;
    case 1:
        snprintf(text, sizeof text, "%zu", number);
        break;
    case 2:
        snprintf(text, sizeof text, "'2001-02-%02zu'", number % 28 + 1);
        break;
    case 3:
        snprintf(text, sizeof text, "'{%zu}'", number);
        break;
    case 4:
        snprintf(text, sizeof text, "'10.0.%zu.%zu'", number / 250 % 250, number % 250);
        break;
    default:
        snprintf(text, sizeof text, "'seed %zu'", number);
    }
    furrow__buffer_add_text(sql, text);
}

furrow_status furrow__seed_insert(furrow__seeder *s, furrow__seed_table *t,
                                  const furrow__seed_draft *row)
{
    furrow__buffer sql = {0};
    furrow__buffer_add_text(&sql, "INSERT INTO ");
    furrow__write_table_name(&sql, s->dialect, t->table->name);
    for (size_t i = 0; i < t->table->column_count; i++) {
        furrow__buffer_add_text(&sql, i ? ", " : " (");
        furrow__sql_identifier(&sql, t->table->columns[i].name);
    }
    size_t parameters = 0;
    for (size_t i = 0; i < t->table->column_count; i++) {
        furrow__buffer_add_text(&sql, i ? ", " : ") VALUES (");
        if (t->table->columns[i].type.native)
            write_native(&sql, &t->table->columns[i], t->content.count + 1, &s->state);
        else
            furrow__write_parameter(&sql, s->dialect, ++parameters);
    }
    furrow__buffer_add_char(&sql, ')');
    furrow_status status = furrow__seed_prepare(s, &sql);
    furrow__buffer_done(&sql);
    int parameter = 0;
    for (size_t i = 0; i < t->table->column_count && status == FURROW_OK; i++)
        if (!t->table->columns[i].type.native)
            status = s->driver->bind(s->statement, parameter++, &t->content.model->columns[i],
                                     &row->values[i], &s->refused);
    return status == FURROW_OK ? furrow__seed_execute(s) : status;
}

furrow_status furrow__seed_draft_begin(furrow__seeder *s, const furrow__seed_table *t,
                                       furrow__seed_draft *out)
{
    size_t count = t->table->column_count + 1;
    out->values =
        furrow__arena_aligned(s->arena, count * sizeof *out->values, _Alignof(furrow_value));
    out->is_set = furrow__arena_aligned(s->arena, count, 1);
    out->is_special = furrow__arena_aligned(s->arena, count, 1);
    return out->values && out->is_set && out->is_special ? FURROW_OK : furrow__seed_no_memory(s);
}

static bool has_special(const furrow__seed_table *t, size_t column)
{
    return t->domains[column].next < t->domains[column].special_count;
}

size_t furrow__seed_special_column(const furrow__seed_table *t, size_t turn)
{
    size_t left = 0;
    for (size_t i = 0; i < t->table->column_count; i++)
        left += has_special(t, i);
    for (size_t i = 0, n = left ? turn % left : 0; left && i < t->table->column_count; i++)
        if (has_special(t, i) && n-- == 0)
            return i;
    return SIZE_MAX;
}

static furrow_status draw_values(furrow__seeder *s, furrow__seed_table *t, furrow__seed_draft *row,
                                 size_t attempt)
{
    size_t alone = attempt && attempt < FURROW__SEED_TRIES / 2
                       ? furrow__seed_special_column(t, attempt - 1)
                       : SIZE_MAX;
    const furrow__seed_choice choice = {&s->state, s->options->plain, s->arena};
    for (size_t i = 0; i < t->table->column_count; i++) {
        const furrow__seed_domain *d = &t->domains[i];
        row->is_set[i] = false;
        row->is_special[i] = has_special(t, i) && (attempt == 0 || alone == i);
        if (d->column->assigned)
            row->values[i] =
                (furrow_value){.type = FURROW_TYPE_INT64, .as.integer = t->last_key + 1};
        else if (row->is_special[i])
            row->values[i] = d->specials[d->next];
        else if (!furrow__seed_value(&row->values[i], d, &choice))
            return furrow__seed_no_memory(s);
    }
    return FURROW_OK;
}

static bool is_same(const furrow__seed_table *t, size_t column, const furrow_value *value,
                    const char *cell, furrow_arena *arena)
{
    const char *text = furrow__content_text(&t->content.model->columns[column], value, arena);
    return text && cell && strcmp(text, cell) == 0;
}

bool furrow__seed_key_find(furrow__seeder *s, const furrow__seed_table *t,
                           const furrow__catalog_constraint *key, furrow__seed_key *out)
{
    size_t target = furrow__seed_table_index(s->catalog, key->target);
    if (target == SIZE_MAX)
        return false;
    out->key = key;
    out->target = &s->tables[target];
    for (size_t i = 0; i < key->count; i++) {
        out->own[i] = furrow__content_column(&t->content, key->columns[i]);
        out->theirs[i] = furrow__content_column(&out->target->content, key->target_columns[i]);
        if (out->own[i] == SIZE_MAX || out->theirs[i] == SIZE_MAX)
            return false;
    }
    return true;
}

/* Other foreign keys may already have set some of the columns. Returns whether the target row has
 * the same values in these columns. */
static bool can_refer(const furrow__seed_table *t, const furrow__seed_key *k,
                      const furrow__seed_draft *row, size_t to, furrow_arena *arena)
{
    for (size_t i = 0; i < k->key->count; i++) {
        const char *cell = k->target->content.rows[to].cells[k->theirs[i]];
        if (!cell || (row->is_set[k->own[i]] &&
                      !is_same(t, k->own[i], &row->values[k->own[i]], cell, arena)))
            return false;
    }
    return true;
}

void furrow__seed_refer(const furrow__seed_table *t, const furrow__seed_key *k,
                        furrow__seed_draft *row, const furrow_value *to)
{
    for (size_t i = 0; i < k->key->count; i++) {
        if (t->domains[k->own[i]].column->assigned)
            continue;
        row->values[k->own[i]] = to[k->theirs[i]];
        row->is_set[k->own[i]] = true;
        row->is_special[k->own[i]] = false;
    }
}

/* Sets one column of the foreign key to NULL. This column must be nullable, and no other foreign
 * key may have set it. Returns false if there is no such column. */
static bool refer_to_nothing(const furrow__seed_table *t, const furrow__seed_key *k,
                             furrow__seed_draft *row)
{
    for (size_t i = 0; i < k->key->count; i++)
        if (t->table->columns[k->own[i]].nullable && !row->is_set[k->own[i]]) {
            row->values[k->own[i]] = (furrow_value){0};
            row->is_set[k->own[i]] = true;
            row->is_special[k->own[i]] = false;
            return true;
        }
    return false;
}

/* Chooses the row that a foreign key refers to. The search begins at a random row. If no row fits,
 * the foreign key refers to the new row itself, or is NULL. */
static void draw_key(furrow__seeder *s, furrow__seed_table *t,
                     const furrow__catalog_constraint *key, furrow__seed_draft *row)
{
    furrow__seed_key k;
    if (!furrow__seed_key_find(s, t, key, &k))
        return;
    size_t count = k.target->content.count,
           from = (size_t)(furrow__seed_next(&s->state) % (count + 1));
    bool optional = furrow__seed_key_is_optional(t->table, key);
    if (optional && furrow__seed_next(&s->state) % 5 == 0 && refer_to_nothing(t, &k, row))
        return;
    for (size_t i = 0; i < count; i++)
        if (can_refer(t, &k, row, (from + i) % count, s->arena)) {
            furrow__seed_refer(t, &k, row, k.target->content.rows[(from + i) % count].values);
            return;
        }
    if (k.target == t && !optional)
        furrow__seed_refer(t, &k, row, row->values);
    else if (optional)
        refer_to_nothing(t, &k, row);
}

furrow_status furrow__seed_draft_draw(furrow__seeder *s, furrow__seed_table *t,
                                      furrow__seed_draft *row, size_t attempt)
{
    furrow_status status = draw_values(s, t, row, attempt);
    for (size_t i = 0; i < t->table->constraint_count && status == FURROW_OK; i++)
        if (t->table->constraints[i].kind == FURROW__CONSTRAINT_FOREIGN_KEY)
            draw_key(s, t, &t->table->constraints[i], row);
    return status;
}

furrow_status furrow__seed_undo(furrow__seeder *s)
{
    furrow_status status = s->driver->rollback_to(s->connection, 1, s->error);
    return status == FURROW_OK ? s->driver->release(s->connection, 1, s->error) : status;
}

/* Inserts the row within a savepoint. *taken is set to whether the engine accepted the row. */
static furrow_status try_row(furrow__seeder *s, furrow__seed_table *t,
                             const furrow__seed_draft *row, bool *taken)
{
    *taken = false;
    furrow_status status = s->driver->savepoint(s->connection, 1, s->error);
    if (status != FURROW_OK)
        return status;
    status = furrow__seed_insert(s, t, row);
    if (status == FURROW_OK) {
        *taken = true;
        return s->driver->release(s->connection, 1, s->error);
    }
    if (furrow__seed_is_refusal(s, status))
        return furrow__seed_undo(s);
    *s->error = s->refused;
    return status;
}

/* Moves a column on to its next special value in two cases: its current special value was in an
 * accepted row, or too many refused rows had this value as their only special value. */
void furrow__seed_count_specials(furrow__seed_table *t, const furrow__seed_draft *row, bool taken,
                                 size_t attempt)
{
    for (size_t i = 0; i < t->table->column_count; i++) {
        furrow__seed_domain *d = &t->domains[i];
        if (!row->is_special[i] || (!taken && (!attempt || ++d->missed < SPECIAL_TRIES)))
            continue;
        d->next++;
        d->missed = 0;
    }
}

/* Makes and inserts one row, with several attempts. *taken is set to whether the engine accepted a
 * row. */
furrow_status furrow__seed_add_row(furrow__seeder *s, furrow__seed_table *t, bool *taken)
{
    furrow__seed_draft row;
    furrow_status status = furrow__seed_draft_begin(s, t, &row);
    *taken = false;
    for (size_t attempt = 0; attempt < FURROW__SEED_TRIES && status == FURROW_OK && !*taken;
         attempt++) {
        status = furrow__seed_draft_draw(s, t, &row, attempt);
        if (status == FURROW_OK)
            status = try_row(s, t, &row, taken);
        if (status == FURROW_OK)
            furrow__seed_count_specials(t, &row, *taken, attempt);
    }
    if (status == FURROW_OK && *taken) {
        t->last_key++;
        s->report->rows++;
        status = furrow__seed_keep_row(s, t, &row);
    }
    return status;
}

furrow_status furrow__seed_keep_row(furrow__seeder *s, furrow__seed_table *t,
                                    const furrow__seed_draft *row)
{
    size_t count = t->table->column_count;
    furrow__content *content = &t->content;
    furrow__content_row *rows = furrow__arena_room(s->arena, content->rows, content->count,
                                                   &content->capacity, sizeof *rows);
    furrow_value *values =
        furrow__arena_aligned(s->arena, (count + 1) * sizeof *values, _Alignof(furrow_value));
    const char **cells =
        furrow__arena_aligned(s->arena, (count + 1) * sizeof *cells, _Alignof(char *));
    if (!rows || !values || !cells)
        return furrow__seed_no_memory(s);
    content->rows = rows;
    for (size_t i = 0; i < count; i++) {
        values[i] = row->values[i];
        cells[i] = furrow__content_text(&content->model->columns[i], &values[i], s->arena);
        if (!cells[i] && values[i].type != FURROW_TYPE_NULL)
            return furrow__seed_no_memory(s);
    }
    rows[content->count++] = (furrow__content_row){NULL, "", values, cells};
    return FURROW_OK;
}
