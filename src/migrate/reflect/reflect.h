/* SPDX-License-Identifier: MIT
 * A live database as models: a physical catalog becomes a logical one, and that a model header. */
#ifndef FURROW_MIGRATE_REFLECT_REFLECT_H
#define FURROW_MIGRATE_REFLECT_REFLECT_H

#include <furrow/driver.h>

#include "migrate/catalog/catalog.h"

/* The logical catalog that best says what a physical one holds, for `furrow models` and `stamp`: a
 * type furrow has not is `native`; what cannot be said is listed in *left_out, a line each. */
furrow_status furrow__reflect_catalog(furrow__catalog *out, furrow__buffer *left_out,
                                      const furrow__catalog *physical, furrow_arena *arena,
                                      furrow_error *error);
/* SQLite: take text columns for times, dates or UUIDs where all of their first rows are (a hint in
 * the physical column's type.type, which raise then follows and tells). Nothing on other engines.
 */
furrow_status furrow__reflect_sample(furrow__catalog *physical, furrow_connection *connection,
                                     furrow_error *error);
/* A logical catalog as a model header. What models cannot say is told in comments there. */
furrow_status furrow__catalog_write_models(furrow__buffer *out, const furrow__catalog *logical,
                                           furrow_error *error);
typedef struct furrow__write_models_options {
    bool has_relations;   /* members for the rows that keys refer to, and back */
    const char *left_out; /* raise's lines, for a comment on top; or NULL */
} furrow__write_models_options;
furrow_status furrow__catalog_write_models_with(furrow__buffer *out, const furrow__catalog *logical,
                                                furrow__write_models_options options,
                                                furrow_error *error);

#endif
