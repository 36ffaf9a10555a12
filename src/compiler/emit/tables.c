/* SPDX-License-Identifier: MIT
 * Writes the constant tables of a generated source: enums, columns, keys, indexes, relationships
 * and models. */
#include <inttypes.h>
#include <string.h>

#include "compiler/emit/tables.h"
#include "schema/type.h"

static void member_text(furrow__buffer *out, const char *name, const char *text)
{
    if (!text)
        return;
    furrow__buffer_format(out, "        .%s = ", name);
    furrow__emit_string(out, text);
    furrow__buffer_add_text(out, ",\n");
}

static void member_number(furrow__buffer *out, const char *name, int64_t value)
{
    if (value == INT64_MIN)
        furrow__buffer_format(out, "        .%s = INT64_MIN,\n", name);
    else if (value > INT32_MAX || value < INT32_MIN)
        furrow__buffer_format(out, "        .%s = INT64_C(%" PRId64 "),\n", name, value);
    else if (value)
        furrow__buffer_format(out, "        .%s = %" PRId64 ",\n", name, value);
}

/* Writes a list of column indexes as an array named `name`. */
static void emit_indexes(furrow__buffer *out, const char *name, const uint16_t *items, size_t count)
{
    furrow__buffer_format(out, "static const uint16_t %s[] = {", name);
    for (size_t i = 0; i < count; i++)
        furrow__buffer_format(out, "%s%u", i ? ", " : "", items[i]);
    furrow__buffer_add_text(out, "};\n");
}

static bool uses_enum(const furrow__emitter *e, const furrow_enum *enumeration)
{
    for (size_t i = 0; i < e->c->table_count; i++) {
        const furrow__table *table = &e->c->tables[i];
        for (size_t j = 0; furrow__emit_is_here(e, table) && j < table->model.column_count; j++)
            if (table->columns[j].enumeration == enumeration)
                return true;
    }
    return false;
}

void furrow__emit_enums(const furrow__emitter *e)
{
    for (const furrow__enum_syntax *s = e->c->syntax->enums; s; s = s->next) {
        if (!uses_enum(e, &s->built))
            continue;
        furrow__buffer_format(e->out, "\nstatic const furrow_enumerator %s_enumerators_[] = {\n",
                              s->name);
        for (size_t i = 0; i < s->count; i++)
            furrow__buffer_format(e->out, "    {\"%s\", %s},\n", s->items[i].name,
                                  s->items[i].name);
        furrow__buffer_format(e->out,
                              "};\nstatic const furrow_enum %s_enum_ = {\"%s\", %s_enumerators_, "
                              "%zu};\n",
                              s->name, s->name, s->name, s->count);
    }
}

static void emit_flags(furrow__buffer *out, const furrow_column *column)
{
    static const struct {
        unsigned flag;
        const char *name;
    } flags[] = {
        {FURROW_COLUMN_NULLABLE, "NULLABLE"},
        {FURROW_COLUMN_OPT, "OPT"},
        {FURROW_COLUMN_PRIMARY_KEY, "PRIMARY_KEY"},
        {FURROW_COLUMN_ASSIGNED, "ASSIGNED"},
        {FURROW_COLUMN_VERSION, "VERSION"},
        {FURROW_COLUMN_TOUCH, "TOUCH"},
        {FURROW_COLUMN_HAS_MIN, "HAS_MIN"},
        {FURROW_COLUMN_HAS_MAX, "HAS_MAX"},
        {FURROW_COLUMN_JSON_READ_ONLY, "JSON_READ_ONLY"},
        {FURROW_COLUMN_JSON_HIDDEN, "JSON_HIDDEN"},
        {FURROW_COLUMN_JSON_TEXT, "JSON_TEXT"},
    };
    bool is_enum = column->type == FURROW_TYPE_ENUM, any = false;
    if (!column->flags && !is_enum)
        return;
    furrow__buffer_add_text(out, "        .flags = ");
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (column->flags & flags[i].flag) {
            furrow__buffer_format(out, "%sFURROW_COLUMN_%s", any ? " | " : "", flags[i].name);
            any = true;
        }
    if (is_enum) /* Write an expression, because only the C compiler knows whether the enum is
                    unsigned. */
        furrow__buffer_format(out, "%s((enum %s)-1 > 0 ? FURROW_COLUMN_UNSIGNED : 0)",
                              any ? " |\n                 " : "", column->enumeration->name);
    furrow__buffer_add_text(out, ",\n");
}

