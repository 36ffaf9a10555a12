/* SPDX-License-Identifier: MIT
 * The table of all engines, with one row for each dialect. See engine.h. */
#include "migrate/reflect/engine.h"

#include <assert.h>

static const furrow__reflect_engine *const engines[FURROW__DIALECT_COUNT] = {
    &furrow__sqlite_reflect, &furrow__postgresql_reflect};

const furrow__reflect_engine *furrow__reflect_engine_of(const furrow__dialect *dialect)
{
    size_t i = 0;
    while (i + 1 < FURROW__DIALECT_COUNT && engines[i]->dialect != dialect)
        i++;
    assert(engines[i]->dialect == dialect);
    return engines[i];
}
