/* SPDX-License-Identifier: MIT
 * Reads expressions that PostgreSQL's function pg_get_expr has written. */
#include <stdio.h>
#include <string.h>

#include "dialect/postgresql/reflect.h"
#include "schema/type.h"

typedef furrow__expression node;

/* Returns the type for which format_type() returns this name. */
static furrow_type type_named(const char *name)
{
    static const struct {
        const char *name;
        furrow_type type;
    } types[] = {
        {"text", FURROW_TYPE_TEXT},
        {"character varying", FURROW_TYPE_TEXT},
        {"bpchar", FURROW_TYPE_TEXT},
        {"character", FURROW_TYPE_TEXT},
        {"smallint", FURROW_TYPE_INT16},
        {"integer", FURROW_TYPE_INT32},
        {"bigint", FURROW_TYPE_INT64},
        {"numeric", FURROW_TYPE_DECIMAL},
        {"real", FURROW_TYPE_FLOAT},
        {"double precision", FURROW_TYPE_DOUBLE},
        {"boolean", FURROW_TYPE_BOOL},
        {"date", FURROW_TYPE_DATE},
        {"timestamp with time zone", FURROW_TYPE_TIME},
        {"uuid", FURROW_TYPE_UUID},
        {"jsonb", FURROW_TYPE_JSON},
        {"json", FURROW_TYPE_JSON},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].name, name) == 0)
            return types[i].type;
    return FURROW_TYPE_NULL;
}

/* Reads the type after "::". For an array type, returns the type of the elements. */
static furrow_type cast_type(furrow__reader *r, bool *has_modifier, bool *is_array)
{
    static const char *const more[] = {"VARYING", "PRECISION", "WITH", "WITHOUT", "TIME", "ZONE"};
    char name[64] = "";
    size_t size = 0;
    *has_modifier = *is_array = false;
    while (r->kind == FURROW__LEXEME_WORD) {
        bool first = !size, follows = first;
        for (size_t i = 0; i < sizeof more / sizeof *more; i++)
            follows |= furrow__reader_is(r, more[i]);
        if (!follows)
            break;
        int added = snprintf(name + size, sizeof name - size, "%s%s", first ? "" : " ", r->lexeme);
        size += (size_t)added;
        if (size >= sizeof name)
            return FURROW_TYPE_NULL;
        furrow__reader_next(r);
    }
    if (furrow__reader_take_symbol(r, "(")) {
        *has_modifier = true;
        while (r->kind == FURROW__LEXEME_NUMBER || furrow__reader_is_symbol(r, ","))
            furrow__reader_next(r);
        if (!furrow__reader_take_symbol(r, ")"))
            return FURROW_TYPE_NULL;
    }
    if (furrow__reader_take_symbol(r, "[")) {
        *is_array = true;
        if (!furrow__reader_take_symbol(r, "]"))
            return FURROW_TYPE_NULL;
    }
    return type_named(name);
}

/* Returns the operand of a cast if the cast does not change the operand's value; otherwise NULL. */
static const node *cast(furrow__reader *r, const node *n, furrow_type to, bool has_modifier)
{
    furrow_type base = furrow__type_family((uint8_t)to);
    if (!n || to == FURROW_TYPE_NULL)
        return NULL;
    if (n->kind == FURROW__EXPRESSION_TEXT) {
        if (furrow__node_type_is_number(base) && strcmp(n->text, "NaN") != 0)
            return furrow__node_number(r, n->text);
        return base == FURROW_TYPE_BOOL ? NULL : n;
    }
    if (n->kind == FURROW__EXPRESSION_NULL)
        return n;
    if (furrow__node_is_literal(n))
        return furrow__node_type_is_number(base) ? n : NULL;
    if (has_modifier)
        return NULL;
    bool fits = n->type == base || (n->type == FURROW_TYPE_ENUM && base == FURROW_TYPE_TEXT);
    bool widens =
        n->type == FURROW_TYPE_INT64 && (base == FURROW_TYPE_DOUBLE || base == FURROW_TYPE_DECIMAL);
    /* a cast to a narrower integer or to a 32-bit float can change the value */
    bool narrows = to == FURROW_TYPE_INT16 || to == FURROW_TYPE_INT32 || to == FURROW_TYPE_FLOAT;
    return (fits || widens) && !narrows ? n : NULL;
}

