/* SPDX-License-Identifier: MIT
 * Comparison of names and of pieces of SQLite's SQL by their tokens. */
#ifndef FURROW_SCAN_COMPARE_H
#define FURROW_SCAN_COMPARE_H

#include "scan/scan.h"

/* Whether two names are equal if the case of ASCII letters is ignored. NULL equals only NULL. */
bool furrow__sqlite_names_are_equal(const char *a, const char *b);
/* Whether a text contains this name, with or without quotes, in any case. */
bool furrow__sqlite_mentions(const char *text, const char *name);
/* Whether two texts consist of the same tokens. The comparison ignores the case of keywords and
 * names, the quotes of names, blanks, comments, and parentheses around the whole text. NULL equals
 * only NULL. */
bool furrow__sqlite_texts_are_equal(const char *a, const char *b);

#endif
