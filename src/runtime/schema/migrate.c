/* SPDX-License-Identifier: MIT
 *
 * furrow_migrate: a program calls it to upgrade its own database. src/migrate defines what
 * revisions mean and how they run. This file decides on which connection they run. It also decides
 * what the call waits for, and for how long.
 *
 * If all revisions have been applied, which is the usual case when a program starts, no lock is
 * taken.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "migrate/apply/drift.h"
#include "migrate/apply/route.h"
#include "runtime/session/transaction.h"
#include "sql/dialect.h"

enum { STANDARD_TIMEOUT_MS = 60000, FIRST_PAUSE_MS = 20, LONGEST_PAUSE_MS = 500 };

/* The state of one call. */
typedef struct call {
    struct furrow_migrate_options o;
    const furrow__dialect *dialect;
    bool has_one_writer; /* the call uses the engine's connection, because another connection would
                            wait for the engine's writer */
    bool is_memory;
    furrow__pooled *pooled; /* the engine's writer while this call holds it; otherwise NULL */
    pthread_mutex_t cancelling;
    furrow__subtransaction subtransaction;
    furrow__migrator *m;
    furrow__history history;
    bool *applied;
    size_t missing; /* number of revisions that have not been applied */
    const furrow__revision_step *running;
    size_t done, total; /* number of all revisions */
    int64_t began_ms;
    furrow_arena arena;
    furrow_error error;
} call;

static int left_ms(const call *c)
{
    int64_t left = c->o.timeout_ms - (furrow__now_ms() - c->began_ms);
    return left > 0 ? (int)left : 0;
}

static furrow_status no_memory(call *c)
{
    return furrow__fail(&c->error, FURROW_NOMEM, "out of memory");
}

static furrow_status read_history(call *c)
{
    const furrow_history *from = c->o.history;
    furrow__file_location place = {0};
    c->history = (furrow__history){.arena = &c->arena};
    furrow_status status = FURROW_OK;
    for (size_t i = 0; i < from->count && status == FURROW_OK; i++) {
        const furrow_history_file *file = &from->files[i];
        status = furrow__history_add(&c->history,
                                     &(furrow__source_text){.text = file->text,
                                                            .size = file->size,
                                                            .location = {.file = file->name}},
                                     &place, &c->error);
        place.file = file->name;
        if (status == FURROW_INVALID)
            furrow__error_locate(&c->error, place);
    }
    if (status == FURROW_OK)
        status = furrow__history_link(&c->history, &c->error);
    if (status == FURROW_OK)
        c->applied = furrow__arena_aligned(&c->arena, c->history.count + 1, 1);
    return status == FURROW_OK && !c->applied ? no_memory(c) : status;
}

/* Returns the newest revision. */
static furrow_status find_head(call *c, furrow__revision **out)
{
    *out = NULL;
    size_t count = furrow__history_heads(&c->history, out, 1);
    if (count < 2)
        return FURROW_OK;
    furrow__fail(&c->error, FURROW_INVALID, "history \"%s\" has %zu heads", c->o.history->name,
                 count);
    return furrow__hint(&c->error, "join them with furrow merge, and embed the history again");
}

static void give_back(call *c, bool dirty)
{
    if (c->pooled)
        furrow__pool_release(c->pooled, dirty);
    c->pooled = NULL;
}

/* Takes the engine's writer, so that no session of this process holds the database's write lock.
 * Then commits the transactions that were waiting for a common commit. */
static furrow_status take_writer(call *c)
{
    const furrow_driver *driver = furrow__engine_driver(c->o.engine);
    furrow_status status =
        furrow__pool_acquire_writer(c->o.engine, &c->pooled, &c->subtransaction,
                                    (furrow__call_site){__FILE__, __LINE__}, &c->error);
    if (status != FURROW_OK)
        return status;
    status =
        furrow__group_begin(c->pooled, &c->subtransaction, FURROW_ISOLATION_DEFAULT, &c->error);
    if (status == FURROW_OK)
        status = furrow__group_detach(c->pooled, &c->subtransaction, &c->error);
    if (status == FURROW_OK) {
        furrow_error ignored;
        driver->rollback(c->pooled->connection, &ignored);
        return FURROW_OK;
    }
    if (c->subtransaction.joined) {
        furrow__group_abandon(c->pooled, &c->subtransaction, &c->error);
        c->pooled = NULL;
    }
    give_back(c, false);
    return status;
}

static void tell_rows(const furrow__migrator_progress *progress, void *context)
{
    call *c = context;
    const furrow__revision *revision = c->running ? c->running->revision : NULL;
    furrow_migrate_event event = {
        .revision = revision ? revision->id : "",
        .message = revision ? revision->message : "",
        .what = progress->what,
        .done = progress->done,
        .total = progress->total,
        .elapsed_ms = furrow__now_ms() - c->began_ms,
    };
    c->o.progress(c->o.progress_context, &event);
}

