/* SPDX-License-Identifier: MIT
 *
 * A live CREATE TABLE of SQLite's, taken apart: a descent over the grammar of SQLite's manual
 * (lang_createtable), one function a rule, each leaving the reader behind what it took. Each part
 * keeps the text it was read from, so that a rebuild can write it again word for word; whatever
 * does not fit the grammar is an error, never a guess.
 */
#include <string.h>

#include "base/text.h"
#include "migrate/catalog/sqlite_table.h"
#include "migrate/catalog/sqlite_tokens.h"

typedef struct reader {
    furrow__words w;
    furrow__catalog *catalog;
    furrow_arena *arena;
    furrow__catalog_table *table;
    const char *what, *name; /* "table", its name once known */
    furrow_error *error;
    furrow_status status; /* the first failure */
} reader;

/* ---- failing ---- */

static bool fail(reader *r, const char *why)
{
    if (r->status == FURROW_OK)
        r->status =
            furrow__fail(r->error, FURROW_SCHEMA,
                         "the definition of %s \"%s\" cannot be taken apart: %s at byte %zu",
                         r->what, r->name ? r->name : "?", why, r->w.start + 1);
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
        r->status = furrow__fail(r->error, FURROW_SCHEMA, "%s \"%s\" has too many %s", r->what,
                                 r->name ? r->name : "?", what);
    return false;
}

/* ---- words ---- */

static bool is(reader *r, const char *keyword)
{
    return furrow__words_is(&r->w, keyword);
}

static bool accept(reader *r, const char *keyword)
{
    bool found = is(r, keyword);
    if (found)
        furrow__words_next(&r->w);
    return found;
}

static bool expect(reader *r, const char *keyword)
{
    return accept(r, keyword) || fail(r, "another word is expected");
}

static bool accept_kind(reader *r, furrow__word_kind kind)
{
    bool found = r->w.kind == kind;
    if (found)
        furrow__words_next(&r->w);
    return found;
}

static bool next_is(const reader *r, const char *keyword)
{
    furrow__words ahead = r->w;
    furrow__words_next(&ahead);
    return furrow__words_is(&ahead, keyword);
}

static const char *copy(reader *r, size_t start, size_t end)
{
    const char *text = furrow__arena_text(r->arena, r->w.text + start, end - start);
    if (!text)
        no_memory(r);
    return text;
}

static bool read_name(reader *r, const char **out)
{
    *out = NULL;
    if (!furrow__words_has_name(&r->w))
        return fail(r, "a name is expected");
    *out = furrow__words_name(&r->w, r->arena);
    if (!*out)
        return no_memory(r);
    furrow__words_next(&r->w);
    return true;
}

/* What stands in brackets, without them and the space inside. */
static bool read_brackets(reader *r, const char **out)
{
    *out = NULL;
    if (r->w.kind != FURROW__WORD_OPEN)
        return fail(r, "a bracket is expected");
    furrow__words inside = r->w;
    furrow__words_next(&inside);
    if (inside.kind == FURROW__WORD_CLOSE)
        return fail(r, "an expression is expected");
    size_t end = inside.end;
    for (size_t depth = 0;; furrow__words_next(&inside)) {
        if (inside.kind == FURROW__WORD_END || inside.kind == FURROW__WORD_BAD)
            return fail(r, "a bracket that does not end");
        if (inside.kind == FURROW__WORD_CLOSE && depth == 0)
            break;
        depth += inside.kind == FURROW__WORD_OPEN;
        depth -= inside.kind == FURROW__WORD_CLOSE;
        end = inside.end;
    }
    furrow__words_next(&r->w);
    *out = copy(r, r->w.start, end);
    r->w = inside;
    furrow__words_next(&r->w);
    return *out != NULL;
}

/* ON CONFLICT x behind a constraint. */
static bool read_conflict(reader *r)
{
    static const char *const answers[] = {"ROLLBACK", "ABORT", "FAIL", "IGNORE", "REPLACE"};
    if (!is(r, "ON") || !next_is(r, "CONFLICT"))
        return true;
    furrow__words_next(&r->w);
    furrow__words_next(&r->w);
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        if (accept(r, answers[i]))
            return true;
    return fail(r, "an answer to a conflict is expected");
}

/* ---- constraints ---- */

