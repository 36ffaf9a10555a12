/* SPDX-License-Identifier: MIT
 * The generated header: a model's columns, its options and its typed functions. */
#include <string.h>

#include "compiler/emit/emit.h"

/* ---- the parts of one model ---- */

static void emit_list_type(const furrow__emitter *e, const furrow__table *table)
{
    for (const furrow__list_syntax *l = e->c->syntax->lists; l; l = l->next)
        if (strcmp(l->name, table->syntax->name) == 0)
            return;
    furrow__buffer_format(e->out, "FURROW_LIST(%s);\n", table->syntax->name);
}

static void emit_column_table(const furrow__emitter *e, const furrow__table *table)
{
    furrow__buffer *out = e->out;
    furrow__buffer_format(out,
                          "\n/* The columns, for conditions, orders and assignments. */\n"
                          "extern const struct %s_columns {\n",
                          table->generated);
    for (size_t i = 0; i < table->model.column_count; i++)
        furrow__buffer_format(out, "    const furrow_%s_column *%s;\n",
                              furrow__emit_column_type(&table->columns[i]), table->members[i]);
    for (size_t i = 0; i < table->model.relation_count; i++)
        furrow__buffer_format(out, "    const furrow_relation *%s;\n", table->relations[i].field);
    furrow__buffer_format(out, "} %s;\n", table->object);
    furrow__buffer_format(out,
                          "\n/* The column with this name in C or in the database, or NULL. */\n"
                          "const furrow_column *%s_column(const char *name);\n",
                          table->generated);
}

static const struct option_struct {
    const char *name, *out, *arguments;
} option_structs[] = {
    {"find", "struct %s_list *out", "FIND"},
    {"first", "struct %s **out", "FIND"},
    {"stream", NULL, "FIND"},
    {"count", "int64_t *out", "COUNT"},
    {"exists", "bool *out", "COUNT"},
    {"aggregate", "void *out", "AGGREGATE"},
    {"update", "struct %s *row", "UPDATE"},
    {"upsert", "struct %s *row", "UPSERT"},
    {"update_where", "", "UPDATE_WHERE"},
    {"delete_where", "", "DELETE_WHERE"},
};

/* The result of the verb, as a member with its `;`, or nothing. */
static const char *option_result(const furrow__emitter *e, const furrow__table *table,
                                 const struct option_struct *o)
{
    furrow__compiler *c = e->c;
    const char *name = table->syntax->name;
    if (!o->out)
        return furrow__compiler_format(c, "    struct %s_cursor **out;\n", table->generated);
    if (!o->out[0])
        return "";
    const char *star = strstr(o->out, "%s");
    if (!star)
        return furrow__compiler_format(c, "    %s;\n", o->out);
    return furrow__compiler_format(c, "    %.*s%s%s;\n", (int)(star - o->out), o->out, name,
                                   star + 2);
}

static void emit_options(const furrow__emitter *e, const furrow__table *table)
{
    furrow__buffer_add_text(e->out,
                            "\n/* The named arguments of each verb: <furrow/generated.h> lists "
                            "them. */\n");
    for (size_t i = 0; i < sizeof option_structs / sizeof *option_structs; i++) {
        const struct option_struct *o = &option_structs[i];
        furrow__buffer_format(e->out,
                              "struct %s_%s_options {\n    furrow_session *s;\n%s"
                              "    FURROW_%s_ARGUMENTS_\n};\n",
                              table->generated, o->name, option_result(e, table, o), o->arguments);
    }
    static const char *const aggregates[] = {"sum", "min", "max", "avg"};
    for (size_t i = 0; i < 4; i++)
        furrow__buffer_format(e->out, "#define %s_%s_options %s_aggregate_options\n",
                              table->generated, aggregates[i], table->generated);
}

static void emit_function(const furrow__emitter *e, const furrow__table *table, const char *verb,
                          const char *const *parameters, size_t count)
{
    furrow__emit_list(e,
                      furrow__compiler_format(e->c, "furrow_status %s_%s", table->generated, verb),
                      parameters, count, ";");
}

