/* SPDX-License-Identifier: MIT
 * What the files of the catalog share. */
#ifndef FURROW_MIGRATE_CATALOG_PARTS_H
#define FURROW_MIGRATE_CATALOG_PARTS_H

#include "migrate/catalog.h"

/* A name as furrow DDL and furrow's expressions have it: bare where it reads as one word that is no
 * keyword of theirs, else in double quotes. (catalog_text.c) */
void furrow__catalog_write_name(furrow__buffer *out, const char *name);

/* Parse an expression over a model; `what` and the table go into the error: "check
 * \"contact_check\"". (catalog_models.c) */
const furrow__expression *furrow__catalog_parse(const char *text, const furrow_model *model,
                                                const furrow_column *column,
                                                furrow__expression_use use, const char *what,
                                                furrow_arena *arena, furrow_error *error);
/* Its canonical text, in the arena; "" for DEFAULT NULL. NULL with *error filled. */
const char *furrow__catalog_canonical(const char *text, const furrow_model *model,
                                      const furrow_column *column, furrow__expression_use use,
                                      const char *what, furrow_arena *arena, furrow_error *error);

#endif
