/* SPDX-License-Identifier: MIT
 * Changes to many rows, and the assignments that they and an upsert make. What furrow keeps by
 * itself is added to what was asked for: a version counts up, a touched time becomes now, unless
 * the caller assigns it. */
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

/* column + value, within the column's type. */
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

/* The right side of an assignment. */
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
                                       "cannot be set to column \"%s\" of another type",
                                       value.as.column->name);
        furrow__write_place(out, furrow__place_of(value.as.column, w->alias));
        return FURROW_OK;
    case FURROW_OP_INCREMENT_:
        if (!is_number(column))
            return furrow__fail_column(w->error, FURROW_INVALID, column,
                                       "is no number and cannot be incremented");
        if (furrow__value_is_null(column, &value))
            return furrow__fail_column(w->error, FURROW_INVALID, column, "is incremented by NULL");
        status = furrow__check_summand(column, &value, w->error);
        if (status != FURROW_OK)
            return status;
        return write_sum(w, column, &value);
    default:
        return furrow__fail_column(w->error, FURROW_INVALID, column,
                                   "stands in .set with something that is no assignment");
    }
}

static bool is_assigned(const furrow_assignment *set, size_t count, const furrow_column *column)
{
    for (size_t i = 0; i < count; i++)
        if (op_of(&set[i]) != FURROW_OP_NONE_ && set[i].column == column)
            return true;
    return false;
}

