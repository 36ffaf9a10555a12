/* SPDX-License-Identifier: MIT
 *
 * Texts that a session runs again and again: what `.repeat_limit` counts. A get in a loop shows
 * here, long before it is slow enough to be noticed. Texts are known by their hash: what is told of
 * them is advice, which a collision in 64 bits would make wrong once in a lifetime. A count that
 * there is no memory for is not kept.
 */
#include "runtime/session/session.h"

struct furrow__repeat {
    uint64_t hash; /* of the text; 0 for a free place */
    uint64_t count;
};

static struct furrow__repeat *find(struct furrow__repeat *entries, size_t capacity, uint64_t hash)
{
    size_t at = (size_t)hash & (capacity - 1);
    while (entries[at].hash && entries[at].hash != hash)
        at = (at + 1) & (capacity - 1);
    return &entries[at];
}

static bool grow(struct furrow__repeats *all)
{
    size_t capacity = all->capacity ? all->capacity * 2 : 64;
    struct furrow__repeat *entries = furrow__allocate_zeroed(capacity, sizeof *entries);
    if (!entries)
        return false;
    for (size_t i = 0; i < all->capacity; i++)
        if (all->entries[i].hash)
            *find(entries, capacity, all->entries[i].hash) = all->entries[i];
    furrow__release(all->entries);
    all->entries = entries;
    all->capacity = capacity;
    return true;
}

void furrow__repeat_count(furrow_session *s, const char *text)
{
    const struct furrow_engine_options *o = furrow__engine_options(s->engine);
    struct furrow__repeats *all = &s->repeats;
    if (!text || !o->repeat || (all->count * 2 >= all->capacity && !grow(all)))
        return;
    uint64_t hash = furrow__hash(text, strlen(text)) | 1; /* never that of a free place */
    struct furrow__repeat *entry = find(all->entries, all->capacity, hash);
    all->count += !entry->hash;
    entry->hash = hash;
    if (++entry->count != (uint64_t)o->repeat_limit + 1)
        return;
    furrow_repeat_event event = {
        .sql = text, .count = entry->count, .file = s->file, .line = s->line};
    o->repeat(o->repeat_context, &event);
}

void furrow__repeats_forget(furrow_session *s)
{
    furrow__release(s->repeats.entries);
    s->repeats = (struct furrow__repeats){0};
}
