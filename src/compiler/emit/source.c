/* SPDX-License-Identifier: MIT
 * The generated source: tables, then small functions over them, each under the SQL it stands for.
 */
#include <string.h>

#include "compiler/emit/tables.h"

/* furrow_status todo_<verb>(parameters) { return <call>; } under a comment. */
static void emit_function(const furrow__emitter *e, const furrow__table *table, const char *sql,
                          const char *verb, const char *const *parameters, size_t count,
                          const char *call, const char *const *arguments, size_t argument_count)
{
    furrow__buffer_add_char(e->out, '\n');
    if (sql)
        furrow__emit_comment(e, sql);
    furrow__emit_list(e,
                      furrow__compiler_format(e->c, "furrow_status %s_%s", table->generated, verb),
                      parameters, count, "");
    furrow__buffer_add_text(e->out, "{\n");
    furrow__emit_list(e, furrow__compiler_format(e->c, "    return %s", call), arguments,
                      argument_count, ";");
    furrow__buffer_add_text(e->out, "}\n");
}

static void emit_row_functions(const furrow__emitter *e, const furrow__table *table)
{
    furrow__compiler *c = e->c;
    const char *model = furrow__compiler_format(c, "&%s_model", table->generated);
    const char *name = table->syntax->name;
    const char *row = furrow__compiler_format(c, "struct %s *row", name);
    const char *insert = furrow__emit_sql_insert(c, table);
    emit_function(e, table, insert, "insert", (const char *[]){"furrow_session *s", row}, 2,
                  "furrow_model_insert", (const char *[]){"s", model, "row"}, 3);
    emit_function(e, table, furrow__compiler_format(c, "%s, for many rows", insert), "insert_many",
                  (const char *[]){"furrow_session *s",
                                   furrow__compiler_format(c, "struct %s *rows", name),
                                   "size_t count"},
                  3, "furrow_model_insert_many", (const char *[]){"s", model, "rows", "count"}, 4);
    emit_function(e, table, furrow__emit_sql_get(c, table), "refresh",
                  (const char *[]){"furrow_session *s", row}, 2, "furrow_model_refresh",
                  (const char *[]){"s", model, "row"}, 3);
    emit_function(e, table, furrow__emit_sql_delete(c, table), "delete",
                  (const char *[]){"furrow_session *s",
                                   furrow__compiler_format(c, "const struct %s *row", name)},
                  2, "furrow_model_delete", (const char *[]){"s", model, "row"}, 3);
}

/* A parameter of get, or a member of its options, as a furrow_value. */
static const char *key_value(furrow__compiler *c, const furrow__table *table, const char *before,
                             size_t i)
{
    static const char *const makers[FURROW_TYPE_COUNT_] = {
        [FURROW_TYPE_BOOL] = "bool",       [FURROW_TYPE_INT16] = "integer",
        [FURROW_TYPE_INT32] = "integer",   [FURROW_TYPE_INT64] = "integer",
        [FURROW_TYPE_TEXT] = "text",       [FURROW_TYPE_CHARS] = "text",
        [FURROW_TYPE_BLOB] = "blob",       [FURROW_TYPE_TIME] = "time",
        [FURROW_TYPE_DATE] = "date",       [FURROW_TYPE_UUID] = "uuid",
        [FURROW_TYPE_DECIMAL] = "decimal", [FURROW_TYPE_ENUM] = "integer",
    };
    const furrow_column *column = &table->columns[table->model.primary_key[i]];
    return furrow__compiler_format(c, "furrow_value_%s_(%s%s%s)", makers[column->type],
                                   column->type == FURROW_TYPE_ENUM ? "(int64_t)" : "", before,
                                   furrow__emit_key_name(c, table, i));
}

static void emit_key(const furrow__emitter *e, const furrow__table *table, const char *before)
{
    furrow__buffer_add_text(e->out, "{\n    const furrow_value key_[] = {\n");
    for (size_t i = 0; i < table->model.primary_key_count; i++)
        furrow__buffer_format(e->out, "        %s,\n", key_value(e->c, table, before, i));
    furrow__buffer_add_text(e->out, "    };\n");
}

