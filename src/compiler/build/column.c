/* SPDX-License-Identifier: MIT
 * Builds columns from fields: the type of each column, and the annotations that concern only one
 * column. */
#include <string.h>
#include <strings.h>

#include "compiler/build/build.h"

enum { ON_COLUMN = 1, ON_RELATION = 2, ON_RESULT = 4, BARE = 8, CALL = 16 };

static const struct known_annotation {
    const char *name, *example;
    unsigned where;
} known[] = {
    {"primary_key", "primary_key", ON_COLUMN | BARE},
    {"unique", "unique", ON_COLUMN | BARE},
    {"index", "index", ON_COLUMN | BARE},
    {"nullable", "nullable", ON_COLUMN | ON_RESULT | BARE},
    {"default", "default(0)", ON_COLUMN | CALL},
    {"references", "references(model.field)", ON_COLUMN | CALL},
    {"on_delete", "on_delete(cascade)", ON_COLUMN | CALL},
    {"on_update", "on_update(cascade)", ON_COLUMN | CALL},
    {"deferrable", "deferrable", ON_COLUMN | BARE},
    {"check", "check(\"expression\")", ON_COLUMN | CALL},
    {"max_length", "max_length(200)", ON_COLUMN | CALL},
    {"min_length", "min_length(1)", ON_COLUMN | CALL},
    {"range", "range(0, 100)", ON_COLUMN | CALL},
    {"pattern", "pattern(\"^[a-z]+$\")", ON_COLUMN | CALL},
    {"decimal", "decimal(12, 2)", ON_COLUMN | ON_RESULT | CALL},
    {"json", "json(\"name\")", ON_COLUMN | ON_RESULT | CALL},
    {"touch", "touch", ON_COLUMN | BARE},
    {"column", "column(\"name\")", ON_COLUMN | ON_RESULT | CALL},
    {"renamed_from", "renamed_from(\"old\")", ON_COLUMN | CALL},
    {"c_name", "c_name(\"NAME\")", ON_COLUMN | ON_RELATION | CALL},
    {"version", "version", ON_COLUMN | BARE},
    {"via", "via(field)", ON_RELATION | CALL},
    {"through", "through(model)", ON_RELATION | CALL},
};
enum { KNOWN = sizeof known / sizeof *known };

static void report_misplaced(furrow__compiler *c, const furrow__argument *annotation,
                             unsigned where)
{
    furrow__compiler_error(
        c, annotation->place,
        where == ON_COLUMN ? "use via and through on a struct x * or a struct x_list"
        : where == ON_RELATION
            ? "a relationship accepts only via(field) and through(model)"
            : "a field of a result accepts only column, nullable, decimal and json",
        "%s cannot be used on a %s", annotation->name,
        where == ON_COLUMN     ? "column"
        : where == ON_RELATION ? "relationship"
                               : "field of a result");
}

static void report_unknown(furrow__compiler *c, const furrow__argument *annotation,
                           const char *const *names)
{
    const char *name = annotation->name, *help = furrow__compiler_synonym(name);
    if (!help)
        help = furrow__compiler_suggest(
            c, name, names, KNOWN,
            strcmp(name, "table") == 0 || strcmp(name, "result") == 0
                ? "write this annotation after the closing brace of the struct"
                : "see man 3 furrow_model for the list of annotations");
    furrow__compiler_error(c, annotation->place, help, "unknown annotation \"%s\"", name);
}

static void check_annotations(furrow__compiler *c, const furrow__field *field, unsigned where)
{
    const char *names[KNOWN];
    for (size_t i = 0; i < KNOWN; i++)
        names[i] = known[i].name;
    for (size_t i = 0; i < field->annotation_count; i++) {
        const furrow__argument *a = &field->annotations[i];
        if (a->kind != FURROW__ARGUMENT_NAME && a->kind != FURROW__ARGUMENT_CALL) {
            furrow__compiler_error(c, a->place, NULL, "expected the name of an annotation here");
            continue;
        }
        const struct known_annotation *k = NULL;
        for (size_t j = 0; j < KNOWN; j++)
            if (strcmp(known[j].name, a->name) == 0)
                k = &known[j];
        if (!k)
            report_unknown(c, a, names);
        else if (!(k->where & where))
            report_misplaced(c, a, where);
        else if ((k->where & BARE) != (a->kind == FURROW__ARGUMENT_NAME ? (unsigned)BARE : 0u))
            furrow__annotation_misused(c, a, k->example);
        for (size_t j = 0; j < i; j++)
            if (furrow__argument_is(&field->annotations[j], a->name))
                furrow__compiler_error(c, a->place, "remove one of the two annotations",
                                       "duplicate annotation %s on \"%s\"", a->name, field->name);
    }
}

static const furrow__argument *find(const furrow__field *field, const char *name)
{
    return furrow__annotation_find(field->annotations, field->annotation_count, name);
}

