/* SPDX-License-Identifier: MIT
 * Parses FURROW(…) into a list of arguments, without interpreting them: see syntax.h. */
#include <string.h>

#include "compiler/read/syntax.h"

static bool parse_argument(furrow__parser *p, furrow__argument *out, unsigned depth);

static bool expected(furrow__parser *p, const char *what)
{
    furrow__compiler_error(p->c, furrow__parser_place(p), NULL, "expected %s here", what);
    return false;
}

/* Parses the arguments that follow a "(", up to and including the closing ")". */
static bool parse_list(furrow__parser *p, const furrow__argument **out, size_t *count,
                       unsigned depth)
{
    furrow__argument items[FURROW__MAX_ARGUMENTS];
    furrow__location open = furrow__parser_place(p);
    size_t n = 0;
    *out = NULL;
    *count = 0;
    if (depth > FURROW__MAX_DEPTH) {
        furrow__compiler_error(p->c, open, NULL, "parentheses are nested more than %d levels deep",
                               FURROW__MAX_DEPTH);
        return false;
    }
    furrow__parser_next(p);
    while (!furrow__parser_sign(p, ')')) {
        if (n == FURROW__MAX_ARGUMENTS) {
            furrow__compiler_error(p->c, furrow__parser_place(p), NULL,
                                   "more than %d arguments in one annotation",
                                   FURROW__MAX_ARGUMENTS);
            return false;
        }
        const furrow__lexeme *token = furrow__parser_token(p);
        if (token->kind == FURROW__LEXEME_END || furrow__parser_sign(p, ';') ||
            furrow__parser_sign(p, '}')) {
            furrow__compiler_error(p->c, open, "add a closing \")\"",
                                   "this parenthesis is not closed");
            return false;
        }
        if (!parse_argument(p, &items[n], depth))
            return false;
        n++;
        if (furrow__parser_sign(p, ',')) {
            furrow__parser_next(p);
            if (furrow__parser_sign(p, ')'))
                return expected(p, "another argument");
        } else if (!furrow__parser_sign(p, ')')) {
            token = furrow__parser_token(p);
            if (token->kind == FURROW__LEXEME_END || furrow__parser_sign(p, ';') ||
                furrow__parser_sign(p, '}'))
                continue; /* The next iteration reports the error. */
            return expected(p, "a comma or )");
        }
    }
    furrow__parser_next(p);
    furrow__argument *copy = furrow__compiler_memory(p->c, n, sizeof *copy);
    memcpy(copy, items, n * sizeof *copy);
    *out = copy;
    *count = n;
    return true;
}

static bool parse_text(furrow__parser *p, furrow__argument *out)
{
    furrow__location first = furrow__parser_place(p), last = first;
    out->kind = FURROW__ARGUMENT_TEXT;
    out->tokens = p->tokens;
    out->token = p->at;
    furrow__buffer *text = &p->c->text;
    furrow__buffer_clear(text);
    for (; furrow__parser_token(p)->kind == FURROW__LEXEME_STRING; furrow__parser_next(p)) {
        last = furrow__parser_place(p);
        if (!furrow__lexeme_text(p->c, p->tokens, p->at, text))
            return false;
        if (text->size > FURROW__MAX_TEXT) {
            furrow__compiler_error(p->c, last, NULL, "string is longer than %d bytes",
                                   FURROW__MAX_TEXT);
            return false;
        }
    }
    if (!furrow__buffer_text(text))
        furrow__compiler_no_memory(p->c);
    out->name = furrow__compiler_copy(p->c, furrow__buffer_text(text), text->size);
    out->place = furrow__location_span(first, last);
    return true;
}

static bool parse_number(furrow__parser *p, furrow__argument *out)
{
    furrow__location first = furrow__parser_place(p);
    bool negative = furrow__parser_sign(p, '-');
    if (negative || furrow__parser_sign(p, '+'))
        furrow__parser_next(p);
    if (furrow__parser_token(p)->kind != FURROW__LEXEME_NUMBER)
        return expected(p, "a number");
    furrow__location last = furrow__parser_place(p);
    const char *digits = p->tokens->source->text + last.offset;
    out->kind = FURROW__ARGUMENT_NUMBER;
    out->place = furrow__location_span(first, last);
    out->name =
        furrow__compiler_format(p->c, "%s%.*s", negative ? "-" : "", (int)last.size, digits);
    out->is_integer = furrow__lexeme_integer(p->tokens, p->at, &out->integer);
    if (negative)
        out->integer = -out->integer;
    /* INT64_MIN is a special case: its digits without the sign exceed INT64_MAX. */
    if (negative && !out->is_integer && strcmp(out->name, "-9223372036854775808") == 0) {
        out->integer = INT64_MIN;
        out->is_integer = true;
    }
    furrow__parser_next(p);
    return true;
}

static bool parse_named(furrow__parser *p, furrow__argument *out, unsigned depth)
{
    out->place = furrow__parser_place(p);
    out->name = furrow__parser_name(p);
    out->kind = FURROW__ARGUMENT_NAME;
    if (furrow__parser_sign(p, '.')) {
        furrow__parser_next(p);
        out->member_place = furrow__parser_place(p);
        out->member = furrow__parser_name(p);
        if (!out->member)
            return expected(p, "the name of a field");
        out->kind = FURROW__ARGUMENT_DOTTED;
    } else if (furrow__parser_sign(p, '(')) {
        out->kind = FURROW__ARGUMENT_CALL;
        return parse_list(p, &out->items, &out->count, depth + 1);
    } else {
        out->is_integer = furrow__parser_constant_named(p, out->name, &out->integer);
    }
    return true;
}

static bool parse_argument(furrow__parser *p, furrow__argument *out, unsigned depth)
{
    const furrow__lexeme *token = furrow__parser_token(p);
    memset(out, 0, sizeof *out);
    out->place = furrow__parser_place(p);
    if (token->kind == FURROW__LEXEME_NAME)
        return parse_named(p, out, depth);
    if (token->kind == FURROW__LEXEME_STRING)
        return parse_text(p, out);
    if (token->kind == FURROW__LEXEME_NUMBER || furrow__parser_sign(p, '-') ||
        furrow__parser_sign(p, '+'))
        return parse_number(p, out);
    if (furrow__parser_sign(p, '(')) {
        out->kind = FURROW__ARGUMENT_LIST;
        return parse_list(p, &out->items, &out->count, depth + 1);
    }
    return expected(p, "a name, a number, a string or (");
}

bool furrow__parse_annotations(furrow__parser *p, const furrow__argument **out, size_t *count)
{
    *out = NULL;
    *count = 0;
    while (furrow__lexeme_is(p->tokens, p->at, "FURROW")) {
        furrow__parser_next(p);
        if (!furrow__parser_sign(p, '('))
            return expected(p, "( after FURROW");
        const furrow__argument *items;
        size_t n;
        furrow__location place = furrow__parser_place(p);
        if (!parse_list(p, &items, &n, 0))
            return false;
        if (!n)
            furrow__compiler_error(p->c, place, "add an annotation, or remove FURROW()",
                                   "FURROW() is empty");
        furrow__argument *all = furrow__compiler_memory(p->c, *count + n, sizeof *all);
        if (*count)
            memcpy(all, *out, *count * sizeof *all);
        if (n)
            memcpy(all + *count, items, n * sizeof *all);
        *out = all;
        *count += n;
        if (*count > FURROW__MAX_ARGUMENTS * 4) {
            furrow__compiler_error(p->c, place, NULL, "more than %d annotations here",
                                   FURROW__MAX_ARGUMENTS * 4);
            return false;
        }
    }
    return true;
}
