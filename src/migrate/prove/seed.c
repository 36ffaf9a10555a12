/* SPDX-License-Identifier: MIT
 *
 * Fills all tables with rows that the engine accepts. Each row is tried within a savepoint. The
 * first attempt uses the next special value of every column. If the engine refuses the row, further
 * attempts use one special value each, and the last attempts use none. A foreign key gets the key
 * of an existing row. An optional foreign key is set at the end if its target table is filled later
 * (seed_keys.c). Tables that must refer to each other are filled in rounds, with one row for each
 * table per round (seed_cycle.c).
 */
#include "migrate/prove/seed.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "migrate/apply/query.h"
#include "migrate/revision/change_parts.h"
#include "migrate/prove/seed_parts.h"

furrow_status furrow__seed_no_memory(furrow__seeder *s)
{
    return furrow__fail(s->error, FURROW_NOMEM, "out of memory");
}

/* Removes the special values of foreign key columns. Such a column gets its values from other rows.
 */
static void leave_to_keys(furrow__seed_table *t)
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

furrow_status furrow__seed_read_table(furrow__seeder *s, furrow__seed_table *t)
{
    if (t->is_read)
        return FURROW_OK;
    furrow_status status =
        furrow__content_read(&t->content, s->source, t->table, s->arena, s->error);
    if (status != FURROW_OK)
        return status;
    t->is_read = true;
    t->existing = t->content.count;
    t->domains = furrow__seed_domains(t->table, t->content.model, s->options->plain, s->arena);
    if (!t->domains)
        return furrow__seed_no_memory(s);
    leave_to_keys(t);
    t->last_key = s->options->above;
    for (size_t i = 0; i < t->table->column_count; i++)
        for (size_t k = 0; t->table->columns[i].assigned && k < t->content.count; k++) {
            int64_t key = t->content.rows[k].values[i].as.integer;
            t->last_key = key > t->last_key ? key : t->last_key;
        }
    return FURROW_OK;
}

/* Returns how many rows the table should have. */
size_t furrow__seed_wanted_rows(const furrow__seeder *s, const furrow__seed_table *t, size_t index)
{
    size_t wanted = s->options->rows;
    if (s->options->changed && s->options->changed[index] &&
        t->existing + s->options->more > wanted)
        wanted = t->existing + s->options->more;
    return wanted;
}

furrow_status furrow__seed_report_short(furrow__seeder *s, const furrow__seed_table *t,
                                        size_t wanted)
{
    furrow__seed_short *more = furrow__arena_room(s->arena, s->shorts, s->report->short_count,
                                                  &s->short_capacity, sizeof *more);
    const char *message = s->refused.message[0] ? s->refused.message : "no value fits";
    const char *why = furrow__arena_text(s->arena, message, strlen(message));
    if (!more || !why)
        return furrow__seed_no_memory(s);
    s->shorts = more;
    s->report->shorts = more;
    more[s->report->short_count++] =
        (furrow__seed_short){t->table->name, wanted, t->content.count, why};
    return FURROW_OK;
}

furrow_status furrow__seed_read_targets(furrow__seeder *s, const furrow__catalog_table *table)
{
    furrow_status status = FURROW_OK;
    for (size_t i = 0; i < table->constraint_count && status == FURROW_OK; i++) {
        const furrow__catalog_constraint *key = &table->constraints[i];
        size_t target = key->kind == FURROW__CONSTRAINT_FOREIGN_KEY
                            ? furrow__seed_table_index(s->catalog, key->target)
                            : SIZE_MAX;
        if (target != SIZE_MAX)
            status = furrow__seed_read_table(s, &s->tables[target]);
    }
    return status;
}

static bool any_special(const furrow__seed_table *t)
{
    return furrow__seed_special_column(t, 0) != SIZE_MAX;
}

/* Initializes the random numbers of a table. They do not depend on other tables: if an engine
 * refuses a row of another table, the rows of this table stay the same. */
void furrow__seed_begin_choices(furrow__seeder *s, const furrow__seed_table *t)
{
    const char *name = t->table->name.name;
    s->state = s->options->seed * 31 + t->existing;
    s->state ^= furrow__hash(name, strlen(name));
}

/* Adds rows until the table has enough of them. If any rows are added, they include all special
 * values. */
static furrow_status fill_table(furrow__seeder *s, size_t index)
{
    furrow__seed_table *t = &s->tables[index];
    furrow_status status = furrow__seed_read_table(s, t);
    furrow__seed_begin_choices(s, t);
    if (status == FURROW_OK)
        status = furrow__seed_read_targets(s, t->table);
    size_t wanted = status == FURROW_OK ? furrow__seed_wanted_rows(s, t, index) : 0, lost = 0;
    bool short_of = t->existing < wanted;
    while (status == FURROW_OK && short_of && lost < FURROW__SEED_LOST &&
           (t->content.count < wanted || any_special(t))) {
        bool taken;
        status = furrow__seed_add_row(s, t, &taken);
        lost = taken ? 0 : lost + 1;
    }
    if (status == FURROW_OK && t->content.count < wanted)
        status = furrow__seed_report_short(s, t, wanted);
    return status;
}

/* Makes the engine assign keys that are greater than the keys of the new rows. */
static furrow_status set_sequences(furrow__seeder *s)
{
    furrow_status status = FURROW_OK;
    for (size_t i = 0; i < s->catalog->count && s->engine->write_sequence; i++) {
        const furrow__catalog_table *table = s->catalog->tables[i];
        for (size_t k = 0; k < table->column_count && status == FURROW_OK; k++) {
            furrow__buffer sql = {0};
            if (!table->columns[k].assigned || !s->tables[i].last_key)
                continue;
            s->engine->write_sequence(&sql, table, table->columns[k].name, s->tables[i].last_key);
            status = furrow__execute_buffer(s->connection, &sql, s->error);
        }
    }
    return status;
}

static furrow_status fill(furrow__seeder *s)
{
    size_t cycle = 0, count = s->catalog->count;
    size_t *order = furrow__seed_order(s->catalog, &cycle, s->arena);
    s->tables = furrow__arena_aligned(s->arena, (count + 1) * sizeof *s->tables,
                                      _Alignof(furrow__seed_table));
    if (!order || !s->tables)
        return furrow__seed_no_memory(s);
    for (size_t i = 0; i < count; i++)
        s->tables[i] = (furrow__seed_table){.table = s->catalog->tables[i]};
    furrow_status status = FURROW_OK;
    for (size_t i = 0; i < count - cycle && status == FURROW_OK; i++)
        status = fill_table(s, order[i]);
    if (cycle && status == FURROW_OK)
        status = furrow__seed_fill_cycle(s, order + count - cycle, cycle);
    for (size_t i = 0; i < count && status == FURROW_OK; i++)
        status = furrow__seed_set_keys(s, order, i);
    for (size_t i = 0; i < count; i++)
        if (s->tables[i].last_key > s->report->last_key)
            s->report->last_key = s->tables[i].last_key;
    return status == FURROW_OK ? set_sequences(s) : status;
}

furrow_status furrow__seed(furrow__seed_report *report, const furrow__content_source *source,
                           const furrow__seed_options *options, furrow_arena *arena,
                           furrow_error *error)
{
    furrow_connection *connection = source->connection;
    const furrow__content_source plain = {connection, source->dialect, {0}};
    furrow__seeder s = {.source = &plain,
                        .connection = connection,
                        .driver = connection->driver,
                        .dialect = source->dialect,
                        .engine = furrow__prove_engine_of(source->dialect),
                        .catalog = options->catalog,
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
