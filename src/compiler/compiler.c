/* SPDX-License-Identifier: MIT
 * Creates, runs and frees a compiler: see compiler.h. */
#include "compiler/compiler.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "compiler/build/build.h"

furrow__compiler *furrow__compiler_new(const char *name, const char *prefix)
{
    furrow__compiler *c = furrow__allocate_zeroed(1, sizeof *c);
    if (!c)
        return NULL;
    c->name = name;
    c->prefix = prefix;
    return c;
}

void furrow__compiler_free(furrow__compiler *c)
{
    if (!c)
        return;
    furrow__buffer_done(&c->text);
    furrow__arena_done(&c->arena);
    furrow__release(c);
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool furrow__compiler_add(furrow__compiler *c, const char *path, const char *text, size_t size)
{
    if (c->source_count == FURROW__MAX_HEADERS)
        return false;
    furrow__source *source = &c->sources[c->source_count];
    /* If the header is too large, copy only one byte more than the limit: this is enough to detect
     * the error. */
    if (size > FURROW__MAX_HEADER_SIZE)
        size = FURROW__MAX_HEADER_SIZE + 1;
    source->text = furrow__arena_text(&c->arena, text, size);
    source->path = furrow__arena_text(&c->arena, path, strlen(path));
    if (!source->text || !source->path)
        return false;
    source->size = size;
    source->index = c->source_count;
    source->file = last_part(source->path);
    size_t stem = strlen(source->file);
    if (stem > 2 && strcmp(source->file + stem - 2, ".h") == 0)
        stem -= 2;
    source->stem = furrow__arena_text(&c->arena, source->file, stem);
    if (!source->stem)
        return false;
    c->source_count++;
    return true;
}

/* Checks the size and the bytes of a header. Reports the first byte that is NUL or not valid UTF-8.
 */
static bool check_text(furrow__compiler *c, const furrow__source *source)
{
    if (source->size > FURROW__MAX_HEADER_SIZE) {
        furrow__compiler_error(c, (furrow__location){source, 0, 0}, "split the header",
                               "this header is larger than %d bytes", FURROW__MAX_HEADER_SIZE);
        return false;
    }
    const char *nul = memchr(source->text, '\0', source->size);
    size_t size = nul ? (size_t)(nul - source->text) : source->size;
    if (!nul && furrow__utf8_is_valid(source->text, size))
        return true;
    size_t low = 0, at = 0;
    while (at < size) { /* Look for the invalid byte line by line, then character by character in
                           the line that contains it. */
        const char *newline = memchr(source->text + at, '\n', size - at);
        size_t end = newline ? (size_t)(newline - source->text) + 1 : size;
        if (!furrow__utf8_is_valid(source->text + at, end - at))
            break;
        low = at = end;
    }
    for (size_t step = 1; low < size && step <= 4;) {
        if (low + step <= size && furrow__utf8_is_valid(source->text + low, step)) {
            low += step;
            step = 1;
        } else {
            step++;
        }
    }
    furrow__compiler_error(c, (furrow__location){source, (uint32_t)low, 0},
                           low == size && nul ? "check that this file is a header"
                                              : "save the header as UTF-8",
                           low == size && nul ? "this file is not text: it contains a NUL"
                                              : "this file is not text: it is not valid UTF-8");
    return false;
}

static void compile(furrow__compiler *c)
{
    c->syntax = furrow__compiler_memory(c, 1, sizeof *c->syntax);
    c->syntax->structs_end = &c->syntax->structs;
    c->syntax->enums_end = &c->syntax->enums;
    bool all_text = true;
    for (size_t i = 0; i < c->source_count; i++)
        if (check_text(c, &c->sources[i]))
            furrow__parse_source(c, &c->sources[i]);
        else
            all_text = false;
    if (all_text)
        furrow__build_schema(c);
}

bool furrow__compiler_run(furrow__compiler *c)
{
    jmp_buf no_memory;
    if (setjmp(no_memory)) {
        c->no_memory = NULL;
        c->has_failed = true; /* There was not enough memory to add a message about the error. */
        return false;
    }
    c->no_memory = &no_memory;
    compile(c);
    c->no_memory = NULL;
    return c->error_count == 0;
}

void furrow__compiler_forget_messages(furrow__compiler *c)
{
    c->messages = NULL;
    c->message_count = c->error_count = 0;
}

static bool is_model(const furrow__table *t, const char *schema, const char *table)
{
    const char *own = t->model.schema;
    return strcmp(t->model.table, table) == 0 &&
           (!schema || !own ? schema == own : strcmp(own, schema) == 0);
}

static const furrow__argument *rename_of(const furrow__compiler *c, const char *schema,
                                         const char *table, const char *column)
{
    for (size_t i = 0; i < c->table_count; i++) {
        const furrow__table *t = &c->tables[i];
        if (t->is_result || !is_model(t, schema, table))
            continue;
        if (!column)
            return furrow__annotation_find(t->syntax->annotations, t->syntax->annotation_count,
                                           "renamed_from");
        for (size_t j = 0; j < t->model.column_count; j++)
            if (strcmp(t->columns[j].name, column) == 0)
                return furrow__annotation_find(t->fields[j]->annotations,
                                               t->fields[j]->annotation_count, "renamed_from");
    }
    return NULL;
}

bool furrow__compiler_remark_rename(furrow__compiler *c, const furrow__rename_remark *remark)
{
    const furrow__argument *a = rename_of(c, remark->schema, remark->table, remark->column);
    jmp_buf no_memory;
    if (!a)
        return false;
    if (setjmp(no_memory)) {
        c->no_memory = NULL;
        c->has_failed = true;
        return false;
    }
    c->no_memory = &no_memory;
    (remark->is_warning ? furrow__compiler_warn : furrow__compiler_error)(
        c, a->items[0].place, remark->help, "%s", remark->message);
    c->no_memory = NULL;
    return true;
}

const furrow_schema *furrow__compiler_schema(const furrow__compiler *c)
{
    return &c->schema;
}

const char *furrow__compiler_stem(const furrow__compiler *c, size_t index)
{
    return c->sources[index].stem;
}

bool furrow__compiler_is_identifier(const char *text)
{
    static const char *const keywords[] = {
        "auto",    "break",  "case",     "char",   "const",    "continue", "default",
        "do",      "double", "else",     "enum",   "extern",   "float",    "for",
        "goto",    "if",     "inline",   "int",    "long",     "register", "restrict",
        "return",  "short",  "signed",   "sizeof", "static",   "struct",   "switch",
        "typedef", "union",  "unsigned", "void",   "volatile", "while",
    };
    size_t size = strlen(text);
    if (!size || size > FURROW__MAX_PREFIX || (text[0] >= '0' && text[0] <= '9'))
        return false;
    for (size_t i = 0; i < size; i++)
        if (!((text[i] >= 'a' && text[i] <= 'z') || (text[i] >= 'A' && text[i] <= 'Z') ||
              (text[i] >= '0' && text[i] <= '9') || text[i] == '_'))
            return false;
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        if (strcmp(keywords[i], text) == 0)
            return false;
    return true;
}
