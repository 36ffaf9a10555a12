/* SPDX-License-Identifier: MIT
 * Preflight checks for new keys, unique indexes, foreign keys and CHECK constraints. They count the
 * rows that would violate the constraint. */
#include <string.h>

#include "migrate/plan/preflight_parts.h"
#include "base/text.h"
#include "sql/expression_sql.h"

typedef furrow__planner planner;

#define KEEP_ONE "decide which of these rows to keep, in a separate revision"

/* How a list of a key's columns is written. */
typedef struct list_style {
    const char *prefix, *suffix, *separator; /* written before, after and between the columns */
} list_style;

static const list_style names_only = {"", "", ", "};
static const list_style all_not_null = {"", " IS NOT NULL", " AND "};
static const list_style all_not_null_of_t = {"t.", " IS NOT NULL", " AND "};

typedef struct key_columns {
    furrow__table_name table;
    const char *const *names;
    size_t count;
} key_columns;

/* Returns the original names of the columns, quoted; NULL if one of the columns did not exist. */
static const char *list_columns(planner *p, const key_columns *key, list_style style)
{
    for (size_t i = 0; i < key->count; i++) {
        const char *name = furrow__plan_original_column(p, key->table, key->names[i]);
        if (!name) {
            furrow__buffer_clear(&p->text);
            return NULL;
        }
        furrow__buffer_format(&p->text, "%s%s", i ? style.separator : "", style.prefix);
        furrow__sql_identifier(&p->text, name);
        furrow__buffer_add_text(&p->text, style.suffix);
    }
    return furrow__plan_take(p);
}

/* Returns the original names of the columns, in the arena. */
static const char *const *original_names(planner *p, const key_columns *key)
{
    const char **names =
        furrow__arena_aligned(p->arena, (key->count + 1) * sizeof *names, _Alignof(char *));
    if (!names)
        furrow__plan_no_memory(p);
    for (size_t i = 0; names && i < key->count; i++)
        names[i] = furrow__plan_original_column(p, key->table, key->names[i]);
    return names;
}

static bool column_reads_as_before(const planner *p, furrow__table_name table,
                                   const furrow__catalog_table *original, const char *column)
{
    const furrow__catalog_table *now = furrow__catalog_table_named(&p->now, table);
    const char *name = furrow__plan_original_column(p, table, column);
    if (!now || !name || strcmp(name, column) != 0)
        return false;
    const furrow__catalog_column *a = furrow__catalog_column_named(original, name),
                                 *b = furrow__catalog_column_named(now, column);
    return a && b && a->type.type == b->type.type && a->type.scale == b->type.scale &&
           !a->type.native == !b->type.native;
}

/* Whether all columns in the expression still have the names and types that they had before the
 * first change. */
static bool reads_as_before(const planner *p, furrow__table_name table,
                            const furrow__catalog_table *original, const furrow__expression *n)
{
    if (n->kind == FURROW__EXPRESSION_COLUMN)
        return column_reads_as_before(p, table, original, n->column->name);
    for (size_t i = 0; i < n->argument_count; i++)
        if (!reads_as_before(p, table, original, n->arguments[i]))
            return false;
    return true;
}

/* Writes an expression as SQL over the rows before the first change. Returns false if it contains a
 * column that was added, renamed or given another type. */
static bool write_over_rows(planner *p, furrow__table_name table, const char *text,
                            furrow__expression_use use)
{
    const furrow__catalog_table *original = furrow__plan_original(p, table);
    const furrow__expression_source source = {
        .text = text,
        .scope = original ? furrow__catalog_scope(original, p->arena) : NULL,
        .use = use};
    furrow__expression_error problem;
    if (!source.scope)
        return false;
    const furrow__expression *parsed = furrow__expression_parse(&source, p->arena, &problem);
    if (!parsed || !reads_as_before(p, table, original, parsed))
        return false;
    furrow__plan_write_expression(p, parsed, NULL);
    return true;
}

static furrow__count_message unique_message(planner *p, const char *table, const char *name)
{
    furrow__count_message message;
    furrow__buffer_format(&p->text, " value of %s is in more than one row, but must be unique",
                          FURROW__QUOTED(table));
    if (name)
        furrow__buffer_format(&p->text, " in %s", FURROW__QUOTED(name));
    message.one = furrow__plan_take(p);
    furrow__buffer_format(&p->text, " values of %s are in more than one row, but must be unique",
                          FURROW__QUOTED(table));
    if (name)
        furrow__buffer_format(&p->text, " in %s", FURROW__QUOTED(name));
    message.many = furrow__plan_take(p);
    return message;
}

