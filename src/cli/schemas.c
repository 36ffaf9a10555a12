/* SPDX-License-Identifier: MIT
 * Computes the schemas of revisions and models: see schemas.h. */
#include "cli/schemas.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/config.h"
#include "cli/report.h"
#include "compiler/limits.h"
#include "migrate/author/diff.h"
#include "schema/name.h"

static bool fail(const furrow_error *error)
{
    furrow__cli_fail(error);
    return false;
}

/* Reports each model header that does not exist. Returns false if any header is missing. */
static bool models_exist(const furrow__project *p)
{
    bool fine = true;
    for (int i = 0; i < p->model_count; i++)
        if (access(p->models[i], F_OK) != 0) {
            fprintf(stderr, "furrow: error: could not read %s: %s\n", p->models[i],
                    strerror(errno));
            fine = false;
        }
    if (!fine)
        fprintf(stderr,
                "help: write the header, or change models in %s to the headers that contain the "
                "models\n",
                p->config);
    return fine;
}

static bool check_models(const furrow__project *p)
{
    if (!p->config)
        furrow__config_report_missing(NULL);
    else if (!p->model_count)
        furrow__cli_error("add the line \"models = models.h\" to that file",
                          "%s does not name any models", p->config);
    else if (p->model_count > FURROW__MAX_HEADERS)
        furrow__cli_error(NULL, "%s names more than %d headers", p->config, FURROW__MAX_HEADERS);
    else
        return models_exist(p);
    return false;
}

/* Compiles the models and computes their schema. Returns the compiler, which knows the source
 * locations of the models, or NULL after an error. */
static furrow__compiler *read_models(furrow__project *p, furrow__catalog *out)
{
    furrow_error error = {0};
    int status;
    furrow__catalog_init(out, NULL, &p->arena);
    if (!check_models(p))
        return NULL;
    furrow__compiler *c = furrow__cli_compile(p->models, p->model_count, NULL, NULL, &status);
    if (!c)
        return NULL;
    if (furrow__catalog_from_schema(out, furrow__compiler_schema(c), &p->arena, &error) ==
        FURROW_OK)
        return c;
    furrow__compiler_free(c);
    furrow__cli_fail(&error);
    return NULL;
}

bool furrow__schema_of_models(furrow__project *p, furrow__catalog *out)
{
    furrow__compiler *c = read_models(p, out);
    bool fine = c != NULL;
    furrow__compiler_free(c);
    return fine;
}

bool furrow__schema_after(furrow__project *p, const furrow__revision *const *revisions,
                          size_t count, furrow__catalog *out)
{
    furrow_error error = {0};
    const furrow__history *history = &p->history;
    bool *applied = furrow__arena_aligned(&p->arena, history->count + 1, 1);
    bool *ancestors = furrow__arena_aligned(&p->arena, history->count + 1, 1);
    if (!applied || !ancestors) {
        furrow__cli_no_memory();
        return false;
    }
    memset(applied, 0, history->count);
    for (size_t i = 0; i < count; i++) {
        furrow__history_ancestors(history, furrow__history_place(history, revisions[i]->id),
                                  ancestors);
        for (size_t j = 0; j < history->count; j++)
            applied[j] |= ancestors[j];
    }
    if (furrow__history_replay(out, history, applied, &p->arena, &error) == FURROW_OK)
        return true;
    furrow__report(p, &error);
    return false;
}

/* Warns about renames that form a cycle. If two tables or columns exchange their names, the schema
 * is the same before and after the exchange. Only the author can know whether the exchange has
 * already been done. */
static void report_cycles(const furrow__diff *diff)
{
    for (size_t i = 0; i < diff->cycle_count; i++) {
        const furrow__likely_rename *c = &diff->cycles[i];
        fprintf(stderr,
                "furrow: warning: renamed_from(\"%s\") of %s%s%s is ignored: the renames form a "
                "cycle and may already have been made\n"
                "help: to exchange the names, write ALTER TABLE ... RENAME with a third name into "
                "an empty "
                "revision; then remove renamed_from\n",
                c->from, c->is_table ? "" : c->table.name, c->is_table ? "" : ".", c->to);
    }
}

