/* SPDX-License-Identifier: MIT
 *
 * Reads rows from JSON. The text is first checked as a whole (syntax, UTF-8, depth, size); then its
 * values go directly into the fields of the row. A problem does not end the reading, so that all of
 * them are found. Neither the database nor the transaction is used.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "runtime/json/json.h"
#include "runtime/query/member.h"
#include "runtime/session/field.h"
#include "runtime/session/transaction.h"
#include "runtime/session/use.h"

enum { DEFAULT_PROBLEMS = 32, DEFAULT_SIZE = 1 << 20, DEFAULT_DEPTH = 64, MAX_DEPTH = 512 };

typedef struct input {
    furrow_session *s;
    const char *text;
    furrow__json_reader reader;
    furrow__json_problems problems;
    bool ignore_unknown, ignore_read_only;
} input;

/* An object and the row that receives its members. */
typedef struct object {
    const furrow_model *model;
    void *row;
    const furrow__json_place *place;
    const furrow_relation *from; /* the relationship that holds the row; NULL for the first row */
    bool is_patch;               /* absent members are kept, and relationships are refused */
    uint8_t seen[FURROW__MAX_COLUMNS / 8 + 1];
    uint64_t seen_relations; /* one bit for each relationship; a model has at most 64 */
} object;

static void read_object(input *in, object *o);

static size_t offset_now(input *in)
{
    furrow__json_peek(&in->reader);
    return (size_t)(in->reader.at - in->text);
}

static const furrow_column *find_column(const furrow_model *model, const char *name)
{
    for (size_t i = 0; i < model->column_count; i++)
        if (strcmp(furrow__json_name(&model->columns[i]), name) == 0)
            return &model->columns[i];
    return NULL;
}

static const furrow_relation *find_relation(const furrow_model *model, const char *name)
{
    for (size_t i = 0; i < model->relation_count; i++)
        if (strcmp(model->relations[i].field, name) == 0)
            return &model->relations[i];
    return NULL;
}

/* Reads the value of a field. */
static void read_field(input *in, const object *o, const furrow_column *column,
                       const furrow__json_spot *spot)
{
    furrow__json_token token = furrow__json_value(&in->reader);
    bool is_null = token.text[0] == 'n', is_json = column->type == FURROW_TYPE_JSON;
    if (is_null && column->flags & FURROW_COLUMN_NULLABLE) {
        furrow__json_clear(column, o->row);
        return;
    }
    if (is_null && !is_json) {
        furrow__json_report(&in->problems, spot, "null", "must not be null");
        return;
    }
    const char *message,
        *rule = furrow__json_convert(column, o->row, token, &in->s->arena, &message);
    if (rule && !message)
        in->problems.no_memory = true;
    else if (rule)
        furrow__json_report(&in->problems, spot, rule, message);
    else
        furrow__json_check(&in->problems, spot, column, o->row);
}

/* Reads a row of a relationship. Returns NULL if the value is null or no object. */
static void *read_related(input *in, const furrow_relation *r, const furrow__json_spot *spot)
{
    char first = furrow__json_peek(&in->reader);
    if (first != '{') {
        if (first != 'n' || furrow__member_is_list(r))
            furrow__json_report(&in->problems, spot, "type", "must be an object");
        furrow__json_value(&in->reader);
        return NULL;
    }
    object o = {.model = r->target, .place = spot->place, .from = r};
    o.row = furrow__arena_aligned(&in->s->arena, r->target->size, 16);
    if (!o.row) {
        in->problems.no_memory = true;
        furrow__json_value(&in->reader);
        return NULL;
    }
    memset(o.row, 0, r->target->size);
    read_object(in, &o);
    return o.row;
}

