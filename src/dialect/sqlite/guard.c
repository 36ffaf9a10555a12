/* SPDX-License-Identifier: MIT
 *
 * Guards a step that drops or rebuilds a table. With foreign keys on, DROP TABLE would delete the
 * rows that refer to the table, so foreign keys are off during the step. The guard then checks two
 * things that SQLite does not check. No row violates a foreign key that it did not violate before.
 * Every view and trigger that compiled before still compiles. SQLite compiles a trigger together
 * with a statement that fires it, so such a statement is prepared but never run.
 */
#include "dialect/sqlite/guard.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "migrate/apply/query.h"
#include "scan/compare.h"
#include "scan/scan.h"

enum { SQLITE_ERROR = 1 }; /* SQLite's result code for an error in the statement itself */

/* The number of rows of `table` that refer to missing rows of `parent`. */
typedef struct violation {
    const char *table, *parent;
    int64_t count;
} violation;

typedef struct violation_list {
    violation *items;
    size_t count, capacity;
    bool is_unknown; /* true if SQLite cannot check a foreign key, because the foreign key does not
                        refer to a key */
} violation_list;

/* The settings that a step changes, in the order in which they are restored. */
static const char *const settings[] = {"ignore_check_constraints", "legacy_alter_table",
                                       "foreign_keys"};
enum { SETTINGS = sizeof settings / sizeof *settings };

struct furrow__step_guard {
    furrow_connection *connection;
    const furrow__plan *plan;
    furrow_arena *arena;
    bool before[SETTINGS];     /* the settings to restore */
    furrow__catalog objects;   /* the views and triggers before the step */
    violation_list violations; /* the violations before the step */
    const char *tables;        /* the tables whose foreign keys the plan can break, as a list of SQL
                                  literals; NULL means all tables */
};

static furrow_status no_memory(furrow_error *error)
{
    return furrow__fail(error, FURROW_NOMEM, "out of memory");
}

furrow_status furrow__sqlite_read_setting(furrow_connection *connection, const char *name,
                                          bool *out, furrow_error *error)
{
    char sql[64];
    int64_t value = 0;
    snprintf(sql, sizeof sql, "PRAGMA %s", name);
    furrow_status status = furrow__query_number(connection, sql, &value, error);
    *out = value != 0;
    return status;
}

furrow_status furrow__sqlite_set(furrow_connection *connection, const char *name, bool value,
                                 furrow_error *error)
{
    char sql[64];
    bool now = !value;
    snprintf(sql, sizeof sql, "PRAGMA %s=%s", name, value ? "ON" : "OFF");
    furrow_status status = furrow__execute(connection, sql, NULL, error);
    if (status == FURROW_OK)
        status = furrow__sqlite_read_setting(connection, name, &now, error);
    if (status == FURROW_OK && now != value)
        status = furrow__fail(error, FURROW_DATABASE, "SQLite did not change the setting %s",
                              FURROW__QUOTED(name));
    return status;
}

static bool is_needed(const furrow__plan *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        if (plan->actions[i].kind == FURROW__ACTION_REBUILD ||
            strncmp(plan->actions[i].sql, "DROP TABLE", 10) == 0)
            return true;
    return false;
}

furrow_status furrow__sqlite_guard_begin(furrow__step_guard **out, furrow_connection *connection,
                                         const furrow__plan *plan, furrow_arena *arena,
                                         furrow_error *error)
{
    *out = NULL;
    if (!is_needed(plan))
        return FURROW_OK;
    if (connection->in_transaction)
        return furrow__fail(error, FURROW_INVALID,
                            "a table cannot be rebuilt in a transaction that is already open");
    furrow__step_guard *guard =
        furrow__arena_aligned(arena, sizeof *guard, _Alignof(furrow__step_guard));
    if (!guard)
        return no_memory(error);
    *guard = (furrow__step_guard){.connection = connection, .plan = plan, .arena = arena};
    furrow_status status = FURROW_OK;
    for (size_t i = 0; i < SETTINGS && status == FURROW_OK; i++)
        status = furrow__sqlite_read_setting(connection, settings[i], &guard->before[i], error);
    if (status != FURROW_OK)
        return status;
    status = furrow__sqlite_set(connection, "foreign_keys", false, error);
    if (status == FURROW_OK)
        *out = guard;
    else
        furrow__sqlite_guard_end(guard);
    return status;
}

/* Restores the settings of the connection. The step may already be committed, so a failure here is
 * not reported. Instead, the connection is marked as broken and is not used again. */
void furrow__sqlite_guard_end(furrow__step_guard *guard)
{
    furrow_error ignored;
    furrow_connection *connection = guard->connection;
    furrow_status status = FURROW_OK;
    for (size_t i = 0; i < SETTINGS && status == FURROW_OK; i++)
        status = furrow__sqlite_set(connection, settings[i], guard->before[i], &ignored);
    if (status != FURROW_OK)
        connection->broken = true;
}

