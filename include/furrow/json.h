/* SPDX-License-Identifier: MIT
 *
 * JSON for models. The functions are generated for each model:
 *
 *   todo_to_json(s, &text, todo, .with = {furrow_load(TODO.tags)})  writes a row
 *   todo_list_to_json(s, &text, &list)                              writes an array of rows
 *   todo_from_json(s, &todo, text, size, &problems)                 reads a row
 *   todo_patch_json(s, todo, text, size, &problems)                 changes some fields of a row
 *   todo_validate(s, todo, &problems)                               checks a row
 *
 * Names in JSON are the names of the fields in C; FURROW(json("name")) changes one. A nullable
 * field is null, an enum is the name of its enumerator, a furrow_time is a string of RFC 3339, a
 * date and a UUID are strings, a furrow_decimal is a string of digits, a furrow_blob is a string in
 * Base64 (RFC 4648), and a furrow_json is the value itself. An infinite number is "Infinity" or
 * "-Infinity".
 *
 * todo_from_json and todo_patch_json also read integers and decimals from strings, and decimals
 * from numbers, without rounding. They do not use the database, and text that is rejected does not
 * fail the transaction.
 */
#ifndef FURROW_JSON_H
#define FURROW_JSON_H

#include <stddef.h>

#include <furrow/model.h>

/* Why a text or a row is not valid for its model. The rules are: `type`, `required`, `null`,
 * `min_length`, `max_length`, `range`, `pattern`, `enum`, `decimal`, `unknown`, `duplicate`,
 * `read_only`, `syntax`, `utf8`, `depth` and `size`. */
typedef struct furrow_problem {
    const char *path; /* where: a JSON Pointer (RFC 6901), such as /labels/1/name; "" is the whole
                         text */
    const char *rule; /* the rule that is violated; the names do not change between versions */
    const char *message; /* the rule in words, without the value */
    size_t offset;       /* the position in the text, in bytes; 0 for todo_validate */
} furrow_problem;

/* The problems, in the order of the text, and then required fields in the order of the struct. They
 * belong to the session, until it is closed or reset. */
typedef struct furrow_problems {
    const furrow_problem *items;
    size_t count;
} furrow_problems;

#endif
