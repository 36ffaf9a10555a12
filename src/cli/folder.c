/* SPDX-License-Identifier: MIT
 * Reads and writes the folder of revisions and furrow.sum: see folder.h. */
#include "cli/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/config.h"
#include "cli/report.h"
#include "migrate/revision/change_parts.h"

enum { SUM_SIZE = 4 << 20 }; /* the largest size of furrow.sum in bytes */

static bool report(furrow__project *p, const furrow_error *error)
{
    furrow__report(p, error);
    return false;
}

static bool no_memory(void)
{
    furrow__cli_no_memory();
    return false;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void report_no_folder(const furrow__project *p)
{
    int problem = errno;
    char hint[512];
    if (problem == ENOENT && !p->config) {
        furrow__config_report_missing(p->folder);
        return;
    }
    snprintf(hint, sizeof hint, "create it with mkdir -p, or name another folder in %s", p->config);
    furrow__cli_error(problem == ENOENT ? hint : NULL,
                      "could not read the folder of revisions %s: %s", p->folder,
                      strerror(problem));
}

typedef struct file_list {
    char **names;
    size_t count, capacity;
} file_list;

static bool add_file(furrow__project *p, file_list *list, const char *name)
{
    char **more =
        furrow__arena_room(&p->arena, list->names, list->count, &list->capacity, sizeof *more);
    char *copy = furrow__arena_text(&p->arena, name, strlen(name));
    if (!more || !copy)
        return no_memory();
    list->names = more;
    list->names[list->count++] = copy;
    return true;
}

/* Lists the *.sql files in the folder of revisions, sorted by name. */
static bool list_files(furrow__project *p, file_list *out)
{
    bool fine = true;
    DIR *folder = opendir(p->folder);
    *out = (file_list){0};
    if (!folder) {
        report_no_folder(p);
        return false;
    }
    for (struct dirent *entry; fine && (entry = readdir(folder));)
        if (entry->d_name[0] != '.' && furrow__ends_with(entry->d_name, ".sql"))
            fine = add_file(p, out, entry->d_name);
    closedir(folder);
    if (fine && out->count > 1)
        qsort(out->names, out->count, sizeof *out->names, compare_names);
    return fine;
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
            furrow__cli_fail(&error);
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

bool furrow__folder_read(furrow__project *p, bool check_sum)
{
    furrow_error error = {0};
    file_list files;
    bool differs;
    bool fine = list_files(p, &files);
    p->history = (furrow__history){.arena = &p->arena, .failure = &p->failure};
    /* Continue after a file with errors, so that one run reports the errors of all files. */
    for (size_t i = 0; i < files.count; i++)
        fine = read_revision(p, files.names[i]) && fine;
    if (!fine || !read_sum(p))
        return false;
    if (furrow__history_link(&p->history, &error) != FURROW_OK)
        return report(p, &error);
    return !check_sum || furrow__folder_check_sum(p, &differs);
}

bool furrow__folder_sum_is_valid(furrow__project *p)
{
    furrow_error error = {0};
    size_t line = furrow__sum_wrong_line(furrow__buffer_text(&p->sum), p->sum.size, &error);
    if (!line)
        return true;
    const char *path = furrow__project_path(p, "furrow.sum");
    fprintf(stderr, "%s:%zu:1: error: %s\n", path ? path : "furrow.sum", line, error.message);
    if (error.hint[0])
        fprintf(stderr, "help: %s\n", error.hint);
    return false;
}

bool furrow__folder_check_sum(furrow__project *p, bool *differs)
{
    furrow_error error = {0};
    *differs = false;
    if (!furrow__folder_sum_is_valid(p))
        return false;
    return furrow__sum_check(&p->history, furrow__buffer_text(&p->sum), p->sum.size, differs,
                             &error) == FURROW_OK ||
           report(p, &error);
}

bool furrow__folder_is_head(const furrow__history *history, const furrow__revision *revision)
{
    for (size_t i = 0; i < history->count; i++)
        if (furrow__names_have(history->items[i]->parents, history->items[i]->parent_count,
                               revision->id))
            return false;
    return true;
}

bool furrow__folder_one_head(furrow__project *p, furrow__revision **out, const char *hint)
{
    enum { SHOWN = 8 };
    furrow__revision *heads[SHOWN];
    furrow__buffer list = {0};
    size_t count = furrow__history_heads(&p->history, heads, SHOWN);
    *out = count == 1 ? heads[0] : NULL;
    if (count < 2)
        return true;
    for (size_t i = 0; i < count && i < SHOWN; i++)
        furrow__buffer_format(&list, "%s%s", i ? ", " : "", heads[i]->id);
    furrow__cli_error(hint, "there are %zu heads: %s%s", count, list.failed ? "" : list.text,
                      count > SHOWN ? ", ..." : "");
    furrow__buffer_done(&list);
    return false;
}

furrow__revision *furrow__folder_find(furrow__project *p, const char *id)
{
    furrow_error error = {0};
    furrow__revision *found = NULL;
    if (strcmp(id, "head") == 0 && p->history.count) {
        furrow__folder_one_head(p, &found, "give the id of one of the heads");
        return found;
    }
    found = furrow__history_find(&p->history, id, &error);
    if (!found)
        furrow__cli_fail(&error);
    return found;
}

/* Returns the line of `text` that begins with this id; *size includes the newline. Returns NULL if
 * there is no such line. */
static const char *line_of(const furrow__buffer *text, const char *id, size_t *size)
{
    *size = 0;
    for (size_t at = 0; at < text->size; at += *size) {
        const char *newline = memchr(text->text + at, '\n', text->size - at);
        *size = newline ? (size_t)(newline - text->text) + 1 - at : text->size - at;
        if (*size >= FURROW__REVISION_ID_SIZE &&
            memcmp(text->text + at, id, FURROW__REVISION_ID_SIZE - 1) == 0)
            return text->text + at;
    }
    return NULL;
}

/* The revisions whose lines in furrow.sum are computed from their files. If `ids` is NULL, these
 * are all revisions. */
typedef struct accepted {
    const char *const *ids;
    size_t count;
} accepted;

static bool is_accepted(const accepted *a, const char *line)
{
    bool found = !a->ids || *line == '#';
    for (size_t i = 0; i < a->count && !found; i++)
        found = memcmp(line, a->ids[i], FURROW__REVISION_ID_SIZE - 1) == 0;
    return found;
}

/* Adds the line of a revision to the new furrow.sum. If the revision is not accepted, its line is
 * copied from the old furrow.sum. */
static void add_sum_line(furrow__project *p, const accepted *a, const char *line, size_t size,
                         furrow__buffer *out)
{
    char id[FURROW__REVISION_ID_SIZE] = "";
    if (!is_accepted(a, line)) {
        memcpy(id, line, sizeof id - 1);
        line = line_of(&p->sum, id, &size);
    }
    if (line)
        furrow__buffer_add(out, line, size);
}

static bool make_sum(furrow__project *p, const accepted *a, furrow__buffer *out)
{
    furrow_error error = {0};
    furrow__buffer now = {0};
    bool fine = furrow__sum_write(&now, &p->history, &error) == FURROW_OK || report(p, &error);
    for (size_t at = 0, size; fine && at < now.size; at += size) {
        const char *line = now.text + at;
        size = (size_t)((const char *)memchr(line, '\n', now.size - at) - line) + 1;
        add_sum_line(p, a, line, size, out);
    }
    furrow__buffer_done(&now);
    return fine && (furrow__buffer_text(out) || no_memory());
}

static bool write_sum(furrow__project *p, const accepted *a)
{
    furrow__buffer sum = {0};
    const char *path = furrow__project_path(p, "furrow.sum");
    bool fine = path && make_sum(p, a, &sum) &&
                furrow__file_write(path, furrow__buffer_text(&sum), sum.size);
    furrow__buffer_done(&p->sum);
    p->sum = sum;
    return fine;
}

bool furrow__folder_accept(furrow__project *p, const char *const *ids, size_t count)
{
    furrow__project_lock(p);
    return furrow__folder_read(p, false) && write_sum(p, &(accepted){ids, count});
}

bool furrow__folder_write(furrow__project *p, const char *file, const char *text, size_t size)
{
    const char *path = furrow__project_path(p, file), *id = NULL;
    furrow__project_lock(p);
    bool is_new = path && access(path, F_OK) != 0;
    if (!path || !furrow__file_write(path, text, size))
        return false;
    bool fine = furrow__folder_read(p, false);
    for (size_t i = 0; fine && i < p->history.count; i++)
        if (strcmp(p->history.items[i]->file, file) == 0)
            id = p->history.items[i]->id;
    if (fine && id && write_sum(p, &(accepted){&id, 1}))
        return true;
    if (is_new)
        unlink(path);
    return false;
}
