/* SPDX-License-Identifier: MIT
 * The driver's vtable. */
#include "driver/postgresql/postgresql.h"

const furrow_driver furrow_driver_postgresql = {
    .version = FURROW_DRIVER_VERSION,
    .name = "postgresql",
    .scheme = "postgresql",
    .open = furrow__pg_open,
    .close = furrow__pg_close,
    .ping = furrow__pg_ping,
    .reset = furrow__pg_reset,
    .cancel = furrow__pg_cancel,
    .set_timeout = furrow__pg_set_timeout,
    .begin = furrow__pg_begin,
    .commit = furrow__pg_commit,
    .rollback = furrow__pg_rollback,
    .savepoint = furrow__pg_savepoint,
    .release = furrow__pg_release,
    .rollback_to = furrow__pg_rollback_to,
    .prepare = furrow__pg_prepare,
    .finalize = furrow__pg_finalize,
    .bind = furrow__pg_bind,
    .bind_row = furrow__pg_bind_row,
    .bind_array = furrow__pg_bind_array,
    .execute = furrow__pg_execute,
    .step = furrow__pg_step,
    .row_count = furrow__pg_row_count,
    .read_row = furrow__pg_read_row,
    .read_value = furrow__pg_read_value,
    .column_name = furrow__pg_column_name,
    .column_type = furrow__pg_column_type,
    .reset_statement = furrow__pg_reset_statement,
    .expire = furrow__pg_expire,
    .lock_schema = furrow__pg_lock_schema,
    .describe_table = furrow__pg_describe_table,
    .explain_violation = NULL, /* PostgreSQL names the constraint in its errors */
};
