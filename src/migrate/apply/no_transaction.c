/* SPDX-License-Identifier: MIT
 *
 * A no-transaction revision on PostgreSQL: each statement is committed by itself, together with the
 * number of statements that are done. One that cannot run in a transaction (CONCURRENTLY) commits
 * before its number; whether it did is then read from the server.
 */
#include <string.h>

#include "base/text.h"
#include "migrate/apply/parts.h"
#include "scan/scan.h"

typedef struct steps {
    furrow__migrator *m;
    const furrow__revision_step *step;
    furrow__step_report *report;
    furrow_error *error;
    char fingerprint[FURROW__FINGERPRINT_SIZE];
    size_t done;
    furrow__block_effect effect; /* nothing where a revision is taken up again */
    furrow_arena arena;          /* of the note */
    bool resumed;                /* the statement at `done` may have run already */
} steps;

static furrow_status begin(steps *s)
{
    return s->m->driver->begin(s->m->connection, FURROW_ISOLATION_DEFAULT, false, s->error);
}

/* Commit, or roll back what failed. */
static furrow_status end(steps *s, furrow_status status)
{
    furrow_error ignored;
    if (status == FURROW_OK)
        return s->m->driver->commit(s->m->connection, s->error);
    if (s->m->connection->in_transaction)
        s->m->driver->rollback(s->m->connection, &ignored);
    return status;
}

static furrow_status note_done(steps *s, size_t count)
{
    const furrow__revision *revision = s->step->revision;
    int64_t number = s->step->down ? -1 - (int64_t)s->done : (int64_t)s->done;
    if (s->done < count)
        return furrow__revision_row_write(s->m, revision, s->fingerprint, &number, s->error);
    if (s->step->down)
        return furrow__revision_row_delete(s->m, revision->id, s->error);
    return furrow__revision_row_write(s->m, revision, s->fingerprint, NULL, s->error);
}

/* ---- CONCURRENTLY ---- */

/* The index that CREATE or DROP INDEX CONCURRENTLY is about; false for any other statement. */
static bool is_concurrent(const char *sql, bool *creates, const char **index, const char **schema,
                          furrow_arena *arena)
{
    furrow__cursor w = furrow__cursor_begin(sql, strlen(sql), FURROW__SCAN_POSTGRESQL);
    *creates = furrow__token_is_keyword(w.token, "CREATE");
    *index = *schema = NULL;
    for (int i = 0; i < 4 && !furrow__token_is_keyword(w.token, "CONCURRENTLY"); i++)
        furrow__cursor_next(&w);
    if (!furrow__token_is_keyword(w.token, "CONCURRENTLY"))
        return false;
    furrow__cursor_next(&w);
    *index = furrow__token_copy(w.token, arena);
    furrow__cursor_next(&w);
    if (furrow__token_is(w.token, '.')) {
        furrow__cursor_next(&w);
        *schema = *index;
        *index = furrow__token_copy(w.token, arena);
    }
    return *index != NULL;
}

/* Is there an index of this name, and did its making come to an end? */
static furrow_status find_index(steps *s, const char *schema, const char *index, bool *there,
                                bool *valid, furrow_arena *arena)
{
    const char *texts[] = {schema, index};
    furrow__query q = furrow__query_begin_with(
        s->m->connection,
        "SELECT i.indisvalid FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid ="
        " i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relname = $2::text AND n.nspname = COALESCE($1::text, current_schema()::text)",
        (furrow__texts){texts, 2}, arena, s->error);
    *there = furrow__query_next(&q);
    *valid = *there && furrow__query_bool(&q, 0);
    return furrow__query_end(&q);
}

static furrow_status drop_half_made(steps *s, const char *schema, const char *index)
{
    furrow__buffer sql = {0};
    furrow__buffer_add_text(&sql, "DROP INDEX CONCURRENTLY ");
    if (schema) {
        furrow__sql_identifier(&sql, schema);
        furrow__buffer_add_char(&sql, '.');
    }
    furrow__sql_identifier(&sql, index);
    return furrow__execute_buffer(s->m->connection, &sql, s->error);
}

