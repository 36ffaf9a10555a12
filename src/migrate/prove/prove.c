/* SPDX-License-Identifier: MIT
 *
 * The walk: up, down and up again, one revision at a time (see prove.h). What is looked at behind
 * each step is in data.c and schema.c; this file says when, and tells what was found.
 */
#include "migrate/prove/prove.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"
#include "migrate/apply/query.h"
#include "migrate/revision/change_parts.h"
#include "migrate/prove/parts.h"

enum { FINDINGS = 1000, MORE_ROWS = 5 }; /* a changed table gets a fifth of its rows more */

/* What a database was at one revision, on the first way up. */
typedef struct station {
    furrow__catalog schema; /* physical */
    furrow__digests rows;
} station;

typedef struct prover prover;

/* One engine's database. */
typedef struct walker {
    prover *all;
    const furrow__prove_target *target;
    const char *engine;
    furrow__migrator *m;
    station *stations;  /* count + 1: behind as many revisions */
    station last;       /* behind the second way up */
    size_t at, reached; /* revisions that are applied; and were on the first way up */
    furrow__allowance_list loose;
    furrow__prove_way way;
    int64_t last_key; /* no key is used again: rows of then and now are told apart by it */
    /* the step at work */
    const furrow__revision *revision;
    const furrow__revision_step *step; /* in the step's arena */
    furrow__digests before;
    furrow_arena *scratch;
    size_t found_before;
    bool is_plain; /* the step's tables have plain rows */
} walker;

struct prover {
    furrow__prove_report *report;
    const furrow__history *history;
    const furrow__prove_options *options;
    furrow__finding *findings, *notes;
    size_t finding_capacity, note_capacity;
    furrow_time since;
    furrow_arena *arena;
    furrow_error *error;
    furrow_status status; /* FURROW_NOMEM while telling, else FURROW_OK */
};

/* ---- telling ---- */

static const char *keep(prover *p, const char *text)
{
    const char *copy = text ? furrow__arena_text(p->arena, text, strlen(text)) : NULL;
    if (text && !copy)
        p->status = furrow__fail(p->error, FURROW_NOMEM, "out of memory");
    return copy;
}

