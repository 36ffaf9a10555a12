/* SPDX-License-Identifier: MIT
 *
 * Counts the runs of each statement. Statements are identified by a 64-bit hash of their SQL text.
 * If two statements have the same hash, only the number that `.repeat` receives is wrong.
 */
#include "runtime/session/repeat.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"

struct furrow__repeat {
    uint64_t hash; /* hash of the SQL text; 0 means an empty entry */
    uint64_t count;
};

static struct furrow__repeat *find(struct furrow__repeat *entries, size_t capacity, uint64_t hash)
{
    size_t at = (size_t)hash & (capacity - 1);
    while (entries[at].hash && entries[at].hash != hash)
        at = (at + 1) & (capacity - 1);
    return &entries[at];
}

static bool grow(furrow__repeats *repeats)
{
    size_t capacity = repeats->capacity ? repeats->capacity * 2 : 64;
    struct furrow__repeat *entries = furrow__allocate_zeroed(capacity, sizeof *entries);
    if (!entries)
        return false;
    for (size_t i = 0; i < repeats->capacity; i++)
        if (repeats->entries[i].hash)
            *find(entries, capacity, repeats->entries[i].hash) = repeats->entries[i];
    furrow__release(repeats->entries);
    repeats->entries = entries;
    repeats->capacity = capacity;
    return true;
}

uint64_t furrow__repeats_add(furrow__repeats *repeats, const char *text)
{
    if (repeats->count * 2 >= repeats->capacity && !grow(repeats))
        return 0;
    uint64_t hash = furrow__hash(text, strlen(text)) | 1; /* an entry's hash is never 0 */
    struct furrow__repeat *entry = find(repeats->entries, repeats->capacity, hash);
    repeats->count += !entry->hash;
    entry->hash = hash;
    return ++entry->count;
}

void furrow__repeats_done(furrow__repeats *repeats)
{
    furrow__release(repeats->entries);
    *repeats = (furrow__repeats){0};
}
