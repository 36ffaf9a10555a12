/* SPDX-License-Identifier: MIT
 *
 * Reads CREATE statements of SQLite with a recursive descent parser for the grammar in SQLite's
 * manual (lang_createtable.html, lang_createindex.html). There is one function for each rule of the
 * grammar. If such a function returns true, the reader is positioned at the first token after the
 * text that matches the rule; if it returns false, *error is filled.
 */
#include "scan/sqlite_create.h"

#include <string.h>

#include "base/buffer.h"
#include "base/text.h"
#include "scan/scan.h"

typedef struct reader {
    furrow__cursor at;
    furrow_arena *arena;
    furrow__sqlite_table *table; /* the table that is being read; NULL while an index is read */
    const char *kind, *name;     /* kind is "table" or "index"; name is NULL until the name has been
                                    read */
    furrow_error *error;
    furrow_status status; /* status of the first failure */
} reader;

static bool fail(reader *r, const char *why)
{
    if (r->status == FURROW_OK)
        r->status = furrow__fail(
            r->error, FURROW_SCHEMA, "cannot read the definition of %s %s: %s at byte %zu", r->kind,
            FURROW__QUOTED(r->name ? r->name : "?"), why, r->at.token.start + 1);
    return false;
}

static bool no_memory(reader *r)
{
    if (r->status == FURROW_OK)
        r->status = furrow__fail(r->error, FURROW_NOMEM, "out of memory");
    return false;
}

static bool too_many(reader *r, const char *what)
{
    if (r->status == FURROW_OK)
        r->status = furrow__fail(r->error, FURROW_SCHEMA, "%s %s has too many %s", r->kind,
                                 FURROW__QUOTED(r->name ? r->name : "?"), what);
    return false;
}

static bool is(const reader *r, const char *keyword)
{
    return furrow__token_is_keyword(r->at.token, keyword);
}

static bool is_symbol(const reader *r, char symbol)
{
    return furrow__token_is(r->at.token, symbol);
}

/* Returns whether the statement has ended. A comment that is not closed counts as the end, because
 * SQLite treats it as the end. */
static bool is_at_end(const reader *r)
{
    return r->at.token.kind == FURROW__TOKEN_END || r->at.token.kind == FURROW__TOKEN_OPEN_COMMENT;
}

/* Returns whether the token is a quote that is not closed, or a NUL outside quotes. Such a token
 * cannot occur in a statement that SQLite has stored. */
static bool is_broken(furrow__token token)
{
    return token.kind == FURROW__TOKEN_OPEN_QUOTE || furrow__token_is(token, '\0');
}

/* Returns whether the token can be a name. SQLite accepts a string literal where it expects a name.
 */
static bool can_be_name(furrow__token token)
{
    return furrow__token_names(token) || token.kind == FURROW__TOKEN_STRING;
}

static void next(reader *r)
{
    furrow__cursor_next(&r->at);
}

static bool accept(reader *r, const char *keyword)
{
    bool found = is(r, keyword);
    if (found)
        next(r);
    return found;
}

static bool expect(reader *r, const char *keyword)
{
    char why[40];
    if (accept(r, keyword))
        return true;
    furrow__copy_text(why, sizeof why, keyword);
    furrow__copy_text(why + strlen(why), sizeof why - strlen(why), " is expected");
    return fail(r, why);
}

static bool accept_symbol(reader *r, char symbol)
{
    bool found = is_symbol(r, symbol);
    if (found)
        next(r);
    return found;
}

static bool next_is(const reader *r, const char *keyword)
{
    furrow__scanner ahead = r->at.scanner;
    return furrow__token_is_keyword(furrow__scanner_next(&ahead), keyword);
}

static bool copy(reader *r, const char **out, size_t start, size_t end)
{
    *out = furrow__arena_text(r->arena, r->at.scanner.text + start, end - start);
    return *out || no_memory(r);
}

/* Copies the text from an offset to the end of the last token. */
static bool copy_since(reader *r, const char **out, size_t start)
{
    return copy(r, out, start, r->at.last_end);
}

static bool copy_token(reader *r, const char **out)
{
    *out = furrow__token_copy(r->at.token, r->arena);
    return *out || no_memory(r);
}

