/* SPDX-License-Identifier: MIT
 * What the files of seeding share: what a column can hold (seed_domain.c), values for it
 * (seed_values.c), the order of the tables (seed_order.c), one row (seed_rows.c), foreign keys that
 * are set later (seed_keys.c), tables that refer to each other (seed_cycle.c), and the seeding of
 * all tables (seed.c). */
#ifndef FURROW_MIGRATE_PROVE_SEED_PARTS_H
#define FURROW_MIGRATE_PROVE_SEED_PARTS_H

#include "migrate/prove/content.h"
#include "migrate/prove/engine.h"
#include "migrate/prove/seed.h"

/* ---- what a column can hold (seed_domain.c) ---- */

/* The limits follow from the type and from the checks that are understood. Numbers are in the
 * column's own unit: days, microseconds, or 10^-scale. */
typedef struct furrow__seed_domain {
    const furrow__catalog_column *column;
    const furrow_column *as; /* the column of the model that values are bound for */
    int64_t low, high;
    double real_low, real_high;
    uint32_t min_length, max_length; /* in code points */
    uint32_t max_size;               /* in bytes */
    const char *prefix;   /* the text that every value begins with, from LIKE 'x%'; or NULL */
    furrow_value *listed; /* the only values: of an enum, a bool, or column IN (...); or NULL */
    size_t listed_count, listed_capacity;
    furrow_value *hints; /* literals that checks compare the column with */
    size_t hint_count, hint_capacity;
    furrow_value *specials; /* values that at least one row should have */
    size_t special_count, special_capacity;
    size_t next;     /* index of the next special value */
    unsigned missed; /* how often the engine refused that value when it was tried alone */
    bool is_keyed;   /* the column is in a key or an index, so texts stay short */
} furrow__seed_domain;

/* Returns one domain for each column of the table, or NULL when out of memory. */
furrow__seed_domain *furrow__seed_domains(const furrow__catalog_table *table,
                                          const furrow_model *model, bool plain,
                                          furrow_arena *arena);
/* Restores the limits that the type alone gives. */
void furrow__seed_reset_numbers(furrow__seed_domain *domain);
bool furrow__seed_is_real(const furrow__seed_domain *domain);
bool furrow__seed_is_text(const furrow__seed_domain *domain);
/* Returns whether the type's values are whole numbers in some unit. */
bool furrow__seed_is_number(const furrow__seed_domain *domain);
furrow_value furrow__seed_number(const furrow__seed_domain *domain, int64_t number);
furrow_value furrow__seed_real(const furrow__seed_domain *domain, double real);
/* Appends a value to a list of the domain. Returns false when out of memory. */
bool furrow__seed_add_value(furrow_value **items, size_t *count, size_t *capacity,
                            furrow_value value, furrow_arena *arena);

/* ---- values (seed_values.c) ---- */

/* How values are chosen. */
typedef struct furrow__seed_choice {
    uint64_t *state;     /* of the random numbers */
    bool plain;          /* no extremes */
    furrow_arena *arena; /* for texts */
} furrow__seed_choice;

/* Returns the next random number, which depends on the state alone. */
uint64_t furrow__seed_next(uint64_t *state);
/* Chooses any value of the domain. Returns false when out of memory. */
bool furrow__seed_value(furrow_value *out, const furrow__seed_domain *domain,
                        const furrow__seed_choice *choice);
/* Lists the special values: both limits, zero, the longest text and others. Returns false when out
 * of memory. */
bool furrow__seed_add_specials(furrow__seed_domain *domain, bool plain, furrow_arena *arena);

/* ---- the order of the tables (seed_order.c) ---- */

/* Returns the indexes of the tables in an order in which each table comes after those that it must
 * refer to. The last *cycle tables must refer to each other. NULL when out of memory. */
size_t *furrow__seed_order(const furrow__catalog *catalog, size_t *cycle, furrow_arena *arena);
/* Returns whether a row can have NULL instead of a reference. */
bool furrow__seed_key_is_optional(const furrow__catalog_table *table,
                                  const furrow__catalog_constraint *key);
/* Returns the index of the table in the catalog, or SIZE_MAX. */
size_t furrow__seed_table_index(const furrow__catalog *catalog, furrow__table_name name);

/* ---- seeding ---- */

typedef struct furrow__seed_table {
    const furrow__catalog_table *table;
    furrow__content content; /* the existing rows, and those made so far */
    furrow__seed_domain *domains;
    size_t existing; /* number of rows before seeding */
    int64_t last_key;
    bool is_read;
} furrow__seed_table;

