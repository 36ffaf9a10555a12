/* SPDX-License-Identifier: MIT
 * Builds foreign keys from the annotation `references`. Its forms are references(model.field) on a
 * field, and references((a, b), model(x, y)) on a struct. */
#include <string.h>

#include "compiler/build/build.h"
#include "schema/name.h"

typedef struct key_builder {
    furrow__location place, target_place;
    furrow__table *target;
    furrow__columns columns, target_columns;
    uint8_t on_delete, on_update;
    furrow__location on_delete_place, on_update_place;
    bool deferrable;
} key_builder;

static bool read_action(furrow__compiler *c, const furrow__argument *a, uint8_t *out)
{
    static const struct {
        const char *name;
        furrow_action action;
    } actions[] = {
        {"cascade", FURROW_ACTION_CASCADE},         {"set_null", FURROW_ACTION_SET_NULL},
        {"restrict", FURROW_ACTION_RESTRICT},       {"no_action", FURROW_ACTION_NONE},
        {"set_default", FURROW_ACTION_SET_DEFAULT},
    };
    const char *names[5];
    for (size_t i = 0; i < 5; i++)
        names[i] = actions[i].name;
    if (a->kind != FURROW__ARGUMENT_CALL || a->count != 1 ||
        a->items[0].kind != FURROW__ARGUMENT_NAME) {
        furrow__annotation_misused(c, a, furrow__compiler_format(c, "%s(cascade)", a->name));
        return false;
    }
    for (size_t i = 0; i < 5; i++)
        if (strcmp(names[i], a->items[0].name) == 0) {
            *out = (uint8_t)actions[i].action;
            return true;
        }
    furrow__compiler_error(
        c, a->items[0].place,
        furrow__compiler_suggest(c, a->items[0].name, names, 5,
                                 "write cascade, set_null, set_default, restrict or no_action"),
        "unknown action \"%s\"", a->items[0].name);
    return false;
}

/* Returns whether two columns have the same type, so that one column can refer to the other. */
static bool types_match(const furrow_column *a, const furrow_column *b)
{
    if (furrow__is_text(a) && furrow__is_text(b))
        return true;
    if (a->type != b->type)
        return false;
    if (a->type == FURROW_TYPE_ENUM)
        return a->enumeration == b->enumeration;
    return a->type != FURROW_TYPE_DECIMAL || (a->precision == b->precision && a->scale == b->scale);
}

static bool check_types(furrow__compiler *c, const furrow__table *table, const key_builder *b)
{
    for (size_t i = 0; i < b->columns.count; i++) {
        const furrow_column *mine = &table->columns[b->columns.items[i]];
        const furrow_column *theirs = &b->target->columns[b->target_columns.items[i]];
        if (types_match(mine, theirs))
            continue;
        furrow__compiler_error(c, b->target_place, "give both columns the same type",
                               "\"%s\" is %s, but \"%s.%s\" is %s", mine->field,
                               furrow__type_text(c, mine), b->target->syntax->name, theirs->field,
                               furrow__type_text(c, theirs));
        return false;
    }
    return true;
}

static void check_action(furrow__compiler *c, const furrow__table *table, const key_builder *b,
                         uint8_t action, furrow__location place)
{
    for (size_t i = 0; i < b->columns.count; i++) {
        const furrow_column *column = &table->columns[b->columns.items[i]];
        const furrow__field *field = table->fields[b->columns.items[i]];
        bool has_default =
            furrow__annotation_find(field->annotations, field->annotation_count, "default");
        bool nullable = column->flags & FURROW_COLUMN_NULLABLE;
        if (action == FURROW_ACTION_SET_NULL && !nullable)
            furrow__compiler_error(
                c, place,
                furrow__is_text(column)
                    ? "add nullable, or choose cascade or restrict as the action"
                    : furrow__compiler_format(c,
                                              "write furrow_opt(%s) %s, or choose cascade or "
                                              "restrict",
                                              furrow__type_text(c, column), column->field),
                "column \"%s\" cannot be set to NULL", column->field);
        if (action == FURROW_ACTION_SET_DEFAULT && !has_default && !nullable)
            furrow__compiler_error(c, place, "add default(…), or choose another action",
                                   "column \"%s\" cannot be set to a default, because it has none",
                                   column->field);
    }
}