static const char *type_constant(const furrow_column *column)
{
    static const char *const names[FURROW_TYPE_COUNT_] = {
        [FURROW_TYPE_BOOL] = "BOOL",       [FURROW_TYPE_INT16] = "INT16",
        [FURROW_TYPE_INT32] = "INT32",     [FURROW_TYPE_INT64] = "INT64",
        [FURROW_TYPE_FLOAT] = "FLOAT",     [FURROW_TYPE_DOUBLE] = "DOUBLE",
        [FURROW_TYPE_TEXT] = "TEXT",       [FURROW_TYPE_CHARS] = "CHARS",
        [FURROW_TYPE_BLOB] = "BLOB",       [FURROW_TYPE_TIME] = "TIME",
        [FURROW_TYPE_DATE] = "DATE",       [FURROW_TYPE_UUID] = "UUID",
        [FURROW_TYPE_DECIMAL] = "DECIMAL", [FURROW_TYPE_JSON] = "JSON",
        [FURROW_TYPE_ENUM] = "ENUM",
    };
    return names[column->type];
}

static void emit_column(const furrow__emitter *e, const furrow__table *table,
                        const furrow_column *column)
{
    furrow__buffer *out = e->out;
    const char *name = table->syntax->name, *field = column->field;
    const char *value = column->flags & FURROW_COLUMN_OPT ? ".value" : "";
    furrow__buffer_add_text(out, "    {\n");
    member_text(out, "name", column->name);
    member_text(out, "field", field);
    furrow__buffer_format(out, "        .model = &%s_model,\n        .type = FURROW_TYPE_%s,\n",
                          table->generated, type_constant(column));
    member_number(out, "precision", column->precision);
    member_number(out, "scale", column->scale);
    emit_flags(out, column);
    furrow__buffer_format(out, "        .index = %u,\n", column->index);
    furrow__buffer_format(out, "        .size = sizeof ((struct %s *)0)->%s%s,\n", name, field,
                          value);
    furrow__buffer_format(out, "        .offset = offsetof(struct %s, %s%s),\n", name, field,
                          value);
    if (value[0])
        furrow__buffer_format(out, "        .has_offset = offsetof(struct %s, %s.has),\n", name,
                              field);
    member_number(out, "min_length", column->min_length);
    member_number(out, "max_length", column->max_length);
    member_number(out, "minimum", column->minimum);
    member_number(out, "maximum", column->maximum);
    if (column->enumeration)
        furrow__buffer_format(out, "        .enumeration = &%s_enum_,\n",
                              column->enumeration->name);
    member_text(out, "pattern", column->pattern);
    member_text(out, "default_", column->default_);
    member_text(out, "check", column->check);
    member_text(out, "renamed_from", column->renamed_from);
    member_text(out, "json", column->json);
    furrow__buffer_add_text(out, "    },\n");
}

static void emit_columns(const furrow__emitter *e, const furrow__table *table)
{
    furrow__buffer_format(e->out, "\nstatic const furrow_column %s_columns_[] = {\n",
                          table->generated);
    for (size_t i = 0; i < table->model.column_count; i++)
        emit_column(e, table, &table->columns[i]);
    furrow__buffer_add_text(e->out, "};\n");
}

static const char *generated_name(const furrow__emitter *e, const furrow_model *model)
{
    return furrow__table_find(e->c, model->name)->generated;
}

static void emit_foreign_keys(const furrow__emitter *e, const furrow__table *table)
{
    static const char *const actions[] = {"NONE", "RESTRICT", "CASCADE", "SET_NULL", "SET_DEFAULT"};
    furrow__compiler *c = e->c;
    const char *name = table->generated;
    if (!table->model.foreign_key_count)
        return;
    furrow__buffer_add_char(e->out, '\n');
    for (size_t i = 0; i < table->model.foreign_key_count; i++) {
        const furrow_foreign_key *key = &table->foreign_keys[i];
        emit_indexes(e->out, furrow__compiler_format(c, "%s_key_columns_%zu_", name, i),
                     key->columns, key->count);
        emit_indexes(e->out, furrow__compiler_format(c, "%s_key_targets_%zu_", name, i),
                     key->target_columns, key->count);
    }
    furrow__buffer_format(e->out, "static const furrow_foreign_key %s_foreign_keys_[] = {\n", name);
    for (size_t i = 0; i < table->model.foreign_key_count; i++) {
        const furrow_foreign_key *key = &table->foreign_keys[i];
        furrow__buffer_add_text(e->out, "    {\n");
        member_text(e->out, "name", key->name);
        furrow__buffer_format(e->out,
                              "        .columns = %s_key_columns_%zu_,\n"
                              "        .target = &%s_model,\n"
                              "        .target_columns = %s_key_targets_%zu_,\n"
                              "        .count = %u,\n",
                              name, i, generated_name(e, key->target), name, i, key->count);
        if (key->on_delete)
            furrow__buffer_format(e->out, "        .on_delete = FURROW_ACTION_%s,\n",
                                  actions[key->on_delete]);
        if (key->on_update)
            furrow__buffer_format(e->out, "        .on_update = FURROW_ACTION_%s,\n",
                                  actions[key->on_update]);
        if (key->deferrable)
            furrow__buffer_add_text(e->out, "        .deferrable = true,\n");
        furrow__buffer_add_text(e->out, "    },\n");
    }
    furrow__buffer_add_text(e->out, "};\n");
}

