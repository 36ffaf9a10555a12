/* SPDX-License-Identifier: MIT
 * Reports errors at their locations in the files of revisions: see report.h. */
#include "cli/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

void furrow__report_line(furrow__project *p, const char *file, furrow__file_location place,
                         const char *format, ...)
{
    const char *path = furrow__project_path(p, file);
    va_list arguments;
    fprintf(stderr, "%s:", path ? path : file);
    if (place.line)
        fprintf(stderr, "%u:%u:", (unsigned)place.line, (unsigned)place.column);
    fputc(' ', stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

void furrow__report_at(furrow__project *p, const furrow__revision *revision,
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

void furrow__report(furrow__project *p, const furrow_error *error)
{
    const furrow__revision_failure *failure = &p->failure;
    if (!failure->revision) {
        furrow__cli_fail(error);
    } else if (failure->location.line) {
        furrow__report_at(p, failure->revision, failure->location, &failure->error);
    } else {
        furrow__report_line(p, failure->revision->file, failure->location, "error: %s",
                            failure->error.message);
        if (failure->error.hint[0])
            fprintf(stderr, "help: %s\n", failure->error.hint);
    }
}

void furrow__write_url(furrow__buffer *out, const char *url)
{
    const char *host = strstr(url, "://");
    size_t user = host ? (size_t)(host - url) + 3 : 0;
    size_t end = user + strcspn(url + user, "/?#");
    const char *at = memchr(url + user, '@', end - user);
    const char *colon = at ? memchr(url + user, ':', (size_t)(at - url) - user) : NULL;
    furrow__buffer_add(out, url, colon ? (size_t)(colon - url) : user);
    url = colon ? at : url + user;
    for (const char *password; (password = strstr(url, "password=")); url = password) {
        password += sizeof "password=" - 1;
        furrow__buffer_add(out, url, (size_t)(password - url));
        furrow__buffer_add_text(out, "...");
        password += strcspn(password, "&");
    }
    furrow__buffer_add_text(out, url);
}
