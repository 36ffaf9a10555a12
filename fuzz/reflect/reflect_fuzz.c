/* SPDX-License-Identifier: MIT
 * Fuzzes the reflection of existing tables. The input consists of CREATE TABLE and CREATE INDEX
 * statements, separated by ";;". If the input begins with "p", they are PostgreSQL statements;
 * otherwise, they are SQLite statements. Statements that cannot be parsed are skipped. The others
 * must produce a logical catalog that can be written, and a model header that compiles. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/compiler.h"
#include "migrate/apply/inspect.h"
#include "migrate/catalog/sqlite_table.h"
#include "migrate/reflect/reflect.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void read_statement(furrow__catalog *catalog, const char *text, size_t size)
{
    furrow__catalog_table *table = NULL;
    furrow__sqlite_live_index live;
    furrow_error error = {0};
    if (furrow__sqlite_read_table(catalog, text, size, &table, &error) == FURROW_OK)
        return;
    if (furrow__sqlite_read_index(&live, text, size, catalog->arena, &error) != FURROW_OK)
        return;
    table = furrow__catalog_table_named(catalog, (furrow__table_name){NULL, live.table});
    furrow__catalog_index *added = table ? furrow__catalog_add_index(catalog, table) : NULL;
    if (added)
        *added = live.index;
}

static void check_header(const furrow__catalog *logical)
{
    furrow__buffer header = {0};
    furrow_error error = {0};
    furrow__write_models_options options = {false, "some.thing */ is left out\n"};
    assert(furrow__catalog_write_models_with(&header, logical, options, &error) == FURROW_OK);
    if (strstr(header.text, "\nstruct ")) {
        furrow__compiler *c = furrow__compiler_new(NULL, NULL);
        assert(c && furrow__compiler_add(c, "models.h", header.text, header.size));
        if (!furrow__compiler_run(c)) {
            fprintf(stderr, "%s\n%s", furrow__compiler_messages(c), header.text);
            abort();
        }
        furrow__compiler_free(c);
    }
    furrow__buffer_clear(&header);
    assert(furrow__catalog_write_models(&header, logical, &error) == FURROW_OK);
    furrow__buffer_done(&header);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    furrow_arena arena = {0};
    furrow__catalog physical, logical;
    furrow__buffer lines = {0}, text = {0};
    furrow_error error = {0};
    bool postgresql = size && *bytes == 'p';
    furrow__catalog_init(
        &physical, postgresql ? &furrow__dialect_postgresql : &furrow__dialect_sqlite, &arena);
    const char *at = (const char *)bytes + postgresql, *end = (const char *)bytes + size;
    while (at < end) {
        const char *stop = at;
        while (stop < end && !(stop[0] == ';' && stop + 1 < end && stop[1] == ';'))
            stop++;
        read_statement(&physical, at, (size_t)(stop - at));
        at = stop + 2;
    }
    assert(furrow__reflect_catalog(&logical, &lines, &physical, &arena, &error) == FURROW_OK);
    assert(furrow__catalog_write(&text, &logical, &error) == FURROW_OK);
    check_header(&logical);
    furrow__buffer_done(&lines);
    furrow__buffer_done(&text);
    furrow__arena_done(&arena);
    return 0;
}
