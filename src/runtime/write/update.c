/* SPDX-License-Identifier: MIT
 *
 * UPDATE and DELETE of one row by its key, and upsert. If the model has a version column, the
 * statement includes the version that was read. If it then changes no row, the row is
 * read to find out whether it is stale, or a trigger cancelled the statement. New versions and the
 * times of `touch` columns are written into the row. If the statement fails, the old values are
 * restored.
 */
#include "runtime/session/use.h"
#include "runtime/write/bulk.h"
#include "runtime/session/explain.h"
#include "runtime/session/field.h"
#include "runtime/session/key.h"

/* The parameters of a statement: the columns that are set, then the key, then the version. */
struct parameters {
    const furrow_model *model;
    const furrow_column *columns[FURROW__MAX_COLUMNS * 2];
    size_t set_count, count;
};

static void add_key(struct parameters *p)
{
    p->count = p->set_count;
    for (size_t i = 0; i < p->model->primary_key_count; i++)
        p->columns[p->count++] = &p->model->columns[p->model->primary_key[i]];
    if (p->model->version != FURROW_NO_COLUMN)
        p->columns[p->count++] = &p->model->columns[p->model->version];
}

static bool is_settable(const furrow_column *c)
{
    return !(c->flags & (FURROW_COLUMN_PRIMARY_KEY | FURROW_COLUMN_VERSION));
}

/* The column references of an argument. */
struct references {
    const furrow_column_ref *items;
    size_t slots;
    const char *argument; /* the name of the argument */
};

/* Resolves column references. Returns false, and keeps the failure, if one of them does not belong
 * to the model. */
static bool resolve(furrow_session *s, const furrow_model *model, const furrow_column **columns,
                    size_t *count, const struct references *refs)
{
    const char *argument = refs->argument;
    *count = 0;
    for (size_t i = 0; i < refs->slots; i++) {
        const furrow_column *c = refs->items[i].column;
        if (furrow__is_empty_column_ref(&refs->items[i]))
            continue;
        if (!refs->items[i].used)
            furrow__session_failf(s, FURROW_INVALID,
                                  "%s: element %zu of .%s is not a column reference", model->name,
                                  i + 1, argument);
        else if (i == refs->slots - 1)
            furrow__session_failf(s, FURROW_INVALID, "%s: .%s holds at most %d columns",
                                  model->name, argument, FURROW_MAX_COLUMN_REFS);
        else if (!c)
            furrow__session_failf(s, FURROW_INVALID, "%s: .%s contains a NULL column", model->name,
                                  argument);
        else if (c->model != model)
            furrow__session_failf(s, FURROW_INVALID,
                                  "column %s of model \"%s\" cannot be in .%s of model \"%s\"",
                                  FURROW__QUOTED(c->name), c->model->name, argument, model->name);
        for (size_t k = 0; s->status == FURROW_OK && k < *count; k++)
            if (columns[k] == c)
                furrow__session_failf(s, FURROW_INVALID, "%s: .%s has %s twice", model->name,
                                      argument, FURROW__QUOTED(c->name));
        if (s->status != FURROW_OK)
            return false;
        columns[(*count)++] = c;
    }
    return true;
}

static furrow_status choose_columns(furrow_session *s, struct parameters *p,
                                    const struct furrow_update_options *o)
{
    const furrow_model *model = p->model;
    struct references only = {o->only, sizeof o->only / sizeof *o->only, "only"};
    if (!resolve(s, model, p->columns, &p->set_count, &only))
        return s->status;
    for (size_t i = 0; i < p->set_count; i++)
        if (!is_settable(p->columns[i]))
            return furrow__session_failf(
                s, FURROW_INVALID, "update of model \"%s\": %s is the %s and cannot be in .only",
                model->name, FURROW__QUOTED(p->columns[i]->name),
                p->columns[i]->flags & FURROW_COLUMN_VERSION ? "version" : "primary key");
    bool all = p->set_count == 0;
    size_t chosen = p->set_count;
    for (size_t i = 0; i < model->column_count; i++) {
        const furrow_column *c = &model->columns[i];
        bool wanted = all ? is_settable(c) : (c->flags & FURROW_COLUMN_TOUCH) != 0;
        for (size_t k = 0; wanted && k < chosen; k++)
            wanted = p->columns[k] != c;
        if (wanted)
            p->columns[p->set_count++] = c;
    }
    if (!p->set_count &&
        model->version == FURROW_NO_COLUMN) /* no column is set: only check that the row exists */
        p->columns[p->set_count++] = &model->columns[model->primary_key[0]];
    add_key(p);
    return FURROW_OK;
}

