/* SPDX-License-Identifier: MIT
 * Compares parts of two tables. Names and definitions are compared by the rules of the engine. */
#include <string.h>

#include "migrate/apply/dialect.h"

static bool lists_are_equal(const furrow__apply_dialect *engine, const char *const *a,
                            const char *const *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!engine->names_are_equal(a[i], b[i]))
            return false;
    return true;
}

const furrow__catalog_column *furrow__find_column(const furrow__apply_dialect *engine,
                                                  const furrow__catalog_table *table,
                                                  const char *name)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (engine->names_are_equal(table->columns[i].name, name))
            return &table->columns[i];
    return NULL;
}

bool furrow__columns_are_equal(const furrow__apply_dialect *engine, const furrow__catalog_column *a,
                               const furrow__catalog_column *b)
{
    return engine->definitions_are_equal(a->type.native, b->type.native) &&
           a->nullable == b->nullable && a->assigned == b->assigned &&
           engine->definitions_are_equal(a->default_, b->default_) &&
           engine->definitions_are_equal(a->generated, b->generated) && a->stored == b->stored;
}

static bool targets_are_equal(const furrow__apply_dialect *engine,
                              const furrow__catalog_constraint *a,
                              const furrow__catalog_constraint *b)
{
    if (!engine->tables_are_equal(a->target, b->target))
        return false;
    /* A foreign key without target columns refers to the primary key. */
    return !a->target_columns || !b->target_columns ||
           lists_are_equal(engine, a->target_columns, b->target_columns, a->count);
}

bool furrow__constraints_are_equal(const furrow__apply_dialect *engine,
                                   const furrow__catalog_constraint *a,
                                   const furrow__catalog_constraint *b, bool with_actions)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == FURROW__CONSTRAINT_CHECK)
        return engine->definitions_are_equal(a->expression, b->expression);
    if (a->count != b->count || !lists_are_equal(engine, a->columns, b->columns, a->count) ||
        (with_actions && a->deferrable != b->deferrable))
        return false;
    if (a->kind != FURROW__CONSTRAINT_FOREIGN_KEY)
        return true;
    return targets_are_equal(engine, a, b) &&
           (!with_actions || (a->on_delete == b->on_delete && a->on_update == b->on_update));
}

static bool is_found(const size_t *found, size_t count, size_t live)
{
    for (size_t i = 0; i < count; i++)
        if (found[i] == live)
            return true;
    return false;
}

static bool has_same_name(const furrow__catalog_constraint *expected,
                          const furrow__catalog_constraint *live)
{
    if (expected->kind == FURROW__CONSTRAINT_PRIMARY_KEY)
        return live->kind == expected->kind;
    return expected->name && !expected->of_column && live->name && live->kind == expected->kind &&
           strcmp(live->name, expected->name) == 0;
}

void furrow__match_constraints(size_t *found, const furrow__apply_dialect *engine,
                               const furrow__catalog_table *expected,
                               const furrow__catalog_table *live, bool ignores_names)
{
    enum { BY_NAME, BY_DEFINITION, BY_DEFINITION_WITHOUT_ACTIONS, WAYS };
    size_t count = expected->constraint_count;
    for (size_t i = 0; i < count; i++)
        found[i] = SIZE_MAX;
    for (int way = BY_NAME; way < WAYS; way++)
        for (size_t i = 0; i < count; i++) {
            const furrow__catalog_constraint *e = &expected->constraints[i];
            for (size_t k = 0; k < live->constraint_count && found[i] == SIZE_MAX; k++) {
                const furrow__catalog_constraint *l = &live->constraints[k];
                bool may_differ =
                    !l->name || e->of_column || ignores_names || !engine->names_constraints;
                bool is_it = way == BY_NAME ? has_same_name(e, l)
                                            : may_differ && furrow__constraints_are_equal(
                                                                engine, e, l, way == BY_DEFINITION);
                if (is_it && !is_found(found, count, k))
                    found[i] = k;
            }
        }
}

bool furrow__indexes_are_equal(const furrow__apply_dialect *engine, const furrow__catalog_index *a,
                               const furrow__catalog_index *b)
{
    if (a->unique != b->unique || a->count != b->count ||
        !engine->definitions_are_equal(a->where, b->where))
        return false;
    if (engine->index_definition && a->source && b->source) {
        const char *x = engine->index_definition(a->source);
        const char *y = engine->index_definition(b->source);
        return x && y && strcmp(x, y) == 0;
    }
    for (size_t i = 0; i < a->count; i++)
        if (a->parts[i].descending != b->parts[i].descending ||
            !engine->names_are_equal(a->parts[i].column, b->parts[i].column) ||
            !engine->definitions_are_equal(a->parts[i].expression, b->parts[i].expression))
            return false;
    return true;
}
