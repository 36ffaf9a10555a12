/* SPDX-License-Identifier: MIT
 *
 * furrow_create_all and furrow_drop_all. Both take the engine's schema lock and run in the
 * session's transaction. If a table exists, it is compared with its model, column by column, so
 * that a program never reads a table in the wrong way. The table may have a column that the model
 * does not have, if an INSERT can leave the column out.
 */
#include <string.h>

#include "migrate/catalog/ddl.h"
#include "runtime/session/run.h"
#include "runtime/session/use.h"

/* The state of one call. */
typedef struct work {
    furrow_session *s;
    const furrow_schema *schema;
    furrow_arena arena;      /* memory that is freed at the end of the call */
    furrow_live_table *live; /* one element per model; an element without columns means that the
                                table does not exist */
    furrow__statements statements;
    furrow_error error;
} work;

static bool is_there(const furrow_live_table *live)
{
    return live->columns != NULL;
}

/* Adds the table, the column and a hint to the error about a difference. */
static furrow_status differ(furrow_error *error, const furrow_model *model, const char *column)
{
    furrow__copy_text(error->table, sizeof error->table, model->table);
    furrow__copy_text(error->column, sizeof error->column, column);
    furrow__hint(error, "change the table by hand or with a migration, or change the model and "
                        "generate again");
    return FURROW_SCHEMA;
}

static const furrow_live_column *live_column(const furrow_live_table *live, const char *name)
{
    for (size_t i = 0; i < live->column_count; i++)
        if (strcmp(live->columns[i].name, name) == 0)
            return &live->columns[i];
    return NULL;
}

static const furrow_column *model_column(const furrow_model *model, const char *name)
{
    for (size_t i = 0; i < model->column_count; i++)
        if (strcmp(model->columns[i].name, name) == 0)
            return &model->columns[i];
    return NULL;
}

/* Compares types without regard to the case of ASCII letters, because SQLite reports a type as
 * CREATE TABLE spelled it. */
static bool same_type(const char *a, const char *b)
{
    for (; *a && *b; a++, b++) {
        char x = *a >= 'A' && *a <= 'Z' ? (char)(*a + 32) : *a;
        char y = *b >= 'A' && *b <= 'Z' ? (char)(*b + 32) : *b;
        if (x != y)
            return false;
    }
    return *a == *b;
}

/* Returns the position of a column in the primary key, starting at 1; returns 0 if the column is
 * not in the key.
 */
static int key_place(const furrow_model *model, const furrow_column *column)
{
    for (int i = 0; i < model->primary_key_count; i++)
        if (model->primary_key[i] == column->index)
            return i + 1;
    return 0;
}

static furrow_status compare_key(const furrow_column *column, const furrow_live_column *live,
                                 furrow_error *error)
{
    const furrow_model *model = column->model;
    int place = key_place(model, column);
    if (place == live->key)
        return FURROW_OK;
    if (place == 0 || live->key == 0)
        furrow__fail(error, FURROW_SCHEMA,
                     "column %s of table %s is%s part of the primary key, but model \"%s\" says "
                     "it is%s",
                     FURROW__QUOTED(column->name), FURROW__QUOTED(model->table),
                     live->key ? "" : " not", model->name, place ? "" : " not");
    else
        furrow__fail(error, FURROW_SCHEMA,
                     "column %s of table %s is number %d of the primary key, but model \"%s\" "
                     "says number %d",
                     FURROW__QUOTED(column->name), FURROW__QUOTED(model->table), live->key,
                     model->name, place);
    return differ(error, model, column->name);
}

static furrow_status compare_column(work *w, const furrow_column *column,
                                    const furrow_live_table *live_table)
{
    const furrow_model *model = column->model;
    const furrow_live_column *live = live_column(live_table, column->name);
    if (!live) {
        furrow__fail(&w->error, FURROW_SCHEMA, "table %s has no column %s, which model \"%s\" has",
                     FURROW__QUOTED(model->table), FURROW__QUOTED(column->name), model->name);
        return differ(&w->error, model, column->name);
    }
    furrow__catalog_type wanted = furrow__catalog_type_of(column);
    const char *type = w->s->dialect->ddl->reported_type(&wanted, &w->arena);
    if (!type)
        return furrow__fail(&w->error, FURROW_NOMEM, "out of memory");
    if (!same_type(type, live->type ? live->type : "")) {
        furrow__fail(&w->error, FURROW_SCHEMA,
                     "column %s of table %s is of type %s, but model \"%s\" says %s",
                     FURROW__QUOTED(column->name), FURROW__QUOTED(model->table),
                     live->type ? live->type : "(none)", model->name, type);
        return differ(&w->error, model, column->name);
    }
    bool nullable = (column->flags & FURROW_COLUMN_NULLABLE) != 0;
    /* SQLite reports INTEGER PRIMARY KEY as nullable, although it is never NULL. */
    if (nullable != live->nullable && !(column->flags & FURROW_COLUMN_ASSIGNED)) {
        furrow__fail(&w->error, FURROW_SCHEMA,
                     "column %s of table %s is %s, but model \"%s\" says %s",
                     FURROW__QUOTED(column->name), FURROW__QUOTED(model->table),
                     live->nullable ? "nullable" : "NOT NULL", model->name,
                     nullable ? "nullable" : "NOT NULL");
        return differ(&w->error, model, column->name);
    }
    return compare_key(column, live, &w->error);
}

