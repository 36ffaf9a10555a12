/* SPDX-License-Identifier: MIT
 *
 * Functions that the files of reflection share. They read expressions (expression.c), find out what
 * a check shows about the type of its column (check.c), and reflect types (type.c), columns
 * (columns.c) and all other parts of a table (reflect.c). */
#ifndef FURROW_MIGRATE_REFLECT_PARTS_H
#define FURROW_MIGRATE_REFLECT_PARTS_H

#include "migrate/reflect/engine.h"
#include "migrate/reflect/reflect.h"
#include "migrate/revision/change_parts.h"

/* Expressions (expression.c) */

/* Reads an engine's expression over the columns of a scope. The types in the result are incomplete
 * and not checked. Returns NULL if furrow cannot express the expression. Also returns NULL when out
 * of memory; *no_memory is then true. */
const furrow__expression *furrow__reflect_parse(const char *text, const furrow__dialect *dialect,
                                                const furrow__expression_scope *scope,
                                                furrow_arena *arena, bool *no_memory);

/* Checks (check.c) */

/* The forms of checks on a single column. */
typedef enum furrow__check_form_kind {
    FURROW__CHECK_FORM_OTHER = 0, /* the check shows nothing about the type */
    FURROW__CHECK_FORM_BOOL,      /* column IN (0, 1) */
    FURROW__CHECK_FORM_VALUES,    /* column IN ('A', 'B') */
    FURROW__CHECK_FORM_BETWEEN,   /* column BETWEEN `least` AND `most`; both are integers */
    FURROW__CHECK_FORM_NOT_NAN,
    FURROW__CHECK_FORM_MAX_LENGTH, /* the length of a text is at most `most` code points */
    FURROW__CHECK_FORM_MIN_LENGTH, /* the length of a text is at least `least` code points */
    FURROW__CHECK_FORM_MAX_SIZE,   /* the size is at most `most` bytes */
} furrow__check_form_kind;

typedef struct furrow__check_form {
    furrow__check_form_kind kind;
    const char *column;
    int64_t least, most;
    const furrow__expression *expression; /* for FORM_VALUES: the values are the arguments after the
                                             first */
} furrow__check_form;

furrow__check_form furrow__reflect_check_form(const furrow__expression *check);
/* Returns the only column that an expression names. Returns NULL if it names no column, or several.
 */
const char *furrow__reflect_only_column(const furrow__expression *expression);
/* Returns whether a constraint has the name that models would give it. The name can be followed by
 * a number. */
bool furrow__reflect_is_default_name(const char *name, furrow__table_name table, const char *column,
                                     const char *part, const char *suffix);

/* Types (type.c) */

/* Returns the type of a column. `native` is the engine's name of the type. *note is set to a
 * description of the part of the type that models cannot express, or to NULL. A type that furrow
 * does not have keeps the engine's name. */
furrow__catalog_type furrow__reflect_type(const furrow__reflect_engine *engine, const char *native,
                                          const char **note, furrow_arena *arena);

/* One table (reflect.c) */

typedef struct furrow__reflector {
    const furrow__catalog *physical;
    const furrow__catalog_table *from;
    furrow__catalog *out;
    furrow__catalog_table *to;
    furrow__buffer *left_out;
    furrow_arena *arena;
    furrow_error *error;
    furrow_status status; /* the first failure; after a failure, the functions do nothing */
    const furrow__reflect_engine *engine;
    bool *is_type; /* for each constraint of `from`: whether it is part of a column's type */
} furrow__reflector;

void furrow__reflector_no_memory(furrow__reflector *r);
/* Adds a line about something that models cannot express. `part` is a column or a constraint; NULL
 * means the table itself. */
void furrow__reflector_note(furrow__reflector *r, const char *part, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Returns the column with this name in the logical table, or NULL. */
const furrow__catalog_column *furrow__reflector_column(const furrow__reflector *r,
                                                       const furrow__catalog_table *table,
                                                       const char *name);
/* Returns an engine's expression in furrow's canonical form; NULL if furrow cannot express it. */
const char *furrow__reflector_expression(furrow__reflector *r, const char *text,
                                         const furrow__expression_scope *scope,
                                         const furrow_column *column, furrow__expression_use use);

/* Columns (columns.c) */

void furrow__reflect_column(furrow__reflector *r, const furrow__catalog_column *from);
/* Finds the checks that belong to the types of columns, and completes these types. */
void furrow__reflect_type_checks(furrow__reflector *r);
/* Sets the type of a text column to a time or a date if its default is the current time or date.
 */
void furrow__reflect_times(furrow__reflector *r);
/* Sets the schema to the first storage version if a column lacks the check that allows only values
 * in furrow's form.
 */
void furrow__reflect_storage(furrow__reflector *r);
void furrow__reflect_defaults(furrow__reflector *r, const furrow__expression_scope *scope);

#endif