/* Lists the tables that the plan changes. The plan can break only foreign keys of these tables and
 * foreign keys that refer to these tables. *out is NULL in three cases: the plan changes rows (a
 * trigger can then change rows of any table), it renames a table, or it contains a statement whose
 * table is not known. */
static furrow_status list_tables(const char **out, const furrow__plan *plan, furrow_arena *arena,
                                 furrow_error *error)
{
    furrow__buffer list = {0}, name = {0};
    bool known = true;
    *out = NULL;
    for (size_t i = 0; i < plan->count && known; i++) {
        const furrow__action *action = &plan->actions[i];
        known = action->table.name && !action->is_data;
        if (!known)
            break;
        furrow__buffer_clear(&name);
        if (action->table.schema)
            furrow__buffer_format(&name, "%s.", action->table.schema);
        furrow__buffer_add_text(&name, action->table.name);
        const char *text = furrow__buffer_text(&name);
        furrow__buffer_add_text(&list, i ? ", " : "");
        furrow__sql_literal(&list, text ? text : "");
    }
    if (!list.size)
        furrow__buffer_add_text(&list, "''");
    bool failed = name.failed || list.failed;
    if (!failed && known) {
        *out = furrow__arena_text(arena, list.text, list.size);
        failed = !*out;
    }
    furrow__buffer_done(&list);
    furrow__buffer_done(&name);
    return failed ? no_memory(error) : FURROW_OK;
}

static const char *write_violation_query(const furrow__step_guard *guard)
{
    furrow__buffer sql = {0};
    furrow__buffer_add_text(&sql, "SELECT v.\"table\", v.parent, count(*) FROM ");
    if (guard->tables)
        furrow__buffer_format(
            &sql,
            "sqlite_schema AS s, pragma_foreign_key_check(s.name) AS v WHERE"
            " s.type = 'table' AND (s.name COLLATE NOCASE IN (%s) OR EXISTS"
            " (SELECT 1 FROM pragma_foreign_key_list(s.name) AS k WHERE k.\"table\""
            " COLLATE NOCASE IN (%s)))",
            guard->tables, guard->tables);
    else
        furrow__buffer_add_text(&sql, "pragma_foreign_key_check AS v");
    furrow__buffer_add_text(&sql, " GROUP BY 1, 2 ORDER BY 1, 2");
    return furrow__buffer_take(&sql, guard->arena);
}

static furrow_status read_violations(const furrow__step_guard *guard, violation_list *out,
                                     furrow_error *error)
{
    const char *sql = write_violation_query(guard);
    *out = (violation_list){0};
    if (!sql)
        return no_memory(error);
    furrow__query q = furrow__query_begin(guard->connection, sql, guard->arena, error);
    while (furrow__query_next(&q)) {
        violation *items =
            furrow__arena_room(guard->arena, out->items, out->count, &out->capacity, sizeof *items);
        if (!items) {
            q.status = no_memory(error);
            break;
        }
        out->items = items;
        out->items[out->count++] = (violation){furrow__query_text(&q, 0), furrow__query_text(&q, 1),
                                               furrow__query_int64(&q, 2)};
    }
    furrow_status status = furrow__query_end(&q);
    /* SQLITE_ERROR can only mean "foreign key mismatch" here: this statement has no other error
     * with that code. */
    if (status != FURROW_OK && status != FURROW_NOMEM && error->native_code == SQLITE_ERROR) {
        *out = (violation_list){.is_unknown = true};
        return FURROW_OK;
    }
    return status;
}

static int64_t count_between(const violation_list *list, const violation *of)
{
    for (size_t i = 0; i < list->count; i++)
        if (furrow__names_are_equal_in_any_case(list->items[i].table, of->table) &&
            furrow__names_are_equal_in_any_case(list->items[i].parent, of->parent))
            return list->items[i].count;
    return 0;
}

static int64_t count_all(const violation_list *list)
{
    int64_t count = 0;
    for (size_t i = 0; i < list->count; i++)
        count += list->items[i].count;
    return count;
}

