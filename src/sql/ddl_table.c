/* SPDX-License-Identifier: MIT
 *
 * The text of one table and its indexes, a column or constraint a line, for people to read. What a
 * field promises is a constraint in the database too, so that rows from elsewhere cannot break it;
 * every constraint has a name, the same on every engine. A pattern is checked by the client alone:
 * the engines' regular expressions differ.
 */
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/text.h"
#include "sql/ddl_parts.h"
#include "sql/dialect.h"
#include "sql/expression_sql.h"

/* One table at work. */
typedef struct table {
    furrow__ddl *d;
    const furrow_model *model;
    bool has_line;                    /* a comma is due */
    char (*names)[FURROW__NAME_SIZE]; /* of its constraints so far */
    size_t name_count, name_capacity;
} table;

static bool is_assigned(const furrow_model *model, const furrow_column *column)
{
    return (column->flags & FURROW_COLUMN_ASSIGNED) && model->primary_key_count == 1;
}

static void begin_line(table *t)
{
    furrow__buffer_add_text(&t->d->text, t->has_line ? ",\n    " : "\n    ");
    t->has_line = true;
}

static bool is_taken(const table *t, const char *name)
{
    for (size_t i = 0; i < t->name_count; i++)
        if (strcmp(t->names[i], name) == 0)
            return true;
    return false;
}

static void take_name(table *t, const char *name)
{
    void *names = furrow__arena_room(t->d->arena, t->names, t->name_count, &t->name_capacity,
                                     sizeof *t->names);
    if (!names) {
        t->d->status = furrow__fail(t->d->error, FURROW_NOMEM, "out of memory");
        return;
    }
    t->names = names;
    furrow__copy_text(t->names[t->name_count++], FURROW__NAME_SIZE, name);
}

/* Take a name: the one given, or one of its own. A column x_range with a check and a column x with
 * a range would meet in one name: the later one is numbered. */
static void choose_name(table *t, char name[FURROW__NAME_SIZE], const char *given,
                        const furrow_column *column, const char *part, const char *suffix)
{
    char numbered[FURROW__NAME_SIZE];
    uint16_t index = column ? column->index : 0;
    if (given) {
        furrow__copy_text(name, FURROW__NAME_SIZE, given);
    } else {
        furrow__constraint_name(name, t->model, &index, column != NULL, part, suffix);
        for (int n = 2; is_taken(t, name); n++) {
            snprintf(numbered, sizeof numbered, "%s%s%d", part ? part : "", part ? "_" : "", n);
            furrow__constraint_name(name, t->model, &index, column != NULL, numbered, suffix);
        }
    }
    take_name(t, name);
}

/* A check that one engine alone needs takes its name on all, so that what is numbered behind it is
 * called the same everywhere. */
static void reserve_name(table *t, const furrow_column *column, const char *part)
{
    char name[FURROW__NAME_SIZE];
    choose_name(t, name, NULL, column, part, "check");
}

/* Begin a line with CONSTRAINT and a name. */
static void begin_constraint(table *t, const char *given, const furrow_column *column,
                             const char *part, const char *suffix)
{
    char name[FURROW__NAME_SIZE];
    choose_name(t, name, given, column, part, suffix);
    begin_line(t);
    furrow__buffer_add_text(&t->d->text, "CONSTRAINT ");
    furrow__sql_identifier(&t->d->text, name);
    furrow__buffer_add_char(&t->d->text, ' ');
}

static void add_columns(furrow__buffer *out, const furrow_model *model, const uint16_t *columns,
                        size_t count)
{
    furrow__buffer_add_char(out, '(');
    for (size_t i = 0; i < count; i++) {
        furrow__buffer_add_text(out, i ? ", " : "");
        furrow__sql_identifier(out, model->columns[columns[i]].name);
    }
    furrow__buffer_add_char(out, ')');
}

