/* SPDX-License-Identifier: MIT
 * The lint rules that apply to SQLite only. */
#include "migrate/author/lint.h"

static const furrow__lint_rule rules[] = {
    {"SL101", "a table is rebuilt", "every row is copied while other writers wait",
     "put all changes of the table into one revision, and run it while there is little traffic"},
    {"SL102", "no-transaction has no effect",
     "SQLite runs every schema change in a transaction, without blocking readers",
     "remove the directive, unless PostgreSQL needs it"},
    {"SL103", "building an index blocks writes",
     "the whole database is locked against writes until the index is built",
     "run the revision while there is little traffic"},
};

const furrow__lint_rules furrow__sqlite_lint = {&furrow__dialect_sqlite, rules,
                                                sizeof rules / sizeof *rules};
