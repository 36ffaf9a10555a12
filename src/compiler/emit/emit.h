/* SPDX-License-Identifier: MIT
 * Writing C: what the generated header (header.c) and source (source.c) share. */
#ifndef FURROW_COMPILER_EMIT_EMIT_H
#define FURROW_COMPILER_EMIT_EMIT_H

#include "compiler/build/build.h"

enum { FURROW__EMIT_WIDTH = 100 };

typedef struct furrow__emitter {
    furrow__compiler *c;
    const furrow__source *source;
    furrow__buffer *out;
} furrow__emitter;

/* The banner: version, source, and the command that makes the file. */
void furrow__emit_banner(const furrow__emitter *e);
/* `before(a, b, c)after`, broken behind commas where a line gets too long, aligned behind the `(`.
 */
void furrow__emit_list(const furrow__emitter *e, const char *before, const char *const *items,
                       size_t count, const char *after);
/* Lines of a macro: all but the last end in a backslash at the right margin. */
void furrow__emit_macro(const furrow__emitter *e, const char *const *lines, size_t count);
/* A comment, broken at spaces, safe whatever the text. */
void furrow__emit_comment(const furrow__emitter *e, const char *text);
/* A string literal of C. */
void furrow__emit_string(furrow__buffer *out, const char *text);
/* The parameters for the primary key of get: "int64_t id", "const char *code". */
const char *furrow__emit_key_parameter(furrow__compiler *c, const furrow__table *table, size_t i);
const char *furrow__emit_key_name(furrow__compiler *c, const furrow__table *table, size_t i);
/* The array of keys of get_many. */
const char *furrow__emit_keys_parameter(furrow__compiler *c, const furrow__table *table);
/* A column's type as a value: "int64_t ", "const char *", "enum colour ", so that a name can
 * follow. */
const char *furrow__emit_value_type(furrow__compiler *c, const furrow_column *column);
/* "int64" of furrow_int64_column: which typed column this is. */
const char *furrow__emit_column_type(const furrow_column *column);
/* Whether this model's struct is in the emitter's source. */
static inline bool furrow__emit_is_here(const furrow__emitter *e, const furrow__table *table)
{
    return table->syntax->source == e->source;
}

void furrow__emit_header(const furrow__emitter *e);
void furrow__emit_source(const furrow__emitter *e);
/* What relation.c adds to both. */
void furrow__emit_relation_declarations(const furrow__emitter *e, const furrow__table *table);
void furrow__emit_relation_functions(const furrow__emitter *e, const furrow__table *table);
/* The SQL of a verb, without a dialect's ways, for the comments of the source. */
const char *furrow__emit_sql_insert(furrow__compiler *c, const furrow__table *table);
const char *furrow__emit_sql_get(furrow__compiler *c, const furrow__table *table);
const char *furrow__emit_sql_select(furrow__compiler *c, const furrow__table *table,
                                    const char *what, const char *rest);
/* Behind the target's name: " JOIN … WHERE …", which finds the rows of a relation's parents. */
const char *furrow__emit_sql_related(furrow__compiler *c, const furrow_relation *relation,
                                     const furrow__table *link);
const char *furrow__emit_sql_update(furrow__compiler *c, const furrow__table *table);
const char *furrow__emit_sql_delete(furrow__compiler *c, const furrow__table *table);
const char *furrow__emit_sql_upsert(furrow__compiler *c, const furrow__table *table);
const char *furrow__emit_sql_table(furrow__compiler *c, const furrow__table *table);

#endif