static furrow_status connect(call *c, bool to_look)
{
    furrow__migrator_options options = {
        .url = furrow__engine_options(c->o.engine)->url,
        .lock_timeout_ms = left_ms(c),
        /* a statement also waits this long for a table that another transaction has locked */
        .table_timeout_ms = left_ms(c) > 0 ? left_ms(c) : 1,
        .allow_data_loss = c->o.allow_data_loss,
        .ignore_drift = c->o.ignore_drift,
        .create_database = !to_look,
        .read_only = to_look,
        .progress = c->o.progress ? tell_rows : NULL,
        .context = c,
    };
    if (!c->is_memory)
        return furrow__migrator_open(&c->m, furrow__engine_driver(c->o.engine), c->dialect,
                                     &options, &c->error);
    furrow_status status = c->pooled ? FURROW_OK : take_writer(c);
    return status == FURROW_OK ? furrow__migrator_open_on(&c->m, c->pooled->connection, c->dialect,
                                                          &options, &c->error)
                               : status;
}

static void disconnect(call *c)
{
    furrow__migrator_close(c->m);
    c->m = NULL;
    give_back(c, c->is_memory);
}

/* Reads which revisions have been applied, and counts the missing ones. Fails if the database has
 * revisions that this program does not know, such as those of a newer program. */
static furrow_status read_applied(call *c)
{
    const furrow__revision *half = NULL;
    furrow_status status =
        furrow__migrator_applied(c->m, &c->history, c->applied, &half, &c->error);
    if (status == FURROW_SCHEMA)
        furrow__hint(&c->error, "this program may be older than the database, or its history was "
                                "edited: run the program that belongs to the database");
    c->missing = 0;
    for (size_t i = 0; i < c->history.count; i++)
        c->missing += !c->applied[i];
    if (status == FURROW_OK && half)
        c->missing += c->missing == 0;
    return status;
}

static furrow_status find_drift(call *c)
{
    furrow__catalog expected;
    furrow_connection *connection = furrow__migrator_connection(c->m);
    furrow_error ignored;
    furrow_status status =
        furrow__history_replay(&expected, &c->history, c->applied, &c->arena, &c->error);
    if (status == FURROW_OK)
        status = connection->driver->begin(connection, FURROW_ISOLATION_DEFAULT,
                                           !furrow__drift_find_writes(c->dialect), &c->error);
    if (status == FURROW_OK)
        status = furrow__migrator_check_drift(c->m, &expected, &c->error);
    if (connection->in_transaction)
        connection->driver->rollback(connection, &ignored);
    /* The check needs temporary tables, and a standby cannot create them. The check is not needed
     * there, because the tables of a standby cannot be changed. */
    if (status != FURROW_OK && strcmp(c->error.sqlstate, "25006") == 0)
        return FURROW_OK;
    return status;
}

/* Checks that the tables still match the applied revisions. */
static furrow_status confirm(call *c)
{
    return c->o.ignore_drift ? FURROW_OK : find_drift(c);
}

static furrow_status refuse(call *c, furrow_status status, const furrow__revision *head)
{
    const char *at = NULL;
    for (size_t i = 0; i < c->history.count; i++)
        at = c->applied[i] ? c->history.items[i]->id : at;
    furrow__fail(&c->error, status,
                 "the database is at %s%s, and this program needs revision %s (%s): %zu %s not "
                 "applied",
                 at ? "revision " : "no revision", at ? at : "", head->id, head->message,
                 c->missing, c->missing == 1 ? "is" : "are");
    return furrow__hint(&c->error,
                        "furrow upgrade applies them, or .mode = FURROW_MIGRATE_UPGRADE");
}

/* Waits until all revisions have been applied. Each check uses a new connection, so that no
 * connection is kept between the checks. */
static furrow_status wait_for_others(call *c, const furrow__revision *head)
{
    for (int pause = FIRST_PAUSE_MS;;
         pause = pause < LONGEST_PAUSE_MS / 2 ? pause * 2 : LONGEST_PAUSE_MS) {
        int left = left_ms(c);
        if (left <= 0)
            return refuse(c, FURROW_TIMEOUT, head);
        int ms = pause < left ? pause : left;
        disconnect(c);
        struct timespec wait = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
        nanosleep(&wait, NULL);
        furrow_status status = connect(c, true);
        if (status == FURROW_OK)
            status = read_applied(c);
        if (status == FURROW_BUSY)
            continue;
        if (status != FURROW_OK)
            return status;
        if (!c->missing)
            return confirm(c);
    }
}

static furrow_status before_step(const furrow__revision_step *step, const furrow__plan *plan,
                                 void *context, furrow_error *error)
{
    call *c = context;
    (void)plan;
    (void)error;
    c->running = step;
    return FURROW_OK;
}