static void render_update(furrow__buffer *out, furrow_session *s, const void *context)
{
    const struct parameters *p = context;
    furrow__sql_update(out, s->dialect, p->model, p->columns, p->set_count);
}

/* Returns a tag that identifies a list of columns. It is part of the key under which the statement
 * is cached. */
static uint64_t columns_tag(const struct parameters *p, furrow__verb verb)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < p->set_count; i++)
        hash = (hash ^ (p->columns[i]->index + 1u)) * UINT64_C(0x9E3779B97F4A7C15);
    return (uint64_t)verb | (hash & ~UINT64_C(0xff));
}

/* Why a statement changed no row. */
enum cause { IS_MISSING, HAS_OTHER_VERSION, WAS_CANCELLED };

/* Reads the row after an UPDATE or DELETE has changed no row, and finds out why. */
static furrow_status find_cause(furrow_session *s, const furrow_model *model, const void *row,
                                enum cause *cause)
{
    *cause = IS_MISSING;
    void *copy = furrow__allocate(model->size);
    if (!copy)
        return furrow__session_no_memory(s);
    memcpy(copy, row, model->size);
    furrow_status status = furrow_model_refresh(s, model, copy);
    if (status == FURROW_OK) {
        const furrow_column *version =
            model->version == FURROW_NO_COLUMN ? NULL : &model->columns[model->version];
        bool is_same =
            !version || furrow__field_integer(version, copy) == furrow__field_integer(version, row);
        *cause = is_same ? WAS_CANCELLED : HAS_OTHER_VERSION;
    }
    furrow__release(copy);
    return status == FURROW_NOT_FOUND ? FURROW_OK : status;
}

/* Keeps the failure of a statement that changed no row. */
static furrow_status fail_unchanged(furrow_session *s, const furrow_model *model, enum cause cause,
                                    const char *verb)
{
    furrow_error error;
    if (cause == WAS_CANCELLED) {
        furrow__fail(&error, FURROW_CHECK, "%s: the row was not %sd", FURROW__QUOTED(model->table),
                     verb);
        furrow__hint(&error, FURROW__CANCELLED_HINT);
    } else {
        furrow__fail(&error, FURROW_STALE, "%s: the row to %s %s", FURROW__QUOTED(model->table),
                     verb, cause == IS_MISSING ? "does not exist" : "has another version");
    }
    furrow__copy_text(error.table, sizeof error.table, model->table);
    return furrow__session_fail(s, &error);
}

static furrow_status run_update(furrow_session *s, const struct parameters *p, const void *row,
                                uint64_t *changed)
{
    furrow__run run;
    *changed = 0;
    if (furrow__run_verb(&run, s,
                         &(furrow__verb_statement){p->model, columns_tag(p, FURROW__VERB_UPDATE),
                                                   render_update, p}) == FURROW_OK &&
        furrow__run_bind_row(&run, 0, p->columns, p->count, row) == FURROW_OK)
        furrow__run_all(&run, changed);
    return furrow__run_end(&run);
}

