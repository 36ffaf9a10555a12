/* SPDX-License-Identifier: MIT
 * Implements the functions that print the output of several verbs: see print.h. */
#include "cli/print.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/folder.h"
#include "cli/report.h"
#include "migrate/apply/query.h"
#include "migrate/author/lint.h"
#include "sql/dialect.h"
#include "migrate/apply/drift.h"

void furrow__print_revision(const furrow__history *history, const furrow__revision *revision)
{
    printf("%s%s%s%s%s, %s\n", revision->id,
           furrow__folder_is_head(history, revision) ? " (head)" : "",
           revision->parent_count > 1 ? " (merge)" : "",
           revision->irreversible ? " (irreversible)" : "",
           revision->no_transaction ? " (no transaction)" : "", revision->message);
}

static void add_json(furrow__buffer *out, const furrow__history *history,
                     const furrow__revision *revision)
{
    furrow__buffer_format(out, "{\"id\": \"%s\", \"parents\": [", revision->id);
    for (size_t i = 0; i < revision->parent_count; i++)
        furrow__buffer_format(out, "%s\"%s\"", i ? ", " : "", revision->parents[i]);
    furrow__buffer_add_text(out, "], \"message\": ");
    furrow__cli_json(out, revision->message);
    furrow__buffer_add_text(out, ", \"file\": ");
    furrow__cli_json(out, revision->file);
    furrow__buffer_format(out, ", \"head\": %s, \"irreversible\": %s, \"no_transaction\": %s}",
                          furrow__folder_is_head(history, revision) ? "true" : "false",
                          revision->irreversible ? "true" : "false",
                          revision->no_transaction ? "true" : "false");
}

int furrow__print_revisions(const furrow__history *history, furrow__revision *const *list,
                            size_t count, bool json)
{
    furrow__buffer out = {0};
    for (size_t i = 0; i < count && !json; i++)
        furrow__print_revision(history, list[i]);
    if (!json)
        return FURROW__EXIT_OK;
    furrow__buffer_add_text(&out, "[");
    for (size_t i = 0; i < count; i++) {
        furrow__buffer_add_text(&out, i ? ",\n " : "");
        add_json(&out, history, list[i]);
    }
    furrow__buffer_add_text(&out, "]\n");
    int status = out.failed ? furrow__cli_no_memory() : FURROW__EXIT_OK;
    if (!out.failed)
        fputs(out.text, stdout);
    furrow__buffer_done(&out);
    return status;
}

void furrow__print_changes(FILE *file, const furrow__change_list *changes, const char *indent)
{
    furrow__buffer line = {0};
    for (size_t i = 0; i < changes->count; i++) {
        furrow__buffer_clear(&line);
        furrow__change_describe(&line, &changes->items[i]);
        if (furrow__buffer_text(&line))
            fprintf(file, "%s%s\n", indent, furrow__buffer_text(&line));
    }
    furrow__buffer_done(&line);
}

void furrow__print_changes_json(const furrow__change_list *changes)
{
    furrow__buffer out = {0}, line = {0};
    furrow__buffer_add_char(&out, '[');
    for (size_t i = 0; i < changes->count; i++) {
        furrow__buffer_clear(&line);
        furrow__change_describe(&line, &changes->items[i]);
        furrow__buffer_add_text(&out, i ? ",\n {\"change\": " : "{\"change\": ");
        furrow__cli_json(&out, furrow__buffer_text(&line) ? furrow__buffer_text(&line) : "");
        furrow__buffer_add_char(&out, '}');
    }
    furrow__buffer_add_char(&out, ']');
    if (furrow__buffer_text(&out))
        puts(furrow__buffer_text(&out));
    furrow__buffer_done(&out);
    furrow__buffer_done(&line);
}

static bool lint_on(furrow__project *p, const furrow__revision *revision,
                    const furrow__catalog *before, const furrow__dialect *dialect)
{
    furrow_error error = {0};
    furrow_arena arena = {0};
    furrow__lint_list found;
    furrow__buffer out = {0};
    const char *path = furrow__project_path(p, revision->file);
    furrow_status status = furrow__lint_changes(
        &found,
        &(furrow__lint_input){dialect, before, &revision->upgrade, revision->no_transaction},
        &arena, &error);
    if (status == FURROW_OK && path) {
        furrow__lint_write(&out, &found, path);
        if (found.count && furrow__buffer_text(&out))
            fprintf(stderr, "on %s:\n%s", dialect->name, furrow__buffer_text(&out));
    } else if (status != FURROW_OK) {
        furrow__cli_fail(&error);
    }
    furrow__buffer_done(&out);
    furrow__arena_done(&arena);
    return status == FURROW_OK && path;
}

