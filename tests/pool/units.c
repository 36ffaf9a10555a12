/* SPDX-License-Identifier: MIT
 * See units.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger.furrow.h"
#include "units.h"

enum { MAX_PARTS = 4, MAX_TEXT = 600 };

bool units_full_scale(void)
{
    const char *scale = getenv("FURROW_TEST_SCALE");
    return scale && strcmp(scale, "full") == 0;
}

int unit_parts(int64_t number)
{
    uint64_t state = (uint64_t)number;
    return 2 + (int)(units_random(&state) % (MAX_PARTS - 1));
}

static int64_t unit_account(int64_t number)
{
    uint64_t state = (uint64_t)number ^ 77;
    return 1 + (int64_t)(units_random(&state) % UNIT_ACCOUNTS);
}

furrow_status units_create(furrow_session *s)
{
    struct account accounts[UNIT_ACCOUNTS] = {{0}};
    furrow_create_all(s, &ledger_schema);
    for (int i = 0; i < UNIT_ACCOUNTS; i++)
        accounts[i].id = i + 1;
    account_insert_many(s, accounts, UNIT_ACCOUNTS);
    return furrow_commit(s);
}

static void write_entries(furrow_session *s, int64_t number)
{
    struct entry entries[MAX_PARTS] = {{0}};
    static _Thread_local char texts[MAX_PARTS][MAX_TEXT + 1];
    uint64_t state = (uint64_t)number ^ 99;
    int parts = unit_parts(number);
    for (int i = 0; i < parts; i++) {
        size_t size = (size_t)(units_random(&state) % MAX_TEXT);
        memset(texts[i], 'a' + (int)(number % 26), size);
        texts[i][size] = '\0';
        entries[i] = (struct entry){.unit = number,
                                    .account_id = unit_account(number),
                                    .part = i,
                                    .parts = parts,
                                    .text = texts[i]};
    }
    if (number % 3 == 0)
        entry_insert_many(s, entries, (size_t)parts);
    else
        for (int i = 0; i < parts; i++)
            entry_insert(s, &entries[i]);
    if (number % 4 == 0) { /* every fourth unit also inserts a row and deletes it again */
        struct entry extra = {
            .unit = number, .account_id = 1, .part = MAX_PARTS, .parts = parts, .text = ""};
        entry_insert(s, &extra);
        entry_delete(s, &extra);
    }
}

furrow_status unit_write(furrow_session *s, int64_t number)
{
    struct account *account = NULL;
    furrow_rows *rows = NULL;
    int64_t key = unit_account(number), units = -1;
    switch (number % 5) {
    case 0: /* reads the account, changes the struct, and writes it */
        account_get(s, &account, key);
        write_entries(s, number);
        if (account) {
            account->units++;
            account_update(s, account);
        }
        break;
    case 1: /* updates without a version check; if another thread could read the same value
               meanwhile, one of the updates would be lost */
        furrow_query(s, &rows, "SELECT units FROM pool_accounts WHERE id = ?", key);
        if (furrow_rows_next(rows))
            units = furrow_row_int64(rows, 0);
        write_entries(s, number);
        furrow_exec(s, "UPDATE pool_accounts SET units = ? WHERE id = ?", units + 1, key);
        break;
    case 2: /* updates in a savepoint, after a savepoint that is rolled back */
        furrow_savepoint_begin(s);
        account_update_where(s, .set = {furrow_set(ACCOUNT.units, -1)}, .all_rows = true);
        furrow_savepoint_rollback(s);
        furrow_savepoint_begin(s);
        account_update_where(s, .set = {furrow_increment(ACCOUNT.units, 1)},
                             .where = {furrow_eq(ACCOUNT.id, key)});
        write_entries(s, number);
        furrow_savepoint_end(s);
        break;
    default:
        write_entries(s, number);
        account_update_where(s, .set = {furrow_increment(ACCOUNT.units, 1)},
                             .where = {furrow_eq(ACCOUNT.id, key)});
        break;
    }
    return furrow_session_status(s);
}

static _Thread_local char wrong[400];

static const char *say_error(sqlite3 *db, const char *what)
{
    snprintf(wrong, sizeof wrong, "%s: %s (%d)", what, sqlite3_errmsg(db),
             sqlite3_extended_errcode(db));
    return wrong;
}

