/* SPDX-License-Identifier: MIT
 *
 * Compares expressions by their structure: see compare.h. An expression is read by the precedence
 * of SQLite's operators (lang_expr.html) and written as a list of items in postfix order. Two
 * expressions with equal lists differ only in redundant parentheses and in the spelling of
 * operators. The list has a fixed size, so nothing is allocated. An expression that is longer, or
 * has a form that is not read here, is compared only token by token.
 */
#include <string.h>

#include "scan/compare.h"

enum { ITEMS = 256, DEPTH = 64 };

/* The levels of precedence, from the lowest to the highest. */
enum { OR = 1, AND, NOT, EQUAL, ORDER, BITS, SUM, PRODUCT, JOIN, COLLATE, SIGN };

/* An operand, or an operator that takes the `count` items before it. */
typedef struct item {
    furrow__token token;   /* an operand, or the name of a function */
    const char *operator_; /* NULL for an operand */
    size_t count;
} item;

typedef struct postfix {
    item items[ITEMS];
    size_t count;
    furrow__cursor cursor;
    int depth;
    bool failed;
} postfix;

static void read_level(postfix *p, int level);

static void add(postfix *p, item added)
{
    p->failed |= p->count == ITEMS;
    if (!p->failed)
        p->items[p->count++] = added;
}

static void add_operator(postfix *p, const char *operator_, size_t count)
{
    add(p, (item){.operator_ = operator_, .count = count});
}

static bool is_symbol(const postfix *p, const char *symbol)
{
    furrow__token token = p->cursor.token;
    return token.kind == FURROW__TOKEN_SYMBOL && furrow__token_size(token) == strlen(symbol) &&
           memcmp(token.text, symbol, strlen(symbol)) == 0;
}

static bool take_symbol(postfix *p, const char *symbol)
{
    if (p->failed || !is_symbol(p, symbol))
        return false;
    furrow__cursor_next(&p->cursor);
    return true;
}

static bool take_keyword(postfix *p, const char *keyword)
{
    if (p->failed || !furrow__token_is_keyword(p->cursor.token, keyword))
        return false;
    furrow__cursor_next(&p->cursor);
    return true;
}

static void expect(postfix *p, bool found)
{
    p->failed |= !found;
}

/* Reads a list that follows "(". Returns its number of elements. */
static size_t read_list(postfix *p)
{
    size_t count = 0;
    if (take_symbol(p, ")"))
        return 0;
    do {
        read_level(p, OR);
        count++;
    } while (take_symbol(p, ","));
    expect(p, take_symbol(p, ")"));
    return count;
}

/* Reads CAST(x AS type). The type is one word. */
static void read_cast(postfix *p)
{
    expect(p, take_symbol(p, "("));
    read_level(p, OR);
    expect(p, take_keyword(p, "AS"));
    add(p, (item){.token = p->cursor.token});
    furrow__cursor_next(&p->cursor);
    expect(p, take_symbol(p, ")"));
    add_operator(p, "CAST", 2);
}

/* Reads a CASE with or without an operand, up to its END. The operator depends on whether there is
 * an operand and an ELSE, because the number of items alone does not show this. */
static void read_case(postfix *p)
{
    static const char *const operators[2][2] = {{"CASE", "CASE ELSE"}, {"CASE OF", "CASE OF ELSE"}};
    bool has_operand = !furrow__token_is_keyword(p->cursor.token, "WHEN");
    size_t count = has_operand;
    if (has_operand)
        read_level(p, OR);
    expect(p, furrow__token_is_keyword(p->cursor.token, "WHEN"));
    while (take_keyword(p, "WHEN")) {
        read_level(p, OR);
        expect(p, take_keyword(p, "THEN"));
        read_level(p, OR);
        count += 2;
    }
    bool has_else = take_keyword(p, "ELSE");
    if (has_else)
        read_level(p, OR);
    expect(p, take_keyword(p, "END"));
    add_operator(p, operators[has_operand][has_else], count + has_else);
}

