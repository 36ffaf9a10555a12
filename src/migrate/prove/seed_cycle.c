/* SPDX-License-Identifier: MIT
 * Fills tables that must refer to each other. One row is added to each table at a time. When all
 * these rows exist, the engine checks the foreign keys. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "migrate/apply/query.h"
#include "migrate/prove/seed_parts.h"

/* Chooses the values of one row for each table of the cycle, and then makes these rows refer to
 * each other. */
static furrow_status draw_turn(furrow__seeder *s, const size_t *cycle, size_t count,
                               furrow__seed_draft *rows)
{
    furrow_status status = FURROW_OK;
    for (size_t i = 0; i < count && status == FURROW_OK; i++)
        status = furrow__seed_draft_draw(s, &s->tables[cycle[i]], &rows[i], 1);
    for (size_t i = 0; i < count && status == FURROW_OK; i++) {
        furrow__seed_table *t = &s->tables[cycle[i]];
        for (size_t c = 0; c < t->table->constraint_count; c++) {
            const furrow__catalog_constraint *key = &t->table->constraints[c];
            furrow__seed_key k;
            if (key->kind != FURROW__CONSTRAINT_FOREIGN_KEY ||
                !furrow__seed_key_find(s, t, key, &k))
                continue;
            for (size_t j = 0; j < count; j++)
                if (&s->tables[cycle[j]] == k.target)
                    furrow__seed_refer(t, &k, &rows[i], rows[j].values);
        }
    }
    return status;
}

static furrow_status insert_turn(furrow__seeder *s, const size_t *cycle, size_t count,
                                 const furrow__seed_draft *rows, bool *taken)
{
    *taken = false;
    furrow_status status = s->driver->savepoint(s->connection, 1, s->error);
    if (status != FURROW_OK)
        return status;
    for (size_t i = 0; i < count && status == FURROW_OK; i++)
        status = furrow__seed_insert(s, &s->tables[cycle[i]], &rows[i]);
    if (status == FURROW_OK && s->engine->check_keys_now)
        status = furrow__execute(s->connection, s->engine->check_keys_now, NULL, &s->refused);
    if (status == FURROW_OK && s->engine->defer_keys)
        status = furrow__execute(s->connection, s->engine->defer_keys, NULL, &s->refused);
    if (status == FURROW_OK) {
        *taken = true;
        return s->driver->release(s->connection, 1, s->error);
    }
    if (furrow__seed_is_refusal(s, status))
        return furrow__seed_undo(s);
    *s->error = s->refused;
    return status;
}

static furrow_status add_turn(furrow__seeder *s, const size_t *cycle, size_t count,
                              furrow__seed_draft *rows, bool *taken)
{
    furrow_status status = FURROW_OK;
    *taken = false;
    for (size_t i = 0; i < count && status == FURROW_OK; i++)
        status = furrow__seed_draft_begin(s, &s->tables[cycle[i]], &rows[i]);
    for (size_t attempt = 0; attempt < FURROW__SEED_TRIES && status == FURROW_OK && !*taken;
         attempt++) {
        status = draw_turn(s, cycle, count, rows);
        if (status == FURROW_OK)
            status = insert_turn(s, cycle, count, rows, taken);
        for (size_t i = 0; i < count && status == FURROW_OK; i++)
            furrow__seed_count_specials(&s->tables[cycle[i]], &rows[i], *taken, 1);
    }
    for (size_t i = 0; i < count && status == FURROW_OK && *taken; i++) {
        s->tables[cycle[i]].last_key++;
        s->report->rows++;
        status = furrow__seed_keep_row(s, &s->tables[cycle[i]], &rows[i]);
    }
    return status;
}

furrow_status furrow__seed_fill_cycle(furrow__seeder *s, const size_t *cycle, size_t count)
{
    furrow_status status = FURROW_OK;
    size_t least = SIZE_MAX, wanted = 0, lost = 0;
    furrow__seed_begin_choices(s, &s->tables[cycle[0]]);
    furrow__seed_draft *rows =
        furrow__arena_aligned(s->arena, (count + 1) * sizeof *rows, _Alignof(furrow__seed_draft));
    if (!rows)
        return furrow__seed_no_memory(s);
    for (size_t i = 0; i < count && status == FURROW_OK; i++) {
        furrow__seed_table *t = &s->tables[cycle[i]];
        status = furrow__seed_read_table(s, t);
        if (status == FURROW_OK)
            status = furrow__seed_read_targets(s, t->table);
        size_t own = status == FURROW_OK ? furrow__seed_wanted_rows(s, t, cycle[i]) : 0;
        wanted = own > wanted ? own : wanted;
        least = t->content.count < least ? t->content.count : least;
    }
    while (status == FURROW_OK && least < wanted && lost < FURROW__SEED_LOST) {
        bool taken;
        status = add_turn(s, cycle, count, rows, &taken);
        least += taken;
        lost = taken ? 0 : lost + 1;
    }
    for (size_t i = 0; i < count && status == FURROW_OK && least < wanted; i++)
        status = furrow__seed_report_short(s, &s->tables[cycle[i]], wanted);
    return status;
}
