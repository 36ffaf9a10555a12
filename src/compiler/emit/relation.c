/* SPDX-License-Identifier: MIT
 *
 * The functions of a model's relationships: in the header (declare_…) and in the source (define_…).
 * A verb of a relation has the relation's name in its own: author_posts, author_posts_count.
 */
#include <string.h>

#include "compiler/emit/emit.h"

/* One relation of a model, and the names that its functions are made of. */
typedef struct relation_names {
    const furrow_relation *relation;
    const furrow__table *target, *link; /* link: with THROUGH only */
    const char *model;                  /* the struct that has the relation */
    const char *function;               /* "author_posts" */
    const char *descriptor;             /* "&author_relations_[0]" */
    bool is_list;
} relation_names;

static relation_names names_of(const furrow__emitter *e, const furrow__table *table, size_t i)
{
    furrow__compiler *c = e->c;
    const furrow_relation *r = &table->relations[i];
    return (relation_names){
        .relation = r,
        .target = furrow__table_find(c, r->target->name),
        .link = r->link ? furrow__table_find(c, r->link->name) : NULL,
        .model = table->syntax->name,
        .function = furrow__compiler_format(c, "%s_%s", table->generated, r->field),
        .descriptor = furrow__compiler_format(c, "&%s_relations_[%zu]", table->generated, i),
        .is_list = r->kind == FURROW_RELATION_TO_MANY || r->kind == FURROW_RELATION_THROUGH,
    };
}

/* "const struct post_list *author_posts" or "struct author *post_author". */
static const char *accessor(const furrow__emitter *e, const relation_names *n)
{
    return furrow__compiler_format(e->c, n->is_list ? "const struct %s_list *%s" : "struct %s *%s",
                                   n->target->syntax->name, n->function);
}

static void emit_accessor(const furrow__emitter *e, const relation_names *n, const char *after)
{
    furrow__emit_list(e, accessor(e, n),
                      (const char *[]){"furrow_session *s",
                                       furrow__compiler_format(e->c, "struct %s *row", n->model)},
                      2, after);
}

static void emit_is_loaded(const furrow__emitter *e, const relation_names *n, const char *after)
{
    furrow__emit_list(
        e, furrow__compiler_format(e->c, "bool %s_is_loaded", n->function),
        (const char *[]){"furrow_session *s",
                         furrow__compiler_format(e->c, "const struct %s *row", n->model)},
        2, after);
}

static void emit_count(const furrow__emitter *e, const relation_names *n, const char *after)
{
    furrow__emit_list(
        e, furrow__compiler_format(e->c, "furrow_status %s_count", n->function),
        (const char *[]){"furrow_session *s",
                         furrow__compiler_format(e->c, "const struct %s_list *rows", n->model),
                         "int64_t *counts"},
        3, after);
}

static void emit_sum(const furrow__emitter *e, const relation_names *n, const char *after)
{
    furrow__emit_list(
        e, furrow__compiler_format(e->c, "furrow_status %s_sum_", n->function),
        (const char *[]){"furrow_session *s",
                         furrow__compiler_format(e->c, "const struct %s_list *rows", n->model),
                         "void *sums", "const furrow_column *column"},
        4, after);
}

static void emit_link_verb(const furrow__emitter *e, const relation_names *n, const char *verb,
                           const char *after)
{
    furrow__emit_list(e, furrow__compiler_format(e->c, "furrow_status %s_%s", n->function, verb),
                      (const char *[]){"furrow_session *s",
                                       furrow__compiler_format(e->c, "struct %s *row", n->model),
                                       furrow__compiler_format(e->c, "struct %s *const *targets",
                                                               n->target->syntax->name),
                                       "size_t count"},
                      4, after);
}

static void emit_load(const furrow__emitter *e, const furrow__table *table, const char *after)
{
    furrow__emit_list(e, furrow__compiler_format(e->c, "furrow_status %s_load_", table->generated),
                      (const char *[]){"furrow_session *s",
                                       furrow__compiler_format(e->c, "const struct %s_list *rows",
                                                               table->syntax->name),
                                       "const furrow_path *paths", "size_t path_count"},
                      4, after);
}

static void emit_insert(const furrow__emitter *e, const furrow__table *table, const char *after)
{
    furrow__emit_list(
        e, furrow__compiler_format(e->c, "furrow_status %s_insert_with_", table->generated),
        (const char *[]){"furrow_session *s",
                         furrow__compiler_format(e->c, "struct %s *rows", table->syntax->name),
                         "size_t count", "const furrow_path *paths", "size_t path_count"},
        5, after);
}

