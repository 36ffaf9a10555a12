/* SPDX-License-Identifier: MIT
 *
 * INSERT of many rows that the engine reads from the program's memory: SQLite's furrow_rows(?).
 *
 * An assigned key is left to AUTOINCREMENT, which gives each row one more than the largest key that
 * the table ever had. The statement is run under the database's one lock for writing, and rows are
 * read one by one in their order: so the last key tells all. (Giving the keys would be as good, but
 * SQLite then looks each up before it inserts it, which takes a fifth of the time.) What else comes
 * back is matched by key.
 */
#include "sql/parts.h"

void furrow__sql_insert_rows(furrow__buffer *out, const furrow__dialect *dialect,
                             const furrow_model *model, const furrow_column *const *sent,
                             size_t count, const furrow_column *key,
                             const furrow_column *const *returned, size_t returned_count)
{
    furrow__buffer_add_text(out, "INSERT INTO ");
    furrow__sql_table(out, dialect, model);
    furrow__buffer_add_text(out, " (");
    if (count)
        furrow__write_columns(out, sent, count);
    else
        furrow__sql_identifier(out, key->name);
    furrow__buffer_add_text(out, count ? ") SELECT " : ") SELECT NULL");
    for (size_t i = 0; i < count; i++)
        furrow__buffer_format(out, i ? ", c%zu" : "c%zu", i);
    furrow__buffer_add_text(out, " FROM furrow_rows(?1)");
    if (returned_count) {
        furrow__buffer_add_text(out, " RETURNING ");
        for (size_t i = 0; i < (key ? 1 : model->primary_key_count); i++) {
            const furrow_column *c = &model->columns[model->primary_key[i]];
            furrow__sql_identifier(out, key ? key->name : c->name);
            furrow__buffer_add_text(out, ", ");
        }
        furrow__write_columns(out, returned, returned_count);
    }
}
