/* SPDX-License-Identifier: MIT
 *
 * Writes keys, references, indexes and checks as annotations, and relationships as members. An
 * annotation that concerns one field is written at that field. All other annotations are written
 * after the closing brace. If several indexes would have the same name, models number them
 * (table_a_2_idx). The annotations are therefore written in the order that gives each index the
 * name that it has in the database.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "migrate/reflect/header.h"
#include "base/text.h"
#include "schema/type.h"

enum { MAX_RELATIONS = 64 };

static void add_names(furrow__header_table *t, furrow__buffer *out, const char *const *columns,
                      size_t count)
{
    for (size_t i = 0; i < count; i++) {
        furrow__buffer_add_text(out, i ? ", " : "");
        furrow__buffer_add_text(out, furrow__header_field_named(t, columns[i])->name);
    }
}

static bool same_set(const char *const *a, size_t a_count, const char *const *b, size_t b_count)
{
    bool same = a_count == b_count;
    for (size_t i = 0; i < a_count && same; i++)
        same = furrow__names_have(b, b_count, a[i]);
    return same;
}

/* A unique constraint or an index. Models describe both in the same way. */
typedef struct written_index {
    const char *name;
    const char *columns[FURROW__CATALOG_KEY];
    bool descending[FURROW__CATALOG_KEY];
    size_t count;
    bool unique;
    const char *where;
} written_index;

typedef struct index_list {
    written_index *items;
    size_t count;
} index_list;

static bool same_columns(const written_index *a, const written_index *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; i < a->count && same; i++)
        same = strcmp(a->columns[i], b->columns[i]) == 0;
    return same;
}

static bool same_index(const written_index *a, const written_index *b)
{
    bool same = same_columns(a, b) && a->unique == b->unique &&
                (a->where ? b->where && strcmp(a->where, b->where) == 0 : !b->where);
    for (size_t i = 0; i < a->count && same; i++)
        same = a->descending[i] == b->descending[i];
    return same;
}

static const char *bad_index(furrow__header_table *t, const index_list *list,
                             const written_index *x)
{
    const furrow__catalog_constraint *key = furrow__catalog_primary_key(t->table);
    if (!furrow__header_has_fields(t, x->columns, x->count))
        return "is on a column that is left out, or on too many columns";
    for (size_t i = 0; i < x->count; i++) {
        if (furrow__header_field_named(t, x->columns[i])->column->type.type == FURROW_TYPE_JSON)
            return "is on a JSON column, which models cannot compare";
        if (furrow__names_have(x->columns, i, x->columns[i]))
            return "names a column twice";
    }
    if (x->unique && same_set(key->columns, key->count, x->columns, x->count))
        return "is on the primary key, which is already unique";
    for (size_t i = 0; i < list->count; i++)
        if (same_index(&list->items[i], x))
            return "duplicates another index";
    return NULL;
}

static void add_index(furrow__header_table *t, index_list *list, const written_index *x)
{
    const char *why = bad_index(t, list, x);
    if (why)
        furrow__header_note(t, "%s %s %s", x->unique ? "unique" : "index", FURROW__QUOTED(x->name),
                            why);
    else
        list->items[list->count++] = *x;
}

static void gather_unique(furrow__header_table *t, index_list *list,
                          const furrow__catalog_constraint *c)
{
    written_index x = {.name = c->name, .unique = true};
    for (; x.count < c->count && x.count < FURROW__CATALOG_KEY; x.count++)
        x.columns[x.count] = c->columns[x.count];
    add_index(t, list, &x);
}

static void gather_index(furrow__header_table *t, index_list *list,
                         const furrow__catalog_index *index)
{
    written_index x = {.name = index->name, .unique = index->unique, .where = index->where};
    for (; x.count < index->count && x.count < FURROW__CATALOG_KEY; x.count++) {
        if (!index->parts[x.count].column) {
            furrow__header_note(t, "index %s is on an expression: %s", FURROW__QUOTED(index->name),
                                index->parts[x.count].expression);
            return;
        }
        x.columns[x.count] = index->parts[x.count].column;
        x.descending[x.count] = index->parts[x.count].descending && !index->unique;
    }
    add_index(t, list, &x);
}

/* Sorts shorter names before longer ones. Numbers are then in order: t_a_idx, t_a_2_idx, …,
 * t_a_10_idx. */
