/* SPDX-License-Identifier: MIT
 *
 * Which renames are meant. A hint that names what is gone and a name that is new is followed; so is
 * one whose name another rename frees (a to b, b to c), once that is done. Names that go round in a
 * circle look the same before and behind, so that they are told, not followed. All other hints are
 * of renames that are done, unless what has the hint is new: those are told, too.
 */
#include <string.h>

#include "migrate/author/diff_parts.h"

static bool is_old_name(const furrow__rename *pairs, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(pairs[i].old, name) == 0)
            return true;
    return false;
}

static bool is_new_name(const furrow__rename *pairs, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(pairs[i].new, name) == 0)
            return true;
    return false;
}

static void remove_pair(furrow__rename *pairs, size_t *count, size_t at)
{
    memmove(pairs + at, pairs + at + 1, (*count - at - 1) * sizeof *pairs);
    (*count)--;
}

/* Neither a name that stays taken, nor one that stays in use, nor a second one for the same. */
static bool is_meant(const furrow__rename *pairs, size_t count, size_t at)
{
    const furrow__rename *p = &pairs[at];
    return (!p->new_is_taken || is_old_name(pairs, count, p->new)) &&
           (!p->old_is_used || is_new_name(pairs, count, p->old)) &&
           !is_old_name(pairs, at, p->old);
}

size_t furrow__renames_order(furrow__rename *pairs, size_t *count)
{
    size_t done = 0;
    for (size_t i = 0; i < *count;)
        if (is_meant(pairs, *count, i)) {
            i++;
        } else {
            remove_pair(pairs, count, i);
            i = 0;
        }
    for (size_t i = done; i < *count;) {
        furrow__rename pair = pairs[i];
        if (is_old_name(pairs + done, *count - done, pair.new)) {
            i++;
            continue;
        }
        memmove(pairs + done + 1, pairs + done, (i - done) * sizeof *pairs);
        pairs[done++] = pair;
        i = done;
    }
    return done;
}

/* ---- hints of what is new, that were not followed ---- */

typedef struct hint_finder {
    furrow__diff *out;
    const furrow__catalog *from, *now, *to;
    furrow_arena *arena;
    size_t capacity;
    bool out_of_memory;
} hint_finder;

static void add_unused(hint_finder *d, furrow__unused_hint hint)
{
    furrow__unused_hint *items =
        furrow__arena_room(d->arena, (furrow__unused_hint *)d->out->unused_hints,
                           d->out->unused_hint_count, &d->capacity, sizeof *items);
    if (!items) {
        d->out_of_memory = true;
        return;
    }
    d->out->unused_hints = items;
    items[d->out->unused_hint_count++] = hint;
}

/* What the name was given to instead, by a change that was found; or NULL. */
static const char *taken_by(const hint_finder *d, furrow__table_name table, const char *column)
{
    for (size_t i = 0; i < d->out->changes.count; i++) {
        const furrow__change *c = &d->out->changes.items[i];
        bool is_it = column ? c->kind == FURROW__RENAME_COLUMN && strcmp(c->name, column) == 0
                            : c->kind == FURROW__RENAME_TABLE;
        if (is_it && furrow__table_names_are_equal(c->table, table))
            return c->new_name;
    }
    return NULL;
}

/* A table of the name in another schema, or a name with a schema: what moves is remarked on. */
static bool may_move(const hint_finder *d, const char *name)
{
    for (size_t i = 0; i < d->from->count; i++)
        if (strcmp(d->from->tables[i]->name.name, name) == 0)
            return true;
    return strchr(name, '.') != NULL;
}

static void look_at_table(hint_finder *d, const furrow__catalog_table *to)
{
    furrow__table_name old = {to->name.schema, to->renamed_from};
    furrow__unused_hint hint = {.table = to->name, .from = to->renamed_from};
    if (!to->renamed_from)
        return;
    hint.by = taken_by(d, old, NULL);
    if (furrow__catalog_table_named(d->now, old))
        hint.reason = FURROW__HINT_IN_USE;
    else if (hint.by)
        hint.reason = FURROW__HINT_TAKEN;
    else if (!may_move(d, to->renamed_from))
        hint.reason = FURROW__HINT_UNKNOWN;
    if (hint.reason)
        add_unused(d, hint);
}

static void look_at_column(hint_finder *d, const furrow__catalog_table *now,
                           const furrow__catalog_column *to)
{
    furrow__unused_hint hint = {.table = now->name, .column = to->name, .from = to->renamed_from};
    if (!to->renamed_from || furrow__catalog_column_named(now, to->name))
        return;
    hint.by = taken_by(d, now->name, to->renamed_from);
    hint.reason = furrow__catalog_column_named(now, to->renamed_from) ? FURROW__HINT_IN_USE
                  : hint.by                                           ? FURROW__HINT_TAKEN
                                                                      : FURROW__HINT_UNKNOWN;
    add_unused(d, hint);
}

bool furrow__renames_find_unused(furrow__diff *out, const furrow__catalog *from,
                                 const furrow__catalog *now, const furrow__catalog *to,
                                 furrow_arena *arena)
{
    hint_finder d = {.out = out, .from = from, .now = now, .to = to, .arena = arena};
    for (size_t i = 0; i < to->count && from->count; i++) {
        const furrow__catalog_table *table = furrow__catalog_table_named(now, to->tables[i]->name);
        if (!table)
            look_at_table(&d, to->tables[i]);
        for (size_t j = 0; table && j < to->tables[i]->column_count; j++)
            look_at_column(&d, table, &to->tables[i]->columns[j]);
    }
    return !d.out_of_memory;
}
