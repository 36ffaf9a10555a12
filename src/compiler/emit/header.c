/* SPDX-License-Identifier: MIT
 * Writes the generated header: first the columns and functions of each model, then the options
 * structs and macros. */
#include <string.h>

#include "compiler/emit/emit.h"

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
                          "\n/* The columns, for conditions, orders and assignments: %s.%s. */\n"
                          "extern const struct %s_columns {\n",
                          table->object, table->members[0], table->generated);
    for (size_t i = 0; i < table->model.column_count; i++)
        furrow__buffer_format(out, "    furrow_%s_column %s;\n",
                              furrow__emit_column_type(&table->columns[i]), table->members[i]);
    for (size_t i = 0; i < table->model.relation_count; i++)
        furrow__buffer_format(out, "    furrow_relation_ref %s;\n", table->relations[i].field);
    furrow__buffer_format(out, "} %s;\n", table->object);
}

static void emit_key_struct(const furrow__emitter *e, const furrow__table *table)
{
    const char *name = table->generated;
    if (table->model.primary_key_count < 2)
        return;
    furrow__buffer_format(e->out, "\n/* The primary key, for %s_get_many. */\nstruct %s_key {\n",
                          name, name);
    for (size_t i = 0; i < table->model.primary_key_count; i++) {
        const furrow_column *column = &table->columns[table->model.primary_key[i]];
        furrow__buffer_format(e->out, "    %s%s;\n", furrow__emit_value_type(e->c, column),
                              column->field);
    }
    furrow__buffer_add_text(e->out, "};\n");
}

static void emit_declaration(const furrow__emitter *e, const furrow__function *f)
{
    furrow__emit_list(e, furrow__function_start(e->c, f, false), f->parameters, f->parameter_count,
                      ";");
}

static void emit_verb_comment(const furrow__emitter *e, const furrow__function *f)
{
    furrow__buffer_add_char(e->out, '\n');
    furrow__emit_comment(e, furrow__template_fill(e->c, f->subject, f->verb->comment));
}

static void emit_plain_function(const furrow__emitter *e, const furrow__function *f)
{
    if (furrow__verb_is_macro(f->verb))
        return;
    emit_verb_comment(e, f);
    emit_declaration(e, f);
}

static bool ends_with(const char *text, const char *end)
{
    size_t size = strlen(text), end_size = strlen(end);
    return size >= end_size && strcmp(text + size - end_size, end) == 0;
}

/* Returns the suffix for the parameter names of the macros. The preprocessor replaces every
 * occurrence of a parameter's name in a macro, even where the name refers to a column. The suffix
 * is therefore chosen so that it does not end the name of any key column. */
static const char *parameter_suffix(furrow__compiler *c, const furrow__table *table)
{
    const char *suffix = "_";
    for (size_t i = 0; i < table->model.primary_key_count; i++)
        while (ends_with(table->members[table->model.primary_key[i]], suffix))
            suffix = furrow__compiler_format(c, "%s_", suffix);
    return suffix;
}

/* Returns the name of a parameter: the last word of its declaration. */
static const char *parameter_name(const char *declaration)
{
    const char *name = declaration + strlen(declaration);
    while (name > declaration && name[-1] != ' ' && name[-1] != '*')
        name--;
    return name;
}

/* Returns the type of a parameter: its declaration without the last word. */
static const char *parameter_type(furrow__compiler *c, const char *declaration)
{
    size_t size = (size_t)(parameter_name(declaration) - declaration);
    while (size && declaration[size - 1] == ' ')
        size--;
    return furrow__compiler_copy(c, declaration, size);
}

/* Writes the macro for a `get` function. The macro converts each part of the key to a furrow_value.
 * If the key has a single column, the macro takes the key from all its remaining arguments
 * (__VA_ARGS__), so that the key can be a compound literal that contains commas. */
static void emit_get_macro(const furrow__emitter *e, const furrow__function *f)
{
    furrow__compiler *c = e->c;
    const furrow__table *table = f->subject->table;
    const char *suffix = parameter_suffix(c, table), *names = "";
    const char *lines[FURROW__MAX_PARAMETERS + 3];
    bool has_paths = f->verb->form == FURROW__FORM_KEY_PATHS;
    size_t count = has_paths ? 3 : 2, keys = table->model.primary_key_count;
    for (size_t i = 0; i < f->required_count; i++) {
        bool is_rest = !has_paths && keys == 1 && i == 2;
        const char *name =
            furrow__compiler_format(c, "%s%s", parameter_name(f->required[i]), suffix);
        names = furrow__compiler_format(c, "%s%s%s", names, i ? ", " : "", is_rest ? "..." : name);
        if (i < 2)
            continue;
        lines[count++] = furrow__compiler_format(
            c, "        FURROW_KEY_(%s.%s, %s)%s", table->object,
            table->members[table->model.primary_key[i - 2]], is_rest ? "__VA_ARGS__" : name,
            i + 1 < f->required_count ? "," : ")");
    }
    lines[0] = furrow__compiler_format(c, "#define %s(%s%s)", f->verb_name, names,
                                       has_paths ? ", ..." : "");
    lines[1] = furrow__compiler_format(c, "    FURROW_GET_%s(struct %s, &%s_model, s%s, out%s,",
                                       has_paths ? "WITH_" : "", table->syntax->name,
                                       table->generated, suffix, suffix);
    if (has_paths)
        lines[2] = "        FURROW_PATH_LIST_(__VA_ARGS__),";
    furrow__emit_macro(e, lines, count);
}

