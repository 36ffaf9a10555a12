/* SPDX-License-Identifier: MIT
 *
 * Implements `furrow sum`, which compares the files of revisions with furrow.sum and accepts edited
 * files. To accept a revision, it first updates the fingerprints in the files of the revision and
 * its descendants. Then it updates furrow.sum.
 */
#include <stdio.h>
#include <string.h>

#include "cli/project.h"
#include "cli/folder.h"
#include "cli/report.h"

static const char help[] =
    "usage: furrow sum [--accept ID...]\n"
    "\n"
    "Compares each revision with its line in furrow.sum. A revision differs if its file was\n"
    "edited, or if this version of furrow would run other statements than the version that wrote\n"
    "furrow.sum. Other verbs refuse such a revision until it is accepted.\n"
    "\n"
    "--accept updates the schema fingerprints in the headers of the revision and its descendants,\n"
    "and checks that its downgrade restores the schema. Do not accept an edit of a revision that\n"
    "a database has already run.\n"
    "\n"
    "  --accept ID...     accept these revisions; an ID can also be a beginning of one, or head;\n"
    "                     \"all\" accepts all of them\n" FURROW__PROJECT_HELP "\n"
    "example:\n"
    "  furrow sum --accept head\n";

typedef struct accepting {
    furrow__project *p;
    const char **ids; /* complete ids of the revisions whose lines in furrow.sum are rewritten */
    size_t count;
    bool *
        rewritten; /* for each revision: true if the revision or one of its ancestors is accepted */
} accepting;

/* Returns the value of the first header line that begins with `word`. */
static const char *header_value(const char *text, const char *word, size_t *size)
{
    const char *line = strstr(text, word);
    if (!line)
        return NULL;
    line += strlen(word);
    line += strspn(line, " ");
    *size = strcspn(line, " \r\n");
    return line;
}

/* Appends the text of the revision's file, in which the header's fingerprints are replaced with the
 * given ones. */
static void write_header(furrow__buffer *out, const furrow__revision *revision, const char *before,
                         const char *after)
{
    size_t sizes[2];
    const char *first = header_value(revision->text, "\n-- before:", &sizes[0]);
    const char *second = header_value(revision->text, "\n-- after:", &sizes[1]);
    if (!first || !second || second < first) { /* The author has changed the layout of the header,
                                                  so the text is copied unchanged. */
        furrow__buffer_add(out, revision->text, revision->size);
        return;
    }
    furrow__buffer_add(out, revision->text, (size_t)(first - revision->text));
    furrow__buffer_add_text(out, before);
    first += sizes[0];
    furrow__buffer_add(out, first, (size_t)(second - first));
    furrow__buffer_add_text(out, after);
    second += sizes[1];
    furrow__buffer_add_text(out, second);
}

static bool put_header(accepting *a, const furrow__revision *revision, const char *before,
                       const char *after)
{
    furrow__buffer text = {0};
    if (strcmp(before, revision->before) == 0 && strcmp(after, revision->after) == 0)
        return true;
    const char *path = furrow__project_path(a->p, revision->file);
    write_header(&text, revision, before, after);
    bool fine =
        path && furrow__buffer_text(&text) && furrow__file_write(path, text.text, text.size);
    if (fine)
        fprintf(stderr, "furrow: updated the fingerprints of %s\n", path);
    furrow__buffer_done(&text);
    return fine;
}

/* Computes the fingerprints that the header of a revision must contain. */
static bool fingerprints_of(accepting *a, size_t place, char before[FURROW__FINGERPRINT_SIZE],
                            char after[FURROW__FINGERPRINT_SIZE])
{
    furrow_arena arena = {0};
    furrow_error error = {0};
    furrow__catalog state;
    const furrow__revision *revision = a->p->history.items[place];
    furrow_status status = furrow__history_before(&state, &a->p->history, place, &arena, &error);
    if (status == FURROW_OK)
        status = furrow__catalog_fingerprint(before, &state, &error);
    if (status == FURROW_OK)
        status = furrow__revision_apply(&state, revision, false, &error);
    if (status == FURROW_OK)
        status = furrow__catalog_fingerprint(after, &state, &error);
    furrow__arena_done(&arena);
    if (status != FURROW_OK)
        furrow__report(a->p, &error);
    return status == FURROW_OK;
}

static bool is_accepted(const accepting *a, const furrow__revision *revision)
{
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->ids[i], revision->id) == 0)
            return true;
    return false;
}

/* Updates the fingerprints of the accepted revisions and their descendants. A descendant gets a new
 * line in furrow.sum only if its file was changed. */