/* Reads (ARRAY[…]) after ANY or ALL, with its casts, and returns it as the list of IN. */
static node *parse_array(furrow__reader *r, const node *value, bool negated)
{
    const node *items[FURROW__READER_LIST + 1];
    int brackets = 0;
    size_t count = 0;
    while (furrow__reader_take_symbol(r, "("))
        brackets++;
    if (brackets < 1 || !furrow__reader_take(r, "ARRAY") || !furrow__reader_take_symbol(r, "["))
        return NULL;
    items[0] = value;
    count = furrow__read_list(r, items + 1, "]");
    if (!count)
        return NULL;
    for (;;) {
        bool has_modifier, is_array;
        if (furrow__reader_take_symbol(r, "::")) {
            furrow_type type = cast_type(r, &has_modifier, &is_array);
            if (!is_array || has_modifier || type == FURROW_TYPE_NULL)
                return NULL;
        } else if (brackets && furrow__reader_take_symbol(r, ")")) {
            brackets--;
        } else {
            break;
        }
    }
    node *in = brackets ? NULL
                        : furrow__node_with(r,
                                            (node){.kind = FURROW__EXPRESSION_IN,
                                                   .type = FURROW_TYPE_BOOL,
                                                   .argument_count = count + 1},
                                            items);
    if (in)
        in->negated = negated;
    return in;
}

static const node *parse_like_escape(furrow__reader *r)
{
    /* Reads like_escape('pattern'::text, ''::text), which is a pattern without an escape character.
     * furrow writes LIKE only in this form. */
    const node *items[FURROW__READER_LIST];
    size_t count = furrow__reader_take_symbol(r, "(") ? furrow__read_list(r, items, ")") : 0;
    return count == 2 && items[0]->kind == FURROW__EXPRESSION_TEXT &&
                   items[1]->kind == FURROW__EXPRESSION_TEXT && !items[1]->text[0]
               ? items[0]
               : NULL;
}

/* Reads NULLIF(x, 0), which furrow writes around a divisor. */
static const node *parse_nullif(furrow__reader *r)
{
    const node *items[FURROW__READER_LIST];
    size_t count = furrow__reader_take_symbol(r, "(") ? furrow__read_list(r, items, ")") : 0;
    return count == 2 && items[1]->kind == FURROW__EXPRESSION_INTEGER && !items[1]->integer
               ? items[0]
               : NULL;
}

const node *furrow__postgresql_read_keyword(furrow__reader *r, const char *word, bool *known)
{
    if (furrow__reader_keyword_is(word, "NULLIF"))
        return parse_nullif(r);
    if (furrow__reader_keyword_is(word, "LIKE_ESCAPE"))
        return parse_like_escape(r);
    if (furrow__reader_keyword_is(word, "CURRENT_TIMESTAMP"))
        return furrow__node_make(r, FURROW__EXPRESSION_NOW, FURROW_TYPE_TIME);
    if (furrow__reader_keyword_is(word, "NOW") && furrow__reader_take_symbol(r, "("))
        return furrow__reader_take_symbol(r, ")")
                   ? furrow__node_make(r, FURROW__EXPRESSION_NOW, FURROW_TYPE_TIME)
                   : NULL;
    *known = false;
    return NULL;
}

const node *furrow__postgresql_read_suffix(furrow__reader *r, const node *operand, bool *known)
{
    bool has_modifier, is_array;
    *known = furrow__reader_take_symbol(r, "::");
    if (!*known)
        return NULL;
    furrow_type type = cast_type(r, &has_modifier, &is_array);
    return is_array ? NULL : cast(r, operand, type, has_modifier);
}

/* Reads an operator. PostgreSQL writes LIKE as ~~, with backslash as the escape character. furrow's
 * LIKE cannot express escapes. A pattern is therefore read only if it contains none, or if it is
 * written as like_escape with an empty escape character. */
const node *furrow__postgresql_read_operator(furrow__reader *r, const node *left, bool negated,
                                             bool *known)
{
    bool differs = furrow__reader_is_symbol(r, "!~~");
    *known = !negated && (differs || furrow__reader_is_symbol(r, "~~"));
    if (!*known)
        return NULL;
    furrow__reader_next(r);
    bool is_escaped = furrow__reader_is(r, "LIKE_ESCAPE");
    const node *pattern = furrow__read_sum(r);
    if (!pattern || pattern->kind != FURROW__EXPRESSION_TEXT ||
        (!is_escaped && strchr(pattern->text, '\\')))
        return NULL;
    return furrow__node_like(r, left, pattern->text, differs);
}

/* Reads ANY and ALL. PostgreSQL writes IN as = ANY (ARRAY[...]), and NOT IN as <> ALL (ARRAY[...]).
 */
const node *furrow__postgresql_read_quantifier(furrow__reader *r, const node *left,
                                               const char *operator_, bool *known)
{
    bool differs = strcmp(operator_, "<>") == 0;
    *known = furrow__reader_take(r, differs ? "ALL" : "ANY");
    return *known ? parse_array(r, left, differs) : NULL;
}