static void emit_get_with(const furrow__emitter *e, const furrow__table *table)
{
    furrow__compiler *c = e->c;
    const char *name = table->generated;
    furrow__buffer_add_text(e->out, "\n/* The same, then one statement a step. */\n");
    furrow__emit_list(
        e, furrow__compiler_format(c, "furrow_status %s_get_with", name),
        (const char *[]){furrow__compiler_format(c, "const struct %s_get_options *options", name)},
        1, "");
    emit_key(e, table, "options->");
    furrow__emit_list(e, "    return furrow_model_get_with",
                      (const char *[]){"options->s", furrow__compiler_format(c, "&%s_model", name),
                                       "options->out", "key_", "options->with",
                                       "sizeof options->with / sizeof *options->with"},
                      6, ";");
    furrow__buffer_add_text(e->out, "}\n");
}

static void emit_get(const furrow__emitter *e, const furrow__table *table)
{
    furrow__compiler *c = e->c;
    size_t count = table->model.primary_key_count;
    const char *parameters[FURROW__MAX_KEY_COLUMNS + 2] = {
        "furrow_session *s", furrow__compiler_format(c, "struct %s **out", table->syntax->name)};
    for (size_t i = 0; i < count; i++)
        parameters[i + 2] = furrow__emit_key_parameter(c, table, i);
    furrow__buffer_add_char(e->out, '\n');
    furrow__emit_comment(e, furrow__emit_sql_get(c, table));
    bool has_options = table->model.relation_count > 0;
    furrow__emit_list(e,
                      furrow__compiler_format(c, "furrow_status %s_get%s", table->generated,
                                              has_options ? "_" : ""),
                      parameters, count + 2, "");
    emit_key(e, table, "");
    furrow__buffer_format(e->out, "    return furrow_model_get(s, &%s_model, out, key_);\n}\n",
                          table->generated);
    if (has_options)
        emit_get_with(e, table);
}

static void emit_get_many(const furrow__emitter *e, const furrow__table *table)
{
    furrow__compiler *c = e->c;
    size_t count = table->model.primary_key_count;
    furrow__buffer_add_char(e->out, '\n');
    furrow__emit_comment(e, furrow__emit_sql_select(c, table, NULL, " WHERE … = ANY (?)"));
    furrow__emit_list(
        e, furrow__compiler_format(c, "furrow_status %s_get_many", table->generated),
        (const char *[]){"furrow_session *s",
                         furrow__compiler_format(c, "struct %s_list *out", table->syntax->name),
                         furrow__emit_keys_parameter(c, table), "size_t count"},
        4, "");
    furrow__buffer_add_text(e->out, "{\n    static const uint32_t offsets[] = {");
    for (size_t i = 0; i < count; i++) {
        const char *field = table->columns[table->model.primary_key[i]].field;
        if (count == 1)
            furrow__buffer_add_char(e->out, '0');
        else
            furrow__buffer_format(e->out, "\n        offsetof(struct %s_key, %s),",
                                  table->generated, field);
    }
    furrow__buffer_add_text(e->out, count > 1 ? "\n    };\n" : "};\n");
    furrow__emit_list(e, "    return furrow_model_get_many",
                      (const char *[]){"s",
                                       furrow__compiler_format(c, "&%s_model", table->generated),
                                       "out", "keys", "sizeof *keys", "offsets", "count"},
                      7, ";");
    furrow__buffer_add_text(e->out, "}\n");
}

static void emit_verb(const furrow__emitter *e, const furrow__table *table, const char *verb,
                      const char *sql)
{
    furrow__compiler *c = e->c;
    emit_function(e, table, sql, furrow__compiler_format(c, "%s_", verb),
                  (const char *[]){"size_t size",
                                   furrow__compiler_format(c, "const struct %s_%s_options *options",
                                                           table->generated, verb)},
                  2, furrow__compiler_format(c, "furrow_model_%s", verb),
                  (const char *[]){furrow__compiler_format(c, "&%s_model", table->generated),
                                   "size", "options"},
                  3);
}

