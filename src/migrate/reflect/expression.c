/* SPDX-License-Identifier: MIT
 *
 * Expressions as SQLite keeps them and as PostgreSQL renders them (pg_get_expr), read back. Nothing
 * is guessed: a cast, an operator or a function whose meaning is not furrow's ends the reading.
 * What is read is written as furrow's text by the caller, and parsed and checked again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "migrate/reflect/parts.h"
#include "scan/compare.h"
#include "scan/scan.h"
#include "schema/type.h"

typedef furrow__expression node;

typedef enum lexeme_kind {
    LEXEME_END,
    LEXEME_WORD,
    LEXEME_NAME, /* quoted */
    LEXEME_TEXT,
    LEXEME_NUMBER,
    LEXEME_SYMBOL,
    LEXEME_BAD,
} lexeme_kind;

typedef struct reader {
    furrow__scanner scanner;
    bool sqlite;
    const furrow__expression_scope *scope;
    furrow_arena *arena;
    lexeme_kind kind;
    const char *word; /* of the lexeme at hand: unquoted */
    int depth, nodes;
    bool no_memory;
} reader;

/* ---- words ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void give(reader *r, lexeme_kind kind, furrow__token token)
{
    r->kind = kind;
    r->word = furrow__token_copy(token, r->arena);
    if (!r->word) {
        r->no_memory = true;
        r->kind = LEXEME_BAD;
    }
}

/* PostgreSQL escapes nothing but a backslash. */
static bool has_only_escaped_backslashes(furrow__token token)
{
    for (size_t i = 1; i < furrow__token_size(token); i++)
        if (token.text[i] == '\\' && token.text[++i] != '\\')
            return false;
    return true;
}

static lexeme_kind string_kind(furrow__token token)
{
    bool is_plain = *token.text == '\'';
    bool is_escape_string = *token.text == 'E' || *token.text == 'e';
    return is_plain || (is_escape_string && has_only_escaped_backslashes(token)) ? LEXEME_TEXT
                                                                                 : LEXEME_BAD;
}

/* Whether a number is digits with an optional fraction and exponent. */
static bool is_well_formed(furrow__token token)
{
    const char *at = token.text, *end = at + furrow__token_size(token);
    while (at < end && (is_digit(*at) || *at == '.'))
        at++;
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        at += at < end && (*at == '-' || *at == '+');
        while (at < end && is_digit(*at))
            at++;
    }
    return at == end;
}

/* A comment is LEXEME_BAD: its text would be lost. */
static void next(reader *r)
{
    furrow__token token = furrow__scanner_next(&r->scanner);
    switch (token.kind) {
    case FURROW__TOKEN_END:
        r->kind = LEXEME_END;
        r->word = "";
        break;
    case FURROW__TOKEN_WORD:
        give(r, LEXEME_WORD, token);
        break;
    case FURROW__TOKEN_NAME:
        give(r, LEXEME_NAME, token);
        break;
    case FURROW__TOKEN_STRING:
        give(r, string_kind(token), token);
        break;
    case FURROW__TOKEN_NUMBER:
        give(r, is_well_formed(token) ? LEXEME_NUMBER : LEXEME_BAD, token);
        break;
    case FURROW__TOKEN_SYMBOL:
        give(r, LEXEME_SYMBOL, token);
        break;
    default:
        r->kind = LEXEME_BAD;
        break;
    }
}

static bool words_are_equal(const char *word, const char *keyword)
{
    for (; *word && *keyword; word++, keyword++)
        if ((*word >= 'a' && *word <= 'z' ? *word - 'a' + 'A' : *word) != *keyword)
            return false;
    return !*word && !*keyword;
}

/* Whether the lexeme is this keyword (upper case). */
static bool is(const reader *r, const char *keyword)
{
    return r->kind == LEXEME_WORD && words_are_equal(r->word, keyword);
}

static bool is_symbol(const reader *r, const char *text)
{
    return r->kind == LEXEME_SYMBOL && strcmp(r->word, text) == 0;
}

static bool take(reader *r, const char *keyword)
{
    bool there = is(r, keyword);
    if (there)
        next(r);
    return there;
}

