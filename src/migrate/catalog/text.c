/* SPDX-License-Identifier: MIT
 *
 * The canonical text of a logical catalog, and its fingerprint. Programs compare the text, and
 * people read it to see why two schemas differ: it has one line per part, in furrow DDL, sorted.
 * Revision files contain the fingerprint, so the text of a schema must not change between versions
 * of furrow.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/siphash.h"
#include "base/text.h"
#include "migrate/catalog/parts.h"

/* Words that must be quoted to be names in furrow DDL or in furrow's expressions. */
static const char *const keywords[] = {
    "ACTION",  "ADD",          "ALTER",      "ALWAYS",    "AND",    "AS",        "ASC",
    "BETWEEN", "BIGINT",       "BLOB",       "BOOLEAN",   "BY",     "CASCADE",   "CHECK",
    "COLUMN",  "CONCURRENTLY", "CONSTRAINT", "CREATE",    "DATA",   "DATE",      "DECIMAL",
    "DEFAULT", "DEFERRABLE",   "DEFERRED",   "DELETE",    "DESC",   "DOUBLE",    "DROP",
    "ENUM",    "EXISTS",       "FALSE",      "FOREIGN",   "FROM",   "GENERATED", "IDENTITY",
    "IF",      "IN",           "INDEX",      "INITIALLY", "INSERT", "INTEGER",   "INTO",
    "IS",      "JSON",         "KEY",        "LIKE",      "NATIVE", "NO",        "NOT",
    "NOW",     "NULL",         "OCTETS",     "ON",        "OR",     "PRECISION", "PRIMARY",
    "REAL",    "REFERENCES",   "RENAME",     "RESTRICT",  "SELECT", "SET",       "SMALLINT",
    "TABLE",   "TEXT",         "TIME",       "TIMESTAMP", "TO",     "TRUE",      "TYPE",
    "UNIQUE",  "UPDATE",       "USING",      "UUID",      "VALUES", "VARCHAR",   "WHERE",
    "WITH",    "ZONE",
};

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

bool furrow__catalog_is_keyword(const char *name)
{
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
        size_t at = 0;
        while (keywords[i][at] && upper(name[at]) == keywords[i][at])
            at++;
        if (!keywords[i][at] && !name[at])
            return true;
    }
    return false;
}

void furrow__catalog_write_name(furrow__buffer *out, const char *name)
{
    bool bare = !(name[0] >= '0' && name[0] <= '9') && name[0] && !furrow__catalog_is_keyword(name);
    for (const char *c = name; *c && bare; c++)
        bare = *c == '_' || (*c >= '0' && *c <= '9') || (upper(*c) >= 'A' && upper(*c) <= 'Z');
    if (bare)
        furrow__buffer_add_text(out, name);
    else
        furrow__sql_identifier(out, name);
}

void furrow__catalog_write_table_name(furrow__buffer *out, furrow__table_name name)
{
    if (name.schema) {
        furrow__catalog_write_name(out, name.schema);
        furrow__buffer_add_char(out, '.');
    }
    furrow__catalog_write_name(out, name.name);
}

void furrow__catalog_write_names(furrow__buffer *out, const char *const *names, size_t count)
{
    furrow__buffer_add_char(out, '(');
    for (size_t i = 0; i < count; i++) {
        furrow__buffer_add_text(out, i ? ", " : "");
        furrow__catalog_write_name(out, names[i]);
    }
    furrow__buffer_add_char(out, ')');
}

static void write_text_type(furrow__buffer *out, const furrow__catalog_type *type)
{
    if (!type->max_length && !type->max_size)
        furrow__buffer_add_text(out, "TEXT");
    else if (!type->max_size)
        furrow__buffer_format(out, "VARCHAR(%u)", (unsigned)type->max_length);
    else if (!type->max_length)
        furrow__buffer_format(out, "VARCHAR(%u OCTETS)", (unsigned)type->max_size);
    else
        furrow__buffer_format(out, "VARCHAR(%u, %u OCTETS)", (unsigned)type->max_length,
                              (unsigned)type->max_size);
}