/* Parse an expression of the model; what it is of goes into the error. */
static const furrow__expression *parse(furrow__ddl *d, const furrow_model *model, const char *text,
                                       const furrow_column *column, furrow__expression_use use)
{
    static const char *const uses[] = {"check", "where", "default"};
    furrow__expression_error error;
    if (d->status != FURROW_OK)
        return NULL;
    const furrow__expression *parsed = furrow__expression_parse(
        text, model, use == FURROW__EXPRESSION_FOR_DEFAULT ? column : NULL, use, d->arena, &error);
    if (parsed)
        return parsed;
    if (!error.message[0])
        d->status = furrow__fail(d->error, FURROW_NOMEM, "out of memory");
    else if (column)
        d->status =
            furrow__fail(d->error, FURROW_INVALID, "%s of \"%s.%s\", byte %zu: %s", uses[use],
                         model->table, column->name, error.position, error.message);
    else
        d->status = furrow__fail(d->error, FURROW_INVALID, "%s of table \"%s\", byte %zu: %s",
                                 uses[use], model->table, error.position, error.message);
    return NULL;
}

/* ---- columns ---- */

static void add_default(table *t, const furrow_column *column)
{
    furrow__ddl *d = t->d;
    const furrow__expression *parsed =
        parse(d, t->model, column->default_, column, FURROW__EXPRESSION_FOR_DEFAULT);
    if (!parsed || parsed->kind == FURROW__EXPRESSION_NULL)
        return; /* NULL is the default of what has none */
    /* Both engines take a literal as it is; SQLite wants brackets around all else. */
    bool bare =
        parsed->argument_count == 0 && (!d->sqlite || parsed->kind != FURROW__EXPRESSION_NOW);
    furrow__buffer_add_text(&d->text, bare ? " DEFAULT " : " DEFAULT (");
    furrow__sql_expression(&d->text, d->dialect, parsed, column);
    furrow__buffer_add_text(&d->text, bare ? "" : ")");
}

static void add_column(table *t, const furrow_column *column)
{
    furrow__buffer *out = &t->d->text;
    begin_line(t);
    furrow__sql_identifier(out, column->name);
    furrow__buffer_add_char(out, ' ');
    furrow__sql_type(out, t->d->dialect, column);
    if (is_assigned(t->model, column) && t->d->sqlite) {
        furrow__buffer_add_text(out, " PRIMARY KEY AUTOINCREMENT");
        return;
    }
    /* SQLite allows NULL in a primary key that does not say NOT NULL. */
    if (!(column->flags & FURROW_COLUMN_NULLABLE) || (column->flags & FURROW_COLUMN_PRIMARY_KEY))
        furrow__buffer_add_text(out, " NOT NULL");
    if (is_assigned(t->model, column))
        furrow__buffer_add_text(out, " GENERATED BY DEFAULT AS IDENTITY");
    else if (column->default_)
        add_default(t, column);
}

/* ---- checks ---- */

static void add_limit(table *t, const furrow_column *column, int64_t limit)
{
    if (column->type == FURROW_TYPE_DECIMAL)
        t->d->dialect->expression->write_decimal(&t->d->text, limit, column->scale);
    else
        furrow__buffer_format(&t->d->text, "%lld", (long long)limit);
}

static void add_range(table *t, const furrow_column *column)
{
    bool least = column->flags & FURROW_COLUMN_HAS_MIN,
         most = column->flags & FURROW_COLUMN_HAS_MAX;
    if (!least && !most)
        return;
    furrow__buffer *out = &t->d->text;
    begin_constraint(t, NULL, column, "range", "check");
    furrow__buffer_add_text(out, "CHECK (");
    furrow__sql_identifier(out, column->name);
    furrow__buffer_add_text(out, least && most ? " BETWEEN " : least ? " >= " : " <= ");
    if (least)
        add_limit(t, column, column->minimum);
    furrow__buffer_add_text(out, least && most ? " AND " : "");
    if (most)
        add_limit(t, column, column->maximum);
    furrow__buffer_add_char(out, ')');
}

static bool is_number(const furrow__expression *n)
{
    return n->kind == FURROW__EXPRESSION_INTEGER || n->kind == FURROW__EXPRESSION_NUMBER;
}

