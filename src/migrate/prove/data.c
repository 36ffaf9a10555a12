/* SPDX-License-Identifier: MIT
 * Makes and compares digests of rows. A digest contains a hash for each value. This is sufficient
 * to detect a change, and small enough to be kept for every revision. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/siphash.h"
#include "base/text.h"
#include "migrate/prove/parts.h"

static furrow_status no_memory(furrow_error *error)
{
    return furrow__fail(error, FURROW_NOMEM, "out of memory");
}

static uint64_t hash_cell(const char *cell)
{
    static const uint8_t key[FURROW__SIPHASH_SIZE];
    uint8_t tag[FURROW__SIPHASH_SIZE];
    uint64_t hash;
    if (!cell)
        return 0;
    furrow__siphash(tag, key, cell, strlen(cell));
    memcpy(&hash, tag, sizeof hash);
    return hash ? hash : 1;
}

static bool take_rows(furrow__digest *out, const furrow__content *content, furrow_arena *arena)
{
    out->rows = furrow__arena_aligned(arena, (content->count + 1) * sizeof *out->rows,
                                      _Alignof(furrow__digest_row));
    uint64_t *cells = furrow__arena_aligned(
        arena, (content->count * out->column_count + 1) * sizeof *cells, _Alignof(uint64_t));
    if (!out->rows || !cells)
        return false;
    for (size_t i = 0; i < content->count; i++) {
        const furrow__content_row *row = &content->rows[i];
        for (size_t k = 0; k < out->column_count; k++)
            cells[i * out->column_count + k] = hash_cell(row->cells[k]);
        out->rows[i] = (furrow__digest_row){furrow__arena_text(arena, row->key, strlen(row->key)),
                                            cells + i * out->column_count};
        if (!out->rows[i].key)
            return false;
    }
    out->count = content->count;
    return true;
}

/* Copies the names of the table and its columns, because the catalog may be freed. */
static bool take_names(furrow__digest *out, const furrow__content *content, furrow_arena *arena)
{
    const furrow__catalog_table *table = content->table;
    const furrow__catalog_constraint *key = furrow__catalog_primary_key(table);
    const char **columns =
        furrow__arena_aligned(arena, (table->column_count + 1) * sizeof *columns, _Alignof(char *));
    size_t *indexes =
        furrow__arena_aligned(arena, FURROW__CATALOG_KEY * sizeof *indexes, _Alignof(size_t));
    const char *schema = table->name.schema, *name = table->name.name;
    *out = (furrow__digest){.columns = columns, .key = indexes, .assigned = SIZE_MAX};
    if (!columns || !indexes || !(out->name.name = furrow__arena_text(arena, name, strlen(name))) ||
        (schema && !(out->name.schema = furrow__arena_text(arena, schema, strlen(schema)))))
        return false;
    for (size_t i = 0; i < table->column_count; i++) {
        const char *column = table->columns[i].name;
        columns[out->column_count++] = furrow__arena_text(arena, column, strlen(column));
        if (!columns[i])
            return false;
        if (table->columns[i].assigned)
            out->assigned = i;
    }
    for (size_t i = 0; key && i < key->count; i++)
        indexes[out->key_count++] = furrow__content_column(content, key->columns[i]);
    return true;
}

furrow_status furrow__digests_read(furrow__digests *out, const furrow__content_source *source,
                                   const furrow__catalog *catalog, furrow_arena *arena,
                                   furrow_error *error)
{
    furrow_status status = FURROW_OK;
    *out = (furrow__digests){
        .items = furrow__arena_aligned(arena, (catalog->count + 1) * sizeof *out->items,
                                       _Alignof(furrow__digest))};
    if (!out->items)
        return no_memory(error);
    for (size_t i = 0; i < catalog->count && status == FURROW_OK; i++) {
        furrow_arena scratch = {0};
        furrow__content content;
        status = furrow__content_read(&content, source, catalog->tables[i], &scratch, error);
        if (status == FURROW_OK && (!take_names(&out->items[i], &content, arena) ||
                                    !take_rows(&out->items[i], &content, arena)))
            status = no_memory(error);
        furrow__arena_done(&scratch);
        if (status != FURROW_OK)
            break;
        out->count++;
        out->rows += out->items[i].count;
    }
    return status;
}

