/* SPDX-License-Identifier: MIT
 *
 * Rows that an engine takes: each is tried within a savepoint, and made again where it is refused.
 * First a row has the next special value of every column; if that is refused, of one column at a
 * time; then any values. Keys to other tables take the values of rows that are there; a key that
 * may be NULL and whose table is filled later is set behind it; tables that must refer to each
 * other in a circle get one row each at a time, under keys that are checked at commit.
 */
#include "migrate/prove/seed.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "migrate/apply/query.h"
#include "migrate/revision/change_parts.h"
#include "migrate/prove/seed_parts.h"

enum {
    TRIES = 40,       /* for one row */
    LOST_ROWS = 6,    /* in a row, until the table is left as it is */
    SPECIAL_TRIES = 3 /* of a value alone, until it is given up */
};

typedef struct table_state {
    const furrow__catalog_table *table;
    furrow__content content; /* rows that are there, and those that were made */
    furrow__seed_domain *domains;
    size_t there; /* before */
    int64_t last_key;
    bool is_read;
} table_state;

typedef struct seeder {
    furrow_connection *connection;
    const furrow_driver *driver;
    const furrow__dialect *dialect;
    const furrow__catalog *catalog;
    const furrow__seed_options *options;
    furrow__seed_report *report;
    furrow__seed_short *shorts;
    size_t short_capacity;
    table_state *tables; /* one a table of the catalog */
    uint64_t state;
    furrow_arena *arena;
    furrow_error *error;
    furrow_error refused; /* what the engine said last */
    furrow_statement *statement;
    char *sql; /* its text */
} seeder;

/* A row in the making. */
typedef struct draft {
    furrow_value *values;
    bool *is_set;     /* by a key */
    bool *is_special; /* the domain's next special */
} draft;

static furrow_status no_memory(seeder *s)
{
    return furrow__fail(s->error, FURROW_NOMEM, "out of memory");
}

static bool is_sqlite(const seeder *s)
{
    return s->dialect == &furrow__dialect_sqlite;
}

/* What the row is to blame for, not the connection. */
static bool is_refusal(const seeder *s, furrow_status status)
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

/* ---- statements ---- */

static furrow_status prepare(seeder *s, furrow__buffer *sql)
{
    const char *text = furrow__buffer_text(sql);
    furrow_status status = FURROW_OK;
    if (!text)
        return no_memory(s);
    if (s->statement && s->sql && strcmp(s->sql, text) == 0) {
        s->driver->reset_statement(s->statement);
        return FURROW_OK;
    }
    s->driver->finalize(s->statement);
    s->statement = NULL;
    s->sql = furrow__arena_text(s->arena, text, sql->size);
    if (!s->sql)
        return no_memory(s);
    status =
        s->driver->prepare(s->connection, &s->statement,
                           &(furrow_statement_text){.text = text, .size = sql->size}, &s->refused);
    return status;
}

static furrow_status execute(seeder *s)
{
    bool row = true;
    furrow_status status = s->driver->execute(s->statement, &s->refused);
    while (status == FURROW_OK && row)
        status = s->driver->step(s->statement, &row, &s->refused);
    s->driver->reset_statement(s->statement);
    return status;
}

/* A type that furrow has not: words that some such type may read. */
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

static furrow_status insert(seeder *s, table_state *t, const draft *row)
{
    furrow__buffer sql = {0};
    furrow__buffer_add_text(&sql, "INSERT INTO ");
    furrow__write_table_name(&sql, s->dialect, t->table->name);
    for (size_t i = 0; i < t->table->column_count; i++) {
        furrow__buffer_add_text(&sql, i ? ", " : " (");
        furrow__sql_identifier(&sql, t->table->columns[i].name);
    }
    int parameters = 0;
    for (size_t i = 0; i < t->table->column_count; i++) {
        furrow__buffer_add_text(&sql, i ? ", " : ") VALUES (");
        if (t->table->columns[i].type.native)
            write_native(&sql, &t->table->columns[i], t->content.count + 1, &s->state);
        else
            furrow__buffer_format(&sql, "%c%d", is_sqlite(s) ? '?' : '$', ++parameters);
    }
    furrow__buffer_add_char(&sql, ')');
    furrow_status status = prepare(s, &sql);
    furrow__buffer_done(&sql);
    int parameter = 0;
    for (size_t i = 0; i < t->table->column_count && status == FURROW_OK; i++)
        if (!t->table->columns[i].type.native)
            status = s->driver->bind(s->statement, parameter++, &t->content.model->columns[i],
                                     &row->values[i], &s->refused);
    return status == FURROW_OK ? execute(s) : status;
}

