/* SPDX-License-Identifier: MIT
 *
 * A logical catalog as a model header: what a person would write for these tables. What models
 * cannot say is told above the struct that it is of. First everything gets its name in C, then each
 * table its annotations, then it is written.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "migrate/reflect/parts.h"
#include "migrate/reflect/reflect.h"

enum { MAX_COLUMNS = 1000, MAX_KEY = 16 };

void furrow__writer_no_memory(furrow__writer *w)
{
    if (w->status == FURROW_OK)
        w->status = furrow__fail(w->error, FURROW_NOMEM, "out of memory");
}

/* ---- text ---- */

/* A line that can stand in a comment. */
static void add_line(furrow__buffer *out, const char *text)
{
    bool is_valid = furrow__utf8_is_valid(text, strlen(text));
    for (; *text; text++) {
        bool ends = (text[0] == '*' && text[1] == '/') || (text[0] == '/' && text[1] == '*');
        bool shows = (unsigned char)*text >= ' ' && *text != 0x7f &&
                     (is_valid || (unsigned char)*text < 0x80);
        furrow__buffer_add_char(out, shows ? *text : (unsigned char)*text < 0x80 ? ' ' : '?');
        if (ends)
            furrow__buffer_add_char(out, ' ');
    }
    furrow__buffer_add_char(out, '\n');
}

void furrow__writer_note(furrow__written_table *t, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    text[furrow__utf8_cut(text, strlen(text))] = '\0';
    add_line(&t->notes, text);
}

void furrow__writer_annotate(furrow__buffer *annotations, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (annotations->size)
        furrow__buffer_add_text(annotations, ", ");
    furrow__buffer_add_text(annotations, text);
}

void furrow__writer_add_string(furrow__buffer *out, const char *text)
{
    furrow__buffer_add_char(out, '"');
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\\')
            furrow__buffer_format(out, "\\%c", *c);
        else if (*c == '\n')
            furrow__buffer_add_text(out, "\\n");
        else if (*c == '\t')
            furrow__buffer_add_text(out, "\\t");
        else if (*c == '?' && c > text && c[-1] == '?')
            furrow__buffer_add_text(out, "\\?"); /* no trigraph */
        else if ((unsigned char)*c < ' ' || *c == 0x7f)
            furrow__buffer_format(out, "\\%03o", (unsigned)(unsigned char)*c);
        else
            furrow__buffer_add_char(out, *c);
    }
    furrow__buffer_add_char(out, '"');
}

/* ---- expressions ---- */

const furrow__expression *furrow__writer_parse(furrow__writer *w, furrow__written_table *t,
                                               const char *text, const furrow_column *column,
                                               furrow__expression_use use)
{
    if (w->status != FURROW_OK)
        return NULL;
    const furrow__expression *n = furrow__catalog_parse(
        &(furrow__expression_source){.text = text,
                                     .scope = t->scope,
                                     .column =
                                         use == FURROW__EXPRESSION_FOR_DEFAULT ? column : NULL,
                                     .use = use},
        "expression", w->arena, w->error);
    if (!n)
        w->status = w->error ? w->error->status : FURROW_INVALID;
    return n;
}

/* The scope was made for this table, in memory that can be changed. */
static void set_column_name(furrow__written_table *t, size_t index, const char *name)
{
    furrow_column *column = (furrow_column *)(uintptr_t)furrow__scope_column(t->scope, index);
    column->name = name;
}

void furrow__writer_add_expression(furrow__writer *w, furrow__written_table *t, furrow__buffer *out,
                                   const furrow__expression *expression)
{
    furrow__buffer text = {0};
    for (size_t i = 0; i < t->table->column_count; i++)
        set_column_name(t, i, t->fields[i].name);
    furrow__expression_write(&text, expression);
    for (size_t i = 0; i < t->table->column_count; i++)
        set_column_name(t, i, t->table->columns[i].name);
    const char *whole = furrow__buffer_text(&text);
    if (whole)
        furrow__writer_add_string(out, whole);
    else
        furrow__writer_no_memory(w);
    furrow__buffer_done(&text);
}

/* ---- finding ---- */