static void add_key(furrow__compiler *c, furrow__table *table, const key_builder *b)
{
    if (!check_types(c, table, b))
        return;
    for (size_t i = 0; i < table->model.foreign_key_count; i++)
        if (furrow__columns_are(table->foreign_keys[i].columns, table->foreign_keys[i].count,
                                b->columns.items, b->columns.count)) {
            furrow__compiler_error(
                c, b->place, "remove one of the references", "%s already has a reference",
                furrow__columns_text(c, table, b->columns.items, b->columns.count));
            return;
        }
    if (!furrow__columns_are_unique(b->target, b->target_columns.items, b->target_columns.count) &&
        !b->target->is_broken)
        furrow__compiler_error(
            c, b->target_place, "refer to the primary key, or make the target unique",
            "%s is neither the primary key nor unique",
            furrow__columns_text(c, b->target, b->target_columns.items, b->target_columns.count));
    check_action(c, table, b, b->on_delete, b->on_delete_place);
    check_action(c, table, b, b->on_update, b->on_update_place);
    char name[FURROW__NAME_SIZE];
    furrow__constraint_name(
        name, &table->model,
        &(furrow__constraint_parts){b->columns.items, b->columns.count, NULL, "fkey"});
    table->foreign_key_places[table->model.foreign_key_count] = b->place;
    table->foreign_keys[table->model.foreign_key_count++] = (furrow_foreign_key){
        .name = furrow__compiler_copy(c, name, strlen(name)),
        .columns = furrow__columns_copy(c, &b->columns),
        .target = &b->target->model,
        .target_columns = furrow__columns_copy(c, &b->target_columns),
        .count = b->columns.count,
        .on_delete = b->on_delete,
        .on_update = b->on_update,
        .deferrable = b->deferrable,
    };
}

static void build_field_key(furrow__compiler *c, furrow__table *table, uint16_t index)
{
    const furrow__field *field = table->fields[index];
    const furrow__argument *all = field->annotations;
    size_t count = field->annotation_count;
    const furrow__argument *a = furrow__annotation_find(all, count, "references");
    const furrow__argument *on_delete = furrow__annotation_find(all, count, "on_delete");
    const furrow__argument *on_update = furrow__annotation_find(all, count, "on_update");
    const furrow__argument *deferrable = furrow__annotation_find(all, count, "deferrable");
    if (!a) {
        const furrow__argument *alone = on_delete ? on_delete : on_update ? on_update : deferrable;
        if (alone)
            furrow__compiler_error(c, alone->place,
                                   "add references(model.field), or remove this annotation",
                                   "%s without references", alone->name);
        return;
    }
    if (a->kind != FURROW__ARGUMENT_CALL || a->count != 1 ||
        a->items[0].kind != FURROW__ARGUMENT_DOTTED) {
        if (a->kind == FURROW__ARGUMENT_CALL)
            furrow__annotation_misused(c, a, "references(model.field)");
        return;
    }
    const furrow__argument *to = &a->items[0];
    key_builder b = {.place = a->place, .columns = {{index}, 1}, .deferrable = deferrable};
    b.target_place = furrow__location_span(to->place, to->member_place);
    b.target = furrow__table_named(c, to->place, to->name);
    if (on_delete && read_action(c, on_delete, &b.on_delete))
        b.on_delete_place = on_delete->items[0].place;
    if (on_update && read_action(c, on_update, &b.on_update))
        b.on_update_place = on_update->items[0].place;
    if (!b.target)
        return;
    uint16_t column = furrow__column_named(c, b.target, to->member_place, to->member);
    if (column == FURROW_NO_COLUMN)
        return;
    b.target_columns = (furrow__columns){{column}, 1};
    add_key(c, table, &b);
}

