/* SPDX-License-Identifier: MIT
 * Comparing names and pieces of SQLite's SQL by their tokens. */
#ifndef FURROW_SCAN_COMPARE_H
#define FURROW_SCAN_COMPARE_H

#include "scan/scan.h"

/* Whether two names differ in the case of ASCII letters at most. NULL equals only NULL. */
bool furrow__sqlite_names_are_equal(const char *a, const char *b);
/* Whether a text contains this name, with or without quotes, in any case. */
bool furrow__sqlite_mentions(const char *text, const char *name);
/* Whether two texts consist of the same tokens. The case of keywords and names, the quotes of
 * names, blanks, comments, and parentheses around the whole text do not count. NULL equals only
 * NULL. */
bool furrow__sqlite_texts_are_equal(const char *a, const char *b);

#endif
