/* SPDX-License-Identifier: MIT
 * The prepared statements of one connection, in a hash table with open addressing that is at most
 * half full. Each entry stores a counter value from its last use, so a lookup does not have to
 * reorder a list. Only the removal of the least recently used statement visits every entry. This
 * visit costs far less than preparing the statement that replaces the removed statement. A
 * statement points to its entry (`cache_entry`). */
#include "pool/engine.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

typedef struct entry {
    const furrow_model *model;
    uint64_t tag;
    furrow_statement *statement; /* never NULL */
    char *text;                  /* SQL text; a copy that the entry owns */
    size_t size;
    uint64_t used; /* value of the cache's `clock` when the statement was last used */
    bool active;
    bool kept;                  /* true: in the table; false: in the list of uncached statements */
    struct entry *next, **back; /* next entry in the list of uncached statements */
} entry;

struct furrow__statement_cache {
    entry **slots; /* NULL: the slot is free */
    entry *loose;  /* statements in use that are not in the table */
    size_t mask;   /* number of slots - 1 */
    size_t count, capacity;
    uint64_t clock;
};

static size_t first_slot(const struct furrow__statement_cache *cache, const void *model,
                         uint64_t tag)
{
    uint64_t mixed =
        ((uint64_t)(uintptr_t)model ^ (tag << 32 | tag >> 32)) * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(mixed >> 32) & cache->mask;
}

static bool has_key(const entry *e, const furrow__statement_key *key)
{
    return e->model == key->model && e->tag == key->tag &&
           (key->model || (e->size == key->size && memcmp(e->text, key->text, key->size) == 0));
}

/* Returns the slot that holds the key or, if there is none, the free slot in which to store it. */
static size_t slot_of(const struct furrow__statement_cache *cache, const furrow__statement_key *key)
{
    size_t at = first_slot(cache, key->model, key->tag);
    while (cache->slots[at] && !has_key(cache->slots[at], key))
        at = (at + 1) & cache->mask;
    return at;
}

struct furrow__statement_cache *furrow__cache_new(int capacity)
{
    struct furrow__statement_cache *cache = furrow__allocate_zeroed(1, sizeof *cache);
    if (!cache)
        return NULL;
    size_t slots = 2;
    while (slots < (size_t)capacity * 2)
        slots *= 2;
    cache->slots = furrow__allocate_zeroed(slots, sizeof(entry *));
    if (!cache->slots) {
        furrow__release(cache);
        return NULL;
    }
    cache->mask = slots - 1;
    cache->capacity = (size_t)capacity;
    return cache;
}

static void free_entry(entry *e)
{
    if (e->back) {
        *e->back = e->next;
        if (e->next)
            e->next->back = e->back;
    }
    furrow__release(e->text);
    furrow__release(e);
}

void furrow__cache_free(struct furrow__statement_cache *cache)
{
    if (!cache)
        return;
    for (size_t i = 0; i <= cache->mask; i++)
        if (cache->slots[i])
            free_entry(cache->slots[i]);
    while (cache->loose)
        free_entry(cache->loose);
    furrow__release(cache->slots);
    furrow__release(cache);
}

int furrow__cache_count(const furrow__pooled *pooled)
{
    return (int)pooled->cache->count;
}

/* Empties a slot. Moves later entries if necessary, because a lookup stops at the first free slot.
 */
static void remove_slot(struct furrow__statement_cache *cache, size_t gap)
{
    free_entry(cache->slots[gap]);
    cache->slots[gap] = NULL;
    cache->count--;
    for (size_t at = (gap + 1) & cache->mask; cache->slots[at]; at = (at + 1) & cache->mask) {
        size_t wanted = first_slot(cache, cache->slots[at]->model, cache->slots[at]->tag);
        if (((at - wanted) & cache->mask) < ((at - gap) & cache->mask))
            continue;
        cache->slots[gap] = cache->slots[at];
        cache->slots[at] = NULL;
        gap = at;
    }
}

static void drop(furrow__pooled *pooled, size_t slot)
{
    furrow_statement *statement = pooled->cache->slots[slot]->statement;
    remove_slot(pooled->cache, slot);
    pooled->connection->driver->finalize(statement);
}

/* Makes room for one more statement. Returns false if that is impossible because every statement is
 * active. */
