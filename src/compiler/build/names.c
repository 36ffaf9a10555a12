/* SPDX-License-Identifier: MIT
 *
 * Checks the names in generated code. They must not collide with each other, with names in the
 * model headers, or with names of the C library.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/build/build.h"
#include "schema/name.h"

/* A name that is declared by generated code or by a header. The tag of a struct or enum does not
 * collide with a name that is not a tag. */
typedef struct name_use {
    const char *name;
    bool is_tag;
    furrow__location place;
    const char *owner; /* the model, or "model.relationship", that the name is generated for; NULL
                          if a header declares the name */
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

bool furrow__scope_has(furrow__scope scope, const furrow__table *table,
                       const furrow_relation *relation)
{
    bool is_link = relation && relation->kind == FURROW_RELATION_THROUGH;
    bool is_list = is_link || (relation && relation->kind == FURROW_RELATION_TO_MANY);
    switch (scope) {
    case FURROW__SCOPE_STRUCT:
        return !relation;
    case FURROW__SCOPE_TABLE:
        return !relation && !table->is_result;
    case FURROW__SCOPE_COMPOSITE:
        return !relation && table->model.primary_key_count > 1;
    case FURROW__SCOPE_RELATED:
        return !relation && table->model.relation_count;
    case FURROW__SCOPE_RELATION:
        return relation != NULL;
    case FURROW__SCOPE_TO_ONE:
        return relation && !is_list;
    case FURROW__SCOPE_TO_MANY:
        return is_list;
    case FURROW__SCOPE_LINKS:
        return is_link;
    }
    return false;
}

const char *furrow__generated_name(furrow__compiler *c, const furrow__table *table,
                                   const furrow_relation *relation, const char *name)
{
    const char *start = table->generated;
    if (relation)
        start = furrow__compiler_format(c, "%s_%s", start, relation->field);
    return name[0] ? furrow__compiler_format(c, "%s_%s", start, name) : start;
}

/* Adds every name that is declared for a generated function: the name of the function and, for some
 * forms, the names of a macro and of an options struct. */
static void add_verb(name_list *list, const furrow__verb *verb, const char *name,
                     furrow__location place, const char *owner)
{
    furrow__compiler *c = list->c;
    add(list, name, false, place, owner);
    if (furrow__verb_is_macro(verb))
        add(list, furrow__compiler_format(c, "%s_", name), false, place, owner);
    if (!furrow__verb_has_options(verb))
        return;
    add(list, furrow__compiler_format(c, "%s_using", name), false, place, owner);
    add(list, furrow__compiler_format(c, "%s_options", name), true, place, owner);
}

static void add_verbs(name_list *list, const furrow__table *table, const furrow_relation *relation,
                      furrow__location place, const char *owner)
{
    for (size_t i = 0; i < furrow__verb_count; i++) {
        const furrow__verb *verb = &furrow__verbs[i];
        if (furrow__scope_has(verb->scope, table, relation))
            add_verb(list, verb, furrow__generated_name(list->c, table, relation, verb->name),
                     place, owner);
    }
}

static void add_table(name_list *list, const furrow__table *table)
{
    const char *owner = table->syntax->name;
    furrow__location place = table->syntax->place;
    add(list, owner, true, place, owner);
    add(list, furrow__compiler_format(list->c, "%s_list", owner), true, place, owner);
    for (size_t i = 0; i < furrow__reserved_count; i++)
        if (furrow__scope_has(furrow__reserved_names[i].scope, table, NULL))
            add(list, furrow__generated_name(list->c, table, NULL, furrow__reserved_names[i].name),
                furrow__reserved_names[i].is_tag, place, owner);
    if (!table->is_result)
        add(list, table->object, false, table->object_place, owner);
    add_verbs(list, table, NULL, place, owner);
}

/* Adds the names that are generated for each relationship of a model. */
static void add_relations(name_list *list, const furrow__table *table)
{
    for (size_t i = 0; i < table->model.relation_count; i++) {
        const furrow_relation *r = &table->relations[i];
        add_verbs(list, table, r, table->relation_fields[i]->place,
                  furrow__compiler_format(list->c, "%s.%s", table->syntax->name, r->field));
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
        const char *help = has_relation ? "rename the member or a struct; table(\"…\") after the "
                                          "closing brace keeps the name of the table"
                                        : "rename one of the models, or write c_name(\"…\") "
                                          "after its closing brace";
        if (other->owner)
            furrow__compiler_error(c, generated->place, help,
                                   "\"%s\" and \"%s\" both generate the name \"%s\"", other->owner,
                                   generated->owner, generated->name);
        else
            furrow__compiler_error(c, generated->place,
                                   has_relation ? "rename the member, or use --prefix"
                                                : "choose another name with c_name(\"…\") after "
                                                  "the closing brace, or use --prefix",
                                   "the name \"%s\", which is generated for \"%s\", is already "
                                   "declared in these headers",
                                   generated->name, generated->owner);
    }
}

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
                furrow__compiler_warn(
                    c, table->object_place,
                    furrow__compiler_format(c,
                                            "choose another name with FURROW(c_name(\"%s_TABLE\")) "
                                            "after the closing brace, or use --prefix",
                                            table->object),
                    "the column table \"%s\" of \"%s\" has a name that the C "
                    "library or the compiler may use",
                    table->object, table->syntax->name);
    }
}

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
            furrow__compiler_error(c, table->fields[i]->place,
                                   "choose another name with c_name(\"…\")",
                                   "column table \"%s\" has two members named \"%s\"",
                                   table->object, table->members[i]);
    }
}

