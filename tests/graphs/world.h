/* SPDX-License-Identifier: MIT
 *
 * A random graph of rows. First, the rows that each reference connects are chosen by index. Then
 * keys are made from the indexes, and the rows are inserted. The test therefore knows the rows that
 * a relationship must lead to. It needs no keys, no statements and no description of relationships
 * from the library to find them.
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

/* A relationship between two kinds, as the test describes it. */
struct shape {
    const char *name;
    enum kind from, to;
    enum { ONE, ONE_BACK, MANY, THROUGH } how;
    enum reference reference, second; /* for link rows, `reference` is their reference to the parent
                                         and `second` is their reference to the target */
    size_t offset;                    /* offset of the relationship's member in the struct */
    const furrow_relation *relation;  /* the same relationship in the library's description */
};
extern struct shape shapes[RELATIONS];
extern int shape_count;

struct kind_facts {
    const char *name;
    const furrow_model *model;
    size_t size, n, m, t; /* size of the struct; offsets of the columns n, m and t */
    furrow_int32_column n_column, m_column;
    furrow_text_column t_column;
    int (*compare)(const void *a, const void *b); /* compares two rows by primary key */
};
extern struct kind_facts kinds[KINDS];
void start_kinds(void);

struct world {
    int count[KINDS];
    char *rows[KINDS];
    int *rank[KINDS];        /* for each row, its position in the order of the primary key */
    int *target[REFERENCES]; /* for each row, the index of the row that it refers to, or NONE */
    int *first[RELATIONS];   /* two numbers for each row: the start and the end of its related rows
                                in `related` */
    int *related[RELATIONS]; /* the indexes of the related rows, without duplicates, sorted by their
                                keys */
};

extern uint64_t random_state;
uint32_t random_below(uint32_t limit);
bool chance(uint32_t percent);

void world_make(struct world *w, int size);
void world_free(struct world *w);
/* Inserts all rows of the graph. */
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
/* Stores column m of the row in *m. Returns false if the column is NULL. */
bool m_of(enum kind k, const void *row, int32_t *m);
static inline const char *t_of(enum kind k, const void *row)
{
    const char *t;
    memcpy(&t, (const char *)row + kinds[k].t, sizeof t);
    return t;
}

/* Opens an engine on a database that only this program uses. For sqlite:///, this is a file in a
 * temporary folder. For postgresql://, it is a schema on the server that FURROW_TEST_POSTGRESQL
 * names. If this fails, prints a message and returns false. */
bool open_database(furrow_engine **out, const char *argument);
void close_database(furrow_engine *engine);
enum { SKIPPED = 77 }; /* the exit status that makes meson report the test as skipped */
bool must_skip(const char *argument);

#endif
