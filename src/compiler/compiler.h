/* SPDX-License-Identifier: MIT
 *
 * The model compiler reads headers and produces a schema and C code. It does no I/O and has no
 * global state. Start reading here.
 *
 *     furrow__compiler *c = furrow__compiler_new(NULL, NULL);
 *     furrow__compiler_add(c, "todo.h", text, size);
 *     if (furrow__compiler_run(c) && furrow__compiler_emit(c, 0, &header, &source)) …
 *     fputs(furrow__compiler_messages(c), stderr);
 *     furrow__compiler_free(c);
 */
#ifndef FURROW_COMPILER_COMPILER_H
#define FURROW_COMPILER_COMPILER_H

#include <furrow/furrow.h>

#include "base/buffer.h"

typedef struct furrow__compiler furrow__compiler;

/* Create a compiler. `name` is the schema's name; NULL means the first header's stem. `prefix`
 * begins every generated name, or is NULL. Both must be C identifiers
 * (furrow__compiler_is_identifier) and outlive the compiler. Returns NULL when out of memory. */
furrow__compiler *furrow__compiler_new(const char *name, const char *prefix);
/* NULL is allowed. */
void furrow__compiler_free(furrow__compiler *c);

/* Add a header. Messages name it by its path. The path and the text are copied. Returns false when
 * out of memory, or if there are too many headers. */
bool furrow__compiler_add(furrow__compiler *c, const char *path, const char *text, size_t size);

/* Read and check all headers. Returns false if there are errors, or when out of memory. */
bool furrow__compiler_run(furrow__compiler *c);

/* All errors and warnings, in the order of their locations, each with its line, a caret and a hint.
 * Returns "" if there are none, or NULL when out of memory. The text is valid until the compiler is
 * freed. */
const char *furrow__compiler_messages(furrow__compiler *c);
/* The number of errors among the messages. */
size_t furrow__compiler_error_count(const furrow__compiler *c);

/* Discard all messages, after the caller has printed them. */
void furrow__compiler_forget_messages(furrow__compiler *c);

/* A message about a renamed_from that turns out to be wrong when the schema is compared with an
 * earlier one. */
typedef struct furrow__rename_remark {
    const char *schema, *table; /* names in the database; schema may be NULL */
    const char *column;         /* NULL means the renamed_from of the table */
    bool is_warning;
    const char *message; /* copied */
    const char *help;    /* borrowed; may be NULL */
} furrow__rename_remark;

/* Add a message at the location of a renamed_from, after a successful run. Returns false if there
 * is no such annotation, or when out of memory. */
bool furrow__compiler_remark_rename(furrow__compiler *c, const furrow__rename_remark *remark);

/* The schema, after a successful run. Offsets and sizes in it are 0, because only the C compiler
 * knows them. */
const furrow_schema *furrow__compiler_schema(const furrow__compiler *c);

/* Write the code that is generated for header `index`: <stem>.furrow.h and <stem>.furrow.c. Returns
 * false when out of memory. */
bool furrow__compiler_emit(furrow__compiler *c, size_t index, furrow__buffer *header,
                           furrow__buffer *source);
/* The file name of header `index` without ".h". */
const char *furrow__compiler_stem(const furrow__compiler *c, size_t index);

/* Whether a text is a C identifier of at most FURROW__MAX_PREFIX bytes and not a keyword. */
bool furrow__compiler_is_identifier(const char *text);

#endif