void furrow__catalog_write_type(furrow__buffer *out, const furrow__catalog_type *type)
{
    static const char *const words[FURROW_TYPE_COUNT_] = {
        [FURROW_TYPE_BOOL] = "BOOLEAN",  [FURROW_TYPE_INT16] = "SMALLINT",
        [FURROW_TYPE_INT32] = "INTEGER", [FURROW_TYPE_INT64] = "BIGINT",
        [FURROW_TYPE_FLOAT] = "REAL",    [FURROW_TYPE_DOUBLE] = "DOUBLE PRECISION",
        [FURROW_TYPE_BLOB] = "BLOB",     [FURROW_TYPE_TIME] = "TIMESTAMP WITH TIME ZONE",
        [FURROW_TYPE_DATE] = "DATE",     [FURROW_TYPE_UUID] = "UUID",
        [FURROW_TYPE_JSON] = "JSON",
    };
    if (type->native) {
        furrow__buffer_add_text(out, "NATIVE ");
        furrow__sql_literal(out, type->native);
    } else if (type->type == FURROW_TYPE_TEXT) {
        write_text_type(out, type);
    } else if (type->type == FURROW_TYPE_DECIMAL) {
        furrow__buffer_format(out, "DECIMAL(%d, %d)", type->precision, type->scale);
    } else if (type->type == FURROW_TYPE_ENUM) {
        furrow__buffer_add_text(out, "ENUM(");
        for (size_t i = 0; i < type->value_count; i++) {
            furrow__buffer_add_text(out, i ? ", " : "");
            furrow__sql_literal(out, type->values[i]);
        }
        furrow__buffer_add_char(out, ')');
    } else {
        furrow__buffer_add_text(out, words[type->type]);
    }
}

/* The state while one table is written. */
typedef struct writer {
    furrow__buffer *out;
    const furrow__catalog_table *table;
    const furrow__expression_scope *scope;
    furrow_arena *arena; /* cleared after each table */
    furrow_error *error;
    furrow_status status;
} writer;

/* The values of an enum are sorted, because their order is not significant. */
static void write_type(writer *w, const furrow__catalog_type *type)
{
    furrow__catalog_type sorted = *type;
    if (type->type == FURROW_TYPE_ENUM && type->value_count > 1) {
        const char **values =
            furrow__arena_aligned(w->arena, type->value_count * sizeof *values, _Alignof(char *));
        if (!values) {
            w->out->failed = true;
            return;
        }
        for (size_t i = 0; i < type->value_count; i++) {
            size_t at = i;
            for (; at > 0 && strcmp(values[at - 1], type->values[i]) > 0; at--)
                values[at] = values[at - 1];
            values[at] = type->values[i];
        }
        sorted.values = values;
    }
    furrow__catalog_write_type(w->out, &sorted);
}

static void write_normalized(writer *w, const char *text, const furrow_column *column,
                             furrow__expression_use use, const char *what)
{
    if (w->status != FURROW_OK)
        return;
    const furrow__expression *parsed = furrow__catalog_parse(
        &(furrow__expression_source){.text = text, .scope = w->scope, .column = column, .use = use},
        what, w->arena, w->error);
    if (parsed)
        furrow__expression_write_normalized(w->out, parsed);
    else
        w->status = w->error ? w->error->status : FURROW_INVALID;
}

static void write_column(writer *w, const furrow__catalog_column *column)
{
    furrow__buffer_add_text(w->out, "  column ");
    furrow__catalog_write_name(w->out, column->name);
    furrow__buffer_add_char(w->out, ' ');
    write_type(w, &column->type);
    furrow__buffer_add_text(w->out, column->nullable ? "" : " NOT NULL");
    furrow__buffer_add_text(w->out, column->assigned ? " IDENTITY" : "");
    if (column->default_) {
        furrow__buffer_add_text(w->out, " DEFAULT ");
        write_normalized(w, column->default_,
                         furrow__scope_column(w->scope, (size_t)(column - w->table->columns)),
                         FURROW__EXPRESSION_FOR_DEFAULT, "default");
    }
    furrow__buffer_add_char(w->out, '\n');
}

