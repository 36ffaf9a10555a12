/* SPDX-License-Identifier: MIT
 *
 * The functions that generated code calls, and the named arguments of each operation. A generated
 * function calls one of these functions and passes its model. It also passes its own options
 * struct, which begins with the session and a result of the model's type. The rest of that struct
 * has the same layout as an untyped struct below. The library copies the options into the untyped
 * struct.
 */
#ifndef FURROW_GENERATED_H
#define FURROW_GENERATED_H

#pragma GCC system_header /* see internal/export.h */

#include <furrow/json.h>
#include <furrow/query.h>
#include <furrow/internal/aggregate.h>
#include <furrow/internal/verb.h>

#define FURROW_WHERE_ furrow_condition where[FURROW_MAX_CONDITIONS + 1];
#define FURROW_FIND_ARGUMENTS_                                                                     \
    FURROW_WHERE_                                                                                  \
    furrow_ordering order_by[FURROW_MAX_ORDERINGS + 1];                                            \
    int64_t offset; /* rows to skip; 0 means none */                                               \
    int64_t limit;  /* maximum number of rows; 0 means no limit */                                 \
    furrow_lock lock;                                                                              \
    furrow_if_locked if_locked;                                                                    \
    furrow_path with[FURROW_MAX_PATHS + 1]; /* relationships to load */                            \
    int64_t page_size;          /* maximum number of rows of a keyset page; 0 means that           \
                                   the result is not divided into pages */                         \
    const char *after, *before; /* a cursor of a furrow_page, or NULL */                           \
    furrow_page *page;          /* receives the cursors around the page; may be NULL */            \
    char end_;
#define FURROW_COUNT_ARGUMENTS_                                                                    \
    FURROW_WHERE_                                                                                  \
    char end_;
#define FURROW_AGGREGATE_ARGUMENTS_                                                                \
    furrow_column_ref column; /* a column, such as furrow_col(ITEM.count) */                       \
    FURROW_WHERE_                                                                                  \
    char end_;
#define FURROW_UPDATE_ARGUMENTS_                                                                   \
    furrow_column_ref only[FURROW_MAX_COLUMN_REFS + 1]; /* empty means every column */             \
    char end_;
#define FURROW_UPSERT_ARGUMENTS_                                                                   \
    furrow_column_ref conflict[FURROW_MAX_COLUMN_REFS + 1]; /* empty means the primary key */      \
    furrow_assignment set[FURROW_MAX_ASSIGNMENTS + 1];      /* empty means all other columns */    \
    char end_;
#define FURROW_UPDATE_WHERE_ARGUMENTS_                                                             \
    furrow_assignment set[FURROW_MAX_ASSIGNMENTS + 1];                                             \
    FURROW_WHERE_                                                                                  \
    bool all_rows;                                                                                 \
    uint64_t *changed; /* receives the number of rows; may be NULL */                              \
    char end_;
#define FURROW_DELETE_WHERE_ARGUMENTS_                                                             \
    FURROW_WHERE_                                                                                  \
    bool all_rows;                                                                                 \
    uint64_t *changed; /* receives the number of rows; may be NULL */                              \
    char end_;
#define FURROW_TO_JSON_ARGUMENTS_                                                                  \
    size_t *size; /* receives the length of the text in bytes; may be NULL */                      \
    furrow_path with[FURROW_MAX_PATHS + 1]; /* relationships to write; they are loaded if          \
                                               necessary */                                        \
    char end_;
#define FURROW_FROM_JSON_ARGUMENTS_                                                                \
    bool ignore_unknown;   /* skip members that the model does not have */                         \
    bool ignore_read_only; /* skip members that are json(read_only) */                             \
    size_t max_problems;   /* problems to report; 0 means 32 */                                    \
    size_t max_size;       /* bytes of the text; 0 means 1 MiB */                                  \
    int max_depth;         /* levels of objects and arrays, at most 512; 0 means 64 */             \
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
/* Counts and sums over a relationship. `out` is an array with an element for each row in `rows`. */
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
/* `rows` is the row, or a struct <model>_list. */
struct furrow_to_json_options {
    furrow_session *s;
    const char **out;
    const void *rows;
    FURROW_TO_JSON_ARGUMENTS_
};
/* `out` is the address of a row pointer, or for a patch the row itself. */
struct furrow_from_json_options {
    furrow_session *s;
    void *out;
    const char *text;
    size_t text_size; /* in bytes */
    furrow_problems *problems;
    FURROW_FROM_JSON_ARGUMENTS_
};

/* The load paths that a call receives. */
typedef struct furrow_path_list {
    const furrow_path *items;
    size_t count;
} furrow_path_list;
/* Values for the parameters of a raw statement. */
typedef struct furrow_value_list {
    const furrow_value *items;
    size_t count;
} furrow_value_list;
/* Primary keys in the program's memory: `count` elements of `size` bytes. The i-th column of the
 * key is at offsets[i] of an element, with the column's C type; text is always a const char *. */
typedef struct furrow_key_list {
    const void *items;
    size_t size, count;
    const uint32_t *offsets;
} furrow_key_list;

/* A row is a struct of model->size bytes. `out` points to a struct <model>_list for `find`, to a
 * struct <model> * for `first`, and to a cursor for `stream`. `size` is the size of the options
 * struct in bytes, without its last member `end_`. */
