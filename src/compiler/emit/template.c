/* SPDX-License-Identifier: MIT
 *
 * Expands the templates of generated functions: see template.h. The SQL in comments is standard SQL
 * with ? for each value. The statement that a program runs is built at run time, in the dialect of
 * the database.
 */
#include "compiler/emit/template.h"

#include <string.h>

#include "compiler/emit/emit.h"

furrow__subject furrow__subject_of_table(const furrow__table *table)
{
    return (furrow__subject){.table = table};
}

furrow__subject furrow__subject_of_relation(furrow__compiler *c, const furrow__table *table,
                                            size_t index)
{
    const furrow_relation *r = &table->relations[index];
    return (furrow__subject){
        .table = table,
        .relation = r,
        .target = furrow__table_find(c, r->target->name),
        .link = r->link ? furrow__table_find(c, r->link->name) : NULL,
    };
}

static const char *struct_name(furrow__compiler *c, const furrow__subject *s)
{
    (void)c;
    return s->table->syntax->name;
}

static const char *generated_name(furrow__compiler *c, const furrow__subject *s)
{
    (void)c;
    return s->table->generated;
}

static const char *column_table(furrow__compiler *c, const furrow__subject *s)
{
    (void)c;
    return s->table->object;
}

static const char *model(furrow__compiler *c, const furrow__subject *s)
{
    return furrow__compiler_format(c, "&%s_model", s->table->generated);
}

static const char *function(furrow__compiler *c, const furrow__subject *s)
{
    return furrow__generated_name(c, s->table, s->relation, "");
}

static const char *field(furrow__compiler *c, const furrow__subject *s)
{
    (void)c;
    return s->relation->field;
}

static const char *relation(furrow__compiler *c, const furrow__subject *s)
{
    return furrow__compiler_format(c, "&%s_relations_[%u]", s->table->generated,
                                   s->relation->index);
}

static const char *target(furrow__compiler *c, const furrow__subject *s)
{
    (void)c;
    return s->target->syntax->name;
}

static const char *target_column_table(furrow__compiler *c, const furrow__subject *s)
{
    (void)c;
    return s->target->object;
}

static const char *path(furrow__compiler *c, const furrow__subject *s)
{
    return furrow__compiler_format(c, "furrow_load(%s.%s)", s->table->object,
                                   s->table->relations[0].field);
}

static const furrow_column *key_column(const furrow__table *table, size_t i)
{
    return &table->columns[table->model.primary_key[i]];
}

static const char *key_parameters(furrow__compiler *c, const furrow__subject *s)
{
    const char *text = "";
    for (size_t i = 0; i < s->table->model.primary_key_count; i++)
        text = furrow__compiler_format(c, "%s%s%s%s", text, i ? ", " : "",
                                       furrow__emit_value_type(c, key_column(s->table, i)),
                                       furrow__emit_key_name(c, s->table, i));
    return text;
}

static const char *key_names(furrow__compiler *c, const furrow__subject *s)
{
    const char *text = "";
    for (size_t i = 0; i < s->table->model.primary_key_count; i++)
        text = furrow__compiler_format(c, "%s%s%s", text, i ? ", " : "",
                                       furrow__emit_key_name(c, s->table, i));
    return text;
}

static const char *key_values(furrow__compiler *c, const furrow__subject *s)
{
    static const char *const makers[FURROW_TYPE_COUNT_] = {
        [FURROW_TYPE_BOOL] = "bool",       [FURROW_TYPE_INT16] = "integer",
        [FURROW_TYPE_INT32] = "integer",   [FURROW_TYPE_INT64] = "integer",
        [FURROW_TYPE_TEXT] = "text",       [FURROW_TYPE_CHARS] = "text",
        [FURROW_TYPE_BLOB] = "blob",       [FURROW_TYPE_TIME] = "time",
        [FURROW_TYPE_DATE] = "date",       [FURROW_TYPE_UUID] = "uuid",
        [FURROW_TYPE_DECIMAL] = "decimal", [FURROW_TYPE_ENUM] = "integer",
    };
    const char *text = "    const furrow_value key_[] = {\n";
    for (size_t i = 0; i < s->table->model.primary_key_count; i++) {
        furrow_type type = (furrow_type)key_column(s->table, i)->type;
        text = furrow__compiler_format(c, "%s        furrow_value_%s_(%s%s),\n", text, makers[type],
                                       type == FURROW_TYPE_ENUM ? "(int64_t)" : "",
                                       furrow__emit_key_name(c, s->table, i));
    }
    return furrow__compiler_format(c, "%s    };\n", text);
}

static const char *keys_parameter(furrow__compiler *c, const furrow__subject *s)
{
    const furrow_column *first = key_column(s->table, 0);
    if (s->table->model.primary_key_count > 1)
        return furrow__compiler_format(c, "const struct %s_key *keys", s->table->generated);
    if (furrow__is_text(first))
        return "const char *const *keys";
    return furrow__compiler_format(c, "const %s*keys", furrow__emit_value_type(c, first));
}

