/* SPDX-License-Identifier: MIT
 * Writes the generated source: first the constant tables, then the functions. A comment before each
 * function shows the SQL that the function runs.
 */
#include <string.h>

#include "compiler/emit/tables.h"

/* Returns the start of the arguments of a call, which is the text after the first "(". The "(" of a
 * cast before the call does not count. Returns NULL if the expression is not a call. */
static const char *call_arguments(const char *call)
{
    const char *at = call;
    if (*at == '(')
        at = strchr(at, ')') + 1;
    at = strchr(at, '(');
    return at ? at + 1 : NULL;
}

static void emit_return(const furrow__emitter *e, const furrow__function *f)
{
    furrow__compiler *c = e->c;
    const char *call = furrow__template_fill(c, f->subject, f->verb->call);
    const char *keyword =
        f->verb->returns && strcmp(f->verb->returns, "void") == 0 ? "" : "return ";
    const char *arguments = call_arguments(call);
    if (!arguments) {
        furrow__buffer_format(e->out, "    %s%s;\n", keyword, call);
        return;
    }
    const char *items[FURROW__MAX_PARAMETERS];
    const char *function = furrow__compiler_copy(c, call, (size_t)(arguments - call) - 1);
    const char *inside = furrow__compiler_copy(c, arguments, strlen(arguments) - 1);
    size_t count = furrow__emit_split(c, inside, items, FURROW__MAX_PARAMETERS);
    furrow__emit_list(e, furrow__compiler_format(c, "    %s%s", keyword, function), items, count,
                      ";");
}

static void emit_function(const furrow__emitter *e, const furrow__function *f)
{
    furrow__compiler *c = e->c;
    if (!f->verb->call)
        return;
    furrow__buffer_add_char(e->out, '\n');
    if (f->verb->sql)
        furrow__emit_comment(e, furrow__template_fill(c, f->subject, f->verb->sql));
    furrow__emit_list(e, furrow__function_start(c, f, true), f->parameters, f->parameter_count, "");
    furrow__buffer_add_text(e->out, "{\n");
    if (f->verb->before)
        furrow__buffer_add_text(e->out, furrow__template_fill(c, f->subject, f->verb->before));
    emit_return(e, f);
    furrow__buffer_add_text(e->out, "}\n");
}

static void emit_table(const furrow__emitter *e, const furrow__table *table)
{
    furrow__buffer_format(e->out, "\n/* struct %s */\n", table->syntax->name);
    furrow__emit_model(e, table);
    furrow__emit_each_verb(e, table, emit_function);
}

/* Sets needed[i] for each header i with a model that this source refers to. */
static void mark_targets(const furrow__emitter *e, bool *needed)
{
    furrow__compiler *c = e->c;
    for (size_t i = 0; i < c->table_count; i++) {
        const furrow__table *table = &c->tables[i];
        if (e->source == &c->sources[0])
            needed[table->syntax->source->index] |=
                !table->is_result; /* The first source defines the schema, which lists every model
                                      with a table. */
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
    furrow__buffer_add_text(e->out, "\n/* The schema */\n\n");
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
