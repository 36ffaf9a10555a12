/* SPDX-License-Identifier: MIT
 *
 * Random queries over a graph in memory: conditions, orders, limits and paths. Each can be written
 * as arguments of the library. Each can also be evaluated with plain loops over the indexes of
 * rows.
 */
#ifndef NAIVE_H
#define NAIVE_H

#include "world.h"

struct node {
    enum {
        N_EQ,
        N_NE,
        N_LT,
        N_GE,
        N_BETWEEN,
        N_IN,
        M_EQ,
        M_LT,
        M_GE,
        M_NOT_IN,
        M_NULL,
        M_NOT_NULL,
        T_EQ,
        T_CONTAINS,
        T_STARTS,
        T_NULL,
        LEAVES,
        ANY = LEAVES,
        ALL,
        NOT,
        HAS,
        NONE_OF,
        EVERY
    } what;
    int32_t low, high;
    int32_t list[3];
    const char *text;
    int shape; /* index of the shape; used by HAS, NONE_OF and EVERY */
    struct node *children[3];
    int count;
};

/* Random conditions on the rows of one kind. The conditions need at most `slots` slots of the
 * library's list. */
struct filter {
    struct node *nodes[4];
    int count;
};
void filter_make(struct filter *f, enum kind k, int slots, int depth);
bool filter_matches(const struct filter *f, const struct world *w, enum kind k, int row);
void filter_write(const struct filter *f, enum kind k, furrow_condition *out);
void filter_print(const struct filter *f, enum kind k, FILE *out);
void nodes_free(void); /* frees the conditions of all filters */

struct order {
    int column[2]; /* 0: column n, 1: column m, 2: column t */
    bool descending[2];
    int count;
};
void order_make(struct order *o);
void order_write(const struct order *o, enum kind k, furrow_ordering *out);
/* Sorts the rows by the order; rows that compare equal are sorted by key. */
void order_rows(const struct order *o, const struct world *w, enum kind k, int *rows, int count);

enum { MAX_LENGTH = 4 };
struct path {
    int steps[MAX_LENGTH]; /* indexes into `shapes` */
    int length;
    struct filter where;
    struct order order;
    int limit;
};
int paths_make(struct path *paths, enum kind start);
void path_write(const struct path *p, furrow_path *out);
void path_print(const struct path *p, FILE *out);

struct rows {
    int *items;
    int count, capacity;
};
void rows_add(struct rows *r, int row);

struct loaded {
    const struct world *w;
    struct rows **lists[RELATIONS]; /* for each row, the related rows that are loaded; NULL if the
                                       relationship is not loaded */
    bool *filtered[RELATIONS];      /* for each row, whether a condition can have made a to-one
                                       relationship NULL */
    bool *seen[KINDS];              /* for each row, whether the row has been loaded */
    int statements;
};
void loaded_start(struct loaded *l, const struct world *w);
void loaded_paths(struct loaded *l, enum kind start, const struct rows *rows,
                  const struct path *paths, int count);
/* Loads one step of a path. Stores in *children the rows that the step leads to, each row once. */
void loaded_step(struct loaded *l, int shape, const struct rows *rows, const struct path *some,
                 struct rows *children);
void loaded_end(struct loaded *l);

#endif
