/* SPDX-License-Identifier: MIT
 * Builds the parts of a model that concern the whole table: its name, primary key, unique
 * constraints, indexes and checks. These parts are described by annotations on the struct and on
 * its fields. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "compiler/build/build.h"
#include "schema/name.h"

static void build_table_name(furrow__compiler *c, furrow__table *table,
                             const furrow__argument *annotation)
{
    const char *text = furrow__annotation_text(c, annotation);
    if (!text)
        return;
    table->table_place = annotation->items[0].place;
    const char *dot = strchr(text, '.');
    const char *name = dot ? dot + 1 : text;
    if (dot) {
        const char *schema = furrow__compiler_copy(c, text, (size_t)(dot - text));
        if (!furrow__check_name(c, table->table_place, schema, "schema"))
            return;
        table->model.schema = schema;
    }
    if (strchr(name, '.'))
        furrow__compiler_error(c, table->table_place, "write table(\"schema.name\")",
                               "a table name can have only one dot");
    else if (furrow__check_name(c, table->table_place, name, "table"))
        table->model.table = name;
}

static void check_table_name(furrow__compiler *c, furrow__table *table)
{
    const char *name = table->model.table;
    if (!name || !furrow__check_name(c, table->table_place, name, "table"))
        return;
    if (strncasecmp(name, "sqlite_", 7) == 0)
        furrow__compiler_error(c, table->table_place, "choose another name with table(\"…\")",
                               "table names that begin with sqlite_ are reserved by SQLite");
    if (furrow__name_is_own_table(name))
        furrow__compiler_error(c, table->table_place, "choose another name with table(\"…\")",
                               "the table name \"%s\" is reserved by furrow", name);
    for (size_t i = 0; &c->tables[i] != table; i++) {
        const furrow_model *other = &c->tables[i].model;
        bool same_schema = (!other->schema && !table->model.schema) ||
                           (other->schema && table->model.schema &&
                            strcasecmp(other->schema, table->model.schema) == 0);
        if (other->table && same_schema && strcasecmp(other->table, name) == 0)
            furrow__compiler_error(
                c, table->table_place,
                "rename one of the tables with table(\"…\"); SQLite ignores case in names",
                "models \"%s\" and \"%s\" have the same table \"%s\"", other->name,
                table->model.name, name);
    }
}

static void build_primary_key(furrow__compiler *c, furrow__table *table)
{
    furrow__columns key = {.count = 0};
    for (uint16_t i = 0; i < table->model.column_count; i++) {
        if (!(table->columns[i].flags & FURROW_COLUMN_PRIMARY_KEY))
            continue;
        const furrow__field *field = table->fields[i];
        const furrow__argument *a =
            furrow__annotation_find(field->annotations, field->annotation_count, "primary_key");
        if (key.count == 0)
            table->key_place = a->place;
        if (key.count == FURROW__MAX_KEY_COLUMNS) {
            furrow__compiler_error(c, a->place, NULL, "the primary key has more than %d columns",
                                   FURROW__MAX_KEY_COLUMNS);
            break;
        }
        key.items[key.count++] = i;
    }
    table->model.primary_key = furrow__columns_copy(c, &key);
    table->model.primary_key_count = key.count;
    if (!key.count && !table->is_broken && !table->is_result && table->model.column_count)
        furrow__compiler_error(c, table->syntax->place,
                               "add int64_t id FURROW(primary_key), or write FURROW(result) after "
                               "the closing brace of a struct without a table",
                               "model \"%s\" has no primary key", table->syntax->name);
}

typedef struct index_builder {
    furrow__columns columns;
    bool descending[FURROW__MAX_KEY_COLUMNS];
    bool any_descending, unique;
    const char *where;
} index_builder;

static bool same_index(const furrow_index *a, const index_builder *b)
{
    if (!furrow__columns_are(a->columns, a->count, b->columns.items, b->columns.count) ||
        a->unique != b->unique || (a->where != NULL) != (b->where != NULL))
        return false;
    for (size_t i = 0; i < b->columns.count; i++)
        if ((a->descending && a->descending[i]) != b->descending[i])
            return false;
    return !a->where || strcmp(a->where, b->where) == 0;
}

static void add_index(furrow__compiler *c, furrow__table *table, furrow__location place,
                      const index_builder *b)
{
    unsigned like_it = 1;
    for (size_t i = 0; i < table->model.index_count; i++) {
        if (same_index(&table->indexes[i], b)) {
            furrow__compiler_error(c, place, "remove one of the two", "duplicate %s",
                                   b->unique ? "unique constraint" : "index");
            return;
        }
        like_it += table->indexes[i].unique == b->unique &&
                   furrow__columns_are(table->indexes[i].columns, table->indexes[i].count,
                                       b->columns.items, b->columns.count);
    }
    if (b->unique && furrow__columns_match(table->model.primary_key, table->model.primary_key_count,
                                           b->columns.items, b->columns.count)) {
        furrow__compiler_error(c, place, "remove unique", "a primary key is already unique");
        return;
    }
    char name[FURROW__NAME_SIZE], part[16];
    snprintf(part, sizeof part, "%u", like_it);
    furrow__constraint_name(name, &table->model,
                            &(furrow__constraint_parts){.columns = b->columns.items,
                                                        .count = b->columns.count,
                                                        .part = like_it > 1 ? part : NULL,
                                                        .suffix = b->unique ? "key" : "idx"});
    bool *descending = NULL;
    if (b->any_descending) {
        descending = furrow__compiler_memory(c, b->columns.count, sizeof *descending);
        memcpy(descending, b->descending, b->columns.count * sizeof *descending);
    }
    table->index_places[table->model.index_count] = place;
    table->indexes[table->model.index_count++] = (furrow_index){
        .name = furrow__compiler_copy(c, name, strlen(name)),
        .columns = furrow__columns_copy(c, &b->columns),
        .descending = descending,
        .count = b->columns.count,
        .unique = b->unique,
        .where = b->where,
    };
}

/* Adds a column to an index or a unique constraint. Returns false after reporting an error. */
static bool add_index_column(furrow__compiler *c, const furrow__table *table, index_builder *b,
                             const furrow__argument *column, bool descending)
{
    uint16_t index = furrow__column_named(c, table, column->place, column->name);
    if (index == FURROW_NO_COLUMN)
        return false;
    for (size_t i = 0; i < b->columns.count; i++)
        if (b->columns.items[i] == index) {
            furrow__compiler_error(c, column->place, "list the column only once",
                                   "column \"%s\" is listed twice", column->name);
            return false;
        }
    if (table->columns[index].type == FURROW_TYPE_JSON) {
        furrow__compiler_error(
            c, column->place, "use a column of another type",
            "%s cannot be used on a JSON column, because JSON cannot be compared",
            b->unique ? "unique" : "index");
        return false;
    }
    if (b->columns.count == FURROW__MAX_KEY_COLUMNS) {
        furrow__compiler_error(c, column->place, NULL, "more than %d columns",
                               FURROW__MAX_KEY_COLUMNS);
        return false;
    }
    b->descending[b->columns.count] = descending;
    b->any_descending |= descending;
    b->columns.items[b->columns.count++] = index;
    return true;
}