static void emit_aggregates(const furrow__emitter *e, const furrow__table *table)
{
    static const char *const aggregates[][2] = {
        {"sum", "SUM"}, {"min", "MIN"}, {"max", "MAX"}, {"avg", "AVG"}};
    furrow__compiler *c = e->c;
    for (size_t i = 0; i < 4; i++)
        emit_function(
            e, table,
            furrow__emit_sql_select(c, table, furrow__compiler_format(c, "%s(…)", aggregates[i][0]),
                                    " WHERE …"),
            furrow__compiler_format(c, "%s_", aggregates[i][0]),
            (const char *[]){"size_t size", furrow__compiler_format(
                                                c, "const struct %s_aggregate_options *options",
                                                table->generated)},
            2, "furrow_model_aggregate",
            (const char *[]){furrow__compiler_format(c, "&%s_model", table->generated),
                             furrow__compiler_format(c, "FURROW_AGGREGATE_%s", aggregates[i][1]),
                             "size", "options"},
            4);
}

static void emit_cursor(const furrow__emitter *e, const furrow__table *table)
{
    const char *name = table->generated;
    furrow__buffer_format(
        e->out,
        "\nstruct %s *%s_next(struct %s_cursor *cursor)\n{\n"
        "    return (struct %s *)furrow_cursor_next((furrow_cursor *)cursor);\n}\n"
        "\nvoid %s_cursor_close(struct %s_cursor *cursor)\n{\n"
        "    furrow_cursor_close((furrow_cursor *)cursor);\n}\n",
        table->syntax->name, name, name, table->syntax->name, name, name);
}

static void emit_query_functions(const furrow__emitter *e, const furrow__table *table)
{
    furrow__compiler *c = e->c;
    const char *found = furrow__emit_sql_select(c, table, NULL, " WHERE … ORDER BY … LIMIT …");
    emit_verb(e, table, "update", furrow__emit_sql_update(c, table));
    emit_verb(e, table, "upsert", furrow__emit_sql_upsert(c, table));
    emit_verb(e, table, "find", found);
    emit_verb(e, table, "first", furrow__emit_sql_select(c, table, NULL, " WHERE … LIMIT 1"));
    emit_verb(e, table, "stream", found);
    emit_cursor(e, table);
    emit_verb(e, table, "count", furrow__emit_sql_select(c, table, "count(*)", " WHERE …"));
    emit_verb(e, table, "exists", furrow__emit_sql_select(c, table, "1", " WHERE … LIMIT 1"));
    emit_aggregates(e, table);
    emit_verb(
        e, table, "update_where",
        furrow__compiler_format(c, "UPDATE %s SET … WHERE …", furrow__emit_sql_table(c, table)));
    emit_verb(
        e, table, "delete_where",
        furrow__compiler_format(c, "DELETE FROM %s WHERE …", furrow__emit_sql_table(c, table)));
    emit_function(
        e, table, "EXPLAIN of a find", "explain_",
        (const char *[]){
            "size_t size",
            furrow__compiler_format(c, "const struct %s_find_options *options", table->generated),
            "const char **plan"},
        3, "furrow_model_explain",
        (const char *[]){furrow__compiler_format(c, "&%s_model", table->generated), "size",
                         "options", "plan"},
        4);
}

static void emit_result_function(const furrow__emitter *e, const furrow__table *table)
{
    furrow__compiler *c = e->c;
    emit_function(
        e, table, NULL, "query_",
        (const char *[]){"furrow_session *s",
                         furrow__compiler_format(c, "struct %s_list *out", table->syntax->name),
                         "const char *sql", "const furrow_value *values", "size_t count"},
        5, "furrow_model_query",
        (const char *[]){"s", furrow__compiler_format(c, "&%s_model", table->generated), "out",
                         "sql", "values", "count"},
        6);
}