static bool read_name(reader *r, const char **out)
{
    *out = NULL;
    if (!can_be_name(r->at.token))
        return fail(r, "a name is expected");
    if (!copy_token(r, out))
        return false;
    next(r);
    return true;
}

/* Reads ( expression ) and copies the expression, without blanks at its ends. */
static bool read_parenthesized(reader *r, const char **out)
{
    *out = NULL;
    if (!accept_symbol(r, '('))
        return fail(r, "\"(\" is expected");
    if (is_symbol(r, ')'))
        return fail(r, "an expression is expected");
    size_t start = r->at.token.start;
    for (size_t depth = 0; depth > 0 || !is_symbol(r, ')'); next(r)) {
        if (is_at_end(r) || is_broken(r->at.token))
            return fail(r, "a parenthesis is not closed");
        depth += is_symbol(r, '(');
        depth -= is_symbol(r, ')');
    }
    if (!copy_since(r, out, start))
        return false;
    next(r);
    return true;
}

/* Reads the optional ON CONFLICT clause that can follow a constraint. */
static bool read_conflict_clause(reader *r)
{
    static const char *const resolutions[] = {"ROLLBACK", "ABORT", "FAIL", "IGNORE", "REPLACE"};
    if (!is(r, "ON") || !next_is(r, "CONFLICT"))
        return true;
    next(r);
    next(r);
    for (size_t i = 0; i < sizeof resolutions / sizeof *resolutions; i++)
        if (accept(r, resolutions[i]))
            return true;
    return fail(r, "a conflict resolution is expected");
}

/* Adds a constraint. The text of its definition is from the offset `start` to the last token. */
static bool add_constraint(reader *r, furrow__sqlite_constraint *constraint, size_t start)
{
    furrow__sqlite_table *table = r->table;
    if (!copy_since(r, &constraint->source, start))
        return false;
    if (table->constraint_count == FURROW__SQLITE_PARTS)
        return too_many(r, "constraints");
    furrow__sqlite_constraint *items =
        furrow__arena_room(r->arena, table->constraints, table->constraint_count,
                           &table->constraint_capacity, sizeof *items);
    if (!items)
        return no_memory(r);
    table->constraints = items;
    items[table->constraint_count++] = *constraint;
    return true;
}

static bool set_only_column(reader *r, furrow__sqlite_constraint *constraint)
{
    const char **columns = furrow__arena_aligned(r->arena, sizeof *columns, _Alignof(char *));
    if (!columns)
        return no_memory(r);
    columns[0] = constraint->column;
    constraint->columns = columns;
    constraint->column_count = 1;
    return true;
}

typedef struct name_list {
    const char **items;
    size_t count, capacity;
} name_list;

static bool read_column_name(reader *r, name_list *list)
{
    if (list->count == FURROW__SQLITE_PARTS)
        return too_many(r, "columns in one key");
    const char **items =
        furrow__arena_room(r->arena, list->items, list->count, &list->capacity, sizeof *items);
    if (!items)
        return no_memory(r);
    list->items = items;
    if (!read_name(r, &items[list->count]))
        return false;
    list->count++;
    return true;
}

static void accept_direction(reader *r)
{
    if (!accept(r, "ASC"))
        accept(r, "DESC");
}

/* Reads ( name, … ). */
static bool read_column_names(reader *r, name_list *list)
{
    if (!accept_symbol(r, '('))
        return fail(r, "a list of columns is expected");
    do {
        if (!read_column_name(r, list))
            return false;
    } while (accept_symbol(r, ','));
    return accept_symbol(r, ')') || fail(r, "the end of a list of columns is expected");
}

/* Reads ( name [COLLATE name] [ASC | DESC], … [AUTOINCREMENT] ). */
static bool read_key_columns(reader *r, furrow__sqlite_constraint *key)
{
    name_list list = {0};
    const char *collation;
    if (!accept_symbol(r, '('))
        return fail(r, "a list of columns is expected");
    do {
        if (!read_column_name(r, &list))
            return false;
        if (accept(r, "COLLATE") && !read_name(r, &collation))
            return false;
        accept_direction(r);
    } while (accept_symbol(r, ','));
    if (key->kind == FURROW__SQLITE_PRIMARY_KEY && accept(r, "AUTOINCREMENT"))
        r->table->has_autoincrement = true;
    key->columns = list.items;
    key->column_count = list.count;
    return accept_symbol(r, ')') || fail(r, "the end of a list of columns is expected");
}