const char *units_check_integrity(sqlite3 *db)
{
    sqlite3_stmt *statement = NULL;
    const char *found = NULL;
    if (sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &statement, NULL) ||
        sqlite3_step(statement) != SQLITE_ROW) {
        found = say_error(db, "integrity_check");
    } else {
        const char *text = (const char *)sqlite3_column_text(statement, 0);
        if (!text || strcmp(text, "ok") != 0) {
            snprintf(wrong, sizeof wrong, "integrity_check: %s", text ? text : "out of memory");
            found = wrong;
        }
    }
    sqlite3_finalize(statement);
    return found;
}

/* Returns a row for each unit: the unit's number, the number of its rows, and the sum of their
 * parts. Some values must be the same in all rows of a unit; the row contains the minimum and the
 * maximum of each of these values. */
static const char units_query[] =
    "SELECT unit, count(*), sum(part), min(parts), max(parts), min(account_id), max(account_id) "
    "FROM pool_entries GROUP BY unit";

static const char *check_unit(sqlite3_stmt *row, unsigned char *present, int64_t limit,
                              int64_t expected[UNIT_ACCOUNTS + 1])
{
    int64_t unit = sqlite3_column_int64(row, 0), count = sqlite3_column_int64(row, 1);
    if (unit < 1 || unit > limit) {
        snprintf(wrong, sizeof wrong, "unit %lld exists, but its number is not in use",
                 (long long)unit);
        return wrong;
    }
    int parts = unit_parts(unit);
    int64_t account = unit_account(unit);
    if (count != parts || sqlite3_column_int64(row, 2) != parts * (parts - 1) / 2 ||
        sqlite3_column_int(row, 3) != parts || sqlite3_column_int(row, 4) != parts ||
        sqlite3_column_int64(row, 5) != account || sqlite3_column_int64(row, 6) != account) {
        snprintf(wrong, sizeof wrong, "unit %lld is incomplete: %lld of %d rows", (long long)unit,
                 (long long)count, parts);
        return wrong;
    }
    present[unit] = 1;
    expected[account]++;
    return NULL;
}

static const char *check_units(sqlite3 *db, unsigned char *present, int64_t limit,
                               int64_t expected[UNIT_ACCOUNTS + 1])
{
    sqlite3_stmt *row = NULL;
    const char *found = NULL;
    int rc = sqlite3_prepare_v2(db, units_query, -1, &row, NULL);
    while (!rc && !found && (rc = sqlite3_step(row)) == SQLITE_ROW) {
        found = check_unit(row, present, limit, expected);
        rc = SQLITE_OK;
    }
    if (!found && rc != SQLITE_DONE)
        found = say_error(db, "reading the entries");
    sqlite3_finalize(row);
    return found;
}

static const char *check_accounts(sqlite3 *db, const int64_t expected[UNIT_ACCOUNTS + 1])
{
    sqlite3_stmt *row = NULL;
    const char *found = NULL;
    int count = 0;
    if (sqlite3_prepare_v2(db, "SELECT id, units FROM pool_accounts", -1, &row, NULL))
        return say_error(db, "reading the accounts");
    while (!found && sqlite3_step(row) == SQLITE_ROW) {
        int64_t id = sqlite3_column_int64(row, 0), units = sqlite3_column_int64(row, 1);
        count++;
        if (id >= 1 && id <= UNIT_ACCOUNTS && units == expected[id])
            continue;
        snprintf(wrong, sizeof wrong, "account %lld counts %lld units, but %lld exist",
                 (long long)id, (long long)units,
                 (long long)(id >= 1 && id <= UNIT_ACCOUNTS ? expected[id] : -1));
        found = wrong;
    }
    sqlite3_finalize(row);
    if (!found && count != UNIT_ACCOUNTS)
        found = "accounts are missing";
    return found;
}

const char *units_check(sqlite3 *db, unsigned char *present, int64_t limit)
{
    int64_t expected[UNIT_ACCOUNTS + 1] = {0};
    memset(present, 0, (size_t)limit + 1);
    const char *found = units_check_integrity(db);
    if (!found)
        found = check_units(db, present, limit, expected);
    if (!found)
        found = check_accounts(db, expected);
    return found;
}

const char *units_check_file(const char *path, unsigned char *present, int64_t limit)
{
    sqlite3 *db = NULL;
    const char *found;
    memset(present, 0, (size_t)limit + 1);
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL))
        found = db ? say_error(db, "could not open") : "out of memory";
    else
        found = units_check(db, present, limit);
    sqlite3_close(db);
    return found;
}
