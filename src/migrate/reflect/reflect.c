/* SPDX-License-Identifier: MIT
 *
 * Reflects a live database's catalog as a logical catalog. If furrow created the database, this is
 * the inverse of lower.c. For other databases, the result is the closest approximation. A table is
 * read in two passes: first its columns, with the checks that belong to their types, then
 * everything else.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "migrate/apply/dialect.h"
#include "migrate/reflect/parts.h"

void furrow__reflector_no_memory(furrow__reflector *r)
{
    if (r->status == FURROW_OK)
        r->status = furrow__fail(r->error, FURROW_NOMEM, "out of memory");
}

/* Adds a line about something that models cannot express. `part` is a column or a constraint; NULL
 * means the table itself. */
void furrow__reflector_note(furrow__reflector *r, const char *part, const char *format, ...)
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

/* Returns the column with this name in the logical table, or NULL. */
const furrow__catalog_column *furrow__reflector_column(const furrow__reflector *r,
                                                       const furrow__catalog_table *table,
                                                       const char *name)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (r->engine->dialect->apply->names_are_equal(table->columns[i].name, name))
            return &table->columns[i];
    return NULL;
}

/* Returns the names of the columns, spelled as in the table. Returns NULL if a column does not
 * exist. */
static const char *const *columns_of(furrow__reflector *r, const furrow__catalog_table *table,
                                     const char *const *names, size_t count)
{
    const char **out = furrow__arena_aligned(r->arena, (count + 1) * sizeof *out, _Alignof(char *));
    if (!out) {
        furrow__reflector_no_memory(r);
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        const furrow__catalog_column *column = furrow__reflector_column(r, table, names[i]);
        if (!column)
            return NULL;
        out[i] = column->name;
    }
    return out;
}

static furrow__catalog_table *table_named(const furrow__reflector *r,
                                          const furrow__catalog *catalog, furrow__table_name name)
{
    for (size_t i = 0; i < catalog->count; i++) {
        furrow__table_name other = catalog->tables[i]->name;
        bool same_schema = (!name.schema && !other.schema) ||
                           (name.schema && other.schema &&
                            r->engine->dialect->apply->names_are_equal(name.schema, other.schema));
        if (same_schema && r->engine->dialect->apply->names_are_equal(name.name, other.name))
            return catalog->tables[i];
    }
    return NULL;
}

/* Returns the name that models give to a live table. On an engine without schemas, "a.b" is the
 * table b of the schema a: see furrow__write_table_name. */
static furrow__table_name logical_name(furrow__reflector *r, furrow__table_name live)
{
    const char *dot = strchr(live.name, '.');
    bool has_one_dot = dot && dot != live.name && dot[1] && !strchr(dot + 1, '.');
    if (r->physical->dialect->has_schemas || !has_one_dot)
        return live;
    furrow__table_name name = {.name = dot + 1};
    name.schema = furrow__arena_text(r->arena, live.name, (size_t)(dot - live.name));
    if (!name.schema)
        furrow__reflector_no_memory(r);
    return name;
}

/* Returns a name that no other constraint of the table has. This is the live name, if possible;
 * otherwise it is the name that models would give. */
static const char *constraint_name(furrow__reflector *r, const char *live, furrow__name_parts of)
{
    char name[FURROW__NAME_SIZE], numbered[FURROW__NAME_SIZE];
    if (live && !furrow__catalog_constraint_named(r->to, live))
        return live;
    furrow__catalog_constraint_name(name, r->to->name, &of);
    for (int n = 2; furrow__catalog_constraint_named(r->to, name); n++) {
        furrow__name_parts next = of;
        snprintf(numbered, sizeof numbered, "%s%s%d", of.part ? of.part : "", of.part ? "_" : "",
                 n);
        next.part = numbered;
        furrow__catalog_constraint_name(name, r->to->name, &next);
    }
    const char *copy = furrow__arena_text(r->arena, name, strlen(name));
    if (!copy)
        furrow__reflector_no_memory(r);
    return copy;
}

static const char *written(furrow__reflector *r, const furrow__expression *n)
{
    furrow__buffer text = {0};
    furrow__expression_write(&text, n);
    const char *whole = furrow__buffer_text(&text);
    const char *copy = whole ? furrow__arena_text(r->arena, whole, text.size) : NULL;
    furrow__buffer_done(&text);
    if (!copy)
        furrow__reflector_no_memory(r);
    return copy;
}

