/* SPDX-License-Identifier: MIT
 *
 * furrow.sum has one line per revision. It contains the hash of the revision's file and, for each
 * engine, the hash of its plan, or "-" if the engine cannot run the revision. furrow rejects a file
 * that was edited after its line was written. It also rejects a file if this version of furrow
 * makes a different plan for it than the version that wrote the line did.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "migrate/revision/change_parts.h"
#include "migrate/plan/plan.h"
#include "migrate/revision/revision.h"
#include "sql/dialect.h"

enum {
    ENGINES = FURROW__DIALECT_COUNT,
    LINE_SIZE = 16 + (ENGINES + 1) * FURROW__FINGERPRINT_SIZE,
};

/* Writes the comment that is the first line of furrow.sum. */
static void write_head(furrow__buffer *out)
{
    furrow__buffer_add_text(out, "# furrow.sum: revision, its file's hash, its hash");
    for (size_t i = 0; i < ENGINES; i++)
        furrow__buffer_format(out, "%s on %s", i ? " and" : "", furrow__dialects[i]->name);
    furrow__buffer_add_text(out, "; written by furrow, kept with the files\n");
}

/* Appends the plan of a list of changes. Returns false if the engine cannot make these changes, or
 * when out of memory; *error contains the reason. */
static bool render(furrow__buffer *out, const furrow__plan_input *input, furrow_error *error)
{
    furrow_arena arena = {0};
    furrow__plan plan;
    bool planned = furrow__plan_make(&plan, input, &arena, error) == FURROW_OK;
    if (planned)
        furrow__plan_write(out, &plan);
    furrow__arena_done(&arena);
    return planned;
}

/* The schemas before and after a revision. */
typedef struct states {
    const furrow__catalog *before, *after;
} states;

/* Writes the hash of a revision's plans on one engine; "-" if the engine cannot run the revision.
 */
static furrow_status hash_on(char out[FURROW__FINGERPRINT_SIZE], const furrow__dialect *dialect,
                             const furrow__revision *revision, states s, furrow_error *error)
{
    const furrow__plan_input upgrade = {dialect, s.before, &revision->upgrade};
    const furrow__plan_input downgrade = {dialect, s.after, &revision->downgrade};
    furrow__buffer text = {0};
    furrow_error own = {0};
    furrow_status status = FURROW_OK;
    bool fine = render(&text, &upgrade, &own);
    furrow__buffer_add_text(&text, "-- downgrade\n");
    fine = fine && render(&text, &downgrade, &own);
    if (text.failed || (!fine && own.status == FURROW_NOMEM))
        status = furrow__fail(error, FURROW_NOMEM, "out of memory");
    else if (fine)
        furrow__revision_hash(out, text.text, text.size);
    else
        furrow__copy_text(out, FURROW__FINGERPRINT_SIZE, "-");
    furrow__buffer_done(&text);
    return status;
}

/* Writes the line of one revision. `state` is the schema before the revision. The function changes
 * it to the schema after the revision. */
static furrow_status write_line(char out[LINE_SIZE], const furrow__revision *revision,
                                furrow__catalog *state, furrow_error *error)
{
    char hash[FURROW__FINGERPRINT_SIZE];
    size_t size = (size_t)snprintf(out, LINE_SIZE, "%s %s", revision->id, revision->hash);
    furrow__catalog after;
    furrow_status status = furrow__catalog_copy(&after, state, state->arena, error);
    if (status == FURROW_OK)
        status = furrow__revision_apply(&after, revision, false, error);
    for (size_t i = 0; i < ENGINES && status == FURROW_OK; i++) {
        status = hash_on(hash, furrow__dialects[i], revision, (states){state, &after}, error);
        if (status == FURROW_OK)
            size += (size_t)snprintf(out + size, LINE_SIZE - size, " %s", hash);
    }
    *state = after;
    return status;
}

/* Calls `visit` with the line of each revision, in the order of the history. */
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
    write_head(out);
    furrow_status status = each_line(history, add_line, out, error);
    if (status == FURROW_OK && out->failed)
        status = furrow__fail(error, FURROW_NOMEM, "out of memory");
    return status;
}

typedef struct sum {
    const char *text;
    size_t size;
    bool differs;
} sum;

/* Returns the line that begins at s->text[at]. *size is the line's size without the line end; *next
 * is the index where the next line begins. */
static const char *line_at(const sum *s, size_t at, size_t *size, size_t *next)
{
    const char *newline = memchr(s->text + at, '\n', s->size - at);
    size_t end = newline ? (size_t)(newline - s->text) : s->size;
    *next = end + 1;
    *size = end - at;
    if (*size && s->text[end - 1] == '\r')
        --*size;
    return s->text + at;
}

/* Returns the line of the revision `id`. Only the first FURROW__REVISION_ID_SIZE - 1 characters of
 * `id` are compared. Returns NULL if there is no such line. *size is the line's size without the
 * line end. */
static const char *line_of(const sum *s, const char *id, size_t *size)
{
    const size_t length = FURROW__REVISION_ID_SIZE - 1;
    for (size_t at = 0, next; at < s->size; at = next) {
        const char *line = line_at(s, at, size, &next);
        if (*size > length && memcmp(line, id, length) == 0 && line[length] == ' ')
            return line;
    }
    return NULL;
}

static bool is_hex(const char *text, size_t size)
{
    while (size && *text && strchr("0123456789abcdef", *text)) {
        text++;
        size--;
    }
    return size == 0;
}

