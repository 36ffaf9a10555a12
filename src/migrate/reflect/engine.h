/* SPDX-License-Identifier: MIT
 *
 * The functions and facts that an engine provides for reflecting a schema. Each engine has one
 * constant table of them, in src/dialect/<engine>/reflect.c. If an entry can be NULL, its comment
 * says what NULL means.
 */
#ifndef FURROW_MIGRATE_REFLECT_ENGINE_H
#define FURROW_MIGRATE_REFLECT_ENGINE_H

#include "migrate/catalog/catalog.h"
#include "sql/dialect.h"

struct furrow__reader; /* defined in migrate/reflect/reader.h */

/* A function that expressions can call. */
typedef struct furrow__reflect_function {
    const char *name;   /* the engine's name of the function, in upper case */
    const char *furrow; /* the name that furrow's expressions use */
    furrow_type type;   /* the type of the result; FURROW_TYPE_NULL means the type of the first
                           argument */
} furrow__reflect_function;

typedef struct furrow__reflect_engine {
    const furrow__dialect *dialect;

    /* Types */

    /* Returns the type of a column whose declared type is `declared`. If the result does not
     * express all of the declared type, sets *note to a description of the rest; otherwise leaves
     * *note unchanged. A type that furrow does not have becomes `native`. */
    furrow__catalog_type (*type)(const char *declared, const char **note);
    bool bools_are_integers; /* booleans are stored as 0 or 1, and expressions use these numbers */
    bool times_are_texts;    /* times, dates and UUIDs are stored in columns of type TEXT */

    /* Columns */

    /* Returns whether the engine assigns the column's value although the catalog does not show
     * this. */
    bool (*is_assigned)(const furrow__catalog_table *table, const furrow__catalog_column *column);
    /* Returns whether the engine gives the column a value if an INSERT leaves the column out. If
     * the entry is NULL, the engine does so only for assigned columns. */
    bool (*is_filled)(const furrow__catalog_table *table, const furrow__catalog_column *column);
    const char *assigned_note; /* a note about columns for which is_assigned returns true; NULL
                                  means no note */
    /* Returns whether a default is the current time or the current date. If it is the date, sets
     * *is_date to true. */
    bool (*is_now)(const char *text, bool *is_date);

    /* Other parts */

    /* Returns whether models can express an index with this definition. Only options that are
     * specific to this engine are considered. *is_partial is set to whether models would leave some
     * of the options out. If the entry is NULL, models can express every index. */
    bool (*index_is_plain)(const char *source, bool *is_partial);
    /* Returns whether an object is used like a table although models cannot express it. If the
     * entry is NULL, the engine has no such objects. */
    bool (*is_virtual_table)(const furrow__catalog_object *object);

    /* Expressions. The functions that return a node return NULL if furrow cannot express the
     * engine's text. */

    const furrow__reflect_function *functions;
    size_t function_count;
    bool splits_between; /* the engine stores x BETWEEN a AND b as (x >= a AND x <= b) */
    /* Reads the rest of an operand that begins with the keyword `word`, if such operands are
     * specific to this engine. Otherwise reads nothing and sets *known to false. *known has the
     * same meaning in the functions below. */
    const furrow__expression *(*read_keyword)(struct furrow__reader *r, const char *word,
                                              bool *known);
    /* Reads the part after an operand, such as a cast. The entry is NULL if the engine writes
     * nothing after operands. */
    const furrow__expression *(*read_suffix)(struct furrow__reader *r,
                                             const furrow__expression *operand, bool *known);
    /* Reads an operator that is specific to this engine, and its right operand. `negated` is true
     * if the operator follows NOT. */
    const furrow__expression *(*read_operator)(struct furrow__reader *r,
                                               const furrow__expression *left, bool negated,
                                               bool *known);
    /* Reads ANY or ALL after the operator = or <>. The entry is NULL if the engine has no such
     * comparison. */
    const furrow__expression *(*read_quantifier)(struct furrow__reader *r,
                                                 const furrow__expression *left,
                                                 const char *operator_, bool *known);
    /* Returns whether the current token names the collation that compares by bytes. */
    bool (*is_binary_collation)(const struct furrow__reader *r);
} furrow__reflect_engine;

extern const furrow__reflect_engine furrow__sqlite_reflect, furrow__postgresql_reflect;

const furrow__reflect_engine *furrow__reflect_engine_of(const furrow__dialect *dialect);

#endif