static bool read_action(reader *r, uint8_t *out)
{
    if (accept(r, "SET")) {
        *out = is(r, "NULL") ? FURROW_ACTION_SET_NULL : FURROW_ACTION_SET_DEFAULT;
        return accept(r, "NULL") || expect(r, "DEFAULT");
    }
    if (accept(r, "CASCADE"))
        *out = FURROW_ACTION_CASCADE;
    else if (accept(r, "RESTRICT"))
        *out = FURROW_ACTION_RESTRICT;
    else if (accept(r, "NO") && expect(r, "ACTION"))
        *out = FURROW_ACTION_NONE;
    else
        return fail(r, "a foreign key's action is expected");
    return true;
}

/* Reads the rest of ON DELETE, ON UPDATE or ON INSERT. SQLite ignores the action of ON INSERT. */
static bool read_on_event(reader *r, furrow__sqlite_constraint *key)
{
    uint8_t ignored;
    uint8_t *action = is(r, "DELETE")   ? &key->on_delete
                      : is(r, "UPDATE") ? &key->on_update
                                        : &ignored;
    if (!accept(r, "DELETE") && !accept(r, "UPDATE") && !expect(r, "INSERT"))
        return false;
    return read_action(r, action);
}

static bool begins_deferrable(const reader *r)
{
    return is(r, "DEFERRABLE") || (is(r, "NOT") && next_is(r, "DEFERRABLE"));
}

/* Reads [NOT] DEFERRABLE [INITIALLY DEFERRED | INITIALLY IMMEDIATE]. */
static bool read_deferrable(reader *r, furrow__sqlite_constraint *key)
{
    bool is_not = accept(r, "NOT"), is_deferred = false;
    if (!expect(r, "DEFERRABLE"))
        return false;
    if (accept(r, "INITIALLY")) {
        is_deferred = is(r, "DEFERRED");
        if (!accept(r, "DEFERRED") && !expect(r, "IMMEDIATE"))
            return false;
    }
    key->is_deferred = is_deferred && !is_not;
    return true;
}

static bool read_target_columns(reader *r, furrow__sqlite_constraint *key)
{
    name_list list = {0};
    if (!is_symbol(r, '('))
        return true;
    if (!read_column_names(r, &list))
        return false;
    key->target_columns = list.items;
    return list.count == key->column_count ||
           fail(r, "the two sides of a foreign key have different numbers of columns");
}

/* Reads REFERENCES table [(columns)] and the clauses that follow. The caller has set the key's own
 * columns. */
static bool read_references(reader *r, furrow__sqlite_constraint *key)
{
    const char *match;
    if (!expect(r, "REFERENCES") || !read_name(r, &key->target) || !read_target_columns(r, key))
        return false;
    for (;;) {
        if (accept(r, "MATCH")) {
            if (!read_name(r, &match))
                return false;
        } else if (accept(r, "ON")) {
            if (!read_on_event(r, key))
                return false;
        } else {
            return !begins_deferrable(r) || read_deferrable(r, key);
        }
    }
}

static bool begins_column_constraint(const reader *r)
{
    static const char *const keywords[] = {"CONSTRAINT", "PRIMARY", "NOT",       "NULL",
                                           "UNIQUE",     "CHECK",   "DEFAULT",   "COLLATE",
                                           "REFERENCES", "AS",      "DEFERRABLE"};
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        if (is(r, keywords[i]))
            return true;
    return is(r, "GENERATED") && next_is(r, "ALWAYS");
}

static bool copy_buffer(reader *r, const char **out, furrow__buffer *text)
{
    *out = text->failed ? NULL
                        : furrow__arena_text(r->arena, text->size ? text->text : "", text->size);
    furrow__buffer_done(text);
    return *out || no_memory(r);
}

/* Reads the words of a type, which are separated by single spaces in the copy, and the numbers in
 * parentheses. */
