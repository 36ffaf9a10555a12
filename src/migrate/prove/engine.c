/* SPDX-License-Identifier: MIT
 * The table of all engines, with one row for each dialect. See engine.h. */
#include "migrate/prove/engine.h"

#include <assert.h>

static const furrow__prove_engine *const engines[FURROW__DIALECT_COUNT] = {
    &furrow__sqlite_prove, &furrow__postgresql_prove};

const furrow__prove_engine *furrow__prove_engine_of(const furrow__dialect *dialect)
{
    size_t i = 0;
    while (i + 1 < FURROW__DIALECT_COUNT && engines[i]->dialect != dialect)
        i++;
    assert(engines[i]->dialect == dialect);
    return engines[i];
}

void furrow__write_row_id(furrow__buffer *sql, const furrow__dialect *dialect,
                          const furrow__catalog_table *table, const char *alias)
{
    const char *id = furrow__prove_engine_of(dialect)->row_id(table);
    if (id)
        furrow__buffer_format(sql, "CAST(%s%s%s AS TEXT)", alias ? alias : "", alias ? "." : "",
                              id);
    else
        furrow__buffer_add_text(sql, "NULL");
}