static void emit_table(const furrow__emitter *e, const furrow__table *table)
{
    furrow__buffer_format(e->out, "\n/* ---- %s ---- */\n", table->syntax->name);
    furrow__emit_model(e, table);
    if (table->is_result) {
        emit_result_function(e, table);
        return;
    }
    furrow__buffer_format(e->out,
                          "\nconst furrow_column *%s_column(const char *name)\n{\n"
                          "    return furrow_model_column(&%s_model, name);\n}\n",
                          table->generated, table->generated);
    emit_row_functions(e, table);
    emit_get(e, table);
    emit_get_many(e, table);
    emit_query_functions(e, table);
    furrow__emit_relation_functions(e, table);
}

/* ---- the whole source ---- */

/* The sources whose models are named in this one. */
static void mark_targets(const furrow__emitter *e, bool *needed)
{
    furrow__compiler *c = e->c;
    for (size_t i = 0; i < c->table_count; i++) {
        const furrow__table *table = &c->tables[i];
        if (e->source == &c->sources[0])
            needed[table->syntax->source->index] |= !table->is_result; /* the schema names all */
        if (!furrow__emit_is_here(e, table))
            continue;
        for (size_t j = 0; j < table->model.foreign_key_count; j++)
            needed[furrow__table_find(c, table->foreign_keys[j].target->name)
                       ->syntax->source->index] = true;
        for (size_t j = 0; j < table->model.relation_count; j++) {
            const furrow_relation *r = &table->relations[j];
            needed[furrow__table_find(c, r->target->name)->syntax->source->index] = true;
            if (r->link)
                needed[furrow__table_find(c, r->link->name)->syntax->source->index] = true;
        }
    }
}

static void emit_schema(const furrow__emitter *e)
{
    furrow__compiler *c = e->c;
    const char *name =
        furrow__compiler_format(c, "%s%s", c->prefix ? c->prefix : "", c->schema.name);
    furrow__buffer_add_text(e->out, "\n/* ---- the schema ---- */\n\n");
    if (c->schema.count) {
        furrow__buffer_format(e->out, "static const furrow_model *const %s_models_[] = {\n", name);
        for (size_t i = 0; i < c->table_count; i++)
            if (!c->tables[i].is_result)
                furrow__buffer_format(e->out, "    &%s_model,\n", c->tables[i].generated);
        furrow__buffer_add_text(e->out, "};\n");
    }
    furrow__buffer_format(e->out,
                          "const furrow_schema %s_schema = {\n"
                          "    .format = FURROW_FORMAT_VERSION,\n    .name = \"%s\",\n",
                          name, c->schema.name);
    if (c->schema.count)
        furrow__buffer_format(e->out, "    .models = %s_models_,\n    .count = %zu,\n", name,
                              c->schema.count);
    furrow__buffer_add_text(e->out, "};\n");
}

void furrow__emit_source(const furrow__emitter *e)
{
    furrow__compiler *c = e->c;
    bool needed[FURROW__MAX_HEADERS] = {false};
    furrow__emit_banner(e);
    mark_targets(e, needed);
    furrow__buffer_add_text(e->out, "#include ");
    furrow__emit_string(e->out, furrow__compiler_format(c, "%s.furrow.h", e->source->stem));
    furrow__buffer_add_char(e->out, '\n');
    for (size_t i = 0; i < c->source_count; i++)
        if (needed[i] && &c->sources[i] != e->source) {
            furrow__buffer_add_text(e->out, "#include ");
            furrow__emit_string(e->out,
                                furrow__compiler_format(c, "%s.furrow.h", c->sources[i].stem));
            furrow__buffer_add_char(e->out, '\n');
        }
    furrow__emit_enums(e);
    for (size_t i = 0; i < c->table_count; i++)
        if (furrow__emit_is_here(e, &c->tables[i]))
            emit_table(e, &c->tables[i]);
    if (e->source == &c->sources[0])
        emit_schema(e);
}
