/* SPDX-License-Identifier: MIT
 * Preflight checks for a change to a later storage version: they count the values that the new
 * checks would refuse, even after the conversion that the rebuild makes, and the rows whose unique
 * keys this conversion would make equal. */
#include <string.h>

#include "base/text.h"
#include "dialect/sqlite/sqlite.h"
#include "migrate/plan/preflight_parts.h"
#include "sql/expression_sql.h"

#define HINT                                                                                       \
    "correct these values first with UPDATE, or in a revision before this one: "                   \
    "man 7 furrow-migrations describes the forms"

#define KEY_HINT                                                                                   \
    "correct or delete all but one of the rows with each key first, with UPDATE and DELETE, or "   \
    "in a revision before this one"

static bool has_check(const furrow__catalog_table *table,
                      const furrow__catalog_constraint *constraint)
{
    for (size_t i = 0; i < table->constraint_count; i++) {
        const furrow__catalog_constraint *c = &table->constraints[i];
        if (c->of_column && strcmp(c->of_column, constraint->of_column) == 0 &&
            strcmp(c->expression, constraint->expression) == 0)
            return true;
    }
    return false;
}

/* Writes a condition that is true for the values that the check rejects. If the check requires a
 * type's stored form, a value is rejected only if it does not have that form after the conversion
 * either. */
static void write_refused(furrow__planner *p, const furrow__catalog_constraint *check,
                          const furrow__catalog_column *column)
{
    const char *quoted = furrow__plan_quote(p, column->name);
    furrow_type type = column->type.type;
    furrow__buffer form = {0};
    if (!quoted)
        return;
    bool is_form = furrow__sqlite_write_form(&form, type, "furrow_value") != NULL;
    furrow__buffer_format(&p->text, "%s IS NOT NULL AND NOT (%s)", quoted, check->expression);
    if (is_form && furrow__buffer_text(&form)) {
        furrow__buffer_format(&p->text, " AND NOT (SELECT %s FROM (SELECT ", form.text);
        furrow__sqlite_write_to_form(&p->text, type, quoted);
        furrow__buffer_add_text(&p->text, " AS furrow_value))");
    }
    furrow__buffer_done(&form);
}

/* In the first storage version, a default of a float column stored a double. */
bool furrow__sqlite_write_stored(furrow__planner *p, const furrow__catalog_column *column)
{
    furrow__buffer name = {0}, ignored = {0};
    furrow_type type = column->type.native ? FURROW_TYPE_NULL : column->type.type;
    furrow__sql_identifier(&name, column->name);
    const char *quoted = furrow__buffer_text(&name);
    bool has_form = furrow__sqlite_write_form(&ignored, type, "") != NULL;
    if (!quoted)
        furrow__plan_no_memory(p);
    else if (type == FURROW_TYPE_FLOAT)
        furrow__write_rounded_to_float(&p->text, quoted);
    else
        furrow__sqlite_write_to_form(&p->text, type, quoted);
    furrow__buffer_done(&name);
    furrow__buffer_done(&ignored);
    return has_form || type == FURROW_TYPE_FLOAT;
}

/* The columns of a primary key, a UNIQUE constraint or a unique index. */
typedef struct unique_key {
    const furrow__catalog_column *columns[FURROW__CATALOG_KEY];
    size_t count;
    const char *where; /* the condition of a partial index, as SQL; NULL for all rows */
} unique_key;

/* Returns the names of the columns for a message. */
static const char *list_names(furrow__planner *p, const unique_key *key)
{
    for (size_t i = 0; i < key->count; i++)
        furrow__buffer_format(&p->text, "%s%s", i ? ", " : "",
                              FURROW__QUOTED(key->columns[i]->name));
    return furrow__plan_take(p);
}

/* Returns the values of the columns after the conversion, or NULL if no value is converted. */
static const char *list_stored(furrow__planner *p, const unique_key *key)
{
    bool converts = false;
    for (size_t i = 0; i < key->count; i++) {
        furrow__buffer_add_text(&p->text, i ? ", " : "");
        converts |= furrow__sqlite_write_stored(p, key->columns[i]);
    }
    const char *list = furrow__plan_take(p);
    return converts ? list : NULL;
}