static furrow_status run_concurrent(steps *s, const furrow__action *action, bool creates,
                                    const char *index, const char *schema, furrow_arena *arena)
{
    bool there, valid;
    furrow_status status = find_index(s, schema, index, &there, &valid, arena);
    if (status == FURROW_OK && creates && there && !valid) {
        status = drop_half_made(s, schema, index);
        there = false;
    }
    if (status != FURROW_OK || (s->resumed && there == creates))
        return status;
    /* Nobody who reads or writes rows waits behind it, while it waits for transactions that end
     * when they end: a limit would only leave half an index. */
    furrow_error ignored;
    status = furrow__apply_wait_for_ever(s->m, true, s->error);
    if (status == FURROW_OK)
        status = furrow__step_run_action(s->m, action, s->report, s->error);
    furrow_status back =
        furrow__apply_wait_for_ever(s->m, false, status == FURROW_OK ? s->error : &ignored);
    return status == FURROW_OK ? back : status;
}

/* ---- one by one ---- */

/* Of a revision that is taken up again it is not known what was there before it. */
static furrow_status check_effect(steps *s)
{
    if (s->effect.looks || s->m->options.ignore_drift || !furrow__step_has_block(s->m, s->step))
        return furrow__block_effect_check(&s->effect, s->m, s->step, &s->report->place, s->error);
    return furrow__migrator_check_drift(s->m, s->step->after, s->error);
}

static furrow_status run_one(steps *s, const furrow__action *action, size_t count)
{
    furrow_arena arena = {0};
    const char *index, *schema;
    bool creates;
    bool apart = is_concurrent(action->sql, &creates, &index, &schema, &arena);
    furrow_status status =
        apart ? run_concurrent(s, action, creates, index, schema, &arena) : FURROW_OK;
    if (status == FURROW_OK)
        status = begin(s);
    if (status == FURROW_OK) {
        if (!apart)
            status = furrow__step_run_action(s->m, action, s->report, s->error);
        if (status != FURROW_OK)
            s->report->place = action->place;
        s->done++;
        if (status == FURROW_OK && s->done == count)
            status = check_effect(s);
        if (status == FURROW_OK)
            status = note_done(s, count);
        status = end(s, status);
        s->done -= status != FURROW_OK;
    }
    if (status != FURROW_OK && !s->report->place.line)
        s->report->place = action->place;
    s->resumed = false;
    furrow__arena_done(&arena);
    return status;
}

/* How far it is; where it begins, preflight and drift come first and the row is written. */
static furrow_status start(steps *s, const furrow__plan *plan)
{
    furrow_arena arena = {0};
    furrow__revision_row *row = NULL;
    furrow_status status = begin(s);
    if (status != FURROW_OK)
        return status;
    status = s->m->driver->lock_schema(s->m->connection, s->error);
    if (status == FURROW_OK)
        status = furrow__step_find_row(s->m, s->step, &row, &s->report->was_done, &arena, s->error);
    if (status == FURROW_OK && !s->report->was_done && row && !row->is_whole) {
        s->resumed = true;
        s->done = (size_t)(row->steps_done < 0 ? -1 - row->steps_done : row->steps_done);
    } else if (status == FURROW_OK && !s->report->was_done) {
        status = furrow__step_check(s->m, s->step, plan, s->report, s->error);
        if (status == FURROW_OK)
            status = furrow__block_effect_note(&s->effect, s->m, s->step, &s->arena, s->error);
        if (status == FURROW_OK)
            status = furrow__revision_table_create(s->m, s->error);
        if (status == FURROW_OK)
            status = note_done(s, plan->count);
    }
    furrow__arena_done(&arena);
    return end(s, status);
}

/* What was accepted as it is, is so of the tables as they are now. */
static furrow_status renew_accepted(steps *s)
{
    furrow_status status = begin(s);
    if (status != FURROW_OK)
        return status;
    return end(s, furrow__drift_renew_accepted(s->m, s->step->after, s->error));
}

furrow_status furrow__step_run_without_transaction(furrow__migrator *m,
                                                   const furrow__revision_step *step,
                                                   const furrow__plan *plan,
                                                   furrow__step_report *report, furrow_error *error)
{
    steps s = {.m = m, .step = step, .report = report, .error = error};
    furrow_status status = furrow__catalog_fingerprint(s.fingerprint, step->after, error);
    if (status == FURROW_OK)
        status = start(&s, plan);
    while (status == FURROW_OK && !report->was_done && s.done < plan->count)
        status = run_one(&s, &plan->actions[s.done], plan->count);
    if (status == FURROW_OK && !report->was_done && !m->options.ignore_drift)
        status = renew_accepted(&s);
    report->steps_kept = s.done;
    report->steps_total = plan->count;
    furrow__arena_done(&s.arena);
    return status;
}