/* What is told, with texts of its own. */
static void tell(walker *w, bool is_note, furrow__finding finding)
{
    prover *p = w->all;
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
    finding.way = w->way;
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

static void tell_lines(walker *w, const furrow__schema_differences *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        tell(w, false,
             (furrow__finding){.table = lines->tables[i],
                               .column = lines->columns[i],
                               .message = lines->items[i]});
}

static void tell_text(walker *w, bool is_note, furrow__finding finding, furrow__buffer *text)
{
    finding.message = furrow__buffer_text(text);
    if (finding.message)
        tell(w, is_note, finding);
    else
        w->all->status = furrow__fail(w->all->error, FURROW_NOMEM, "out of memory");
    furrow__buffer_done(text);
}

/* ---- rows ---- */

/* What a difference means is for the caller to say. */
typedef struct verdict {
    const char *missing, *came, *changed, *hint;
} verdict;

static void tell_difference(walker *w, const furrow__digest *a,
                            const furrow__digest_difference *difference, const verdict *says)
{
    char shown[FURROW__SHOWN_SIZE];
    furrow__buffer text = {0};
    bool is_column = difference->column < a->column_count;
    const char *what = is_column                        ? says->changed
                       : difference->column == SIZE_MAX ? says->missing
                                                        : says->came;
    const char *column = is_column ? a->columns[difference->column] : NULL;
    furrow__buffer_format(&text, "%s %s%s%s: %zu of %zu rows %s", is_column ? "column" : "table",
                          furrow__table_shown(shown, a->name), column ? "." : "",
                          column ? column : "", difference->count, a->count, what);
    if (difference->key[0])
        furrow__buffer_format(&text, " (first key: %s)", difference->key);
    tell_text(w, false,
              (furrow__finding){
                  .table = a->name, .column = column, .key = difference->key, .hint = says->hint},
              &text);
}

static size_t sum(size_t a, size_t b)
{
    return a > SIZE_MAX - b ? SIZE_MAX : a + b;
}

/* Compare two tables; differences that `allowed` accounts for are none. */
static void compare_tables(walker *w, const furrow__digest *a, const furrow__digest *b,
                           const size_t *map, bool rows_go, bool rows_come, bool is_way_back,
                           const verdict *says)
{
    furrow__digest_difference found[FURROW__DIGEST_ROOM];
    size_t count = furrow__digest_compare(found, FURROW__DIGEST_ROOM, a, b, map);
    if (count == SIZE_MAX) {
        w->all->status = furrow__fail(w->all->error, FURROW_NOMEM, "out of memory");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        bool is_column = found[i].column < a->column_count;
        const char *column = is_column ? a->columns[found[i].column] : NULL;
        if ((found[i].column == SIZE_MAX && rows_go) ||
            (found[i].column == SIZE_MAX - 1 && rows_come))
            continue;
        size_t allowed = furrow__allowances_find(&w->loose, a->name, column);
        if (is_column && a->assigned == SIZE_MAX) /* a key that was put away may come again */
            allowed = sum(allowed, furrow__allowances_find(&w->loose, a->name, NULL));
        if (is_way_back && found[i].column != SIZE_MAX - 1 && found[i].count <= allowed)
            continue;
        tell_difference(w, a, &found[i], says);
        if (is_way_back) /* told once, not at every revision below */
            furrow__allowances_add(&w->loose, a->name, column, SIZE_MAX);
    }
}

static size_t *new_map(walker *w, size_t count)
{
    size_t *map = furrow__arena_aligned(w->scratch, (count + 1) * sizeof *map, _Alignof(size_t));
    if (!map)
        w->all->status = furrow__fail(w->all->error, FURROW_NOMEM, "out of memory");
    return map;
}

static size_t column_place(const furrow__digest *digest, const char *name)
{
    for (size_t i = 0; name && i < digest->column_count; i++)
        if (strcmp(digest->columns[i], name) == 0)
            return i;
    return SIZE_MAX;
}

/* What both sides of the step have is kept. */
static void compare_step(walker *w, const furrow__digests *now)
{
    static const verdict says = {"are gone", "came from nowhere", "are not as they were before",
                                 NULL};
    const furrow__change_list *changes =
        w->step->down ? &w->step->revision->downgrade : &w->step->revision->upgrade;
    furrow__step_table *tables =
        furrow__step_tables(w->step->before, changes, w->target->dialect, w->scratch);
    if (!tables)
        w->all->status = furrow__fail(w->all->error, FURROW_NOMEM, "out of memory");
    for (size_t i = 0; tables && i < w->before.count && w->all->status == FURROW_OK; i++) {
        const furrow__digest *a = &w->before.items[i];
        const furrow__digest *b =
            tables[i].name.name ? furrow__digest_named(now, tables[i].name) : NULL;
        size_t *map = new_map(w, a->column_count);
        if (!b || !map)
            continue;
        for (size_t k = 0; k < a->column_count; k++)
            map[k] = column_place(b, tables[i].columns[k]);
        compare_tables(w, a, b, map, tables[i].rows_go, tables[i].rows_come, false, &says);
    }
}

/* The way back is at a schema again: what was there then is there, unless it was said. */
static void compare_return(walker *w, const furrow__digests *then, const furrow__digests *now)
{
    static const verdict says = {
        "that were there before the upgrade do not come back", "came from nowhere",
        "are not as they were before the upgrade",
        "bring them back in the downgrade, or say there what is lost: -- loses: and its name"};
    for (size_t i = 0; i < then->count && w->all->status == FURROW_OK; i++) {
        const furrow__digest *a = &then->items[i], *b = furrow__digest_named(now, a->name);
        size_t *map = new_map(w, a->column_count);
        if (!b || !map)
            continue;
        for (size_t k = 0; k < a->column_count; k++)
            map[k] = furrow__allowances_find(&w->loose, a->name, a->columns[k]) == SIZE_MAX
                         ? SIZE_MAX
                         : column_place(b, a->columns[k]);
        compare_tables(w, a, b, map, false, true, true, &says);
    }
}

/* The same rows, but for keys that each engine gives by itself: then a note. */
static void compare_equal(walker *w, const furrow__digests *a, const furrow__digests *b,
                          const verdict *says)
{
    for (size_t i = 0; i < a->count && w->all->status == FURROW_OK; i++) {
        const furrow__digest *x = &a->items[i], *y = furrow__digest_named(b, x->name);
        furrow__digest_difference found[FURROW__DIGEST_ROOM];
        size_t *map = new_map(w, x->column_count);
        if (!y || !map)
            continue;
        for (size_t k = 0; k < x->column_count; k++)
            map[k] = column_place(y, x->columns[k]);
        if (furrow__digest_compare(found, FURROW__DIGEST_ROOM, x, y, map) == 0)
            continue;
        if (x->assigned != SIZE_MAX) {
            size_t place = map[x->assigned];
            map[x->assigned] = SIZE_MAX;
            if (furrow__digest_compare(found, FURROW__DIGEST_ROOM, x, y, map) == 0)
                continue;
            map[x->assigned] = place;
        }
        compare_tables(w, x, y, map, false, false, false, says);
    }
}

/* ---- seeding ---- */

/* Tables whose columns are others than before. */
static bool *changed_tables(walker *w)
{
    const furrow__catalog *after = w->step->after;
    bool *changed = furrow__arena_aligned(w->scratch, after->count + 1, 1);
    for (size_t i = 0; changed && i < after->count; i++) {
        const furrow__catalog_table *now = after->tables[i];
        const furrow__catalog_table *was = furrow__catalog_table_named(w->step->before, now->name);
        changed[i] = !was || was->column_count != now->column_count;
        for (size_t k = 0; was && k < now->column_count && !changed[i]; k++) {
            const furrow__catalog_column *column =
                furrow__catalog_column_named(was, now->columns[k].name);
            changed[i] = !column || column->type.type != now->columns[k].type.type ||
                         column->nullable != now->columns[k].nullable ||
                         column->type.value_count != now->columns[k].type.value_count ||
                         column->type.max_length != now->columns[k].type.max_length;
        }
    }
    return changed;
}

/* A table that stays short is told once on each way. */
static bool is_told(const walker *w, furrow__table_name table)
{
    for (size_t i = 0; i < w->all->report->note_count; i++)
        if (w->all->notes[i].way == w->way && strcmp(w->all->notes[i].engine, w->engine) == 0 &&
            w->all->notes[i].table.name &&
            furrow__table_names_are_equal(w->all->notes[i].table, table))
            return true;
    return false;
}

static furrow_status seed(walker *w, const furrow__catalog *catalog, const bool *changed,
                          bool plain)
{
    prover *p = w->all;
    furrow__seed_report report;
    size_t rows = p->options->rows ? p->options->rows : FURROW__SEED_ROWS;
    const furrow__seed_options options = {.rows = rows,
                                          .more = rows / MORE_ROWS + 1,
                                          .seed = p->options->seed,
                                          .plain = plain,
                                          .above = w->last_key,
                                          .changed = changed};
    furrow_status status =
        furrow__seed(&report, furrow__migrator_connection(w->m), w->target->dialect, catalog,
                     &options, w->scratch, p->error);
    p->report->rows += report.rows;
    if (report.last_key > w->last_key)
        w->last_key = report.last_key;
    for (size_t i = 0; i < report.short_count && w->way != FURROW__PROVE_AGAIN; i++) {
        const furrow__seed_short *s = &report.shorts[i];
        char shown[FURROW__SHOWN_SIZE];
        furrow__buffer text = {0};
        if (is_told(w, s->table))
            continue;
        furrow__buffer_format(&text, "table %s: only %zu of %zu rows could be made: %s",
                              furrow__table_shown(shown, s->table), s->made, s->wanted, s->why);
        tell_text(w, true, (furrow__finding){.table = s->table}, &text);
    }
    return status == FURROW_OK ? p->status : status;
}

/* ---- before a step ---- */

static void tell_cleared(const furrow__preflight *why, size_t count, void *context)
{
    walker *w = context;
    furrow__buffer text = {0};
    furrow__buffer_add_text(&text, "put out of its way: ");
    furrow__preflight_write(&text, why, (int64_t)count);
    if (w->way != FURROW__PROVE_AGAIN)
        tell_text(w, true, (furrow__finding){.place = why->place}, &text);
    else
        furrow__buffer_done(&text);
}

/* A downgrade loses only what its file says; the proof goes on anyway. */
static furrow_status look_for_losses(walker *w, const furrow__revision *revision,
                                     const furrow__plan *plan, furrow_error *error)
{
    furrow_status status = FURROW_OK;
    for (size_t i = 0; i < plan->preflight_count && status == FURROW_OK; i++) {
        const furrow__preflight *why = &plan->preflights[i];
        int64_t count = 0;
        if (!why->is_loss || why->is_allowed || furrow__loss_is_documented(revision, why->place))
            continue;
        status =
            furrow__query_number(furrow__migrator_connection(w->m), why->count_sql, &count, error);
        if (status != FURROW_OK || !count)
            continue;
        furrow__buffer text = {0};
        furrow__buffer_add_text(&text, "the downgrade does not say that ");
        furrow__preflight_write(&text, why, count);
        tell_text(w, false,
                  (furrow__finding){.table = why->table,
                                    .place = why->place,
                                    .hint = "say above the statement what is lost: -- loses: and "
                                            "its name"},
                  &text);
    }
    return status;
}

static furrow_status before_step(const furrow__revision_step *step, const furrow__plan *plan,
                                 void *context, furrow_error *error)
{
    walker *w = context;
    furrow_connection *connection = furrow__migrator_connection(w->m);
    furrow_status status =
        furrow__rows_clear(connection, w->target->dialect, step->before, plan->preflights,
                           plan->preflight_count, NULL, &w->loose, tell_cleared, w, error);
    if (status == FURROW_OK && step->down)
        status = look_for_losses(w, step->revision, plan, error);
    w->step = step;
    if (status == FURROW_OK)
        status = furrow__digests_read(&w->before, connection, w->target->dialect, step->before,
                                      w->all->since, w->scratch, error);
    return status == FURROW_OK ? w->all->status : status;
}

/* ---- a step ---- */

/* What extreme values can be to blame for. */
static bool is_of_rows(furrow_status status)
{
    return status == FURROW_UNIQUE || status == FURROW_CHECK || status == FURROW_NOT_NULL ||
           status == FURROW_FOREIGN_KEY || status == FURROW_DATABASE || status == FURROW_INVALID;
}

/* Up, tables that changes name get plain rows instead of theirs; down, they keep those that they
 * had before the upgrade, and which thus fit. */
static furrow_status make_plain(walker *w)
{
    const furrow__catalog *before = w->step->before;
    bool down = w->step->down;
    const furrow__change_list *changes =
        down ? &w->step->revision->downgrade : &w->step->revision->upgrade;
    const furrow__rows_kept kept = {
        down ? &w->stations[w->at - 1].rows : NULL,
        furrow__step_tables(before, changes, w->target->dialect, w->scratch)};
    furrow__preflight *all = furrow__arena_aligned(w->scratch, (changes->count + 1) * sizeof *all,
                                                   _Alignof(furrow__preflight));
    size_t count = 0;
    if (!all || !kept.tables)
        return furrow__fail(w->all->error, FURROW_NOMEM, "out of memory");
    for (size_t i = 0; i < changes->count; i++)
        if (changes->items[i].table.name &&
            furrow__catalog_table_named(before, changes->items[i].table))
            all[count++] = (furrow__preflight){.message = "", .table = changes->items[i].table};
    furrow_status status =
        furrow__rows_clear(furrow__migrator_connection(w->m), w->target->dialect, before, all,
                           count, down ? &kept : NULL, &w->loose, NULL, NULL, w->all->error);
    return status == FURROW_OK && !down ? seed(w, before, NULL, true) : status;
}

static furrow_status advance(walker *w, furrow__route_report *report, furrow_error *error)
{
    const furrow__route_hooks hooks = {.before = before_step, .context = w};
    bool down = w->way == FURROW__PROVE_DOWN;
    return furrow__route_run(w->m, report,
                             &(furrow__route_request){.history = w->all->history,
                                                      .target = down ? "-1" : "+1",
                                                      .down = down,
                                                      .hooks = &hooks},
                             w->scratch, error);
}

/* A failure of the step itself is a finding, and ends the way. */
static void tell_failure(walker *w, const furrow__route_report *report, const furrow_error *error)
{
    furrow__buffer text = {0};
    furrow__buffer_format(&text, "its %s fails: %s",
                          w->way == FURROW__PROVE_DOWN ? "downgrade" : "upgrade", error->message);
    tell_text(
        w, false,
        (furrow__finding){.place = report->step.place, .hint = error->hint[0] ? error->hint : NULL},
        &text);
}

/* *fine: the step is done. */
static furrow_status run_step(walker *w, bool *fine)
{
    prover *p = w->all;
    furrow__route_report report;
    furrow__file_location place;
    furrow_error error = {0}, second = {0};
    *fine = false;
    w->step = NULL;
    furrow_status status = advance(w, &report, &error);
    place = report.step.place;
    if (p->status != FURROW_OK)
        return p->status;
    if (status != FURROW_OK && w->step && report.failed && is_of_rows(status)) {
        status = make_plain(w);
        if (status != FURROW_OK)
            return status;
        status = advance(w, &report, &second);
        if (status == FURROW_OK) {
            furrow__buffer text = {0};
            furrow__buffer_format(&text, "proven with %s, since others stop it: %s",
                                  w->step->down ? "rows from before the upgrade" : "plain rows",
                                  error.message);
            tell_text(w, true, (furrow__finding){.place = place}, &text);
        }
    }
    *fine = status == FURROW_OK;
    if (status == FURROW_OK)
        return p->status;
    if (status == FURROW_NOMEM || status == FURROW_DISCONNECTED || status == FURROW_CANCELLED) {
        *p->error = second.status != FURROW_OK ? second : error;
        return status;
    }
    tell_failure(w, &report, second.status != FURROW_OK ? &second : &error);
    return p->status;
}

/* ---- behind a step ---- */

static furrow_status look_at_schema(walker *w, furrow__catalog *live, furrow_arena *arena)
{
    furrow_connection *connection = furrow__migrator_connection(w->m);
    furrow__schema_differences lines;
    furrow_status status = furrow__prove_schema(&lines, connection, w->step->after,
                                                w->target->dialect, w->scratch, w->all->error);
    if (status == FURROW_OK)
        tell_lines(w, &lines);
    if (status == FURROW_OK)
        status = furrow__prove_inspect(live, connection, w->target->dialect, arena, w->all->error);
    if (status == FURROW_OK && w->way != FURROW__PROVE_UP)
        status =
            furrow__prove_same(&lines, &w->stations[w->at].schema, live, w->scratch, w->all->error);
    if (status == FURROW_OK && w->way != FURROW__PROVE_UP)
        tell_lines(w, &lines);
    return status;
}

static furrow_status read_rows(walker *w, furrow__digests *out, furrow_arena *arena)
{
    return furrow__digests_read(out, furrow__migrator_connection(w->m), w->target->dialect,
                                w->step->after, w->all->since, arena, w->all->error);
}

/* Both ways up: rows are kept, then made; down: they are kept, and those of then are back. */
static furrow_status look_behind(walker *w, furrow__digests *rows)
{
    prover *p = w->all;
    furrow__catalog live;
    bool first = w->way == FURROW__PROVE_UP;
    furrow_arena *arena = first ? p->arena : w->scratch;
    furrow_status status = look_at_schema(w, first ? &w->stations[w->at].schema : &live, arena);
    if (status == FURROW_OK)
        status = read_rows(w, rows, w->scratch);
    if (status == FURROW_OK)
        compare_step(w, rows);
    if (status != FURROW_OK || p->status != FURROW_OK)
        return status != FURROW_OK ? status : p->status;
    if (w->way == FURROW__PROVE_DOWN) {
        if (!furrow__allowances_add_step(&w->loose, w->step, w->scratch))
            return furrow__fail(p->error, FURROW_NOMEM, "out of memory");
        compare_return(w, &w->stations[w->at].rows, rows);
        return p->status;
    }
    bool *changed = changed_tables(w);
    if (!furrow__allowances_rename(&w->loose, &w->step->revision->upgrade) || !changed)
        return furrow__fail(p->error, FURROW_NOMEM, "out of memory");
    status = seed(w, w->step->after, changed, false);
    if (status == FURROW_OK)
        status = read_rows(w, rows, p->arena);
    if (first)
        w->stations[w->at].rows = *rows;
    else
        w->last.rows = *rows;
    return status;
}

static void tell_line(walker *w, const furrow__digests *rows, size_t done, size_t total,
                      int64_t began)
{
    const prover *p = w->all;
    furrow__prove_progress line = {.engine = w->engine,
                                   .way = w->way,
                                   .revision = w->revision,
                                   .done = done,
                                   .total = total,
                                   .tables = rows->count,
                                   .rows = rows->rows,
                                   .findings = p->report->finding_count - w->found_before,
                                   .elapsed_ms = furrow__now_ms() - began};
    if (p->options->progress)
        p->options->progress(&line, p->options->context);
}

/* ---- a way ---- */

/* *on: the way goes on. */
static furrow_status walk_step(walker *w, size_t done, size_t total, bool *on)
{
    furrow_arena scratch = {0};
    furrow__digests rows = {0};
    prover *p = w->all;
    int64_t began = furrow__now_ms();
    bool down = w->way == FURROW__PROVE_DOWN;
    *on = false;
    if (p->options->is_stopped && p->options->is_stopped(p->options->context))
        return furrow__fail(p->error, FURROW_CANCELLED, "stopped");
    w->scratch = &scratch;
    w->revision = p->history->items[down ? w->at - 1 : w->at];
    w->found_before = p->report->finding_count;
    furrow_status status = run_step(w, on);
    if (status == FURROW_OK && *on) {
        w->at = down ? w->at - 1 : w->at + 1;
        p->report->steps++;
        status = look_behind(w, &rows);
    }
    if (status == FURROW_OK)
        tell_line(w, &rows, done, total, began);
    furrow__arena_done(&scratch);
    return status;
}

static furrow_status walk_up(walker *w, furrow__prove_way way, size_t to)
{
    furrow_status status = FURROW_OK;
    size_t from = w->at;
    bool on = true;
    w->way = way;
    while (status == FURROW_OK && on && w->at < to)
        status = walk_step(w, w->at - from + 1, to - from, &on);
    return status;
}

/* Down to the base, or to a revision that has no way back. */
static furrow_status walk_down(walker *w)
{
    furrow_status status = FURROW_OK;
    size_t from = w->at;
    bool on = true;
    w->way = FURROW__PROVE_DOWN;
    while (status == FURROW_OK && on && w->at > 0) {
        w->revision = w->all->history->items[w->at - 1];
        if (w->revision->irreversible) {
            tell(w, true,
                 (furrow__finding){.message = "is irreversible: neither its way back, nor those "
                                              "of the revisions before it, are proven"});
            break;
        }
        status = walk_step(w, from - w->at + 1, from, &on);
    }
    return status == FURROW_OK ? w->all->status : status;
}

static furrow_status walk(walker *w)
{
    static const verdict says = {"of the first way up are missing", "are there that were not",
                                 "are not as they were on the first way up", NULL};
    furrow_status status = walk_up(w, FURROW__PROVE_UP, w->all->history->count);
    w->reached = w->at;
    if (status == FURROW_OK)
        status = walk_down(w);
    if (status != FURROW_OK || w->at == w->reached)
        return status;
    bool from_base = w->at == 0;
    if (from_base)
        w->last_key = 0;
    status = walk_up(w, FURROW__PROVE_AGAIN, w->reached);
    /* Rows are made the same each time; only from nothing on they are all of them. */
    furrow_arena scratch = {0};
    w->scratch = &scratch;
    if (status == FURROW_OK && from_base && w->at == w->reached)
        compare_equal(w, &w->stations[w->at].rows, &w->last.rows, &says);
    furrow__arena_done(&scratch);
    return status == FURROW_OK ? w->all->status : status;
}

/* ---- all ---- */

static furrow_status open_walker(walker *w, prover *p, const furrow__prove_target *target)
{
    const furrow__migrator_options options = {.url = target->url,
                                              .lock_timeout_ms = 10000,
                                              .allow_data_loss = true,
                                              .create_database = true};
    size_t count = p->history->count + 1;
    *w = (walker){.all = p,
                  .target = target,
                  .engine = furrow__dialect_name(target->dialect),
                  .loose = {.arena = p->arena}};
    w->stations = furrow__arena_aligned(p->arena, count * sizeof *w->stations, _Alignof(station));
    if (!w->stations)
        return furrow__fail(p->error, FURROW_NOMEM, "out of memory");
    memset(w->stations, 0, count * sizeof *w->stations);
    furrow_status status =
        furrow__migrator_open(&w->m, target->driver, target->dialect, &options, p->error);
    return status == FURROW_OK
               ? furrow__prove_inspect(&w->stations[0].schema, furrow__migrator_connection(w->m),
                                       target->dialect, p->arena, p->error)
               : status;
}

/* The engines hold the same rows at each revision; the first at which they do not is told. */
static void compare_engines(walker *w, const walker *first)
{
    char text[80];
    snprintf(text, sizeof text, "are not as on %s", first->engine);
    const verdict says = {"are missing here", "are there only here", text, NULL};
    size_t before = w->all->report->finding_count;
    furrow_arena scratch = {0};
    w->scratch = &scratch;
    w->way = FURROW__PROVE_ENGINES;
    for (size_t i = 1; i <= w->reached && i <= first->reached; i++) {
        w->revision = w->all->history->items[i - 1];
        compare_equal(w, &first->stations[i].rows, &w->stations[i].rows, &says);
        if (w->all->report->finding_count > before)
            break;
    }
    furrow__arena_done(&scratch);
}

furrow_status furrow__prove(furrow__prove_report *report, const furrow__history *history,
                            const furrow__prove_target *targets, size_t count,
                            const furrow__prove_options *options, furrow_arena *arena,
                            furrow_error *error)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    prover p = {.report = report,
                .history = history,
                .options = options,
                .since = {((int64_t)now.tv_sec - 60) * 1000000},
                .arena = arena,
                .error = error};
    furrow_status status = FURROW_OK;
    *report = (furrow__prove_report){0};
    walker *walkers = furrow__arena_aligned(arena, (count + 1) * sizeof *walkers, _Alignof(walker));
    if (!walkers)
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    for (size_t i = 0; i < count && status == FURROW_OK; i++) {
        status = open_walker(&walkers[i], &p, &targets[i]);
        if (status == FURROW_OK)
            status = walk(&walkers[i]);
        furrow__migrator_close(walkers[i].m);
    }
    for (size_t i = 1; i < count && status == FURROW_OK; i++)
        compare_engines(&walkers[i], &walkers[0]);
    return status == FURROW_OK ? p.status : status;
}
