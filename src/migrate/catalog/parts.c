/* SPDX-License-Identifier: MIT
 * Functions on tables, columns, types and expressions. Several folders use them. */
#include "migrate/catalog/parts.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

const char *furrow__table_shown(char out[FURROW__SHOWN_SIZE], furrow__table_name name)
{
    snprintf(out, FURROW__SHOWN_SIZE, "%s%s%s", name.schema ? name.schema : "",
             name.schema ? "." : "", name.name ? name.name : "");
    return out;
}

bool furrow__expression_mentions(const furrow__expression *n, const char *column)
{
    if (n->kind == FURROW__EXPRESSION_COLUMN)
        return strcmp(n->column->name, column) == 0;
    for (size_t i = 0; i < n->argument_count; i++)
        if (furrow__expression_mentions(n->arguments[i], column))
            return true;
    return false;
}

bool furrow__names_have(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* Whether two lists contain the same names, in any order. */
static bool same_names(const char *const *a, size_t a_count, const char *const *b, size_t b_count)
{
    if (a_count != b_count)
        return false;
    for (size_t i = 0; i < a_count; i++)
        if (!furrow__names_have(b, b_count, a[i]))
            return false;
    return true;
}

bool furrow__columns_are_key(const furrow__catalog_table *table, const char *const *columns,
                             size_t count, const char *but)
{
    for (size_t i = 0; i < table->constraint_count; i++) {
        const furrow__catalog_constraint *c = &table->constraints[i];
        if (c->kind != FURROW__CONSTRAINT_FOREIGN_KEY && c->kind != FURROW__CONSTRAINT_CHECK &&
            same_names(c->columns, c->count, columns, count) &&
            !(but && c->name && strcmp(but, c->name) == 0))
            return true;
    }
    for (size_t i = 0; i < table->index_count; i++) {
        const furrow__catalog_index *index = &table->indexes[i];
        const char *names[FURROW__CATALOG_KEY];
        bool plain = index->unique && !index->where && index->count <= FURROW__CATALOG_KEY &&
                     !(but && strcmp(but, index->name) == 0);
        for (size_t j = 0; plain && j < index->count; j++) {
            names[j] = index->parts[j].column;
            plain = names[j] != NULL;
        }
        if (plain && same_names(names, index->count, columns, count))
            return true;
    }
    return false;
}

bool furrow__type_is_integer(const furrow__catalog_type *type)
{
    return !type->native && (type->type == FURROW_TYPE_INT16 || type->type == FURROW_TYPE_INT32 ||
                             type->type == FURROW_TYPE_INT64);
}

bool furrow__types_match(const furrow__catalog_type *a, const furrow__catalog_type *b)
{
    if (a->native || b->native)
        return a->native && b->native && strcmp(a->native, b->native) == 0;
    if (a->type == FURROW_TYPE_DECIMAL)
        return b->type == FURROW_TYPE_DECIMAL && a->scale == b->scale;
    return a->type == b->type || (furrow__type_is_integer(a) && furrow__type_is_integer(b));
}

bool furrow__types_are_one(const furrow__catalog_type *a, const furrow__catalog_type *b)
{
    if (!furrow__types_match(a, b) || a->type != b->type)
        return false;
    if (a->native)
        return true;
    if (a->type == FURROW_TYPE_ENUM)
        return same_names(a->values, a->value_count, b->values, b->value_count);
    return a->type != FURROW_TYPE_DECIMAL || a->precision == b->precision;
}

void furrow__catalog_constraint_name(char out[FURROW__NAME_SIZE], furrow__table_name table,
                                     const furrow__name_parts *parts)
{
    furrow_column columns[FURROW__CATALOG_KEY];
    uint16_t indexes[FURROW__CATALOG_KEY];
    size_t count = parts->count < FURROW__CATALOG_KEY ? parts->count : FURROW__CATALOG_KEY;
    for (size_t i = 0; i < count; i++) {
        columns[i] = (furrow_column){.name = parts->columns[i]};
        indexes[i] = (uint16_t)i;
    }
    furrow_model model = {.table = table.name, .columns = columns, .column_count = (uint16_t)count};
    furrow__constraint_name(
        out, &model, &(furrow__constraint_parts){indexes, count, parts->part, parts->suffix});
}

static bool has_columns(const furrow__expression *n)
{
    if (n->kind == FURROW__EXPRESSION_COLUMN)
        return true;
    for (size_t i = 0; i < n->argument_count; i++)
        if (has_columns(n->arguments[i]))
            return true;
    return false;
}

/* Whether a value can be written to a column of this type without a conversion. */
static bool same_family(const furrow__expression *value, const furrow_column *column)
{
    furrow_type a = value->type, b = (furrow_type)column->type;
    if (b == FURROW_TYPE_INT16 || b == FURROW_TYPE_INT32)
        b = FURROW_TYPE_INT64;
    if (b == FURROW_TYPE_FLOAT)
        b = FURROW_TYPE_DOUBLE;
    if (a == FURROW_TYPE_INT16 || a == FURROW_TYPE_INT32)
        a = FURROW_TYPE_INT64;
    if (a == FURROW_TYPE_FLOAT)
        a = FURROW_TYPE_DOUBLE;
    if (a == FURROW_TYPE_INT64 && b == FURROW_TYPE_DOUBLE)
        return true;
    /* SQLite stores decimals as integers in units of their scale. It would store a decimal of
     * another scale unchanged, which would change its value. */
    if (b == FURROW_TYPE_DECIMAL)
        return (a == FURROW_TYPE_INT64 && column->scale == 0) ||
               (a == FURROW_TYPE_DECIMAL && value->beside && value->beside->scale == column->scale);
    /* A check rejects a text that is not a value of the enum. */
    if ((a == FURROW_TYPE_ENUM && b == FURROW_TYPE_TEXT) ||
        (a == FURROW_TYPE_TEXT && b == FURROW_TYPE_ENUM))
        return true;
    return a == b;
}

const furrow__expression *furrow__catalog_parse_value(const furrow__expression_source *source,
                                                      const char *what, furrow_arena *arena,
                                                      furrow_error *error)
{
    /* A literal gets the type of the column, as in a default. Any other expression keeps its own
     * type. */
    const furrow_column *column = source->column;
    furrow__expression_source as_default = *source, as_value = *source;
    as_default.use = FURROW__EXPRESSION_FOR_DEFAULT;
    as_value.use = FURROW__EXPRESSION_FOR_INDEX;
    as_value.is_statement = true;
    const furrow__expression *literal = furrow__catalog_parse(&as_default, what, arena, error);
    if (literal || (error && error->status == FURROW_NOMEM))
        return literal;
    furrow_error second = {0};
    const furrow__expression *parsed = furrow__catalog_parse(&as_value, what, arena, &second);
    if (!parsed) {
        if (error)
            *error = second;
        return NULL;
    }
    if (!has_columns(parsed))
        return NULL; /* *error says why the literal does not have the column's type */
    if (!same_family(parsed, column)) {
        furrow__fail(error, FURROW_INVALID, "%s: the value does not have the type of column %s",
                     what, FURROW__QUOTED(column->name));
        return NULL;
    }
    return parsed;
}
