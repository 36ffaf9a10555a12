/* SPDX-License-Identifier: MIT
 *
 * What the files of the parser of furrow DDL share: words (ddl_lexer.c), columns and constraints
 * (ddl_parse_table.c), statements (ddl_parse.c). Once a statement is wrong every function does
 * nothing until furrow__ddl_recover.
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
    furrow__token token; /* the token to look at */
    bool spaced;         /* whether blanks or comments precede the token */
    size_t end_of_last;  /* where the token before it ended */
    furrow__problem_list *problems;
    furrow__change nothing; /* written to once something is wrong */
    bool wrong;             /* in this statement */
    bool out_of_memory;
    bool at_start;          /* of a statement: words for it may stand here */
    bool allows_data_loss;  /* said above this statement */
    furrow__buffer ignores; /* codes said above this statement */
} furrow__ddl_parser;

/* ---- words (ddl_lexer.c) ---- */

furrow__file_location furrow__ddl_location(furrow__ddl_parser *p, size_t offset);
void furrow__ddl_next(furrow__ddl_parser *p);
bool furrow__ddl_says(const furrow__ddl_parser *p, const char *keyword);
bool furrow__ddl_is(const furrow__ddl_parser *p, char symbol);
/* The same, and go on behind it. */
bool furrow__ddl_take(furrow__ddl_parser *p, const char *keyword);
bool furrow__ddl_take_symbol(furrow__ddl_parser *p, char symbol);
/* Must stand here. */
bool furrow__ddl_expect(furrow__ddl_parser *p, const char *keyword);
bool furrow__ddl_expect_symbol(furrow__ddl_parser *p, char symbol);
/* Say what is wrong with the word at hand; `hint` may be NULL. Returns false. */
bool furrow__ddl_wrong(furrow__ddl_parser *p, const char *hint, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool furrow__ddl_wrong_at(furrow__ddl_parser *p, size_t from, size_t size, const char *hint,
                          const char *format, ...) __attribute__((format(printf, 5, 6)));
bool furrow__ddl_no_memory(furrow__ddl_parser *p);
/* Skip to the next statement. */
void furrow__ddl_recover(furrow__ddl_parser *p);

/* A name; "" once something is wrong. */
const char *furrow__ddl_name(furrow__ddl_parser *p, const char *what);
furrow__table_name furrow__ddl_table(furrow__ddl_parser *p);
/* A text literal without its quotes. */
const char *furrow__ddl_literal(furrow__ddl_parser *p);
uint32_t furrow__ddl_number(furrow__ddl_parser *p, uint32_t least, uint32_t most, const char *what);

/* An expression up to a comma, a closing bracket, a semicolon or one of the words (NULL behind the
 * last) outside brackets; its first word is none of them. Brackets around all of it are left out if
 * `unwrap`. */
const char *furrow__ddl_expression(furrow__ddl_parser *p, const char *const *stops, bool unwrap);
/* ( expression ) */
const char *furrow__ddl_in_brackets(furrow__ddl_parser *p);

/* A growing list in the arena. */
typedef struct furrow__ddl_texts {
    const char **items;
    size_t count, capacity;
} furrow__ddl_texts;
void furrow__ddl_add_text(furrow__ddl_parser *p, furrow__ddl_texts *list, const char *text);
/* ( name, … ) */
furrow__ddl_texts furrow__ddl_names(furrow__ddl_parser *p, const char *what);

/* ---- columns and constraints (ddl_parse_table.c) ---- */

furrow__catalog_type furrow__ddl_type(furrow__ddl_parser *p);
/* name type …; constraints written with the column are appended to `table`. */
void furrow__ddl_column(furrow__ddl_parser *p, furrow__catalog_column *out,
                        furrow__catalog *catalog, furrow__catalog_table *table);
bool furrow__ddl_is_constraint(const furrow__ddl_parser *p);
void furrow__ddl_constraint(furrow__ddl_parser *p, furrow__catalog_constraint *out);
/* Give every constraint without a name the one that models would give it. */
void furrow__ddl_name_constraints(furrow__ddl_parser *p, furrow__catalog_table *table);

#endif
