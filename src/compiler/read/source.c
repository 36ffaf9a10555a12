/* SPDX-License-Identifier: MIT
 * Manages the compiler's memory, locations and messages: see source.h. */
#include "compiler/read/source.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"

_Noreturn void furrow__compiler_no_memory(furrow__compiler *c)
{
    longjmp(*c->no_memory, 1);
}

void *furrow__compiler_memory(furrow__compiler *c, size_t count, size_t size)
{
    size_t total;
    if (!furrow__multiply_size(&total, count ? count : 1, size))
        furrow__compiler_no_memory(c);
    void *memory = furrow__arena_aligned(&c->arena, total, 16);
    if (!memory)
        furrow__compiler_no_memory(c);
    return memset(memory, 0, total);
}

char *furrow__compiler_copy(furrow__compiler *c, const char *text, size_t size)
{
    char *copy = furrow__arena_text(&c->arena, text, size);
    if (!copy)
        furrow__compiler_no_memory(c);
    return copy;
}

__attribute__((format(printf, 2, 0), nonnull)) static const char *
format_text(furrow__compiler *c, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (size < 0)
        furrow__compiler_no_memory(c);
    char *text = furrow__compiler_memory(c, (size_t)size + 1, 1);
    vsnprintf(text, (size_t)size + 1, format, arguments);
    return text;
}

const char *furrow__compiler_format(furrow__compiler *c, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *text = format_text(c, format, arguments);
    va_end(arguments);
    return text;
}

furrow__location furrow__location_span(furrow__location first, furrow__location last)
{
    if (first.source == last.source && last.offset + last.size > first.offset)
        first.size = last.offset + last.size - first.offset;
    return first;
}

static bool is_before(const furrow__message *a, const furrow__message *b)
{
    size_t a_index = a->place.source ? a->place.source->index : 0;
    size_t b_index = b->place.source ? b->place.source->index : 0;
    return a_index != b_index ? a_index < b_index : a->place.offset < b->place.offset;
}

/* Adds a message to the list. The list is kept sorted by location, because errors are not found in
 * source order. A second message for the same location is dropped, because it is usually a
 * consequence of the first. */
__attribute__((format(printf, 5, 0))) static void add_message(furrow__compiler *c,
                                                              furrow__location place,
                                                              bool is_warning, const char *help,
                                                              const char *format, va_list arguments)
{
    furrow__message *message = furrow__compiler_memory(c, 1, sizeof *message);
    *message = (furrow__message){.place = place, .is_warning = is_warning, .help = help};
    message->text = format_text(c, format, arguments);
    furrow__message **at = &c->messages;
    while (*at && !is_before(message, *at)) {
        if ((*at)->place.source == place.source && (*at)->place.offset == place.offset &&
            (*at)->is_warning == is_warning)
            return;
        at = &(*at)->next;
    }
    if (!is_warning)
        c->error_count++;
    if (c->message_count >= FURROW__MAX_MESSAGES)
        return;
    c->message_count++;
    message->next = *at;
    *at = message;
}

void furrow__compiler_error(furrow__compiler *c, furrow__location place, const char *help,
                            const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add_message(c, place, false, help, format, arguments);
    va_end(arguments);
}

void furrow__compiler_warn(furrow__compiler *c, furrow__location place, const char *help,
                           const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add_message(c, place, true, help, format, arguments);
    va_end(arguments);
}

enum {
    EXCERPT_BEFORE = 90,
    EXCERPT_SIZE = 160
}; /* for a long line: how many bytes are shown before the error, and how many bytes are shown in
      total */

static bool starts_code_point(char c)
{
    return ((unsigned char)c & 0xC0) != 0x80;
}

