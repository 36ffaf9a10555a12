/* SPDX-License-Identifier: MIT
 *
 * Names of earlier versions. The use of such a name is an error whose message gives the new name.
 */
#ifndef FURROW_INTERNAL_RENAMED_H
#define FURROW_INTERNAL_RENAMED_H

#pragma GCC system_header /* see internal/export.h */

/* A static assertion that fails with this message. `result` is an expression of the type that the
 * old name had, so that the compiler reports no other error. */
#define FURROW_RENAMED_(result, message)                                                           \
    (sizeof(struct {                                                                               \
        _Static_assert(0, message);                                                                \
        char member_;                                                                              \
    })                                                                                             \
         ? (result)                                                                                \
         : (result))

/* 0.2 */

#define furrow_status_of(...)                                                                      \
    FURROW_RENAMED_(FURROW_OK, "furrow_status_of is now furrow_session_status")
#define furrow_last_error(...)                                                                     \
    FURROW_RENAMED_((const furrow_error *)0, "furrow_last_error is now furrow_session_error")
#define furrow_changed(...) FURROW_RENAMED_(0, "furrow_changed is now furrow_session_changed")
#define furrow_commit_async(...)                                                                   \
    FURROW_RENAMED_(FURROW_OK, "furrow_commit_async is now furrow_commit_begin")
#define furrow_next(...) FURROW_RENAMED_(0, "furrow_next is now furrow_rows_next")
#define furrow_row_count(...) FURROW_RENAMED_(0, "furrow_row_count is now furrow_rows_count")
#define furrow_column_count(...)                                                                   \
    FURROW_RENAMED_(0, "furrow_column_count is now furrow_rows_column_count")
#define furrow_column_name(...)                                                                    \
    FURROW_RENAMED_("", "furrow_column_name is now furrow_rows_column_name")
#define furrow_column_index(...)                                                                   \
    FURROW_RENAMED_(0, "furrow_column_index is now furrow_rows_column_index")
#define furrow_int64(...) FURROW_RENAMED_(0, "furrow_int64 is now furrow_row_int64")
#define furrow_double(...) FURROW_RENAMED_(0, "furrow_double is now furrow_row_double")
#define furrow_bool(...) FURROW_RENAMED_(0, "furrow_bool is now furrow_row_bool")
#define furrow_text(...) FURROW_RENAMED_("", "furrow_text is now furrow_row_text")
#define furrow_bytes(...) FURROW_RENAMED_((furrow_blob){0}, "furrow_bytes is now furrow_row_blob")
#define furrow_is_null_at(...) FURROW_RENAMED_(0, "furrow_is_null_at is now furrow_row_is_null")
#define FURROW_UNKNOWN FURROW_RENAMED_(FURROW_OK, "FURROW_UNKNOWN is now FURROW_COMMIT_UNKNOWN")
#define FURROW_READ_COMMITTED                                                                      \
    FURROW_RENAMED_(FURROW_ISOLATION_DEFAULT,                                                      \
                    "FURROW_READ_COMMITTED is now FURROW_ISOLATION_READ_COMMITTED")
#define FURROW_REPEATABLE_READ                                                                     \
    FURROW_RENAMED_(FURROW_ISOLATION_DEFAULT,                                                      \
                    "FURROW_REPEATABLE_READ is now FURROW_ISOLATION_REPEATABLE_READ")
#define FURROW_SERIALIZABLE                                                                        \
    FURROW_RENAMED_(FURROW_ISOLATION_DEFAULT,                                                      \
                    "FURROW_SERIALIZABLE is now FURROW_ISOLATION_SERIALIZABLE")
#define FURROW_DURABLE                                                                             \
    FURROW_RENAMED_(FURROW_DURABILITY_FULL, "FURROW_DURABLE is now FURROW_DURABILITY_FULL")
#define FURROW_RELAXED                                                                             \
    FURROW_RENAMED_(FURROW_DURABILITY_FULL, "FURROW_RELAXED is now FURROW_DURABILITY_RELAXED")
#define FURROW_NO_LOCK FURROW_RENAMED_(FURROW_LOCK_NONE, "FURROW_NO_LOCK is now FURROW_LOCK_NONE")
#define FURROW_FOR_UPDATE                                                                          \
    FURROW_RENAMED_(FURROW_LOCK_NONE, "FURROW_FOR_UPDATE is now FURROW_LOCK_FOR_UPDATE")
#define FURROW_FOR_UPDATE_SKIP_LOCKED                                                              \
    FURROW_RENAMED_(FURROW_LOCK_NONE,                                                              \
                    "FURROW_FOR_UPDATE_SKIP_LOCKED is now FURROW_LOCK_FOR_UPDATE with .if_locked " \
                    "= FURROW_IF_LOCKED_SKIP")
#define FURROW_FOR_UPDATE_NOWAIT                                                                   \
    FURROW_RENAMED_(FURROW_LOCK_NONE, "FURROW_FOR_UPDATE_NOWAIT is now FURROW_LOCK_FOR_UPDATE "    \
                                      "with .if_locked = FURROW_IF_LOCKED_FAIL")

/* furrow_is_null(column) is a condition. In earlier versions, a call with two arguments called the
 * function that is now named furrow_row_is_null. */
#define FURROW_IS_NULL_ROW_(...)                                                                   \
    FURROW_RENAMED_(0, "furrow_is_null(rows, i) is now furrow_row_is_null(rows, i)")

#endif