static bool read_type(reader *r, const char **out)
{
    furrow__buffer text = {0};
    while (can_be_name(r->at.token) && !begins_column_constraint(r)) {
        furrow__buffer_add_text(&text, text.size ? " " : "");
        furrow__buffer_add(&text, r->at.token.text, furrow__token_size(r->at.token));
        next(r);
    }
    if (text.size && is_symbol(r, '(')) {
        const char *size = NULL;
        if (!read_parenthesized(r, &size)) {
            furrow__buffer_done(&text);
            return false;
        }
        furrow__buffer_format(&text, "(%s)", size);
    }
    return copy_buffer(r, out, &text);
}

static bool is_literal(furrow__token token)
{
    return can_be_name(token) || token.kind == FURROW__TOKEN_NUMBER ||
           token.kind == FURROW__TOKEN_BLOB;
}

/* Reads the value after DEFAULT: ( expression ), a literal with an optional sign, or a keyword such
 * as CURRENT_TIME. */
static bool read_default(reader *r, const char **out)
{
    const char *inside;
    size_t start = r->at.token.start;
    if (is_symbol(r, '('))
        return read_parenthesized(r, &inside) && copy_since(r, out, start);
    if (is_symbol(r, '+') || is_symbol(r, '-'))
        next(r);
    if (!is_literal(r->at.token))
        return fail(r, "a default is expected");
    next(r);
    return copy_since(r, out, start);
}

/* Reads [GENERATED ALWAYS] AS ( expression ) [STORED | VIRTUAL]. */
static bool read_generated(reader *r, furrow__sqlite_column *column)
{
    if (accept(r, "GENERATED") && !expect(r, "ALWAYS"))
        return false;
    if (!expect(r, "AS") || !read_parenthesized(r, &column->generated))
        return false;
    column->is_stored = accept(r, "STORED");
    if (!column->is_stored)
        accept(r, "VIRTUAL");
    return true;
}

/* Reads PRIMARY KEY [ASC | DESC] [ON CONFLICT x] [AUTOINCREMENT], or UNIQUE [ON CONFLICT x]. */
static bool read_column_key(reader *r, furrow__sqlite_constraint *key)
{
    bool is_primary = accept(r, "PRIMARY");
    if (is_primary ? !expect(r, "KEY") : !expect(r, "UNIQUE"))
        return false;
    key->kind = is_primary ? FURROW__SQLITE_PRIMARY_KEY : FURROW__SQLITE_UNIQUE;
    if (is_primary)
        accept_direction(r);
    if (!set_only_column(r, key) || !read_conflict_clause(r))
        return false;
    if (is_primary && accept(r, "AUTOINCREMENT"))
        r->table->has_autoincrement = true;
    return true;
}

/* Reads a key, check or reference in the definition of a column. The caller has set the name and
 * the column of `constraint`. */
static bool read_stored_constraint(reader *r, furrow__sqlite_constraint *constraint)
{
    if (is(r, "PRIMARY") || is(r, "UNIQUE"))
        return read_column_key(r, constraint);
    if (accept(r, "CHECK")) {
        constraint->kind = FURROW__SQLITE_CHECK;
        return read_parenthesized(r, &constraint->expression);
    }
    if (!is(r, "REFERENCES"))
        return fail(r, "a constraint is expected");
    constraint->kind = FURROW__SQLITE_FOREIGN_KEY;
    return set_only_column(r, constraint) && read_references(r, constraint);
}

/* Reads one constraint of a column. CONSTRAINT and the name of the constraint have already been
 * read. The definition begins at the offset `start`. */
static bool read_column_constraint(reader *r, furrow__sqlite_column *column, const char *name,
                                   size_t start)
{
    furrow__sqlite_constraint constraint = {.name = name, .column = column->name};
    if (begins_deferrable(r))
        return fail(r, "a foreign key is expected before its DEFERRABLE clause");
    if (accept(r, "NOT")) {
        column->is_nullable = false;
        return expect(r, "NULL") && read_conflict_clause(r);
    }
    if (accept(r, "NULL"))
        return read_conflict_clause(r);
    if (accept(r, "DEFAULT"))
        return read_default(r, &column->default_);
    if (accept(r, "COLLATE"))
        return read_name(r, &column->collation);
    if (is(r, "GENERATED") || is(r, "AS"))
        return read_generated(r, column);
    return read_stored_constraint(r, &constraint) && add_constraint(r, &constraint, start);
}