static void read_list(input *in, const furrow_relation *r, void *row, const furrow__json_spot *spot)
{
    furrow__list list = {.loaded = true};
    size_t capacity = 0, index = 0;
    if (furrow__json_peek(&in->reader) != '[') {
        furrow__json_report(&in->problems, spot, "type", "must be an array");
        furrow__json_value(&in->reader);
        return;
    }
    furrow__json_take(&in->reader);
    while (furrow__json_peek(&in->reader) != ']') {
        if (*in->reader.at == ',')
            furrow__json_take(&in->reader);
        furrow__json_place place = {.up = spot->place, .index = index++};
        void *item = read_related(in, r, &(furrow__json_spot){&place, offset_now(in)});
        if (furrow__json_is_full(&in->problems))
            return;
        if (!item)
            continue;
        void *items = furrow__arena_room(&in->s->arena, list.items, list.count, &capacity,
                                         sizeof *list.items);
        if (!items) {
            in->problems.no_memory = true;
            return;
        }
        list.items = items;
        list.items[list.count++] = item;
    }
    furrow__json_take(&in->reader);
    furrow__member_set_list(r, row, &list);
}

static void read_relation(input *in, const object *o, const furrow_relation *r,
                          const furrow__json_spot *spot)
{
    if (o->is_patch) {
        furrow__json_report(&in->problems, spot, "read_only",
                            "a patch cannot change a relationship");
        furrow__json_value(&in->reader);
    } else if (furrow__member_is_list(r)) {
        read_list(in, r, o->row, spot);
    } else {
        furrow__member_set_pointer(r, o->row, read_related(in, r, spot));
    }
}

/* Returns whether the member is the first of its name, and notes it. */
static bool is_first(object *o, const furrow_column *column, const furrow_relation *r)
{
    if (r) {
        uint64_t wide = UINT64_C(1) << (r->index % 64);
        bool is_new = !(o->seen_relations & wide);
        o->seen_relations |= wide;
        return is_new;
    }
    uint8_t bit = (uint8_t)(1u << (column->index % 8));
    bool first = !(o->seen[column->index / 8] & bit);
    o->seen[column->index / 8] |= bit;
    return first;
}

static void read_member(input *in, object *o)
{
    size_t offset = offset_now(in);
    const char *name = furrow__json_string(furrow__json_scalar(&in->reader), &in->s->scratch);
    furrow__json_take(&in->reader); /* the colon */
    if (!name) {
        in->problems.no_memory = true;
        furrow__json_value(&in->reader);
        return;
    }
    furrow__json_place place = {.up = o->place, .name = name};
    furrow__json_spot spot = {&place, offset};
    const furrow_column *column = find_column(o->model, name);
    const furrow_relation *r = column ? NULL : find_relation(o->model, name);
    if (column && column->flags & FURROW_COLUMN_JSON_HIDDEN)
        column = NULL;
    const char *rule = NULL, *message = NULL;
    if (!column && !r) {
        rule = in->ignore_unknown ? "" : "unknown";
        message = "there is no such member";
    } else if (!is_first(o, column, r)) {
        rule = "duplicate";
        message = "occurs more than once";
    } else if (column && column->flags & FURROW_COLUMN_JSON_READ_ONLY) {
        rule = in->ignore_read_only ? "" : "read_only";
        message = "cannot be set";
    }
    if (rule) {
        if (*rule)
            furrow__json_report(&in->problems, &spot, rule, message);
        furrow__json_value(&in->reader);
        return;
    }
    spot.offset = offset_now(in);
    if (r)
        read_relation(in, o, r, &spot);
    else
        read_field(in, o, column, &spot);
}

/* Whether insert_with copies the column from the row that holds this row. */
static bool is_filled(const object *o, const furrow_column *column)
{
    const furrow_relation *r = o->from;
    for (size_t i = 0; r && !r->link && i < r->count; i++)
        if (r->target_columns[i] == column->index &&
            (r->kind == FURROW_RELATION_TO_MANY || r->kind == FURROW_RELATION_ONE_TO_ONE))
            return true;
    return false;
}

