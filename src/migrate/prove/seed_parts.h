/* SPDX-License-Identifier: MIT
 *
 * Functions that the files of seeding share. They determine which values a column can hold
 * (seed_domain.c), choose values (seed_values.c), order the tables (seed_order.c), make one row
 * (seed_rows.c), set foreign keys later (seed_keys.c), fill tables that refer to each other
 * (seed_cycle.c), and fill all tables (seed.c). */
#ifndef FURROW_MIGRATE_PROVE_SEED_PARTS_H
#define FURROW_MIGRATE_PROVE_SEED_PARTS_H

#include "migrate/prove/content.h"
#include "migrate/prove/engine.h"
#include "migrate/prove/seed.h"

/* The values that a column can hold (seed_domain.c) */

/* The values that a column can hold. They follow from its type and from the checks that are
 * understood. Numbers are in the column's own unit: days, microseconds, or 10^-scale. */
typedef struct furrow__seed_domain {
    const furrow__catalog_column *column;
    const furrow_column *as; /* the model's column that is used to bind values */
    int64_t low, high;
    double real_low, real_high;
    uint32_t min_length, max_length; /* limits for the length in code points */
    uint32_t max_size;               /* in bytes */
    const char *prefix;   /* a string with which every value begins, from LIKE 'x%'; can be NULL */
    furrow_value *listed; /* the only possible values, for an enum, a boolean or column IN (...);
                             can be NULL */
    size_t listed_count, listed_capacity;
    furrow_value *hints; /* literals with which checks compare the column */
    size_t hint_count, hint_capacity;
    furrow_value *specials; /* values that at least one row should have */
    size_t special_count, special_capacity;
    size_t next;     /* index of the next special value */
    unsigned missed; /* number of refused rows in which the next special value was the only special
                        value */
    bool is_keyed;   /* whether strings stay short, because the column is in a key or an index */
    size_t factors;  /* the largest number of factors in a computation that uses the column; 0 if
                        there is no such computation */
} furrow__seed_domain;

/* Returns one domain for each column of the table, or NULL when out of memory. */
furrow__seed_domain *furrow__seed_domains(const furrow__catalog_table *table,
                                          const furrow_model *model, bool plain,
                                          furrow_arena *arena);
/* Restores the limits of the type itself, without the limits of checks. */
void furrow__seed_reset_numbers(furrow__seed_domain *domain);
bool furrow__seed_is_real(const furrow__seed_domain *domain);
bool furrow__seed_is_text(const furrow__seed_domain *domain);
/* Returns whether the values of the type are whole numbers of some unit. */
bool furrow__seed_is_number(const furrow__seed_domain *domain);
furrow_value furrow__seed_number(const furrow__seed_domain *domain, int64_t number);
furrow_value furrow__seed_real(const furrow__seed_domain *domain, double real);
/* Appends a value to a list of the domain. Returns false when out of memory. */
bool furrow__seed_add_value(furrow_value **items, size_t *count, size_t *capacity,
                            furrow_value value, furrow_arena *arena);

/* Values (seed_values.c) */

/* The settings by which values are chosen. */
typedef struct furrow__seed_choice {
    uint64_t *state;     /* the state of the random numbers */
    bool plain;          /* whether extreme values are avoided */
    furrow_arena *arena; /* memory for strings */
} furrow__seed_choice;

/* Returns the next random number. It depends on nothing but the state. */
uint64_t furrow__seed_next(uint64_t *state);
/* Chooses any value of the domain. Returns false when out of memory. */
bool furrow__seed_value(furrow_value *out, const furrow__seed_domain *domain,
                        const furrow__seed_choice *choice);
/* Lists the special values of the domain: both limits, zero, the longest string and others. Returns
 * false when out of memory. */
bool furrow__seed_add_specials(furrow__seed_domain *domain, bool plain, furrow_arena *arena);

/* The order of the tables (seed_order.c) */

/* Returns the indexes of the tables in an order in which each table comes after the tables that it
 * must refer to. Sets *cycle to the number of tables at the end that have no such order, because
 * they must refer to each other. Returns NULL when out of memory. */
size_t *furrow__seed_order(const furrow__catalog *catalog, size_t *cycle, furrow_arena *arena);
/* Returns whether the foreign key can be NULL. */
bool furrow__seed_key_is_optional(const furrow__catalog_table *table,
                                  const furrow__catalog_constraint *key);
/* Returns the index of the table in the catalog, or SIZE_MAX. */
size_t furrow__seed_table_index(const furrow__catalog *catalog, furrow__table_name name);

/* Seeding */

typedef struct furrow__seed_table {
    const furrow__catalog_table *table;
    furrow__content content; /* the rows that existed before seeding, and the rows that seeding has
                                added */
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
    furrow__seed_table *tables; /* one entry for each table of the catalog */
    uint64_t state;             /* the state of the random numbers */
    furrow_arena *arena;
    furrow_error *error;
    furrow_error refused; /* the engine's last error */
    furrow_statement *statement;
    char *sql; /* the text of `statement` */
} furrow__seeder;

