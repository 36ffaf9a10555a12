/* SPDX-License-Identifier: MIT
 *
 * Builds relationships: fields that hold rows of another model. The path of a relationship is one
 * foreign key, or two foreign keys of a link model. Without the annotations `via` and `through`,
 * there must be exactly one possible path. If there are several, the error message lists all of
 * them.
 */
#include <string.h>

#include "compiler/build/build.h"

/* A possible path from one model to another. The path is a foreign key of one of these models, or
 * two foreign keys of a link model. */
typedef struct way {
    furrow__table *holder;                  /* the model that has the foreign keys */
    const furrow_foreign_key *key, *second; /* `second` is the link model's foreign key to the
                                               target; NULL without a link model */
} way;

enum { MAX_WAYS = 64 };
typedef struct ways {
    way items[MAX_WAYS];
    size_t count;
} ways;

typedef struct relation_builder {
    furrow__compiler *c;
    furrow__table *table, *target;
    const furrow__field *field;
    const furrow__argument *via, *through;
} relation_builder;

/* Adds the foreign keys of `holder` that refer to `target`. If `columns` is not NULL, only a key
 * with exactly these columns is added. */
static void add_keys(ways *out, furrow__table *holder, const furrow__table *target,
                     const furrow__columns *columns)
{
    for (size_t i = 0; i < holder->model.foreign_key_count && out->count < MAX_WAYS; i++) {
        const furrow_foreign_key *key = &holder->foreign_keys[i];
        if (key->target == &target->model &&
            (!columns ||
             furrow__columns_match(key->columns, key->count, columns->items, columns->count)))
            out->items[out->count++] = (way){holder, key, NULL};
    }
}

/* Adds the paths through the link model to the target. If lists of columns are given, only the path
 * whose two keys have these columns is added. */
static void add_links(ways *out, const relation_builder *b, furrow__table *link,
                      const furrow__columns *from_columns, const furrow__columns *to_columns)
{
    ways first = {.count = 0}, second = {.count = 0};
    add_keys(&first, link, b->table, from_columns);
    add_keys(&second, link, b->target, to_columns);
    for (size_t i = 0; i < first.count; i++)
        for (size_t j = 0; j < second.count && out->count < MAX_WAYS; j++)
            if (first.items[i].key != second.items[j].key)
                out->items[out->count++] = (way){link, first.items[i].key, second.items[j].key};
}

static bool read_fields(relation_builder *b, const furrow__table *holder,
                        const furrow__argument *items, size_t count, furrow__columns *out)
{
    out->count = 0;
    for (size_t i = 0; i < count; i++) {
        if (items[i].kind != FURROW__ARGUMENT_NAME || out->count == FURROW__MAX_KEY_COLUMNS) {
            furrow__compiler_error(b->c, items[i].place, NULL, "expected the name of a field here");
            return false;
        }
        uint16_t index = furrow__column_named(b->c, holder, items[i].place, items[i].name);
        if (index == FURROW_NO_COLUMN)
            return false;
        out->items[out->count++] = index;
    }
    return true;
}

static bool read_item(relation_builder *b, const furrow__table *holder,
                      const furrow__argument *item, furrow__columns *out)
{
    return item->kind == FURROW__ARGUMENT_LIST
               ? read_fields(b, holder, item->items, item->count, out)
               : read_fields(b, holder, item, 1, out);
}

static bool has_fields(const furrow__table *table, const furrow__argument *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (items[i].kind != FURROW__ARGUMENT_NAME ||
            furrow__column_find(table, items[i].name) == FURROW_NO_COLUMN)
            return false;
    return count > 0;
}

static const char *describe(relation_builder *b, const way *w)
{
    const char *via = "";
    const furrow_foreign_key *keys[] = {w->key, w->second};
    for (size_t k = 0; k < (w->second ? 2 : 1); k++) {
        const char *list = "";
        for (size_t i = 0; i < keys[k]->count; i++)
            list = furrow__compiler_format(b->c, "%s%s%s", list, i ? ", " : "",
                                           w->holder->columns[keys[k]->columns[i]].field);
        if (w->second && keys[k]->count > 1)
            list = furrow__compiler_format(b->c, "(%s)", list);
        via = furrow__compiler_format(b->c, "%s%s%s", via, k ? ", " : "", list);
    }
    if (!w->second)
        return furrow__compiler_format(b->c, "via(%s)", via);
    return furrow__compiler_format(b->c, "through(%s, %s)", w->holder->syntax->name, via);
}

