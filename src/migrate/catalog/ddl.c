/* SPDX-License-Identifier: MIT
 *
 * The statements that create or drop all tables of a schema, in an order that works. A table is
 * created after the tables that it refers to. If tables refer to each other in a cycle, one of them
 * has to be created before a table that it refers to. Some engines accept such a foreign key in
 * CREATE TABLE. On the others, ALTER TABLE adds the key after all tables have been created. Tables
 * are dropped in the opposite order.
 */
#include "migrate/catalog/ddl.h"

#include <string.h>

#include "base/text.h"

/* The state of one call. Lists have one element per table, in the order of the schema's models. */
typedef struct writer {
    const furrow__dialect *dialect;
    const furrow_schema *schema;
    furrow__catalog logical, physical;
    furrow_arena *arena;  /* memory for the statements, which the caller keeps */
    furrow_arena scratch; /* memory for everything else */
    furrow_error *error;
    furrow_status status; /* the first failure; all later calls do nothing */
    size_t *order;        /* the tables in the order in which they are created */
    size_t *place;        /* the index of each table in `order`; SIZE_MAX if `order` does not
                             contain the table yet */
    size_t **targets;     /* for each table: the tables that its foreign keys refer to; SIZE_MAX if
                             such a table is not in the schema */
    furrow__buffer text;  /* the text of the current statement */
    furrow__statements *out;
    size_t item_capacity, model_capacity;
} writer;

static void no_memory(writer *w)
{
    if (w->status == FURROW_OK)
        w->status = furrow__fail(w->error, FURROW_NOMEM, "out of memory");
}

static size_t index_of(const furrow__catalog *catalog, furrow__table_name name)
{
    for (size_t i = 0; i < catalog->count; i++)
        if (furrow__table_names_are_equal(catalog->tables[i]->name, name))
            return i;
    return SIZE_MAX;
}

/* each_key calls this function for each foreign key of a table. `number` counts the table's foreign
 * keys from 0. */
typedef void visit_key(writer *w, size_t table, furrow__catalog_constraint *key, size_t number);

static void each_key(writer *w, furrow__catalog *catalog, size_t table, visit_key *visit)
{
    furrow__catalog_table *t = catalog->tables[table];
    size_t number = 0;
    for (size_t i = 0; i < t->constraint_count && w->status == FURROW_OK; i++)
        if (t->constraints[i].kind == FURROW__CONSTRAINT_FOREIGN_KEY)
            visit(w, table, &t->constraints[i], number++);
}

static void find_target(writer *w, size_t table, furrow__catalog_constraint *key, size_t number)
{
    w->targets[table][number] = index_of(&w->logical, key->target);
}

static size_t key_count(const furrow__catalog_table *table)
{
    size_t count = 0;
    for (size_t i = 0; i < table->constraint_count; i++)
        count += table->constraints[i].kind == FURROW__CONSTRAINT_FOREIGN_KEY;
    return count;
}

static void find_targets(writer *w)
{
    for (size_t i = 0; i < w->logical.count && w->status == FURROW_OK; i++) {
        size_t count = key_count(w->logical.tables[i]);
        w->targets[i] =
            furrow__arena_aligned(&w->scratch, (count + 1) * sizeof **w->targets, _Alignof(size_t));
        if (w->targets[i])
            each_key(w, &w->logical, i, find_target);
        else
            no_memory(w);
    }
}

/* Returns a table that has to be placed before this table, but is not placed yet. Returns SIZE_MAX
 * if there is none. */
static size_t waits_for(const writer *w, size_t table)
{
    size_t count = key_count(w->logical.tables[table]);
    for (size_t i = 0; i < count; i++) {
        size_t target = w->targets[table][i];
        if (target != SIZE_MAX && target != table && w->place[target] == SIZE_MAX)
            return target;
    }
    return SIZE_MAX;
}

/* Chooses the next table to place: the first table that refers only to placed tables. If there is
 * none, follows the references from table to table. The first table that is reached a second time
 * is part of a cycle, and is chosen. */
