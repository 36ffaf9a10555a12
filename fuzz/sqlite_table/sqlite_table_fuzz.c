/* SPDX-License-Identifier: MIT
 * Fuzzes the parser of SQLite's CREATE TABLE and CREATE INDEX statements. The parser must return a
 * complete result or an error. Each part of the result must equal its source text. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "migrate/apply/inspect.h"
#include "migrate/catalog/sqlite_table.h"
#include "scan/compare.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    furrow_arena arena = {0};
    furrow__catalog catalog;
    furrow__catalog_table *table;
    furrow__sqlite_live_index live;
    furrow_error error = {0};
    furrow__catalog_init(&catalog, NULL, &arena);
    furrow_status status =
        furrow__sqlite_read_table(&catalog, (const char *)bytes, size, &table, &error);
    assert((status == FURROW_OK) == (table != NULL) && catalog.count == (table != NULL));
    for (size_t i = 0; table && i < table->column_count; i++) {
        const furrow__catalog_column *column = &table->columns[i];
        assert(column->name && column->type.native && column->source);
        assert(strlen(column->source) <= size);
        assert(furrow__sqlite_texts_are_equal(column->source, column->source));
    }
    for (size_t i = 0; table && i < table->constraint_count; i++)
        assert(table->constraints[i].source);
    status = furrow__sqlite_read_index(&live, (const char *)bytes, size, &arena, &error);
    assert((status == FURROW_OK) == (live.index.name != NULL));
    furrow__arena_done(&arena);
    return 0;
}
