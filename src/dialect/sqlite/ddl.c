/* SPDX-License-Identifier: MIT
 * The DDL of SQLite. Tables are STRICT. Each of furrow's types has the same storage type in all
 * versions, because files outlive programs. */
#include "dialect/sqlite/sqlite.h"

static const char *const types[FURROW_TYPE_COUNT_] = {
    [FURROW_TYPE_BOOL] = "INTEGER",    [FURROW_TYPE_INT16] = "INTEGER",
    [FURROW_TYPE_INT32] = "INTEGER",   [FURROW_TYPE_INT64] = "INTEGER",
    [FURROW_TYPE_FLOAT] = "REAL",      [FURROW_TYPE_DOUBLE] = "REAL",
    [FURROW_TYPE_TEXT] = "TEXT",       [FURROW_TYPE_CHARS] = "TEXT",
    [FURROW_TYPE_BLOB] = "BLOB",       [FURROW_TYPE_TIME] = "TEXT",
    [FURROW_TYPE_DATE] = "TEXT",       [FURROW_TYPE_UUID] = "TEXT",
    [FURROW_TYPE_DECIMAL] = "INTEGER", [FURROW_TYPE_JSON] = "TEXT",
    [FURROW_TYPE_ENUM] = "TEXT",
};

static const char *const native_types[] = {"INT", "INTEGER", "REAL", "TEXT", "BLOB", "ANY", NULL};

static void write_type(furrow__buffer *out, const furrow__catalog_type *type)
{
    furrow__buffer_add_text(out, types[type->type]);
}

/* Returns the name that SQLite reports for a type. SQLite keeps the type as it was written in
 * CREATE TABLE. */
static const char *reported_type(const furrow__catalog_type *type, furrow_arena *arena)
{
    (void)arena;
    return types[type->type];
}

const struct furrow__ddl_dialect furrow__sqlite_ddl = {
    .write_type = write_type,
    .reported_type = reported_type,
    .native_types = native_types,
    .native_hint = "use INT, INTEGER, REAL, TEXT, BLOB or ANY, the types of SQLite's STRICT tables",
    .assigned = " PRIMARY KEY AUTOINCREMENT",
    .assigned_is_primary_key = true,
    .brackets_now = true,
    .tables_are_strict = true,
    .checks_bool = true,
    .checks_width = true,
    .write_form = furrow__sqlite_write_form,
    .length_before = "length(",
    .length_after = ")",
    .size_before = "length(CAST(",
    .size_after = " AS BLOB))",
    .defer_keys = "PRAGMA defer_foreign_keys = ON",
    .enforce_keys = "PRAGMA defer_foreign_keys = OFF",
};