/* A row whose values are being chosen. */
typedef struct furrow__seed_draft {
    furrow_value *values;
    bool *is_set;     /* for each column: whether the value comes from a foreign key */
    bool *is_special; /* for each column: whether the value is the domain's next special value */
} furrow__seed_draft;

/* A foreign key and the indexes of its columns. */
typedef struct furrow__seed_key {
    const furrow__catalog_constraint *key;
    furrow__seed_table *target;
    size_t own[FURROW__CATALOG_KEY], theirs[FURROW__CATALOG_KEY];
} furrow__seed_key;

enum {
    FURROW__SEED_TRIES = 40, /* number of attempts to make one row */
    FURROW__SEED_LOST = 6    /* if this many rows fail in succession, the table gets no more rows */
};

furrow_status furrow__seed_no_memory(furrow__seeder *s);

/* One row (seed_rows.c) */

/* Returns whether the error was caused by the row, not by the connection. */
bool furrow__seed_is_refusal(const furrow__seeder *s, furrow_status status);
/* Prepares a statement. If it is the same statement as the last one, nothing is done. */
furrow_status furrow__seed_prepare(furrow__seeder *s, furrow__buffer *sql);
furrow_status furrow__seed_execute(furrow__seeder *s);
furrow_status furrow__seed_insert(furrow__seeder *s, furrow__seed_table *t,
                                  const furrow__seed_draft *row);
/* Rolls back to the savepoint and releases it. */
furrow_status furrow__seed_undo(furrow__seeder *s);
furrow_status furrow__seed_draft_begin(furrow__seeder *s, const furrow__seed_table *t,
                                       furrow__seed_draft *out);
/* Chooses all values of a row, including foreign keys. `attempt` is the number of earlier attempts
 * to make this row. */
furrow_status furrow__seed_draft_draw(furrow__seeder *s, furrow__seed_table *t,
                                      furrow__seed_draft *row, size_t attempt);
/* Finds the target table and the columns of a foreign key. Returns false if the target table does
 * not exist. */
bool furrow__seed_key_find(furrow__seeder *s, const furrow__seed_table *t,
                           const furrow__catalog_constraint *key, furrow__seed_key *out);
/* Copies the key of row `to` of the target table into the draft. */
void furrow__seed_refer(const furrow__seed_table *t, const furrow__seed_key *k,
                        furrow__seed_draft *row, const furrow_value *to);
/* Moves a column on to its next special value in two cases: its current special value was in an
 * accepted row, or too many refused rows had this value as their only special value. */
void furrow__seed_count_specials(furrow__seed_table *t, const furrow__seed_draft *row, bool taken,
                                 size_t attempt);
/* Adds an inserted row to the content of the table. */
furrow_status furrow__seed_keep_row(furrow__seeder *s, furrow__seed_table *t,
                                    const furrow__seed_draft *row);
/* Makes and inserts one row. *taken is set to whether the engine accepted a row. */
furrow_status furrow__seed_add_row(furrow__seeder *s, furrow__seed_table *t, bool *taken);
/* Chooses the column for an attempt to add a row in which only one column gets a special value. The
 * columns that have unused special values are chosen one after another as `turn` increases. Returns
 * SIZE_MAX if there is no such column. */
size_t furrow__seed_special_column(const furrow__seed_table *t, size_t turn);

/* Tables (seed.c) */

/* Initializes the random numbers of a table. They do not depend on other tables: if an engine
 * refuses a row of another table, the rows of this table stay the same. */
void furrow__seed_begin_choices(furrow__seeder *s, const furrow__seed_table *t);
/* Reads the existing rows of a table. If they have already been read, nothing is done. */
furrow_status furrow__seed_read_table(furrow__seeder *s, furrow__seed_table *t);
/* Reads the rows of the tables that this table refers to. */
furrow_status furrow__seed_read_targets(furrow__seeder *s, const furrow__catalog_table *table);
/* Returns how many rows the table should have. `index` is the table's index in the catalog. */
size_t furrow__seed_wanted_rows(const furrow__seeder *s, const furrow__seed_table *t, size_t index);
/* Reports a table that did not get all of its rows. */
furrow_status furrow__seed_report_short(furrow__seeder *s, const furrow__seed_table *t,
                                        size_t wanted);

/* Foreign keys (seed_keys.c, seed_cycle.c) */

/* Sets those optional foreign keys of the table order[at] that refer to tables later in the order.
 */
furrow_status furrow__seed_set_keys(furrow__seeder *s, const size_t *order, size_t at);
/* Fills tables that must refer to each other. `cycle` lists the indexes of these tables in the
 * catalog. */
furrow_status furrow__seed_fill_cycle(furrow__seeder *s, const size_t *cycle, size_t count);

#endif
