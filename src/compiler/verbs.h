/* SPDX-License-Identifier: MIT
 *
 * The table of functions that are generated for a model. The declarations and definitions of these
 * functions, their SQL and their comments are all generated from this table. The check for name
 * collisions also uses the table.
 *
 * Strings in the table are templates; emit/template.h lists the placeholders.
 */
#ifndef FURROW_COMPILER_VERBS_H
#define FURROW_COMPILER_VERBS_H

#include <stdbool.h>
#include <stddef.h>

/* The structs or relationships that a function is generated for. */
typedef enum furrow__scope {
    FURROW__SCOPE_STRUCT,    /* every struct: tables and results */
    FURROW__SCOPE_TABLE,     /* every table */
    FURROW__SCOPE_COMPOSITE, /* every table whose primary key has several columns */
    FURROW__SCOPE_RELATED,   /* every table with relationships */
    FURROW__SCOPE_RELATION,  /* every relationship */
    FURROW__SCOPE_TO_ONE,    /* every relationship to one row */
    FURROW__SCOPE_TO_MANY,   /* every relationship to a list of rows */
    FURROW__SCOPE_LINKS,     /* every relationship through a link table */
} furrow__scope;

/* The form of a generated function: a plain function, or a macro that calls a function. */
typedef enum furrow__form {
    FURROW__FORM_FUNCTION, /* a plain function */
    FURROW__FORM_KEY,      /* a function, and a macro with the same name that checks the type of the
                              key */
    FURROW__FORM_KEYS,     /* a function, and a macro with the same name that checks the type of an
                              array of keys */
    FURROW__FORM_NAMED,    /* a macro with named arguments that calls a function with an options
                              struct */
    FURROW__FORM_AGGREGATE, /* like FORM_NAMED, but the type of the result depends on a column */
    FURROW__FORM_PATHS, /* a macro whose last arguments are load paths; it calls a function with an
                           array of paths */
    FURROW__FORM_KEY_PATHS, /* like FORM_PATHS, but with a key whose type is checked */
    FURROW__FORM_QUERY,     /* a macro that takes SQL and values; it calls a function with an array
                               of values */
} furrow__form;

typedef struct furrow__verb {
    const char *name; /* "find" for author_find; "" if the name ends with the relationship's name,
                         as in author_posts */
    furrow__scope scope;
    furrow__form form;
    const char *returns;    /* the return type; NULL means furrow_status */
    const char *parameters; /* the required arguments as declarations, separated by ", " */
    const char *arguments;  /* for FORM_NAMED: "FIND" in FURROW_FIND_ARGUMENTS_; for FORM_AGGREGATE:
                               the aggregate, such as "SUM"; otherwise NULL */
    const char *before;     /* statements that are written before the return statement, or NULL */
    const char *call;       /* the expression that the function returns */
    const char *sql;        /* the SQL that the function runs; NULL if the function runs no SQL */
    const char *comment;    /* the comment above the function in the generated header */
} furrow__verb;

extern const furrow__verb furrow__verbs[];
extern const size_t furrow__verb_count;

/* A name that is generated for every struct but does not belong to a function. For author_model,
 * the table contains "model". */
typedef struct furrow__reserved {
    const char *name;
    furrow__scope scope;
    bool is_tag; /* whether the name is the tag of a struct */
} furrow__reserved;

extern const furrow__reserved furrow__reserved_names[];
extern const size_t furrow__reserved_count;

/* Returns whether a function takes named arguments. Such a function has an options struct. It also
 * has a second macro, which takes an options struct that is filled in at run time. */
static inline bool furrow__verb_has_options(const furrow__verb *verb)
{
    return verb->form == FURROW__FORM_NAMED || verb->form == FURROW__FORM_AGGREGATE;
}
/* Returns whether the name that programs call is a macro. The function that the macro calls has the
 * same name followed by "_". */
static inline bool furrow__verb_is_macro(const furrow__verb *verb)
{
    return verb->form != FURROW__FORM_FUNCTION && verb->form != FURROW__FORM_KEY &&
           verb->form != FURROW__FORM_KEYS;
}

#endif
