/* SPDX-License-Identifier: MIT
 *
 * The functions and facts that an engine provides for applying revisions. Each engine has one
 * constant table of them, in src/dialect/<engine>/apply.c. The member `apply` of the engine's
 * dialect points to this table. Longer functions are in other files of the same folder. If an entry
 * can be NULL, its comment says what NULL means.
 */
#ifndef FURROW_MIGRATE_APPLY_DIALECT_H
#define FURROW_MIGRATE_APPLY_DIALECT_H

#include "migrate/apply/migrator.h"
#include "sql/dialect.h"

typedef struct furrow__apply_dialect furrow__apply_dialect;

/* Protects the data during a step that runs without checking foreign keys. Each engine that needs
 * such a guard defines the struct. */
typedef struct furrow__step_guard furrow__step_guard;

struct furrow__migrator {
    const furrow_driver *driver;
    const furrow__dialect *dialect;
    const furrow__apply_dialect *engine; /* the member `apply` of the migrator's dialect */
    furrow__migrator_options options;    /* options.url is a copy that the migrator owns */
    furrow_connection *connection;       /* the connection that runs all statements */
    bool is_borrowed;                    /* whether `connection` belongs to the caller */
    bool began_wal;                      /* the result of furrow__migrator_began_wal */
    bool knows_applied;                  /* whether furrow__migrator_applied succeeded */
    uint64_t applied_digest;             /* furrow__revision_rows_digest when it was called, changed
                                            by the steps that have run since */
    furrow_connection *locker;           /* the connection that holds the migration lock during a
                                            no-transaction revision; otherwise NULL */
};

struct furrow__apply_dialect {
    /* Facts */

    bool commits_statements; /* whether each statement of a no-transaction revision is committed
                                separately; if false, such a revision runs in one transaction like
                                any other revision */
    const char *begin;       /* in a script: the statement that starts a step's transaction */
    const char
        *stop_at_error;       /* the command that makes the engine's shell end a script at the first
                                 error; otherwise a script would record a revision that failed */
    const char *current_time; /* SQL for the current time in UTC, in the form that furrow_revision
                                 stores */
    const char *before_schema_change; /* a statement to run between a change of rows and a change of
                                         the schema; NULL if none is needed */

    /* Comparing schemas */

    bool names_constraints; /* true if statements that drop or rename a constraint refer to it by
                               name. If false, a live constraint that has the same definition but
                               another name is accepted */
    /* names_are_equal and definitions_are_equal accept NULL arguments. NULL is equal only to
     * NULL. */
    bool (*names_are_equal)(const char *a, const char *b);
    bool (*definitions_are_equal)(const char *a,
                                  const char *b); /* compares types and expressions */
    /* Returns whether both names refer to the same table. On an engine without schemas, table "b"
     * of schema "a" is a table with the name "a.b". */
    bool (*tables_are_equal)(furrow__table_name a, furrow__table_name b);
    /* Returns the part of an index's `source` that must be equal for two indexes to be equal. If
     * the entry is NULL, indexes are compared by their columns and expressions. */
    const char *(*index_definition)(const char *source);

    /* The live schema */

    /* Adds the tables and other objects of a database to an empty catalog. */
    furrow_status (*inspect)(furrow__catalog *out, furrow_connection *connection,
                             furrow_error *error);
    /* Replaces each definition in a lowered catalog with the form that the engine stores. The
     * current transaction must allow writing. The entry is NULL if the engine stores definitions as
     * they were written. */
    furrow_status (*render)(furrow__catalog *expected, furrow_connection *connection,
                            furrow_error *error);
    /* Fails with FURROW_SCHEMA if the engine would find furrow_revision in one schema, but
     * revisions would create their tables in another schema. The entry is NULL if the engine needs
     * no such check. */
    furrow_status (*check_location)(furrow_connection *connection, furrow_error *error);

    /* Connections */

    /* Opens m->connection. */
    furrow_status (*open)(furrow__migrator *m, furrow_error *error);

    /* The migration lock, which keeps two migrators from changing the database at the same time */

    /* Begins a transaction on m->connection that holds the migration lock until it ends. Returns
     * FURROW_BUSY if the lock is not free after lock_timeout_ms; the message names the process that
     * holds it. Limits how long the statements of the transaction wait for the lock of a table: a
     * longer wait than table_timeout_ms fails with FURROW_BUSY. The entry is NULL if the driver's
     * own function is sufficient, because the write lock of a transaction is the migration lock. */
    furrow_status (*begin_transaction)(furrow__migrator *m, furrow_error *error);
    /* `lock` takes the migration lock on m->locker and holds it until `unlock` is called, also
     * between transactions. If commits_statements is set, a no-transaction revision needs this.
     * `unlock` is also called after `lock` failed. Both are NULL if there is no such lock. */
    furrow_status (*lock)(furrow__migrator *m, furrow_error *error);
    void (*unlock)(furrow__migrator *m);

