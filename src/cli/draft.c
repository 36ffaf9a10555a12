/* SPDX-License-Identifier: MIT
 * Creates new revisions and writes their files: see draft.h. */
#include "cli/draft.h"
#include "cli/folder.h"
#include "cli/report.h"
#include "cli/schemas.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "migrate/author/diff.h"

enum {
    SLUG_SIZE = 40
}; /* maximum size, in bytes, of the part of a file name that is derived from
      the message */

static bool fail(const furrow_error *error)
{
    furrow__cli_fail(error);
    return false;
}

static bool make_id(furrow__draft *d, const furrow__history *history)
{
    do {
        uint8_t bytes[(FURROW__REVISION_ID_SIZE - 1) / 2];
        if (getentropy(bytes, sizeof bytes) != 0) {
            furrow__cli_error(NULL, "could not create a random id: %s", strerror(errno));
            return false;
        }
        for (size_t i = 0; i < sizeof bytes; i++)
            snprintf(d->id + 2 * i, 3, "%02x", bytes[i]);
    } while (furrow__history_place(history, d->id) != SIZE_MAX);
    return true;
}

/* Appends the current time in the form 20260101T1200. */
static void add_time(furrow__buffer *out)
{
    char text[FURROW_TIME_SIZE] = "";
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    furrow_time_format((furrow_time){(int64_t)now.tv_sec * 1000000}, text, sizeof text);
    for (const char *c = text; *c && c < text + sizeof "2026-01-01T12:00" - 1; c++)
        if (*c != '-' && *c != ':')
            furrow__buffer_add_char(out, *c);
}

/* Appends a message as a part of a file name: "Add phone, at last" becomes add_phone_at_last. */
static void add_slug(furrow__buffer *out, const char *message)
{
    size_t size = 0;
    bool gap = true;
    for (; *message && size < SLUG_SIZE; message++) {
        char c = *message >= 'A' && *message <= 'Z' ? (char)(*message + 32) : *message;
        bool is_word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (is_word && gap) {
            furrow__buffer_add_char(out, '_');
            size++;
        }
        if (is_word) {
            furrow__buffer_add_char(out, c);
            size++;
        }
        gap = !is_word;
    }
}

static bool check_message(const char *message)
{
    size_t size = strlen(message);
    const char *wrong = NULL;
    if (!size || size >= FURROW__MESSAGE_SIZE)
        wrong = "must have from 1 to 199 bytes";
    else if (!furrow__utf8_is_valid(message, size))
        wrong = "must be valid UTF-8";
    for (const char *c = message; *c && !wrong; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            wrong = "must be one line without control characters";
    if (!wrong && (message[0] == ' ' || message[size - 1] == ' '))
        wrong = "must not begin or end with a blank";
    if (wrong)
        furrow__cli_error(NULL, "the message %s", wrong);
    return !wrong;
}

bool furrow__draft_begin(furrow__draft *d, furrow__project *p, const char *message,
                         const furrow__revision *const *parents, size_t count)
{
    furrow_error error = {0};
    *d = (furrow__draft){
        .revision = {.message = message, .parent_count = count},
    };
    d->revision.upgrade.arena = d->revision.downgrade.arena = &p->arena;
    d->revision.id = d->id;
    for (size_t i = 0; i < count; i++)
        d->revision.parents[i] = parents[i]->id;
    if (!check_message(message) || !make_id(d, &p->history))
        return false;
    add_time(&d->file);
    furrow__buffer_format(&d->file, "_%s", d->id);
    add_slug(&d->file, message);
    furrow__buffer_add_text(&d->file, ".sql");
    if (!furrow__schema_after(p, parents, count, &d->before))
        return false;
    if (furrow__catalog_copy(&d->after, &d->before, &p->arena, &error) != FURROW_OK)
        return fail(&error);
    if (!count)
        d->after.storage = FURROW__STORAGE_NEWEST;
    return true;
}

bool furrow__draft_add_downgrade(furrow__draft *d, furrow__project *p)
{
    furrow_error error = {0};
    furrow__diff diff;
    furrow__diff_options options = {.is_downgrade = true};
    if (furrow__diff_catalogs(&diff, &(furrow__diff_request){&d->after, &d->before, options},
                              &p->arena, &error) != FURROW_OK)
        return fail(&error);
    d->revision.downgrade = diff.changes;
    if (furrow__diff_remark(&d->revision.downgrade, &d->after, true, &p->arena, &error) !=
        FURROW_OK)
        return fail(&error);
    return true;
}

bool furrow__draft_finish(furrow__draft *d, furrow__project *p)
{
    furrow_error error = {0};
    furrow__file_location place = {.line = 0};
    furrow_status status = furrow__catalog_fingerprint(d->fingerprints[0], &d->before, &error);
    if (status == FURROW_OK)
        status = furrow__catalog_fingerprint(d->fingerprints[1], &d->after, &error);
    if (status != FURROW_OK)
        return fail(&error);
    d->revision.storage = d->after.storage;
    d->revision.before = d->fingerprints[0];
    d->revision.after = d->fingerprints[1];
    furrow__revision_write(&d->text, &d->revision, &d->before, &d->after);
    if (!furrow__buffer_text(&d->text) || !furrow__buffer_text(&d->file)) {
        furrow__cli_no_memory();
        return false;
    }
    status = furrow__history_add(&p->history,
                                 &(furrow__source_text){.text = d->text.text,
                                                        .size = d->text.size,
                                                        .location = {.file = d->file.text}},
                                 &place, &error);
    if (status != FURROW_OK) {
        furrow__report_line(p, d->file.text, place, "error: %s", error.message);
        return false;
    }
    if (furrow__history_link(&p->history, &error) != FURROW_OK) {
        furrow__report(p, &error);
        return false;
    }
    size_t at = furrow__history_place(&p->history, d->id);
    d->read = p->history.items[at];
    if (furrow__history_check(&p->history, at, &error) == FURROW_OK)
        return true;
    furrow__report(p, &error);
    return false;
}

static bool print_path(const furrow__draft *d, furrow__project *p)
{
    const char *path = furrow__project_path(p, d->file.text);
    if (path)
        puts(path);
    return path != NULL;
}

bool furrow__draft_write(furrow__draft *d, furrow__project *p)
{
    return furrow__folder_write(p, d->file.text, d->text.text, d->text.size) && print_path(d, p);
}

bool furrow__draft_write_unaccepted(furrow__draft *d, furrow__project *p)
{
    const char *path = furrow__project_path(p, d->file.text);
    return path && furrow__file_write(path, d->text.text, d->text.size) && print_path(d, p);
}

void furrow__draft_done(furrow__draft *d)
{
    furrow__buffer_done(&d->file);
    furrow__buffer_done(&d->text);
}
