/* SPDX-License-Identifier: MIT
 *
 * Parses a header into structs and enums: see syntax.h. All other declarations (functions,
 * typedefs, structs without FURROW) are skipped silently. After an error in a field, parsing
 * continues after the field's `;`. After an error in a struct, parsing continues after the struct's
 * `}`. One run can thus report several errors.
 */
#include <string.h>

#include "compiler/read/syntax.h"

const char *furrow__parser_name(furrow__parser *p)
{
    const furrow__lexeme *token = furrow__parser_token(p);
    if (token->kind != FURROW__LEXEME_NAME)
        return NULL;
    furrow__parser_next(p);
    return furrow__compiler_copy(p->c, p->tokens->source->text + token->offset, token->size);
}

static bool is_word(const furrow__parser *p, const char *word)
{
    return furrow__lexeme_is(p->tokens, p->at, word);
}

static bool take_word(furrow__parser *p, const char *word)
{
    bool is = is_word(p, word);
    if (is)
        furrow__parser_next(p);
    return is;
}

/* Returns the location directly after the previous token. Used to report that something is missing
 * at that location. */
static furrow__location place_after(const furrow__parser *p)
{
    furrow__location place = furrow__lexeme_place(p->tokens, p->at ? p->at - 1 : 0);
    place.offset += place.size;
    place.size = 1;
    return place;
}

static const struct known_type {
    const char *name;
    furrow_type type;
} known_types[] = {
    {"bool", FURROW_TYPE_BOOL},
    {"int16_t", FURROW_TYPE_INT16},
    {"int32_t", FURROW_TYPE_INT32},
    {"int64_t", FURROW_TYPE_INT64},
    {"int", FURROW_TYPE_INT32},
    {"float", FURROW_TYPE_FLOAT},
    {"double", FURROW_TYPE_DOUBLE},
    {"char", FURROW_TYPE_CHARS},
    {"furrow_blob", FURROW_TYPE_BLOB},
    {"furrow_time", FURROW_TYPE_TIME},
    {"furrow_date", FURROW_TYPE_DATE},
    {"furrow_uuid", FURROW_TYPE_UUID},
    {"furrow_decimal", FURROW_TYPE_DECIMAL},
    {"furrow_json", FURROW_TYPE_JSON},
    {"_Bool", FURROW_TYPE_BOOL},
};
enum { KNOWN_TYPES = sizeof known_types / sizeof *known_types };

/* C types that a field of a model cannot have, each with a hint that names the type to use instead.
 */
static const struct other_type {
    const char *name, *help;
} other_types[] = {
    {"long", "write int64_t: the size of long differs between systems"},
    {"short", "write int16_t"},
    {"signed", "write int32_t"},
    {"unsigned", "write int64_t: databases have no unsigned integers"},
    {"size_t", "write int64_t: databases have no unsigned integers"},
    {"uint8_t", "write int16_t: databases have no unsigned integers"},
    {"uint16_t", "write int32_t: databases have no unsigned integers"},
    {"uint32_t", "write int64_t: databases have no unsigned integers"},
    {"uint64_t", "write int64_t, or furrow_decimal: databases have no unsigned integers"},
    {"int8_t", "write int16_t"},
    {"time_t", "write furrow_time"},
    {"string", "write const char *"},
    {"union", "move the union out of the struct; a model has only plain fields"},
    {"FURROW", "write the annotations of a field after its name: type name FURROW(annotations);"},
    {"void", "use furrow_blob for bytes and const char * for text"},
};

static void report_unknown_type(furrow__parser *p, furrow__location place, const char *name)
{
    const char *names[KNOWN_TYPES + 1];
    for (size_t i = 0; i < KNOWN_TYPES; i++)
        names[i] = known_types[i].name;
    names[KNOWN_TYPES] = "furrow_opt";
    const char *help = NULL;
    for (size_t i = 0; i < sizeof other_types / sizeof *other_types; i++)
        if (strcmp(other_types[i].name, name) == 0)
            help = other_types[i].help;
    if (!help)
        help =
            furrow__compiler_suggest(p->c, name, names, KNOWN_TYPES + 1,
                                     "see man 3 furrow_model for the types that a field can have");
    furrow__compiler_error(p->c, place, help, "unknown type \"%s\"", name);
}