static bool take_symbol(reader *r, const char *text)
{
    bool there = is_symbol(r, text);
    if (there)
        next(r);
    return there;
}

/* ---- nodes ---- */

enum { MAX_LIST = 1000 };

static node *make(reader *r, furrow__expression_kind kind, furrow_type type)
{
    node *n = furrow__arena_aligned(r->arena, sizeof *n, _Alignof(node));
    if (!n || ++r->nodes > FURROW__EXPRESSION_SIZE) {
        r->no_memory |= !n;
        return NULL;
    }
    *n = (node){.kind = kind, .type = type};
    return n;
}

static node *make_with(reader *r, furrow__expression_kind kind, furrow_type type,
                       const char *operator_, const node *const *arguments, size_t count)
{
    node *n = make(r, kind, type);
    const node **copy =
        furrow__arena_aligned(r->arena, (count + 1) * sizeof *copy, _Alignof(node *));
    if (!n || !copy) {
        r->no_memory |= !copy;
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        if (!arguments[i])
            return NULL;
        copy[i] = arguments[i];
    }
    n->operator_ = operator_;
    n->arguments = copy;
    n->argument_count = count;
    return n;
}

static node *make_binary(reader *r, furrow_type type, const char *operator_, const node *a,
                         const node *b)
{
    return a && b ? make_with(r, FURROW__EXPRESSION_BINARY, type, operator_,
                              (const node *const[]){a, b}, 2)
                  : NULL;
}

static bool is_number_type(furrow_type type)
{
    return type == FURROW_TYPE_INT64 || type == FURROW_TYPE_DOUBLE || type == FURROW_TYPE_DECIMAL;
}

static bool is_literal(const node *n)
{
    return n->kind == FURROW__EXPRESSION_INTEGER || n->kind == FURROW__EXPRESSION_NUMBER ||
           n->kind == FURROW__EXPRESSION_TEXT;
}

/* SQLite's bool is a number: beside one, 0 and 1 are FALSE and TRUE. */
static const node *as_bool(reader *r, const node *n)
{
    if (!n || !r->sqlite || n->kind != FURROW__EXPRESSION_INTEGER || n->integer < 0 ||
        n->integer > 1)
        return n;
    node *b = make(r, FURROW__EXPRESSION_BOOL, FURROW_TYPE_BOOL);
    if (b)
        b->integer = n->integer;
    return b;
}

static node *number_node(reader *r, const char *text)
{
    bool whole = *text != '\0';
    for (const char *c = text + (*text == '-'); *c; c++)
        whole &= is_digit(*c);
    if (whole && strlen(text) < 19) {
        node *n = make(r, FURROW__EXPRESSION_INTEGER, FURROW_TYPE_INT64);
        if (n)
            n->integer = strtoll(text, NULL, 10);
        return n;
    }
    furrow_decimal ignored;
    char *end;
    if (whole && !furrow_decimal_parse(text, &ignored)) {
        /* The ends of 64 bits. */
        if (strcmp(text, "9223372036854775807") != 0 && strcmp(text, "-9223372036854775808") != 0)
            return NULL;
    }
    if (whole) {
        node *n = make(r, FURROW__EXPRESSION_INTEGER, FURROW_TYPE_INT64);
        if (n)
            n->integer = strtoll(text, &end, 10);
        return n;
    }
    bool digits = false;
    for (const char *c = text + (*text == '-'); *c; c++) {
        digits |= is_digit(*c);
        if (!is_digit(*c) && !strchr(".eE+-", *c))
            return NULL;
    }
    node *n = digits ? make(r, FURROW__EXPRESSION_NUMBER, FURROW_TYPE_DOUBLE) : NULL;
    if (n)
        n->text = text;
    return n;
}

static node *text_node(reader *r, const char *text)
{
    node *n = make(r, FURROW__EXPRESSION_TEXT, FURROW_TYPE_TEXT);
    if (n)
        n->text = text;
    return n;
}

static bool is_column(const reader *r, const char *a, const char *b)
{
    return r->sqlite ? furrow__sqlite_names_are_equal(a, b) : strcmp(a, b) == 0;
}

