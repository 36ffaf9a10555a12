/* SPDX-License-Identifier: MIT
 * Builds upserts, and UPDATE and DELETE statements that change many rows, including the
 * assignments. An upsert or UPDATE increments the version column and sets touch columns to the
 * current time, except for columns that the caller assigns. */
#include "base/calendar.h"
#include "base/text.h"
#include "sql/parts.h"

#define ADD(out, text) furrow__buffer_add((out), (text), sizeof(text) - 1)

static enum furrow_op_ op_of(const furrow_assignment *assignment)
{
    return (enum furrow_op_)assignment->value.op;
}

static bool is_number(const furrow_column *column)
{
    return (column->type >= FURROW_TYPE_INT16 && column->type <= FURROW_TYPE_DOUBLE) ||
           column->type == FURROW_TYPE_DECIMAL;
}

static furrow_status refuse_null(furrow__writer *w, const furrow_column *column)
{
    furrow__fail_column(w->error, FURROW_INVALID, column, "is set to a NULL pointer");
    furrow__hint(w->error, "use furrow_set_null");
    return FURROW_INVALID;
}

/* Writes column + value. The statement fails if the sum exceeds the range of the column's type. */
static furrow_status write_sum(furrow__writer *w, const furrow_column *column,
                               const furrow_value *value)
{
    furrow__buffer *out = &w->sql->text;
    const char *adder = column->type == FURROW_TYPE_DOUBLE  ? w->dialect->add_double
                        : column->type == FURROW_TYPE_FLOAT ? w->dialect->add_float
                                                            : NULL;
    if (adder) {
        furrow__buffer_add_text(out, adder);
        ADD(out, "(");
    }
    furrow__write_place(out, furrow__place_of(column, w->alias));
    furrow__buffer_add_text(out, adder ? ", " : " + ");
    furrow_status status = furrow__bind_write(w, column, value);
    if (adder)
        ADD(out, ")");
    return status;
}

/* Writes the right-hand side of an assignment. */
static furrow_status write_value(furrow__writer *w, const furrow_assignment *assignment)
{
    const furrow_column *column = assignment->column;
    furrow__buffer *out = &w->sql->text;
    furrow_value value = assignment->value;
    value.op = 0;
    furrow_status status;
    switch (op_of(assignment)) {
    case FURROW_OP_SET_NULL_:
        if (!(column->flags & FURROW_COLUMN_NULLABLE))
            return furrow__fail_column(w->error, FURROW_INVALID, column,
                                       "is not nullable and cannot be set to NULL");
        ADD(out, "NULL");
        return FURROW_OK;
    case FURROW_OP_SET_:
        if (furrow__value_is_null(column, &value))
            return refuse_null(w, column);
        status = furrow__check_value(column, &value, w->error);
        return status == FURROW_OK ? furrow__bind_write(w, column, &value) : status;
    case FURROW_OP_SET_COLUMN_:
        status = furrow__check_stored(value.as.column, w->model, "set to", w->error);
        if (status != FURROW_OK)
            return status;
        if (value.as.column->type != column->type || value.as.column->scale != column->scale)
            return furrow__fail_column(w->error, FURROW_INVALID, column,
                                       "cannot be set to column %s of another type",
                                       FURROW__QUOTED(value.as.column->name));
        furrow__write_place(out, furrow__place_of(value.as.column, w->alias));
        return FURROW_OK;
    case FURROW_OP_INCREMENT_:
        if (!is_number(column))
            return furrow__fail_column(w->error, FURROW_INVALID, column,
                                       "is not a number and cannot be incremented");
        if (furrow__value_is_null(column, &value))
            return furrow__fail_column(w->error, FURROW_INVALID, column, "is incremented by NULL");
        status = furrow__check_summand(column, &value, w->error);
        if (status != FURROW_OK)
            return status;
        return write_sum(w, column, &value);
    default:
        return furrow__fail_column(w->error, FURROW_INVALID, column,
                                   "is in .set with a value that is not an assignment");
    }
}

static bool is_assigned(const furrow_assignment *set, size_t count, const furrow_column *column)
{
    for (size_t i = 0; i < count; i++)
        if (op_of(&set[i]) != FURROW_OP_NONE_ && set[i].column == column)
            return true;
    return false;
}

