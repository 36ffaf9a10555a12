/* SPDX-License-Identifier: MIT
 *
 * The table of functions that are generated for a model. Their declarations and definitions, the
 * SQL and the comments in generated code, and the check for colliding names all come from this
 * table.
 *
 * Texts in the table are templates; emit/template.h lists their placeholders.
 */
#ifndef FURROW_COMPILER_VERBS_H
#define FURROW_COMPILER_VERBS_H

#include <stdbool.h>
#include <stddef.h>

/* What a verb belongs to. */
typedef enum furrow__scope {
    FURROW__SCOPE_STRUCT,    /* every struct: a table or a result */
    FURROW__SCOPE_TABLE,     /* a table */
    FURROW__SCOPE_COMPOSITE, /* a table whose primary key has several columns */
    FURROW__SCOPE_RELATED,   /* a table with relationships */
    FURROW__SCOPE_RELATION,  /* a relationship */
    FURROW__SCOPE_TO_ONE,    /* a relationship to one row */
    FURROW__SCOPE_TO_MANY,   /* a relationship to a list of rows */
    FURROW__SCOPE_LINKS,     /* a relationship through a link table */
} furrow__scope;

/* How a verb is declared. */
typedef enum furrow__form {
    FURROW__FORM_FUNCTION, /* a function */
    FURROW__FORM_KEY,   /* a function, and a macro with its name that checks the type of the key */
    FURROW__FORM_KEYS,  /* a function, and a macro with its name that checks the type of an array
                           of keys */
    FURROW__FORM_NAMED, /* a macro with named arguments that calls a function with an options
                           struct */
    FURROW__FORM_AGGREGATE, /* FORM_NAMED with a result whose type depends on a column */
    FURROW__FORM_PATHS, /* a macro with load paths at its end that calls a function with an array of
                           paths */
    FURROW__FORM_KEY_PATHS, /* FORM_PATHS with a key whose type is checked */
    FURROW__FORM_QUERY,     /* a macro with SQL and values that calls a function with an array of
                               values */
} furrow__form;

typedef struct furrow__verb {
    const char *name; /* "find" in author_find; "" for a relationship's own name: author_posts */
    furrow__scope scope;
    furrow__form form;
    const char *returns;    /* the type that is returned; NULL means furrow_status */
    const char *parameters; /* the required arguments as declarations, separated by ", " */
    const char *arguments;  /* FORM_NAMED: "FIND" in FURROW_FIND_ARGUMENTS_; FORM_AGGREGATE: the
                               aggregate, such as "SUM"; NULL for other forms */
    const char *before;     /* statements before the call, or NULL */
    const char *call;       /* the expression that the function returns */
    const char *sql;        /* the SQL that the function runs; NULL if it runs none */
    const char *comment;    /* the comment in the generated header */
} furrow__verb;

extern const furrow__verb furrow__verbs[];
extern const size_t furrow__verb_count;

/* Other names that are generated for a struct: "model" in author_model. */
typedef struct furrow__reserved {
    const char *name;
    furrow__scope scope;
    bool is_tag; /* the name of a struct */
} furrow__reserved;

extern const furrow__reserved furrow__reserved_names[];
extern const size_t furrow__reserved_count;

/* Whether a verb has named arguments: an options struct and a form for options built at run time.
 */
static inline bool furrow__verb_has_options(const furrow__verb *verb)
{
    return verb->form == FURROW__FORM_NAMED || verb->form == FURROW__FORM_AGGREGATE;
}
/* Whether the verb's own name is a macro over a function with this name and a "_". */
static inline bool furrow__verb_is_macro(const furrow__verb *verb)
{
    return verb->form != FURROW__FORM_FUNCTION && verb->form != FURROW__FORM_KEY &&
           verb->form != FURROW__FORM_KEYS;
}

#endif