const furrow__digest *furrow__digest_named(const furrow__digests *digests, furrow__table_name name)
{
    for (size_t i = 0; i < digests->count; i++)
        if (furrow__table_names_are_equal(digests->items[i].name, name))
            return &digests->items[i];
    return NULL;
}

/* A row, and a hash of the columns that are used to match rows. */
typedef struct found_row {
    uint64_t hash;
    const furrow__digest_row *row;
} found_row;

typedef struct comparison {
    furrow__digest_difference *out;
    size_t room, count;
    const furrow__digest *a, *b;
    const size_t *map;
} comparison;

static int compare_hashes(const void *x, const void *y)
{
    const found_row *a = x, *b = y;
    return (a->hash > b->hash) - (a->hash < b->hash);
}

/* Returns whether no column of the primary key is ignored. If so, rows can be matched by the
 * primary key. */
static bool has_key(const comparison *c)
{
    for (size_t i = 0; i < c->a->key_count; i++) {
        if (c->a->key[i] == SIZE_MAX)
            return false;
        size_t to = c->map[c->a->key[i]];
        bool is_key = false;
        for (size_t k = 0; k < c->b->key_count; k++)
            is_key |= c->b->key[k] == to;
        if (to == SIZE_MAX || !is_key)
            return false;
    }
    return c->a->key_count > 0 && c->a->key_count == c->b->key_count;
}

static bool is_of_key(const comparison *c, size_t column)
{
    for (size_t i = 0; i < c->a->key_count; i++)
        if (c->a->key[i] == column)
            return true;
    return false;
}

/* Returns the rows of one of the two tables, sorted by the hash of the columns by which rows are
 * matched. */
static found_row *sort_rows(const comparison *c, bool of_b, bool by_key)
{
    const furrow__digest *side = of_b ? c->b : c->a;
    found_row *rows = furrow__allocate((side->count + 1) * sizeof *rows);
    for (size_t i = 0; rows && i < side->count; i++) {
        uint64_t hash = 0;
        for (size_t k = 0; k < c->a->column_count; k++)
            if (c->map[k] != SIZE_MAX && (!by_key || is_of_key(c, k)))
                hash = (hash ^ side->rows[i].cells[of_b ? c->map[k] : k]) *
                       UINT64_C(0x9e3779b97f4a7c15);
        rows[i] = (found_row){hash, &side->rows[i]};
    }
    if (rows && side->count)
        qsort(rows, side->count, sizeof *rows, compare_hashes);
    return rows;
}

static void note(comparison *c, size_t column, const char *key)
{
    for (size_t i = 0; i < c->count && i < c->room; i++)
        if (c->out[i].column == column) {
            c->out[i].count++;
            if (strcmp(key, c->out[i].key) < 0)
                c->out[i].key = key;
            return;
        }
    if (c->count < c->room)
        c->out[c->count] = (furrow__digest_difference){column, 1, key};
    c->count++;
}

static void compare_row(comparison *c, const furrow__digest_row *a, const furrow__digest_row *b)
{
    for (size_t i = 0; i < c->a->column_count; i++)
        if (c->map[i] != SIZE_MAX && a->cells[i] != b->cells[c->map[i]])
            note(c, i, a->key);
}

size_t furrow__digest_compare(furrow__digest_difference *out, size_t room, const furrow__digest *a,
                              const furrow__digest *b, const size_t *map)
{
    comparison c = {.out = out, .room = room, .a = a, .b = b, .map = map};
    bool by_key = has_key(&c);
    found_row *x = sort_rows(&c, false, by_key), *y = sort_rows(&c, true, by_key);
    size_t i = 0, j = 0;
    while (x && y && (i < a->count || j < b->count)) {
        bool only_x = j == b->count || (i < a->count && x[i].hash < y[j].hash);
        bool only_y = !only_x && (i == a->count || y[j].hash < x[i].hash);
        if (only_x)
            note(&c, FURROW__ROWS_MISSING, x[i].row->key);
        else if (only_y)
            note(&c, FURROW__ROWS_ADDED, y[j].row->key);
        else
            compare_row(&c, x[i].row, y[j].row);
        i += !only_y;
        j += !only_x;
    }
    bool fine = x && y;
    furrow__release(x);
    furrow__release(y);
    return !fine ? SIZE_MAX : c.count < room ? c.count : room;
}
