/* SPDX-License-Identifier: MIT
 *
 * A live database's catalog as a logical one: the way in for what furrow did not make, and the
 * inverse of lower.c for what it did. A table is read in two passes: first what its columns are, to
 * which the checks belong that furrow makes for types; then everything that is said over them.
 */
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/text.h"
#include "migrate/reflect/parts.h"
#include "migrate/reflect/reflect.h"
#include "scan/compare.h"
#include "scan/scan.h"

/* One table at work. */
typedef struct reflector {
    const furrow__catalog *physical;
    const furrow__catalog_table *from;
    furrow__catalog *out;
    furrow__catalog_table *to;
    furrow__buffer *left_out;
    furrow_arena *arena;
    furrow_error *error;
    furrow_status status; /* the first failure; everything after it does nothing */
    bool sqlite;
    bool *is_type; /* of each constraint of `from`: that it is part of a type */
} reflector;

static void no_memory(reflector *r)
{
    if (r->status == FURROW_OK)
        r->status = furrow__fail(r->error, FURROW_NOMEM, "out of memory");
}

/* A line of what cannot be form. `part` may be NULL. */
static void __attribute__((format(printf, 3, 4)))
tell(reflector *r, const char *part, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    furrow__table_name name = r->from->name;
    furrow__buffer_format(r->left_out, "%s%s%s%s%s %s\n", name.schema ? name.schema : "",
                          name.schema ? "." : "", name.name, part ? "." : "", part ? part : "",
                          text);
}

/* ---- names ---- */

static bool names_are_equal(const reflector *r, const char *a, const char *b)
{
    return r->sqlite ? furrow__sqlite_names_are_equal(a, b) : strcmp(a, b) == 0;
}

/* The column of this name in a logical table, spelled as that does; NULL for none. */
static const furrow__catalog_column *column_of(const reflector *r,
                                               const furrow__catalog_table *table, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (names_are_equal(r, table->columns[i].name, name))
            return &table->columns[i];
    return NULL;
}

/* Columns as the table spells them; NULL if one of them is not there. */
static const char *const *columns_of(reflector *r, const furrow__catalog_table *table,
                                     const char *const *names, size_t count)
{
    const char **out = furrow__arena_aligned(r->arena, (count + 1) * sizeof *out, _Alignof(char *));
    if (!out) {
        no_memory(r);
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        const furrow__catalog_column *column = column_of(r, table, names[i]);
        if (!column)
            return NULL;
        out[i] = column->name;
    }
    return out;
}

static furrow__catalog_table *table_named(const reflector *r, const furrow__catalog *catalog,
                                          furrow__table_name name)
{
    for (size_t i = 0; i < catalog->count; i++) {
        furrow__table_name other = catalog->tables[i]->name;
        bool same_schema =
            (!name.schema && !other.schema) ||
            (name.schema && other.schema && names_are_equal(r, name.schema, other.schema));
        if (same_schema && names_are_equal(r, name.name, other.name))
            return catalog->tables[i];
    }
    return NULL;
}

/* A name that no constraint of the table has yet: the live one, or the one that models would give.
 */
static const char *constraint_name(reflector *r, const char *live, const char *const *columns,
                                   size_t count, const char *part, const char *suffix)
{
    char name[FURROW__NAME_SIZE], numbered[FURROW__NAME_SIZE];
    if (live && !furrow__catalog_constraint_named(r->to, live))
        return live;
    furrow__catalog_constraint_name(name, r->to->name, columns, count, part, suffix);
    for (int n = 2; furrow__catalog_constraint_named(r->to, name); n++) {
        snprintf(numbered, sizeof numbered, "%s%s%d", part ? part : "", part ? "_" : "", n);
        furrow__catalog_constraint_name(name, r->to->name, columns, count, numbered, suffix);
    }
    const char *copy = furrow__arena_text(r->arena, name, strlen(name));
    if (!copy)
        no_memory(r);
    return copy;
}

/* ---- expressions ---- */

static const char *written(reflector *r, const furrow__expression *n)
{
    furrow__buffer text = {0};
    furrow__expression_write(&text, n);
    const char *whole = furrow__buffer_text(&text);
    const char *copy = whole ? furrow__arena_text(r->arena, whole, text.size) : NULL;
    furrow__buffer_done(&text);
    if (!copy)
        no_memory(r);
    return copy;
}

