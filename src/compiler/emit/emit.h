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

/* Write the comment at the start of a file: the version, the header and the command. */
void furrow__emit_banner(const furrow__emitter *e);
/* Write `before(a, b, c)after`. A line that would be too long is broken after a comma and continues
 * below the first item. */
void furrow__emit_list(const furrow__emitter *e, const char *before, const char *const *items,
                       size_t count, const char *after);
/* Write the lines of a macro. If two lines fit on one, they become one; otherwise every line but
 * the last ends in a backslash at the right margin. */
void furrow__emit_macro(const furrow__emitter *e, const char *const *lines, size_t count);
/* Write a comment, broken at spaces. The text cannot end the comment. */
void furrow__emit_comment(const furrow__emitter *e, const char *text);
/* Write a string literal of C. */
void furrow__emit_string(furrow__buffer *out, const char *text);

/* ---- columns in C ---- */

/* The name of the i-th key parameter of get: the name of the field, with an underscore if another
 * parameter has that name. */
const char *furrow__emit_key_name(furrow__compiler *c, const furrow__table *table, size_t i);
/* The C type of a column's value, in a form that a name can follow: "int64_t ", "const char *". */
const char *furrow__emit_value_type(furrow__compiler *c, const furrow_column *column);
/* The part of a typed column's name that depends on the type: "int64" in furrow_int64_column. */
const char *furrow__emit_column_type(const furrow_column *column);

/* ---- verbs ---- */

/* The function that a verb declares for a model or a relationship. */
typedef struct furrow__function {
    const furrow__verb *verb;
    const furrow__subject *subject;
    const char *verb_name;                        /* the name that programs call: author_find */
    const char *name;                             /* the function's name: author_find_ if
                                                     author_find is a macro */
    const char *required[FURROW__MAX_PARAMETERS]; /* the arguments that the verb requires, as
                                                     declarations */
    size_t required_count;
    const char *parameters[FURROW__MAX_PARAMETERS]; /* the function's parameters, as declarations */
    size_t parameter_count;
} furrow__function;

furrow__function furrow__function_of(furrow__compiler *c, const furrow__subject *subject,
                                     const furrow__verb *verb);
/* The start of a declaration or a definition: "furrow_status author_get". A definition puts the
 * name in parentheses if a macro has the same name. */
const char *furrow__function_start(furrow__compiler *c, const furrow__function *function,
                                   bool is_definition);
/* Split a text at ", ". Returns the number of items. */
size_t furrow__emit_split(furrow__compiler *c, const char *text, const char **items, size_t room);

/* Call `emit` for each verb of a model, and then for each verb of its relationships. */
typedef void furrow__emit_function(const furrow__emitter *e, const furrow__function *function);
void furrow__emit_each_verb(const furrow__emitter *e, const furrow__table *table,
                            furrow__emit_function *emit);

/* ---- files ---- */

void furrow__emit_header(const furrow__emitter *e);
void furrow__emit_source(const furrow__emitter *e);

#endif
