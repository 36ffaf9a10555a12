/* SPDX-License-Identifier: MIT
 *
 * Checks that an engine block (SQL for one engine, in a revision file) has the effect on the schema
 * that it declares. The statements of a block are not parsed. Instead, the live schema is read
 * before and after each step that contains a block. After the step, the live schema must equal the
 * schema that follows from the revision files. It must not have new columns that the block does not
 * declare. Differences that were accepted before the step can remain, under the new names of their
 * tables and columns.
 */
#include <string.h>

#include "base/text.h"
#include "migrate/apply/parts.h"
#include "scan/compare.h"

static const furrow__change_list *changes_of(const furrow__revision_step *step)
{
    return step->down ? &step->revision->downgrade : &step->revision->upgrade;
}

/* Returns the SQL that an engine block contains for the migrator's engine. Returns NULL if there is
 * no such SQL, or if the change is not an engine block. */
static const furrow__engine_text *block_text(const furrow__migrator *m,
                                             const furrow__change *change)
{
    for (size_t i = 0; change->kind == FURROW__ENGINE && i < change->engine_count; i++)
        if (change->engines[i].dialect == m->dialect)
            return &change->engines[i];
    return NULL;
}

bool furrow__step_has_block(const furrow__migrator *m, const furrow__revision_step *step)
{
    const furrow__change_list *changes = changes_of(step);
    bool has = false;
    for (size_t i = 0; i < changes->count; i++)
        has |= block_text(m, &changes->items[i]) != NULL;
    return has;
}

/* The names that a table, or a part of a table, had before the step. */
typedef struct part_name {
    furrow__table_name table;
    const char *part; /* "column", "constraint" or "index"; NULL for the table itself */
    const char *name; /* the name of the part */
} part_name;

static const char *renamed_part(const furrow__change *change)
{
    switch (change->kind) {
    case FURROW__RENAME_COLUMN:
        return "column";
    case FURROW__RENAME_CONSTRAINT:
        return "constraint";
    case FURROW__RENAME_INDEX:
        return "index";
    default:
        return NULL;
    }
}

static void apply_rename(const furrow__apply_dialect *engine, const furrow__change *change,
                         part_name *n)
{
    const char *part = renamed_part(change);
    bool same_table = engine->tables_are_equal(change->table, n->table);
    if (change->kind == FURROW__RENAME_TABLE && same_table)
        n->table.name = change->new_name;
    else if (part && n->part && strcmp(part, n->part) == 0 &&
             engine->names_are_equal(change->name, n->name) &&
             (same_table || change->kind == FURROW__RENAME_INDEX))
        n->name = change->new_name;
}

static part_name name_after(const furrow__migrator *m, const furrow__change_list *changes,
                            part_name before)
{
    part_name n = before;
    for (size_t i = 0; i < changes->count; i++) {
        const furrow__change *change = &changes->items[i];
        apply_rename(m->engine, change, &n);
        for (size_t k = 0; change->kind == FURROW__ENGINE && k < change->effect.count; k++)
            apply_rename(m->engine, &change->effect.items[k], &n);
    }
    return n;
}

static furrow_status read_schema(furrow__block_effect *out, furrow__migrator *m,
                                 const furrow__catalog *expected, furrow_arena *arena,
                                 furrow_error *error)
{
    const furrow__drift_request request = {
        .connection = m->connection, .dialect = m->dialect, .expected = expected};
    furrow_status status = furrow__drift_find(&out->drift, &request, arena, error);
    if (status == FURROW_OK)
        status = furrow__inspect(&out->live, m->connection, m->dialect, arena, error);
    return status;
}

furrow_status furrow__block_effect_note(furrow__block_effect *out, furrow__migrator *m,
                                        const furrow__revision_step *step, furrow_arena *arena,
                                        furrow_error *error)
{
    *out = (furrow__block_effect){0};
    out->is_checked = !m->options.ignore_drift && furrow__step_has_block(m, step);
    return out->is_checked ? read_schema(out, m, step->before, arena, error) : FURROW_OK;
}

typedef struct checker {
    furrow__migrator *m;
    const furrow__change_list *changes;
    const furrow__block_effect *before;
    furrow__block_effect after;
    furrow__drift_summary undeclared;
} checker;

/* Returns whether the difference already existed before the step. */
static bool was_accepted(const checker *c, const furrow__drift *drift)
{
    const furrow__apply_dialect *engine = c->m->engine;
    for (size_t i = 0; i < c->before->drift.count; i++) {
        const furrow__drift *old = &c->before->drift.items[i];
        part_name n = name_after(c->m, c->changes, (part_name){old->table, old->part, old->name});
        if (engine->tables_are_equal(n.table, drift->table) &&
            engine->names_are_equal(n.part, drift->part) &&
            engine->names_are_equal(n.name, drift->name))
            return true;
    }
    return false;
}