/* The type at the start of a declaration, before the stars, the name and the brackets. */
typedef struct base_type {
    furrow__field_kind kind;
    furrow_type type;
    bool is_opt, is_const, is_struct;
    const char *target;
    furrow__location place;
} base_type;

static bool parse_known_type(furrow__parser *p, base_type *out)
{
    furrow__location place = furrow__parser_place(p);
    const char *name = furrow__parser_name(p);
    if (!name) {
        furrow__compiler_error(p->c, place, NULL, "expected the type of a field here");
        return false;
    }
    out->place = place;
    for (size_t i = 0; i < KNOWN_TYPES; i++)
        if (strcmp(known_types[i].name, name) == 0) {
            out->kind = FURROW__FIELD_COLUMN;
            out->type = known_types[i].type;
            return true;
        }
    report_unknown_type(p, place, name);
    return false;
}

static bool parse_tagged(furrow__parser *p, base_type *out, bool is_enum)
{
    furrow__location first = furrow__parser_place(p);
    furrow__parser_next(p);
    furrow__location place = furrow__parser_place(p);
    out->target = furrow__parser_name(p);
    if (!out->target || furrow__parser_sign(p, '{')) {
        furrow__compiler_error(
            p->c, first,
            is_enum ? "declare a named enum outside the struct"
                    : "declare the type outside the struct; a model has only plain fields",
            "the type of a field cannot be declared inside the model");
        return false;
    }
    out->place = furrow__location_span(first, place);
    out->kind = FURROW__FIELD_COLUMN;
    out->type = FURROW_TYPE_ENUM;
    out->is_struct = !is_enum;
    return true;
}

/* Parses the type furrow_opt(T). */
static bool parse_opt(furrow__parser *p, base_type *out, furrow__location first)
{
    furrow__parser_next(p);
    if (!furrow__parser_sign(p, '(')) {
        furrow__compiler_error(p->c, furrow__parser_place(p), "write furrow_opt(int64_t)",
                               "expected ( after furrow_opt");
        return false;
    }
    furrow__parser_next(p);
    furrow__location inner = furrow__parser_place(p);
    bool is_text = is_word(p, "const") || is_word(p, "char");
    bool is_struct = is_word(p, "struct");
    if (!is_text && !is_struct &&
        !(is_word(p, "enum") ? parse_tagged(p, out, true) : parse_known_type(p, out)))
        return false;
    if (is_text || is_struct || out->type == FURROW_TYPE_BLOB || out->type == FURROW_TYPE_JSON ||
        furrow__parser_sign(p, '*')) {
        furrow__compiler_error(p->c, inner,
                               is_struct ? "declare a relationship as struct x * or struct x_list"
                                         : "use FURROW(nullable) for text, blobs and JSON",
                               "furrow_opt can only hold a scalar");
        return false;
    }
    if (!furrow__parser_sign(p, ')')) {
        furrow__compiler_error(p->c, furrow__parser_place(p), "write furrow_opt(int64_t) name;",
                               "expected ) after the type");
        return false;
    }
    out->place = furrow__location_span(first, furrow__parser_place(p));
    out->is_opt = true;
    furrow__parser_next(p);
    return true;
}

static bool parse_base(furrow__parser *p, base_type *out)
{
    furrow__location first = furrow__parser_place(p);
    *out = (base_type){.place = first};
    out->is_const = take_word(p, "const");
    if (is_word(p, "furrow_opt"))
        return parse_opt(p, out, first);
    bool fine = is_word(p, "enum")     ? parse_tagged(p, out, true)
                : is_word(p, "struct") ? parse_tagged(p, out, false)
                                       : parse_known_type(p, out);
    if (is_word(p, "const")) { /* `char const *` is allowed as well as `const char *`. */
        furrow__parser_next(p);
        out->is_const = true;
    }
    return fine;
}

