/* SPDX-License-Identifier: MIT
 * Declares what the generated header (header.c) and the generated source (source.c) both need: the
 * layout of C code, and the functions that are generated for a model. */
#ifndef FURROW_COMPILER_EMIT_EMIT_H
#define FURROW_COMPILER_EMIT_EMIT_H

#include "compiler/emit/template.h"

enum { FURROW__EMIT_WIDTH = 100, FURROW__MAX_PARAMETERS = FURROW__MAX_KEY_COLUMNS + 8 };

typedef struct furrow__emitter {
    furrow__compiler *c;
    const furrow__source *source;
    furrow__buffer *out;
} furrow__emitter;

/* Returns whether this model's struct is declared in the header that code is being generated for.
 */
static inline bool furrow__emit_is_here(const furrow__emitter *e, const furrow__table *table)
{
    return table->syntax->source == e->source;
}

/* Layout */

/* Writes the comment at the start of a generated file: the version of furrow, the name of the model
 * header and the command. */
void furrow__emit_banner(const furrow__emitter *e);
/* Writes a list in parentheses with text before and after it, such as `int f(a, b, c);`. A line
 * that would be too long is broken after a comma and continues below the first item. */
void furrow__emit_list(const furrow__emitter *e, const char *before, const char *const *items,
                       size_t count, const char *after);
/* Writes the lines of a macro definition. Two lines that fit on one line are joined; otherwise
 * every line except the last ends with a backslash at the right margin. */
void furrow__emit_macro(const furrow__emitter *e, const char *const *lines, size_t count);
/* Writes a comment and breaks its lines at spaces. Any text is allowed: a comment delimiter in the
 * text is changed so that the comment does not end early. */
void furrow__emit_comment(const furrow__emitter *e, const char *text);
/* Writes a string as a C string literal. */
void furrow__emit_string(furrow__buffer *out, const char *text);

/* Columns in C */

/* Returns the name of the i-th key parameter of the generated get function: the name of the field,
 * with an underscore appended if another parameter has that name. */
const char *furrow__emit_key_name(furrow__compiler *c, const furrow__table *table, size_t i);
/* Returns the C type of a column's value in a form that a variable name can follow: "int64_t " or
 * "const char *". */
const char *furrow__emit_value_type(furrow__compiler *c, const furrow_column *column);
/* Returns the part of a column type's name that depends on the value's type: "int64" in
 * furrow_int64_column. */
const char *furrow__emit_column_type(const furrow_column *column);

/* Verbs */

/* A function that is generated for a model or a relationship. */
typedef struct furrow__function {
    const furrow__verb *verb;
    const furrow__subject *subject;
    const char *verb_name; /* the name that programs use, such as author_find */
    const char *name;      /* the function's own name: author_find_ if
                              author_find is a macro */
    const char *required[FURROW__MAX_PARAMETERS]; /* the arguments that every call must have, as
                                                     declarations */
    size_t required_count;
    const char *parameters[FURROW__MAX_PARAMETERS]; /* the function's parameters, as declarations */
    size_t parameter_count;
} furrow__function;

furrow__function furrow__function_of(furrow__compiler *c, const furrow__subject *subject,
                                     const furrow__verb *verb);
/* Returns the start of a declaration or a definition: "furrow_status author_get". In a definition,
 * the name is in parentheses if there is a macro with the same name. */
const char *furrow__function_start(furrow__compiler *c, const furrow__function *function,
                                   bool is_definition);
/* Splits a string at each ", " outside braces. Returns the number of items. */
size_t furrow__emit_split(furrow__compiler *c, const char *text, const char **items, size_t room);

/* A function that writes one generated function. furrow__emit_each_verb calls it for each function
 * of a model, and then for each function of the model's relationships. */
typedef void furrow__emit_function(const furrow__emitter *e, const furrow__function *function);
void furrow__emit_each_verb(const furrow__emitter *e, const furrow__table *table,
                            furrow__emit_function *emit);

/* Files */

void furrow__emit_header(const furrow__emitter *e);
void furrow__emit_source(const furrow__emitter *e);

#endif