/* Reports enumerators that have the same value. Enums are stored by name, so each value must have
 * exactly one name. */
static void check_enum(furrow__compiler *c, furrow__enum_syntax *e)
{
    if (e->is_checked || e->is_broken)
        return;
    e->is_checked = true;
    for (size_t i = 0; i < e->count; i++)
        for (size_t j = 0; j < i; j++)
            if (e->items[i].value == e->items[j].value) {
                furrow__compiler_error(
                    c, e->items[i].place,
                    "give each enumerator a different value; an enum is stored by name",
                    "enumerators \"%s\" and \"%s\" have the same value", e->items[j].name,
                    e->items[i].name);
                return;
            }
}

static void build_enum_type(furrow__compiler *c, furrow_column *column, const furrow__field *field)
{
    for (furrow__enum_syntax *e = c->syntax->enums; e; e = e->next) {
        if (strcmp(e->name, field->target) != 0)
            continue;
        column->enumeration = &e->built;
        check_enum(c, e);
        return;
    }
    size_t count = 0;
    for (const furrow__enum_syntax *e = c->syntax->enums; e; e = e->next)
        count++;
    const char **names = furrow__compiler_memory(c, count, sizeof *names);
    count = 0;
    for (const furrow__enum_syntax *e = c->syntax->enums; e; e = e->next)
        names[count++] = e->name;
    furrow__compiler_error(c, field->type_place,
                           furrow__compiler_suggest(c, field->target, names, count,
                                                    "declare the enum in one of these headers"),
                           "unknown enum \"%s\"", field->target);
}

static void build_nullable(furrow__compiler *c, furrow_column *column, const furrow__field *field)
{
    const furrow__argument *nullable = find(field, "nullable"), *key = find(field, "primary_key");
    if (key && (nullable || field->is_opt))
        furrow__compiler_error(c, nullable ? nullable->place : field->type_place,
                               "remove nullable; a primary key is never NULL",
                               "column \"%s\" cannot be both nullable and primary_key",
                               column->field);
    if (nullable && field->is_opt)
        furrow__compiler_error(c, nullable->place,
                               "remove nullable; a furrow_opt can always be NULL",
                               "column \"%s\" is already nullable", column->field);
    else if (nullable && column->type == FURROW_TYPE_CHARS)
        furrow__compiler_error(c, nullable->place, "use const char * for nullable text",
                               "a char[n] cannot be nullable");
    else if (nullable && column->type != FURROW_TYPE_TEXT && column->type != FURROW_TYPE_BLOB &&
             column->type != FURROW_TYPE_JSON)
        furrow__compiler_error(c, nullable->place,
                               furrow__compiler_format(c, "write furrow_opt(%s) %s",
                                                       furrow__type_text(c, column), column->field),
                               "%s cannot represent NULL", furrow__a_type_text(c, column));
    if (nullable || field->is_opt)
        column->flags |= FURROW_COLUMN_NULLABLE;
    if (field->is_opt)
        column->flags |= FURROW_COLUMN_OPT;
}

static void build_decimal(furrow__compiler *c, furrow_column *column, const furrow__field *field)
{
    const furrow__argument *a = find(field, "decimal");
    bool is_decimal = column->type == FURROW_TYPE_DECIMAL;
    if (!a && is_decimal)
        furrow__compiler_error(
            c, field->place,
            "add FURROW(decimal(12, 2)) for 12 digits, 2 of them after the decimal point",
            "column \"%s\" needs decimal(precision, scale)", field->name);
    if (!a || a->kind != FURROW__ARGUMENT_CALL)
        return;
    if (!is_decimal) {
        furrow__compiler_error(c, a->place, "remove decimal, or change the type to furrow_decimal",
                               "decimal applies to furrow_decimal, not to %s",
                               furrow__type_text(c, column));
        return;
    }
    if (a->count != 2 || !a->items[0].is_integer || !a->items[1].is_integer) {
        furrow__annotation_misused(c, a, "decimal(12, 2)");
        return;
    }
    int64_t p = a->items[0].integer, s = a->items[1].integer;
    if (p < 1 || p > 18) {
        furrow__compiler_error(c, a->items[0].place, "a furrow_decimal has at most 18 digits",
                               "the precision of a decimal must be from 1 to 18");
    } else if (s < 0 || s > p) {
        furrow__compiler_error(
            c, a->items[1].place, "in decimal(p, s), s of the p digits are after the decimal point",
            "the scale of this decimal must be from 0 to its precision, %d", (int)p);
    } else {
        column->precision = (uint8_t)p;
        column->scale = (int8_t)s;
    }
}