/* Writes `"name" = `, preceded by a comma unless this is the first assignment. */
static void write_target(furrow__writer *w, const furrow_column *column, bool *first)
{
    if (!*first)
        ADD(&w->sql->text, ", ");
    *first = false;
    furrow__sql_identifier(&w->sql->text, column->name);
    ADD(&w->sql->text, " = ");
}

static furrow_status write_given(furrow__writer *w, const furrow_assignment *set, size_t count,
                                 bool *first)
{
    if (count && !furrow__is_empty_assignment(&set[count - 1]))
        return furrow__fail(w->error, FURROW_INVALID, "more than %zu assignments to model \"%s\"",
                            count - 1, w->model->name);
    for (size_t i = 0; i < count; i++) {
        if (furrow__is_empty_assignment(&set[i]))
            continue;
        if (op_of(&set[i]) == FURROW_OP_NONE_)
            return furrow__fail(w->error, FURROW_INVALID,
                                "element %zu of .set is not an assignment, in a change of model "
                                "\"%s\"",
                                i + 1, w->model->name);
        if (op_of(&set[i]) == FURROW_OP_TOO_MANY_)
            return furrow__fail(w->error, FURROW_INVALID,
                                "more assignments to model \"%s\" were added than a list can hold",
                                w->model->name);
        furrow_status status =
            furrow__check_stored(set[i].column, w->model, "an assignment to", w->error);
        if (status != FURROW_OK)
            return status;
        if (is_assigned(set, i, set[i].column))
            return furrow__fail_column(w->error, FURROW_INVALID, set[i].column, "is set twice");
        write_target(w, set[i].column, first);
        status = write_value(w, &set[i]);
        if (status != FURROW_OK)
            return status;
    }
    return FURROW_OK;
}

static furrow_value now_for(const furrow_column *column, furrow_time now)
{
    if (column->type != FURROW_TYPE_DATE)
        return furrow_value_time_(now);
    int64_t days = (now.us - FURROW__TIME_MIN) / INT64_C(86400000000) + FURROW__DATE_MIN;
    return furrow_value_date_((furrow_date){(int32_t)days});
}

static void write_version(furrow__writer *w, bool *first)
{
    const furrow_column *version = &w->model->columns[w->model->version];
    write_target(w, version, first);
    furrow__write_place(&w->sql->text, furrow__place_of(version, w->alias));
    ADD(&w->sql->text, " + 1");
}

/* Writes an assignment of the current time to a touch column. */
static furrow_status write_touch(furrow__writer *w, const furrow_column *column, furrow_time now,
                                 bool *first)
{
    furrow_value value = now_for(column, now);
    write_target(w, column, first);
    return furrow__bind_write(w, column, &value);
}

/* Writes assignments for the version column and the touch columns, except for those that the caller
 * assigns. */
static furrow_status write_kept(furrow__writer *w, const furrow_assignment *set, size_t count,
                                furrow_time now, bool *first)
{
    const furrow_model *model = w->model;
    if (model->version != FURROW_NO_COLUMN &&
        !is_assigned(set, count, &model->columns[model->version]))
        write_version(w, first);
    for (size_t i = 0; i < model->column_count; i++) {
        const furrow_column *column = &model->columns[i];
        if (!(column->flags & FURROW_COLUMN_TOUCH) || is_assigned(set, count, column))
            continue;
        furrow_status status = write_touch(w, column, now, first);
        if (status != FURROW_OK)
            return status;
    }
    return FURROW_OK;
}

static furrow_status refuse_all_rows(furrow__writer *w, const char *verb, const char *suffix)
{
    furrow__fail(w->error, FURROW_INVALID,
                 "a condition is missing: this would %s every row of model \"%s\"", verb,
                 w->model->name);
    furrow__hint(w->error, "give .where, or set .all_rows = true in %s%s", w->model->name, suffix);
    return FURROW_INVALID;
}

static furrow_status end_change(furrow__writer *w, const furrow__change_where *change,
                                const char *verb, const char *suffix)
{
    size_t found;
    furrow_status status = furrow__write_where(w, change->where, change->where_count, &found);
    if (status != FURROW_OK)
        return status;
    if (!found && !change->all_rows)
        return refuse_all_rows(w, verb, suffix);
    return furrow__writer_end(w);
}