/* Writes the macro for a `get_many` function. The macro checks the type of the array of keys. */
static void emit_keys_macro(const furrow__emitter *e, const furrow__function *f)
{
    furrow__compiler *c = e->c;
    const furrow__table *table = f->subject->table;
    const char *suffix = parameter_suffix(c, table), *names = "", *arguments = "", *check;
    for (size_t i = 0; i < f->required_count; i++) {
        const char *separator = i ? ", " : "", *name = parameter_name(f->required[i]);
        names = furrow__compiler_format(c, "%s%s%s%s", names, separator, name, suffix);
        arguments = furrow__compiler_format(c, "%s%s(%s%s)", arguments, separator, name, suffix);
    }
    if (table->model.primary_key_count > 1)
        check = furrow__compiler_format(c, "    (FURROW_KEY_STRUCTS_(struct %s_key, keys%s),",
                                        table->generated, suffix);
    else
        check = furrow__compiler_format(c, "    (FURROW_KEYS_(%s.%s, keys%s),", table->object,
                                        table->members[table->model.primary_key[0]], suffix);
    const char *lines[] = {
        furrow__compiler_format(c, "#define %s(%s)", f->verb_name, names),
        check,
        furrow__compiler_format(c, "     %s(%s))", f->name, arguments),
    };
    furrow__emit_macro(e, lines, 3);
}

static void emit_options(const furrow__emitter *e, const furrow__function *f)
{
    furrow__buffer_format(e->out, "struct %s_options {\n", f->verb_name);
    for (size_t i = 0; i < f->required_count; i++)
        furrow__buffer_format(e->out, "    %s;\n", f->required[i]);
    bool is_aggregate = f->verb->form == FURROW__FORM_AGGREGATE;
    furrow__buffer_format(e->out, "    FURROW_%s_ARGUMENTS_\n};\n",
                          is_aggregate ? "AGGREGATE" : f->verb->arguments);
}

/* Writes two macros. One takes named arguments; the other takes an options struct that is filled in
 * at run time. */
static void emit_named_macros(const furrow__emitter *e, const furrow__function *f)
{
    furrow__compiler *c = e->c;
    const char *call;
    if (f->verb->form == FURROW__FORM_NAMED)
        call = furrow__compiler_format(c, "FURROW_VERB_%zu_(%s, ", f->required_count, f->verb_name);
    else
        call = furrow__compiler_format(c, "FURROW_%s_(%s, %s, ",
                                       f->subject->relation ? "LIST_AGGREGATE" : "AGGREGATE",
                                       f->verb->arguments, f->verb_name);
    if (f->required_count > 1 && f->verb->form == FURROW__FORM_NAMED)
        call = furrow__compiler_format(c, "%s%s, ", call, parameter_name(f->required[1]));
    if (f->verb->form == FURROW__FORM_AGGREGATE && f->subject->relation)
        call = furrow__compiler_format(c, "%s%s, ", call, parameter_type(c, f->required[1]));
    furrow__emit_macro(e,
                       (const char *[]){
                           furrow__compiler_format(c, "#define %s(...)", f->verb_name),
                           furrow__compiler_format(c, "    %s__VA_ARGS__)", call),
                       },
                       2);
    furrow__buffer_format(e->out, "#define %s_using(options) FURROW_USING_(%s, options)\n",
                          f->verb_name, f->verb_name);
    /* Version 0.1 had a name with _with for each of these verbs. */
    if (f->verb->scope == FURROW__SCOPE_TABLE && strcmp(f->verb->name, "explain") != 0)
        furrow__buffer_format(e->out, "#define %s_with(...) FURROW_WITH_(%s)\n", f->verb_name,
                              f->verb_name);
}

static void emit_paths_macro(const furrow__emitter *e, const furrow__function *f)
{
    furrow__compiler *c = e->c;
    const char *names = "", *arguments = "";
    for (size_t i = 0; i < f->required_count; i++) {
        const char *name = parameter_name(f->required[i]);
        names = furrow__compiler_format(c, "%s%s, ", names, name);
        arguments = furrow__compiler_format(c, "%s(%s), ", arguments, name);
    }
    furrow__emit_macro(
        e,
        (const char *[]){
            furrow__compiler_format(c, "#define %s(%s...)", f->verb_name, names),
            furrow__compiler_format(c, "    %s(%sFURROW_PATHS_(__VA_ARGS__))", f->name, arguments),
        },
        2);
}

