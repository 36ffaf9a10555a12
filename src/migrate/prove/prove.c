/* SPDX-License-Identifier: MIT
 *
 * Runs a proof: upgrades, downgrades and upgrades again, one revision at a time (see prove.h). The
 * checks after each step are in report.c and schema.c.
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

enum { MORE_ROWS = 5 }; /* a changed table gets options.rows / MORE_ROWS new rows */

/* Returns an array with an entry for each table: whether the step created the table or changed its
 * columns. */
static bool *changed_tables(furrow__walker *w)
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

/* Returns whether this phase has already reported that the table did not get all of its rows. */
static bool is_reported(const furrow__walker *w, furrow__table_name table)
{
    for (size_t i = 0; i < w->prover->report->note_count; i++)
        if (w->prover->notes[i].phase == w->phase &&
            strcmp(w->prover->notes[i].engine, w->engine) == 0 && w->prover->notes[i].table.name &&
            furrow__table_names_are_equal(w->prover->notes[i].table, table))
            return true;
    return false;
}

static furrow_status seed(furrow__walker *w, const furrow__catalog *catalog, const bool *changed,
                          bool plain)
{
    furrow__prover *p = w->prover;
    furrow__seed_report report;
    size_t rows = p->options->rows ? p->options->rows : FURROW__SEED_ROWS;
    const furrow__seed_options options = {.catalog = catalog,
                                          .rows = rows,
                                          .more = rows / MORE_ROWS + 1,
                                          .seed = p->options->seed,
                                          .plain = plain,
                                          .above = w->last_key,
                                          .changed = changed};
    furrow_status status = furrow__seed(&report, &w->source, &options, w->scratch, p->error);
    p->report->rows += report.rows;
    if (report.last_key > w->last_key)
        w->last_key = report.last_key;
    for (size_t i = 0; i < report.short_count && w->phase != FURROW__PROVE_AGAIN; i++) {
        const furrow__seed_short *s = &report.shorts[i];
        char shown[FURROW__SHOWN_SIZE];
        furrow__buffer text = {0};
        if (is_reported(w, s->table))
            continue;
        furrow__buffer_format(&text, "table %s: only %zu of %zu rows could be made: %s",
                              furrow__table_shown(shown, s->table), s->made, s->wanted, s->why);
        furrow__report_text(w, true, (furrow__finding){.table = s->table}, &text);
    }
    return status == FURROW_OK ? p->status : status;
}

static void report_removed(const furrow__preflight *why, size_t count, void *context)
{
    furrow__walker *w = context;
    furrow__buffer text = {0};
    furrow__buffer_add_text(&text, "removed before the step: ");
    furrow__preflight_write(&text, why, (int64_t)count);
    if (w->phase != FURROW__PROVE_AGAIN)
        furrow__report_text(w, true, (furrow__finding){.location = why->place}, &text);
    else
        furrow__buffer_done(&text);
}

/* Reports rows that a downgrade loses although no comment in the revision's file documents the
 * loss. The proof continues. */
static furrow_status check_losses(furrow__walker *w, const furrow__revision *revision,
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
        furrow__buffer_add_text(&text, "the downgrade does not document that ");
        furrow__preflight_write(&text, why, count);
        furrow__report_text(
            w, false,
            (furrow__finding){.table = why->table,
                              .location = why->place,
                              .hint = "add a comment above the statement: -- loses: NAME"},
            &text);
    }
    return status;
}

static furrow_status before_step(const furrow__revision_step *step, const furrow__plan *plan,
                                 void *context, furrow_error *error)
{
    furrow__walker *w = context;
    const furrow__rows_request request = {.catalog = step->before,
                                          .preflights = plan->preflights,
                                          .count = plan->preflight_count,
                                          .allowances = &w->allowances,
                                          .removed = report_removed,
                                          .context = w};
    furrow_status status = furrow__rows_remove(&w->source, &request, error);
    if (status == FURROW_OK && step->down)
        status = check_losses(w, step->revision, plan, error);
    w->step = step;
    if (status == FURROW_OK)
        status = furrow__digests_read(&w->before, &w->source, step->before, w->scratch, error);
    return status == FURROW_OK ? w->prover->status : status;
}

/* Returns whether extreme values in the rows can be the cause of the failure. */
static bool is_of_rows(furrow_status status)
{
    return status == FURROW_UNIQUE || status == FURROW_CHECK || status == FURROW_NOT_NULL ||
           status == FURROW_FOREIGN_KEY || status == FURROW_DATABASE || status == FURROW_INVALID;
}

/* Replaces the rows of the tables that the step changes, so that the step can be tried again.
 * Before an upgrade, these tables get plain rows. Before a downgrade, only those rows are kept that
 * existed before the upgrade, because they are known to fit the old schema. */