static void add_excerpt(furrow__buffer *out, furrow__location place, size_t start, size_t end)
{
    const char *text = place.source->text;
    size_t from = start, to = end;
    if (end - start > EXCERPT_SIZE) {
        if (place.offset - start > EXCERPT_BEFORE)
            from = place.offset - EXCERPT_BEFORE;
        while (from < place.offset && !starts_code_point(text[from]))
            from++;
        if (to - from > EXCERPT_SIZE)
            to = from + EXCERPT_SIZE;
        while (to < end && !starts_code_point(text[to]))
            to++;
    }
    for (size_t i = from; i < to; i++)
        furrow__buffer_add_char(out,
                                text[i] == '\t' || (unsigned char)text[i] >= ' ' ? text[i] : '?');
    furrow__buffer_add_char(out, '\n');
    for (size_t i = from; i < place.offset && i < to; i++)
        if (starts_code_point(text[i]))
            furrow__buffer_add_char(out, text[i] == '\t' ? '\t' : ' ');
    furrow__buffer_add_char(out, '^');
    size_t last = place.offset + (size_t)place.size;
    for (size_t i = place.offset + (size_t)1; i < last && i < to; i++)
        if (starts_code_point(text[i]))
            furrow__buffer_add_char(out, '~');
    furrow__buffer_add_char(out, '\n');
}

static void add_rendered(furrow__buffer *out, const furrow__message *message)
{
    furrow__location place = message->place;
    const char *kind = message->is_warning ? "warning" : "error";
    if (!place.source) {
        furrow__buffer_format(out, "%s: %s\n", kind, message->text);
    } else {
        const char *text = place.source->text;
        size_t line = 1, start = 0, column = 1, end = place.offset;
        for (size_t i = 0; i < place.offset; i++)
            if (text[i] == '\n') {
                line++;
                start = i + 1;
            }
        for (size_t i = start; i < place.offset; i++)
            column += starts_code_point(text[i]);
        while (end < place.source->size && text[end] != '\n' && text[end] != '\r')
            end++;
        furrow__buffer_format(out, "%s:%zu:%zu: %s: %s\n", place.source->path, line, column, kind,
                              message->text);
        if (place.size)
            add_excerpt(out, place, start, end);
    }
    if (message->help)
        furrow__buffer_format(out, "help: %s\n", message->help);
}

const char *furrow__compiler_messages(furrow__compiler *c)
{
    if (c->has_failed)
        return NULL;
    furrow__buffer_clear(&c->text);
    size_t errors = 0;
    for (const furrow__message *m = c->messages; m; m = m->next) {
        add_rendered(&c->text, m);
        errors += !m->is_warning;
    }
    if (c->error_count > errors)
        furrow__buffer_format(&c->text, "%zu more errors\n", c->error_count - errors);
    return furrow__buffer_text(&c->text);
}

size_t furrow__compiler_error_count(const furrow__compiler *c)
{
    return c->error_count;
}

enum { NEAR_SIZE = 64 };

/* Returns the Damerau-Levenshtein distance of two short names. Swapping two adjacent letters counts
 * as one change. */
static size_t distance(const char *a, const char *b)
{
    size_t a_size = strlen(a), b_size = strlen(b);
    size_t rows[3][NEAR_SIZE + 1];
    if (a_size > NEAR_SIZE || b_size > NEAR_SIZE)
        return NEAR_SIZE;
    for (size_t j = 0; j <= b_size; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_size; i++) {
        size_t *row = rows[i % 3], *above = rows[(i - 1) % 3], *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            size_t best = above[j - 1] + (a[i - 1] != b[j - 1]);
            if (above[j] + 1 < best)
                best = above[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                two_above[j - 2] + 1 < best)
                best = two_above[j - 2] + 1;
            row[j] = best;
        }
    }
    return rows[a_size % 3][b_size];
}

const char *furrow__compiler_nearest(const char *name, const char *const *names, size_t count)
{
    const char *nearest = NULL;
    size_t best = strlen(name) / 3 + 2;
    for (size_t i = 0; i < count; i++) {
        size_t d = distance(name, names[i]);
        if (d < best && d < strlen(names[i])) {
            best = d;
            nearest = names[i];
        }
    }
    return nearest;
}

