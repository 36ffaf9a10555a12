/* SPDX-License-Identifier: MIT
 *
 * Counts and sums related rows. The relation is chosen at run time. */
#ifndef RELATED_H
#define RELATED_H

#include <furrow/furrow.h>

/* A list of rows of any model. */
struct row_list {
    void **items;
    size_t count;
    bool loaded;
};

static inline furrow_status count_related(furrow_session *s, const furrow_relation *relation,
                                          int64_t *counts, void **rows, size_t count)
{
    struct row_list list = {rows, count, false};
    struct furrow_relation_count_options o = {.s = s, .rows = &list, .out = counts};
    return furrow_relation_count(relation, sizeof o, &o);
}

#define sum_related(s, relation, sums, column_, rows, count)                                       \
    sum_of_related((s), (relation), (sums), FURROW_COLUMN_(column_), (rows), (count))
static inline furrow_status sum_of_related(furrow_session *s, const furrow_relation *relation,
                                           void *sums, const furrow_column *column, void **rows,
                                           size_t count)
{
    struct row_list list = {rows, count, false};
    struct furrow_relation_sum_options o = {
        .s = s, .rows = &list, .out = sums, .column = furrow_col_of(column)};
    return furrow_relation_sum(relation, sizeof o, &o);
}

#endif
