/* SPDX-License-Identifier: MIT
 * Writes the parts of a model header: comments, annotations, string literals, expressions and
 * names. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "migrate/reflect/header.h"

void furrow__header_no_memory(furrow__header *h)
{
    if (h->status == FURROW_OK)
        h->status = furrow__fail(h->error, FURROW_NOMEM, "out of memory");
}

/* Adds an escape sequence if *text begins with a control character for bidirectional text. Moves
 * *text to the last byte of the character. */
static bool escape_bidirectional(furrow__buffer *out, const char **text)
{
    unsigned point = furrow__utf8_bidirectional(*text);
    if (!point)
        return false;
    furrow__buffer_format(out, "\\u%04X", point);
    *text += point < 0x800 ? 1 : 2;
    return true;
}

/* Adds a line to a comment. If the line contains the characters that begin or end a comment, a
 * blank is inserted between them. */
void furrow__header_add_line(furrow__buffer *out, const char *text)
{
    bool is_valid = furrow__utf8_is_valid(text, strlen(text));
    for (; *text; text++) {
        if (is_valid && escape_bidirectional(out, &text))
            continue;
        bool ends = (text[0] == '*' && text[1] == '/') || (text[0] == '/' && text[1] == '*');
        bool shows = (unsigned char)*text >= ' ' && *text != 0x7f &&
                     (is_valid || (unsigned char)*text < 0x80);
        furrow__buffer_add_char(out, shows ? *text : (unsigned char)*text < 0x80 ? ' ' : '?');
        if (ends)
            furrow__buffer_add_char(out, ' ');
    }
    furrow__buffer_add_char(out, '\n');
}

void furrow__header_note(furrow__header_table *t, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    text[furrow__utf8_cut(text, strlen(text))] = '\0';
    furrow__header_add_line(&t->notes, text);
}

void furrow__header_annotate(furrow__buffer *annotations, const char *format, ...)
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

void furrow__header_add_string(furrow__buffer *out, const char *text)
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
            furrow__buffer_add_text(out, "\\?"); /* avoids a trigraph */
        else if ((unsigned char)*c < ' ' || *c == 0x7f)
            furrow__buffer_format(out, "\\%03o", (unsigned)(unsigned char)*c);
        else if (!escape_bidirectional(out, &c))
            furrow__buffer_add_char(out, *c);
    }
    furrow__buffer_add_char(out, '"');
}

const furrow__expression *furrow__header_parse(furrow__header *h, furrow__header_table *t,
                                               const char *text, const furrow_column *column,
                                               furrow__expression_use use)
{
    if (h->status != FURROW_OK)
        return NULL;
    const furrow__expression *n = furrow__catalog_parse(
        &(furrow__expression_source){.text = text,
                                     .scope = t->scope,
                                     .column =
                                         use == FURROW__EXPRESSION_FOR_DEFAULT ? column : NULL,
                                     .use = use},
        "expression", h->arena, h->error);
    if (!n)
        h->status = h->error ? h->error->status : FURROW_INVALID;
    return n;
}

/* Changes a column of the scope. This has no effect on other tables, because each table has its own
 * scope. */
static void set_column_name(furrow__header_table *t, size_t index, const char *name)
{
    furrow_column *column = (furrow_column *)(uintptr_t)furrow__scope_column(t->scope, index);
    column->name = name;
}

void furrow__header_add_expression(furrow__header *h, furrow__header_table *t, furrow__buffer *out,
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
        furrow__header_add_string(out, whole);
    else
        furrow__header_no_memory(h);
    furrow__buffer_done(&text);
}

furrow__header_field *furrow__header_field_named(furrow__header_table *t, const char *column)
{
    for (size_t i = 0; i < t->table->column_count; i++)
        if (strcmp(t->table->columns[i].name, column) == 0)
            return t->fields[i].is_left_out ? NULL : &t->fields[i];
    return NULL;
}

furrow__header_table *furrow__header_table_named(furrow__header *h, furrow__table_name name)
{
    for (size_t i = 0; i < h->catalog->count; i++)
        if (furrow__table_names_are_equal(h->catalog->tables[i]->name, name))
            return h->tables[i].is_left_out ? NULL : &h->tables[i];
    return NULL;
}

bool furrow__header_has_fields(furrow__header_table *t, const char *const *columns, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!furrow__header_field_named(t, columns[i]))
            return false;
    return count > 0 && count <= FURROW__MAX_KEY;
}