/* Returns "post" for "post_list". Returns NULL if the name does not end in "_list". */
static const char *list_model(furrow__compiler *c, const char *name)
{
    size_t size = strlen(name);
    if (size <= 5 || strcmp(name + size - 5, "_list") != 0)
        return NULL;
    return furrow__compiler_copy(c, name, size - 5);
}

static bool parse_array(furrow__parser *p, const base_type *base, furrow__field *field)
{
    furrow__location open = furrow__parser_place(p);
    int64_t n = 0;
    furrow__parser_next(p);
    furrow__location place = furrow__parser_place(p);
    if (base->is_struct || base->is_opt || base->type != FURROW_TYPE_CHARS) {
        furrow__compiler_error(
            p->c, open, "only char can be an array; store several values as rows of another model",
            "field \"%s\" cannot be an array", field->name);
        return false;
    }
    if (furrow__parser_sign(p, ']')) {
        furrow__compiler_error(p->c, open, "write a size, or use const char *",
                               "array \"%s\" has no size", field->name);
        return false;
    }
    if (!furrow__parse_constant(p, &n))
        return false;
    if (!furrow__parser_sign(p, ']')) {
        furrow__compiler_error(p->c, furrow__parser_place(p), NULL, "expected ] here");
        return false;
    }
    if (n < 2 || n > FURROW__MAX_CHARS) {
        furrow__compiler_error(
            p->c, place,
            n < 2 ? "make n at least 2; char[n] holds up to n-1 bytes of text and a NUL"
                  : "use const char * for long text",
            n < 2 ? "array \"%s\" has no room for text" : "array \"%s\" is too large", field->name);
        return false;
    }
    furrow__parser_next(p);
    if (furrow__parser_sign(p, '[')) {
        furrow__compiler_error(p->c, furrow__parser_place(p), NULL,
                               "field \"%s\" cannot be an array of arrays", field->name);
        return false;
    }
    field->chars = (uint32_t)n;
    return true;
}

/* Determines the type of a field from the base type, the stars and the brackets. */
static bool settle_type(furrow__parser *p, const base_type *base, furrow__field *field,
                        unsigned stars)
{
    field->kind = FURROW__FIELD_COLUMN;
    field->type = base->type;
    field->is_opt = base->is_opt;
    field->target = base->target;
    if (base->is_struct) {
        const char *model = list_model(p->c, base->target);
        field->kind = stars ? FURROW__FIELD_TO_ONE : FURROW__FIELD_TO_MANY;
        if (base->is_const && (stars == 1 || model)) {
            furrow__compiler_error(
                p->c, base->place, "remove const",
                "a relationship cannot be const, because loading changes the field");
            return false;
        }
        if (stars == 1 && !field->chars)
            return true;
        field->target = model;
        if (!stars && model)
            return true;
        furrow__compiler_error(
            p->c, base->place,
            "declare a relationship as struct x * (one row) or struct x_list (many rows)",
            "a field of a model cannot be a struct");
        return false;
    }
    if (base->type == FURROW_TYPE_CHARS && !base->is_opt) {
        if (stars == 1 && base->is_const && !field->chars) {
            field->type = FURROW_TYPE_TEXT;
            return true;
        }
        if (!stars && field->chars)
            return true;
        furrow__compiler_error(
            p->c, base->place,
            stars ? "use const char *; the session owns the text"
                  : "use char name[n] or const char * for text, and bool or int16_t for a number",
            stars ? "text must be declared as const char *" : "a single char cannot be a column");
        return false;
    }
    if (stars) {
        furrow__compiler_error(p->c, base->place, "use furrow_opt(T) for a value that can be NULL",
                               "a field of a model cannot be a pointer to this type");
        return false;
    }
    return true;
}

