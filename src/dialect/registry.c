/* SPDX-License-Identifier: MIT
 * The table of all dialects. The dialect of a new engine is added here. */
#include <string.h>

#include "sql/dialect.h"

const furrow__dialect *const furrow__dialects[FURROW__DIALECT_COUNT] = {
    &furrow__dialect_sqlite,
    &furrow__dialect_postgresql,
};

const furrow__dialect *furrow__dialect_named(const char *name)
{
    for (size_t i = 0; name && i < FURROW__DIALECT_COUNT; i++)
        if (strcmp(furrow__dialects[i]->name, name) == 0)
            return furrow__dialects[i];
    return NULL;
}