static node *column_node(reader *r, const char *name)
{
    const furrow_column *column;
    for (size_t i = 0; (column = furrow__scope_column(r->scope, i)); i++) {
        if (!is_column(r, column->name, name))
            continue;
        node *n = make(r, FURROW__EXPRESSION_COLUMN, furrow__type_family(column->type));
        if (n)
            n->column = column;
        return n;
    }
    return NULL;
}

/* ---- casts ---- */

/* PostgreSQL's names of types, in the words of format_type. */
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

/* The words behind ::, "" for none; an array's are those of its elements. */
static furrow_type cast_type(reader *r, bool *has_modifier, bool *is_array)
{
    static const char *const more[] = {"VARYING", "PRECISION", "WITH", "WITHOUT", "TIME", "ZONE"};
    char name[64] = "";
    size_t size = 0;
    *has_modifier = *is_array = false;
    while (r->kind == LEXEME_WORD) {
        bool first = !size, follows = first;
        for (size_t i = 0; i < sizeof more / sizeof *more; i++)
            follows |= is(r, more[i]);
        if (!follows)
            break;
        int added = snprintf(name + size, sizeof name - size, "%s%s", first ? "" : " ", r->word);
        size += (size_t)added;
        if (size >= sizeof name)
            return FURROW_TYPE_NULL;
        next(r);
    }
    if (take_symbol(r, "(")) {
        *has_modifier = true;
        while (r->kind == LEXEME_NUMBER || is_symbol(r, ","))
            next(r);
        if (!take_symbol(r, ")"))
            return FURROW_TYPE_NULL;
    }
    if (take_symbol(r, "[")) {
        *is_array = true;
        if (!take_symbol(r, "]"))
            return FURROW_TYPE_NULL;
    }
    return type_named(name);
}

/* What a cast leaves of a value: itself, where nothing is lost by leaving the cast out. */
static const node *cast(reader *r, const node *n, furrow_type to, bool has_modifier)
{
    furrow_type base = furrow__type_family((uint8_t)to);
    if (!n || to == FURROW_TYPE_NULL)
        return NULL;
    if (n->kind == FURROW__EXPRESSION_TEXT) {
        if (is_number_type(base) && strcmp(n->text, "NaN") != 0)
            return number_node(r, n->text);
        return base == FURROW_TYPE_BOOL ? NULL : n;
    }
    if (n->kind == FURROW__EXPRESSION_NULL)
        return n;
    if (is_literal(n))
        return is_number_type(base) ? n : NULL;
    if (has_modifier)
        return NULL;
    bool fits = n->type == base || (n->type == FURROW_TYPE_ENUM && base == FURROW_TYPE_TEXT);
    bool widens =
        n->type == FURROW_TYPE_INT64 && (base == FURROW_TYPE_DOUBLE || base == FURROW_TYPE_DECIMAL);
    /* To a narrower integer, or a real of 24 bits, is another value. */
    bool narrows = to == FURROW_TYPE_INT16 || to == FURROW_TYPE_INT32 || to == FURROW_TYPE_FLOAT;
    return (fits || widens) && !narrows ? n : NULL;
}

/* ---- the grammar, from the tightest on ---- */

static const node *parse_or(reader *r);
static const node *parse_sum(reader *r);

/* Expressions between brackets, the first at hand; the closing one is taken. */
static size_t parse_list(reader *r, const node **out, const char *close)
{
    size_t count = 0;
    if (take_symbol(r, close))
        return 0;
    do {
        const node *n = count < MAX_LIST ? parse_or(r) : NULL;
        if (!n)
            return 0;
        out[count++] = n;
    } while (take_symbol(r, ","));
    return take_symbol(r, close) ? count : 0;
}