typedef struct furrow__seeder {
    const furrow__content_source *source;
    furrow_connection *connection;
    const furrow_driver *driver;
    const furrow__dialect *dialect;
    const furrow__prove_engine *engine;
    const furrow__catalog *catalog;
    const furrow__seed_options *options;
    furrow__seed_report *report;
    furrow__seed_short *shorts;
    size_t short_capacity;
    furrow__seed_table *tables; /* one for each table of the catalog */
    uint64_t state;             /* of the random numbers */
    furrow_arena *arena;
    furrow_error *error;
    furrow_error refused; /* the engine's last error */
    furrow_statement *statement;
    char *sql; /* the text of `statement` */
} furrow__seeder;

/* A row that is being made. */
typedef struct furrow__seed_draft {
    furrow_value *values;
    bool *is_set;     /* the value comes from a foreign key */
    bool *is_special; /* the value is the domain's next special value */
} furrow__seed_draft;

/* A foreign key and the indexes of its columns. */
typedef struct furrow__seed_key {
    const furrow__catalog_constraint *key;
    furrow__seed_table *target;
    size_t own[FURROW__CATALOG_KEY], theirs[FURROW__CATALOG_KEY];
} furrow__seed_key;

enum {
    FURROW__SEED_TRIES = 40, /* attempts to make one row */
    FURROW__SEED_LOST = 6    /* rows that fail in succession before a table is given up */
};

furrow_status furrow__seed_no_memory(furrow__seeder *s);

/* ---- one row (seed_rows.c) ---- */

/* Returns whether the row caused the error, and not the connection. */
bool furrow__seed_is_refusal(const furrow__seeder *s, furrow_status status);
/* Prepares a statement, unless it is the last one again. */
furrow_status furrow__seed_prepare(furrow__seeder *s, furrow__buffer *sql);
furrow_status furrow__seed_execute(furrow__seeder *s);
furrow_status furrow__seed_insert(furrow__seeder *s, furrow__seed_table *t,
                                  const furrow__seed_draft *row);
/* Ends the savepoint without its changes. */
furrow_status furrow__seed_undo(furrow__seeder *s);
furrow_status furrow__seed_draft_begin(furrow__seeder *s, const furrow__seed_table *t,
                                       furrow__seed_draft *out);
/* Chooses all values of a row, foreign keys included. `attempt` counts from 0. */
furrow_status furrow__seed_draft_draw(furrow__seeder *s, furrow__seed_table *t,
                                      furrow__seed_draft *row, size_t attempt);
/* Finds the target and the columns of a foreign key. Returns false if it has no target. */
bool furrow__seed_key_find(furrow__seeder *s, const furrow__seed_table *t,
                           const furrow__catalog_constraint *key, furrow__seed_key *out);
/* Copies the key of the row `to` into the draft. */
void furrow__seed_refer(const furrow__seed_table *t, const furrow__seed_key *k,
                        furrow__seed_draft *row, const furrow_value *to);
/* Advances the special values that the row has, or that were refused alone too often. */
void furrow__seed_count_specials(furrow__seed_table *t, const furrow__seed_draft *row, bool taken,
                                 size_t attempt);
/* Adds an inserted row to the content of the table. */
furrow_status furrow__seed_keep_row(furrow__seeder *s, furrow__seed_table *t,
                                    const furrow__seed_draft *row);
/* Makes one row. *taken is whether the engine accepted one. */
furrow_status furrow__seed_add_row(furrow__seeder *s, furrow__seed_table *t, bool *taken);
/* Returns the column whose special value is tried alone on this turn; SIZE_MAX if none is left. */
size_t furrow__seed_special_column(const furrow__seed_table *t, size_t turn);

/* ---- tables (seed.c) ---- */

/* Starts the random numbers of a table. They do not depend on other tables, so a row that one
 * engine refuses there does not change the rows here. */
void furrow__seed_begin_choices(furrow__seeder *s, const furrow__seed_table *t);
/* Reads the existing rows, unless they have been read. */
furrow_status furrow__seed_read_table(furrow__seeder *s, furrow__seed_table *t);
/* Reads the tables that this one refers to. */
furrow_status furrow__seed_read_targets(furrow__seeder *s, const furrow__catalog_table *table);
/* Returns how many rows the table should have. `index` is its index in the catalog. */
size_t furrow__seed_wanted_rows(const furrow__seeder *s, const furrow__seed_table *t, size_t index);
/* Reports a table that did not get all of its rows. */
furrow_status furrow__seed_report_short(furrow__seeder *s, const furrow__seed_table *t,
                                        size_t wanted);

/* ---- foreign keys (seed_keys.c, seed_cycle.c) ---- */

/* Sets the optional foreign keys of the table order[at] to tables that come after it. */
furrow_status furrow__seed_set_keys(furrow__seeder *s, const size_t *order, size_t at);
/* Fills tables that must refer to each other; `cycle` lists their indexes in the catalog. */
furrow_status furrow__seed_fill_cycle(furrow__seeder *s, const size_t *cycle, size_t count);

#endif