/* furrow's canonical text of the engine's words; NULL, where there is none. */
static const char *reflect_expression(reflector *r, const char *text,
                                      const furrow__expression_scope *scope,
                                      const furrow_column *column, furrow__expression_use use)
{
    bool out_of_memory = false;
    furrow_error ignored;
    if (r->status != FURROW_OK)
        return NULL;
    const furrow__expression *n =
        furrow__reflect_parse(text, r->physical->dialect, scope, r->arena, &out_of_memory);
    if (out_of_memory)
        no_memory(r);
    furrow__expression truth;
    if (n && r->sqlite && column && column->type == FURROW_TYPE_BOOL &&
        n->kind == FURROW__EXPRESSION_INTEGER && (n->integer == 0 || n->integer == 1)) {
        truth = (furrow__expression){.kind = FURROW__EXPRESSION_BOOL, .integer = n->integer};
        n = &truth;
    }
    const char *ours = n ? written(r, n) : NULL;
    if (!ours)
        return NULL;
    const char *canonical = furrow__catalog_canonical(
        &(furrow__expression_source){.text = ours,
                                     .scope = scope,
                                     .column =
                                         use == FURROW__EXPRESSION_FOR_DEFAULT ? column : NULL,
                                     .use = use},
        "expression", r->arena, &ignored);
    if (!canonical && ignored.status == FURROW_NOMEM)
        no_memory(r);
    return canonical;
}

/* ---- columns: their types ---- */

static bool is_whole_key(const furrow__catalog_table *table, const char *column, const reflector *r)
{
    const furrow__catalog_constraint *key = furrow__catalog_primary_key(table);
    return key && key->count == 1 && names_are_equal(r, key->columns[0], column);
}

static bool is_in_key(const furrow__catalog_table *table, const char *column, const reflector *r)
{
    const furrow__catalog_constraint *key = furrow__catalog_primary_key(table);
    for (size_t i = 0; key && i < key->count; i++)
        if (names_are_equal(r, key->columns[i], column))
            return true;
    return false;
}

/* SQLite's other name of the rowid, which it assigns by itself. furrow's own keys that are not
 * assigned are so too, and have a name. */
static bool is_rowid(const reflector *r, const furrow__catalog_column *c)
{
    return r->sqlite && !r->from->without_rowid && c->type.native &&
           furrow__sqlite_names_are_equal(c->type.native, "INTEGER") &&
           is_whole_key(r->from, c->name, r) && !furrow__catalog_primary_key(r->from)->name;
}

static void reflect_column(reflector *r, const furrow__catalog_column *from)
{
    const char *note = NULL;
    if (from->generated) {
        tell(r, from->name, "is generated (%s): no model has such a column", from->generated);
        return;
    }
    furrow__catalog_column *to = furrow__catalog_add_column(r->out, r->to);
    if (!to) {
        no_memory(r);
        return;
    }
    bool serial = !r->sqlite && from->default_ && strncmp(from->default_, "nextval(", 8) == 0;
    bool assigned = from->assigned || serial || is_rowid(r, from);
    *to = (furrow__catalog_column){
        .name = from->name,
        .type = furrow__reflect_type(r->physical->dialect, from->type.native, r->from->strict,
                                     &note, r->arena),
        .nullable = from->nullable && !is_in_key(r->from, from->name, r),
        .assigned = assigned && is_whole_key(r->from, from->name, r),
    };
    if (from->type.type && to->type.type == FURROW_TYPE_TEXT && !to->type.native) {
        to->type.type = from->type.type;
        tell(r, from->name, "is taken for a %s, as its rows are",
             from->type.type == FURROW_TYPE_TIME   ? "time"
             : from->type.type == FURROW_TYPE_DATE ? "date"
                                                   : "UUID");
    }
    if (to->type.native)
        tell(r, from->name, "is of type %s, which no field can hold", to->type.native);
    else if (note)
        tell(r, from->name, "(%s) %s", from->type.native ? from->type.native : "", note);
    if (assigned && !to->assigned)
        tell(r, from->name, "is assigned by the database, and is not the whole primary key");
    if (r->sqlite && to->assigned && !from->assigned)
        tell(r, from->name, "is not AUTOINCREMENT: a key that was deleted may be used again");
}

