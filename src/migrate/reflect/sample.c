/* SPDX-License-Identifier: MIT
 *
 * Finds text columns that hold times, dates or UUIDs. The schema does not show this, so some rows
 * are read. If all values read from a column have the form of one of these types, the column gets
 * this type, and a note says so. */
#include <string.h>

#include "base/text.h"
#include "migrate/apply/query.h"
#include "migrate/reflect/parts.h"
#include "migrate/reflect/reflect.h"

enum { ROWS = 200 };

static bool is_time(const char *text)
{
    char again[FURROW_TIME_SIZE];
    furrow_time value;
    return furrow_time_parse(text, &value) && furrow_time_format(value, again, sizeof again) &&
           strcmp(text, again) == 0;
}

static bool is_date(const char *text)
{
    furrow_date value;
    return strlen(text) == FURROW_DATE_SIZE - 1 && furrow_date_parse(text, &value);
}

static bool is_uuid(const char *text)
{
    char again[FURROW_UUID_SIZE];
    furrow_uuid value;
    return furrow_uuid_parse(text, &value) && furrow_uuid_format(value, again, sizeof again) &&
           strcmp(text, again) == 0;
}

static furrow_status look_at(furrow__catalog *physical, const furrow__catalog_table *table,
                             furrow__catalog_column *column, furrow_connection *connection,
                             furrow_error *error)
{
    furrow__buffer sql = {0};
    furrow_arena arena = {0};
    bool time = true, date = true, uuid = true, any = false;
    furrow__buffer_add_text(&sql, "SELECT ");
    furrow__sql_identifier(&sql, column->name);
    furrow__buffer_add_text(&sql, " FROM ");
    furrow__write_table_name(&sql, physical->dialect, table->name);
    furrow__buffer_add_text(&sql, " WHERE ");
    furrow__sql_identifier(&sql, column->name);
    furrow__buffer_format(&sql, " IS NOT NULL LIMIT %d", ROWS);
    const char *text = furrow__buffer_text(&sql);
    if (!text) {
        furrow__buffer_done(&sql);
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    }
    furrow__query q = furrow__query_begin(connection, text, &arena, error);
    while (furrow__query_next(&q)) {
        const char *value = furrow__query_text(&q, 0);
        any = true;
        time = time && value && is_time(value);
        date = date && value && is_date(value);
        uuid = uuid && value && is_uuid(value);
    }
    furrow_status status = furrow__query_end(&q);
    if (any && (time || date || uuid))
        column->type.type = time ? FURROW_TYPE_TIME : date ? FURROW_TYPE_DATE : FURROW_TYPE_UUID;
    furrow__buffer_done(&sql);
    furrow__arena_done(&arena);
    return status;
}

furrow_status furrow__reflect_sample(furrow__catalog *physical, furrow_connection *connection,
                                     furrow_error *error)
{
    furrow_status status = FURROW_OK;
    for (size_t i = 0;
         i < physical->count && furrow__reflect_engine_of(physical->dialect)->times_are_texts; i++)
        for (size_t k = 0; k < physical->tables[i]->column_count && status == FURROW_OK; k++) {
            furrow__catalog_column *column = &physical->tables[i]->columns[k];
            if (column->type.native && strcmp(column->type.native, "TEXT") == 0)
                status = look_at(physical, physical->tables[i], column, connection, error);
        }
    return status;
}