/* ---- what is there ---- */

/* What a key sets has no special values of its own. */
static void leave_to_keys(table_state *t)
{
    for (size_t i = 0; i < t->table->constraint_count; i++) {
        const furrow__catalog_constraint *key = &t->table->constraints[i];
        for (size_t k = 0; key->kind == FURROW__CONSTRAINT_FOREIGN_KEY && k < key->count; k++) {
            size_t column = furrow__content_column(&t->content, key->columns[k]);
            if (column != SIZE_MAX)
                t->domains[column].special_count = 0;
        }
    }
}

static furrow_status read_table(seeder *s, table_state *t)
{
    if (t->is_read)
        return FURROW_OK;
    furrow_status status = furrow__content_read(&t->content, s->connection, s->dialect, t->table,
                                                (furrow_time){0}, s->arena, s->error);
    if (status != FURROW_OK)
        return status;
    t->is_read = true;
    t->there = t->content.count;
    t->domains = furrow__seed_domains(t->table, t->content.model, s->options->plain, s->arena);
    if (!t->domains)
        return no_memory(s);
    leave_to_keys(t);
    t->last_key = s->options->above;
    for (size_t i = 0; i < t->table->column_count; i++)
        for (size_t k = 0; t->table->columns[i].assigned && k < t->content.count; k++) {
            int64_t key = t->content.rows[k].values[i].as.integer;
            t->last_key = key > t->last_key ? key : t->last_key;
        }
    return FURROW_OK;
}

static furrow_status keep_row(seeder *s, table_state *t, const draft *row)
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
        return no_memory(s);
    content->rows = rows;
    for (size_t i = 0; i < count; i++) {
        values[i] = row->values[i];
        cells[i] = furrow__content_text(&content->model->columns[i], &values[i], s->arena);
        if (!cells[i] && values[i].type != FURROW_TYPE_NULL)
            return no_memory(s);
    }
    rows[content->count++] = (furrow__content_row){NULL, "", values, cells};
    return FURROW_OK;
}

/* ---- a draft ---- */

static furrow_status begin_draft(seeder *s, const table_state *t, draft *out)
{
    size_t count = t->table->column_count + 1;
    out->values =
        furrow__arena_aligned(s->arena, count * sizeof *out->values, _Alignof(furrow_value));
    out->is_set = furrow__arena_aligned(s->arena, count, 1);
    out->is_special = furrow__arena_aligned(s->arena, count, 1);
    return out->values && out->is_set && out->is_special ? FURROW_OK : no_memory(s);
}

static bool has_special(const table_state *t, size_t column)
{
    return t->domains[column].next < t->domains[column].special_count;
}

/* The column whose special value is tried alone, by turns; SIZE_MAX where none has any left. */
static size_t special_column(const table_state *t, size_t turn)
{
    size_t left = 0;
    for (size_t i = 0; i < t->table->column_count; i++)
        left += has_special(t, i);
    for (size_t i = 0, n = left ? turn % left : 0; left && i < t->table->column_count; i++)
        if (has_special(t, i) && n-- == 0)
            return i;
    return SIZE_MAX;
}