static bool had_column(const checker *c, furrow__table_name table, const char *column)
{
    const furrow__apply_dialect *engine = c->m->engine;
    const furrow__catalog *live = &c->before->live;
    for (size_t i = 0; i < live->count; i++)
        for (size_t k = 0; k < live->tables[i]->column_count; k++) {
            part_name n = {live->tables[i]->name, "column", live->tables[i]->columns[k].name};
            n = name_after(c->m, c->changes, n);
            if (engine->tables_are_equal(n.table, table) && engine->names_are_equal(n.name, column))
                return true;
        }
    return false;
}

static const furrow__catalog_table *find_table(const checker *c, const furrow__catalog *in,
                                               furrow__table_name name)
{
    for (size_t i = 0; i < in->count; i++)
        if (c->m->engine->tables_are_equal(in->tables[i]->name, name))
            return in->tables[i];
    return NULL;
}

static void check_column(checker *c, const furrow__catalog_table *table,
                         const furrow__catalog_table *expected,
                         const furrow__catalog_column *column)
{
    bool is_drift = !column->nullable && !column->default_ && !column->assigned;
    const furrow__drift drift = {.kind = FURROW__DRIFT_EXTRA,
                                 .table = table->name,
                                 .part = "column",
                                 .name = column->name,
                                 .found = column->type.native};
    if (!is_drift && !column->generated &&
        !furrow__find_column(c->m->engine, expected, column->name) &&
        !had_column(c, table->name, column->name))
        furrow__drift_summary_add(&c->undeclared, &drift);
}

/* Reports columns that the step added although its engine block does not declare them. Columns that
 * do not count as drift are reported, too. Generated columns are not reported: they store no values
 * of their own, and furrow DDL cannot declare them. */
static void check_columns(checker *c, const furrow__catalog *expected)
{
    for (size_t i = 0; i < c->after.live.count; i++) {
        const furrow__catalog_table *table = c->after.live.tables[i];
        const furrow__catalog_table *known = find_table(c, expected, table->name);
        for (size_t k = 0; known && k < table->column_count; k++)
            check_column(c, table, known, &table->columns[k]);
    }
}

/* Returns the location of the statement that most likely caused the first difference. This is the
 * first statement that names the table of the difference. If no statement names the table, it is
 * the first engine block. */
static furrow__file_location find_cause(const checker *c)
{
    furrow__file_location first = {.line = 0, .column = 0};
    for (size_t i = 0; i < c->changes->count; i++) {
        const furrow__engine_text *text = block_text(c->m, &c->changes->items[i]);
        if (text && !first.line)
            first = c->changes->items[i].place;
        for (size_t k = 0; text && k < text->count; k++)
            if (furrow__text_mentions(text->statements[k], c->undeclared.table.name,
                                      c->m->dialect->syntax))
                return text->places[k];
    }
    return first;
}

static furrow_status fail(checker *c, const furrow__revision_step *step, furrow_error *error)
{
    const char *text = furrow__drift_summary_end(&c->undeclared);
    if (!text)
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    furrow__fail(error, FURROW_SCHEMA,
                 "the engine block has an effect that it does not declare: %s", text);
    return furrow__hint(error,
                        "declare the change after -- effect: in the block, then run furrow sum "
                        "--accept %s",
                        step->revision->id);
}

furrow_status furrow__block_effect_check(const furrow__block_effect *effect, furrow__migrator *m,
                                         const furrow__revision_step *step,
                                         furrow__file_location *place, furrow_error *error)
{
    furrow_arena arena = {0};
    checker c = {.m = m, .changes = changes_of(step), .before = effect};
    if (!effect->is_checked)
        return FURROW_OK;
    furrow_status status = read_schema(&c.after, m, step->after, &arena, error);
    for (size_t i = 0; status == FURROW_OK && i < c.after.drift.count; i++)
        if (!was_accepted(&c, &c.after.drift.items[i]))
            furrow__drift_summary_add(&c.undeclared, &c.after.drift.items[i]);
    if (status == FURROW_OK)
        check_columns(&c, step->after);
    if (status == FURROW_OK && c.undeclared.count) {
        *place = find_cause(&c);
        status = fail(&c, step, error);
    }
    furrow__buffer_done(&c.undeclared.text);
    furrow__arena_done(&arena);
    return status;
}
