/* SPDX-License-Identifier: MIT
 *
 * Random programs of typed calls, which run on two engines and must give the same answers.
 *
 * A program is made from a seed and a number: a model as data, and a list of steps. Columns of the
 * program are numbered before any column is dropped, so that removing steps or columns leaves the
 * rest of the program unchanged.
 */
#ifndef DIFFER_H
#define DIFFER_H

#include <furrow/furrow.h>

#include <stdint.h>
#include <stdio.h>

enum {
    MAX_COLUMNS = 12,
    MAX_STEPS = 40,
    MAX_ROWS = 4,     /* maximum number of rows of insert_many and of keys of get_many */
    MAX_ELEMENTS = 8, /* maximum number of conditions, orders, assignments and column references of
                         a step */
    MAX_IN = 4,       /* maximum number of elements of an array for furrow_in */
    SLOTS = 4,        /* number of rows that a program keeps */
    FIELD_SIZE = 32,  /* size of each field of a struct, in bytes */
    HAS_OFFSET = 24,  /* offset of `has` within a field */
    CHARS_SIZE = 9,   /* size of a char[n] field */
    ROW_SIZE = MAX_COLUMNS * FIELD_SIZE,
};

/* Random numbers. The same state always gives the same numbers. */
typedef struct source {
    uint64_t state;
} source;

source source_make(uint64_t seed, uint64_t number, uint64_t part);
uint32_t below(source *r, uint32_t limit);
bool chance(source *r, uint32_t percent);

/* A value of any type. Text and blobs are static. */
typedef struct cell {
    bool null;
    int64_t integer; /* also a bool, an enum, a time, a date, and an unscaled decimal */
    double real;
    const char *text; /* for a blob, its first byte */
    size_t size;      /* size of a blob, in bytes */
    int8_t scale;     /* scale of a decimal */
} cell;

/* What a value is for. A stored value always fits its column. A compared value can be outside the
 * column's range. */
enum purpose { STORED, COMPARED };

/* Returns a random value from the small domain of the column's type. */
cell cell_random(source *r, const furrow_column *column, enum purpose purpose);
/* Writes a value into a field of a row, or NULL. */
void cell_store(const furrow_column *column, char *row, const cell *value);
furrow_value cell_value(const furrow_column *column, const cell *value);
/* Writes a value into the element of an array with the column's type in C. Returns its size. */
size_t cell_element(const furrow_column *column, void *element, const cell *value);

/* Text that grows. */
typedef struct text {
    char *bytes;
    size_t length, size;
} text;

