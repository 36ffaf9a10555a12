/* SPDX-License-Identifier: MIT
 * Binds values and fields to parameters. All values are bound with SQLITE_STATIC, since the memory
 * is borrowed until the statement is reset. Strings that this file creates are stored in the
 * statement. */
#include "base/memory.h"
#include "base/text.h"
#include "driver/sqlite/cell.h"
#include "driver/sqlite/sqlite.h"

furrow_status furrow__cell_fail(furrow__cell_kind kind, const furrow_column *column,
                                furrow_error *error)
{
    const char *what =
        kind == FURROW__CELL_BAD_DECIMAL ? "the decimal has more digits than the column allows"
        : kind == FURROW__CELL_BAD_ENUM  ? "the value is not one of the values of the enum"
                                         : "the time is outside the years 1 to 9999";
    furrow__fail(error, FURROW_INVALID, "%s.%s: %s", FURROW__QUOTED(furrow__cell_owner(column)),
                 FURROW__QUOTED(column->name), what);
    furrow__copy_text(error->table, sizeof error->table, furrow__cell_owner(column));
    furrow__copy_text(error->column, sizeof error->column, column->name);
    return FURROW_INVALID;
}

/* Returns the buffer for a parameter's text, or NULL when out of memory. */
static char *text_of(furrow__sqlite_statement *statement, int index)
{
    if (!statement->texts) {
        statement->texts = furrow__allocate_zeroed((size_t)statement->base.parameter_count,
                                                   sizeof *statement->texts);
        if (!statement->texts)
            return NULL;
    }
    return statement->texts[index];
}

static inline int bind_cell(furrow__sqlite_statement *statement, int parameter,
                            const furrow__cell *cell)
{
    sqlite3_stmt *handle = statement->handle;
    statement->borrows |= cell->kind == FURROW__CELL_TEXT || cell->kind == FURROW__CELL_BLOB;
    switch (cell->kind) {
    case FURROW__CELL_INTEGER:
        return sqlite3_bind_int64(handle, parameter, cell->integer);
    case FURROW__CELL_REAL:
        return sqlite3_bind_double(handle, parameter, cell->real);
    case FURROW__CELL_TEXT:
        return sqlite3_bind_text64(handle, parameter, cell->bytes, cell->size, SQLITE_STATIC,
                                   SQLITE_UTF8);
    case FURROW__CELL_BLOB:
        return sqlite3_bind_blob64(handle, parameter, cell->bytes, cell->size, SQLITE_STATIC);
    default:
        return sqlite3_bind_null(handle, parameter);
    }
}

/* Checks that the parameters from `index` to `index + count - 1` exist. */
static furrow_status check_range(const furrow__sqlite_statement *statement, int index, size_t count,
                                 furrow_error *error)
{
    int parameters = statement->base.parameter_count;
    if (index < 0 || index > parameters || count > (size_t)(parameters - index))
        return furrow__fail(error, FURROW_INVALID,
                            "the statement has %d parameters, but parameter %zu was bound",
                            parameters, (size_t)(index < 0 ? 0 : index) + count);
    return FURROW_OK;
}

static furrow_status fail_bind(const furrow__sqlite_statement *statement, int rc,
                               furrow_error *error)
{
    if (rc == SQLITE_MISUSE)
        return furrow__fail(error, FURROW_INVALID,
                            "the statement is active: reset it before its values are bound again");
    return furrow__sqlite_fail(furrow__sqlite_of(statement->base.connection), statement, rc, error);
}

