/* SPDX-License-Identifier: MIT
 *
 * Reports changes that are risky on an engine, because they take locks that block writers, rewrite
 * tables, lose data, or break running programs. Each lint rule has a code, an explanation and a
 * safer alternative. The comment `-- furrow: ignore CODE` above a statement suppresses a rule for
 * this statement. Most rules ignore tables that the same revision creates.
 */
#ifndef FURROW_MIGRATE_AUTHOR_LINT_H
#define FURROW_MIGRATE_AUTHOR_LINT_H

#include "migrate/revision/change.h"

typedef struct furrow__lint_rule {
    const char *code;
    const char *what;    /* the finding, such as "a table is dropped" */
    const char *why;     /* why the finding is a risk */
    const char *instead; /* the safer alternative */
} furrow__lint_rule;

/* A table of rules, in the order of their codes. */
typedef struct furrow__lint_rules {
    const furrow__dialect
        *dialect; /* the only engine that the rules apply to; NULL means every engine */
    const furrow__lint_rule *items;
    size_t count;
} furrow__lint_rules;

typedef struct furrow__lint_finding {
    const furrow__lint_rule *rule;
    furrow__file_location location;
    const char *about; /* the table or column, such as "contact.phone"; "" if the finding is about
                          the whole revision */
} furrow__lint_finding;

typedef struct furrow__lint_list {
    const furrow__lint_finding *items;
    size_t count;
} furrow__lint_list;

/* The rules that apply to one engine only, from src/dialect/<engine>/lint.c. */
extern const furrow__lint_rules furrow__postgresql_lint, furrow__sqlite_lint;

/* Returns the rule at this index, in the order of the codes. Returns NULL after the last rule.
 * *dialect is the only engine that the rule applies to; NULL means every engine. */
const furrow__lint_rule *furrow__lint_rule_at(size_t at, const furrow__dialect **dialect);
/* Returns the rule with this code, or NULL if the engine has no such rule. */
const furrow__lint_rule *furrow__lint_rule_named(const char *code, const furrow__dialect *dialect);

typedef struct furrow__lint_input {
    const furrow__dialect *dialect;
    const furrow__catalog *before; /* the schema before the changes */
    const furrow__change_list *changes;
    bool no_transaction; /* the revision has the directive -- no-transaction */
} furrow__lint_input;

/* Lists the risks of running the changes on the engine. */
furrow_status furrow__lint_changes(furrow__lint_list *out, const furrow__lint_input *input,
                                   furrow_arena *arena, furrow_error *error);
/* Writes a line for each finding, followed by its reason and its safer alternative. */
void furrow__lint_write(furrow__buffer *out, const furrow__lint_list *list, const char *file);

#endif