/* ARRAY[…], as it stands behind ANY and ALL, with its casts: its elements follow `first`. */
static node *parse_array(reader *r, const node *value, bool negated)
{
    const node *items[MAX_LIST + 1];
    int brackets = 0;
    size_t count = 0;
    while (take_symbol(r, "("))
        brackets++;
    if (brackets < 1 || !take(r, "ARRAY") || !take_symbol(r, "["))
        return NULL;
    items[0] = value;
    count = parse_list(r, items + 1, "]");
    if (!count)
        return NULL;
    for (;;) {
        bool has_modifier, is_array;
        if (take_symbol(r, "::")) {
            furrow_type type = cast_type(r, &has_modifier, &is_array);
            if (!is_array || has_modifier || type == FURROW_TYPE_NULL)
                return NULL;
        } else if (brackets && take_symbol(r, ")")) {
            brackets--;
        } else {
            break;
        }
    }
    node *in = brackets
                   ? NULL
                   : make_with(r, FURROW__EXPRESSION_IN, FURROW_TYPE_BOOL, NULL, items, count + 1);
    if (in)
        in->negated = negated;
    return in;
}

static const node *parse_like_escape(reader *r)
{
    /* like_escape('pattern'::text, ''::text): no escape at all, as furrow has it. */
    const node *items[MAX_LIST];
    size_t count = take_symbol(r, "(") ? parse_list(r, items, ")") : 0;
    return count == 2 && items[0]->kind == FURROW__EXPRESSION_TEXT &&
                   items[1]->kind == FURROW__EXPRESSION_TEXT && !items[1]->text[0]
               ? items[0]
               : NULL;
}

static node *parse_call(reader *r, const char *name)
{
    static const struct {
        const char *name, *furrow;
        furrow_type type;
        bool sqlite, postgresql;
    } functions[] = {
        {"LENGTH", "length", FURROW_TYPE_INT64, true, true},
        {"CHAR_LENGTH", "length", FURROW_TYPE_INT64, false, true},
        {"CHARACTER_LENGTH", "length", FURROW_TYPE_INT64, false, true},
        {"OCTET_LENGTH", "octet_length", FURROW_TYPE_INT64, false, true},
        {"LOWER", "lower", FURROW_TYPE_TEXT, true, true},
        {"UPPER", "upper", FURROW_TYPE_TEXT, true, true},
        {"TRIM", "trim", FURROW_TYPE_TEXT, true, true},
        {"BTRIM", "trim", FURROW_TYPE_TEXT, false, true},
        {"ABS", "abs", FURROW_TYPE_NULL, true, true},
        {"COALESCE", "coalesce", FURROW_TYPE_NULL, true, true},
    };
    const node *items[MAX_LIST];
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        if (!words_are_equal(name, functions[i].name) ||
            !(r->sqlite ? functions[i].sqlite : functions[i].postgresql))
            continue;
        if (is(r, "BOTH")) {
            next(r);
            if (!take(r, "FROM"))
                return NULL;
        }
        size_t count = parse_list(r, items, ")");
        size_t wanted = words_are_equal(name, "COALESCE") ? count : 1;
        if (!count || count != wanted)
            return NULL;
        furrow_type type = functions[i].type;
        if (functions[i].type == FURROW_TYPE_INT64 && items[0]->type != FURROW_TYPE_TEXT &&
            items[0]->type != FURROW_TYPE_ENUM)
            return NULL;
        if (type == FURROW_TYPE_NULL)
            type = items[0]->type;
        return make_with(r, FURROW__EXPRESSION_CALL, type, functions[i].furrow, items, count);
    }
    return NULL;
}

/* CAST(x AS BLOB) within length(): bytes, for the check of a size alone. */
static const node *parse_cast(reader *r)
{
    const node *n = take_symbol(r, "(") ? parse_or(r) : NULL;
    if (!n || !take(r, "AS") || !take(r, "BLOB") || !take_symbol(r, ")"))
        return NULL;
    return make_with(r, FURROW__EXPRESSION_CALL, FURROW_TYPE_TEXT, "bytes",
                     (const node *const[]){n}, 1);
}

/* NULLIF(x, 0), with which furrow guards a divisor. */
static const node *parse_nullif(reader *r)
{
    const node *items[MAX_LIST];
    size_t count = take_symbol(r, "(") ? parse_list(r, items, ")") : 0;
    return count == 2 && items[1]->kind == FURROW__EXPRESSION_INTEGER && !items[1]->integer
               ? items[0]
               : NULL;
}

