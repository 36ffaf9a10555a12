/* SPDX-License-Identifier: MIT
 *
 * Declarations that the files of this folder share: reading JSON tokens, reporting problems, and
 * the conversion of single fields.
 */
#ifndef FURROW_RUNTIME_JSON_JSON_H
#define FURROW_RUNTIME_JSON_JSON_H

#include <furrow/generated.h>

#include "base/buffer.h"
#include "runtime/session/session.h"
#include "schema/name.h"

/* Tokens. The text was checked before (furrow__json_scan), so reading it cannot fail, except when
 * memory runs out. */

typedef struct furrow__json_reader {
    const char *at; /* the next byte; the text ends with a NUL */
} furrow__json_reader;

/* A string or a number, as it is in the text. */
typedef struct furrow__json_token {
    const char *text;
    size_t size;
} furrow__json_token;

/* Skips blanks, and returns the first byte of the next token. */
char furrow__json_peek(furrow__json_reader *reader);
/* Skips the next token, which must be one byte long, such as a comma. */
void furrow__json_take(furrow__json_reader *reader);
/* Reads a number, a string with its quotes, or a word such as null. */
furrow__json_token furrow__json_scalar(furrow__json_reader *reader);
/* Skips a whole value. Returns the text of the value. */
furrow__json_token furrow__json_value(furrow__json_reader *reader);
/* Returns a string without quotes and escapes, with a NUL. Returns NULL when out of memory. */
const char *furrow__json_string(furrow__json_token token, furrow_arena *arena);

/* Problems */

/* A step of the path to a value: a member of an object, or an element of an array. */
typedef struct furrow__json_place {
    const struct furrow__json_place *up;
    const char *name; /* NULL: an element */
    size_t index;
} furrow__json_place;

typedef struct furrow__json_problems {
    furrow_session *s;
    furrow_problem *items; /* in the scratch memory of the session */
    size_t count, capacity, limit;
    bool no_memory;
} furrow__json_problems;

/* Where a value is: its path, and its position in the text. */
typedef struct furrow__json_spot {
    const furrow__json_place *place;
    size_t offset;
} furrow__json_spot;

/* Whether no more problems are reported. Reading then ends. */
static inline bool furrow__json_is_full(const furrow__json_problems *problems)
{
    return problems->count >= problems->limit || problems->no_memory;
}
/* Adds a problem, unless the limit is reached. */
void furrow__json_report(furrow__json_problems *problems, const furrow__json_spot *spot,
                         const char *rule, const char *message);
/* Checks the field of a row against the rules of its column. Returns false after reporting. */
bool furrow__json_check(furrow__json_problems *problems, const furrow__json_spot *spot,
                        const furrow_column *column, const void *row);
/* Copies the problems to the memory of the session, and passes them to the program. Returns
 * FURROW_REJECTED if there are any. */
furrow_status furrow__json_finish(const furrow__json_problems *problems, furrow_problems *out);

/* Fields */

/* Stores a value that is not null in the field. Returns NULL, or the rule that the value violates;
 * *message then says why, and is NULL when out of memory. Text is copied to the arena. */
const char *furrow__json_convert(const furrow_column *column, void *row, furrow__json_token token,
                                 furrow_arena *arena, const char **message);
/* Sets the field to NULL. */
void furrow__json_clear(const furrow_column *column, void *row);

#endif
