/* SPDX-License-Identifier: MIT
 *
 * Lowering makes a physical catalog from a logical one. Types and expressions are translated to the
 * engine's SQL. The checks that types need on this engine are added. They prevent other programs
 * from storing values that a model cannot read. physical.c writes the result as text.
 */
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/text.h"
#include "migrate/catalog/ddl.h"
#include "migrate/catalog/parts.h"
#include "sql/expression_sql.h"

/* The state while one table is lowered. */
typedef struct lowering {
    furrow__catalog *out;
    const furrow__catalog_table *from;
    furrow__catalog_table *to;
    int storage;
    const furrow__dialect *dialect;
    const struct furrow__ddl_dialect *ddl;
    const furrow__expression_scope *scope;
    furrow_arena scratch;
    furrow__buffer text;
    furrow_error *error;
    furrow_status status; /* the first failure; all later calls do nothing */
} lowering;

static void no_memory(lowering *l)
{
    if (l->status == FURROW_OK)
        l->status = furrow__fail(l->error, FURROW_NOMEM, "out of memory");
}

/* Copies the text in l->text to the catalog's arena, and empties the buffer. */
static const char *take_text(lowering *l)
{
    const char *text = furrow__buffer_text(&l->text);
    const char *copy = text ? furrow__arena_text(l->out->arena, text, l->text.size) : NULL;
    if (!copy)
        no_memory(l);
    furrow__buffer_clear(&l->text);
    return copy;
}

static const furrow__expression *parse(lowering *l, const char *text, const furrow_column *column,
                                       furrow__expression_use use, const char *what)
{
    if (l->status != FURROW_OK)
        return NULL;
    const furrow__expression *parsed = furrow__catalog_parse(
        &(furrow__expression_source){.text = text, .scope = l->scope, .column = column, .use = use},
        what, &l->scratch, l->error);
    if (!parsed)
        l->status = l->error ? l->error->status : FURROW_INVALID;
    return parsed;
}

static void write_expression(lowering *l, const furrow__expression *parsed,
                             const furrow_column *column)
{
    if (l->storage < FURROW__STORAGE_FORMS)
        furrow__sql_expression(&l->text, l->dialect, parsed, column);
    else
        furrow__sql_exact_expression(&l->text, l->dialect, parsed, column);
}

static const char *render(lowering *l, const char *text, furrow__expression_use use,
                          const char *what)
{
    const furrow__expression *parsed = parse(l, text, NULL, use, what);
    if (!parsed)
        return NULL;
    write_expression(l, parsed, NULL);
    return take_text(l);
}

static bool has_native_type(const lowering *l, const char *native)
{
    const char *const *types = l->ddl->native_types;
    if (!types)
        return true;
    for (; *types; types++)
        if (strcmp(native, *types) == 0)
            return true;
    return false;
}

static void lower_default(lowering *l, furrow__catalog_column *to, const char *text,
                          const furrow_column *column)
{
    const furrow__expression *parsed =
        parse(l, text, column, FURROW__EXPRESSION_FOR_DEFAULT, "default");
    if (!parsed || parsed->kind == FURROW__EXPRESSION_NULL)
        return;
    bool bare = parsed->argument_count == 0 &&
                (!l->ddl->brackets_now || parsed->kind != FURROW__EXPRESSION_NOW);
    furrow__buffer_add_text(&l->text, bare ? "" : "(");
    write_expression(l, parsed, column);
    furrow__buffer_add_text(&l->text, bare ? "" : ")");
    to->default_ = take_text(l);
}

static void lower_column(lowering *l, size_t at)
{
    const furrow__catalog_column *from = &l->from->columns[at];
    furrow__catalog_column *to = furrow__catalog_add_column(l->out, l->to);
    if (!to) {
        no_memory(l);
        return;
    }
    *to = (furrow__catalog_column){
        .name = from->name, .nullable = from->nullable, .assigned = from->assigned};
    if (from->type.native && !has_native_type(l, from->type.native)) {
        l->status =
            furrow__fail(l->error, FURROW_INVALID, "column %s has a type that %s does not have",
                         FURROW__QUOTED_IN(l->from->name.name, from->name), l->dialect->title);
        furrow__hint(l->error, "%s", l->ddl->native_hint);
        return;
    }
    if (from->type.native)
        furrow__buffer_add_text(&l->text, from->type.native);
    else
        l->ddl->write_type(&l->text, &from->type);
    to->type = (furrow__catalog_type){.native = take_text(l)};
    if (from->assigned && l->ddl->assigned_is_primary_key)
        l->to->autoincrement = true;
    if (from->default_ && l->status == FURROW_OK)
        lower_default(l, to, from->default_, furrow__scope_column(l->scope, at));
}

