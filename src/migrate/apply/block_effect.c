/* SPDX-License-Identifier: MIT
 *
 * What an engine block did, beside what it says that it does. Nothing reads a block's statements,
 * so that the live schema is looked at before and behind a step that has one: behind it everything
 * must be as the replay says, and no column may be there that nobody spoke of. What differed before
 * the step, and was accepted, differs behind it under the names that the step gives.
 */
#include <string.h>

#include "base/text.h"
#include "migrate/apply/parts.h"
#include "scan/compare.h"

static const furrow__change_list *changes_of(const furrow__revision_step *step)
{
    return step->down ? &step->revision->downgrade : &step->revision->upgrade;
}

static const furrow__engine_text *text_of(const furrow__migrator *m, const furrow__change *change)
{
    for (size_t i = 0; change->kind == FURROW__ENGINE && i < change->engine_count; i++)
        if (change->engines[i].dialect == m->dialect)
            return &change->engines[i];
    return NULL;
}

static bool names_are_equal(const furrow__migrator *m, const char *a, const char *b)
{
    if (!a || !b)
        return a == b;
    return furrow__migrator_is_sqlite(m) ? furrow__sqlite_names_are_equal(a, b) : strcmp(a, b) == 0;
}

static bool tables_are_equal(const furrow__migrator *m, furrow__table_name a, furrow__table_name b)
{
    return names_are_equal(m, a.name, b.name) && names_are_equal(m, a.schema, b.schema);
}

/* ---- names before and behind ---- */

/* What a change renames of a table's part (`part` NULL: of the table itself). */
static void follow_one(const furrow__migrator *m, const furrow__change *change,
                       furrow__table_name *table, const char *part, const char **name)
{
    const char *of = change->kind == FURROW__RENAME_COLUMN       ? "column"
                     : change->kind == FURROW__RENAME_CONSTRAINT ? "constraint"
                     : change->kind == FURROW__RENAME_INDEX      ? "index"
                                                                 : NULL;
    bool is_here = tables_are_equal(m, change->table, *table);
    if (change->kind == FURROW__RENAME_TABLE && is_here)
        table->name = change->new_name;
    else if (of && part && strcmp(of, part) == 0 && names_are_equal(m, change->name, *name) &&
             (is_here || change->kind == FURROW__RENAME_INDEX))
        *name = change->new_name;
}

static void follow(const furrow__migrator *m, const furrow__change_list *changes,
                   furrow__table_name *table, const char *part, const char **name)
{
    for (size_t i = 0; i < changes->count; i++) {
        const furrow__change *change = &changes->items[i];
        follow_one(m, change, table, part, name);
        for (size_t k = 0; change->kind == FURROW__ENGINE && k < change->effect.count; k++)
            follow_one(m, &change->effect.items[k], table, part, name);
    }
}

/* ---- before ---- */

bool furrow__step_has_block(const furrow__migrator *m, const furrow__revision_step *step)
{
    const furrow__change_list *changes = changes_of(step);
    bool has = false;
    for (size_t i = 0; i < changes->count; i++)
        has |= text_of(m, &changes->items[i]) != NULL;
    return has;
}

furrow_status furrow__block_effect_note(furrow__block_effect *out, furrow__migrator *m,
                                        const furrow__revision_step *step, furrow_arena *arena,
                                        furrow_error *error)
{
    *out = (furrow__block_effect){.looks =
                                      !m->options.ignore_drift && furrow__step_has_block(m, step)};
    if (!out->looks)
        return FURROW_OK;
    furrow_status status = furrow__drift_find(&out->drift,
                                              &(furrow__drift_request){.connection = m->connection,
                                                                       .dialect = m->dialect,
                                                                       .expected = step->before},
                                              arena, error);
    return status == FURROW_OK
               ? furrow__inspect(&out->live, m->connection, m->dialect, arena, error)
               : status;
}

static bool was_so(const furrow__block_effect *note, const furrow__migrator *m,
                   const furrow__change_list *changes, const furrow__drift *now)
{
    for (size_t i = 0; i < note->drift.count; i++) {
        furrow__drift then = note->drift.items[i];
        follow(m, changes, &then.table, then.part, &then.name);
        if (tables_are_equal(m, then.table, now->table) &&
            names_are_equal(m, then.part, now->part) && names_are_equal(m, then.name, now->name))
            return true;
    }
    return false;
}

static bool had_column(const furrow__block_effect *note, const furrow__migrator *m,
                       const furrow__change_list *changes, furrow__table_name table,
                       const char *column)
{
    for (size_t i = 0; i < note->live.count; i++)
        for (size_t k = 0; k < note->live.tables[i]->column_count; k++) {
            furrow__table_name then = note->live.tables[i]->name;
            const char *name = note->live.tables[i]->columns[k].name;
            follow(m, changes, &then, "column", &name);
            if (tables_are_equal(m, then, table) && names_are_equal(m, name, column))
                return true;
        }
    return false;
}

