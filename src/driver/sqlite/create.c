/* SPDX-License-Identifier: MIT
 *
 * Reads the statement token by token and calls nobody: a walk over the definitions in the outer
 * parentheses. A definition that begins with one of five keywords is a table's constraint, any
 * other a column with constraints behind it; CONSTRAINT name stands before the one that it names.
 */
#include "driver/sqlite/create.h"

#include <sqlite3.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

enum { NAME_SIZE = 256, MAX_COLUMNS = 64 };

typedef enum token_kind { END, NAME, QUOTED, OTHER, OPEN, CLOSE, COMMA } token_kind;

typedef struct reader {
    const char *at;
    token_kind kind;
    char text[NAME_SIZE]; /* of NAME and QUOTED, unquoted */
} reader;

typedef enum constraint_kind { UNIQUE, CHECK, FOREIGN_KEY } constraint_kind;

/* One constraint that was found. */
typedef struct constraint {
    constraint_kind kind;
    char name[NAME_SIZE];                 /* empty for none */
    char columns[MAX_COLUMNS][NAME_SIZE]; /* of a check: every name in its expression */
    size_t count;
} constraint;

typedef bool visitor(void *context, const constraint *found);

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || (unsigned char)c >= 0x80;
}

static void skip_space(reader *r)
{
    for (;;) {
        r->at += strspn(r->at, " \t\r\n\f");
        if (r->at[0] == '-' && r->at[1] == '-') {
            r->at += strcspn(r->at, "\n");
        } else if (r->at[0] == '/' && r->at[1] == '*') {
            const char *end = strstr(r->at + 2, "*/");
            r->at = end ? end + 2 : r->at + strlen(r->at);
        } else {
            return;
        }
    }
}

/* A quoted token, with its closing quote doubled inside. */
static void read_quoted(reader *r, char close)
{
    size_t size = 0;
    for (r->at++; *r->at; r->at++) {
        if (*r->at == close && (close == ']' || r->at[1] != close))
            break;
        if (*r->at == close)
            r->at++;
        if (size < NAME_SIZE - 1)
            r->text[size++] = *r->at;
    }
    if (*r->at)
        r->at++;
    r->text[size] = '\0';
}

static void next(reader *r)
{
    skip_space(r);
    char c = *r->at;
    r->text[0] = '\0';
    if (c == '\0') {
        r->kind = END;
    } else if (c == '"' || c == '`' || c == '[') {
        r->kind = QUOTED;
        read_quoted(r, c == '[' ? ']' : c);
    } else if (c == '\'') {
        r->kind = OTHER;
        read_quoted(r, c);
        r->text[0] = '\0';
    } else if (is_word(c)) {
        size_t size = 0;
        for (; is_word(*r->at); r->at++)
            if (size < NAME_SIZE - 1)
                r->text[size++] = *r->at;
        r->text[size] = '\0';
        r->kind = NAME;
    } else {
        r->kind = c == '(' ? OPEN : c == ')' ? CLOSE : c == ',' ? COMMA : OTHER;
        r->at++;
    }
}

static bool is_keyword(const reader *r, const char *keyword)
{
    return r->kind == NAME && sqlite3_stricmp(r->text, keyword) == 0;
}

/* From "(" to behind its ")". Names are collected: the first of each part, or every one. */
static void read_list(reader *r, constraint *found, bool every)
{
    int depth = 0;
    bool wanted = true;
    do {
        if (r->kind == OPEN) {
            depth++;
        } else if (r->kind == CLOSE) {
            depth--;
        } else if (r->kind == COMMA && depth == 1) {
            wanted = true;
        } else if ((r->kind == NAME || r->kind == QUOTED) && (wanted || every) &&
                   found->count < MAX_COLUMNS) {
            memcpy(found->columns[found->count++], r->text, NAME_SIZE);
            wanted = false;
        }
        next(r);
    } while (depth > 0 && r->kind != END);
}

static void skip_list(reader *r)
{
    int depth = 0;
    do {
        depth += (r->kind == OPEN) - (r->kind == CLOSE);
        next(r);
    } while (depth > 0 && r->kind != END);
}

/* One constraint, if one begins here: false, with the reader where it was, if not. `column` is the
 * one that it stands behind, or NULL for a constraint of the table. */
static bool read_constraint(reader *r, const char *column, constraint *found)
{
    bool references = is_keyword(r, "REFERENCES");
    if (is_keyword(r, "UNIQUE"))
        found->kind = UNIQUE;
    else if (is_keyword(r, "PRIMARY"))
        found->kind = UNIQUE;
    else if (is_keyword(r, "CHECK"))
        found->kind = CHECK;
    else if (is_keyword(r, "FOREIGN") || (references && column))
        found->kind = FOREIGN_KEY;
    else
        return false;
    bool two_words = is_keyword(r, "PRIMARY") || is_keyword(r, "FOREIGN");
    next(r);
    if (two_words)
        next(r); /* KEY */
    found->count = 0;
    if (r->kind == OPEN && (found->kind == CHECK || !column)) {
        read_list(r, found, found->kind == CHECK);
    } else if (column) {
        furrow__copy_text(found->columns[0], NAME_SIZE, column);
        found->count = 1;
    }
    return true;
}

