/* SPDX-License-Identifier: MIT
 * What the verbs of migrations share: see project.h. config.c reads furrow.ini. */
#include "cli/project.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/config.h"
#include "compiler/limits.h"
#include "migrate/revision/change_parts.h"
#include "migrate/author/diff.h"
#include "pool/registry.h"

enum { SUM_SIZE = 4 << 20 };

static bool fail(const furrow_error *error)
{
    furrow__cli_fail(error);
    return false;
}

static bool project_fail(furrow__project *p, const furrow_error *error)
{
    furrow__project_fail(p, error);
    return false;
}

static bool no_memory(void)
{
    furrow__cli_no_memory();
    return false;
}

/* ---- opening ---- */

bool furrow__project_open(furrow__project *p, const furrow__project_options *options)
{
    furrow_error error = {0};
    const char *variable = getenv("FURROW_URL");
    *p = (furrow__project){.folder = "migrations", .lock = -1};
    p->history.arena = &p->arena;
    p->history.failure = &p->failure;
    if (!furrow__config_read(p, options->config))
        return false;
    if (options->migrations)
        p->folder = options->migrations;
    if (options->url)
        p->url = options->url;
    else if (variable && *variable)
        p->url = variable;
    if (p->url && furrow__registry_find(&p->driver, &p->dialect, p->url, &error) != FURROW_OK)
        return fail(&error);
    return true;
}

/* A lock of the folder itself leaves no file behind. Where there are none (some network disks), or
 * no folder, which reading it tells, it goes without. */
