/* SPDX-License-Identifier: MIT
 * The constant tables of a generated source. */
#ifndef FURROW_COMPILER_EMIT_TABLES_H
#define FURROW_COMPILER_EMIT_TABLES_H

#include "compiler/emit/emit.h"

/* The enums that models of this source use. */
void furrow__emit_enums(const furrow__emitter *e);
/* Columns, keys, indexes, checks, relations, the model, and the typed columns. */
void furrow__emit_model(const furrow__emitter *e, const furrow__table *table);

#endif
