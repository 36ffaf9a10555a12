/* SPDX-License-Identifier: MIT
 *
 * What generated code calls: every typed function is a thin wrapper over one of these and a model's
 * tables. The lists of named arguments are given here once; a model's own options structs begin
 * with the session and a typed result, and have the layout of the untyped structs below, by which
 * the library reads a copy.
 */
#ifndef FURROW_GENERATED_H
#define FURROW_GENERATED_H

#include <furrow/query.h>
#include <furrow/internal/aggregate.h>
#include <furrow/internal/verb.h>

#define FURROW_WHERE_ furrow_condition where[FURROW_MAX_CONDITIONS + 1];
#define FURROW_FIND_ARGUMENTS_                                                                     \
    FURROW_WHERE_                                                                                  \
    furrow_ordering order_by[FURROW_MAX_ORDERINGS + 1];                                            \
    int64_t offset; /* rows to pass over; 0 for none */                                            \
    int64_t limit;  /* rows at most; 0 for all */                                                  \
    furrow_lock lock;                                                                              \
    furrow_if_locked if_locked;                                                                    \
    furrow_path with[FURROW_MAX_PATHS + 1]; /* relationships to load, by path */                   \
    int64_t page_size;                      /* rows of a keyset page; 0 for none */                \
    const char *after, *before;             /* the cursor of a furrow_page */                      \
    furrow_page *page; /* receives the cursors around the page; may be NULL */                     \
    char end_;
#define FURROW_COUNT_ARGUMENTS_                                                                    \
    FURROW_WHERE_                                                                                  \
    char end_;
#define FURROW_AGGREGATE_ARGUMENTS_                                                                \
    const void *column; /* one of the model's columns: ITEM.count */                               \
    FURROW_WHERE_                                                                                  \
    char end_;
#define FURROW_UPDATE_ARGUMENTS_                                                                   \
    furrow_column_ref only[FURROW_MAX_COLUMN_REFS + 1]; /* empty: every column */                  \
    char end_;
#define FURROW_UPSERT_ARGUMENTS_                                                                   \
    furrow_column_ref conflict[FURROW_MAX_COLUMN_REFS + 1]; /* empty: the primary key */           \
    furrow_assignment set[FURROW_MAX_ASSIGNMENTS + 1];      /* empty: every column but those */    \
    char end_;
#define FURROW_UPDATE_WHERE_ARGUMENTS_                                                             \
    furrow_assignment set[FURROW_MAX_ASSIGNMENTS + 1];                                             \
    FURROW_WHERE_                                                                                  \
    bool all_rows;                                                                                 \
    uint64_t *changed; /* how many rows; may be NULL */                                            \
    char end_;
#define FURROW_DELETE_WHERE_ARGUMENTS_                                                             \
    FURROW_WHERE_                                                                                  \
    bool all_rows;                                                                                 \
    uint64_t *changed; /* how many rows; may be NULL */                                            \
    char end_;

struct furrow_find_options {
    furrow_session *s;
    void *out;
    FURROW_FIND_ARGUMENTS_
};
struct furrow_count_options {
    furrow_session *s;
    void *out;
    FURROW_COUNT_ARGUMENTS_
};
struct furrow_aggregate_options {
    furrow_session *s;
    void *out;
    FURROW_AGGREGATE_ARGUMENTS_
};
/* Of a relationship, for each row of a list: `out` is an array with one element for each row. */
struct furrow_relation_count_options {
    furrow_session *s;
    const void *rows; /* a struct <model>_list */
    int64_t *out;
    FURROW_COUNT_ARGUMENTS_
};
struct furrow_relation_sum_options {
    furrow_session *s;
    const void *rows; /* a struct <model>_list */
    void *out;
    FURROW_AGGREGATE_ARGUMENTS_
};
struct furrow_update_options {
    furrow_session *s;
    void *row;
    FURROW_UPDATE_ARGUMENTS_
};
struct furrow_upsert_options {
    furrow_session *s;
    void *row;
    FURROW_UPSERT_ARGUMENTS_
};
struct furrow_update_where_options {
    furrow_session *s;
    FURROW_UPDATE_WHERE_ARGUMENTS_
};
struct furrow_delete_where_options {
    furrow_session *s;
    FURROW_DELETE_WHERE_ARGUMENTS_
};

/* Rows are structs of model->size bytes; `out` of a find is a struct <model>_list, of a first a
 * struct <model> *, of a stream a cursor. `size` is that of the options struct in bytes. */
FURROW_API furrow_status furrow_model_insert(furrow_session *s, const furrow_model *model,
                                             void *row);
FURROW_API furrow_status furrow_model_insert_many(furrow_session *s, const furrow_model *model,
                                                  void *rows, size_t count);
FURROW_API furrow_status furrow_model_upsert(const furrow_model *model, size_t size,
                                             const void *options);
/* key: one value a column of the primary key, in its order. */
FURROW_API furrow_status furrow_model_get(furrow_session *s, const furrow_model *model, void *out,
                                          const furrow_value *key);
/* The same, and load paths for the row. The paths are checked before anything is sent; if loading
 * fails, there is no row. */
