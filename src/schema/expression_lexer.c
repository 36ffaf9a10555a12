/* SPDX-License-Identifier: MIT
 * Tokens of expressions. The text is valid UTF-8 by the time it comes here. */
#include "schema/expression_parts.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

bool furrow__expression_fail(furrow__expression_context *context, size_t position,
                             const char *format, ...)
{
    if (context->failed)
        return false;
    context->failed = true;
    context->error->position = position;
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    furrow__copy_text(context->error->message, sizeof context->error->message, message);
    return false;
}

bool furrow__expression_no_memory(furrow__expression_context *context)
{
    if (!context->failed) {
        context->failed = true;
        context->error->position = 0;
        context->error->message[0] = '\0';
    }
    return false;
}

int furrow__expression_shown(const char *text)
{
    size_t size = strlen(text);
    return (int)(size <= 63 ? size : furrow__utf8_cut(text, 63));
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c);
}

/* The byte `ahead` of the next one; 0 past the end. */
static char peek(const furrow__expression_context *context, size_t ahead)
{
    size_t at = context->at + ahead;
    return at < context->size ? context->text[at] : '\0';
}

static bool give(furrow__expression_context *context, furrow__lexeme_kind kind, size_t from,
                 size_t size)
{
    const char *text = furrow__arena_text(context->arena, context->text + from, size);
    if (!text)
        return furrow__expression_no_memory(context);
    context->token = (furrow__lexeme){.kind = kind, .text = text, .position = from};
    return true;
}

/* 'text' and "name": the quote is written twice to stand for itself. */
static bool quoted(furrow__expression_context *context, char quote)
{
    size_t start = context->at, end = start + 1, size = 0;
    while (end < context->size && (context->text[end] != quote || context->text[end + 1] == quote))
        end += context->text[end] == quote ? 2 : 1;
    if (end >= context->size)
        return furrow__expression_fail(context, start, "%s that does not end; close it with %c",
                                       quote == '"' ? "quoted name" : "text", quote);
    char *text = furrow__arena_aligned(context->arena, end - start, 1);
    if (!text)
        return furrow__expression_no_memory(context);
    for (size_t at = start + 1; at < end; at += context->text[at] == quote ? 2 : 1)
        text[size++] = context->text[at];
    text[size] = '\0';
    context->at = end + 1;
    context->token =
        (furrow__lexeme){.kind = quote == '"' ? FURROW__LEXEME_IDENTIFIER : FURROW__LEXEME_TEXT,
                         .text = text,
                         .position = start};
    return true;
}

static bool number(furrow__expression_context *context)
{
    size_t start = context->at;
    bool fraction = false;
    while (is_digit(peek(context, 0)))
        context->at++;
    if (peek(context, 0) == '.') {
        fraction = true;
        context->at++;
        if (!is_digit(peek(context, 0)))
            return furrow__expression_fail(context, start, "a digit must follow the decimal point");
        while (is_digit(peek(context, 0)))
            context->at++;
    }
    if (peek(context, 0) == 'e' || peek(context, 0) == 'E') {
        fraction = true;
        context->at += peek(context, 1) == '+' || peek(context, 1) == '-' ? 2 : 1;
        if (!is_digit(peek(context, 0)))
            return furrow__expression_fail(context, start,
                                           "a number is expected after the exponent's e");
        while (is_digit(peek(context, 0)))
            context->at++;
    }
    if (is_word(peek(context, 0)) || peek(context, 0) == '.')
        return furrow__expression_fail(context, start,
                                       "not a number; digits are followed by a letter or point");
    return give(context, fraction ? FURROW__LEXEME_NUMBER : FURROW__LEXEME_INTEGER, start,
                context->at - start);
}

static bool unexpected(furrow__expression_context *context)
{
    unsigned char c = (unsigned char)peek(context, 0);
    if (c >= 0x20 && c < 0x7f)
        return furrow__expression_fail(context, context->at, "unexpected character '%c'", c);
    if (c < 0x80)
        return furrow__expression_fail(context, context->at, "unexpected byte 0x%02x", c);
    return furrow__expression_fail(context, context->at,
                                   "unexpected character; a name outside ASCII is put in double "
                                   "quotes");
}

static bool symbol(furrow__expression_context *context)
{
    static const char *const symbols[] = {"<>", "<=", ">=", "||", "(", ")", ",", "=",
                                          "<",  ">",  "+",  "-",  "*", "/", "%"};
    char a = peek(context, 0), b = peek(context, 1);
    if ((a == '-' && b == '-') || (a == '/' && b == '*'))
        return furrow__expression_fail(context, context->at, "comments are not allowed here");
    if (a == '=' && b == '=')
        return furrow__expression_fail(context, context->at, "unknown operator ==; use =");
    if ((a == '&' && b == '&') || (a == '!' && b != '='))
        return furrow__expression_fail(context, context->at, "unknown operator %s; use %s",
                                       a == '&' ? "&&" : "!", a == '&' ? "AND" : "NOT");
    if (a == '!') {
        context->token =
            (furrow__lexeme){.kind = FURROW__LEXEME_SYMBOL, .text = "<>", .position = context->at};
        context->at += 2;
        return true;
    }
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
        size_t size = strlen(symbols[i]);
        if (a != symbols[i][0] || (size == 2 && b != symbols[i][1]))
            continue;
        context->token = (furrow__lexeme){
            .kind = FURROW__LEXEME_SYMBOL, .text = symbols[i], .position = context->at};
        context->at += size;
        return true;
    }
    return unexpected(context);
}

bool furrow__expression_next(furrow__expression_context *context)
{
    if (context->failed)
        return false;
    while (is_space(peek(context, 0)))
        context->at++;
    if (context->at >= context->size) {
        context->token =
            (furrow__lexeme){.kind = FURROW__LEXEME_END, .text = "", .position = context->size};
        return true;
    }
    char c = peek(context, 0);
    if (c == '\'' || c == '"')
        return quoted(context, c);
    if (is_digit(c) || (c == '.' && is_digit(peek(context, 1))))
        return number(context);
    if (is_word(c)) {
        size_t start = context->at;
        while (is_word(peek(context, 0)))
            context->at++;
        return give(context, FURROW__LEXEME_WORD, start, context->at - start);
    }
    return symbol(context);
}