static void build_length(furrow__compiler *c, furrow_column *column, const furrow__field *field,
                         const char *name, uint32_t *out)
{
    const furrow__argument *a = find(field, name);
    if (!a || a->kind != FURROW__ARGUMENT_CALL)
        return;
    if (!furrow__is_text(column)) {
        furrow__compiler_error(c, a->place, "remove this annotation; range(a, b) limits a number",
                               "%s applies to text, not to %s", name, furrow__type_text(c, column));
    } else if (a->count != 1 || !a->items[0].is_integer) {
        furrow__annotation_misused(c, a, furrow__compiler_format(c, "%s(200)", name));
    } else if (a->items[0].integer < 1 || a->items[0].integer > 1000000000) {
        furrow__compiler_error(c, a->items[0].place, "a length is from 1 to 1000000000 code points",
                               "%s cannot be %s", name, a->items[0].name);
    } else if (column->type == FURROW_TYPE_CHARS && a->items[0].integer >= column->size) {
        furrow__compiler_error(c, a->items[0].place, "make the array larger, or reduce the length",
                               "array \"%s\" has room for only %d bytes of text", column->field,
                               (int)column->size - 1);
    } else {
        *out = (uint32_t)a->items[0].integer;
    }
}

static void build_lengths(furrow__compiler *c, furrow_column *column, const furrow__field *field)
{
    build_length(c, column, field, "min_length", &column->min_length);
    build_length(c, column, field, "max_length", &column->max_length);
    if (column->max_length && column->min_length > column->max_length)
        furrow__compiler_error(c, find(field, "min_length")->place, "swap the two values",
                               "min_length is greater than max_length");
}

static void build_version_and_touch(furrow__compiler *c, furrow__table *table,
                                    furrow_column *column, const furrow__field *field)
{
    const furrow__argument *version = find(field, "version"), *touch = find(field, "touch");
    if (version && (!furrow__is_integer(column) || field->is_opt)) {
        furrow__compiler_error(c, version->place, "change the type to int64_t",
                               "a version column must be an integer that is not nullable");
    } else if (version && find(field, "primary_key")) {
        furrow__compiler_error(
            c, version->place, "use two fields, because a version changes but a key does not",
            "column \"%s\" cannot be both version and primary_key", column->field);
    } else if (version && table->model.version != FURROW_NO_COLUMN) {
        furrow__compiler_error(c, version->place, "remove one of the version annotations",
                               "model \"%s\" already has a version column, \"%s\"",
                               table->syntax->name, table->columns[table->model.version].field);
    } else if (version) {
        table->model.version = column->index;
        column->flags |= FURROW_COLUMN_VERSION;
    }
    if (touch && column->type != FURROW_TYPE_TIME)
        furrow__compiler_error(c, touch->place, "change the type to furrow_time",
                               "touch needs a furrow_time, but \"%s\" is %s", column->field,
                               furrow__type_text(c, column));
    else if (touch)
        column->flags |= FURROW_COLUMN_TOUCH;
}

/* Checks that a column of this type can be part of a key or an index. Keys and indexes compare
 * values, but JSON values have no order, and real numbers do not compare exactly. */
static void check_keyed(furrow__compiler *c, const furrow_column *column,
                        const furrow__field *field)
{
    const furrow__argument *key = find(field, "primary_key");
    if (key && (column->type == FURROW_TYPE_FLOAT || column->type == FURROW_TYPE_DOUBLE))
        furrow__compiler_error(c, key->place, "use an integer, text, furrow_uuid or furrow_decimal",
                               "%s cannot be a key, because its values do not compare exactly",
                               furrow__a_type_text(c, column));
    static const char *const names[] = {"primary_key", "unique", "index"};
    for (size_t i = 0; i < 3 && column->type == FURROW_TYPE_JSON; i++)
        if (find(field, names[i]))
            furrow__compiler_error(
                c, find(field, names[i])->place, "use a column of another type",
                "%s cannot be used on a JSON column, because JSON cannot be compared", names[i]);
}

static void build_names(furrow__compiler *c, furrow__table *table, furrow_column *column,
                        const furrow__field *field)
{
    const furrow__argument *a = find(field, "column");
    const char *name = a ? furrow__annotation_text(c, a) : NULL;
    furrow__location place = name ? a->items[0].place : field->place;
    column->name = name ? name : field->name;
    if (!furrow__check_name(c, place, column->name, "column"))
        table->is_broken = true;
    for (size_t i = 0; i < column->index; i++) {
        if (strcmp(table->columns[i].field, column->field) == 0)
            furrow__compiler_error(c, field->place, "rename one of the fields",
                                   "model \"%s\" has two fields named \"%s\"", table->syntax->name,
                                   column->field);
        else if (strcasecmp(table->columns[i].name, column->name) == 0)
            furrow__compiler_error(
                c, place,
                "rename one of the columns with column(\"…\"); SQLite ignores case in names",
                "model \"%s\" has two columns named \"%s\"", table->syntax->name, column->name);
    }
    a = find(field, "renamed_from");
    name = a ? furrow__annotation_text(c, a) : NULL;
    if (name && strcmp(name, column->name) == 0)
        furrow__compiler_error(c, a->items[0].place,
                               "remove renamed_from, or write the column's old name",
                               "\"%s\" is the current name of the column", name);
    else if (name && furrow__check_name(c, a->items[0].place, name, "column"))
        column->renamed_from = name;
    a = find(field, "c_name");
    name = a ? furrow__annotation_text(c, a) : NULL;
    bool fine = name && furrow__check_identifier(c, a->items[0].place, name);
    table->members[column->index] = fine ? name : field->name;
}

