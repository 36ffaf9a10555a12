/* SPDX-License-Identifier: MIT
 *
 * Fills in the texts of the table of verbs for one model or relationship. A placeholder is a name
 * in braces:
 *
 *     {struct} {name}      the model's struct, and the same with the prefix of generated names
 *     {TABLE} {model}      its column table and its descriptor: AUTHOR, &author_model
 *     {function}           the beginning of the verb's name: author, author_posts
 *     {key} {key names}    the parameters of get, and only their names
 *     {key values}         statements that declare the key as furrow_value key_[]
 *     {keys} {key offsets} the parameter of get_many, and statements that declare its offsets
 *     {path}               an example of a load path
 *     {field} {relation}   the relationship's field and its descriptor
 *     {target} {TARGET}    the struct and the column table of the model that it leads to
 *
 * In SQL: {table}, {columns}, {target table}, {target columns}, {link table}, {related}, {insert},
 * {assignments}, {key condition}, {keys condition}, {version condition}. In comments: {received},
 * {copied}, {stale update}, {stale delete}.
 */
#ifndef FURROW_COMPILER_EMIT_TEMPLATE_H
#define FURROW_COMPILER_EMIT_TEMPLATE_H

#include "compiler/build/build.h"

/* A model, or one of its relationships, for which a verb is generated. */
typedef struct furrow__subject {
    const furrow__table *table;
    const furrow_relation *relation; /* NULL for the model itself */
    const furrow__table *target,
        *link; /* of the relationship; link is NULL if it has no link model */
} furrow__subject;

furrow__subject furrow__subject_of_table(const furrow__table *table);
furrow__subject furrow__subject_of_relation(furrow__compiler *c, const furrow__table *table,
                                            size_t index);

/* Returns the text with every placeholder replaced. Any other text in braces is copied. */
const char *furrow__template_fill(furrow__compiler *c, const furrow__subject *subject,
                                  const char *text);

#endif
