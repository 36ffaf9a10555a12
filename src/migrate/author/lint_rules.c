/* SPDX-License-Identifier: MIT
 * The lint rules that apply to every engine, and a table of all rules. lint.c decides when a rule
 * applies. */
#include <string.h>

#include "migrate/author/lint.h"

#define REWRITE_ROWS "find these rows, and correct them in an earlier revision"

static const furrow__lint_rule common[] = {
    {"BC101", "a table is renamed", "running programs still use the old name",
     "create a new table, write to both, and drop the old table when no program uses it"},
    {"BC102", "a column is renamed", "running programs still use the old name",
     "add a new column, write to both, and drop the old column when no program uses it"},
    {"BC103", "a NOT NULL column loses its default",
     "running programs that do not set the column can no longer insert rows",
     "drop the default after every program sets the column"},
    {"BC104", "the type of a column changes", "running programs read and write the old type",
     "add a column of the new type, write to both, and drop the old column later"},
    {"BC105", "a column becomes nullable", "running programs do not expect NULL in the column",
     "first deploy programs that can read NULL"},
    {"BC106", "an enum gets a new value",
     "running programs cannot read rows that have the new value",
     "first deploy programs that know the value, then programs that write it"},
    {"CD101", "a foreign key has no index",
     "deleting or updating a referenced row scans the whole referencing table",
     "create an index whose first columns are those of the foreign key"},
    {"CD102", "a table has no primary key", "its rows cannot be identified or replicated",
     "add a primary key"},
    {"CD103", "a foreign key deletes rows",
     "one DELETE can remove many rows of other tables through ON DELETE CASCADE",
     "use ON DELETE RESTRICT, and delete the referencing rows explicitly"},
    {"CD104", "an index is a prefix of another index",
     "every write updates both, and the longer index serves the same queries",
     "leave out the shorter index"},
    {"CD105", "a unique constraint is on a nullable column",
     "NULL is not equal to NULL, so any number of rows can have NULL",
     "make the column NOT NULL, unless this is intended"},
    {"CD106", "a constraint is dropped", "rows that violate it can now be inserted",
     "make sure that no program inserts such rows"},
    {"CD107", "a name must be quoted in SQL", "hand-written SQL without quotes does not find it",
     "use only lower-case letters, digits and underscores"},
    {"DS101", "a table is dropped", "its rows are lost",
     "rename the table first, and drop it when no program needs it"},
    {"DS102", "a column is dropped", "its values are lost, and running programs still use it",
     "first deploy programs that do not use the column"},
    {"DS103", "a type becomes narrower", "the upgrade fails if a value does not fit", REWRITE_ROWS},
    {"DS104", "an enum loses a value", "the upgrade fails if a row has the value",
     "in one revision, add the new values, update the rows, and then remove the old values"},
    {"DS105", "every row of a table is deleted", "the statement has no WHERE clause",
     "write WHERE TRUE if this is intended"},
    {"DS106", "every row of a table is updated",
     "the statement has no WHERE clause, and writes every row in one transaction",
     "update the rows in batches, or write WHERE TRUE if this is intended"},
    {"DS107", "a primary key is dropped",
     "duplicate rows can be inserted, and foreign keys cannot refer to the table",
     "add the new primary key in the same revision"},
    {"MF101", "a column without a default is added as NOT NULL",
     "the upgrade fails if the table has rows, and running programs do not set the column",
     "add a DEFAULT, or add the column as nullable, fill it, and SET NOT NULL later"},
    {"MF102", "a column becomes NOT NULL",
     "the upgrade fails if a row has NULL, and running programs may still write NULL",
     "first fill the column, and deploy programs that always set it"},
    {"MF103", "a unique constraint is added to existing rows",
     "the upgrade fails if rows have equal values", REWRITE_ROWS},
    {"MF104", "a unique index is added to existing rows",
     "the upgrade fails if rows have equal values", REWRITE_ROWS},
    {"MF105", "a check is added to existing rows", "the upgrade fails if a row violates the check",
     REWRITE_ROWS},
    {"MF106", "a foreign key is added to existing rows",
     "the upgrade fails if a row refers to a missing row", REWRITE_ROWS},
    {"MF107", "a primary key is added to existing rows",
     "the upgrade fails if rows have equal values", REWRITE_ROWS},
    {"MF108", "values are converted by an expression",
     "if the expression is wrong, the old values are lost",
     "add a new column, fill it, compare the values, and drop the old column later"},
};

static const furrow__lint_rules every_engine = {NULL, common, sizeof common / sizeof *common};

/* The tables of rules, in the order of the codes. */
static const furrow__lint_rules *const tables[] = {
    &every_engine,
    &furrow__postgresql_lint,
    &furrow__sqlite_lint,
};

const furrow__lint_rule *furrow__lint_rule_at(size_t at, const furrow__dialect **dialect)
{
    *dialect = NULL;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        if (at < tables[i]->count) {
            *dialect = tables[i]->dialect;
            return &tables[i]->items[at];
        }
        at -= tables[i]->count;
    }
    return NULL;
}

const furrow__lint_rule *furrow__lint_rule_named(const char *code, const furrow__dialect *dialect)
{
    const furrow__dialect *only;
    const furrow__lint_rule *rule;
    for (size_t i = 0; (rule = furrow__lint_rule_at(i, &only)) != NULL; i++)
        if (strcmp(rule->code, code) == 0 && (!only || only == dialect))
            return rule;
    return NULL;
}
