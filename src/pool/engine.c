/* SPDX-License-Identifier: MIT
 * Opens an engine: checks the options, finds the driver for the URL's scheme, and opens a first
 * connection. The errors of this file never contain the URL, since it may contain a password. */
#include "pool/engine.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "pool/registry.h"

/* The limits and the default of an option that is a count or a time. */
typedef struct setting {
    int *value;
    const char *name;
    int standard; /* the value that 0 selects */
    int limit;
    int special; /* one more allowed value, outside the limits; 0: none */
} setting;

static furrow_status apply_default(const setting *s, furrow_error *error)
{
    if (*s->value == 0)
        *s->value = s->standard;
    if (*s->value == s->special || (*s->value > 0 && *s->value <= s->limit))
        return FURROW_OK;
    return furrow__fail(error, FURROW_INVALID,
                        "%s = %d is out of range: expected 1 to %d, or 0 for %d", s->name,
                        *s->value, s->limit, s->standard);
}

static int core_count(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 2 ? 2 : cores > 64 ? 64 : (int)cores;
}

static furrow_status apply_defaults(struct furrow_engine_options *o, furrow_error *error)
{
    const int size_limit = FURROW__POOL_SIZE_LIMIT, cache_limit = FURROW__STATEMENT_CACHE_LIMIT;
    const setting settings[] = {
        {&o->pool_size, "pool_size", 5, size_limit, 0},
        {&o->max_overflow, "max_overflow", 10, size_limit, -1},
        {&o->pool_timeout_ms, "pool_timeout_ms", 30000, INT_MAX, 0},
        {&o->pool_recycle_s, "pool_recycle_s", -1, INT_MAX, -1},
        {&o->busy_timeout_ms, "busy_timeout_ms", 5000, INT_MAX, 0},
        {&o->readers, "readers", core_count(), size_limit, 0},
        {&o->statement_cache, "statement_cache", 256, cache_limit, -1},
        {&o->close_timeout_ms, "close_timeout_ms", 1000, INT_MAX, -1},
        {&o->group_wait_ms, "group_wait_ms", 250, INT_MAX, 0},
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        bool is_set_apart =
            settings[i].value == &o->max_overflow && o->max_overflow == FURROW_NO_OVERFLOW;
        if (!is_set_apart && apply_default(&settings[i], error))
            return error->status;
    }
    if (o->repeat_limit)
        return apply_default(&(setting){&o->repeat_limit, "repeat_limit", 0, INT_MAX, 0}, error);
    return FURROW_OK;
}

/* Checks the options that are times and for which 0 turns a feature off. */
static furrow_status check_times(const struct furrow_engine_options *o, furrow_error *error)
{
    const struct {
        int value;
        const char *name;
    } times[] = {
        {o->idle_timeout_s, "idle_timeout_s"},
        {o->leak_after_ms, "leak_after_ms"},
        {o->statement_timeout_ms, "statement_timeout_ms"},
    };
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        if (times[i].value < 0)
            return furrow__fail(error, FURROW_INVALID, "%s = %d is negative", times[i].name,
                                times[i].value);
    return FURROW_OK;
}

static furrow_status check_enumerators(const struct furrow_engine_options *o, furrow_error *error)
{
    if (o->durability != FURROW_DURABILITY_FULL && o->durability != FURROW_DURABILITY_RELAXED)
        return furrow__fail(error, FURROW_INVALID, "durability = %d is not a furrow_durability",
                            (int)o->durability);
    if (o->isolation < FURROW_ISOLATION_DEFAULT || o->isolation > FURROW_ISOLATION_SERIALIZABLE)
        return furrow__fail(error, FURROW_INVALID, "isolation = %d is not a furrow_isolation",
                            (int)o->isolation);
    return FURROW_OK;
}

static furrow_status settle_options(struct furrow_engine_options *o, furrow_error *error)
{
    furrow_status status = apply_defaults(o, error);
    if (!status)
        status = check_times(o, error);
    if (!status)
        status = check_enumerators(o, error);
    return status;
}

enum { MIN_CURSOR_KEY_SIZE = 16 };

/* Hashes .cursor_key, a string of any length, to a key of fixed size. */
static furrow_status set_cursor_key(furrow_engine *engine, furrow_error *error)
{
    static const uint8_t fixed[FURROW__SIPHASH_SIZE] = "furrow cursors 1";
    const char *text = engine->options.cursor_key;
    engine->options.cursor_key = NULL; /* the caller's string may be freed after this call */
    if (!text) {
        ssize_t got = getrandom(engine->cursor_key, sizeof engine->cursor_key, 0);
        return got == (ssize_t)sizeof engine->cursor_key
                   ? FURROW_OK
                   : furrow__fail(error, FURROW_DATABASE, "could not get random bytes");
    }
    if (strlen(text) < MIN_CURSOR_KEY_SIZE)
        return furrow__fail(error, FURROW_INVALID, "cursor_key is shorter than %d bytes",
                            MIN_CURSOR_KEY_SIZE);
    furrow__siphash(engine->cursor_key, fixed, text, strlen(text));
    return FURROW_OK;
}

