/* SPDX-License-Identifier: MIT
 *
 * The parser of furrow DDL; its grammar is in README.md. Any bytes are changes or a message with a
 * place. It knows no schema: names and expressions are checked against one when a change is applied
 * (expressions are kept as they were written, with their place, until then).
 */
#ifndef FURROW_MIGRATE_DDL_H
#define FURROW_MIGRATE_DDL_H

#include "migrate/change.h"

/* Parse statements, each ended by a semicolon, and append what they say. `at` is the place of the
 * text in its file. FURROW_INVALID: *place is where, error->message what, error->hint the mend. */
furrow_status furrow__ddl_parse(furrow__change_list *out, const char *text, size_t size,
                                furrow__place_in_file at, furrow__place_in_file *place,
                                furrow_error *error);

#endif