static bool parse_declarator(furrow__parser *p, const base_type *base, furrow__field *field)
{
    unsigned stars = 0;
    for (; furrow__parser_sign(p, '*'); furrow__parser_next(p)) {
        stars++;
        if (stars > 2)
            break;
    }
    if (furrow__parser_sign(p, '(')) {
        furrow__compiler_error(
            p->c, furrow__parser_place(p),
            "move the function pointer out of the struct; a model has only plain fields",
            "a field of a model cannot be a pointer to a function");
        return false;
    }
    take_word(p, "const"); /* `const char *const name` is allowed. */
    field->place = furrow__parser_place(p);
    field->type_place = base->place;
    field->name = furrow__parser_name(p);
    if (!field->name || strcmp(field->name, "FURROW") == 0) {
        field->name = NULL;
        furrow__compiler_error(p->c, field->place,
                               "declare a field as: type name FURROW(annotations);",
                               "expected the name of a field here");
        return false;
    }
    if (furrow__parser_sign(p, '[') && !parse_array(p, base, field))
        return false;
    if (furrow__parser_sign(p, ':')) {
        furrow__compiler_error(
            p->c, furrow__parser_place(p), "remove the width",
            "field \"%s\" cannot be a bit-field, because a bit-field has no address", field->name);
        return false;
    }
    if (!settle_type(p, base, field, stars))
        return false;
    return true;
}

static void add_field(furrow__parser *p, furrow__struct *s, furrow__field ***end,
                      const furrow__field *field)
{
    if (s->field_count == FURROW__MAX_FIELDS) {
        if (!s->is_broken)
            furrow__compiler_error(p->c, field->place, "split the model",
                                   "model \"%s\" has more than %d fields", s->name,
                                   FURROW__MAX_FIELDS);
        s->is_broken = true;
        return;
    }
    furrow__field *copy = furrow__compiler_memory(p->c, 1, sizeof *copy);
    *copy = *field;
    copy->next = NULL;
    **end = copy;
    *end = &copy->next;
    s->field_count++;
}

/* Skips the rest of a field that contains an error. Stops after the field's `;` or at the `}` of
 * the struct.
 */
static void recover(furrow__parser *p)
{
    size_t depth = 0;
    for (;; furrow__parser_next(p)) {
        if (furrow__parser_token(p)->kind == FURROW__LEXEME_END ||
            (depth == 0 && furrow__parser_sign(p, '}')))
            return;
        if (furrow__parser_sign(p, '{'))
            depth++;
        if (furrow__parser_sign(p, '}'))
            depth--;
        if (depth == 0 && furrow__parser_sign(p, ';')) {
            furrow__parser_next(p);
            return;
        }
    }
}

/* Guesses the name of a field whose declaration could not be parsed. The guess is the last name
 * before FURROW, a bracket or the `;`. The field gets this name, so that later references to it do
 * not cause a second error. */
static void guess_name(furrow__parser *p, size_t from, furrow__field *field)
{
    size_t last = 0, names = 0;
    for (size_t at = from; p->tokens->items[at].kind != FURROW__LEXEME_END; at++) {
        const furrow__lexeme *token = &p->tokens->items[at];
        if (token->kind == FURROW__LEXEME_SIGN && token->sign != '*')
            break;
        if (furrow__lexeme_is(p->tokens, at, "FURROW"))
            break;
        if (token->kind == FURROW__LEXEME_NAME) {
            last = at;
            names++;
        }
    }
    if (names < 2)
        return;
    field->place = furrow__lexeme_place(p->tokens, last);
    field->name = furrow__compiler_copy(p->c, p->tokens->source->text + field->place.offset,
                                        field->place.size);
}

static void parse_field(furrow__parser *p, furrow__struct *s, furrow__field ***end)
{
    base_type base;
    size_t start = p->at;
    furrow__field field = {.kind = FURROW__FIELD_BROKEN};
    bool fine = parse_base(p, &base);
    while (fine) {
        field = (furrow__field){.kind = FURROW__FIELD_BROKEN};
        fine = parse_declarator(p, &base, &field) &&
               furrow__parse_annotations(p, &field.annotations, &field.annotation_count);
        if (fine && !furrow__parser_sign(p, ',') && !furrow__parser_sign(p, ';')) {
            furrow__compiler_error(p->c, place_after(p),
                                   "declare a field as: type name FURROW(annotations);",
                                   "expected ; after \"%s\"", field.name);
            fine = false;
        }
        if (!fine)
            break;
        add_field(p, s, end, &field);
        bool more = furrow__parser_sign(p, ',');
        furrow__parser_next(p);
        if (!more)
            return;
    }
    field.kind = FURROW__FIELD_BROKEN;
    if (!field.name)
        guess_name(p, start, &field);
    if (field.name)
        add_field(p, s, end, &field);
    else
        s->is_broken = true;
    recover(p);
}

