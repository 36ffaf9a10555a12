/* SPDX-License-Identifier: MIT
 * Implements furrow__reflect_engine for SQLite. */
#include <string.h>

#include "migrate/catalog/sqlite_table.h"
#include "migrate/reflect/reader.h"
#include "scan/compare.h"

typedef furrow__expression node;

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool has(const char *text, const char *word)
{
    for (; *text; text++) {
        size_t i = 0;
        while (word[i] && upper(text[i]) == word[i])
            i++;
        if (!word[i])
            return true;
    }
    return false;
}

static bool is(const char *text, const char *word)
{
    return has(text, word) && strlen(text) == strlen(word);
}

static furrow__catalog_type of(furrow_type type)
{
    return (furrow__catalog_type){.type = type};
}

static furrow__catalog_type type(const char *name, const char **note)
{
    if (is(name, "ANY") || !*name) {
        *note = "holds values of any type";
        return (furrow__catalog_type){.native = "ANY"};
    }
    if (has(name, "BOOL"))
        return of(FURROW_TYPE_BOOL);
    if (has(name, "INT"))
        return of(FURROW_TYPE_INT64);
    if (has(name, "CHAR") || has(name, "CLOB") || has(name, "TEXT")) {
        if (strchr(name, '('))
            *note = "has a length that SQLite does not check";
        return of(FURROW_TYPE_TEXT);
    }
    if (has(name, "BLOB"))
        return of(FURROW_TYPE_BLOB);
    if (has(name, "REAL") || has(name, "FLOA") || has(name, "DOUB"))
        return of(FURROW_TYPE_DOUBLE);
    if (has(name, "JSON"))
        return of(FURROW_TYPE_JSON);
    if (has(name, "UUID") || has(name, "GUID"))
        return of(FURROW_TYPE_TEXT);
    if (has(name, "DATE") || has(name, "TIME")) {
        *note = "is read as text: furrow's times are YYYY-MM-DDTHH:MM:SS.ffffffZ, its dates "
                "YYYY-MM-DD";
        return of(FURROW_TYPE_TEXT);
    }
    if (has(name, "DEC") || has(name, "NUM") || has(name, "MONEY")) {
        *note = "is read as a real";
        return of(FURROW_TYPE_DOUBLE);
    }
    *note = "has a type that SQLite does not know, and is read as text";
    return of(FURROW_TYPE_TEXT);
}

/* Returns whether SQLite assigns the column's value. SQLite assigns the value of a key that is an
 * alias of the rowid. If the program sends the values of such a key, furrow gives the constraint a
 * name. */
static bool is_assigned(const furrow__catalog_table *table, const furrow__catalog_column *column)
{
    return furrow__sqlite_rowid_column(table) == column &&
           !furrow__catalog_primary_key(table)->name;
}

/* Returns whether SQLite gives the column a value if an INSERT leaves the column out. */
static bool is_filled(const furrow__catalog_table *table, const furrow__catalog_column *column)
{
    return furrow__sqlite_rowid_column(table) == column;
}

static bool is_now(const char *text, bool *is_date)
{
    *is_date = furrow__sqlite_texts_are_equal(text, "date('now')");
    return *is_date ||
           furrow__sqlite_texts_are_equal(text, "strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'");
}

static bool is_virtual_table(const furrow__catalog_object *object)
{
    if (object->kind != FURROW__OBJECT_OTHER || !object->source)
        return false;
    furrow__cursor cursor =
        furrow__cursor_begin(object->source, strlen(object->source), FURROW__SCAN_SQLITE);
    if (!furrow__token_is_keyword(cursor.token, "CREATE"))
        return false;
    furrow__cursor_next(&cursor);
    return furrow__token_is_keyword(cursor.token, "VIRTUAL");
}

static const furrow__reflect_function functions[] = {
    {"LENGTH", "length", FURROW_TYPE_INT64}, {"LOWER", "lower", FURROW_TYPE_TEXT},
    {"UPPER", "upper", FURROW_TYPE_TEXT},    {"TRIM", "trim", FURROW_TYPE_TEXT},
    {"ABS", "abs", FURROW_TYPE_NULL},        {"COALESCE", "coalesce", FURROW_TYPE_NULL},
};

/* Reads CAST(x AS BLOB). furrow writes it only inside length(), in a CHECK constraint that limits
 * the size in bytes. */
static const node *parse_cast(furrow__reader *r)
{
    const node *n = furrow__reader_take_symbol(r, "(") ? furrow__read_expression(r) : NULL;
    if (!n || !furrow__reader_take(r, "AS") || !furrow__reader_take(r, "BLOB") ||
        !furrow__reader_take_symbol(r, ")"))
        return NULL;
    return furrow__node_with(r,
                             (node){.kind = FURROW__EXPRESSION_CALL,
                                    .type = FURROW_TYPE_TEXT,
                                    .operator_ = "bytes",
                                    .argument_count = 1},
                             (const node *const[]){n});
}

/* Returns the pattern of LIKE that is equivalent to a pattern of GLOB, or NULL if there is none. */
static const char *like_pattern(furrow__reader *r, const char *glob)
{
    size_t size = 0;
    char *out = furrow__arena_aligned(r->arena, strlen(glob) + 1, 1);
    if (!out) {
        r->no_memory = true;
        return NULL;
    }
    for (; *glob; glob++) {
        if (*glob == '%' || *glob == '_' || (*glob == '[' && (!glob[1] || glob[2] != ']')))
            return NULL;
        if (*glob == '[') {
            if (!strchr("*?[", glob[1]))
                return NULL;
            out[size++] = glob[1];
            glob += 2;
        } else {
            out[size++] = *glob == '*' ? '%' : *glob == '?' ? '_' : *glob;
        }
    }
    out[size] = '\0';
    return out;
}

static const node *read_keyword(furrow__reader *r, const char *word, bool *known)
{
    *known = furrow__reader_keyword_is(word, "CAST");
    return *known ? parse_cast(r) : NULL;
}

/* Reads an operator. furrow writes its LIKE as GLOB, because SQLite's LIKE ignores case. */
static const node *read_operator(furrow__reader *r, const node *left, bool negated, bool *known)
{
    *known = furrow__reader_take(r, "GLOB");
    if (!*known)
        return NULL;
    const node *pattern = furrow__read_sum(r);
    const char *text =
        pattern && pattern->kind == FURROW__EXPRESSION_TEXT ? like_pattern(r, pattern->text) : NULL;
    return text ? furrow__node_like(r, left, text, negated) : NULL;
}

static bool is_binary_collation(const furrow__reader *r)
{
    return furrow__reader_is(r, "BINARY");
}

const furrow__reflect_engine furrow__sqlite_reflect = {
    .dialect = &furrow__dialect_sqlite,
    .type = type,
    .bools_are_integers = true,
    .times_are_texts = true,
    .is_assigned = is_assigned,
    .is_filled = is_filled,
    .assigned_note = "is not AUTOINCREMENT: a key that was deleted may be used again",
    .is_now = is_now,
    .is_virtual_table = is_virtual_table,
    .functions = functions,
    .function_count = sizeof functions / sizeof *functions,
    .read_keyword = read_keyword,
    .read_operator = read_operator,
    .is_binary_collation = is_binary_collation,
};
