/* SPDX-License-Identifier: MIT
 *
 * Writes a logical catalog as a model header that looks as if a person had written it. A comment
 * above each struct lists what models cannot express. All tables and columns get their names in C
 * first, then all tables get their annotations, and finally the text is written.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "migrate/reflect/header.h"
#include "migrate/reflect/reflect.h"

enum { MAX_COLUMNS = 1000 };

static bool struct_is_taken(const furrow__header *h, size_t before, const char *name)
{
    for (size_t i = 0; i < before; i++)
        if (h->tables[i].name && furrow__c_names_collide(h->tables[i].name, name))
            return true;
    for (size_t i = 0; i < h->enum_count; i++)
        if (strcmp(h->enums[i]->name, name) == 0)
            return true;
    return false;
}

/* Returns the name. If the name is already used, returns a similar one. */
static const char *numbered(furrow__header *h, size_t before, const char *name)
{
    char other[80];
    furrow__copy_text(other, sizeof other, name);
    for (int n = 2; struct_is_taken(h, before, other); n++)
        snprintf(other, sizeof other, n == 2 ? "%s_row" : "%s_row%d", name, n - 1);
    const char *copy = furrow__arena_text(h->arena, other, strlen(other));
    if (!copy)
        furrow__header_no_memory(h);
    return copy;
}

static void name_struct(furrow__header *h, size_t i)
{
    furrow__table_name name = h->catalog->tables[i]->name;
    const char *made = furrow__c_name_make(h->arena, name.name, "table");
    if (made && name.schema && struct_is_taken(h, i, made)) {
        char both[2 * FURROW__NAME_SIZE];
        snprintf(both, sizeof both, "%s_%s", name.schema, name.name);
        made = furrow__c_name_make(h->arena, both, "table");
    }
    if (made)
        h->tables[i].name = numbered(h, i, made);
    else
        furrow__header_no_memory(h);
}

static void name_field(furrow__header *h, furrow__header_table *t, size_t i)
{
    char other[80];
    const char *made = furrow__c_name_make(h->arena, t->table->columns[i].name, "column");
    if (!made) {
        furrow__header_no_memory(h);
        return;
    }
    furrow__copy_text(other, sizeof other, made);
    for (int n = 2;; n++) {
        bool taken = false;
        for (size_t k = 0; k < t->table->column_count; k++)
            /* If a field had the name of another column, it would be mistaken for that column. */
            taken |= (k < i && strcmp(t->fields[k].name, other) == 0) ||
                     (k != i && strcmp(t->table->columns[k].name, other) == 0);
        if (!taken)
            break;
        snprintf(other, sizeof other, "%s_%d", made, n);
    }
    t->fields[i].column = &t->table->columns[i];
    t->fields[i].name = furrow__arena_text(h->arena, other, strlen(other));
    if (!t->fields[i].name)
        furrow__header_no_memory(h);
}

static bool has_value(const char *const *values, size_t count, const char *value)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(values[i], value) == 0)
            return true;
    return false;
}

/* Returns the enum with exactly these values. Returns NULL if there is none; *in_the_way is then
 * set to true if another enum has some of the values. */
static const furrow__header_enum *enum_of(const furrow__header *h, const furrow__catalog_type *type,
                                          bool *in_the_way)
{
    for (size_t i = 0; i < h->enum_count; i++) {
        const furrow__header_enum *e = h->enums[i];
        size_t same = 0;
        for (size_t k = 0; k < type->value_count; k++)
            same += has_value(e->values, e->count, type->values[k]);
        if (same == e->count && same == type->value_count)
            return e;
        *in_the_way |= same > 0;
    }
    return NULL;
}

static bool can_be_enum(const furrow__catalog_type *type)
{
    bool fine = type->value_count > 0 && type->value_count <= 1000;
    for (size_t i = 0; i < type->value_count && fine; i++)
        fine = furrow__c_name_is_fine(type->values[i]) &&
               !furrow__c_name_is_function(type->values[i]) &&
               !has_value(type->values, i, type->values[i]);
    return fine;
}

/* Returns the values of an enum. The default comes first, so that it is the enum's zero value in C.
 */
static const char *const *ordered_values(furrow__header *h, furrow__header_table *t, size_t i)
{
    const furrow__catalog_column *column = &t->table->columns[i];
    const char **values = furrow__arena_aligned(
        h->arena, (column->type.value_count + 1) * sizeof *values, _Alignof(char *));
    if (!values) {
        furrow__header_no_memory(h);
        return NULL;
    }
    memcpy(values, column->type.values, column->type.value_count * sizeof *values);
    const furrow__expression *n =
        column->default_ && !column->nullable
            ? furrow__header_parse(h, t, column->default_, furrow__scope_column(t->scope, i),
                                   FURROW__EXPRESSION_FOR_DEFAULT)
            : NULL;
    for (size_t k = 0; n && n->text && k < column->type.value_count; k++)
        if (strcmp(values[k], n->text) == 0) {
            const char *first = values[k];
            memmove(values + 1, values, k * sizeof *values);
            values[0] = first;
        }
    return values;
}