furrow__written_field *furrow__writer_field(furrow__written_table *t, const char *column)
{
    for (size_t i = 0; i < t->table->column_count; i++)
        if (strcmp(t->table->columns[i].name, column) == 0)
            return t->fields[i].is_left_out ? NULL : &t->fields[i];
    return NULL;
}

furrow__written_table *furrow__writer_table(furrow__writer *w, furrow__table_name name)
{
    for (size_t i = 0; i < w->catalog->count; i++)
        if (furrow__table_names_are_equal(w->catalog->tables[i]->name, name))
            return w->tables[i].is_left_out ? NULL : &w->tables[i];
    return NULL;
}

bool furrow__writer_has_fields(furrow__written_table *t, const char *const *columns, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!furrow__writer_field(t, columns[i]))
            return false;
    return count > 0 && count <= MAX_KEY;
}

/* ---- names ---- */

static bool struct_is_taken(const furrow__writer *w, size_t before, const char *name)
{
    for (size_t i = 0; i < before; i++)
        if (w->tables[i].name && furrow__c_names_collide(w->tables[i].name, name))
            return true;
    for (size_t i = 0; i < w->enum_count; i++)
        if (strcmp(w->enums[i]->name, name) == 0)
            return true;
    return false;
}

/* The name, or one like it that is free. */
static const char *numbered(furrow__writer *w, size_t before, const char *name)
{
    char other[80];
    furrow__copy_text(other, sizeof other, name);
    for (int n = 2; struct_is_taken(w, before, other); n++)
        snprintf(other, sizeof other, n == 2 ? "%s_row" : "%s_row%d", name, n - 1);
    const char *copy = furrow__arena_text(w->arena, other, strlen(other));
    if (!copy)
        furrow__writer_no_memory(w);
    return copy;
}

static void name_struct(furrow__writer *w, size_t i)
{
    furrow__table_name name = w->catalog->tables[i]->name;
    const char *made = furrow__c_name_make(w->arena, name.name, "table");
    if (made && name.schema && struct_is_taken(w, i, made)) {
        char both[2 * FURROW__NAME_SIZE];
        snprintf(both, sizeof both, "%s_%s", name.schema, name.name);
        made = furrow__c_name_make(w->arena, both, "table");
    }
    if (made)
        w->tables[i].name = numbered(w, i, made);
    else
        furrow__writer_no_memory(w);
}

static void name_field(furrow__writer *w, furrow__written_table *t, size_t i)
{
    char other[80];
    const char *made = furrow__c_name_make(w->arena, t->table->columns[i].name, "column");
    if (!made) {
        furrow__writer_no_memory(w);
        return;
    }
    furrow__copy_text(other, sizeof other, made);
    for (int n = 2;; n++) {
        bool taken = false;
        for (size_t k = 0; k < t->table->column_count; k++)
            /* A field that is called like another's column would be taken for it. */
            taken |= (k < i && strcmp(t->fields[k].name, other) == 0) ||
                     (k != i && strcmp(t->table->columns[k].name, other) == 0);
        if (!taken)
            break;
        snprintf(other, sizeof other, "%s_%d", made, n);
    }
    t->fields[i].column = &t->table->columns[i];
    t->fields[i].name = furrow__arena_text(w->arena, other, strlen(other));
    if (!t->fields[i].name)
        furrow__writer_no_memory(w);
}

/* ---- enums ---- */

static bool has_value(const char *const *values, size_t count, const char *value)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(values[i], value) == 0)
            return true;
    return false;
}

