/* SPDX-License-Identifier: MIT
 *
 * Reads the tokens of furrow DDL, and writes error messages. Comments begin with two dashes. A
 * comment that begins with "furrow:" is a directive for the statement below it.
 */
#include "migrate/revision/ddl_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

bool furrow__problem_add(furrow__problem_list *list, furrow_arena *arena,
                         const furrow__problem *problem)
{
    if (list->count == FURROW__PROBLEMS)
        return true;
    const char *message = problem->message, *hint = problem->hint;
    furrow__problem copy = *problem;
    copy.message = furrow__arena_text(arena, message, strlen(message));
    copy.hint = hint ? furrow__arena_text(arena, hint, strlen(hint)) : NULL;
    if (!copy.message || (hint && !copy.hint))
        return false;
    list->items[list->count++] = copy;
    return true;
}

furrow__file_location furrow__ddl_location(furrow__ddl_parser *p, size_t offset)
{
    return furrow__locate(&p->locator, offset);
}

bool furrow__ddl_no_memory(furrow__ddl_parser *p)
{
    p->wrong = p->out_of_memory = true;
    return false;
}

static void wrong(furrow__ddl_parser *p, furrow__ddl_span span, const char *hint,
                  const char *format, va_list arguments) __attribute__((format(printf, 4, 0)));
static void wrong(furrow__ddl_parser *p, furrow__ddl_span span, const char *hint,
                  const char *format, va_list arguments)
{
    char message[400];
    if (p->wrong)
        return;
    p->wrong = true;
    vsnprintf(message, sizeof message, format, arguments);
    const char *start = p->text + span.from;
    const char *newline = span.size ? memchr(start, '\n', span.size) : NULL;
    if (newline)
        span.size = (size_t)(newline - start);
    if (!furrow__problem_add(p->problems, p->arena,
                             &(furrow__problem){furrow__ddl_location(p, span.from),
                                                (uint32_t)span.size, message, hint}))
        p->out_of_memory = true;
}

bool furrow__ddl_wrong(furrow__ddl_parser *p, const char *hint, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    wrong(p, furrow__ddl_token_span(p->token), hint, format, arguments);
    va_end(arguments);
    return false;
}

bool furrow__ddl_wrong_at(furrow__ddl_parser *p, furrow__ddl_span span, const char *hint,
                          const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    wrong(p, span, hint, format, arguments);
    va_end(arguments);
    return false;
}

static bool starts_code_point(char c)
{
    return ((unsigned char)c & 0xC0) != 0x80;
}

/* Writes the line and a caret below it. If the line is long, only the part around the caret is
 * written. */
static void write_excerpt(furrow__buffer *out, const char *line, size_t size,
                          const furrow__problem *problem)
{
    size_t at = problem->place.column - 1;
    if (at > size)
        at = size;
    size_t from = at > 90 ? at - 90 : 0;
    while (from < at && from > 0 && !starts_code_point(line[from]))
        from++;
    size_t to = size - from > 160 ? from + 160 : size;
    while (to < size && !starts_code_point(line[to]))
        to++;
    for (size_t i = from; i < to; i++)
        furrow__buffer_add_char(out,
                                line[i] == '\t' || (unsigned char)line[i] >= ' ' ? line[i] : '?');
    furrow__buffer_add_char(out, '\n');
    for (size_t i = from; i < at && i < to; i++)
        if (starts_code_point(line[i]))
            furrow__buffer_add_char(out, line[i] == '\t' ? '\t' : ' ');
    furrow__buffer_add_char(out, '^');
    for (size_t i = at + 1; i < at + problem->size && i < to; i++)
        if (starts_code_point(line[i]))
            furrow__buffer_add_char(out, '~');
    furrow__buffer_add_char(out, '\n');
}

