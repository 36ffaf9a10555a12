/* SPDX-License-Identifier: MIT
 * Compares rows in three ways: before and after a step, before an upgrade and after its downgrade,
 * and between engines. Every difference is stored as a finding. */
#include <string.h>

#include "base/text.h"
#include "migrate/prove/parts.h"
#include "migrate/revision/change_parts.h"

enum { FINDINGS = 1000 }; /* findings beyond this number are not stored */

static const char *keep(furrow__prover *p, const char *text)
{
    const char *copy = text ? furrow__arena_text(p->arena, text, strlen(text)) : NULL;
    if (text && !copy)
        p->status = furrow__fail(p->error, FURROW_NOMEM, "out of memory");
    return copy;
}

/* Stores a finding, or a note if is_note is true, with copies of its strings. */
void furrow__report_finding(furrow__walker *w, bool is_note, furrow__finding finding)
{
    furrow__prover *p = w->prover;
    size_t *count = is_note ? &p->report->note_count : &p->report->finding_count;
    furrow__finding **items = is_note ? &p->notes : &p->findings;
    if (*count >= FINDINGS)
        return;
    furrow__finding *more = furrow__arena_room(
        p->arena, *items, *count, is_note ? &p->note_capacity : &p->finding_capacity, sizeof *more);
    if (!more) {
        p->status = furrow__fail(p->error, FURROW_NOMEM, "out of memory");
        return;
    }
    *items = more;
    finding.engine = w->engine;
    finding.phase = w->phase;
    finding.revision = w->revision;
    finding.table.schema = keep(p, finding.table.schema);
    finding.table.name = keep(p, finding.table.name);
    finding.column = keep(p, finding.column);
    finding.key = finding.key && *finding.key ? keep(p, finding.key) : NULL;
    finding.message = keep(p, finding.message);
    finding.hint = keep(p, finding.hint);
    more[(*count)++] = finding;
    p->report->findings = p->findings;
    p->report->notes = p->notes;
}

void furrow__report_differences(furrow__walker *w, const furrow__schema_differences *differences)
{
    for (size_t i = 0; i < differences->count; i++)
        furrow__report_finding(w, false,
                               (furrow__finding){.table = differences->items[i].table,
                                                 .column = differences->items[i].column,
                                                 .message = differences->items[i].message});
}

void furrow__report_text(furrow__walker *w, bool is_note, furrow__finding finding,
                         furrow__buffer *text)
{
    finding.message = furrow__buffer_text(text);
    if (finding.message)
        furrow__report_finding(w, is_note, finding);
    else
        w->prover->status = furrow__fail(w->prover->error, FURROW_NOMEM, "out of memory");
    furrow__buffer_done(text);
}

static void report_difference(furrow__walker *w, const furrow__digest *a,
                              const furrow__digest_difference *difference,
                              const furrow__verdict *verdict)
{
    char shown[FURROW__SHOWN_SIZE];
    furrow__buffer text = {0};
    bool is_column = difference->column < a->column_count;
    const char *what = is_column                                    ? verdict->changed
                       : difference->column == FURROW__ROWS_MISSING ? verdict->missing
                                                                    : verdict->added;
    const char *column = is_column ? a->columns[difference->column] : NULL;
    furrow__buffer_format(&text, "%s %s%s%s: %zu of %zu rows %s", is_column ? "column" : "table",
                          furrow__table_shown(shown, a->name), column ? "." : "",
                          column ? column : "", difference->count, a->count, what);
    if (difference->key[0])
        furrow__buffer_format(&text, " (first key: %s)", difference->key);
    furrow__report_text(
        w, false,
        (furrow__finding){
            .table = a->name, .column = column, .key = difference->key, .hint = verdict->hint},
        &text);
}

static size_t sum(size_t a, size_t b)
{
    return a > SIZE_MAX - b ? SIZE_MAX : a + b;
}

/* Two tables to compare, and the differences that are expected. */
typedef struct pair {
    const furrow__digest *a, *b;
    const size_t *map; /* see furrow__digest_compare */
    bool removes_rows, adds_rows, is_return;
} pair;

static bool is_allowed(furrow__walker *w, const pair *p,
                       const furrow__digest_difference *difference)
{
    bool is_column = difference->column < p->a->column_count;
    const char *column = is_column ? p->a->columns[difference->column] : NULL;
    if ((difference->column == FURROW__ROWS_MISSING && p->removes_rows) ||
        (difference->column == FURROW__ROWS_ADDED && p->adds_rows))
        return true;
    if (!p->is_return || difference->column == FURROW__ROWS_ADDED)
        return false;
    size_t allowed = furrow__allowances_find(&w->allowances, p->a->name, column);
    if (is_column &&
        p->a->assigned == SIZE_MAX) /* the key of a removed row can be assigned to another row */
        allowed = sum(allowed, furrow__allowances_find(&w->allowances, p->a->name, NULL));
    return difference->count <= allowed;
}