static int compare_indexes(const void *a, const void *b)
{
    const char *x = ((const written_index *)a)->name, *y = ((const written_index *)b)->name;
    size_t i = strlen(x), k = strlen(y);
    return i != k ? (i < k ? -1 : 1) : strcmp(x, y);
}

static void write_index(furrow__header *h, furrow__header_table *t, const written_index *x)
{
    furrow__buffer *out = &t->annotations;
    furrow__header_annotate(out, x->unique ? "unique(" : "index(");
    for (size_t i = 0; i < x->count; i++)
        furrow__buffer_format(out, x->descending[i] ? "%sdesc(%s)" : "%s%s", i ? ", " : "",
                              furrow__header_field_named(t, x->columns[i])->name);
    if (x->where) {
        const furrow__expression *n =
            furrow__header_parse(h, t, x->where, NULL, FURROW__EXPRESSION_FOR_WHERE);
        furrow__buffer_add_text(out, ", where(");
        if (n)
            furrow__header_add_expression(h, t, out, n);
        furrow__buffer_add_char(out, ')');
    }
    furrow__buffer_add_char(out, ')');
}

/* Returns whether the annotation of the index is written at its field, and not after the closing
 * brace. If a column has several indexes, only the first of them by name is written at the field,
 * because the annotations of fields come before those of the struct. */
static bool is_on_field(const index_list *list, size_t at)
{
    const written_index *x = &list->items[at];
    if (x->count != 1 || x->where || x->descending[0])
        return false;
    for (size_t i = 0; i < at; i++)
        if (list->items[i].unique == x->unique && same_columns(&list->items[i], x))
            return false;
    return true;
}

static void write_indexes(furrow__header *h, furrow__header_table *t)
{
    size_t room = t->table->constraint_count + t->table->index_count + 1;
    index_list list = {
        furrow__arena_aligned(h->arena, room * sizeof *list.items, _Alignof(written_index)), 0};
    if (!list.items) {
        furrow__header_no_memory(h);
        return;
    }
    for (size_t i = 0; i < t->table->constraint_count; i++)
        if (t->table->constraints[i].kind == FURROW__CONSTRAINT_UNIQUE)
            gather_unique(t, &list, &t->table->constraints[i]);
    for (size_t i = 0; i < t->table->index_count; i++)
        gather_index(t, &list, &t->table->indexes[i]);
    if (list.count)
        qsort(list.items, list.count, sizeof *list.items, compare_indexes);
    for (size_t i = 0; i < list.count && h->status == FURROW_OK; i++)
        if (is_on_field(&list, i))
            furrow__header_annotate(
                &furrow__header_field_named(t, list.items[i].columns[0])->annotations,
                list.items[i].unique ? "unique" : "index");
        else
            write_index(h, t, &list.items[i]);
}

static bool is_unique(furrow__header_table *t, const char *const *columns, size_t count)
{
    for (size_t i = 0; i < t->table->constraint_count; i++) {
        const furrow__catalog_constraint *c = &t->table->constraints[i];
        if ((c->kind == FURROW__CONSTRAINT_PRIMARY_KEY || c->kind == FURROW__CONSTRAINT_UNIQUE) &&
            same_set(c->columns, c->count, columns, count))
            return true;
    }
    return furrow__columns_are_key(t->table, columns, count, NULL);
}

static bool types_match(const furrow__header_field *a, const furrow__header_field *b)
{
    const furrow__catalog_type *x = &a->column->type, *y = &b->column->type;
    bool text = (x->type == FURROW_TYPE_TEXT || (x->type == FURROW_TYPE_ENUM && !a->enum_)) &&
                (y->type == FURROW_TYPE_TEXT || (y->type == FURROW_TYPE_ENUM && !b->enum_));
    if (text)
        return true;
    return x->type == y->type && a->enum_ == b->enum_ &&
           (x->type != FURROW_TYPE_DECIMAL ||
            (x->precision == y->precision && x->scale == y->scale));
}

