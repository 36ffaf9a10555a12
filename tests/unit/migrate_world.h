/* SPDX-License-Identifier: MIT
 * Builds schemas and lists of changes from furrow DDL, for tests. */
#ifndef MIGRATE_WORLD_H
#define MIGRATE_WORLD_H

#include <stdlib.h>
#include <string.h>

#include "migrate/revision/change.h"
#include "migrate/revision/ddl.h"

/* Parses furrow DDL into a list of changes. The test fails if the DDL is invalid. */
static inline void read_changes(furrow__change_list *out, const char *text, furrow_arena *arena)
{
    furrow_error error = {0};
    furrow__problem_list problems = {.count = 0};
    furrow__buffer said = {0};
    *out = (furrow__change_list){.arena = arena};
    if (furrow__ddl_parse_all(
            out,
            &(furrow__source_text){.text = text,
                                   .size = strlen(text),
                                   .location = (furrow__file_location){.line = 1, .column = 1}},
            &problems, &error) != FURROW_OK) {
        furrow__problems_write(&said, &problems, "text", text, strlen(text));
        fail_msg("%s", furrow__buffer_text(&said));
    }
}

static inline void apply_changes(furrow__catalog *catalog, const furrow__change_list *changes)
{
    furrow_error error = {0};
    for (size_t i = 0; i < changes->count; i++)
        if (furrow__change_apply(catalog, &changes->items[i], &error) != FURROW_OK) {
            furrow__buffer text = {0};
            furrow__change_write(&text, catalog, &changes->items[i]);
            fail_msg("%s%s (%s)", furrow__buffer_text(&text), error.message, error.hint);
        }
}

/* Builds the catalog that results when the DDL is applied to an empty schema. */
static inline void make_catalog(furrow__catalog *out, const char *text, furrow_arena *arena)
{
    furrow__change_list changes;
    furrow__catalog_init(out, NULL, arena);
    read_changes(&changes, text, arena);
    apply_changes(out, &changes);
}

static inline const char *catalog_text(const furrow__catalog *catalog, furrow_arena *arena)
{
    furrow_error error = {0};
    furrow__buffer text = {0};
    if (furrow__catalog_write(&text, catalog, &error) != FURROW_OK)
        fail_msg("%s", error.message);
    const char *result = furrow__arena_text(arena, furrow__buffer_text(&text), text.size);
    furrow__buffer_done(&text);
    return result;
}

static inline const char *changes_text(const furrow__change_list *changes, furrow_arena *arena)
{
    furrow__buffer text = {0};
    for (size_t i = 0; i < changes->count; i++)
        furrow__change_write(&text, NULL, &changes->items[i]);
    const char *result = furrow__arena_text(arena, furrow__buffer_text(&text), text.size);
    furrow__buffer_done(&text);
    return result;
}

static int allocations_left = -1; /* allocations that succeed before one fails; -1: none fails */

static void *world_allocate(size_t size, void *context)
{
    (void)context;
    if (allocations_left == 0)
        return NULL;
    allocations_left -= allocations_left > 0;
    return malloc(size);
}

static void *world_reallocate(void *block, size_t size, void *context)
{
    (void)context;
    if (allocations_left == 0)
        return NULL;
    allocations_left -= allocations_left > 0;
    return realloc(block, size);
}

static void world_free(void *block, void *context)
{
    (void)context;
    free(block);
}

static inline int use_failing_allocator(void **state)
{
    (void)state;
    allocations_left = -1;
    furrow_set_allocator(&(furrow_allocator){world_allocate, world_reallocate, world_free, NULL});
    return 0;
}

static inline int use_own_allocator(void **state)
{
    (void)state;
    allocations_left = -1;
    furrow_set_allocator(NULL);
    return 0;
}

#endif
