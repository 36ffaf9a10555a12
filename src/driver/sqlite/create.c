/* SPDX-License-Identifier: MIT
 * Finds constraints in a CREATE TABLE statement. See create.h. */
#include "driver/sqlite/create.h"

#include <string.h>

#include "base/text.h"
#include "scan/compare.h"
#include "scan/scan.h"
#include "scan/sqlite_create.h"

/* A parsed CREATE TABLE statement, with the memory that it uses. */
typedef struct statement {
    furrow__sqlite_table table;
    furrow_arena arena;
} statement;

/* Parses a statement. The result has no constraints if the statement cannot be parsed. */
static void read_statement(statement *s, const char *sql)
{
    s->arena = (furrow_arena){0};
    furrow__sqlite_parse_table(&s->table, sql, strlen(sql), &s->arena, NULL);
}

static bool has_columns(const furrow__sqlite_constraint *constraint, const char *const *columns,
                        size_t count)
{
    if (constraint->column_count != count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!furrow__names_are_equal_in_any_case(constraint->columns[i], columns[i]))
            return false;
    return true;
}

static bool is_unique(const furrow__sqlite_constraint *constraint)
{
    return constraint->kind == FURROW__SQLITE_UNIQUE ||
           constraint->kind == FURROW__SQLITE_PRIMARY_KEY;
}

bool furrow__create_find_unique(const char *sql, const char *const *columns, size_t count,
                                char *name, size_t size)
{
    statement s;
    bool found = false;
    name[0] = '\0';
    read_statement(&s, sql);
    for (size_t i = 0; i < s.table.constraint_count && !found; i++) {
        const furrow__sqlite_constraint *constraint = &s.table.constraints[i];
        found = is_unique(constraint) && constraint->name && constraint->name[0] &&
                has_columns(constraint, columns, count);
        if (found)
            furrow__copy_text(name, size, constraint->name);
    }
    furrow__arena_done(&s.arena);
    return found;
}

bool furrow__create_find_foreign_key(const char *sql, const char *column, char *name, size_t size)
{
    statement s;
    bool found = false;
    name[0] = '\0';
    read_statement(&s, sql);
    for (size_t i = 0; i < s.table.constraint_count && !found; i++) {
        const furrow__sqlite_constraint *constraint = &s.table.constraints[i];
        found = constraint->kind == FURROW__SQLITE_FOREIGN_KEY && constraint->name &&
                constraint->name[0] &&
                furrow__names_are_equal_in_any_case(constraint->columns[0], column);
        if (found)
            furrow__copy_text(name, size, constraint->name);
    }
    furrow__arena_done(&s.arena);
    return found;
}

static bool has_column(const furrow__sqlite_table *table, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (furrow__names_are_equal_in_any_case(table->columns[i].name, name))
            return true;
    return false;
}

/* A list of names that is written to a buffer of `size` bytes. */
typedef struct column_list {
    char *text;
    size_t used, size;
} column_list;

/* Whether the token is the name of a function, which is followed by a parenthesis. */
static bool is_function(furrow__scanner after)
{
    return furrow__token_is(furrow__scanner_next(&after), '(');
}

/* Whether the first `end` bytes of the expression contain the name. */
static bool is_mentioned_before(const char *expression, size_t end, const char *name)
{
    furrow__scanner scanner = furrow__scanner_begin(expression, end, FURROW__SCAN_SQLITE);
    for (;;) {
        furrow__token token = furrow__scanner_next(&scanner);
        if (token.kind == FURROW__TOKEN_END)
            return false;
        if (furrow__token_is_name(token, name) && !is_function(scanner))
            return true;
    }
}

/* Adds a name to the list. A name that does not fit is left out. */
static void add_column(column_list *list, const char *name)
{
    size_t length = strlen(name);
    if (list->used + length + 3 > list->size)
        return;
    if (list->used) {
        memcpy(list->text + list->used, ", ", 2);
        list->used += 2;
    }
    memcpy(list->text + list->used, name, length + 1);
    list->used += length;
}

static void list_columns(statement *s, const char *expression, column_list *list)
{
    furrow__scanner scanner =
        furrow__scanner_begin(expression, strlen(expression), FURROW__SCAN_SQLITE);
    for (;;) {
        furrow__token token = furrow__scanner_next(&scanner);
        if (token.kind == FURROW__TOKEN_END)
            return;
        if (!furrow__token_names(token) || is_function(scanner))
            continue;
        const char *name = furrow__token_copy(token, &s->arena);
        if (name && has_column(&s->table, name) &&
            !is_mentioned_before(expression, token.start, name))
            add_column(list, name);
    }
}

/* Whether furrow adds this check to a column of times, dates, UUIDs or JSON. No other check
 * contains one of the strings in `parts`. */
static bool is_form_check(const char *expression)
{
    static const char *const parts[] = {
        "GLOB '???\?-?\?-?\?T??:??:??.", "BETWEEN '0001-01-01' AND '9999-12-31' AND date(",
        "GLOB '[0-9a-f][0-9a-f][0-9a-f][0-9a-f]", " IS NULL OR json_valid("};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strstr(expression, parts[i]))
            return true;
    return false;
}

bool furrow__create_find_check(const char *sql, const char *name, furrow__created_check *out)
{
    statement s;
    bool found = false;
    *out = (furrow__created_check){.has_name = false};
    read_statement(&s, sql);
    for (size_t i = 0; i < s.table.constraint_count && !found; i++) {
        const furrow__sqlite_constraint *constraint = &s.table.constraints[i];
        if (constraint->kind != FURROW__SQLITE_CHECK)
            continue;
        found = strcmp(constraint->name ? constraint->name : constraint->expression, name) == 0;
        if (!found)
            continue;
        list_columns(&s, constraint->expression,
                     &(column_list){out->columns, 0, sizeof out->columns});
        out->has_name = constraint->name != NULL;
        out->is_form = is_form_check(constraint->expression);
    }
    furrow__arena_done(&s.arena);
    return found;
}
