/* SPDX-License-Identifier: MIT
 * Opens a project and connects to its database: see project.h. config.c reads furrow.ini. */
#include "cli/project.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/config.h"
#include "cli/report.h"
#include "pool/registry.h"
#include "sql/dialect.h"

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
    if (!p->url || furrow__registry_find(&p->driver, &p->dialect, p->url, &error) == FURROW_OK)
        return true;
    furrow__cli_fail(&error);
    return false;
}

/* Locks the folder itself, so that no lock file is needed. If the file system does not support
 * locks, as is the case for some network file systems, the command continues without a lock. If the
 * folder does not exist, the function does nothing: the later attempt to read the folder reports
 * the error. */
void furrow__project_lock(furrow__project *p)
{
    if (p->lock >= 0)
        return;
    p->lock = open(p->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (p->lock < 0 || flock(p->lock, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
        return;
    fprintf(stderr, "furrow: waiting for another furrow command that writes to %s\n", p->folder);
    while (flock(p->lock, LOCK_EX) != 0 && errno == EINTR)
        continue;
}

bool furrow__project_open_locked(furrow__project *p, const furrow__project_options *options)
{
    if (!furrow__project_open(p, options))
        return false;
    furrow__project_lock(p);
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

bool furrow__project_lacks_database(const furrow__project *p)
{
    return p->url && p->driver->is_missing && p->driver->is_missing(p->url);
}

static void report_wal(const furrow__project *p)
{
    furrow__buffer url = {0};
    furrow__write_url(&url, p->url);
    fprintf(stderr,
            "furrow: %s now uses a write-ahead log (PRAGMA journal_mode), which furrow's engine "
            "needs\n",
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
        furrow__cli_error("set url in furrow.ini or FURROW_URL, or give --url",
                          "no database is configured");
        return false;
    }
    own.url = p->url;
    if (furrow__migrator_open(out, p->driver, p->dialect, &own, &error) == FURROW_OK) {
        if (furrow__migrator_began_wal(*out))
            report_wal(p);
        return true;
    }
    if (!own.create_database && furrow__project_lacks_database(p))
        furrow__hint(&error, "%sname another database with --url or url in furrow.ini",
                     p->only_reads_database ? "" : "run furrow upgrade to create it, or ");
    furrow__cli_fail(&error);
    return false;
}

size_t furrow__project_dialects(const furrow__project *p, const char *name,
                                const furrow__dialect *out[FURROW__DIALECT_COUNT])
{
    out[0] = name ? furrow__dialect_named(name) : p->dialect;
    if (out[0])
        return 1;
    memcpy(out, furrow__dialects, sizeof furrow__dialects);
    return FURROW__DIALECT_COUNT;
}