static void ask_unique(planner *p, const furrow__change *change, const char *name,
                       const key_columns *key)
{
    const furrow__catalog_table *table = furrow__plan_original(p, key->table);
    const char *list = table ? list_columns(p, key, names_only) : NULL;
    const char *complete = list ? list_columns(p, key, all_not_null) : NULL;
    if (!list || !complete)
        return;
    furrow__buffer_add_text(&p->text, "(SELECT count(*) FROM ");
    furrow__write_table_name(&p->text, p->dialect, table->name);
    furrow__buffer_format(&p->text, " WHERE %s GROUP BY %s HAVING count(*) > 1) AS twice", complete,
                          list);
    furrow__plan_question q = {.table = table,
                               .from = furrow__plan_take(p),
                               .message = unique_message(p, table->name.name, name),
                               .unique = original_names(p, key),
                               .unique_count = key->count,
                               .hint = KEEP_ONE};
    furrow__buffer_format(&p->text, "SELECT %s FROM ", list);
    furrow__write_table_name(&p->text, p->dialect, table->name);
    furrow__buffer_format(&p->text, " WHERE %s GROUP BY %s HAVING count(*) > 1 ORDER BY %s LIMIT 5",
                          complete, list, list);
    q.sample = furrow__plan_take(p);
    furrow__plan_add_question(p, change, &q);
}

/* Returns the column with this name, if this plan adds it; otherwise NULL. */
static const furrow__plan_column *added_column(const planner *p, furrow__table_name table,
                                               const char *name)
{
    for (size_t i = p->added_count; i > 0; i--)
        if (furrow__table_names_are_equal(p->added[i - 1].table, table) &&
            strcmp(p->added[i - 1].name, name) == 0)
            return &p->added[i - 1];
    return NULL;
}

/* Writes the parts of the key that can differ between rows, separated by commas. Writes nothing if
 * there are no such parts. Returns false if a part cannot be computed before the first change, or
 * if it is NULL in every row. */
static bool write_parts(planner *p, furrow__table_name table, const furrow__catalog_index *index)
{
    bool first = true;
    for (size_t i = 0; i < index->count; i++) {
        const furrow__index_part *part = &index->parts[i];
        const char *name =
            part->column ? furrow__plan_original_column(p, table, part->column) : NULL;
        const furrow__plan_column *added =
            part->column && !name ? added_column(p, table, part->column) : NULL;
        if (added && added->is_constant)
            continue;
        if (part->column && !name)
            return false;
        furrow__buffer_add_text(&p->text, first ? "" : ", ");
        first = false;
        if (name)
            furrow__sql_identifier(&p->text, name);
        else if (!write_over_rows(p, table, part->expression, FURROW__EXPRESSION_FOR_INDEX))
            return false;
    }
    return true;
}

/* Returns a condition that is true for rows that have the same key as another row. `parts` is "" if
 * the key is the same in all rows. `where` is the condition of a partial index; NULL for all rows.
 */
static const char *shared_key_condition(planner *p, furrow__table_name table, const char *parts,
                                        const char *where)
{
    if (where)
        furrow__buffer_format(&p->text, "(%s) AND ", where);
    if (parts[0])
        furrow__buffer_format(&p->text, "(%s) IN (SELECT %s FROM ", parts, parts);
    else
        furrow__buffer_add_text(&p->text, "1 < (SELECT count(*) FROM ");
    furrow__write_table_name(&p->text, p->dialect, table);
    if (where)
        furrow__buffer_format(&p->text, " WHERE %s", where);
    if (parts[0])
        furrow__buffer_format(&p->text, " GROUP BY %s HAVING count(*) > 1", parts);
    furrow__buffer_add_char(&p->text, ')');
    return furrow__plan_take(p);
}

static void ask_shared_keys(planner *p, const furrow__change *change,
                            const furrow__catalog_index *index)
{
    static const furrow__wording shared = {"has the same key as another row in",
                                           "have the same key as another row in"};
    const furrow__catalog_table *table = furrow__plan_original(p, change->table);
    const char *where = NULL, *parts = NULL;
    if (table && index->where &&
        write_over_rows(p, change->table, index->where, FURROW__EXPRESSION_FOR_WHERE))
        where = furrow__plan_take(p);
    if (table && (where || !index->where) && write_parts(p, change->table, index))
        parts = furrow__plan_take(p);
    furrow__buffer_clear(&p->text);
    if (!parts)
        return;
    furrow__plan_question q = {
        .table = table,
        .where = shared_key_condition(p, table->name, parts, where),
        .message = furrow__plan_message(p, table->name.name, shared, index->name),
        .hint =
            parts[0] ? KEEP_ONE : "give each row another value: ADD COLUMN ... USING (expression)"};
    furrow__plan_add_question(p, change, &q);
}

