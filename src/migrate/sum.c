/* SPDX-License-Identifier: MIT
 *
 * furrow.sum: a line a revision, with the hash of its file and of what it renders to on each
 * engine. A file that was edited is refused, and one that this version of furrow would render
 * otherwise than the one that wrote the sum. Where an engine cannot have a revision, its hash is
 * "-".
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "migrate/change_parts.h"
#include "migrate/plan.h"
#include "migrate/revision.h"

enum { ENGINES = 2, LINE_SIZE = 16 + 3 * FURROW__FINGERPRINT_SIZE };

static const furrow__dialect *const engines[ENGINES] = {&furrow__dialect_sqlite,
                                                        &furrow__dialect_postgresql};
static const char head[] = "# furrow.sum: revision, its file's hash, its hash on sqlite and on "
                           "postgresql; written by furrow, kept with the files\n";

/* What a list renders to, behind what is in `out`; false where the engine cannot have it. */
static bool render(furrow__buffer *out, const furrow__dialect *dialect,
                   const furrow__catalog *before, const furrow__change_list *list,
                   furrow_arena *arena, furrow_error *error)
{
    furrow__plan plan;
    if (furrow__plan_make(&plan, dialect, (furrow__engine_facts){0}, before, list, arena, error) !=
        FURROW_OK)
        return false;
    furrow__plan_write(out, &plan);
    return true;
}

static furrow_status hash_on(char out[FURROW__FINGERPRINT_SIZE], const furrow__dialect *dialect,
                             const furrow__revision *revision, const furrow__catalog *before,
                             const furrow__catalog *after, furrow_error *error)
{
    furrow_arena arena = {0};
    furrow__buffer text = {0};
    furrow_error own = {0};
    furrow_status status = FURROW_OK;
    bool fine = render(&text, dialect, before, &revision->upgrade, &arena, &own);
    furrow__buffer_add_text(&text, "-- downgrade\n");
    fine = fine && render(&text, dialect, after, &revision->downgrade, &arena, &own);
    if (text.failed || (!fine && own.status == FURROW_NOMEM))
        status = furrow__fail(error, FURROW_NOMEM, "out of memory");
    else if (fine)
        furrow__revision_hash(out, text.text, text.size);
    else
        furrow__copy_text(out, FURROW__FINGERPRINT_SIZE, "-");
    furrow__buffer_done(&text);
    furrow__arena_done(&arena);
    return status;
}

/* The line of one revision; `state` is the schema before it, and then behind it. */
static furrow_status write_line(char out[LINE_SIZE], const furrow__revision *revision,
                                furrow__catalog *state, furrow_error *error)
{
    char hashes[ENGINES][FURROW__FINGERPRINT_SIZE] = {"", ""};
    furrow__catalog after;
    furrow_status status = furrow__catalog_copy(&after, state, state->arena, error);
    if (status == FURROW_OK)
        status = furrow__revision_apply(&after, revision, false, error);
    for (size_t i = 0; i < ENGINES && status == FURROW_OK; i++)
        status = hash_on(hashes[i], engines[i], revision, state, &after, error);
    *state = after;
    snprintf(out, LINE_SIZE, "%s %s %s %s", revision->id, revision->hash, hashes[0], hashes[1]);
    return status;
}

/* Call `visit` with each revision's line, in the history's order. */
static furrow_status each_line(const furrow__history *history,
                               furrow_status (*visit)(const furrow__revision *revision,
                                                      const char *line, void *context,
                                                      furrow_error *error),
                               void *context, furrow_error *error)
{
    furrow_arena arena = {0};
    furrow__catalog state;
    furrow_status status = FURROW_OK;
    char line[LINE_SIZE];
    furrow__catalog_init(&state, NULL, &arena);
    for (size_t i = 0; i < history->count && status == FURROW_OK; i++) {
        const furrow__revision *revision = history->items[i];
        bool follows = i == 0 || (revision->parent_count == 1 &&
                                  strcmp(revision->parents[0], history->items[i - 1]->id) == 0);
        if (!follows)
            status = furrow__history_before(&state, history, i, &arena, error);
        if (status == FURROW_OK)
            status = write_line(line, revision, &state, error);
        if (status == FURROW_OK)
            status = visit(revision, line, context, error);
    }
    furrow__arena_done(&arena);
    return status;
}

