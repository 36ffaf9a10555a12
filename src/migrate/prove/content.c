/* SPDX-License-Identifier: MIT
 * Reads the rows of a table as values and as strings. See content.h. */
#include "migrate/prove/content.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/real.h"
#include "base/text.h"
#include "migrate/apply/query.h"
#include "migrate/prove/engine.h"

enum { CELL_SIZE = 32, VALUE_AT = 8 }; /* each field is preceded by its has_ flag */
#define DAY_US INT64_C(86400000000)

static furrow_status no_memory(furrow_error *error)
{
    return furrow__fail(error, FURROW_NOMEM, "out of memory");
}

static uint32_t size_of(furrow_type type)
{
    switch (type) {
    case FURROW_TYPE_BOOL:
        return sizeof(bool);
    case FURROW_TYPE_INT16:
        return sizeof(int16_t);
    case FURROW_TYPE_INT32:
    case FURROW_TYPE_DATE:
        return sizeof(int32_t);
    case FURROW_TYPE_FLOAT:
        return sizeof(float);
    case FURROW_TYPE_BLOB:
        return sizeof(furrow_blob);
    case FURROW_TYPE_UUID:
        return sizeof(furrow_uuid);
    case FURROW_TYPE_DECIMAL:
        return sizeof(furrow_decimal);
    default:
        return sizeof(int64_t);
    }
}

static bool is_pointer(furrow_type type)
{
    return type == FURROW_TYPE_TEXT || type == FURROW_TYPE_JSON || type == FURROW_TYPE_BLOB;
}

const furrow_model *furrow__content_model(const furrow__catalog_table *table, furrow_arena *arena)
{
    const furrow__expression_scope *scope = furrow__catalog_scope(table, arena);
    furrow_model *model = furrow__arena_aligned(arena, sizeof *model, _Alignof(furrow_model));
    furrow_column *columns = furrow__arena_aligned(
        arena, (table->column_count + 1) * sizeof *columns, _Alignof(furrow_column));
    if (!scope || !model || !columns)
        return NULL;
    *model = (furrow_model){.format = FURROW_FORMAT_VERSION,
                            .name = table->name.name,
                            .schema = table->name.schema,
                            .table = table->name.name,
                            .columns = columns,
                            .column_count = (uint16_t)table->column_count,
                            .size = table->column_count * CELL_SIZE,
                            .assigned = FURROW_NO_COLUMN,
                            .version = FURROW_NO_COLUMN};
    for (size_t i = 0; i < table->column_count; i++) {
        columns[i] = *furrow__scope_column(scope, i);
        columns[i].model = model;
        columns[i].size = size_of((furrow_type)columns[i].type);
        columns[i].has_offset = (uint32_t)(i * CELL_SIZE);
        columns[i].offset = (uint32_t)(i * CELL_SIZE + VALUE_AT);
        if (columns[i].flags & FURROW_COLUMN_NULLABLE && !is_pointer((furrow_type)columns[i].type))
            columns[i].flags |= FURROW_COLUMN_OPT;
    }
    return model;
}

/* Copies JSON without the blanks between its tokens, because each engine writes different blanks.
 */
static size_t bare_json(char *out, const char *text)
{
    size_t size = 0;
    bool quoted = false;
    for (; *text; text++) {
        if (quoted && *text == '\\' && text[1])
            out[size++] = *text++;
        else if (*text == '"')
            quoted = !quoted;
        else if (!quoted && strchr(" \t\r\n", *text))
            continue;
        out[size++] = *text;
    }
    return size;
}

static const char *json_text(const char *text, furrow_arena *arena)
{
    char *out = furrow__arena_text(arena, text, strlen(text));
    if (out)
        out[bare_json(out, text)] = '\0';
    return out;
}

static const char *blob_text(furrow_blob blob, furrow_arena *arena)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *bytes = blob.bytes;
    char *out = furrow__arena_aligned(arena, 2 * blob.size + 2, 1);
    if (!out)
        return NULL;
    out[0] = 'x';
    for (size_t i = 0; i < blob.size; i++) {
        out[2 * i + 1] = digits[bytes[i] >> 4];
        out[2 * i + 2] = digits[bytes[i] & 15];
    }
    out[2 * blob.size + 1] = '\0';
    return out;
}

static void write_decimal(char *out, size_t size, furrow_decimal value)
{
    furrow_decimal_format(value, out, size);
    size_t end = strlen(out);
    if (!strchr(out, '.'))
        return;
    while (out[end - 1] == '0')
        end--;
    out[end - (out[end - 1] == '.')] = '\0';
}

/* Returns whether the value is a time or date that is not before the beginning of the proof. Such a
 * value differs on every run. */
