/* SPDX-License-Identifier: MIT
 * Replaces the first revisions of a history with one revision. See squash.h. */
#include "migrate/author/squash.h"

#include <string.h>

#include "base/text.h"
#include "migrate/revision/change_parts.h"
#include "migrate/author/diff.h"

typedef struct squasher {
    furrow__squash *out;
    const furrow__history *history;
    size_t to; /* index of the last squashed revision in the history */
    bool *marks;
    furrow_arena *arena;
    furrow_error *error;
    size_t loss_capacity, id_capacity;
    furrow__squash_loss *losses;
    const char **ids;
} squasher;

static furrow_status no_memory(squasher *s)
{
    return furrow__fail(s->error, FURROW_NOMEM, "out of memory");
}

/* Fails if a revision that is not squashed has a squashed revision as a parent. Only the last
 * squashed revision is allowed as a parent. */
static furrow_status check_edges(squasher *s)
{
    const furrow__history *history = s->history;
    for (size_t i = 0; i < history->count; i++) {
        const furrow__revision *revision = history->items[i];
        for (size_t k = 0; k < revision->parent_count && !s->marks[i]; k++) {
            size_t parent = furrow__history_place(history, revision->parents[k]);
            if (parent >= history->count || !s->marks[parent] || parent == s->to)
                continue;
            furrow_error own = {0};
            furrow__fail(&own, FURROW_INVALID, "the parent %s is not the last squashed revision",
                         revision->parents[k]);
            furrow__hint(&own,
                         "squash up to %s, or join the branches with furrow merge and squash both",
                         revision->parents[k]);
            return furrow__revision_fail(revision, "-- parent: ", &own, s->error);
        }
    }
    return FURROW_OK;
}

static bool add_id(squasher *s, const char *id)
{
    const char **more =
        furrow__arena_room(s->arena, s->ids, s->out->squash_count, &s->id_capacity, sizeof *more);
    if (!more)
        return false;
    s->ids = more;
    more[s->out->squash_count++] = id;
    s->out->squashes = more;
    return true;
}

/* Lists the ids of the squashed revisions. The last revision comes first. */
static furrow_status list_ids(squasher *s)
{
    for (size_t i = s->to + 1; i > 0; i--) {
        const furrow__revision *revision = s->history->items[i - 1];
        if (!s->marks[i - 1])
            continue;
        if (!add_id(s, revision->id))
            return no_memory(s);
        s->out->files[s->out->file_count++] = revision;
    }
    for (size_t i = 0; i < s->out->file_count; i++)
        for (size_t k = 0; k < s->out->files[i]->squash_count; k++)
            if (!add_id(s, s->out->files[i]->squashes[k]))
                return no_memory(s);
    return FURROW_OK;
}

static furrow_status list_losses(squasher *s)
{
    for (size_t i = s->out->file_count; i > 0; i--) {
        const furrow__revision *revision = s->out->files[i - 1];
        for (size_t k = 0; k < revision->upgrade.count; k++) {
            const furrow__change *change = &revision->upgrade.items[k];
            if (change->kind != FURROW__DATA && change->kind != FURROW__ENGINE)
                continue;
            furrow__squash_loss *more = furrow__arena_room(s->arena, s->losses, s->out->loss_count,
                                                           &s->loss_capacity, sizeof *more);
            if (!more)
                return no_memory(s);
            s->losses = more;
            s->out->losses = more;
            more[s->out->loss_count++] = (furrow__squash_loss){revision, change};
        }
    }
    return FURROW_OK;
}

static furrow_status make_changes(squasher *s)
{
    furrow__catalog nothing;
    furrow__diff diff;
    furrow__catalog_init(&nothing, NULL, s->arena);
    furrow_status status =
        furrow__history_replay(&s->out->after, s->history, s->marks, s->arena, s->error);
    if (status == FURROW_OK)
        status = furrow__diff_catalogs(
            &diff, &(furrow__diff_request){&nothing, &s->out->after, (furrow__diff_options){0}},
            s->arena, s->error);
    if (status != FURROW_OK)
        return status;
    s->out->upgrade = diff.changes;
    status =
        furrow__diff_catalogs(&diff,
                              &(furrow__diff_request){&s->out->after, &nothing,
                                                      (furrow__diff_options){.is_downgrade = true}},
                              s->arena, s->error);
    s->out->downgrade = diff.changes;
    return status;
}

furrow_status furrow__squash_make(furrow__squash *out, const furrow__history *history,
                                  const furrow__revision *to, furrow_arena *arena,
                                  furrow_error *error)
{
    squasher s = {.out = out,
                  .history = history,
                  .to = furrow__history_place(history, to->id),
                  .arena = arena,
                  .error = error};
    *out = (furrow__squash){0};
    s.marks = furrow__arena_aligned(arena, history->count + 1, 1);
    out->files = furrow__arena_aligned(arena, (history->count + 1) * sizeof *out->files,
                                       _Alignof(furrow__revision *));
    if (!s.marks || !out->files)
        return no_memory(&s);
    furrow__history_ancestors(history, s.to, s.marks);
    furrow_status status = list_ids(&s);
    if (status == FURROW_OK && out->file_count < 2)
        status = furrow__fail(error, FURROW_INVALID, "cannot squash a single revision: %s", to->id);
    if (status == FURROW_OK)
        status = check_edges(&s);
    if (status == FURROW_OK)
        status = list_losses(&s);
    return status == FURROW_OK ? make_changes(&s) : status;
}