static void after_step(const furrow__revision_step *step, const furrow__step_report *report,
                       void *context)
{
    call *c = context;
    (void)report;
    c->done++;
    if (!c->o.progress)
        return;
    furrow_migrate_event event = {.revision = step->revision->id,
                                  .message = step->revision->message,
                                  .done = c->done,
                                  .total = c->total,
                                  .elapsed_ms = furrow__now_ms() - c->began_ms};
    c->o.progress(c->o.progress_context, &event);
}

/* Adds the location of the failed step to the error. */
static furrow_status name_step(call *c, furrow_status status, const furrow__route_report *report)
{
    furrow__file_location place = report->step.place;
    if (status == FURROW_NOMEM)
        return status;
    if (report->failed) {
        place.file = report->failed->revision->file;
        furrow__error_locate(&c->error, place);
    }
    if (status != FURROW_BUSY)
        return status;
    c->error.status = FURROW_TIMEOUT;
    return FURROW_TIMEOUT;
}

static furrow_status upgrade(call *c)
{
    const furrow__route_hooks hooks = {before_step, after_step, c};
    const furrow_history_file *sum = &c->o.history->sum;
    furrow__route_report report = {0};
    bool differs;
    furrow_status status =
        furrow__sum_check(&c->history, sum->text ? sum->text : "", sum->size, &differs, &c->error);
    if (status != FURROW_OK)
        return status;
    disconnect(c);
    status = c->has_one_writer ? take_writer(c) : FURROW_OK;
    if (status == FURROW_OK)
        status = connect(c, false);
    c->total = c->missing;
    if (status == FURROW_OK)
        status = furrow__route_run(
            c->m, &report,
            &(furrow__route_request){
                .history = &c->history, .target = "head", .down = false, .hooks = &hooks},
            &c->arena, &c->error);
    return status == FURROW_OK ? FURROW_OK : name_step(c, status, &report);
}

static furrow_status migrate(call *c)
{
    furrow__revision *head;
    furrow_status status = read_history(c);
    if (status == FURROW_OK)
        status = find_head(c, &head);
    if (status != FURROW_OK || !head)
        return status;
    status = connect(c, true);
    if (status == FURROW_OK)
        status = read_applied(c);
    if (status != FURROW_OK)
        return status;
    if (!c->missing)
        return confirm(c);
    switch (c->o.mode) {
    case FURROW_MIGRATE_WAIT:
        return wait_for_others(c, head);
    case FURROW_MIGRATE_REFUSE:
        return refuse(c, FURROW_SCHEMA, head);
    default:
        return upgrade(c);
    }
}

static furrow_status check_options(call *c)
{
    const struct furrow_migrate_options *o = &c->o;
    if (!o->engine || !o->history)
        return furrow__fail(&c->error, FURROW_INVALID,
                            "furrow_migrate needs an engine and a "
                            "history");
    if (o->history->format != FURROW_HISTORY_FORMAT_VERSION)
        return furrow__fail(&c->error, FURROW_INVALID,
                            "the history was embedded by another version of furrow");
    if (o->timeout_ms < -1 || o->mode < FURROW_MIGRATE_UPGRADE || o->mode > FURROW_MIGRATE_REFUSE)
        return furrow__fail(&c->error, FURROW_INVALID,
                            o->timeout_ms < -1 ? "timeout_ms = %d is negative"
                                               : "mode = %d is not a furrow_migrate_mode",
                            o->timeout_ms < -1 ? o->timeout_ms : (int)o->mode);
    return furrow__engine_is_here(o->engine) ? FURROW_OK : furrow__engine_not_here(&c->error);
}

furrow_status furrow_migrate_(size_t size, const struct furrow_migrate_options *options)
{
    call c = {.cancelling = PTHREAD_MUTEX_INITIALIZER, .began_ms = furrow__now_ms()};
    furrow__copy_struct(&c.o, sizeof c.o, options, size);
    furrow_status status = check_options(&c);
    c.subtransaction.cancelling = &c.cancelling;
    if (status == FURROW_OK) {
        c.o.timeout_ms = c.o.timeout_ms < 0    ? 0
                         : c.o.timeout_ms == 0 ? STANDARD_TIMEOUT_MS
                                               : c.o.timeout_ms;
        c.dialect = furrow__engine_dialect_of(c.o.engine);
        c.has_one_writer = !c.dialect->has_row_locks;
        c.is_memory = furrow__engine_is_memory(c.o.engine);
        furrow__engine_retain(c.o.engine);
        status = migrate(&c);
        disconnect(&c);
        furrow__engine_release(c.o.engine);
    }
    furrow__arena_done(&c.arena);
    furrow__copy_error(c.o.error, c.o.error_size_, status ? &c.error : &(furrow_error){0});
    return status;
}