static bool make_room(furrow__pooled *pooled)
{
    struct furrow__statement_cache *cache = pooled->cache;
    if (cache->count < cache->capacity)
        return true;
    size_t oldest = SIZE_MAX;
    for (size_t i = 0; i <= cache->mask; i++) {
        const entry *e = cache->slots[i];
        if (e && !e->active && (oldest == SIZE_MAX || e->used < cache->slots[oldest]->used))
            oldest = i;
    }
    if (oldest == SIZE_MAX)
        return false;
    drop(pooled, oldest);
    return true;
}

static entry *new_entry(furrow_statement *statement, const furrow__statement_key *key)
{
    entry *e = furrow__allocate_zeroed(1, sizeof *e);
    char *copy = furrow__allocate(key->size + 1);
    if (!e || !copy) {
        furrow__release(e);
        furrow__release(copy);
        return NULL;
    }
    memcpy(copy, key->text, key->size);
    copy[key->size] = '\0';
    *e = (entry){.model = key->model,
                 .tag = key->tag,
                 .statement = statement,
                 .text = copy,
                 .size = key->size};
    return e;
}

static furrow__statement_key key_of(const entry *e)
{
    return (furrow__statement_key){e->model, e->tag, e->text, e->size};
}

/* Puts the entry into the table. Returns false if there is no room. */
static bool keep(furrow__pooled *pooled, entry *e)
{
    furrow__statement_key key = key_of(e);
    struct furrow__statement_cache *cache = pooled->cache;
    if (cache->capacity == 0)
        return false;
    size_t slot = slot_of(cache, &key);
    if (cache->slots[slot]) {
        if (cache->slots[slot]->active)
            return false;
        drop(pooled, slot); /* the cached statement could not be used, so it was prepared again */
    }
    if (!make_room(pooled))
        return false;
    cache->slots[slot_of(cache, &key)] = e;
    cache->count++;
    e->kept = e->active = true;
    e->used = ++cache->clock;
    return true;
}

/* Adds an entry to the list of uncached statements. Such an entry and its statement are freed when
 * the statement is no longer in use. */
static void let_loose(struct furrow__statement_cache *cache, entry *e)
{
    e->next = cache->loose;
    e->back = &cache->loose;
    if (e->next)
        e->next->back = &e->next;
    cache->loose = e;
}

furrow_statement *furrow__cache_find(furrow__pooled *pooled, const furrow__statement_key *key)
{
    struct furrow__statement_cache *cache = pooled->cache;
    entry *e = cache->slots[slot_of(cache, key)];
    if (!e || e->active)
        return NULL;
    e->active = true;
    e->used = ++cache->clock;
    return e->statement;
}

furrow_status furrow__cache_prepare(furrow__pooled *pooled, furrow_statement **out,
                                    const furrow__statement_key *key, bool raw, furrow_error *error)
{
    *out = NULL;
    furrow_statement *statement = NULL;
    furrow_status status = pooled->connection->driver->prepare(
        pooled->connection, &statement, &(furrow_statement_text){key->text, key->size, raw}, error);
    if (status != FURROW_OK)
        return status;
    entry *e = new_entry(statement, key);
    if (!e) {
        pooled->connection->driver->finalize(statement);
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    }
    statement->cache_entry = e;
    if (!keep(pooled, e))
        let_loose(pooled->cache, e);
    *out = statement;
    return FURROW_OK;
}

static void forget(furrow__pooled *pooled, furrow_statement *statement)
{
    free_entry(statement->cache_entry);
    pooled->connection->driver->finalize(statement);
}

void furrow__cache_done(furrow__pooled *pooled, furrow_statement *statement)
{
    if (!statement)
        return;
    entry *e = statement->cache_entry;
    if (!e->kept) {
        forget(pooled, statement);
        return;
    }
    assert(e->active);
    pooled->connection->driver->reset_statement(statement);
    e->active = false;
}

void furrow__cache_discard(furrow__pooled *pooled, furrow_statement *statement)
{
    if (!statement)
        return;
    const entry *e = statement->cache_entry;
    furrow__statement_key key = key_of(e);
    if (e->kept)
        drop(pooled, slot_of(pooled->cache, &key));
    else
        forget(pooled, statement);
}

void furrow__cache_drop_active(furrow__pooled *pooled)
{
    struct furrow__statement_cache *cache = pooled->cache;
    for (size_t at = 0; at <= cache->mask;)
        if (cache->slots[at] && cache->slots[at]->active)
            drop(pooled, at); /* another entry may have moved into this slot */
        else
            at++;
    while (cache->loose)
        forget(pooled, cache->loose->statement);
}

const char *furrow__cache_text(const furrow__pooled *pooled, const furrow_statement *statement)
{
    (void)pooled;
    return ((const entry *)statement->cache_entry)->text;
}