static const char *const link_verbs[] = {"add", "remove", "set"};

/* ---- the header ---- */

static void declare_relation(const furrow__emitter *e, const relation_names *n)
{
    furrow__compiler *c = e->c;
    const char *field = n->relation->field;
    furrow__buffer_add_char(e->out, '\n');
    furrow__emit_comment(
        e, n->is_list
               ? furrow__compiler_format(
                     c, "&row->%s, loaded for all rows that came with this one; empty on failure.",
                     field)
               : furrow__compiler_format(
                     c,
                     "row->%s, loaded for all rows that came with this one; NULL if there is none, "
                     "and on failure.",
                     field));
    emit_accessor(e, n, ";");
    emit_is_loaded(e, n, ";");
    if (!n->is_list)
        return;
    furrow__emit_comment(
        e, "Without loading them: how many each row has, and what a column of theirs comes to. An "
           "element for each row.");
    emit_count(e, n, ";");
    furrow__emit_macro(
        e,
        (const char *[]){
            furrow__compiler_format(c, "#define %s_sum(s, rows, sums, column)", n->function),
            furrow__compiler_format(c, "    FURROW_RELATION_SUM_(%s_sum_, s, rows, sums, column)",
                                    n->function)},
        2);
    emit_sum(e, n, ";");
    if (!n->link)
        return;
    furrow__emit_comment(
        e, "Join rows with this one, part them, or make them exactly these; what is so already "
           "stays.");
    for (size_t i = 0; i < 3; i++)
        emit_link_verb(e, n, link_verbs[i], ";");
}

/* author_load(…), author_insert_with(…), author_insert_many_with(…): paths from this model. */
static void declare_paths(const furrow__emitter *e, const furrow__table *table)
{
    furrow__compiler *c = e->c;
    const char *name = table->generated;
    const char *path =
        furrow__compiler_format(c, "furrow_load(%s.%s)", table->object, table->relations[0].field);
    furrow__buffer_add_char(e->out, '\n');
    furrow__emit_comment(
        e, furrow__compiler_format(c, "%s_load(s, &list, %s, …): load paths for these rows.", name,
                                   path));
    furrow__emit_macro(
        e,
        (const char *[]){furrow__compiler_format(c, "#define %s_load(s, rows, ...)", name),
                         furrow__compiler_format(
                             c, "    %s_load_((s), (rows), FURROW_PATHS_(__VA_ARGS__))", name)},
        2);
    emit_load(e, table, ";");
    furrow__buffer_add_char(e->out, '\n');
    furrow__emit_comment(
        e, furrow__compiler_format(
               c, "%s_insert_with(s, &row, %s, …): insert it with what it holds along the paths.",
               name, path));
    furrow__emit_macro(
        e,
        (const char *[]){
            furrow__compiler_format(c, "#define %s_insert_with(s, row, ...)", name),
            furrow__compiler_format(
                c, "    %s_insert_with_((s), (row), 1, FURROW_PATHS_(__VA_ARGS__))", name)},
        2);
    furrow__emit_macro(
        e,
        (const char *[]){
            furrow__compiler_format(c, "#define %s_insert_many_with(s, rows, count, ...)", name),
            furrow__compiler_format(
                c, "    %s_insert_with_((s), (rows), (count), FURROW_PATHS_(__VA_ARGS__))", name)},
        2);
    emit_insert(e, table, ";");
}

void furrow__emit_relation_declarations(const furrow__emitter *e, const furrow__table *table)
{
    for (size_t i = 0; i < table->model.relation_count; i++) {
        relation_names n = names_of(e, table, i);
        declare_relation(e, &n);
    }
    if (table->model.relation_count)
        declare_paths(e, table);
}

/* ---- the source ---- */