static size_t next_table(const writer *w, bool *seen)
{
    size_t first = SIZE_MAX;
    for (size_t i = 0; i < w->logical.count; i++) {
        if (w->place[i] != SIZE_MAX)
            continue;
        if (waits_for(w, i) == SIZE_MAX)
            return i;
        if (first == SIZE_MAX)
            first = i;
    }
    memset(seen, 0, w->logical.count * sizeof *seen);
    while (!seen[first]) {
        seen[first] = true;
        first = waits_for(w, first);
    }
    return first;
}

static void order_tables(writer *w)
{
    size_t count = w->logical.count, size = (count + 1) * sizeof(size_t);
    w->order = furrow__arena_aligned(&w->scratch, size, _Alignof(size_t));
    w->place = furrow__arena_aligned(&w->scratch, size, _Alignof(size_t));
    w->targets =
        furrow__arena_aligned(&w->scratch, (count + 1) * sizeof *w->targets, _Alignof(size_t *));
    bool *seen = furrow__arena_aligned(&w->scratch, count + 1, 1);
    if (!w->order || !w->place || !w->targets || !seen) {
        no_memory(w);
        return;
    }
    find_targets(w);
    for (size_t i = 0; i < count; i++)
        w->place[i] = SIZE_MAX;
    for (size_t i = 0; i < count && w->status == FURROW_OK; i++) {
        w->order[i] = next_table(w, seen);
        w->place[w->order[i]] = i;
    }
}

/* Whether a foreign key refers to a table that is created later. */
static bool is_forward(const writer *w, size_t table, size_t number)
{
    size_t target = w->targets[table][number];
    return target != SIZE_MAX && w->place[target] > w->place[table];
}

static bool make_room(writer *w)
{
    furrow__statements *out = w->out;
    const char **items = furrow__arena_room(w->arena, (void *)out->items, out->count,
                                            &w->item_capacity, sizeof *items);
    if (items)
        out->items = items;
    const furrow_model **models = furrow__arena_room(w->arena, (void *)out->models, out->count,
                                                     &w->model_capacity, sizeof *models);
    if (models)
        out->models = models;
    return items && models;
}

/* Appends the statement in w->text to the result. */
static void finish(writer *w, const furrow_model *model)
{
    const char *text = furrow__buffer_text(&w->text);
    const char *copy = w->status == FURROW_OK && text && make_room(w)
                           ? furrow__arena_text(w->arena, text, w->text.size)
                           : NULL;
    if (copy) {
        w->out->items[w->out->count] = copy;
        w->out->models[w->out->count++] = model;
    } else {
        no_memory(w);
    }
    furrow__buffer_clear(&w->text);
}

/* Creates the schema of a table before the first table in that schema. */
static void create_namespace(writer *w, size_t table)
{
    const char *name = w->logical.tables[table]->name.schema;
    if (!name || !w->dialect->has_schemas)
        return;
    for (size_t i = 0; i < w->place[table]; i++) {
        const char *earlier = w->logical.tables[w->order[i]]->name.schema;
        if (earlier && strcmp(earlier, name) == 0)
            return;
    }
    furrow__buffer_add_text(&w->text, "CREATE SCHEMA IF NOT EXISTS ");
    furrow__sql_identifier(&w->text, name);
    finish(w, w->schema->models[table]);
}

static void create_table(writer *w, size_t table)
{
    const furrow__catalog_table *t = w->physical.tables[table];
    create_namespace(w, table);
    furrow__physical_write_table(&w->text, &w->physical, t, NULL);
    finish(w, w->schema->models[table]);
    for (size_t i = 0; i < t->index_count && w->status == FURROW_OK; i++) {
        furrow__physical_write_index(&w->text, &w->physical, t, &t->indexes[i]);
        finish(w, w->schema->models[table]);
    }
}

static void begin_alter(writer *w, size_t table, const char *what)
{
    furrow__buffer_add_text(&w->text, "ALTER TABLE ");
    furrow__write_table_name(&w->text, w->dialect, w->logical.tables[table]->name);
    furrow__buffer_format(&w->text, "\n    %s ", what);
}

static void mark_forward_key(writer *w, size_t table, furrow__catalog_constraint *key,
                             size_t number)
{
    key->added_later = is_forward(w, table, number);
}