static void build_column(furrow__compiler *c, furrow__table *table, const furrow__field *field)
{
    uint16_t index = table->model.column_count;
    furrow_column *column = &table->columns[index];
    table->fields[index] = field;
    *column = (furrow_column){
        .field = field->name,
        .model = &table->model,
        .type = (uint8_t)field->type,
        .index = index,
        .size = field->chars,
    };
    check_annotations(c, field, table->is_result ? ON_RESULT : ON_COLUMN);
    if (field->type == FURROW_TYPE_ENUM)
        build_enum_type(c, column, field);
    build_names(c, table, column, field);
    build_nullable(c, column, field);
    build_decimal(c, column, field);
    build_lengths(c, column, field);
    build_version_and_touch(c, table, column, field);
    check_keyed(c, column, field);
    const furrow__argument *a = find(field, "pattern");
    if (a)
        furrow__build_pattern(c, column, a);
    a = find(field, "range");
    if (a && a->kind == FURROW__ARGUMENT_CALL)
        furrow__build_range(c, column, a);
    a = find(field, "check");
    if (a)
        column->check = furrow__annotation_text(c, a);
    a = find(field, "json");
    if (a && a->kind == FURROW__ARGUMENT_CALL)
        furrow__build_json(c, column, a);
    furrow__check_json_name(c, table, column, a ? a->place : field->place);
    if (find(field, "primary_key"))
        column->flags |= FURROW_COLUMN_PRIMARY_KEY;
    table->model.column_count++;
}

static void check_field_names(furrow__compiler *c, const furrow__table *table)
{
    for (const furrow__field *f = table->syntax->fields; f; f = f->next) {
        if (f->kind == FURROW__FIELD_COLUMN)
            continue;
        for (const furrow__field *g = table->syntax->fields; g && g != f; g = g->next)
            if (strcmp(f->name, g->name) == 0)
                furrow__compiler_error(c, f->place, "rename one of the fields",
                                       "model \"%s\" has two fields named \"%s\"",
                                       table->syntax->name, f->name);
    }
}

void furrow__build_columns(furrow__compiler *c, furrow__table *table)
{
    size_t columns = 0, relations = 0;
    for (const furrow__field *f = table->syntax->fields; f; f = f->next) {
        columns += f->kind == FURROW__FIELD_COLUMN;
        relations += f->kind == FURROW__FIELD_TO_ONE || f->kind == FURROW__FIELD_TO_MANY;
        table->is_broken |= f->kind == FURROW__FIELD_BROKEN;
    }
    if (columns > FURROW__MAX_COLUMNS || relations > FURROW__MAX_RELATIONS) {
        furrow__compiler_error(
            c, table->syntax->place, "split the model",
            columns > FURROW__MAX_COLUMNS ? "model \"%s\" has more than %d columns"
                                          : "model \"%s\" has more than %d relationships",
            table->syntax->name,
            columns > FURROW__MAX_COLUMNS ? FURROW__MAX_COLUMNS : FURROW__MAX_RELATIONS);
        table->is_broken = true;
        columns = relations = 0;
    }
    table->columns = furrow__compiler_memory(c, columns, sizeof *table->columns);
    table->fields = furrow__compiler_memory(c, columns, sizeof *table->fields);
    table->members = furrow__compiler_memory(c, columns, sizeof *table->members);
    table->relations = furrow__compiler_memory(c, relations, sizeof *table->relations);
    table->relation_fields = furrow__compiler_memory(c, relations, sizeof *table->relation_fields);
    table->model.columns = table->columns;
    table->model.relations = table->relations;
    for (const furrow__field *f = table->syntax->fields; f; f = f->next) {
        if (f->kind == FURROW__FIELD_COLUMN && table->model.column_count < columns)
            build_column(c, table, f);
        else if (f->kind == FURROW__FIELD_TO_ONE || f->kind == FURROW__FIELD_TO_MANY)
            check_annotations(c, f, ON_RELATION);
    }
    check_field_names(c, table);
    if (!table->model.column_count && !table->is_broken)
        furrow__compiler_error(c, table->syntax->place, "add a field",
                               "model \"%s\" has no columns", table->syntax->name);
}
