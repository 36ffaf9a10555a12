/* SPDX-License-Identifier: MIT
 * The models of the pool's tests: accounts, and the entries that units (units.h) write. Each unit
 * adds one to an account.
 */
#ifndef POOL_LEDGER_H
#define POOL_LEDGER_H

#include <furrow/model.h>

struct account {
    int64_t id FURROW(primary_key);
    int64_t units;
    const char *note FURROW(default(""));
} FURROW(table("pool_accounts"));

struct entry {
    int64_t id FURROW(primary_key);
    int64_t unit FURROW(index);
    int64_t account_id FURROW(references(account.id));
    int32_t part;
    int32_t parts;
    const char *text;
} FURROW(table("pool_entries"), unique(unit, part));

#endif
