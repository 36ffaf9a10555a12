/* SPDX-License-Identifier: MIT
 *
 * A random graph of rows: who refers to whom is chosen by index first; the rows' keys are made from
 * that, inserted into the database, and never looked at again. What a relationship must lead to is
 * thereby known without a key, a descriptor of a relation or a statement.
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

/* A relationship as this test understands it. */
struct shape {
    const char *name;
    enum kind from, to;
    enum { ONE, ONE_BACK, MANY, THROUGH } how;
    enum reference reference, second; /* second: of a link, to the target */
    size_t offset;                    /* of the member */
    const furrow_relation *relation;  /* what is asked of the library */
};
extern struct shape shapes[RELATIONS];
extern int shape_count;

struct kind_facts {
    const char *name;
    const furrow_model *model;
    size_t size, n, m, t; /* of the struct; offsets */
    const furrow_int32_column *n_column, *m_column;
    const furrow_text_column *t_column;
    int (*compare)(const void *a, const void *b); /* by primary key */
};
extern struct kind_facts kinds[KINDS];
void start_kinds(void);

struct world {
    int count[KINDS];
    char *rows[KINDS];
    int *rank[KINDS];        /* a row's place in the order of the primary key */
    int *target[REFERENCES]; /* the row that is referred to, or NONE */
    int *first[RELATIONS];   /* where a row's related ones begin in `related`, and end */
    int *related[RELATIONS]; /* each once, in the order of their key */
};

/* ---- random numbers ---- */

extern uint64_t random_state;
uint32_t random_below(uint32_t limit);
bool chance(uint32_t percent);

/* ---- rows ---- */

void world_make(struct world *w, int size);
void world_free(struct world *w);
/* Insert all rows. */
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
/* False if it is NULL. */
bool m_of(enum kind k, const void *row, int32_t *m);
static inline const char *t_of(enum kind k, const void *row)
{
    const char *t;
    memcpy(&t, (const char *)row + kinds[k].t, sizeof t);
    return t;
}

/* ---- the database ---- */

/* An engine on tables of this program's own: a file in a temporary folder for sqlite:///, a schema
 * of its own on the server of FURROW_TEST_POSTGRESQL for postgresql://. False with a message. */
bool open_database(furrow_engine **out, const char *argument);
void close_database(furrow_engine *engine);
enum { SKIPPED = 77 }; /* meson: it cannot run here */
bool must_skip(const char *argument);

#endif
