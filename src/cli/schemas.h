/* SPDX-License-Identifier: MIT
 *
 * Computes the schemas of a project: the schema after revisions, the schema of the models, and the
 * changes between two schemas. Each function that returns false has reported the error on stderr.
 * All results are valid until the project is closed.
 */
#ifndef FURROW_CLI_SCHEMAS_H
#define FURROW_CLI_SCHEMAS_H

#include "cli/project.h"

/* Computes the schema of the models. */
bool furrow__schema_of_models(furrow__project *p, furrow__catalog *out);
/* Computes the schema after these revisions and all their ancestors. */
bool furrow__schema_after(furrow__project *p, const furrow__revision *const *revisions,
                          size_t count, furrow__catalog *out);
/* Computes the changes from `before` to the schema of the models. `before` is a schema that was
 * computed from revisions. *after is set to the schema that results from the changes; it keeps the
 * objects that only revisions can describe. */
bool furrow__schema_changes(furrow__project *p, const furrow__catalog *before,
                            furrow__change_list *changes, furrow__catalog *after);

#endif