static void make_enum(furrow__header *h, furrow__header_table *t, size_t i)
{
    furrow__header_field *field = &t->fields[i];
    const furrow__catalog_type *type = &field->column->type;
    char name[160];
    bool in_the_way = false;
    if (type->native || type->type != FURROW_TYPE_ENUM || !can_be_enum(type))
        return;
    field->enum_ = enum_of(h, type, &in_the_way);
    if (field->enum_ || in_the_way)
        return;
    furrow__header_enum *e =
        furrow__arena_aligned(h->arena, sizeof *e, _Alignof(furrow__header_enum));
    furrow__header_enum **enums =
        furrow__arena_room(h->arena, h->enums, h->enum_count, &h->enum_capacity, sizeof *enums);
    if (!e || !enums) {
        furrow__header_no_memory(h);
        return;
    }
    h->enums = enums;
    snprintf(name, sizeof name, "%s_%s", t->name, field->name);
    const char *made = furrow__c_name_make(h->arena, name, "enum");
    *e = (furrow__header_enum){.name = made ? numbered(h, h->catalog->count, made) : NULL,
                               .values = ordered_values(h, t, i),
                               .count = type->value_count};
    if (!e->name)
        furrow__header_no_memory(h);
    if (h->status != FURROW_OK)
        return;
    h->enums[h->enum_count++] = e;
    field->enum_ = e;
}