furrow_status furrow__sql_update_where(furrow__sql *sql, const furrow__dialect *dialect,
                                       const furrow__change_where *change, furrow_error *error)
{
    furrow__writer w = furrow__writer_start(sql, dialect, change->model, error);
    if (furrow__conditions_have_relation(change->where, change->where_count))
        w.alias = FURROW__ALIAS_TARGET;
    ADD(&sql->text, "UPDATE ");
    furrow__write_table_as(&sql->text, dialect, change->model, w.alias);
    ADD(&sql->text, " SET ");
    bool first = true;
    furrow_status status = write_given(&w, change->set, change->set_count, &first);
    if (status != FURROW_OK)
        return status;
    if (first) {
        furrow__fail(error, FURROW_INVALID, "nothing to set in an update of model \"%s\"",
                     change->model->name);
        furrow__hint(error, "give .set = {furrow_set(column, value)}");
        return FURROW_INVALID;
    }
    status = write_kept(&w, change->set, change->set_count, change->now, &first);
    return status != FURROW_OK ? status : end_change(&w, change, "update", "_update_where");
}

furrow_status furrow__sql_delete_where(furrow__sql *sql, const furrow__dialect *dialect,
                                       const furrow__change_where *change, furrow_error *error)
{
    furrow__writer w = furrow__writer_start(sql, dialect, change->model, error);
    if (furrow__conditions_have_relation(change->where, change->where_count))
        w.alias = FURROW__ALIAS_TARGET;
    ADD(&sql->text, "DELETE FROM ");
    furrow__write_table_as(&sql->text, dialect, change->model, w.alias);
    return end_change(&w, change, "delete", "_delete_where");
}

static bool holds(furrow__columns columns, const furrow_column *column)
{
    for (size_t i = 0; i < columns.count; i++)
        if (columns.items[i] == column)
            return true;
    return false;
}

/* Returns whether these indexes are exactly the indexes of the given columns, in any order. */
static bool is_same_set(const furrow_model *model, const uint16_t *indexes, size_t index_count,
                        furrow__columns columns)
{
    if (index_count != columns.count)
        return false;
    for (size_t i = 0; i < index_count; i++)
        if (!holds(columns, &model->columns[indexes[i]]))
            return false;
    return true;
}

static bool is_unique(const furrow_model *model, furrow__columns columns)
{
    if (is_same_set(model, model->primary_key, model->primary_key_count, columns))
        return true;
    for (size_t i = 0; i < model->index_count; i++) {
        const furrow_index *index = &model->indexes[i];
        if (index->unique && !index->where &&
            is_same_set(model, index->columns, index->count, columns))
            return true;
    }
    return false;
}

static furrow_status check_conflict(furrow__writer *w, furrow__columns conflict)
{
    for (size_t i = 0; i < conflict.count; i++) {
        furrow_status status =
            furrow__check_stored(conflict.items[i], w->model, "a conflict on", w->error);
        if (status != FURROW_OK)
            return status;
    }
    if (is_unique(w->model, conflict))
        return FURROW_OK;
    furrow__fail_column(
        w->error, FURROW_INVALID, conflict.items[0], "%shas no unique constraint in model \"%s\"",
        conflict.count > 1 ? "with the other columns of .conflict " : "", w->model->name);
    furrow__hint(w->error, "name the columns of the primary key or of one unique constraint");
    return FURROW_INVALID;
}

static void write_excluded(furrow__writer *w, const furrow_column *column, bool *first)
{
    write_target(w, column, first);
    ADD(&w->sql->text, "excluded.");
    furrow__sql_identifier(&w->sql->text, column->name);
}

/* Assigns the value of the row's field to a column that the INSERT leaves out. For such a column,
 * `excluded` contains the default. */
static furrow_status write_field(furrow__writer *w, const furrow_column *column, const void *row,
                                 bool *first)
{
    furrow_value value = furrow__row_value(column, row);
    write_target(w, column, first);
    if (value.type == FURROW_TYPE_NULL) {
        ADD(&w->sql->text, "NULL");
        return FURROW_OK;
    }
    furrow_status status = furrow__check_value(column, &value, w->error);
    return status == FURROW_OK ? furrow__bind_write(w, column, &value) : status;
}

/* Assigns the new row's values, except to the columns of the conflict target and of the primary
 * key. The version becomes the existing row's version plus one. */