static void emit_row_functions(const furrow__emitter *e, const furrow__table *table)
{
    furrow__compiler *c = e->c;
    const char *name = table->syntax->name;
    const char *row = furrow__compiler_format(c, "struct %s *row", name);
    furrow__buffer_add_char(e->out, '\n');
    furrow__emit_comment(
        e, table->model.assigned != FURROW_NO_COLUMN
               ? furrow__compiler_format(c,
                                         "Insert a row; a zero %s, and zero fields with a default, "
                                         "receive what the database chose.",
                                         table->columns[table->model.assigned].field)
               : "Insert a row; zero fields with a default receive what the database chose.");
    emit_function(e, table, "insert", (const char *[]){"furrow_session *s", row}, 2);
    furrow__buffer_add_text(e->out, "/* The same for any number of rows, in few round trips. */\n");
    emit_function(e, table, "insert_many",
                  (const char *[]){"furrow_session *s",
                                   furrow__compiler_format(c, "struct %s *rows", name),
                                   "size_t count"},
                  3);
    furrow__buffer_add_text(e->out, "/* Read the row again: FURROW_NOT_FOUND if it is gone. */\n");
    emit_function(e, table, "refresh", (const char *[]){"furrow_session *s", row}, 2);
    furrow__buffer_add_text(e->out, "/* Delete the row: FURROW_NOT_FOUND if it is gone. */\n");
    emit_function(e, table, "delete",
                  (const char *[]){"furrow_session *s",
                                   furrow__compiler_format(c, "const struct %s *row", name)},
                  2);
}

/* author_get(…), which is author_get_ or, with named arguments, author_get_with. */
static void emit_get(const furrow__emitter *e, const furrow__table *table,
                     const char *const *parameters, size_t count)
{
    furrow__compiler *c = e->c;
    const char *name = table->generated;
    furrow__emit_comment(
        e, furrow__compiler_format(
               c, "%s_get(s, &row, key, .with = {furrow_load(%s.%s)}) loads paths for it as well.",
               name, table->object, table->relations[0].field));
    furrow__buffer_format(e->out, "struct %s_get_options {\n", name);
    for (size_t i = 0; i < count; i++)
        furrow__buffer_format(e->out, "    %s;\n", parameters[i]);
    furrow__buffer_add_text(e->out, "    FURROW_GET_ARGUMENTS_\n};\n");
    furrow__emit_macro(
        e,
        (const char *[]){
            furrow__compiler_format(c, "#define %s_get(...)", name),
            furrow__compiler_format(c, "    FURROW_GET_(%zu, %s_get_, %s_get_with,", count - 2,
                                    name, name),
            furrow__compiler_format(c, "                %s_get_options, __VA_ARGS__)", name)},
        3);
    emit_function(e, table, "get_", parameters, count);
    emit_function(
        e, table, "get_with",
        (const char *[]){furrow__compiler_format(c, "const struct %s_get_options *options", name)},
        1);
}

static void emit_key_functions(const furrow__emitter *e, const furrow__table *table)
{
    furrow__compiler *c = e->c;
    const char *name = table->syntax->name;
    size_t count = table->model.primary_key_count;
    if (count > 1) {
        furrow__buffer_format(e->out,
                              "\n/* The primary key, for %s_get_many. */\nstruct %s_key {\n",
                              table->generated, table->generated);
        for (size_t i = 0; i < count; i++) {
            const furrow_column *column = &table->columns[table->model.primary_key[i]];
            furrow__buffer_format(e->out, "    %s%s;\n", furrow__emit_value_type(c, column),
                                  column->field);
        }
        furrow__buffer_add_text(e->out, "};\n");
    }
    furrow__buffer_add_text(
        e->out, "\n/* Load the row with this key: FURROW_NOT_FOUND, and *out is NULL, if "
                "there is none. */\n");
    const char *parameters[FURROW__MAX_KEY_COLUMNS + 2] = {
        "furrow_session *s", furrow__compiler_format(c, "struct %s **out", name)};
    for (size_t i = 0; i < count; i++)
        parameters[i + 2] = furrow__emit_key_parameter(c, table, i);
    if (table->model.relation_count)
        emit_get(e, table, parameters, count + 2);
    else
        emit_function(e, table, "get", parameters, count + 2);
    furrow__buffer_add_text(e->out,
                            "/* Load the rows with these keys, in their order, without those that "
                            "have none. */\n");
    emit_function(e, table, "get_many",
                  (const char *[]){"furrow_session *s",
                                   furrow__compiler_format(c, "struct %s_list *out", name),
                                   furrow__emit_keys_parameter(c, table), "size_t count"},
                  4);
}

/* item_find(...), item_find_using(options) and item_find_. */
static void emit_verb(const furrow__emitter *e, const furrow__table *table, const char *verb)
{
    furrow__compiler *c = e->c;
    const char *name = table->generated;
    furrow__emit_macro(
        e,
        (const char *[]){furrow__compiler_format(c, "#define %s_%s(...)", name, verb),
                         furrow__compiler_format(c, "    %s_%s_(sizeof(struct %s_%s_options),",
                                                 name, verb, name, verb),
                         furrow__compiler_format(
                             c, "    %*s&(const struct %s_%s_options){__VA_ARGS__, .end_ = 0})",
                             (int)(strlen(name) + strlen(verb) + 3), "", name, verb)},
        3);
    furrow__buffer_format(e->out,
                          "#define %s_%s_using(options) %s_%s_(sizeof *(options), (options))\n",
                          name, verb, name, verb);
    char *function = furrow__compiler_copy(c, verb, strlen(verb));
    emit_function(e, table, furrow__compiler_format(c, "%s_", function),
                  (const char *[]){"size_t size",
                                   furrow__compiler_format(c, "const struct %s_%s_options *options",
                                                           name, verb)},
                  2);
}