static void take_values(reflector *r, furrow__catalog_type *type, const furrow__expression *in)
{
    size_t count = in->argument_count - 1;
    const char **values =
        furrow__arena_aligned(r->arena, (count + 1) * sizeof *values, _Alignof(char *));
    if (!values) {
        no_memory(r);
        return;
    }
    for (size_t i = 0; i < count; i++)
        values[i] = in->arguments[i + 1]->text;
    *type =
        (furrow__catalog_type){.type = FURROW_TYPE_ENUM, .values = values, .value_count = count};
}

/* The type of an integer of SQLite's that is checked to lie between these. */
static bool take_width(reflector *r, furrow__catalog_column *column, const furrow__check_form *form)
{
    furrow__catalog_type type = {0};
    if (form->least == INT16_MIN && form->most == INT16_MAX)
        type.type = FURROW_TYPE_INT16;
    else if (form->least == INT32_MIN && form->most == INT32_MAX)
        type.type = FURROW_TYPE_INT32;
    for (uint8_t p = 1; p <= 18; p++)
        if (form->most == furrow__power10[p] - 1 && form->least == -form->most) {
            type = (furrow__catalog_type){.type = FURROW_TYPE_DECIMAL, .precision = p};
            tell(r, column->name,
                 "is a decimal of %d digits: SQLite keeps units, and does not say how many digits "
                 "are behind the point; say it in decimal(%d, …)",
                 p, p);
        }
    if (!type.type)
        return false;
    column->type = type;
    return true;
}

static bool is_made(const reflector *r, const furrow__catalog_constraint *c, const char *column,
                    const char *part)
{
    return (!c->name && r->sqlite) ||
           furrow__reflect_is_default_name(c->name, r->from->name, column, part, "check");
}

/* Whether a check belongs to its column's type, which it then completes. */
static bool take_type_check(reflector *r, const furrow__catalog_constraint *c,
                            const furrow__check_form *form)
{
    furrow__catalog_column *column =
        form->column ? furrow__catalog_column_named(r->to, form->column) : NULL;
    if (!column || column->type.native)
        return false;
    furrow_type type = column->type.type;
    switch (form->kind) {
    case FURROW__CHECK_FORM_BOOL:
        if (!r->sqlite || (type != FURROW_TYPE_INT64 && type != FURROW_TYPE_BOOL) ||
            !is_made(r, c, column->name, "bool"))
            return false;
        column->type = (furrow__catalog_type){.type = FURROW_TYPE_BOOL};
        return true;
    case FURROW__CHECK_FORM_VALUES:
        if (type != FURROW_TYPE_TEXT || !is_made(r, c, column->name, "enum"))
            return false;
        take_values(r, &column->type, form->expression);
        return true;
    case FURROW__CHECK_FORM_BETWEEN:
        return r->sqlite && c->name && type == FURROW_TYPE_INT64 &&
               is_made(r, c, column->name, "width") && take_width(r, column, form);
    case FURROW__CHECK_FORM_NOT_NAN:
        return (type == FURROW_TYPE_FLOAT || type == FURROW_TYPE_DOUBLE) &&
               is_made(r, c, column->name, "nan");
    case FURROW__CHECK_FORM_MAX_LENGTH:
        if (type != FURROW_TYPE_TEXT || !is_made(r, c, column->name, "max_length"))
            return false;
        column->type.max_length = (uint32_t)form->most;
        return true;
    case FURROW__CHECK_FORM_MAX_SIZE:
        if (type != FURROW_TYPE_TEXT || !is_made(r, c, column->name, "size"))
            return false;
        column->type.max_size = (uint32_t)form->most;
        return true;
    default:
        return false;
    }
}

static void find_type_checks(reflector *r)
{
    const furrow__expression_scope *scope = furrow__catalog_scope(r->to, r->arena);
    r->is_type = furrow__arena_aligned(r->arena, r->from->constraint_count + 1, 1);
    if (!scope || !r->is_type) {
        no_memory(r);
        return;
    }
    memset(r->is_type, 0, r->from->constraint_count + 1);
    for (size_t i = 0; i < r->from->constraint_count && r->status == FURROW_OK; i++) {
        const furrow__catalog_constraint *c = &r->from->constraints[i];
        bool out_of_memory = false;
        if (c->kind != FURROW__CONSTRAINT_CHECK || !c->expression)
            continue;
        const furrow__expression *n = furrow__reflect_parse(c->expression, r->physical->dialect,
                                                            scope, r->arena, &out_of_memory);
        if (out_of_memory)
            no_memory(r);
        furrow__check_form form = furrow__reflect_check_form(n);
        r->is_type[i] = take_type_check(r, c, &form);
    }
}