furrow_status furrow__sqlite_bind_row(furrow_statement *base, int index, furrow_column_list columns,
                                      const void *row, furrow_error *error)
{
    furrow__sqlite_statement *statement = (furrow__sqlite_statement *)base;
    if (check_range(statement, index, columns.count, error))
        return error->status;
    for (size_t i = 0; i < columns.count; i++) {
        const furrow_column *column = columns.columns[i];
        int parameter = index + (int)i;
        char *text = NULL;
        if (furrow__cell_needs_text(column->type) && !(text = text_of(statement, parameter)))
            return furrow__fail(error, FURROW_NOMEM, "out of memory");
        furrow__cell cell = furrow__cell_of_row(column, row, text);
        if (cell.kind >= FURROW__CELL_BAD_DECIMAL)
            return furrow__cell_fail(cell.kind, column, error);
        int rc = bind_cell(statement, parameter + 1, &cell);
        if (rc != SQLITE_OK)
            return fail_bind(statement, rc, error);
    }
    return FURROW_OK;
}

static bool is_integer(const furrow_value *value)
{
    return value->type == FURROW_TYPE_BOOL || value->type == FURROW_TYPE_INT16 ||
           value->type == FURROW_TYPE_INT32 || value->type == FURROW_TYPE_INT64 ||
           value->type == FURROW_TYPE_ENUM;
}

static bool is_real(const furrow_value *value)
{
    return value->type == FURROW_TYPE_DOUBLE || value->type == FURROW_TYPE_FLOAT;
}

static bool is_text(const furrow_value *value)
{
    return value->type == FURROW_TYPE_TEXT || value->type == FURROW_TYPE_CHARS ||
           value->type == FURROW_TYPE_JSON;
}

/* Makes the cell that a column of a numeric type or of an enum stores for a value. Returns false if
 * the column does not accept values of this type. */
static bool number_for(const furrow_column *column, const furrow_value *value, furrow__cell *cell)
{
    int64_t integer = value->as.integer;
    bool is_whole = is_integer(value);
    switch ((furrow_type)column->type) {
    case FURROW_TYPE_BOOL:
        *cell = furrow__cell_integer(integer != 0);
        return is_whole;
    case FURROW_TYPE_FLOAT:
    case FURROW_TYPE_DOUBLE:
        *cell = furrow__cell_real(is_real(value) ? value->as.real : (double)integer);
        return is_whole || is_real(value);
    case FURROW_TYPE_ENUM:
        if (is_whole)
            *cell = furrow__cell_enum(column, integer);
        return is_whole;
    case FURROW_TYPE_DECIMAL:
        if (is_whole)
            *cell = furrow__cell_decimal((furrow_decimal){integer, 0}, column->scale);
        else
            *cell = furrow__cell_decimal(value->as.decimal, column->scale);
        return is_whole || value->type == FURROW_TYPE_DECIMAL;
    default:
        *cell = furrow__cell_integer(integer);
        return is_whole;
    }
}

/* Makes the cell that a column stores for a value. Returns false if the column does not accept
 * values of this type. */
static bool cell_for(const furrow_column *column, const furrow_value *value, char *text,
                     furrow__cell *cell)
{
    switch ((furrow_type)column->type) {
    case FURROW_TYPE_TEXT:
    case FURROW_TYPE_CHARS:
    case FURROW_TYPE_JSON:
        if (is_text(value))
            *cell = furrow__cell_text_or_null(value->as.text);
        return is_text(value);
    case FURROW_TYPE_BLOB:
        *cell = furrow__cell_blob(value->as.blob, column->flags & FURROW_COLUMN_NULLABLE);
        return value->type == FURROW_TYPE_BLOB;
    case FURROW_TYPE_TIME:
        if (value->type == FURROW_TYPE_TIME)
            *cell = furrow__cell_time(value->as.time, text);
        return value->type == FURROW_TYPE_TIME;
    case FURROW_TYPE_DATE:
        if (value->type == FURROW_TYPE_DATE)
            *cell = furrow__cell_date(value->as.date, text);
        return value->type == FURROW_TYPE_DATE;
    case FURROW_TYPE_UUID:
        if (value->type == FURROW_TYPE_UUID)
            *cell = furrow__cell_uuid(value->as.uuid, text);
        return value->type == FURROW_TYPE_UUID;
    case FURROW_TYPE_NULL:
    case FURROW_TYPE_COUNT_:
        return false;
    default:
        return number_for(column, value, cell);
    }
}

