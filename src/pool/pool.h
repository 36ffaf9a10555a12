/* SPDX-License-Identifier: MIT
 *
 * An engine: a driver, a dialect and the connections to one database. Sessions borrow a connection
 * at their first statement and give it back at commit, rollback or close.
 */
#ifndef FURROW_POOL_POOL_H
#define FURROW_POOL_POOL_H

#include <pthread.h>
#include <stdatomic.h>

#include <furrow/driver.h>

#include "sql/sql.h"

/* A connection with its cache of prepared statements, while a session has it. */
typedef struct furrow__pooled furrow__pooled;

/* Where the program opened a session; for messages. */
typedef struct furrow__call_site {
    const char *file; /* NULL: not known */
    int line;
} furrow__call_site;

struct furrow__pooled {
    furrow_connection *connection;
    struct furrow_engine *engine;
    struct furrow__statement_cache *cache;
    int64_t opened_at_ns;      /* monotonic */
    int64_t used_at_ns;        /* when it was last given back, or opened */
    int64_t lifetime_ns;       /* with pool_recycle_s */
    int64_t began_ns;          /* when who has it got going; 0: that is not to be measured */
    uint64_t syncs;            /* of the connection's, those in its line's statistics */
    uint64_t committed;        /* transactions, since it was lent: the session counts */
    bool read_only;            /* SQLite: a reader */
    _Atomic(pthread_t) thread; /* that used it last; the session says so at each statement */
    /* of the session that holds it; the engine's lock guards these */
    furrow__call_site opened_at;
    int64_t lent_at_ns;
    bool reported;
    furrow__pooled *next,
        **back; /* in a list of its line: idle, or lent (back is that list's alone) */
};

const furrow_driver *furrow__engine_driver(const furrow_engine *engine);
const furrow__dialect *furrow__engine_dialect_of(const furrow_engine *engine);
const struct furrow_engine_options *furrow__engine_options(const furrow_engine *engine);
/* What cursors of pages are signed with: 16 bytes. */
const uint8_t *furrow__engine_cursor_key(const furrow_engine *engine);

/* Borrow a connection; waits in line. FURROW_TIMEOUT after pool_timeout_ms, saying how many are
 * busy and waiting; FURROW_INVALID where this thread would wait for itself, naming file and line of
 * the session that holds the writer. */
furrow_status furrow__pool_acquire(furrow_engine *engine, furrow__pooled **out, bool read_only,
                                   furrow__call_site opened_at, furrow_error *error);
/* Give it back; `dirty` asks for a full reset (raw SQL ran). A broken one is closed. */
void furrow__pool_release(furrow__pooled *pooled, bool dirty);

/* False in a child of the process that opened the engine: nothing of it may be touched there, not
 * even a lock. */
bool furrow__engine_is_here(const furrow_engine *engine);
/* What to answer then. */
furrow_status furrow__engine_not_here(furrow_error *error);

/* A session counts as open from here to there; the engine outlives them. */
void furrow__engine_retain(furrow_engine *engine);
void furrow__engine_release(furrow_engine *engine);

/* Transactions that lost to others run again one at a time, so that they do not lose to each other.
 * Wait for that, at most timeout_ms; false if it did not come, or if this thread is in there
 * already, and the attempt then runs beside others. */
bool furrow__engine_retry_lock(furrow_engine *engine, int timeout_ms);
void furrow__engine_retry_unlock(furrow_engine *engine);

/* Whether a text matches a column's pattern, a POSIX extended regular expression. */
furrow_status furrow__engine_match(furrow_engine *engine, const furrow_column *column,
                                   const char *text, bool *matches, furrow_error *error);

/* ---- statement cache ---- */

/* What a statement is found by in the cache. */
typedef struct furrow__statement_key {
    const furrow_model *model; /* NULL: the statement is found by its text */
    uint64_t tag;              /* which of the model's statements, or a hash of the text */
    const char *text;          /* compared if `model` is NULL */
    size_t size;               /* of the text, in bytes */
} furrow__statement_key;

/* Returns the cached statement with this key, or NULL. A statement in use is not returned. */
furrow_statement *furrow__cache_find(furrow__pooled *pooled, const furrow__statement_key *key);
/* Prepares the key's text and caches the statement, in place of the least recently used one if the
 * cache is full. `raw` as in furrow_statement_text. */
furrow_status furrow__cache_prepare(furrow__pooled *pooled, furrow_statement **out,
                                    const furrow__statement_key *key, bool raw,
                                    furrow_error *error);
/* Free every statement of the cache that is out: who had them is gone. */
void furrow__cache_drop_active(furrow__pooled *pooled);
/* The text of a statement that the cache gave out: for errors and traces. Valid while it is out. */
const char *furrow__cache_text(const furrow__pooled *pooled, const furrow_statement *statement);
/* Done with a statement: reset it; finalize it if the cache does not hold it. */
void furrow__cache_done(furrow__pooled *pooled, furrow_statement *statement);
/* Done with a statement that must not be used again, such as one whose tables have changed. */
void furrow__cache_discard(furrow__pooled *pooled, furrow_statement *statement);

#endif
