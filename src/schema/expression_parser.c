/* SPDX-License-Identifier: MIT
 *
 * Parses expressions by precedence climbing. The operators, from the lowest to the highest
 * precedence:
 *
 *   OR, AND, NOT, comparisons (= <> < <= > >= IS BETWEEN IN LIKE), + - ||, * / %, unary -
 *
 * Comparisons cannot be chained. The type of a node is checked when the node is created
 * (expression_check.c), so a mistake is reported at its position and the tree is not traversed
 * again.
 */
#include "schema/expression_parts.h"

#include "base/text.h"

typedef furrow__expression node;
typedef furrow__expression_context context;

enum { LEVEL_OR = 1, LEVEL_AND, LEVEL_NOT, LEVEL_COMPARE, LEVEL_ADD, LEVEL_MULTIPLY };

static node *parse_level(context *c, int level);

static bool is_symbol(const context *c, const char *symbol)
{
    return c->token.kind == FURROW__LEXEME_SYMBOL && strcmp(c->token.text, symbol) == 0;
}

/* Returns whether the current token is this keyword, ignoring the case of ASCII letters. strcasecmp
 * is not used, because it depends on the locale. */
static bool is_keyword(const context *c, const char *keyword)
{
    const char *text = c->token.text;
    if (c->token.kind != FURROW__LEXEME_WORD)
        return false;
    while (*text && (*text | 0x20) == (*keyword | 0x20))
        text++, keyword++;
    return *text == '\0' && *keyword == '\0';
}

static bool accept_symbol(context *c, const char *symbol)
{
    return !c->failed && is_symbol(c, symbol) && furrow__expression_next(c);
}

static bool accept_keyword(context *c, const char *keyword)
{
    return !c->failed && is_keyword(c, keyword) && furrow__expression_next(c);
}

/* Reports that `what` was expected at the current token. Returns NULL. */
static void *expected(context *c, const char *what)
{
    if (c->token.kind == FURROW__LEXEME_END)
        furrow__expression_fail(c, c->token.position, "%s expected at the end", what);
    else
        furrow__expression_fail(c, c->token.position, "%s expected before \"%.*s\"", what,
                                furrow__expression_shown(c->token.text), c->token.text);
    return NULL;
}

static bool expect_symbol(context *c, const char *symbol)
{
    if (c->failed)
        return false;
    if (accept_symbol(c, symbol))
        return true;
    expected(c, symbol);
    return false;
}

static node *make(context *c, furrow__expression_kind kind, size_t position)
{
    if (c->failed)
        return NULL;
    node *made = furrow__arena_aligned(c->arena, sizeof *made, _Alignof(node));
    if (!made) {
        furrow__expression_no_memory(c);
        return NULL;
    }
    *made = (node){.kind = kind, .position = position};
    return made;
}

/* Appends an argument. The capacity of the list doubles, so at most half of its memory is unused.
 */
static bool append(context *c, node *to, const node *argument)
{
    if (c->failed || !to || !argument)
        return false;
    size_t count = to->argument_count;
    if (count == 0 || (count >= 4 && (count & (count - 1)) == 0)) {
        size_t capacity = count == 0 ? 4 : count * 2;
        const node **arguments =
            furrow__arena_aligned(c->arena, capacity * sizeof *arguments, _Alignof(node *));
        if (!arguments)
            return furrow__expression_no_memory(c);
        if (count)
            memcpy(arguments, to->arguments, count * sizeof *arguments);
        to->arguments = arguments;
    }
    to->arguments[to->argument_count++] = argument;
    return true;
}

static node *checked(context *c, node *made)
{
    return made && !c->failed && furrow__expression_check(c, made) ? made : NULL;
}

static bool count_operator(context *c, size_t position)
{
    if (++c->operators <= FURROW__EXPRESSION_OPERATORS)
        return true;
    return furrow__expression_fail(c, position, "more than %d operators in one expression",
                                   FURROW__EXPRESSION_OPERATORS);
}

/* Increments the nesting depth, which is limited. Called for parentheses, function calls, NOT and
 * unary minus. */
static bool enter(context *c)
{
    if (++c->depth <= FURROW__EXPRESSION_DEPTH)
        return true;
    return furrow__expression_fail(c, c->token.position,
                                   "the expression is nested more than %d levels deep",
                                   FURROW__EXPRESSION_DEPTH);
}