static furrow__catalog_constraint *add_constraint(lowering *l)
{
    furrow__catalog_constraint *to =
        l->status == FURROW_OK ? furrow__catalog_add_constraint(l->out, l->to) : NULL;
    if (!to)
        no_memory(l);
    return to;
}

static void lower_constraint(lowering *l, const furrow__catalog_constraint *from)
{
    furrow__catalog_constraint *to = add_constraint(l);
    if (!to)
        return;
    *to = *from;
    to->source = NULL;
    if (from->kind == FURROW__CONSTRAINT_CHECK) {
        const char *text = render(l, from->expression, FURROW__EXPRESSION_FOR_CHECK, from->name);
        to->expression = text;
    }
    /* SQLite's INTEGER PRIMARY KEY AUTOINCREMENT is part of the column's definition and has no
     * name. */
    if (from->kind == FURROW__CONSTRAINT_PRIMARY_KEY && l->to->autoincrement)
        to->name = NULL;
}

enum {
    SHORTENED = 60
}; /* in bytes; a name that was cut to fit the length limit of identifiers is at least this long */

/* Whether models can generate this name for a check of this column. Unless it was shortened, such a
 * name begins with the names of the table and the column. */
static bool may_be_made_for(const lowering *l, const char *name, const char *column)
{
    size_t table = strlen(l->from->name.name);
    return strlen(name) >= SHORTENED ||
           (strncmp(name, l->from->name.name, table) == 0 && name[table] == '_' &&
            strncmp(name + table + 1, column, strlen(column)) == 0);
}

/* Whether a generated name can contain a number, as in t_a_range_2_check. */
static bool may_be_numbered(const char *name)
{
    size_t size = strlen(name), suffix = sizeof "_check" - 1;
    return size >= SHORTENED ||
           (size > suffix && name[size - suffix - 1] >= '2' && name[size - suffix - 1] <= '9');
}

/* Whether models generate this name for a check of this column. `part` is "range", "min_length", or
 * NULL for the check in the declaration of the column. */
static bool is_made_for(const lowering *l, const furrow__catalog_constraint *c, const char *column,
                        const char *part)
{
    char name[FURROW__NAME_SIZE], numbered[FURROW__NAME_SIZE];
    if (c->kind != FURROW__CONSTRAINT_CHECK || !c->name || !may_be_made_for(l, c->name, column))
        return false;
    furrow__catalog_constraint_name(name, l->from->name,
                                    &(furrow__name_parts){&column, 1, part, "check"});
    if (strcmp(c->name, name) == 0)
        return true;
    for (int n = 2; n < 10 && may_be_numbered(c->name); n++) {
        snprintf(numbered, sizeof numbered, "%s%s%d", part ? part : "", part ? "_" : "", n);
        furrow__catalog_constraint_name(name, l->from->name,
                                        &(furrow__name_parts){&column, 1, numbered, "check"});
        if (strcmp(c->name, name) == 0)
            return true;
    }
    return false;
}

static bool is_of_a_column(const lowering *l, const furrow__catalog_constraint *c)
{
    for (size_t i = 0; i < l->from->column_count; i++) {
        const char *column = l->from->columns[i].name;
        if (is_made_for(l, c, column, "range") || is_made_for(l, c, column, "min_length") ||
            is_made_for(l, c, column, NULL))
            return true;
    }
    return false;
}

static void lower_made(lowering *l, const char *column, const char *part)
{
    for (size_t i = 0; i < l->from->constraint_count; i++)
        if (is_made_for(l, &l->from->constraints[i], column, part) &&
            !furrow__catalog_constraint_named(l->to, l->from->constraints[i].name))
            lower_constraint(l, &l->from->constraints[i]);
}

/* Adds a check that a type needs. Its expression is in l->text. */
static void add_type_check(lowering *l, const char *column, const char *part)
{
    char name[FURROW__NAME_SIZE], numbered[FURROW__NAME_SIZE];
    furrow__catalog_constraint_name(name, l->from->name,
                                    &(furrow__name_parts){&column, 1, part, "check"});
    for (int n = 2; furrow__catalog_constraint_named(l->from, name) ||
                    furrow__catalog_constraint_named(l->to, name);
         n++) {
        snprintf(numbered, sizeof numbered, "%s_%d", part, n);
        furrow__catalog_constraint_name(name, l->from->name,
                                        &(furrow__name_parts){&column, 1, numbered, "check"});
    }
    const char *expression = take_text(l);
    furrow__catalog_constraint *to = add_constraint(l);
    const char *kept = to ? furrow__arena_text(l->out->arena, name, strlen(name)) : NULL;
    if (kept)
        *to = (furrow__catalog_constraint){.kind = FURROW__CONSTRAINT_CHECK,
                                           .name = kept,
                                           .expression = expression,
                                           .of_column = column};
    else
        no_memory(l);
}