static void emit_verb_macros(const furrow__emitter *e, const furrow__function *f)
{
    switch (f->verb->form) {
    case FURROW__FORM_FUNCTION:
        break;
    case FURROW__FORM_KEY:
        furrow__buffer_format(e->out, "\n/* Checks the type and the range of the key of %s. */\n",
                              f->verb_name);
        emit_get_macro(e, f);
        break;
    case FURROW__FORM_KEYS:
        furrow__buffer_format(e->out, "\n/* Checks the type of the keys of %s. */\n", f->verb_name);
        emit_keys_macro(e, f);
        break;
    case FURROW__FORM_KEY_PATHS:
        emit_verb_comment(e, f);
        emit_get_macro(e, f);
        break;
    case FURROW__FORM_PATHS:
        emit_verb_comment(e, f);
        emit_declaration(e, f);
        emit_paths_macro(e, f);
        break;
    case FURROW__FORM_QUERY:
        emit_verb_comment(e, f);
        emit_declaration(e, f);
        furrow__buffer_format(e->out, "#define %s(...) FURROW_QUERY_(%s, __VA_ARGS__)\n",
                              f->verb_name, f->name);
        break;
    case FURROW__FORM_NAMED:
    case FURROW__FORM_AGGREGATE:
        emit_verb_comment(e, f);
        emit_options(e, f);
        emit_declaration(e, f);
        emit_named_macros(e, f);
        break;
    }
}

static void emit_doc_comment(const furrow__emitter *e, const furrow__table *table)
{
    if (!table->syntax->comment)
        return;
    for (const char *at = table->syntax->comment; *at; at++)
        if (*at != '\r')
            furrow__buffer_add_char(e->out, *at);
    furrow__buffer_add_text(e->out, "\n\n");
}

static void emit_functions(const furrow__emitter *e, const furrow__table *table)
{
    furrow__buffer_format(e->out, "\n/* struct %s: columns and functions */\n\n",
                          table->syntax->name);
    emit_doc_comment(e, table);
    emit_list_type(e, table);
    if (!table->is_result)
        furrow__buffer_format(e->out, "struct %s_cursor;\n", table->generated);
    furrow__buffer_format(e->out, "\nextern const furrow_model %s_model;\n", table->generated);
    if (!table->is_result) {
        emit_column_table(e, table);
        emit_key_struct(e, table);
    }
    furrow__emit_each_verb(e, table, emit_plain_function);
}

static void emit_macros(const furrow__emitter *e, const furrow__table *table)
{
    furrow__buffer_format(e->out, "\n/* struct %s: functions with named arguments */\n",
                          table->syntax->name);
    furrow__emit_each_verb(e, table, emit_verb_macros);
}

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

/* Writes the #include lines: one for the header with the models, and one for each header that
 * declares lists of these models. */
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

static void emit_each_table(const furrow__emitter *e,
                            void (*emit)(const furrow__emitter *e, const furrow__table *table))
{
    for (size_t i = 0; i < e->c->table_count; i++)
        if (furrow__emit_is_here(e, &e->c->tables[i]))
            emit(e, &e->c->tables[i]);
}

static bool has_structs(const furrow__emitter *e)
{
    for (size_t i = 0; i < e->c->table_count; i++)
        if (furrow__emit_is_here(e, &e->c->tables[i]))
            return true;
    return false;
}

void furrow__emit_header(const furrow__emitter *e)
{
    furrow__compiler *c = e->c;
    const char *name = guard(c, e->source->stem);
    furrow__emit_banner(e);
    furrow__buffer_format(e->out,
                          "#ifndef %s\n#define %s\n\n"
                          "/* Mistakes in the arguments of a macro are reported at the line that "
                          "uses the macro. */\n"
                          "#pragma GCC system_header\n\n",
                          name, name);
    emit_includes(e);
    furrow__buffer_format(e->out,
                          "\n_Static_assert(FURROW_FORMAT_VERSION == %d,\n"
                          "               \"%s.furrow.h was generated by another version of "
                          "furrow: generate it again\");\n",
                          FURROW_FORMAT_VERSION, e->source->stem);
    emit_each_table(e, emit_functions);
    if (e->source == &c->sources[0])
        furrow__buffer_format(e->out,
                              "\n/* All tables, for furrow_create_all and furrow_drop_all. */\n"
                              "extern const furrow_schema %s%s_schema;\n",
                              c->prefix ? c->prefix : "", c->schema.name);
    if (has_structs(e))
        furrow__buffer_add_text(
            e->out, "\n/* Verbs with named arguments. <furrow/generated.h> lists the arguments of "
                    "each verb. The form\n"
                    " * with _using takes a pointer to an options struct that was filled in at run "
                    "time. */\n");
    emit_each_table(e, emit_macros);
    furrow__buffer_add_text(e->out, "\n#endif\n");
}
