/* SPDX-License-Identifier: MIT
 * The tables of functions that make up PostgreSQL's dialect, and functions that the files of this
 * folder share. Each table is defined in its own file. */
#ifndef FURROW_DIALECT_POSTGRESQL_POSTGRESQL_H
#define FURROW_DIALECT_POSTGRESQL_POSTGRESQL_H

#include "migrate/apply/dialect.h"
#include "migrate/catalog/ddl.h"
#include "migrate/plan/dialect.h"
#include "sql/dialect.h"

extern const furrow__expression_dialect furrow__postgresql_expression;
extern const struct furrow__ddl_dialect furrow__postgresql_ddl;
extern const struct furrow__plan_dialect furrow__postgresql_plan;
extern const furrow__apply_dialect furrow__postgresql_apply;

/* Used in furrow__dialect_postgresql, and defined in query.c. */
const char *furrow__postgresql_array_type(const furrow_column *column);
/* Used in furrow__dialect_postgresql, and defined in insert.c. */
void furrow__postgresql_insert_many(furrow__buffer *out, const furrow__insert *insert);
void furrow__postgresql_insert_drawn(furrow__buffer *out, const furrow__insert *insert);
void furrow__postgresql_insert_arrays(furrow__buffer *out, const furrow__insert *insert);
void furrow__postgresql_advance_key(furrow__buffer *out, furrow__place key);

#endif