/* Makes the cell for a value that does not belong to a column. SQLite's parameters have no type, so
 * each type of value has only one form. A decimal is rejected, because SQLite stores it as an
 * integer that has no meaning without the scale of its column. */
static bool cell_natural(const furrow_value *value, char *text, furrow__cell *cell)
{
    switch ((furrow_type)value->type) {
    case FURROW_TYPE_BOOL:
        *cell = furrow__cell_integer(value->as.integer != 0);
        return true;
    case FURROW_TYPE_INT16:
    case FURROW_TYPE_INT32:
    case FURROW_TYPE_INT64:
    case FURROW_TYPE_ENUM:
        *cell = furrow__cell_integer(value->as.integer);
        return true;
    case FURROW_TYPE_FLOAT:
    case FURROW_TYPE_DOUBLE:
        *cell = furrow__cell_real(value->as.real);
        return true;
    case FURROW_TYPE_TEXT:
    case FURROW_TYPE_CHARS:
    case FURROW_TYPE_JSON:
        *cell = furrow__cell_text_or_null(value->as.text);
        return true;
    case FURROW_TYPE_BLOB:
        *cell = furrow__cell_blob(value->as.blob, true);
        return true;
    case FURROW_TYPE_TIME:
        *cell = furrow__cell_time(value->as.time, text);
        return true;
    case FURROW_TYPE_DATE:
        *cell = furrow__cell_date(value->as.date, text);
        return true;
    case FURROW_TYPE_UUID:
        *cell = furrow__cell_uuid(value->as.uuid, text);
        return true;
    case FURROW_TYPE_DECIMAL:
    case FURROW_TYPE_NULL:
    case FURROW_TYPE_COUNT_:
        break;
    }
    return false;
}

static furrow_status fail_value(const furrow_column *column, const furrow_value *value, int index,
                                furrow_error *error)
{
    if (!column && value->type == FURROW_TYPE_DECIMAL) {
        furrow__fail(error, FURROW_INVALID,
                     "parameter %d: SQLite stores decimals in units that depend on their column",
                     index + 1);
        return furrow__hint(error, "write furrow_value_of(MODEL.column, value), with the column "
                                   "that the value is compared with or assigned to");
    }
    if (!column)
        return furrow__fail(error, FURROW_INVALID, "parameter %d: not a value", index + 1);
    furrow__fail(error, FURROW_INVALID, "%s.%s: the value does not have the type of the column",
                 FURROW__QUOTED(furrow__cell_owner(column)), FURROW__QUOTED(column->name));
    furrow__copy_text(error->table, sizeof error->table, furrow__cell_owner(column));
    furrow__copy_text(error->column, sizeof error->column, column->name);
    return FURROW_INVALID;
}

furrow_status furrow__sqlite_bind(furrow_statement *base, int index, const furrow_column *column,
                                  const furrow_value *value, furrow_error *error)
{
    furrow__sqlite_statement *statement = (furrow__sqlite_statement *)base;
    if (check_range(statement, index, 1, error))
        return error->status;
    furrow__cell cell = {.kind = FURROW__CELL_NULL};
    if (value->type != FURROW_TYPE_NULL) {
        char *text = NULL;
        if (furrow__cell_needs_text(value->type) && !(text = text_of(statement, index)))
            return furrow__fail(error, FURROW_NOMEM, "out of memory");
        if (column ? !cell_for(column, value, text, &cell) : !cell_natural(value, text, &cell))
            return fail_value(column, value, index, error);
        if (cell.kind >= FURROW__CELL_BAD_DECIMAL && column)
            return furrow__cell_fail(cell.kind, column, error);
        if (cell.kind >= FURROW__CELL_BAD_DECIMAL)
            return furrow__fail(error, FURROW_INVALID,
                                "parameter %d: the time is outside the years 1 to 9999", index + 1);
    }
    int rc = bind_cell(statement, index + 1, &cell);
    return rc == SQLITE_OK ? FURROW_OK : fail_bind(statement, rc, error);
}
