/* SPDX-License-Identifier: MIT
 *
 * Reflects the columns of a table: their types and their defaults. Some types are known only from
 * the checks that furrow adds for them.
 */
#include <string.h>

#include "base/calendar.h"
#include "base/text.h"
#include "migrate/catalog/ddl.h"
#include "migrate/apply/dialect.h"
#include "migrate/reflect/parts.h"
#include "scan/compare.h"

static bool is_whole_key(const furrow__catalog_table *table, const char *column,
                         const furrow__reflector *r)
{
    const furrow__catalog_constraint *key = furrow__catalog_primary_key(table);
    return key && key->count == 1 &&
           r->engine->dialect->apply->names_are_equal(key->columns[0], column);
}

static bool is_in_key(const furrow__catalog_table *table, const char *column,
                      const furrow__reflector *r)
{
    const furrow__catalog_constraint *key = furrow__catalog_primary_key(table);
    for (size_t i = 0; key && i < key->count; i++)
        if (r->engine->dialect->apply->names_are_equal(key->columns[i], column))
            return true;
    return false;
}

/* Whether a check is the check that furrow adds to a column of this type to allow only values in
 * furrow's form. */
static bool is_form_check(furrow__reflector *r, const furrow__catalog_constraint *c,
                          const char *column, furrow_type type)
{
    const struct furrow__ddl_dialect *ddl = r->physical->dialect->ddl;
    furrow__buffer quoted = {0}, form = {0};
    furrow__sql_identifier(&quoted, column);
    const char *name = furrow__buffer_text(&quoted);
    bool same = name && ddl->write_form(&form, type, name) &&
                furrow__sqlite_texts_are_equal(furrow__buffer_text(&form), c->expression);
    if (quoted.failed || form.failed)
        furrow__reflector_no_memory(r);
    furrow__buffer_done(&quoted);
    furrow__buffer_done(&form);
    return same;
}

/* Returns the type of the column if one of the table's checks allows only values in furrow's form
 * of that type; otherwise FURROW_TYPE_NULL. */
static furrow_type type_of_form(furrow__reflector *r, const char *column)
{
    static const furrow_type types[] = {FURROW_TYPE_TIME, FURROW_TYPE_DATE, FURROW_TYPE_UUID,
                                        FURROW_TYPE_JSON};
    for (size_t i = 0; r->physical->dialect->ddl->write_form && i < r->from->constraint_count;
         i++) {
        const furrow__catalog_constraint *c = &r->from->constraints[i];
        if (c->kind != FURROW__CONSTRAINT_CHECK || !c->expression || !strstr(c->expression, column))
            continue;
        for (size_t t = 0; t < sizeof types / sizeof *types; t++)
            if (is_form_check(r, c, column, types[t]))
                return types[t];
    }
    return FURROW_TYPE_NULL;
}

/* In a model, the database assigns the values of a primary key that is a single integer column,
 * unless this column refers to another table. */
static void note_key(furrow__reflector *r, const furrow__catalog_column *from,
                     const furrow__catalog_column *to)
{
    if (to->assigned || from->default_ || to->type.native || !furrow__type_is_integer(&to->type) ||
        !is_whole_key(r->from, from->name, r) ||
        (r->engine->is_filled && r->engine->is_filled(r->from, from)))
        return;
    for (size_t i = 0; i < r->from->constraint_count; i++) {
        const furrow__catalog_constraint *c = &r->from->constraints[i];
        for (size_t k = 0; c->kind == FURROW__CONSTRAINT_FOREIGN_KEY && k < c->count; k++)
            if (r->engine->dialect->apply->names_are_equal(c->columns[k], from->name))
                return;
    }
    furrow__reflector_note(r, from->name,
                           "is a key that the database does not assign: the program must set it, "
                           "and 0 is refused");
}

