/* SPDX-License-Identifier: MIT
 *
 * Fuzzes the diff of two schemas. The input is two schemas in furrow DDL, separated by a 0 byte.
 * Statements that cannot be parsed or applied are skipped. The changes that diff returns must lead
 * from the first schema to the second and back; fingerprints are compared to check this. It must
 * also be possible to write and parse the changes, and to plan them for each engine. */
#include <stdlib.h>
#include <string.h>

#include "migrate/revision/ddl.h"
#include "migrate/author/diff.h"
#include "migrate/plan/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void make(furrow__catalog *out, const char *text, size_t size, furrow_arena *arena)
{
    furrow_error error = {0};
    furrow__change_list changes = {.arena = arena};
    furrow__problem_list problems = {.count = 0};
    furrow__catalog_init(out, NULL, arena);
    furrow__ddl_parse_all(
        &changes,
        &(furrow__source_text){.text = size ? text : "",
                               .size = size,
                               .location = (furrow__file_location){.line = 1, .column = 1}},
        &problems, &error);
    for (size_t i = 0; i < changes.count; i++)
        furrow__change_apply(out, &changes.items[i], &error);
}

static void go(const furrow__catalog *from, const furrow__catalog *to, furrow__diff_options options,
               furrow_arena *arena)
{
    static const furrow__dialect *const engines[] = {&furrow__dialect_sqlite,
                                                     &furrow__dialect_postgresql};
    furrow_error error = {0};
    furrow__diff diff;
    furrow__plan plan;
    furrow__catalog copy;
    furrow__buffer text = {0};
    furrow__change_list again = {.arena = arena};
    furrow__file_location place, start = {.line = 1, .column = 1};
    char wanted[FURROW__FINGERPRINT_SIZE], got[FURROW__FINGERPRINT_SIZE];
    must(furrow__diff_catalogs(&diff, &(furrow__diff_request){from, to, options}, arena, &error) ==
         FURROW_OK);
    must(furrow__catalog_copy(&copy, from, arena, &error) == FURROW_OK);
    must(furrow__changes_apply(&copy, &diff.changes, &error) == FURROW_OK);
    must(furrow__catalog_fingerprint(wanted, to, &error) == FURROW_OK);
    must(furrow__catalog_fingerprint(got, &copy, &error) == FURROW_OK);
    must(options.to_is_models || strcmp(wanted, got) == 0);
    for (size_t i = 0; i < diff.changes.count; i++)
        furrow__change_write(&text, NULL, &diff.changes.items[i]);
    must(furrow__ddl_parse(&again,
                           &(furrow__source_text){.text = text.size ? text.text : "",
                                                  .size = text.size,
                                                  .location = start},
                           &place, &error) == FURROW_OK);
    must(again.count == diff.changes.count);
    for (size_t i = 0; i < 2; i++)
        must(furrow__plan_make(&plan, &(furrow__plan_input){engines[i], from, &diff.changes}, arena,
                               &error) == FURROW_OK ||
             error.message[0]);
    furrow__buffer_done(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    furrow_arena arena = {0};
    furrow__catalog a, b;
    const char *text = (const char *)bytes, *middle = size ? memchr(text, '\0', size) : NULL;
    size_t first = middle ? (size_t)(middle - text) : size;
    make(&a, text, first, &arena);
    make(&b, middle ? middle + 1 : "", middle ? size - first - 1 : 0, &arena);
    go(&a, &b, (furrow__diff_options){0}, &arena);
    go(&b, &a, (furrow__diff_options){.is_downgrade = true}, &arena);
    go(&a, &b, (furrow__diff_options){.to_is_models = true}, &arena);
    furrow__arena_done(&arena);
    return 0;
}