static void add_forward_key(writer *w, size_t table, furrow__catalog_constraint *key, size_t number)
{
    if (!is_forward(w, table, number))
        return;
    begin_alter(w, table, "ADD");
    furrow__physical_write_constraint(&w->text, w->dialect, key);
    finish(w, w->schema->models[table]);
}

static void drop_forward_key(writer *w, size_t table, furrow__catalog_constraint *key,
                             size_t number)
{
    if (!is_forward(w, table, number))
        return;
    begin_alter(w, table, "DROP CONSTRAINT IF EXISTS");
    furrow__sql_identifier(&w->text, key->name);
    finish(w, w->schema->models[table]);
}

static void each_key_in_order(writer *w, furrow__catalog *catalog, visit_key *visit)
{
    for (size_t i = 0; i < catalog->count && w->status == FURROW_OK; i++)
        each_key(w, catalog, w->order[i], visit);
}

static bool has_cycle(const writer *w)
{
    for (size_t i = 0; i < w->logical.count; i++) {
        size_t count = key_count(w->logical.tables[i]);
        for (size_t j = 0; j < count; j++)
            if (is_forward(w, i, j))
                return true;
    }
    return false;
}

static void drop_tables(writer *w)
{
    /* Before SQLite drops a table, it deletes the table's rows. This fails while other rows refer
     * to them. */
    const struct furrow__ddl_dialect *ddl = w->dialect->ddl;
    bool defers = ddl->defer_keys && has_cycle(w);
    if (defers) {
        furrow__buffer_add_text(&w->text, ddl->defer_keys);
        finish(w, NULL);
    }
    for (size_t i = w->logical.count; i > 0 && w->status == FURROW_OK; i--) {
        size_t table = w->order[i - 1];
        furrow__buffer_add_text(&w->text, "DROP TABLE ");
        furrow__write_table_name(&w->text, w->dialect, w->logical.tables[table]->name);
        finish(w, w->schema->models[table]);
    }
    if (defers) {
        furrow__buffer_add_text(&w->text, ddl->enforce_keys);
        finish(w, NULL);
    }
}

static writer begin(furrow__statements *out, const furrow__dialect *dialect,
                    const furrow_schema *schema, furrow_arena *arena, furrow_error *error)
{
    writer w = {.dialect = dialect, .schema = schema, .arena = arena, .error = error, .out = out};
    *out = (furrow__statements){0};
    return w;
}

static void read_schema(writer *w)
{
    w->status = furrow__catalog_from_schema(&w->logical, w->schema, &w->scratch, w->error);
    if (w->status == FURROW_OK)
        order_tables(w);
}

static furrow_status end(writer *w)
{
    furrow__buffer_done(&w->text);
    furrow__arena_done(&w->scratch);
    if (w->status != FURROW_OK)
        *w->out = (furrow__statements){0};
    return w->status;
}

furrow_status furrow__ddl_create_schema(furrow__statements *out, const furrow__dialect *dialect,
                                        const furrow_schema *schema, furrow_arena *arena,
                                        furrow_error *error)
{
    writer w = begin(out, dialect, schema, arena, error);
    read_schema(&w);
    if (w.status == FURROW_OK)
        w.status = furrow__catalog_lower(&w.physical, &w.logical, dialect, &w.scratch, error);
    bool alters = dialect->ddl->alters_constraints;
    if (alters)
        each_key_in_order(&w, &w.physical, mark_forward_key);
    for (size_t i = 0; i < schema->count && w.status == FURROW_OK; i++)
        create_table(&w, w.order[i]);
    if (alters)
        each_key_in_order(&w, &w.physical, add_forward_key);
    return end(&w);
}

furrow_status furrow__ddl_drop_schema(furrow__statements *out, const furrow__dialect *dialect,
                                      const furrow_schema *schema, furrow_arena *arena,
                                      furrow_error *error)
{
    writer w = begin(out, dialect, schema, arena, error);
    read_schema(&w);
    if (dialect->ddl->alters_constraints)
        each_key_in_order(&w, &w.logical, drop_forward_key);
    if (w.status == FURROW_OK)
        drop_tables(&w);
    return end(&w);
}