static furrow__catalog_constraint *add_constraint(reader *r, furrow__constraint_kind kind,
                                                  const char *name, const char *inside)
{
    furrow__catalog_constraint *c = furrow__catalog_add_constraint(r->catalog, r->table);
    if (!c) {
        if (r->table->constraint_count >= FURROW__CATALOG_PARTS)
            too_many(r, "constraints");
        else
            no_memory(r);
        return NULL;
    }
    c->kind = kind;
    c->name = name;
    c->inside = inside;
    return c;
}

static bool one_column(reader *r, furrow__catalog_constraint *c, const char *column)
{
    const char **columns = furrow__arena_aligned(r->arena, sizeof *columns, _Alignof(char *));
    if (!columns)
        return no_memory(r);
    columns[0] = column;
    c->columns = columns;
    c->count = 1;
    return true;
}

/* ( name, … ), each with COLLATE and a direction behind it where `sorted`. */
static bool read_columns(reader *r, const char *const **out, size_t *count, bool sorted,
                         bool *autoincrement)
{
    const char **names =
        furrow__arena_aligned(r->arena, FURROW__CATALOG_KEY * sizeof *names, _Alignof(char *));
    *out = NULL;
    *count = 0;
    if (!names)
        return no_memory(r);
    if (!accept_kind(r, FURROW__WORD_OPEN))
        return fail(r, "a list of columns is expected");
    do {
        const char *collation;
        if (*count == FURROW__CATALOG_KEY)
            return too_many(r, "columns in one key");
        if (!read_name(r, &names[*count]))
            return false;
        ++*count;
        if (sorted && accept(r, "COLLATE") && !read_name(r, &collation))
            return false;
        if (sorted && !accept(r, "ASC"))
            accept(r, "DESC");
    } while (accept_kind(r, FURROW__WORD_COMMA));
    if (autoincrement && accept(r, "AUTOINCREMENT"))
        *autoincrement = true;
    if (!accept_kind(r, FURROW__WORD_CLOSE))
        return fail(r, "the end of a list of columns is expected");
    *out = names;
    return true;
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

/* [NOT] DEFERRABLE [INITIALLY DEFERRED]; the reader stands at its first word. */
static bool read_deferrable(reader *r, furrow__catalog_constraint *c)
{
    bool is_not = accept(r, "NOT"), deferred = false;
    if (!expect(r, "DEFERRABLE"))
        return false;
    if (accept(r, "INITIALLY")) {
        deferred = is(r, "DEFERRED");
        if (!accept(r, "DEFERRED") && !expect(r, "IMMEDIATE"))
            return false;
    }
    c->deferrable = deferred && !is_not;
    return true;
}

static bool is_deferrable(const reader *r)
{
    return furrow__words_is(&r->w, "DEFERRABLE") ||
           (furrow__words_is(&r->w, "NOT") && next_is(r, "DEFERRABLE"));
}

/* The name that furrow__sql_table wrote: "a.b" is b of the schema a. */
static bool split_name(reader *r, const char *whole, furrow__table_name *out)
{
    const char *dot = strchr(whole, '.');
    *out = (furrow__table_name){NULL, whole};
    if (!dot || dot == whole || !dot[1])
        return true;
    out->schema = furrow__arena_text(r->arena, whole, (size_t)(dot - whole));
    out->name = dot + 1;
    return out->schema || no_memory(r);
}

/* REFERENCES and all that follows it. */
static bool read_references(reader *r, furrow__catalog_constraint *c)
{
    const char *target, *match;
    if (!expect(r, "REFERENCES") || !read_name(r, &target) || !split_name(r, target, &c->target))
        return false;
    if (r->w.kind == FURROW__WORD_OPEN) {
        size_t count;
        if (!read_columns(r, &c->target_columns, &count, false, NULL))
            return false;
        if (count != c->count)
            return fail(r, "a foreign key with more columns on one side stands");
    }
    for (;;) {
        uint8_t ignored;
        if (accept(r, "MATCH")) {
            if (!read_name(r, &match))
                return false;
        } else if (accept(r, "ON")) {
            uint8_t *action = is(r, "DELETE")   ? &c->on_delete
                              : is(r, "UPDATE") ? &c->on_update
                                                : &ignored;
            if (!accept(r, "DELETE") && !accept(r, "UPDATE") && !expect(r, "INSERT"))
                return false;
            if (!read_action(r, action))
                return false;
        } else {
            break;
        }
    }
    return !is_deferrable(r) || read_deferrable(r, c);
}

/* ---- columns ---- */

typedef struct column_at_work {
    size_t index; /* in the table's list, which may move */
    const char *collation;
    const char *name; /* of the constraint to come: CONSTRAINT name */
    size_t start;     /* of the constraint at hand, its CONSTRAINT included */
} column_at_work;

static furrow__catalog_column *column_of(reader *r, const column_at_work *at)
{
    return &r->table->columns[at->index];
}

static bool begins_constraint(const reader *r)
{
    static const char *const words[] = {"CONSTRAINT", "PRIMARY", "NOT",       "NULL",
                                        "UNIQUE",     "CHECK",   "DEFAULT",   "COLLATE",
                                        "REFERENCES", "AS",      "DEFERRABLE"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (furrow__words_is(&r->w, words[i]))
            return true;
    return furrow__words_is(&r->w, "GENERATED") && next_is(r, "ALWAYS");
}

/* Words, then numbers in brackets; one space between words. *out stays NULL where there is none. */
static bool read_type(reader *r, const char **out)
{
    furrow__buffer text = {0};
    *out = NULL;
    while (furrow__words_has_name(&r->w) && !begins_constraint(r)) {
        furrow__buffer_add_text(&text, text.size ? " " : "");
        furrow__buffer_add(&text, r->w.text + r->w.start, r->w.end - r->w.start);
        furrow__words_next(&r->w);
    }
    if (text.size && r->w.kind == FURROW__WORD_OPEN) {
        const char *size = NULL;
        if (read_brackets(r, &size)) {
            furrow__buffer_add_char(&text, '(');
            furrow__buffer_add_text(&text, size);
            furrow__buffer_add_char(&text, ')');
        }
    }
    if (text.size && !text.failed)
        *out = furrow__arena_text(r->arena, text.text, text.size);
    if (text.failed || (text.size && !*out))
        no_memory(r);
    furrow__buffer_done(&text);
    return r->status == FURROW_OK;
}

/* ( expression ), a literal with a sign, or a word. */
static bool read_default(reader *r, const char **out)
{
    size_t start = r->w.start;
    if (r->w.kind == FURROW__WORD_OPEN) { /* they belong to it: lower.c has them, too */
        if (!read_brackets(r, out))
            return false;
        *out = copy(r, start, r->w.last_end);
        return *out != NULL;
    }
    if (r->w.kind == FURROW__WORD_OTHER &&
        (r->w.text[r->w.start] == '+' || r->w.text[r->w.start] == '-'))
        furrow__words_next(&r->w);
    if (!furrow__words_has_name(&r->w) && r->w.kind != FURROW__WORD_NUMBER &&
        r->w.kind != FURROW__WORD_BLOB)
        return fail(r, "a default is expected");
    furrow__words_next(&r->w);
    *out = copy(r, start, r->w.last_end);
    return *out != NULL;
}

static bool read_generated(reader *r, furrow__catalog_column *column)
{
    if (accept(r, "GENERATED") && !expect(r, "ALWAYS"))
        return false;
    if (!expect(r, "AS") || !read_brackets(r, &column->generated))
        return false;
    column->stored = accept(r, "STORED");
    if (!column->stored)
        accept(r, "VIRTUAL");
    return true;
}

static bool read_column_key(reader *r, column_at_work *at)
{
    const char *name = column_of(r, at)->name;
    bool primary = accept(r, "PRIMARY");
    if (primary ? !expect(r, "KEY") : !expect(r, "UNIQUE"))
        return false;
    furrow__catalog_constraint *c = add_constraint(
        r, primary ? FURROW__CONSTRAINT_PRIMARY_KEY : FURROW__CONSTRAINT_UNIQUE, at->name, name);
    if (!c || !one_column(r, c, name))
        return false;
    if (primary && !accept(r, "ASC"))
        accept(r, "DESC");
    if (!read_conflict(r))
        return false;
    if (primary && accept(r, "AUTOINCREMENT"))
        r->table->autoincrement = true;
    c->source = copy(r, at->start, r->w.last_end);
    return c->source != NULL;
}

/* One constraint behind a column; the reader stands at its first word, behind any CONSTRAINT. */
static bool read_column_constraint(reader *r, column_at_work *at)
{
    furrow__catalog_constraint *c;
    furrow__catalog_column *column = column_of(r, at);
    if (is(r, "PRIMARY") || is(r, "UNIQUE"))
        return read_column_key(r, at);
    if (is_deferrable(r))
        return fail(r, "a deferrable clause apart from its foreign key stands");
    if (accept(r, "NOT")) {
        column->nullable = false;
        return expect(r, "NULL") && read_conflict(r);
    }
    if (accept(r, "NULL"))
        return read_conflict(r);
    if (accept(r, "DEFAULT"))
        return read_default(r, &column->default_);
    if (accept(r, "COLLATE"))
        return read_name(r, &at->collation);
    if (is(r, "GENERATED") || is(r, "AS"))
        return read_generated(r, column);
    if (accept(r, "CHECK")) {
        c = add_constraint(r, FURROW__CONSTRAINT_CHECK, at->name, column->name);
        if (!c || !read_brackets(r, &c->expression))
            return false;
    } else if (is(r, "REFERENCES")) {
        c = add_constraint(r, FURROW__CONSTRAINT_FOREIGN_KEY, at->name, column->name);
        if (!c || !one_column(r, c, column->name) || !read_references(r, c))
            return false;
    } else {
        return fail(r, "a constraint is expected");
    }
    c->source = copy(r, at->start, r->w.last_end);
    return c->source != NULL;
}

/* The type with its collation, as one text. */
static bool finish_type(reader *r, column_at_work *at)
{
    furrow__catalog_column *column = column_of(r, at);
    const char *type = column->type.native ? column->type.native : "";
    if (!at->collation || furrow__sqlite_names_are_equal(at->collation, "BINARY")) {
        column->type.native = type;
        return true;
    }
    furrow__buffer text = {0};
    furrow__buffer_format(&text, "%s%sCOLLATE %s", type, *type ? " " : "", at->collation);
    const char *whole = furrow__buffer_text(&text);
    column->type.native = whole ? furrow__arena_text(r->arena, whole, text.size) : NULL;
    furrow__buffer_done(&text);
    return column->type.native || no_memory(r);
}

static bool read_column(reader *r)
{
    column_at_work at = {.index = r->table->column_count};
    size_t start = r->w.start;
    furrow__catalog_column *column = furrow__catalog_add_column(r->catalog, r->table);
    if (!column)
        return at.index >= FURROW__CATALOG_PARTS ? too_many(r, "columns") : no_memory(r);
    column->nullable = true;
    if (!read_name(r, &column->name) || !read_type(r, &column->type.native))
        return false;
    while (begins_constraint(r)) {
        at.start = r->w.start;
        at.name = NULL;
        while (accept(r, "CONSTRAINT"))
            if (!read_name(r, &at.name))
                return false;
        if (begins_constraint(r) && !read_column_constraint(r, &at))
            return false;
    }
    column->source = copy(r, start, r->w.last_end);
    return column->source && finish_type(r, &at);
}

/* ---- constraints of the table ---- */

static bool begins_table_constraint(const reader *r)
{
    return furrow__words_is(&r->w, "CONSTRAINT") || furrow__words_is(&r->w, "PRIMARY") ||
           furrow__words_is(&r->w, "UNIQUE") || furrow__words_is(&r->w, "CHECK") ||
           furrow__words_is(&r->w, "FOREIGN");
}

static bool read_table_constraint(reader *r)
{
    const char *name = NULL;
    size_t start = r->w.start;
    furrow__catalog_constraint *c = NULL;
    while (accept(r, "CONSTRAINT"))
        if (!read_name(r, &name))
            return false;
    if (accept(r, "PRIMARY")) {
        c = add_constraint(r, FURROW__CONSTRAINT_PRIMARY_KEY, name, NULL);
        if (!c || !expect(r, "KEY") ||
            !read_columns(r, &c->columns, &c->count, true, &r->table->autoincrement) ||
            !read_conflict(r))
            return false;
    } else if (accept(r, "UNIQUE")) {
        c = add_constraint(r, FURROW__CONSTRAINT_UNIQUE, name, NULL);
        if (!c || !read_columns(r, &c->columns, &c->count, true, NULL) || !read_conflict(r))
            return false;
    } else if (accept(r, "CHECK")) {
        c = add_constraint(r, FURROW__CONSTRAINT_CHECK, name, NULL);
        if (!c || !read_brackets(r, &c->expression) || !read_conflict(r))
            return false;
    } else if (accept(r, "FOREIGN")) {
        c = add_constraint(r, FURROW__CONSTRAINT_FOREIGN_KEY, name, NULL);
        if (!c || !expect(r, "KEY") || !read_columns(r, &c->columns, &c->count, false, NULL) ||
            !read_references(r, c))
            return false;
    } else {
        return fail(r, "a constraint is expected");
    }
    c->source = copy(r, start, r->w.last_end);
    return c->source != NULL;
}

/* ---- the table ---- */

static bool read_definitions(reader *r)
{
    bool constraints = false;
    if (!accept_kind(r, FURROW__WORD_OPEN))
        return fail(r, "the list of columns is expected");
    for (;;) {
        constraints = constraints || begins_table_constraint(r);
        if (constraints ? !read_table_constraint(r) : !read_column(r))
            return false;
        /* SQLite lets table constraints follow each other without a comma. */
        if (!accept_kind(r, FURROW__WORD_COMMA) && !(constraints && begins_table_constraint(r)))
            break;
    }
    return accept_kind(r, FURROW__WORD_CLOSE) || fail(r, "a comma or the end is expected");
}

static bool read_options(reader *r)
{
    if (r->w.kind == FURROW__WORD_END)
        return true;
    do {
        if (accept(r, "STRICT"))
            r->table->strict = true;
        else if (accept(r, "WITHOUT") && accept(r, "ROWID"))
            r->table->without_rowid = true;
        else
            return fail(r, "an unknown table option stands");
    } while (accept_kind(r, FURROW__WORD_COMMA));
    return r->w.kind == FURROW__WORD_END || fail(r, "an unknown table option stands");
}

furrow__catalog_column *furrow__sqlite_column_named(const furrow__catalog_table *table,
                                                    const char *name)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (furrow__sqlite_names_are_equal(table->columns[i].name, name))
            return &table->columns[i];
    return NULL;
}

/* A key of one column of exactly this type, but for "INTEGER PRIMARY KEY DESC" in the column's own
 * definition, which is an old mistake that SQLite keeps (lang_createtable, "ROWIDs and the INTEGER
 * PRIMARY KEY"). */
const furrow__catalog_column *furrow__sqlite_rowid_column(const furrow__catalog_table *table)
{
    const furrow__catalog_constraint *key = furrow__catalog_primary_key(table);
    if (!key || key->count != 1 || table->without_rowid)
        return NULL;
    if (key->inside && key->source && furrow__sqlite_mentions(key->source, "DESC"))
        return NULL;
    const furrow__catalog_column *column = furrow__sqlite_column_named(table, key->columns[0]);
    return column && column->type.native &&
                   furrow__sqlite_names_are_equal(column->type.native, "INTEGER")
               ? column
               : NULL;
}

/* Keys are never NULL where SQLite sees to it (lang_createtable, "The PRIMARY KEY"). */
static bool settle_keys(reader *r)
{
    furrow__catalog_table *table = r->table;
    furrow__catalog_constraint *key = furrow__catalog_primary_key(table);
    for (size_t i = 0; key && i < key->count; i++) {
        furrow__catalog_column *column = furrow__sqlite_column_named(table, key->columns[i]);
        if (!column)
            return fail(r, "a primary key over a column that is not there stands");
        if (table->strict || table->without_rowid || furrow__sqlite_rowid_column(table))
            column->nullable = false;
        if (table->autoincrement)
            column->assigned = true;
    }
    return true;
}

static bool read_head(reader *r, furrow__table_name *name)
{
    const char *whole;
    if (!expect(r, "CREATE"))
        return false;
    if (!accept(r, "TEMP"))
        accept(r, "TEMPORARY");
    if (!expect(r, "TABLE"))
        return false;
    if (accept(r, "IF") && (!expect(r, "NOT") || !expect(r, "EXISTS")))
        return false;
    if (!read_name(r, &whole))
        return false;
    r->name = whole;
    return split_name(r, whole, name);
}

furrow_status furrow__sqlite_read_table(furrow__catalog *catalog, const char *sql, size_t size,
                                        furrow__catalog_table **out, furrow_error *error)
{
    reader r = {.w = furrow__words_begin(sql, size),
                .catalog = catalog,
                .arena = catalog->arena,
                .what = "table",
                .error = error};
    furrow__table_name name;
    size_t count = catalog->count;
    *out = NULL;
    if (read_head(&r, &name)) {
        r.table = furrow__catalog_add_table(catalog, name);
        if (!r.table)
            no_memory(&r);
        else if (read_definitions(&r) && read_options(&r) && settle_keys(&r))
            r.table->source = copy(&r, 0, size);
    }
    if (r.status != FURROW_OK) {
        catalog->count = count;
        return r.status;
    }
    *out = r.table;
    return FURROW_OK;
}

/* ---- CREATE INDEX ---- */

/* One element: a column, or an expression with all that stands behind it but a direction. */
static bool read_part(reader *r, furrow__index_part *part)
{
    size_t start = r->w.start, end = start, depth = 0, words = 0;
    furrow__words first = r->w;
    *part = (furrow__index_part){0};
    for (;; furrow__words_next(&r->w)) {
        if (r->w.kind == FURROW__WORD_END || r->w.kind == FURROW__WORD_BAD)
            return fail(r, "an index that does not end stands");
        if (depth == 0 && (r->w.kind == FURROW__WORD_COMMA || r->w.kind == FURROW__WORD_CLOSE ||
                           is(r, "ASC") || is(r, "DESC")))
            break;
        depth += r->w.kind == FURROW__WORD_OPEN;
        depth -= r->w.kind == FURROW__WORD_CLOSE;
        end = r->w.end;
        words++;
    }
    part->descending = is(r, "DESC");
    if (!accept(r, "ASC"))
        accept(r, "DESC");
    if (words == 0)
        return fail(r, "an index's column is expected");
    if (words == 1 && furrow__words_has_name(&first)) {
        part->column = furrow__words_name(&first, r->arena);
        return part->column || no_memory(r);
    }
    part->expression = copy(r, start, end);
    return part->expression != NULL;
}

static bool read_index(reader *r, furrow__catalog_index *out, const char **table)
{
    if (!expect(r, "CREATE"))
        return false;
    out->unique = accept(r, "UNIQUE");
    if (!expect(r, "INDEX"))
        return false;
    if (accept(r, "IF") && (!expect(r, "NOT") || !expect(r, "EXISTS")))
        return false;
    if (!read_name(r, &out->name))
        return false;
    r->name = out->name;
    furrow__index_part *parts = furrow__arena_aligned(r->arena, FURROW__CATALOG_KEY * sizeof *parts,
                                                      _Alignof(furrow__index_part));
    if (!parts)
        return no_memory(r);
    if (!expect(r, "ON") || !read_name(r, table))
        return false;
    if (!accept_kind(r, FURROW__WORD_OPEN))
        return fail(r, "the list of columns is expected");
    do {
        if (out->count == FURROW__CATALOG_KEY)
            return too_many(r, "columns");
        if (!read_part(r, &parts[out->count]))
            return false;
        out->count++;
    } while (accept_kind(r, FURROW__WORD_COMMA));
    out->parts = parts;
    if (!accept_kind(r, FURROW__WORD_CLOSE))
        return fail(r, "the end of the list is expected");
    if (r->w.kind == FURROW__WORD_END)
        return true;
    if (!expect(r, "WHERE"))
        return false;
    size_t start = r->w.start;
    while (r->w.kind != FURROW__WORD_END && r->w.kind != FURROW__WORD_BAD)
        furrow__words_next(&r->w);
    if (r->w.kind == FURROW__WORD_BAD || r->w.last_end <= start)
        return fail(r, "a condition is expected");
    out->where = copy(r, start, r->w.last_end);
    return out->where != NULL;
}

furrow_status furrow__sqlite_read_index(furrow__catalog_index *out, const char **table,
                                        const char *sql, size_t size, furrow_arena *arena,
                                        furrow_error *error)
{
    reader r = {
        .w = furrow__words_begin(sql, size), .arena = arena, .what = "index", .error = error};
    *out = (furrow__catalog_index){0};
    *table = NULL;
    if (read_index(&r, out, table))
        out->source = copy(&r, 0, size);
    if (r.status != FURROW_OK)
        *out = (furrow__catalog_index){0};
    return r.status;
}
