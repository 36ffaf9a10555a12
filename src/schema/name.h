/* SPDX-License-Identifier: MIT
 * The names of columns in JSON, and of constraints and indexes. The names of constraints and
 * indexes are the same on every engine, and at most 63 bytes long. A name that would be longer is
 * cut at a code point, and `_` and 8 hexadecimal digits of its hash are appended. */
#ifndef FURROW_SCHEMA_NAME_H
#define FURROW_SCHEMA_NAME_H

#include <furrow/schema.h>

enum { FURROW__NAME_SIZE = 64 };

/* The parts of a constraint's name that follow the name of its table. */
typedef struct furrow__constraint_parts {
    const uint16_t *columns; /* indexes of columns in the model */
    size_t count;            /* number of columns */
    const char *part;        /* the part before the suffix, such as "max_length"; NULL if there is
                                none */
    const char *suffix;      /* "key" (unique), "idx", "fkey", "check" or "pkey" */
} furrow__constraint_parts;

/* Composes a name such as table_column_column_key or table_column_max_length_check. */
void furrow__constraint_name(char out[FURROW__NAME_SIZE], const furrow_model *model,
                             const furrow__constraint_parts *parts);

/* Returns the name of a column in JSON. */
static inline const char *furrow__json_name(const furrow_column *column)
{
    return column->json ? column->json : column->field;
}

/* Returns whether a header that model.h includes defines a macro with this name, such as INT64_MAX.
 * Nothing in a model can have such a name. */
bool furrow__name_is_macro(const char *name);
/* Returns whether this is the name of one of furrow's own tables: furrow_revision, furrow_drift or
 * furrow_lock. Case is ignored, as in SQLite. */
bool furrow__name_is_own_table(const char *name);
/* Returns whether the name is a keyword of C++ but not of C. */
bool furrow__name_is_cxx_keyword(const char *name);

#endif