static bool is_now(const furrow_column *column, const furrow_value *value, furrow_time since)
{
    if (!since.us || value->type != column->type)
        return false;
    if (value->type == FURROW_TYPE_TIME)
        return value->as.time.us >= since.us && value->as.time.us < since.us + 30 * DAY_US;
    int32_t today = (int32_t)(since.us / DAY_US);
    return value->type == FURROW_TYPE_DATE && value->as.date.days >= today &&
           value->as.date.days < today + 30;
}

const char *furrow__content_text(const furrow_column *column, const furrow_value *value,
                                 furrow_arena *arena)
{
    char text[64] = "";
    switch ((furrow_type)value->type) {
    case FURROW_TYPE_NULL:
        return NULL;
    case FURROW_TYPE_TEXT:
        return value->as.text ? furrow__arena_text(arena, value->as.text, strlen(value->as.text))
                              : NULL;
    case FURROW_TYPE_JSON:
        return value->as.text ? json_text(value->as.text, arena) : NULL;
    case FURROW_TYPE_BLOB:
        return value->as.blob.bytes ? blob_text(value->as.blob, arena) : NULL;
    case FURROW_TYPE_FLOAT:
    case FURROW_TYPE_DOUBLE:
        furrow__real_format(value->as.real, text, sizeof text);
        break;
    case FURROW_TYPE_TIME:
        furrow_time_format(value->as.time, text, sizeof text);
        break;
    case FURROW_TYPE_DATE:
        furrow_date_format(value->as.date, text, sizeof text);
        break;
    case FURROW_TYPE_UUID:
        furrow_uuid_format(value->as.uuid, text, sizeof text);
        break;
    case FURROW_TYPE_DECIMAL:
        write_decimal(text, sizeof text, value->as.decimal);
        break;
    default:
        if (column->type == FURROW_TYPE_ENUM) {
            const char *name = column->enumeration->enumerators[value->as.integer].name;
            return furrow__arena_text(arena, name, strlen(name));
        }
        if (column->type == FURROW_TYPE_BOOL)
            return value->as.integer ? "true" : "false";
        snprintf(text, sizeof text, "%lld", (long long)value->as.integer);
    }
    return furrow__arena_text(arena, text, strlen(text));
}

typedef struct reader {
    furrow__content *out;
    const furrow_column **columns;
    furrow_time since;
    furrow_arena *arena;
    furrow_error *error;
} reader;

static void write_select(furrow__buffer *sql, const furrow__dialect *dialect,
                         const furrow__catalog_table *table)
{
    furrow__buffer_add_text(sql, "SELECT ");
    furrow__write_row_id(sql, dialect, table, NULL);
    for (size_t i = 0; i < table->column_count; i++) {
        bool native = table->columns[i].type.native != NULL;
        furrow__buffer_add_text(sql, native ? ", CAST(" : ", ");
        furrow__sql_identifier(sql, table->columns[i].name);
        furrow__buffer_add_text(sql, native ? " AS TEXT)" : "");
    }
    furrow__buffer_add_text(sql, " FROM ");
    furrow__write_table_name(sql, dialect, table->name);
}

static const char *key_text(const furrow__content *content, const char *const *cells,
                            furrow_arena *arena)
{
    const furrow__catalog_constraint *key = furrow__catalog_primary_key(content->table);
    furrow__buffer text = {0};
    for (size_t i = 0; key && i < key->count; i++) {
        size_t index = furrow__content_column(content, key->columns[i]);
        furrow__buffer_add_text(&text, i ? "/" : "");
        if (index != SIZE_MAX)
            furrow__buffer_add_text(&text, cells[index] ? cells[index] : "NULL");
    }
    const char *made = furrow__buffer_text(&text);
    const char *copy = made ? furrow__arena_text(arena, made, text.size) : NULL;
    furrow__buffer_done(&text);
    return copy;
}

static furrow_status add_row(reader *r, const char *row_id, const void *row)
{
    furrow__content *out = r->out;
    size_t count = out->model->column_count;
    furrow__content_row *rows =
        furrow__arena_room(r->arena, out->rows, out->count, &out->capacity, sizeof *rows);
    furrow_value *values =
        furrow__arena_aligned(r->arena, (count + 1) * sizeof *values, _Alignof(furrow_value));
    const char **cells =
        furrow__arena_aligned(r->arena, (count + 1) * sizeof *cells, _Alignof(char *));
    if (!rows || !values || !cells)
        return no_memory(r->error);
    out->rows = rows;
    for (size_t i = 0; i < count; i++) {
        values[i] = furrow__row_value(r->columns[i], row);
        bool is_null = values[i].type == FURROW_TYPE_NULL ||
                       (is_pointer((furrow_type)r->columns[i]->type) && !values[i].as.text);
        if (is_null)
            values[i] = (furrow_value){0};
        cells[i] = is_now(r->columns[i], &values[i], r->since)
                       ? "now"
                       : furrow__content_text(r->columns[i], &values[i], r->arena);
        if (!cells[i] && !is_null)
            return no_memory(r->error);
    }
    const char *key = key_text(out, cells, r->arena);
    out->rows[out->count++] = (furrow__content_row){row_id, key, values, cells};
    return key ? FURROW_OK : no_memory(r->error);
}