static furrow_status compare(work *w, const furrow_model *model, const furrow_live_table *live)
{
    for (size_t i = 0; i < model->column_count; i++) {
        furrow_status status = compare_column(w, &model->columns[i], live);
        if (status)
            return status;
    }
    for (size_t i = 0; i < live->column_count; i++) {
        const furrow_live_column *column = &live->columns[i];
        if (model_column(model, column->name))
            continue;
        if (column->key == 0 && (column->nullable || column->default_ || column->generated))
            continue;
        furrow__fail(&w->error, FURROW_SCHEMA,
                     "table %s has a column %s that needs a value, but model \"%s\" does "
                     "not have this column",
                     FURROW__QUOTED(model->table), FURROW__QUOTED(column->name), model->name);
        return differ(&w->error, model, column->name);
    }
    return FURROW_OK;
}

static furrow_status check_format(work *w)
{
    const furrow_schema *schema = w->schema;
    if (!schema)
        return furrow__fail(&w->error, FURROW_INVALID, "the schema is NULL");
    uint32_t format = schema->format;
    const char *name = schema->name;
    for (size_t i = 0; i < schema->count && format == FURROW_FORMAT_VERSION; i++) {
        format = schema->models[i]->format;
        name = schema->models[i]->name;
    }
    if (format == FURROW_FORMAT_VERSION)
        return FURROW_OK;
    furrow__fail(&w->error, FURROW_SCHEMA,
                 "\"%s\" was generated with another format version (%u; this library has %d)",
                 name ? name : "", (unsigned)format, FURROW_FORMAT_VERSION);
    return furrow__hint(&w->error,
                        "generate the code again with the furrow command of this version");
}

static furrow_status describe_all(work *w)
{
    size_t count = w->schema->count;
    w->live = furrow__arena_aligned(&w->arena, (count + 1) * sizeof *w->live,
                                    _Alignof(furrow_live_table));
    if (!w->live)
        return furrow__fail(&w->error, FURROW_NOMEM, "out of memory");
    for (size_t i = 0; i < count; i++) {
        w->live[i] = (furrow_live_table){0};
        furrow_status status = w->s->driver->describe_table(
            w->s->pooled->connection, &w->live[i],
            (furrow_table_name){w->schema->models[i]->schema, w->schema->models[i]->table},
            &w->arena, &w->error);
        if (status)
            return status;
    }
    return FURROW_OK;
}

static bool model_is_there(const work *w, const furrow_model *model)
{
    for (size_t i = 0; i < w->schema->count; i++)
        if (w->schema->models[i] == model)
            return is_there(&w->live[i]);
    return false;
}

/* Fails if this session has an open stream. A table that the stream reads could not be dropped, and
 * SQLite's message would name another connection as the cause. */
static furrow_status check_streams(work *w)
{
    if (!w->s->streams.first)
        return FURROW_OK;
    return furrow__fail(&w->error, FURROW_INVALID,
                        "a stream is open in this session: close it first");
}

/* Takes the schema lock and describes the tables that exist. */
static furrow_status look(work *w)
{
    furrow_status status = check_format(w);
    if (status == FURROW_OK)
        status = check_streams(w);
    if (status == FURROW_OK)
        status = furrow__group_detach(w->s->pooled, &w->s->subtransaction, &w->error);
    if (status == FURROW_OK)
        status = w->s->driver->lock_schema(w->s->pooled->connection, &w->error);
    return status ? status : describe_all(w);
}

/* Runs the statements for the tables that exist or, if `there` is false, for the tables that do not
 * exist. If any of these statements runs, the statements that belong to no model run too. */
static furrow_status run_statements(work *w, bool there)
{
    bool any = false;
    for (size_t i = 0; i < w->schema->count; i++)
        any = any || is_there(&w->live[i]) == there;
    for (size_t i = 0; i < w->statements.count; i++) {
        const furrow_model *model = w->statements.models[i];
        if (model ? model_is_there(w, model) != there : !any)
            continue;
        furrow_status status = furrow__session_run(w->s, w->statements.items[i]);
        if (status)
            return status; /* the session has already recorded the error */
    }
    return FURROW_OK;
}

furrow_status furrow_create_all(furrow_session *s, const furrow_schema *schema)
{
    FURROW__USE(s, FURROW_INVALID);
    furrow_status status = furrow__session_start_write(s);
    if (status)
        return status;
    if (!furrow__session_enter(s))
        return s->status;
    work w = {.s = s, .schema = schema};
    status = look(&w);
    for (size_t i = 0; status == FURROW_OK && i < schema->count; i++)
        if (is_there(&w.live[i]))
            status = compare(&w, schema->models[i], &w.live[i]);
    if (status == FURROW_OK)
        status = furrow__ddl_create_schema(&w.statements, s->dialect, schema, &w.arena, &w.error);
    status = status ? furrow__session_fail(s, &w.error) : run_statements(&w, false);
    furrow__arena_done(&w.arena);
    furrow__session_leave(s);
    return status;
}

furrow_status furrow_drop_all(furrow_session *s, const furrow_schema *schema)
{
    FURROW__USE(s, FURROW_INVALID);
    furrow_status status = furrow__session_start_write(s);
    if (status)
        return status;
    if (!furrow__session_enter(s))
        return s->status;
    work w = {.s = s, .schema = schema};
    status = look(&w);
    if (status == FURROW_OK)
        status = furrow__ddl_drop_schema(&w.statements, s->dialect, schema, &w.arena, &w.error);
    status = status ? furrow__session_fail(s, &w.error) : run_statements(&w, true);
    furrow__arena_done(&w.arena);
    furrow__session_leave(s);
    return status;
}