/* Returns the reason why models cannot express the foreign key; NULL if they can. */
static const char *bad_reference(furrow__header *h, furrow__header_table *t, size_t at)
{
    const furrow__catalog_constraint *key = &t->table->constraints[at];
    furrow__header_table *target = furrow__header_table_named(h, key->target);
    if (!target)
        return "refers to a table that is left out";
    if (!furrow__header_has_fields(t, key->columns, key->count) ||
        !furrow__header_has_fields(target, key->target_columns, key->count))
        return "is on a column that is left out";
    for (size_t i = 0; i < key->count; i++)
        if (!types_match(furrow__header_field_named(t, key->columns[i]),
                         furrow__header_field_named(target, key->target_columns[i])))
            return "is between columns of different types";
    if (!is_unique(target, key->target_columns, key->count))
        return "refers to columns that are not unique";
    for (size_t i = 0; i < at; i++) {
        const furrow__catalog_constraint *other = &t->table->constraints[i];
        bool same = other->kind == FURROW__CONSTRAINT_FOREIGN_KEY && other->count == key->count;
        for (size_t k = 0; k < key->count && same; k++)
            same = strcmp(other->columns[k], key->columns[k]) == 0;
        if (same)
            return "is on columns that already have a foreign key";
    }
    return NULL;
}

static bool can_be(furrow__header_table *t, const furrow__catalog_constraint *key, uint8_t action)
{
    for (size_t i = 0; i < key->count; i++) {
        const furrow__header_field *f = furrow__header_field_named(t, key->columns[i]);
        if (action == FURROW_ACTION_SET_NULL && !f->column->nullable)
            return false;
        if (action == FURROW_ACTION_SET_DEFAULT && !f->column->nullable && !f->has_default)
            return false;
    }
    return true;
}

static void write_action(furrow__header_table *t, const furrow__catalog_constraint *key,
                         const char *event, uint8_t action, furrow__buffer *out)
{
    static const char *const actions[] = {"", "restrict", "cascade", "set_null", "set_default"};
    if (!action)
        return;
    if (can_be(t, key, action))
        furrow__header_annotate(out, "%s(%s)", event, actions[action]);
    else
        furrow__header_note(t, "foreign key %s: %s(%s) is not possible on this column",
                            FURROW__QUOTED(key->name), event, actions[action]);
}

static void write_reference(furrow__header *h, furrow__header_table *t, size_t at)
{
    const furrow__catalog_constraint *key = &t->table->constraints[at];
    furrow__header_table *target = furrow__header_table_named(h, key->target);
    const char *why = bad_reference(h, t, at);
    if (why) {
        furrow__header_note(t, "foreign key %s %s", FURROW__QUOTED(key->name), why);
        return;
    }
    furrow__header_field *field = furrow__header_field_named(t, key->columns[0]);
    furrow__buffer *out = key->count == 1 ? &field->annotations : &t->annotations;
    if (key->count == 1) {
        furrow__header_annotate(out, "references(%s.%s)", target->name,
                                furrow__header_field_named(target, key->target_columns[0])->name);
    } else {
        furrow__header_annotate(out, "references((");
        add_names(t, out, key->columns, key->count);
        furrow__buffer_format(out, "), %s(", target->name);
        add_names(target, out, key->target_columns, key->count);
        furrow__buffer_add_char(out, ')');
    }
    write_action(t, key, "on_delete", key->on_delete, out);
    write_action(t, key, "on_update", key->on_update, out);
    if (key->deferrable)
        furrow__header_annotate(out, "deferrable");
    if (key->count > 1)
        furrow__buffer_add_char(out, ')');
}

/* Returns whether the literal can be a bound of range(…) for this field. */
static bool is_bound(const furrow__header_field *f, const furrow__expression *n)
{
    if (f->column->type.type == FURROW_TYPE_DECIMAL)
        return n->type == FURROW_TYPE_DECIMAL;
    if (n->kind != FURROW__EXPRESSION_INTEGER)
        return false;
    if (f->column->type.type == FURROW_TYPE_INT16)
        return n->integer >= INT16_MIN && n->integer <= INT16_MAX;
    return f->column->type.type != FURROW_TYPE_INT32 ||
           (n->integer >= INT32_MIN && n->integer <= INT32_MAX);
}

