/* SPDX-License-Identifier: MIT
 * Compares names and pieces of SQL by their tokens. */
#ifndef FURROW_SCAN_COMPARE_H
#define FURROW_SCAN_COMPARE_H

#include "scan/scan.h"

/* Returns whether two names are equal, ignoring the case of ASCII letters. NULL is equal only to
 * NULL. */
bool furrow__names_are_equal_in_any_case(const char *a, const char *b);
/* Returns whether a piece of SQL contains this name, with or without quotes. The case of ASCII
 * letters is ignored. Strings in dollar quotes are searched too, because the bodies of functions
 * are such strings. `syntax` is the syntax of the dialect: see scan.h. */
bool furrow__text_mentions(const char *text, const char *name, uint32_t syntax);
/* Returns whether two pieces of SQLite's SQL consist of the same tokens. Ignores the case of
 * keywords and names, the quotes of names, blanks, comments, and parentheses around the whole text.
 * NULL is equal only to NULL. */
bool furrow__sqlite_texts_are_equal(const char *a, const char *b);
/* Returns whether two tokens of SQLite's SQL are equal. Ignores the case of keywords and names, and
 * the quotes of names. */
bool furrow__sqlite_tokens_are_equal(furrow__token a, furrow__token b);
/* Returns whether two of SQLite's expressions have the same structure. Ignores all differences that
 * furrow__sqlite_texts_are_equal ignores, and also redundant parentheses and the spelling of
 * operators, such as == for =. Expressions of more than 256 operands and operators, and those with
 * a subquery, must consist of the same tokens. NULL is equal only to NULL
 * (sqlite_expression.c). */
bool furrow__sqlite_expressions_are_equal(const char *a, const char *b);

#endif