/* Whether a check says that the column is between two numbers. */
static bool says_between(table *t, const char *text, const furrow_column *of,
                         const furrow_column *column)
{
    const furrow__expression *n = parse(t->d, t->model, text, of, FURROW__EXPRESSION_FOR_CHECK);
    return n && n->kind == FURROW__EXPRESSION_BETWEEN && !n->negated &&
           n->arguments[0]->kind == FURROW__EXPRESSION_COLUMN &&
           n->arguments[0]->column == column && is_number(n->arguments[1]) &&
           is_number(n->arguments[2]);
}

static bool is_between(table *t, const furrow_column *column)
{
    const furrow_model *model = t->model;
    for (size_t i = 0; i < model->check_count; i++)
        if (says_between(t, model->checks[i].expression, NULL, column))
            return true;
    for (size_t i = 0; i < model->column_count; i++)
        if (model->columns[i].check &&
            says_between(t, model->columns[i].check, &model->columns[i], column))
            return true;
    return false;
}

/* SQLite's INTEGER is wider than the field: what no field could hold is refused, as elsewhere. A
 * check that says BETWEEN says it already. */
static void add_width(table *t, const furrow_column *column)
{
    int64_t least = 0, most = 0;
    if (column->type == FURROW_TYPE_INT16)
        least = INT16_MIN, most = INT16_MAX;
    else if (column->type == FURROW_TYPE_INT32)
        least = INT32_MIN, most = INT32_MAX;
    else if (column->type == FURROW_TYPE_DECIMAL && column->precision && column->precision <= 18)
        least = 1 - furrow__power10[column->precision], most = -least;
    else if (column->type != FURROW_TYPE_DECIMAL)
        return;
    if ((column->flags & FURROW_COLUMN_HAS_MIN) && (column->flags & FURROW_COLUMN_HAS_MAX))
        return;
    if (!t->d->sqlite || !most || is_between(t, column)) {
        reserve_name(t, column, "width");
        return;
    }
    begin_constraint(t, NULL, column, "width", "check");
    furrow__buffer_add_text(&t->d->text, "CHECK (");
    furrow__sql_identifier(&t->d->text, column->name);
    furrow__buffer_format(&t->d->text, " BETWEEN %lld AND %lld)", (long long)least,
                          (long long)most);
}

/* PostgreSQL's NaN is a value, larger than every other; SQLite has none. */
static void add_nan(table *t, const furrow_column *column)
{
    if (column->type != FURROW_TYPE_FLOAT && column->type != FURROW_TYPE_DOUBLE)
        return;
    if (t->d->sqlite) {
        reserve_name(t, column, "nan");
        return;
    }
    begin_constraint(t, NULL, column, "nan", "check");
    furrow__buffer_add_text(&t->d->text, "CHECK (");
    furrow__sql_identifier(&t->d->text, column->name);
    furrow__buffer_add_text(&t->d->text, " <> 'NaN')");
}

static void add_length(table *t, const furrow_column *column, const char *part,
                       const char *operator_, uint32_t length)
{
    begin_constraint(t, NULL, column, part, "check");
    furrow__buffer_add_text(&t->d->text, t->d->sqlite ? "CHECK (length(" : "CHECK (char_length(");
    furrow__sql_identifier(&t->d->text, column->name);
    furrow__buffer_format(&t->d->text, ") %s %u)", operator_, (unsigned)length);
}

/* char[n] holds n - 1 bytes. */
static void add_size(table *t, const furrow_column *column)
{
    begin_constraint(t, NULL, column, "size", "check");
    furrow__buffer_add_text(&t->d->text,
                            t->d->sqlite ? "CHECK (length(CAST(" : "CHECK (octet_length(");
    furrow__sql_identifier(&t->d->text, column->name);
    furrow__buffer_format(&t->d->text, "%s <= %u)", t->d->sqlite ? " AS BLOB))" : ")",
                          (unsigned)column->size - 1);
}

static void add_enum(table *t, const furrow_column *column)
{
    furrow__buffer *out = &t->d->text;
    begin_constraint(t, NULL, column, "enum", "check");
    furrow__buffer_add_text(out, "CHECK (");
    furrow__sql_identifier(out, column->name);
    furrow__buffer_add_text(out, " IN (");
    for (size_t i = 0; i < column->enumeration->count; i++) {
        furrow__buffer_add_text(out, i ? ", " : "");
        furrow__sql_literal(out, column->enumeration->enumerators[i].name);
    }
    furrow__buffer_add_text(out, "))");
}