const char *furrow__compiler_suggest(furrow__compiler *c, const char *name,
                                     const char *const *names, size_t count, const char *otherwise)
{
    const char *nearest = furrow__compiler_nearest(name, names, count);
    return nearest ? furrow__compiler_format(c, "did you mean \"%s\"?", nearest) : otherwise;
}

const char *furrow__compiler_synonym(const char *name)
{
    /* Names are compared ignoring case and underscores. */
    static const struct {
        const char *name, *hint;
    } words[] = {
        {"notnull", "leave it out: a column is NOT NULL unless it is a furrow_opt or nullable"},
        {"nonnull", "leave it out: a column is NOT NULL unless it is a furrow_opt or nullable"},
        {"required", "leave it out: a column is NOT NULL unless it is a furrow_opt or nullable"},
        {"null", "write nullable, or furrow_opt(T) for a scalar"},
        {"optional", "write nullable, or furrow_opt(T) for a scalar"},
        {"nullable", "write nullable, or furrow_opt(T) for a scalar"},
        {"unique", "write unique"},
        {"index", "write index"},
        {"indexed", "write index"},
        {"key", "write primary_key"},
        {"pk", "write primary_key"},
        {"id", "write primary_key"},
        {"primary", "write primary_key"},
        {"primarykey", "write primary_key"},
        {"autoincrement", "leave it out: the database assigns an integer primary_key that is 0"},
        {"auto", "leave it out: the database assigns an integer primary_key that is 0"},
        {"serial", "leave it out: the database assigns an integer primary_key that is 0"},
        {"identity", "leave it out: the database assigns an integer primary_key that is 0"},
        {"generated", "leave it out: the database assigns an integer primary_key that is 0"},
        {"foreignkey", "write references(model.field)"},
        {"fk", "write references(model.field)"},
        {"foreign", "write references(model.field)"},
        {"reference", "write references(model.field)"},
        {"references", "write references(model.field)"},
        {"ondelete", "write on_delete(cascade)"},
        {"onupdate", "write on_update(cascade)"},
        {"cascade", "write on_delete(cascade)"},
        {"default", "write default(value)"},
        {"defaultvalue", "write default(value)"},
        {"check", "write check(\"expression\")"},
        {"constraint", "write check(\"expression\")"},
        {"length", "write max_length(200)"},
        {"maxlen", "write max_length(200)"},
        {"maxlength", "write max_length(200)"},
        {"size", "write max_length(200)"},
        {"minlength", "write min_length(1)"},
        {"minlen", "write min_length(1)"},
        {"min", "write range(0, 100)"},
        {"max", "write range(0, 100)"},
        {"between", "write range(0, 100)"},
        {"regex", "write pattern(\"^[a-z]+$\")"},
        {"regexp", "write pattern(\"^[a-z]+$\")"},
        {"matches", "write pattern(\"^[a-z]+$\")"},
        {"numeric", "write decimal(12, 2)"},
        {"precision", "write decimal(12, 2)"},
        {"updatedat", "write touch"},
        {"onupdatenow", "write touch"},
        {"columnname", "write column(\"name\")"},
        {"dbname", "write column(\"name\")"},
        {"tablename", "write table(\"name\") after the closing brace of the struct"},
        {"renamed", "write renamed_from(\"old\")"},
        {"manytomany", "write through(model) on a field of type struct x_list"},
        {"secondary", "write through(model) on a field of type struct x_list"},
    };
    char plain[32];
    size_t size = 0;
    for (; *name && size < sizeof plain - 1; name++)
        if (*name != '_')
            plain[size++] = (char)(*name >= 'A' && *name <= 'Z' ? *name - 'A' + 'a' : *name);
    plain[size] = '\0';
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].name, plain) == 0)
            return words[i].hint;
    return NULL;
}