/* Creates a node for an integer literal. The sign is part of the literal, because the smallest
 * integer has no positive counterpart. */
static node *integer(context *c, size_t position, bool negative)
{
    node *made = make(c, FURROW__EXPRESSION_INTEGER, position);
    if (!made)
        return NULL;
    int64_t value = 0;
    for (const char *digit = c->token.text; *digit; digit++) {
        int64_t next = negative ? -(*digit - '0') : *digit - '0';
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, next, &value)) {
            furrow__expression_fail(c, position, "the integer does not fit in 64 bits");
            return NULL;
        }
    }
    made->integer = value;
    furrow__expression_next(c);
    return checked(c, made);
}

static node *fraction(context *c, size_t position, bool negative)
{
    node *made = make(c, FURROW__EXPRESSION_NUMBER, position);
    if (!made)
        return NULL;
    made->text = c->token.text;
    if (negative) {
        size_t size = strlen(c->token.text);
        char *text = furrow__arena_aligned(c->arena, size + 2, 1);
        if (!text) {
            furrow__expression_no_memory(c);
            return NULL;
        }
        text[0] = '-';
        memcpy(text + 1, c->token.text, size + 1);
        made->text = text;
    }
    furrow__expression_next(c);
    return checked(c, made);
}

/* Parses a function call, name(argument, …). The name has already been read. */
static node *call(context *c, const char *name, size_t position)
{
    char *lower = furrow__arena_text(c->arena, name, strlen(name));
    node *made = make(c, FURROW__EXPRESSION_CALL, position);
    if (!lower)
        furrow__expression_no_memory(c);
    if (!lower || !made)
        return NULL;
    for (char *at = lower; *at; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    made->operator_ = lower;
    if (!is_symbol(c, ")"))
        do
            append(c, made, parse_level(c, LEVEL_OR));
        while (accept_symbol(c, ","));
    return expect_symbol(c, ")") ? checked(c, made) : NULL;
}

/* The types of CAST. An integer of any width is calculated in 64 bits. */
static const struct {
    const char *first, *second;
    furrow_type type;
} cast_types[] = {
    {"INTEGER", NULL, FURROW_TYPE_INT64},  {"BIGINT", NULL, FURROW_TYPE_INT64},
    {"SMALLINT", NULL, FURROW_TYPE_INT64}, {"DOUBLE", "PRECISION", FURROW_TYPE_DOUBLE},
    {"TEXT", NULL, FURROW_TYPE_TEXT},
};

static furrow_type cast_type(context *c)
{
    size_t position = c->token.position;
    for (size_t i = 0; i < sizeof cast_types / sizeof *cast_types; i++)
        if (accept_keyword(c, cast_types[i].first)) {
            if (cast_types[i].second && !accept_keyword(c, cast_types[i].second))
                expected(c, cast_types[i].second);
            return cast_types[i].type;
        }
    if (!c->failed)
        furrow__expression_fail(c, position,
                                "CAST converts to INTEGER, BIGINT, SMALLINT, DOUBLE "
                                "PRECISION or TEXT only");
    return FURROW_TYPE_NULL;
}

/* Parses the rest of CAST(x AS type), after the parenthesis. */
static node *cast(context *c, size_t position)
{
    node *made = make(c, FURROW__EXPRESSION_CAST, position);
    append(c, made, parse_level(c, LEVEL_OR));
    if (c->failed)
        return NULL;
    if (!accept_keyword(c, "AS"))
        return expected(c, "AS");
    made->type = cast_type(c);
    return expect_symbol(c, ")") ? checked(c, made) : NULL;
}

/* Returns a comparison of the operand of CASE with a value. */
static const node *case_condition(context *c, const node *operand, size_t position)
{
    if (!operand)
        return parse_level(c, LEVEL_OR);
    node *made = make(c, FURROW__EXPRESSION_BINARY, position);
    if (!made)
        return NULL;
    made->operator_ = "=";
    append(c, made, operand);
    append(c, made, parse_level(c, LEVEL_ADD));
    return checked(c, made);
}

/* Parses the rest of CASE [operand] WHEN … THEN … [ELSE …] END. */
static node *case_of(context *c, size_t position)
{
    node *made = make(c, FURROW__EXPRESSION_CASE, position);
    const node *operand = NULL;
    if (!made || !enter(c))
        return NULL;
    if (!is_keyword(c, "WHEN"))
        operand = parse_level(c, LEVEL_ADD);
    if (!c->failed && !is_keyword(c, "WHEN"))
        return expected(c, "WHEN");
    while (accept_keyword(c, "WHEN") && count_operator(c, position)) {
        append(c, made, case_condition(c, operand, c->token.position));
        if (!accept_keyword(c, "THEN"))
            return c->failed ? NULL : expected(c, "THEN");
        append(c, made, parse_level(c, LEVEL_OR));
    }
    if (accept_keyword(c, "ELSE"))
        append(c, made, parse_level(c, LEVEL_OR));
    if (!accept_keyword(c, "END"))
        return c->failed ? NULL : expected(c, "END");
    c->depth--;
    return checked(c, made);
}

static bool is_reserved(const context *c)
{
    static const char *const words[] = {"AND", "OR", "NOT", "IS", "BETWEEN", "IN", "LIKE"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (is_keyword(c, words[i]))
            return true;
    return false;
}

/* Parses an unquoted word: a literal, a function call or a column. */
static node *word(context *c)
{
    size_t position = c->token.position;
    const char *name = c->token.text;
    furrow__expression_kind kind = FURROW__EXPRESSION_COLUMN;
    int64_t truth = 0;
    if (is_reserved(c))
        return expected(c, "a value");
    if (is_keyword(c, "TRUE") || is_keyword(c, "FALSE")) {
        kind = FURROW__EXPRESSION_BOOL;
        truth = is_keyword(c, "TRUE");
    } else if (is_keyword(c, "NULL")) {
        kind = FURROW__EXPRESSION_NULL;
    } else if (is_keyword(c, "now") && (c->use == FURROW__EXPRESSION_FOR_DEFAULT ||
                                        !c->scope->find(c->scope->context, name))) {
        kind = FURROW__EXPRESSION_NOW;
    }
    bool is_cast = is_keyword(c, "CAST");
    bool is_case = is_keyword(c, "CASE") && !c->scope->find(c->scope->context, name);
    if (!furrow__expression_next(c))
        return NULL;
    if (is_case && c->is_statement)
        return case_of(c, position);
    if (kind == FURROW__EXPRESSION_COLUMN && accept_symbol(c, "("))
        return is_cast && c->is_statement ? cast(c, position) : call(c, name, position);
    node *made = make(c, kind, position);
    if (!made)
        return NULL;
    made->integer = truth;
    if (kind == FURROW__EXPRESSION_COLUMN && !furrow__expression_resolve(c, made, name))
        return NULL;
    return checked(c, made);
}

static node *primary(context *c)
{
    size_t position = c->token.position;
    node *made;
    switch (c->token.kind) {
    case FURROW__LEXEME_WORD:
        return word(c);
    case FURROW__LEXEME_IDENTIFIER:
        made = make(c, FURROW__EXPRESSION_COLUMN, position);
        if (!made || !furrow__expression_resolve(c, made, c->token.text))
            return NULL;
        furrow__expression_next(c);
        return checked(c, made);
    case FURROW__LEXEME_TEXT:
        made = make(c, FURROW__EXPRESSION_TEXT, position);
        if (made)
            made->text = c->token.text;
        furrow__expression_next(c);
        return checked(c, made);
    case FURROW__LEXEME_INTEGER:
        return integer(c, position, false);
    case FURROW__LEXEME_NUMBER:
        return fraction(c, position, false);
    default:
        if (!accept_symbol(c, "("))
            return expected(c, "a value");
        made = parse_level(c, LEVEL_OR);
        return expect_symbol(c, ")") ? made : NULL;
    }
}

/* Parses a unary minus and its operand. A minus before digits is part of the number. */
static node *unary(context *c)
{
    size_t position = c->token.position;
    if (c->failed || !is_symbol(c, "-"))
        return c->failed ? NULL : primary(c);
    if (!furrow__expression_next(c) || !count_operator(c, position))
        return NULL;
    if (c->token.kind == FURROW__LEXEME_INTEGER)
        return integer(c, position, true);
    if (c->token.kind == FURROW__LEXEME_NUMBER)
        return fraction(c, position, true);
    node *made = make(c, FURROW__EXPRESSION_UNARY, position);
    if (made)
        made->operator_ = "-";
    if (!enter(c))
        return NULL;
    append(c, made, unary(c));
    c->depth--;
    return checked(c, made);
}

/* Returns the operator at the current token if it has this level of precedence, otherwise NULL. */
static const char *binary_operator(const context *c, int level)
{
    static const char *const symbols[][7] = {
        [LEVEL_COMPARE] = {"=", "<>", "<", "<=", ">", ">=", NULL},
        [LEVEL_ADD] = {"+", "-", "||", NULL},
        [LEVEL_MULTIPLY] = {"*", "/", "%", NULL},
    };
    if (c->failed)
        return NULL;
    if (level == LEVEL_OR || level == LEVEL_AND) {
        const char *keyword = level == LEVEL_OR ? "OR" : "AND";
        return is_keyword(c, keyword) ? keyword : NULL;
    }
    for (const char *const *symbol = symbols[level]; *symbol; symbol++)
        if (is_symbol(c, *symbol))
            return *symbol;
    return NULL;
}

static node *binary(context *c, const char *operator_, node *left, int right_level)
{
    size_t position = c->token.position;
    node *made = make(c, FURROW__EXPRESSION_BINARY, position);
    if (!made || !count_operator(c, position) || !furrow__expression_next(c))
        return NULL;
    made->operator_ = operator_;
    append(c, made, left);
    append(c, made, parse_level(c, right_level));
    return checked(c, made);
}

static node *is_null(context *c, node *left, size_t position)
{
    node *made = make(c, FURROW__EXPRESSION_IS_NULL, position);
    if (!made)
        return NULL;
    made->negated = accept_keyword(c, "NOT");
    if (c->failed || !accept_keyword(c, "NULL"))
        return c->failed ? NULL : expected(c, "NULL");
    append(c, made, left);
    return checked(c, made);
}

static node *between(context *c, node *left, size_t position, bool negated)
{
    node *made = make(c, FURROW__EXPRESSION_BETWEEN, position);
    if (!made)
        return NULL;
    made->negated = negated;
    append(c, made, left);
    append(c, made, parse_level(c, LEVEL_ADD));
    if (c->failed || !accept_keyword(c, "AND"))
        return c->failed ? NULL : expected(c, "AND");
    append(c, made, parse_level(c, LEVEL_ADD));
    return checked(c, made);
}

static node *in_list(context *c, node *left, size_t position, bool negated)
{
    node *made = make(c, FURROW__EXPRESSION_IN, position);
    if (!made || !expect_symbol(c, "("))
        return NULL;
    made->negated = negated;
    append(c, made, left);
    do
        append(c, made, parse_level(c, LEVEL_ADD));
    while (accept_symbol(c, ","));
    return expect_symbol(c, ")") ? checked(c, made) : NULL;
}

static node *like(context *c, node *left, size_t position, bool negated)
{
    node *made = make(c, FURROW__EXPRESSION_BINARY, position);
    if (!made)
        return NULL;
    made->operator_ = "LIKE";
    made->negated = negated;
    append(c, made, left);
    append(c, made, parse_level(c, LEVEL_ADD));
    return checked(c, made);
}

static bool is_comparison(const context *c)
{
    return binary_operator(c, LEVEL_COMPARE) || is_keyword(c, "IS") || is_keyword(c, "NOT") ||
           is_keyword(c, "BETWEEN") || is_keyword(c, "IN") || is_keyword(c, "LIKE");
}

static node *comparison(context *c)
{
    node *left = parse_level(c, LEVEL_ADD);
    if (c->failed || !is_comparison(c))
        return left;
    size_t position = c->token.position;
    const char *operator_ = binary_operator(c, LEVEL_COMPARE);
    node *made = NULL;
    if (operator_) {
        made = binary(c, operator_, left, LEVEL_ADD);
    } else if (count_operator(c, position)) {
        if (accept_keyword(c, "IS")) {
            made = is_null(c, left, position);
        } else {
            bool negated = accept_keyword(c, "NOT");
            if (accept_keyword(c, "BETWEEN"))
                made = between(c, left, position, negated);
            else if (accept_keyword(c, "IN"))
                made = in_list(c, left, position, negated);
            else if (accept_keyword(c, "LIKE"))
                made = like(c, left, position, negated);
            else if (!c->failed)
                expected(c, "BETWEEN, IN or LIKE");
        }
    }
    if (!c->failed && is_comparison(c)) {
        furrow__expression_fail(c, c->token.position, "comparisons cannot be chained; use AND");
        return NULL;
    }
    return made;
}

static node *negation(context *c)
{
    size_t position = c->token.position;
    if (!accept_keyword(c, "NOT"))
        return c->failed ? NULL : parse_level(c, LEVEL_COMPARE);
    node *made = make(c, FURROW__EXPRESSION_UNARY, position);
    if (!made || !count_operator(c, position))
        return NULL;
    made->operator_ = "NOT";
    if (!enter(c))
        return NULL;
    append(c, made, parse_level(c, LEVEL_NOT));
    c->depth--;
    return checked(c, made);
}

/* Parses an expression whose operators have at least this precedence. Parentheses and arguments of
 * functions start again at LEVEL_OR. */
static node *parse_level(context *c, int level)
{
    if (c->failed)
        return NULL;
    if (level > LEVEL_MULTIPLY)
        return unary(c);
    if (level == LEVEL_OR && !enter(c))
        return NULL;
    node *left;
    if (level == LEVEL_NOT) {
        left = negation(c);
    } else if (level == LEVEL_COMPARE) {
        left = comparison(c);
    } else {
        left = parse_level(c, level + 1);
        const char *operator_;
        while (left && (operator_ = binary_operator(c, level)))
            left = binary(c, operator_, left, level + 1);
    }
    if (level == LEVEL_OR)
        c->depth--;
    return c->failed ? NULL : left;
}

/* Returns the size of the expression without the contents of string literals. The size limit does
 * not include these contents, because a long literal does not make an expression harder to read. */
static size_t size_without_strings(const char *text, size_t size)
{
    furrow__scanner scanner = furrow__scanner_begin(text, size, FURROW__SCAN_FURROW);
    size_t in_strings = 0;
    furrow__token token;
    do {
        token = furrow__scanner_next(&scanner);
        if (token.kind == FURROW__TOKEN_STRING)
            in_strings += furrow__token_size(token) - 2;
        else if (token.kind == FURROW__TOKEN_OPEN_QUOTE && *token.text == '\'')
            in_strings += furrow__token_size(token) - 1;
    } while (token.kind != FURROW__TOKEN_END);
    return size - in_strings;
}

const furrow__expression *furrow__expression_parse(const furrow__expression_source *source,
                                                   furrow_arena *arena,
                                                   furrow__expression_error *error)
{
    const char *text = source->text ? source->text : "";
    size_t size = strlen(text);
    context c = {.scanner = furrow__scanner_begin(text, size, FURROW__SCAN_FURROW),
                 .scope = source->scope,
                 .column = source->column,
                 .use = source->use,
                 .is_statement = source->is_statement,
                 .arena = arena,
                 .error = error};
    *error = (furrow__expression_error){0};
    if (size > FURROW__EXPRESSION_LONGEST)
        furrow__expression_fail(&c, FURROW__EXPRESSION_LONGEST,
                                "the expression is longer than %d bytes",
                                FURROW__EXPRESSION_LONGEST);
    else if (size_without_strings(text, size) > FURROW__EXPRESSION_SIZE)
        furrow__expression_fail(&c, FURROW__EXPRESSION_SIZE,
                                "the expression is longer than %d bytes", FURROW__EXPRESSION_SIZE);
    else if (!furrow__utf8_is_valid(text, size))
        furrow__expression_fail(&c, 0, "the expression is not valid UTF-8");
    if (!furrow__expression_next(&c))
        return NULL;
    if (c.token.kind == FURROW__LEXEME_END) {
        furrow__expression_fail(&c, 0, "an expression is expected");
        return NULL;
    }
    node *root = parse_level(&c, LEVEL_OR);
    if (!root || c.failed)
        return NULL;
    if (c.token.kind != FURROW__LEXEME_END) {
        if (c.token.kind == FURROW__LEXEME_SYMBOL && strcmp(c.token.text, ")") == 0)
            furrow__expression_fail(&c, c.token.position, ") without a (");
        else
            expected(&c, "an operator or the end");
        return NULL;
    }
    return furrow__expression_check_use(&c, root) ? root : NULL;
}