static void emit_index_lists(const furrow__emitter *e, const furrow__table *table)
{
    for (size_t i = 0; i < table->model.index_count; i++) {
        const furrow_index *index = &table->indexes[i];
        emit_indexes(e->out,
                     furrow__compiler_format(e->c, "%s_index_columns_%zu_", table->generated, i),
                     index->columns, index->count);
        if (!index->descending)
            continue;
        furrow__buffer_format(e->out, "static const bool %s_index_descending_%zu_[] = {",
                              table->generated, i);
        for (size_t j = 0; j < index->count; j++)
            furrow__buffer_format(e->out, "%s%s", j ? ", " : "",
                                  index->descending[j] ? "true" : "false");
        furrow__buffer_add_text(e->out, "};\n");
    }
}

static void emit_table_indexes(const furrow__emitter *e, const furrow__table *table)
{
    if (!table->model.index_count)
        return;
    furrow__buffer_add_char(e->out, '\n');
    emit_index_lists(e, table);
    furrow__buffer_format(e->out, "static const furrow_index %s_indexes_[] = {\n",
                          table->generated);
    for (size_t i = 0; i < table->model.index_count; i++) {
        const furrow_index *index = &table->indexes[i];
        furrow__buffer_add_text(e->out, "    {\n");
        member_text(e->out, "name", index->name);
        furrow__buffer_format(e->out, "        .columns = %s_index_columns_%zu_,\n",
                              table->generated, i);
        if (index->descending)
            furrow__buffer_format(e->out, "        .descending = %s_index_descending_%zu_,\n",
                                  table->generated, i);
        furrow__buffer_format(e->out, "        .count = %u,\n", index->count);
        if (index->unique)
            furrow__buffer_add_text(e->out, "        .unique = true,\n");
        member_text(e->out, "where", index->where);
        furrow__buffer_add_text(e->out, "    },\n");
    }
    furrow__buffer_add_text(e->out, "};\n");
}

static void emit_checks(const furrow__emitter *e, const furrow__table *table)
{
    if (!table->model.check_count)
        return;
    furrow__buffer_format(e->out, "\nstatic const furrow_check %s_checks_[] = {\n",
                          table->generated);
    for (size_t i = 0; i < table->model.check_count; i++) {
        furrow__buffer_add_text(e->out, "    {\n");
        member_text(e->out, "name", table->checks[i].name);
        member_text(e->out, "expression", table->checks[i].expression);
        furrow__buffer_add_text(e->out, "    },\n");
    }
    furrow__buffer_add_text(e->out, "};\n");
}

static void emit_relation(const furrow__emitter *e, const furrow__table *table, size_t i)
{
    static const char *const kinds[] = {"", "TO_ONE", "ONE_TO_ONE", "TO_MANY", "THROUGH"};
    const furrow_relation *r = &table->relations[i];
    const char *name = table->generated;
    furrow__buffer_add_text(e->out, "    {\n");
    member_text(e->out, "field", r->field);
    furrow__buffer_format(e->out, "        .model = &%s_model,\n        .target = &%s_model,\n",
                          name, generated_name(e, r->target));
    if (r->link)
        furrow__buffer_format(e->out, "        .link = &%s_model,\n", generated_name(e, r->link));
    furrow__buffer_format(e->out,
                          "        .columns = %s_relation_columns_%zu_,\n"
                          "        .target_columns = %s_relation_targets_%zu_,\n",
                          name, i, name, i);
    if (r->link)
        furrow__buffer_format(e->out,
                              "        .link_columns = %s_relation_links_%zu_,\n"
                              "        .link_target_columns = %s_relation_link_targets_%zu_,\n",
                              name, i, name, i);
    furrow__buffer_format(e->out, "        .count = %u,\n", r->count);
    if (r->link)
        furrow__buffer_format(e->out, "        .link_target_count = %u,\n", r->link_target_count);
    furrow__buffer_format(e->out,
                          "        .kind = FURROW_RELATION_%s,\n        .index = %u,\n"
                          "        .offset = offsetof(struct %s, %s),\n"
                          "        .count_column = &%s_relation_counts_[%zu],\n    },\n",
                          kinds[r->kind], r->index, table->syntax->name, r->field, name, i);
}

