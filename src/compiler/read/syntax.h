/* SPDX-License-Identifier: MIT
 *
 * What a header says, as a tree, before anything is known about what it means: structs with fields,
 * annotations with arguments, enums. Everything has its place. Made by parse.c, read by the rest.
 */
#ifndef FURROW_COMPILER_READ_SYNTAX_H
#define FURROW_COMPILER_READ_SYNTAX_H

#include "compiler/read/lexer.h"

/* An argument of an annotation: name, model.field, 12, "text", name(arguments), (arguments). An
 * annotation itself is one, of kind NAME or CALL. */
typedef enum furrow__argument_kind {
    FURROW__ARGUMENT_NAME,
    FURROW__ARGUMENT_DOTTED,
    FURROW__ARGUMENT_NUMBER,
    FURROW__ARGUMENT_TEXT,
    FURROW__ARGUMENT_CALL,
    FURROW__ARGUMENT_LIST,
} furrow__argument_kind;

typedef struct furrow__argument {
    furrow__argument_kind kind;
    furrow__location place, member_place;
    const char *name; /* of NAME, DOTTED, CALL; the text of TEXT; of NUMBER as written, with sign */
    const char *member; /* of DOTTED */
    bool is_integer;
    int64_t integer;               /* of NUMBER, and of a NAME that is a macro or an enumerator */
    const furrow__lexemes *tokens; /* of TEXT, to find places inside it */
    size_t token;
    const struct furrow__argument *items; /* of CALL and LIST */
    size_t count;
} furrow__argument;

typedef struct furrow__enumerator_syntax {
    const char *name;
    furrow__location place;
    int64_t value;
} furrow__enumerator_syntax;

typedef struct furrow__enum_syntax {
    const char *name;
    furrow__location place;
    furrow__enumerator_syntax *items;
    size_t count;
    bool is_broken;  /* its values are not known */
    bool is_checked; /* for values that are given twice */
    furrow_enum built;
    struct furrow__enum_syntax *next;
} furrow__enum_syntax;

typedef enum furrow__field_kind {
    FURROW__FIELD_BROKEN, /* reported already; only its name is known */
    FURROW__FIELD_COLUMN,
    FURROW__FIELD_TO_ONE,  /* struct x *name */
    FURROW__FIELD_TO_MANY, /* struct x_list name */
} furrow__field_kind;

typedef struct furrow__field {
    const char *name;
    furrow__location place, type_place;
    furrow__field_kind kind;
    furrow_type type;
    bool is_opt;
    uint32_t chars;     /* n of char[n] */
    const char *target; /* of an enum or a relation: its name */
    const furrow__argument *annotations;
    size_t annotation_count;
    struct furrow__field *next;
} furrow__field;

typedef struct furrow__struct {
    const char *name;
    furrow__location place;
    const furrow__source *source;
    const char *comment; /* the doc comment as written, or NULL */
    furrow__field *fields;
    size_t field_count;
    const furrow__argument *annotations;
    size_t annotation_count;
    bool is_broken; /* a field whose name is not known was reported */
    struct furrow__struct *next;
} furrow__struct;

/* FURROW_LIST(name) in a header. */
typedef struct furrow__list_syntax {
    const char *name;
    const furrow__source *source;
    struct furrow__list_syntax *next;
} furrow__list_syntax;

/* A name with a value: an enumerator, or a macro that is an integer. */
typedef struct furrow__constant {
    const char *name; /* NULL: an empty slot */
    int64_t value;
} furrow__constant;

typedef struct furrow__syntax {
    furrow__struct *structs, **structs_end; /* the models, in order */
    furrow__enum_syntax *enums, **enums_end;
    furrow__list_syntax *lists;
    furrow__macro *macros;
    furrow__constant *constants; /* a hash table: `constant_room` slots, a power of two */
    size_t constant_count, constant_room, enum_count;
} furrow__syntax;

/* Read one source into the compiler's syntax. */
void furrow__parse_source(furrow__compiler *c, const furrow__source *source);

/* ---- shared by the parts of the parser ---- */

typedef struct furrow__parser {
    furrow__compiler *c;
    furrow__syntax *syntax;
    furrow__lexemes *tokens;
    size_t at;
} furrow__parser;

static inline const furrow__lexeme *furrow__parser_token(const furrow__parser *p)
{
    return &p->tokens->items[p->at];
}
static inline bool furrow__parser_sign(const furrow__parser *p, char sign)
{
    const furrow__lexeme *token = furrow__parser_token(p);
    return token->kind == FURROW__LEXEME_SIGN && token->sign == sign;
}
static inline furrow__location furrow__parser_place(const furrow__parser *p)
{
    return furrow__lexeme_place(p->tokens, p->at);
}
static inline void furrow__parser_next(furrow__parser *p)
{
    if (furrow__parser_token(p)->kind != FURROW__LEXEME_END)
        p->at++;
}
/* The name at the parser, which goes behind it; NULL if there is none. */
const char *furrow__parser_name(furrow__parser *p);

/* FURROW(…)…, any number of them, at the parser: false if one could not be read, which is reported;
 * the parser then stands where it went wrong. */
bool furrow__parse_annotations(furrow__parser *p, const furrow__argument **out, size_t *count);
/* A constant expression of integers, enumerators and macros; false with a message if it is none. */
bool furrow__parse_constant(furrow__parser *p, int64_t *out);
/* The value of a macro or an enumerator that was seen so far. */
bool furrow__parser_constant_named(const furrow__parser *p, const char *name, int64_t *out);
/* Make a constant known; the first of a name counts. */
void furrow__syntax_add_constant(furrow__compiler *c, const char *name, int64_t value);
/* enum name { … } at the parser's `enum`; passes over other uses of enum. */
void furrow__parse_enum(furrow__parser *p);

#endif
