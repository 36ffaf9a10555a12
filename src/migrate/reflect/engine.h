/* SPDX-License-Identifier: MIT
 *
 * What reflecting a schema needs from an engine. Each engine has one constant table, in
 * src/dialect/<engine>/reflect.c. An entry that may be NULL says what its absence means.
 */
#ifndef FURROW_MIGRATE_REFLECT_ENGINE_H
#define FURROW_MIGRATE_REFLECT_ENGINE_H

#include "migrate/catalog/catalog.h"
#include "sql/dialect.h"

struct furrow__reader; /* migrate/reflect/reader.h */

/* A function in expressions. */
typedef struct furrow__reflect_function {
    const char *name;   /* the engine's name, in upper case */
    const char *furrow; /* the name in furrow's expressions */
    furrow_type type;   /* of the result; FURROW_TYPE_NULL means that of the first argument */
} furrow__reflect_function;

typedef struct furrow__reflect_engine {
    const furrow__dialect *dialect;

    /* ---- types ---- */

    /* Returns the type of a column that is declared with these words. *note is set to what is lost,
     * or left alone. A type that furrow does not have becomes `native`. */
    furrow__catalog_type (*type)(const char *declared, const char **note);
    bool bools_are_integers; /* a bool is stored as 0 or 1, and written so in expressions */
    bool times_are_texts;    /* times, dates and UUIDs are stored in columns of type TEXT */

    /* ---- columns ---- */

    /* Returns whether the engine assigns the column's value although the catalog does not say so.
     */
    bool (*is_assigned)(const furrow__catalog_table *table, const furrow__catalog_column *column);
    const char
        *assigned_note; /* a note about columns for which is_assigned returns true; or NULL */
    /* Returns whether a default is the current time, or the current date: *is_date. */
    bool (*is_now)(const char *text, bool *is_date);

    /* ---- other parts ---- */

    /* Returns whether models can express an index of this definition, as far as the engine's own
     * options go. *is_partial is whether they leave something out. NULL: they always can. */
    bool (*index_is_plain)(const char *source, bool *is_partial);
    /* Returns whether an object is used like a table, although models cannot express it. May be
     * NULL. */
    bool (*is_virtual_table)(const furrow__catalog_object *object);

    /* ---- expressions: functions return NULL for what furrow cannot express ---- */

    const furrow__reflect_function *functions;
    size_t function_count;
    bool splits_between; /* x BETWEEN a AND b is kept as x >= a AND x <= b, in parentheses */
    /* Reads the rest of an operand that begins with the keyword `word`. If the engine has no such
     * operand of its own, nothing is read and *known is set to false. *known has the same meaning
     * in the functions below. */
    const furrow__expression *(*read_keyword)(struct furrow__reader *r, const char *word,
                                              bool *known);
    /* Reads what follows an operand, such as a cast. NULL: nothing does. */
    const furrow__expression *(*read_suffix)(struct furrow__reader *r,
                                             const furrow__expression *operand, bool *known);
    /* Reads an operator that only this engine has, and its right operand. `negated` is whether NOT
     * comes before it. */
    const furrow__expression *(*read_operator)(struct furrow__reader *r,
                                               const furrow__expression *left, bool negated,
                                               bool *known);
    /* Reads ANY or ALL after the operator = or <>. NULL: the engine has no such comparison. */
    const furrow__expression *(*read_quantifier)(struct furrow__reader *r,
                                                 const furrow__expression *left,
                                                 const char *operator_, bool *known);
    /* Returns whether the current token is the collation that compares by bytes. */
    bool (*is_binary_collation)(const struct furrow__reader *r);
} furrow__reflect_engine;

extern const furrow__reflect_engine furrow__sqlite_reflect, furrow__postgresql_reflect;

const furrow__reflect_engine *furrow__reflect_engine_of(const furrow__dialect *dialect);

#endif
