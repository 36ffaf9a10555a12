/* SPDX-License-Identifier: MIT
 * URLs: sqlite:///relative/file, sqlite:////absolute/file, and sqlite:// or
 * sqlite:///:memory: for an in-memory database. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "driver/sqlite/sqlite.h"

/* Decodes %XX in place. Returns a description of the first error, or NULL if there is none. */
static const char *decode(char *path)
{
    char *out = path;
    for (const char *in = path; *in; in++) {
        if (*in != '%') {
            *out++ = *in;
            continue;
        }
        int high = furrow__hex_digit(in[1]), low = high < 0 ? -1 : furrow__hex_digit(in[2]);
        if (low < 0)
            return "a % without two hexadecimal digits after it";
        if (high == 0 && low == 0)
            return "a NUL (%00) in the path";
        *out++ = (char)(high * 16 + low);
        in += 2;
    }
    *out = '\0';
    return furrow__utf8_is_valid(path, (size_t)(out - path)) ? NULL : "a path that is not UTF-8";
}

static furrow_status refuse(furrow_error *error, const char *what, const char *instead)
{
    furrow__fail(error, FURROW_INVALID, "malformed database URL: %s", what);
    return furrow__hint(error, "%s", instead);
}

/* Does not check other URLs; furrow__sqlite_url does that. Other libraries also accept
 * sqlite:///:memory:. The URL of a file with the name ":memory:" contains %3Amemory%3A. */
bool furrow__sqlite_is_in_memory(const char *url)
{
    return strcmp(url, "sqlite://") == 0 || strcmp(url, "sqlite:///:memory:") == 0;
}

furrow_status furrow__sqlite_url(const char *url, char **path, furrow_error *error)
{
    static const char scheme[] = "sqlite://";
    const char *forms = "write sqlite:///relative/file, sqlite:////absolute/file or sqlite://";
    *path = NULL;
    if (!url || strncmp(url, scheme, sizeof scheme - 1) != 0)
        return refuse(error, "it does not begin with sqlite://", forms);
    const char *rest = url + sizeof scheme - 1;
    if (strchr(rest, '?'))
        return refuse(error, "a SQLite URL has no parameters after ?",
                      "options are arguments of furrow_engine_open; write %3F for ? in a name");
    if (strchr(rest, '#'))
        return refuse(error, "a # in the path", "write %23 for # in a name");
    if (furrow__sqlite_is_in_memory(url))
        return FURROW_OK;
    if (*rest != '/')
        return refuse(error, "it names a server, which SQLite does not have", forms);
    rest++;
    if (!*rest)
        return refuse(error, "there is no file name after the third slash", forms);
    size_t size = strlen(rest) + 1;
    char *decoded = furrow__allocate(size + 2);
    if (!decoded)
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    memcpy(decoded, "./", 2);
    char *name = *rest == '/' ? decoded : decoded + 2;
    memcpy(name, rest, size);
    const char *wrong = decode(name);
    if (wrong) {
        furrow__release(decoded);
        return refuse(error, wrong, "percent-encode the path as in RFC 3986");
    }
    *path = decoded;
    return FURROW_OK;
}

bool furrow__sqlite_is_missing(const char *url)
{
    furrow_error ignored;
    char *path = NULL;
    if (furrow__sqlite_url(url, &path, &ignored) != FURROW_OK || !path)
        return false;
    bool is_missing = access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR);
    furrow__release(path);
    return is_missing;
}
