/* SPDX-License-Identifier: MIT
 * Makes histories for tests. A test gives the body of each revision file; the headers are computed.
 */
#ifndef FURROW_TESTS_MIGRATE_HISTORY_H
#define FURROW_TESTS_MIGRATE_HISTORY_H

#include <stdio.h>
#include <string.h>

#include "migrate/revision/revision.h"

typedef struct written {
    furrow__history history;
    furrow__catalog schema; /* the schema after the last revision */
    furrow_arena *arena;
    char id[FURROW__REVISION_ID_SIZE];
} written;

static inline void begin_history(written *w, furrow_arena *arena)
{
    *w = (written){.arena = arena, .history = {.arena = arena}};
    furrow__catalog_init(&w->schema, NULL, arena);
}

static inline void write_file(furrow__buffer *out, const written *w, size_t number,
                              const char *before, const char *after, const char *body)
{
    char parent[FURROW__REVISION_ID_SIZE];
    snprintf(parent, sizeof parent, "%012zx", number - 1);
    furrow__buffer_format(out,
                          "-- furrow revision %012zx\n-- parent: %s\n-- message: revision %zu\n"
                          "-- before: %s\n-- after: %s\n%s",
                          number, number > 1 ? parent : "none", number, before, after, body);
    (void)w;
}

/* Adds a revision. `body` is the text of its file without the header. */
static inline void add_revision(written *w, const char *body)
{
    static const char zero[] = "00000000000000000000000000000000";
    size_t number = w->history.count + 1;
    char before[FURROW__FINGERPRINT_SIZE], after[FURROW__FINGERPRINT_SIZE], file[32];
    furrow__file_location place = {.line = 0, .column = 0};
    furrow_error error = {0};
    furrow__buffer text = {0};
    furrow__history draft = {.arena = w->arena};
    snprintf(file, sizeof file, "%02zu.sql", number);
    write_file(&text, w, number, zero, zero, body);
    if (furrow__history_add(&draft,
                            &(furrow__source_text){
                                .text = text.text, .size = text.size, .location = {.file = file}},
                            &place, &error) != FURROW_OK)
        fail_msg("%s:%u:%u: %s", file, place.line, place.column, error.message);
    furrow__catalog_fingerprint(before, &w->schema, &error);
    if (furrow__changes_apply(&w->schema, &draft.items[0]->upgrade, &error) != FURROW_OK)
        fail_msg("%s: %s", file, error.message);
    furrow__catalog_fingerprint(after, &w->schema, &error);
    furrow__buffer_clear(&text);
    write_file(&text, w, number, before, after, body);
    assert_int_equal(furrow__history_add(&w->history,
                                         &(furrow__source_text){.text = text.text,
                                                                .size = text.size,
                                                                .location = {.file = file}},
                                         &place, &error),
                     FURROW_OK);
    furrow__buffer_done(&text);
}

static inline void end_history(written *w)
{
    furrow_error error = {0};
    if (furrow__history_link(&w->history, &error) != FURROW_OK)
        fail_msg("%s", error.message);
}

#endif
