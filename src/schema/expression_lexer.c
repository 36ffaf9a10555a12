/* SPDX-License-Identifier: MIT
 * Splits expressions into tokens, and reports errors. The caller has checked that the text is valid
 * UTF-8.
 */
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

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool give(furrow__expression_context *context, furrow__lexeme_kind kind, furrow__token token)
{
    const char *text = furrow__token_copy(token, context->arena);
    if (!text)
        return furrow__expression_no_memory(context);
    context->token = (furrow__lexeme){.kind = kind, .text = text, .position = token.start};
    return true;
}

static bool fail_open_quote(furrow__expression_context *context, furrow__token token)
{
    char quote = *token.text;
    return furrow__expression_fail(context, token.start, "the %s does not end; close it with %c",
                                   quote == '"' ? "quoted name" : "text", quote);
}

static const char *skip_digits(const char *at, const char *end)
{
    while (at < end && is_digit(*at))
        at++;
    return at;
}

/* Checks the form of a number: digits, an optional fraction, an optional exponent. */
static bool number(furrow__expression_context *context, furrow__token token)
{
    const char *end = token.text + furrow__token_size(token);
    const char *at = skip_digits(token.text, end);
    bool is_integer = true;
    if (at < end && *at == '.') {
        is_integer = false;
        if (++at == end || !is_digit(*at))
            return furrow__expression_fail(context, token.start,
                                           "a digit must follow the decimal point");
        at = skip_digits(at, end);
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        is_integer = false;
        at++;
        at += at < end && (*at == '+' || *at == '-');
        if (at == end || !is_digit(*at))
            return furrow__expression_fail(context, token.start,
                                           "a number is expected after the exponent's e");
        at = skip_digits(at, end);
    }
    if (at < end)
        return furrow__expression_fail(context, token.start,
                                       "not a number; digits are followed by a letter or point");
    return give(context, is_integer ? FURROW__LEXEME_INTEGER : FURROW__LEXEME_NUMBER, token);
}

static bool unexpected(furrow__expression_context *context, furrow__token token)
{
    unsigned char c = (unsigned char)*token.text;
    if (c >= 0x20 && c < 0x7f)
        return furrow__expression_fail(context, token.start, "unexpected character '%c'", c);
    if (c < 0x80)
        return furrow__expression_fail(context, token.start, "unexpected byte 0x%02x", c);
    return furrow__expression_fail(context, token.start,
                                   "unexpected character; write a name outside ASCII in double "
                                   "quotes");
}

/* Reports an operator of another language, and names the operator to use instead. */
static bool fail_operator(furrow__expression_context *context, furrow__token token,
                          const char *operator_, const char *instead)
{
    return furrow__expression_fail(context, token.start, "unknown operator %s; use %s", operator_,
                                   instead);
}

static bool symbol(furrow__expression_context *context, furrow__token token)
{
    static const char *const symbols[] = {"<>", "<=", ">=", "||", "!=", "(", ")", ",",
                                          "=",  "<",  ">",  "+",  "-",  "*", "/", "%"};
    size_t size = furrow__token_size(token);
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
        if (strlen(symbols[i]) != size || memcmp(token.text, symbols[i], size) != 0)
            continue;
        const char *text = *symbols[i] == '!' ? "<>" : symbols[i];
        context->token =
            (furrow__lexeme){.kind = FURROW__LEXEME_SYMBOL, .text = text, .position = token.start};
        return true;
    }
    if (size == 2 && memcmp(token.text, "==", 2) == 0)
        return fail_operator(context, token, "==", "=");
    if (size == 2 && memcmp(token.text, "&&", 2) == 0)
        return fail_operator(context, token, "&&", "AND");
    if (*token.text == '!')
        return fail_operator(context, token, "!", "NOT");
    return unexpected(context, token);
}

bool furrow__expression_next(furrow__expression_context *context)
{
    if (context->failed)
        return false;
    furrow__token token = furrow__scanner_next(&context->scanner);
    switch (token.kind) {
    case FURROW__TOKEN_END:
        context->token =
            (furrow__lexeme){.kind = FURROW__LEXEME_END, .text = "", .position = token.start};
        return true;
    case FURROW__TOKEN_WORD:
        return give(context, FURROW__LEXEME_WORD, token);
    case FURROW__TOKEN_NAME:
        return give(context, FURROW__LEXEME_IDENTIFIER, token);
    case FURROW__TOKEN_STRING:
        return give(context, FURROW__LEXEME_TEXT, token);
    case FURROW__TOKEN_NUMBER:
        return number(context, token);
    case FURROW__TOKEN_OPEN_QUOTE:
        return fail_open_quote(context, token);
    case FURROW__TOKEN_COMMENT:
    case FURROW__TOKEN_OPEN_COMMENT:
        return furrow__expression_fail(context, token.start, "comments are not allowed here");
    default:
        return symbol(context, token);
    }
}