furrow_status furrow_model_update(const furrow_model *model, size_t size, const void *options)
{
    struct furrow_update_options o;
    furrow__copy_struct(&o, sizeof o, options, size);
    furrow_session *s = o.s;
    FURROW__USE(s, FURROW_INVALID);
    furrow_status status = furrow__session_start_write(s);
    if (status || (status = furrow__check_model(s, model)))
        return status;
    if (!o.row)
        return furrow__session_failf(s, FURROW_INVALID, "update of model \"%s\": the row is NULL",
                                     model->name);
    if ((status = furrow__check_row_key(s, model, o.row)))
        return status;

    struct parameters p;
    p.model = model;
    status = choose_columns(s, &p, &o);
    if (status)
        return status;
    void *before = furrow__arena_aligned(&s->scratch, model->size, 16);
    if (!before)
        return furrow__session_no_memory(s);
    memcpy(before, o.row, model->size);
    for (size_t i = 0; i < p.set_count; i++)
        if (p.columns[i]->flags & FURROW_COLUMN_TOUCH)
            furrow__field_set_now(p.columns[i], o.row, furrow__session_now(s));
    status = furrow__check_written(s, p.columns, p.count, o.row);
    uint64_t changed = 0;
    enum cause cause;
    if (!status)
        status = run_update(s, &p, o.row, &changed);
    if (status || !changed) /* must come before find_cause, which overwrites the scratch memory */
        memcpy(o.row, before, model->size);
    if (!status && !changed && !(status = find_cause(s, model, o.row, &cause)))
        status = fail_unchanged(s, model, cause, "update");
    if (!status && model->version != FURROW_NO_COLUMN) {
        const furrow_column *version = &model->columns[model->version];
        furrow__field_set_integer(version, o.row, furrow__field_integer(version, o.row) + 1);
    }
    return status;
}

static void render_delete(furrow__buffer *out, furrow_session *s, const void *context)
{
    furrow__sql_delete(out, s->dialect, context);
}

furrow_status furrow_model_delete(furrow_session *s, const furrow_model *model, const void *row)
{
    FURROW__USE(s, FURROW_INVALID);
    furrow_status status = furrow__session_start_write(s);
    if (status || (status = furrow__check_model(s, model)))
        return status;
    if (!row)
        return furrow__session_failf(s, FURROW_INVALID, "delete of model \"%s\": the row is NULL",
                                     model->name);
    if ((status = furrow__check_row_key(s, model, row)))
        return status;
    struct parameters p;
    p.model = model;
    p.set_count = 0;
    add_key(&p);
    status = furrow__check_written(s, p.columns, p.count, row);
    if (status)
        return status;
    furrow__run run;
    uint64_t changed = 0;
    if (furrow__run_verb(
            &run, s, &(furrow__verb_statement){model, FURROW__VERB_DELETE, render_delete, model}) ==
            FURROW_OK &&
        furrow__run_bind_row(&run, 0, p.columns, p.count, row) == FURROW_OK) {
        run.row = NULL; /* here, only rows of another table can cause a foreign key violation */
        furrow__run_all(&run, &changed);
    }
    status = furrow__run_end(&run);
    enum cause cause;
    if (status || changed || (status = find_cause(s, model, row, &cause)))
        return status;
    return cause == IS_MISSING ? FURROW_NOT_FOUND : fail_unchanged(s, model, cause, "delete");
}

/* The columns of an upsert. */
struct upsert_columns {
    const furrow_column *sent[FURROW__MAX_COLUMNS];    /* columns that the INSERT sends */
    const furrow_column *written[FURROW__MAX_COLUMNS]; /* columns written if the row exists */
    size_t sent_count, written_count;
};

/* Returns whether an empty field represents a value: NULL, or a zero that its type allows. */
static bool empty_is_value(const furrow_column *c)
{
    bool has_zero = c->type != FURROW_TYPE_ENUM;
    if (c->flags & FURROW_COLUMN_NULLABLE)
        return true;
    if (c->type == FURROW_TYPE_TEXT || c->type == FURROW_TYPE_JSON || c->type == FURROW_TYPE_BLOB)
        return false;
    for (size_t i = 0; !has_zero && i < c->enumeration->count; i++)
        has_zero = c->enumeration->enumerators[i].value == 0;
    return has_zero;
}

/* Chooses the columns. An INSERT leaves out an empty field if the database chooses its value. In a
 * row that exists, the field's value replaces the stored one, unless the field has no value or its
 * default is `now`. Columns whose default is `now` receive the time of the transaction. */