/* ---- behind ---- */

typedef struct teller {
    furrow__migrator *m;
    const furrow__change_list *changes;
    furrow__buffer text;
    furrow__table_name table; /* of the first difference */
    size_t count;
} teller;

static void tell(teller *t, const furrow__drift *drift)
{
    enum { TOLD = 3 };
    if (++t->count > TOLD)
        return;
    if (t->count == 1)
        t->table = drift->table;
    furrow__buffer_add_text(&t->text, t->count > 1 ? "; " : "");
    furrow__drift_write(&t->text, drift);
}

static const furrow__catalog_table *table_named(const furrow__migrator *m,
                                                const furrow__catalog *in, furrow__table_name name)
{
    for (size_t i = 0; i < in->count; i++)
        if (tables_are_equal(m, in->tables[i]->name, name))
            return in->tables[i];
    return NULL;
}

static bool has_column(const furrow__migrator *m, const furrow__catalog_table *table,
                       const char *name)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (names_are_equal(m, table->columns[i].name, name))
            return true;
    return false;
}

/* Columns that are no drift, since they are in nobody's way, but that this step has made. A
 * generated one holds nothing, and furrow DDL has no word for it. */
static void tell_columns(teller *t, const furrow__block_effect *note, const furrow__catalog *live,
                         const furrow__catalog *expected)
{
    for (size_t i = 0; i < live->count; i++) {
        const furrow__catalog_table *table = live->tables[i];
        const furrow__catalog_table *known = table_named(t->m, expected, table->name);
        for (size_t k = 0; known && k < table->column_count; k++) {
            const furrow__catalog_column *column = &table->columns[k];
            bool in_the_way = !column->nullable && !column->default_ && !column->assigned;
            const furrow__drift drift = {.kind = FURROW__DRIFT_EXTRA,
                                         .table = table->name,
                                         .part = "column",
                                         .name = column->name,
                                         .found = column->type.native};
            if (!in_the_way && !column->generated && !has_column(t->m, known, column->name) &&
                !had_column(note, t->m, t->changes, table->name, column->name))
                tell(t, &drift);
        }
    }
}

/* The statement that most likely did it: the first that names the table, or the first of all. */
static furrow__file_location place_of(const teller *t)
{
    furrow__file_location first = {.line = 0, .column = 0};
    for (size_t i = 0; i < t->changes->count; i++) {
        const furrow__engine_text *text = text_of(t->m, &t->changes->items[i]);
        if (text && !first.line)
            first = t->changes->items[i].place;
        for (size_t k = 0; text && k < text->count; k++)
            if (furrow__sqlite_mentions(text->statements[k], t->table.name))
                return text->places[k];
    }
    return first;
}

static furrow_status look_again(teller *t, const furrow__block_effect *note,
                                const furrow__catalog *after, furrow_arena *arena,
                                furrow_error *error)
{
    furrow__drift_list drift;
    furrow__catalog live;
    furrow_connection *connection = t->m->connection;
    furrow_status status = furrow__drift_find(&drift,
                                              &(furrow__drift_request){.connection = connection,
                                                                       .dialect = t->m->dialect,
                                                                       .expected = after},
                                              arena, error);
    if (status == FURROW_OK)
        status = furrow__inspect(&live, connection, t->m->dialect, arena, error);
    if (status != FURROW_OK)
        return status;
    for (size_t i = 0; i < drift.count; i++)
        if (!was_so(note, t->m, t->changes, &drift.items[i]))
            tell(t, &drift.items[i]);
    tell_columns(t, note, &live, after);
    return FURROW_OK;
}

furrow_status furrow__block_effect_check(const furrow__block_effect *note, furrow__migrator *m,
                                         const furrow__revision_step *step,
                                         furrow__file_location *place, furrow_error *error)
{
    furrow_arena arena = {0};
    teller t = {.m = m, .changes = changes_of(step)};
    if (!note->looks)
        return FURROW_OK;
    furrow_status status = look_again(&t, note, step->after, &arena, error);
    if (status == FURROW_OK && t.count) {
        *place = place_of(&t);
        status = furrow__fail(
            error, FURROW_SCHEMA, "the engine block does something else than its effect says: %s%s",
            furrow__buffer_text(&t.text) ? t.text.text : "", t.count > 3 ? "; and more" : "");
        furrow__hint(error,
                     "state it in the block as -- effect: and accept the file: furrow sum "
                     "--accept %s",
                     step->revision->id);
    }
    furrow__buffer_done(&t.text);
    furrow__arena_done(&arena);
    return status;
}