FURROW_API furrow_status furrow_model_get_with(furrow_session *s, const furrow_model *model,
                                               void *out, const furrow_value *key,
                                               const furrow_path *paths, size_t path_count);
/* keys: `count` elements of `key_size` bytes, the i-th column of the primary key at offsets[i] as
 * its C type (text always as const char *). */
FURROW_API furrow_status furrow_model_get_many(furrow_session *s, const furrow_model *model,
                                               void *out, const void *keys, size_t key_size,
                                               const uint32_t *offsets, size_t count);
FURROW_API furrow_status furrow_model_refresh(furrow_session *s, const furrow_model *model,
                                              void *row);
FURROW_API furrow_status furrow_model_update(const furrow_model *model, size_t size,
                                             const void *options);
FURROW_API furrow_status furrow_model_delete(furrow_session *s, const furrow_model *model,
                                             const void *row);
FURROW_API furrow_status furrow_model_find(const furrow_model *model, size_t size,
                                           const void *options);
FURROW_API furrow_status furrow_model_first(const furrow_model *model, size_t size,
                                            const void *options);
FURROW_API furrow_status furrow_model_stream(const furrow_model *model, size_t size,
                                             const void *options);
FURROW_API furrow_status furrow_model_count(const furrow_model *model, size_t size,
                                            const void *options);
FURROW_API furrow_status furrow_model_exists(const furrow_model *model, size_t size,
                                             const void *options);
FURROW_API furrow_status furrow_model_aggregate(const furrow_model *model,
                                                furrow_aggregate aggregate, size_t size,
                                                const void *options);
FURROW_API furrow_status furrow_model_update_where(const furrow_model *model, size_t size,
                                                   const void *options);
FURROW_API furrow_status furrow_model_delete_where(const furrow_model *model, size_t size,
                                                   const void *options);
/* The engine's plan of a find, as text that belongs to the session: `out` of the options is a
 * const char *, which is "" on failure. */
FURROW_API furrow_status furrow_model_explain(const furrow_model *model, size_t size,
                                              const void *options);
/* A copy of a row in the session's memory, with its text, blobs and loaded relationships; a row
 * that several rows lead to is copied once. NULL on failure, with the error kept in the session. */
FURROW_API void *furrow_model_copy(furrow_session *s, const furrow_model *model, const void *row);
/* The rows of a raw statement, as structs filled by column name. */
FURROW_API furrow_status furrow_model_query(furrow_session *s, const furrow_model *model, void *out,
                                            const char *sql, const furrow_value *values,
                                            size_t count);

/* ---- relationships ---- */

/* Load paths for `count` rows: items of a list, or any rows of the model. */
FURROW_API furrow_status furrow_rows_load(furrow_session *s, const furrow_model *model,
                                          void *const *rows, size_t count, const furrow_path *paths,
                                          size_t path_count);
/* Load a relationship of one row, and of every row of the result it came with, once. Afterwards the
 * row's member holds it; on failure the member is as before. */
FURROW_API furrow_status furrow_relation_load(furrow_session *s, const furrow_relation *relation,
                                              void *row);
/* Whether a relationship of this row was loaded: tells an absent row from one never asked for. */
FURROW_API bool furrow_relation_is_loaded(furrow_session *s, const furrow_relation *relation,
                                          const void *row);
/* The number of rows that each row of a list leads to, and the sums of a column of those rows; with
 * conditions on the target, only of rows that match. No rows are loaded. */
FURROW_API furrow_status furrow_relation_count(const furrow_relation *relation, size_t size,
                                               const void *options);
FURROW_API furrow_status furrow_relation_sum(const furrow_relation *relation, size_t size,
                                             const void *options);
/* Links of a many-to-many: add those that are not there, remove those that are, or make them
 * exactly these. The row's list is no longer loaded afterwards. */
FURROW_API furrow_status furrow_links_add(furrow_session *s, const furrow_relation *relation,
                                          void *row, void *const *targets, size_t count);
FURROW_API furrow_status furrow_links_remove(furrow_session *s, const furrow_relation *relation,
                                             void *row, void *const *targets, size_t count);
FURROW_API furrow_status furrow_links_set(furrow_session *s, const furrow_relation *relation,
                                          void *row, void *const *targets, size_t count);
/* Insert rows with what their relationships along the paths hold: parents before children, keys
 * carried over, one statement a table and step. */
FURROW_API furrow_status furrow_rows_insert(furrow_session *s, const furrow_model *model,
                                            void *rows, size_t count, const furrow_path *paths,
                                            size_t path_count);

/* The next row, in memory that the next call may reuse, as that of all that it leads to; NULL at
 * the end, after a failure, of NULL. A stream ends with its transaction: reading on behind that is
 * FURROW_INVALID. With `.with`, paths are loaded for 256 rows at a time. */
FURROW_API void *furrow_cursor_next(furrow_cursor *cursor);
/* The column with this name in C or in the database, or NULL. */
FURROW_API const furrow_column *furrow_model_column(const furrow_model *model, const char *name);

#endif