/* ---- defaults ---- */

static bool is_now(const reflector *r, const char *text, bool *is_date)
{
    static const char time[] = "strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'",
                      date[] = "date('now')";
    *is_date = furrow__sqlite_texts_are_equal(text, date);
    if (r->sqlite)
        return *is_date || furrow__sqlite_texts_are_equal(text, time);
    *is_date = strcmp(text, "((CURRENT_TIMESTAMP AT TIME ZONE 'UTC'::text))::date") == 0 ||
               strcmp(text, "(timezone('UTC'::text, CURRENT_TIMESTAMP))::date") == 0;
    return *is_date;
}

/* What SQLite's text columns with furrow's now as their default are. */
static void find_times(reflector *r)
{
    for (size_t i = 0; i < r->to->column_count; i++) {
        furrow__catalog_column *to = &r->to->columns[i];
        const furrow__catalog_column *from = furrow__catalog_column_named(r->from, to->name);
        bool is_date;
        if (!r->sqlite || !from || !from->default_ || to->type.native ||
            to->type.type != FURROW_TYPE_TEXT || !is_now(r, from->default_, &is_date))
            continue;
        to->type = (furrow__catalog_type){.type = is_date ? FURROW_TYPE_DATE : FURROW_TYPE_TIME};
    }
}

static void reflect_defaults(reflector *r, const furrow__expression_scope *scope)
{
    for (size_t i = 0; i < r->to->column_count && r->status == FURROW_OK; i++) {
        furrow__catalog_column *to = &r->to->columns[i];
        const furrow__catalog_column *from = furrow__catalog_column_named(r->from, to->name);
        const char *text = from ? from->default_ : NULL;
        bool is_date;
        if (!text || to->assigned || to->type.native)
            continue;
        const char *default_ =
            is_now(r, text, &is_date) &&
                    to->type.type == (is_date ? FURROW_TYPE_DATE : FURROW_TYPE_TIME)
                ? "now"
                : reflect_expression(r, text, scope, furrow__scope_column(scope, i),
                                     FURROW__EXPRESSION_FOR_DEFAULT);
        if (!default_ && r->status == FURROW_OK && strncmp(text, "NULL", 4) != 0)
            tell(r, to->name, "has the default %s, which models cannot say", text);
        to->default_ = default_ && default_[0] ? default_ : NULL;
    }
}

/* ---- constraints ---- */

static furrow__catalog_constraint *add_constraint(reflector *r)
{
    furrow__catalog_constraint *added =
        r->status == FURROW_OK ? furrow__catalog_add_constraint(r->out, r->to) : NULL;
    if (!added)
        no_memory(r);
    return added;
}

/* A primary key or a unique constraint. */
static void reflect_key(reflector *r, const furrow__catalog_constraint *from)
{
    bool primary = from->kind == FURROW__CONSTRAINT_PRIMARY_KEY;
    const char *const *columns = columns_of(r, r->to, from->columns, from->count);
    if (!columns) {
        if (r->status == FURROW_OK)
            tell(r, from->name, "is %s on a column that no model has",
                 primary ? "the primary key" : "unique");
        return;
    }
    if (from->deferrable)
        tell(r, from->name, "is deferrable: no key but a foreign one is so in models");
    const char *name = constraint_name(r, from->name, primary ? NULL : columns,
                                       primary ? 0 : from->count, NULL, primary ? "pkey" : "key");
    furrow__catalog_constraint *to = add_constraint(r);
    if (to)
        *to = (furrow__catalog_constraint){
            .kind = from->kind, .name = name, .columns = columns, .count = from->count};
}

/* Why a foreign key cannot be said; NULL if it can. */
static const char *bad_reference(const reflector *r, const furrow__catalog_table *target,
                                 const char *const *columns, const char *const *targets,
                                 size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const furrow__catalog_column *a = column_of(r, r->to, columns[i]);
        const furrow__catalog_column *b = column_of(r, target, targets[i]);
        if (!furrow__types_match(&a->type, &b->type))
            return "refers to a column of another type";
    }
    return furrow__columns_are_key(target, targets, count, NULL)
               ? NULL
               : "refers to what is neither a primary key nor unique";
}