/* Writes the pseudo-columns that furrow_count_of uses. Each contains the number of related rows of
 * one relationship. Pseudo-columns are not columns of the table. */
static void emit_relation_counts(const furrow__emitter *e, const furrow__table *table)
{
    furrow__buffer_format(e->out, "static const furrow_column %s_relation_counts_[] = {\n",
                          table->generated);
    for (size_t i = 0; i < table->model.relation_count; i++) {
        furrow__buffer_add_text(e->out, "    {\n");
        member_text(e->out, "name", table->relations[i].field);
        member_text(e->out, "field", table->relations[i].field);
        furrow__buffer_format(e->out,
                              "        .model = &%s_model,\n"
                              "        .type = FURROW_TYPE_INT64,\n"
                              "        .flags = FURROW_COLUMN_COUNT,\n"
                              "        .index = %zu,\n"
                              "        .size = sizeof(int64_t),\n    },\n",
                              table->generated, i);
    }
    furrow__buffer_add_text(e->out, "};\n");
}

static void emit_relations(const furrow__emitter *e, const furrow__table *table)
{
    furrow__compiler *c = e->c;
    const char *name = table->generated;
    if (!table->model.relation_count)
        return;
    furrow__buffer_add_char(e->out, '\n');
    for (size_t i = 0; i < table->model.relation_count; i++) {
        const furrow_relation *r = &table->relations[i];
        emit_indexes(e->out, furrow__compiler_format(c, "%s_relation_columns_%zu_", name, i),
                     r->columns, r->count);
        emit_indexes(e->out, furrow__compiler_format(c, "%s_relation_targets_%zu_", name, i),
                     r->target_columns, r->link ? r->link_target_count : r->count);
        if (!r->link)
            continue;
        emit_indexes(e->out, furrow__compiler_format(c, "%s_relation_links_%zu_", name, i),
                     r->link_columns, r->count);
        emit_indexes(e->out, furrow__compiler_format(c, "%s_relation_link_targets_%zu_", name, i),
                     r->link_target_columns, r->link_target_count);
    }
    emit_relation_counts(e, table);
    furrow__buffer_format(e->out, "static const furrow_relation %s_relations_[] = {\n", name);
    for (size_t i = 0; i < table->model.relation_count; i++)
        emit_relation(e, table, i);
    furrow__buffer_add_text(e->out, "};\n");
}

static void emit_model(const furrow__emitter *e, const furrow__table *table)
{
    const furrow_model *m = &table->model;
    const char *name = table->generated;
    furrow__buffer *out = e->out;
    if (m->primary_key_count) {
        furrow__buffer_add_char(out, '\n');
        emit_indexes(out, furrow__compiler_format(e->c, "%s_primary_key_", name), m->primary_key,
                     m->primary_key_count);
    }
    furrow__buffer_format(out,
                          "\nconst furrow_model %s_model = {\n"
                          "    .format = FURROW_FORMAT_VERSION,\n",
                          name);
    const char *const names[] = {"name", "schema", "table", "renamed_from"};
    const char *const texts[] = {m->name, m->schema, m->table, m->renamed_from};
    for (size_t i = 0; i < 4; i++) {
        if (!texts[i])
            continue;
        furrow__buffer_format(out, "    .%s = ", names[i]);
        furrow__emit_string(out, texts[i]);
        furrow__buffer_add_text(out, ",\n");
    }
    furrow__buffer_format(out, "    .size = sizeof(struct %s),\n", m->name);
    const struct {
        const char *name, *count_name;
        unsigned count;
    } lists[] = {
        {"columns", "column_count", m->column_count},
        {"foreign_keys", "foreign_key_count", m->foreign_key_count},
        {"indexes", "index_count", m->index_count},
        {"checks", "check_count", m->check_count},
        {"relations", "relation_count", m->relation_count},
        {"primary_key", "primary_key_count", m->primary_key_count},
    };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (lists[i].count)
            furrow__buffer_format(out, "    .%s = %s_%s_,\n    .%s = %u,\n", lists[i].name, name,
                                  lists[i].name, lists[i].count_name, lists[i].count);
    const uint16_t special[] = {m->assigned, m->version};
    for (size_t i = 0; i < 2; i++)
        if (special[i] == FURROW_NO_COLUMN)
            furrow__buffer_format(out, "    .%s = FURROW_NO_COLUMN,\n", i ? "version" : "assigned");
        else
            furrow__buffer_format(out, "    .%s = %u,\n", i ? "version" : "assigned", special[i]);
    furrow__buffer_add_text(out, "};\n");
}

