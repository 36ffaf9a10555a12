/* SPDX-License-Identifier: MIT
 * What all kinds of changes share: reporting failures, drafts of tables, names, expressions. */
#include "migrate/revision/change_work.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "scan/compare.h"

void furrow__work_fail(furrow__work *w, const char *format, ...)
{
    char message[400];
    va_list arguments;
    if (w->status != FURROW_OK)
        return;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    w->status = furrow__fail(w->error, FURROW_INVALID, "%s", message);
}

void furrow__work_hint(furrow__work *w, const char *text)
{
    if (w->status == FURROW_INVALID && w->error && !w->error->hint[0])
        furrow__hint(w->error, "%s", text);
}

void furrow__work_no_memory(furrow__work *w)
{
    if (w->status == FURROW_OK)
        w->status = furrow__fail(w->error, FURROW_NOMEM, "out of memory");
}

const furrow__catalog_table *furrow__work_seen(const furrow__work *w,
                                               const furrow__catalog_table *table)
{
    for (const furrow__draft *d = w->drafts; d; d = d->next)
        if (d->of == table)
            return &d->table;
    return table;
}

furrow__catalog_table *furrow__work_draft(furrow__work *w, furrow__catalog_table *table)
{
    for (furrow__draft *d = w->drafts; d; d = d->next)
        if (d->of == table)
            return &d->table;
    furrow__draft *d = furrow__arena_aligned(&w->scratch, sizeof *d, _Alignof(furrow__draft));
    if (!d) {
        furrow__work_no_memory(w);
        return NULL;
    }
    *d = (furrow__draft){.of = table, .table = *table, .next = w->drafts};
    if (!furrow__catalog_own_lists(&d->table, w->catalog->arena)) {
        furrow__work_no_memory(w);
        return NULL;
    }
    w->drafts = d;
    return &d->table;
}

furrow__catalog_table *furrow__work_find_table(furrow__work *w, furrow__table_name name)
{
    furrow__catalog_table *table = name.name ? furrow__catalog_table_named(w->catalog, name) : NULL;
    if (!table)
        furrow__work_fail(w, "there is no table %s", FURROW__QUOTED_TABLE(name));
    return table;
}

furrow__catalog_table *furrow__work_own_draft(furrow__work *w)
{
    furrow__catalog_table *table = furrow__work_find_table(w, w->change->table);
    return table ? furrow__work_draft(w, table) : NULL;
}

bool furrow__work_column_is_free(furrow__work *w, const furrow__catalog_table *table,
                                 const char *name)
{
    const furrow__change *change = w->change;
    for (size_t i = 0; i < table->column_count; i++) {
        const char *own = table->columns[i].name;
        bool renamed = change->kind == FURROW__RENAME_COLUMN && strcmp(own, change->name) == 0;
        if (strcmp(own, name) != 0 && (renamed || !furrow__names_are_equal_in_any_case(own, name)))
            continue;
        furrow__work_fail(w, "table %s already has a column %s", FURROW__QUOTED_TABLE(table->name),
                          FURROW__QUOTED(own));
        if (strcmp(own, name) != 0)
            furrow__work_hint(w, "names that differ only in case are the same on SQLite; to "
                                 "rename the column, use RENAME COLUMN, or "
                                 "renamed_from(\"...\") in the model");
        return false;
    }
    return true;
}

/* Whether the name becomes free because the current change renames a table, index or constraint. */
static bool is_freed(const furrow__work *w, const char *own, const char *name)
{
    const furrow__change *change = w->change;
    const char *old =
        change->kind == FURROW__RENAME_TABLE ? change->table.name
        : change->kind == FURROW__RENAME_INDEX || change->kind == FURROW__RENAME_CONSTRAINT
            ? change->name
            : NULL;
    return old && strcmp(old, own) == 0 && strcmp(own, name) != 0;
}

static bool collides(const furrow__work *w, const char *own, const char *name)
{
    return own && furrow__names_are_equal_in_any_case(own, name) && !is_freed(w, own, name);
}

/* A Bloom filter of all names that a catalog has had. For most new names, the filter shows that the
 * name is free, so that not all tables have to be searched. This matters when thousands of changes
 * are applied to hundreds of tables. The filter is discarded when a table, constraint or index is
 * added to the catalog directly (catalog.c). */
struct furrow__name_filter {
    uint64_t bits[1 << 11];
};
enum { FILTERED_TABLES = 32 }; /* a catalog with fewer tables has no filter */

static uint64_t name_hash(const char *name)
{
    uint64_t hash = 14695981039346656037u; /* offset basis of 64-bit FNV-1a */
    /* Hashes a name without regard to case, because names that differ only in case collide. */
    for (; *name; name++) {
        unsigned char c = (unsigned char)(*name >= 'A' && *name <= 'Z' ? *name + 32 : *name);
        hash = (hash ^ c) * 1099511628211u;
    }
    return hash ^ hash >> 32;
}

static uint64_t *filter_bit(furrow__name_filter *filter, uint64_t hash, uint64_t *bit)
{
    *bit = (uint64_t)1 << (hash & 63);
    return &filter->bits[hash >> 6 & ((1 << 11) - 1)];
}

static void filter_add(furrow__name_filter *filter, const char *name)
{
    uint64_t hash = name_hash(name), bit;
    *filter_bit(filter, hash, &bit) |= bit;
    *filter_bit(filter, hash >> 20, &bit) |= bit;
}