static const char *bad_name(const char *name)
{
    if (!name[0] || strlen(name) > 63)
        return "has a name that models cannot have: it is empty, or longer than 63 bytes";
    if (!furrow__utf8_is_valid(name, strlen(name)))
        return "has a name that models cannot have: it is not UTF-8";
    for (const char *c = name; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            return "has a name that models cannot have: it contains a control character";
    return NULL;
}

static bool equal_without_case(const char *a, const char *b)
{
    for (; *a && *b; a++, b++)
        if ((*a >= 'A' && *a <= 'Z' ? *a + 32 : *a) != (*b >= 'A' && *b <= 'Z' ? *b + 32 : *b))
            return false;
    return !*a && !*b;
}

static void leave_out_columns(furrow__header_table *t)
{
    for (size_t i = 0; i < t->table->column_count; i++) {
        const furrow__catalog_column *column = &t->table->columns[i];
        const char *why = bad_name(column->name);
        if (column->type.native)
            why = "is of a type that no field can hold";
        for (size_t k = 0; k < i && !why; k++)
            if (!t->fields[k].is_left_out &&
                equal_without_case(column->name, t->table->columns[k].name))
                why = "differs from another column only in case";
        t->fields[i].is_left_out = why != NULL;
        bool needed = !column->nullable && !column->default_;
        if (why && (needed || !column->type.native)) /* otherwise the reflected catalog already has
                                                        a note about the type */
            furrow__header_note(t, "column %s %s%s", FURROW__QUOTED(column->name), why,
                                needed ? "; it is NOT NULL, so the model cannot insert rows" : "");
    }
}

static const char *bad_key(furrow__header_table *t)
{
    const furrow__catalog_constraint *key = furrow__catalog_primary_key(t->table);
    if (!key)
        return "has no primary key";
    if (!furrow__header_has_fields(t, key->columns, key->count))
        return "has a primary key that models cannot express";
    for (size_t i = 0; i < key->count; i++) {
        furrow_type type = furrow__header_field_named(t, key->columns[i])->column->type.type;
        if (type == FURROW_TYPE_FLOAT || type == FURROW_TYPE_DOUBLE || type == FURROW_TYPE_JSON)
            return "has a primary key with a real or a JSON column";
    }
    return NULL;
}

static const char *bad_table(furrow__header *h, size_t at)
{
    furrow__header_table *t = &h->tables[at];
    furrow__table_name name = t->table->name;
    const char *why = bad_name(name.name);
    if (!why && (strchr(name.name, '.') || (name.schema && strchr(name.schema, '.'))))
        why = "has a name that models cannot have: it contains a dot";
    if (!why && t->table->column_count > MAX_COLUMNS)
        why = "has more columns than a model can have";
    for (size_t i = 0; i < at && !why; i++) {
        furrow__table_name other = h->tables[i].table->name;
        if (!h->tables[i].is_left_out && equal_without_case(name.name, other.name) &&
            equal_without_case(name.schema ? name.schema : "", other.schema ? other.schema : ""))
            why = "differs from another table only in case";
    }
    return why ? why : bad_key(t);
}

static void plan_table(furrow__header *h, size_t at)
{
    furrow__header_table *t = &h->tables[at];
    t->table = h->catalog->tables[at];
    t->scope = furrow__catalog_scope(t->table, h->arena);
    size_t size = (t->table->column_count + 1) * sizeof *t->fields;
    t->fields = furrow__arena_aligned(h->arena, size, _Alignof(furrow__header_field));
    if (!t->scope || !t->fields) {
        t->fields = NULL;
        furrow__header_no_memory(h);
        return;
    }
    memset(t->fields, 0, size);
    name_struct(h, at);
    for (size_t i = 0; i < t->table->column_count && h->status == FURROW_OK; i++)
        name_field(h, t, i);
    if (h->status != FURROW_OK)
        return;
    leave_out_columns(t);
    const char *why = bad_table(h, at);
    if (why) {
        furrow__header_note(t, "table %s %s, and is left out", FURROW__QUOTED(t->table->name.name),
                            why);
        t->is_left_out = true;
    }
}

static void upper(char *out, size_t size, const char *name)
{
    furrow__copy_text(out, size, name);
    for (char *c = out; *c; c++)
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
}

static bool is_enumerator(const furrow__header *h, const char *name)
{
    for (size_t i = 0; i < h->enum_count; i++)
        if (has_value(h->enums[i]->values, h->enums[i]->count, name))
            return true;
    return false;
}

static void annotate_object(furrow__header *h, size_t at)
{
    furrow__header_table *t = &h->tables[at];
    char object[80], other[80];
    upper(object, sizeof object, t->name);
    bool again = false;
    for (size_t i = 0; i < at && !again; i++) {
        upper(other, sizeof other, h->tables[i].name);
        again = !h->tables[i].is_left_out && strcmp(other, object) == 0;
    }
    if (again)
        furrow__header_annotate(&t->annotations, "c_name(\"%.50s_TABLE%zu\")", object, at + 1);
    else if (furrow__c_name_is_of_the_library(object) || is_enumerator(h, object) ||
             strncmp(object, "FURROW", 6) == 0)
        furrow__header_annotate(&t->annotations, "c_name(\"%s%.50s_TABLE\")",
                                strncmp(object, "FURROW", 6) == 0 ? "A_" : "", object);
}

static void annotate_table(furrow__header *h, size_t at)
{
    furrow__header_table *t = &h->tables[at];
    furrow__table_name name = t->table->name;
    if (name.schema || strcmp(name.name, t->name) != 0) {
        char whole[160];
        snprintf(whole, sizeof whole, "%s%s%s", name.schema ? name.schema : "",
                 name.schema ? "." : "", name.name);
        furrow__header_annotate(&t->annotations, "table(");
        furrow__header_add_string(&t->annotations, whole);
        furrow__buffer_add_char(&t->annotations, ')');
    }
    annotate_object(h, at);
}

static void write_comment(furrow__buffer *out, const char *first, const char *lines)
{
    furrow__buffer_format(out, "/* %s\n", first);
    while (*lines) {
        const char *end = strchr(lines, '\n');
        size_t size = end ? (size_t)(end - lines) : strlen(lines);
        furrow__buffer_add_text(out, " *   ");
        furrow__buffer_add(out, lines, size);
        furrow__buffer_add_char(out, '\n');
        lines += size + (end != NULL);
    }
    furrow__buffer_add_text(out, " */\n");
}

static void write_enum(furrow__buffer *out, const furrow__header_enum *e)
{
    size_t column = 0, whole = strlen(e->name);
    for (size_t k = 0; k < e->count; k++)
        whole += strlen(e->values[k]) + 2;
    bool is_short = whole < 85;
    furrow__buffer_format(out, "\nenum %s {", e->name);
    for (size_t k = 0; k < e->count; k++) {
        size_t size = strlen(e->values[k]) + 2;
        bool breaks = !is_short && (!k || column + size > 96);
        furrow__buffer_add_text(out, breaks ? "\n    " : " ");
        column = breaks ? size + 4 : column + size;
        furrow__buffer_format(out, "%s%s", e->values[k], is_short && k + 1 == e->count ? "" : ",");
    }
    furrow__buffer_add_text(out, is_short ? " };\n" : "\n};\n");
}

static void write_struct(furrow__header *h, furrow__header_table *t, furrow__buffer *out)
{
    const char *notes = furrow__buffer_text(&t->notes);
    furrow__buffer_add_char(out, '\n');
    if (notes && *notes)
        write_comment(out, "Not expressed here:", notes);
    if (t->is_left_out)
        return;
    furrow__buffer_format(out, "struct %s {\n", t->name);
    furrow__write_fields(h, t, out);
    furrow__buffer_add_text(out, "}");
    if (t->annotations.size)
        furrow__buffer_format(out, " FURROW(%s)", t->annotations.text);
    furrow__buffer_add_text(out, ";\n");
}

static void write_all(furrow__header *h, furrow__buffer *out, const char *left_out)
{
    bool any = false;
    furrow__buffer top = {0};
    furrow__buffer_add_text(
        out, "/* Written once by `furrow models` from a database. Edit it as you like. */\n"
             "#pragma once\n\n#include <furrow/model.h>\n");
    for (const char *line = left_out ? left_out : ""; *line;) {
        char text[1024];
        size_t size = strcspn(line, "\n");
        snprintf(text, sizeof text, "%.*s", (int)(size < 1000 ? size : 1000), line);
        text[furrow__utf8_cut(text, strlen(text))] = '\0';
        furrow__header_add_line(&top, text);
        line += size + (line[size] != '\0');
    }
    if (top.size) {
        furrow__buffer_add_char(out, '\n');
        write_comment(out, "Not expressed in these models:", top.text);
    }
    out->failed |= top.failed;
    furrow__buffer_done(&top);
    for (size_t i = 0; i < h->catalog->count; i++) {
        if (!h->tables[i].is_listed)
            continue;
        furrow__buffer_format(out, "%sFURROW_LIST(%s);\n", any ? "" : "\n", h->tables[i].name);
        any = true;
    }
    for (size_t i = 0; i < h->enum_count; i++)
        write_enum(out, h->enums[i]);
    for (size_t i = 0; i < h->catalog->count && h->status == FURROW_OK; i++)
        write_struct(h, &h->tables[i], out);
}

static void plan(furrow__header *h, furrow__write_models_options options)
{
    size_t count = h->catalog->count;
    for (size_t i = 0; i < count && h->status == FURROW_OK; i++)
        plan_table(h, i);
    for (size_t i = 0; i < count && h->status == FURROW_OK; i++)
        for (size_t k = 0; !h->tables[i].is_left_out && k < h->tables[i].table->column_count &&
                           h->status == FURROW_OK;
             k++)
            if (!h->tables[i].fields[k].is_left_out)
                make_enum(h, &h->tables[i], k);
    for (size_t i = 0; i < count && h->status == FURROW_OK; i++) {
        if (h->tables[i].is_left_out)
            continue;
        annotate_table(h, i);
        furrow__write_field_annotations(h, &h->tables[i]);
        furrow__write_keys(h, &h->tables[i]);
    }
    for (size_t i = 0; i < count && h->status == FURROW_OK && options.has_relations; i++)
        if (!h->tables[i].is_left_out)
            furrow__write_relations(h, &h->tables[i]);
}

static void done(furrow__header *h)
{
    for (size_t i = 0; h->tables && i < h->catalog->count; i++) {
        furrow__header_table *t = &h->tables[i];
        for (size_t k = 0; t->fields && k < t->table->column_count; k++) {
            if (t->fields[k].annotations.failed)
                furrow__header_no_memory(h);
            furrow__buffer_done(&t->fields[k].annotations);
        }
        if (t->annotations.failed || t->notes.failed)
            furrow__header_no_memory(h);
        furrow__buffer_done(&t->annotations);
        furrow__buffer_done(&t->notes);
    }
}

furrow_status furrow__catalog_write_models_with(furrow__buffer *out, const furrow__catalog *logical,
                                                furrow__write_models_options options,
                                                furrow_error *error)
{
    furrow_arena arena = {0};
    furrow__header h = {.catalog = logical, .arena = &arena, .error = error};
    size_t size = (logical->count + 1) * sizeof *h.tables;
    h.tables = furrow__arena_aligned(&arena, size, _Alignof(furrow__header_table));
    if (h.tables) {
        memset(h.tables, 0, size);
        plan(&h, options);
        if (h.status == FURROW_OK)
            write_all(&h, out, options.left_out);
    } else {
        furrow__header_no_memory(&h);
    }
    done(&h);
    if (out->failed)
        furrow__header_no_memory(&h);
    furrow__arena_done(&arena);
    return h.status;
}

furrow_status furrow__catalog_write_models(furrow__buffer *out, const furrow__catalog *logical,
                                           furrow_error *error)
{
    return furrow__catalog_write_models_with(
        out, logical, (furrow__write_models_options){.has_relations = true}, error);
}
