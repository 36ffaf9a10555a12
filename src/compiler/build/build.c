/* SPDX-License-Identifier: MIT
 * Turns the syntax tree into models, step by step, and defines the functions that several steps
 * use: see build.h. */
#include "compiler/build/build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

bool furrow__argument_is(const furrow__argument *argument, const char *name)
{
    return (argument->kind == FURROW__ARGUMENT_NAME || argument->kind == FURROW__ARGUMENT_CALL) &&
           strcmp(argument->name, name) == 0;
}

const furrow__argument *furrow__annotation_find(const furrow__argument *annotations, size_t count,
                                                const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (furrow__argument_is(&annotations[i], name))
            return &annotations[i];
    return NULL;
}

void furrow__annotation_misused(furrow__compiler *c, const furrow__argument *annotation,
                                const char *example)
{
    furrow__compiler_error(c, annotation->place, furrow__compiler_format(c, "write %s", example),
                           "invalid use of %s", annotation->name);
}

const char *furrow__annotation_text(furrow__compiler *c, const furrow__argument *annotation)
{
    if (annotation->kind == FURROW__ARGUMENT_CALL && annotation->count == 1 &&
        annotation->items[0].kind == FURROW__ARGUMENT_TEXT)
        return annotation->items[0].name;
    furrow__annotation_misused(c, annotation,
                               furrow__compiler_format(c, "%s(\"text\")", annotation->name));
    return NULL;
}

bool furrow__check_name(furrow__compiler *c, furrow__location place, const char *name,
                        const char *what)
{
    size_t size = strlen(name);
    if (!size) {
        furrow__compiler_error(c, place, NULL, "the name of a %s cannot be empty", what);
        return false;
    }
    if (size > FURROW__MAX_NAME) {
        furrow__compiler_error(
            c, place,
            "PostgreSQL truncates longer names; shorten the name, or choose another "
            "name with column(\"…\") or table(\"…\")",
            "the name of this %s has %zu bytes; at most %d are allowed", what, size,
            FURROW__MAX_NAME);
        return false;
    }
    if (!furrow__utf8_is_valid(name, size)) {
        furrow__compiler_error(c, place, NULL, "the name of this %s is not valid UTF-8", what);
        return false;
    }
    for (const char *at = name; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7F) {
            furrow__compiler_error(c, place, NULL,
                                   "the name of a %s cannot contain a control character", what);
            return false;
        }
    return true;
}

bool furrow__check_identifier(furrow__compiler *c, furrow__location place, const char *name)
{
    if (furrow__compiler_is_identifier(name))
        return true;
    furrow__compiler_error(
        c, place,
        "use at most 63 letters, digits and _; do not begin with a digit or use a keyword",
        "\"%s\" is not a valid name in C", name);
    return false;
}

furrow__table *furrow__table_find(furrow__compiler *c, const char *name)
{
    for (size_t i = 0; i < c->table_count; i++)
        if (strcmp(c->tables[i].syntax->name, name) == 0)
            return &c->tables[i];
    return NULL;
}

furrow__table *furrow__table_named(furrow__compiler *c, furrow__location place, const char *name)
{
    furrow__table *table = furrow__table_find(c, name);
    if (table && table->is_result) {
        furrow__compiler_error(c, place, "refer to a model that has a table",
                               "\"%s\" is a result, which has no table", name);
        return NULL;
    }
    if (table)
        return table;
    const char **names = furrow__compiler_memory(c, c->table_count, sizeof *names);
    for (size_t i = 0; i < c->table_count; i++)
        names[i] = c->tables[i].syntax->name;
    const char *otherwise = "pass the header of the model to the same furrow generate command, or "
                            "give the struct a primary_key";
    furrow__compiler_error(c, place,
                           furrow__compiler_suggest(c, name, names, c->table_count, otherwise),
                           "unknown model \"%s\"", name);
    return NULL;
}

uint16_t furrow__column_find(const furrow__table *table, const char *field)
{
    for (uint16_t i = 0; i < table->model.column_count; i++)
        if (strcmp(table->columns[i].field, field) == 0)
            return i;
    return FURROW_NO_COLUMN;
}

uint16_t furrow__column_named(furrow__compiler *c, const furrow__table *table,
                              furrow__location place, const char *field)
{
    uint16_t index = furrow__column_find(table, field);
    if (index != FURROW_NO_COLUMN)
        return index;
    for (const furrow__field *f = table->syntax->fields; f; f = f->next)
        if (strcmp(f->name, field) == 0) {
            if (f->kind != FURROW__FIELD_BROKEN)
                furrow__compiler_error(c, place, "name the field that contains the key",
                                       "field \"%s\" of \"%s\" is a relationship, not a column",
                                       field, table->syntax->name);
            return FURROW_NO_COLUMN;
        }
    if (table->is_broken)
        return FURROW_NO_COLUMN;
    const char **names = furrow__compiler_memory(c, table->model.column_count, sizeof *names);
    for (size_t i = 0; i < table->model.column_count; i++)
        names[i] = table->columns[i].field;
    furrow__compiler_error(
        c, place, furrow__compiler_suggest(c, field, names, table->model.column_count, NULL),
        "model \"%s\" has no field \"%s\"", table->syntax->name, field);
    return FURROW_NO_COLUMN;
}

