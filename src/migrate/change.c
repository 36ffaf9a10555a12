/* SPDX-License-Identifier: MIT
 *
 * Applying changes to a logical catalog. A change works on drafts of the tables that it touches,
 * which replace them at the end, so that one that does not fit leaves everything as it was. What is
 * there already, and what is not there any more, is refused: two branches that changed the same
 * thing meet here.
 */
#include "migrate/change_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* A table that is being changed. */
typedef struct draft {
    furrow__catalog_table *of; /* NULL: it is new */
    furrow__catalog_table table;
    struct draft *next;
} draft;

typedef struct work {
    furrow__catalog *catalog;
    const furrow__change *change;
    furrow_arena scratch; /* trees, models */
    furrow_error *error;
    furrow_status status; /* the first failure; everything after it does nothing */
    draft *drafts;
} work;

/* ---- failing ---- */

static void fail(work *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void fail(work *w, const char *format, ...)
{
    char message[400];
    va_list arguments;
    if (w->status != FURROW_OK)
        return;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    w->status = furrow__fail(w->error, FURROW_INVALID, "%s", message);
}

static void mend(work *w, const char *text)
{
    if (w->status == FURROW_INVALID && w->error && !w->error->hint[0])
        furrow__hint(w->error, "%s", text);
}

static void no_memory(work *w)
{
    if (w->status == FURROW_OK)
        w->status = furrow__fail(w->error, FURROW_NOMEM, "out of memory");
}

/* ---- tables and drafts ---- */

/* The table as the change leaves it. */
static const furrow__catalog_table *seen(const work *w, const furrow__catalog_table *table)
{
    for (const draft *d = w->drafts; d; d = d->next)
        if (d->of == table)
            return &d->table;
    return table;
}

static furrow__catalog_table *draft_of(work *w, furrow__catalog_table *table)
{
    for (draft *d = w->drafts; d; d = d->next)
        if (d->of == table)
            return &d->table;
    draft *d = furrow__arena_aligned(&w->scratch, sizeof *d, _Alignof(draft));
    if (!d) {
        no_memory(w);
        return NULL;
    }
    *d = (draft){.of = table, .table = *table, .next = w->drafts};
    if (!furrow__catalog_own_lists(&d->table, w->catalog->arena)) {
        no_memory(w);
        return NULL;
    }
    w->drafts = d;
    return &d->table;
}

static furrow__catalog_table *find_table(work *w, furrow__table_name name)
{
    char shown[FURROW__SHOWN_SIZE];
    furrow__catalog_table *table = name.name ? furrow__catalog_table_named(w->catalog, name) : NULL;
    if (!table)
        fail(w, "there is no table \"%s\"", furrow__table_shown(shown, name));
    return table;
}

/* The draft of the table that the change is about. */
static furrow__catalog_table *own_draft(work *w)
{
    furrow__catalog_table *table = find_table(w, w->change->table);
    return table ? draft_of(w, table) : NULL;
}

/* Tables, indexes, primary keys and unique constraints of a schema share one set of names on
 * PostgreSQL. */
static bool relation_is_taken(const work *w, const char *schema, const char *name)
{
    for (size_t i = 0; i < w->catalog->count; i++) {
        const furrow__catalog_table *table = seen(w, w->catalog->tables[i]);
        const char *own = table->name.schema;
        if (own != schema && (!own || !schema || strcmp(own, schema) != 0))
            continue;
        if (strcmp(table->name.name, name) == 0 || furrow__catalog_index_named(table, name))
            return true;
        const furrow__catalog_constraint *c = furrow__catalog_constraint_named(table, name);
        if (c &&
            (c->kind == FURROW__CONSTRAINT_PRIMARY_KEY || c->kind == FURROW__CONSTRAINT_UNIQUE))
            return true;
    }
    return false;
}

static bool name_is_free(work *w, const char *schema, const char *name)
{
    if (!relation_is_taken(w, schema, name))
        return true;
    fail(w, "the name \"%s\" is taken", name);
    mend(w, "tables, indexes, primary keys and unique constraints share their names");
    return false;
}

/* ---- expressions ---- */

static const char *canonical(work *w, const char *text, const furrow_model *model,
                             const furrow_column *column, furrow__expression_use use,
                             const char *kind, const char *name)
{
    char what[FURROW__NAME_SIZE + 32];
    if (w->status != FURROW_OK)
        return NULL;
    snprintf(what, sizeof what, "%s \"%s\"", kind, name);
    const char *result =
        furrow__catalog_canonical(text, model, column, use, what, &w->scratch, w->error);
    const char *kept =
        result ? furrow__arena_text(w->catalog->arena, result, strlen(result)) : NULL;
    if (!result)
        w->status = w->error ? w->error->status : FURROW_INVALID;
    else if (!kept)
        no_memory(w);
    return kept;
}

static const furrow_model *model_of(work *w, const furrow__catalog_table *table)
{
    const furrow_model *model = furrow__catalog_model(table, &w->scratch);
    if (!model)
        no_memory(w);
    return model;
}

static const furrow__expression *parse(work *w, const char *text, const furrow_model *model,
                                       furrow__expression_use use, const char *what)
{
    if (w->status != FURROW_OK)
        return NULL;
    const furrow__expression *parsed =
        furrow__catalog_parse(text, model, NULL, use, what, &w->scratch, w->error);
    if (!parsed)
        w->status = w->error ? w->error->status : FURROW_INVALID;
    return parsed;
}

static void check_value(work *w, const char *text, const furrow_model *over,
                        const furrow_column *column)
{
    char what[FURROW__NAME_SIZE + 32];
    if (w->status != FURROW_OK)
        return;
    snprintf(what, sizeof what, "value of \"%s\"", column->name);
    if (!furrow__catalog_parse_value(text, over, column, what, &w->scratch, w->error))
        w->status = w->error ? w->error->status : FURROW_INVALID;
}

/* ---- columns ---- */

static furrow__catalog_column *find_column(work *w, furrow__catalog_table *table, const char *name)
{
    char shown[FURROW__SHOWN_SIZE];
    furrow__catalog_column *column = table ? furrow__catalog_column_named(table, name) : NULL;
    if (table && !column)
        fail(w, "table \"%s\" has no column \"%s\"", furrow__table_shown(shown, table->name), name);
    return column;
}

static void set_default(work *w, furrow__catalog_table *table, furrow__catalog_column *column,
                        const char *text)
{
    const furrow_model *model = model_of(w, table);
    if (!model)
        return;
    const char *kept = canonical(w, text, model, &model->columns[column - table->columns],
                                 FURROW__EXPRESSION_FOR_DEFAULT, "default of", column->name);
    column->default_ = kept && kept[0] ? kept : NULL;
}

static void add_column(work *w, furrow__catalog_table *table, const furrow__catalog_column *column)
{
    char shown[FURROW__SHOWN_SIZE];
    if (w->status != FURROW_OK)
        return;
    if (furrow__catalog_column_named(table, column->name)) {
        fail(w, "table \"%s\" has a column \"%s\" already", furrow__table_shown(shown, table->name),
             column->name);
        return;
    }
    furrow__catalog_column *added = furrow__catalog_add_column(w->catalog, table);
    if (!added) {
        if (table->column_count >= FURROW__CATALOG_PARTS)
            fail(w, "table \"%s\" has %d columns already", furrow__table_shown(shown, table->name),
                 FURROW__CATALOG_PARTS);
        no_memory(w);
        return;
    }
    *added = *column;
    added->default_ = NULL;
    added->renamed_from = added->source = NULL;
    if (column->assigned && column->default_)
        fail(w, "column \"%s\" is assigned by the database and cannot have a default",
             column->name);
    else if (column->default_)
        set_default(w, table, added, column->default_);
}

static void check_identity(work *w, const furrow__catalog_table *table,
                           const furrow__catalog_column *column)
{
    const furrow__catalog_constraint *key = furrow__catalog_primary_key(table);
    if (!furrow__type_is_integer(&column->type))
        fail(w, "column \"%s\" is no integer, so the database cannot assign it", column->name);
    else if (!key || key->count != 1 || strcmp(key->columns[0], column->name) != 0) {
        fail(w, "column \"%s\" is not the primary key, so the database cannot assign it",
             column->name);
        mend(w, "make it the primary key first, then ALTER COLUMN … ADD GENERATED BY DEFAULT AS "
                "IDENTITY");
    }
}

/* ---- constraints ---- */

static void check_key_columns(work *w, const furrow__catalog_table *table,
                              const furrow__catalog_constraint *c)
{
    char shown[FURROW__SHOWN_SIZE];
    if (c->count == 0 || c->count > FURROW__CATALOG_KEY)
        fail(w, "a key has 1 to %d columns", FURROW__CATALOG_KEY);
    for (size_t i = 0; i < c->count && w->status == FURROW_OK; i++) {
        const furrow__catalog_column *column = furrow__catalog_column_named(table, c->columns[i]);
        if (!column) {
            fail(w, "table \"%s\" has no column \"%s\"", furrow__table_shown(shown, table->name),
                 c->columns[i]);
        } else if (furrow__names_have(c->columns, i, c->columns[i])) {
            fail(w, "constraint \"%s\" names column \"%s\" twice", c->name, c->columns[i]);
        } else if (c->kind == FURROW__CONSTRAINT_PRIMARY_KEY && column->nullable) {
            fail(w, "column \"%s\" may be NULL, and a primary key may not", c->columns[i]);
            mend(w, "ALTER COLUMN … SET NOT NULL first");
        }
    }
}

static void check_target(work *w, const furrow__catalog_table *table,
                         const furrow__catalog_constraint *c)
{
    char shown[FURROW__SHOWN_SIZE];
    const furrow__catalog_table *target = table;
    if (!furrow__table_names_are_equal(c->target, table->name)) {
        target = find_table(w, c->target);
        if (!target)
            return;
        target = seen(w, target);
    }
    for (size_t i = 0; i < c->count; i++) {
        const furrow__catalog_column *own = furrow__catalog_column_named(table, c->columns[i]),
                                     *to =
                                         furrow__catalog_column_named(target, c->target_columns[i]);
        if (!to) {
            fail(w, "table \"%s\" has no column \"%s\"", furrow__table_shown(shown, target->name),
                 c->target_columns[i]);
            return;
        }
        if (!furrow__types_match(&own->type, &to->type)) {
            fail(w, "column \"%s\" refers to \"%s.%s\", which is of another type", own->name,
                 target->name.name, to->name);
            return;
        }
    }
    if (!furrow__columns_are_key(target, c->target_columns, c->count, NULL)) {
        fail(w, "foreign key \"%s\" refers to columns of \"%s\" that no key makes unique", c->name,
             furrow__table_shown(shown, target->name));
        mend(w, "refer to a primary key, or add UNIQUE on exactly these columns");
    }
}

static void add_constraint(work *w, furrow__catalog_table *table,
                           const furrow__catalog_constraint *c)
{
    char shown[FURROW__SHOWN_SIZE];
    const char *expression = NULL;
    if (w->status != FURROW_OK)
        return;
    if (!c->name)
        fail(w, "a constraint of table \"%s\" has no name",
             furrow__table_shown(shown, table->name));
    else if (c->kind == FURROW__CONSTRAINT_PRIMARY_KEY && furrow__catalog_primary_key(table))
        fail(w, "table \"%s\" has a primary key already", furrow__table_shown(shown, table->name));
    else if (furrow__catalog_constraint_named(table, c->name))
        fail(w, "table \"%s\" has a constraint \"%s\" already",
             furrow__table_shown(shown, table->name), c->name);
    if (w->status != FURROW_OK)
        return;
    if (c->kind == FURROW__CONSTRAINT_CHECK) {
        const furrow_model *model = model_of(w, table);
        if (model)
            expression = canonical(w, c->expression, model, NULL, FURROW__EXPRESSION_FOR_CHECK,
                                   "check", c->name);
    } else {
        check_key_columns(w, table, c);
    }
    if (w->status == FURROW_OK && c->kind == FURROW__CONSTRAINT_FOREIGN_KEY)
        check_target(w, table, c);
    if (w->status == FURROW_OK &&
        (c->kind == FURROW__CONSTRAINT_PRIMARY_KEY || c->kind == FURROW__CONSTRAINT_UNIQUE))
        name_is_free(w, table->name.schema, c->name);
    if (w->status != FURROW_OK)
        return;
    furrow__catalog_constraint *added = furrow__catalog_add_constraint(w->catalog, table);
    if (!added) {
        no_memory(w);
        return;
    }
    *added = *c;
    added->source = NULL;
    added->expression = expression;
}

/* A foreign key of any table that would stand without a key to refer to, once `name` is gone. */
static const furrow__catalog_constraint *needs_key(const work *w,
                                                   const furrow__catalog_table *table,
                                                   const char *name,
                                                   const furrow__catalog_table **owner)
{
    for (size_t i = 0; i < w->catalog->count; i++) {
        *owner = seen(w, w->catalog->tables[i]);
        for (size_t j = 0; j < (*owner)->constraint_count; j++) {
            const furrow__catalog_constraint *c = &(*owner)->constraints[j];
            if (c->kind == FURROW__CONSTRAINT_FOREIGN_KEY &&
                furrow__table_names_are_equal(c->target, table->name) &&
                !furrow__columns_are_key(table, c->target_columns, c->count, name))
                return c;
        }
    }
    return NULL;
}

static bool key_is_needed(work *w, const furrow__catalog_table *table, const char *name)
{
    char shown[FURROW__SHOWN_SIZE];
    const furrow__catalog_table *owner;
    const furrow__catalog_constraint *key = needs_key(w, table, name, &owner);
    if (!key)
        return false;
    fail(w, "foreign key \"%s\" of table \"%s\" still needs \"%s\"", key->name,
         furrow__table_shown(shown, owner->name), name);
    mend(w, "drop the foreign key first");
    return true;
}

static void drop_constraint(work *w)
{
    char shown[FURROW__SHOWN_SIZE];
    const char *name = w->change->name;
    furrow__catalog_table *table = own_draft(w);
    furrow__catalog_constraint *c = table ? furrow__catalog_constraint_named(table, name) : NULL;
    if (!c) {
        if (table)
            fail(w, "table \"%s\" has no constraint \"%s\"",
                 furrow__table_shown(shown, table->name), name);
        return;
    }
    if (c->kind == FURROW__CONSTRAINT_PRIMARY_KEY)
        for (size_t i = 0; i < table->column_count; i++)
            if (table->columns[i].assigned) {
                fail(w, "column \"%s\" is assigned by the database and needs its primary key",
                     table->columns[i].name);
                mend(w, "ALTER COLUMN … DROP IDENTITY first");
                return;
            }
    if ((c->kind == FURROW__CONSTRAINT_PRIMARY_KEY || c->kind == FURROW__CONSTRAINT_UNIQUE) &&
        key_is_needed(w, table, name))
        return;
    size_t at = (size_t)(c - table->constraints);
    memmove(c, c + 1, (--table->constraint_count - at) * sizeof *c);
}

static void rename_constraint(work *w)
{
    char shown[FURROW__SHOWN_SIZE];
    const furrow__change *change = w->change;
    furrow__catalog_table *table = own_draft(w);
    if (!table)
        return;
    furrow__catalog_constraint *c = furrow__catalog_constraint_named(table, change->name);
    if (!c)
        fail(w, "table \"%s\" has no constraint \"%s\"", furrow__table_shown(shown, table->name),
             change->name);
    else if (furrow__catalog_constraint_named(table, change->new_name))
        fail(w, "table \"%s\" has a constraint \"%s\" already",
             furrow__table_shown(shown, table->name), change->new_name);
    else if ((c->kind != FURROW__CONSTRAINT_PRIMARY_KEY && c->kind != FURROW__CONSTRAINT_UNIQUE) ||
             name_is_free(w, table->name.schema, change->new_name))
        c->name = change->new_name;
}

/* ---- indexes ---- */

static void create_index(work *w)
{
    char shown[FURROW__SHOWN_SIZE];
    const furrow__catalog_index *index = &w->change->index;
    furrow__catalog_table *table = own_draft(w);
    const furrow_model *model = table ? model_of(w, table) : NULL;
    if (!model || !name_is_free(w, table->name.schema, index->name))
        return;
    if (index->count == 0 || index->count > FURROW__CATALOG_KEY) {
        fail(w, "an index has 1 to %d columns", FURROW__CATALOG_KEY);
        return;
    }
    furrow__index_part *parts = furrow__arena_aligned(
        w->catalog->arena, index->count * sizeof *parts, _Alignof(furrow__index_part));
    if (!parts) {
        no_memory(w);
        return;
    }
    for (size_t i = 0; i < index->count; i++) {
        parts[i] = index->parts[i];
        if (!parts[i].column)
            parts[i].expression = canonical(w, parts[i].expression, model, NULL,
                                            FURROW__EXPRESSION_FOR_INDEX, "index", index->name);
        else if (!furrow__catalog_column_named(table, parts[i].column))
            fail(w, "table \"%s\" has no column \"%s\"", furrow__table_shown(shown, table->name),
                 parts[i].column);
    }
    const char *where = index->where
                            ? canonical(w, index->where, model, NULL, FURROW__EXPRESSION_FOR_WHERE,
                                        "where of index", index->name)
                            : NULL;
    furrow__catalog_index *added =
        w->status == FURROW_OK ? furrow__catalog_add_index(w->catalog, table) : NULL;
    if (!added) {
        no_memory(w);
        return;
    }
    *added = *index;
    added->parts = parts;
    added->where = where;
    added->source = NULL;
}

/* The index that the change names, in a draft of its table. */
static furrow__catalog_index *find_index(work *w, furrow__catalog_table **table)
{
    furrow__table_name name = {w->change->table.schema, w->change->name};
    furrow__catalog_table *owner;
    *table = NULL;
    if (!furrow__catalog_find_index(w->catalog, name, &owner)) {
        fail(w, "there is no index \"%s\"", name.name);
        return NULL;
    }
    *table = draft_of(w, owner);
    return *table ? furrow__catalog_index_named(*table, name.name) : NULL;
}

static void drop_index(work *w)
{
    furrow__catalog_table *table;
    furrow__catalog_index *index = find_index(w, &table);
    if (!index || (index->unique && key_is_needed(w, table, index->name)))
        return;
    size_t at = (size_t)(index - table->indexes);
    memmove(index, index + 1, (--table->index_count - at) * sizeof *index);
}

static void rename_index(work *w)
{
    furrow__catalog_table *table;
    furrow__catalog_index *index = find_index(w, &table);
    if (index && name_is_free(w, table->name.schema, w->change->new_name))
        index->name = w->change->new_name;
}

/* ---- what a column is in ---- */

/* Call `visit` for each expression of the table but defaults; it may replace the text. */
static void each_expression(work *w, furrow__catalog_table *table,
                            void (*visit)(work *w, const char **text, furrow__expression_use use,
                                          const char *kind, const char *name, void *context),
                            void *context)
{
    for (size_t i = 0; i < table->constraint_count; i++)
        if (table->constraints[i].kind == FURROW__CONSTRAINT_CHECK)
            visit(w, &table->constraints[i].expression, FURROW__EXPRESSION_FOR_CHECK, "check",
                  table->constraints[i].name, context);
    for (size_t i = 0; i < table->index_count && w->status == FURROW_OK; i++) {
        furrow__catalog_index *index = &table->indexes[i];
        furrow__index_part *parts = furrow__arena_aligned(
            w->catalog->arena, index->count * sizeof *parts, _Alignof(furrow__index_part));
        if (!parts) {
            no_memory(w);
            return;
        }
        memcpy(parts, index->parts, index->count * sizeof *parts);
        for (size_t j = 0; j < index->count; j++)
            if (parts[j].expression)
                visit(w, &parts[j].expression, FURROW__EXPRESSION_FOR_INDEX, "index", index->name,
                      context);
        index->parts = parts;
        if (index->where)
            visit(w, &index->where, FURROW__EXPRESSION_FOR_WHERE, "index", index->name, context);
    }
}

typedef struct looked_for {
    const furrow_model *model;
    const char *column;
} looked_for;

static void refuse_mention(work *w, const char **text, furrow__expression_use use, const char *kind,
                           const char *name, void *context)
{
    const looked_for *l = context;
    const furrow__expression *parsed = parse(w, *text, l->model, use, kind);
    if (parsed && furrow__expression_mentions(parsed, l->column)) {
        fail(w, "%s \"%s\" still needs column \"%s\"", kind, name, l->column);
        mend(w, "drop it first");
    }
}

/* Keys and indexes that list the column. */
static void refuse_listed(work *w, const furrow__catalog_table *table, const char *column)
{
    char shown[FURROW__SHOWN_SIZE];
    for (size_t i = 0; i < table->constraint_count; i++) {
        const furrow__catalog_constraint *c = &table->constraints[i];
        if (furrow__names_have(c->columns, c->count, column))
            fail(w, "constraint \"%s\" still needs column \"%s\"", c->name, column);
    }
    for (size_t i = 0; i < table->index_count; i++)
        for (size_t j = 0; j < table->indexes[i].count; j++) {
            const char *part = table->indexes[i].parts[j].column;
            if (part && strcmp(part, column) == 0)
                fail(w, "index \"%s\" still needs column \"%s\"", table->indexes[i].name, column);
        }
    for (size_t i = 0; i < w->catalog->count; i++) {
        const furrow__catalog_table *other = w->catalog->tables[i];
        for (size_t j = 0; j < other->constraint_count; j++) {
            const furrow__catalog_constraint *c = &other->constraints[j];
            if (c->kind == FURROW__CONSTRAINT_FOREIGN_KEY &&
                furrow__table_names_are_equal(c->target, table->name) &&
                furrow__names_have(c->target_columns, c->count, column))
                fail(w, "foreign key \"%s\" of table \"%s\" still needs column \"%s\"", c->name,
                     furrow__table_shown(shown, other->name), column);
        }
    }
    mend(w, "drop it first");
}

static void drop_column(work *w)
{
    char shown[FURROW__SHOWN_SIZE];
    furrow__catalog_table *table = own_draft(w);
    furrow__catalog_column *column = find_column(w, table, w->change->name);
    if (!column)
        return;
    if (table->column_count == 1) {
        fail(w, "column \"%s\" is the only one of table \"%s\"", column->name,
             furrow__table_shown(shown, table->name));
        mend(w, "drop the table instead");
        return;
    }
    looked_for l = {model_of(w, table), column->name};
    refuse_listed(w, table, column->name);
    if (w->status == FURROW_OK)
        each_expression(w, table, refuse_mention, &l);
    size_t at = (size_t)(column - table->columns);
    memmove(column, column + 1, (--table->column_count - at) * sizeof *column);
}

/* ---- renaming ---- */

typedef struct renaming {
    const furrow_model *model; /* with the old names; read again with the new one in it */
    furrow_column *column;
    const char *from, *to;
} renaming;

static void rename_mention(work *w, const char **text, furrow__expression_use use, const char *kind,
                           const char *name, void *context)
{
    renaming *r = context;
    (void)name;
    const furrow__expression *parsed = parse(w, *text, r->model, use, kind);
    if (!parsed || !furrow__expression_mentions(parsed, r->from))
        return;
    furrow__buffer out = {0};
    r->column->name = r->to;
    furrow__expression_write(&out, parsed);
    r->column->name = r->from;
    const char *written = furrow__buffer_text(&out);
    *text = written ? furrow__arena_text(w->catalog->arena, written, out.size) : NULL;
    if (!*text)
        no_memory(w);
    furrow__buffer_done(&out);
}

static const char *const *renamed_names(work *w, const char *const *names, size_t count,
                                        const char *from, const char *to)
{
    if (!furrow__names_have(names, count, from))
        return names;
    const char **copy =
        furrow__arena_aligned(w->catalog->arena, count * sizeof *copy, _Alignof(char *));
    if (!copy) {
        no_memory(w);
        return names;
    }
    for (size_t i = 0; i < count; i++)
        copy[i] = strcmp(names[i], from) == 0 ? to : names[i];
    return copy;
}

static void rename_in_keys(work *w, furrow__table_name of, const char *from, const char *to)
{
    for (size_t i = 0; i < w->catalog->count && w->status == FURROW_OK; i++) {
        furrow__catalog_table *other = w->catalog->tables[i], *d = NULL;
        bool own = furrow__table_names_are_equal(other->name, of);
        for (size_t j = 0; j < other->constraint_count; j++) {
            const furrow__catalog_constraint *c = &other->constraints[j];
            bool is_target = c->kind == FURROW__CONSTRAINT_FOREIGN_KEY &&
                             furrow__table_names_are_equal(c->target, of);
            if (!own && !is_target)
                continue;
            d = d ? d : draft_of(w, other);
            if (!d)
                return;
            if (own)
                d->constraints[j].columns = renamed_names(w, c->columns, c->count, from, to);
            if (is_target)
                d->constraints[j].target_columns =
                    renamed_names(w, c->target_columns, c->count, from, to);
        }
    }
}

static void rename_column(work *w)
{
    char shown[FURROW__SHOWN_SIZE];
    const char *from = w->change->name, *to = w->change->new_name;
    furrow__catalog_table *table = own_draft(w);
    furrow__catalog_column *column = find_column(w, table, from);
    const furrow_model *model = column ? model_of(w, table) : NULL;
    if (!model)
        return;
    if (furrow__catalog_column_named(table, to)) {
        fail(w, "table \"%s\" has a column \"%s\" already", furrow__table_shown(shown, table->name),
             to);
        return;
    }
    /* The model is this function's own: its memory is not constant. */
    renaming r = {model, (furrow_column *)&model->columns[column - table->columns], from, to};
    each_expression(w, table, rename_mention, &r);
    for (size_t i = 0; i < table->index_count && w->status == FURROW_OK; i++) {
        /* each_expression gave every index parts of its own. */
        furrow__index_part *parts = (furrow__index_part *)table->indexes[i].parts;
        for (size_t j = 0; j < table->indexes[i].count; j++)
            if (parts[j].column && strcmp(parts[j].column, from) == 0)
                parts[j].column = to;
    }
    rename_in_keys(w, table->name, from, to);
    column->name = to;
}

static void rename_table(work *w)
{
    const furrow__change *change = w->change;
    furrow__catalog_table *table = own_draft(w);
    if (!table || !name_is_free(w, table->name.schema, change->new_name))
        return;
    furrow__table_name from = table->name, to = {from.schema, change->new_name};
    for (size_t i = 0; i < w->catalog->count && w->status == FURROW_OK; i++) {
        furrow__catalog_table *other = w->catalog->tables[i], *d = NULL;
        for (size_t j = 0; j < other->constraint_count; j++) {
            if (other->constraints[j].kind != FURROW__CONSTRAINT_FOREIGN_KEY ||
                !furrow__table_names_are_equal(other->constraints[j].target, from))
                continue;
            d = d ? d : draft_of(w, other);
            if (d)
                d->constraints[j].target = to;
        }
    }
    table->name = to;
}

/* ---- tables ---- */

static void create_table(work *w)
{
    char shown[FURROW__SHOWN_SIZE];
    const furrow__catalog_table *from = w->change->new_table;
    draft *d = furrow__arena_aligned(&w->scratch, sizeof *d, _Alignof(draft));
    if (!d) {
        no_memory(w);
        return;
    }
    if (furrow__catalog_table_named(w->catalog, from->name)) {
        fail(w, "there is a table \"%s\" already", furrow__table_shown(shown, from->name));
        return;
    }
    if (!name_is_free(w, from->name.schema, from->name.name))
        return;
    if (from->column_count == 0)
        fail(w, "table \"%s\" has no columns", furrow__table_shown(shown, from->name));
    if (w->catalog->count >= FURROW__CATALOG_TABLES)
        fail(w, "there are %d tables already", FURROW__CATALOG_TABLES);
    *d = (draft){.table = {.name = from->name}};
    for (size_t i = 0; i < from->column_count; i++)
        add_column(w, &d->table, &from->columns[i]);
    for (size_t i = 0; i < from->constraint_count; i++)
        add_constraint(w, &d->table, &from->constraints[i]);
    for (size_t i = 0; i < d->table.column_count && w->status == FURROW_OK; i++)
        if (d->table.columns[i].assigned)
            check_identity(w, &d->table, &d->table.columns[i]);
    if (w->status != FURROW_OK)
        return;
    furrow__catalog_table *added = furrow__catalog_add_table(w->catalog, from->name);
    if (added)
        *added = d->table;
    else
        no_memory(w);
}

static void drop_table(work *w)
{
    char shown[FURROW__SHOWN_SIZE], other_shown[FURROW__SHOWN_SIZE];
    furrow__catalog *catalog = w->catalog;
    const furrow__catalog_table *table = find_table(w, w->change->table);
    if (!table)
        return;
    size_t at = 0;
    for (size_t i = 0; i < catalog->count; i++) {
        const furrow__catalog_table *other = catalog->tables[i];
        if (other == table)
            at = i;
        for (size_t j = 0; other != table && j < other->constraint_count; j++)
            if (other->constraints[j].kind == FURROW__CONSTRAINT_FOREIGN_KEY &&
                furrow__table_names_are_equal(other->constraints[j].target, table->name)) {
                fail(w, "foreign key \"%s\" of table \"%s\" still refers to \"%s\"",
                     other->constraints[j].name, furrow__table_shown(other_shown, other->name),
                     furrow__table_shown(shown, table->name));
                mend(w, "drop the foreign key first");
                return;
            }
    }
    memmove(catalog->tables + at, catalog->tables + at + 1,
            (--catalog->count - at) * sizeof *catalog->tables);
}

/* ---- altering columns ---- */

typedef struct again {
    const furrow_model *model;
} again;

static void canonical_again(work *w, const char **text, furrow__expression_use use,
                            const char *kind, const char *name, void *context)
{
    const again *a = context;
    *text = canonical(w, *text, a->model, NULL, use, kind, name);
}

/* Foreign keys from or to the column, whose type has changed. */
static void check_keys_again(work *w, const furrow__catalog_table *table)
{
    for (size_t i = 0; i < w->catalog->count && w->status == FURROW_OK; i++) {
        const furrow__catalog_table *other = seen(w, w->catalog->tables[i]);
        for (size_t j = 0; j < other->constraint_count && w->status == FURROW_OK; j++) {
            const furrow__catalog_constraint *c = &other->constraints[j];
            if (c->kind == FURROW__CONSTRAINT_FOREIGN_KEY &&
                (other == table || furrow__table_names_are_equal(c->target, table->name))) {
                check_target(w, other, c);
                mend(w, "drop the foreign key first, and add it again once both are changed");
            }
        }
    }
}

static void alter_type(work *w, furrow__catalog_table *table, furrow__catalog_column *column)
{
    const furrow__change *change = w->change;
    const furrow_model *old = model_of(w, table);
    size_t at = (size_t)(column - table->columns);
    column->type = change->column.type;
    const furrow_model *model = model_of(w, table);
    if (!old || !model)
        return;
    if (change->backfill)
        check_value(w, change->backfill, old, &model->columns[at]);
    if (column->assigned && !furrow__type_is_integer(&column->type))
        fail(w, "column \"%s\" is assigned by the database and must stay an integer", column->name);
    if (column->default_) {
        set_default(w, table, column, column->default_);
        mend(w, "drop the default first, and set it again once the type is changed");
    }
    again a = {model};
    if (w->status == FURROW_OK)
        each_expression(w, table, canonical_again, &a);
    if (w->status == FURROW_OK)
        check_keys_again(w, table);
}

static void alter_nullable(work *w, const furrow__catalog_table *table,
                           furrow__catalog_column *column, bool nullable)
{
    const furrow__catalog_constraint *key = furrow__catalog_primary_key(table);
    if (column->nullable == nullable)
        fail(w, "column \"%s\" %s", column->name,
             nullable ? "may be NULL already" : "is NOT NULL already");
    else if (nullable && key && furrow__names_have(key->columns, key->count, column->name))
        fail(w, "column \"%s\" is part of the primary key, which may not be NULL", column->name);
    column->nullable = nullable;
}

static void alter_identity(work *w, const furrow__catalog_table *table,
                           furrow__catalog_column *column, bool assigned)
{
    if (column->assigned == assigned)
        fail(w, "column \"%s\" is %s", column->name,
             assigned ? "assigned by the database already" : "not assigned by the database");
    else if (assigned && column->default_)
        fail(w, "column \"%s\" has a default; drop it first", column->name);
    else if (assigned)
        check_identity(w, table, column);
    column->assigned = assigned;
}

static void alter_column(work *w)
{
    const furrow__change *change = w->change;
    furrow__catalog_table *table = own_draft(w);
    furrow__catalog_column *column = find_column(w, table, change->name);
    if (!column)
        return;
    switch (change->alters) {
    case FURROW__ALTER_TYPE:
        alter_type(w, table, column);
        break;
    case FURROW__ALTER_SET_NOT_NULL:
    case FURROW__ALTER_DROP_NOT_NULL:
        alter_nullable(w, table, column, change->alters == FURROW__ALTER_DROP_NOT_NULL);
        break;
    case FURROW__ALTER_SET_DEFAULT:
        if (column->assigned)
            fail(w, "column \"%s\" is assigned by the database and cannot have a default",
                 column->name);
        else
            set_default(w, table, column, change->column.default_);
        break;
    case FURROW__ALTER_DROP_DEFAULT:
        if (!column->default_)
            fail(w, "column \"%s\" has no default", column->name);
        column->default_ = NULL;
        break;
    case FURROW__ALTER_ADD_IDENTITY:
    case FURROW__ALTER_DROP_IDENTITY:
        alter_identity(w, table, column, change->alters == FURROW__ALTER_ADD_IDENTITY);
        break;
    }
}

static void add_column_change(work *w)
{
    const furrow__change *change = w->change;
    furrow__catalog_table *table = own_draft(w);
    const furrow_model *old = table ? model_of(w, table) : NULL;
    if (!old)
        return;
    add_column(w, table, &change->column);
    if (w->status == FURROW_OK && change->column.assigned)
        check_identity(w, table, &table->columns[table->column_count - 1]);
    const furrow_model *model = model_of(w, table);
    if (model && w->status == FURROW_OK && change->backfill)
        check_value(w, change->backfill, old, &model->columns[table->column_count - 1]);
}

/* ---- data ---- */

static const furrow_column *model_column(const furrow_model *model, const char *name)
{
    for (size_t i = 0; i < model->column_count; i++)
        if (strcmp(model->columns[i].name, name) == 0)
            return &model->columns[i];
    return NULL;
}

static void check_data(work *w)
{
    char shown[FURROW__SHOWN_SIZE];
    const furrow__data *data = w->change->data;
    const furrow__catalog_table *table = find_table(w, w->change->table);
    const furrow_model *model = table ? model_of(w, table) : NULL, *over = model;
    if (!model)
        return;
    if (data->kind == FURROW__DATA_INSERT_SELECT) {
        const furrow__catalog_table *from = find_table(w, data->from);
        over = from ? model_of(w, from) : NULL;
        if (!over)
            return;
    }
    for (size_t i = 0; i < data->column_count && w->status == FURROW_OK; i++) {
        const furrow_column *column = model_column(model, data->columns[i]);
        if (!column)
            fail(w, "table \"%s\" has no column \"%s\"", furrow__table_shown(shown, table->name),
                 data->columns[i]);
        else if (furrow__names_have(data->columns, i, data->columns[i]))
            fail(w, "column \"%s\" is written to twice", data->columns[i]);
        for (size_t row = 0; row < data->row_count && w->status == FURROW_OK; row++)
            check_value(w, data->values[row * data->column_count + i], over, column);
    }
    if (data->where && w->status == FURROW_OK)
        parse(w, data->where, over, FURROW__EXPRESSION_FOR_WHERE, "where");
}

/* ---- applying ---- */

static void apply(work *w)
{
    switch (w->change->kind) {
    case FURROW__CREATE_TABLE:
        create_table(w);
        break;
    case FURROW__DROP_TABLE:
        drop_table(w);
        break;
    case FURROW__RENAME_TABLE:
        rename_table(w);
        break;
    case FURROW__ADD_COLUMN:
        add_column_change(w);
        break;
    case FURROW__DROP_COLUMN:
        drop_column(w);
        break;
    case FURROW__RENAME_COLUMN:
        rename_column(w);
        break;
    case FURROW__ALTER_COLUMN:
        alter_column(w);
        break;
    case FURROW__ADD_CONSTRAINT: {
        furrow__catalog_table *table = own_draft(w);
        if (table)
            add_constraint(w, table, &w->change->constraint);
        break;
    }
    case FURROW__DROP_CONSTRAINT:
        drop_constraint(w);
        break;
    case FURROW__RENAME_CONSTRAINT:
        rename_constraint(w);
        break;
    case FURROW__CREATE_INDEX:
        create_index(w);
        break;
    case FURROW__DROP_INDEX:
        drop_index(w);
        break;
    case FURROW__RENAME_INDEX:
        rename_index(w);
        break;
    case FURROW__DATA:
        check_data(w);
        break;
    case FURROW__ENGINE:
        break;
    }
}

/* The effect as a whole, or nothing of it. */
static furrow_status apply_effect(furrow__catalog *catalog, const furrow__change *change,
                                  furrow_error *error)
{
    furrow__catalog copy;
    if (change->effect.count == 0)
        return FURROW_OK;
    if (furrow__catalog_copy(&copy, catalog, catalog->arena, error) != FURROW_OK)
        return FURROW_NOMEM;
    furrow_status status = furrow__changes_apply(&copy, &change->effect, error);
    if (status == FURROW_OK)
        *catalog = copy;
    return status;
}

furrow_status furrow__change_apply(furrow__catalog *catalog, const furrow__change *change,
                                   furrow_error *error)
{
    furrow_error own = {0};
    work w = {.catalog = catalog, .change = change, .error = error ? error : &own};
    if (change->kind == FURROW__ENGINE)
        return apply_effect(catalog, change, error);
    apply(&w);
    for (draft *d = w.drafts; d && w.status == FURROW_OK; d = d->next)
        *d->of = d->table;
    furrow__arena_done(&w.scratch);
    return w.status;
}

furrow_status furrow__changes_apply(furrow__catalog *catalog, const furrow__change_list *list,
                                    furrow_error *error)
{
    furrow_status status = FURROW_OK;
    for (size_t i = 0; i < list->count && status == FURROW_OK; i++)
        status = furrow__change_apply(catalog, &list->items[i], error);
    return status;
}