void furrow__problems_write(furrow__buffer *out, const furrow__problem_list *list, const char *file,
                            const char *text, size_t size)
{
    for (size_t i = 0; i < list->count; i++) {
        const furrow__problem *problem = &list->items[i];
        size_t start = 0, column = 1;
        for (uint32_t line = 1; line < problem->place.line && start < size; line++) {
            const char *newline = memchr(text + start, '\n', size - start);
            start = newline ? (size_t)(newline - text) + 1 : size;
        }
        size_t end = start;
        while (end < size && text[end] != '\n' && text[end] != '\r')
            end++;
        for (size_t j = start; j < end && j - start + 1 < problem->place.column; j++)
            column += starts_code_point(text[j]);
        furrow__buffer_format(out, "%s:%u:%zu: error: %s\n", file, (unsigned)problem->place.line,
                              column, problem->message);
        if (end > start && problem->place.column)
            write_excerpt(out, text + start, end - start, problem);
        if (problem->hint)
            furrow__buffer_format(out, "help: %s\n", problem->hint);
    }
}

static bool begins(const char *text, size_t size, const char *with)
{
    size_t length = strlen(with);
    return size >= length && memcmp(text, with, length) == 0;
}

static bool is_code(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

static void add_ignored(furrow__ddl_parser *p, size_t from, size_t size)
{
    size_t words = 0;
    for (size_t i = from; i < from + size;) {
        size_t start = i;
        while (i < from + size && is_code(p->text[i]))
            i++;
        if (i > start) {
            furrow__buffer_add_text(&p->ignores, p->ignores.size ? " " : "");
            furrow__buffer_add(&p->ignores, p->text + start, i - start);
            words++;
        } else if (p->text[i] != ' ' && p->text[i] != ',') {
            break;
        } else {
            i++;
        }
    }
    if (!words)
        furrow__ddl_wrong_at(p, (furrow__ddl_span){from, 0}, "write -- furrow: ignore CODE",
                             "the code of a lint rule is missing");
}

/* Reads a directive, such as "-- furrow: ignore CODE". */
static void read_directive(furrow__ddl_parser *p, size_t from, size_t size)
{
    const char *text = p->text + from + strlen("furrow:");
    size_t left = size - strlen("furrow:");
    while (left && *text == ' ') {
        text++;
        left--;
    }
    while (left && (text[left - 1] == ' ' || text[left - 1] == '\r'))
        left--;
    if (!p->at_start)
        furrow__ddl_wrong_at(p, (furrow__ddl_span){from, size},
                             "put it on a line above the statement",
                             "this directive is within a statement");
    else if (left == strlen("allow-data-loss") && begins(text, left, "allow-data-loss"))
        p->allows_data_loss = true;
    else if (begins(text, left, "ignore"))
        add_ignored(p, (size_t)(text - p->text) + strlen("ignore"), left - strlen("ignore"));
    else
        furrow__ddl_wrong_at(p, (furrow__ddl_span){from, size},
                             "the directives are allow-data-loss and ignore CODE; begin any "
                             "other comment with another word",
                             "unknown directive");
}

/* Reads a comment. It is a directive if it begins with "furrow:". */
static void read_comment(furrow__ddl_parser *p, furrow__token comment)
{
    size_t from = comment.start + 2;
    while (from < comment.end && (p->text[from] == ' ' || p->text[from] == '\t'))
        from++;
    if (begins(p->text + from, comment.end - from, "furrow:"))
        read_directive(p, from, comment.end - from);
}

static bool is_line_comment(furrow__token token)
{
    return token.kind == FURROW__TOKEN_COMMENT && *token.text == '-';
}

static void refuse_block_comment(furrow__ddl_parser *p, size_t start)
{
    p->scanner.at = start + strlen("/*"); /* The scanner continues after these two characters, so
                                             the next semicolon ends the statement, even one in the
                                             comment. */
    furrow__ddl_wrong_at(p, (furrow__ddl_span){start, 2}, "begin each line of the comment with --",
                         "block comments are not allowed");
}

static void refuse_open_quote(furrow__ddl_parser *p, furrow__token token)
{
    char quote = *token.text;
    p->token = (furrow__token){FURROW__TOKEN_END, p->text + p->size, p->size, p->size};
    furrow__ddl_wrong_at(p, (furrow__ddl_span){token.start, 1}, NULL,
                         "the %s does not end; close it with %c",
                         quote == '"' ? "quoted name" : "text", quote);
}

static void check_symbol(furrow__ddl_parser *p)
{
    unsigned char c = (unsigned char)*p->token.text;
    if (c >= 0x80)
        furrow__ddl_wrong(p, "write a name outside ASCII in double quotes", "unexpected character");
    else if (c < 0x20 || c == 0x7f)
        furrow__ddl_wrong(p, NULL, "unexpected byte 0x%02x", c);
}

void furrow__ddl_next(furrow__ddl_parser *p)
{
    if (p->wrong)
        return;
    p->end_of_last = p->token.end;
    size_t before = p->scanner.at;
    furrow__token token = furrow__scanner_next(&p->scanner);
    for (; is_line_comment(token); token = furrow__scanner_next(&p->scanner))
        read_comment(p, token);
    p->at_start = false;
    p->token = token;
    p->spaced = token.start > before;
    switch (token.kind) {
    case FURROW__TOKEN_COMMENT:
    case FURROW__TOKEN_OPEN_COMMENT:
        refuse_block_comment(p, token.start);
        break;
    case FURROW__TOKEN_OPEN_QUOTE:
        refuse_open_quote(p, token);
        break;
    case FURROW__TOKEN_SYMBOL:
        check_symbol(p);
        break;
    default:
        break;
    }
}

/* Moves to the semicolon that ends the current statement; semicolons in quotes do not count. */
void furrow__ddl_recover(furrow__ddl_parser *p)
{
    size_t limit = p->problems->count;
    p->wrong = false;
    while (p->token.kind != FURROW__TOKEN_END && !furrow__ddl_is(p, ';')) {
        furrow__ddl_next(p);
        p->wrong = false;
        /* Only the first mistake of a statement is reported. */
        if (p->problems->count > limit)
            p->problems->count = limit;
    }
}

bool furrow__ddl_is_keyword(const furrow__ddl_parser *p, const char *keyword)
{
    return !p->wrong && furrow__token_is_keyword(p->token, keyword);
}

bool furrow__ddl_is(const furrow__ddl_parser *p, char symbol)
{
    return !p->wrong && furrow__token_is(p->token, symbol);
}

bool furrow__ddl_take(furrow__ddl_parser *p, const char *keyword)
{
    if (!furrow__ddl_is_keyword(p, keyword))
        return false;
    furrow__ddl_next(p);
    return !p->wrong;
}

bool furrow__ddl_take_symbol(furrow__ddl_parser *p, char symbol)
{
    if (!furrow__ddl_is(p, symbol))
        return false;
    furrow__ddl_next(p);
    return !p->wrong;
}

/* Reports that another token was expected. Always returns false. */
static bool found(furrow__ddl_parser *p, const char *expected)
{
    if (p->token.kind == FURROW__TOKEN_END)
        return furrow__ddl_wrong(p, NULL, "%s expected at the end", expected);
    size_t size = furrow__token_size(p->token);
    size_t shown = size > 40 ? furrow__utf8_cut(p->token.text, 40) : size;
    return furrow__ddl_wrong(p, NULL, "%s expected, not %.*s", expected, (int)shown, p->token.text);
}

bool furrow__ddl_expect(furrow__ddl_parser *p, const char *keyword)
{
    if (p->wrong || furrow__ddl_take(p, keyword))
        return !p->wrong;
    return found(p, keyword);
}

bool furrow__ddl_expect_symbol(furrow__ddl_parser *p, char symbol)
{
    char text[4] = {symbol, '\0'};
    if (p->wrong || furrow__ddl_take_symbol(p, symbol))
        return !p->wrong;
    return found(p, text);
}

static const char *unquoted(furrow__ddl_parser *p, furrow__token token)
{
    const char *text = furrow__token_copy(token, p->arena);
    if (!text)
        furrow__ddl_no_memory(p);
    return text ? text : "";
}

static bool is_reserved(const furrow__ddl_parser *p)
{
    static const char *const reserved[] = {
        "ADD",    "ALTER",   "AND",     "AS",         "BETWEEN", "BY",     "CHECK", "COLUMN",
        "CREATE", "DEFAULT", "DELETE",  "CONSTRAINT", "DROP",    "FALSE",  "FROM",  "FOREIGN",
        "IN",     "INDEX",   "INSERT",  "INTO",       "IS",      "LIKE",   "NOT",   "NULL",
        "ON",     "OR",      "PRIMARY", "REFERENCES", "RENAME",  "SELECT", "SET",   "TABLE",
        "TO",     "TRUE",    "UNIQUE",  "UPDATE",     "USING",   "VALUES", "WHERE"};
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (furrow__ddl_is_keyword(p, reserved[i]))
            return true;
    return false;
}

const char *furrow__ddl_name(furrow__ddl_parser *p, const char *what)
{
    const char *name = "";
    if (p->wrong)
        return name;
    if (p->token.kind == FURROW__TOKEN_WORD && is_reserved(p)) {
        furrow__ddl_wrong(p, "put it in double quotes if it is a name",
                          "%s expected, but this is a keyword", what);
        return name;
    }
    if (p->token.kind == FURROW__TOKEN_STRING) {
        furrow__ddl_wrong(p, "write names in double quotes and text in single quotes",
                          "%s expected, but this is a string", what);
        return name;
    }
    if (furrow__token_names(p->token))
        name = unquoted(p, p->token);
    else
        found(p, what);
    if (!p->wrong && (!name[0] || strlen(name) >= FURROW__NAME_SIZE))
        furrow__ddl_wrong(p, NULL, "a name has 1 to %d bytes", FURROW__NAME_SIZE - 1);
    furrow__ddl_next(p);
    return name;
}

furrow__table_name furrow__ddl_table(furrow__ddl_parser *p)
{
    furrow__table_name name = {NULL, furrow__ddl_name(p, "a name")};
    if (furrow__ddl_take_symbol(p, '.')) {
        name.schema = name.name;
        name.name = furrow__ddl_name(p, "a name");
    }
    return name;
}

const char *furrow__ddl_literal(furrow__ddl_parser *p)
{
    if (p->wrong)
        return "";
    if (p->token.kind != FURROW__TOKEN_STRING) {
        found(p, "a string in single quotes");
        return "";
    }
    const char *text = unquoted(p, p->token);
    furrow__ddl_next(p);
    return text;
}

uint32_t furrow__ddl_number(furrow__ddl_parser *p, uint32_t least, uint32_t most, const char *what)
{
    uint64_t value = 0;
    bool digits =
        !p->wrong && p->token.kind == FURROW__TOKEN_NUMBER && furrow__token_size(p->token) <= 10;
    for (size_t i = 0; digits && i < furrow__token_size(p->token); i++) {
        char c = p->token.text[i];
        digits = c >= '0' && c <= '9';
        value = value * 10 + (uint64_t)(c - '0');
    }
    if (p->wrong)
        return 0;
    if (!digits || value < least || value > most) {
        furrow__ddl_wrong(p, NULL, "%s is a number between %u and %u", what, (unsigned)least,
                          (unsigned)most);
        return 0;
    }
    furrow__ddl_next(p);
    return (uint32_t)value;
}

void furrow__ddl_add_text(furrow__ddl_parser *p, furrow__ddl_texts *list, const char *text)
{
    if (p->wrong)
        return;
    const char **items = furrow__arena_room(p->arena, (void *)list->items, list->count,
                                            &list->capacity, sizeof *items);
    if (!items) {
        furrow__ddl_no_memory(p);
        return;
    }
    list->items = items;
    list->items[list->count++] = text;
}

furrow__ddl_texts furrow__ddl_names(furrow__ddl_parser *p, const char *what)
{
    furrow__ddl_texts names = {0};
    furrow__ddl_expect_symbol(p, '(');
    do
        furrow__ddl_add_text(p, &names, furrow__ddl_name(p, what));
    while (furrow__ddl_take_symbol(p, ','));
    furrow__ddl_expect_symbol(p, ')');
    return names;
}

static bool stops_at(const furrow__ddl_parser *p, const char *const *stops)
{
    for (; stops && *stops; stops++)
        if (furrow__ddl_is_keyword(p, *stops))
            return true;
    return false;
}

/* The state while the tokens of an expression are copied. */
typedef struct expression_text {
    furrow__buffer text;
    size_t depth, token_count;
    bool is_wrapped; /* the first token is a parenthesis, and the last token closes it */
} expression_text;

static bool ends_expression(const furrow__ddl_parser *p, const char *const *stops,
                            const expression_text *e)
{
    if (p->wrong || p->token.kind == FURROW__TOKEN_END || furrow__ddl_is(p, ';'))
        return true;
    if (e->depth > 0)
        return false;
    return furrow__ddl_is(p, ',') || furrow__ddl_is(p, ')') ||
           (e->token_count > 0 && stops_at(p, stops));
}

/* Copies the tokens of an expression. One blank replaces the blanks and comments between two
 * tokens. */
static void copy_tokens(furrow__ddl_parser *p, const char *const *stops, expression_text *e)
{
    e->is_wrapped = furrow__ddl_is(p, '(');
    for (; !ends_expression(p, stops, e); furrow__ddl_next(p)) {
        if (e->depth == 0 && e->token_count > 0)
            e->is_wrapped = false;
        e->depth += furrow__ddl_is(p, '(');
        e->depth -= furrow__ddl_is(p, ')');
        if (p->spaced && e->token_count)
            furrow__buffer_add_char(&e->text, ' ');
        furrow__buffer_add(&e->text, p->token.text, furrow__token_size(p->token));
        e->token_count++;
    }
}

/* Returns the text, in the arena. Returns "" after a mistake or when out of memory. */
static const char *keep_expression(furrow__ddl_parser *p, const expression_text *e, bool unwrap)
{
    const char *text = furrow__buffer_text(&e->text);
    size_t size = e->text.size;
    if (text && unwrap && e->is_wrapped && size >= 2) {
        for (text++, size -= 2; size && *text == ' '; size--)
            text++;
        while (size && text[size - 1] == ' ')
            size--;
    }
    const char *kept = text ? furrow__arena_text(p->arena, text, size) : NULL;
    if (!kept)
        furrow__ddl_no_memory(p);
    return kept ? kept : "";
}

const char *furrow__ddl_expression(furrow__ddl_parser *p, const char *const *stops, bool unwrap)
{
    expression_text e = {.depth = 0};
    size_t start = p->token.start;
    copy_tokens(p, stops, &e);
    if (!e.token_count && !p->wrong)
        found(p, "an expression");
    else if (e.depth && !p->wrong)
        furrow__ddl_wrong_at(p, (furrow__ddl_span){start, p->end_of_last - start}, NULL,
                             "a parenthesis of this expression is not closed");
    const char *text = keep_expression(p, &e, unwrap);
    furrow__buffer_done(&e.text);
    if (!p->wrong && !text[0])
        furrow__ddl_wrong_at(p, (furrow__ddl_span){start, 1}, NULL,
                             "an expression expected in these parentheses");
    return text;
}

const char *furrow__ddl_in_brackets(furrow__ddl_parser *p)
{
    furrow__ddl_expect_symbol(p, '(');
    const char *text = furrow__ddl_expression(p, NULL, false);
    furrow__ddl_expect_symbol(p, ')');
    return text;
}
