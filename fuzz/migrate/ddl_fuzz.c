/* SPDX-License-Identifier: MIT
 *
 * Fuzzes the parser of furrow DDL. The parser must not crash, hang or leak. If the parsed changes
 * are written and parsed again, the result must be the same. If the changes are applied to a
 * schema, the result must be a schema or an error message. */
#include <stdlib.h>
#include <string.h>

#include "migrate/revision/change.h"
#include "migrate/revision/ddl.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void write_all(furrow__buffer *out, const furrow__change_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        furrow__change_write(out, NULL, &list->items[i]);
}

/* Writes the changes, parses the text, and checks that the result is the same. */
static void check_written(const furrow__change_list *changes, furrow_arena *arena)
{
    furrow_error error;
    furrow__buffer first = {0}, second = {0};
    furrow__change_list again = {.arena = arena};
    furrow__file_location place, start = {.line = 1, .column = 1};
    write_all(&first, changes);
    must(furrow__ddl_parse(&again,
                           &(furrow__source_text){.text = first.text ? first.text : "",
                                                  .size = first.size,
                                                  .location = start},
                           &place, &error) == FURROW_OK);
    must(again.count == changes->count);
    write_all(&second, &again);
    must(first.size == second.size && memcmp(first.text, second.text, first.size) == 0);
    furrow__buffer_done(&first);
    furrow__buffer_done(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    furrow_arena arena = {0};
    furrow_error error = {0};
    furrow__catalog catalog;
    furrow__change_list changes = {.arena = &arena};
    furrow__problem_list problems = {.count = 0};
    furrow__file_location start = {.line = 1, .column = 1};
    furrow__buffer said = {0};
    const char *text = size ? (const char *)bytes : "";
    furrow__catalog_init(&catalog, NULL, &arena);
    furrow_status status = furrow__ddl_parse_all(
        &changes, &(furrow__source_text){.text = text, .size = size, .location = start}, &problems,
        &error);
    must(status == FURROW_OK || (status == FURROW_INVALID && error.message[0] && problems.count));
    furrow__problems_write(&said, &problems, "a.sql", text, size);
    if (status == FURROW_OK && changes.count)
        check_written(&changes, &arena);
    if (furrow__changes_apply(&catalog, &changes, &error) != FURROW_OK)
        must(error.message[0]);
    char fingerprint[FURROW__FINGERPRINT_SIZE];
    must(furrow__catalog_fingerprint(fingerprint, &catalog, &error) == FURROW_OK);
    furrow__buffer_done(&said);
    furrow__arena_done(&arena);
    return 0;
}