static bool is_number(const furrow__expression *n)
{
    return n->kind == FURROW__EXPRESSION_INTEGER || n->kind == FURROW__EXPRESSION_NUMBER;
}

/* The limits of a type that is stored as a wider integer. */
typedef struct width {
    int64_t least, most;
} width;

/* Whether a number, as the column stores it, is within the limits. */
static bool is_within(const furrow__expression *n, const furrow__catalog_column *column, width w)
{
    bool is_decimal = column->type.type == FURROW_TYPE_DECIMAL;
    furrow_decimal value = {n->integer, 0};
    if (n->kind == FURROW__EXPRESSION_NUMBER && !furrow_decimal_parse(n->text, &value))
        return false;
    return furrow_decimal_rescale(value, is_decimal ? column->type.scale : 0, &value) &&
           value.unscaled >= w.least && value.unscaled <= w.most;
}

/* Whether an existing check already limits the column to the range between two numbers. In the
 * first storage version, this range can be wider than the type. Expressions are in canonical text,
 * so a check without " BETWEEN " need not be parsed. */
static bool is_between(lowering *l, const furrow__catalog_column *column, width w)
{
    for (size_t i = 0; i < l->from->constraint_count; i++) {
        const furrow__catalog_constraint *c = &l->from->constraints[i];
        if (c->kind != FURROW__CONSTRAINT_CHECK || !strstr(c->expression, " BETWEEN "))
            continue;
        const furrow__expression *n =
            parse(l, c->expression, NULL, FURROW__EXPRESSION_FOR_CHECK, "check");
        if (n && n->kind == FURROW__EXPRESSION_BETWEEN && !n->negated &&
            n->arguments[0]->kind == FURROW__EXPRESSION_COLUMN &&
            strcmp(n->arguments[0]->column->name, column->name) == 0 &&
            is_number(n->arguments[1]) && is_number(n->arguments[2]) &&
            (l->storage < FURROW__STORAGE_FORMS ||
             (is_within(n->arguments[1], column, w) && is_within(n->arguments[2], column, w))))
            return true;
    }
    return false;
}

static void lower_width(lowering *l, const furrow__catalog_column *column)
{
    int64_t most = column->type.type == FURROW_TYPE_INT16   ? INT16_MAX
                   : column->type.type == FURROW_TYPE_INT32 ? INT32_MAX
                   : column->type.type == FURROW_TYPE_DECIMAL
                       ? furrow__power10[column->type.precision] - 1
                       : 0;
    int64_t least = column->type.type == FURROW_TYPE_DECIMAL ? -most : -most - 1;
    if (!most || !l->ddl->checks_width || column->type.native ||
        is_between(l, column, (width){least, most}))
        return;
    furrow__sql_identifier(&l->text, column->name);
    furrow__buffer_format(&l->text, " BETWEEN %lld AND %lld", (long long)least, (long long)most);
    add_type_check(l, column->name, "width");
}

/* Adds the check that admits only the form in which furrow writes values. */
static void lower_form(lowering *l, const furrow__catalog_column *column)
{
    if (l->storage < FURROW__STORAGE_FORMS || !l->ddl->write_form || column->type.native)
        return;
    furrow__buffer name = {0};
    furrow__sql_identifier(&name, column->name);
    const char *value = furrow__buffer_text(&name);
    const char *part = value ? l->ddl->write_form(&l->text, column->type.type, value) : NULL;
    if (part)
        add_type_check(l, column->name, part);
    else if (!value)
        no_memory(l);
    furrow__buffer_done(&name);
}

static void lower_limits(lowering *l, const furrow__catalog_column *column)
{
    if (column->type.max_length) {
        furrow__buffer_add_text(&l->text, l->ddl->length_before);
        furrow__sql_identifier(&l->text, column->name);
        furrow__buffer_format(&l->text, "%s <= %u", l->ddl->length_after,
                              (unsigned)column->type.max_length);
        add_type_check(l, column->name, "max_length");
    }
    if (column->type.max_size) {
        furrow__buffer_add_text(&l->text, l->ddl->size_before);
        furrow__sql_identifier(&l->text, column->name);
        furrow__buffer_format(&l->text, "%s <= %u", l->ddl->size_after,
                              (unsigned)column->type.max_size);
        add_type_check(l, column->name, "size");
    }
}