/* Write `"name" = ` behind what is there. */
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
    if (count && op_of(&set[count - 1]) != FURROW_OP_NONE_)
        return furrow__fail(w->error, FURROW_INVALID, "more than %zu assignments to model \"%s\"",
                            count - 1, w->model->name);
    for (size_t i = 0; i < count; i++) {
        if (op_of(&set[i]) == FURROW_OP_NONE_)
            continue;
        if (op_of(&set[i]) == FURROW_OP_TOO_MANY_)
            return furrow__fail(w->error, FURROW_INVALID,
                                "more assignments than a list holds were added, to model \"%s\"",
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

/* Now, into a column that is touched. */
static furrow_status write_touch(furrow__writer *w, const furrow_column *column, furrow_time now,
                                 bool *first)
{
    furrow_value value = now_for(column, now);
    write_target(w, column, first);
    return furrow__bind_write(w, column, &value);
}

/* What furrow keeps: version and touched times. */
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
    furrow__fail(w->error, FURROW_INVALID, "a condition is missing: this would %s every \"%s\"",
                 verb, w->model->name);
    furrow__hint(w->error, "give .where, or say .all_rows = true to %s%s", w->model->name, suffix);
    return FURROW_INVALID;
}

furrow_status furrow__sql_update_where(furrow__sql *sql, const furrow__dialect *dialect,
                                       const furrow_model *model, const furrow_assignment *set,
                                       size_t set_count, const furrow_condition *where,
                                       size_t where_count, bool all_rows, furrow_time now,
                                       furrow_error *error)
{
    furrow__writer w = furrow__writer_start(sql, dialect, model, error);
    if (furrow__conditions_have_relation(where, where_count))
        w.alias = FURROW__ALIAS_TARGET;
    ADD(&sql->text, "UPDATE ");
    furrow__write_table_as(&sql->text, dialect, model, w.alias);
    ADD(&sql->text, " SET ");
    bool first = true;
    furrow_status status = write_given(&w, set, set_count, &first);
    if (status != FURROW_OK)
        return status;
    if (first) {
        furrow__fail(error, FURROW_INVALID, "nothing to set in an update of model \"%s\"",
                     model->name);
        furrow__hint(error, "give .set = {furrow_set(column, value)}");
        return FURROW_INVALID;
    }
    status = write_kept(&w, set, set_count, now, &first);
    if (status != FURROW_OK)
        return status;
    size_t found;
    status = furrow__write_where(&w, where, where_count, &found);
    if (status != FURROW_OK)
        return status;
    if (!found && !all_rows)
        return refuse_all_rows(&w, "update", "_update_where");
    return furrow__writer_end(&w);
}

furrow_status furrow__sql_delete_where(furrow__sql *sql, const furrow__dialect *dialect,
                                       const furrow_model *model, const furrow_condition *where,
                                       size_t where_count, bool all_rows, furrow_error *error)
{
    furrow__writer w = furrow__writer_start(sql, dialect, model, error);
    if (furrow__conditions_have_relation(where, where_count))
        w.alias = FURROW__ALIAS_TARGET;
    ADD(&sql->text, "DELETE FROM ");
    furrow__write_table_as(&sql->text, dialect, model, w.alias);
    size_t found;
    furrow_status status = furrow__write_where(&w, where, where_count, &found);
    if (status != FURROW_OK)
        return status;
    if (!found && !all_rows)
        return refuse_all_rows(&w, "delete", "_delete_where");
    return furrow__writer_end(&w);
}

/* ---- upsert ---- */

static bool holds(const furrow_column *const *columns, size_t count, const furrow_column *column)
{
    for (size_t i = 0; i < count; i++)
        if (columns[i] == column)
            return true;
    return false;
}

/* Are these indexes the columns listed, in any order? */
static bool is_same_set(const furrow_model *model, const uint16_t *indexes, size_t index_count,
                        const furrow_column *const *columns, size_t count)
{
    if (index_count != count)
        return false;
    for (size_t i = 0; i < index_count; i++)
        if (!holds(columns, count, &model->columns[indexes[i]]))
            return false;
    return true;
}

static furrow_status check_target(furrow__writer *w, const furrow_column *const *conflict,
                                  size_t count)
{
    const furrow_model *model = w->model;
    for (size_t i = 0; i < count; i++) {
        furrow_status status = furrow__check_stored(conflict[i], model, "a conflict on", w->error);
        if (status != FURROW_OK)
            return status;
    }
    if (is_same_set(model, model->primary_key, model->primary_key_count, conflict, count))
        return FURROW_OK;
    for (size_t i = 0; i < model->index_count; i++) {
        const furrow_index *index = &model->indexes[i];
        if (index->unique && !index->where &&
            is_same_set(model, index->columns, index->count, conflict, count))
            return FURROW_OK;
    }
    furrow__fail_column(w->error, FURROW_INVALID, conflict[0],
                        "%sis not what a unique constraint of model \"%s\" is on",
                        count > 1 ? "with the other columns of .conflict " : "", model->name);
    furrow__hint(w->error, "name the columns of the primary key or of one unique constraint");
    return FURROW_INVALID;
}

static void write_excluded(furrow__writer *w, const furrow_column *column, bool *first)
{
    write_target(w, column, first);
    ADD(&w->sql->text, "excluded.");
    furrow__sql_identifier(&w->sql->text, column->name);
}

/* Every inserted column but the target and the key; a version counts up from the row that is there.
 */
static furrow_status write_all_inserted(furrow__writer *w, const furrow_column *const *columns,
                                        size_t count, const furrow_column *const *conflict,
                                        size_t conflict_count, furrow_time now, bool *first)
{
    const furrow_model *model = w->model;
    for (size_t i = 0; i < count; i++)
        if (!(columns[i]->flags & (FURROW_COLUMN_PRIMARY_KEY | FURROW_COLUMN_VERSION)) &&
            !holds(conflict, conflict_count, columns[i]))
            write_excluded(w, columns[i], first);
    if (model->version != FURROW_NO_COLUMN)
        write_version(w, first);
    for (size_t i = 0; i < model->column_count; i++) {
        const furrow_column *column = &model->columns[i];
        if (!(column->flags & FURROW_COLUMN_TOUCH) || holds(columns, count, column) ||
            holds(conflict, conflict_count, column))
            continue;
        furrow_status status = write_touch(w, column, now, first);
        if (status != FURROW_OK)
            return status;
    }
    /* DO NOTHING would return no row. */
    if (*first)
        write_excluded(w, conflict[0], first);
    return FURROW_OK;
}

static void write_insert(furrow__writer *w, const furrow_column *const *columns, size_t count)
{
    furrow__buffer *out = &w->sql->text;
    ADD(out, "INSERT INTO ");
    furrow__write_table_as(out, w->dialect, w->model, w->alias);
    ADD(out, " (");
    furrow__write_columns(out, columns, count);
    ADD(out, ") VALUES (");
    for (size_t i = 0; i < count; i++) {
        if (i)
            ADD(out, ", ");
        furrow__write_parameter(out, w->dialect, i + 1);
    }
    ADD(out, ") ON CONFLICT (");
}

enum { KEY_LIMIT = 32 };

furrow_status furrow__sql_upsert(furrow__sql *sql, const furrow__dialect *dialect,
                                 const furrow_model *model, const furrow_column *const *columns,
                                 size_t count, const furrow_column *const *conflict,
                                 size_t conflict_count, const furrow_assignment *set,
                                 size_t set_count, furrow_time now, furrow_error *error)
{
    furrow__writer w = furrow__writer_start(sql, dialect, model, error);
    w.alias = FURROW__ALIAS_TARGET;
    w.parameters_before = count;
    const furrow_column *key[KEY_LIMIT];
    if (!conflict_count) {
        if (!model->primary_key_count || model->primary_key_count > KEY_LIMIT)
            return furrow__fail(error, FURROW_INVALID,
                                "model \"%s\" has no primary key of 1 to %d columns", model->name,
                                KEY_LIMIT);
        for (size_t i = 0; i < model->primary_key_count; i++)
            key[i] = &model->columns[model->primary_key[i]];
        conflict = key;
        conflict_count = model->primary_key_count;
    }
    furrow_status status = check_target(&w, conflict, conflict_count);
    if (status != FURROW_OK)
        return status;
    if (!count)
        return furrow__fail(error, FURROW_INVALID, "an upsert of model \"%s\" without a column",
                            model->name);
    write_insert(&w, columns, count);
    furrow__write_columns(&sql->text, conflict, conflict_count);
    ADD(&sql->text, ") DO UPDATE SET ");
    bool first = true;
    status = write_given(&w, set, set_count, &first);
    if (status == FURROW_OK)
        status = first
                     ? write_all_inserted(&w, columns, count, conflict, conflict_count, now, &first)
                     : write_kept(&w, set, set_count, now, &first);
    if (status != FURROW_OK)
        return status;
    ADD(&sql->text, " RETURNING ");
    furrow__write_all_columns(&sql->text, model, FURROW__NO_ALIAS);
    return furrow__writer_end(&w);
}