void furrow__catalog_write_rules(furrow__buffer *out, const furrow__catalog_constraint *key)
{
    static const char *const actions[] = {"", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT"};
    if (key->on_delete)
        furrow__buffer_format(out, " ON DELETE %s", actions[key->on_delete]);
    if (key->on_update)
        furrow__buffer_format(out, " ON UPDATE %s", actions[key->on_update]);
    if (key->deferrable)
        furrow__buffer_add_text(out, " DEFERRABLE INITIALLY DEFERRED");
}

static void write_constraint(writer *w, const furrow__catalog_constraint *constraint)
{
    static const char *const kinds[] = {"", "PRIMARY KEY ", "UNIQUE ", "FOREIGN KEY ", "CHECK "};
    furrow__buffer_add_text(w->out, "  constraint ");
    furrow__catalog_write_name(w->out, constraint->name);
    furrow__buffer_format(w->out, " %s", kinds[constraint->kind]);
    if (constraint->kind == FURROW__CONSTRAINT_CHECK)
        write_normalized(w, constraint->expression, NULL, FURROW__EXPRESSION_FOR_CHECK, "check");
    else
        furrow__catalog_write_names(w->out, constraint->columns, constraint->count);
    if (constraint->kind == FURROW__CONSTRAINT_FOREIGN_KEY) {
        furrow__buffer_add_text(w->out, " REFERENCES ");
        furrow__catalog_write_table_name(w->out, constraint->target);
        furrow__buffer_add_char(w->out, ' ');
        furrow__catalog_write_names(w->out, constraint->target_columns, constraint->count);
        furrow__catalog_write_rules(w->out, constraint);
    }
    furrow__buffer_add_char(w->out, '\n');
}

static void write_index(writer *w, const furrow__catalog_index *index)
{
    furrow__buffer_add_text(w->out, index->unique ? "  unique index " : "  index ");
    furrow__catalog_write_name(w->out, index->name);
    furrow__buffer_add_text(w->out, " (");
    for (size_t i = 0; i < index->count; i++) {
        furrow__buffer_add_text(w->out, i ? ", " : "");
        if (index->parts[i].column)
            furrow__catalog_write_name(w->out, index->parts[i].column);
        else
            write_normalized(w, index->parts[i].expression, NULL, FURROW__EXPRESSION_FOR_INDEX,
                             "expression of an index");
        furrow__buffer_add_text(w->out, index->parts[i].descending ? " DESC" : "");
    }
    furrow__buffer_add_char(w->out, ')');
    if (index->where) {
        furrow__buffer_add_text(w->out, " WHERE ");
        write_normalized(w, index->where, NULL, FURROW__EXPRESSION_FOR_WHERE, "where of an index");
    }
    furrow__buffer_add_char(w->out, '\n');
}

static int compare_columns(const void *a, const void *b)
{
    return strcmp((*(furrow__catalog_column *const *)a)->name,
                  (*(furrow__catalog_column *const *)b)->name);
}

static int compare_constraints(const void *a, const void *b)
{
    return strcmp((*(furrow__catalog_constraint *const *)a)->name,
                  (*(furrow__catalog_constraint *const *)b)->name);
}

static int compare_indexes(const void *a, const void *b)
{
    return strcmp((*(furrow__catalog_index *const *)a)->name,
                  (*(furrow__catalog_index *const *)b)->name);
}

static int compare_tables(const void *a, const void *b)
{
    const furrow__catalog_table *x = *(furrow__catalog_table *const *)a,
                                *y = *(furrow__catalog_table *const *)b;
    int schemas =
        strcmp(x->name.schema ? x->name.schema : "", y->name.schema ? y->name.schema : "");
    return schemas ? schemas : strcmp(x->name.name, y->name.name);
}

/* Returns sorted pointers to `count` items of `size` bytes; NULL when out of memory. */
static void **sorted(furrow_arena *arena, void *items, size_t count, size_t size,
                     int (*compare)(const void *, const void *))
{
    void **pointers =
        furrow__arena_aligned(arena, (count + 1) * sizeof *pointers, _Alignof(void *));
    for (size_t i = 0; pointers && i < count; i++)
        pointers[i] = (char *)items + i * size;
    if (pointers && count)
        qsort(pointers, count, sizeof *pointers, compare);
    return pointers;
}

static void write_parts(writer *w)
{
    const furrow__catalog_table *table = w->table;
    void **columns = sorted(w->arena, table->columns, table->column_count, sizeof *table->columns,
                            compare_columns);
    void **constraints = sorted(w->arena, table->constraints, table->constraint_count,
                                sizeof *table->constraints, compare_constraints);
    void **indexes = sorted(w->arena, table->indexes, table->index_count, sizeof *table->indexes,
                            compare_indexes);
    w->scope = furrow__catalog_scope(table, w->arena);
    if (!columns || !constraints || !indexes || !w->scope) {
        w->status = furrow__fail(w->error, FURROW_NOMEM, "out of memory");
        return;
    }
    for (size_t i = 0; i < table->column_count; i++)
        write_column(w, columns[i]);
    for (size_t i = 0; i < table->constraint_count; i++)
        write_constraint(w, constraints[i]);
    for (size_t i = 0; i < table->index_count; i++)
        write_index(w, indexes[i]);
}

static furrow_status write_table(furrow__buffer *out, const furrow__catalog_table *table,
                                 furrow_error *error)
{
    furrow_arena arena = {0};
    writer w = {.out = out, .table = table, .arena = &arena, .error = error};
    furrow__buffer_add_text(out, "table ");
    furrow__catalog_write_table_name(out, table->name);
    furrow__buffer_add_char(out, '\n');
    write_parts(&w);
    furrow__arena_done(&arena);
    return w.status;
}

furrow_status furrow__catalog_write(furrow__buffer *out, const furrow__catalog *catalog,
                                    furrow_error *error)
{
    furrow_arena arena = {0};
    furrow_status status = FURROW_OK;
    furrow__catalog_table **tables =
        furrow__arena_aligned(&arena, (catalog->count + 1) * sizeof *tables, _Alignof(void *));
    if (!tables)
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    if (catalog->storage > FURROW__STORAGE_FIRST)
        furrow__buffer_format(out, "storage %d\n", catalog->storage);
    if (catalog->count) {
        memcpy(tables, catalog->tables, catalog->count * sizeof *tables);
        qsort(tables, catalog->count, sizeof *tables, compare_tables);
    }
    for (size_t i = 0; i < catalog->count && status == FURROW_OK; i++)
        status = write_table(out, tables[i], error);
    furrow__arena_done(&arena);
    if (status == FURROW_OK && out->failed)
        status = furrow__fail(error, FURROW_NOMEM, "out of memory");
    return status;
}

furrow_status furrow__catalog_fingerprint(char out[FURROW__FINGERPRINT_SIZE],
                                          const furrow__catalog *catalog, furrow_error *error)
{
    static const uint8_t key[FURROW__SIPHASH_SIZE];
    uint8_t tag[FURROW__SIPHASH_SIZE];
    furrow__buffer text = {0};
    furrow_status status = furrow__catalog_write(&text, catalog, error);
    out[0] = '\0';
    if (status == FURROW_OK) {
        furrow__siphash(tag, key, text.size ? text.text : "", text.size);
        for (size_t i = 0; i < sizeof tag; i++)
            snprintf(out + 2 * i, 3, "%02x", tag[i]);
    }
    furrow__buffer_done(&text);
    return status;
}