static bool update_fingerprints(accepting *a, size_t capacity)
{
    furrow__history *history = &a->p->history;
    char before[FURROW__FINGERPRINT_SIZE], after[FURROW__FINGERPRINT_SIZE];
    for (size_t i = 0; i < history->count; i++) {
        const furrow__revision *revision = history->items[i];
        bool accepted = is_accepted(a, revision);
        a->rewritten[i] = accepted;
        for (size_t j = 0; j < revision->parent_count; j++)
            a->rewritten[i] |= a->rewritten[furrow__history_place(history, revision->parents[j])];
        if (!a->rewritten[i])
            continue;
        if (!fingerprints_of(a, i, before, after))
            return false;
        bool same = strcmp(before, revision->before) == 0 && strcmp(after, revision->after) == 0;
        if (!same && !accepted && a->count < capacity)
            a->ids[a->count++] = revision->id;
        if (!put_header(a, revision, before, after))
            return false;
    }
    return true;
}

/* Returns true if furrow.sum has a line with this id, but there is no file of this revision. */
static bool is_in_sum_alone(const furrow__project *p, const char *id)
{
    char line[FURROW__REVISION_ID_SIZE + 2];
    if (strlen(id) != FURROW__REVISION_ID_SIZE - 1 || !p->sum.size)
        return false;
    snprintf(line, sizeof line, "\n%s ", id);
    return strstr(p->sum.text, line) && furrow__history_place(&p->history, id) == SIZE_MAX;
}

static bool find_ids(accepting *a, char **names, int count)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(names[i], "all") == 0) {
            for (a->count = 0; a->count < a->p->history.count; a->count++)
                a->ids[a->count] = a->p->history.items[a->count]->id;
            return true;
        }
        if (is_in_sum_alone(a->p, names[i])) /* Skip this id. Its line is removed when furrow.sum is
                                                written. */
            continue;
        const furrow__revision *revision = furrow__folder_find(a->p, names[i]);
        if (!revision)
            return false;
        if (!is_accepted(a, revision))
            a->ids[a->count++] = revision->id;
    }
    return true;
}

/* Checks each accepted revision: its upgrade and its downgrade must lead to the schemas in its
 * header. */
static bool check_all(const accepting *a)
{
    const furrow__history *history = &a->p->history;
    furrow_error error = {0};
    for (size_t i = 0; i < a->count; i++)
        if (furrow__history_check(history, furrow__history_place(history, a->ids[i]), &error) !=
            FURROW_OK) {
            furrow__report(a->p, &error);
            return false;
        }
    return true;
}

/* Prints each revision whose line in furrow.sum was rewritten or removed. */
static void print_accepted(const accepting *a, char **names, int count)
{
    const furrow__history *history = &a->p->history;
    for (size_t i = 0; i < a->count; i++)
        fprintf(stderr, "furrow: accepted %s, %s\n", a->ids[i],
                history->items[furrow__history_place(history, a->ids[i])]->message);
    for (int i = 0; i < count; i++)
        if (strlen(names[i]) == FURROW__REVISION_ID_SIZE - 1 &&
            furrow__history_place(history, names[i]) == SIZE_MAX)
            fprintf(stderr, "furrow: removed %s from furrow.sum\n", names[i]);
}

static bool accept(furrow__project *p, char **names, int count)
{
    accepting a = {.p = p};
    size_t capacity = p->history.count + 1;
    a.ids = furrow__arena_aligned(&p->arena, capacity * sizeof *a.ids, _Alignof(char *));
    a.rewritten = furrow__arena_aligned(&p->arena, capacity, 1);
    if (!a.ids || !a.rewritten) {
        furrow__cli_no_memory();
        return false;
    }
    if (!furrow__folder_sum_is_valid(p) || !find_ids(&a, names, count) ||
        !update_fingerprints(&a, capacity) || !furrow__folder_read(p, false))
        return false;
    if (!check_all(&a) || !furrow__folder_accept(p, a.ids, a.count))
        return false;
    print_accepted(&a, names, count);
    return true;
}

static int run(int argc, char **argv)
{
    furrow__project_options options = {0};
    bool accepts = false;
    int count, status;
    const furrow__option list[] = {FURROW__PROJECT_OPTIONS(options),
                                   {"--accept", NULL, NULL, &accepts}};
    if (!furrow__cli_begin(&furrow__verb_sum,
                           &(furrow__arguments){argc, argv, list, sizeof list / sizeof *list},
                           &count, &status))
        return status;
    if (accepts && !count)
        return furrow__cli_usage(&furrow__verb_sum, "no revision given; give ids, or all");
    if (!accepts && count)
        return furrow__cli_usage(&furrow__verb_sum, "unexpected argument \"%s\" without --accept",
                                 argv[1]);
    furrow__project p;
    bool fine = (accepts ? furrow__project_open_locked : furrow__project_open)(&p, &options) &&
                furrow__folder_read(&p, !accepts) && (!accepts || accept(&p, argv + 1, count));
    furrow__project_close(&p);
    return fine ? FURROW__EXIT_OK : FURROW__EXIT_FAILED;
}

const furrow__verb furrow__verb_sum = {.name = "sum",
                                       .summary = "check furrow.sum, and accept edited revisions",
                                       .help = help,
                                       .run = run};
