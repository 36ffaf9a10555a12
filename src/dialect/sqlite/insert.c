/* SPDX-License-Identifier: MIT
 *
 * INSERT of many rows that SQLite reads from the program's memory. SQLite reads them through the
 * table-valued function furrow_rows, which the driver registers.
 *
 * SQLite assigns the keys of an AUTOINCREMENT column: each is larger by one than the largest key
 * that the table has ever had. The statement holds the database's only write lock and reads the
 * rows in order, so all keys can be calculated from the last key. (The program could also send the
 * keys, but SQLite would then look up each key before inserting it, and the lookups would take a
 * fifth of the total time.) All other returned columns are matched to their rows by key.
 */
#include "dialect/sqlite/sqlite.h"

void furrow__sqlite_insert_rows(furrow__buffer *out, const furrow__insert *insert)
{
    const furrow_model *model = insert->model;
    const furrow_column *key = insert->key;
    size_t count = insert->sent.count;
    furrow__buffer_add_text(out, "INSERT INTO ");
    furrow__sql_table(out, &furrow__dialect_sqlite, model);
    furrow__buffer_add_text(out, " (");
    if (count)
        furrow__write_columns(out, insert->sent.items, count);
    else
        furrow__sql_identifier(out, key->name);
    furrow__buffer_add_text(out, count ? ") SELECT " : ") SELECT NULL");
    for (size_t i = 0; i < count; i++)
        furrow__buffer_format(out, i ? ", c%zu" : "c%zu", i);
    furrow__buffer_add_text(out, " FROM furrow_rows(?1)");
    if (!insert->returned.count)
        return;
    furrow__buffer_add_text(out, " RETURNING ");
    for (size_t i = 0; i < (key ? 1 : model->primary_key_count); i++) {
        const furrow_column *c = &model->columns[model->primary_key[i]];
        furrow__sql_identifier(out, key ? key->name : c->name);
        furrow__buffer_add_text(out, ", ");
    }
    furrow__write_columns(out, insert->returned.items, insert->returned.count);
}
