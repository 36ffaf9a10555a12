/* SPDX-License-Identifier: MIT
 *
 * The model compiler: headers in, a schema and generated C out. Pure: reads no file, prints
 * nothing, keeps nothing between two compilers. Start reading here.
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

/* name: of the schema, or NULL for the first header's stem. prefix: of everything generated, or
 * NULL. Both are C identifiers (furrow__compiler_is_identifier) and borrowed. NULL when out of
 * memory. */
furrow__compiler *furrow__compiler_new(const char *name, const char *prefix);
/* NULL is allowed. */
void furrow__compiler_free(furrow__compiler *c);

/* Add a header. `path` is what messages call it; both are copied. False when out of memory or past
 * the limit of headers. */
bool furrow__compiler_add(furrow__compiler *c, const char *path, const char *text, size_t size);

/* Read and check all headers. False if there are errors, or out of memory. */
bool furrow__compiler_run(furrow__compiler *c);

/* Everything there is to say, in the order of the headers' lines: errors and warnings, each with
 * its line, a caret and the mend. "" if there is nothing; NULL when out of memory. Valid until
 * freed. */
const char *furrow__compiler_messages(furrow__compiler *c);
/* How many of them are errors. */
size_t furrow__compiler_error_count(const furrow__compiler *c);

/* Discard all messages, which the caller has printed. */
void furrow__compiler_forget_messages(furrow__compiler *c);

/* A message about a renamed_from, found when the schema is compared with an earlier one. */
typedef struct furrow__rename_remark {
    const char *schema, *table; /* names in the database; schema may be NULL */
    const char *column;         /* NULL: the renamed_from of the table */
    bool is_warning;
    const char *message; /* copied */
    const char *help;    /* borrowed; may be NULL */
} furrow__rename_remark;

/* Add a message at the place of a renamed_from, after a run that succeeded. False if there is no
 * such annotation, or when out of memory. */
bool furrow__compiler_remark_rename(furrow__compiler *c, const furrow__rename_remark *remark);

/* The schema, after a run that succeeded. Its offsets and sizes are 0: only C knows them. */
const furrow_schema *furrow__compiler_schema(const furrow__compiler *c);

/* Write what is generated for header `index`: <stem>.furrow.h and <stem>.furrow.c. False when out
 * of memory. */
bool furrow__compiler_emit(furrow__compiler *c, size_t index, furrow__buffer *header,
                           furrow__buffer *source);
/* The last part of header `index`'s path, without ".h". */
const char *furrow__compiler_stem(const furrow__compiler *c, size_t index);

/* A C identifier of at most FURROW__MAX_PREFIX bytes that is no keyword. */
bool furrow__compiler_is_identifier(const char *text);

#endif
