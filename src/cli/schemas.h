/* SPDX-License-Identifier: MIT
 *
 * Schemas of a project: those that revisions make, that of the models, and the changes between
 * them. Each function that returns false has reported the error on stderr. All results live as long
 * as the project.
 */
#ifndef FURROW_CLI_SCHEMAS_H
#define FURROW_CLI_SCHEMAS_H

#include "cli/project.h"

/* The schema of the models. */
bool furrow__schema_of_models(furrow__project *p, furrow__catalog *out);
/* The schema after these revisions and all their ancestors. */
bool furrow__schema_after(furrow__project *p, const furrow__revision *const *revisions,
                          size_t count, furrow__catalog *out);
/* The changes from a schema that the revisions made to that of the models. *after is the schema
 * with the changes; it keeps what only revisions can express. */
bool furrow__schema_changes(furrow__project *p, const furrow__catalog *before,
                            furrow__change_list *changes, furrow__catalog *after);

#endif