/* An enum of exactly these values, or NULL; *in_the_way: one that has some of them. */
static const furrow__written_enum *enum_of(const furrow__writer *w,
                                           const furrow__catalog_type *type, bool *in_the_way)
{
    for (size_t i = 0; i < w->enum_count; i++) {
        const furrow__written_enum *e = w->enums[i];
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

/* The default first: a zero of C then means it. */
static const char *const *ordered_values(furrow__writer *w, furrow__written_table *t, size_t i)
{
    const furrow__catalog_column *column = &t->table->columns[i];
    const char **values = furrow__arena_aligned(
        w->arena, (column->type.value_count + 1) * sizeof *values, _Alignof(char *));
    if (!values) {
        furrow__writer_no_memory(w);
        return NULL;
    }
    memcpy(values, column->type.values, column->type.value_count * sizeof *values);
    const furrow__expression *n =
        column->default_ && !column->nullable
            ? furrow__writer_parse(w, t, column->default_, furrow__scope_column(t->scope, i),
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

static void make_enum(furrow__writer *w, furrow__written_table *t, size_t i)
{
    furrow__written_field *field = &t->fields[i];
    const furrow__catalog_type *type = &field->column->type;
    char name[160];
    bool in_the_way = false;
    if (type->native || type->type != FURROW_TYPE_ENUM || !can_be_enum(type))
        return;
    field->enum_ = enum_of(w, type, &in_the_way);
    if (field->enum_ || in_the_way)
        return;
    furrow__written_enum *e =
        furrow__arena_aligned(w->arena, sizeof *e, _Alignof(furrow__written_enum));
    furrow__written_enum **enums =
        furrow__arena_room(w->arena, w->enums, w->enum_count, &w->enum_capacity, sizeof *enums);
    if (!e || !enums) {
        furrow__writer_no_memory(w);
        return;
    }
    w->enums = enums;
    snprintf(name, sizeof name, "%s_%s", t->name, field->name);
    const char *made = furrow__c_name_make(w->arena, name, "enum");
    *e = (furrow__written_enum){.name = made ? numbered(w, w->catalog->count, made) : NULL,
                                .values = ordered_values(w, t, i),
                                .count = type->value_count};
    if (!e->name)
        furrow__writer_no_memory(w);
    if (w->status != FURROW_OK)
        return;
    w->enums[w->enum_count++] = e;
    field->enum_ = e;
}

/* ---- which tables and columns there can be ---- */

static const char *bad_name(const char *name)
{
    if (!name[0] || strlen(name) > 63)
        return "has a name that models cannot have: empty, or more than 63 bytes";
    if (!furrow__utf8_is_valid(name, strlen(name)))
        return "has a name that models cannot have: it is not UTF-8";
    for (const char *c = name; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            return "has a name that models cannot have: a control character in it";
    return NULL;
}

static bool equal_without_case(const char *a, const char *b)
{
    for (; *a && *b; a++, b++)
        if ((*a >= 'A' && *a <= 'Z' ? *a + 32 : *a) != (*b >= 'A' && *b <= 'Z' ? *b + 32 : *b))
            return false;
    return !*a && !*b;
}

static void leave_out_columns(furrow__written_table *t)
{
    for (size_t i = 0; i < t->table->column_count; i++) {
        const furrow__catalog_column *column = &t->table->columns[i];
        const char *why = bad_name(column->name);
        if (column->type.native)
            why = "is of a type that no field can hold";
        for (size_t k = 0; k < i && !why; k++)
            if (!t->fields[k].is_left_out &&
                equal_without_case(column->name, t->table->columns[k].name))
                why = "differs from another column in case alone";
        t->fields[i].is_left_out = why != NULL;
        bool needed = !column->nullable && !column->default_;
        if (why && (needed || !column->type.native)) /* raise told of the type */
            furrow__writer_note(t, "column \"%s\" %s%s", column->name, why,
                                needed ? "; it is NOT NULL, so that rows cannot be inserted here"
                                       : "");
    }
}

static const char *bad_key(furrow__written_table *t)
{
    const furrow__catalog_constraint *key = furrow__catalog_primary_key(t->table);
    if (!key)
        return "has no primary key";
    if (!furrow__writer_has_fields(t, key->columns, key->count))
        return "has a primary key that models cannot have";
    for (size_t i = 0; i < key->count; i++) {
        furrow_type type = furrow__writer_field(t, key->columns[i])->column->type.type;
        if (type == FURROW_TYPE_FLOAT || type == FURROW_TYPE_DOUBLE || type == FURROW_TYPE_JSON)
            return "has a primary key of a real or of JSON";
    }
    return NULL;
}

static const char *bad_table(furrow__writer *w, size_t at)
{
    furrow__written_table *t = &w->tables[at];
    furrow__table_name name = t->table->name;
    const char *why = bad_name(name.name);
    if (!why && (strchr(name.name, '.') || (name.schema && strchr(name.schema, '.'))))
        why = "has a name that models cannot have: a point in it";
    if (!why && t->table->column_count > MAX_COLUMNS)
        why = "has more columns than a model can";
    for (size_t i = 0; i < at && !why; i++) {
        furrow__table_name other = w->tables[i].table->name;
        if (!w->tables[i].is_left_out && equal_without_case(name.name, other.name) &&
            equal_without_case(name.schema ? name.schema : "", other.schema ? other.schema : ""))
            why = "differs from another table in case alone";
    }
    return why ? why : bad_key(t);
}

static void plan_table(furrow__writer *w, size_t at)
{
    furrow__written_table *t = &w->tables[at];
    t->table = w->catalog->tables[at];
    t->scope = furrow__catalog_scope(t->table, w->arena);
    size_t size = (t->table->column_count + 1) * sizeof *t->fields;
    t->fields = furrow__arena_aligned(w->arena, size, _Alignof(furrow__written_field));
    if (!t->scope || !t->fields) {
        t->fields = NULL;
        furrow__writer_no_memory(w);
        return;
    }
    memset(t->fields, 0, size);
    name_struct(w, at);
    for (size_t i = 0; i < t->table->column_count && w->status == FURROW_OK; i++)
        name_field(w, t, i);
    if (w->status != FURROW_OK)
        return;
    leave_out_columns(t);
    const char *why = bad_table(w, at);
    if (why) {
        furrow__writer_note(t, "table \"%s\" %s, and is left out", t->table->name.name, why);
        t->is_left_out = true;
    }
}

/* ---- the column table's name ---- */

static void upper(char *out, size_t size, const char *name)
{
    furrow__copy_text(out, size, name);
    for (char *c = out; *c; c++)
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
}

static bool is_enumerator(const furrow__writer *w, const char *name)
{
    for (size_t i = 0; i < w->enum_count; i++)
        if (has_value(w->enums[i]->values, w->enums[i]->count, name))
            return true;
    return false;
}

static void annotate_object(furrow__writer *w, size_t at)
{
    furrow__written_table *t = &w->tables[at];
    char object[80], other[80];
    upper(object, sizeof object, t->name);
    bool again = false;
    for (size_t i = 0; i < at && !again; i++) {
        upper(other, sizeof other, w->tables[i].name);
        again = !w->tables[i].is_left_out && strcmp(other, object) == 0;
    }
    if (again)
        furrow__writer_annotate(&t->annotations, "c_name(\"%.50s_TABLE%zu\")", object, at + 1);
    else if (furrow__c_name_is_of_the_library(object) || is_enumerator(w, object) ||
             strncmp(object, "FURROW", 6) == 0)
        furrow__writer_annotate(&t->annotations, "c_name(\"%s%.50s_TABLE\")",
                                strncmp(object, "FURROW", 6) == 0 ? "A_" : "", object);
}

static void annotate_table(furrow__writer *w, size_t at)
{
    furrow__written_table *t = &w->tables[at];
    furrow__table_name name = t->table->name;
    if (name.schema || strcmp(name.name, t->name) != 0) {
        char whole[160];
        snprintf(whole, sizeof whole, "%s%s%s", name.schema ? name.schema : "",
                 name.schema ? "." : "", name.name);
        furrow__writer_annotate(&t->annotations, "table(");
        furrow__writer_add_string(&t->annotations, whole);
        furrow__buffer_add_char(&t->annotations, ')');
    }
    annotate_object(w, at);
}

/* ---- writing ---- */

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

static void write_enum(furrow__buffer *out, const furrow__written_enum *e)
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

static void write_struct(furrow__writer *w, furrow__written_table *t, furrow__buffer *out)
{
    const char *notes = furrow__buffer_text(&t->notes);
    furrow__buffer_add_char(out, '\n');
    if (notes && *notes)
        write_comment(out, "Not said here:", notes);
    if (t->is_left_out)
        return;
    furrow__buffer_format(out, "struct %s {\n", t->name);
    furrow__write_fields(w, t, out);
    furrow__buffer_add_text(out, "}");
    if (t->annotations.size)
        furrow__buffer_format(out, " FURROW(%s)", t->annotations.text);
    furrow__buffer_add_text(out, ";\n");
}

static void write_all(furrow__writer *w, furrow__buffer *out, const char *left_out)
{
    bool any = false;
    furrow__buffer top = {0};
    furrow__buffer_add_text(
        out, "/* Made by `furrow models`: the tables of a database as it was. It is yours now. */\n"
             "#pragma once\n\n#include <furrow/model.h>\n");
    for (const char *line = left_out ? left_out : ""; *line;) {
        char text[1024];
        size_t size = strcspn(line, "\n");
        snprintf(text, sizeof text, "%.*s", (int)(size < 1000 ? size : 1000), line);
        text[furrow__utf8_cut(text, strlen(text))] = '\0';
        add_line(&top, text);
        line += size + (line[size] != '\0');
    }
    if (top.size) {
        furrow__buffer_add_char(out, '\n');
        write_comment(out, "What the database has, and models have not:", top.text);
    }
    out->failed |= top.failed;
    furrow__buffer_done(&top);
    for (size_t i = 0; i < w->catalog->count; i++) {
        if (!w->tables[i].is_listed)
            continue;
        furrow__buffer_format(out, "%sFURROW_LIST(%s);\n", any ? "" : "\n", w->tables[i].name);
        any = true;
    }
    for (size_t i = 0; i < w->enum_count; i++)
        write_enum(out, w->enums[i]);
    for (size_t i = 0; i < w->catalog->count && w->status == FURROW_OK; i++)
        write_struct(w, &w->tables[i], out);
}

static void plan(furrow__writer *w, furrow__write_models_options options)
{
    size_t count = w->catalog->count;
    for (size_t i = 0; i < count && w->status == FURROW_OK; i++)
        plan_table(w, i);
    for (size_t i = 0; i < count && w->status == FURROW_OK; i++)
        for (size_t k = 0; !w->tables[i].is_left_out && k < w->tables[i].table->column_count &&
                           w->status == FURROW_OK;
             k++)
            if (!w->tables[i].fields[k].is_left_out)
                make_enum(w, &w->tables[i], k);
    for (size_t i = 0; i < count && w->status == FURROW_OK; i++) {
        if (w->tables[i].is_left_out)
            continue;
        annotate_table(w, i);
        furrow__write_field_annotations(w, &w->tables[i]);
        furrow__write_keys(w, &w->tables[i]);
    }
    for (size_t i = 0; i < count && w->status == FURROW_OK && options.has_relations; i++)
        if (!w->tables[i].is_left_out)
            furrow__write_relations(w, &w->tables[i]);
}

static void done(furrow__writer *w)
{
    for (size_t i = 0; w->tables && i < w->catalog->count; i++) {
        furrow__written_table *t = &w->tables[i];
        for (size_t k = 0; t->fields && k < t->table->column_count; k++) {
            if (t->fields[k].annotations.failed)
                furrow__writer_no_memory(w);
            furrow__buffer_done(&t->fields[k].annotations);
        }
        if (t->annotations.failed || t->notes.failed)
            furrow__writer_no_memory(w);
        furrow__buffer_done(&t->annotations);
        furrow__buffer_done(&t->notes);
    }
}

furrow_status furrow__catalog_write_models_with(furrow__buffer *out, const furrow__catalog *logical,
                                                furrow__write_models_options options,
                                                furrow_error *error)
{
    furrow_arena arena = {0};
    furrow__writer w = {.catalog = logical, .arena = &arena, .error = error};
    size_t size = (logical->count + 1) * sizeof *w.tables;
    w.tables = furrow__arena_aligned(&arena, size, _Alignof(furrow__written_table));
    if (w.tables) {
        memset(w.tables, 0, size);
        plan(&w, options);
        if (w.status == FURROW_OK)
            write_all(&w, out, options.left_out);
    } else {
        furrow__writer_no_memory(&w);
    }
    done(&w);
    if (out->failed)
        furrow__writer_no_memory(&w);
    furrow__arena_done(&arena);
    return w.status;
}

furrow_status furrow__catalog_write_models(furrow__buffer *out, const furrow__catalog *logical,
                                           furrow_error *error)
{
    return furrow__catalog_write_models_with(
        out, logical, (furrow__write_models_options){.has_relations = true}, error);
}
