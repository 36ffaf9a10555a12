/* SPDX-License-Identifier: MIT
 * Shows how failures are reported, kept, confined to a savepoint, and retried. */
#include <inttypes.h>
#include <stdio.h>

#include "account.furrow.h"

/* Prints everything that is known about a failure. */
static void print_error(const furrow_error *error)
{
    printf("%s: %s\n", furrow_status_name(error->status), error->message);
    if (error->hint[0])
        printf("  hint: %s\n", error->hint);
    if (error->table[0])
        printf("  table: %s\n", error->table);
    if (error->column[0])
        printf("  column: %s\n", error->column);
}

/* A transaction that is checked in one place. */
static furrow_status open_account(furrow_engine *engine, const char *owner, int64_t cents)
{
    furrow_session *s = furrow_session_open(engine);
    struct account account = {.owner = owner, .cents = cents};
    account_insert(s, &account);
    struct payment payment = {.from_id = account.id, .to_id = account.id, .cents = 1};
    payment_insert(s, &payment);
    furrow_status status = furrow_commit(s);
    if (status != FURROW_OK)
        print_error(furrow_session_error(s));
    furrow_session_close(s);
    return status;
}

/* An answer, not a failure: the transaction continues. */
static void find_account(furrow_session *s, int64_t id)
{
    struct account *account;
    if (account_get(s, &account, id) == FURROW_NOT_FOUND)
        printf("there is no account %" PRId64 "\n", id);
}

/* Inserts an account, or finds the account that the owner has already. */
static struct account *account_of(furrow_session *s, const char *owner)
{
    struct account *account = NULL;
    furrow_savepoint_begin(s);
    account_insert(s, &(struct account){.owner = owner});
    if (furrow_savepoint_end(s) == FURROW_UNIQUE)
        printf("%s already has an account\n", owner);
    account_first(s, &account, .where = {furrow_eq(ACCOUNT.owner, owner)});
    return account;
}

struct transfer {
    const char *from, *to;
    int64_t cents;
};

/* Moves money. Runs in a transaction of its own, and again if the database asks for it. */
static furrow_status move(furrow_session *s, void *context)
{
    const struct transfer *t = context;
    struct account *from, *to;
    account_first(s, &from, .where = {furrow_eq(ACCOUNT.owner, t->from)});
    account_first(s, &to, .where = {furrow_eq(ACCOUNT.owner, t->to)});
    if (!from || !to)
        return FURROW_NOT_FOUND; /* rolls back; furrow_transact returns it */
    from->cents -= t->cents;
    to->cents += t->cents;
    account_update(s, from);
    account_update(s, to);
    return payment_insert(
        s, &(struct payment){.from_id = from->id, .to_id = to->id, .cents = t->cents});
}

static void transfer(furrow_engine *engine, const char *from, const char *to, int64_t cents)
{
    furrow_error error = {0};
    struct transfer t = {from, to, cents};
    switch (furrow_transact(engine, move, &t, &error)) {
    case FURROW_OK:
        printf("%s paid %" PRId64 " cents to %s\n", from, cents, to);
        break;
    case FURROW_CHECK:
        printf("%s cannot pay %" PRId64 " cents\n", from, cents);
        break;
    case FURROW_COMMIT_UNKNOWN:
        printf("look up the payment before you repeat it\n");
        break;
    default:
        print_error(&error);
    }
}

int main(int argc, char **argv)
{
    furrow_engine *engine;
    furrow_error error;
    if (furrow_engine_open(&engine, argc > 1 ? argv[1] : "sqlite:///errors.db", &error)) {
        fprintf(stderr, "errors: %s\n", error.message);
        return 1;
    }
    furrow_session *s = furrow_session_open(engine);
    furrow_create_all(s, &account_schema);
    if (furrow_commit(s)) {
        fprintf(stderr, "errors: %s\n", furrow_session_error(s)->message);
        return 1;
    }

    open_account(engine, "ada", 1000);
    open_account(engine, "ada", 500);
    open_account(engine, "bob", -5);
    find_account(s, 77);
    account_of(s, "ada");
    account_of(s, "bob");
    furrow_commit(s);
    furrow_session_close(s);

    transfer(engine, "ada", "bob", 300);
    transfer(engine, "ada", "bob", 5000);
    transfer(engine, "ada", "eve", 1);
    furrow_engine_close(engine);
    return 0;
}