static furrow_status make_plain(furrow__walker *w)
{
    const furrow__catalog *before = w->step->before;
    bool down = w->step->down;
    const furrow__change_list *changes =
        down ? &w->step->revision->downgrade : &w->step->revision->upgrade;
    const furrow__rows_kept kept = {
        down ? &w->snapshots[w->applied - 1].rows : NULL,
        furrow__step_tables(before, changes, w->target->dialect, w->scratch)};
    furrow__preflight *all = furrow__arena_aligned(w->scratch, (changes->count + 1) * sizeof *all,
                                                   _Alignof(furrow__preflight));
    size_t count = 0;
    if (!all || !kept.tables)
        return furrow__fail(w->prover->error, FURROW_NOMEM, "out of memory");
    for (size_t i = 0; i < changes->count; i++)
        if (changes->items[i].table.name &&
            furrow__catalog_table_named(before, changes->items[i].table))
            all[count++] = (furrow__preflight){.table = changes->items[i].table};
    const furrow__rows_request request = {.catalog = before,
                                          .preflights = all,
                                          .count = count,
                                          .kept = down ? &kept : NULL,
                                          .allowances = &w->allowances};
    furrow_status status = furrow__rows_remove(&w->source, &request, w->prover->error);
    return status == FURROW_OK && !down ? seed(w, before, NULL, true) : status;
}

static furrow_status advance(furrow__walker *w, furrow__route_report *report, furrow_error *error)
{
    const furrow__route_hooks hooks = {.before = before_step, .context = w};
    bool down = w->phase == FURROW__PROVE_DOWN;
    return furrow__route_run(w->m, report,
                             &(furrow__route_request){.history = w->prover->history,
                                                      .target = down ? "-1" : "+1",
                                                      .down = down,
                                                      .hooks = &hooks},
                             w->scratch, error);
}

/* Reports that the step itself failed. The phase then ends. */
static void report_failure(furrow__walker *w, const furrow__route_report *report,
                           const furrow_error *error)
{
    furrow__buffer text = {0};
    furrow__buffer_format(&text, "the %s fails: %s",
                          w->phase == FURROW__PROVE_DOWN ? "downgrade" : "upgrade", error->message);
    furrow__report_text(w, false,
                        (furrow__finding){.location = report->step.place,
                                          .hint = error->hint[0] ? error->hint : NULL},
                        &text);
}

/* Runs a step. If the step fails because of the rows, it is tried again with plain rows. *fine is
 * set to whether the step succeeded. */
static furrow_status run_step(furrow__walker *w, bool *fine)
{
    furrow__prover *p = w->prover;
    furrow__route_report report;
    furrow__file_location location;
    furrow_error error = {0}, second = {0};
    *fine = false;
    w->step = NULL;
    furrow_status status = advance(w, &report, &error);
    location = report.step.place;
    if (p->status != FURROW_OK)
        return p->status;
    if (status != FURROW_OK && w->step && report.failed && is_of_rows(status)) {
        status = make_plain(w);
        if (status != FURROW_OK)
            return status;
        status = advance(w, &report, &second);
        if (status == FURROW_OK && w->phase == FURROW__PROVE_UP && !w->plain_from)
            w->plain_from = w->applied + 1;
        if (status == FURROW_OK) {
            furrow__buffer text = {0};
            furrow__buffer_format(
                &text, "proven with %s, because the seeded rows prevent the step: %s",
                w->step->down ? "rows from before the upgrade" : "plain rows", error.message);
            furrow__report_text(w, true, (furrow__finding){.location = location}, &text);
        }
    }
    *fine = status == FURROW_OK;
    if (status == FURROW_OK)
        return p->status;
    if (status == FURROW_NOMEM || status == FURROW_DISCONNECTED || status == FURROW_CANCELLED) {
        *p->error = second.status != FURROW_OK ? second : error;
        return status;
    }
    report_failure(w, &report, second.status != FURROW_OK ? &second : &error);
    return p->status;
}

static furrow_status check_schema(furrow__walker *w, furrow__catalog *live, furrow_arena *arena)
{
    furrow__schema_differences differences;
    furrow_status status = furrow__prove_schema(&differences, &w->source, w->step->after,
                                                w->scratch, w->prover->error);
    if (status == FURROW_OK)
        furrow__report_differences(w, &differences);
    if (status == FURROW_OK)
        status = furrow__prove_inspect(live, &w->source, arena, w->prover->error);
    if (status == FURROW_OK && w->phase != FURROW__PROVE_UP)
        status = furrow__prove_same(&differences, &w->snapshots[w->applied].schema, live,
                                    w->scratch, w->prover->error);
    if (status == FURROW_OK && w->phase != FURROW__PROVE_UP)
        furrow__report_differences(w, &differences);
    return status;
}

