/* SPDX-License-Identifier: MIT
 * After PostgreSQL's manual, 4.1 (lexical structure), and SQLite's "SQLite Query Language" with its
 * tokenizer, which agree but for: E'' and $tag$ strings, nested comments and comments that a
 * carriage return ends (PostgreSQL); `name` and [name] (SQLite). */
#include "sql/token.h"

#include <string.h>

#include "sql/dialect.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool starts_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static bool continues_word(char c)
{
    return starts_word(c) || is_digit(c) || c == '$';
}

/* Behind the closing quote, which is doubled within; NULL if there is none. */
static const char *skip_quoted(const char *at, char quote)
{
    for (;;) {
        at = strchr(at, quote);
        if (!at)
            return NULL;
        if (at[1] != quote)
            return at + 1;
        at += 2;
    }
}

static const char *skip_escape_string(const char *at)
{
    for (; *at; at++) {
        if (*at == '\\') {
            if (!*++at)
                return NULL;
        } else if (*at == '\'') {
            if (at[1] != '\'')
                return at + 1;
            at++;
        }
    }
    return NULL;
}

static const char *skip_block_comment(const char *at, bool nests)
{
    size_t depth = 1;
    while (*at) {
        if (at[0] == '*' && at[1] == '/') {
            at += 2;
            if (!--depth)
                return at;
        } else if (nests && at[0] == '/' && at[1] == '*') {
            at += 2;
            depth++;
        } else {
            at++;
        }
    }
    return NULL;
}

/* At the `$` of $tag$: behind the opening delimiter, or NULL where it is none. */
static const char *skip_dollar_tag(const char *at)
{
    at++;
    if (starts_word(*at))
        while (starts_word(*at) || is_digit(*at))
            at++;
    return *at == '$' ? at + 1 : NULL;
}

static const char *skip_dollar_string(const char *opening, const char *body)
{
    size_t size = (size_t)(body - opening);
    for (const char *at = body; (at = strchr(at, '$')); at++)
        if (strncmp(at, opening, size) == 0)
            return at + size;
    return NULL;
}

static const char *skip_blanks(const furrow__dialect *dialect, const char *at)
{
    for (;;) {
        if (is_blank(*at)) {
            at++;
        } else if (at[0] == '-' && at[1] == '-') {
            at += strcspn(at, dialect->nests_comments ? "\r\n" : "\n");
        } else if (at[0] == '/' && at[1] == '*') {
            const char *end = skip_block_comment(at + 2, dialect->nests_comments);
            if (!end)
                return NULL;
            at = end;
        } else {
            return at;
        }
    }
}

static furrow__token make(furrow__token_kind kind, const char **at, const char *end)
{
    furrow__token token = {kind, *at, 0};
    if (!end) {
        token.kind = FURROW__TOKEN_UNENDED;
        end = *at + strlen(*at);
    }
    token.size = (size_t)(end - *at);
    *at = end;
    return token;
}

static furrow__token make_dollar(const furrow__dialect *dialect, const char **at)
{
    const char *body = dialect->has_dollar_quotes ? skip_dollar_tag(*at) : NULL;
    if (body)
        return make(FURROW__TOKEN_TEXT, at, skip_dollar_string(*at, body));
    bool foreign = dialect->has_dollar_quotes ? is_digit((*at)[1]) : continues_word((*at)[1]);
    return make(foreign ? FURROW__TOKEN_FOREIGN : FURROW__TOKEN_OTHER, at, *at + 1);
}

static furrow__token make_question(const char **at)
{
    if ((*at)[1] == '?')
        return make(FURROW__TOKEN_QUESTION, at, *at + 2);
    return make(is_digit((*at)[1]) ? FURROW__TOKEN_FOREIGN : FURROW__TOKEN_PARAMETER, at, *at + 1);
}

static furrow__token make_word(const furrow__dialect *dialect, const char **at)
{
    const char *end = *at;
    while (continues_word(*end))
        end++;
    if (dialect->has_escape_strings && end == *at + 1 && *end == '\'' &&
        (**at == 'e' || **at == 'E'))
        return make(FURROW__TOKEN_TEXT, at, skip_escape_string(end + 1));
    return make(FURROW__TOKEN_WORD, at, end);
}

/* Exponents end in letters and signs: 1e-5 is cut in three, which hurts nobody here. */
static furrow__token make_number(const char **at)
{
    const char *end = *at;
    while (is_digit(*end) || starts_word(*end) || *end == '.')
        end++;
    return make(FURROW__TOKEN_NUMBER, at, end);
}

furrow__token furrow__token_next(const furrow__dialect *dialect, const char **at)
{
    const char *start = *at;
    if (!*start)
        return (furrow__token){FURROW__TOKEN_END, start, 0};
    const char *end = skip_blanks(dialect, start);
    if (end != start)
        return make(FURROW__TOKEN_BLANK, at, end);
    if (starts_word(*start))
        return make_word(dialect, at);
    if (is_digit(*start))
        return make_number(at);
    switch (*start) {
    case '\'':
        return make(FURROW__TOKEN_TEXT, at, skip_quoted(start + 1, '\''));
    case '"':
        return make(FURROW__TOKEN_NAME, at, skip_quoted(start + 1, '"'));
    case '`':
        if (!dialect->has_bracket_names)
            break;
        return make(FURROW__TOKEN_NAME, at, skip_quoted(start + 1, '`'));
    case '[':
        if (!dialect->has_bracket_names)
            break;
        end = strchr(start, ']');
        return make(FURROW__TOKEN_NAME, at, end ? end + 1 : NULL);
    case '$':
        return make_dollar(dialect, at);
    case '?':
        return make_question(at);
    case ':':
    case '@':
    case '#':
        /* PostgreSQL has operators of these characters, SQLite names of parameters. */
        if (!dialect->has_dollar_quotes && continues_word(start[1]))
            return make(FURROW__TOKEN_FOREIGN, at, start + 1);
        break;
    default:
        break;
    }
    return make(FURROW__TOKEN_OTHER, at, start + 1);
}

furrow__token furrow__token_next_word(const furrow__dialect *dialect, const char **at)
{
    furrow__token token;
    do
        token = furrow__token_next(dialect, at);
    while (token.kind == FURROW__TOKEN_BLANK);
    return token;
}

bool furrow__token_is(furrow__token token, char c)
{
    return token.kind == FURROW__TOKEN_OTHER && *token.text == c;
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool is_same(const char *text, size_t size, const char *word)
{
    for (size_t i = 0; i < size; i++)
        if (!word[i] || upper(text[i]) != upper(word[i]))
            return false;
    return word[size] == '\0';
}

bool furrow__token_says(furrow__token token, const char *keyword)
{
    return token.kind == FURROW__TOKEN_WORD && is_same(token.text, token.size, keyword);
}

bool furrow__token_names(furrow__token token, const char *name)
{
    if (token.kind == FURROW__TOKEN_NAME)
        return token.size > 2 && is_same(token.text + 1, token.size - 2, name);
    return furrow__token_says(token, name);
}