static bool choose(relation_builder *b, const ways *found, furrow__location place)
{
    if (found->count == 1)
        return true;
    const char *mine = b->table->syntax->name, *theirs = b->target->syntax->name;
    if (b->table->is_broken || b->target->is_broken)
        return false;
    if (!found->count) {
        furrow__compiler_error(
            b->c, place,
            b->through ? furrow__compiler_format(
                             b->c, "a link model needs references(%s.…) and references(%s.…)", mine,
                             theirs)
            : b->field->kind == FURROW__FIELD_TO_ONE
                ? furrow__compiler_format(b->c, "add a field to \"%s\" with references(%s.…)", mine,
                                          theirs)
                : furrow__compiler_format(b->c,
                                          "add a field to \"%s\" with references(%s.…), or a link "
                                          "model that refers to both",
                                          theirs, mine),
            "no foreign key connects \"%s\" and \"%s\"%s", mine, theirs,
            b->via || b->through ? " as via or through describes" : "");
        return false;
    }
    const char *choices = "";
    for (size_t i = 0; i < found->count && i < 6; i++)
        choices = furrow__compiler_format(b->c, "%s%s%s", choices, i ? " or " : "",
                                          describe(b, &found->items[i]));
    furrow__compiler_error(b->c, place,
                           furrow__compiler_format(b->c, "choose one path: %s", choices),
                           "relationship \"%s\" is ambiguous: there are %zu possible paths",
                           b->field->name, found->count);
    return false;
}

static void add_relation(relation_builder *b, const way *w, furrow_relation_kind kind)
{
    furrow__table *table = b->table;
    uint16_t index = table->model.relation_count++;
    furrow_relation *r = &table->relations[index];
    table->relation_fields[index] = b->field;
    *r = (furrow_relation){
        .field = b->field->name,
        .model = &table->model,
        .target = &b->target->model,
        .kind = (uint8_t)kind,
        .index = index,
        .count = w->key->count,
    };
    if (kind == FURROW_RELATION_TO_ONE) {
        r->columns = w->key->columns;
        r->target_columns = w->key->target_columns;
    } else {
        r->columns = w->key->target_columns;
        r->target_columns = w->key->columns;
    }
    if (kind == FURROW_RELATION_THROUGH) {
        r->link = &w->holder->model;
        r->link_columns = w->key->columns;
        r->link_target_columns = w->second->columns;
        r->target_columns = w->second->target_columns;
        r->link_target_count = w->second->count;
    }
}

/* Builds the relationship for a field `struct x *`. Its path is a foreign key of the field's own
 * model, or a unique foreign key of the target model. */
static void build_to_one(relation_builder *b)
{
    ways found = {.count = 0};
    furrow__columns columns;
    furrow__location place = b->via ? b->via->place : b->field->place;
    bool here = !b->via || has_fields(b->table, b->via->items, b->via->count) ||
                !has_fields(b->target, b->via->items, b->via->count);
    if (b->via &&
        !read_fields(b, here ? b->table : b->target, b->via->items, b->via->count, &columns))
        return;
    if (here)
        add_keys(&found, b->table, b->target, b->via ? &columns : NULL);
    size_t mine = found.count;
    if (b->table != b->target && (!here || !b->via))
        add_keys(&found, b->target, b->table, b->via ? &columns : NULL);
    if (!choose(b, &found, place))
        return;
    if (mine) {
        add_relation(b, &found.items[0], FURROW_RELATION_TO_ONE);
        return;
    }
    const furrow_foreign_key *key = found.items[0].key;
    if (!furrow__columns_are_unique(b->target, key->columns, key->count))
        furrow__compiler_error(b->c, place,
                               furrow__compiler_format(
                                   b->c,
                                   "write struct %s_list, or make %s "
                                   "unique",
                                   b->target->syntax->name,
                                   furrow__columns_text(b->c, b->target, key->columns, key->count)),
                               "several rows of \"%s\" can refer to one row of \"%s\"",
                               b->target->syntax->name, b->table->syntax->name);
    else
        add_relation(b, &found.items[0], FURROW_RELATION_ONE_TO_ONE);
}

/* Adds the paths that are described by through(model) or through(model, from, to). Returns false
 * after reporting an error. */
static bool add_named_links(ways *out, relation_builder *b)
{
    furrow__columns from, to;
    const furrow__argument *t = b->through;
    if ((t->count != 1 && t->count != 3) || t->items[0].kind != FURROW__ARGUMENT_NAME) {
        furrow__annotation_misused(b->c, t, "through(model) or through(model, from, to)");
        return false;
    }
    bool has_columns = t->count == 3;
    furrow__table *link = furrow__table_named(b->c, t->items[0].place, t->items[0].name);
    if (!link || (has_columns && (!read_item(b, link, &t->items[1], &from) ||
                                  !read_item(b, link, &t->items[2], &to))))
        return false;
    add_links(out, b, link, has_columns ? &from : NULL, has_columns ? &to : NULL);
    return true;
}

