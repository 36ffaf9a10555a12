/* SPDX-License-Identifier: MIT
 * The lint rules that apply to PostgreSQL only. Most of them are about locks. The lock that each
 * statement takes is documented in PostgreSQL's manual, "Explicit Locking". */
#include "migrate/author/lint.h"

static const furrow__lint_rule rules[] = {
    {"PG101", "building an index blocks writes",
     "CREATE INDEX locks the table against writes until the index is built",
     "use CREATE INDEX CONCURRENTLY in a separate revision with -- no-transaction"},
    {"PG102", "dropping an index blocks reads and writes",
     "DROP INDEX waits for every transaction that uses the table, and later transactions wait for "
     "DROP INDEX",
     "use DROP INDEX CONCURRENTLY in a separate revision with -- no-transaction"},
    {"PG103", "adding a foreign key blocks writes",
     "both tables are locked against writes while every row is checked",
     "use an engine block: ADD CONSTRAINT ... NOT VALID, and VALIDATE CONSTRAINT in the next "
     "revision"},
    {"PG104", "adding a check blocks reads and writes",
     "the table is locked against reads and writes while every row is checked",
     "use an engine block: ADD CONSTRAINT ... NOT VALID, and VALIDATE CONSTRAINT in the next "
     "revision"},
    {"PG105", "SET NOT NULL blocks reads and writes",
     "the table is locked against reads and writes while every row is checked",
     "use an engine block: CHECK (... IS NOT NULL) NOT VALID, VALIDATE, then SET NOT NULL"},
    {"PG106", "a table is rewritten",
     "every row and index is rewritten, while reads and writes are blocked",
     "add a new column, set its values in batches, and drop the old column later"},
    {"PG107", "adding a unique constraint blocks reads and writes",
     "its index is built while the table is locked against reads and writes",
     "use an engine block: CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT ... USING INDEX"},
    {"PG108", "every row is filled in the transaction of the change",
     "the lock on the table is held until every row is written",
     "add the column in one revision, and set its values in the next one"},
    {"PG109", "rows are written after the schema changed in the same transaction",
     "the locks of the change are held until the rows are written",
     "write the rows in a separate revision"},
    {"PG110", "several tables are changed in one transaction",
     "every lock is held until the end, so programs that lock the tables in another order can "
     "deadlock",
     "change each table in a separate revision"},
    {"PG111", "a primary key has only 32 bits", "the keys run out after 2,147,483,647 rows",
     "use BIGINT"},
    {"PG112", "dropping a foreign key blocks reads and writes",
     "both tables are locked against reads and writes",
     "run the revision while there is little traffic, with a lock_timeout"},
    {"PG113", "several statements run without a transaction",
     "if a statement fails, the statements before it are not undone",
     "write one statement per -- no-transaction revision"},
};

const furrow__lint_rules furrow__postgresql_lint = {&furrow__dialect_postgresql, rules,
                                                    sizeof rules / sizeof *rules};
