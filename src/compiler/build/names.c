/* SPDX-License-Identifier: MIT
 *
 * The names that generated code will have, and whether they get in each other's way, in that of the
 * headers' own names, or in that of the C library.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/build/build.h"

/* C keeps tags apart from other names; a macro is in the way of both. */
typedef struct name_use {
    const char *name;
    bool is_tag;
    furrow__location place;
    const char *owner; /* the model whose it is, "model.relation" of a relation, or NULL for one of
                          the header's own */
    size_t order;
} name_use;

typedef struct name_list {
    furrow__compiler *c;
    name_use *items;
    size_t count, room;
} name_list;

static void add(name_list *list, const char *name, bool is_tag, furrow__location place,
                const char *owner)
{
    if (list->count == list->room) {
        size_t room = list->room ? list->room * 2 : 256;
        name_use *more = furrow__compiler_memory(list->c, room, sizeof *more);
        if (list->count)
            memcpy(more, list->items, list->count * sizeof *more);
        list->items = more;
        list->room = room;
    }
    list->items[list->count] = (name_use){name, is_tag, place, owner, list->count};
    list->count++;
}

static const char *const table_functions[] = {
    "insert",
    "insert_many",
    "upsert",
    "upsert_",
    "upsert_using",
    "get",
    "get_many",
    "refresh",
    "update",
    "update_",
    "update_using",
    "delete",
    "find",
    "find_",
    "find_using",
    "first",
    "first_",
    "first_using",
    "stream",
    "stream_",
    "stream_using",
    "next",
    "cursor_close",
    "count",
    "count_",
    "count_using",
    "exists",
    "exists_",
    "exists_using",
    "sum",
    "sum_",
    "sum_using",
    "min",
    "min_",
    "min_using",
    "max",
    "max_",
    "max_using",
    "avg",
    "avg_",
    "avg_using",
    "update_where",
    "update_where_",
    "update_where_using",
    "delete_where",
    "delete_where_",
    "delete_where_using",
    "explain",
    "explain_",
    "column",
    "model",
};
static const char *const table_tags[] = {
    "columns",        "cursor",         "find_options",         "first_options",
    "stream_options", "count_options",  "exists_options",       "aggregate_options",
    "sum_options",    "min_options",    "max_options",          "avg_options",
    "update_options", "upsert_options", "update_where_options", "delete_where_options",
};

static void add_table(name_list *list, const furrow__table *table)
{
    furrow__compiler *c = list->c;
    const char *owner = table->syntax->name;
    furrow__location place = table->syntax->place;
    add(list, table->syntax->name, true, place, owner);
    add(list, furrow__compiler_format(c, "%s_list", owner), true, place, owner);
    if (table->is_result) {
        static const char *const functions[] = {"query", "query_", "model"};
        for (size_t i = 0; i < 3; i++)
            add(list, furrow__compiler_format(c, "%s_%s", table->generated, functions[i]), false,
                place, owner);
        return;
    }
    add(list, table->object, false, table->object_place, owner);
    for (size_t i = 0; i < sizeof table_functions / sizeof *table_functions; i++)
        add(list, furrow__compiler_format(c, "%s_%s", table->generated, table_functions[i]), false,
            place, owner);
    for (size_t i = 0; i < sizeof table_tags / sizeof *table_tags; i++)
        add(list, furrow__compiler_format(c, "%s_%s", table->generated, table_tags[i]), true, place,
            owner);
    if (table->model.primary_key_count > 1)
        add(list, furrow__compiler_format(c, "%s_key", table->generated), true, place, owner);
}