/* Behind all tables' own parts: a key may refer to any of them. */
static void reflect_foreign_key(reflector *r, const furrow__catalog_constraint *from)
{
    furrow__catalog_table *target = table_named(r, r->out, from->target);
    const furrow__catalog_constraint *key = target ? furrow__catalog_primary_key(target) : NULL;
    const char *why = !target ? "refers to a table that is not there" : NULL;
    const char *const *columns = columns_of(r, r->to, from->columns, from->count), *const *targets =
                                                                                       NULL;
    if (target && from->target_columns)
        targets = columns_of(r, target, from->target_columns, from->count);
    else if (key && key->count == from->count)
        targets = key->columns;
    if (!why && (!columns || !targets))
        why = "refers from, or to, a column that no model has";
    if (!why)
        why = bad_reference(r, target, columns, targets, from->count);
    if (why) {
        if (r->status == FURROW_OK)
            tell(r, from->name ? from->name : from->columns[0], "%s", why);
        return;
    }
    const char *name = constraint_name(r, from->name, columns, from->count, NULL, "fkey");
    furrow__catalog_constraint *to = add_constraint(r);
    if (to)
        *to = (furrow__catalog_constraint){.kind = from->kind,
                                           .name = name,
                                           .columns = columns,
                                           .count = from->count,
                                           .target = target->name,
                                           .target_columns = targets,
                                           .on_delete = from->on_delete,
                                           .on_update = from->on_update,
                                           .deferrable = from->deferrable};
}

/* The name that models would give: by what it says of one column, or the table's. */
static const char *check_name(reflector *r, const furrow__catalog_constraint *from,
                              const char *text, const furrow__expression_scope *scope)
{
    bool out_of_memory;
    const furrow__expression *n = furrow__reflect_parse(from->expression, r->physical->dialect,
                                                        scope, r->arena, &out_of_memory);
    furrow__check_form form = furrow__reflect_check_form(n);
    const char *column = n ? furrow__reflect_only_column(n) : NULL;
    const char *part = form.kind == FURROW__CHECK_FORM_BETWEEN      ? "range"
                       : form.kind == FURROW__CHECK_FORM_MIN_LENGTH ? "min_length"
                                                                    : NULL;
    (void)text;
    return constraint_name(r, from->name, &column, column != NULL, part, "check");
}

static void reflect_check(reflector *r, const furrow__catalog_constraint *from,
                          const furrow__expression_scope *scope)
{
    const char *text =
        reflect_expression(r, from->expression, scope, NULL, FURROW__EXPRESSION_FOR_CHECK);
    if (!text) {
        if (r->status == FURROW_OK)
            tell(r, from->name, "is CHECK (%s), which models cannot say", from->expression);
        return;
    }
    const char *name = check_name(r, from, text, scope);
    furrow__catalog_constraint *to = add_constraint(r);
    if (to)
        *to = (furrow__catalog_constraint){.kind = from->kind, .name = name, .expression = text};
}

static void reflect_constraints(reflector *r, const furrow__expression_scope *scope)
{
    for (size_t i = 0; i < r->from->constraint_count && r->status == FURROW_OK; i++) {
        const furrow__catalog_constraint *from = &r->from->constraints[i];
        if (from->kind == FURROW__CONSTRAINT_PRIMARY_KEY || from->kind == FURROW__CONSTRAINT_UNIQUE)
            reflect_key(r, from);
        else if (from->kind == FURROW__CONSTRAINT_CHECK && !r->is_type[i])
            reflect_check(r, from, scope);
    }
}

/* ---- indexes ---- */

static bool reflect_part(reflector *r, furrow__index_part *to, const furrow__index_part *from,
                         const furrow__expression_scope *scope)
{
    *to = (furrow__index_part){.descending = from->descending};
    if (from->column) {
        const furrow__catalog_column *column = column_of(r, r->to, from->column);
        to->column = column ? column->name : NULL;
        return column != NULL;
    }
    to->expression =
        reflect_expression(r, from->expression, scope, NULL, FURROW__EXPRESSION_FOR_INDEX);
    return to->expression != NULL;
}