const uint16_t *furrow__columns_copy(furrow__compiler *c, const furrow__columns *columns)
{
    uint16_t *copy = furrow__compiler_memory(c, columns->count, sizeof *copy);
    memcpy(copy, columns->items, columns->count * sizeof *copy);
    return copy;
}

bool furrow__columns_are(const uint16_t *a, size_t a_count, const uint16_t *b, size_t b_count)
{
    return a_count == b_count && memcmp(a, b, a_count * sizeof *a) == 0;
}

bool furrow__columns_match(const uint16_t *a, size_t a_count, const uint16_t *b, size_t b_count)
{
    if (a_count != b_count)
        return false;
    for (size_t i = 0; i < a_count; i++) {
        size_t j = 0;
        while (j < b_count && b[j] != a[i])
            j++;
        if (j == b_count)
            return false;
    }
    return true;
}

bool furrow__columns_are_unique(const furrow__table *table, const uint16_t *columns, size_t count)
{
    const furrow_model *model = &table->model;
    if (furrow__columns_match(model->primary_key, model->primary_key_count, columns, count))
        return true;
    for (size_t i = 0; i < model->index_count; i++)
        if (table->indexes[i].unique && !table->indexes[i].where &&
            furrow__columns_match(table->indexes[i].columns, table->indexes[i].count, columns,
                                  count))
            return true;
    return false;
}

const char *furrow__columns_text(furrow__compiler *c, const furrow__table *table,
                                 const uint16_t *columns, size_t count)
{
    const char *text = "";
    for (size_t i = 0; i < count; i++)
        text = furrow__compiler_format(c, "%s%s%s", text, i ? ", " : "",
                                       table->columns[columns[i]].field);
    return furrow__compiler_format(c, count == 1 ? "%s.%s" : "%s.(%s)", table->syntax->name, text);
}

const char *furrow__type_text(furrow__compiler *c, const furrow_column *column)
{
    static const char *const names[FURROW_TYPE_COUNT_] = {
        [FURROW_TYPE_BOOL] = "bool",
        [FURROW_TYPE_INT16] = "int16_t",
        [FURROW_TYPE_INT32] = "int32_t",
        [FURROW_TYPE_INT64] = "int64_t",
        [FURROW_TYPE_FLOAT] = "float",
        [FURROW_TYPE_DOUBLE] = "double",
        [FURROW_TYPE_TEXT] = "const char *",
        [FURROW_TYPE_CHARS] = "char[n]",
        [FURROW_TYPE_BLOB] = "furrow_blob",
        [FURROW_TYPE_TIME] = "furrow_time",
        [FURROW_TYPE_DATE] = "furrow_date",
        [FURROW_TYPE_UUID] = "furrow_uuid",
        [FURROW_TYPE_DECIMAL] = "furrow_decimal",
        [FURROW_TYPE_JSON] = "furrow_json",
    };
    if (column->type == FURROW_TYPE_ENUM)
        return furrow__compiler_format(c, "enum %s",
                                       column->enumeration ? column->enumeration->name : "?");
    return names[column->type];
}

const char *furrow__a_type_text(furrow__compiler *c, const furrow_column *column)
{
    const char *text = furrow__type_text(c, column);
    return furrow__compiler_format(c, "%s %s", text[0] == 'i' || text[0] == 'e' ? "an" : "a", text);
}

static void build_enums(furrow__compiler *c)
{
    for (furrow__enum_syntax *e = c->syntax->enums; e; e = e->next) {
        furrow_enumerator *items = furrow__compiler_memory(c, e->count, sizeof *items);
        for (size_t i = 0; i < e->count; i++)
            items[i] = (furrow_enumerator){e->items[i].name, e->items[i].value};
        e->built = (furrow_enum){e->name, items, e->count};
    }
}

static void start_table(furrow__compiler *c, const furrow__struct *s)
{
    for (size_t i = 0; i < c->table_count; i++)
        if (strcmp(c->tables[i].syntax->name, s->name) == 0) {
            furrow__compiler_error(c, s->place, "rename one of the two models",
                                   "model \"%s\" is declared twice", s->name);
            return;
        }
    if (c->table_count == FURROW__MAX_MODELS) {
        furrow__compiler_error(c, s->place, NULL, "more than %d models in one schema",
                               FURROW__MAX_MODELS);
        return;
    }
    furrow__table *table = &c->tables[c->table_count++];
    table->syntax = s;
    table->is_broken = s->is_broken;
    table->is_result = furrow__annotation_find(s->annotations, s->annotation_count, "result");
    table->table_place = table->object_place = s->place;
    table->model = (furrow_model){
        .format = FURROW_FORMAT_VERSION,
        .name = s->name,
        .table = table->is_result ? NULL : s->name,
        .assigned = FURROW_NO_COLUMN,
        .version = FURROW_NO_COLUMN,
    };
    table->generated = furrow__compiler_format(c, "%s%s", c->prefix ? c->prefix : "", s->name);
    char *object = furrow__compiler_copy(c, table->generated, strlen(table->generated));
    for (char *at = object; *at; at++)
        if (*at >= 'a' && *at <= 'z')
            *at = (char)(*at - 'a' + 'A');
    table->object = object;
}

