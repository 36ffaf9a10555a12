/* SPDX-License-Identifier: MIT
 *
 * INSERT of many rows that the engine reads from the program's memory: SQLite's furrow_rows(?).
 *
 * An assigned key is left to AUTOINCREMENT, which gives each row one more than the largest key that
 * the table ever had. That is known before, as the statement is run under the database's one lock
 * for writing, and rows are read one by one in their order: so each row's key is known without
 * asking. (Giving the keys would be as good, but SQLite then looks each up before it inserts it,
 * which takes a fifth of the time.) What else comes back is matched by key.
 */
#include "sql/dialect.h"

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
        if (key) {
            furrow__sql_identifier(out, key->name);
            furrow__buffer_add_text(out, ", ");
        }
        furrow__write_columns(out, returned, returned_count);
    }
}

/* The table's name as a text: as an identifier, but for the quotes around it. */
static void write_name(furrow__buffer *out, const furrow_model *model)
{
    furrow__buffer name = {0};
    if (model->schema)
        furrow__buffer_format(&name, "%s.", model->schema);
    furrow__buffer_add_text(&name, model->table);
    out->failed |= name.failed;
    if (!name.failed)
        furrow__sql_literal(out, name.text);
    furrow__buffer_add_text(out, " COLLATE NOCASE");
    furrow__buffer_done(&name);
}

void furrow__sql_largest_key(furrow__buffer *out, const furrow__dialect *dialect,
                             const furrow_model *model)
{
    furrow__buffer_add_text(out, "SELECT max(0, coalesce((SELECT max(");
    furrow__sql_identifier(out, model->columns[model->assigned].name);
    furrow__buffer_add_text(out, ") FROM ");
    furrow__sql_table(out, dialect, model);
    furrow__buffer_add_text(out,
                            "), 0), coalesce((SELECT max(seq) FROM sqlite_sequence WHERE name = ");
    write_name(out, model);
    furrow__buffer_add_text(out,
                            "), 0)), EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'trigger' "
                            "AND tbl_name = ");
    write_name(out, model);
    furrow__buffer_add_text(out, ")");
}