static furrow_status read_rows(furrow__walker *w, furrow__digests *out, furrow_arena *arena)
{
    return furrow__digests_read(out, &w->source, w->step->after, arena, w->prover->error);
}

/* Compares the schema and the rows with those before the step. After an upgrade, new rows are then
 * seeded. After a downgrade, the rows must be the same as after the first upgrade to this revision.
 */
static furrow_status check_after(furrow__walker *w, furrow__digests *rows)
{
    furrow__prover *p = w->prover;
    furrow__catalog live;
    bool first = w->phase == FURROW__PROVE_UP;
    furrow_arena *arena = first ? p->arena : w->scratch;
    furrow_status status = check_schema(w, first ? &w->snapshots[w->applied].schema : &live, arena);
    if (status == FURROW_OK)
        status = read_rows(w, rows, w->scratch);
    if (status == FURROW_OK)
        furrow__compare_step(w, rows);
    if (status != FURROW_OK || p->status != FURROW_OK)
        return status != FURROW_OK ? status : p->status;
    if (w->phase == FURROW__PROVE_DOWN) {
        if (!furrow__allowances_add_step(&w->allowances, w->step, w->scratch))
            return furrow__fail(p->error, FURROW_NOMEM, "out of memory");
        furrow__compare_return(w, &w->snapshots[w->applied].rows, rows);
        return p->status;
    }
    bool *changed = changed_tables(w);
    if (!furrow__allowances_rename(&w->allowances, &w->step->revision->upgrade) || !changed)
        return furrow__fail(p->error, FURROW_NOMEM, "out of memory");
    status = seed(w, w->step->after, changed, false);
    if (status == FURROW_OK)
        status = read_rows(w, rows, p->arena);
    if (first)
        w->snapshots[w->applied].rows = *rows;
    else
        w->last.rows = *rows;
    return status;
}