/* Returns an engine's expression in furrow's canonical form; NULL if furrow cannot express it. */
const char *furrow__reflector_expression(furrow__reflector *r, const char *text,
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
        furrow__reflector_no_memory(r);
    furrow__expression truth;
    if (n && r->engine->bools_are_integers && column && column->type == FURROW_TYPE_BOOL &&
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
        furrow__reflector_no_memory(r);
    return canonical;
}

static furrow__catalog_constraint *add_constraint(furrow__reflector *r)
{
    furrow__catalog_constraint *added =
        r->status == FURROW_OK ? furrow__catalog_add_constraint(r->out, r->to) : NULL;
    if (!added)
        furrow__reflector_no_memory(r);
    return added;
}

/* Reflects a primary key or a unique constraint. */
static void reflect_key(furrow__reflector *r, const furrow__catalog_constraint *from)
{
    bool primary = from->kind == FURROW__CONSTRAINT_PRIMARY_KEY;
    const char *const *columns = columns_of(r, r->to, from->columns, from->count);
    if (!columns) {
        if (r->status == FURROW_OK)
            furrow__reflector_note(r, from->name, "is %s on a column that models cannot have",
                                   primary ? "the primary key" : "unique");
        return;
    }
    if (from->deferrable)
        furrow__reflector_note(r, from->name,
                               "is deferrable, which models can express for foreign keys only");
    const char *name =
        constraint_name(r, from->name,
                        primary ? (furrow__name_parts){.suffix = "pkey"}
                                : (furrow__name_parts){columns, from->count, NULL, "key"});
    furrow__catalog_constraint *to = add_constraint(r);
    if (to)
        *to = (furrow__catalog_constraint){
            .kind = from->kind, .name = name, .columns = columns, .count = from->count};
}

/* Returns the reason why models cannot express the foreign key; NULL if they can. */
static const char *bad_reference(const furrow__reflector *r, const furrow__catalog_table *target,
                                 const char *const *columns, const char *const *targets,
                                 size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const furrow__catalog_column *a = furrow__reflector_column(r, r->to, columns[i]);
        const furrow__catalog_column *b = furrow__reflector_column(r, target, targets[i]);
        if (!furrow__types_match(&a->type, &b->type))
            return "refers to a column of another type";
    }
    return furrow__columns_are_key(target, targets, count, NULL)
               ? NULL
               : "refers to columns that are not unique";
}

/* Reflects a foreign key. This is done after all tables have their columns and keys, because a
 * foreign key can refer to any table. */