static bool write_range(furrow__header_table *t, const furrow__catalog_constraint *c,
                        const furrow__expression *n)
{
    furrow__buffer low = {0}, high = {0};
    if (n->kind != FURROW__EXPRESSION_BETWEEN || n->negated ||
        n->arguments[0]->kind != FURROW__EXPRESSION_COLUMN)
        return false;
    const char *column = n->arguments[0]->column->name;
    furrow__header_field *f = furrow__header_field_named(t, column);
    if (!f || f->has_range || !furrow__type_is_number((uint8_t)f->column->type.type) ||
        !is_bound(f, n->arguments[1]) || !is_bound(f, n->arguments[2]) ||
        n->arguments[1]->integer > n->arguments[2]->integer ||
        !furrow__reflect_is_default_name(c->name, t->table->name, column, "range", "check"))
        return false;
    furrow__expression_write(&low, n->arguments[1]);
    furrow__expression_write(&high, n->arguments[2]);
    if (low.text && high.text)
        furrow__header_annotate(&f->annotations, "range(%s, %s)", low.text, high.text);
    f->annotations.failed |= low.failed || high.failed;
    f->has_range = true;
    furrow__buffer_done(&low);
    furrow__buffer_done(&high);
    return true;
}

static bool write_min_length(furrow__header_table *t, const furrow__catalog_constraint *c,
                             const furrow__expression *n)
{
    furrow__check_form form = furrow__reflect_check_form(n);
    furrow__header_field *f = form.kind == FURROW__CHECK_FORM_MIN_LENGTH
                                  ? furrow__header_field_named(t, form.column)
                                  : NULL;
    if (!f || f->column->type.type != FURROW_TYPE_TEXT ||
        (f->column->type.max_length && form.least > f->column->type.max_length) ||
        (f->column->type.max_size && form.least > f->column->type.max_size) ||
        !furrow__reflect_is_default_name(c->name, t->table->name, form.column, "min_length",
                                         "check"))
        return false;
    furrow__header_annotate(&f->annotations, "min_length(%lld)", (long long)form.least);
    return true;
}

static bool mentions_left_out(furrow__header_table *t, const furrow__expression *n)
{
    for (size_t i = 0; i < t->table->column_count; i++)
        if (t->fields[i].is_left_out && furrow__expression_mentions(n, t->table->columns[i].name))
            return true;
    return false;
}

/* Returns the field that the check belongs to, according to the check's name. Returns NULL if there
 * is none. */
static furrow__header_field *field_of_check(furrow__header_table *t,
                                            const furrow__catalog_constraint *c)
{
    for (size_t i = 0; i < t->table->column_count; i++)
        if (!t->fields[i].is_left_out && !t->fields[i].has_check &&
            furrow__reflect_is_default_name(c->name, t->table->name, t->table->columns[i].name,
                                            NULL, "check"))
            return &t->fields[i];
    return NULL;
}

static void write_check(furrow__header *h, furrow__header_table *t,
                        const furrow__catalog_constraint *c)
{
    const furrow__expression *n =
        furrow__header_parse(h, t, c->expression, NULL, FURROW__EXPRESSION_FOR_CHECK);
    if (!n)
        return;
    if (mentions_left_out(t, n)) {
        furrow__header_note(t, "check %s uses a column that is left out: %s",
                            FURROW__QUOTED(c->name), c->expression);
        return;
    }
    if (write_range(t, c, n) || write_min_length(t, c, n))
        return;
    furrow__header_field *field = field_of_check(t, c);
    furrow__buffer *out = field ? &field->annotations : &t->annotations;
    furrow__header_annotate(out, "check(");
    furrow__header_add_expression(h, t, out, n);
    furrow__buffer_add_char(out, ')');
    if (field)
        field->has_check = true;
}

static int compare_checks(const void *a, const void *b)
{
    const char *x = (*(const furrow__catalog_constraint *const *)a)->name,
               *y = (*(const furrow__catalog_constraint *const *)b)->name;
    size_t i = strlen(x), k = strlen(y);
    return i != k ? (i < k ? -1 : 1) : strcmp(x, y);
}

static void write_checks(furrow__header *h, furrow__header_table *t)
{
    size_t count = 0;
    const furrow__catalog_constraint **checks = furrow__arena_aligned(
        h->arena, (t->table->constraint_count + 1) * sizeof *checks, _Alignof(void *));
    if (!checks) {
        furrow__header_no_memory(h);
        return;
    }
    for (size_t i = 0; i < t->table->constraint_count; i++)
        if (t->table->constraints[i].kind == FURROW__CONSTRAINT_CHECK)
            checks[count++] = &t->table->constraints[i];
    if (count)
        qsort(checks, count, sizeof *checks, compare_checks);
    for (size_t i = 0; i < count && h->status == FURROW_OK; i++)
        write_check(h, t, checks[i]);
}

