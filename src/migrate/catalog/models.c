/* SPDX-License-Identifier: MIT
 *
 * Makes the logical catalog of models. The checks that types need are not part of it, but their
 * names are reserved. If another check would get a reserved name, a number is added to its name.
 * The number is the same on all engines.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "migrate/catalog/parts.h"
#include "schema/name.h"
#include "sql/dialect.h"

/* The state while one model is read. */
typedef struct reader {
    furrow__catalog *catalog;
    const furrow_model *model;
    furrow__catalog_table *table;
    furrow_arena *arena;
    furrow_error *error;
    furrow_status status; /* the first failure; all later calls do nothing */
    const char **names;   /* the names of constraints that are already used */
    size_t name_count, name_capacity;
} reader;

static void no_memory(reader *r)
{
    if (r->status == FURROW_OK)
        r->status = furrow__fail(r->error, FURROW_NOMEM, "out of memory");
}

static const char *keep(reader *r, const char *text)
{
    const char *copy = text ? furrow__arena_text(r->arena, text, strlen(text)) : NULL;
    if (text && !copy)
        no_memory(r);
    return copy;
}

enum { SHOWN_BYTES = 30 }; /* largest number of bytes of an expression that a message quotes */

/* The message quotes the expression, beginning at the mistake. */
static void fail_expression(const furrow__expression_source *source, const char *what,
                            const furrow__expression_error *problem, furrow_error *error)
{
    size_t length = strlen(source->text);
    const char *from = source->text + (problem->position < length ? problem->position : length);
    size_t line = strcspn(from, "\r\n");
    size_t size = line > SHOWN_BYTES ? furrow__utf8_cut(from, SHOWN_BYTES) : line;
    if (!size)
        furrow__fail(error, FURROW_INVALID, "%s of table %s, at its end: %s", what,
                     FURROW__QUOTED(source->scope->table), problem->message);
    else
        furrow__fail(error, FURROW_INVALID, "%s of table %s, at \"%.*s%s\": %s", what,
                     FURROW__QUOTED(source->scope->table), (int)size, from,
                     size < line ? "..." : "", problem->message);
}

const furrow__expression *furrow__catalog_parse(const furrow__expression_source *source,
                                                const char *what, furrow_arena *arena,
                                                furrow_error *error)
{
    furrow__expression_error problem;
    const furrow__expression *parsed = furrow__expression_parse(source, arena, &problem);
    if (!parsed && problem.message[0])
        fail_expression(source, what, &problem, error);
    else if (!parsed)
        furrow__fail(error, FURROW_NOMEM, "out of memory");
    return parsed;
}

const char *furrow__catalog_canonical(const furrow__expression_source *source, const char *what,
                                      furrow_arena *arena, furrow_error *error)
{
    const furrow__expression *parsed = furrow__catalog_parse(source, what, arena, error);
    if (!parsed)
        return NULL;
    if (source->use == FURROW__EXPRESSION_FOR_DEFAULT && parsed->kind == FURROW__EXPRESSION_NULL)
        return "";
    furrow__buffer out = {0};
    furrow__expression_write(&out, parsed);
    const char *copy = furrow__buffer_take(&out, arena);
    if (!copy)
        furrow__fail(error, FURROW_NOMEM, "out of memory");
    return copy;
}

/* Returns the canonical text of an expression. `name` is the name of the column, constraint or
 * index that contains it. */
static const char *canonical(reader *r, const char *text, const furrow_column *column,
                             furrow__expression_use use, const char *name)
{
    static const char *const uses[] = {[FURROW__EXPRESSION_FOR_CHECK] = "check",
                                       [FURROW__EXPRESSION_FOR_WHERE] = "where of index",
                                       [FURROW__EXPRESSION_FOR_DEFAULT] = "default"};
    char what[FURROW__NAME_SIZE + 16];
    if (r->status != FURROW_OK)
        return NULL;
    snprintf(what, sizeof what, "%s %s", uses[use], FURROW__QUOTED(name));
    const furrow__expression_scope scope = furrow__model_scope(r->model);
    const furrow__expression_source source = {
        .text = text, .scope = &scope, .column = column, .use = use};
    const char *result = furrow__catalog_canonical(&source, what, r->arena, r->error);
    if (!result)
        r->status = r->error ? r->error->status : FURROW_INVALID;
    return result;
}