/* Reads one constraint of a column with its optional name. SQLite also accepts CONSTRAINT and a
 * name if no constraint follows. If there are several names, SQLite uses the last one. */
static bool read_named_column_constraint(reader *r, furrow__sqlite_column *column)
{
    const char *name = NULL;
    size_t start = r->at.token.start;
    while (accept(r, "CONSTRAINT"))
        if (!read_name(r, &name))
            return false;
    return !begins_column_constraint(r) || read_column_constraint(r, column, name, start);
}

static bool add_column(reader *r, const furrow__sqlite_column *column)
{
    furrow__sqlite_table *table = r->table;
    if (table->column_count == FURROW__SQLITE_PARTS)
        return too_many(r, "columns");
    furrow__sqlite_column *items = furrow__arena_room(r->arena, table->columns, table->column_count,
                                                      &table->column_capacity, sizeof *items);
    if (!items)
        return no_memory(r);
    table->columns = items;
    items[table->column_count++] = *column;
    return true;
}

static bool read_column(reader *r)
{
    furrow__sqlite_column column = {.is_nullable = true};
    size_t start = r->at.token.start;
    if (!read_name(r, &column.name) || !read_type(r, &column.type))
        return false;
    while (begins_column_constraint(r))
        if (!read_named_column_constraint(r, &column))
            return false;
    return copy_since(r, &column.source, start) && add_column(r, &column);
}

static bool begins_table_constraint(const reader *r)
{
    return is(r, "CONSTRAINT") || is(r, "PRIMARY") || is(r, "UNIQUE") || is(r, "CHECK") ||
           is(r, "FOREIGN");
}

static bool read_foreign_key(reader *r, furrow__sqlite_constraint *key)
{
    name_list list = {0};
    key->kind = FURROW__SQLITE_FOREIGN_KEY;
    if (!expect(r, "KEY") || !read_column_names(r, &list))
        return false;
    key->columns = list.items;
    key->column_count = list.count;
    return read_references(r, key);
}

static bool read_table_constraint_body(reader *r, furrow__sqlite_constraint *constraint)
{
    if (accept(r, "PRIMARY")) {
        constraint->kind = FURROW__SQLITE_PRIMARY_KEY;
        return expect(r, "KEY") && read_key_columns(r, constraint) && read_conflict_clause(r);
    }
    if (accept(r, "UNIQUE")) {
        constraint->kind = FURROW__SQLITE_UNIQUE;
        return read_key_columns(r, constraint) && read_conflict_clause(r);
    }
    if (accept(r, "CHECK")) {
        constraint->kind = FURROW__SQLITE_CHECK;
        return read_parenthesized(r, &constraint->expression) && read_conflict_clause(r);
    }
    if (accept(r, "FOREIGN"))
        return read_foreign_key(r, constraint);
    return fail(r, "a constraint is expected");
}

static bool read_table_constraint(reader *r)
{
    furrow__sqlite_constraint constraint = {0};
    size_t start = r->at.token.start;
    while (accept(r, "CONSTRAINT"))
        if (!read_name(r, &constraint.name))
            return false;
    return read_table_constraint_body(r, &constraint) && add_constraint(r, &constraint, start);
}

static bool read_definitions(reader *r)
{
    bool has_constraints = false;
    if (!accept_symbol(r, '('))
        return fail(r, "the list of columns is expected");
    for (;;) {
        has_constraints = has_constraints || begins_table_constraint(r);
        if (has_constraints ? !read_table_constraint(r) : !read_column(r))
            return false;
        /* SQLite does not require commas between the constraints of a table. */
        if (!accept_symbol(r, ',') && !(has_constraints && begins_table_constraint(r)))
            break;
    }
    return accept_symbol(r, ')') || fail(r, "a comma or the end is expected");
}

static bool read_options(reader *r)
{
    if (is_at_end(r))
        return true;
    do {
        if (accept(r, "STRICT"))
            r->table->is_strict = true;
        else if (accept(r, "WITHOUT") && accept(r, "ROWID"))
            r->table->is_without_rowid = true;
        else
            return fail(r, "unknown table option");
    } while (accept_symbol(r, ','));
    return is_at_end(r) || fail(r, "unknown table option");
}

static bool read_if_not_exists(reader *r)
{
    return !accept(r, "IF") || (expect(r, "NOT") && expect(r, "EXISTS"));
}