static bool begins_other_form(const furrow__token token)
{
    static const char *const words[] = {"EXISTS", "SELECT", "RAISE", "CURRENT_TIME"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (furrow__token_is_keyword(token, words[i]))
            return true;
    return false;
}

static void read_operand(postfix *p)
{
    furrow__token token = p->cursor.token;
    if (take_symbol(p, "(")) {
        read_level(p, OR);
        expect(p, take_symbol(p, ")"));
        return;
    }
    if (take_keyword(p, "CAST")) {
        read_cast(p);
        return;
    }
    if (take_keyword(p, "CASE")) {
        read_case(p);
        return;
    }
    bool is_value = furrow__token_names(token) || token.kind == FURROW__TOKEN_STRING ||
                    token.kind == FURROW__TOKEN_BLOB || token.kind == FURROW__TOKEN_NUMBER;
    p->failed |= !is_value || begins_other_form(token);
    furrow__cursor_next(&p->cursor);
    if (token.kind == FURROW__TOKEN_WORD && take_symbol(p, "(")) {
        size_t count = read_list(p);
        add(p, (item){.token = token, .operator_ = "CALL", .count = count});
    } else {
        add(p, (item){.token = token});
    }
}

static void read_sign(postfix *p)
{
    static const char *const signs[] = {"-", "+", "~"};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (take_symbol(p, signs[i])) {
            p->failed |= ++p->depth > DEPTH;
            if (!p->failed)
                read_sign(p);
            p->depth--;
            add_operator(p, signs[i], 1);
            return;
        }
    read_operand(p);
}

static void read_collate(postfix *p)
{
    read_level(p, SIGN);
    while (take_keyword(p, "COLLATE")) {
        add(p, (item){.token = p->cursor.token});
        furrow__cursor_next(&p->cursor);
        add_operator(p, "COLLATE", 2);
    }
}

/* The binary operators of each level. The second string is the spelling that is used to compare
 * operators. */
static const struct binary {
    int level;
    const char *symbol, *operator_;
} binaries[] = {{EQUAL, "=", "="},   {EQUAL, "==", "="},  {EQUAL, "<>", "<>"}, {EQUAL, "!=", "<>"},
                {ORDER, "<", "<"},   {ORDER, "<=", "<="}, {ORDER, ">", ">"},   {ORDER, ">=", ">="},
                {BITS, "&", "&"},    {BITS, "|", "|"},    {SUM, "+", "+"},     {SUM, "-", "-"},
                {PRODUCT, "*", "*"}, {PRODUCT, "/", "/"}, {PRODUCT, "%", "%"}, {JOIN, "||", "||"}};

static const char *take_binary(postfix *p, int level)
{
    if (level == OR || level == AND)
        return take_keyword(p, level == OR ? "OR" : "AND") ? (level == OR ? "OR" : "AND") : NULL;
    for (size_t i = 0; i < sizeof binaries / sizeof *binaries; i++)
        if (binaries[i].level == level && take_symbol(p, binaries[i].symbol))
            return binaries[i].operator_;
    return NULL;
}

/* Reads IS, IN, BETWEEN, LIKE or GLOB after an operand. Returns false if there is none. `negated`
 * is true if it follows NOT. */
static bool read_predicate(postfix *p, bool negated)
{
    static const char *const patterns[] = {"LIKE", "GLOB", "MATCH", "REGEXP"};
    if (take_keyword(p, "BETWEEN")) {
        read_level(p, ORDER);
        expect(p, take_keyword(p, "AND"));
        read_level(p, ORDER);
        add_operator(p, "BETWEEN", 3);
        return true;
    }
    if (take_keyword(p, "IN")) {
        expect(p, take_symbol(p, "("));
        size_t count = read_list(p);
        add_operator(p, "IN", count + 1);
        return true;
    }
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
        if (take_keyword(p, patterns[i])) {
            read_level(p, ORDER);
            p->failed |= furrow__token_is_keyword(p->cursor.token, "ESCAPE");
            add_operator(p, patterns[i], 2);
            return true;
        }
    p->failed |= negated;
    return false;
}

/* Reads IS [NOT] NULL, ISNULL, NOTNULL or NOT NULL after an operand. */
static bool read_null(postfix *p)
{
    if (take_keyword(p, "ISNULL")) {
        add_operator(p, "ISNULL", 1);
        return true;
    }
    if (take_keyword(p, "NOTNULL")) {
        add_operator(p, "NOTNULL", 1);
        return true;
    }
    if (!take_keyword(p, "IS"))
        return false;
    bool negated = take_keyword(p, "NOT");
    expect(p, take_keyword(p, "NULL"));
    add_operator(p, negated ? "NOTNULL" : "ISNULL", 1);
    return true;
}

static void read_equal(postfix *p)
{
    read_level(p, ORDER);
    while (!p->failed) {
        const char *operator_ = take_binary(p, EQUAL);
        if (operator_) {
            read_level(p, ORDER);
            add_operator(p, operator_, 2);
        } else if (take_keyword(p, "NOT")) {
            if (take_keyword(p, "NULL")) {
                add_operator(p, "NOTNULL", 1);
            } else {
                read_predicate(p, true);
                add_operator(p, "NOT", 1);
            }
        } else if (!read_null(p) && !read_predicate(p, false)) {
            return;
        }
    }
}

static void read_not(postfix *p)
{
    if (!take_keyword(p, "NOT")) {
        read_level(p, EQUAL);
        return;
    }
    p->failed |= ++p->depth > DEPTH;
    if (!p->failed)
        read_not(p);
    p->depth--;
    add_operator(p, "NOT", 1);
}

/* Reads an expression whose operators have at least this precedence. */
static void read_level(postfix *p, int level)
{
    p->failed |= level == OR && ++p->depth > DEPTH;
    if (p->failed)
        return;
    if (level == NOT) {
        read_not(p);
    } else if (level == EQUAL) {
        read_equal(p);
    } else if (level == COLLATE) {
        read_collate(p);
    } else if (level == SIGN) {
        read_sign(p);
    } else {
        const char *operator_;
        read_level(p, level + 1);
        while ((operator_ = take_binary(p, level)) != NULL) {
            read_level(p, level + 1);
            add_operator(p, operator_, 2);
        }
    }
    p->depth -= level == OR;
}

static bool read(postfix *p, const char *text)
{
    p->count = 0;
    p->depth = 0;
    p->failed = false;
    p->cursor = furrow__cursor_begin(text, strlen(text), FURROW__SCAN_SQLITE);
    read_level(p, OR);
    return !p->failed && p->cursor.token.kind == FURROW__TOKEN_END;
}

/* Returns "1" for the keyword TRUE and "0" for the keyword FALSE; NULL for any other token. */
static const char *truth(furrow__token token)
{
    return furrow__token_is_keyword(token, "TRUE")    ? "1"
           : furrow__token_is_keyword(token, "FALSE") ? "0"
                                                      : NULL;
}

static bool is_text(furrow__token token, const char *text)
{
    return furrow__token_size(token) == strlen(text) && memcmp(token.text, text, strlen(text)) == 0;
}

static bool operands_are_equal(furrow__token a, furrow__token b)
{
    const char *x = truth(a), *y = truth(b);
    if (x && y)
        return x == y;
    if (x || y)
        return x ? is_text(b, x) : is_text(a, y);
    return furrow__sqlite_tokens_are_equal(a, b);
}

static bool items_are_equal(const item *a, const item *b)
{
    if (!a->operator_ != !b->operator_ || a->count != b->count)
        return false;
    if (a->operator_ && strcmp(a->operator_, b->operator_) != 0)
        return false;
    bool has_token = !a->operator_ || strcmp(a->operator_, "CALL") == 0;
    return !has_token || operands_are_equal(a->token, b->token);
}

bool furrow__sqlite_expressions_are_equal(const char *a, const char *b)
{
    postfix x, y;
    if (furrow__sqlite_texts_are_equal(a, b))
        return true;
    if (!a || !b || !read(&x, a) || !read(&y, b) || x.count != y.count)
        return false;
    for (size_t i = 0; i < x.count; i++)
        if (!items_are_equal(&x.items[i], &y.items[i]))
            return false;
    return true;
}
