/* SPDX-License-Identifier: MIT
 *
 * An engine consists of a driver, a dialect and one or two pools of connections to a database. A
 * session borrows a connection at its first statement and gives it back at commit, rollback or
 * close.
 */
#ifndef FURROW_POOL_POOL_H
#define FURROW_POOL_POOL_H

#include <pthread.h>
#include <stdatomic.h>

#include <furrow/driver.h>

#include "sql/sql.h"

/* A connection of a pool, with its cache of prepared statements. */
typedef struct furrow__pooled furrow__pooled;

/* The place in the program where a session was opened, for messages. */
typedef struct furrow__call_site {
    const char *file; /* NULL: not known */
    int line;
} furrow__call_site;

struct furrow__pooled {
    furrow_connection *connection;
    struct furrow_engine *engine;
    struct furrow__statement_cache *cache;
    int64_t opened_at_ns; /* a monotonic time, like all times in this struct */
    int64_t used_at_ns;   /* when the connection was last given back, or opened */
    int64_t
        lifetime_ns;  /* the connection is closed after this time (pool_recycle_s); 0: no limit */
    int64_t began_ns; /* when the borrowing thread began to use the connection; 0: this loan is
                         not measured */
    uint64_t syncs;   /* the part of connection->syncs that was already added to the pool's
                         statistics */
    unsigned schema_version; /* the engine's `schema_version` when the statements were last known to
                                be up to date */
    uint64_t committed; /* transactions since the connection was lent; counted by the session */
    bool read_only;     /* SQLite: the connection is a reader */
    _Atomic(pthread_t)
        thread; /* the thread that used the connection last; set by the session at each statement */
    /* state of the session that borrowed the connection; protected by the engine's lock */
    furrow__call_site opened_at;
    int64_t lent_at_ns;
    bool reported;
    furrow__pooled *next, **back; /* links in the pool's list of idle or lent connections; `back` is
                                     used only in the list of lent connections */
};

const furrow_driver *furrow__engine_driver(const furrow_engine *engine);
const furrow__dialect *furrow__engine_dialect_of(const furrow_engine *engine);
const struct furrow_engine_options *furrow__engine_options(const furrow_engine *engine);
/* Returns whether the database is in memory, so that it exists in one connection only. */
bool furrow__engine_is_memory(const furrow_engine *engine);
/* Returns the key that signs page cursors: 16 bytes. */
const uint8_t *furrow__engine_cursor_key(const furrow_engine *engine);

/* Borrows a connection, and waits for one if necessary. Returns FURROW_TIMEOUT after
 * pool_timeout_ms, with the numbers of busy connections and waiting sessions in the message.
 * Returns FURROW_INVALID if the calling thread would wait for itself; the message then names the
 * place where the session that holds the writer was opened. */
furrow_status furrow__pool_acquire(furrow_engine *engine, furrow__pooled **out, bool read_only,
                                   furrow__call_site opened_at, furrow_error *error);
/* Gives a connection back. `dirty` is true if raw SQL ran; the connection then needs a full reset.
 * A broken connection is closed. */
void furrow__pool_release(furrow__pooled *pooled, bool dirty);

/* Returns whether the connection served another session before it was lent to the present
 * session. */
bool furrow__pooled_was_used(const furrow__pooled *pooled);

/* Returns false in a child of the process that opened the engine. A child must not use any part of
 * the engine, not even its locks. */
bool furrow__engine_is_here(const furrow_engine *engine);
/* Fills in the error for a call in a child process. Returns the error's status. */
furrow_status furrow__engine_not_here(furrow_error *error);

/* A session retains the engine when it is opened and releases it when it is closed. */
void furrow__engine_retain(furrow_engine *engine);
void furrow__engine_release(furrow_engine *engine);

/* Take and release the retry lock. Transactions that failed because of concurrent transactions are
 * repeated one at a time, so that they do not make each other fail again. The first function
 * returns false if the lock was not free within timeout_ms, or if this thread already holds it; the
 * transaction is then repeated without the lock. */
bool furrow__engine_retry_lock(furrow_engine *engine, int timeout_ms);
void furrow__engine_retry_unlock(furrow_engine *engine);

/* Tests whether a string matches a column's pattern, a POSIX extended regular expression. */
furrow_status furrow__engine_match(furrow_engine *engine, const furrow_column *column,
                                   const char *text, bool *matches, furrow_error *error);

/* Statement cache */

/* The key of a statement in the cache. */
typedef struct furrow__statement_key {
    const furrow_model *model; /* the model of the statement; NULL if the statement is identified by
                                  its SQL text */
    uint64_t tag;              /* identifies the statement among the statements of `model`; if
                                  `model` is NULL, a hash of the SQL text */
    const char *text;          /* SQL text; compared only if `model` is NULL */
    size_t size;               /* size of the SQL text, in bytes */
} furrow__statement_key;

/* Returns the cached statement with this key. Returns NULL if there is no such statement, or if the
 * statement is in use. */
furrow_statement *furrow__cache_find(furrow__pooled *pooled, const furrow__statement_key *key);
/* Prepares the key's SQL text and caches the statement. If the cache is full, the least recently
 * used statement is freed. `raw` has the same meaning as in furrow_statement_text. */
furrow_status furrow__cache_prepare(furrow__pooled *pooled, furrow_statement **out,
                                    const furrow__statement_key *key, bool raw,
                                    furrow_error *error);
/* Frees every statement that is in use. Called when the session that used these statements has lost
 * the connection. */
void furrow__cache_drop_active(furrow__pooled *pooled);
/* Returns the SQL text of a statement in use, for errors and traces. The text is valid while the
 * statement is in use. */
const char *furrow__cache_text(const furrow__pooled *pooled, const furrow_statement *statement);
/* Ends the use of a statement: resets it, or frees it if it is not in the cache. */
void furrow__cache_done(furrow__pooled *pooled, furrow_statement *statement);
/* Frees a statement that must not be used again, for example because its tables have changed. */
void furrow__cache_discard(furrow__pooled *pooled, furrow_statement *statement);

#endif