/* Returns the index of the token `}` that closes the `{` at index `open`. If the braces are not
 * balanced, returns the index of END. */
static size_t closing_brace(const furrow__lexemes *tokens, size_t open)
{
    size_t depth = 0;
    for (size_t at = open;; at++) {
        const furrow__lexeme *token = &tokens->items[at];
        if (token->kind == FURROW__LEXEME_END)
            return at;
        if (token->kind == FURROW__LEXEME_SIGN && token->sign == '{')
            depth++;
        if (token->kind == FURROW__LEXEME_SIGN && token->sign == '}' && --depth == 0)
            return at;
    }
}

/* Returns whether a struct is a model: it contains FURROW, or FURROW follows its closing brace. */
static bool is_model(const furrow__lexemes *tokens, size_t open, size_t close)
{
    for (size_t at = open; at < close; at++)
        if (furrow__lexeme_is(tokens, at, "FURROW"))
            return true;
    for (size_t at = close; tokens->items[at].kind != FURROW__LEXEME_END; at++) {
        if (tokens->items[at].kind == FURROW__LEXEME_SIGN && tokens->items[at].sign == ';')
            return false;
        if (furrow__lexeme_is(tokens, at, "FURROW"))
            return true;
    }
    return false;
}

/* Returns the comment before a struct. The comment is stored with the token `struct` or, in a
 * typedef, with the token `typedef`. */
static const char *comment_before(furrow__parser *p, size_t at)
{
    if (at > 0 && furrow__lexeme_is(p->tokens, at - 1, "typedef"))
        at--;
    const furrow__lexeme *token = &p->tokens->items[at];
    if (!token->comment_size)
        return NULL;
    return furrow__compiler_copy(p->c, p->tokens->source->text + token->comment,
                                 token->comment_size);
}

static void parse_tail(furrow__parser *p, furrow__struct *s)
{
    bool had_name = false;
    while (furrow__parser_token(p)->kind == FURROW__LEXEME_NAME && !is_word(p, "FURROW")) {
        furrow__parser_next(p); /* Skip the name of the type in: typedef struct todo {…} todo
                                   FURROW(…); */
        had_name = true;
    }
    if (!furrow__parse_annotations(p, &s->annotations, &s->annotation_count)) {
        recover(p);
        return;
    }
    if (furrow__parser_token(p)->kind == FURROW__LEXEME_NAME && !had_name)
        furrow__parser_next(p);
    if (furrow__parser_sign(p, ';')) {
        furrow__parser_next(p);
        return;
    }
    furrow__compiler_error(p->c, place_after(p), "end a struct with };",
                           "expected ; after struct \"%s\"", s->name);
}

/* Reports annotations outside structs, to which no struct belongs, and skips them. */
static void refuse_annotations(furrow__parser *p)
{
    while (is_word(p, "FURROW")) {
        size_t depth = 0;
        furrow__compiler_error(p->c, furrow__parser_place(p),
                               "write the annotations of a table after the closing brace of its "
                               "struct: struct todo {…} FURROW(table(\"todos\"));",
                               "an annotation cannot be here");
        do {
            furrow__parser_next(p);
            depth += furrow__parser_sign(p, '(');
            depth -= depth > 0 && furrow__parser_sign(p, ')');
        } while (depth && furrow__parser_token(p)->kind != FURROW__LEXEME_END);
        if (furrow__parser_sign(p, ')'))
            furrow__parser_next(p);
    }
}

