/* SPDX-License-Identifier: MIT
 *
 * Two table-valued functions that read memory of the program. The program's pointer is passed with
 * sqlite3_bind_pointer:
 *
 *   SELECT value FROM furrow_array(?1)          the elements of one array
 *   SELECT c0, c1, … FROM furrow_rows(?1)       fields of an array of structs
 *
 * The rowid is the position of an element, starting at 1. Rows can be looked up by rowid directly,
 * so the arrays for the columns of a composite key can be joined on the rowid. A value is returned
 * in the form in which its column stores it. Both functions are eponymous virtual tables: they
 * exist without a CREATE statement.
 */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "driver/sqlite/cell.h"
#include "driver/sqlite/sqlite.h"

enum { MAX_COLUMNS = FURROW_ROW_ARRAY_COLUMNS, SEEK_ROWID = 1 };

static const char pointer_type[] = "furrow_array";

/* The memory that is bound: an array whose elements have the type of `column`, or fields of an
 * array of structs. */
typedef struct source {
    const furrow_column *const *columns; /* used by furrow_rows; NULL for furrow_array */
    const furrow_column *column;         /* used by furrow_array */
    const char *first;
    size_t stride, count, column_count;
    ptrdiff_t has_offset; /* for furrow_array: bytes from an element to its `has`; 0: elements have
                             no `has` */
} source;

typedef struct table {
    sqlite3_vtab base;
    bool rows;
} table;

typedef struct cursor {
    sqlite3_vtab_cursor base;
    const source *from;
    size_t at, end;
} cursor;

static int connect(sqlite3 *db, void *rows, int argc, const char *const *argv, sqlite3_vtab **out,
                   char **message)
{
    (void)argc, (void)argv, (void)message;
    char text[16 + 5 * MAX_COLUMNS + 16] = "CREATE TABLE x(";
    size_t size = strlen(text);
    for (int i = 0; rows && i < MAX_COLUMNS; i++) {
        text[size++] = 'c';
        if (i >= 10)
            text[size++] = (char)('0' + i / 10);
        text[size++] = (char)('0' + i % 10);
        text[size++] = ',';
    }
    const char *end = rows ? "source HIDDEN)" : "value,source HIDDEN)";
    memcpy(text + size, end, strlen(end) + 1);
    int rc = sqlite3_declare_vtab(db, text);
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
    table *made = furrow__allocate_zeroed(1, sizeof *made);
    if (!made)
        return SQLITE_NOMEM;
    made->rows = rows != NULL;
    *out = &made->base;
    return SQLITE_OK;
}

static int disconnect(sqlite3_vtab *base)
{
    furrow__release(base);
    return SQLITE_OK;
}

/* SQLite passes the function's argument as an equality constraint on the hidden column. If that
 * constraint is missing, there is no memory to read. */
static int best_index(sqlite3_vtab *base, sqlite3_index_info *plan)
{
    int argument = ((table *)base)->rows ? MAX_COLUMNS : 1, source_at = -1, rowid_at = -1;
    for (int i = 0; i < plan->nConstraint; i++) {
        if (plan->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ || !plan->aConstraint[i].usable)
            continue;
        if (plan->aConstraint[i].iColumn == argument)
            source_at = i;
        else if (plan->aConstraint[i].iColumn == -1)
            rowid_at = i;
    }
    if (source_at < 0)
        return SQLITE_CONSTRAINT;
    plan->aConstraintUsage[source_at].argvIndex = 1;
    plan->aConstraintUsage[source_at].omit = 1;
    plan->estimatedCost = 100;
    plan->estimatedRows = 100;
    if (rowid_at >= 0) {
        plan->aConstraintUsage[rowid_at].argvIndex = 2;
        plan->idxNum = SEEK_ROWID;
        plan->estimatedCost = 1;
        plan->estimatedRows = 1;
        plan->idxFlags = SQLITE_INDEX_SCAN_UNIQUE;
    }
    return SQLITE_OK;
}

