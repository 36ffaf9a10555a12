/* SPDX-License-Identifier: MIT
 *
 * The type of each column. On SQLite these are fixed for good: three storage types of STRICT
 * tables, readable by the plain sqlite3 shell. On PostgreSQL each is the engine's own, and text
 * compares by bytes.
 */
#include <stdio.h>

#include "sql/sql.h"

typedef struct type_names {
    const char *sqlite, *postgresql;
    const char *reported; /* by PostgreSQL's format_type(); SQLite reports what was written */
} type_names;

static const type_names types[FURROW_TYPE_COUNT_] = {
    [FURROW_TYPE_BOOL] = {"INTEGER", "BOOLEAN", "boolean"},
    [FURROW_TYPE_INT16] = {"INTEGER", "SMALLINT", "smallint"},
    [FURROW_TYPE_INT32] = {"INTEGER", "INTEGER", "integer"},
    [FURROW_TYPE_INT64] = {"INTEGER", "BIGINT", "bigint"},
    [FURROW_TYPE_FLOAT] = {"REAL", "REAL", "real"},
    [FURROW_TYPE_DOUBLE] = {"REAL", "DOUBLE PRECISION", "double precision"},
    [FURROW_TYPE_TEXT] = {"TEXT", "TEXT COLLATE \"C\"", "text"},
    [FURROW_TYPE_CHARS] = {"TEXT", "TEXT COLLATE \"C\"", "text"},
    [FURROW_TYPE_BLOB] = {"BLOB", "BYTEA", "bytea"},
    [FURROW_TYPE_TIME] = {"TEXT", "TIMESTAMP WITH TIME ZONE", "timestamp with time zone"},
    [FURROW_TYPE_DATE] = {"TEXT", "DATE", "date"},
    [FURROW_TYPE_UUID] = {"TEXT", "UUID", "uuid"},
    [FURROW_TYPE_DECIMAL] = {"INTEGER", "NUMERIC", "numeric"},
    [FURROW_TYPE_JSON] = {"TEXT", "JSONB", "jsonb"},
    [FURROW_TYPE_ENUM] = {"TEXT", "TEXT COLLATE \"C\"", "text"},
};

/* 0 where a description leaves it out: all that 64 bits hold. */
static int precision(const furrow_column *column)
{
    return column->precision ? column->precision : 18;
}

void furrow__sql_type(furrow__buffer *out, const furrow__dialect *dialect,
                      const furrow_column *column)
{
    bool sqlite = dialect == &furrow__dialect_sqlite;
    const type_names *names = &types[column->type];
    furrow__buffer_add_text(out, sqlite ? names->sqlite : names->postgresql);
    if (column->type == FURROW_TYPE_DECIMAL && !sqlite)
        furrow__buffer_format(out, "(%d, %d)", precision(column), column->scale);
}

const char *furrow__sql_reported_type(const furrow__dialect *dialect, const furrow_column *column,
                                      furrow_arena *arena)
{
    const type_names *names = &types[column->type];
    if (dialect == &furrow__dialect_sqlite)
        return names->sqlite;
    if (column->type != FURROW_TYPE_DECIMAL)
        return names->reported;
    char text[32];
    int size = snprintf(text, sizeof text, "numeric(%d,%d)", precision(column), column->scale);
    return furrow__arena_text(arena, text, (size_t)size);
}