/* Whether a line has the form "id hash hash hash". The second and the third hash can be "-". */
static bool is_line(const char *line, size_t size)
{
    size_t at = FURROW__REVISION_ID_SIZE - 1;
    if (size < at || !is_hex(line, at))
        return false;
    for (size_t i = 0; i < 1 + ENGINES; i++) {
        size_t length = FURROW__FINGERPRINT_SIZE - 1;
        if (at >= size || line[at++] != ' ')
            return false;
        if (i && at < size && line[at] == '-')
            length = 1;
        else if (size - at < length || !is_hex(line + at, length))
            return false;
        at += length;
    }
    return at == size;
}

/* Whether a line is a conflict marker. git writes such lines around the two sides of a merge
 * conflict. */
static bool is_marker(const char *line, size_t size)
{
    static const char *const markers[] = {"<<<<<<<", "|||||||", "=======", ">>>>>>>"};
    for (size_t i = 0; i < sizeof markers / sizeof *markers; i++)
        if (size >= strlen(markers[i]) && memcmp(line, markers[i], strlen(markers[i])) == 0)
            return true;
    return false;
}

static void tell_wrong_line(const sum *s, const char *line, size_t size, furrow_error *error)
{
    size_t other;
    if (is_marker(line, size)) {
        furrow__fail(error, FURROW_INVALID, "unresolved merge conflict: \"%.7s\"", line);
        furrow__hint(error,
                     "edit the file: keep the lines of both sides and remove the markers; then "
                     "accept revisions that changed with furrow sum --accept ID");
        return;
    }
    bool again = is_line(line, size) && line_of(s, line, &other);
    if (again)
        furrow__fail(error, FURROW_INVALID, "revision %.12s already has a line above", line);
    else
        furrow__fail(error, FURROW_INVALID, "expected a revision and its hashes");
    furrow__hint(
        error, "%s, and run furrow sum; accept revisions that changed with furrow sum --accept ID",
        again ? "keep one of them" : "remove it");
}

size_t furrow__sum_wrong_line(const char *text, size_t size, furrow_error *error)
{
    size_t number = 1;
    for (size_t at = 0, next, length, other; at < size; at = next, number++) {
        const sum whole = {text, size, false}, above = {text, at, false};
        const char *line = line_at(&whole, at, &length, &next);
        if (!length || *line == '#')
            continue;
        const char *again = is_line(line, length) ? line_of(&above, line, &other) : NULL;
        bool same = again && other == length && memcmp(again, line, length) == 0;
        if (is_line(line, length) && (!again || same))
            continue;
        tell_wrong_line(&above, line, length, error);
        return number;
    }
    return 0;
}

static furrow_status check_line(const furrow__revision *revision, const char *line, void *context,
                                furrow_error *error)
{
    size_t size, hash = FURROW__REVISION_ID_SIZE + FURROW__FINGERPRINT_SIZE - 1;
    sum *s = context;
    furrow_error own = {0};
    const char *found = line_of(s, revision->id, &size);
    if (found && size == strlen(line) && memcmp(found, line, size) == 0)
        return FURROW_OK;
    s->differs = true;
    if (!found) {
        furrow__fail(&own, FURROW_INVALID, "this file is not in furrow.sum");
        furrow__hint(&own, "check the file; if it is correct, run furrow sum --accept %s",
                     revision->id);
        return furrow__revision_fail(revision, "", &own, error);
    }
    if (size < hash || memcmp(found, line, hash) != 0) {
        furrow__fail(&own, FURROW_INVALID, "this file was edited since it was written");
        furrow__hint(
            &own,
            "databases may have run it before the edit: undo the edit and write another revision "
            "or, if no database has run it, run furrow sum --accept %s",
            revision->id);
        return furrow__revision_fail(revision, "", &own, error);
    }
    furrow__fail(&own, FURROW_INVALID,
                 "this file produces different statements with this version of furrow than with "
                 "the version that wrote furrow.sum");
    furrow__hint(&own, "furrow show %s prints them; to accept them, run furrow sum --accept %s",
                 revision->id, revision->id);
    return furrow__revision_fail(revision, "", &own, error);
}

/* Reports the first line whose revision file no longer exists. */
static furrow_status check_missing(const furrow__history *history, sum *s, furrow_error *error)
{
    for (size_t at = 0, next, size; at < s->size; at = next) {
        char id[FURROW__REVISION_ID_SIZE] = "";
        const char *line = line_at(s, at, &size, &next);
        if (!size || *line == '#')
            continue;
        memcpy(id, line, sizeof id - 1);
        if (furrow__history_place(history, id) != SIZE_MAX ||
            furrow__history_squash_of(history, id))
            continue;
        s->differs = true;
        furrow__fail(error, FURROW_INVALID, "revision %s is in furrow.sum, but its file is missing",
                     id);
        return furrow__hint(error,
                            "restore the file or, if it was removed on purpose, run furrow sum "
                            "--accept %s",
                            id);
    }
    return FURROW_OK;
}

furrow_status furrow__sum_check(const furrow__history *history, const char *text, size_t size,
                                bool *differs, furrow_error *error)
{
    sum s = {text, size, false};
    furrow_error wrong = {0};
    size_t line = furrow__sum_wrong_line(text, size, &wrong);
    *differs = false;
    if (line) {
        *error = wrong;
        furrow__error_locate(error, (furrow__file_location){
                                        .file = "furrow.sum", .line = (uint32_t)line, .column = 1});
        return wrong.status;
    }
    furrow_status status = check_missing(history, &s, error);
    if (status == FURROW_OK)
        status = each_line(history, check_line, &s, error);
    *differs = s.differs;
    return status;
}