    /* A step */

    /* If *error reports that a lock was not free in time, replaces its message with one that names
     * the transaction that holds the lock. `table` is the table of the failed statement; table.name
     * can be NULL. Can roll back the open transaction. If the entry is NULL, the message is not
     * replaced. */
    void (*explain_lock_wait)(furrow__migrator *m, furrow__table_name table, furrow_error *error);
    /* Runs an action of kind FURROW__ACTION_REBUILD. The entry is NULL if the engine's plans
     * contain no such action. */
    furrow_status (*rebuild)(furrow__migrator *m, const furrow__action *action,
                             furrow__step_report *report, furrow_error *error);

    /* Returns whether a statement cannot run in a transaction. This entry and `run_alone` are NULL
     * if the engine has no such statements. */
    bool (*runs_alone)(const char *sql);
    /* Runs a statement for which `runs_alone` returns true. If may_have_run is true, an earlier
     * attempt was interrupted at this statement. The statement may then already have taken effect,
     * completely or in part. */
    furrow_status (*run_alone)(furrow__migrator *m, const furrow__action *action, bool may_have_run,
                               furrow__step_report *report, furrow_error *error);

    /* These four functions guard a step whose plan turns off the checks of foreign keys. They are
     * called in this order. All of them are NULL if the engine's plans never turn off these checks.
     * - guard_begin is called before the transaction. If the plan needs no guard, it sets *out to
     *   NULL; otherwise guard_end must be called.
     * - guard_note is called in the transaction, before the first change. It notes existing errors.
     * - guard_verify is called after the last change. It fails if there are new errors.
     * - guard_end is called after the transaction. It restores the settings of the connection. */
    furrow_status (*guard_begin)(furrow__step_guard **out, furrow_connection *connection,
                                 const furrow__plan *plan, furrow_arena *arena,
                                 furrow_error *error);
    furrow_status (*guard_note)(furrow__step_guard *guard, furrow_error *error);
    furrow_status (*guard_verify)(furrow__step_guard *guard, furrow_error *error);
    void (*guard_end)(furrow__step_guard *guard);
};

/* Begins a transaction on m->connection that holds the migration lock. If this fails, no
 * transaction is open. */
furrow_status furrow__migrator_begin(furrow__migrator *m, furrow_error *error);
/* Opens a connection with the options of the migrator. */
furrow_status furrow__migrator_connect(furrow__migrator *m, furrow_connection **out, bool read_only,
                                       furrow_error *error);
/* Runs one action of a plan. On failure, report->place is the location of the action in its
 * revision file, and the transaction may have been rolled back. */
furrow_status furrow__step_run_action(furrow__migrator *m, const furrow__action *action,
                                      furrow__step_report *report, furrow_error *error);

/* Functions that compare parts of tables and ignore the names of these parts (compare.c) */

bool furrow__columns_are_equal(const furrow__apply_dialect *engine, const furrow__catalog_column *a,
                               const furrow__catalog_column *b);
/* If `with_actions` is true, ON DELETE, ON UPDATE and DEFERRABLE of foreign keys are compared,
 * too. */
bool furrow__constraints_are_equal(const furrow__apply_dialect *engine,
                                   const furrow__catalog_constraint *a,
                                   const furrow__catalog_constraint *b, bool with_actions);
/* Finds the live constraint that corresponds to each constraint of `expected`, which is a lowered
 * table. This is the constraint with the same name. If there is none, it is a constraint with the
 * same definition, but only if names are not significant: the live constraint has no name, the
 * check belongs to a type, `ignores_names` is true, or the engine's `names_constraints` is false.
 * found[i] is the index in live->constraints for expected->constraints[i]; SIZE_MAX if there is
 * none. No live constraint is found twice. */
void furrow__match_constraints(size_t *found, const furrow__apply_dialect *engine,
                               const furrow__catalog_table *expected,
                               const furrow__catalog_table *live, bool ignores_names);
bool furrow__indexes_are_equal(const furrow__apply_dialect *engine, const furrow__catalog_index *a,
                               const furrow__catalog_index *b);
/* Returns the column with this name, or NULL if the table has no such column. */
const furrow__catalog_column *furrow__find_column(const furrow__apply_dialect *engine,
                                                  const furrow__catalog_table *table,
                                                  const char *name);

#endif
