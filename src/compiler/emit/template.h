/* SPDX-License-Identifier: MIT
 *
 * The texts of the table of verbs, filled in for one model or relationship. A placeholder is a name
 * in braces:
 *
 *     {struct} {name}      the model's struct, and the same with the prefix of generated names
 *     {TABLE} {model}      its column table and its descriptor: AUTHOR, &author_model
 *     {function}           what the verb's name begins with: author, author_posts
 *     {key} {key names}    the parameters of get, and their names alone
 *     {key values}         statements that declare the key as furrow_value key_[]
 *     {keys} {key offsets} the parameter of get_many, and statements that declare its offsets
 *     {path}               an example of a load path
 *     {field} {relation}   the relationship's member and its descriptor
 *     {target} {TARGET}    the struct and the column table of the model that it leads to
 *
 * In SQL: {table}, {columns}, {target table}, {target columns}, {link table}, {related}, {insert},
 * {assignments}, {key condition}, {keys condition}, {version condition}.
 * In comments: {received}, {copied}, {stale update}, {stale delete}.
 */
#ifndef FURROW_COMPILER_EMIT_TEMPLATE_H
#define FURROW_COMPILER_EMIT_TEMPLATE_H

#include "compiler/build/build.h"

/* A model, or one of its relationships, for which a verb is generated. */
typedef struct furrow__subject {
    const furrow__table *table;
    const furrow_relation *relation;    /* NULL: the model itself */
    const furrow__table *target, *link; /* of the relationship; link is NULL without one */
} furrow__subject;

furrow__subject furrow__subject_of_table(const furrow__table *table);
furrow__subject furrow__subject_of_relation(furrow__compiler *c, const furrow__table *table,
                                            size_t index);

/* The text with every placeholder replaced. Other text in braces is copied. */
const char *furrow__template_fill(furrow__compiler *c, const furrow__subject *subject,
                                  const char *text);

#endif