/* ---- writing ---- */

static furrow_status add_line(const furrow__revision *revision, const char *line, void *context,
                              furrow_error *error)
{
    furrow__buffer *out = context;
    (void)revision;
    (void)error;
    furrow__buffer_format(out, "%s\n", line);
    return FURROW_OK;
}

furrow_status furrow__sum_write(furrow__buffer *out, const furrow__history *history,
                                furrow_error *error)
{
    furrow__buffer_add_text(out, head);
    furrow_status status = each_line(history, add_line, out, error);
    if (status == FURROW_OK && out->failed)
        status = furrow__fail(error, FURROW_NOMEM, "out of memory");
    return status;
}

/* ---- checking ---- */

typedef struct sum {
    const char *text;
    size_t size;
} sum;

/* The line of the sum that begins with this id; its size without the newline. */
static const char *line_of(const sum *s, const char *id, size_t *size)
{
    size_t length = strlen(id);
    for (size_t at = 0; at < s->size;) {
        const char *newline = memchr(s->text + at, '\n', s->size - at);
        size_t end = newline ? (size_t)(newline - s->text) : s->size;
        *size = end - at;
        if (*size && s->text[at + *size - 1] == '\r')
            --*size;
        if (*size > length && memcmp(s->text + at, id, length) == 0 && s->text[at + length] == ' ')
            return s->text + at;
        at = end + 1;
    }
    return NULL;
}

static furrow_status check_line(const furrow__revision *revision, const char *line, void *context,
                                furrow_error *error)
{
    size_t size, hash = FURROW__REVISION_ID_SIZE + FURROW__FINGERPRINT_SIZE - 1;
    const char *found = line_of(context, revision->id, &size);
    if (found && size == strlen(line) && memcmp(found, line, size) == 0)
        return FURROW_OK;
    if (!found) {
        furrow__fail(error, FURROW_INVALID, "\"%s\" is not in furrow.sum", revision->file);
        return furrow__hint(error, "read the file; if it is as it shall be: furrow sum --accept %s",
                            revision->id);
    }
    if (size < hash || memcmp(found, line, hash) != 0) {
        furrow__fail(error, FURROW_INVALID, "\"%s\" was edited since it was written",
                     revision->file);
        return furrow__hint(error,
                            "databases may have run it as it was: take the edit back and write "
                            "another revision, or, where none has: furrow sum --accept %s",
                            revision->id);
    }
    furrow__fail(error, FURROW_INVALID,
                 "\"%s\" becomes other statements by this version of furrow than by the one that "
                 "wrote furrow.sum",
                 revision->file);
    return furrow__hint(error, "furrow show %s prints them; accept them by furrow sum --accept %s",
                        revision->id, revision->id);
}

/* A line whose revision is not there any more. */
static furrow_status check_missing(const furrow__history *history, const sum *s,
                                   furrow_error *error)
{
    for (size_t at = 0; at < s->size;) {
        char id[FURROW__REVISION_ID_SIZE] = "";
        const char *newline = memchr(s->text + at, '\n', s->size - at);
        size_t end = newline ? (size_t)(newline - s->text) : s->size;
        if (end - at >= sizeof id && s->text[at] != '#') {
            memcpy(id, s->text + at, sizeof id - 1);
            if (furrow__history_place(history, id) == SIZE_MAX &&
                !furrow__history_squash_of(history, id)) {
                furrow__fail(error, FURROW_INVALID,
                             "revision %s is in furrow.sum, and its file is "
                             "not there",
                             id);
                return furrow__hint(error,
                                    "bring the file back, or accept that it is gone by furrow sum "
                                    "--accept %s",
                                    id);
            }
        }
        at = end + 1;
    }
    return FURROW_OK;
}

furrow_status furrow__sum_check(const furrow__history *history, const char *text, size_t size,
                                furrow_error *error)
{
    sum s = {text, size};
    furrow_status status = check_missing(history, &s, error);
    return status == FURROW_OK ? each_line(history, check_line, &s, error) : status;
}
