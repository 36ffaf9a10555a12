/* SPDX-License-Identifier: MIT
 *
 * What applying revisions needs from an engine. Each dialect has one constant table, `apply`, which
 * is implemented in src/dialect/<engine>/apply.c and the files that it names. An entry that may be
 * NULL says what its absence means.
 */
#ifndef FURROW_MIGRATE_APPLY_DIALECT_H
#define FURROW_MIGRATE_APPLY_DIALECT_H

#include "migrate/apply/migrator.h"
#include "sql/dialect.h"

typedef struct furrow__apply_dialect furrow__apply_dialect;

/* What protects the data while a step runs with foreign keys off; each engine defines its own. */
typedef struct furrow__step_guard furrow__step_guard;

struct furrow__migrator {
    const furrow_driver *driver;
    const furrow__dialect *dialect;
    const furrow__apply_dialect *engine; /* the table dialect->apply */
    furrow__migrator_options options;    /* its url is a copy that the migrator owns */
    furrow_connection *connection;       /* the connection that runs all statements */
    bool is_borrowed;                    /* whether `connection` belongs to the caller */
    bool began_wal;                      /* see furrow__migrator_began_wal */
    bool is_locked;                      /* whether furrow__migrator_lock succeeded */
    furrow_connection *locker;           /* the connection that holds the migration lock, for
                                            engines with such a lock; NULL if it is not held */
    bool has_statement_lock;             /* whether `connection` also holds a lock, which the
                                            engine's `unlock` releases */
    int engine_version;                  /* see furrow__migrator_engine_version */
};

struct furrow__apply_dialect {
    /* ---- facts ---- */

    bool commits_statements;  /* whether each statement of a no-transaction revision is committed by
                                 itself; if not, the revision runs in one transaction like any other
                               */
    const char *begin;        /* the statement that starts the transaction of a step, in a script */
    const char *current_time; /* SQL for the current time in UTC, as furrow_revision stores it */
    const char *before_schema_change; /* a statement to run between a change of rows and a change of
                                         the schema; NULL: none is needed */

    /* ---- comparing schemas ---- */

    /* Both take NULL, which equals only NULL. */
    bool (*names_are_equal)(const char *a, const char *b);
    bool (*definitions_are_equal)(const char *a,
                                  const char *b); /* compares types and expressions */
    /* The part of an index's `source` that decides whether two indexes are equal. NULL: they are
     * compared by their columns and expressions. */
    const char *(*index_definition)(const char *source);

    /* ---- the live schema ---- */

    /* Adds the tables and other objects of a database to an empty catalog. */
    furrow_status (*inspect)(furrow__catalog *out, furrow_connection *connection,
                             furrow_error *error);
    /* Replaces the definitions in a lowered catalog by what the engine makes of them. Must run in a
     * transaction that can write. NULL: the engine keeps definitions as they were written. */
    furrow_status (*render)(furrow__catalog *expected, furrow_connection *connection,
                            furrow_error *error);
    /* Fails with FURROW_SCHEMA if furrow_revision would be found in another place than the tables
     * that revisions create. May be NULL. */
    furrow_status (*check_location)(furrow_connection *connection, furrow_error *error);

    /* ---- connections ---- */

    /* Opens m->connection. */
    furrow_status (*open)(furrow__migrator *m, furrow_error *error);
    furrow_status (*read_version)(furrow_connection *connection, int *out, furrow_error *error);
    /* From now on, statements fail with FURROW_BUSY after waiting this long for a lock; 0 means no
     * limit. NULL: the driver's own limit is enough. */
    furrow_status (*limit_lock_wait)(furrow_connection *connection, int timeout_ms,
                                     furrow_error *error);

    /* ---- the migration lock: both NULL if the write lock of a transaction is enough ---- */

    furrow_status (*lock)(furrow__migrator *m, furrow_error *error);
    void (*unlock)(furrow__migrator *m); /* is also called after `lock` failed */

    /* ---- a step ---- */

    /* If *error says that a lock could not be taken in time, replaces the message by one that names
     * the transaction that holds it. `table` is the table of the statement that failed; table.name
     * may be NULL. The entry itself may be NULL. */
    void (*explain_lock_wait)(furrow__migrator *m, furrow__table_name table, furrow_error *error);
    /* Runs an action of kind FURROW__ACTION_REBUILD. NULL: plans contain none. */
    furrow_status (*rebuild)(furrow__migrator *m, const furrow__action *action,
                             furrow__step_report *report, furrow_error *error);

    /* Statements that cannot run in a transaction: both NULL if there are none. */
    bool (*runs_alone)(const char *sql);
    /* Runs a statement for which `runs_alone` is true. may_have_run: an earlier attempt was
     * interrupted at this statement, so its result may exist already, complete or not. */
    furrow_status (*run_alone)(furrow__migrator *m, const furrow__action *action, bool may_have_run,
                               furrow__step_report *report, furrow_error *error);

    /* The guard around a step whose plan needs foreign keys to be off; all four NULL if no plan
     * does. They are called in this order; `end` is called whenever `begin` set *out.
     * begin: before the transaction. *out is NULL if this plan needs no guard.
     * note: in the transaction, before the first change. Notes what is wrong already.
     * verify: after the last change. Fails if something is wrong that was not wrong before.
     * end: after the transaction. Restores the settings of the connection. */
    furrow_status (*guard_begin)(furrow__step_guard **out, furrow_connection *connection,
                                 const furrow__plan *plan, furrow_arena *arena,
                                 furrow_error *error);
    furrow_status (*guard_note)(furrow__step_guard *guard, furrow_error *error);
    furrow_status (*guard_verify)(furrow__step_guard *guard, furrow_error *error);
    void (*guard_end)(furrow__step_guard *guard);
};

/* Opens a connection with the options of the migrator. */
furrow_status furrow__migrator_connect(furrow__migrator *m, furrow_connection **out, bool read_only,
                                       furrow_error *error);
/* Runs one action of a plan. On failure report->place is the place of the action in its file. */
furrow_status furrow__step_run_action(furrow__migrator *m, const furrow__action *action,
                                      furrow__step_report *report, furrow_error *error);
/* Whether a table is one of furrow's own: furrow_revision, furrow_lock, furrow_drift. */
bool furrow__inspect_is_own(const char *table);

/* ---- comparing parts of tables, without their names (compare.c) ---- */

bool furrow__columns_are_equal(const furrow__apply_dialect *engine, const furrow__catalog_column *a,
                               const furrow__catalog_column *b);
/* with_actions: also compare ON DELETE, ON UPDATE and DEFERRABLE. */
bool furrow__constraints_are_equal(const furrow__apply_dialect *engine,
                                   const furrow__catalog_constraint *a,
                                   const furrow__catalog_constraint *b, bool with_actions);
bool furrow__indexes_are_equal(const furrow__apply_dialect *engine, const furrow__catalog_index *a,
                               const furrow__catalog_index *b);
bool furrow__tables_have_same_name(const furrow__apply_dialect *engine, furrow__table_name a,
                                   furrow__table_name b);
/* The column of this name, or NULL. */
const furrow__catalog_column *furrow__find_column(const furrow__apply_dialect *engine,
                                                  const furrow__catalog_table *table,
                                                  const char *name);

#endif
