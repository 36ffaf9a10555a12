/* SPDX-License-Identifier: MIT */
#include "base/unreadable.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { TEXT_SIZE = 1024 };

/* A string in a fixed buffer. What does not fit is left out, and `is_full` is set. */
typedef struct fixed_text {
    char text[TEXT_SIZE];
    size_t size;
    bool is_full;
} fixed_text;

static void add(fixed_text *out, const char *text)
{
    size_t size = strlen(text), room = sizeof out->text - 1 - out->size;
    if (size > room) {
        out->is_full = true;
        size = furrow__utf8_cut(text, room);
    }
    memcpy(out->text + out->size, text, size);
    out->size += size;
    out->text[out->size] = '\0';
}

static void add_in_quotes(fixed_text *out, const char *name)
{
    for (; *name; name++)
        add(out, *name == '"' ? "\"\"" : (char[2]){*name, '\0'});
}

static void add_name(fixed_text *out, const char *name)
{
    add(out, "\"");
    add_in_quotes(out, name);
    add(out, "\"");
}

static void add_table(fixed_text *out, const furrow_model *model, bool has_schemas)
{
    add(out, "\"");
    if (model->schema) {
        add_in_quotes(out, model->schema);
        add(out, has_schemas ? "\".\"" : ".");
    }
    add_in_quotes(out, model->table);
    add(out, "\"");
}

static bool is_integer(const furrow_column *column)
{
    return column->type == FURROW_TYPE_INT16 || column->type == FURROW_TYPE_INT32 ||
           column->type == FURROW_TYPE_INT64;
}

/* Writes the value of a key column if it may be shown. A UUID that is stored as text is written in
 * its stored spelling, because the UPDATE compares text. */
static void write_key_value(char *out, size_t size, const furrow_column *column,
                            const furrow_value *value)
{
    char text[FURROW_UUID_SIZE];
    furrow_uuid parsed;
    *out = '\0';
    if (is_integer(column) && value->type == FURROW_TYPE_INT64)
        snprintf(out, size, "%" PRId64, value->as.integer);
    if (column->type != FURROW_TYPE_UUID)
        return;
    if (value->type == FURROW_TYPE_UUID) {
        furrow_uuid_format(value->as.uuid, text, sizeof text);
        snprintf(out, size, "'%s'", text);
    } else if (value->type == FURROW_TYPE_TEXT && furrow_uuid_parse(value->as.text, &parsed)) {
        snprintf(out, size, "'%s'", value->as.text);
    }
}

void furrow__row_key_add(furrow__row_key *key, const furrow_column *of, const furrow_column *column,
                         const furrow_value *value)
{
    if (!(column->flags & FURROW_COLUMN_PRIMARY_KEY) || column->model != of->model ||
        key->count == FURROW__ROW_KEY_COLUMNS)
        return;
    for (size_t i = 0; i < key->count; i++)
        if (key->columns[i] == column)
            return;
    write_key_value(key->values[key->count], sizeof key->values[0], column, value);
    key->columns[key->count++] = column;
}

void furrow__write_sample(char *out, size_t size, const furrow_column *column, bool is_units)
{
    static const char *const samples[FURROW_TYPE_COUNT_] = {
        [FURROW_TYPE_TIME] = "'1970-01-01T00:00:00.000000Z'",
        [FURROW_TYPE_DATE] = "'1970-01-01'",
        [FURROW_TYPE_UUID] = "'00000000-0000-0000-0000-000000000000'",
        [FURROW_TYPE_JSON] = "'null'",
        [FURROW_TYPE_TEXT] = "''",
        [FURROW_TYPE_CHARS] = "''",
    };
    char number[FURROW_DECIMAL_SIZE];
    const furrow_enum *e = column->enumeration;
    const char *name = e && e->count ? e->enumerators[0].name : "";
    int64_t least = column->flags & FURROW_COLUMN_HAS_MIN ? column->minimum : INT64_MIN;
    int64_t most = column->flags & FURROW_COLUMN_HAS_MAX ? column->maximum : INT64_MAX;
    int8_t scale = column->type == FURROW_TYPE_DECIMAL && !is_units ? column->scale : 0;
    if (column->flags & FURROW_COLUMN_NULLABLE) {
        snprintf(out, size, "NULL");
    } else if (column->type == FURROW_TYPE_ENUM) {
        for (size_t i = 0; e && i < e->count; i++)
            if (e->enumerators[i].value == 0)
                name = e->enumerators[i].name;
        snprintf(out, size, "'%s'", name);
    } else if (column->type < FURROW_TYPE_COUNT_ && samples[column->type]) {
        snprintf(out, size, "%s", samples[column->type]);
    } else {
        furrow_decimal_format((furrow_decimal){least > 0  ? least
                                               : most < 0 ? most
                                                          : 0,
                                               scale},
                              number, sizeof number);
        snprintf(out, size, "%s", number);
    }
}

static bool is_shown(const furrow__row_key *key)
{
    for (size_t i = 0; i < key->count; i++)
        if (!key->values[i][0])
            return false;
    return true;
}

/* Writes `, in the row whose "id" is 7`, or the names of the key's columns if a value must not be
 * shown. */
static void add_row(fixed_text *out, const furrow__row_key *key)
{
    bool shown = is_shown(key);
    add(out, shown ? ", in the row whose " : ", in a row with the key ");
    for (size_t i = 0; i < key->count; i++) {
        add(out, !i ? "" : shown ? " and " : ", ");
        add_name(out, key->columns[i]->name);
        add(out, shown ? " is " : "");
        if (shown)
            add(out, key->values[i]);
    }
}

static void write_update(fixed_text *out, const furrow_column *column, const furrow__row_key *key,
                         const char *value, bool has_schemas)
{
    add(out, ", for example: UPDATE ");
    add_table(out, column->model, has_schemas);
    add(out, " SET ");
    add_name(out, column->name);
    add(out, " = ");
    add(out, value);
    for (size_t i = 0; i < key->count; i++) {
        add(out, i ? " AND " : " WHERE ");
        add_name(out, key->columns[i]->name);
        add(out, " = ");
        add(out, key->values[i][0] ? key->values[i] : "?");
    }
}

furrow_status furrow__explain_unreadable(furrow_error *error, const furrow_column *column,
                                         const furrow__row_key *key, const furrow__repair *repair)
{
    const furrow_model *model = column->model;
    fixed_text text = {.size = 0};
    if (!model || !model->table || !key->count || key->count != model->primary_key_count)
        return error->status;
    add(&text, error->message);
    add_row(&text, key);
    furrow__copy_text(error->message, sizeof error->message, text.text);
    const char *const values[] = {repair->value, repair->replacement};
    const char *const leads[] = {"correct the row", "replace the value"};
    for (size_t i = 0; i < 2; i++) {
        if (!values[i])
            continue;
        text = (fixed_text){.size = 0};
        add(&text, *error->hint ? error->hint : leads[i]);
        write_update(&text, column, key, values[i], repair->has_schemas);
        if (text.size < sizeof error->hint)
            break;
    }
    if (!text.is_full && text.size < sizeof error->hint)
        furrow__copy_text(error->hint, sizeof error->hint, text.text);
    return error->status;
}