static const node *parse_word(reader *r)
{
    const char *word = r->word;
    bool quoted = r->kind == LEXEME_NAME;
    if (!quoted && (is(r, "TRUE") || is(r, "FALSE"))) {
        node *n = make(r, FURROW__EXPRESSION_BOOL, FURROW_TYPE_BOOL);
        if (n)
            n->integer = is(r, "TRUE");
        next(r);
        return n;
    }
    next(r);
    if (!quoted && words_are_equal(word, "NULL"))
        return make(r, FURROW__EXPRESSION_NULL, FURROW_TYPE_NULL);
    if (!quoted && r->sqlite && words_are_equal(word, "CAST"))
        return parse_cast(r);
    if (!quoted && !r->sqlite && words_are_equal(word, "NULLIF"))
        return parse_nullif(r);
    if (!quoted && !r->sqlite && words_are_equal(word, "LIKE_ESCAPE"))
        return parse_like_escape(r);
    if (!quoted && !r->sqlite && words_are_equal(word, "CURRENT_TIMESTAMP"))
        return make(r, FURROW__EXPRESSION_NOW, FURROW_TYPE_TIME);
    if (!quoted && !r->sqlite && words_are_equal(word, "NOW") && is_symbol(r, "(")) {
        next(r);
        return take_symbol(r, ")") ? make(r, FURROW__EXPRESSION_NOW, FURROW_TYPE_TIME) : NULL;
    }
    if (!quoted && take_symbol(r, "("))
        return parse_call(r, word);
    return column_node(r, word);
}

static const node *parse_primary(reader *r)
{
    if (r->kind == LEXEME_TEXT || r->kind == LEXEME_NUMBER) {
        const node *n = r->kind == LEXEME_TEXT ? text_node(r, r->word) : number_node(r, r->word);
        next(r);
        return n;
    }
    if (r->kind == LEXEME_WORD || r->kind == LEXEME_NAME)
        return parse_word(r);
    if (!take_symbol(r, "("))
        return NULL;
    const node *n = parse_or(r);
    return n && take_symbol(r, ")") ? n : NULL;
}

static const node *parse_postfix(reader *r)
{
    const node *n = parse_primary(r);
    while (n) {
        bool has_modifier, is_array;
        if (!r->sqlite && take_symbol(r, "::")) {
            furrow_type type = cast_type(r, &has_modifier, &is_array);
            n = is_array ? NULL : cast(r, n, type, has_modifier);
        } else if (take(r, "COLLATE")) {
            bool ours =
                r->sqlite ? is(r, "BINARY") : r->kind == LEXEME_NAME && !strcmp(r->word, "C");
            next(r);
            n = ours ? n : NULL;
        } else {
            break;
        }
    }
    return n;
}

static const node *parse_sign(reader *r)
{
    if (take_symbol(r, "+"))
        return parse_sign(r);
    if (!take_symbol(r, "-"))
        return parse_postfix(r);
    if (++r->depth > FURROW__EXPRESSION_DEPTH)
        return NULL;
    if (r->kind == LEXEME_NUMBER) {
        char *text = furrow__arena_aligned(r->arena, strlen(r->word) + 2, 1);
        if (!text) {
            r->no_memory = true;
            return NULL;
        }
        snprintf(text, strlen(r->word) + 2, "-%s", r->word);
        next(r);
        r->depth--;
        return number_node(r, text);
    }
    const node *n = parse_sign(r);
    r->depth--;
    return n && is_number_type(n->type)
               ? make_with(r, FURROW__EXPRESSION_UNARY, n->type, "-", (const node *const[]){n}, 1)
               : NULL;
}

static const node *parse_joined(reader *r)
{
    const node *n = parse_sign(r);
    while (n && take_symbol(r, "||"))
        n = make_binary(r, FURROW_TYPE_TEXT, "||", n, parse_sign(r));
    return n;
}