/* Adds one item of index(a, desc(b), where("…")) or unique(a, b). Returns false if the item is
 * invalid. *misused is set if the item has the wrong form; the caller must then report the error.
 * All other errors have already been reported. */
static bool add_index_item(furrow__compiler *c, const furrow__table *table, index_builder *b,
                           const furrow__argument *item, bool *misused)
{
    const furrow__argument *column = item;
    bool descending = furrow__argument_is(item, "desc") && item->kind == FURROW__ARGUMENT_CALL;
    if (item->kind == FURROW__ARGUMENT_CALL && furrow__argument_is(item, "where")) {
        *misused = b->where != NULL;
        b->where = *misused ? b->where : furrow__annotation_text(c, item);
        return b->where && !*misused;
    }
    if (descending && item->count == 1 && !b->unique)
        column = &item->items[0];
    *misused = column->kind != FURROW__ARGUMENT_NAME || b->where;
    return !*misused && add_index_column(c, table, b, column, descending);
}

static void build_table_index(furrow__compiler *c, furrow__table *table,
                              const furrow__argument *annotation)
{
    index_builder b = {.unique = furrow__argument_is(annotation, "unique")};
    bool misused = annotation->kind != FURROW__ARGUMENT_CALL || !annotation->count, worked = true;
    for (size_t i = 0; i < annotation->count && worked && !misused; i++)
        worked = add_index_item(c, table, &b, &annotation->items[i], &misused);
    misused |= worked && !b.columns.count;
    if (misused)
        furrow__annotation_misused(c, annotation,
                                   b.unique ? "unique(a, b)" : "index(a, desc(b), where(\"…\"))");
    else if (worked)
        add_index(c, table, annotation->place, &b);
}

static void build_column_indexes(furrow__compiler *c, furrow__table *table)
{
    static const char *const names[] = {"unique", "index"};
    for (uint16_t i = 0; i < table->model.column_count; i++)
        for (size_t j = 0; j < 2; j++) {
            const furrow__field *field = table->fields[i];
            const furrow__argument *a =
                furrow__annotation_find(field->annotations, field->annotation_count, names[j]);
            if (a && a->kind == FURROW__ARGUMENT_NAME)
                add_index(c, table, a->place,
                          &(index_builder){.columns = {{i}, 1}, .unique = j == 0});
        }
}

