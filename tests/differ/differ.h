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
    MAX_CONDITIONS = MAX_ELEMENTS * 3,
    MAX_IN = 4,      /* maximum number of elements of an array for furrow_in */
    SLOTS = 4,       /* number of rows of each table that a program keeps */
    FIELD_SIZE = 32, /* size of each field of a struct, in bytes */
    HAS_OFFSET = 24, /* offset of `has` within a field */
    CHARS_SIZE = 9,  /* size of a char[n] field */
    RELATION_OFFSET = MAX_COLUMNS * FIELD_SIZE, /* offset of the relationship within a struct */
    ROW_SIZE = RELATION_OFFSET + FIELD_SIZE,
    COUNTED = MAX_COLUMNS, /* the number of the pseudo-column that counts the children */
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
    uint16_t parent;  /* not 0: the key of a parent is used instead, if the table of parents has
                         rows: of row number `parent`, modulo the number of rows */
} cell;

/* What a value is for. A stored value always fits its column. A compared value can be outside the
 * column's range. */
enum purpose { STORED, COMPARED };

/* Returns a random value from the small domain of the column's type. */
cell cell_random(source *r, const furrow_column *column, enum purpose purpose);
/* Returns the value of a key that field_cell has returned, without memory of the row. */
cell cell_kept(const furrow_column *column, const cell *value);
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

/* A model, from which columns can be dropped. The second model of a program is the child: it refers
 * to the key of the first, the parent. */
typedef struct plan {
    furrow_column columns[MAX_COLUMNS + 1]; /* the columns by number; their members `model` and
                                           `index` are not set */
    bool unique[MAX_COLUMNS], indexed[MAX_COLUMNS];
    uint16_t pair[2]; /* two columns with a UNIQUE constraint; no constraint if both are the same
                         column */
    uint16_t count, key_count, reference_count; /* the columns of the reference follow the key */
    uint8_t on_delete;
    bool is_child, refers_to_assigned,
        counted; /* counted: the parent has a list of children, not a pointer to one */
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
    const furrow_model *models[2];
    furrow_column columns[MAX_COLUMNS];
    furrow_index indexes[MAX_COLUMNS + 1];
    uint16_t index_columns[MAX_COLUMNS + 1][2], key[MAX_COLUMNS];
    char index_names[MAX_COLUMNS + 1][64];
    char table[32];
    const furrow_column *by_number[MAX_COLUMNS + 1]; /* NULL if the column was dropped */
    furrow_foreign_key foreign_key;                  /* of the child */
    furrow_relation relation;
    furrow_column counted;
    uint16_t reference[2]; /* indexes of the child's columns */
    struct built *other;   /* the other model of the program */
    bool is_child;
    struct built *previous;
} built;

/* A time that the answers describe as "now", in microseconds since 1970. */
#define PRESENT INT64_C(1750000000000000)

/* Returns the value of the column's default. */
cell default_value(const furrow_column *column);
/* Makes the parent's and the child's models. */
void plans_make(plan plans[2], uint64_t seed, uint64_t number);
/* Builds the models without the columns whose bits are set in `dropped`. Returns the parent. */
built *plans_build(const plan plans[2], const uint32_t dropped[2]);
/* Whether a column of the plan contains the parent's key. */
bool is_reference(const plan *p, uint16_t number);
/* Whether the values of the column are keys that the database assigned, to this table or, for a
 * reference, to the parent. */
bool is_assigned_key(const furrow_column *column);
/* Returns the number of the table with the keys. */
int key_table(const furrow_column *column);
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
    LOAD,
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
    bool descending, through; /* through: the column belongs to the row's parent */
} sorting;

typedef struct assignment {
    enum furrow_op_ op;
    uint16_t column;
    cell value;
} assignment;

/* Conditions, an order and limits. */
typedef struct query {
    condition where[MAX_CONDITIONS];
    size_t where_count;
    sorting orders[MAX_ELEMENTS];
    size_t order_count;
    bool total; /* the order ends with the key */
    int64_t limit, offset;
} query;

/* How related rows are loaded. */
enum loading { WITH, LOAD_LATER, LOAD_EACH, WITH_STREAM, COUNT_RELATED, LOADINGS };

typedef struct step {
    int table;             /* 0: the parent, 1: the child */
    enum kind kind, inner; /* `inner` is the kind of the write within a stream; KINDS if nothing is
                              written */
    bool guarded;          /* the step runs within a savepoint of its own */
    bool all_rows, partial;
    int slot;
    cell rows[MAX_ROWS][MAX_COLUMNS];
    size_t row_count;
    query query;
    query related; /* of LOAD: the related rows */
    enum loading loading;
    bool back; /* of LOAD: also load the relationship of the related rows */
    assignment set[MAX_ELEMENTS];
    size_t set_count;
    uint32_t only;     /* a bit for each column of .only; for an update, also for each column that
                          it changes */
    uint32_t conflict; /* a bit for each column of .conflict */
    int64_t page_size;
    uint16_t column; /* the column of an aggregate */
    furrow_aggregate aggregate;
} step;

void step_make(step *out, const plan plans[2], source made, int number);

/* The program without what the shrinker has removed. */
typedef struct program {
    uint64_t seed, number;
    plan plans[2];
    step steps[MAX_STEPS];
    int count;
    bool removed[MAX_STEPS];
    uint32_t dropped[2]; /* columns of each plan */
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
    struct table *other;
    size_t count;
    char rows[MAX_EXPECTED][ROW_SIZE];
} table;

typedef struct memory {
    table tables[2];
} memory;

typedef struct key_list {
    int64_t items[MAX_KEYS];
    size_t count, marks[MAX_STEPS + 1]; /* marks[i] is the count at the beginning of savepoint i;
                                           marks[0]: at the beginning of the transaction */
} key_list;

typedef struct runner {
    furrow_engine *engine;
    furrow_session *s;
    const built *b;                  /* the model of the step */
    table *table;                    /* its rows */
    char slots[2 * SLOTS][ROW_SIZE]; /* the second half is for children */
    bool filled[2 * SLOTS];
    int depth;                    /* number of open savepoints of the program */
    bool several;                 /* a failed statement may have violated several constraints */
    memory *memory;               /* the rows that the evaluation in memory expects */
    memory *saved[MAX_STEPS + 1]; /* the same at the beginning of each savepoint; saved[0]: of the
                                    transaction */
    text *wrong;                  /* receives the answers that the evaluation did not expect */
    key_list keys[2];
} runner;

/* Creates the tables. The caller sets `engine`, `b` (the parent) and `wrong`. */
bool runner_start(runner *r, text *out);
/* Runs a step and appends its answer: the status, the error, and every output. */
void runner_step(runner *r, const step *s, text *out);
/* Commits, and appends the whole contents of the table. */
void runner_finish(runner *r, text *out);
void runner_end(runner *r);

/* Appends a row as text, in which equal values have equal texts. */
void row_describe(runner *r, text *out, const built *b, const void *row);
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