/* Whether insert_with copies the column from a row that this row holds. */
static bool is_held(const object *o, const furrow_column *column)
{
    for (size_t i = 0; i < o->model->relation_count; i++) {
        const furrow_relation *r = &o->model->relations[i];
        for (size_t k = 0; r->kind == FURROW_RELATION_TO_ONE && k < r->count; k++)
            if (r->columns[k] == column->index && furrow__member_pointer(r, o->row))
                return true;
    }
    return false;
}

static void report_required(input *in, const object *o, size_t offset)
{
    enum {
        OPTIONAL = FURROW_COLUMN_NULLABLE | FURROW_COLUMN_ASSIGNED | FURROW_COLUMN_VERSION |
                   FURROW_COLUMN_TOUCH | FURROW_COLUMN_JSON_HIDDEN | FURROW_COLUMN_JSON_READ_ONLY
    };
    for (size_t i = 0; i < o->model->column_count; i++) {
        const furrow_column *column = &o->model->columns[i];
        furrow__json_place place = {.up = o->place, .name = furrow__json_name(column)};
        if (o->seen[i / 8] >> (i % 8) & 1 || column->flags & OPTIONAL || column->default_ ||
            is_filled(o, column) || is_held(o, column))
            continue;
        furrow__json_report(&in->problems, &(furrow__json_spot){&place, offset}, "required",
                            "is missing");
    }
}

static void read_object(input *in, object *o)
{
    size_t offset = offset_now(in);
    furrow__json_take(&in->reader);
    while (furrow__json_peek(&in->reader) != '}') {
        if (*in->reader.at == ',')
            furrow__json_take(&in->reader);
        read_member(in, o);
        if (furrow__json_is_full(&in->problems))
            return;
    }
    furrow__json_take(&in->reader);
    if (!o->is_patch)
        report_required(in, o, offset);
}

/* Checks the text as a whole. Reports at most one problem. */
static void check_text(input *in, const struct furrow_from_json_options *o)
{
    size_t limit = o->max_size ? o->max_size : DEFAULT_SIZE, offset = 0;
    int depth = o->max_depth <= 0          ? DEFAULT_DEPTH
                : o->max_depth > MAX_DEPTH ? MAX_DEPTH
                                           : o->max_depth;
    char message[64];
    if (o->text_size > limit) {
        snprintf(message, sizeof message, "is longer than %zu bytes", limit);
        furrow__json_report(&in->problems, &(furrow__json_spot){NULL, limit}, "size", message);
        return;
    }
    in->text = furrow__arena_text(&in->s->scratch, o->text ? o->text : "", o->text_size);
    in->reader.at = in->text;
    if (!in->text) {
        in->problems.no_memory = true;
        return;
    }
    offset = furrow__utf8_valid_size(in->text, o->text_size);
    if (offset < o->text_size) {
        furrow__json_report(&in->problems, &(furrow__json_spot){NULL, offset}, "utf8",
                            "is not valid UTF-8");
        return;
    }
    furrow__json_fault fault = furrow__json_scan(in->text, depth, &offset);
    if (fault == FURROW__JSON_TOO_DEEP) {
        snprintf(message, sizeof message, "has more than %d levels", depth);
        furrow__json_report(&in->problems, &(furrow__json_spot){NULL, offset}, "depth", message);
    } else if (fault || offset < o->text_size) { /* a NUL ends the scan */
        furrow__json_report(&in->problems, &(furrow__json_spot){NULL, offset}, "syntax",
                            "is not JSON at this position");
    }
}