static bool read_columns(furrow__compiler *c, const furrow__table *table,
                         const furrow__argument *list, furrow__columns *out)
{
    out->count = 0;
    for (size_t i = 0; i < list->count; i++) {
        const furrow__argument *item = &list->items[i];
        if (item->kind != FURROW__ARGUMENT_NAME || out->count == FURROW__MAX_KEY_COLUMNS) {
            furrow__compiler_error(c, item->place, NULL, "expected at most %d field names here",
                                   FURROW__MAX_KEY_COLUMNS);
            return false;
        }
        uint16_t index = furrow__column_named(c, table, item->place, item->name);
        if (index == FURROW_NO_COLUMN)
            return false;
        for (size_t j = 0; j < out->count; j++)
            if (out->items[j] == index) {
                furrow__compiler_error(c, item->place, "list the column only once",
                                       "column \"%s\" is listed twice", item->name);
                return false;
            }
        out->items[out->count++] = index;
    }
    return out->count > 0;
}

static bool read_key_options(furrow__compiler *c, const furrow__argument *a, key_builder *b)
{
    for (size_t i = 2; i < a->count; i++) {
        const furrow__argument *option = &a->items[i];
        if (furrow__argument_is(option, "on_delete")) {
            if (!read_action(c, option, &b->on_delete))
                return false;
            b->on_delete_place = option->items[0].place;
        } else if (furrow__argument_is(option, "on_update")) {
            if (!read_action(c, option, &b->on_update))
                return false;
            b->on_update_place = option->items[0].place;
        } else if (furrow__argument_is(option, "deferrable") &&
                   option->kind == FURROW__ARGUMENT_NAME) {
            b->deferrable = true;
        } else {
            furrow__compiler_error(c, option->place, "use on_delete(…), on_update(…) or deferrable",
                                   "unknown option of references");
            return false;
        }
    }
    return true;
}

static void build_table_key(furrow__compiler *c, furrow__table *table, const furrow__argument *a)
{
    key_builder b = {.place = a->place};
    if (a->kind != FURROW__ARGUMENT_CALL || a->count < 2 ||
        a->items[0].kind != FURROW__ARGUMENT_LIST || a->items[1].kind != FURROW__ARGUMENT_CALL ||
        !a->items[0].count || !a->items[1].count) {
        furrow__annotation_misused(c, a, "references((a, b), model(x, y), on_delete(cascade))");
        return;
    }
    b.target_place = a->items[1].place;
    b.target = furrow__table_named(c, b.target_place, a->items[1].name);
    if (!read_key_options(c, a, &b) || !b.target ||
        !read_columns(c, table, &a->items[0], &b.columns) ||
        !read_columns(c, b.target, &a->items[1], &b.target_columns))
        return;
    if (b.columns.count != b.target_columns.count)
        furrow__compiler_error(c, b.target_place, "list the same number of columns on both sides",
                               "the reference has %d columns, but its target has %d",
                               b.columns.count, b.target_columns.count);
    else
        add_key(c, table, &b);
}

/* Marks the primary key if the database assigns its value. This is the case for a single integer
 * column that is not a reference. */
static void build_assigned(furrow__table *table)
{
    furrow_model *model = &table->model;
    if (model->primary_key_count != 1)
        return;
    furrow_column *key = &table->columns[model->primary_key[0]];
    bool refers =
        furrow__annotation_find(table->fields[key->index]->annotations,
                                table->fields[key->index]->annotation_count, "references");
    for (size_t i = 0; i < model->foreign_key_count; i++)
        for (size_t j = 0; j < table->foreign_keys[i].count; j++)
            refers |= table->foreign_keys[i].columns[j] == key->index;
    if (!furrow__is_integer(key) || (key->flags & FURROW_COLUMN_NULLABLE) || refers)
        return;
    key->flags |= FURROW_COLUMN_ASSIGNED;
    model->assigned = key->index;
}

void furrow__build_references(furrow__compiler *c, furrow__table *table)
{
    const furrow__struct *s = table->syntax;
    size_t room = s->annotation_count + (size_t)table->model.column_count;
    table->foreign_keys = furrow__compiler_memory(c, room, sizeof *table->foreign_keys);
    table->foreign_key_places = furrow__compiler_memory(c, room, sizeof *table->foreign_key_places);
    table->model.foreign_keys = table->foreign_keys;
    for (uint16_t i = 0; !table->is_result && i < table->model.column_count; i++)
        build_field_key(c, table, i);
    for (size_t i = 0; !table->is_result && i < s->annotation_count; i++)
        if (furrow__argument_is(&s->annotations[i], "references"))
            build_table_key(c, table, &s->annotations[i]);
    build_assigned(table);
}
