/* SPDX-License-Identifier: MIT
 * An engine's own types as furrow's. SQLite's affinities are those of its manual (datatype3, 3.1);
 * PostgreSQL's names are those of format_type(). */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "migrate/reflect/parts.h"

/* ---- SQLite ---- */

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

/* The first word, or all before COLLATE. */
static const char *before_collate(const char *native, furrow_arena *arena)
{
    const char *at = native;
    for (; *at; at++) {
        size_t i = 0;
        static const char word[] = "COLLATE";
        while (word[i] && upper(at[i]) == word[i])
            i++;
        if (!word[i] && (at == native || at[-1] == ' ') && (at[i] == ' ' || at[i] == '"'))
            break;
    }
    size_t size = (size_t)(at - native);
    while (size && native[size - 1] == ' ')
        size--;
    return furrow__arena_text(arena, native, size);
}

static furrow__catalog_type of(furrow_type type)
{
    return (furrow__catalog_type){.type = type};
}

static furrow__catalog_type sqlite_type(const char *name, const char **note)
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
    *note = "is of a type that SQLite knows nothing of, and is read as text";
    return of(FURROW_TYPE_TEXT);
}

/* ---- PostgreSQL ---- */

static const struct {
    const char *name;
    furrow_type type;
    const char *note;
} types[] = {
    {"boolean", FURROW_TYPE_BOOL, NULL},
    {"smallint", FURROW_TYPE_INT16, NULL},
    {"integer", FURROW_TYPE_INT32, NULL},
    {"bigint", FURROW_TYPE_INT64, NULL},
    {"real", FURROW_TYPE_FLOAT, NULL},
    {"double precision", FURROW_TYPE_DOUBLE, NULL},
    {"text", FURROW_TYPE_TEXT, NULL},
    {"character varying", FURROW_TYPE_TEXT, NULL},
    {"bytea", FURROW_TYPE_BLOB, NULL},
    {"timestamp with time zone", FURROW_TYPE_TIME, NULL},
    {"timestamp without time zone", FURROW_TYPE_TIME,
     "has no time zone: its times are taken as UTC"},
    {"date", FURROW_TYPE_DATE, NULL},
    {"uuid", FURROW_TYPE_UUID, NULL},
    {"jsonb", FURROW_TYPE_JSON, NULL},
    {"json", FURROW_TYPE_JSON, NULL},
};

static furrow__catalog_type postgresql_type(const char *name, const char **note)
{
    unsigned n = 0, s = 0;
    int end = 0;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].name, name) == 0) {
            *note = types[i].note;
            return of(types[i].type);
        }
    if (sscanf(name, "character varying(%u)%n", &n, &end) == 1 && end && !name[end])
        return (furrow__catalog_type){.type = FURROW_TYPE_TEXT, .max_length = n};
    if (sscanf(name, "character(%u)%n", &n, &end) == 1 && end && !name[end]) {
        *note = "is filled up with spaces";
        return (furrow__catalog_type){.type = FURROW_TYPE_TEXT, .max_length = n};
    }
    if (sscanf(name, "numeric(%u,%u)%n", &n, &s, &end) == 2 && end && !name[end] && n >= 1 &&
        n <= 18 && s <= n)
        return (furrow__catalog_type){
            .type = FURROW_TYPE_DECIMAL, .precision = (uint8_t)n, .scale = (int8_t)s};
    return (furrow__catalog_type){.native = name};
}

furrow__catalog_type furrow__reflect_type(const furrow__dialect *dialect, const char *native,
                                          bool strict, const char **note, furrow_arena *arena)
{
    const char *name = before_collate(native ? native : "", arena);
    (void)strict;
    *note = NULL;
    if (!name)
        return (furrow__catalog_type){.native = native ? native : ""};
    return dialect == &furrow__dialect_sqlite ? sqlite_type(name, note)
                                              : postgresql_type(name, note);
}