bool furrow__print_lint(furrow__project *p, const furrow__revision *revision,
                        const furrow__catalog *before, const char *dialect)
{
    const furrow__dialect *dialects[FURROW__DIALECT_COUNT];
    size_t count = furrow__project_dialects(p, dialect, dialects);
    bool fine = true;
    for (size_t i = 0; i < count && fine; i++)
        fine = lint_on(p, revision, before, dialects[i]);
    return fine;
}

bool furrow__print_risks(furrow__project *p, const furrow__revision *revision,
                         const furrow__catalog *before)
{
    furrow_error error = {0};
    furrow_arena arena = {0};
    furrow__lint_list found = {0};
    furrow_status status = furrow__lint_changes(
        &found,
        &(furrow__lint_input){p->dialect, before, &revision->upgrade, revision->no_transaction},
        &arena, &error);
    /* Lint must not prevent an upgrade. If lint fails, print the findings so far and continue,
     * except when memory has run out. */
    for (size_t i = 0; i < found.count; i++) {
        const furrow__lint_finding *f = &found.items[i];
        furrow__report_line(p, revision->file, f->location, "warning: %s: %s%s%s", f->rule->code,
                            f->rule->what, f->about[0] ? ": " : "", f->about);
    }
    furrow__arena_done(&arena);
    return status != FURROW_NOMEM;
}

static void add_member(furrow__buffer *out, const char *name, const char *value)
{
    furrow__buffer_format(out, ", \"%s\": ", name);
    if (value)
        furrow__cli_json(out, value);
    else
        furrow__buffer_add_text(out, "null");
}

static void add_drift_json(furrow__buffer *out, const furrow__drift *drift)
{
    static const char *const kinds[] = {"", "missing", "differs", "extra"};
    furrow__buffer_format(out, "{\"kind\": \"%s\"", kinds[drift->kind]);
    add_member(out, "schema", drift->table.schema);
    add_member(out, "table", drift->table.name);
    add_member(out, "part", drift->part);
    add_member(out, "name", drift->name);
    add_member(out, "expected", drift->expected);
    add_member(out, "found", drift->found);
    furrow__buffer_add_char(out, '}');
}

static bool print_drift(FILE *file, const furrow__drift_list *list, bool json)
{
    furrow__buffer out = {0};
    furrow__buffer_add_text(&out, json ? "[" : "");
    for (size_t i = 0; i < list->count; i++) {
        furrow__buffer_add_text(&out, json && i ? ",\n " : "");
        if (json)
            add_drift_json(&out, &list->items[i]);
        else
            furrow__drift_write(&out, &list->items[i]);
        furrow__buffer_add_text(&out, json ? "" : "\n");
    }
    furrow__buffer_add_text(&out, json ? "]\n" : "");
    const char *text = furrow__buffer_text(&out);
    if (text)
        fputs(text, file);
    else
        furrow__cli_no_memory();
    furrow__buffer_done(&out);
    return text != NULL;
}

/* Begins the transaction in which schemas are compared. The transaction is always rolled back. It
 * must not be read-only, because on some engines the comparison creates temporary tables. */
static furrow_status begin_comparison(furrow__project *p, furrow_connection *connection,
                                      furrow_error *error)
{
    bool writes = furrow__drift_find_writes(p->dialect);
    furrow_status status = p->driver->begin(connection, FURROW_ISOLATION_DEFAULT, !writes, error);
    if (status != FURROW_OK || !writes)
        return status;
    status = furrow__execute(connection, "SET TRANSACTION READ WRITE", NULL, error);
    if (status != FURROW_OK)
        furrow__hint(error, "connect to the primary server, because comparing schemas creates "
                            "temporary tables, which a standby server cannot do");
    return status;
}

bool furrow__print_drift(furrow__project *p, furrow__migrator *m, const furrow__drift_view *view,
                         size_t *count)
{
    furrow_error error = {0}, ignored;
    furrow__drift_list found = {0};
    furrow_connection *connection = furrow__migrator_connection(m);
    *count = 0;
    furrow_status status = begin_comparison(p, connection, &error);
    if (status == FURROW_OK)
        status = furrow__drift_find(&found,
                                    &(furrow__drift_request){.connection = connection,
                                                             .expected = view->expected,
                                                             .dialect = p->dialect,
                                                             .any_storage = view->any_storage,
                                                             .every_column = view->every_column},
                                    &p->arena, &error);
    if (connection->in_transaction)
        p->driver->rollback(connection, &ignored);
    *count = found.count;
    if (status == FURROW_OK)
        return print_drift(view->file, &found, view->json);
    furrow__cli_fail(&error);
    return false;
}