static bool is_taken(const reader *r, const char *name)
{
    for (size_t i = 0; i < r->name_count; i++)
        if (strcmp(r->names[i], name) == 0)
            return true;
    return false;
}

static const char *take(reader *r, const char *name)
{
    const char **names = furrow__arena_room(r->arena, (void *)r->names, r->name_count,
                                            &r->name_capacity, sizeof *names);
    const char *copy = keep(r, name);
    if (names)
        r->names = names;
    else
        no_memory(r);
    if (r->status != FURROW_OK)
        return "";
    r->names[r->name_count++] = copy;
    return copy;
}

/* Reserves a name. If the given name is NULL, generates one, and adds a number if the generated
 * name is taken. */
static const char *take_name(reader *r, const char *given, const furrow_column *column,
                             const char *part, const char *suffix)
{
    char name[FURROW__NAME_SIZE], numbered[FURROW__NAME_SIZE];
    uint16_t index = column ? column->index : 0;
    if (given)
        return take(r, given);
    furrow__constraint_name(name, r->model,
                            &(furrow__constraint_parts){&index, column != NULL, part, suffix});
    for (int n = 2; is_taken(r, name); n++) {
        snprintf(numbered, sizeof numbered, "%s%s%d", part ? part : "", part ? "_" : "", n);
        furrow__constraint_name(
            name, r->model, &(furrow__constraint_parts){&index, column != NULL, numbered, suffix});
    }
    return take(r, name);
}

static const char *const *column_names(reader *r, const furrow_model *model,
                                       const uint16_t *columns, size_t count)
{
    const char **names =
        furrow__arena_aligned(r->arena, (count + 1) * sizeof *names, _Alignof(char *));
    if (!names) {
        no_memory(r);
        return NULL;
    }
    for (size_t i = 0; i < count; i++)
        names[i] = keep(r, model->columns[columns[i]].name);
    return names;
}

static void read_values(reader *r, furrow__catalog_type *type, const furrow_enum *enumeration)
{
    size_t count = enumeration ? enumeration->count : 0;
    const char **values =
        furrow__arena_aligned(r->arena, (count + 1) * sizeof *values, _Alignof(char *));
    if (!values) {
        no_memory(r);
        return;
    }
    for (size_t i = 0; i < count; i++)
        values[i] = keep(r, enumeration->enumerators[i].name);
    type->values = values;
    type->value_count = count;
}

furrow__catalog_type furrow__catalog_type_of(const furrow_column *column)
{
    furrow__catalog_type type = {.type = (furrow_type)column->type,
                                 .max_length = column->max_length};
    if (column->type == FURROW_TYPE_CHARS) {
        type.type = FURROW_TYPE_TEXT;
        type.max_size = column->size - 1;
    } else if (column->type == FURROW_TYPE_DECIMAL) {
        type.precision = column->precision ? column->precision : 18;
        type.scale = column->scale;
    }
    return type;
}

static furrow__catalog_type read_type(reader *r, const furrow_column *column)
{
    furrow__catalog_type type = furrow__catalog_type_of(column);
    if (type.type == FURROW_TYPE_ENUM)
        read_values(r, &type, column->enumeration);
    return type;
}

static void read_column(reader *r, const furrow_column *column)
{
    bool assigned = (column->flags & FURROW_COLUMN_ASSIGNED) && r->model->primary_key_count == 1;
    furrow__catalog_column read = {
        .name = keep(r, column->name),
        .type = read_type(r, column),
        .nullable = (column->flags & FURROW_COLUMN_NULLABLE) &&
                    !(column->flags & FURROW_COLUMN_PRIMARY_KEY),
        .assigned = assigned,
        .renamed_from = keep(r, column->renamed_from),
    };
    if (column->default_ && !assigned) {
        const char *text =
            canonical(r, column->default_, column, FURROW__EXPRESSION_FOR_DEFAULT, column->name);
        read.default_ = text && text[0] ? text : NULL;
    }
    furrow__catalog_column *added =
        r->status == FURROW_OK ? furrow__catalog_add_column(r->catalog, r->table) : NULL;
    if (added)
        *added = read;
    else
        no_memory(r);
}

