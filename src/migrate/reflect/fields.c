/* SPDX-License-Identifier: MIT
 * Writes the fields of a model header: their types in C, and the annotations for a single column.
 */
#include <stdio.h>
#include <string.h>

#include "migrate/reflect/header.h"
#include "base/text.h"
#include "schema/type.h"

enum { MAX_DEFAULTS = 48, MAX_CHARS = 1 << 20 };

/* Returns whether the field is an array char[n]. Such a field holds the text within the struct. */
static bool is_chars(const furrow__catalog_column *c)
{
    return !c->type.native && c->type.type == FURROW_TYPE_TEXT && c->type.max_size &&
           !c->nullable && c->type.max_size < MAX_CHARS && c->type.max_length <= c->type.max_size;
}

/* Returns whether the field is a pointer, which is NULL if the column is NULL. */
static bool is_pointer(const furrow__header_field *f)
{
    furrow_type type = f->column->type.type;
    return type == FURROW_TYPE_TEXT || type == FURROW_TYPE_BLOB || type == FURROW_TYPE_JSON ||
           (type == FURROW_TYPE_ENUM && !f->enum_);
}

static bool is_opt(const furrow__header_field *f)
{
    return f->column->nullable && !is_pointer(f);
}

static void write_type(furrow__buffer *out, const furrow__header_field *f)
{
    char name[128];
    const char *type = f->column->type.type == FURROW_TYPE_ENUM
                           ? "const char *"
                           : furrow__type_in_c((uint8_t)f->column->type.type);
    if (f->enum_) {
        snprintf(name, sizeof name, "enum %s", f->enum_->name);
        type = name;
    }
    if (is_chars(f->column))
        type = "char";
    furrow__buffer_format(out, is_opt(f) ? "furrow_opt(%s)" : "%s", type);
}

typedef struct default_writer {
    furrow__header *h;
    furrow__header_table *t;
    furrow__header_field *f;
    furrow__buffer text; /* the argument of the annotation default(...) */
    bool is_zero;        /* whether the default equals the value of a zero-initialized field */
} default_writer;

static bool is_zero_text(furrow_type type, const char *text)
{
    furrow_time time;
    furrow_date date;
    furrow_uuid uuid;
    static const furrow_uuid none;
    if (type == FURROW_TYPE_TIME)
        return furrow_time_parse(text, &time) && !time.us;
    if (type == FURROW_TYPE_DATE)
        return furrow_date_parse(text, &date) && !date.days;
    return furrow_uuid_parse(text, &uuid) && memcmp(&uuid, &none, sizeof uuid) == 0;
}

static bool write_text_default(default_writer *d, const furrow__expression *n)
{
    furrow_type type = d->f->column->type.type;
    if (d->f->enum_) {
        furrow__buffer_add_text(&d->text, n->text);
        d->is_zero = strcmp(d->f->enum_->values[0], n->text) == 0;
        return true;
    }
    furrow__header_add_string(&d->text, n->text);
    d->is_zero = is_chars(d->f->column) ? !n->text[0]
                 : is_pointer(d->f)     ? true
                                        : is_zero_text(type, n->text);
    return true;
}

static bool write_number_default(default_writer *d, const furrow__expression *n)
{
    furrow__expression_write(&d->text, n);
    const char *text = furrow__buffer_text(&d->text);
    d->is_zero = text && strcspn(text, "123456789") == strlen(text);
    return true;
}

static bool write_default_value(default_writer *d, const furrow__expression *n)
{
    switch (n->kind) {
    case FURROW__EXPRESSION_BOOL:
        furrow__buffer_add_text(&d->text, n->integer ? "true" : "false");
        d->is_zero = !n->integer;
        return true;
    case FURROW__EXPRESSION_INTEGER:
    case FURROW__EXPRESSION_NUMBER:
        return write_number_default(d, n);
    case FURROW__EXPRESSION_TEXT:
        return d->f->column->type.type != FURROW_TYPE_BLOB && write_text_default(d, n);
    case FURROW__EXPRESSION_NOW:
        furrow__buffer_add_text(&d->text, "now");
        d->is_zero = true; /* a time whose default is not `now` needs furrow_opt */
        return d->f->column->type.type == FURROW_TYPE_TIME;
    default:
        return false;
    }
}