static void choose_upsert(furrow_session *s, const furrow_model *model, void *row,
                          struct upsert_columns *out)
{
    out->sent_count = out->written_count = 0;
    for (size_t i = 0; i < model->column_count; i++) {
        const furrow_column *c = &model->columns[i];
        bool empty = furrow__field_is_zero(c, row);
        bool is_now = c->default_ && strcmp(c->default_, "now") == 0;
        bool is_chosen = empty && (c->default_ || (c->flags & FURROW_COLUMN_ASSIGNED)) && !is_now;
        if (empty && is_now)
            furrow__field_set_now(c, row, furrow__session_now(s));
        if (!is_chosen)
            out->sent[out->sent_count++] = c;
        if (!empty ||
            (!is_now && !(c->flags & FURROW_COLUMN_TOUCH) && (!is_chosen || empty_is_value(c))))
            out->written[out->written_count++] = c;
    }
}

static furrow_status run_upsert(furrow_session *s, const furrow__upsert *upsert,
                                const furrow__sql *sql, void *row)
{
    const furrow_model *model = upsert->model;
    const furrow_column *const *all = furrow__all_columns(s, model);
    if (!all)
        return furrow__session_no_memory(s);
    furrow__run run;
    bool more = true, found = false;
    furrow_status status = furrow__run_text(&run, s, sql->text.text, sql->text.size, false);
    run.model = model;
    if (status == FURROW_OK) {
        furrow__run_bind_row(&run, 0, upsert->sent.items, upsert->sent.count, row);
        furrow__run_bind(&run, (int)upsert->sent.count, sql->binds, sql->bind_count);
        furrow__run_execute(&run);
        if (furrow__assigns_key(model, row))
            furrow__check_key_is_assigned(&run, model);
        while (run.status == FURROW_OK && more) {
            furrow__run_step(&run, &more);
            if (run.status == FURROW_OK && more)
                run.status = s->driver->read_row(run.statement,
                                                 (furrow_column_list){all, model->column_count},
                                                 row, &s->arena, &run.error);
            found |= more;
        }
        if (run.status == FURROW_OK && !found)
            furrow__fail_cancelled(&run, model, "neither inserted nor updated");
    }
    return furrow__run_end(&run);
}

static furrow_status render_and_run(furrow_session *s, const furrow__upsert *upsert, void *row)
{
    furrow_error error = {0};
    furrow__sql sql = {.arena = &s->scratch};
    furrow_status status = furrow__sql_upsert(&sql, s->dialect, upsert, &error);
    if (status)
        furrow__session_fail(s, &error);
    else if (sql.text.failed)
        status = furrow__session_no_memory(s);
    else
        status = run_upsert(s, upsert, &sql, row);
    furrow__buffer_done(&sql.text);
    return status;
}

furrow_status furrow_model_upsert(const furrow_model *model, size_t size, const void *options)
{
    struct furrow_upsert_options o;
    furrow__copy_struct(&o, sizeof o, options, size);
    furrow_session *s = o.s;
    FURROW__USE(s, FURROW_INVALID);
    furrow_status status = furrow__session_start_write(s);
    if (status || (status = furrow__check_model(s, model)))
        return status;
    if (!o.row)
        return furrow__session_failf(s, FURROW_INVALID, "upsert of model \"%s\": the row is NULL",
                                     model->name);

    const furrow_column *conflict[FURROW_MAX_COLUMN_REFS + 1];
    struct upsert_columns columns;
    struct references target = {o.conflict, sizeof o.conflict / sizeof *o.conflict, "conflict"};
    size_t conflict_count;
    if (!resolve(s, model, conflict, &conflict_count, &target))
        return s->status;
    char *row = furrow__arena_aligned(&s->scratch, model->size, 16);
    if (!row)
        return furrow__session_no_memory(s);
    memcpy(row, o.row, model->size);
    choose_upsert(s, model, row, &columns);
    status = furrow__check_written(s, columns.sent, columns.sent_count, row);
    if (status)
        return status;
    furrow__upsert upsert = {.model = model,
                             .row = row,
                             .sent = {columns.sent, columns.sent_count},
                             .written = {columns.written, columns.written_count},
                             .conflict = {conflict, conflict_count},
                             .set = o.set,
                             .set_count = sizeof o.set / sizeof *o.set,
                             .now = furrow__session_now(s)};
    status = render_and_run(s, &upsert, row);
    if (!status)
        memcpy(o.row, row, model->size);
    return status;
}