static void set_limits(furrow_engine *engine)
{
    const struct furrow_engine_options *o = &engine->options;
    if (!engine->is_server) {
        engine->writers.keep = engine->writers.limit = 1;
        engine->readers.keep = engine->readers.limit = o->readers;
        engine->readers.read_only = true;
        return;
    }
    engine->writers.keep = o->pool_size;
    engine->writers.limit = o->max_overflow == FURROW_NO_OVERFLOW ? o->pool_size
                            : o->max_overflow == -1               ? INT_MAX
                                                                  : o->pool_size + o->max_overflow;
}

static bool init_locks(furrow_engine *engine)
{
    if (pthread_mutex_init(&engine->lock, NULL))
        return false;
    if (!furrow__cond_init(&engine->drained)) {
        pthread_mutex_destroy(&engine->lock);
        return false;
    }
    if (!furrow__cond_init(&engine->retry_lock_is_free)) {
        pthread_cond_destroy(&engine->drained);
        pthread_mutex_destroy(&engine->lock);
        return false;
    }
    if (!furrow__condition_init(&engine->writers.batch.condition)) {
        pthread_cond_destroy(&engine->retry_lock_is_free);
        pthread_cond_destroy(&engine->drained);
        pthread_mutex_destroy(&engine->lock);
        return false;
    }
    return true;
}

static void done_locks(furrow_engine *engine)
{
    furrow__condition_done(&engine->writers.batch.condition);
    pthread_cond_destroy(&engine->retry_lock_is_free);
    pthread_cond_destroy(&engine->drained);
    pthread_mutex_destroy(&engine->lock);
}

static void free_engine(furrow_engine *engine)
{
    furrow__engine_disconnect(engine);
    furrow__patterns_done(engine);
    done_locks(engine);
    furrow__owner_done(&engine->owner);
    furrow__release((char *)(uintptr_t)engine->options.url);
    furrow__release(engine);
}

static struct timespec in_ms(int timeout_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    return until;
}

bool furrow__engine_retry_lock(furrow_engine *engine, int timeout_ms)
{
    if (!furrow__engine_is_here(engine))
        return false;
    struct timespec until = in_ms(timeout_ms);
    pthread_mutex_lock(&engine->lock);
    bool mine =
        engine->retry_lock_is_held && pthread_equal(engine->retry_lock_holder, pthread_self());
    int failure = 0;
    while (!mine && engine->retry_lock_is_held && !failure)
        failure = pthread_cond_timedwait(&engine->retry_lock_is_free, &engine->lock, &until);
    bool entered = !engine->retry_lock_is_held;
    if (entered) {
        engine->retry_lock_is_held = true;
        engine->retry_lock_holder = pthread_self();
    }
    pthread_mutex_unlock(&engine->lock);
    return entered;
}

void furrow__engine_retry_unlock(furrow_engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    engine->retry_lock_is_held = false;
    pthread_cond_signal(&engine->retry_lock_is_free);
    pthread_mutex_unlock(&engine->lock);
}

static furrow_status open_engine(const furrow_driver *driver, const furrow__dialect *dialect,
                                 const struct furrow_engine_options *options, furrow_error *error)
{
    furrow_engine *engine = furrow__allocate_zeroed(1, sizeof *engine);
    char *url = furrow__duplicate(options->url);
    if (!engine || !url || !init_locks(engine)) {
        furrow__release(engine);
        furrow__release(url);
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    }
    furrow__owner_init(&engine->owner);
    engine->driver = driver;
    engine->dialect = dialect;
    engine->options = *options;
    engine->options.url = url;
    engine->options.out = NULL;
    engine->options.error = NULL;
    engine->prepares = options->statement_cache != -1;
    engine->is_server = !driver->single_writer;
    engine->is_memory = driver->is_in_memory && driver->is_in_memory(url);
    engine->groups = !engine->is_server && !engine->is_memory && driver->subtransaction_begin &&
                     engine->options.durability == FURROW_DURABILITY_FULL;
    atomic_init(&engine->references, 1);
    bool is_watched = engine->options.idle_timeout_s || engine->options.leak_after_ms;
    atomic_init(&engine->due_at_ns, is_watched ? 0 : INT64_MAX);
    set_limits(engine);
    furrow_status status = set_cursor_key(engine, error);
    if (status == FURROW_OK)
        status = furrow__engine_connect(engine, error);
    if (status != FURROW_OK) {
        free_engine(engine);
        return status;
    }
    *options->out = engine;
    return FURROW_OK;
}