void furrow__reflect_column(furrow__reflector *r, const furrow__catalog_column *from)
{
    const char *note = NULL;
    if (from->generated) {
        furrow__reflector_note(r, from->name, "is generated (%s), which models cannot express",
                               from->generated);
        return;
    }
    furrow__catalog_column *to = furrow__catalog_add_column(r->out, r->to);
    if (!to) {
        furrow__reflector_no_memory(r);
        return;
    }
    bool assigned = from->assigned || r->engine->is_assigned(r->from, from);
    *to = (furrow__catalog_column){
        .name = from->name,
        .type = furrow__reflect_type(r->engine, from->type.native, &note, r->arena),
        .nullable = from->nullable && !is_in_key(r->from, from->name, r),
        .assigned = assigned && is_whole_key(r->from, from->name, r),
    };
    furrow_type known = to->type.type == FURROW_TYPE_TEXT && !to->type.native
                            ? type_of_form(r, from->name)
                            : FURROW_TYPE_NULL;
    if (known) {
        to->type.type = known;
    } else if (from->type.type && to->type.type == FURROW_TYPE_TEXT && !to->type.native) {
        to->type.type = from->type.type;
        furrow__reflector_note(r, from->name, "is a %s in the scope, because all sampled rows are",
                               from->type.type == FURROW_TYPE_TIME   ? "time"
                               : from->type.type == FURROW_TYPE_DATE ? "date"
                                                                     : "UUID");
    }
    if (to->type.native)
        furrow__reflector_note(r, from->name, "is of type %s, which no field can hold",
                               to->type.native);
    else if (note)
        furrow__reflector_note(r, from->name, "(%s) %s", from->type.native ? from->type.native : "",
                               note);
    if (assigned && !to->assigned)
        furrow__reflector_note(r, from->name,
                               "is assigned by the database, but is not the whole primary key");
    note_key(r, from, to);
    if (r->engine->assigned_note && to->assigned && !from->assigned)
        furrow__reflector_note(r, from->name, "%s", r->engine->assigned_note);
}

static void take_values(furrow__reflector *r, furrow__catalog_type *type,
                        const furrow__expression *in)
{
    size_t count = in->argument_count - 1;
    const char **values =
        furrow__arena_aligned(r->arena, (count + 1) * sizeof *values, _Alignof(char *));
    if (!values) {
        furrow__reflector_no_memory(r);
        return;
    }
    for (size_t i = 0; i < count; i++)
        values[i] = in->arguments[i + 1]->text;
    *type =
        (furrow__catalog_type){.type = FURROW_TYPE_ENUM, .values = values, .value_count = count};
}

/* Sets the type of an integer column to the type that has the range of the check. Returns false if
 * no type has this range. */
static bool take_width(furrow__reflector *r, furrow__catalog_column *column,
                       const furrow__check_form *form)
{
    furrow__catalog_type type = {0};
    if (form->least == INT16_MIN && form->most == INT16_MAX)
        type.type = FURROW_TYPE_INT16;
    else if (form->least == INT32_MIN && form->most == INT32_MAX)
        type.type = FURROW_TYPE_INT32;
    for (uint8_t p = 1; p <= 18; p++)
        if (form->most == furrow__power10[p] - 1 && form->least == -form->most) {
            type = (furrow__catalog_type){.type = FURROW_TYPE_DECIMAL, .precision = p};
            furrow__reflector_note(r, column->name,
                                   "is a decimal of %d digits, but the schema does not contain its "
                                   "scale: write decimal(%d, …)",
                                   p, p);
        }
    if (!type.type)
        return false;
    column->type = type;
    return true;
}

static bool is_made(const furrow__reflector *r, const furrow__catalog_constraint *c,
                    const char *column, const char *part)
{
    return !c->name || furrow__reflect_is_default_name(c->name, r->to->name, column, part, "check");
}

/* Whether a check showed that the type of its column is a time, date, UUID or JSON. */
static bool gave_type(furrow__reflector *r, const furrow__catalog_constraint *c)
{
    for (size_t i = 0; r->physical->dialect->ddl->write_form && i < r->to->column_count; i++) {
        const furrow__catalog_column *column = &r->to->columns[i];
        if (!column->type.native && column->type.type && strstr(c->expression, column->name) &&
            is_form_check(r, c, column->name, column->type.type))
            return true;
    }
    return false;
}