FURROW_API furrow_status furrow_model_insert(furrow_session *s, const furrow_model *model,
                                             void *row);
FURROW_API furrow_status furrow_model_insert_many(furrow_session *s, const furrow_model *model,
                                                  void *rows, size_t count);
FURROW_API furrow_status furrow_model_upsert(const furrow_model *model, size_t size,
                                             const void *options);
/* `key` has one value for each column of the primary key, in the order of the key. */
FURROW_API furrow_status furrow_model_get(furrow_session *s, const furrow_model *model, void *out,
                                          const furrow_value *key);
/* Get a row and load paths for it. The paths are checked before a statement is sent. If loading
 * fails, no row is returned. */
FURROW_API furrow_status furrow_model_get_with(furrow_session *s, const furrow_model *model,
                                               void *out, const furrow_value *key,
                                               furrow_path_list paths);
FURROW_API furrow_status furrow_model_get_many(furrow_session *s, const furrow_model *model,
                                               void *out, const furrow_key_list *keys);
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
/* Get the database's query plan for a `find`, as text that belongs to the session. The member `out`
 * of the options points to a const char *, which is "" on failure. */
FURROW_API furrow_status furrow_model_explain(const furrow_model *model, size_t size,
                                              const void *options);
/* Copy a row, with its text, blobs and loaded relationships, into the session's memory. A row that
 * is reached in several ways is copied once. Returns NULL on failure; the session keeps the error.
 */
FURROW_API void *furrow_model_copy(furrow_session *s, const furrow_model *model, const void *row);
/* Run a raw statement and return its rows as structs, filled by column name. */
FURROW_API furrow_status furrow_model_query(furrow_session *s, const furrow_model *model, void *out,
                                            const char *sql, furrow_value_list values);

/* JSON */

/* Write rows as JSON, read them, and check them; see furrow_json(3). For a list, `rows` in the
 * options points to a struct <model>_list. A patch changes the row at `out`. */
FURROW_API furrow_status furrow_model_to_json(const furrow_model *model, size_t size,
                                              const void *options);
FURROW_API furrow_status furrow_model_list_to_json(const furrow_model *model, size_t size,
                                                   const void *options);
FURROW_API furrow_status furrow_model_from_json(const furrow_model *model, size_t size,
                                                const void *options);
FURROW_API furrow_status furrow_model_patch_json(const furrow_model *model, size_t size,
                                                 const void *options);
FURROW_API furrow_status furrow_model_validate(furrow_session *s, const furrow_model *model,
                                               const void *row, furrow_problems *problems);

/* Relationships */

/* Load paths for `count` rows of the model, such as the items of a list. */
FURROW_API furrow_status furrow_rows_load(furrow_session *s, const furrow_model *model,
                                          void *const *rows, size_t count, furrow_path_list paths);
/* Load a relationship into its member of the row, and also for every other row of the same result.
 * If the relationship of this row is already loaded, nothing is loaded. On failure the member is
 * unchanged. */
FURROW_API furrow_status furrow_relation_load(furrow_session *s, const furrow_relation *relation,
                                              void *row);
/* Whether a relationship of this row has been loaded. If the member of the relationship is NULL,
 * true means that the related row does not exist, and false means that it has not been loaded. */
FURROW_API bool furrow_relation_is_loaded(furrow_session *s, const furrow_relation *relation,
                                          const void *row);
/* For each row of a list, count the related rows, or sum a column of the related rows, without
 * loading them. If there are conditions, only related rows that match are included. */
FURROW_API furrow_status furrow_relation_count(const furrow_relation *relation, size_t size,
                                               const void *options);
FURROW_API furrow_status furrow_relation_sum(const furrow_relation *relation, size_t size,
                                             const void *options);
/* Change the links of a many-to-many relationship: add missing links, remove existing links, or do
 * both so that the row is linked to exactly these targets. Afterwards the row's list is marked as
 * not loaded. */
FURROW_API furrow_status furrow_links_add(furrow_session *s, const furrow_relation *relation,
                                          void *row, void *const *targets, size_t count);
FURROW_API furrow_status furrow_links_remove(furrow_session *s, const furrow_relation *relation,
                                             void *row, void *const *targets, size_t count);
FURROW_API furrow_status furrow_links_set(furrow_session *s, const furrow_relation *relation,
                                          void *row, void *const *targets, size_t count);
/* Insert rows, and the related rows that they hold in the relationships along the paths. Parents
 * are inserted before children, and their keys are copied into the children. Each step of a path
 * takes one statement. */
FURROW_API furrow_status furrow_rows_insert(furrow_session *s, const furrow_model *model,
                                            void *rows, size_t count, furrow_path_list paths);

/* Returns the next row of a stream. Returns NULL at the end of the stream, after a failure, or if
 * `cursor` is NULL. The next call may reuse the memory of the row and of its related rows. A stream
 * ends with its transaction; a call after that fails with FURROW_INVALID. With `.with`, paths are
 * loaded for 256 rows at a time. */
FURROW_API void *furrow_cursor_next(furrow_cursor *cursor);
/* Returns the column with this name, which can be the name in C or in the database. Returns NULL if
 * there is no such column. */
FURROW_API const furrow_column *furrow_model_column(const furrow_model *model, const char *name);

#endif