furrow_status furrow__engine_open_with(const furrow_driver *driver, const furrow__dialect *dialect,
                                       size_t size, const struct furrow_engine_options *options)
{
    struct furrow_engine_options copy;
    furrow_error error = {0};
    furrow_status status = FURROW_OK;
    furrow__copy_struct(&copy, sizeof copy, options, options ? size : 0);
    if (copy.out)
        *copy.out = NULL;
    if (!copy.out)
        status = furrow__fail(&error, FURROW_INVALID, "out is NULL");
    else if (!copy.url)
        status = furrow__fail(&error, FURROW_INVALID, "url is NULL");
    else
        status = settle_options(&copy, &error);
    if (!status && !driver)
        status = furrow__registry_find(&driver, &dialect, copy.url, &error);
    if (!status)
        status = open_engine(driver, dialect, &copy, &error);
    furrow__copy_error(copy.error, copy.error_size_, &error);
    return status;
}

furrow_status furrow_engine_open_(size_t size, const struct furrow_engine_options *options)
{
    return furrow__engine_open_with(NULL, NULL, size, options);
}

void furrow__engine_retain(furrow_engine *engine)
{
    atomic_fetch_add_explicit(&engine->references, 1, memory_order_relaxed);
}

/* While the engine is being closed, a session releases its reference under the lock, because the
 * thread that closes the engine waits on `drained` and must not free the engine before it has been
 * woken. */
void furrow__engine_release(furrow_engine *engine)
{
    if (!furrow__engine_is_here(engine))
        return;
    int before = atomic_load_explicit(&engine->references, memory_order_relaxed);
    while (!(before & FURROW__CLOSING))
        if (atomic_compare_exchange_weak_explicit(&engine->references, &before, before - 1,
                                                  memory_order_acq_rel, memory_order_relaxed)) {
            assert(before > 0);
            if (before == 1)
                free_engine(engine);
            return;
        }
    pthread_mutex_lock(&engine->lock);
    before = atomic_fetch_sub_explicit(&engine->references, 1, memory_order_acq_rel);
    assert(before > FURROW__CLOSING);
    pthread_cond_signal(&engine->drained);
    pthread_mutex_unlock(&engine->lock);
    if (before == FURROW__CLOSING + 1)
        free_engine(engine);
}

/* Waits until all sessions are closed. Returns false after close_timeout_ms. */
static bool drain(furrow_engine *engine)
{
    enum { OURS = FURROW__CLOSING + 1 };
    int code = engine->options.close_timeout_ms < 0 ? ETIMEDOUT : 0;
    struct timespec until = in_ms(code ? 0 : engine->options.close_timeout_ms);
    pthread_mutex_lock(&engine->lock);
    while (atomic_load(&engine->references) > OURS && code != ETIMEDOUT)
        code = pthread_cond_timedwait(&engine->drained, &engine->lock, &until);
    bool drained = atomic_load(&engine->references) == OURS;
    pthread_mutex_unlock(&engine->lock);
    return drained;
}

void furrow_engine_close(furrow_engine *engine)
{
    if (!engine || !furrow__engine_is_here(engine))
        return;
    atomic_fetch_or_explicit(&engine->references, FURROW__CLOSING, memory_order_acq_rel);
    furrow__engine_refuse_waiters(engine);
    furrow__group_flush(engine);
    if (!drain(engine))
        furrow__engine_report_open(engine);
    furrow__engine_release(engine);
}

bool furrow__engine_is_here(const furrow_engine *engine)
{
    return furrow__is_owner(&engine->owner);
}

furrow_status furrow__engine_not_here(furrow_error *error)
{
    furrow__fail(error, FURROW_INVALID,
                 "the engine belongs to the process from which this one was forked");
    return furrow__hint(error, "open another engine after the fork");
}

const char *furrow_engine_dialect(const furrow_engine *engine)
{
    return engine ? furrow__dialect_name(engine->dialect) : "";
}

const furrow_driver *furrow__engine_driver(const furrow_engine *engine)
{
    return engine->driver;
}

const furrow__dialect *furrow__engine_dialect_of(const furrow_engine *engine)
{
    return engine->dialect;
}

const struct furrow_engine_options *furrow__engine_options(const furrow_engine *engine)
{
    return &engine->options;
}

bool furrow__engine_is_memory(const furrow_engine *engine)
{
    return engine->is_memory;
}

const uint8_t *furrow__engine_cursor_key(const furrow_engine *engine)
{
    return engine->cursor_key;
}
