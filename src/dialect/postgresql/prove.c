/* SPDX-License-Identifier: MIT
 * Implements furrow__prove_engine for PostgreSQL. */
#include "migrate/prove/engine.h"

static const char *row_id(const furrow__catalog_table *table)
{
    (void)table;
    return "ctid";
}

static void write_sequence(furrow__buffer *sql, const furrow__catalog_table *table,
                           const char *column, int64_t last)
{
    furrow__buffer name = {0};
    furrow__write_table_name(&name, &furrow__dialect_postgresql, table->name);
    const char *text = furrow__buffer_text(&name);
    furrow__buffer_add_text(sql, "SELECT setval(pg_get_serial_sequence(");
    furrow__sql_literal(sql, text ? text : "");
    furrow__buffer_add_text(sql, ", ");
    furrow__sql_literal(sql, column);
    furrow__buffer_format(sql, "), %lld)", (long long)last);
    sql->failed |= name.failed;
    furrow__buffer_done(&name);
}

const furrow__prove_engine furrow__postgresql_prove = {
    .dialect = &furrow__dialect_postgresql,
    .row_id = row_id,
    .check_keys_now = "SET CONSTRAINTS ALL IMMEDIATE",
    .defer_keys = "SET CONSTRAINTS ALL DEFERRED",
    .write_sequence = write_sequence,
};
