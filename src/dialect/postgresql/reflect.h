/* SPDX-License-Identifier: MIT
 * Functions that reflect PostgreSQL's expressions. See migrate/reflect/engine.h. */
#ifndef FURROW_DIALECT_POSTGRESQL_REFLECT_H
#define FURROW_DIALECT_POSTGRESQL_REFLECT_H

#include "migrate/reflect/reader.h"

const furrow__expression *furrow__postgresql_read_keyword(furrow__reader *r, const char *word,
                                                          bool *known);
const furrow__expression *
furrow__postgresql_read_suffix(furrow__reader *r, const furrow__expression *operand, bool *known);
const furrow__expression *furrow__postgresql_read_operator(furrow__reader *r,
                                                           const furrow__expression *left,
                                                           bool negated, bool *known);
const furrow__expression *furrow__postgresql_read_quantifier(furrow__reader *r,
                                                             const furrow__expression *left,
                                                             const char *operator_, bool *known);

#endif
