/* SPDX-License-Identifier: MIT */
#include "base/violation.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum {
    NAMES_SIZE = 400
}; /* size of the list of columns in a message; the rest of the message must fit after the list */

static bool known(const char *name)
{
    return name && *name;
}

/* Appends text to names[NAMES_SIZE] at the offset `size`, and cuts the text if it does not fit.
 * Returns the new size. */
static size_t add(char *names, size_t size, const char *text)
{
    size_t length = strlen(text), room = NAMES_SIZE - 1 - size;
    if (length > room)
        length = furrow__utf8_cut(text, room);
    memcpy(names + size, text, length);
    names[size + length] = '\0';
    return size + length;
}

/* Writes a list of columns: as `"a", "b"` for a message, or as `a, b` for furrow_error.column. */
static void list(char names[NAMES_SIZE], const char *const *columns, size_t count, bool quoted)
{
    size_t size = 0;
    names[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        if (i)
            size = add(names, size, ", ");
        size = add(names, size, quoted ? FURROW__QUOTED(columns[i]) : columns[i]);
    }
}

/* Splits a list of columns such as `a, b`, and writes it as `"a", "b"`. */
static void quote_list(char names[NAMES_SIZE], const char *columns)
{
    size_t size = add(names, 0, "\"");
    for (; *columns; columns++) {
        bool ends = strncmp(columns, ", ", 2) == 0;
        size = add(names, size,
                   ends              ? "\", \""
                   : *columns == '"' ? "\"\""
                                     : (char[2]){*columns, '\0'});
        columns += ends;
    }
    add(names, size, "\"");
}

/* Sets the message and the names in *error. `what` is the part of the message that follows the name
 * of the table. */
static furrow_status fill(furrow_error *error, furrow_status status,
                          const furrow__broken_constraint *constraint, const char *what)
{
    const char *table = constraint->table, *name = constraint->name;
    if (known(table))
        furrow__fail(error, status, "%s: %s", FURROW__QUOTED(table), what);
    else
        furrow__fail(error, status, "%s", what);
    if (!error)
        return status;
    char names[NAMES_SIZE];
    list(names, constraint->columns, constraint->count, false);
    furrow__copy_text(error->column, sizeof error->column, names);
    furrow__copy_text(error->table, sizeof error->table, known(table) ? table : "");
    furrow__copy_text(error->constraint, sizeof error->constraint, known(name) ? name : "");
    return status;
}

furrow_status furrow__violation_unique(furrow_error *error, const furrow__broken_constraint *key)
{
    char names[NAMES_SIZE], what[sizeof error->message];
    list(names, key->columns, key->count, true);
    if (key->count)
        snprintf(what, sizeof what, "a row with this %s already exists", names);
    else if (known(key->name))
        snprintf(what, sizeof what, "a row with the same key already exists in %s",
                 FURROW__QUOTED(key->name));
    else
        snprintf(what, sizeof what, "a row with this key already exists");
    return fill(error, FURROW_UNIQUE, key, what);
}

furrow_status furrow__violation_missing(furrow_error *error, const furrow__broken_constraint *key,
                                        const char *parent)
{
    char names[NAMES_SIZE], what[sizeof error->message];
    list(names, key->columns, key->count, true);
    if (key->count && known(parent))
        snprintf(what, sizeof what, "%s refers to a row of %s that does not exist", names,
                 FURROW__QUOTED(parent));
    else if (known(parent))
        snprintf(what, sizeof what, "the row refers to a row of %s that does not exist",
                 FURROW__QUOTED(parent));
    else
        snprintf(what, sizeof what, "%s refers to a row that does not exist",
                 key->count ? names : "the row");
    return fill(error, FURROW_FOREIGN_KEY, key, what);
}

furrow_status furrow__violation_referred(furrow_error *error, const char *table, const char *child,
                                         const char *constraint)
{
    char what[sizeof error->message];
    if (known(child))
        snprintf(what, sizeof what, "a row of %s still refers to this row", FURROW__QUOTED(child));
    else
        snprintf(what, sizeof what, "a row of another table still refers to this row");
    return fill(error, FURROW_FOREIGN_KEY,
                &(furrow__broken_constraint){.name = constraint, .table = table}, what);
}

furrow_status furrow__violation_foreign_key(furrow_error *error, const char *table)
{
    return fill(
        error, FURROW_FOREIGN_KEY, &(furrow__broken_constraint){.table = table},
        "the row refers to a row that does not exist, or another row still refers to this row");
}

furrow_status furrow__violation_keys(furrow_error *error, const char *table)
{
    fill(error, FURROW_DATABASE, &(furrow__broken_constraint){.table = table},
         "the range of keys is exhausted");
    return furrow__hint(error,
                        "a row has the largest possible key: set the keys in the program, or "
                        "change the key of that row");
}

furrow_status furrow__violation_not_null(furrow_error *error, const char *table, const char *column)
{
    char what[sizeof error->message];
    snprintf(what, sizeof what, "%s must not be NULL",
             FURROW__QUOTED(known(column) ? column : "?"));
    furrow__broken_constraint constraint = {
        .table = table, .columns = &column, .count = known(column)};
    return fill(error, FURROW_NOT_NULL, &constraint, what);
}

furrow_status furrow__violation_check(furrow_error *error, const char *table, const char *column,
                                      const char *constraint)
{
    char names[NAMES_SIZE], what[sizeof error->message];
    if (known(constraint))
        snprintf(what, sizeof what, "the row violates check %s", FURROW__QUOTED(constraint));
    else if (known(column)) {
        quote_list(names, column);
        snprintf(what, sizeof what, "the row violates a check of %s", names);
    } else
        snprintf(what, sizeof what, "the row violates a check");
    furrow__broken_constraint check = {constraint, table, &column, known(column)};
    return fill(error, FURROW_CHECK, &check, what);
}