/* A bool is a type of its own on PostgreSQL. */
static void add_bool(table *t, const furrow_column *column)
{
    if (!t->d->sqlite) {
        reserve_name(t, column, "bool");
        return;
    }
    begin_constraint(t, NULL, column, "bool", "check");
    furrow__buffer_add_text(&t->d->text, "CHECK (");
    furrow__sql_identifier(&t->d->text, column->name);
    furrow__buffer_add_text(&t->d->text, " IN (0, 1))");
}

static void add_check(table *t, const char *name, const furrow_column *column, const char *text)
{
    const furrow__expression *parsed =
        parse(t->d, t->model, text, column, FURROW__EXPRESSION_FOR_CHECK);
    if (!parsed)
        return;
    begin_constraint(t, name, column, NULL, "check");
    furrow__buffer_add_text(&t->d->text, "CHECK (");
    furrow__sql_expression(&t->d->text, t->d->dialect, parsed, NULL);
    furrow__buffer_add_char(&t->d->text, ')');
}

static void add_column_checks(table *t, const furrow_column *column)
{
    if (column->type == FURROW_TYPE_BOOL)
        add_bool(t, column);
    if (column->type == FURROW_TYPE_ENUM && column->enumeration && column->enumeration->count)
        add_enum(t, column);
    add_range(t, column);
    add_width(t, column);
    add_nan(t, column);
    if (column->min_length)
        add_length(t, column, "min_length", ">=", column->min_length);
    if (column->max_length)
        add_length(t, column, "max_length", "<=", column->max_length);
    if (column->type == FURROW_TYPE_CHARS)
        add_size(t, column);
    if (column->check)
        add_check(t, NULL, column, column->check);
}

/* ---- keys ---- */

static void add_primary_key(table *t)
{
    const furrow_model *model = t->model;
    if (model->primary_key_count == 0 ||
        (t->d->sqlite && is_assigned(model, &model->columns[model->primary_key[0]])))
        return;
    begin_constraint(t, NULL, NULL, NULL, "pkey");
    furrow__buffer_add_text(&t->d->text, "PRIMARY KEY ");
    add_columns(&t->d->text, model, model->primary_key, model->primary_key_count);
}

static void index_name(char name[FURROW__NAME_SIZE], const furrow_model *model,
                       const furrow_index *index)
{
    if (index->name)
        furrow__copy_text(name, FURROW__NAME_SIZE, index->name);
    else
        furrow__constraint_name(name, model, index->columns, index->count, NULL,
                                index->unique ? "key" : "idx");
}

static void add_unique(table *t, const furrow_index *index)
{
    char name[FURROW__NAME_SIZE];
    index_name(name, t->model, index);
    begin_constraint(t, name, NULL, NULL, "key");
    furrow__buffer_add_text(&t->d->text, "UNIQUE ");
    add_columns(&t->d->text, t->model, index->columns, index->count);
}

static void foreign_key_name(char name[FURROW__NAME_SIZE], const furrow_model *model,
                             const furrow_foreign_key *key)
{
    if (key->name)
        furrow__copy_text(name, FURROW__NAME_SIZE, key->name);
    else
        furrow__constraint_name(name, model, key->columns, key->count, NULL, "fkey");
}

void furrow__ddl_foreign_key_name(furrow__ddl *d, const furrow_model *model,
                                  const furrow_foreign_key *key)
{
    char name[FURROW__NAME_SIZE];
    foreign_key_name(name, model, key);
    furrow__sql_identifier(&d->text, name);
}

static void add_action(furrow__buffer *out, const char *event, uint8_t action)
{
    static const char *const actions[] = {NULL, "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT"};
    if (action != FURROW_ACTION_NONE && action < sizeof actions / sizeof *actions)
        furrow__buffer_format(out, " %s %s", event, actions[action]);
}