static furrow__count_message equal_message(furrow__planner *p, const char *table, const char *names)
{
    static const char format[] = " %s of %s %s the same %s as another row in storage version "
                                 "2, but must be unique";
    const char *quoted = FURROW__QUOTED(table);
    furrow__count_message message;
    furrow__buffer_format(&p->text, format, "row", quoted, "has", names);
    message.one = furrow__plan_take(p);
    furrow__buffer_format(&p->text, format, "rows", quoted, "have", names);
    message.many = furrow__plan_take(p);
    return message;
}

/* Asks for the rows that have different spellings of one key. */
static void ask_key(furrow__planner *p, const furrow__change *change,
                    const furrow__catalog_table *table, const unique_key *key)
{
    const char *stored = list_stored(p, key), *names = stored ? list_names(p, key) : NULL;
    if (!stored || !names)
        return;
    furrow__buffer_format(&p->text, "(%s) IN (SELECT %s FROM ", stored, stored);
    furrow__write_table_name(&p->text, p->dialect, table->name);
    furrow__buffer_format(&p->text, " WHERE %s GROUP BY ", key->where ? key->where : "true");
    for (size_t i = 0; i < key->count; i++)
        furrow__buffer_format(&p->text, i ? ", %zu" : "%zu", i + 1);
    furrow__buffer_add_text(&p->text, " HAVING count(*) > 1)");
    if (key->where)
        furrow__buffer_format(&p->text, " AND (%s)", key->where);
    furrow__plan_question q = {.table = table,
                               .where = furrow__plan_take(p),
                               .message = equal_message(p, table->name.name, names),
                               .hint = KEY_HINT};
    furrow__plan_add_question(p, change, &q);
}

/* Adds a column to a key. Returns false if the column did not exist before the first change. */
static bool add_column(unique_key *key, const furrow__catalog_table *table, const char *name)
{
    const furrow__catalog_column *column = name ? furrow__catalog_column_named(table, name) : NULL;
    if (!column || key->count == FURROW__CATALOG_KEY)
        return false;
    key->columns[key->count++] = column;
    return true;
}

/* A key with an expression is left to SQLite, which refuses equal keys. */
static void ask_keys(furrow__planner *p, const furrow__change *change,
                     const furrow__catalog_table *table, const furrow__catalog_table *before)
{
    for (size_t i = 0; i < before->constraint_count; i++) {
        const furrow__catalog_constraint *c = &before->constraints[i];
        unique_key key = {.count = 0};
        bool is_known =
            c->kind == FURROW__CONSTRAINT_PRIMARY_KEY || c->kind == FURROW__CONSTRAINT_UNIQUE;
        for (size_t k = 0; k < c->count && is_known; k++)
            is_known = add_column(&key, table, c->columns[k]);
        if (is_known)
            ask_key(p, change, table, &key);
    }
    for (size_t i = 0; i < before->index_count; i++) {
        const furrow__catalog_index *index = &before->indexes[i];
        unique_key key = {.where = index->where};
        bool is_known = index->unique;
        for (size_t k = 0; k < index->count && is_known; k++)
            is_known = add_column(&key, table, index->parts[k].column);
        if (is_known)
            ask_key(p, change, table, &key);
    }
}

void furrow__sqlite_ask_storage(furrow__planner *p, const furrow__change *change,
                                const furrow__catalog_table *before,
                                const furrow__catalog_table *after)
{
    static const furrow__wording wording = {"holds a value that is not valid for the type of",
                                            "hold a value that is not valid for the type of"};
    const furrow__catalog_table *table = furrow__catalog_table_named(p->before, after->name);
    for (size_t i = 0; table && i < after->constraint_count && p->status == FURROW_OK; i++) {
        const furrow__catalog_constraint *check = &after->constraints[i];
        const furrow__catalog_column *column =
            check->of_column ? furrow__catalog_column_named(table, check->of_column) : NULL;
        if (!column || has_check(before, check))
            continue;
        write_refused(p, check, column);
        furrow__plan_question q = {
            .table = table,
            .where = furrow__plan_take(p),
            .message = furrow__plan_message(p, table->name.name, wording, column->name),
            .hint = HINT};
        furrow__plan_add_question(p, change, &q);
    }
    if (table)
        ask_keys(p, change, table, before);
}