static void lock(furrow__project *p)
{
    if (p->lock >= 0)
        return;
    p->lock = open(p->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (p->lock < 0 || flock(p->lock, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
        return;
    fprintf(stderr, "furrow: waiting for another furrow that writes to %s\n", p->folder);
    while (flock(p->lock, LOCK_EX) != 0 && errno == EINTR)
        continue;
}

bool furrow__project_open_alone(furrow__project *p, const furrow__project_options *options)
{
    if (!furrow__project_open(p, options))
        return false;
    lock(p);
    return true;
}

void furrow__project_close(furrow__project *p)
{
    if (p->lock >= 0)
        close(p->lock);
    p->lock = -1;
    furrow__buffer_done(&p->sum);
    furrow__arena_done(&p->arena);
}

const char *furrow__project_path(furrow__project *p, const char *file)
{
    furrow__buffer path = {0};
    size_t size = strlen(p->folder);
    furrow__buffer_format(&path, "%s%s%s", p->folder, size && p->folder[size - 1] == '/' ? "" : "/",
                          file);
    const char *out = path.failed ? NULL : furrow__arena_text(&p->arena, path.text, path.size);
    furrow__buffer_done(&path);
    if (!out)
        furrow__cli_no_memory();
    return out;
}

/* ---- telling ---- */

void furrow__project_fail_at(furrow__project *p, const furrow__revision *revision,
                             furrow__file_location place, const furrow_error *error)
{
    furrow__buffer out = {0};
    furrow__problem_list one = {
        .items = {{place, 0, error->message, error->hint[0] ? error->hint : NULL}}, .count = 1};
    const char *path = furrow__project_path(p, revision->file);
    if (!path)
        return;
    furrow__problems_write(&out, &one, path, revision->text, revision->size);
    if (furrow__buffer_text(&out))
        fputs(out.text, stderr);
    else
        furrow__cli_fail(error);
    furrow__buffer_done(&out);
}

void furrow__project_fail(furrow__project *p, const furrow_error *error)
{
    const furrow__revision_failure *failure = &p->failure;
    if (failure->revision && failure->location.line)
        furrow__project_fail_at(p, failure->revision, failure->location, &failure->error);
    else
        furrow__cli_fail(error);
}

void furrow__write_url(furrow__buffer *out, const char *url)
{
    const char *host = strstr(url, "://");
    size_t place = host ? (size_t)(host - url) + 3 : 0;
    size_t end = place + strcspn(url + place, "/?#");
    const char *at = memchr(url + place, '@', end - place);
    const char *colon = at ? memchr(url + place, ':', (size_t)(at - url) - place) : NULL;
    furrow__buffer_add(out, url, colon ? (size_t)(colon - url) : place);
    url = colon ? at : url + place;
    for (const char *hidden; (hidden = strstr(url, "password=")); url = hidden) {
        hidden += sizeof "password=" - 1;
        furrow__buffer_add(out, url, (size_t)(hidden - url));
        furrow__buffer_add_text(out, "...");
        hidden += strcspn(hidden, "&");
    }
    furrow__buffer_add_text(out, url);
}

/* ---- the folder ---- */

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names of its *.sql files, sorted; NULL when they cannot be read. */
static char **list_files(furrow__project *p, size_t *count)
{
    size_t capacity = 0;
    char **names = furrow__arena_aligned(&p->arena, sizeof *names, _Alignof(char *));
    DIR *folder = opendir(p->folder);
    *count = 0;
    if (!folder && errno == ENOENT && !p->config) {
        furrow__config_tell_missing(p->folder);
        return NULL;
    }
    if (!folder) {
        furrow__cli_say(errno == ENOENT ? "furrow init makes it" : NULL,
                        "could not read the folder of revisions %s: %s", p->folder,
                        strerror(errno));
        return NULL;
    }
    char **list = NULL;
    for (struct dirent *entry; names && (entry = readdir(folder));) {
        if (entry->d_name[0] == '.' || !furrow__ends_with(entry->d_name, ".sql"))
            continue;
        char **more = furrow__arena_room(&p->arena, list, *count, &capacity, sizeof *more);
        char *name = furrow__arena_text(&p->arena, entry->d_name, strlen(entry->d_name));
        if (!more || !name) {
            names = NULL;
            break;
        }
        list = more;
        list[(*count)++] = name;
    }
    closedir(folder);
    if (!names) {
        furrow__cli_no_memory();
        return NULL;
    }
    if (*count > 1)
        qsort(list, *count, sizeof *list, compare_names);
    return list ? list : names;
}

static bool read_revision(furrow__project *p, const char *name)
{
    furrow__buffer text = {0}, messages = {0};
    furrow__problem_list problems = {.count = 0};
    furrow_error error = {0};
    const char *path = furrow__project_path(p, name);
    bool fine = path && furrow__file_read(path, FURROW__REVISION_FILE_SIZE, &text);
    if (fine && furrow__history_add_all(&p->history,
                                        &(furrow__source_text){.text = furrow__buffer_text(&text),
                                                               .size = text.size,
                                                               .location = {.file = name}},
                                        &problems, &error) != FURROW_OK) {
        fine = false;
        furrow__problems_write(&messages, &problems, path, furrow__buffer_text(&text), text.size);
        if (problems.count && !messages.failed)
            fputs(messages.text, stderr);
        else
            fail(&error);
    }
    furrow__buffer_done(&text);
    furrow__buffer_done(&messages);
    return fine;
}

static bool read_sum(furrow__project *p)
{
    furrow__buffer_clear(&p->sum);
    const char *path = furrow__project_path(p, "furrow.sum");
    return path && (access(path, F_OK) != 0 || furrow__file_read(path, SUM_SIZE, &p->sum));
}

bool furrow__project_history(furrow__project *p, bool check_sum)
{
    furrow_error error = {0};
    size_t count;
    char **names = list_files(p, &count);
    bool fine = names != NULL;
    p->history = (furrow__history){.arena = &p->arena, .failure = &p->failure};
    /* Every file's mistakes are told at once. */
    for (size_t i = 0; names && i < count; i++)
        fine = read_revision(p, names[i]) && fine;
    if (!fine || !read_sum(p))
        return false;
    if (furrow__history_link(&p->history, &error) != FURROW_OK)
        return project_fail(p, &error);
    bool differs;
    return !check_sum || furrow__project_sum(p, &differs);
}

bool furrow__project_sum_is_whole(furrow__project *p)
{
    furrow_error error = {0};
    size_t line = furrow__sum_wrong_line(furrow__buffer_text(&p->sum), p->sum.size, &error);
    if (!line)
        return true;
    const char *path = furrow__project_path(p, "furrow.sum");
    fprintf(stderr, "%s:%zu: error: %s\n", path ? path : "furrow.sum", line, error.message);
    if (error.hint[0])
        fprintf(stderr, "help: %s\n", error.hint);
    return false;
}

bool furrow__project_sum(furrow__project *p, bool *differs)
{
    furrow_error error = {0};
    *differs = false;
    if (!furrow__project_sum_is_whole(p))
        return false;
    return furrow__sum_check(&p->history, furrow__buffer_text(&p->sum), p->sum.size, differs,
                             &error) == FURROW_OK ||
           project_fail(p, &error);
}

/* ---- schemas ---- */

/* The models' catalog, and the compiler that read them; NULL once it is told why not. */
static furrow__compiler *read_models(furrow__project *p, furrow__catalog *out)
{
    furrow_error error = {0};
    int status;
    furrow__catalog_init(out, NULL, &p->arena);
    if (!p->model_count) {
        furrow__cli_say("write models = models.h into it", "%s names no models",
                        p->config ? p->config : "furrow.ini");
        return NULL;
    }
    if (p->model_count > FURROW__MAX_HEADERS) {
        furrow__cli_say(NULL, "%s names more than %d headers", p->config, FURROW__MAX_HEADERS);
        return NULL;
    }
    furrow__compiler *c = furrow__cli_compile(p->models, p->model_count, NULL, NULL, &status);
    if (!c)
        return NULL;
    if (furrow__catalog_from_schema(out, furrow__compiler_schema(c), &p->arena, &error) ==
        FURROW_OK)
        return c;
    furrow__compiler_free(c);
    fail(&error);
    return NULL;
}

bool furrow__project_models(furrow__project *p, furrow__catalog *out)
{
    furrow__compiler *c = read_models(p, out);
    bool fine = c != NULL;
    furrow__compiler_free(c);
    return fine;
}

bool furrow__project_behind(furrow__project *p, const furrow__revision *const *revisions,
                            size_t count, furrow__catalog *out)
{
    furrow_error error = {0};
    const furrow__history *history = &p->history;
    bool *applied = furrow__arena_aligned(&p->arena, history->count + 1, 1);
    bool *marks = furrow__arena_aligned(&p->arena, history->count + 1, 1);
    if (!applied || !marks)
        return no_memory();
    memset(applied, 0, history->count);
    for (size_t i = 0; i < count; i++) {
        furrow__history_ancestors(history, furrow__history_place(history, revisions[i]->id), marks);
        for (size_t j = 0; j < history->count; j++)
            applied[j] |= marks[j];
    }
    return furrow__history_replay(out, history, applied, &p->arena, &error) == FURROW_OK ||
           project_fail(p, &error);
}

/* A swap looks the same before and behind it, so that only a person knows whether it is done. */
static void tell_circles(const furrow__diff *diff)
{
    for (size_t i = 0; i < diff->cycle_count; i++) {
        const furrow__likely_rename *c = &diff->cycles[i];
        fprintf(stderr,
                "furrow: renamed_from(\"%s\") of %s%s%s is not followed: the names go round in a "
                "circle, and may have done so before\n"
                "help: to rename, write ALTER TABLE ... RENAME through a third name into an empty "
                "revision; then remove renamed_from\n",
                c->from, c->is_table ? "" : c->table.name, c->is_table ? "" : ".", c->to);
    }
}

static void write_idle(char *out, size_t size, const furrow__unused_hint *h)
{
    const char *what = h->column ? "column" : "table",
               *name = h->column ? h->column : h->table.name;
    const char *lacks = h->column ? "values" : "rows";
    if (h->reason == FURROW__HINT_TAKEN)
        snprintf(out, size, "%s \"%s\" becomes \"%s\", and cannot become \"%s\" too", what, h->from,
                 h->by, name);
    else if (h->reason == FURROW__HINT_IN_USE)
        snprintf(out, size, "%s \"%s\" stays, so that \"%s\" is new, and without its %s", what,
                 h->from, name, lacks);
    else if (h->column)
        snprintf(out, size,
                 "table \"%s\" has no column \"%s\", so that \"%s\" is new, and without %s",
                 h->table.name, h->from, name, lacks);
    else
        snprintf(out, size, "there is no table \"%s\", so that \"%s\" is new, and without %s",
                 h->from, name, lacks);
}

/* renamed_from that is of no use, at its place in the header; false where it is plainly wrong. */
static bool tell_idle(furrow__compiler *c, const furrow__diff *diff)
{
    static const char *const helps[] = {
        [FURROW__HINT_TAKEN] = "keep renamed_from at the one that has the values",
        [FURROW__HINT_IN_USE] = "remove renamed_from, or what it names",
        [FURROW__HINT_UNKNOWN] = "write the name that the last revision has, or remove "
                                 "renamed_from"};
    furrow__compiler_forget_messages(c);
    for (size_t i = 0; i < diff->unused_hint_count; i++) {
        const furrow__unused_hint *h = &diff->unused_hints[i];
        char message[4 * FURROW__NAME_SIZE + 120];
        write_idle(message, sizeof message, h);
        furrow__compiler_remark_rename(
            c, &(furrow__rename_remark){.schema = h->table.schema,
                                        .table = h->table.name,
                                        .column = h->column,
                                        .is_warning = h->reason != FURROW__HINT_TAKEN,
                                        .message = message,
                                        .help = helps[h->reason]});
    }
    const char *messages = furrow__compiler_messages(c);
    fputs(messages ? messages : "furrow: out of memory\n", stderr);
    return messages && furrow__compiler_error_count(c) == 0;
}

bool furrow__project_changes(furrow__project *p, const furrow__catalog *before,
                             furrow__change_list *changes, furrow__catalog *after)
{
    furrow_error error = {0};
    furrow__catalog models;
    furrow__diff diff;
    furrow__diff_options options = {.to_is_models = true};
    *changes = (furrow__change_list){.arena = &p->arena};
    furrow__compiler *c = read_models(p, &models);
    if (!c)
        return false;
    furrow_status status =
        furrow__diff_catalogs(&diff, before, &models, options, &p->arena, &error);
    bool fine = status != FURROW_OK || tell_idle(c, &diff);
    furrow__compiler_free(c);
    if (!fine)
        return false;
    if (status == FURROW_OK)
        status = furrow__catalog_copy(after, before, &p->arena, &error);
    if (status == FURROW_OK)
        status = furrow__changes_apply(after, &diff.changes, &error);
    if (status != FURROW_OK)
        return fail(&error);
    tell_circles(&diff);
    *changes = diff.changes;
    return true;
}

/* ---- revisions ---- */

bool furrow__project_is_head(const furrow__history *history, const furrow__revision *revision)
{
    for (size_t i = 0; i < history->count; i++)
        if (furrow__names_have(history->items[i]->parents, history->items[i]->parent_count,
                               revision->id))
            return false;
    return true;
}

bool furrow__project_one_head(furrow__project *p, furrow__revision **out, const char *mend)
{
    enum { TOLD = 8 };
    furrow__revision *heads[TOLD];
    furrow__buffer list = {0};
    size_t count = furrow__history_heads(&p->history, heads, TOLD);
    *out = count == 1 ? heads[0] : NULL;
    if (count < 2)
        return true;
    for (size_t i = 0; i < count && i < TOLD; i++)
        furrow__buffer_format(&list, "%s%s", i ? ", " : "", heads[i]->id);
    furrow__cli_say(mend, "there are %zu heads: %s%s", count, list.failed ? "" : list.text,
                    count > TOLD ? ", ..." : "");
    furrow__buffer_done(&list);
    return false;
}

furrow__revision *furrow__project_find(furrow__project *p, const char *id)
{
    furrow_error error = {0};
    furrow__revision *found = NULL;
    if (strcmp(id, "head") == 0 && p->history.count) {
        furrow__project_one_head(p, &found, "name one of them");
        return found;
    }
    found = furrow__history_find(&p->history, id, &error);
    if (!found)
        furrow__cli_fail(&error);
    return found;
}

/* ---- the database ---- */

bool furrow__is_no_file(const furrow_error *error)
{
    return error->native_code == FURROW_SQLITE_NO_FILE ||
           error->native_code == FURROW_SQLITE_NO_FOLDER;
}

static void tell_wal(const furrow__project *p)
{
    furrow__buffer url = {0};
    furrow__write_url(&url, p->url);
    fprintf(stderr,
            "furrow: %s keeps a write-ahead log from now on (PRAGMA journal_mode), as furrow's "
            "engine needs it\n",
            furrow__buffer_text(&url) ? url.text : "the database");
    furrow__buffer_done(&url);
}

bool furrow__project_connect(furrow__project *p, const furrow__migrator_options *options,
                             furrow__migrator **out)
{
    furrow_error error = {0};
    furrow__migrator_options own = *options;
    *out = NULL;
    if (!p->url) {
        furrow__cli_say("write url = into furrow.ini, set FURROW_URL, or give --url",
                        "no database is named");
        return false;
    }
    own.url = p->url;
    furrow_status status = furrow__migrator_open(out, p->driver, p->dialect, &own, &error);
    if (status == FURROW_OK && furrow__migrator_began_wal(*out))
        tell_wal(p);
    if (error.native_code == FURROW_SQLITE_NO_FILE)
        furrow__hint(&error, "furrow upgrade makes it; --url and url in furrow.ini name another");
    return status == FURROW_OK || fail(&error);
}

/* ---- writing ---- */

/* The line of `text` that begins with this id, newline included; NULL if there is none. */
static const char *line_of(const furrow__buffer *text, const char *id, size_t *size)
{
    for (size_t at = 0; at < text->size; at += *size) {
        const char *newline = memchr(text->text + at, '\n', text->size - at);
        *size = newline ? (size_t)(newline - text->text) + 1 - at : text->size - at;
        if (*size >= FURROW__REVISION_ID_SIZE &&
            memcmp(text->text + at, id, FURROW__REVISION_ID_SIZE - 1) == 0)
            return text->text + at;
    }
    return NULL;
}

/* The sum as it is now, but for the lines of those that are not accepted. */
static bool write_sum(furrow__project *p, const char *const *ids, size_t count, furrow__buffer *out)
{
    furrow_error error = {0};
    furrow__buffer now = {0};
    bool fine =
        furrow__sum_write(&now, &p->history, &error) == FURROW_OK || project_fail(p, &error);
    for (size_t at = 0, size; fine && at < now.size; at += size) {
        const char *line = now.text + at, *old = line;
        bool accepted = !ids || *line == '#';
        size = (size_t)((const char *)memchr(line, '\n', now.size - at) - line) + 1;
        size_t old_size = size;
        for (size_t i = 0; i < count && !accepted; i++)
            accepted = memcmp(line, ids[i], FURROW__REVISION_ID_SIZE - 1) == 0;
        if (!accepted) {
            char id[FURROW__REVISION_ID_SIZE] = "";
            memcpy(id, line, sizeof id - 1);
            old = line_of(&p->sum, id, &old_size);
        }
        if (old)
            furrow__buffer_add(out, old, old_size);
    }
    furrow__buffer_done(&now);
    return fine && (furrow__buffer_text(out) || no_memory());
}

static bool put_sum(furrow__project *p, const char *const *ids, size_t count)
{
    furrow__buffer sum = {0};
    const char *path = furrow__project_path(p, "furrow.sum");
    bool fine = path && write_sum(p, ids, count, &sum) &&
                furrow__file_write(path, furrow__buffer_text(&sum), sum.size);
    furrow__buffer_done(&p->sum);
    p->sum = sum;
    return fine;
}

bool furrow__project_accept(furrow__project *p, const char *const *ids, size_t count)
{
    lock(p);
    return furrow__project_history(p, false) && put_sum(p, ids, count);
}

bool furrow__project_write(furrow__project *p, const char *file, const char *text, size_t size)
{
    const char *path = furrow__project_path(p, file), *id = NULL;
    lock(p);
    bool is_new = path && access(path, F_OK) != 0;
    if (!path || !furrow__file_write(path, text, size))
        return false;
    bool fine = furrow__project_history(p, false);
    for (size_t i = 0; fine && i < p->history.count; i++)
        if (strcmp(p->history.items[i]->file, file) == 0)
            id = p->history.items[i]->id;
    if (fine && id && put_sum(p, &id, 1))
        return true;
    if (is_new)
        unlink(path);
    return false;
}