static void write_default(furrow__header *h, furrow__header_table *t, size_t i)
{
    furrow__header_field *f = &t->fields[i];
    const furrow__catalog_column *column = f->column;
    default_writer d = {.h = h, .t = t, .f = f};
    if (!column->default_ || column->assigned)
        return;
    const furrow__expression *n = furrow__header_parse(
        h, t, column->default_, furrow__scope_column(t->scope, i), FURROW__EXPRESSION_FOR_DEFAULT);
    if (!n)
        return;
    bool fine = write_default_value(&d, n);
    if (d.text.failed)
        furrow__header_no_memory(h);
    const char *why = !fine ? "models cannot express it"
                      : !d.is_zero && !is_opt(f)
                          ? "the zero value of the field could then not be stored"
                      : t->defaults >= MAX_DEFAULTS ? "a model cannot have more than 48 defaults"
                                                    : NULL;
    if (why) {
        furrow__header_note(t, "column %s has the default %s: %s", FURROW__QUOTED(column->name),
                            column->default_, why);
    } else if (h->status == FURROW_OK) {
        furrow__header_annotate(&f->annotations, "default(");
        furrow__buffer_add_text(&f->annotations, d.text.text);
        furrow__buffer_add_char(&f->annotations, ')');
        f->has_default = true;
        t->defaults++;
    }
    furrow__buffer_done(&d.text);
}

/* Writes the values of an enum as a check, if C does not allow them as names of enumerators. */
static void write_values(furrow__header *h, furrow__header_table *t, furrow__header_field *f)
{
    furrow__buffer text = {0};
    const furrow__catalog_type *type = &f->column->type;
    furrow__catalog_write_name(&text, f->name);
    furrow__buffer_add_text(&text, " IN (");
    for (size_t i = 0; i < type->value_count; i++) {
        furrow__buffer_add_text(&text, i ? ", " : "");
        furrow__sql_literal(&text, type->values[i]);
    }
    furrow__buffer_add_char(&text, ')');
    const char *whole = furrow__buffer_text(&text);
    if (!whole) {
        furrow__header_no_memory(h);
    } else if (text.size < FURROW__EXPRESSION_SIZE) {
        furrow__header_annotate(&f->annotations, "check(");
        furrow__header_add_string(&f->annotations, whole);
        furrow__buffer_add_char(&f->annotations, ')');
        f->has_check = true;
    } else {
        furrow__header_note(t, "column %s has more values than a check can hold",
                            FURROW__QUOTED(f->column->name));
    }
    furrow__buffer_done(&text);
}

static bool is_of_key(const furrow__header_table *t, const char *column)
{
    const furrow__catalog_constraint *key = furrow__catalog_primary_key(t->table);
    return key && furrow__names_have(key->columns, key->count, column);
}

static void write_field(furrow__header *h, furrow__header_table *t, size_t i)
{
    furrow__header_field *f = &t->fields[i];
    const furrow__catalog_column *column = f->column;
    const furrow__catalog_type *type = &column->type;
    if (strcmp(f->name, column->name) != 0) {
        furrow__header_annotate(&f->annotations, "column(");
        furrow__header_add_string(&f->annotations, column->name);
        furrow__buffer_add_char(&f->annotations, ')');
    }
    if (is_of_key(t, column->name))
        furrow__header_annotate(&f->annotations, "primary_key");
    if (column->nullable && is_pointer(f))
        furrow__header_annotate(&f->annotations, "nullable");
    if (type->type == FURROW_TYPE_DECIMAL)
        furrow__header_annotate(&f->annotations, "decimal(%d, %d)", type->precision, type->scale);
    if (type->max_length && type->max_length <= 1000000000)
        furrow__header_annotate(&f->annotations, "max_length(%u)", (unsigned)type->max_length);
    if (type->max_size && !is_chars(column))
        furrow__header_note(t,
                            "column %s holds at most %u bytes, which only a NOT NULL column "
                            "can express, as char[%u]",
                            FURROW__QUOTED(column->name), (unsigned)type->max_size,
                            (unsigned)type->max_size + 1);
    if (type->type == FURROW_TYPE_ENUM && !f->enum_)
        write_values(h, t, f);
    if (column->assigned)
        t->defaults++;
    write_default(h, t, i);
}

