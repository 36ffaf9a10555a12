/* SPDX-License-Identifier: MIT
 * Builds the statements that read and write whole rows. Their text depends only on the model and
 * the columns, so each connection builds the text once and keeps the prepared statement. */
#include <assert.h>

#include "sql/parts.h"

#define ADD(out, text) furrow__buffer_add((out), (text), sizeof(text) - 1)

static void write_values(furrow__buffer *out, const furrow__dialect *dialect, size_t count)
{
    ADD(out, ") VALUES (");
    for (size_t i = 0; i < count; i++) {
        if (i)
            ADD(out, ", ");
        furrow__write_parameter(out, dialect, i + 1);
    }
    ADD(out, ")");
}

/* Writes WHERE "key" = $number AND …. Returns the next unused parameter number. */
static size_t write_key(furrow__buffer *out, const furrow__dialect *dialect,
                        const furrow_model *model, size_t number)
{
    assert(model->primary_key_count);
    for (size_t i = 0; i < model->primary_key_count; i++) {
        furrow__buffer_add_text(out, i ? " AND " : " WHERE ");
        furrow__sql_identifier(out, model->columns[model->primary_key[i]].name);
        ADD(out, " = ");
        furrow__write_parameter(out, dialect, number++);
    }
    return number;
}

/* Writes AND "version" = $number if the model has a version column. */
static void write_version_test(furrow__buffer *out, const furrow__dialect *dialect,
                               const furrow_model *model, size_t number)
{
    if (model->version == FURROW_NO_COLUMN)
        return;
    ADD(out, " AND ");
    furrow__sql_identifier(out, model->columns[model->version].name);
    ADD(out, " = ");
    furrow__write_parameter(out, dialect, number);
}

void furrow__sql_insert(furrow__buffer *out, const furrow__dialect *dialect,
                        const furrow__insert *insert)
{
    ADD(out, "INSERT INTO ");
    furrow__sql_table(out, dialect, insert->model);
    if (insert->sent.count) {
        ADD(out, " (");
        furrow__write_columns(out, insert->sent.items, insert->sent.count);
        write_values(out, dialect, insert->sent.count);
    } else {
        ADD(out, " DEFAULT VALUES");
    }
    if (insert->returned.count) {
        ADD(out, " RETURNING ");
        furrow__write_columns(out, insert->returned.items, insert->returned.count);
    }
}

void furrow__sql_insert_many(furrow__buffer *out, const furrow__dialect *dialect,
                             const furrow__insert *insert)
{
    dialect->insert_many(out, insert);
}

void furrow__sql_insert_drawn(furrow__buffer *out, const furrow__dialect *dialect,
                              const furrow__insert *insert)
{
    dialect->insert_drawn(out, insert);
}

void furrow__sql_insert_arrays(furrow__buffer *out, const furrow__dialect *dialect,
                               const furrow__insert *insert)
{
    dialect->insert_arrays(out, insert);
}

void furrow__sql_insert_rows(furrow__buffer *out, const furrow__dialect *dialect,
                             const furrow__insert *insert)
{
    dialect->insert_rows(out, insert);
}

static void write_select(furrow__buffer *out, const furrow__dialect *dialect,
                         const furrow_model *model)
{
    ADD(out, "SELECT ");
    furrow__write_all_columns(out, model, FURROW__NO_ALIAS);
    ADD(out, " FROM ");
    furrow__sql_table(out, dialect, model);
}

void furrow__sql_get(furrow__buffer *out, const furrow__dialect *dialect, const furrow_model *model)
{
    write_select(out, dialect, model);
    write_key(out, dialect, model, 1);
}

void furrow__sql_get_many(furrow__buffer *out, const furrow__dialect *dialect,
                          const furrow_model *model)
{
    assert(model->primary_key_count);
    write_select(out, dialect, model);
    ADD(out, " WHERE ");
    furrow__place key[FURROW__MAX_KEY];
    size_t count = model->primary_key_count;
    assert(count <= FURROW__MAX_KEY);
    for (size_t i = 0; i < count; i++)
        key[i] = furrow__place_of(&model->columns[model->primary_key[i]], FURROW__NO_ALIAS);
    dialect->keys_in(out, key, count, 1);
}

void furrow__sql_update(furrow__buffer *out, const furrow__dialect *dialect,
                        const furrow_model *model, const furrow_column *const *columns,
                        size_t count)
{
    ADD(out, "UPDATE ");
    furrow__sql_table(out, dialect, model);
    ADD(out, " SET ");
    for (size_t i = 0; i < count; i++) {
        assert(!(columns[i]->flags & FURROW_COLUMN_VERSION));
        if (i)
            ADD(out, ", ");
        furrow__sql_identifier(out, columns[i]->name);
        ADD(out, " = ");
        furrow__write_parameter(out, dialect, i + 1);
    }
    const furrow_column *version =
        model->version == FURROW_NO_COLUMN ? NULL : &model->columns[model->version];
    /* If there is nothing else to set, assign a key column to itself. The statement then still
     * reports whether the row exists. */
    const furrow_column *itself = version ? version
                                  : count ? NULL
                                          : &model->columns[model->primary_key[0]];
    if (itself) {
        if (count)
            ADD(out, ", ");
        furrow__sql_identifier(out, itself->name);
        ADD(out, " = ");
        furrow__sql_identifier(out, itself->name);
        if (version)
            ADD(out, " + 1");
    }
    write_version_test(out, dialect, model, write_key(out, dialect, model, count + 1));
    if (version) {
        ADD(out, " RETURNING ");
        furrow__sql_identifier(out, version->name);
    }
}

void furrow__sql_delete(furrow__buffer *out, const furrow__dialect *dialect,
                        const furrow_model *model)
{
    ADD(out, "DELETE FROM ");
    furrow__sql_table(out, dialect, model);
    write_version_test(out, dialect, model, write_key(out, dialect, model, 1));
}