static void emit_aggregate(const furrow__emitter *e, const furrow__table *table, const char *verb,
                           const char *fits)
{
    furrow__compiler *c = e->c;
    const char *name = table->generated;
    furrow__emit_macro(
        e,
        (const char *[]){
            furrow__compiler_format(c, "#define %s_%s(...)", name, verb),
            furrow__compiler_format(c,
                                    "    FURROW_AGGREGATE_(FURROW_%s_FITS_, %s_%s_, %s_%s_options, "
                                    "__VA_ARGS__)",
                                    fits, name, verb, name, verb)},
        2);
    furrow__buffer_format(e->out,
                          "#define %s_%s_using(options) %s_%s_(sizeof *(options), (options))\n",
                          name, verb, name, verb);
    emit_function(
        e, table, furrow__compiler_format(c, "%s_", verb),
        (const char *[]){"size_t size", furrow__compiler_format(
                                            c, "const struct %s_aggregate_options *options", name)},
        2);
}

static void emit_query_functions(const furrow__emitter *e, const furrow__table *table)
{
    furrow__compiler *c = e->c;
    const char *name = table->generated;
    furrow__buffer *out = e->out;
    furrow__buffer_add_char(out, '\n');
    furrow__emit_comment(
        e,
        furrow__compiler_format(
            c,
            "%s_update(s, &row, .only = …): write the row; FURROW_STALE if it "
            "is gone%s.",
            name, table->model.version != FURROW_NO_COLUMN ? " or changed since it was read" : ""));
    emit_verb(e, table, "update");
    furrow__buffer_add_char(out, '\n');
    furrow__emit_comment(e, furrow__compiler_format(
                                c,
                                "%s_upsert(s, &row, .conflict = …, .set = …): insert it, or change "
                                "the one that is there.",
                                name));
    emit_verb(e, table, "upsert");
    furrow__buffer_add_char(out, '\n');
    furrow__emit_comment(e,
                         furrow__compiler_format(
                             c,
                             "%s_find(s, &list, .where = …, .order_by = …, .limit = …): the rows "
                             "that match.",
                             name));
    emit_verb(e, table, "find");
    furrow__buffer_add_text(
        out, "\n/* The first of them: FURROW_NOT_FOUND, and *out is NULL, if there is "
             "none. */\n");
    emit_verb(e, table, "first");
    furrow__buffer_add_char(out, '\n');
    furrow__emit_comment(e,
                         furrow__compiler_format(c,
                                                 "One after the other, in constant memory: while "
                                                 "((row = %s_next(cursor))).",
                                                 name));
    emit_verb(e, table, "stream");
    furrow__buffer_format(out,
                          "struct %s *%s_next(struct %s_cursor *cursor);\n"
                          "void %s_cursor_close(struct %s_cursor *cursor);\n",
                          table->syntax->name, name, name, name, name);
    furrow__buffer_add_text(out, "\n/* How many rows match; whether any does. */\n");
    emit_verb(e, table, "count");
    emit_verb(e, table, "exists");
    furrow__buffer_add_char(out, '\n');
    furrow__emit_comment(e, furrow__compiler_format(
                                c,
                                "%s_sum(s, &result, %s.…, .where = …): the result's type follows "
                                "the column's.",
                                name, table->object));
    static const char *const aggregates[][2] = {
        {"sum", "SUM"}, {"min", "MIN"}, {"max", "MAX"}, {"avg", "AVG"}};
    for (size_t i = 0; i < 4; i++)
        emit_aggregate(e, table, aggregates[i][0], aggregates[i][1]);
    furrow__buffer_add_text(
        out, "\n/* Change or delete every row that matches; without a condition only "
             "with .all_rows. */\n");
    emit_verb(e, table, "update_where");
    emit_verb(e, table, "delete_where");
    furrow__buffer_add_text(out, "\n/* The engine's plan of a find, as text that belongs to the "
                                 "session. */\n");
    furrow__emit_macro(
        e,
        (const char *[]){furrow__compiler_format(c, "#define %s_explain(options, plan)", name),
                         furrow__compiler_format(
                             c, "    %s_explain_(sizeof *(options), (options), (plan))", name)},
        2);
    emit_function(
        e, table, "explain_",
        (const char *[]){"size_t size",
                         furrow__compiler_format(c, "const struct %s_find_options *options", name),
                         "const char **plan"},
        3);
}