static void write_unused_hint(char *out, size_t size, const furrow__unused_hint *h)
{
    const char *what = h->column ? "column" : "table",
               *name = h->column ? h->column : h->table.name;
    const char *contents = h->column ? "values" : "rows";
    if (h->reason == FURROW__HINT_TAKEN)
        snprintf(out, size, "%s %s becomes %s and cannot also become %s", what,
                 FURROW__QUOTED(h->from), FURROW__QUOTED(h->by), FURROW__QUOTED(name));
    else if (h->reason == FURROW__HINT_IN_USE)
        snprintf(out, size, "%s %s still exists, so %s is new and does not get its %s", what,
                 FURROW__QUOTED(h->from), FURROW__QUOTED(name), contents);
    else if (h->column)
        snprintf(out, size, "table %s has no column %s, so %s is new and has no %s",
                 FURROW__QUOTED(h->table.name), FURROW__QUOTED(h->from), FURROW__QUOTED(name),
                 contents);
    else
        snprintf(out, size, "there is no table %s, so %s is new and has no %s",
                 FURROW__QUOTED(h->from), FURROW__QUOTED(name), contents);
}

/* Reports each renamed_from that has no effect, with its location in the header. Some of these
 * reports are errors, the others are warnings. Returns false if there was an error. */
static bool report_unused_hints(furrow__compiler *c, const furrow__diff *diff)
{
    static const char *const fixes[] = {
        [FURROW__HINT_TAKEN] =
            "keep only the renamed_from of the table or column that gets the values",
        [FURROW__HINT_IN_USE] = "remove renamed_from, or remove the table or column that it names",
        [FURROW__HINT_UNKNOWN] =
            "write the name that the last revision uses, or remove renamed_from"};
    furrow__compiler_forget_messages(c);
    for (size_t i = 0; i < diff->unused_hint_count; i++) {
        const furrow__unused_hint *h = &diff->unused_hints[i];
        char message[4 * FURROW__NAME_SIZE + 120];
        write_unused_hint(message, sizeof message, h);
        furrow__compiler_remark_rename(
            c, &(furrow__rename_remark){.schema = h->table.schema,
                                        .table = h->table.name,
                                        .column = h->column,
                                        .is_warning = h->reason != FURROW__HINT_TAKEN,
                                        .message = message,
                                        .help = fixes[h->reason]});
    }
    const char *messages = furrow__compiler_messages(c);
    if (messages)
        fputs(messages, stderr);
    else
        furrow__cli_no_memory();
    return messages && furrow__compiler_error_count(c) == 0;
}

static bool apply_changes(furrow__project *p, const furrow__catalog *before,
                          const furrow__change_list *changes, furrow__catalog *after)
{
    furrow_error error = {0};
    return (furrow__catalog_copy(after, before, &p->arena, &error) == FURROW_OK &&
            furrow__changes_apply(after, changes, &error) == FURROW_OK) ||
           fail(&error);
}

bool furrow__schema_changes(furrow__project *p, const furrow__catalog *before,
                            furrow__change_list *changes, furrow__catalog *after)
{
    furrow_error error = {0};
    furrow__catalog models;
    furrow__diff diff;
    furrow__diff_options options = {.to_is_models = true};
    *changes = (furrow__change_list){.arena = &p->arena};
    *after = (furrow__catalog){0};
    furrow__compiler *c = read_models(p, &models);
    if (!c)
        return false;
    bool fine = furrow__diff_catalogs(&diff, &(furrow__diff_request){before, &models, options},
                                      &p->arena, &error) == FURROW_OK ||
                fail(&error);
    fine = fine && report_unused_hints(c, &diff);
    furrow__compiler_free(c);
    if (!fine || !apply_changes(p, before, &diff.changes, after))
        return false;
    report_cycles(&diff);
    *changes = diff.changes;
    return true;
}