static void report_progress(furrow__walker *w, const furrow__digests *rows, size_t done,
                            size_t total, int64_t began)
{
    const furrow__prover *p = w->prover;
    furrow__prove_progress line = {.engine = w->engine,
                                   .phase = w->phase,
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

/* Runs one step and its checks. *on is set to whether the phase continues. */
static furrow_status walk_step(furrow__walker *w, size_t done, size_t total, bool *on)
{
    furrow_arena scratch = {0};
    furrow__digests rows = {0};
    furrow__prover *p = w->prover;
    int64_t began = furrow__now_ms();
    bool down = w->phase == FURROW__PROVE_DOWN;
    *on = false;
    if (p->options->is_stopped && p->options->is_stopped(p->options->context))
        return furrow__fail(p->error, FURROW_CANCELLED, "stopped");
    w->scratch = &scratch;
    w->revision = p->history->items[down ? w->applied - 1 : w->applied];
    w->found_before = p->report->finding_count;
    furrow_status status = run_step(w, on);
    if (status == FURROW_OK && *on) {
        w->applied = down ? w->applied - 1 : w->applied + 1;
        p->report->steps++;
        status = check_after(w, &rows);
    }
    if (status == FURROW_OK)
        report_progress(w, &rows, done, total, began);
    furrow__arena_done(&scratch);
    return status;
}

static furrow_status walk_up(furrow__walker *w, furrow__prove_phase phase, size_t to)
{
    furrow_status status = FURROW_OK;
    size_t from = w->applied;
    bool on = true;
    w->phase = phase;
    while (status == FURROW_OK && on && w->applied < to)
        status = walk_step(w, w->applied - from + 1, to - from, &on);
    return status;
}

/* Downgrades to the base, or to an irreversible revision. */
static furrow_status walk_down(furrow__walker *w)
{
    furrow_status status = FURROW_OK;
    size_t from = w->applied;
    bool on = true;
    w->phase = FURROW__PROVE_DOWN;
    while (status == FURROW_OK && on && w->applied > 0) {
        w->revision = w->prover->history->items[w->applied - 1];
        if (w->revision->irreversible) {
            furrow__report_finding(
                w, true,
                (furrow__finding){.message =
                                      "is irreversible, so its downgrade and the downgrades of "
                                      "earlier revisions are not proven"});
            break;
        }
        status = walk_step(w, from - w->applied + 1, from, &on);
    }
    return status == FURROW_OK ? w->prover->status : status;
}

static furrow_status walk(furrow__walker *w)
{
    static const furrow__verdict verdict = {"of the first upgrade are missing",
                                            "did not exist after the first upgrade",
                                            "differ from the first upgrade", NULL};
    furrow_status status = walk_up(w, FURROW__PROVE_UP, w->prover->history->count);
    w->reached = w->applied;
    if (status == FURROW_OK)
        status = walk_down(w);
    if (status != FURROW_OK || w->applied == w->reached)
        return status;
    bool from_base = w->applied == 0;
    if (from_base)
        w->last_key = 0;
    status = walk_up(w, FURROW__PROVE_AGAIN, w->reached);
    /* Seeding gives the same rows each time. The rows are compared with those of the first upgrade
     * only if the second upgrade was complete. */
    furrow_arena scratch = {0};
    w->scratch = &scratch;
    if (status == FURROW_OK && from_base && w->applied == w->reached)
        furrow__compare_equal(w, &w->snapshots[w->applied].rows, &w->last.rows, &verdict);
    furrow__arena_done(&scratch);
    return status == FURROW_OK ? w->prover->status : status;
}

static furrow_status open_walker(furrow__walker *w, furrow__prover *p,
                                 const furrow__prove_target *target)
{
    const furrow__migrator_options options = {.url = target->url,
                                              .lock_timeout_ms = 10000,
                                              .allow_data_loss = true,
                                              .create_database = true};
    size_t count = p->history->count + 1;
    *w = (furrow__walker){.prover = p,
                          .target = target,
                          .engine = furrow__dialect_name(target->dialect),
                          .allowances = {.arena = p->arena}};
    w->snapshots =
        furrow__arena_aligned(p->arena, count * sizeof *w->snapshots, _Alignof(furrow__snapshot));
    if (!w->snapshots)
        return furrow__fail(p->error, FURROW_NOMEM, "out of memory");
    memset(w->snapshots, 0, count * sizeof *w->snapshots);
    furrow_status status =
        furrow__migrator_open(&w->m, target->driver, target->dialect, &options, p->error);
    if (status == FURROW_OK)
        w->source =
            (furrow__content_source){furrow__migrator_connection(w->m), target->dialect, p->since};
    return status == FURROW_OK
               ? furrow__prove_inspect(&w->snapshots[0].schema, &w->source, p->arena, p->error)
               : status;
}

/* Returns whether the engines got different rows before the upgrade to this number of revisions,
 * because only one of them needed plain rows. */
static bool has_other_rows(const furrow__walker *a, const furrow__walker *b, size_t applied)
{
    size_t first = a->plain_from && (!b->plain_from || a->plain_from < b->plain_from)
                       ? a->plain_from
                       : b->plain_from;
    return a->plain_from != b->plain_from && applied >= first;
}

static void report_other_rows(furrow__walker *w, const furrow__walker *first)
{
    furrow__buffer text = {0};
    furrow__buffer_format(&text,
                          "from this revision on, the rows are not compared with %s, because only "
                          "one of the engines has plain rows",
                          first->engine);
    furrow__report_text(w, true, (furrow__finding){0}, &text);
}

/* Compares the rows of two engines after each revision. Stops at the first revision with
 * differences, and at the first revision for which only one engine has plain rows. */
static void compare_engines(furrow__walker *w, const furrow__walker *first)
{
    char text[80];
    snprintf(text, sizeof text, "differ from %s", first->engine);
    const furrow__verdict verdict = {"are missing", "exist on this engine only", text, NULL};
    size_t before = w->prover->report->finding_count;
    furrow_arena scratch = {0};
    w->scratch = &scratch;
    w->phase = FURROW__PROVE_ENGINES;
    for (size_t i = 1; i <= w->reached && i <= first->reached; i++) {
        w->revision = w->prover->history->items[i - 1];
        if (has_other_rows(w, first, i)) {
            report_other_rows(w, first);
            break;
        }
        furrow__compare_equal(w, &first->snapshots[i].rows, &w->snapshots[i].rows, &verdict);
        if (w->prover->report->finding_count > before)
            break;
    }
    furrow__arena_done(&scratch);
}

furrow_status furrow__prove(furrow__prove_report *report, const furrow__prove_options *options,
                            furrow_arena *arena, furrow_error *error)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    furrow__prover p = {.report = report,
                        .history = options->history,
                        .options = options,
                        .since = {((int64_t)now.tv_sec - 60) * 1000000},
                        .arena = arena,
                        .error = error};
    furrow_status status = FURROW_OK;
    size_t count = options->target_count;
    *report = (furrow__prove_report){0};
    furrow__walker *walkers =
        furrow__arena_aligned(arena, (count + 1) * sizeof *walkers, _Alignof(furrow__walker));
    if (!walkers)
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    for (size_t i = 0; i < count && status == FURROW_OK; i++) {
        status = open_walker(&walkers[i], &p, &options->targets[i]);
        if (status == FURROW_OK)
            status = walk(&walkers[i]);
        furrow__migrator_close(walkers[i].m);
    }
    for (size_t i = 1; i < count && status == FURROW_OK; i++)
        compare_engines(&walkers[i], &walkers[0]);
    return status == FURROW_OK ? p.status : status;
}