/* What each relationship adds to the names of its model. */
static void add_relations(name_list *list, const furrow__table *table)
{
    static const char *const any[] = {"", "_is_loaded"};
    static const char *const of_lists[] = {"_count", "_sum", "_sum_"};
    static const char *const of_links[] = {"_add", "_remove", "_set"};
    static const char *const of_paths[] = {
        "load", "load_", "insert_with", "insert_with_", "insert_many_with", "get_", "get_with"};
    furrow__compiler *c = list->c;
    if (table->model.relation_count)
        add(list, furrow__compiler_format(c, "%s_get_options", table->generated), true,
            table->syntax->place, table->syntax->name);
    for (size_t j = 0; table->model.relation_count && j < sizeof of_paths / sizeof *of_paths; j++)
        add(list, furrow__compiler_format(c, "%s_%s", table->generated, of_paths[j]), false,
            table->syntax->place, table->syntax->name);
    for (size_t i = 0; i < table->model.relation_count; i++) {
        const furrow_relation *r = &table->relations[i];
        furrow__location place = table->relation_fields[i]->place;
        const char *name = furrow__compiler_format(c, "%s_%s", table->generated, r->field);
        const char *owner = furrow__compiler_format(c, "%s.%s", table->syntax->name, r->field);
        bool is_link = r->kind == FURROW_RELATION_THROUGH;
        bool is_list = is_link || r->kind == FURROW_RELATION_TO_MANY;
        for (size_t j = 0; j < sizeof any / sizeof *any; j++)
            add(list, furrow__compiler_format(c, "%s%s", name, any[j]), false, place, owner);
        for (size_t j = 0; is_list && j < sizeof of_lists / sizeof *of_lists; j++)
            add(list, furrow__compiler_format(c, "%s%s", name, of_lists[j]), false, place, owner);
        for (size_t j = 0; is_link && j < sizeof of_links / sizeof *of_links; j++)
            add(list, furrow__compiler_format(c, "%s%s", name, of_links[j]), false, place, owner);
    }
}

static int compare_uses(const void *a, const void *b)
{
    const name_use *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    if (!order)
        order = (int)x->is_tag - (int)y->is_tag;
    return order ? order : x->order < y->order ? -1 : 1;
}

static void check_collisions(furrow__compiler *c)
{
    name_list list = {.c = c};
    for (size_t i = 0; i < c->table_count; i++)
        add_table(&list, &c->tables[i]);
    for (size_t i = 0; i < c->table_count; i++)
        if (!c->tables[i].is_result)
            add_relations(&list, &c->tables[i]);
    for (const furrow__enum_syntax *e = c->syntax->enums; e; e = e->next) {
        add(&list, e->name, true, e->place, NULL);
        for (size_t i = 0; i < e->count; i++)
            add(&list, e->items[i].name, false, e->items[i].place, NULL);
    }
    for (const furrow__macro *m = c->syntax->macros; m; m = m->next)
        add(&list, m->name, false, m->place, NULL);
    if (list.count)
        qsort(list.items, list.count, sizeof *list.items, compare_uses);
    for (size_t i = 1; i < list.count; i++) {
        const name_use *a = &list.items[i - 1], *b = &list.items[i];
        if (strcmp(a->name, b->name) != 0 || a->is_tag != b->is_tag || (!a->owner && !b->owner))
            continue;
        const name_use *generated = b->owner ? b : a, *other = b->owner ? a : b;
        bool has_relation =
            (a->owner && strchr(a->owner, '.')) || (b->owner && strchr(b->owner, '.'));
        const char *help = has_relation
                               ? "rename the member, or a struct: its table keeps its name with "
                                 "table(\"…\") behind the brace"
                               : "give one of them another name, or its column table with "
                                 "c_name(\"…\") behind the brace";
        if (other->owner)
            furrow__compiler_error(c, generated->place, help,
                                   "what is generated for \"%s\" and for \"%s\" collides in \"%s\"",
                                   other->owner, generated->owner, generated->name);
        else
            furrow__compiler_error(c, generated->place,
                                   has_relation ? "rename the member, or use --prefix"
                                                : "choose another with c_name(\"…\") behind the "
                                                  "brace, or use --prefix",
                                   "the name \"%s\" that is generated for \"%s\" is declared in "
                                   "these headers",
                                   generated->name, generated->owner);
    }
}

/* ---- the C library ---- */

