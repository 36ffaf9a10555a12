/* SPDX-License-Identifier: MIT
 *
 * Declares the syntax tree of a header: structs with fields, annotations with arguments, and enums,
 * each with its location. parse.c builds the tree and checks only the syntax.
 */
#ifndef FURROW_COMPILER_READ_SYNTAX_H
#define FURROW_COMPILER_READ_SYNTAX_H

#include "compiler/read/lexer.h"

/* An argument of an annotation: name, model.field, 12, "text", name(arguments) or (arguments). An
 * annotation is itself represented as an argument, of kind NAME or CALL. */
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
    const char *name;   /* for NAME, DOTTED and CALL: the name; for TEXT: the string; for NUMBER:
                           the digits as written, with the sign */
    const char *member; /* for DOTTED: the part after the dot */
    bool is_integer;
    int64_t integer;               /* for NUMBER, and for a NAME that is a macro or an enumerator:
                                      the value */
    const furrow__lexemes *tokens; /* for TEXT: used to locate errors in the string */
    size_t token;                  /* for TEXT: index of the string's first token */
    const struct furrow__argument *items; /* for CALL and LIST: the arguments */
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
    bool is_broken;  /* whether some values are unknown because of an error */
    bool is_checked; /* whether the check for enumerators with the same value has been done */
    furrow_enum built;
    struct furrow__enum_syntax *next;
} furrow__enum_syntax;

typedef enum furrow__field_kind {
    FURROW__FIELD_BROKEN, /* a field with an error; only its name is known */
    FURROW__FIELD_COLUMN,
    FURROW__FIELD_TO_ONE,  /* declared as struct x *name */
    FURROW__FIELD_TO_MANY, /* declared as struct x_list name */
} furrow__field_kind;

typedef struct furrow__field {
    const char *name;
    furrow__location place, type_place;
    furrow__field_kind kind;
    furrow_type type;
    bool is_opt;
    uint32_t chars;     /* the length n of a char[n] field */
    const char *target; /* the name of the enum, or of the model that the relationship leads to */
    const furrow__argument *annotations;
    size_t annotation_count;
    struct furrow__field *next;
} furrow__field;

typedef struct furrow__struct {
    const char *name;
    furrow__location place;
    const furrow__source *source;
    const char *comment; /* the source text of the comment before the struct, or NULL */
    furrow__field *fields;
    size_t field_count;
    const furrow__argument *annotations;
    size_t annotation_count;
    bool is_broken; /* whether a field with an error was left out, because its name is not known */
    struct furrow__struct *next;
} furrow__struct;

/* A FURROW_LIST(name) declaration in a header. */
typedef struct furrow__list_syntax {
    const char *name;
    const furrow__source *source;
    furrow__location place;
    struct furrow__list_syntax *next;
} furrow__list_syntax;

/* A constant: an enumerator, or a macro whose value is an integer. */
typedef struct furrow__constant {
    const char *name; /* NULL if the slot is empty */
    int64_t value;
} furrow__constant;

typedef struct furrow__syntax {
    furrow__struct *structs, **structs_end; /* the models, in the order of the headers */
    furrow__enum_syntax *enums, **enums_end;
    furrow__list_syntax *lists;
    furrow__macro *macros;
    furrow__constant *constants; /* hash table of `constant_room` slots; `constant_room` is a power
                                    of two */
    size_t constant_count, constant_room, enum_count;
} furrow__syntax;

/* Parses one source and adds its declarations to the compiler's syntax tree. */
void furrow__parse_source(furrow__compiler *c, const furrow__source *source);

/* Shared by the parts of the parser */

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
/* Parses a name. Returns NULL if the next token is not a name. */
const char *furrow__parser_name(furrow__parser *p);

/* Parses zero or more FURROW(…). After an error, reports it and returns false; the parser's
 * position is then the token with the error. */
bool furrow__parse_annotations(furrow__parser *p, const furrow__argument **out, size_t *count);
/* Parses a constant expression of integers, enumerators and macros. Returns false after reporting
 * an error. */
bool furrow__parse_constant(furrow__parser *p, int64_t *out);
/* Looks up the value of a macro or an enumerator that has already been read. Returns false if the
 * name is unknown. */
bool furrow__parser_constant_named(const furrow__parser *p, const char *name, int64_t *out);
/* Adds a constant. If there already is a constant with this name, its value is kept. */
void furrow__syntax_add_constant(furrow__compiler *c, const char *name, int64_t value);
/* Parses enum name { … }. The parser's position is the keyword `enum`. Any other use of `enum` is
 * skipped. */
void furrow__parse_enum(furrow__parser *p);

#endif
