/* SPDX-License-Identifier: MIT
 * Declares what is needed for both the generated header (header.c) and the generated source
 * (source.c): the layout of C code, and the functions that are generated for a model. */
#ifndef FURROW_COMPILER_EMIT_EMIT_H
#define FURROW_COMPILER_EMIT_EMIT_H

#include "compiler/emit/template.h"

enum { FURROW__EMIT_WIDTH = 100, FURROW__MAX_PARAMETERS = FURROW__MAX_KEY_COLUMNS + 8 };

typedef struct furrow__emitter {
    furrow__compiler *c;
    const furrow__source *source;
    furrow__buffer *out;
} furrow__emitter;

/* Returns whether this model's struct is declared in the current header: the header for which code
 * is being generated. */
static inline bool furrow__emit_is_here(const furrow__emitter *e, const furrow__table *table)
{
    return table->syntax->source == e->source;
}

/* Layout */

/* Writes the comment at the start of a generated file: the version of furrow, the name of the model
 * header and the command. */
void furrow__emit_banner(const furrow__emitter *e);
/* Writes a list in parentheses, with text before and after it, such as `int f(a, b, c);`. A line
 * that would be too long is broken after a comma. The next line is aligned with the first item. */
void furrow__emit_list(const furrow__emitter *e, const char *before, const char *const *items,
                       size_t count, const char *after);
/* Writes the lines of a macro definition. If there are only two lines and they fit on one line,
 * they are joined. Otherwise every line except the last ends with a backslash at the right
 * margin. */
void furrow__emit_macro(const furrow__emitter *e, const char *const *lines, size_t count);
/* Writes a comment, and breaks its lines at spaces. The text can contain comment delimiters; they
 * are changed so that the comment does not end early. */
void furrow__emit_comment(const furrow__emitter *e, const char *text);
/* Writes a string as a C string literal. */
void furrow__emit_string(furrow__buffer *out, const char *text);

/* Columns in C */

/* Returns the name of the i-th key parameter of the generated function `get`: the name of the
 * field. If another parameter has that name, an underscore is appended. */
const char *furrow__emit_key_name(furrow__compiler *c, const furrow__table *table, size_t i);
/* Returns the C type of a column's value, such as "int64_t " or "const char *". The name of a
 * variable can directly follow the result. */
const char *furrow__emit_value_type(furrow__compiler *c, const furrow_column *column);
/* Returns the part of the name of a column type that states the type of the values, such as "int64"
 * for furrow_int64_column. */
const char *furrow__emit_column_type(const furrow_column *column);

/* Verbs */

/* A function that is generated for a model or a relationship. */
typedef struct furrow__function {
    const furrow__verb *verb;
    const furrow__subject *subject;
    const char *verb_name; /* the name that programs use, such as author_find */
    const char *name;      /* the function's own name: author_find_ if
                              author_find is a macro */
    const char *required[FURROW__MAX_PARAMETERS]; /* the arguments that every call must have,
                                                     written as declarations */
    size_t required_count;
    const char *parameters[FURROW__MAX_PARAMETERS]; /* the function's parameters, written as
                                                       declarations */
    size_t parameter_count;
} furrow__function;

furrow__function furrow__function_of(furrow__compiler *c, const furrow__subject *subject,
                                     const furrow__verb *verb);
/* Returns the start of a declaration or a definition: "furrow_status author_get". In a definition,
 * the name is in parentheses if a macro has the same name. */
const char *furrow__function_start(furrow__compiler *c, const furrow__function *function,
                                   bool is_definition);
/* Splits a string at each ", " outside braces. Returns the number of items. */
size_t furrow__emit_split(furrow__compiler *c, const char *text, const char **items, size_t room);

/* The type of a callback that writes one generated function. furrow__emit_each_verb calls it for
 * each function of a model, and then for each function of the model's relationships. */
typedef void furrow__emit_function(const furrow__emitter *e, const furrow__function *function);
void furrow__emit_each_verb(const furrow__emitter *e, const furrow__table *table,
                            furrow__emit_function *emit);

/* Files */

void furrow__emit_header(const furrow__emitter *e);
void furrow__emit_source(const furrow__emitter *e);

#endif