void furrow__plan_ask_key(planner *p, const furrow__change *change,
                          const furrow__catalog_index *index)
{
    const char *columns[FURROW__CATALOG_KEY];
    bool plain = !index->where;
    if (index->count > FURROW__CATALOG_KEY)
        return;
    for (size_t i = 0; i < index->count; i++) {
        columns[i] = index->parts[i].column;
        plain = plain && columns[i] &&
                furrow__plan_original_column(p, change->table, columns[i]) != NULL;
    }
    if (plain)
        ask_unique(p, change, index->name, &(key_columns){change->table, columns, index->count});
    else
        ask_shared_keys(p, change, index);
}

/* Returns a condition that is true for rows whose foreign key refers to a missing row. Returns NULL
 * if one of the columns is new. */
static const char *dangling_condition(planner *p, const furrow__change *change,
                                      furrow__table_name target)
{
    const furrow__catalog_constraint *c = &change->constraint;
    const key_columns key = {change->table, c->columns, c->count};
    const char *complete = list_columns(p, &key, all_not_null_of_t);
    if (!complete)
        return NULL;
    furrow__buffer_format(&p->text, "%s AND NOT EXISTS (SELECT 1 FROM ", complete);
    furrow__write_table_name(&p->text, p->dialect, target);
    furrow__buffer_add_text(&p->text, " AS u WHERE ");
    for (size_t i = 0; i < c->count; i++) {
        const char *own = furrow__plan_original_column(p, change->table, c->columns[i]),
                   *to = furrow__plan_original_column(p, c->target, c->target_columns[i]);
        if (!own || !to) {
            furrow__buffer_clear(&p->text);
            return NULL;
        }
        furrow__buffer_add_text(&p->text, i ? " AND u." : "u.");
        furrow__sql_identifier(&p->text, to);
        furrow__buffer_add_text(&p->text, " = t.");
        furrow__sql_identifier(&p->text, own);
    }
    furrow__buffer_add_char(&p->text, ')');
    return furrow__plan_take(p);
}

static void ask_foreign_key(planner *p, const furrow__change *change)
{
    static const furrow__wording dangling = {"refers to a missing row of",
                                             "refer to missing rows of"};
    const furrow__catalog_table *table = furrow__plan_original(p, change->table),
                                *target = table
                                              ? furrow__plan_original(p, change->constraint.target)
                                              : NULL;
    const char *where = target ? dangling_condition(p, change, target->name) : NULL;
    if (!where)
        return;
    furrow__write_table_name(&p->text, p->dialect, table->name);
    furrow__buffer_add_text(&p->text, " AS t");
    furrow__plan_question q = {
        .table = table,
        .from = furrow__plan_take(p),
        .where = where,
        .message = furrow__plan_message(p, table->name.name, dangling, target->name.name),
        .hint = "delete these rows or set their columns to NULL first, in a separate revision"};
    furrow__plan_add_question(p, change, &q);
}

static void ask_check(planner *p, const furrow__change *change)
{
    static const furrow__wording violated = {"violates the check", "violate the check"};
    const furrow__catalog_table *table = furrow__plan_original(p, change->table);
    furrow__buffer_add_text(&p->text, "NOT (");
    if (!table || !write_over_rows(p, change->table, change->constraint.expression,
                                   FURROW__EXPRESSION_FOR_CHECK)) {
        furrow__buffer_clear(&p->text);
        return;
    }
    furrow__buffer_add_char(&p->text, ')');
    furrow__plan_question q = {
        .table = table,
        .where = furrow__plan_take(p),
        .message = furrow__plan_message(p, table->name.name, violated, change->constraint.name),
        .hint = FURROW__UPDATE_FIRST};
    furrow__plan_add_question(p, change, &q);
}

static void ask_key_constraint(planner *p, const furrow__change *change)
{
    furrow__index_part parts[FURROW__CATALOG_KEY];
    furrow__catalog_index key = {.name = change->constraint.name,
                                 .parts = parts,
                                 .count = change->constraint.count,
                                 .unique = true};
    for (size_t i = 0; i < key.count && i < FURROW__CATALOG_KEY; i++)
        parts[i] = (furrow__index_part){.column = change->constraint.columns[i]};
    furrow__plan_ask_key(p, change, &key);
}

void furrow__plan_ask_constraint(planner *p, const furrow__change *change)
{
    switch (change->constraint.kind) {
    case FURROW__CONSTRAINT_PRIMARY_KEY:
    case FURROW__CONSTRAINT_UNIQUE:
        ask_key_constraint(p, change);
        break;
    case FURROW__CONSTRAINT_FOREIGN_KEY:
        ask_foreign_key(p, change);
        break;
    case FURROW__CONSTRAINT_CHECK:
        ask_check(p, change);
        break;
    }
}