static const char *key_offsets(furrow__compiler *c, const furrow__subject *s)
{
    if (s->table->model.primary_key_count == 1)
        return "    static const uint32_t offsets[] = {0};\n";
    const char *text = "    static const uint32_t offsets[] = {\n";
    for (size_t i = 0; i < s->table->model.primary_key_count; i++)
        text = furrow__compiler_format(c, "%s        offsetof(struct %s_key, %s),\n", text,
                                       s->table->generated, key_column(s->table, i)->field);
    return furrow__compiler_format(c, "%s    };\n", text);
}

/* Returns a name in double quotes. A double quote in the name is doubled. */
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

static const char *table_name(furrow__compiler *c, const furrow__table *table)
{
    const furrow_model *m = &table->model;
    return m->schema ? furrow__compiler_format(c, "%s.%s", identifier(c, m->schema),
                                               identifier(c, m->table))
                     : identifier(c, m->table);
}

static const char *table(furrow__compiler *c, const furrow__subject *s)
{
    return table_name(c, s->table);
}

static const char *target_table(furrow__compiler *c, const furrow__subject *s)
{
    return table_name(c, s->target);
}

static const char *link_table(furrow__compiler *c, const furrow__subject *s)
{
    return table_name(c, s->link);
}

typedef enum columns_form { FORM_NAME, FORM_PARAMETER, FORM_ASSIGNMENT } columns_form;
enum { WITHOUT_ASSIGNED = 1, WITHOUT_KEY = 2, ONLY_CHOSEN = 4 };

static bool is_listed(const furrow_column *column, unsigned which)
{
    if ((which & WITHOUT_ASSIGNED) && (column->flags & FURROW_COLUMN_ASSIGNED))
        return false;
    if ((which & WITHOUT_KEY) && (column->flags & FURROW_COLUMN_PRIMARY_KEY))
        return false;
    return !(which & ONLY_CHOSEN) || column->default_ || (column->flags & FURROW_COLUMN_ASSIGNED);
}

/* Returns a list of columns of a table. Each column is written as "a", as ? or as "a" = ?. */
static const char *list_columns(furrow__compiler *c, const furrow__table *of, unsigned which,
                                columns_form form)
{
    furrow__buffer *out = &c->text;
    size_t count = 0;
    furrow__buffer_clear(out);
    for (size_t i = 0; i < of->model.column_count; i++) {
        const furrow_column *column = &of->columns[i];
        if (!is_listed(column, which))
            continue;
        furrow__buffer_add_text(out, count++ ? ", " : "");
        const char *name = identifier(c, column->name);
        if (form == FORM_PARAMETER)
            furrow__buffer_add_text(out, "?");
        else if (form == FORM_ASSIGNMENT && column->flags & FURROW_COLUMN_VERSION)
            furrow__buffer_format(out, "%s = %s + 1", name, name);
        else
            furrow__buffer_format(out, "%s%s", name, form == FORM_ASSIGNMENT ? " = ?" : "");
    }
    const char *text = furrow__buffer_text(out);
    if (!text)
        furrow__compiler_no_memory(c);
    return furrow__compiler_copy(c, text, out->size);
}

static const char *columns(furrow__compiler *c, const furrow__subject *s)
{
    return list_columns(c, s->table, 0, FORM_NAME);
}

static const char *target_columns(furrow__compiler *c, const furrow__subject *s)
{
    return list_columns(c, s->target, 0, FORM_NAME);
}

static const char *assignments(furrow__compiler *c, const furrow__subject *s)
{
    const char *text = list_columns(c, s->table, WITHOUT_KEY, FORM_ASSIGNMENT);
    return text[0] ? text : "…";
}

static const char *insert(furrow__compiler *c, const furrow__subject *s)
{
    const char *returning = list_columns(c, s->table, ONLY_CHOSEN, FORM_NAME);
    const char *names = list_columns(c, s->table, WITHOUT_ASSIGNED, FORM_NAME);
    if (!names[0])
        return furrow__compiler_format(c, "INSERT INTO %s DEFAULT VALUES RETURNING %s",
                                       table_name(c, s->table), returning);
    return furrow__compiler_format(c, "INSERT INTO %s (%s) VALUES (%s)%s%s",
                                   table_name(c, s->table), names,
                                   list_columns(c, s->table, WITHOUT_ASSIGNED, FORM_PARAMETER),
                                   returning[0] ? " RETURNING " : "", returning);
}

static const char *key_condition(furrow__compiler *c, const furrow__subject *s)
{
    const char *text = "";
    for (size_t i = 0; i < s->table->model.primary_key_count; i++)
        text = furrow__compiler_format(c, "%s%s%s = ?", text, i ? " AND " : "",
                                       identifier(c, key_column(s->table, i)->name));
    return text;
}

/* Returns a condition that is true if the values in these columns are equal to one of several
 * keys. */