static void add_constraint(reader *r, const furrow__catalog_constraint *constraint)
{
    furrow__catalog_constraint *added =
        r->status == FURROW_OK ? furrow__catalog_add_constraint(r->catalog, r->table) : NULL;
    if (added)
        *added = *constraint;
    else
        no_memory(r);
}

static void read_primary_key(reader *r)
{
    const furrow_model *model = r->model;
    if (model->primary_key_count == 0)
        return;
    add_constraint(
        r, &(furrow__catalog_constraint){
               .kind = FURROW__CONSTRAINT_PRIMARY_KEY,
               .name = take_name(r, NULL, NULL, NULL, "pkey"),
               .columns = column_names(r, model, model->primary_key, model->primary_key_count),
               .count = model->primary_key_count,
           });
}

static const char *key_name(reader *r, const char *given, const uint16_t *columns, size_t count,
                            const char *suffix)
{
    char name[FURROW__NAME_SIZE];
    if (given)
        return keep(r, given);
    furrow__constraint_name(name, r->model,
                            &(furrow__constraint_parts){columns, count, NULL, suffix});
    return keep(r, name);
}

static void read_unique(reader *r, const furrow_index *index)
{
    const char *name = key_name(r, index->name, index->columns, index->count, "key");
    add_constraint(r, &(furrow__catalog_constraint){
                          .kind = FURROW__CONSTRAINT_UNIQUE,
                          .name = name ? take(r, name) : NULL,
                          .columns = column_names(r, r->model, index->columns, index->count),
                          .count = index->count,
                      });
}

static void read_foreign_key(reader *r, const furrow_foreign_key *key)
{
    const char *name = key_name(r, key->name, key->columns, key->count, "fkey");
    add_constraint(
        r, &(furrow__catalog_constraint){
               .kind = FURROW__CONSTRAINT_FOREIGN_KEY,
               .name = name ? take(r, name) : NULL,
               .columns = column_names(r, r->model, key->columns, key->count),
               .count = key->count,
               .target = {keep(r, key->target->schema), keep(r, key->target->table)},
               .target_columns = column_names(r, key->target, key->target_columns, key->count),
               .on_delete = key->on_delete,
               .on_update = key->on_update,
               .deferrable = key->deferrable,
           });
}

static void read_check(reader *r, const char *name, const char *expression)
{
    add_constraint(
        r, &(furrow__catalog_constraint){
               .kind = FURROW__CONSTRAINT_CHECK,
               .name = name,
               .expression = canonical(r, expression, NULL, FURROW__EXPRESSION_FOR_CHECK, name),
           });
}

/* Adds a check that the column's annotation implies. `text` is in furrow's syntax. */
static void read_made_check(reader *r, const furrow_column *column, const char *part,
                            furrow__buffer *text)
{
    const char *expression = furrow__buffer_text(text);
    if (expression)
        read_check(r, take_name(r, NULL, column, part, "check"), expression);
    else
        no_memory(r);
    furrow__buffer_done(text);
}

static void add_limit(furrow__buffer *out, const furrow_column *column, int64_t limit)
{
    if (column->type == FURROW_TYPE_DECIMAL)
        furrow__write_decimal(out, limit, column->scale);
    else
        furrow__buffer_format(out, "%lld", (long long)limit);
}

static void read_range(reader *r, const furrow_column *column)
{
    bool least = column->flags & FURROW_COLUMN_HAS_MIN,
         most = column->flags & FURROW_COLUMN_HAS_MAX;
    furrow__buffer text = {0};
    if (!least && !most)
        return;
    furrow__catalog_write_name(&text, column->name);
    furrow__buffer_add_text(&text, least && most ? " BETWEEN " : least ? " >= " : " <= ");
    if (least)
        add_limit(&text, column, column->minimum);
    furrow__buffer_add_text(&text, least && most ? " AND " : "");
    if (most)
        add_limit(&text, column, column->maximum);
    read_made_check(r, column, "range", &text);
}

static void read_min_length(reader *r, const furrow_column *column)
{
    furrow__buffer text = {0};
    if (!column->min_length)
        return;
    furrow__buffer_add_text(&text, "length(");
    furrow__catalog_write_name(&text, column->name);
    furrow__buffer_format(&text, ") >= %u", (unsigned)column->min_length);
    read_made_check(r, column, "min_length", &text);
}

