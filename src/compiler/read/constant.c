/* SPDX-License-Identifier: MIT
 * Parses enums and the constant expressions of their values. An expression consists of integers,
 * earlier enumerators, macros and C operators (C11 6.6), and is computed in 64 bits. */
#include <string.h>

#include "base/text.h"
#include "compiler/read/syntax.h"

/* Looks up a name in the hash table. Returns the slot that contains the name, or the empty slot
 * where the name can be inserted. */
static furrow__constant *find_slot(furrow__constant *slots, size_t room, const char *name)
{
    size_t at = (size_t)furrow__hash(name, strlen(name)) & (room - 1);
    while (slots[at].name && strcmp(slots[at].name, name) != 0)
        at = (at + 1) & (room - 1);
    return &slots[at];
}

void furrow__syntax_add_constant(furrow__compiler *c, const char *name, int64_t value)
{
    furrow__syntax *s = c->syntax;
    if (s->constant_count * 2 >= s->constant_room) {
        size_t room = s->constant_room ? s->constant_room * 2 : 64;
        furrow__constant *more = furrow__compiler_memory(c, room, sizeof *more);
        for (size_t i = 0; i < s->constant_room; i++)
            if (s->constants[i].name)
                *find_slot(more, room, s->constants[i].name) = s->constants[i];
        s->constants = more;
        s->constant_room = room;
    }
    furrow__constant *slot = find_slot(s->constants, s->constant_room, name);
    if (slot->name)
        return;
    *slot = (furrow__constant){name, value};
    s->constant_count++;
}

bool furrow__parser_constant_named(const furrow__parser *p, const char *name, int64_t *out)
{
    const furrow__syntax *s = p->syntax;
    const furrow__constant *slot =
        s->constant_room ? find_slot(s->constants, s->constant_room, name) : NULL;
    bool known = slot && slot->name;
    *out = known ? slot->value : 0;
    return known;
}

/* Reads a constant expression. A name is first looked up among the enumerators of the current enum,
 * then among all other constants. */
typedef struct constant_reader {
    furrow__parser *p;
    const furrow__enumerator_syntax *items;
    size_t count;
    unsigned depth;
} constant_reader;

static bool read_binary(constant_reader *r, int lowest, int64_t *out);

static bool refuse(constant_reader *r, const char *what)
{
    furrow__compiler_error(r->p->c, furrow__parser_place(r->p), NULL, "%s", what);
    return false;
}

static bool read_named(constant_reader *r, int64_t *out)
{
    furrow__location place = furrow__parser_place(r->p);
    const char *name = furrow__parser_name(r->p);
    for (size_t i = 0; i < r->count; i++)
        if (strcmp(r->items[i].name, name) == 0) {
            *out = r->items[i].value;
            return true;
        }
    if (furrow__parser_constant_named(r->p, name, out))
        return true;
    furrow__compiler_error(r->p->c, place,
                           "write a number, or define the constant in one of these headers",
                           "unknown constant \"%s\"", name);
    return false;
}

static bool read_unary(constant_reader *r, int64_t *out)
{
    furrow__parser *p = r->p;
    *out = 0;
    if (++r->depth > FURROW__MAX_CONSTANT_DEPTH)
        return refuse(r, "this constant expression is nested too deeply");
    bool fine = true;
    if (furrow__parser_sign(p, '(')) {
        furrow__parser_next(p);
        fine = read_binary(r, 0, out);
        if (fine && !furrow__parser_sign(p, ')'))
            fine = refuse(r, "expected ) here");
        if (fine)
            furrow__parser_next(p);
    } else if (furrow__parser_sign(p, '-') || furrow__parser_sign(p, '+') ||
               furrow__parser_sign(p, '~')) {
        char sign = furrow__parser_token(p)->sign;
        furrow__parser_next(p);
        fine = read_unary(r, out);
        if (fine && sign == '-' && __builtin_sub_overflow((int64_t)0, *out, out))
            fine = refuse(r, "this constant does not fit in 64 bits");
        if (sign == '~')
            *out = ~*out;
    } else if (furrow__parser_token(p)->kind == FURROW__LEXEME_NAME) {
        fine = read_named(r, out);
    } else if (furrow__lexeme_integer(p->tokens, p->at, out)) {
        furrow__parser_next(p);
    } else {
        fine = refuse(r, "expected an integer constant here");
    }
    r->depth--;
    return fine;
}

/* Returns the precedence of the operator at the parser's position, and sets *sign to the operator's
 * first character. Returns -1 if there is no operator. */
static int operator_at(const furrow__parser *p, char *sign)
{
    static const char signs[] = "|^&<>+-*/%";
    static const int levels[] = {0, 1, 2, 3, 3, 4, 4, 5, 5, 5};
    const furrow__lexeme *token = furrow__parser_token(p);
    const char *found = token->kind == FURROW__LEXEME_SIGN ? strchr(signs, token->sign) : NULL;
    if (!found || !token->sign)
        return -1;
    *sign = token->sign;
    bool is_shift = *sign == '<' || *sign == '>';
    const furrow__lexeme *next = token + 1; /* token + 1 is valid, because the list ends with an END
                                               token. */
    if (is_shift && !(next->kind == FURROW__LEXEME_SIGN && next->sign == *sign &&
                      next->offset == token->offset + 1))
        return -1;
    return levels[found - signs];
}

