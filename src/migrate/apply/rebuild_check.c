/* SPDX-License-Identifier: MIT
 *
 * What must hold around changes of a SQLite database that run with foreign keys off: no row breaks
 * a key that did not before, and every view and trigger that compiled still does. SQLite compiles a
 * trigger together with a statement that would fire it, so one is prepared and never run.
 */
#include <string.h>

#include "base/text.h"
#include "migrate/apply/query.h"
#include "migrate/apply/rebuild_parts.h"
#include "scan/compare.h"
#include "scan/scan.h"

/* Rows of one table that refer to rows of another that are not there. */
struct furrow__violations {
    const char *table, *parent;
    int64_t count;
};

typedef struct furrow__violations violations;

static furrow_status no_memory(furrow_error *error)
{
    return furrow__fail(error, FURROW_NOMEM, "out of memory");
}

/* ---- foreign keys ---- */

/* The tables that the plan changes, as literals with commas: their keys, and keys to them, are all
 * that it can break. NULL in *out where it writes rows (triggers may write others), where a table
 * is renamed, or where nobody knows what a statement does. */
static furrow_status name_concerned(const char **out, const furrow__plan *plan, furrow_arena *arena,
                                    furrow_error *error)
{
    furrow__buffer names = {0}, name = {0};
    bool known = true;
    *out = NULL;
    for (size_t i = 0; i < plan->count && known; i++) {
        const furrow__action *action = &plan->actions[i];
        known = action->table.name && !action->is_data;
        furrow__buffer_clear(&name);
        if (action->table.schema)
            furrow__buffer_format(&name, "%s.", action->table.schema);
        furrow__buffer_add_text(&name, known ? action->table.name : "");
        const char *text = furrow__buffer_text(&name);
        furrow__buffer_add_text(&names, i ? ", " : "");
        furrow__sql_literal(&names, text ? text : "");
    }
    bool failed = name.failed || names.failed;
    if (!failed && known) {
        *out =
            furrow__arena_text(arena, names.size ? names.text : "''", names.size ? names.size : 2);
        failed = !*out;
    }
    furrow__buffer_done(&names);
    furrow__buffer_done(&name);
    return failed ? no_memory(error) : FURROW_OK;
}

/* One pair of tables a row. *known is false where SQLite cannot say: a key to what is no key. */
static furrow_status read_violations(const furrow__rebuild_note *note,
                                     furrow_connection *connection, violations **out, size_t *count,
                                     bool *known, furrow_error *error)
{
    size_t capacity = 0;
    furrow__buffer sql = {0};
    *out = NULL;
    *count = 0;
    *known = true;
    furrow__buffer_add_text(&sql, "SELECT v.\"table\", v.parent, count(*) FROM ");
    if (note->concerned)
        furrow__buffer_format(
            &sql,
            "sqlite_schema AS s, pragma_foreign_key_check(s.name) AS v WHERE"
            " s.type = 'table' AND (s.name COLLATE NOCASE IN (%s) OR EXISTS"
            " (SELECT 1 FROM pragma_foreign_key_list(s.name) AS k WHERE k.\"table\""
            " COLLATE NOCASE IN (%s)))",
            note->concerned, note->concerned);
    else
        furrow__buffer_add_text(&sql, "pragma_foreign_key_check AS v");
    furrow__buffer_add_text(&sql, " GROUP BY 1, 2 ORDER BY 1, 2");
    const char *text = furrow__buffer_text(&sql);
    if (!text) {
        furrow__buffer_done(&sql);
        return no_memory(error);
    }
    furrow__query q = furrow__query_begin(connection, text, note->arena, error);
    while (furrow__query_next(&q)) {
        violations *more = furrow__arena_room(note->arena, *out, *count, &capacity, sizeof *more);
        if (!more) {
            q.status = no_memory(error);
            break;
        }
        *out = more;
        (*out)[(*count)++] = (violations){furrow__query_text(&q, 0), furrow__query_text(&q, 1),
                                          furrow__query_int64(&q, 2)};
    }
    furrow_status status = furrow__query_end(&q);
    furrow__buffer_done(&sql);
    if (status != FURROW_OK && strstr(error->message, "foreign key mismatch")) {
        *known = false;
        *count = 0;
        return FURROW_OK;
    }
    return status;
}

static int64_t count_of(const furrow__rebuild_note *note, const violations *of)
{
    for (size_t i = 0; i < note->violation_count; i++)
        if (furrow__sqlite_names_are_equal(note->violations[i].table, of->table) &&
            furrow__sqlite_names_are_equal(note->violations[i].parent, of->parent))
            return note->violations[i].count;
    return 0;
}