static void add_references(furrow__ddl *d, const furrow_model *model, const furrow_foreign_key *key)
{
    furrow__buffer_add_text(&d->text, "FOREIGN KEY ");
    add_columns(&d->text, model, key->columns, key->count);
    furrow__buffer_add_text(&d->text, " REFERENCES ");
    furrow__sql_table(&d->text, d->dialect, key->target);
    furrow__buffer_add_char(&d->text, ' ');
    add_columns(&d->text, key->target, key->target_columns, key->count);
    add_action(&d->text, "ON DELETE", key->on_delete);
    add_action(&d->text, "ON UPDATE", key->on_update);
    if (key->deferrable)
        furrow__buffer_add_text(&d->text, " DEFERRABLE INITIALLY DEFERRED");
}

void furrow__ddl_foreign_key(furrow__ddl *d, const furrow_model *model,
                             const furrow_foreign_key *key)
{
    furrow__buffer_add_text(&d->text, "CONSTRAINT ");
    furrow__ddl_foreign_key_name(d, model, key);
    furrow__buffer_add_char(&d->text, ' ');
    add_references(d, model, key);
}

static void add_foreign_key(table *t, const furrow_foreign_key *key)
{
    char name[FURROW__NAME_SIZE];
    if (!t->d->sqlite && furrow__ddl_is_forward(t->d, t->model, key))
        return;
    foreign_key_name(name, t->model, key);
    begin_constraint(t, name, NULL, NULL, "fkey");
    add_references(t->d, t->model, key);
}

/* ---- statements ---- */

void furrow__ddl_create_table(furrow__ddl *d, const furrow_model *model)
{
    table t = {.d = d, .model = model};
    furrow__buffer_add_text(&d->text, "CREATE TABLE ");
    furrow__sql_table(&d->text, d->dialect, model);
    furrow__buffer_add_text(&d->text, " (");
    for (size_t i = 0; i < model->column_count; i++)
        add_column(&t, &model->columns[i]);
    add_primary_key(&t);
    /* Names that are given are taken before those that are made. */
    for (size_t i = 0; i < model->index_count; i++)
        if (model->indexes[i].unique && !model->indexes[i].where)
            add_unique(&t, &model->indexes[i]);
    for (size_t i = 0; i < model->foreign_key_count; i++)
        add_foreign_key(&t, &model->foreign_keys[i]);
    for (size_t i = 0; i < model->check_count; i++)
        add_check(&t, model->checks[i].name, NULL, model->checks[i].expression);
    for (size_t i = 0; i < model->column_count; i++)
        add_column_checks(&t, &model->columns[i]);
    furrow__buffer_add_text(&d->text, d->sqlite ? "\n) STRICT" : "\n)");
}

void furrow__ddl_create_index(furrow__ddl *d, const furrow_model *model, const furrow_index *index)
{
    char name[FURROW__NAME_SIZE];
    index_name(name, model, index);
    furrow__buffer_add_text(&d->text, index->unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ");
    furrow__sql_identifier(&d->text, name);
    furrow__buffer_add_text(&d->text, " ON ");
    furrow__sql_table(&d->text, d->dialect, model);
    furrow__buffer_add_text(&d->text, " (");
    for (size_t i = 0; i < index->count; i++) {
        const furrow_column *column = &model->columns[index->columns[i]];
        bool descending = index->descending && index->descending[i];
        furrow__buffer_add_text(&d->text, i ? ", " : "");
        furrow__sql_identifier(&d->text, column->name);
        furrow__buffer_add_text(&d->text, descending ? " DESC" : "");
        /* PostgreSQL puts NULL behind every value; the order must be the queries' own. */
        if (!d->sqlite && (column->flags & FURROW_COLUMN_NULLABLE))
            furrow__buffer_add_text(&d->text, descending ? " NULLS LAST" : " NULLS FIRST");
    }
    furrow__buffer_add_char(&d->text, ')');
    if (!index->where)
        return;
    const furrow__expression *parsed =
        parse(d, model, index->where, NULL, FURROW__EXPRESSION_FOR_WHERE);
    if (!parsed)
        return;
    furrow__buffer_add_text(&d->text, " WHERE ");
    furrow__sql_expression(&d->text, d->dialect, parsed, NULL);
}