/* Reserves the name of a check that a type needs on at least one engine. */
static void take_type_name(reader *r, const furrow_column *column, const char *part)
{
    if (r->status == FURROW_OK)
        take_name(r, NULL, column, part, "check");
}

static void read_column_checks(reader *r, const furrow_column *column)
{
    bool whole_range =
        (column->flags & FURROW_COLUMN_HAS_MIN) && (column->flags & FURROW_COLUMN_HAS_MAX);
    if (column->type == FURROW_TYPE_BOOL)
        take_type_name(r, column, "bool");
    if (column->type == FURROW_TYPE_ENUM)
        take_type_name(r, column, "enum");
    read_range(r, column);
    if ((column->type == FURROW_TYPE_INT16 || column->type == FURROW_TYPE_INT32 ||
         column->type == FURROW_TYPE_DECIMAL) &&
        !whole_range)
        take_type_name(r, column, "width");
    if (column->type == FURROW_TYPE_FLOAT || column->type == FURROW_TYPE_DOUBLE)
        take_type_name(r, column, "nan");
    read_min_length(r, column);
    if (column->max_length)
        take_type_name(r, column, "max_length");
    if (column->type == FURROW_TYPE_CHARS)
        take_type_name(r, column, "size");
    if (column->check)
        read_check(r, take_name(r, NULL, column, NULL, "check"), column->check);
}

static void read_index(reader *r, const furrow_index *index)
{
    furrow__index_part *parts = furrow__arena_aligned(r->arena, (index->count + 1u) * sizeof *parts,
                                                      _Alignof(furrow__index_part));
    if (!parts) {
        no_memory(r);
        return;
    }
    for (size_t i = 0; i < index->count; i++)
        parts[i] =
            (furrow__index_part){.column = keep(r, r->model->columns[index->columns[i]].name),
                                 .descending = index->descending && index->descending[i]};
    const char *name =
        key_name(r, index->name, index->columns, index->count, index->unique ? "key" : "idx");
    const char *where = NULL;
    if (index->where && name)
        where = canonical(r, index->where, NULL, FURROW__EXPRESSION_FOR_WHERE, name);
    furrow__catalog_index *added =
        r->status == FURROW_OK ? furrow__catalog_add_index(r->catalog, r->table) : NULL;
    if (added)
        *added = (furrow__catalog_index){.name = name,
                                         .parts = parts,
                                         .count = index->count,
                                         .unique = index->unique,
                                         .where = where};
    else
        no_memory(r);
}

static furrow_status read_model(reader *r)
{
    const furrow_model *model = r->model;
    for (size_t i = 0; i < model->column_count; i++)
        read_column(r, &model->columns[i]);
    read_primary_key(r);
    for (size_t i = 0; i < model->index_count; i++)
        if (model->indexes[i].unique && !model->indexes[i].where)
            read_unique(r, &model->indexes[i]);
    for (size_t i = 0; i < model->foreign_key_count; i++)
        read_foreign_key(r, &model->foreign_keys[i]);
    for (size_t i = 0; i < model->check_count; i++)
        read_check(r, take_name(r, model->checks[i].name, NULL, NULL, "check"),
                   model->checks[i].expression);
    for (size_t i = 0; i < model->column_count; i++)
        read_column_checks(r, &model->columns[i]);
    for (size_t i = 0; i < model->index_count; i++)
        if (!model->indexes[i].unique || model->indexes[i].where)
            read_index(r, &model->indexes[i]);
    return r->status;
}

furrow_status furrow__catalog_from_schema(furrow__catalog *out, const furrow_schema *schema,
                                          furrow_arena *arena, furrow_error *error)
{
    furrow__catalog_init(out, NULL, arena);
    out->storage = FURROW__STORAGE_NEWEST;
    for (size_t i = 0; i < schema->count; i++) {
        reader r = {.catalog = out, .model = schema->models[i], .arena = arena, .error = error};
        furrow__table_name name = {keep(&r, r.model->schema), keep(&r, r.model->table)};
        r.table = r.status == FURROW_OK ? furrow__catalog_add_table(out, name) : NULL;
        if (!r.table) {
            no_memory(&r);
        } else {
            r.table->renamed_from = keep(&r, r.model->renamed_from);
            read_model(&r);
        }
        if (r.status != FURROW_OK) {
            furrow__catalog_init(out, NULL, arena);
            return r.status;
        }
    }
    return FURROW_OK;
}