static furrow_status verify_keys(const furrow__rebuild_note *note, furrow_connection *connection,
                                 furrow_error *error)
{
    violations *now;
    size_t count;
    bool known;
    furrow_status status = read_violations(note, connection, &now, &count, &known, error);
    if (status != FURROW_OK)
        return status;
    if (!known && !note->keys_are_unknown) {
        furrow__fail(error, FURROW_SCHEMA,
                     "a foreign key would refer to columns that are no key of their table");
        return furrow__hint(error, "what is referred to must be a primary key or unique");
    }
    int64_t before = 0, after = 0;
    for (size_t i = 0; i < note->violation_count; i++)
        before += note->violations[i].count;
    for (size_t i = 0; i < count; i++)
        after += now[i].count;
    for (size_t i = 0; i < count; i++) {
        int64_t were = count_of(note, &now[i]);
        /* A pair of tables that is new may be an old one under a new name. */
        if (now[i].count <= were || (were == 0 && after <= before))
            continue;
        furrow__fail(error, FURROW_FOREIGN_KEY,
                     "%lld rows of \"%s\" would refer to rows of \"%s\" that are not there",
                     (long long)(now[i].count - were), now[i].table, now[i].parent);
        furrow__copy_text(error->table, sizeof error->table, now[i].table);
        return furrow__hint(error, "rules of foreign keys do not run in a revision that rebuilds a "
                                   "table: write the DELETE or UPDATE into a revision of its own");
    }
    return FURROW_OK;
}

/* ---- views and triggers ---- */

/* Behind CREATE TRIGGER … : the word of its event. */
static void find_event(furrow__cursor *w)
{
    while (w->token.kind != FURROW__TOKEN_END && !furrow__token_is_keyword(w->token, "TRIGGER"))
        furrow__cursor_next(w);
    furrow__cursor_next(w);
    if (furrow__token_is_keyword(w->token, "IF")) {
        for (int i = 0; i < 3; i++)
            furrow__cursor_next(w);
    }
    furrow__cursor_next(w); /* its name */
    while (w->token.kind != FURROW__TOKEN_END && !furrow__token_is_keyword(w->token, "DELETE") &&
           !furrow__token_is_keyword(w->token, "INSERT") &&
           !furrow__token_is_keyword(w->token, "UPDATE"))
        furrow__cursor_next(w);
}

/* SQLite takes any name behind UPDATE OF, and never fires for one that is no column. */
static furrow_status check_update_of(furrow_connection *connection, furrow__cursor w,
                                     const char *table, furrow_arena *arena, bool *has_all,
                                     furrow_error *error)
{
    furrow_status status = FURROW_OK;
    *has_all = true;
    furrow__cursor_next(&w);
    if (!furrow__token_is_keyword(w.token, "OF"))
        return FURROW_OK;
    do {
        furrow__cursor_next(&w);
        const char *texts[] = {table, furrow__token_copy(w.token, arena)};
        if (!texts[1])
            return no_memory(error);
        furrow__query q = furrow__query_begin_with(
            connection, "SELECT 1 FROM pragma_table_xinfo(?1) WHERE name = ?2 COLLATE NOCASE",
            (furrow__texts){texts, 2}, arena, error);
        *has_all = furrow__query_next(&q) && *has_all;
        status = furrow__query_end(&q);
        furrow__cursor_next(&w);
    } while (status == FURROW_OK && furrow__token_is(w.token, ','));
    return status;
}

