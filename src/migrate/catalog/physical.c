/* SPDX-License-Identifier: MIT
 * Writes the parts of a physical catalog as SQL that people can read, with one column or constraint
 * per line. */
#include "migrate/catalog/ddl.h"
#include "migrate/catalog/parts.h"

void furrow__write_table_name(furrow__buffer *out, const furrow__dialect *dialect,
                              furrow__table_name name)
{
    furrow_model model = {.schema = name.schema, .table = name.name};
    furrow__sql_table(out, dialect, &model);
}

static void write_names(furrow__buffer *out, const char *const *names, size_t count)
{
    furrow__buffer_add_char(out, '(');
    for (size_t i = 0; i < count; i++) {
        furrow__buffer_add_text(out, i ? ", " : "");
        furrow__sql_identifier(out, names[i]);
    }
    furrow__buffer_add_char(out, ')');
}

void furrow__physical_write_column(furrow__buffer *out, const furrow__dialect *dialect,
                                   const furrow__catalog_column *column)
{
    if (column->source) {
        furrow__buffer_add_text(out, column->source);
        return;
    }
    furrow__sql_identifier(out, column->name);
    furrow__buffer_format(out, "%s%s", column->type.native && column->type.native[0] ? " " : "",
                          column->type.native ? column->type.native : "");
    if (column->assigned && dialect->ddl->assigned_is_primary_key) {
        furrow__buffer_add_text(out, dialect->ddl->assigned);
        return;
    }
    furrow__buffer_add_text(out, column->nullable ? "" : " NOT NULL");
    if (column->assigned)
        furrow__buffer_add_text(out, dialect->ddl->assigned);
    else if (column->default_)
        furrow__buffer_format(out, " DEFAULT %s", column->default_);
    if (column->generated)
        furrow__buffer_format(out, " GENERATED ALWAYS AS (%s) %s", column->generated,
                              column->stored ? "STORED" : "VIRTUAL");
}

void furrow__physical_write_constraint(furrow__buffer *out, const furrow__dialect *dialect,
                                       const furrow__catalog_constraint *c)
{
    static const char *const kinds[] = {"", "PRIMARY KEY ", "UNIQUE ", "FOREIGN KEY ", "CHECK "};
    if (c->source) {
        furrow__buffer_add_text(out, c->source);
        return;
    }
    if (c->name) {
        furrow__buffer_add_text(out, "CONSTRAINT ");
        furrow__sql_identifier(out, c->name);
        furrow__buffer_add_char(out, ' ');
    }
    furrow__buffer_add_text(out, kinds[c->kind]);
    if (c->kind == FURROW__CONSTRAINT_CHECK)
        furrow__buffer_format(out, "(%s)", c->expression);
    else
        write_names(out, c->columns, c->count);
    if (c->kind == FURROW__CONSTRAINT_FOREIGN_KEY) {
        furrow__buffer_add_text(out, " REFERENCES ");
        furrow__write_table_name(out, dialect, c->target);
        if (c->target_columns) { /* a foreign key of a live SQLite table can omit the columns that
                                    it refers to; it then refers to the primary key */
            furrow__buffer_add_char(out, ' ');
            write_names(out, c->target_columns, c->count);
        }
        furrow__catalog_write_rules(out, c);
    }
}

static bool has_assigned(const furrow__catalog_table *table)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].assigned)
            return true;
    return false;
}

/* Whether the column has a `source`. If so, the `source` contains the constraints in the column's
 * definition. */
static bool is_inside_source(const furrow__catalog_table *table, const char *name)
{
    const furrow__catalog_column *column = furrow__catalog_column_named(table, name);
    return column && column->source;
}

void furrow__physical_write_table(furrow__buffer *out, const furrow__catalog *physical,
                                  const furrow__catalog_table *table,
                                  const furrow__table_form *form)
{
    static const furrow__table_form whole = {0};
    bool key_is_in_column = physical->dialect->ddl->assigned_is_primary_key && has_assigned(table);
    form = form ? form : &whole;
    furrow__buffer_add_text(out, "CREATE TABLE ");
    furrow__write_table_name(out, physical->dialect, form->as ? *form->as : table->name);
    furrow__buffer_add_text(out, " (");
    for (size_t i = 0; i < table->column_count; i++) {
        furrow__buffer_add_text(out, i ? ",\n    " : "\n    ");
        furrow__physical_write_column(out, physical->dialect, &table->columns[i]);
    }
    for (size_t i = 0; i < table->constraint_count; i++) {
        const furrow__catalog_constraint *c = &table->constraints[i];
        if (c->kind == FURROW__CONSTRAINT_PRIMARY_KEY && key_is_in_column)
            continue;
        if (c->inside && is_inside_source(table, c->inside))
            continue;
        if (c->kind == FURROW__CONSTRAINT_FOREIGN_KEY &&
            (c->added_later || form->without_foreign_keys))
            continue;
        furrow__buffer_add_text(out, ",\n    ");
        furrow__physical_write_constraint(out, physical->dialect, c);
    }
    furrow__buffer_add_text(out, "\n)");
    if (table->strict || table->without_rowid)
        furrow__buffer_format(out, " %s%s%s", table->strict ? "STRICT" : "",
                              table->strict && table->without_rowid ? ", " : "",
                              table->without_rowid ? "WITHOUT ROWID" : "");
}

void furrow__physical_write_index(furrow__buffer *out, const furrow__catalog *physical,
                                  const furrow__catalog_table *table,
                                  const furrow__catalog_index *index)
{
    if (index->source) {
        furrow__buffer_add_text(out, index->source);
        return;
    }
    furrow__buffer_add_text(out, index->unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ");
    furrow__sql_identifier(out, index->name);
    furrow__buffer_add_text(out, " ON ");
    furrow__write_table_name(out, physical->dialect, table->name);
    furrow__buffer_add_text(out, " (");
    for (size_t i = 0; i < index->count; i++) {
        const furrow__index_part *part = &index->parts[i];
        const furrow__catalog_column *column =
            part->column ? furrow__catalog_column_named(table, part->column) : NULL;
        furrow__buffer_add_text(out, i ? ", " : "");
        if (part->column)
            furrow__sql_identifier(out, part->column);
        else
            furrow__buffer_format(out, "(%s)", part->expression);
        furrow__buffer_add_text(out, part->descending ? " DESC" : "");
        /* In furrow's queries, NULL comes before all other values on every engine. Indexes have the
         * same order. */
        if (!column || column->nullable)
            furrow__buffer_add_text(out, part->descending ? physical->dialect->nulls_last
                                                          : physical->dialect->nulls_first);
    }
    furrow__buffer_add_char(out, ')');
    if (index->where)
        furrow__buffer_format(out, " WHERE %s", index->where);
}