static void build_check(furrow__compiler *c, furrow__table *table,
                        const furrow__argument *annotation)
{
    const char *text = furrow__annotation_text(c, annotation);
    if (!text)
        return;
    char name[FURROW__NAME_SIZE], part[16];
    snprintf(part, sizeof part, "%u", table->model.check_count + 1u);
    furrow__constraint_name(name, &table->model,
                            &(furrow__constraint_parts){
                                .part = table->model.check_count ? part : NULL, .suffix = "check"});
    table->checks[table->model.check_count++] =
        (furrow_check){furrow__compiler_copy(c, name, strlen(name)), text};
}

static const char *const known[] = {"table", "unique", "index",        "references",
                                    "check", "result", "renamed_from", "c_name"};
enum { KNOWN = sizeof known / sizeof *known };

static bool is_known(furrow__compiler *c, const furrow__table *table, const furrow__argument *a)
{
    size_t i = 0;
    if (a->kind != FURROW__ARGUMENT_NAME && a->kind != FURROW__ARGUMENT_CALL) {
        furrow__compiler_error(c, a->place, NULL, "expected the name of an annotation here");
        return false;
    }
    while (i < KNOWN && strcmp(known[i], a->name) != 0)
        i++;
    if (i == KNOWN) {
        furrow__compiler_error(
            c, a->place,
            furrow__compiler_suggest(c, a->name, known, KNOWN,
                                     strcmp(a->name, "primary_key") == 0
                                         ? "write primary_key on each field of the key"
                                         : "see man 3 furrow_model for the list of annotations"),
            "unknown annotation \"%s\" on a struct", a->name);
        return false;
    }
    if (table->is_result && strcmp(a->name, "result") != 0) {
        furrow__compiler_error(c, a->place, "remove this annotation; a result is a row of a query",
                               "%s cannot be used on a result, which has no table", a->name);
        return false;
    }
    return true;
}

static void build_annotation(furrow__compiler *c, furrow__table *table, const furrow__argument *a)
{
    if (furrow__argument_is(a, "unique") || furrow__argument_is(a, "index")) {
        build_table_index(c, table, a);
    } else if (furrow__argument_is(a, "check")) {
        build_check(c, table, a);
    } else if (furrow__argument_is(a, "renamed_from")) {
        const char *text = furrow__annotation_text(c, a);
        if (text && furrow__check_name(c, a->items[0].place, text, "table"))
            table->model.renamed_from = text;
    } else if (furrow__argument_is(a, "c_name")) {
        const char *text = furrow__annotation_text(c, a);
        if (text && furrow__check_identifier(c, a->items[0].place, text)) {
            table->object = text;
            table->object_place = a->items[0].place;
        }
    } else if (furrow__argument_is(a, "result") && a->kind != FURROW__ARGUMENT_NAME) {
        furrow__annotation_misused(c, a, "result");
    }
}

static void check_once(furrow__compiler *c, const furrow__struct *s, size_t index)
{
    static const char *const once[] = {"table", "result", "renamed_from", "c_name"};
    for (size_t i = 0; i < index; i++)
        for (size_t j = 0; j < sizeof once / sizeof *once; j++)
            if (furrow__argument_is(&s->annotations[index], once[j]) &&
                furrow__argument_is(&s->annotations[i], once[j]))
                furrow__compiler_error(c, s->annotations[index].place,
                                       "remove one of the two annotations",
                                       "duplicate annotation %s on \"%s\"", once[j], s->name);
}

void furrow__build_constraints(furrow__compiler *c, furrow__table *table)
{
    const furrow__struct *s = table->syntax;
    size_t room = s->annotation_count + 2 * (size_t)table->model.column_count;
    table->indexes = furrow__compiler_memory(c, room, sizeof *table->indexes);
    table->index_places = furrow__compiler_memory(c, room, sizeof *table->index_places);
    table->checks = furrow__compiler_memory(c, s->annotation_count, sizeof *table->checks);
    table->model.indexes = table->indexes;
    table->model.checks = table->checks;
    const furrow__argument *name =
        furrow__annotation_find(s->annotations, s->annotation_count, "table");
    if (name && !table->is_result)
        build_table_name(c, table, name);
    check_table_name(c, table);
    build_primary_key(c, table);
    if (!table->is_result)
        build_column_indexes(c, table);
    for (size_t i = 0; i < s->annotation_count; i++) {
        if (is_known(c, table, &s->annotations[i]))
            build_annotation(c, table, &s->annotations[i]);
        check_once(c, s, i);
    }
}