static bool apply(char sign, int64_t a, int64_t b, int64_t *out)
{
    *out = 0;
    switch (sign) {
    case '+':
        return !__builtin_add_overflow(a, b, out);
    case '-':
        return !__builtin_sub_overflow(a, b, out);
    case '*':
        return !__builtin_mul_overflow(a, b, out);
    case '|':
        *out = a | b;
        return true;
    case '^':
        *out = a ^ b;
        return true;
    case '&':
        *out = a & b;
        return true;
    case '<':
    case '>':
        if (b < 0 || b > 62 || a < 0 || (sign == '<' && a > INT64_MAX >> b))
            return false;
        *out = sign == '<' ? (int64_t)((uint64_t)a << b) : a >> b;
        return true;
    default:
        if (b == 0 || (a == INT64_MIN && b == -1))
            return false;
        *out = sign == '/' ? a / b : a % b;
        return true;
    }
}

static bool read_binary(constant_reader *r, int lowest, int64_t *out)
{
    if (!read_unary(r, out))
        return false;
    char sign = '\0';
    for (int level; (level = operator_at(r->p, &sign)) >= lowest;) {
        furrow__location place = furrow__parser_place(r->p);
        int64_t right;
        furrow__parser_next(r->p);
        if (sign == '<' || sign == '>')
            furrow__parser_next(r->p);
        if (++r->depth > FURROW__MAX_CONSTANT_DEPTH)
            return refuse(r, "this constant expression is nested too deeply");
        if (!read_binary(r, level + 1, &right))
            return false;
        r->depth--;
        if (!apply(sign, *out, right, out)) {
            furrow__compiler_error(r->p->c, place, NULL,
                                   "this constant expression overflows, divides by zero or "
                                   "has an invalid shift");
            return false;
        }
    }
    return true;
}

bool furrow__parse_constant(furrow__parser *p, int64_t *out)
{
    constant_reader r = {.p = p};
    return read_binary(&r, 0, out);
}

static bool read_enumerator(furrow__parser *p, furrow__enumerator_syntax *items, size_t count)
{
    furrow__enumerator_syntax *item = &items[count];
    item->place = furrow__parser_place(p);
    item->name = furrow__parser_name(p);
    item->value = count ? items[count - 1].value + 1 : 0;
    if (!item->name) {
        furrow__compiler_error(p->c, item->place, NULL, "expected the name of an enumerator here");
        return false;
    }
    if (furrow__parser_sign(p, '=')) {
        furrow__parser_next(p);
        constant_reader r = {.p = p, .items = items, .count = count};
        if (!read_binary(&r, 0, &item->value))
            return false;
    }
    if (item->value < INT32_MIN || item->value > INT32_MAX) {
        furrow__compiler_error(p->c, item->place,
                               "the values of an enum are of type int (C11 6.7.2.2)",
                               "the value of enumerator \"%s\" does not fit in an int", item->name);
        return false;
    }
    return true;
}

/* Skips to the closing brace of the current block, or to the end of the header. */
static void skip_to_brace(furrow__parser *p)
{
    while (furrow__parser_token(p)->kind != FURROW__LEXEME_END && !furrow__parser_sign(p, '}'))
        furrow__parser_next(p);
    furrow__parser_next(p);
}

/* Makes room for one more enumerator. */
static void grow_enumerators(furrow__parser *p, furrow__enum_syntax *e, size_t *room)
{
    if (e->count < *room)
        return;
    size_t more = *room ? *room * 2 : 8;
    furrow__enumerator_syntax *items = furrow__compiler_memory(p->c, more, sizeof *items);
    if (e->count)
        memcpy(items, e->items, e->count * sizeof *items);
    e->items = items;
    *room = more;
}

/* Parses one enumerator and the comma after it. Returns false after reporting an error. */
static bool read_item(furrow__parser *p, furrow__enum_syntax *e, size_t *room)
{
    if (furrow__parser_token(p)->kind == FURROW__LEXEME_END) {
        furrow__compiler_error(p->c, e->place, "add a closing \"}\"", "this enum is not closed");
        return false;
    }
    if (e->count == FURROW__MAX_ENUMERATORS) {
        furrow__compiler_error(p->c, e->place, NULL, "more than %d enumerators in one enum",
                               FURROW__MAX_ENUMERATORS);
        return false;
    }
    grow_enumerators(p, e, room);
    if (!read_enumerator(p, e->items, e->count))
        return false;
    e->count++;
    if (furrow__parser_sign(p, ','))
        furrow__parser_next(p);
    else if (!furrow__parser_sign(p, '}')) {
        furrow__compiler_error(p->c, furrow__parser_place(p), NULL, "expected a comma or } here");
        return false;
    }
    return true;
}

void furrow__parse_enum(furrow__parser *p)
{
    furrow__parser_next(p);
    furrow__location place = furrow__parser_place(p);
    const char *name = furrow__parser_name(p);
    if (!furrow__parser_sign(p, '{'))
        return;
    furrow__parser_next(p);
    furrow__enum_syntax *e = furrow__compiler_memory(p->c, 1, sizeof *e);
    size_t room = 0;
    e->name = name ? name : "";
    e->place = place;
    while (!furrow__parser_sign(p, '}') && !e->is_broken)
        e->is_broken = !read_item(p, e, &room);
    skip_to_brace(p);
    for (size_t i = 0; i < e->count && !e->is_broken; i++)
        furrow__syntax_add_constant(p->c, e->items[i].name, e->items[i].value);
    if (p->syntax->enum_count++ == FURROW__MAX_ENUMS)
        furrow__compiler_error(p->c, place, NULL, "more than %d enums", FURROW__MAX_ENUMS);
    if (p->syntax->enum_count > FURROW__MAX_ENUMS)
        return;
    *p->syntax->enums_end = e;
    p->syntax->enums_end = &e->next;
}
