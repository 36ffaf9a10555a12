/* SPDX-License-Identifier: MIT
 * Completes the errors for stored values that a field cannot hold: names the row, and writes an
 * UPDATE that replaces the value.
 *
 * Errors do not contain values, with one exception: a key that consists of integers and UUIDs only.
 * Without the key, the row could not be found. Other keys, such as text, are named but not
 * shown. */
#ifndef FURROW_BASE_UNREADABLE_H
#define FURROW_BASE_UNREADABLE_H

#include <furrow/furrow.h>

enum { FURROW__ROW_KEY_COLUMNS = 16 };

/* The row that contains the value, as far as the result of the statement shows it. A struct of
 * zeros is a row without a known key. */
typedef struct furrow__row_key {
    size_t count;
    const furrow_column *columns[FURROW__ROW_KEY_COLUMNS];
    char values[FURROW__ROW_KEY_COLUMNS][FURROW_UUID_SIZE + 2]; /* as SQL literals; "" if the value
                                                                   must not be shown */
} furrow__row_key;

/* Adds a key column and its value. Does nothing if `column` is not a key column, or if it belongs
 * to another model than `of` does. */
void furrow__row_key_add(furrow__row_key *key, const furrow_column *of, const furrow_column *column,
                         const furrow_value *value);

/* Writes a value that the column can hold, as an SQL literal: NULL if the column is nullable,
 * otherwise zero or a similar value. If `is_units` is set, a decimal is written as an integer in
 * units of its scale. A bool is written as 0. */
void furrow__write_sample(char *out, size_t size, const furrow_column *column, bool is_units);

/* The hint for a value that a wider type or a newer enum can hold. The value may be right. */
#define FURROW__OLD_PROGRAM_HINT                                                                   \
    "if this program is older than the database, run furrow generate and build it again; "         \
    "otherwise correct the row"

/* How an UPDATE can make the row readable. */
typedef struct furrow__repair {
    const char *value;       /* an SQL expression that converts the value; NULL if there is none */
    const char *replacement; /* the SQL literal that is assigned if the value is not converted, or
                                if the hint would otherwise be too long */
    bool has_schemas;        /* false: the engine writes "schema.table" as one identifier */
} furrow__repair;

/* Adds the row to the message of *error, and sets the hint to an UPDATE. Does nothing if the whole
 * key of the row is not known. The hint begins with "correct the row" if the UPDATE converts the
 * value, and with "replace the value" if it does not. A hint that the error already has is kept;
 * the UPDATE follows if there is room. Such a hint must end in "correct the row". Returns the
 * error's status. */
furrow_status furrow__explain_unreadable(furrow_error *error, const furrow_column *column,
                                         const furrow__row_key *key, const furrow__repair *repair);

#endif
