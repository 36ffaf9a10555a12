/* SPDX-License-Identifier: MIT
 *
 * Declarations shared by the files of the DDL parser: tokens (ddl_lexer.c), columns and constraints
 * (ddl_parse_table.c), statements (ddl_parse.c). After a mistake in a statement, all functions do
 * nothing until furrow__ddl_recover is called.
 */
#ifndef FURROW_MIGRATE_REVISION_DDL_PARTS_H
#define FURROW_MIGRATE_REVISION_DDL_PARTS_H

#include "migrate/revision/change_parts.h"
#include "migrate/revision/ddl.h"
#include "scan/scan.h"

typedef struct furrow__ddl_parser {
    furrow__change_list *out;
    furrow_arena *arena;
    const char *text;
    size_t size;
    furrow__scanner scanner;
    furrow__locator locator;
    furrow__token token; /* the current token */
    bool spaced;         /* blanks or comments precede the current token */
    size_t end_of_last;  /* offset of the end of the previous token */
    furrow__problem_list *problems;
    furrow__change
        nothing; /* after a mistake, the parser writes to this change, which is not used */
    bool wrong;  /* the current statement has a mistake */
    bool out_of_memory;
    bool at_start;          /* the next token begins a statement; directives are allowed here */
    bool allows_data_loss;  /* the directive `allow-data-loss` precedes the statement */
    furrow__buffer ignores; /* codes of the `ignore` directives before the statement, separated by
                               blanks */
} furrow__ddl_parser;

furrow__file_location furrow__ddl_location(furrow__ddl_parser *p, size_t offset);
void furrow__ddl_next(furrow__ddl_parser *p);
bool furrow__ddl_is_keyword(const furrow__ddl_parser *p, const char *keyword);
bool furrow__ddl_is(const furrow__ddl_parser *p, char symbol);
/* If the current token is this keyword, or this symbol, these functions move to the next token and
 * return true. */
bool furrow__ddl_take(furrow__ddl_parser *p, const char *keyword);
bool furrow__ddl_take_symbol(furrow__ddl_parser *p, char symbol);
/* These functions do the same as furrow__ddl_take and furrow__ddl_take_symbol, but report a mistake
 * if the current token is not this keyword or symbol. */
bool furrow__ddl_expect(furrow__ddl_parser *p, const char *keyword);
bool furrow__ddl_expect_symbol(furrow__ddl_parser *p, char symbol);
/* A part of the text. */
typedef struct furrow__ddl_span {
    size_t from; /* offset */
    size_t size; /* in bytes */
} furrow__ddl_span;
static inline furrow__ddl_span furrow__ddl_token_span(furrow__token token)
{
    return (furrow__ddl_span){token.start, furrow__token_size(token)};
}

/* These two functions report a mistake at the current token, or in a given part of the text. `hint`
 * can be NULL. Both functions return false. */
bool furrow__ddl_wrong(furrow__ddl_parser *p, const char *hint, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool furrow__ddl_wrong_at(furrow__ddl_parser *p, furrow__ddl_span span, const char *hint,
                          const char *format, ...) __attribute__((format(printf, 4, 5)));
bool furrow__ddl_no_memory(furrow__ddl_parser *p);
/* Skips the rest of an invalid statement, so that the next statement can be parsed. */
void furrow__ddl_recover(furrow__ddl_parser *p);

/* Parses a name. Returns "" after a mistake. Messages use `what` to describe the name. */
const char *furrow__ddl_name(furrow__ddl_parser *p, const char *what);
furrow__table_name furrow__ddl_table(furrow__ddl_parser *p);
/* Parses a string literal and returns the string without its quotes. */
const char *furrow__ddl_literal(furrow__ddl_parser *p);
uint32_t furrow__ddl_number(furrow__ddl_parser *p, uint32_t least, uint32_t most, const char *what);

/* Parses an expression and returns its text. The expression ends before a comma, a closing
 * parenthesis, a semicolon or a keyword of `stops`, unless these are inside parentheses. The list
 * `stops` ends with NULL. If `unwrap` is true, parentheses around the whole expression are removed.
 */
const char *furrow__ddl_expression(furrow__ddl_parser *p, const char *const *stops, bool unwrap);
/* Parses an expression in parentheses. Returns its text without the parentheses. */
const char *furrow__ddl_in_brackets(furrow__ddl_parser *p);

/* A list of strings in the arena, which grows as needed. */
typedef struct furrow__ddl_texts {
    const char **items;
    size_t count, capacity;
} furrow__ddl_texts;
void furrow__ddl_add_text(furrow__ddl_parser *p, furrow__ddl_texts *list, const char *text);
/* Parses a list of names in parentheses, separated by commas. */
furrow__ddl_texts furrow__ddl_names(furrow__ddl_parser *p, const char *what);

furrow__catalog_type furrow__ddl_type(furrow__ddl_parser *p);
/* Parses a column: name, type, constraints. The column and its constraints are appended to `table`.
 */
void furrow__ddl_column(furrow__ddl_parser *p, furrow__catalog_column *out,
                        furrow__catalog *catalog, furrow__catalog_table *table);
bool furrow__ddl_is_constraint(const furrow__ddl_parser *p);
void furrow__ddl_constraint(furrow__ddl_parser *p, furrow__catalog_constraint *out);
/* Names each constraint that has no name. The names are the same as for a model. */
void furrow__ddl_name_constraints(furrow__ddl_parser *p, furrow__catalog_table *table);

#endif