/* The name of a table or an index. All names of tables and indexes in a database must differ. */
typedef struct relation_name {
    const char *name;
    const furrow__table *table;
    size_t index; /* position of the index in its model, starting at 1; 0 if this is the name of a
                     table */
} relation_name;

static int compare_names(const void *a, const void *b)
{
    const relation_name *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    if (order)
        return order;
    if (!x->index != !y->index)
        return x->index ? 1 : -1; /* Sort the name of a table before the names of its indexes. */
    if (x->table != y->table)
        return x->table < y->table ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static void check_relation_names(furrow__compiler *c)
{
    size_t count = 0;
    for (size_t t = 0; t < c->table_count; t++)
        count += 1 + (size_t)c->tables[t].model.index_count;
    relation_name *names = furrow__compiler_memory(c, count, sizeof *names);
    count = 0;
    for (size_t t = 0; t < c->table_count; t++) {
        const furrow__table *table = &c->tables[t];
        if (table->model.table)
            names[count++] = (relation_name){table->model.table, table, 0};
        for (size_t i = 0; i < table->model.index_count; i++)
            names[count++] = (relation_name){table->indexes[i].name, table, i + 1};
    }
    if (count)
        qsort(names, count, sizeof *names, compare_names);
    for (size_t i = 1; i < count; i++)
        if (names[i].index && strcmp(names[i].name, names[i - 1].name) == 0)
            furrow__compiler_error(
                c, names[i].table->index_places[names[i].index - 1],
                "rename the table or a column with table(\"…\") or column(\"…\")",
                "the index name \"%s\" is already used by \"%s\"", names[i].name,
                names[i - 1].table->syntax->name);
}

static void finish_schema(furrow__compiler *c)
{
    const furrow_model **models = furrow__compiler_memory(c, c->table_count, sizeof *models);
    size_t count = 0;
    for (size_t i = 0; i < c->table_count; i++) {
        furrow__table *table = &c->tables[i];
        for (size_t j = 0; j < table->model.column_count; j++)
            table->columns[j].model = &table->model;
        if (!table->is_result)
            models[count++] = &table->model;
    }
    const char *stem = c->source_count ? c->sources[0].stem : "models";
    const char *name = c->name ? c->name : stem;
    char *safe = furrow__compiler_copy(c, name, strlen(name));
    for (char *at = safe; *at; at++)
        if (!((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
              (*at >= '0' && *at <= '9' && at != safe)))
            *at = '_';
    c->schema = (furrow_schema){FURROW_FORMAT_VERSION, safe, models, count};
}

/* Reports an error if an INSERT can leave out too many columns of a model. An INSERT can leave out
 * columns that have a default, and columns whose value the database assigns. */
static void check_defaults(furrow__compiler *c, furrow__table *table)
{
    size_t count = 0;
    for (size_t i = 0; i < table->model.column_count; i++) {
        const furrow_column *column = &table->columns[i];
        if ((column->default_ || column->flags & FURROW_COLUMN_ASSIGNED) &&
            count++ == FURROW__MAX_DEFAULTS)
            furrow__compiler_error(
                c, table->fields[i]->place, "set some defaults in the program, or split the model",
                "model \"%s\" has more than %d columns with a default or an assigned value",
                table->syntax->name, FURROW__MAX_DEFAULTS);
    }
}

void furrow__build_schema(furrow__compiler *c)
{
    size_t count = 0;
    for (const furrow__struct *s = c->syntax->structs; s; s = s->next)
        count++;
    c->tables = furrow__compiler_memory(c, count < FURROW__MAX_MODELS ? count : FURROW__MAX_MODELS,
                                        sizeof *c->tables);
    build_enums(c);
    for (const furrow__struct *s = c->syntax->structs; s; s = s->next)
        start_table(c, s);
    static void (*const steps[])(furrow__compiler *, furrow__table *) = {
        furrow__build_columns,     furrow__build_constraints, furrow__build_references,
        furrow__build_expressions, furrow__build_relations,   check_defaults,
    };
    for (size_t step = 0; step < sizeof steps / sizeof *steps; step++)
        for (size_t i = 0; i < c->table_count; i++)
            steps[step](c, &c->tables[i]);
    finish_schema(c);
    furrow__build_names(c);
    check_relation_names(c);
    bool any = c->schema.count > 0;
    for (size_t i = 0; i < c->table_count; i++)
        any |= c->tables[i].is_result;
    if (!any && !c->error_count && c->source_count)
        furrow__compiler_error(c, (furrow__location){&c->sources[0], 0, 0},
                               "declare a struct with a field FURROW(primary_key)",
                               "no model found in %s",
                               c->source_count > 1 ? "these headers" : "this header");
}