static void parse_struct(furrow__parser *p)
{
    size_t start = p->at;
    furrow__parser_next(p);
    refuse_annotations(p);
    furrow__location place = furrow__parser_place(p);
    const char *name = furrow__parser_name(p);
    refuse_annotations(p);
    if (!furrow__parser_sign(p, '{'))
        return;
    size_t close = closing_brace(p->tokens, p->at);
    if (!is_model(p->tokens, p->at, close)) {
        bool unbalanced = p->tokens->items[close].kind == FURROW__LEXEME_END;
        if (unbalanced)
            furrow__compiler_error(p->c, furrow__parser_place(p), "add a closing \"}\"",
                                   "this struct is not closed");
        p->at = unbalanced ? close : close + 1;
        return;
    }
    furrow__struct *s = furrow__compiler_memory(p->c, 1, sizeof *s);
    furrow__field **end = &s->fields;
    if (!name)
        furrow__compiler_error(p->c, furrow__lexeme_place(p->tokens, start),
                               "give the struct a name: struct todo {", "the model has no name");
    s->name = name ? name : "";
    s->place = place;
    s->source = p->tokens->source;
    s->comment = comment_before(p, start);
    furrow__location open = furrow__parser_place(p);
    furrow__parser_next(p);
    while (!furrow__parser_sign(p, '}')) {
        if (furrow__parser_token(p)->kind == FURROW__LEXEME_END) {
            furrow__compiler_error(p->c, open, "add a closing \"}\"", "struct \"%s\" is not closed",
                                   s->name);
            s->is_broken = true;
            break;
        }
        parse_field(p, s, &end);
    }
    if (furrow__parser_sign(p, '}')) {
        furrow__parser_next(p);
        parse_tail(p, s);
    }
    if (name) {
        *p->syntax->structs_end = s;
        p->syntax->structs_end = &s->next;
    }
}

static void parse_list_macro(furrow__parser *p)
{
    furrow__parser_next(p);
    if (!furrow__parser_sign(p, '('))
        return;
    furrow__parser_next(p);
    furrow__location place = furrow__parser_place(p);
    const char *name = furrow__parser_name(p);
    if (!name || !furrow__parser_sign(p, ')'))
        return;
    furrow__list_syntax *list = furrow__compiler_memory(p->c, 1, sizeof *list);
    *list = (furrow__list_syntax){name, p->tokens->source, place, p->syntax->lists};
    p->syntax->lists = list;
}

/* Skips a block in braces, such as the body of a function. */
static void skip_braces(furrow__parser *p)
{
    size_t close = closing_brace(p->tokens, p->at);
    if (p->tokens->items[close].kind == FURROW__LEXEME_END) {
        furrow__compiler_error(p->c, furrow__parser_place(p), "add a closing \"}\"",
                               "this brace is not closed");
        p->at = close;
        return;
    }
    p->at = close + 1;
}

void furrow__parse_source(furrow__compiler *c, const furrow__source *source)
{
    furrow__lexemes *tokens = furrow__compiler_memory(c, 1, sizeof *tokens);
    const furrow__macro *before = c->syntax->macros;
    *tokens = furrow__lexer_run(c, source, &c->syntax->macros);
    for (const furrow__macro *m = c->syntax->macros; m != before; m = m->next)
        if (m->is_integer)
            furrow__syntax_add_constant(c, m->name, m->value);
    furrow__parser parser = {c, c->syntax, tokens, 0}, *p = &parser;
    size_t linkage = 0; /* the number of open extern "C" { … } blocks */
    while (furrow__parser_token(p)->kind != FURROW__LEXEME_END) {
        if (is_word(p, "struct")) {
            parse_struct(p);
        } else if (is_word(p, "enum")) {
            furrow__parse_enum(p);
        } else if (is_word(p, "FURROW")) {
            refuse_annotations(p);
        } else if (is_word(p, "FURROW_LIST")) {
            parse_list_macro(p);
        } else if (is_word(p, "extern") && tokens->items[p->at + 1].kind == FURROW__LEXEME_STRING) {
            p->at += 2;
            if (furrow__parser_sign(p, '{')) {
                linkage++;
                furrow__parser_next(p);
            }
        } else if (furrow__parser_sign(p, '{')) {
            skip_braces(p);
        } else if (furrow__parser_sign(p, '}')) {
            if (!linkage)
                furrow__compiler_error(p->c, furrow__parser_place(p),
                                       "remove the brace, or add an opening brace",
                                       "unmatched closing brace");
            linkage -= linkage > 0;
            furrow__parser_next(p);
        } else {
            furrow__parser_next(p);
        }
    }
}
