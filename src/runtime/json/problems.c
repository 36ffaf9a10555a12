/* SPDX-License-Identifier: MIT
 * Collects problems, and finds out which rule of its column a field violates. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "runtime/json/json.h"
#include "runtime/session/field.h"
#include "runtime/session/pattern.h"

/* Writes a name in a JSON Pointer, in which ~ and / are escaped. */
static void write_name(furrow__buffer *out, const char *name)
{
    for (; *name; name++) {
        if (*name == '~' || *name == '/')
            furrow__buffer_add_text(out, *name == '~' ? "~0" : "~1");
        else
            furrow__buffer_add_char(out, *name);
    }
}

static void write_path(furrow__buffer *out, const furrow__json_place *place)
{
    if (!place)
        return;
    write_path(out, place->up);
    furrow__buffer_add_char(out, '/');
    if (place->name)
        write_name(out, place->name);
    else
        furrow__buffer_format(out, "%zu", place->index);
}

void furrow__json_report(furrow__json_problems *problems, const furrow__json_spot *spot,
                         const char *rule, const char *message)
{
    furrow_arena *arena = &problems->s->scratch;
    if (furrow__json_is_full(problems))
        return;
    furrow_problem *items = furrow__arena_room(arena, problems->items, problems->count,
                                               &problems->capacity, sizeof *items);
    furrow__buffer path = {0};
    write_path(&path, spot->place);
    const char *where = furrow__buffer_take(&path, arena);
    const char *why = furrow__arena_text(arena, message, strlen(message));
    furrow__buffer_done(&path);
    if (items)
        problems->items = items;
    if (!items || !where || !why) {
        problems->no_memory = true;
        return;
    }
    items[problems->count++] = (furrow_problem){where, rule, why, spot->offset};
}

/* The rules for text, in the order in which furrow__check_row checks them. */
static const char *rule_of_text(const furrow_column *column, const char *text)
{
    size_t size = column->type == FURROW_TYPE_CHARS ? strnlen(text, column->size) : strlen(text);
    if (!furrow__utf8_is_valid(text, size))
        return "utf8";
    return column->min_length && furrow__utf8_length(text, size) < column->min_length
               ? "min_length"
               : "max_length";
}

static const char *rule_of_decimal(const furrow_column *column, furrow_decimal value)
{
    furrow_decimal scaled;
    if (!furrow_decimal_rescale(value, column->scale, &scaled))
        return "decimal";
    char text[FURROW_DECIMAL_SIZE];
    size_t digits = 0;
    furrow_decimal_format((furrow_decimal){scaled.unscaled, 0}, text, sizeof text);
    digits = strspn(text + (*text == '-'), "0123456789");
    return digits > column->precision ? "decimal" : "range";
}

/* Returns the rule that a field violates, which furrow__check_row has refused. */
static const char *rule_of(const furrow_column *column, const void *row)
{
    furrow_value value = furrow__row_value(column, row);
    switch ((furrow_type)column->type) {
    case FURROW_TYPE_TEXT:
    case FURROW_TYPE_CHARS:
        return value.type == FURROW_TYPE_NULL || !value.as.text
                   ? "null"
                   : rule_of_text(column, value.as.text);
    case FURROW_TYPE_JSON:
        return value.type == FURROW_TYPE_NULL || !value.as.text ? "null" : "type";
    case FURROW_TYPE_FLOAT:
    case FURROW_TYPE_DOUBLE:
        return isnan(value.as.real) ? "type" : "range";
    case FURROW_TYPE_DECIMAL:
        return rule_of_decimal(column, value.as.decimal);
    case FURROW_TYPE_ENUM:
        return "enum";
    case FURROW_TYPE_BOOL:
    case FURROW_TYPE_BLOB:
        return "type";
    default:
        return "range";
    }
}

/* Returns the message of a refused field without the name of the column, with which it begins. */
static const char *without_name(const furrow_column *column, const char *message)
{
    const furrow_model *model = column->model;
    size_t size = strlen(FURROW__QUOTED(model->table ? model->table : model->name)) +
                  strlen(FURROW__QUOTED(column->name)) + sizeof ". " - 1;
    return strlen(message) > size ? message + size : message;
}

bool furrow__json_check(furrow__json_problems *problems, const furrow__json_spot *spot,
                        const furrow_column *column, const void *row)
{
    furrow_error error;
    if (furrow__check_row(&column, 1, row, &error)) {
        furrow__json_report(problems, spot, rule_of(column, row),
                            without_name(column, error.message));
        return false;
    }
    if (furrow__check_patterns(problems->s, &column, 1, row, &error)) {
        if (error.status == FURROW_NOMEM)
            problems->no_memory = true;
        else
            furrow__json_report(problems, spot, "pattern", without_name(column, error.message));
        return false;
    }
    return true;
}

furrow_status furrow__json_finish(const furrow__json_problems *problems, furrow_problems *out)
{
    furrow_arena *arena = &problems->s->arena;
    furrow_problem *items = NULL;
    bool fine = !problems->no_memory;
    if (fine && problems->count)
        fine = (items = furrow__arena_aligned(arena, problems->count * sizeof *items, 8)) != NULL;
    for (size_t i = 0; fine && i < problems->count; i++) {
        items[i] = problems->items[i];
        items[i].path = furrow__arena_text(arena, items[i].path, strlen(items[i].path));
        items[i].message = furrow__arena_text(arena, items[i].message, strlen(items[i].message));
        fine = items[i].path && items[i].message;
    }
    if (!fine)
        return furrow__session_no_memory(problems->s);
    *out = (furrow_problems){items, problems->count};
    return problems->count ? FURROW_REJECTED : FURROW_OK;
}