static furrow_status draw_values(seeder *s, table_state *t, draft *row, size_t attempt)
{
    size_t alone = attempt && attempt < TRIES / 2 ? special_column(t, attempt - 1) : SIZE_MAX;
    for (size_t i = 0; i < t->table->column_count; i++) {
        const furrow__seed_domain *d = &t->domains[i];
        row->is_set[i] = false;
        row->is_special[i] = has_special(t, i) && (attempt == 0 || alone == i);
        if (d->column->assigned)
            row->values[i] =
                (furrow_value){.type = FURROW_TYPE_INT64, .as.integer = t->last_key + 1};
        else if (row->is_special[i])
            row->values[i] = d->specials[d->next];
        else if (!furrow__seed_value(&row->values[i], d, s->options->plain, &s->state, s->arena))
            return no_memory(s);
    }
    return FURROW_OK;
}

/* ---- keys to other tables ---- */

static bool is_same(const table_state *t, size_t column, const furrow_value *value,
                    const char *cell, furrow_arena *arena)
{
    const char *text = furrow__content_text(&t->content.model->columns[column], value, arena);
    return text && cell && strcmp(text, cell) == 0;
}

typedef struct key_places {
    const furrow__catalog_constraint *key;
    table_state *target;
    size_t own[FURROW__CATALOG_KEY], theirs[FURROW__CATALOG_KEY];
} key_places;

