/* SPDX-License-Identifier: MIT
 * The models of docs/errors.md: accounts, and payments from one account to another. */
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include <furrow/model.h>

struct account {
    int64_t id FURROW(primary_key);
    const char *owner FURROW(unique, max_length(40));
    int64_t cents FURROW(check("cents >= 0"));
    int64_t version FURROW(version);
};

struct payment {
    int64_t id FURROW(primary_key);
    int64_t from_id FURROW(references(account.id));
    int64_t to_id FURROW(references(account.id));
    int64_t cents FURROW(check("cents > 0"));
};

#endif