static void reflect_index(reflector *r, const furrow__catalog_index *from,
                          const furrow__expression_scope *scope)
{
    furrow__index_part *parts = furrow__arena_aligned(r->arena, (from->count + 1) * sizeof *parts,
                                                      _Alignof(furrow__index_part));
    const char *where = NULL;
    if (!parts) {
        no_memory(r);
        return;
    }
    bool fine = from->count > 0;
    for (size_t i = 0; i < from->count && fine; i++)
        fine = reflect_part(r, &parts[i], &from->parts[i], scope);
    if (!r->sqlite && from->source && !strstr(from->source, " USING btree "))
        fine = false;
    if (fine && from->where) {
        where = reflect_expression(r, from->where, scope, NULL, FURROW__EXPRESSION_FOR_WHERE);
        fine = where != NULL;
    }
    if (!fine) {
        if (r->status == FURROW_OK)
            tell(r, from->name, "is an index that models cannot say: %s",
                 from->source ? from->source : from->name);
        return;
    }
    if (!r->sqlite && from->source &&
        (strstr(from->source, ") INCLUDE (") || strstr(from->source, "NULLS NOT DISTINCT")))
        tell(r, from->name, "has more than models can say: %s", from->source);
    furrow__catalog_index *to =
        r->status == FURROW_OK ? furrow__catalog_add_index(r->out, r->to) : NULL;
    if (to)
        *to = (furrow__catalog_index){.name = from->name,
                                      .parts = parts,
                                      .count = from->count,
                                      .unique = from->unique,
                                      .where = where};
    else
        no_memory(r);
}

/* ---- all of it ---- */

static void reflect_table(reflector *r)
{
    for (size_t i = 0; i < r->from->column_count && r->status == FURROW_OK; i++)
        reflect_column(r, &r->from->columns[i]);
    if (r->status == FURROW_OK)
        find_type_checks(r);
    if (r->status != FURROW_OK)
        return;
    find_times(r);
    const furrow__expression_scope *scope = furrow__catalog_scope(r->to, r->arena);
    if (!scope) {
        no_memory(r);
        return;
    }
    reflect_defaults(r, scope);
    reflect_constraints(r, scope);
    for (size_t i = 0; i < r->from->index_count && r->status == FURROW_OK; i++)
        reflect_index(r, &r->from->indexes[i], scope);
}

static void reflect_foreign_keys(reflector *r)
{
    for (size_t i = 0; i < r->from->constraint_count && r->status == FURROW_OK; i++)
        if (r->from->constraints[i].kind == FURROW__CONSTRAINT_FOREIGN_KEY)
            reflect_foreign_key(r, &r->from->constraints[i]);
}

/* SQLite: what is a table to who asks it, and is none to models. */
static void tell_virtual_tables(reflector *r)
{
    for (size_t i = 0; i < r->physical->object_count && r->sqlite; i++) {
        const furrow__catalog_object *object = &r->physical->objects[i];
        if (object->kind != FURROW__OBJECT_OTHER || !object->source)
            continue;
        furrow__cursor w =
            furrow__cursor_begin(object->source, strlen(object->source), FURROW__SCAN_SQLITE);
        if (!furrow__token_is_keyword(w.token, "CREATE"))
            continue;
        furrow__cursor_next(&w);
        if (!furrow__token_is_keyword(w.token, "VIRTUAL"))
            continue;
        furrow__buffer_format(r->left_out, "%s%s%s is a virtual table, which models cannot say\n",
                              object->name.schema ? object->name.schema : "",
                              object->name.schema ? "." : "", object->name.name);
    }
}

furrow_status furrow__reflect_catalog(furrow__catalog *out, furrow__buffer *left_out,
                                      const furrow__catalog *physical, furrow_arena *arena,
                                      furrow_error *error)
{
    reflector r = {.physical = physical,
                   .out = out,
                   .left_out = left_out,
                   .arena = arena,
                   .error = error,
                   .sqlite = physical->dialect == &furrow__dialect_sqlite};
    furrow__catalog_init(out, NULL, arena);
    for (size_t i = 0; i < physical->count && r.status == FURROW_OK; i++) {
        r.from = physical->tables[i];
        r.to = furrow__catalog_add_table(out, r.from->name);
        if (r.to)
            reflect_table(&r);
        else
            no_memory(&r);
    }
    for (size_t i = 0; i < physical->count && r.status == FURROW_OK; i++) {
        r.from = physical->tables[i];
        r.to = out->tables[i];
        reflect_foreign_keys(&r);
    }
    tell_virtual_tables(&r);
    if (r.status == FURROW_OK && left_out->failed)
        no_memory(&r);
    if (r.status != FURROW_OK)
        furrow__catalog_init(out, NULL, arena);
    return r.status;
}