static int open_cursor(sqlite3_vtab *base, sqlite3_vtab_cursor **out)
{
    (void)base;
    cursor *made = furrow__allocate_zeroed(1, sizeof *made);
    if (!made)
        return SQLITE_NOMEM;
    *out = &made->base;
    return SQLITE_OK;
}

static int close_cursor(sqlite3_vtab_cursor *base)
{
    furrow__release(base);
    return SQLITE_OK;
}

static int filter(sqlite3_vtab_cursor *base, int plan, const char *name, int argc,
                  sqlite3_value **argv)
{
    cursor *c = (cursor *)base;
    (void)name;
    c->from = argc > 0 ? sqlite3_value_pointer(argv[0], pointer_type) : NULL;
    c->at = 0;
    c->end = c->from ? c->from->count : 0;
    if (c->from && (c->from->columns != NULL) != ((table *)base->pVtab)->rows)
        c->end = 0;
    if (plan == SEEK_ROWID && argc > 1) {
        int64_t wanted = sqlite3_value_int64(argv[1]);
        bool there = sqlite3_value_type(argv[1]) == SQLITE_INTEGER && wanted >= 1 &&
                     (uint64_t)wanted <= c->end;
        c->at = there ? (size_t)wanted - 1 : 0;
        c->end = there ? (size_t)wanted : 0;
    }
    return SQLITE_OK;
}

static int next(sqlite3_vtab_cursor *base)
{
    ((cursor *)base)->at++;
    return SQLITE_OK;
}

static int eof(sqlite3_vtab_cursor *base)
{
    return ((cursor *)base)->at >= ((cursor *)base)->end;
}

static int rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out)
{
    *out = (sqlite3_int64)((cursor *)base)->at + 1;
    return SQLITE_OK;
}

static int fail(sqlite3_context *context, const furrow_column *column, furrow__cell_kind kind)
{
    furrow_error error;
    furrow__cell_fail(kind, column, &error);
    sqlite3_result_error(context, error.message, -1);
    sqlite3_result_error_code(context, FURROW__SQLITE_BAD_CELL);
    return SQLITE_OK;
}

/* Returns the value of a field whose type needs a conversion. */
static int give_cell(sqlite3_context *context, const furrow_column *column, const char *at)
{
    char text[FURROW__SQLITE_TEXT_SIZE];
    furrow__cell cell = furrow__cell_at(column, at, text);
    switch (cell.kind) {
    case FURROW__CELL_NULL:
        return SQLITE_OK;
    case FURROW__CELL_INTEGER:
        sqlite3_result_int64(context, cell.integer);
        return SQLITE_OK;
    case FURROW__CELL_REAL:
        sqlite3_result_double(context, cell.real);
        return SQLITE_OK;
    case FURROW__CELL_TEXT:
        sqlite3_result_text64(context, cell.bytes, cell.size,
                              cell.bytes == text ? SQLITE_TRANSIENT : SQLITE_STATIC, SQLITE_UTF8);
        return SQLITE_OK;
    case FURROW__CELL_BLOB:
        sqlite3_result_blob64(context, cell.bytes, cell.size, SQLITE_STATIC);
        return SQLITE_OK;
    default:
        return fail(context, column, cell.kind);
    }
}

/* Returns the value of a field. This function runs once for each field of each inserted row, so it
 * does not convert common types to a furrow__cell first. Fields need not be aligned. */
static inline int give(sqlite3_context *context, const furrow_column *column, const char *at)
{
    int16_t small;
    int32_t middle;
    int64_t large;
    float single;
    double real;
    const char *text;
    switch ((furrow_type)column->type) {
    case FURROW_TYPE_BOOL:
        sqlite3_result_int64(context, *at != 0);
        return SQLITE_OK;
    case FURROW_TYPE_INT16:
        memcpy(&small, at, sizeof small);
        sqlite3_result_int64(context, small);
        return SQLITE_OK;
    case FURROW_TYPE_INT32:
        memcpy(&middle, at, sizeof middle);
        sqlite3_result_int64(context, middle);
        return SQLITE_OK;
    case FURROW_TYPE_INT64:
        memcpy(&large, at, sizeof large);
        sqlite3_result_int64(context, large);
        return SQLITE_OK;
    case FURROW_TYPE_FLOAT:
        memcpy(&single, at, sizeof single);
        sqlite3_result_double(context, (double)single + 0.0);
        return SQLITE_OK;
    case FURROW_TYPE_DOUBLE:
        memcpy(&real, at, sizeof real);
        sqlite3_result_double(context, real + 0.0); /* -0.0 + 0.0 is 0.0 (IEEE 754, 6.3) */
        return SQLITE_OK;
    case FURROW_TYPE_TEXT:
    case FURROW_TYPE_JSON:
        memcpy(&text, at, sizeof text);
        if (text)
            sqlite3_result_text64(context, text, strlen(text), SQLITE_STATIC, SQLITE_UTF8);
        return SQLITE_OK;
    default:
        return give_cell(context, column, at);
    }
}

