/* SPDX-License-Identifier: MIT
 *
 * The model compiler reads headers and produces a schema and C code. It does no I/O and has no
 * global state. This is the first file to read in this folder.
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

/* Creates a compiler. `name` is the schema's name; if it is NULL, the name is the first header's
 * file name without ".h". Every generated name begins with `prefix`, unless `prefix` is NULL. Both
 * strings must be C identifiers (furrow__compiler_is_identifier) and must outlive the compiler.
 * Returns NULL when out of memory. */
furrow__compiler *furrow__compiler_new(const char *name, const char *prefix);
/* Frees the compiler and all memory that its functions returned. The argument may be NULL. */
void furrow__compiler_free(furrow__compiler *c);

/* Adds a header. Messages refer to the header by this path. The compiler copies the path and the
 * text. Returns false when out of memory, or if there are too many headers. */
bool furrow__compiler_add(furrow__compiler *c, const char *path, const char *text, size_t size);

/* Reads and checks all headers. Returns false if there are errors, or when out of memory. */
bool furrow__compiler_run(furrow__compiler *c);

/* Returns all errors and warnings, in the order of their locations. Each message contains the
 * source line, a caret and a hint. Returns "" if there are no messages, and NULL when out of
 * memory. The string is valid until the compiler is freed. */
const char *furrow__compiler_messages(furrow__compiler *c);
/* Returns the number of errors among the messages. */
size_t furrow__compiler_error_count(const furrow__compiler *c);

/* Discards all messages. Called after the messages have been printed. */
void furrow__compiler_forget_messages(furrow__compiler *c);

/* A message about a renamed_from annotation that has no effect. Only a comparison of the schema
 * with an earlier schema can find such an annotation. */
typedef struct furrow__rename_remark {
    const char *schema, *table; /* names in the database; `schema` may be NULL */
    const char *column; /* the annotated column; NULL if the annotation belongs to the table */
    bool is_warning;
    const char *message; /* text of the message; the compiler copies it */
    const char *help;    /* hint, which must outlive the compiler; may be NULL */
} furrow__rename_remark;

/* Adds a message at the location of a renamed_from annotation. Call after a successful run. Returns
 * false if there is no such annotation, or when out of memory. */
bool furrow__compiler_remark_rename(furrow__compiler *c, const furrow__rename_remark *remark);

/* Returns the schema. Call after a successful run. Offsets and sizes in the schema are 0, because
 * only the C compiler knows them. */
const furrow_schema *furrow__compiler_schema(const furrow__compiler *c);

/* Generates the code for header number `index`. Writes <stem>.furrow.h to *header and
 * <stem>.furrow.c to *source. Returns false when out of memory. */
bool furrow__compiler_emit(furrow__compiler *c, size_t index, furrow__buffer *header,
                           furrow__buffer *source);
/* Returns the file name, without ".h", of header number `index`. */
const char *furrow__compiler_stem(const furrow__compiler *c, size_t index);

/* Returns whether a string is a C identifier of at most FURROW__MAX_PREFIX bytes. Keywords are not
 * identifiers. */
bool furrow__compiler_is_identifier(const char *text);

#endif