static furrow_type wider(const node *a, const node *b)
{
    if (!a || !b)
        return FURROW_TYPE_NULL;
    if (a->type == FURROW_TYPE_DECIMAL || b->type == FURROW_TYPE_DECIMAL)
        return FURROW_TYPE_DECIMAL;
    return a->type == FURROW_TYPE_DOUBLE || b->type == FURROW_TYPE_DOUBLE ? FURROW_TYPE_DOUBLE
                                                                          : FURROW_TYPE_INT64;
}

static const node *parse_product(reader *r)
{
    static const char *const operators[] = {"*", "/", "%"};
    const node *n = parse_joined(r);
    for (size_t i = 0; n && i < 3; i++)
        if (take_symbol(r, operators[i])) {
            const node *b = parse_joined(r);
            n = make_binary(r, wider(n, b), operators[i], n, b);
            i = SIZE_MAX; /* from the first again */
        }
    return n;
}

static const node *parse_sum(reader *r)
{
    const node *n = parse_product(r);
    for (;;) {
        const char *operator_ = is_symbol(r, "+") ? "+" : is_symbol(r, "-") ? "-" : NULL;
        if (!n || !operator_)
            return n;
        next(r);
        const node *b = parse_product(r);
        n = make_binary(r, wider(n, b), operator_, n, b);
    }
}

/* A pattern of GLOB as one of LIKE; NULL where there is none that says the same. */
static const char *like_pattern(reader *r, const char *glob)
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

static const node *parse_like(reader *r, const node *value, bool negated, bool is_glob)
{
    /* Only a pattern without a backslash is PostgreSQL's LIKE what furrow's is. */
    bool escaped = is(r, "LIKE_ESCAPE");
    const node *pattern = parse_sum(r);
    if (!pattern || pattern->kind != FURROW__EXPRESSION_TEXT)
        return NULL;
    const char *text = is_glob ? like_pattern(r, pattern->text) : pattern->text;
    if (!text || (!is_glob && !escaped && strchr(text, '\\')))
        return NULL;
    node *n = make_binary(r, FURROW_TYPE_BOOL, "LIKE", value, text_node(r, text));
    if (n)
        n->negated = negated;
    return n;
}

/* Beside a bool, on SQLite. */
static const node *beside(reader *r, const node *value, const node *n)
{
    return value && value->type == FURROW_TYPE_BOOL ? as_bool(r, n) : n;
}

static const node *parse_in(reader *r, const node *value, bool negated)
{
    const node *items[MAX_LIST + 1];
    size_t count = take_symbol(r, "(") ? parse_list(r, items + 1, ")") : 0;
    if (!count)
        return NULL;
    items[0] = value;
    for (size_t i = 1; i <= count; i++)
        items[i] = beside(r, value, items[i]);
    node *n = make_with(r, FURROW__EXPRESSION_IN, FURROW_TYPE_BOOL, NULL, items, count + 1);
    if (n)
        n->negated = negated;
    return n;
}

static const node *parse_between(reader *r, const node *value, bool negated)
{
    const node *low = parse_sum(r), *high = low && take(r, "AND") ? parse_sum(r) : NULL;
    node *n = high ? make_with(r, FURROW__EXPRESSION_BETWEEN, FURROW_TYPE_BOOL, NULL,
                               (const node *const[]){value, low, high}, 3)
                   : NULL;
    if (n)
        n->negated = negated;
    return n;
}

static const node *parse_is(reader *r, const node *value)
{
    bool negated = take(r, "NOT");
    if (!take(r, "NULL"))
        return NULL;
    node *n = make_with(r, FURROW__EXPRESSION_IS_NULL, FURROW_TYPE_BOOL, NULL,
                        (const node *const[]){value}, 1);
    if (n)
        n->negated = negated;
    return n;
}

static const node *parse_compared(reader *r, const node *value)
{
    static const char *const signs[] = {"<=", ">=", "<>", "!=", "==", "=", "<", ">"};
    static const char *const meant[] = {"<=", ">=", "<>", "<>", "=", "=", "<", ">"};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        if (!take_symbol(r, signs[i]))
            continue;
        bool equal = strcmp(meant[i], "=") == 0, differs = strcmp(meant[i], "<>") == 0;
        if (!r->sqlite && ((equal && take(r, "ANY")) || (differs && take(r, "ALL"))))
            return parse_array(r, value, differs);
        const node *other = parse_sum(r);
        if (!other)
            return NULL;
        return make_binary(r, FURROW_TYPE_BOOL, meant[i], beside(r, other, value),
                           beside(r, value, other));
    }
    if (!r->sqlite && take_symbol(r, "~~"))
        return parse_like(r, value, false, false);
    if (!r->sqlite && take_symbol(r, "!~~"))
        return parse_like(r, value, true, false);
    return value;
}

