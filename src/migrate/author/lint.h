/* SPDX-License-Identifier: MIT
 *
 * What is risky about changes on an engine: locks that block writers, rewrites, lost data, programs
 * that run and break. Each rule has a code, an explanation and a safer way; `-- furrow: ignore
 * CODE` above a statement silences it. Tables made in the same revision are exempt, but for how
 * they are made.
 */
#ifndef FURROW_MIGRATE_AUTHOR_LINT_H
#define FURROW_MIGRATE_AUTHOR_LINT_H

#include "migrate/revision/change.h"

typedef struct furrow__lint_rule {
    const char *code;
    const char *what;    /* "a table is dropped" */
    const char *why;     /* why that is a risk */
    const char *instead; /* the safer way */
    bool sqlite, postgresql;
} furrow__lint_rule;

typedef struct furrow__lint_finding {
    const furrow__lint_rule *rule;
    furrow__place_in_file place;
    const char *about; /* "contact.phone", or the like */
} furrow__lint_finding;

typedef struct furrow__lint_list {
    const furrow__lint_finding *items;
    size_t count;
} furrow__lint_list;

/* All rules, by code. */
const furrow__lint_rule *furrow__lint_rules(size_t *count);
/* NULL for another code. */
const furrow__lint_rule *furrow__lint_rule_named(const char *code);

/* Look at changes to `before` as they run on an engine. */
furrow_status furrow__lint_changes(furrow__lint_list *out, const furrow__dialect *dialect,
                                   const furrow__catalog *before,
                                   const furrow__change_list *changes, bool no_transaction,
                                   furrow_arena *arena, furrow_error *error);
/* As text: a line a finding, and below it why and what to do. */
void furrow__lint_write(furrow__buffer *out, const furrow__lint_list *list, const char *file);

#endif