static bool find_places(seeder *s, const table_state *t, const furrow__catalog_constraint *key,
                        key_places *out)
{
    size_t target = furrow__seed_place(s->catalog, key->target);
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

/* Whether a row of the target agrees with what other keys have set already. */
static bool can_refer(const table_state *t, const key_places *k, const draft *row, size_t to,
                      furrow_arena *arena)
{
    for (size_t i = 0; i < k->key->count; i++) {
        const char *cell = k->target->content.rows[to].cells[k->theirs[i]];
        if (!cell || (row->is_set[k->own[i]] &&
                      !is_same(t, k->own[i], &row->values[k->own[i]], cell, arena)))
            return false;
    }
    return true;
}

static void refer(const table_state *t, const key_places *k, draft *row, const furrow_value *to)
{
    for (size_t i = 0; i < k->key->count; i++) {
        if (t->domains[k->own[i]].column->assigned)
            continue;
        row->values[k->own[i]] = to[k->theirs[i]];
        row->is_set[k->own[i]] = true;
        row->is_special[k->own[i]] = false;
    }
}

/* NULL in the first of its columns that can be, and that no other key has set. */
static bool refer_to_nothing(const table_state *t, const key_places *k, draft *row)
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

/* Rows of the target from any one on; the last resort is the row itself, or NULL. */
static void draw_key(seeder *s, table_state *t, const furrow__catalog_constraint *key, draft *row)
{
    key_places k;
    if (!find_places(s, t, key, &k))
        return;
    size_t count = k.target->content.count, from = furrow__seed_next(&s->state) % (count + 1);
    bool optional = furrow__seed_key_is_optional(t->table, key);
    if (optional && furrow__seed_next(&s->state) % 5 == 0 && refer_to_nothing(t, &k, row))
        return;
    for (size_t i = 0; i < count; i++)
        if (can_refer(t, &k, row, (from + i) % count, s->arena)) {
            refer(t, &k, row, k.target->content.rows[(from + i) % count].values);
            return;
        }
    if (k.target == t && !optional)
        refer(t, &k, row, row->values);
    else if (optional)
        refer_to_nothing(t, &k, row);
}

static furrow_status draw(seeder *s, table_state *t, draft *row, size_t attempt)
{
    furrow_status status = draw_values(s, t, row, attempt);
    for (size_t i = 0; i < t->table->constraint_count && status == FURROW_OK; i++)
        if (t->table->constraints[i].kind == FURROW__CONSTRAINT_FOREIGN_KEY)
            draw_key(s, t, &t->table->constraints[i], row);
    return status;
}

/* ---- a table ---- */

static furrow_status undo(seeder *s)
{
    furrow_status status = s->driver->rollback_to(s->connection, 1, s->error);
    return status == FURROW_OK ? s->driver->release(s->connection, 1, s->error) : status;
}

/* One try; *taken: the engine has the row. */
static furrow_status try_row(seeder *s, table_state *t, const draft *row, bool *taken)
{
    *taken = false;
    furrow_status status = s->driver->savepoint(s->connection, 1, s->error);
    if (status != FURROW_OK)
        return status;
    status = insert(s, t, row);
    if (status == FURROW_OK) {
        *taken = true;
        return s->driver->release(s->connection, 1, s->error);
    }
    if (is_refusal(s, status))
        return undo(s);
    *s->error = s->refused;
    return status;
}

/* Specials that are in the row are done; one that was refused alone too often is given up. */
static void count_specials(table_state *t, const draft *row, bool taken, size_t attempt)
{
    for (size_t i = 0; i < t->table->column_count; i++) {
        furrow__seed_domain *d = &t->domains[i];
        if (!row->is_special[i] || (!taken && (!attempt || ++d->missed < SPECIAL_TRIES)))
            continue;
        d->next++;
        d->missed = 0;
    }
}

/* One row. *taken: there is one more. */
static furrow_status add_row(seeder *s, table_state *t, bool *taken)
{
    draft row;
    furrow_status status = begin_draft(s, t, &row);
    *taken = false;
    for (size_t attempt = 0; attempt < TRIES && status == FURROW_OK && !*taken; attempt++) {
        status = draw(s, t, &row, attempt);
        if (status == FURROW_OK)
            status = try_row(s, t, &row, taken);
        if (status == FURROW_OK)
            count_specials(t, &row, *taken, attempt);
    }
    if (status == FURROW_OK && *taken) {
        t->last_key++;
        s->report->rows++;
        status = keep_row(s, t, &row);
    }
    return status;
}

/* How many rows a table shall have. */
static size_t wanted_rows(const seeder *s, const table_state *t, size_t place)
{
    size_t wanted = s->options->rows;
    if (s->options->changed && s->options->changed[place] && t->there + s->options->more > wanted)
        wanted = t->there + s->options->more;
    return wanted;
}

static furrow_status tell_short(seeder *s, const table_state *t, size_t wanted)
{
    furrow__seed_short *more = furrow__arena_room(s->arena, s->shorts, s->report->short_count,
                                                  &s->short_capacity, sizeof *more);
    const char *message = s->refused.message[0] ? s->refused.message : "no value fits";
    const char *why = furrow__arena_text(s->arena, message, strlen(message));
    if (!more || !why)
        return no_memory(s);
    s->shorts = more;
    s->report->shorts = more;
    more[s->report->short_count++] =
        (furrow__seed_short){t->table->name, wanted, t->content.count, why};
    return FURROW_OK;
}

static furrow_status read_targets(seeder *s, const furrow__catalog_table *table)
{
    furrow_status status = FURROW_OK;
    for (size_t i = 0; i < table->constraint_count && status == FURROW_OK; i++) {
        const furrow__catalog_constraint *key = &table->constraints[i];
        size_t target = key->kind == FURROW__CONSTRAINT_FOREIGN_KEY
                            ? furrow__seed_place(s->catalog, key->target)
                            : SIZE_MAX;
        if (target != SIZE_MAX)
            status = read_table(s, &s->tables[target]);
    }
    return status;
}

static bool any_special(const table_state *t)
{
    return special_column(t, 0) != SIZE_MAX;
}

/* Choices in one table depend on no other: what an engine refuses there changes nothing here. */
static void begin_choices(seeder *s, const table_state *t)
{
    const char *name = t->table->name.name;
    s->state = s->options->seed * 31 + t->there;
    s->state ^= furrow__hash(name, strlen(name));
}

/* Rows until there are enough; a table that gets any gets all its special values. */
static furrow_status fill_table(seeder *s, size_t place)
{
    table_state *t = &s->tables[place];
    furrow_status status = read_table(s, t);
    begin_choices(s, t);
    if (status == FURROW_OK)
        status = read_targets(s, t->table);
    size_t wanted = status == FURROW_OK ? wanted_rows(s, t, place) : 0, lost = 0;
    bool short_of = t->there < wanted;
    while (status == FURROW_OK && short_of && lost < LOST_ROWS &&
           (t->content.count < wanted || any_special(t))) {
        bool taken;
        status = add_row(s, t, &taken);
        lost = taken ? 0 : lost + 1;
    }
    if (status == FURROW_OK && t->content.count < wanted)
        status = tell_short(s, t, wanted);
    return status;
}

/* ---- keys that are set later ---- */

static furrow_status update_key(seeder *s, const table_state *t, const key_places *k,
                                const furrow__content_row *row, const furrow_value *to)
{
    furrow__buffer sql = {0};
    int parameter = 0;
    furrow__buffer_add_text(&sql, "UPDATE ");
    furrow__write_table_name(&sql, s->dialect, t->table->name);
    for (size_t i = 0; i < k->key->count; i++) {
        furrow__buffer_add_text(&sql, i ? ", " : " SET ");
        furrow__sql_identifier(&sql, k->key->columns[i]);
        furrow__buffer_format(&sql, " = %c%d", is_sqlite(s) ? '?' : '$', ++parameter);
    }
    furrow__buffer_format(&sql, " WHERE CAST(%s AS TEXT) = ", is_sqlite(s) ? "rowid" : "ctid");
    furrow__sql_literal(&sql, row->place);
    furrow_status status = prepare(s, &sql);
    furrow__buffer_done(&sql);
    for (size_t i = 0; i < k->key->count && status == FURROW_OK; i++)
        status = s->driver->bind(s->statement, (int)i, &t->content.model->columns[k->own[i]],
                                 &to[k->theirs[i]], &s->refused);
    return status == FURROW_OK ? execute(s) : status;
}

static furrow_status try_update(seeder *s, const table_state *t, const key_places *k,
                                const furrow__content_row *row, const furrow_value *to)
{
    furrow_status status = s->driver->savepoint(s->connection, 1, s->error);
    if (status != FURROW_OK)
        return status;
    status = update_key(s, t, k, row, to);
    if (status == FURROW_OK)
        return s->driver->release(s->connection, 1, s->error);
    if (is_refusal(s, status))
        return undo(s);
    *s->error = s->refused;
    return status;
}

static bool is_null_key(const key_places *k, const furrow__content_row *row)
{
    for (size_t i = 0; i < k->key->count; i++)
        if (!row->cells[k->own[i]])
            return true;
    return false;
}

/* Two of three rows whose key is NULL get a row to refer to. */
static furrow_status set_key(seeder *s, const table_state *t, const key_places *k)
{
    furrow__content now;
    begin_choices(s, t);
    furrow_status status = furrow__content_read(&now, s->connection, s->dialect, t->table,
                                                (furrow_time){0}, s->arena, s->error);
    for (size_t i = 0; i < now.count && status == FURROW_OK; i++) {
        uint64_t choice = furrow__seed_next(&s->state);
        if (!is_null_key(k, &now.rows[i]) || choice % 3 == 0 || !now.rows[i].place)
            continue;
        const furrow__content_row *to =
            &k->target->content.rows[(choice >> 8) % k->target->content.count];
        status = try_update(s, t, k, &now.rows[i], to->values);
    }
    return status;
}

/* Keys to tables that were filled behind their own. */
static furrow_status set_keys(seeder *s, const size_t *order, size_t at)
{
    table_state *t = &s->tables[order[at]];
    furrow_status status = FURROW_OK;
    if (t->content.count == t->there)
        return FURROW_OK;
    for (size_t i = 0; i < t->table->constraint_count && status == FURROW_OK; i++) {
        const furrow__catalog_constraint *key = &t->table->constraints[i];
        key_places k;
        if (key->kind != FURROW__CONSTRAINT_FOREIGN_KEY ||
            !furrow__seed_key_is_optional(t->table, key))
            continue;
        size_t target = furrow__seed_place(s->catalog, key->target), behind = at + 1;
        while (behind < s->catalog->count && order[behind] != target)
            behind++;
        if (behind < s->catalog->count && find_places(s, t, key, &k) && k.target->content.count)
            status = set_key(s, t, &k);
    }
    return status;
}

/* ---- circles ---- */

/* One row in each table of the circle: all keys are drawn first, then each refers to the others'
 * rows of the same turn. */
static furrow_status draw_turn(seeder *s, const size_t *circle, size_t count, draft *rows)
{
    furrow_status status = FURROW_OK;
    for (size_t i = 0; i < count && status == FURROW_OK; i++)
        status = draw(s, &s->tables[circle[i]], &rows[i], 1);
    for (size_t i = 0; i < count && status == FURROW_OK; i++) {
        table_state *t = &s->tables[circle[i]];
        for (size_t c = 0; c < t->table->constraint_count; c++) {
            const furrow__catalog_constraint *key = &t->table->constraints[c];
            key_places k;
            if (key->kind != FURROW__CONSTRAINT_FOREIGN_KEY || !find_places(s, t, key, &k))
                continue;
            for (size_t j = 0; j < count; j++)
                if (&s->tables[circle[j]] == k.target)
                    refer(t, &k, &rows[i], rows[j].values);
        }
    }
    return status;
}

static furrow_status insert_turn(seeder *s, const size_t *circle, size_t count, const draft *rows,
                                 bool *taken)
{
    *taken = false;
    furrow_status status = s->driver->savepoint(s->connection, 1, s->error);
    if (status != FURROW_OK)
        return status;
    for (size_t i = 0; i < count && status == FURROW_OK; i++)
        status = insert(s, &s->tables[circle[i]], &rows[i]);
    if (status == FURROW_OK && !is_sqlite(s))
        status = furrow__execute(s->connection, "SET CONSTRAINTS ALL IMMEDIATE", NULL, &s->refused);
    if (status == FURROW_OK && !is_sqlite(s))
        status = furrow__execute(s->connection, "SET CONSTRAINTS ALL DEFERRED", NULL, &s->refused);
    if (status == FURROW_OK) {
        *taken = true;
        return s->driver->release(s->connection, 1, s->error);
    }
    if (is_refusal(s, status))
        return undo(s);
    *s->error = s->refused;
    return status;
}

static furrow_status add_turn(seeder *s, const size_t *circle, size_t count, draft *rows,
                              bool *taken)
{
    furrow_status status = FURROW_OK;
    *taken = false;
    for (size_t i = 0; i < count && status == FURROW_OK; i++)
        status = begin_draft(s, &s->tables[circle[i]], &rows[i]);
    for (size_t attempt = 0; attempt < TRIES && status == FURROW_OK && !*taken; attempt++) {
        status = draw_turn(s, circle, count, rows);
        if (status == FURROW_OK)
            status = insert_turn(s, circle, count, rows, taken);
        for (size_t i = 0; i < count && status == FURROW_OK; i++)
            count_specials(&s->tables[circle[i]], &rows[i], *taken, 1);
    }
    for (size_t i = 0; i < count && status == FURROW_OK && *taken; i++) {
        s->tables[circle[i]].last_key++;
        s->report->rows++;
        status = keep_row(s, &s->tables[circle[i]], &rows[i]);
    }
    return status;
}

static furrow_status fill_circle(seeder *s, const size_t *circle, size_t count)
{
    furrow_status status = FURROW_OK;
    size_t least = SIZE_MAX, wanted = 0, lost = 0;
    begin_choices(s, &s->tables[circle[0]]);
    draft *rows = furrow__arena_aligned(s->arena, (count + 1) * sizeof *rows, _Alignof(draft));
    if (!rows)
        return no_memory(s);
    for (size_t i = 0; i < count && status == FURROW_OK; i++) {
        table_state *t = &s->tables[circle[i]];
        status = read_table(s, t);
        if (status == FURROW_OK)
            status = read_targets(s, t->table);
        size_t own = status == FURROW_OK ? wanted_rows(s, t, circle[i]) : 0;
        wanted = own > wanted ? own : wanted;
        least = t->content.count < least ? t->content.count : least;
    }
    while (status == FURROW_OK && least < wanted && lost < LOST_ROWS) {
        bool taken;
        status = add_turn(s, circle, count, rows, &taken);
        least += taken;
        lost = taken ? 0 : lost + 1;
    }
    for (size_t i = 0; i < count && status == FURROW_OK && least < wanted; i++)
        status = tell_short(s, &s->tables[circle[i]], wanted);
    return status;
}

/* ---- all ---- */

/* PostgreSQL's sequence counts on behind the keys that were given. */
static furrow_status set_sequences(seeder *s)
{
    furrow_status status = FURROW_OK;
    for (size_t i = 0; i < s->catalog->count && status == FURROW_OK && !is_sqlite(s); i++) {
        const furrow__catalog_table *table = s->catalog->tables[i];
        for (size_t k = 0; k < table->column_count && status == FURROW_OK; k++) {
            furrow__buffer sql = {0}, name = {0};
            if (!table->columns[k].assigned || !s->tables[i].last_key)
                continue;
            furrow__write_table_name(&name, s->dialect, table->name);
            furrow__buffer_add_text(&sql, "SELECT setval(pg_get_serial_sequence(");
            furrow__sql_literal(&sql, furrow__buffer_text(&name) ? furrow__buffer_text(&name) : "");
            furrow__buffer_add_text(&sql, ", ");
            furrow__sql_literal(&sql, table->columns[k].name);
            furrow__buffer_format(&sql, "), %lld)", (long long)s->tables[i].last_key);
            furrow__buffer_done(&name);
            status = furrow__execute_buffer(s->connection, &sql, s->error);
        }
    }
    return status;
}

static furrow_status fill(seeder *s)
{
    size_t circle = 0, count = s->catalog->count;
    size_t *order = furrow__seed_order(s->catalog, &circle, s->arena);
    s->tables =
        furrow__arena_aligned(s->arena, (count + 1) * sizeof *s->tables, _Alignof(table_state));
    if (!order || !s->tables)
        return no_memory(s);
    for (size_t i = 0; i < count; i++)
        s->tables[i] = (table_state){.table = s->catalog->tables[i]};
    furrow_status status = FURROW_OK;
    for (size_t i = 0; i < count - circle && status == FURROW_OK; i++)
        status = fill_table(s, order[i]);
    if (circle && status == FURROW_OK)
        status = fill_circle(s, order + count - circle, circle);
    for (size_t i = 0; i < count && status == FURROW_OK; i++)
        status = set_keys(s, order, i);
    for (size_t i = 0; i < count; i++)
        if (s->tables[i].last_key > s->report->last_key)
            s->report->last_key = s->tables[i].last_key;
    return status == FURROW_OK ? set_sequences(s) : status;
}

furrow_status furrow__seed(furrow__seed_report *report, furrow_connection *connection,
                           const furrow__dialect *dialect, const furrow__catalog *catalog,
                           const furrow__seed_options *options, furrow_arena *arena,
                           furrow_error *error)
{
    seeder s = {.connection = connection,
                .driver = connection->driver,
                .dialect = dialect,
                .catalog = catalog,
                .options = options,
                .report = report,
                .arena = arena,
                .error = error};
    furrow_error ignored;
    *report = (furrow__seed_report){0};
    furrow_status status = s.driver->begin(connection, FURROW_ISOLATION_DEFAULT, false, error);
    if (status != FURROW_OK)
        return status;
    status = fill(&s);
    s.driver->finalize(s.statement);
    if (status == FURROW_OK)
        status = s.driver->commit(connection, error);
    if (connection->in_transaction)
        s.driver->rollback(connection, &ignored);
    if (status != FURROW_OK)
        report->rows = 0;
    return status;
}
