/* SPDX-License-Identifier: MIT
 *
 * Subtransactions: the transactions of several sessions run within one transaction of SQLite, so
 * that one COMMIT, with one sync, is enough for all of them. Each subtransaction except the first
 * runs in a savepoint.
 *
 * RELEASE does not check deferred foreign keys. COMMIT checks them, and would fail for all
 * sessions. Therefore a subtransaction checks them before it ends. Some failures, such as a full
 * disk or OR ROLLBACK in a trigger, end the whole transaction and not only the savepoint.
 * sqlite3_get_autocommit shows this.
 */
#include "base/text.h"
#include "driver/sqlite/sqlite.h"

void furrow__sqlite_start_counting(furrow__sqlite *connection, bool in_subtransaction)
{
    connection->in_subtransaction = connection->savepoint_is_open = in_subtransaction;
    connection->schema_changed = connection->statement_ran = false;
    connection->total_before = sqlite3_total_changes(connection->db);
}

furrow_status furrow__sqlite_subtransaction_begin(furrow_connection *base, furrow_error *error)
{
    furrow__sqlite *connection = furrow__sqlite_of(base);
    int rc = furrow__sqlite_control(connection, FURROW__SQLITE_SUBTRANSACTION_BEGIN);
    if (rc != SQLITE_OK)
        return furrow__sqlite_fail(connection, NULL, rc, error);
    furrow__sqlite_start_counting(connection, true);
    return FURROW_OK;
}

static bool has_deferred_violation(const furrow__sqlite *connection)
{
    int now = 0, highest;
    sqlite3_db_status(connection->db, SQLITE_DBSTATUS_DEFERRED_FKS, &now, &highest, 0);
    return now != 0;
}

furrow_status furrow__sqlite_subtransaction_end(furrow_connection *base, furrow_error *error)
{
    furrow__sqlite *connection = furrow__sqlite_of(base);
    if (!base->in_transaction)
        return furrow__fail(error, FURROW_BUSY, "the transaction was already rolled back");
    int rc = has_deferred_violation(connection)
                 ? SQLITE_CONSTRAINT_FOREIGNKEY
                 : furrow__sqlite_control(connection, FURROW__SQLITE_SUBTRANSACTION_RELEASE);
    if (rc == SQLITE_OK) {
        connection->savepoint_is_open = false;
        return FURROW_OK;
    }
    furrow_status status = furrow__sqlite_fail(connection, NULL, rc, error);
    furrow__sqlite_explain_deferred(connection, error);
    furrow__sqlite_subtransaction_rollback(base);
    return status;
}

void furrow__sqlite_subtransaction_rollback(furrow_connection *base)
{
    furrow__sqlite *connection = furrow__sqlite_of(base);
    for (furrow__sqlite_statement *s = connection->statements; s; s = s->next)
        if (s->state != FURROW__SQLITE_IDLE)
            furrow__sqlite_reset_statement(&s->base);
    /* If there is no savepoint, the subtransaction has not begun, so there is nothing to roll back.
     */
    bool undone =
        base->in_transaction && !sqlite3_get_autocommit(connection->db) &&
        (!connection->savepoint_is_open ||
         (furrow__sqlite_control(connection, FURROW__SQLITE_SUBTRANSACTION_ROLLBACK) == SQLITE_OK &&
          furrow__sqlite_control(connection, FURROW__SQLITE_SUBTRANSACTION_RELEASE) == SQLITE_OK));
    connection->savepoint_is_open = false;
    if (!undone)
        furrow__sqlite_end_transaction(connection);
}

bool furrow__sqlite_can_share_commit(furrow_connection *base)
{
    const furrow__sqlite *connection = furrow__sqlite_of(base);
    return base->in_transaction && !connection->reading && !connection->schema_changed &&
           (connection->in_subtransaction ||
            sqlite3_total_changes(connection->db) != connection->total_before) &&
           !has_deferred_violation(connection);
}