static const char *const library_names[] = {
    "FILE",         "DIR",         "EOF",      "NULL",           "BUFSIZ",
    "ERANGE",       "EDOM",        "EILSEQ",   "EXIT_FAILURE",   "EXIT_SUCCESS",
    "RAND_MAX",     "CHAR_BIT",    "CHAR_MAX", "CHAR_MIN",       "INT_MAX",
    "INT_MIN",      "LONG_MAX",    "LONG_MIN", "UINT_MAX",       "ULONG_MAX",
    "SHRT_MAX",     "SIZE_MAX",    "PATH_MAX", "NAME_MAX",       "INFINITY",
    "NAN",          "HUGE_VAL",    "FLT_MAX",  "DBL_MAX",        "DBL_MIN",
    "OVERFLOW",     "UNDERFLOW",   "DOMAIN",   "SING",           "PLOSS",
    "TLOSS",        "SEEK_SET",    "SEEK_CUR", "SEEK_END",       "STDIN",
    "FILENAME_MAX", "TMP_MAX",     "L_TMPNAM", "CLOCKS_PER_SEC", "TIME_UTC",
    "SIGINT",       "SIGTERM",     "SIGSEGV",  "SIGABRT",        "SIGFPE",
    "SIGILL",       "I",           "UNIX",     "LINUX",          "TRUE",
    "FALSE",        "BOOL",        "ENOENT",   "EACCES",         "EEXIST",
    "EINVAL",       "ENOMEM",      "EIO",      "EOVERFLOW",      "EBUSY",
    "EAGAIN",       "EINTR",       "EPERM",    "ECHO",           "NSIG",
    "PAGE_SIZE",    "CLONE_FILES", "DEBUG",    "NDEBUG",         "ASSERT",
};

static void check_library(furrow__compiler *c)
{
    for (size_t i = 0; i < c->table_count; i++) {
        const furrow__table *table = &c->tables[i];
        if (table->is_result)
            continue;
        for (size_t j = 0; j < sizeof library_names / sizeof *library_names; j++)
            if (strcmp(table->object, library_names[j]) == 0)
                furrow__compiler_warn(c, table->object_place,
                                      furrow__compiler_format(
                                          c,
                                          "choose another: FURROW(c_name(\"%s_TABLE\")) behind the "
                                          "brace, or --prefix",
                                          table->object),
                                      "the column table \"%s\" of \"%s\" has a name that the C "
                                      "library or the compiler may use",
                                      table->object, table->syntax->name);
    }
}

/* ---- members of the column table ---- */

static void check_members(furrow__compiler *c, const furrow__table *table)
{
    for (size_t i = 0; i < table->model.column_count; i++) {
        bool taken = false;
        for (size_t j = 0; j < i; j++)
            taken |= strcmp(table->members[i], table->members[j]) == 0 &&
                     strcmp(table->columns[i].field, table->columns[j].field) != 0;
        for (size_t j = 0; j < table->model.relation_count; j++)
            taken |= strcmp(table->members[i], table->relations[j].field) == 0;
        if (taken && strcmp(table->members[i], table->columns[i].field) != 0)
            furrow__compiler_error(c, table->fields[i]->place, "choose another c_name",
                                   "%s has two members \"%s\"", table->object, table->members[i]);
    }
}

/* furrow_… is the library's, and `furrow` would be given furrow_query and the like. */
static bool is_of_the_library(const char *name, const char *word)
{
    size_t size = strlen(word);
    return strncmp(name, word, size) == 0 && (name[size] == '\0' || name[size] == '_');
}

void furrow__build_names(furrow__compiler *c)
{
    for (size_t i = 0; i < c->table_count; i++) {
        const furrow__table *table = &c->tables[i];
        if (is_of_the_library(table->syntax->name, "furrow") ||
            is_of_the_library(table->generated, "furrow"))
            furrow__compiler_error(c, table->syntax->place, "give it another name",
                                   "names that begin with furrow_ are the library's own");
        else if (table->object && is_of_the_library(table->object, "FURROW"))
            furrow__compiler_error(c, table->object_place, "choose another c_name",
                                   "names that begin with FURROW_ are the library's own");
        for (const char *at = table->syntax->name; *at; at++)
            if ((unsigned char)*at >= 0x80) {
                furrow__compiler_error(c, table->syntax->place,
                                       "use ASCII for the struct, and table(\"…\") for its table",
                                       "the name of a model is part of names in C");
                break;
            }
        check_members(c, table);
    }
    check_collisions(c);
    check_library(c);
}
