/* SPDX-License-Identifier: MIT
 * Creates and removes scratch databases: see scratch.h. */
#include "cli/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "migrate/apply/query.h"
#include "pool/registry.h"

bool furrow__scratch_file(furrow__scratch *out, const furrow__dialect *dialect)
{
    const char *where = getenv("TMPDIR");
    int size;
    *out = (furrow__scratch){0};
    size = snprintf(out->folder, sizeof out->folder, "%s/furrow-prove-XXXXXX",
                    where && *where ? where : "/tmp");
    if (size < 0 || (size_t)size >= sizeof out->folder)
        snprintf(out->folder, sizeof out->folder, "/tmp/furrow-prove-XXXXXX");
    if (!mkdtemp(out->folder)) {
        furrow__cli_error("set TMPDIR to another folder", "could not create the folder %s: %s",
                          out->folder, strerror(errno));
        out->folder[0] = '\0';
        return false;
    }
    furrow__buffer_format(&out->url, "%s://%s%s/prove.db", dialect->name,
                          out->folder[0] == '/' ? "/" : "", out->folder);
    if (out->url.failed) {
        furrow__cli_no_memory();
        furrow__scratch_remove(out);
        return false;
    }
    return true;
}

/* Appends the server's URL with another database name. Rejects a URL whose query contains a
 * database name, because that name would take precedence over the name in the path. */
static bool write_url(furrow__buffer *out, const char *server, const char *name)
{
    const char *host = strstr(server, "://");
    const char *query = strchr(server, '?');
    if (!host || (query && strstr(query, "dbname="))) {
        furrow__cli_error("write postgresql://user:password@host:port/database",
                          "the path of the URL of the server does not name a database");
        return false;
    }
    const char *authority = host + 3;
    const char *path = authority + strcspn(authority, "/");
    if (query && query < path)
        path = query;
    furrow__buffer_add(out, server, (size_t)(path - server));
    furrow__buffer_format(out, "/%s%s", name, query ? query : "");
    if (out->failed)
        furrow__cli_no_memory();
    return !out->failed;
}

static furrow_status run_on_server(const furrow_driver *driver, const char *server, const char *sql,
                                   furrow_error *error)
{
    furrow_connection *connection = NULL;
    const struct furrow_connect_options options = {.url = server, .connect_timeout_ms = 20000};
    furrow_status status = driver->open(&connection, &options, error);
    if (status == FURROW_OK)
        status = furrow__execute(connection, sql, NULL, error);
    driver->close(connection);
    return status;
}

static void make_name(char *out, size_t size)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    snprintf(out, size, "furrow_prove_%ld_%llx", (long)getpid(),
             (unsigned long long)now.tv_sec * 1000000 + (unsigned long long)now.tv_nsec / 1000);
}

static bool create_database(furrow__scratch *scratch)
{
    char sql[128];
    furrow_error error = {0};
    snprintf(sql, sizeof sql, "CREATE DATABASE %s TEMPLATE template0", scratch->name);
    if (run_on_server(scratch->driver, scratch->server, sql, &error) == FURROW_OK)
        return true;
    furrow__cli_error(error.hint[0] ? error.hint : "grant the CREATEDB privilege to the user",
                      "could not create a scratch database: %s", error.message);
    return false;
}

bool furrow__scratch_database(furrow__scratch *out, const char *server)
{
    furrow_error error = {0};
    const furrow__dialect *dialect;
    *out = (furrow__scratch){.server = server};
    if (furrow__registry_find(&out->driver, &dialect, server, &error) != FURROW_OK) {
        furrow__cli_fail(&error);
        return false;
    }
    make_name(out->name, sizeof out->name);
    if (write_url(&out->url, server, out->name) && create_database(out))
        return true;
    out->name[0] = '\0'; /* The database has not been created, so it is not dropped. */
    furrow__scratch_remove(out);
    return false;
}

static void remove_folder(const char *name)
{
    char path[400];
    DIR *folder = opendir(name);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        int size = snprintf(path, sizeof path, "%s/%s", name, entry->d_name);
        if (size > 0 && (size_t)size < sizeof path && entry->d_name[0] != '.')
            unlink(path);
    }
    if (folder)
        closedir(folder);
    if (rmdir(name) != 0)
        furrow__cli_error(NULL, "could not remove the folder %s: %s", name, strerror(errno));
}

void furrow__scratch_remove(furrow__scratch *scratch)
{
    char sql[128];
    furrow_error error = {0};
    if (scratch->folder[0])
        remove_folder(scratch->folder);
    snprintf(sql, sizeof sql, "DROP DATABASE %s", scratch->name);
    if (scratch->name[0] &&
        run_on_server(scratch->driver, scratch->server, sql, &error) != FURROW_OK)
        furrow__cli_error("drop the database by hand", "could not drop the database %s: %s",
                          scratch->name, error.message);
    furrow__buffer_done(&scratch->url);
    *scratch = (furrow__scratch){0};
}