/* Writes static assertions about the types of the fields. */
static void emit_type_assertions(const furrow__emitter *e, const furrow__table *table)
{
    const char *name = table->syntax->name;
    for (size_t i = 0; i < table->model.column_count; i++) {
        const furrow_column *column = &table->columns[i];
        const char *member = column->flags & FURROW_COLUMN_OPT ? ".value" : "";
        if (column->type == FURROW_TYPE_CHARS)
            furrow__buffer_format(e->out, "FURROW_CHECK_CHARS_(%s, %s%s, %u);\n", name,
                                  column->field, member, column->size);
        else if (column->type == FURROW_TYPE_ENUM)
            furrow__buffer_format(e->out, "FURROW_CHECK_ENUM_(%s, %s%s, %s);\n", name,
                                  column->field, member, column->enumeration->name);
        else
            furrow__buffer_format(e->out, "FURROW_CHECK_FIELD_(%s, %s%s, %s);\n", name,
                                  column->field, member, furrow__type_in_c(column->type));
    }
    for (size_t i = 0; i < table->model.relation_count; i++) {
        const furrow_relation *r = &table->relations[i];
        bool is_list = r->kind == FURROW_RELATION_TO_MANY || r->kind == FURROW_RELATION_THROUGH;
        furrow__buffer_format(e->out, "FURROW_CHECK_FIELD_(%s, %s, struct %s%s);\n", name, r->field,
                              r->target->name, is_list ? "_list" : " *");
    }
}

/* Returns an initializer of a field's value that initializes all its members. Returns NULL for an
 * enum. */
static const char *initializer(const furrow__field *field)
{
    static const char *const values[FURROW_TYPE_COUNT_] = {
        [FURROW_TYPE_BOOL] = "false",     [FURROW_TYPE_INT16] = "0",
        [FURROW_TYPE_INT32] = "0",        [FURROW_TYPE_INT64] = "0",
        [FURROW_TYPE_FLOAT] = "0",        [FURROW_TYPE_DOUBLE] = "0",
        [FURROW_TYPE_TEXT] = "NULL",      [FURROW_TYPE_CHARS] = "\"\"",
        [FURROW_TYPE_BLOB] = "{NULL, 0}", [FURROW_TYPE_TIME] = "{0}",
        [FURROW_TYPE_DATE] = "{0}",       [FURROW_TYPE_UUID] = "{{0}}",
        [FURROW_TYPE_DECIMAL] = "{0, 0}", [FURROW_TYPE_JSON] = "{NULL}",
    };
    if (field->kind == FURROW__FIELD_TO_ONE)
        return "NULL";
    return field->kind == FURROW__FIELD_TO_MANY ? "{NULL, 0, false}" : values[field->type];
}

/* Writes a literal of the struct with an initializer for each field. The C compiler rejects it if
 * the struct has another field. */
static void emit_field_count(const furrow__emitter *e, const furrow__table *table)
{
    const char *name = table->syntax->name;
    furrow__buffer_format(e->out,
                          "/* An error here means that struct %s has another field: generate "
                          "again. */\n"
                          "#pragma GCC diagnostic push\n"
                          "#pragma GCC diagnostic error \"-Wmissing-field-initializers\"\n"
                          "_Static_assert(sizeof((struct %s){",
                          name, name);
    for (const furrow__field *field = table->syntax->fields; field; field = field->next) {
        const char *value = initializer(field);
        bool is_opt = field->kind == FURROW__FIELD_COLUMN && field->is_opt;
        furrow__buffer_add_text(e->out,
                                is_opt ? "\n                   {false, " : "\n                   ");
        if (value)
            furrow__buffer_add_text(e->out, value);
        else
            furrow__buffer_format(e->out, "(enum %s)0", field->target);
        furrow__buffer_add_text(e->out, is_opt ? "}," : ",");
    }
    furrow__buffer_format(e->out,
                          "\n               }) == sizeof(struct %s),\n"
                          "               \"the fields of %s have changed: generate again\");\n"
                          "#pragma GCC diagnostic pop\n",
                          name, name);
}

