/* SPDX-License-Identifier: MIT
 *
 * The parser of furrow DDL; its grammar is in docs/migrations.md. Any bytes are changes or a
 * message with a place. It knows no schema: names and expressions are checked against one when a
 * change is applied (expressions are kept as they were written, with their place, until then).
 */
#ifndef FURROW_MIGRATE_REVISION_DDL_H
#define FURROW_MIGRATE_REVISION_DDL_H

#include "migrate/revision/change.h"

/* A mistake in a file. */
typedef struct furrow__problem {
    furrow__file_location place;
    uint32_t size; /* bytes that are wrong, on one line; 0: the place alone */
    const char *message;
    const char *hint; /* the mend, or NULL */
} furrow__problem;

enum { FURROW__PROBLEMS = 20 }; /* more are not looked for */

typedef struct furrow__problem_list {
    furrow__problem items[FURROW__PROBLEMS];
    size_t count;
} furrow__problem_list;

/* Parse statements, each ended by a semicolon, and append what they say. `at` is the place of the
 * text in its file. FURROW_INVALID: *problems are all mistakes, in the order of the text, with
 * texts in the list's arena; *error is the first; what was right was appended. */
furrow_status furrow__ddl_parse_all(furrow__change_list *out, const furrow__source_text *source,
                                    furrow__problem_list *problems, furrow_error *error);
/* The same where the first mistake is enough: *place is where, error->message what, error->hint the
 * mend. Nothing was appended then. */
furrow_status furrow__ddl_parse(furrow__change_list *out, const furrow__source_text *source,
                                furrow__file_location *place, furrow_error *error);

/* Add a mistake; false when out of memory. Past FURROW__PROBLEMS it is dropped. */
bool furrow__problem_add(furrow__problem_list *list, furrow_arena *arena,
                         const furrow__problem *problem);
/* As the compiler writes its own: file:line:column (in code points), the line, a caret, the mend.
 * `text` is the whole file. */
void furrow__problems_write(furrow__buffer *out, const furrow__problem_list *list, const char *file,
                            const char *text, size_t size);

#endif
