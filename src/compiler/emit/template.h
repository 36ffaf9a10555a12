/* SPDX-License-Identifier: MIT
 *
 * Expands the templates of generated functions (verbs.c) for one model or relationship. A
 * placeholder is a name in braces:
 *
 *     {struct}             the name of the model's struct
 *     {name}               the struct's name with the prefix of generated names
 *     {TABLE}              the column table of the model: AUTHOR
 *     {model}              the descriptor of the model: &author_model
 *     {function}           the start of the generated function's name: author, author_posts
 *     {key}                the parameters of `get`
 *     {key names}          the names of the parameters of `get`
 *     {key values}         statements that declare the key as furrow_value key_[]
 *     {keys}               the parameter of `get_many`
 *     {key offsets}        statements that declare the offsets in the parameter of `get_many`
 *     {path}               an example of a load path
 *     {field}              the name of the relationship's field
 *     {relation}           the descriptor of the relationship
 *     {target}             the struct of the model that the relationship leads to
 *     {TARGET}             the column table of the model that the relationship leads to
 *
 * In SQL: {table}, {columns}, {target table}, {target columns}, {link table}, {related}, {insert},
 * {assignments}, {key condition}, {keys condition}, {version condition}. In comments: {received},
 * {copied}, {stale update}, {stale delete}.
 */
#ifndef FURROW_COMPILER_EMIT_TEMPLATE_H
#define FURROW_COMPILER_EMIT_TEMPLATE_H

#include "compiler/build/build.h"

/* The model or relationship that a function is generated for. */
typedef struct furrow__subject {
    const furrow__table *table;
    const furrow_relation *relation;    /* NULL if the function is generated for the model itself */
    const furrow__table *target, *link; /* the models that the relationship leads to and through;
                                           `link` is NULL if there is no link model */
} furrow__subject;

furrow__subject furrow__subject_of_table(const furrow__table *table);
furrow__subject furrow__subject_of_relation(furrow__compiler *c, const furrow__table *table,
                                            size_t index);

/* Returns `text` with every placeholder replaced. Text in braces that is not a placeholder is
 * copied. */
const char *furrow__template_fill(furrow__compiler *c, const furrow__subject *subject,
                                  const char *text);

#endif