/* Writes a statement for each column of a type, which uses its field. */
static void emit_fields_of_type(const furrow__emitter *e, const furrow__table *table,
                                furrow_type type)
{
    for (size_t i = 0; i < table->model.column_count; i++) {
        const furrow_column *column = &table->columns[i];
        const char *member = column->flags & FURROW_COLUMN_OPT ? ".value" : "";
        if (column->type != type)
            continue;
        if (type == FURROW_TYPE_ENUM)
            furrow__buffer_format(e->out, "    (void)(enum %s *){&row->%s%s};\n",
                                  column->enumeration->name, column->field, member);
        else
            furrow__buffer_format(e->out, "    (void)(enum furrow_no_enum_){row->%s%s};\n",
                                  column->field, member);
    }
}

static bool has_type(const furrow__table *table, furrow_type type)
{
    for (size_t i = 0; i < table->model.column_count; i++)
        if (table->columns[i].type == type)
            return true;
    return false;
}

/* Writes a function that compiles only if no enum has become an integer or the reverse. C treats an
 * enum and its integer type as compatible, but gcc warns about pointers to them, because C++ does
 * not; both compilers warn about a conversion of one enum to another. */
static void emit_enum_checks(const furrow__emitter *e, const furrow__table *table)
{
    const char *name = table->syntax->name;
    if (!has_type(table, FURROW_TYPE_ENUM) && !has_type(table, FURROW_TYPE_INT32))
        return;
    furrow__buffer_format(
        e->out,
        "/* An error here means that a field of struct %s has changed from an enum "
        "to an integer\n * or the reverse: generate again. */\n"
        "#pragma GCC diagnostic push\n"
        "#pragma GCC diagnostic ignored \"-Wconversion\"\n"
        "#pragma GCC diagnostic error \"-Wenum-conversion\"\n"
        "__attribute__((unused)) static void check_%s_(struct %s *row)\n{\n",
        name, name, name);
    emit_fields_of_type(e, table, FURROW_TYPE_INT32);
    furrow__buffer_add_text(e->out, "#ifndef __clang__\n"
                                    "#pragma GCC diagnostic error \"-Wc++-compat\"\n"
                                    "#endif\n");
    emit_fields_of_type(e, table, FURROW_TYPE_ENUM);
    furrow__buffer_add_text(e->out, "}\n#pragma GCC diagnostic pop\n");
}

/* Writes static assertions about the struct. They fail if a field was added or removed, or if types
 * or the order of fields have changed, since the code was generated. */
static void emit_assertions(const furrow__emitter *e, const furrow__table *table)
{
    const char *name = table->syntax->name;
    furrow__buffer_add_char(e->out, '\n');
    emit_type_assertions(e, table);
    for (const furrow__field *f = table->syntax->fields; f && f->next; f = f->next)
        furrow__buffer_format(e->out, "FURROW_CHECK_ORDER_(%s, %s, %s);\n", name, f->name,
                              f->next->name);
    emit_field_count(e, table);
    emit_enum_checks(e, table);
}

/* Writes the column table: a struct with a typed column for each column, and a reference for each
 * relationship. */
static void emit_column_table(const furrow__emitter *e, const furrow__table *table)
{
    const char *name = table->generated;
    furrow__buffer_format(e->out, "\nconst struct %s_columns %s = {\n", name, table->object);
    for (size_t i = 0; i < table->model.column_count; i++)
        furrow__buffer_format(e->out, "    .%s = {&%s_columns_[%zu]},\n", table->members[i], name,
                              i);
    for (size_t i = 0; i < table->model.relation_count; i++)
        furrow__buffer_format(e->out, "    .%s = {&%s_relations_[%zu]},\n",
                              table->relations[i].field, name, i);
    furrow__buffer_add_text(e->out, "};\n");
}

void furrow__emit_model(const furrow__emitter *e, const furrow__table *table)
{
    emit_columns(e, table);
    emit_assertions(e, table);
    emit_foreign_keys(e, table);
    emit_table_indexes(e, table);
    emit_checks(e, table);
    emit_relations(e, table);
    emit_model(e, table);
    if (!table->is_result)
        emit_column_table(e, table);
}