static furrow_status write_row(furrow__writer *w, const furrow__upsert *u, furrow__columns conflict,
                               bool *first)
{
    const furrow_model *model = w->model;
    furrow_status status = FURROW_OK;
    for (size_t i = 0; i < u->written.count && status == FURROW_OK; i++) {
        const furrow_column *column = u->written.items[i];
        if ((column->flags & (FURROW_COLUMN_PRIMARY_KEY | FURROW_COLUMN_VERSION)) ||
            holds(conflict, column))
            continue;
        if (holds(u->sent, column))
            write_excluded(w, column, first);
        else
            status = write_field(w, column, u->row, first);
    }
    if (model->version != FURROW_NO_COLUMN)
        write_version(w, first);
    for (size_t i = 0; i < model->column_count && status == FURROW_OK; i++) {
        const furrow_column *column = &model->columns[i];
        if ((column->flags & FURROW_COLUMN_TOUCH) && !holds(u->written, column) &&
            !holds(conflict, column))
            status = write_touch(w, column, u->now, first);
    }
    /* If no column is left to assign, assign the new value to a column of the conflict target. The
     * new value equals the existing value. DO NOTHING would also keep the row, but RETURNING would
     * then return no row. */
    if (*first)
        write_excluded(w, conflict.items[0], first);
    return status;
}

static void write_insert(furrow__writer *w, furrow__columns sent, furrow__columns conflict)
{
    furrow__buffer *out = &w->sql->text;
    ADD(out, "INSERT INTO ");
    furrow__write_table_as(out, w->dialect, w->model, w->alias);
    ADD(out, " (");
    furrow__write_columns(out, sent.items, sent.count);
    ADD(out, ") VALUES (");
    for (size_t i = 0; i < sent.count; i++) {
        if (i)
            ADD(out, ", ");
        furrow__write_parameter(out, w->dialect, i + 1);
    }
    ADD(out, ") ON CONFLICT (");
    furrow__write_columns(out, conflict.items, conflict.count);
    ADD(out, ") DO UPDATE SET ");
}

enum { KEY_LIMIT = 32 };

/* Lists the columns of the primary key in *out. The list uses the memory of the array `key`. */
static furrow_status primary_key(furrow__columns *out, const furrow_model *model,
                                 const furrow_column *key[KEY_LIMIT], furrow_error *error)
{
    if (!model->primary_key_count || model->primary_key_count > KEY_LIMIT)
        return furrow__fail(error, FURROW_INVALID,
                            "model \"%s\" has no primary key of 1 to %d columns", model->name,
                            KEY_LIMIT);
    for (size_t i = 0; i < model->primary_key_count; i++)
        key[i] = &model->columns[model->primary_key[i]];
    *out = (furrow__columns){key, model->primary_key_count};
    return FURROW_OK;
}

static furrow_status write_assignments(furrow__writer *w, const furrow__upsert *u,
                                       furrow__columns conflict)
{
    bool first = true;
    furrow_status status = write_given(w, u->set, u->set_count, &first);
    if (status != FURROW_OK)
        return status;
    return first ? write_row(w, u, conflict, &first)
                 : write_kept(w, u->set, u->set_count, u->now, &first);
}

furrow_status furrow__sql_upsert(furrow__sql *sql, const furrow__dialect *dialect,
                                 const furrow__upsert *upsert, furrow_error *error)
{
    const furrow_model *model = upsert->model;
    const furrow_column *key[KEY_LIMIT];
    furrow__columns conflict = upsert->conflict;
    furrow_status status = FURROW_OK;
    furrow__writer w = furrow__writer_start(sql, dialect, model, error);
    w.alias = FURROW__ALIAS_TARGET;
    w.parameters_before = upsert->sent.count;
    if (!conflict.count)
        status = primary_key(&conflict, model, key, error);
    if (status == FURROW_OK)
        status = check_conflict(&w, conflict);
    if (status == FURROW_OK && !upsert->sent.count)
        status = furrow__fail(error, FURROW_INVALID, "an upsert of model \"%s\" has no columns",
                              model->name);
    if (status != FURROW_OK)
        return status;
    write_insert(&w, upsert->sent, conflict);
    status = write_assignments(&w, upsert, conflict);
    if (status != FURROW_OK)
        return status;
    ADD(&sql->text, " RETURNING ");
    furrow__write_all_columns(&sql->text, model, FURROW__NO_ALIAS);
    const furrow_column *assigned =
        model->assigned == FURROW_NO_COLUMN ? NULL : &model->columns[model->assigned];
    if (assigned && dialect->advance_key && holds(upsert->sent, assigned)) {
        ADD(&sql->text, ", ");
        dialect->advance_key(&sql->text, furrow__place_of(assigned, w.alias));
    }
    return furrow__writer_end(&w);
}
