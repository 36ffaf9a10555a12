/* SPDX-License-Identifier: MIT
 * Reflects a live database as models. A physical catalog is converted to a logical catalog. The
 * logical catalog is then written as a model header. */
#ifndef FURROW_MIGRATE_REFLECT_REFLECT_H
#define FURROW_MIGRATE_REFLECT_REFLECT_H

#include <furrow/driver.h>

#include "migrate/catalog/catalog.h"

/* Makes the logical catalog that comes closest to a physical catalog, for `furrow models` and
 * `furrow stamp`. A type that furrow does not have becomes `native`. For everything that models
 * cannot express, a line is added to *left_out. */
furrow_status furrow__reflect_catalog(furrow__catalog *out, furrow__buffer *left_out,
                                      const furrow__catalog *physical, furrow_arena *arena,
                                      furrow_error *error);
/* Some engines store times, dates and UUIDs as text. On such an engine, reads some rows to find out
 * which text columns hold these values, and sets the type.type of each such physical column. Must
 * be called before furrow__reflect_catalog, which uses these types. */
furrow_status furrow__reflect_sample(furrow__catalog *physical, furrow_connection *connection,
                                     furrow_error *error);
/* Writes a logical catalog as a model header. Comments list what models cannot express. */
furrow_status furrow__catalog_write_models(furrow__buffer *out, const furrow__catalog *logical,
                                           furrow_error *error);
typedef struct furrow__write_models_options {
    bool has_relations;   /* whether to write members for the rows that foreign keys connect */
    const char *left_out; /* the lines that furrow__reflect_catalog wrote, for a comment at the top
                             of the header; can be NULL */
} furrow__write_models_options;
furrow_status furrow__catalog_write_models_with(furrow__buffer *out, const furrow__catalog *logical,
                                                furrow__write_models_options options,
                                                furrow_error *error);

#endif