/* Returns whether a check belongs to the type of its column. If it does, completes this type. */
static bool take_type_check(furrow__reflector *r, const furrow__catalog_constraint *c,
                            const furrow__check_form *form)
{
    furrow__catalog_column *column =
        form->column ? furrow__catalog_column_named(r->to, form->column) : NULL;
    if (!column || column->type.native)
        return false;
    furrow_type type = column->type.type;
    switch (form->kind) {
    case FURROW__CHECK_FORM_BOOL:
        if (!r->physical->dialect->ddl->checks_bool ||
            (type != FURROW_TYPE_INT64 && type != FURROW_TYPE_BOOL) ||
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
        return r->physical->dialect->ddl->checks_width && c->name && type == FURROW_TYPE_INT64 &&
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

void furrow__reflect_type_checks(furrow__reflector *r)
{
    const furrow__expression_scope *scope = furrow__catalog_scope(r->to, r->arena);
    r->is_type = furrow__arena_aligned(r->arena, r->from->constraint_count + 1, 1);
    if (!scope || !r->is_type) {
        furrow__reflector_no_memory(r);
        return;
    }
    memset(r->is_type, 0, r->from->constraint_count + 1);
    for (size_t i = 0; i < r->from->constraint_count && r->status == FURROW_OK; i++) {
        const furrow__catalog_constraint *c = &r->from->constraints[i];
        bool out_of_memory = false;
        if (c->kind != FURROW__CONSTRAINT_CHECK || !c->expression)
            continue;
        r->is_type[i] = gave_type(r, c);
        if (r->is_type[i])
            continue;
        const furrow__expression *n = furrow__reflect_parse(c->expression, r->physical->dialect,
                                                            scope, r->arena, &out_of_memory);
        if (out_of_memory)
            furrow__reflector_no_memory(r);
        furrow__check_form form = furrow__reflect_check_form(n);
        r->is_type[i] = take_type_check(r, c, &form);
    }
}

/* Sets the type of a text column to a time or a date if its default is the current time or date.
 */
void furrow__reflect_times(furrow__reflector *r)
{
    for (size_t i = 0; i < r->to->column_count; i++) {
        furrow__catalog_column *to = &r->to->columns[i];
        const furrow__catalog_column *from = furrow__catalog_column_named(r->from, to->name);
        bool is_date;
        if (!r->engine->times_are_texts || !from || !from->default_ || to->type.native ||
            to->type.type != FURROW_TYPE_TEXT || !r->engine->is_now(from->default_, &is_date))
            continue;
        to->type = (furrow__catalog_type){.type = is_date ? FURROW_TYPE_DATE : FURROW_TYPE_TIME};
    }
}

void furrow__reflect_storage(furrow__reflector *r)
{
    const struct furrow__ddl_dialect *ddl = r->physical->dialect->ddl;
    for (size_t i = 0; i < r->to->column_count && ddl->write_form; i++) {
        const furrow__catalog_column *column = &r->to->columns[i];
        furrow__buffer form = {0};
        if (!column->type.native && ddl->write_form(&form, column->type.type, "x") &&
            !type_of_form(r, column->name))
            r->out->storage = FURROW__STORAGE_FIRST;
        furrow__buffer_done(&form);
    }
}

void furrow__reflect_defaults(furrow__reflector *r, const furrow__expression_scope *scope)
{
    for (size_t i = 0; i < r->to->column_count && r->status == FURROW_OK; i++) {
        furrow__catalog_column *to = &r->to->columns[i];
        const furrow__catalog_column *from = furrow__catalog_column_named(r->from, to->name);
        const char *text = from ? from->default_ : NULL;
        bool is_date;
        if (!text || to->assigned || to->type.native)
            continue;
        const char *default_ =
            r->engine->is_now(text, &is_date) &&
                    to->type.type == (is_date ? FURROW_TYPE_DATE : FURROW_TYPE_TIME)
                ? "now"
                : furrow__reflector_expression(r, text, scope, furrow__scope_column(scope, i),
                                               FURROW__EXPRESSION_FOR_DEFAULT);
        if (!default_ && r->status == FURROW_OK && strncmp(text, "NULL", 4) != 0)
            furrow__reflector_note(r, to->name, "has the default %s, which models cannot express",
                                   text);
        to->default_ = default_ && default_[0] ? default_ : NULL;
    }
}