static furrow_status verify_keys(const furrow__step_guard *guard, furrow_error *error)
{
    violation_list now;
    furrow_status status = read_violations(guard, &now, error);
    if (status != FURROW_OK)
        return status;
    if (now.is_unknown && !guard->violations.is_unknown) {
        furrow__fail(error, FURROW_SCHEMA,
                     "a foreign key would refer to columns that are not a key of their table");
        return furrow__hint(error,
                            "a foreign key must refer to a primary key or to unique columns");
    }
    int64_t before = count_all(&guard->violations), after = count_all(&now);
    for (size_t i = 0; i < now.count; i++) {
        int64_t old = count_between(&guard->violations, &now.items[i]);
        /* A pair of tables that seems new can be an old pair that was renamed. */
        if (now.items[i].count <= old || (old == 0 && after <= before))
            continue;
        furrow__fail(error, FURROW_FOREIGN_KEY,
                     "%lld rows of %s would refer to rows of %s that do not exist",
                     (long long)(now.items[i].count - old), FURROW__QUOTED(now.items[i].table),
                     FURROW__QUOTED(now.items[i].parent));
        furrow__copy_text(error->table, sizeof error->table, now.items[i].table);
        return furrow__hint(error, "ON DELETE and ON UPDATE have no effect in a revision that "
                                   "rebuilds a table: put the DELETE or UPDATE in a separate "
                                   "revision");
    }
    return FURROW_OK;
}

/* Moves from the beginning of CREATE TRIGGER to the event of the trigger: DELETE, INSERT or UPDATE.
 */
static void find_event(furrow__cursor *w)
{
    while (w->token.kind != FURROW__TOKEN_END && !furrow__token_is_keyword(w->token, "TRIGGER"))
        furrow__cursor_next(w);
    furrow__cursor_next(w);
    if (furrow__token_is_keyword(w->token, "IF")) {
        for (int i = 0; i < 3; i++)
            furrow__cursor_next(w);
    }
    furrow__cursor_next(w); /* the name of the trigger */
    while (w->token.kind != FURROW__TOKEN_END && !furrow__token_is_keyword(w->token, "DELETE") &&
           !furrow__token_is_keyword(w->token, "INSERT") &&
           !furrow__token_is_keyword(w->token, "UPDATE"))
        furrow__cursor_next(w);
}

typedef struct object_check {
    furrow_connection *connection;
    furrow_arena *arena;
    furrow_error *error;
    const char *table; /* the table of a trigger */
    const char *why;   /* the reason why the object does not compile; NULL if it does */
} object_check;

/* Checks the columns of UPDATE OF. `w` is positioned at UPDATE. SQLite accepts any name as a column
 * of UPDATE OF, but never fires the trigger for a name that is not a column. */
static furrow_status check_update_of(object_check *check, furrow__cursor w)
{
    furrow_status status = FURROW_OK;
    furrow__cursor_next(&w);
    if (!furrow__token_is_keyword(w.token, "OF"))
        return FURROW_OK;
    do {
        furrow__cursor_next(&w);
        const char *texts[] = {check->table, furrow__token_copy(w.token, check->arena)};
        if (!texts[1])
            return no_memory(check->error);
        furrow__query q = furrow__query_begin_with(
            check->connection,
            "SELECT 1 FROM pragma_table_xinfo(?1) WHERE name = ?2 COLLATE NOCASE",
            (furrow__texts){texts, 2}, check->arena, check->error);
        if (!furrow__query_next(&q))
            check->why = "the trigger is for UPDATE OF a column that does not exist";
        status = furrow__query_end(&q);
        furrow__cursor_next(&w);
    } while (status == FURROW_OK && furrow__token_is(w.token, ','));
    return status;
}

/* Writes a statement that fires the trigger. */
static furrow_status write_firing(furrow__buffer *out, const object_check *check,
                                  const furrow__cursor *event)
{
    bool first = true, is_delete = furrow__token_is_keyword(event->token, "DELETE");
    if (is_delete || furrow__token_is_keyword(event->token, "INSERT")) {
        furrow__buffer_add_text(out, is_delete ? "DELETE FROM " : "INSERT INTO ");
        furrow__sql_identifier(out, check->table);
        furrow__buffer_add_text(out, is_delete ? "" : " DEFAULT VALUES");
        return FURROW_OK;
    }
    furrow__buffer_add_text(out, "UPDATE ");
    furrow__sql_identifier(out, check->table);
    furrow__buffer_add_text(out, " SET ");
    furrow__query q = furrow__query_begin_with(
        check->connection, "SELECT name FROM pragma_table_xinfo(?1) WHERE hidden = 0",
        (furrow__texts){&check->table, 1}, check->arena, check->error);
    while (furrow__query_next(&q)) {
        const char *name = furrow__query_text(&q, 0);
        furrow__buffer_add_text(out, first ? "" : ", ");
        furrow__sql_identifier(out, name);
        furrow__buffer_add_text(out, " = ");
        furrow__sql_identifier(out, name);
        first = false;
    }
    return furrow__query_end(&q);
}

