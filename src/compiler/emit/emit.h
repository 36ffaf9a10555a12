/* SPDX-License-Identifier: MIT
 * What the generated header (header.c) and source (source.c) share: the layout of C and the
 * functions that verbs declare. */
#ifndef FURROW_COMPILER_EMIT_EMIT_H
#define FURROW_COMPILER_EMIT_EMIT_H

#include "compiler/emit/template.h"

enum { FURROW__EMIT_WIDTH = 100, FURROW__MAX_PARAMETERS = FURROW__MAX_KEY_COLUMNS + 8 };

typedef struct furrow__emitter {
    furrow__compiler *c;
    const furrow__source *source;
    furrow__buffer *out;
} furrow__emitter;

/* Whether this model's struct is declared in the emitter's header. */
static inline bool furrow__emit_is_here(const furrow__emitter *e, const furrow__table *table)
{
    return table->syntax->source == e->source;
}

/* ---- layout ---- */

/* The comment at the start of a file: the version, the header and the command. */
void furrow__emit_banner(const furrow__emitter *e);
/* `before(a, b, c)after`. A line that would be too long is broken after a comma and continues below
 * the first item. */
void furrow__emit_list(const furrow__emitter *e, const char *before, const char *const *items,
                       size_t count, const char *after);
/* The lines of a macro. Two lines become one if they fit; else each but the last ends in a
 * backslash at the right margin. */
void furrow__emit_macro(const furrow__emitter *e, const char *const *lines, size_t count);
/* A comment, broken at spaces. The text cannot end the comment. */
void furrow__emit_comment(const furrow__emitter *e, const char *text);
/* A string literal of C. */
void furrow__emit_string(furrow__buffer *out, const char *text);

/* ---- columns in C ---- */

/* The name of the i-th parameter of get for the primary key. It differs from the field's name where
 * another parameter has that name. */
const char *furrow__emit_key_name(furrow__compiler *c, const furrow__table *table, size_t i);
/* A column's type as a value, so that a name can follow: "int64_t ", "const char *". */
const char *furrow__emit_value_type(furrow__compiler *c, const furrow_column *column);
/* The type of a column's descriptor: "int64" of furrow_int64_column. */
const char *furrow__emit_column_type(const furrow_column *column);

/* ---- verbs ---- */

/* The function that a verb declares, for one model or relationship. */
typedef struct furrow__function {
    const furrow__verb *verb;
    const furrow__subject *subject;
    const char *verb_name;                        /* author_find */
    const char *name;                             /* of the function: author_find_ */
    const char *required[FURROW__MAX_PARAMETERS]; /* the verb's required arguments, as parameters */
    size_t required_count;
    const char *parameters[FURROW__MAX_PARAMETERS]; /* of the function */
    size_t parameter_count;
} furrow__function;

furrow__function furrow__function_of(furrow__compiler *c, const furrow__subject *subject,
                                     const furrow__verb *verb);
/* "furrow_status author_get" or "struct author *author_copy". The name is in parentheses if a macro
 * of the same name may be defined. */
const char *furrow__function_start(furrow__compiler *c, const furrow__function *function,
                                   bool is_definition);
/* Split a text at ", "; returns the number of items. */
size_t furrow__emit_split(furrow__compiler *c, const char *text, const char **items, size_t room);

/* Call `emit` for each verb of a model and then of each of its relationships. */
typedef void furrow__emit_function(const furrow__emitter *e, const furrow__function *function);
void furrow__emit_each_verb(const furrow__emitter *e, const furrow__table *table,
                            furrow__emit_function *emit);

/* ---- files ---- */

void furrow__emit_header(const furrow__emitter *e);
void furrow__emit_source(const furrow__emitter *e);

#endif