static int column_of(sqlite3_vtab_cursor *base, sqlite3_context *context, int i)
{
    const cursor *c = (const cursor *)base;
    const source *from = c->from;
    const char *at = from->first + c->at * from->stride;
    if (!from->columns) {
        bool is_null = i != 0 || (from->has_offset && !*(const bool *)(at + from->has_offset));
        return is_null ? SQLITE_OK : give(context, from->column, at);
    }
    if ((size_t)i >= from->column_count)
        return SQLITE_OK;
    const furrow_column *column = from->columns[i];
    if (column->flags & FURROW_COLUMN_OPT && !*(const bool *)(at + column->has_offset))
        return SQLITE_OK;
    return give(context, column, at + column->offset);
}

static const sqlite3_module module = {
    .xConnect = connect,
    .xBestIndex = best_index,
    .xDisconnect = disconnect,
    .xOpen = open_cursor,
    .xClose = close_cursor,
    .xFilter = filter,
    .xNext = next,
    .xEof = eof,
    .xColumn = column_of,
    .xRowid = rowid,
};

int furrow__sqlite_add_functions(sqlite3 *db)
{
    static char rows[] = "rows"; /* only the address of this variable is used */
    int rc = sqlite3_create_module_v2(db, "furrow_array", &module, NULL, NULL);
    return rc ? rc : sqlite3_create_module_v2(db, "furrow_rows", &module, rows, NULL);
}

static furrow_status bind_source(furrow_statement *base, int index, const source *from,
                                 furrow_error *error)
{
    furrow__sqlite_statement *statement = (furrow__sqlite_statement *)base;
    if (index < 0 || index >= base->parameter_count)
        return furrow__fail(error, FURROW_INVALID,
                            "the statement has %d parameters, but parameter %d was bound",
                            base->parameter_count, index + 1);
    source *copy = furrow__allocate(sizeof *copy);
    if (!copy)
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    *copy = *from;
    statement->borrows = true;
    /* SQLite frees the copy even if the call fails. */
    int rc =
        sqlite3_bind_pointer(statement->handle, index + 1, copy, pointer_type, furrow__release);
    if (rc == SQLITE_OK)
        return FURROW_OK;
    return furrow__sqlite_fail(furrow__sqlite_of(base->connection), statement, rc, error);
}

furrow_status furrow__sqlite_bind_array(furrow_statement *statement, int index,
                                        const furrow_array *array, furrow_error *error)
{
    return bind_source(statement, index,
                       &(source){.column = array->column,
                                 .first = array->first,
                                 .stride = array->stride,
                                 .count = array->count,
                                 .has_offset = array->has_offset},
                       error);
}

furrow_status furrow__sqlite_bind_rows(furrow_statement *statement, int index,
                                       const furrow_row_array *rows, furrow_error *error)
{
    if (rows->columns.count > FURROW_ROW_ARRAY_COLUMNS)
        return furrow__fail(error, FURROW_INVALID, "furrow_rows has %d columns, but %zu were bound",
                            FURROW_ROW_ARRAY_COLUMNS, rows->columns.count);
    return bind_source(statement, index,
                       &(source){.columns = rows->columns.columns,
                                 .first = rows->first,
                                 .stride = rows->stride,
                                 .count = rows->count,
                                 .column_count = rows->columns.count},
                       error);
}