static const char *many_condition(furrow__compiler *c, const furrow_model *of,
                                  const uint16_t *items, size_t count)
{
    const char *names = "";
    for (size_t i = 0; i < count; i++)
        names = furrow__compiler_format(c, "%s%s%s", names, i ? ", " : "",
                                        identifier(c, of->columns[items[i]].name));
    return furrow__compiler_format(c, count > 1 ? "(%s) IN (…)" : "%s = ANY (?)", names);
}

static const char *keys_condition(furrow__compiler *c, const furrow__subject *s)
{
    const furrow_model *m = &s->table->model;
    return many_condition(c, m, m->primary_key, m->primary_key_count);
}

static const char *version_condition(furrow__compiler *c, const furrow__subject *s)
{
    const furrow_model *m = &s->table->model;
    if (m->version == FURROW_NO_COLUMN)
        return "";
    return furrow__compiler_format(c, " AND %s = ?", identifier(c, m->columns[m->version].name));
}

/* Returns the JOIN and the WHERE condition of a relationship. They select the related rows of
 * several rows at once. */
static const char *related(furrow__compiler *c, const furrow__subject *s)
{
    const furrow_relation *r = s->relation;
    if (!r->link)
        return furrow__compiler_format(c, " WHERE %s",
                                       many_condition(c, r->target, r->target_columns, r->count));
    return furrow__compiler_format(c, " JOIN %s ON … WHERE %s", table_name(c, s->link),
                                   many_condition(c, r->link, r->link_columns, r->count));
}

static const char *received(furrow__compiler *c, const furrow__subject *s)
{
    const furrow_model *m = &s->table->model;
    bool has_default = false;
    for (size_t i = 0; i < m->column_count; i++)
        has_default |= m->columns[i].default_ != NULL;
    if (m->assigned == FURROW_NO_COLUMN)
        return has_default ? " If a field with a default is zero, the database chooses its value "
                             "and the field receives it."
                           : "";
    return furrow__compiler_format(
        c, " If %s%s is zero, the database chooses its value and the field receives it.",
        m->columns[m->assigned].field, has_default ? " or a field with a default" : "");
}

static const char *copied(furrow__compiler *c, const furrow__subject *s)
{
    (void)c;
    return s->table->model.relation_count ? "with its text, blobs and loaded relationships"
                                          : "with its text and blobs";
}

static bool has_version(const furrow__subject *s)
{
    return s->table->model.version != FURROW_NO_COLUMN;
}

static const char *stale_update(furrow__compiler *c, const furrow__subject *s)
{
    (void)c;
    return has_version(s) ? " or was changed since it was read" : "";
}

static const char *stale_delete(furrow__compiler *c, const furrow__subject *s)
{
    (void)c;
    return has_version(s)
               ? " Returns FURROW_STALE if it was changed since it was read; this fails the "
                 "transaction."
               : "";
}

static const struct placeholder {
    const char *name;
    const char *(*text)(furrow__compiler *c, const furrow__subject *subject);
} placeholders[] = {
    {"struct", struct_name},
    {"name", generated_name},
    {"TABLE", column_table},
    {"model", model},
    {"function", function},
    {"field", field},
    {"relation", relation},
    {"target", target},
    {"TARGET", target_column_table},
    {"path", path},
    {"key", key_parameters},
    {"key names", key_names},
    {"key values", key_values},
    {"keys", keys_parameter},
    {"key offsets", key_offsets},
    {"table", table},
    {"columns", columns},
    {"target table", target_table},
    {"target columns", target_columns},
    {"link table", link_table},
    {"related", related},
    {"insert", insert},
    {"assignments", assignments},
    {"key condition", key_condition},
    {"keys condition", keys_condition},
    {"version condition", version_condition},
    {"received", received},
    {"copied", copied},
    {"stale update", stale_update},
    {"stale delete", stale_delete},
};

static const struct placeholder *find_placeholder(const char *name, size_t size)
{
    for (size_t i = 0; i < sizeof placeholders / sizeof *placeholders; i++)
        if (strlen(placeholders[i].name) == size && memcmp(placeholders[i].name, name, size) == 0)
            return &placeholders[i];
    return NULL;
}

const char *furrow__template_fill(furrow__compiler *c, const furrow__subject *subject,
                                  const char *text)
{
    const char *out = "";
    while (*text) {
        size_t plain = strcspn(text, "{");
        const char *end = text[plain] ? strchr(text + plain, '}') : NULL;
        const struct placeholder *placeholder =
            end ? find_placeholder(text + plain + 1, (size_t)(end - text) - plain - 1) : NULL;
        if (placeholder) {
            out = furrow__compiler_format(c, "%s%.*s%s", out, (int)plain, text,
                                          placeholder->text(c, subject));
            text = end + 1;
        } else {
            plain += text[plain] != '\0';
            out = furrow__compiler_format(c, "%s%.*s", out, (int)plain, text);
            text += plain;
        }
    }
    return out;
}