static void emit_doc_comment(const furrow__emitter *e, const furrow__table *table)
{
    furrow__buffer_format(e->out, "\n/* ---- %s ---- */\n\n", table->syntax->name);
    if (table->syntax->comment) {
        for (const char *at = table->syntax->comment; *at; at++)
            if (*at != '\r')
                furrow__buffer_add_char(e->out, *at);
        furrow__buffer_add_char(e->out, '\n');
    }
}

static void emit_table(const furrow__emitter *e, const furrow__table *table)
{
    emit_doc_comment(e, table);
    emit_list_type(e, table);
    furrow__buffer_format(e->out, "struct %s_cursor;\n\nextern const furrow_model %s_model;\n",
                          table->generated, table->generated);
    emit_column_table(e, table);
    emit_options(e, table);
    emit_row_functions(e, table);
    emit_key_functions(e, table);
    emit_query_functions(e, table);
    furrow__emit_relation_declarations(e, table);
}

static void emit_result(const furrow__emitter *e, const furrow__table *table)
{
    furrow__compiler *c = e->c;
    emit_doc_comment(e, table);
    emit_list_type(e, table);
    furrow__buffer_format(
        e->out,
        "\nextern const furrow_model %s_model;\n\n"
        "/* %s_query(s, &list, \"SELECT …\", values…): the rows, filled by column "
        "name. */\n",
        table->generated, table->generated);
    furrow__emit_macro(
        e,
        (const char *[]){furrow__compiler_format(c, "#define %s_query(...)", table->generated),
                         furrow__compiler_format(c, "    FURROW_QUERY_(%s_query_, __VA_ARGS__)",
                                                 table->generated)},
        2);
    emit_function(
        e, table, "query_",
        (const char *[]){"furrow_session *s",
                         furrow__compiler_format(c, "struct %s_list *out", table->syntax->name),
                         "const char *sql", "const furrow_value *values", "size_t count"},
        5);
}

/* ---- the whole header ---- */

static const char *guard(furrow__compiler *c, const char *stem)
{
    char *name = furrow__compiler_copy(c, stem, strlen(stem));
    for (char *at = name; *at; at++) {
        if (*at >= 'a' && *at <= 'z')
            *at = (char)(*at - 'a' + 'A');
        else if (!((*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9')))
            *at = '_';
    }
    return furrow__compiler_format(c, "FURROW_GENERATED_%s_H", name);
}

/* The header itself, and those that declare a list of one of its models. */
static void emit_includes(const furrow__emitter *e)
{
    furrow__compiler *c = e->c;
    furrow__buffer_add_text(e->out, "#include <furrow/furrow.h>\n\n#include ");
    furrow__emit_string(e->out, e->source->file);
    furrow__buffer_add_char(e->out, '\n');
    for (size_t i = 0; i < c->source_count; i++) {
        bool needed = false;
        for (const furrow__list_syntax *l = c->syntax->lists; l; l = l->next) {
            if (l->source != &c->sources[i])
                continue;
            const furrow__table *table = furrow__table_find(c, l->name);
            needed |= table && furrow__emit_is_here(e, table);
        }
        if (!needed || &c->sources[i] == e->source)
            continue;
        furrow__buffer_add_text(e->out, "#include ");
        furrow__emit_string(e->out, c->sources[i].file);
        furrow__buffer_add_char(e->out, '\n');
    }
}

void furrow__emit_header(const furrow__emitter *e)
{
    furrow__compiler *c = e->c;
    const char *name = guard(c, e->source->stem);
    furrow__emit_banner(e);
    furrow__buffer_format(e->out, "#ifndef %s\n#define %s\n\n", name, name);
    emit_includes(e);
    furrow__buffer_format(e->out,
                          "\n_Static_assert(FURROW_FORMAT_VERSION == %d, \"generate again: this "
                          "furrow has another format\");\n",
                          FURROW_FORMAT_VERSION);
    for (size_t i = 0; i < c->table_count; i++) {
        const furrow__table *table = &c->tables[i];
        if (!furrow__emit_is_here(e, table))
            continue;
        if (table->is_result)
            emit_result(e, table);
        else
            emit_table(e, table);
    }
    if (e->source == &c->sources[0])
        furrow__buffer_format(e->out,
                              "\n/* All tables, for furrow_create_all and furrow_drop_all. */\n"
                              "extern const furrow_schema %s%s_schema;\n",
                              c->prefix ? c->prefix : "", c->schema.name);
    furrow__buffer_add_text(e->out, "\n#endif\n");
}