void furrow__write_keys(furrow__header *h, furrow__header_table *t)
{
    for (size_t i = 0; i < t->table->constraint_count && h->status == FURROW_OK; i++)
        if (t->table->constraints[i].kind == FURROW__CONSTRAINT_FOREIGN_KEY)
            write_reference(h, t, i);
    if (h->status == FURROW_OK)
        write_indexes(h, t);
    if (h->status == FURROW_OK)
        write_checks(h, t);
}

static bool member_is_free(const furrow__header_table *t, const char *name)
{
    for (size_t i = 0; i < t->table->column_count; i++)
        if (strcmp(t->fields[i].name, name) == 0)
            return false;
    for (size_t i = 0; i < t->relation_count; i++)
        if (strcmp(t->relations[i].name, name) == 0)
            return false;
    return t->relation_count < MAX_RELATIONS && furrow__c_name_is_fine(name) &&
           !furrow__c_name_is_verb(name);
}

static const char *keep(furrow__header *h, const char *before, const char *text, const char *after)
{
    char whole[192];
    snprintf(whole, sizeof whole, "%s%s%s", before, text, after);
    const char *copy = furrow__arena_text(h->arena, whole, strlen(whole));
    if (!copy)
        furrow__header_no_memory(h);
    return copy;
}

static void add_relation(furrow__header *h, furrow__header_table *t, const char *type,
                         const char *name, const char *annotation)
{
    furrow__header_relation *more = furrow__arena_room(h->arena, t->relations, t->relation_count,
                                                       &t->relation_capacity, sizeof *more);
    if (!more || !type || !name || !annotation) {
        furrow__header_no_memory(h);
        return;
    }
    t->relations = more;
    t->relations[t->relation_count++] = (furrow__header_relation){type, name, annotation};
}

static size_t keys_between(furrow__header_table *t, furrow__table_name target)
{
    size_t count = 0;
    for (size_t i = 0; i < t->table->constraint_count; i++)
        count += t->table->constraints[i].kind == FURROW__CONSTRAINT_FOREIGN_KEY &&
                 furrow__table_names_are_equal(t->table->constraints[i].target, target);
    return count;
}

/* Adds a member for the row that a foreign key refers to. If the column of the key is author_id,
 * the member is called `author`. */
static void write_to_one(furrow__header *h, furrow__header_table *t,
                         const furrow__catalog_constraint *key)
{
    furrow__header_table *target = furrow__header_table_named(h, key->target);
    const char *field = furrow__header_field_named(t, key->columns[0])->name;
    size_t size = strlen(field);
    char name[80];
    if (size > 3 && strcmp(field + size - 3, "_id") == 0)
        snprintf(name, sizeof name, "%.*s", (int)size - 3, field);
    else
        snprintf(name, sizeof name, "%s", target->name);
    if (member_is_free(t, name))
        add_relation(h, t, keep(h, "struct ", target->name, " *"), keep(h, "", name, ""),
                     keep(h, "via(", field, ")"));
}

/* Adds a member to the struct that a foreign key refers to. The member holds the rows that refer to
 * the struct's row. */
static void write_to_many(furrow__header *h, furrow__header_table *t,
                          const furrow__catalog_constraint *key)
{
    furrow__header_table *target = furrow__header_table_named(h, key->target);
    char name[80];
    size_t size = strlen(t->name);
    if (target == t || keys_between(t, key->target) != 1 || is_unique(t, key->columns, 1))
        return;
    snprintf(name, sizeof name, "%s%s", t->name, t->name[size - 1] == 's' ? "" : "s");
    if (!member_is_free(target, name))
        return;
    add_relation(h, target, keep(h, "struct ", t->name, "_list"), keep(h, "", name, ""),
                 keep(h, "via(", furrow__header_field_named(t, key->columns[0])->name, ")"));
    t->is_listed = true;
}

void furrow__write_relations(furrow__header *h, furrow__header_table *t)
{
    for (size_t i = 0; i < t->table->constraint_count; i++) {
        const furrow__catalog_constraint *key = &t->table->constraints[i];
        if (key->kind != FURROW__CONSTRAINT_FOREIGN_KEY || key->count != 1 ||
            bad_reference(h, t, i))
            continue;
        write_to_one(h, t, key);
        write_to_many(h, t, key);
    }
}
