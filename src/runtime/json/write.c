/* SPDX-License-Identifier: MIT
 *
 * Writes rows as JSON. Relationships are written along paths only: each step that begins a path, or
 * that continues one, is a member of its object. A relationship that is not loaded yet is loaded
 * for all rows of its result at once, so the number of statements does not depend on the number of
 * rows.
 */
#include <math.h>
#include <string.h>

#include "base/base64.h"
#include "base/real.h"
#include "runtime/json/json.h"
#include "runtime/query/load.h"
#include "runtime/query/member.h"
#include "runtime/session/transaction.h"
#include "runtime/session/use.h"

typedef struct output {
    furrow_session *s;
    furrow__buffer text;
    const furrow_path *paths;
    furrow_status status; /* the first failure */
} output;

/* The rows at one depth of the paths: bit i of `active` is set if path i leads to them. */
typedef struct level {
    const furrow_model *model;
    uint64_t active;
    size_t depth;
} level;

_Static_assert(FURROW_MAX_PATHS < 64, "a level has one bit for each path");

/* Writes a string. Returns false if it is not valid UTF-8. */
static bool write_string(furrow__buffer *out, const char *text, size_t size)
{
    size_t kept = 0;
    if (!furrow__utf8_is_valid(text, size))
        return false;
    furrow__buffer_add_char(out, '"');
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        static const char names[] = "btnvfr"; /* of the bytes 8 to 13 */
        if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7F)
            continue;
        furrow__buffer_add(out, text + kept, i - kept);
        kept = i + 1;
        if (c == '"' || c == '\\')
            furrow__buffer_format(out, "\\%c", c);
        else if (c >= 8 && c <= 13 && c != 11)
            furrow__buffer_format(out, "\\%c", names[c - 8]);
        else
            furrow__buffer_format(out, "\\u%04x", c);
    }
    furrow__buffer_add(out, text + kept, size - kept);
    furrow__buffer_add_char(out, '"');
    return true;
}

static bool write_real(furrow__buffer *out, double value, bool is_float)
{
    char text[FURROW__REAL_SIZE];
    if (isnan(value))
        return false;
    if (is_float)
        furrow__float_format((float)value, text, sizeof text);
    else
        furrow__real_format(value, text, sizeof text);
    const char *quote = text[0] == 'I' || text[1] == 'I' ? "\"" : "";
    furrow__buffer_format(out, "%s%s%s", quote, text, quote);
    return true;
}

static bool write_enum(furrow__buffer *out, const furrow_column *column, int64_t value)
{
    const furrow_enumerator *e = furrow__enumerator_of(column, value);
    return e && write_string(out, e->name, strlen(e->name));
}

/* Writes the text of a blob in parts. Returns false if the blob has a size but no bytes. */
static bool write_blob(furrow__buffer *out, furrow_blob blob)
{
    enum { PART = 768 }; /* a multiple of 3, so that only the last part has padding */
    char text[PART / 3 * 4 + 5];
    const char *bytes = blob.bytes;
    for (size_t i = 0; bytes && i < blob.size; i += PART) {
        size_t size = blob.size - i < PART ? blob.size - i : PART;
        furrow__buffer_add(out, text, furrow__base64_write(FURROW__BASE64, bytes + i, size, text));
    }
    return bytes || !blob.size;
}

/* Writes a time, a date, a UUID or a decimal. Returns false if it is out of range. */
static bool write_formatted(furrow__buffer *out, const furrow_column *column,
                            const furrow_value *value)
{
    char text[FURROW_UUID_SIZE];
    size_t size;
    switch ((furrow_type)column->type) {
    case FURROW_TYPE_TIME:
        size = furrow_time_format(value->as.time, text, sizeof text);
        break;
    case FURROW_TYPE_DATE:
        size = furrow_date_format(value->as.date, text, sizeof text);
        break;
    case FURROW_TYPE_UUID:
        size = furrow_uuid_format(value->as.uuid, text, sizeof text);
        break;
    default:
        size = furrow_decimal_format(value->as.decimal, text, sizeof text);
        break;
    }
    furrow__buffer_format(out, "\"%s\"", size ? text : "");
    return size > 0;
}

