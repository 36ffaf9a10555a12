/* SPDX-License-Identifier: MIT
 *
 * A random graph of rows. The references are chosen by index first; keys are made from them, and
 * the rows are inserted. The rows that a relationship must lead to are thus known without keys,
 * descriptions of relations, or statements.
 */
#ifndef WORLD_H
#define WORLD_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <furrow/furrow.h>

#include "graph.furrow.h"

enum kind {
    PEOPLE,
    PASSPORTS,
    PAPERS,
    LABELS,
    PAPER_LABELS,
    CLUBS,
    MEMBERSHIPS,
    FOLLOWS,
    EVENTS,
    REMARKS,
    KINDS
};
enum reference {
    PERSON_BOSS,
    PASSPORT_PERSON,
    PAPER_AUTHOR,
    PAPER_REVIEWER,
    LINK_PAPER,
    LINK_LABEL,
    MEMBERSHIP_PERSON,
    MEMBERSHIP_CLUB,
    FOLLOW_FROM,
    FOLLOW_TO,
    EVENT_CLUB,
    REMARK_PAPER,
    REMARK_PARENT,
    REFERENCES
};
enum { RELATIONS = 35, TEXTS = 8, NONE = -1 };

/* A relationship, as this test sees it. */
struct shape {
    const char *name;
    enum kind from, to;
    enum { ONE, ONE_BACK, MANY, THROUGH } how;
    enum reference reference, second; /* `second`: with a link, the reference to the target */
    size_t offset;                    /* position of the member in the struct */
    const furrow_relation *relation;  /* the relation that is passed to the library */
};
extern struct shape shapes[RELATIONS];
extern int shape_count;

struct kind_facts {
    const char *name;
    const furrow_model *model;
    size_t size, n, m, t; /* size of the struct; positions of its columns */
    const furrow_int32_column *n_column, *m_column;
    const furrow_text_column *t_column;
    int (*compare)(const void *a, const void *b); /* in the order of the primary key */
};
extern struct kind_facts kinds[KINDS];
void start_kinds(void);

struct world {
    int count[KINDS];
    char *rows[KINDS];
    int *rank[KINDS];        /* a row's position in the order of the primary key */
    int *target[REFERENCES]; /* index of the row that is referred to, or NONE */
    int *first[RELATIONS];   /* for each row, where its related rows begin and end in `related` */
    int *related[RELATIONS]; /* each once, in the order of their keys */
};

/* ---- random numbers ---- */

extern uint64_t random_state;
uint32_t random_below(uint32_t limit);
bool chance(uint32_t percent);

/* ---- rows ---- */

void world_make(struct world *w, int size);
void world_free(struct world *w);
/* Inserts all rows. */
furrow_status world_insert(const struct world *w, furrow_session *s);

static inline const void *row_at(const struct world *w, enum kind k, int i)
{
    return w->rows[k] + (size_t)i * kinds[k].size;
}
static inline int32_t n_of(enum kind k, const void *row)
{
    int32_t n;
    memcpy(&n, (const char *)row + kinds[k].n, sizeof n);
    return n;
}
/* Returns false if the value is NULL. */
bool m_of(enum kind k, const void *row, int32_t *m);
static inline const char *t_of(enum kind k, const void *row)
{
    const char *t;
    memcpy(&t, (const char *)row + kinds[k].t, sizeof t);
    return t;
}

/* ---- the database ---- */

/* Opens an engine with tables of this program only: a file in a temporary folder for sqlite:///, a
 * schema on the server of FURROW_TEST_POSTGRESQL for postgresql://. Returns false and prints a
 * message on failure. */
bool open_database(furrow_engine **out, const char *argument);
void close_database(furrow_engine *engine);
enum { SKIPPED = 77 }; /* for meson: the test was skipped */
bool must_skip(const char *argument);

#endif