/* Returns whether a name is equal to `word`, or begins with `word` and an underscore. For example,
 * a struct cannot be named furrow: a function furrow_query would be generated for it, but the
 * library already has a function with this name. */
static bool is_of_the_library(const char *name, const char *word)
{
    size_t size = strlen(word);
    return strncmp(name, word, size) == 0 && (name[size] == '\0' || name[size] == '_');
}

/* Checks a name that the header itself declares. */
static void check_word(furrow__compiler *c, furrow__location place, const char *name,
                       const char *what, const char *annotation)
{
    const char *help = furrow__compiler_format(
        c, "rename the %s; %s(\"%s\") keeps the name in the database", what, annotation, name);
    if (furrow__name_is_macro(name))
        furrow__compiler_error(c, place, help,
                               "\"%s\" is a macro of the C library and cannot be a name", name);
    else if (furrow__name_is_cxx_keyword(name))
        furrow__compiler_warn(
            c, place, help,
            "\"%s\" is a keyword of C++, so a C++ program could not include this header", name);
}

static void check_words(furrow__compiler *c, const furrow__table *table)
{
    check_word(c, table->syntax->place, table->syntax->name, "struct", "table");
    for (const furrow__field *f = table->syntax->fields; f; f = f->next)
        check_word(c, f->place, f->name, "field", "column");
    if (table->object && furrow__name_is_macro(table->object))
        furrow__compiler_error(
            c, table->object_place,
            "choose another name with c_name(\"…\") after the closing brace, or "
            "use --prefix",
            "the name \"%s\", which is generated for \"%s\", is a macro of the C "
            "library",
            table->object, table->syntax->name);
}

void furrow__build_names(furrow__compiler *c)
{
    for (size_t i = 0; i < c->table_count; i++) {
        const furrow__table *table = &c->tables[i];
        if (is_of_the_library(table->syntax->name, "furrow") ||
            is_of_the_library(table->generated, "furrow"))
            furrow__compiler_error(c, table->syntax->place, "rename the struct",
                                   "names that begin with \"furrow_\" are reserved");
        else if (table->object && is_of_the_library(table->object, "FURROW"))
            furrow__compiler_error(c, table->object_place, "choose another name with c_name(\"…\")",
                                   "names that begin with \"FURROW_\" are reserved");
        for (const char *at = table->syntax->name; *at; at++)
            if ((unsigned char)*at >= 0x80) {
                furrow__compiler_error(
                    c, table->syntax->place,
                    "name the struct in ASCII, and its table with table(\"…\")",
                    "the name of a model must be ASCII, because it is part of names in C");
                break;
            }
        check_members(c, table);
        check_words(c, table);
    }
    check_collisions(c);
    check_library(c);
}