static bool filter_may_have(furrow__name_filter *filter, const char *name)
{
    uint64_t hash = name_hash(name), bit;
    bool first = *filter_bit(filter, hash, &bit) & bit;
    return first && (*filter_bit(filter, hash >> 20, &bit) & bit);
}

static void filter_add_table(furrow__name_filter *filter, const furrow__catalog_table *table)
{
    filter_add(filter, table->name.name);
    for (size_t i = 0; i < table->constraint_count; i++)
        if (table->constraints[i].name)
            filter_add(filter, table->constraints[i].name);
    for (size_t i = 0; i < table->index_count; i++)
        filter_add(filter, table->indexes[i].name);
}

/* Returns the catalog's filter, and creates it if necessary. Returns NULL for a small catalog and
 * when out of memory; all tables are then searched for a name. */
static furrow__name_filter *names_of(furrow__work *w)
{
    if (w->names || w->catalog->count < FILTERED_TABLES)
        return w->names;
    w->names = furrow__arena_aligned(w->catalog->arena, sizeof *w->names, _Alignof(uint64_t));
    if (!w->names)
        return NULL;
    memset(w->names, 0, sizeof *w->names);
    for (size_t i = 0; i < w->catalog->count; i++)
        filter_add_table(w->names, w->catalog->tables[i]);
    return w->names;
}

void furrow__work_keep_names(furrow__work *w)
{
    furrow__catalog *catalog = w->catalog;
    if (!w->names)
        return;
    for (const furrow__draft *d = w->drafts; d; d = d->next)
        filter_add_table(w->names, &d->table);
    if (w->change->kind == FURROW__CREATE_TABLE && catalog->count)
        filter_add_table(w->names, catalog->tables[catalog->count - 1]);
    catalog->names = w->names;
}

/* On PostgreSQL, the tables, indexes, primary keys and unique constraints of a schema share one
 * namespace. On SQLite, names that differ only in case are equal. */
static bool relation_is_taken(furrow__work *w, const char *schema, const char *name)
{
    furrow__name_filter *names = names_of(w);
    if (names && !filter_may_have(names, name))
        return false;
    for (size_t i = 0; i < w->catalog->count; i++) {
        const furrow__catalog_table *table = furrow__work_seen(w, w->catalog->tables[i]);
        const char *own = table->name.schema;
        if (own != schema && (!own || !schema || strcmp(own, schema) != 0))
            continue;
        if (collides(w, table->name.name, name))
            return true;
        for (size_t j = 0; j < table->index_count; j++)
            if (collides(w, table->indexes[j].name, name))
                return true;
        for (size_t j = 0; j < table->constraint_count; j++)
            if ((table->constraints[j].kind == FURROW__CONSTRAINT_PRIMARY_KEY ||
                 table->constraints[j].kind == FURROW__CONSTRAINT_UNIQUE) &&
                collides(w, table->constraints[j].name, name))
                return true;
    }
    return false;
}

bool furrow__work_name_is_free(furrow__work *w, const char *schema, const char *name)
{
    if (!relation_is_taken(w, schema, name))
        return true;
    furrow__work_fail(w, "the name %s is taken", FURROW__QUOTED(name));
    furrow__work_hint(w, "tables, indexes, primary keys and unique constraints share one "
                         "namespace, in which case is ignored");
    return false;
}

const char *furrow__work_canonical(furrow__work *w, const furrow__expression_source *source,
                                   const char *kind, const char *name)
{
    char what[FURROW__NAME_SIZE + 32];
    if (w->status != FURROW_OK)
        return NULL;
    snprintf(what, sizeof what, "%s %s", kind, FURROW__QUOTED(name));
    const char *result = furrow__catalog_canonical(source, what, &w->scratch, w->error);
    const char *kept =
        result ? furrow__arena_text(w->catalog->arena, result, strlen(result)) : NULL;
    if (!result)
        w->status = w->error ? w->error->status : FURROW_INVALID;
    else if (!kept)
        furrow__work_no_memory(w);
    return kept;
}

const furrow__expression_scope *furrow__work_scope(furrow__work *w,
                                                   const furrow__catalog_table *table)
{
    const furrow__expression_scope *scope = furrow__catalog_scope(table, &w->scratch);
    if (!scope)
        furrow__work_no_memory(w);
    return scope;
}

const furrow__expression *
furrow__work_parse(furrow__work *w, const furrow__expression_source *source, const char *what)
{
    if (w->status != FURROW_OK)
        return NULL;
    const furrow__expression *parsed = furrow__catalog_parse(source, what, &w->scratch, w->error);
    if (!parsed)
        w->status = w->error ? w->error->status : FURROW_INVALID;
    return parsed;
}

void furrow__work_check_value(furrow__work *w, const furrow__expression_source *source)
{
    char what[FURROW__NAME_SIZE + 32];
    if (w->status != FURROW_OK)
        return;
    snprintf(what, sizeof what, "value of %s", FURROW__QUOTED(source->column->name));
    if (!furrow__catalog_parse_value(source, what, &w->scratch, w->error))
        w->status = w->error ? w->error->status : FURROW_INVALID;
}

furrow__catalog_column *furrow__work_find_column(furrow__work *w, furrow__catalog_table *table,
                                                 const char *name)
{
    furrow__catalog_column *column = table ? furrow__catalog_column_named(table, name) : NULL;
    if (table && !column)
        furrow__work_fail(w, "table %s has no column %s", FURROW__QUOTED_TABLE(table->name),
                          FURROW__QUOTED(name));
    return column;
}