/* Writes a value that is not NULL. Returns false if JSON cannot hold it. */
static bool write_value(furrow__buffer *out, const furrow_column *column, const furrow_value *value)
{
    furrow_json json;
    bool fine;
    const char *quote = column->flags & FURROW_COLUMN_JSON_TEXT ? "\"" : "";
    switch ((furrow_type)column->type) {
    case FURROW_TYPE_BOOL:
        furrow__buffer_add_text(out, value->as.integer ? "true" : "false");
        return true;
    case FURROW_TYPE_INT16:
    case FURROW_TYPE_INT32:
    case FURROW_TYPE_INT64:
        furrow__buffer_format(out, "%s%lld%s", quote, (long long)value->as.integer, quote);
        return true;
    case FURROW_TYPE_FLOAT:
    case FURROW_TYPE_DOUBLE:
        return write_real(out, value->as.real, column->type == FURROW_TYPE_FLOAT);
    case FURROW_TYPE_TEXT:
        return write_string(out, value->as.text, strlen(value->as.text));
    case FURROW_TYPE_CHARS:
        return write_string(out, value->as.text, strnlen(value->as.text, column->size));
    case FURROW_TYPE_JSON:
        furrow__buffer_add_text(out, value->as.text);
        return furrow_json_parse(value->as.text, &json);
    case FURROW_TYPE_BLOB:
        furrow__buffer_add_char(out, '"');
        fine = write_blob(out, value->as.blob);
        furrow__buffer_add_char(out, '"');
        return fine;
    case FURROW_TYPE_ENUM:
        return write_enum(out, column, value->as.integer);
    default:
        return write_formatted(out, column, value);
    }
}

static bool is_null(const furrow_column *column, const furrow_value *value)
{
    bool is_pointer = column->type == FURROW_TYPE_TEXT || column->type == FURROW_TYPE_JSON;
    return value->type == FURROW_TYPE_NULL || (is_pointer && !value->as.text);
}

static void write_name(furrow__buffer *out, const char *name, bool *first)
{
    if (!*first)
        furrow__buffer_add_char(out, ',');
    *first = false;
    write_string(out, name, strlen(name));
    furrow__buffer_add_char(out, ':');
}

static void write_row(output *out, const level *at, void *row);

static void write_relation(output *out, const level *target, const furrow_relation *r, void *row)
{
    if (!furrow__member_is_list(r)) {
        void *one = furrow__member_pointer(r, row);
        if (one)
            write_row(out, target, one);
        else
            furrow__buffer_add_text(&out->text, "null");
        return;
    }
    furrow__list list = furrow__member_list(r, row);
    furrow__buffer_add_char(&out->text, '[');
    for (size_t i = 0; i < list.count; i++) {
        if (i)
            furrow__buffer_add_char(&out->text, ',');
        write_row(out, target, list.items[i]);
    }
    furrow__buffer_add_char(&out->text, ']');
}

/* Returns the paths of the level whose next step is this relationship. */
static uint64_t paths_through(const output *out, const level *at, const furrow_relation *r)
{
    uint64_t through = 0;
    for (size_t i = 0; i < FURROW_MAX_PATHS && at->depth < FURROW_MAX_STEPS; i++)
        if (at->active >> i & 1 && out->paths[i].steps[at->depth].relation == r)
            through |= UINT64_C(1) << i;
    return through;
}

static furrow_status fail_value(furrow_session *s, const furrow_column *column)
{
    furrow_error error;
    furrow__fail_column(&error, FURROW_INVALID, column, "has a value that JSON cannot hold");
    furrow__hint(&error, "check the row with %s_validate", column->model->name);
    return furrow__session_fail(s, &error);
}

static void write_row(output *out, const level *at, void *row)
{
    bool first = true;
    furrow__buffer_add_char(&out->text, '{');
    for (size_t i = 0; i < at->model->column_count; i++) {
        const furrow_column *column = &at->model->columns[i];
        if (column->flags & FURROW_COLUMN_JSON_HIDDEN)
            continue;
        furrow_value value = furrow__row_value(column, row);
        write_name(&out->text, furrow__json_name(column), &first);
        if (is_null(column, &value))
            furrow__buffer_add_text(&out->text, "null");
        else if (!write_value(&out->text, column, &value) && !out->status)
            out->status = fail_value(out->s, column);
    }
    for (size_t i = 0; i < at->model->relation_count; i++) {
        const furrow_relation *r = &at->model->relations[i];
        level target = {r->target, paths_through(out, at, r), at->depth + 1};
        if (!target.active)
            continue;
        write_name(&out->text, r->field, &first);
        write_relation(out, &target, r, row);
    }
    furrow__buffer_add_char(&out->text, '}');
}

/* Makes the path of one step that loads a relationship of a level, with the options of the path
 * that ends there. Returns whether there are options. */
static bool step_of(const output *out, const level *at, const furrow_relation *r, furrow_path *step)
{
    uint64_t through = paths_through(out, at, r);
    bool found = false;
    *step = (furrow_path){0};
    for (size_t i = 0; i < FURROW_MAX_PATHS && !found; i++)
        if (through >> i & 1 && furrow__path_length(&out->paths[i]) == at->depth + 1 &&
            furrow__path_has_options(&out->paths[i])) {
            *step = out->paths[i];
            found = true;
        }
    for (size_t i = 0; i <= FURROW_MAX_STEPS; i++)
        step->steps[i].relation = NULL;
    step->steps[0].relation = r;
    return found;
}

static bool add_related(furrow__row_set *set, const furrow_relation *r, const void *row)
{
    if (!furrow__member_is_list(r)) {
        void *one = furrow__member_pointer(r, row);
        return !one || furrow__row_set_add(set, one);
    }
    furrow__list list = furrow__member_list(r, row);
    for (size_t i = 0; i < list.count; i++)
        if (!furrow__row_set_add(set, list.items[i]))
            return false;
    return true;
}

