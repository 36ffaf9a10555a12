/* SPDX-License-Identifier: MIT
 *
 * The SQL of each verb as a reader of generated code should see it: standard, with ? for values.
 * What is sent is rendered at run time for the engine's dialect.
 */
#include <string.h>

#include "compiler/emit/emit.h"

/* "name", with quotes doubled. */
static const char *identifier(furrow__compiler *c, const char *name)
{
    size_t size = strlen(name);
    char *out = furrow__compiler_memory(c, 2 * size + 3, 1), *at = out;
    *at++ = '"';
    for (; *name; name++) {
        if (*name == '"')
            *at++ = '"';
        *at++ = *name;
    }
    *at = '"';
    return out;
}

const char *furrow__emit_sql_table(furrow__compiler *c, const furrow__table *table)
{
    const furrow_model *m = &table->model;
    return m->schema ? furrow__compiler_format(c, "%s.%s", identifier(c, m->schema),
                                               identifier(c, m->table))
                     : identifier(c, m->table);
}

enum { SKIP_ASSIGNED = 1, SKIP_KEY = 2, ONLY_CHOSEN = 4 };

static bool is_listed(const furrow_column *column, unsigned which)
{
    if ((which & SKIP_ASSIGNED) && (column->flags & FURROW_COLUMN_ASSIGNED))
        return false;
    if ((which & SKIP_KEY) && (column->flags & FURROW_COLUMN_PRIMARY_KEY))
        return false;
    return !(which & ONLY_CHOSEN) || column->default_ || (column->flags & FURROW_COLUMN_ASSIGNED);
}

/* The columns as `"a", "b"` or, with a form, each written in it: `"a" = ?`. */
static const char *columns(furrow__compiler *c, const furrow__table *table, unsigned which,
                           const char *behind)
{
    furrow__buffer *out = &c->text;
    size_t count = 0;
    furrow__buffer_clear(out);
    for (size_t i = 0; i < table->model.column_count; i++) {
        const furrow_column *column = &table->columns[i];
        if (!is_listed(column, which))
            continue;
        furrow__buffer_add_text(out, count++ ? ", " : "");
        const char *name = identifier(c, column->name);
        if (!behind)
            furrow__buffer_add_text(out, "?");
        else if (behind[0] && column->flags & FURROW_COLUMN_VERSION)
            furrow__buffer_format(out, "%s = %s + 1", name, name);
        else
            furrow__buffer_format(out, "%s%s", name, behind);
    }
    const char *text = furrow__buffer_text(out);
    if (!text)
        furrow__compiler_no_memory(c);
    return furrow__compiler_copy(c, text, out->size);
}

static const char *key_condition(furrow__compiler *c, const furrow__table *table, bool with_version)
{
    const furrow_model *m = &table->model;
    const char *text = "";
    for (size_t i = 0; i < m->primary_key_count; i++)
        text = furrow__compiler_format(c, "%s%s%s = ?", text, i ? " AND " : "",
                                       identifier(c, m->columns[m->primary_key[i]].name));
    if (with_version && m->version != FURROW_NO_COLUMN)
        text = furrow__compiler_format(c, "%s AND %s = ?", text,
                                       identifier(c, m->columns[m->version].name));
    return text;
}

const char *furrow__emit_sql_insert(furrow__compiler *c, const furrow__table *table)
{
    const char *returning = columns(c, table, ONLY_CHOSEN, "");
    const char *names = columns(c, table, SKIP_ASSIGNED, "");
    if (!names[0])
        return furrow__compiler_format(c, "INSERT INTO %s DEFAULT VALUES RETURNING %s",
                                       furrow__emit_sql_table(c, table), returning);
    return furrow__compiler_format(
        c, "INSERT INTO %s (%s) VALUES (%s)%s%s", furrow__emit_sql_table(c, table), names,
        columns(c, table, SKIP_ASSIGNED, NULL), returning[0] ? " RETURNING " : "", returning);
}

const char *furrow__emit_sql_upsert(furrow__compiler *c, const furrow__table *table)
{
    return furrow__compiler_format(c, "INSERT INTO %s … ON CONFLICT (…) DO UPDATE SET …",
                                   furrow__emit_sql_table(c, table));
}

const char *furrow__emit_sql_get(furrow__compiler *c, const furrow__table *table)
{
    return furrow__compiler_format(c, "SELECT %s FROM %s WHERE %s", columns(c, table, 0, ""),
                                   furrow__emit_sql_table(c, table),
                                   key_condition(c, table, false));
}

const char *furrow__emit_sql_select(furrow__compiler *c, const furrow__table *table,
                                    const char *what, const char *rest)
{
    return furrow__compiler_format(c, "SELECT %s FROM %s%s", what ? what : columns(c, table, 0, ""),
                                   furrow__emit_sql_table(c, table), rest);
}

const char *furrow__emit_sql_related(furrow__compiler *c, const furrow_relation *relation,
                                     const furrow__table *link)
{
    const furrow_model *holder = relation->link ? relation->link : relation->target;
    const uint16_t *key = relation->link ? relation->link_columns : relation->target_columns;
    const char *names = "";
    for (size_t i = 0; i < relation->count; i++)
        names = furrow__compiler_format(c, "%s%s%s", names, i ? ", " : "",
                                        identifier(c, holder->columns[key[i]].name));
    const char *where = relation->count > 1
                            ? furrow__compiler_format(c, " WHERE (%s) IN (…)", names)
                            : furrow__compiler_format(c, " WHERE %s = ANY (?)", names);
    return link ? furrow__compiler_format(c, " JOIN %s ON …%s", furrow__emit_sql_table(c, link),
                                          where)
                : where;
}

const char *furrow__emit_sql_update(furrow__compiler *c, const furrow__table *table)
{
    const char *set = columns(c, table, SKIP_KEY, " = ?");
    return furrow__compiler_format(c, "UPDATE %s SET %s WHERE %s", furrow__emit_sql_table(c, table),
                                   set[0] ? set : "…", key_condition(c, table, true));
}

const char *furrow__emit_sql_delete(furrow__compiler *c, const furrow__table *table)
{
    return furrow__compiler_format(c, "DELETE FROM %s WHERE %s", furrow__emit_sql_table(c, table),
                                   key_condition(c, table, true));
}
