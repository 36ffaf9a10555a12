/* SPDX-License-Identifier: MIT
 *
 * The parser of furrow DDL. docs/migrations.md describes the grammar. For any input, the parser
 * returns changes, or mistakes with their locations. The parser does not know the schema. It
 * returns expressions as they are written; names and expressions are checked when a change is
 * applied.
 */
#ifndef FURROW_MIGRATE_REVISION_DDL_H
#define FURROW_MIGRATE_REVISION_DDL_H

#include "migrate/revision/change.h"

/* A mistake in a revision file. */
typedef struct furrow__problem {
    furrow__file_location place;
    uint32_t size; /* number of bytes that the mistake spans, all on one line; 0 if only the
                      position is known */
    const char *message;
    const char *hint; /* how to correct the mistake; NULL if there is no hint */
} furrow__problem;

enum {
    FURROW__PROBLEMS = 20
}; /* largest number of mistakes that are reported; any others are dropped */

typedef struct furrow__problem_list {
    furrow__problem items[FURROW__PROBLEMS];
    size_t count;
} furrow__problem_list;

/* Parses statements that end with a semicolon, and appends their changes to `out`. If there are
 * mistakes, returns FURROW_INVALID. *problems then contains all mistakes in the order of the text,
 * with messages in the arena of `out`, and *error describes the first mistake. Even then, the
 * changes of the correct statements are appended. */
furrow_status furrow__ddl_parse_all(furrow__change_list *out, const furrow__source_text *source,
                                    furrow__problem_list *problems, furrow_error *error);
/* Parses statements like furrow__ddl_parse_all, but appends nothing if there is a mistake. *place
 * is then the location of the first mistake, and *error describes it. */
furrow_status furrow__ddl_parse(furrow__change_list *out, const furrow__source_text *source,
                                furrow__file_location *place, furrow_error *error);

/* Adds a mistake to a list and copies its strings into the arena. If the list already has
 * FURROW__PROBLEMS mistakes, the new one is dropped. Returns false when out of memory. */
bool furrow__problem_add(furrow__problem_list *list, furrow_arena *arena,
                         const furrow__problem *problem);
/* Writes mistakes as compilers do: file:line:column (the column in code points), the line, a caret
 * below it, and the hint. `text` is the whole file. */
void furrow__problems_write(furrow__buffer *out, const furrow__problem_list *list, const char *file,
                            const char *text, size_t size);

#endif