static void load_level(output *out, const level *at, const furrow__row_set *rows);

/* Loads a relationship for the rows that do not have it yet, in one statement, and then what the
 * paths reach from there. If a path selects some rows of the relationship, loads it for all rows.
 */
static void load_relation(output *out, const level *at, const furrow_relation *r,
                          const furrow__row_set *rows)
{
    furrow_path step;
    furrow__row_set missing = {0}, related = {0};
    bool selects = step_of(out, at, r, &step), fine = true;
    for (size_t i = 0; fine && i < rows->count; i++)
        if (selects || !furrow_relation_is_loaded(out->s, r, rows->items[i]))
            fine = furrow__row_set_add(&missing, rows->items[i]);
    if (fine && missing.count)
        out->status = furrow_rows_load(out->s, at->model, missing.items, missing.count,
                                       (furrow_path_list){&step, 1});
    for (size_t i = 0; fine && !out->status && i < rows->count; i++)
        fine = add_related(&related, r, rows->items[i]);
    if (!fine)
        out->status = furrow__session_no_memory(out->s);
    level target = {r->target, paths_through(out, at, r), at->depth + 1};
    if (!out->status)
        load_level(out, &target, &related);
    furrow__release(missing.items);
    furrow__release(related.items);
}

static void load_level(output *out, const level *at, const furrow__row_set *rows)
{
    for (size_t i = 0; i < at->model->relation_count && !out->status && rows->count; i++)
        if (paths_through(out, at, &at->model->relations[i]))
            load_relation(out, at, &at->model->relations[i], rows);
}

/* Checks the paths, and loads what is missing along them. */
static furrow_status load_paths(output *out, const level *top, const furrow__list *rows)
{
    furrow_path_list all = {out->paths, FURROW_MAX_PATHS + 1};
    furrow_status status;
    if (!furrow__has_paths(all))
        return FURROW_OK;
    if ((status = furrow__session_start(out->s)) ||
        (status = furrow__check_with(out->s, top->model, all)))
        return status;
    load_level(out, top, &(furrow__row_set){.items = rows->items, .count = rows->count});
    return out->status;
}

static furrow_status write_rows(const struct furrow_to_json_options *o, const furrow_model *model,
                                const furrow__list *rows, bool is_list)
{
    furrow_session *s = o->s;
    furrow_status status = furrow__session_start_local(s);
    if (status || (status = furrow__check_model(s, model)))
        return status;
    if (!o->out || !o->rows || (!rows->items && rows->count))
        return furrow__session_failf(s, FURROW_INVALID, "JSON of model \"%s\": an argument is NULL",
                                     model->name);
    for (size_t i = 0; i < rows->count; i++)
        if (!rows->items[i])
            return furrow__session_failf(s, FURROW_INVALID, "JSON of model \"%s\": row %zu is NULL",
                                         model->name, i + 1);
    output out = {.s = s, .paths = o->with};
    level top = {model, (UINT64_C(1) << FURROW_MAX_PATHS) - 1, 0};
    if ((status = load_paths(&out, &top, rows)))
        return status;
    if (is_list)
        furrow__buffer_add_char(&out.text, '[');
    for (size_t i = 0; i < rows->count && !out.status; i++) {
        if (i)
            furrow__buffer_add_char(&out.text, ',');
        write_row(&out, &top, rows->items[i]);
    }
    if (is_list)
        furrow__buffer_add_char(&out.text, ']');
    size_t size = out.text.size;
    char *text = out.status ? NULL : furrow__buffer_take(&out.text, &s->arena);
    furrow__buffer_done(&out.text);
    if (out.status)
        return out.status;
    if (!text)
        return furrow__session_no_memory(s);
    *o->out = text;
    if (o->size)
        *o->size = size;
    return FURROW_OK;
}

/* Copies the options, and empties the results. */
static void read_options(struct furrow_to_json_options *o, const void *options, size_t size)
{
    furrow__copy_struct(o, sizeof *o, options, size);
    if (o->out)
        *o->out = "";
    if (o->size)
        *o->size = 0;
}

furrow_status furrow_model_to_json(const furrow_model *model, size_t size, const void *options)
{
    struct furrow_to_json_options o;
    read_options(&o, options, size);
    FURROW__USE(o.s, FURROW_INVALID);
    void *row = (void *)(uintptr_t)o.rows;
    return write_rows(&o, model, &(furrow__list){.items = &row, .count = row ? 1 : 0}, false);
}

furrow_status furrow_model_list_to_json(const furrow_model *model, size_t size, const void *options)
{
    struct furrow_to_json_options o;
    furrow__list rows = {0};
    read_options(&o, options, size);
    FURROW__USE(o.s, FURROW_INVALID);
    if (o.rows)
        memcpy(&rows, o.rows, sizeof rows);
    return write_rows(&o, model, &rows, true);
}
