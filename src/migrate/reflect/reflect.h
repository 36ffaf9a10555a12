/* SPDX-License-Identifier: MIT
 * Reflects a live database as models: a physical catalog is converted to a logical catalog, which
 * is then written as a model header. */
#ifndef FURROW_MIGRATE_REFLECT_REFLECT_H
#define FURROW_MIGRATE_REFLECT_REFLECT_H

#include <furrow/driver.h>

#include "migrate/catalog/catalog.h"

/* Makes the logical catalog that describes a physical catalog best, for "furrow models" and "furrow
 * stamp". A type that furrow does not have becomes `native`. A line is added to *left_out for
 * everything that models cannot express. */
furrow_status furrow__reflect_catalog(furrow__catalog *out, furrow__buffer *left_out,
                                      const furrow__catalog *physical, furrow_arena *arena,
                                      furrow_error *error);
/* Samples the rows of text columns that can hold times, dates or UUIDs, if the engine stores these
 * values as text. If a type is found, the type.type of the physical column is set to it, which
 * furrow__reflect_catalog then uses. */
furrow_status furrow__reflect_sample(furrow__catalog *physical, furrow_connection *connection,
                                     furrow_error *error);
/* Writes a logical catalog as a model header. Comments list what models cannot express. */
furrow_status furrow__catalog_write_models(furrow__buffer *out, const furrow__catalog *logical,
                                           furrow_error *error);
typedef struct furrow__write_models_options {
    bool has_relations;   /* whether to write members for the rows that foreign keys connect */
    const char *left_out; /* the lines that furrow__reflect_catalog wrote, for a comment at the top
                             of the header; may be NULL */
} furrow__write_models_options;
furrow_status furrow__catalog_write_models_with(furrow__buffer *out, const furrow__catalog *logical,
                                                furrow__write_models_options options,
                                                furrow_error *error);

#endif