/* A statement that fires the trigger, if it were run. */
static furrow_status write_firing(furrow__buffer *out, furrow_connection *connection,
                                  const furrow__cursor *event, const char *table,
                                  furrow_arena *arena, furrow_error *error)
{
    bool first = true;
    if (furrow__token_is_keyword(event->token, "DELETE") ||
        furrow__token_is_keyword(event->token, "INSERT")) {
        bool is_delete = furrow__token_is_keyword(event->token, "DELETE");
        furrow__buffer_add_text(out, is_delete ? "DELETE FROM " : "INSERT INTO ");
        furrow__sql_identifier(out, table);
        furrow__buffer_add_text(out, is_delete ? "" : " DEFAULT VALUES");
        return FURROW_OK;
    }
    furrow__buffer_add_text(out, "UPDATE ");
    furrow__sql_identifier(out, table);
    furrow__buffer_add_text(out, " SET ");
    furrow__query q = furrow__query_begin_with(
        connection, "SELECT name FROM pragma_table_xinfo(?1) WHERE hidden = 0",
        (furrow__texts){&table, 1}, arena, error);
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

/* *why is NULL for what compiles, else what SQLite says. */
static furrow_status compile(furrow_connection *connection, furrow__buffer *sql,
                             furrow_arena *arena, const char **why, furrow_error *error)
{
    furrow_statement *statement = NULL;
    furrow_error said = {0};
    const char *text = furrow__buffer_text(sql);
    *why = NULL;
    if (!text)
        return no_memory(error);
    furrow_status status = connection->driver->prepare(
        connection, &statement, &(furrow_statement_text){.text = text, .size = sql->size}, &said);
    connection->driver->finalize(statement);
    if (status == FURROW_OK)
        return FURROW_OK;
    if (status == FURROW_NOMEM || !connection->in_transaction) {
        *error = said;
        return status;
    }
    *why = furrow__arena_text(arena, said.message, strlen(said.message));
    return *why ? FURROW_OK : no_memory(error);
}

static furrow_status check_object(furrow_connection *connection, bool is_view, const char *name,
                                  const char *table, const char *sql, furrow_arena *arena,
                                  const char **why, furrow_error *error)
{
    furrow__buffer text = {0};
    furrow_status status = FURROW_OK;
    bool has_all = true;
    *why = NULL;
    if (is_view) {
        furrow__buffer_add_text(&text, "SELECT * FROM ");
        furrow__sql_identifier(&text, name);
    } else {
        furrow__cursor event = furrow__cursor_begin(sql, strlen(sql), FURROW__SCAN_SQLITE);
        find_event(&event);
        if (furrow__token_is_keyword(event.token, "UPDATE"))
            status = check_update_of(connection, event, table, arena, &has_all, error);
        if (status == FURROW_OK)
            status = write_firing(&text, connection, &event, table, arena, error);
    }
    if (status == FURROW_OK)
        status = compile(connection, &text, arena, why, error);
    if (status == FURROW_OK && !has_all && !*why)
        *why = "it is for the update of a column that is not there";
    furrow__buffer_done(&text);
    return status;
}

/* Every view and trigger, `source` saying why it does not compile. */
static furrow_status read_objects(furrow_connection *connection, furrow__catalog *out,
                                  furrow_error *error)
{
    furrow__query q =
        furrow__query_begin(connection,
                            "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE"
                            " type IN ('view', 'trigger') AND sql IS NOT NULL",
                            out->arena, error);
    while (furrow__query_next(&q)) {
        furrow__catalog_object *object = furrow__catalog_add_object(out);
        const char *type = furrow__query_text(&q, 0), *sql = furrow__query_text(&q, 3);
        if (!object) {
            q.status = no_memory(error);
            break;
        }
        object->kind = strcmp(type, "view") == 0 ? FURROW__OBJECT_VIEW : FURROW__OBJECT_TRIGGER;
        object->name.name = furrow__query_text(&q, 1);
        object->table.name = furrow__query_text(&q, 2);
        furrow_status status =
            check_object(connection, object->kind == FURROW__OBJECT_VIEW, object->name.name,
                         object->table.name, sql, out->arena, &object->source, error);
        if (status != FURROW_OK)
            q.status = status;
    }
    return furrow__query_end(&q);
}

static furrow_status verify_objects(const furrow__rebuild_note *note, furrow_connection *connection,
                                    furrow_error *error)
{
    furrow__catalog now;
    furrow__catalog_init(&now, NULL, note->arena);
    furrow_status status = read_objects(connection, &now, error);
    for (size_t i = 0; status == FURROW_OK && i < now.object_count; i++) {
        const furrow__catalog_object *object = &now.objects[i];
        bool was_broken = false;
        for (size_t k = 0; k < note->object_count; k++)
            was_broken |= note->objects[k].source &&
                          strcmp(note->objects[k].name.name, object->name.name) == 0;
        if (!object->source || was_broken)
            continue;
        status = furrow__fail(error, FURROW_SCHEMA, "%s \"%s\" would not work any more: %s",
                              object->kind == FURROW__OBJECT_VIEW ? "view" : "trigger",
                              object->name.name, object->source);
        furrow__hint(error, "drop it in an engine block of the revision, and make it anew behind "
                            "the change");
    }
    return status;
}

/* ---- both ---- */

furrow_status furrow__rebuild_take_note(furrow__rebuild_note *out, furrow_connection *connection,
                                        const furrow__plan *plan, furrow_arena *arena,
                                        furrow_error *error)
{
    furrow__catalog objects;
    bool known;
    *out = (furrow__rebuild_note){.arena = arena};
    furrow__catalog_init(&objects, NULL, arena);
    furrow_status status = name_concerned(&out->concerned, plan, arena, error);
    if (status == FURROW_OK)
        status = read_objects(connection, &objects, error);
    if (status == FURROW_OK)
        status = read_violations(out, connection, &out->violations, &out->violation_count, &known,
                                 error);
    if (status != FURROW_OK)
        return status;
    out->objects = objects.objects;
    out->object_count = objects.object_count;
    out->keys_are_unknown = !known;
    return FURROW_OK;
}

furrow_status furrow__rebuild_verify(const furrow__rebuild_note *note,
                                     furrow_connection *connection, furrow_error *error)
{
    furrow_status status = verify_objects(note, connection, error);
    return status == FURROW_OK ? verify_keys(note, connection, error) : status;
}
