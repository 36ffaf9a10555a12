/* SPDX-License-Identifier: MIT
 * Shows transactions, the memory of rows, read-only sessions, and sessions of threads. */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "event.furrow.h"

enum { THREADS = 4, EVENTS = 25 };

/* Receives the mistakes that only the engine can notice. */
static void report(void *context, const furrow_report_event *event)
{
    (void)context;
    if (event->kind != FURROW_REPORT_UNCOMMITTED || !event->file)
        return;
    const char *slash = strrchr(event->file, '/');
    printf("changes were lost: the session of %s was closed without a commit\n",
           slash ? slash + 1 : event->file);
}

/* Each thread has a session of its own. */
static void *insert_events(void *context)
{
    furrow_engine *engine = context;
    furrow_session *s = furrow_session_open(engine);
    for (int i = 0; i < EVENTS; i++) {
        char name[32];
        snprintf(name, sizeof name, "event %d", i);
        event_insert(s, &(struct event){.name = name});
        furrow_commit(s);
    }
    if (furrow_session_status(s))
        fprintf(stderr, "sessions: %s\n", furrow_session_error(s)->message);
    furrow_session_close(s);
    return NULL;
}

/* Marks events in transactions of ten rows. Resetting the session frees the rows of each one. */
static furrow_status finish_events(furrow_engine *engine)
{
    furrow_status status = FURROW_OK;
    furrow_session *s = furrow_session_open(engine);
    for (size_t count = 10; count == 10 && status == FURROW_OK;) {
        struct event_list events;
        event_find(s, &events, .where = {furrow_eq(EVENT.done, false)},
                   .order_by = {furrow_asc(EVENT.id)}, .limit = 10);
        furrow_each (struct event, e, events) {
            e->done = true;
            event_update(s, e);
        }
        count = events.count;
        status = furrow_commit(s);
        furrow_session_reset(s);
    }
    furrow_session_close(s);
    return status;
}

/* Returns the number of events that are not done. */
static int64_t count_open(furrow_engine *engine)
{
    int64_t count;
    FURROW_AUTO_SESSION s = furrow_session_open(engine, .read_only = true);
    event_count(s, &count, .where = {furrow_eq(EVENT.done, false)});
    return furrow_session_status(s) == FURROW_OK ? count : -1;
}

int main(int argc, char **argv)
{
    furrow_engine *engine;
    furrow_error error;
    if (furrow_engine_open(&engine, argc > 1 ? argv[1] : "sqlite:///sessions.db", &error,
                           .report = report)) {
        fprintf(stderr, "sessions: %s\n", error.message);
        return 1;
    }
    furrow_session *s = furrow_session_open(engine);
    furrow_create_all(s, &event_schema);
    furrow_commit(s);

    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, insert_events, engine);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    printf("%" PRId64 " open events\n", count_open(engine));

    finish_events(engine);
    printf("%" PRId64 " open events\n", count_open(engine));

    /* The commit was forgotten. */
    event_insert(s, &(struct event){.name = "lost"});
    furrow_session_close(s);
    printf("%" PRId64 " open events\n", count_open(engine));

    furrow_engine_close(engine);
    return 0;
}