/* Adds every possible path. Used for a relationship that has neither `via` nor `through`. */
static void add_all_ways(ways *out, relation_builder *b)
{
    add_keys(out, b->target, b->table, NULL);
    for (size_t i = 0; i < b->c->table_count; i++)
        if (&b->c->tables[i] != b->table && &b->c->tables[i] != b->target)
            add_links(out, b, &b->c->tables[i], NULL, NULL);
}

static void build_to_many(relation_builder *b)
{
    ways found = {.count = 0};
    furrow__columns columns;
    furrow__location place = b->field->place;
    if (b->through) {
        place = b->through->place;
        if (!add_named_links(&found, b))
            return;
    } else if (b->via) {
        place = b->via->place;
        if (!read_fields(b, b->target, b->via->items, b->via->count, &columns))
            return;
        add_keys(&found, b->target, b->table, &columns);
    } else {
        add_all_ways(&found, b);
    }
    if (choose(b, &found, place))
        add_relation(b, &found.items[0],
                     found.items[0].second ? FURROW_RELATION_THROUGH : FURROW_RELATION_TO_MANY);
}

/* Checks that the type of a list is declared before the field. A declaration in another header
 * counts, because that header may be included. */
static void check_list(furrow__compiler *c, const furrow__field *field)
{
    for (const furrow__list_syntax *l = c->syntax->lists; l; l = l->next)
        if (strcmp(l->name, field->target) == 0 &&
            (l->source != field->place.source || l->place.offset < field->place.offset))
            return;
    furrow__compiler_error(
        c, field->type_place,
        furrow__compiler_format(c, "write FURROW_LIST(%s); above the struct", field->target),
        "struct %s_list is not declared", field->target);
}

static void build_relation(furrow__compiler *c, furrow__table *table, const furrow__field *field)
{
    relation_builder b = {.c = c, .table = table, .field = field};
    b.via = furrow__annotation_find(field->annotations, field->annotation_count, "via");
    b.through = furrow__annotation_find(field->annotations, field->annotation_count, "through");
    const furrow__argument *bare = b.via && b.via->kind != FURROW__ARGUMENT_CALL ? b.via
                                   : b.through && b.through->kind != FURROW__ARGUMENT_CALL
                                       ? b.through
                                       : NULL;
    if (bare || (b.via && !b.via->count) || (b.through && !b.through->count)) {
        if (!bare)
            furrow__annotation_misused(c, b.via && !b.via->count ? b.via : b.through,
                                       b.via && !b.via->count ? "via(field)" : "through(model)");
        return; /* An annotation without parentheses is reported by another check. */
    }
    if (b.via && b.through) {
        furrow__compiler_error(c, b.through->place, "remove one of the two annotations",
                               "relationship \"%s\" cannot have both via and through", field->name);
        return;
    }
    if (b.through && field->kind == FURROW__FIELD_TO_ONE) {
        furrow__compiler_error(c, b.through->place,
                               furrow__compiler_format(c, "write struct %s_list", field->target),
                               "a relationship through a link model must be a list");
        return;
    }
    b.target = furrow__table_named(c, field->type_place, field->target);
    if (!b.target)
        return;
    if (field->kind == FURROW__FIELD_TO_ONE) {
        build_to_one(&b);
        return;
    }
    check_list(c, field);
    build_to_many(&b);
}

/* Returns whether a model has too many relationships or columns. If so, the error has already been
 * reported, and the model's arrays have no room for another relationship. */
static bool has_too_many(const furrow__table *table)
{
    size_t relations = 0, columns = 0;
    for (const furrow__field *f = table->syntax->fields; f; f = f->next) {
        relations += f->kind == FURROW__FIELD_TO_ONE || f->kind == FURROW__FIELD_TO_MANY;
        columns += f->kind == FURROW__FIELD_COLUMN;
    }
    return relations > FURROW__MAX_RELATIONS || columns > FURROW__MAX_COLUMNS;
}

void furrow__build_relations(furrow__compiler *c, furrow__table *table)
{
    size_t count = 0;
    for (const furrow__field *f = table->syntax->fields; f; f = f->next) {
        if (f->kind != FURROW__FIELD_TO_ONE && f->kind != FURROW__FIELD_TO_MANY)
            continue;
        if (table->is_result)
            furrow__compiler_error(c, f->type_place,
                                   "add a field for each column that the query selects",
                                   "a result cannot have relationships");
        else if (count++ < FURROW__MAX_RELATIONS && !has_too_many(table))
            build_relation(c, table, f);
    }
}