/* One definition, up to its comma or the end; true if the visitor has seen enough. */
static bool read_definition(reader *r, constraint *found, visitor *visit, void *context)
{
    char column[NAME_SIZE] = "";
    bool of_table = is_keyword(r, "CONSTRAINT") || is_keyword(r, "PRIMARY") ||
                    is_keyword(r, "UNIQUE") || is_keyword(r, "CHECK") || is_keyword(r, "FOREIGN");
    if (!of_table) {
        furrow__copy_text(column, sizeof column, r->text);
        next(r);
    }
    found->name[0] = '\0';
    while (r->kind != COMMA && r->kind != CLOSE && r->kind != END) {
        if (is_keyword(r, "CONSTRAINT")) {
            next(r);
            memcpy(found->name, r->text, NAME_SIZE);
            next(r);
        } else if (read_constraint(r, of_table ? NULL : column, found)) {
            if (visit(context, found))
                return true;
            found->name[0] = '\0';
        } else if (r->kind == OPEN) {
            skip_list(r);
        } else {
            next(r);
        }
    }
    return false;
}

/* Visit every constraint; true if the visitor said enough. */
static bool each_constraint(const char *sql, visitor *visit, void *context)
{
    reader r = {.at = sql};
    constraint found;
    next(&r);
    while (r.kind != OPEN && r.kind != END)
        next(&r);
    while (r.kind == OPEN || r.kind == COMMA) {
        next(&r);
        if (read_definition(&r, &found, visit, context))
            return true;
    }
    return false;
}

/* ---- the questions ---- */

typedef struct question {
    const char *const *columns;
    size_t count;
    const char *sql, *name;
    char *out;
    size_t size;
} question;

static bool same_columns(const constraint *found, const question *q)
{
    if (found->count != q->count)
        return false;
    for (size_t i = 0; i < q->count; i++)
        if (sqlite3_stricmp(found->columns[i], q->columns[i]) != 0)
            return false;
    return true;
}

static bool visit_unique(void *context, const constraint *found)
{
    const question *q = context;
    if (found->kind != UNIQUE || !found->name[0] || !same_columns(found, q))
        return false;
    furrow__copy_text(q->out, q->size, found->name);
    return true;
}

bool furrow__create_find_unique(const char *sql, const char *const *columns, size_t count,
                                char *name, size_t size)
{
    name[0] = '\0';
    return each_constraint(
        sql, visit_unique,
        &(question){.columns = columns, .count = count, .out = name, .size = size});
}

static bool visit_foreign_key(void *context, const constraint *found)
{
    const question *q = context;
    if (found->kind != FOREIGN_KEY || !found->name[0] || !found->count ||
        sqlite3_stricmp(found->columns[0], q->name) != 0)
        return false;
    furrow__copy_text(q->out, q->size, found->name);
    return true;
}

bool furrow__create_find_foreign_key(const char *sql, const char *column, char *name, size_t size)
{
    name[0] = '\0';
    return each_constraint(sql, visit_foreign_key,
                           &(question){.name = column, .out = name, .size = size});
}

/* Whether the table has a column of this name. */
static bool has_column(const char *sql, const char *name)
{
    reader r = {.at = sql};
    next(&r);
    while (r.kind != OPEN && r.kind != END)
        next(&r);
    while (r.kind == OPEN || r.kind == COMMA) {
        next(&r);
        bool of_table = is_keyword(&r, "CONSTRAINT") || is_keyword(&r, "PRIMARY") ||
                        is_keyword(&r, "UNIQUE") || is_keyword(&r, "CHECK") ||
                        is_keyword(&r, "FOREIGN");
        if (!of_table && sqlite3_stricmp(r.text, name) == 0)
            return true;
        while (r.kind != COMMA && r.kind != CLOSE && r.kind != END) {
            if (r.kind == OPEN)
                skip_list(&r);
            else
                next(&r);
        }
    }
    return false;
}

static bool visit_check(void *context, const constraint *found)
{
    const question *q = context;
    if (found->kind != CHECK || strcmp(found->name, q->name) != 0)
        return false;
    size_t used = 0;
    for (size_t i = 0; i < found->count; i++) {
        const char *column = found->columns[i];
        bool again = false;
        for (size_t k = 0; k < i; k++)
            again |= sqlite3_stricmp(found->columns[k], column) == 0;
        size_t length = strlen(column);
        if (again || !has_column(q->sql, column) || used + length + 3 > q->size)
            continue;
        if (used) {
            memcpy(q->out + used, ", ", 2);
            used += 2;
        }
        memcpy(q->out + used, column, length + 1);
        used += length;
    }
    return true;
}

bool furrow__create_find_check(const char *sql, const char *name, char *columns, size_t size)
{
    columns[0] = '\0';
    return each_constraint(sql, visit_check,
                           &(question){.sql = sql, .name = name, .out = columns, .size = size});
}