static void reflect_foreign_key(furrow__reflector *r, const furrow__catalog_constraint *from)
{
    furrow__catalog_table *target = table_named(r, r->out, logical_name(r, from->target));
    const furrow__catalog_constraint *key = target ? furrow__catalog_primary_key(target) : NULL;
    const char *why =
        !target ? "refers to a table that does not exist, or that --table leaves out" : NULL;
    const char *const *columns = columns_of(r, r->to, from->columns, from->count), *const *targets =
                                                                                       NULL;
    if (target && from->target_columns)
        targets = columns_of(r, target, from->target_columns, from->count);
    else if (key && key->count == from->count)
        targets = key->columns;
    if (!why && (!columns || !targets))
        why = "uses a column that models cannot have";
    if (!why)
        why = bad_reference(r, target, columns, targets, from->count);
    if (why) {
        if (r->status == FURROW_OK)
            furrow__reflector_note(r, from->name ? from->name : from->columns[0], "%s", why);
        return;
    }
    const char *name =
        constraint_name(r, from->name, (furrow__name_parts){columns, from->count, NULL, "fkey"});
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

/* Returns the name that models give to a check. If the check concerns one column, the name is made
 * from the column and the form of the check. Otherwise it is made from the table. */
static const char *check_name(furrow__reflector *r, const furrow__catalog_constraint *from,
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
    return constraint_name(r, from->name,
                           (furrow__name_parts){&column, column != NULL, part, "check"});
}

static void reflect_check(furrow__reflector *r, const furrow__catalog_constraint *from,
                          const furrow__expression_scope *scope)
{
    const char *text = furrow__reflector_expression(r, from->expression, scope, NULL,
                                                    FURROW__EXPRESSION_FOR_CHECK);
    if (!text) {
        if (r->status == FURROW_OK)
            furrow__reflector_note(r, from->name, "is CHECK (%s), which models cannot express",
                                   from->expression);
        return;
    }
    const char *name = check_name(r, from, text, scope);
    furrow__catalog_constraint *to = add_constraint(r);
    if (to)
        *to = (furrow__catalog_constraint){.kind = from->kind, .name = name, .expression = text};
}

static void reflect_constraints(furrow__reflector *r, const furrow__expression_scope *scope)
{
    for (size_t i = 0; i < r->from->constraint_count && r->status == FURROW_OK; i++) {
        const furrow__catalog_constraint *from = &r->from->constraints[i];
        if (from->kind == FURROW__CONSTRAINT_PRIMARY_KEY || from->kind == FURROW__CONSTRAINT_UNIQUE)
            reflect_key(r, from);
        else if (from->kind == FURROW__CONSTRAINT_CHECK && !r->is_type[i])
            reflect_check(r, from, scope);
    }
}

static bool reflect_part(furrow__reflector *r, furrow__index_part *to,
                         const furrow__index_part *from, const furrow__expression_scope *scope)
{
    *to = (furrow__index_part){.descending = from->descending};
    if (from->column) {
        const furrow__catalog_column *column = furrow__reflector_column(r, r->to, from->column);
        to->column = column ? column->name : NULL;
        return column != NULL;
    }
    to->expression = furrow__reflector_expression(r, from->expression, scope, NULL,
                                                  FURROW__EXPRESSION_FOR_INDEX);
    return to->expression != NULL;
}

static void reflect_index(furrow__reflector *r, const furrow__catalog_index *from,
                          const furrow__expression_scope *scope)
{
    furrow__index_part *parts = furrow__arena_aligned(r->arena, (from->count + 1) * sizeof *parts,
                                                      _Alignof(furrow__index_part));
    const char *where = NULL;
    if (!parts) {
        furrow__reflector_no_memory(r);
        return;
    }
    bool fine = from->count > 0;
    for (size_t i = 0; i < from->count && fine; i++)
        fine = reflect_part(r, &parts[i], &from->parts[i], scope);
    bool is_partial = false;
    if (r->engine->index_is_plain && from->source)
        fine &= r->engine->index_is_plain(from->source, &is_partial);
    if (fine && from->where) {
        where =
            furrow__reflector_expression(r, from->where, scope, NULL, FURROW__EXPRESSION_FOR_WHERE);
        fine = where != NULL;
    }
    if (!fine) {
        if (r->status == FURROW_OK)
            furrow__reflector_note(r, from->name, "is an index that models cannot express: %s",
                                   from->source ? from->source : from->name);
        return;
    }
    if (is_partial)
        furrow__reflector_note(r, from->name, "has options that models cannot express: %s",
                               from->source);
    furrow__catalog_index *to =
        r->status == FURROW_OK ? furrow__catalog_add_index(r->out, r->to) : NULL;
    if (to)
        *to = (furrow__catalog_index){.name = from->name,
                                      .parts = parts,
                                      .count = from->count,
                                      .unique = from->unique,
                                      .where = where};
    else
        furrow__reflector_no_memory(r);
}

static void reflect_table(furrow__reflector *r)
{
    for (size_t i = 0; i < r->from->column_count && r->status == FURROW_OK; i++)
        furrow__reflect_column(r, &r->from->columns[i]);
    if (r->status == FURROW_OK)
        furrow__reflect_type_checks(r);
    if (r->status != FURROW_OK)
        return;
    furrow__reflect_times(r);
    furrow__reflect_storage(r);
    const furrow__expression_scope *scope = furrow__catalog_scope(r->to, r->arena);
    if (!scope) {
        furrow__reflector_no_memory(r);
        return;
    }
    furrow__reflect_defaults(r, scope);
    reflect_constraints(r, scope);
    for (size_t i = 0; i < r->from->index_count && r->status == FURROW_OK; i++)
        reflect_index(r, &r->from->indexes[i], scope);
}

static void reflect_foreign_keys(furrow__reflector *r)
{
    for (size_t i = 0; i < r->from->constraint_count && r->status == FURROW_OK; i++)
        if (r->from->constraints[i].kind == FURROW__CONSTRAINT_FOREIGN_KEY)
            reflect_foreign_key(r, &r->from->constraints[i]);
}

/* Adds a note for each object that is used like a table although models cannot express it. */
static void note_virtual_tables(furrow__reflector *r)
{
    for (size_t i = 0; i < r->physical->object_count && r->engine->is_virtual_table; i++) {
        const furrow__catalog_object *object = &r->physical->objects[i];
        if (r->engine->is_virtual_table(object))
            furrow__buffer_format(r->left_out,
                                  "%s%s%s is a virtual table, which models cannot express\n",
                                  object->name.schema ? object->name.schema : "",
                                  object->name.schema ? "." : "", object->name.name);
    }
}

furrow_status furrow__reflect_catalog(furrow__catalog *out, furrow__buffer *left_out,
                                      const furrow__catalog *physical, furrow_arena *arena,
                                      furrow_error *error)
{
    furrow__reflector r = {.physical = physical,
                           .out = out,
                           .left_out = left_out,
                           .arena = arena,
                           .error = error,
                           .engine = furrow__reflect_engine_of(physical->dialect)};
    furrow__catalog_init(out, NULL, arena);
    out->storage = FURROW__STORAGE_NEWEST;
    for (size_t i = 0; i < physical->count && r.status == FURROW_OK; i++) {
        r.from = physical->tables[i];
        r.to = furrow__catalog_add_table(out, logical_name(&r, r.from->name));
        if (r.to)
            reflect_table(&r);
        else
            furrow__reflector_no_memory(&r);
    }
    for (size_t i = 0; i < physical->count && r.status == FURROW_OK; i++) {
        r.from = physical->tables[i];
        r.to = out->tables[i];
        reflect_foreign_keys(&r);
    }
    note_virtual_tables(&r);
    if (r.status == FURROW_OK && left_out->failed)
        furrow__reflector_no_memory(&r);
    if (r.status != FURROW_OK)
        furrow__catalog_init(out, NULL, arena);
    return r.status;
}