static bool read_table(reader *r)
{
    if (!expect(r, "CREATE"))
        return false;
    if (!accept(r, "TEMP"))
        accept(r, "TEMPORARY");
    if (!expect(r, "TABLE") || !read_if_not_exists(r) || !read_name(r, &r->table->name))
        return false;
    r->name = r->table->name;
    return read_definitions(r) && read_options(r);
}

furrow_status furrow__sqlite_parse_table(furrow__sqlite_table *out, const char *sql, size_t size,
                                         furrow_arena *arena, furrow_error *error)
{
    reader r = {.at = furrow__cursor_begin(sql, size, FURROW__SCAN_SQLITE),
                .arena = arena,
                .table = out,
                .kind = "table",
                .error = error};
    *out = (furrow__sqlite_table){0};
    if (!read_table(&r))
        *out = (furrow__sqlite_table){0};
    return r.status;
}

static bool ends_part(const reader *r)
{
    return is_symbol(r, ',') || is_symbol(r, ')') || is(r, "ASC") || is(r, "DESC");
}

/* Reads one part of an index: a column or an expression, each with an optional collation and
 * direction. */
static bool read_part(reader *r, furrow__sqlite_index_part *part)
{
    size_t start = r->at.token.start, token_count = 0;
    furrow__token first = r->at.token;
    for (size_t depth = 0; depth > 0 || !ends_part(r); next(r)) {
        if (is_at_end(r) || is_broken(r->at.token))
            return fail(r, "the list of columns is not closed");
        depth += is_symbol(r, '(');
        depth -= is_symbol(r, ')');
        token_count++;
    }
    *part = (furrow__sqlite_index_part){.is_descending = is(r, "DESC")};
    if (token_count == 0)
        return fail(r, "a column is expected");
    if (token_count == 1 && can_be_name(first)) {
        part->column = furrow__token_copy(first, r->arena);
        if (!part->column)
            return no_memory(r);
    } else if (!copy_since(r, &part->expression, start)) {
        return false;
    }
    accept_direction(r);
    return true;
}

static bool read_parts(reader *r, furrow__sqlite_index *index)
{
    if (!accept_symbol(r, '('))
        return fail(r, "the list of columns is expected");
    do {
        if (index->part_count == FURROW__SQLITE_PARTS)
            return too_many(r, "columns");
        furrow__sqlite_index_part *items = furrow__arena_room(
            r->arena, index->parts, index->part_count, &index->part_capacity, sizeof *items);
        if (!items)
            return no_memory(r);
        index->parts = items;
        if (!read_part(r, &items[index->part_count]))
            return false;
        index->part_count++;
    } while (accept_symbol(r, ','));
    return accept_symbol(r, ')') || fail(r, "the end of the list of columns is expected");
}

/* Reads the optional WHERE condition at the end of CREATE INDEX. */
static bool read_where(reader *r, furrow__sqlite_index *index)
{
    if (is_at_end(r))
        return true;
    if (!expect(r, "WHERE"))
        return false;
    size_t start = r->at.token.start;
    if (is_at_end(r))
        return fail(r, "a condition is expected");
    for (; !is_at_end(r); next(r))
        if (is_broken(r->at.token))
            return fail(r, "a condition is expected");
    return copy_since(r, &index->where, start);
}

static bool read_index(reader *r, furrow__sqlite_index *index)
{
    if (!expect(r, "CREATE"))
        return false;
    index->is_unique = accept(r, "UNIQUE");
    if (!expect(r, "INDEX") || !read_if_not_exists(r) || !read_name(r, &index->name))
        return false;
    r->name = index->name;
    return expect(r, "ON") && read_name(r, &index->table) && read_parts(r, index) &&
           read_where(r, index);
}

furrow_status furrow__sqlite_parse_index(furrow__sqlite_index *out, const char *sql, size_t size,
                                         furrow_arena *arena, furrow_error *error)
{
    reader r = {.at = furrow__cursor_begin(sql, size, FURROW__SCAN_SQLITE),
                .arena = arena,
                .kind = "index",
                .error = error};
    *out = (furrow__sqlite_index){0};
    if (!read_index(&r, out))
        *out = (furrow__sqlite_index){0};
    return r.status;
}