static const node *parse_comparison(reader *r)
{
    const node *n = parse_sum(r);
    if (!n)
        return NULL;
    bool negated = take(r, "NOT");
    if (take(r, "IN"))
        return parse_in(r, n, negated);
    if (take(r, "BETWEEN"))
        return parse_between(r, n, negated);
    if (r->sqlite && take(r, "GLOB"))
        return parse_like(r, n, negated, true);
    if (negated)
        return NULL;
    return take(r, "IS") ? parse_is(r, n) : parse_compared(r, n);
}

static const node *parse_not(reader *r)
{
    if (!take(r, "NOT"))
        return parse_comparison(r);
    if (++r->depth > FURROW__EXPRESSION_DEPTH)
        return NULL;
    const node *n = as_bool(r, parse_not(r));
    r->depth--;
    return n ? make_with(r, FURROW__EXPRESSION_UNARY, FURROW_TYPE_BOOL, "NOT",
                         (const node *const[]){n}, 1)
             : NULL;
}

static bool is_comparison(const node *n, const char *operator_)
{
    return n->kind == FURROW__EXPRESSION_BINARY && strcmp(n->operator_, operator_) == 0 &&
           n->arguments[0]->kind == FURROW__EXPRESSION_COLUMN && is_literal(n->arguments[1]);
}

/* PostgreSQL takes BETWEEN apart, within brackets of its own: x >= a AND x <= b alone is one again.
 */
static const node *make_between(reader *r, const node *a, const node *b)
{
    if (r->sqlite || !is_comparison(a, ">=") || !is_comparison(b, "<=") ||
        a->arguments[0]->column != b->arguments[0]->column)
        return NULL;
    return make_with(r, FURROW__EXPRESSION_BETWEEN, FURROW_TYPE_BOOL, NULL,
                     (const node *const[]){a->arguments[0], a->arguments[1], b->arguments[1]}, 3);
}

static const node *parse_and(reader *r)
{
    const node *n = parse_not(r), *between = NULL;
    for (int count = 1; n && take(r, "AND"); count++) {
        const node *b = parse_not(r);
        between = b && count == 1 ? make_between(r, n, b) : NULL;
        n = b ? make_binary(r, FURROW_TYPE_BOOL, "AND", as_bool(r, n), as_bool(r, b)) : NULL;
    }
    return n && between ? between : n;
}

static const node *parse_or(reader *r)
{
    if (++r->depth > FURROW__EXPRESSION_DEPTH)
        return NULL;
    const node *n = parse_and(r);
    while (n && take(r, "OR")) {
        const node *b = parse_and(r);
        n = b ? make_binary(r, FURROW_TYPE_BOOL, "OR", as_bool(r, n), as_bool(r, b)) : NULL;
    }
    r->depth--;
    return n;
}

const furrow__expression *furrow__reflect_parse(const char *text, const furrow__dialect *dialect,
                                                const furrow__expression_scope *scope,
                                                furrow_arena *arena, bool *no_memory)
{
    size_t size = strlen(text);
    uint32_t syntax = furrow__dialect_syntax(dialect) | FURROW__SCAN_COMMENTS;
    reader r = {.scanner = furrow__scanner_begin(text, size, syntax),
                .sqlite = dialect == &furrow__dialect_sqlite,
                .scope = scope,
                .arena = arena};
    const node *n = NULL;
    *no_memory = false;
    if (size > FURROW__EXPRESSION_SIZE * 4 || !furrow__utf8_is_valid(text, size))
        return NULL;
    next(&r);
    n = parse_or(&r);
    *no_memory = r.no_memory;
    return r.kind == LEXEME_END && !r.no_memory ? n : NULL;
}