static void compare_tables(furrow__walker *w, const pair *p, const furrow__verdict *verdict)
{
    furrow__digest_difference found[FURROW__DIGEST_ROOM];
    size_t count = furrow__digest_compare(found, FURROW__DIGEST_ROOM, p->a, p->b, p->map);
    if (count == SIZE_MAX) {
        w->prover->status = furrow__fail(w->prover->error, FURROW_NOMEM, "out of memory");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (is_allowed(w, p, &found[i]))
            continue;
        report_difference(w, p->a, &found[i], verdict);
        bool is_column = found[i].column < p->a->column_count;
        if (p->is_return) /* otherwise the downgrades to earlier revisions would report the same
                             difference again */
            furrow__allowances_add(&w->allowances, p->a->name,
                                   is_column ? p->a->columns[found[i].column] : NULL, SIZE_MAX);
    }
}

static size_t *new_map(furrow__walker *w, size_t count)
{
    size_t *map = furrow__arena_aligned(w->scratch, (count + 1) * sizeof *map, _Alignof(size_t));
    if (!map)
        w->prover->status = furrow__fail(w->prover->error, FURROW_NOMEM, "out of memory");
    return map;
}

static size_t column_index(const furrow__digest *digest, const char *name)
{
    for (size_t i = 0; name && i < digest->column_count; i++)
        if (strcmp(digest->columns[i], name) == 0)
            return i;
    return SIZE_MAX;
}

/* Checks that rows and values that exist both before and after the step are unchanged. */
void furrow__compare_step(furrow__walker *w, const furrow__digests *now)
{
    static const furrow__verdict verdict = {"are missing", "were added", "have changed", NULL};
    const furrow__change_list *changes =
        w->step->down ? &w->step->revision->downgrade : &w->step->revision->upgrade;
    furrow__step_table *tables =
        furrow__step_tables(w->step->before, changes, w->target->dialect, w->scratch);
    if (!tables)
        w->prover->status = furrow__fail(w->prover->error, FURROW_NOMEM, "out of memory");
    for (size_t i = 0; tables && i < w->before.count && w->prover->status == FURROW_OK; i++) {
        const furrow__digest *a = &w->before.items[i];
        const furrow__digest *b =
            tables[i].name.name ? furrow__digest_named(now, tables[i].name) : NULL;
        size_t *map = new_map(w, a->column_count);
        if (!b || !map)
            continue;
        for (size_t k = 0; k < a->column_count; k++)
            map[k] = column_index(b, tables[i].columns[k]);
        compare_tables(w, &(pair){a, b, map, tables[i].removes_rows, tables[i].adds_rows, false},
                       &verdict);
    }
}

/* Checks that a downgrade has restored the rows that existed before the upgrade, except for those
 * that the revision's file documents as lost. */
void furrow__compare_return(furrow__walker *w, const furrow__digests *then,
                            const furrow__digests *now)
{
    static const furrow__verdict verdict = {
        "that existed before the upgrade were not restored", "were added",
        "differ from before the upgrade",
        "restore them in the downgrade, or add a comment there: -- loses: NAME"};
    for (size_t i = 0; i < then->count && w->prover->status == FURROW_OK; i++) {
        const furrow__digest *a = &then->items[i], *b = furrow__digest_named(now, a->name);
        size_t *map = new_map(w, a->column_count);
        if (!b || !map)
            continue;
        for (size_t k = 0; k < a->column_count; k++)
            map[k] = furrow__allowances_find(&w->allowances, a->name, a->columns[k]) == SIZE_MAX
                         ? SIZE_MAX
                         : column_index(b, a->columns[k]);
        compare_tables(w, &(pair){a, b, map, false, true, true}, &verdict);
    }
}

/* Checks that two databases have the same rows. Keys that the engine assigned can differ. */
void furrow__compare_equal(furrow__walker *w, const furrow__digests *a, const furrow__digests *b,
                           const furrow__verdict *verdict)
{
    for (size_t i = 0; i < a->count && w->prover->status == FURROW_OK; i++) {
        const furrow__digest *x = &a->items[i], *y = furrow__digest_named(b, x->name);
        furrow__digest_difference found[FURROW__DIGEST_ROOM];
        size_t *map = new_map(w, x->column_count);
        if (!y || !map)
            continue;
        for (size_t k = 0; k < x->column_count; k++)
            map[k] = column_index(y, x->columns[k]);
        if (furrow__digest_compare(found, FURROW__DIGEST_ROOM, x, y, map) == 0)
            continue;
        if (x->assigned != SIZE_MAX) {
            size_t index = map[x->assigned];
            map[x->assigned] = SIZE_MAX;
            if (furrow__digest_compare(found, FURROW__DIGEST_ROOM, x, y, map) == 0)
                continue;
            map[x->assigned] = index;
        }
        compare_tables(w, &(pair){x, y, map, false, false, false}, verdict);
    }
}