/* Adds the checks of one column, including those that its type needs. */
static void lower_checks(lowering *l, const furrow__catalog_column *column)
{
    const furrow__catalog_type *type = &column->type;
    if (type->type == FURROW_TYPE_BOOL && !type->native && l->ddl->checks_bool) {
        furrow__sql_identifier(&l->text, column->name);
        furrow__buffer_add_text(&l->text, " IN (0, 1)");
        add_type_check(l, column->name, "bool");
    }
    if (type->type == FURROW_TYPE_ENUM && type->value_count) {
        furrow__sql_identifier(&l->text, column->name);
        furrow__buffer_add_text(&l->text, " IN (");
        for (size_t i = 0; i < type->value_count; i++) {
            furrow__buffer_add_text(&l->text, i ? ", " : "");
            furrow__sql_literal(&l->text, type->values[i]);
        }
        furrow__buffer_add_char(&l->text, ')');
        add_type_check(l, column->name, "enum");
    }
    lower_made(l, column->name, "range");
    lower_width(l, column);
    lower_form(l, column);
    if ((type->type == FURROW_TYPE_FLOAT || type->type == FURROW_TYPE_DOUBLE) &&
        l->ddl->checks_nan) {
        furrow__sql_identifier(&l->text, column->name);
        furrow__buffer_add_text(&l->text, " <> 'NaN'");
        add_type_check(l, column->name, "nan");
    }
    lower_made(l, column->name, "min_length");
    lower_limits(l, column);
    lower_made(l, column->name, NULL);
}

static void lower_constraints(lowering *l)
{
    static const furrow__constraint_kind kinds[] = {
        FURROW__CONSTRAINT_PRIMARY_KEY, FURROW__CONSTRAINT_UNIQUE, FURROW__CONSTRAINT_FOREIGN_KEY,
        FURROW__CONSTRAINT_CHECK};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (size_t i = 0; i < l->from->constraint_count && l->status == FURROW_OK; i++) {
            const furrow__catalog_constraint *c = &l->from->constraints[i];
            if (c->kind == kinds[k] &&
                !(c->kind == FURROW__CONSTRAINT_CHECK && is_of_a_column(l, c)))
                lower_constraint(l, c);
        }
    for (size_t i = 0; i < l->from->column_count && l->status == FURROW_OK; i++)
        lower_checks(l, &l->from->columns[i]);
}

static void lower_index(lowering *l, const furrow__catalog_index *from)
{
    furrow__index_part *parts = furrow__arena_aligned(
        l->out->arena, (from->count + 1) * sizeof *parts, _Alignof(furrow__index_part));
    if (!parts) {
        no_memory(l);
        return;
    }
    for (size_t i = 0; i < from->count; i++) {
        parts[i] = from->parts[i];
        if (parts[i].expression)
            parts[i].expression =
                render(l, parts[i].expression, FURROW__EXPRESSION_FOR_INDEX, from->name);
    }
    const char *where =
        from->where ? render(l, from->where, FURROW__EXPRESSION_FOR_WHERE, from->name) : NULL;
    furrow__catalog_index *to =
        l->status == FURROW_OK ? furrow__catalog_add_index(l->out, l->to) : NULL;
    if (!to) {
        no_memory(l);
        return;
    }
    *to = *from;
    to->parts = parts;
    to->where = where;
    to->source = NULL;
}

static furrow_status lower_table(furrow__catalog *out, const furrow__catalog_table *from,
                                 const furrow__dialect *dialect, furrow_error *error)
{
    lowering l = {.out = out,
                  .from = from,
                  .storage = out->storage,
                  .dialect = dialect,
                  .ddl = dialect->ddl,
                  .error = error};
    l.scope = furrow__catalog_scope(from, &l.scratch);
    l.to = l.scope ? furrow__catalog_add_table(out, from->name) : NULL;
    if (l.to)
        l.to->strict = l.ddl->tables_are_strict;
    else
        no_memory(&l);
    for (size_t i = 0; i < from->column_count && l.status == FURROW_OK; i++)
        lower_column(&l, i);
    if (l.status == FURROW_OK)
        lower_constraints(&l);
    for (size_t i = 0; i < from->index_count && l.status == FURROW_OK; i++)
        lower_index(&l, &from->indexes[i]);
    furrow__buffer_done(&l.text);
    furrow__arena_done(&l.scratch);
    return l.status;
}

furrow_status furrow__catalog_lower(furrow__catalog *out, const furrow__catalog *logical,
                                    const furrow__dialect *dialect, furrow_arena *arena,
                                    furrow_error *error)
{
    furrow_status status = FURROW_OK;
    furrow__catalog_init(out, dialect, arena);
    out->storage = logical->storage;
    for (size_t i = 0; i < logical->count && status == FURROW_OK; i++)
        status = lower_table(out, logical->tables[i], dialect, error);
    if (status != FURROW_OK)
        furrow__catalog_init(out, dialect, arena);
    return status;
}