static furrow_status read_row(const struct furrow_from_json_options *o, object *root)
{
    furrow_session *s = o->s;
    input in = {
        .s = s,
        .ignore_unknown = o->ignore_unknown,
        .ignore_read_only = o->ignore_read_only,
        .problems = {.s = s, .limit = o->max_problems ? o->max_problems : DEFAULT_PROBLEMS}};
    furrow__arena_mark before = furrow__arena_mark_now(&s->arena);
    check_text(&in, o);
    if (!in.problems.count && !in.problems.no_memory) {
        if (furrow__json_peek(&in.reader) == '{')
            read_object(&in, root);
        else
            furrow__json_report(&in.problems, &(furrow__json_spot){NULL, offset_now(&in)}, "type",
                                "must be an object");
    }
    if (in.problems.count)
        furrow__arena_rewind(&s->arena, before); /* what was read of a rejected text */
    return furrow__json_finish(&in.problems, o->problems);
}

/* Begins a call. `has_arguments` is false if one of them is NULL. */
static furrow_status begin(furrow_session *s, const furrow_model *model, bool has_arguments)
{
    furrow_status status = furrow__session_start_local(s);
    if (status || (status = furrow__check_model(s, model)))
        return status;
    if (!has_arguments)
        return furrow__session_failf(s, FURROW_INVALID, "JSON of model \"%s\": an argument is NULL",
                                     model->name);
    return FURROW_OK;
}

/* Reads the text into a new row, or, for a patch, into a copy of the row `patched`. *out receives
 * the row if the text is accepted. */
static furrow_status read_text(const struct furrow_from_json_options *o, const furrow_model *model,
                               const void *patched, void **out)
{
    object root = {.model = model, .is_patch = patched != NULL};
    furrow_status status = begin(o->s, model, o->out && o->problems && (o->text || !o->text_size));
    if (status)
        return status;
    root.row = furrow__arena_aligned(&o->s->arena, model->size, 16);
    if (!root.row)
        return furrow__session_no_memory(o->s);
    if (patched)
        memcpy(root.row, patched, model->size);
    else
        memset(root.row, 0, model->size);
    status = read_row(o, &root);
    *out = status ? NULL : root.row;
    return status;
}

/* Copies the options, and empties the problems. */
static void read_options(struct furrow_from_json_options *o, const void *options, size_t size)
{
    furrow__copy_struct(o, sizeof *o, options, size);
    if (o->problems)
        *o->problems = (furrow_problems){0};
}

furrow_status furrow_model_from_json(const furrow_model *model, size_t size, const void *options)
{
    struct furrow_from_json_options o;
    void *row = NULL;
    read_options(&o, options, size);
    if (o.out)
        memcpy(o.out, &row, sizeof row);
    FURROW__USE(o.s, FURROW_INVALID);
    furrow_status status = read_text(&o, model, NULL, &row);
    if (!status)
        memcpy(o.out, &row, sizeof row);
    return status;
}

furrow_status furrow_model_patch_json(const furrow_model *model, size_t size, const void *options)
{
    struct furrow_from_json_options o;
    void *row;
    read_options(&o, options, size);
    FURROW__USE(o.s, FURROW_INVALID);
    furrow_status status = read_text(&o, model, o.out, &row);
    if (!status)
        memcpy(o.out, row, model->size);
    return status;
}

furrow_status furrow_model_validate(furrow_session *s, const furrow_model *model, const void *row,
                                    furrow_problems *problems)
{
    enum { CHOSEN = FURROW_COLUMN_ASSIGNED | FURROW_COLUMN_VERSION | FURROW_COLUMN_TOUCH };
    if (problems)
        *problems = (furrow_problems){0};
    FURROW__USE(s, FURROW_INVALID);
    furrow_status status = begin(s, model, row && problems);
    if (status)
        return status;
    furrow__json_problems found = {.s = s, .limit = DEFAULT_PROBLEMS};
    for (size_t i = 0; i < model->column_count; i++) {
        const furrow_column *column = &model->columns[i];
        furrow__json_place place = {.name = furrow__json_name(column)};
        if ((column->default_ || column->flags & CHOSEN) && furrow__field_is_zero(column, row))
            continue; /* an insert leaves the field to the database */
        furrow__json_check(&found, &(furrow__json_spot){&place, 0}, column, row);
    }
    return furrow__json_finish(&found, problems);
}