void text_add(text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_free(text *t);
/* Appends a string literal in C. */
void text_add_quoted(text *t, const char *bytes, size_t size);
/* Appends a value as an expression in C. */
void text_add_cell(text *t, const furrow_column *column, const cell *value);

/* A model, from which columns can be dropped. */
typedef struct plan {
    furrow_column columns[MAX_COLUMNS]; /* the columns by number; their members `model` and `index`
                                           are not set */
    bool unique[MAX_COLUMNS], indexed[MAX_COLUMNS];
    uint16_t pair[2]; /* two columns with a UNIQUE constraint; no constraint if both are the same
                         column */
    uint16_t count, key_count;
    furrow_enumerator enumerators[2][6];
    furrow_enum enums[2];
    char names[MAX_COLUMNS][8], checks[MAX_COLUMNS][32];
    bool assigned;
} plan;

/* A model that can be passed to the library. It is never freed before the end, because connections
 * keep statements by the address of their model. */
typedef struct built {
    furrow_model model;
    furrow_schema schema;
    const furrow_model *models[1];
    furrow_column columns[MAX_COLUMNS];
    furrow_index indexes[MAX_COLUMNS + 1];
    uint16_t index_columns[MAX_COLUMNS + 1][2], key[MAX_COLUMNS];
    char index_names[MAX_COLUMNS + 1][64];
    char table[32];
    const furrow_column *by_number[MAX_COLUMNS]; /* NULL if the column was dropped */
    struct built *previous;
} built;

/* A time that the answers describe as "now", in microseconds since 1970. */
#define PRESENT INT64_C(1750000000000000)

/* Returns the value of the column's default. */
cell default_value(const furrow_column *column);
void plan_make(plan *p, uint64_t seed, uint64_t number);
/* Builds the model without the columns whose bits are set in `dropped`. */
built *plan_build(const plan *p, uint32_t dropped);
void built_free_all(void);
/* Whether the column can be ordered and compared with < by the program. Values of the present time
 * differ between the engines. */
bool is_ordered(const furrow_column *column);
bool is_now(const furrow_column *column);
bool is_number(const furrow_column *column);
bool is_text(const furrow_column *column);

/* Steps */

enum kind {
    INSERT,
    INSERT_MANY,
    UPSERT,
    GET,
    GET_MANY,
    REFRESH,
    UPDATE,
    DELETE,
    FIND,
    PAGES,
    FIRST,
    STREAM,
    COUNT,
    EXISTS,
    AGGREGATE,
    UPDATE_WHERE,
    DELETE_WHERE,
    BEGIN,
    END,
    UNDO,
    COMMIT,
    ROLLBACK,
    KINDS
};

typedef struct condition {
    enum furrow_op_ op; /* brackets are conditions, as in the library */
    uint16_t column, other;
    cell values[MAX_IN];
    size_t count;
} condition;

typedef struct sorting {
    uint16_t column;
    bool descending;
} sorting;

typedef struct assignment {
    enum furrow_op_ op;
    uint16_t column;
    cell value;
} assignment;

/* Conditions, an order and limits. */
typedef struct query {
    condition where[MAX_ELEMENTS * 2];
    size_t where_count;
    sorting orders[MAX_ELEMENTS];
    size_t order_count;
    bool total; /* the order ends with the key */
    int64_t limit, offset;
} query;

typedef struct step {
    enum kind kind, inner; /* `inner` is the kind of the write within a stream; KINDS if nothing is
                              written */
    bool guarded;          /* the step runs within a savepoint of its own */
    bool all_rows, partial;
    int slot;
    cell rows[MAX_ROWS][MAX_COLUMNS];
    size_t row_count;
    query query;
    assignment set[MAX_ELEMENTS];
    size_t set_count;
    uint32_t only;     /* a bit for each column of .only; for an update, also for each column that
                          it changes */
    uint32_t conflict; /* a bit for each column of .conflict */
    int64_t page_size;
    uint16_t column; /* the column of an aggregate */
    furrow_aggregate aggregate;
} step;

void step_make(step *out, const plan *p, uint64_t seed, uint64_t program_number, int number);

/* The program without what the shrinker has removed. */
typedef struct program {
    uint64_t seed, number;
    plan plan;
    step steps[MAX_STEPS];
    int count;
    bool removed[MAX_STEPS];
    uint32_t dropped; /* columns */
} program;

void program_make(program *p, uint64_t seed, uint64_t number);
/* Appends the model and the steps, as calls in C. */
void program_print(text *out, const program *p);
void step_print(text *out, const built *b, const step *s);

/* One engine */

/* Keys that the database assigned, in the order in which the program saw them. After a rollback,
 * SQLite assigns the same keys again and PostgreSQL does not, so keys are compared by their
 * position in this list. */
enum { MAX_KEYS = 1024, MAX_EXPECTED = 256 };

/* The rows that a table must contain, in any order. */
typedef struct table {
    const built *b;
    size_t count;
    char rows[MAX_EXPECTED][ROW_SIZE];
} table;

typedef struct runner {
    furrow_engine *engine;
    furrow_session *s;
    const built *b;
    char slots[SLOTS][ROW_SIZE];
    bool filled[SLOTS];
    int depth;                   /* number of open savepoints of the program */
    bool several;                /* a failed statement may have violated several constraints */
    table *table;                /* the rows that the evaluation in memory expects */
    table *saved[MAX_STEPS + 1]; /* the same at the beginning of each savepoint; saved[0]: of the
                                    transaction */
    text *wrong;                 /* receives the answers that the evaluation did not expect */
    int64_t keys[MAX_KEYS];
    size_t key_count, marks[MAX_STEPS + 1]; /* marks[i] is key_count at the beginning of savepoint
                                               i; marks[0]: at the beginning of the transaction */
} runner;

/* Creates the table. The caller sets `engine`, `b` and `wrong`. */
bool runner_start(runner *r, text *out);
/* Runs a step and appends its answer: the status, the error, and every output. */
void runner_step(runner *r, const step *s, text *out);
/* Commits, and appends the whole contents of the table. */
void runner_finish(runner *r, text *out);
void runner_end(runner *r);

/* Appends a row as text, in which equal values have equal texts. */
void row_describe(runner *r, text *out, const void *row);
/* Appends one value from the program's memory, with the column's type in C. */
void field_describe(runner *r, text *out, const furrow_column *column, const void *value);

/* A result of `find` for any model. */
typedef struct row_list {
    void **items;
    size_t count;
    bool loaded;
} row_list;

/* Comparison */

typedef struct difference {
    int step;           /* index of the step after which the answers differed; -1 if they never
                           differed */
    bool unexpected;    /* the engines agree, but the evaluation in memory does not */
    char what[2][1024]; /* the first line that differs, on each engine */
} difference;

/* Runs the program on both engines. Returns false if the answers differ. */
bool program_compare(const program *p, furrow_engine *const engines[2], difference *out);
/* Removes steps and columns as long as the engines still differ. */
void program_shrink(program *p, furrow_engine *const engines[2], difference *out);

#endif