static void define_accessor(const furrow__emitter *e, const relation_names *n)
{
    const char *member = furrow__compiler_format(e->c, "row->%s", n->relation->field);
    furrow__buffer_add_char(e->out, '\n');
    furrow__emit_comment(
        e, furrow__emit_sql_select(e->c, n->target, NULL,
                                   furrow__emit_sql_related(e->c, n->relation, n->link)));
    emit_accessor(e, n, "");
    furrow__buffer_add_text(e->out, "{\n");
    if (n->is_list)
        furrow__buffer_format(e->out, "    static const struct %s_list empty = {NULL, 0, false};\n",
                              n->target->syntax->name);
    furrow__buffer_format(e->out,
                          "    if (furrow_relation_load(s, %s, row) != FURROW_OK)\n"
                          "        return %s;\n    return %s%s;\n}\n",
                          n->descriptor, n->is_list ? "&empty" : "NULL", n->is_list ? "&" : "",
                          member);
    furrow__buffer_add_char(e->out, '\n');
    emit_is_loaded(e, n, "");
    furrow__buffer_format(e->out, "{\n    return furrow_relation_is_loaded(s, %s, row);\n}\n",
                          n->descriptor);
}

/* A body that is one call. */
static void define_call(const furrow__emitter *e, const char *call, const char *const *arguments,
                        size_t count)
{
    furrow__buffer_add_text(e->out, "{\n");
    furrow__emit_list(e, furrow__compiler_format(e->c, "    return %s", call), arguments, count,
                      ";");
    furrow__buffer_add_text(e->out, "}\n");
}

/* SELECT … FROM the target or the link, GROUP BY what leads to the parent. */
static const char *sql_grouped(const furrow__emitter *e, const relation_names *n, const char *what)
{
    return furrow__compiler_format(
        e->c, "%s GROUP BY …",
        furrow__emit_sql_select(e->c, n->target, what,
                                furrow__emit_sql_related(e->c, n->relation, n->link)));
}

static void define_aggregates(const furrow__emitter *e, const relation_names *n)
{
    furrow__buffer_add_char(e->out, '\n');
    furrow__emit_comment(e, sql_grouped(e, n, "count(*)"));
    emit_count(e, n, "");
    define_call(e, "furrow_relation_count",
                (const char *[]){"s", n->descriptor, "rows ? counts : NULL", "FURROW_ROWS_(rows)"},
                4);
    furrow__buffer_add_char(e->out, '\n');
    furrow__emit_comment(e, sql_grouped(e, n, "sum(…)"));
    emit_sum(e, n, "");
    define_call(
        e, "furrow_relation_sum",
        (const char *[]){"s", n->descriptor, "rows ? sums : NULL", "column", "FURROW_ROWS_(rows)"},
        5);
}

static void define_links(const furrow__emitter *e, const relation_names *n)
{
    static const char *const forms[] = {
        "INSERT INTO %s … ON CONFLICT DO NOTHING",
        "DELETE FROM %s WHERE …",
        "DELETE FROM %s WHERE …, then INSERT … ON CONFLICT DO NOTHING",
    };
    for (size_t i = 0; i < 3; i++) {
        const char *place = strstr(forms[i], "%s");
        furrow__buffer_add_char(e->out, '\n');
        furrow__emit_comment(
            e, furrow__compiler_format(e->c, "%.*s%s%s", (int)(place - forms[i]), forms[i],
                                       furrow__emit_sql_table(e->c, n->link), place + 2));
        emit_link_verb(e, n, link_verbs[i], "");
        define_call(e, furrow__compiler_format(e->c, "furrow_links_%s", link_verbs[i]),
                    (const char *[]){"s", n->descriptor, "row", "(void *const *)targets", "count"},
                    5);
    }
}

void furrow__emit_relation_functions(const furrow__emitter *e, const furrow__table *table)
{
    const char *model = furrow__compiler_format(e->c, "&%s_model", table->generated);
    if (!table->model.relation_count)
        return;
    for (size_t i = 0; i < table->model.relation_count; i++) {
        relation_names n = names_of(e, table, i);
        define_accessor(e, &n);
        if (n.is_list)
            define_aggregates(e, &n);
        if (n.link)
            define_links(e, &n);
    }
    furrow__buffer_add_text(e->out, "\n/* One statement a step. */\n");
    emit_load(e, table, "");
    define_call(e, "furrow_rows_load",
                (const char *[]){"s", model, "FURROW_ROWS_(rows)", "paths", "path_count"}, 5);
    furrow__buffer_add_char(e->out, '\n');
    furrow__emit_comment(
        e, furrow__compiler_format(e->c, "%s, then a statement for each table along the paths",
                                   furrow__emit_sql_insert(e->c, table)));
    emit_insert(e, table, "");
    define_call(e, "furrow_rows_insert",
                (const char *[]){"s", model, "rows", "count", "paths", "path_count"}, 6);
}
