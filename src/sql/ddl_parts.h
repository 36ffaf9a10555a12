/* SPDX-License-Identifier: MIT
 * What the two files of DDL share: which statements there are and in which order (ddl.c), and the
 * text of one table (ddl_table.c). */
#ifndef FURROW_SQL_DDL_PARTS_H
#define FURROW_SQL_DDL_PARTS_H

#include "schema/name.h"
#include "sql/sql.h"

typedef struct furrow__ddl {
    const furrow__dialect *dialect;
    bool sqlite;
    const furrow_schema *schema;
    furrow_arena *arena;
    furrow_error *error;
    furrow_status status; /* the first failure; everything after it does nothing */
    size_t *order;        /* places to models, as indexes of schema->models */
    size_t *place;        /* models to places */
    furrow__buffer text;  /* of the statement at work */
    furrow__statements *out;
    size_t capacity;
} furrow__ddl;

/* Whether a key refers to a table that is created later. */
bool furrow__ddl_is_forward(const furrow__ddl *d, const furrow_model *model,
                            const furrow_foreign_key *key);

/* Append to d->text. */
void furrow__ddl_create_table(furrow__ddl *d, const furrow_model *model);
void furrow__ddl_create_index(furrow__ddl *d, const furrow_model *model, const furrow_index *index);
/* CONSTRAINT "name" FOREIGN KEY (…) REFERENCES … */
void furrow__ddl_foreign_key(furrow__ddl *d, const furrow_model *model,
                             const furrow_foreign_key *key);
/* The name of a key's constraint, quoted. */
void furrow__ddl_foreign_key_name(furrow__ddl *d, const furrow_model *model,
                                  const furrow_foreign_key *key);

#endif