/* Compiles the statement in `sql`. If it does not compile, sets check->why to SQLite's message. */
static furrow_status compile(object_check *check, furrow__buffer *sql)
{
    furrow_connection *connection = check->connection;
    furrow_statement *statement = NULL;
    furrow_error problem = {0};
    const char *text = furrow__buffer_text(sql);
    if (!text)
        return no_memory(check->error);
    furrow_status status = connection->driver->prepare(
        connection, &statement, &(furrow_statement_text){.text = text, .size = sql->size},
        &problem);
    connection->driver->finalize(statement);
    if (status == FURROW_OK)
        return FURROW_OK;
    if (status == FURROW_NOMEM || !connection->in_transaction) {
        *check->error = problem;
        return status;
    }
    check->why = furrow__arena_text(check->arena, problem.message, strlen(problem.message));
    return check->why ? FURROW_OK : no_memory(check->error);
}

static furrow_status check_view(object_check *check, const char *name)
{
    furrow__buffer text = {0};
    furrow__buffer_add_text(&text, "SELECT * FROM ");
    furrow__sql_identifier(&text, name);
    furrow_status status = compile(check, &text);
    furrow__buffer_done(&text);
    return status;
}

static furrow_status check_trigger(object_check *check, const char *sql)
{
    furrow__buffer text = {0};
    furrow_status status = FURROW_OK;
    furrow__cursor event = furrow__cursor_begin(sql, strlen(sql), FURROW__SCAN_SQLITE);
    find_event(&event);
    if (furrow__token_is_keyword(event.token, "UPDATE"))
        status = check_update_of(check, event);
    if (status == FURROW_OK)
        status = write_firing(&text, check, &event);
    if (status == FURROW_OK)
        status = compile(check, &text);
    furrow__buffer_done(&text);
    return status;
}

/* Reads all views and triggers. If an object does not compile, sets its `source` to the reason;
 * otherwise sets its `source` to NULL. */
static furrow_status read_objects(const furrow__step_guard *guard, furrow__catalog *out,
                                  furrow_error *error)
{
    furrow__catalog_init(out, NULL, guard->arena);
    furrow__query q = furrow__query_begin(guard->connection,
                                          "SELECT type, name, tbl_name, sql FROM sqlite_schema"
                                          " WHERE type IN ('view', 'trigger') AND sql IS NOT NULL",
                                          guard->arena, error);
    while (furrow__query_next(&q)) {
        furrow__catalog_object *object = furrow__catalog_add_object(out);
        if (!object) {
            q.status = no_memory(error);
            break;
        }
        bool is_view = strcmp(furrow__query_text(&q, 0), "view") == 0;
        object->kind = is_view ? FURROW__OBJECT_VIEW : FURROW__OBJECT_TRIGGER;
        object->name.name = furrow__query_text(&q, 1);
        object->table.name = furrow__query_text(&q, 2);
        object_check check = {.connection = guard->connection,
                              .arena = guard->arena,
                              .error = error,
                              .table = object->table.name};
        furrow_status status = is_view ? check_view(&check, object->name.name)
                                       : check_trigger(&check, furrow__query_text(&q, 3));
        object->source = check.why;
        if (status != FURROW_OK)
            q.status = status;
    }
    return furrow__query_end(&q);
}

static bool was_broken(const furrow__step_guard *guard, const furrow__catalog_object *object)
{
    for (size_t i = 0; i < guard->objects.object_count; i++)
        if (guard->objects.objects[i].source &&
            strcmp(guard->objects.objects[i].name.name, object->name.name) == 0)
            return true;
    return false;
}

static furrow_status verify_objects(const furrow__step_guard *guard, furrow_error *error)
{
    furrow__catalog now;
    furrow_status status = read_objects(guard, &now, error);
    for (size_t i = 0; status == FURROW_OK && i < now.object_count; i++) {
        const furrow__catalog_object *object = &now.objects[i];
        if (!object->source || was_broken(guard, object))
            continue;
        status = furrow__fail(error, FURROW_SCHEMA, "%s %s would no longer work: %s",
                              object->kind == FURROW__OBJECT_VIEW ? "view" : "trigger",
                              FURROW__QUOTED(object->name.name), object->source);
        furrow__hint(error,
                     "drop the view or trigger in an engine block of the revision, and create it "
                     "again after the change");
    }
    return status;
}

furrow_status furrow__sqlite_guard_note(furrow__step_guard *guard, furrow_error *error)
{
    furrow_status status = list_tables(&guard->tables, guard->plan, guard->arena, error);
    if (status == FURROW_OK)
        status = read_objects(guard, &guard->objects, error);
    if (status == FURROW_OK)
        status = read_violations(guard, &guard->violations, error);
    return status;
}

furrow_status furrow__sqlite_guard_verify(furrow__step_guard *guard, furrow_error *error)
{
    furrow_status status = verify_objects(guard, error);
    return status == FURROW_OK ? verify_keys(guard, error) : status;
}