void furrow__write_field_annotations(furrow__header *h, furrow__header_table *t)
{
    for (size_t i = 0; i < t->table->column_count && h->status == FURROW_OK; i++)
        if (!t->fields[i].is_left_out)
            write_field(h, t, i);
}

/* The widths to which types and names are padded to align the fields. */
typedef struct layout {
    int type_width, name_width;
} layout;

static void write_name(furrow__buffer *out, const furrow__header_field *f)
{
    furrow__buffer_add_text(out, f->name);
    if (is_chars(f->column))
        furrow__buffer_format(out, "[%u]", (unsigned)f->column->type.max_size + 1);
}

/* The star of a pointer is written directly before the name of the field. In lines of other fields,
 * a space takes its place. */
static int width_of_type(const char *type)
{
    size_t size = strlen(type);
    return (int)size + (size && type[size - 1] != '*');
}

static void measure_one(layout *l, const char *type, const char *name, bool is_annotated)
{
    int width = width_of_type(type), size = (int)strlen(name);
    l->type_width = l->type_width > width ? l->type_width : width;
    if (is_annotated && size > l->name_width)
        l->name_width = size;
}

static void put_one(furrow__buffer *out, const layout *l, const char *type, const char *name,
                    const char *annotations)
{
    size_t size = strlen(type);
    bool star = size && type[size - 1] == '*';
    furrow__buffer_format(out, "    %-*.*s%s", l->type_width - star, (int)size - star, type,
                          star ? "*" : "");
    if (*annotations)
        furrow__buffer_format(out, "%-*s FURROW(", l->name_width, name);
    else
        furrow__buffer_add_text(out, name);
    furrow__buffer_add_text(out, annotations);
    furrow__buffer_add_text(out, *annotations ? ");\n" : ";\n");
}

/* Writes one field. If `out` is NULL, only measures the field. */
static void with_field(furrow__header *h, layout *l, const furrow__header_field *f,
                       furrow__buffer *out)
{
    furrow__buffer type = {0}, name = {0};
    write_type(&type, f);
    write_name(&name, f);
    const char *annotations = furrow__buffer_text(&f->annotations);
    if (type.failed || name.failed || !annotations)
        furrow__header_no_memory(h);
    else if (out)
        put_one(out, l, type.text, name.text, annotations);
    else
        measure_one(l, type.text, name.text, *annotations);
    furrow__buffer_done(&type);
    furrow__buffer_done(&name);
}

static void with_relations(layout *l, const furrow__header_table *t, furrow__buffer *out)
{
    for (size_t i = 0; i < t->relation_count; i++) {
        const furrow__header_relation *r = &t->relations[i];
        if (out)
            put_one(out, l, r->type, r->name, r->annotation);
        else
            measure_one(l, r->type, r->name, true);
    }
}

/* Returns whether the columns of a composite key have the same order as the fields of the struct.
 */
static bool key_is_in_order(const furrow__header_table *t)
{
    const furrow__catalog_constraint *key = furrow__catalog_primary_key(t->table);
    const furrow__catalog_column *last = NULL;
    for (size_t i = 0; key && i < key->count; i++) {
        const furrow__catalog_column *column =
            furrow__catalog_column_named(t->table, key->columns[i]);
        if (last && column < last)
            return false;
        last = column;
    }
    return true;
}

void furrow__write_fields(furrow__header *h, furrow__header_table *t, furrow__buffer *out)
{
    const furrow__catalog_constraint *key = furrow__catalog_primary_key(t->table);
    layout l = {0, 0};
    bool key_first = !key_is_in_order(t);
    for (size_t i = 0; i < t->table->column_count; i++)
        if (!t->fields[i].is_left_out)
            with_field(h, &l, &t->fields[i], NULL);
    with_relations(&l, t, NULL);
    for (size_t i = 0; key_first && i < key->count; i++) {
        const furrow__header_field *f = furrow__header_field_named(t, key->columns[i]);
        if (f)
            with_field(h, &l, f, out);
    }
    for (size_t i = 0; i < t->table->column_count; i++)
        if (!t->fields[i].is_left_out && !(key_first && is_of_key(t, t->table->columns[i].name)))
            with_field(h, &l, &t->fields[i], out);
    with_relations(&l, t, out);
}
