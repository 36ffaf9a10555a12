/* SPDX-License-Identifier: MIT
 * Declares the functions that write the constant tables of a generated source. */
#ifndef FURROW_COMPILER_EMIT_TABLES_H
#define FURROW_COMPILER_EMIT_TABLES_H

#include "compiler/emit/emit.h"

/* Writes the enums that the models of this source use. */
void furrow__emit_enums(const furrow__emitter *e);
/* Writes the constant tables of one model: its columns, keys, indexes, checks and relationships,
 * the model itself and the column table. */
void furrow__emit_model(const furrow__emitter *e, const furrow__table *table);

#endif