static furrow_status read_rows(reader *r, furrow_statement *statement, const furrow_driver *driver)
{
    static const furrow_column row_id = {.name = "row_id",
                                         .type = FURROW_TYPE_TEXT,
                                         .size = sizeof(char *),
                                         .flags = FURROW_COLUMN_NULLABLE};
    const furrow_model *model = r->out->model;
    bool more = true;
    void *row = furrow__arena_aligned(r->arena, model->size + CELL_SIZE, 16);
    furrow_status status = row ? driver->execute(statement, r->error) : no_memory(r->error);
    /* The statement selects the row's id first. The id is read into an additional field at the end
     * of the row. */
    furrow_column at = row_id;
    at.model = model;
    at.offset = (uint32_t)model->size + VALUE_AT;
    const furrow_column **all = furrow__arena_aligned(
        r->arena, (model->column_count + 1u) * sizeof *all, _Alignof(furrow_column *));
    if (!all)
        return no_memory(r->error);
    all[0] = &at;
    for (size_t i = 0; i < model->column_count; i++)
        all[i + 1] = r->columns[i] = &model->columns[i];
    while (status == FURROW_OK &&
           (status = driver->step(statement, &more, r->error)) == FURROW_OK && more) {
        memset(row, 0, model->size + CELL_SIZE);
        status = driver->read_row(statement, (furrow_column_list){all, model->column_count + 1u},
                                  row, r->arena, r->error);
        const char *text = NULL;
        memcpy(&text, (char *)row + at.offset, sizeof text);
        if (status == FURROW_OK)
            status = add_row(r, text, row);
    }
    return status;
}

static int compare_cells(const char *a, const char *b)
{
    if (!a || !b)
        return (a != NULL) - (b != NULL);
    return strcmp(a, b);
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp(((const furrow__content_row *)a)->key, ((const furrow__content_row *)b)->key);
}

/* Sorts the rows by key. Rows with equal keys are sorted by all their strings. qsort cannot be
 * used, because its comparison function does not get the number of columns. */
static void sort_rows(furrow__content *content)
{
    if (!content->count)
        return;
    qsort(content->rows, content->count, sizeof *content->rows, compare_keys);
    for (size_t i = 1; i < content->count; i++)
        for (size_t k = i; k > 0 && strcmp(content->rows[k - 1].key, content->rows[k].key) == 0;
             k--) {
            int order = 0;
            for (size_t c = 0; c < content->model->column_count && !order; c++)
                order = compare_cells(content->rows[k - 1].cells[c], content->rows[k].cells[c]);
            if (order <= 0)
                break;
            furrow__content_row moved = content->rows[k];
            content->rows[k] = content->rows[k - 1];
            content->rows[k - 1] = moved;
        }
}

furrow_status furrow__content_read(furrow__content *out, const furrow__content_source *source,
                                   const furrow__catalog_table *table, furrow_arena *arena,
                                   furrow_error *error)
{
    furrow_connection *connection = source->connection;
    const furrow_driver *driver = connection->driver;
    furrow__buffer sql = {0};
    furrow_statement *statement = NULL;
    reader r = {.out = out, .since = source->since, .arena = arena, .error = error};
    *out = (furrow__content){
        .name = table->name, .table = table, .model = furrow__content_model(table, arena)};
    r.columns = furrow__arena_aligned(arena, (table->column_count + 1) * sizeof *r.columns,
                                      _Alignof(furrow_column *));
    write_select(&sql, source->dialect, table);
    furrow_status status = FURROW_OK;
    if (!out->model || !r.columns || sql.failed)
        status = no_memory(error);
    if (status == FURROW_OK)
        status =
            driver->prepare(connection, &statement,
                            &(furrow_statement_text){.text = sql.text, .size = sql.size}, error);
    if (status == FURROW_OK)
        status = read_rows(&r, statement, driver);
    driver->finalize(statement);
    if (status == FURROW_OK)
        sort_rows(out);
    else
        out->count = 0;
    furrow__buffer_done(&sql);
    return status;
}

size_t furrow__content_column(const furrow__content *content, const char *name)
{
    for (size_t i = 0; i < content->model->column_count; i++)
        if (strcmp(content->model->columns[i].name, name) == 0)
            return i;
    return SIZE_MAX;
}
