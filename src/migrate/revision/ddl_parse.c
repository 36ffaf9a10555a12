/* SPDX-License-Identifier: MIT
 *
 * Parses the statements of furrow DDL. docs/migrations.md describes the grammar. An invalid
 * statement is reported and skipped, so that several errors are found in one pass.
 */
#include "migrate/revision/ddl_parts.h"

#include <string.h>

#include "base/text.h"

typedef furrow__ddl_parser parser;

static furrow__change *add_change(parser *p, furrow__change_kind kind, furrow__token at)
{
    furrow__change *change = p->wrong ? NULL : furrow__change_add(p->out, kind);
    if (!change) {
        if (p->out->count >= FURROW__CHANGES)
            furrow__ddl_wrong(p, "split the file", "there are more than %d changes",
                              FURROW__CHANGES);
        else if (!p->wrong)
            furrow__ddl_no_memory(p);
        p->nothing = (furrow__change){.kind = kind};
        return &p->nothing;
    }
    change->place = furrow__ddl_location(p, at.start);
    return change;
}

static bool refuse_if(parser *p)
{
    if (!furrow__ddl_is_keyword(p, "IF"))
        return false;
    furrow__ddl_wrong(p, "leave it out: the history knows which tables and indexes exist",
                      "IF [NOT] EXISTS is not part of furrow DDL");
    return true;
}

/* Parses a column or constraint of a CREATE TABLE. */
static void element(parser *p, furrow__catalog *made, furrow__catalog_table *table)
{
    furrow__catalog_constraint constraint;
    furrow__catalog_column column;
    bool is_constraint = furrow__ddl_is_constraint(p), added = false;
    if (furrow__ddl_is(p, ')'))
        furrow__ddl_wrong(p, table->column_count ? "remove the comma before it" : NULL,
                          "a column or constraint expected");
    else if (table->column_count >= FURROW__CATALOG_PARTS)
        furrow__ddl_wrong(p, NULL, "a table has at most %d columns", FURROW__CATALOG_PARTS);
    else if (is_constraint)
        furrow__ddl_constraint(p, &constraint);
    else
        furrow__ddl_column(p, &column, made, table);
    if (p->wrong)
        return;
    if (is_constraint) {
        furrow__catalog_constraint *to = furrow__catalog_add_constraint(made, table);
        added = to != NULL;
        if (added)
            *to = constraint;
    } else {
        furrow__catalog_column *to = furrow__catalog_add_column(made, table);
        added = to != NULL;
        if (added)
            *to = column;
    }
    if (!added)
        furrow__ddl_no_memory(p);
}

static void create_table(parser *p, furrow__token at)
{
    furrow__catalog made;
    furrow__catalog_init(&made, NULL, p->arena);
    refuse_if(p);
    furrow__table_name name = furrow__ddl_table(p);
    furrow__catalog_table *table = p->wrong ? NULL : furrow__catalog_add_table(&made, name);
    if (!table) {
        if (!p->wrong)
            furrow__ddl_no_memory(p);
        return;
    }
    furrow__ddl_expect_symbol(p, '(');
    do {
        element(p, &made, table);
    } while (furrow__ddl_take_symbol(p, ','));
    furrow__ddl_expect_symbol(p, ')');
    if (p->token.kind == FURROW__TOKEN_WORD &&
        (furrow__ddl_is_keyword(p, "STRICT") || furrow__ddl_is_keyword(p, "WITHOUT")))
        furrow__ddl_wrong(p, "leave it out: furrow makes tables STRICT if the engine supports it",
                          "options of a table are not part of furrow DDL");
    furrow__ddl_name_constraints(p, table);
    /* The columns of a primary key are NOT NULL even if the text does not say so. */
    const furrow__catalog_constraint *key = furrow__catalog_primary_key(table);
    for (size_t i = 0; key && i < table->column_count; i++)
        if (furrow__names_have(key->columns, key->count, table->columns[i].name))
            table->columns[i].nullable = false;
    furrow__change *change = add_change(p, FURROW__CREATE_TABLE, at);
    change->table = name;
    change->new_table = table;
}

static void add_column(parser *p, furrow__table_name name, furrow__token at)
{
    furrow__catalog made;
    furrow__catalog_column column;
    furrow__catalog_init(&made, NULL, p->arena);
    furrow__ddl_take(p, "COLUMN");
    refuse_if(p);
    furrow__catalog_table *table = furrow__catalog_add_table(&made, name);
    if (!table) {
        furrow__ddl_no_memory(p);
        return;
    }
    furrow__ddl_column(p, &column, &made, table);
    const char *backfill = furrow__ddl_take(p, "USING") ? furrow__ddl_in_brackets(p) : NULL;
    furrow__ddl_name_constraints(p, table);
    furrow__change *change = add_change(p, FURROW__ADD_COLUMN, at);
    change->table = name;
    change->column = column;
    change->backfill = backfill;
    for (size_t i = 0; i < table->constraint_count; i++) {
        change = add_change(p, FURROW__ADD_CONSTRAINT, at);
        change->table = name;
        change->constraint = table->constraints[i];
    }
}

static void add_constraint(parser *p, furrow__table_name name, furrow__token at)
{
    furrow__catalog made;
    furrow__catalog_init(&made, NULL, p->arena);
    furrow__catalog_table *table = furrow__catalog_add_table(&made, name);
    furrow__catalog_constraint *c = table ? furrow__catalog_add_constraint(&made, table) : NULL;
    if (!c) {
        furrow__ddl_no_memory(p);
        return;
    }
    furrow__ddl_constraint(p, c);
    furrow__ddl_name_constraints(p, table);
    furrow__change *change = add_change(p, FURROW__ADD_CONSTRAINT, at);
    change->table = name;
    change->constraint = *c;
}

static void alter_column(parser *p, furrow__table_name table, furrow__token at)
{
    furrow__change read = {0};
    furrow__ddl_take(p, "COLUMN");
    read.name = furrow__ddl_name(p, "a column");
    if (furrow__ddl_take(p, "SET")) {
        if (furrow__ddl_take(p, "NOT")) {
            furrow__ddl_expect(p, "NULL");
            read.alters = FURROW__ALTER_SET_NOT_NULL;
        } else if (furrow__ddl_take(p, "DEFAULT")) {
            read.alters = FURROW__ALTER_SET_DEFAULT;
            read.column.default_ = furrow__ddl_expression(p, NULL, true);
        } else {
            furrow__ddl_expect(p, "DATA");
            read.alters = FURROW__ALTER_TYPE;
            furrow__ddl_expect(p, "TYPE");
        }
    } else if (furrow__ddl_take(p, "DROP")) {
        if (furrow__ddl_take(p, "DEFAULT")) {
            read.alters = FURROW__ALTER_DROP_DEFAULT;
        } else if (furrow__ddl_take(p, "IDENTITY")) {
            read.alters = FURROW__ALTER_DROP_IDENTITY;
        } else {
            furrow__ddl_expect(p, "NOT");
            furrow__ddl_expect(p, "NULL");
            read.alters = FURROW__ALTER_DROP_NOT_NULL;
        }
    } else if (furrow__ddl_take(p, "ADD")) {
        furrow__ddl_expect(p, "GENERATED");
        furrow__ddl_expect(p, "BY");
        furrow__ddl_expect(p, "DEFAULT");
        furrow__ddl_expect(p, "AS");
        furrow__ddl_expect(p, "IDENTITY");
        read.alters = FURROW__ALTER_ADD_IDENTITY;
    } else if (furrow__ddl_take(p, "TYPE")) {
        read.alters = FURROW__ALTER_TYPE;
    } else {
        furrow__ddl_expect(p, "TYPE, SET, DROP or ADD");
    }
    if (read.alters == FURROW__ALTER_TYPE) {
        read.column.type = furrow__ddl_type(p);
        if (furrow__ddl_take(p, "USING"))
            read.backfill = furrow__ddl_in_brackets(p);
    }
    furrow__change *change = add_change(p, FURROW__ALTER_COLUMN, at);
    furrow__file_location place = change->place;
    *change = read;
    change->kind = FURROW__ALTER_COLUMN;
    change->place = place;
    change->table = table;
}

static void rename_part(parser *p, furrow__table_name table, furrow__token at)
{
    furrow__change_kind kind = FURROW__RENAME_COLUMN;
    const char *name = NULL;
    if (furrow__ddl_take(p, "TO")) {
        kind = FURROW__RENAME_TABLE;
    } else {
        if (furrow__ddl_take(p, "CONSTRAINT"))
            kind = FURROW__RENAME_CONSTRAINT;
        else
            furrow__ddl_take(p, "COLUMN");
        name = furrow__ddl_name(p, "the old name");
        furrow__ddl_expect(p, "TO");
    }
    const char *new_name = furrow__ddl_name(p, "the new name");
    if (kind == FURROW__RENAME_TABLE && furrow__ddl_is(p, ','))
        furrow__ddl_wrong(p, "end the statement here and write another",
                          "nothing follows RENAME TO");
    furrow__change *change = add_change(p, kind, at);
    change->table = table;
    change->name = name;
    change->new_name = new_name;
}

static void drop_part(parser *p, furrow__table_name table, furrow__token at)
{
    bool constraint = furrow__ddl_take(p, "CONSTRAINT");
    if (!constraint)
        furrow__ddl_take(p, "COLUMN");
    refuse_if(p);
    const char *name = furrow__ddl_name(p, constraint ? "a constraint" : "a column");
    if (furrow__ddl_is_keyword(p, "CASCADE"))
        furrow__ddl_wrong(p, "drop the objects that depend on it in separate statements",
                          "CASCADE is not part of furrow DDL");
    furrow__change *change =
        add_change(p, constraint ? FURROW__DROP_CONSTRAINT : FURROW__DROP_COLUMN, at);
    change->table = table;
    change->name = name;
}

static void alter_table(parser *p)
{
    refuse_if(p);
    furrow__table_name name = furrow__ddl_table(p);
    do {
        furrow__token at = p->token;
        if (furrow__ddl_take(p, "ADD")) {
            if (furrow__ddl_is_constraint(p))
                add_constraint(p, name, at);
            else
                add_column(p, name, at);
        } else if (furrow__ddl_take(p, "DROP")) {
            drop_part(p, name, at);
        } else if (furrow__ddl_take(p, "RENAME")) {
            rename_part(p, name, at);
        } else if (furrow__ddl_take(p, "ALTER")) {
            alter_column(p, name, at);
        } else {
            furrow__ddl_expect(p, "ADD, DROP, ALTER or RENAME");
        }
    } while (furrow__ddl_take_symbol(p, ','));
}

static void read_part(parser *p, furrow__catalog_index *index, furrow__index_part *parts)
{
    furrow__index_part part = {0};
    if (furrow__ddl_is(p, '('))
        part.expression = furrow__ddl_in_brackets(p);
    else
        part.column = furrow__ddl_name(p, "a column, or an expression in parentheses");
    if (furrow__ddl_is(p, '('))
        furrow__ddl_wrong(p, "put the expression in parentheses of its own: ((lower(name)))",
                          "an index expression must be in parentheses");
    if (furrow__ddl_take(p, "DESC"))
        part.descending = true;
    else
        furrow__ddl_take(p, "ASC");
    if (furrow__ddl_is_keyword(p, "NULLS"))
        furrow__ddl_wrong(p, "leave it out: NULL is the least value on every engine",
                          "NULLS FIRST and LAST are not part of furrow DDL");
    if (!p->wrong && index->count == FURROW__CATALOG_KEY)
        furrow__ddl_wrong(p, NULL, "an index has at most %d columns", FURROW__CATALOG_KEY);
    if (!p->wrong)
        parts[index->count++] = part;
}

static void create_index(parser *p, furrow__token at, bool unique)
{
    furrow__catalog_index index = {.unique = unique};
    furrow__index_part *parts = furrow__arena_aligned(p->arena, FURROW__CATALOG_KEY * sizeof *parts,
                                                      _Alignof(furrow__index_part));
    if (!parts) {
        furrow__ddl_no_memory(p);
        return;
    }
    bool concurrently = furrow__ddl_take(p, "CONCURRENTLY");
    refuse_if(p);
    if (furrow__ddl_is_keyword(p, "ON"))
        furrow__ddl_wrong(p, "write CREATE INDEX name ON table (column)",
                          "the name of the index is missing");
    index.name = furrow__ddl_name(p, "the name of the index");
    furrow__ddl_expect(p, "ON");
    furrow__table_name table = furrow__ddl_table(p);
    furrow__ddl_expect_symbol(p, '(');
    do
        read_part(p, &index, parts);
    while (furrow__ddl_take_symbol(p, ','));
    furrow__ddl_expect_symbol(p, ')');
    index.parts = parts;
    if (furrow__ddl_take(p, "WHERE"))
        index.where = furrow__ddl_expression(p, NULL, false);
    furrow__change *change = add_change(p, FURROW__CREATE_INDEX, at);
    change->table = table;
    change->index = index;
    change->concurrently = concurrently;
}

static void drop_index(parser *p, furrow__token at)
{
    bool concurrently = furrow__ddl_take(p, "CONCURRENTLY");
    refuse_if(p);
    furrow__table_name name = furrow__ddl_table(p);
    furrow__change *change = add_change(p, FURROW__DROP_INDEX, at);
    change->table.schema = name.schema;
    change->name = name.name;
    change->concurrently = concurrently;
}

static void alter_index(parser *p, furrow__token at)
{
    furrow__table_name name = furrow__ddl_table(p);
    furrow__ddl_expect(p, "RENAME");
    furrow__ddl_expect(p, "TO");
    const char *new_name = furrow__ddl_name(p, "the new name");
    furrow__change *change = add_change(p, FURROW__RENAME_INDEX, at);
    change->table.schema = name.schema;
    change->name = name.name;
    change->new_name = new_name;
}

static void finish_data(parser *p, furrow__token at, furrow__table_name table,
                        const furrow__data *read)
{
    furrow__data *data = furrow__arena_aligned(p->arena, sizeof *data, _Alignof(furrow__data));
    if (!data) {
        furrow__ddl_no_memory(p);
        return;
    }
    *data = *read;
    furrow__change *change = add_change(p, FURROW__DATA, at);
    change->table = table;
    change->data = data;
}

static const char *read_where(parser *p)
{
    return furrow__ddl_take(p, "WHERE") ? furrow__ddl_expression(p, NULL, false) : NULL;
}

static void insert(parser *p, furrow__token at)
{
    static const char *const stops[] = {"FROM", "WHERE", NULL};
    furrow__data data = {.kind = FURROW__DATA_INSERT};
    furrow__ddl_texts values = {0};
    furrow__ddl_expect(p, "INTO");
    furrow__table_name table = furrow__ddl_table(p);
    if (!furrow__ddl_is(p, '('))
        furrow__ddl_wrong(p, "write INSERT INTO table (column, ...)", "the columns are missing");
    furrow__ddl_texts names = furrow__ddl_names(p, "a column");
    data.columns = names.items;
    data.column_count = names.count;
    if (furrow__ddl_take(p, "SELECT")) {
        data.kind = FURROW__DATA_INSERT_SELECT;
        do
            furrow__ddl_add_text(p, &values, furrow__ddl_expression(p, stops, false));
        while (furrow__ddl_take_symbol(p, ','));
        data.row_count = 1;
        if (!p->wrong && values.count != names.count)
            furrow__ddl_wrong(p, NULL, "%zu values for %zu columns", values.count, names.count);
        furrow__ddl_expect(p, "FROM");
        data.from = furrow__ddl_table(p);
        data.where = read_where(p);
    } else {
        furrow__ddl_expect(p, "VALUES");
        do {
            furrow__token row = p->token;
            size_t before = values.count;
            furrow__ddl_expect_symbol(p, '(');
            do
                furrow__ddl_add_text(p, &values, furrow__ddl_expression(p, NULL, false));
            while (furrow__ddl_take_symbol(p, ','));
            furrow__ddl_expect_symbol(p, ')');
            if (!p->wrong && values.count - before != names.count)
                furrow__ddl_wrong_at(p, (furrow__ddl_span){row.start, p->end_of_last - row.start},
                                     NULL, "%zu values for %zu columns", values.count - before,
                                     names.count);
            data.row_count++;
        } while (furrow__ddl_take_symbol(p, ','));
    }
    data.values = values.items;
    finish_data(p, at, table, &data);
}

static void update(parser *p, furrow__token at)
{
    static const char *const stops[] = {"WHERE", NULL};
    furrow__data data = {.kind = FURROW__DATA_UPDATE, .row_count = 1};
    furrow__ddl_texts names = {0}, values = {0};
    furrow__table_name table = furrow__ddl_table(p);
    furrow__ddl_expect(p, "SET");
    do {
        furrow__ddl_add_text(p, &names, furrow__ddl_name(p, "a column"));
        furrow__ddl_expect_symbol(p, '=');
        furrow__ddl_add_text(p, &values, furrow__ddl_expression(p, stops, false));
    } while (furrow__ddl_take_symbol(p, ','));
    data.columns = names.items;
    data.column_count = names.count;
    data.values = values.items;
    data.where = read_where(p);
    finish_data(p, at, table, &data);
}

static void delete_rows(parser *p, furrow__token at)
{
    furrow__data data = {.kind = FURROW__DATA_DELETE};
    furrow__ddl_expect(p, "FROM");
    furrow__table_name table = furrow__ddl_table(p);
    data.where = read_where(p);
    finish_data(p, at, table, &data);
}

static const char *const engine_block = "write it in a block for one engine: -- upgrade postgresql";

static void create(parser *p, furrow__token at)
{
    if (furrow__ddl_take(p, "TABLE"))
        create_table(p, at);
    else if (furrow__ddl_take(p, "INDEX"))
        create_index(p, at, false);
    else if (furrow__ddl_take(p, "UNIQUE")) {
        furrow__ddl_expect(p, "INDEX");
        create_index(p, at, true);
    } else if (furrow__ddl_is_keyword(p, "VIEW") || furrow__ddl_is_keyword(p, "TRIGGER") ||
               furrow__ddl_is_keyword(p, "FUNCTION") || furrow__ddl_is_keyword(p, "EXTENSION") ||
               furrow__ddl_is_keyword(p, "TYPE") || furrow__ddl_is_keyword(p, "SEQUENCE") ||
               furrow__ddl_is_keyword(p, "OR") || furrow__ddl_is_keyword(p, "VIRTUAL"))
        furrow__ddl_wrong(p, engine_block, "this is not part of furrow DDL");
    else
        furrow__ddl_expect(p, "TABLE, INDEX or UNIQUE INDEX");
}

static void drop(parser *p, furrow__token at)
{
    if (furrow__ddl_take(p, "INDEX")) {
        drop_index(p, at);
        return;
    }
    if (!furrow__ddl_take(p, "TABLE")) {
        furrow__ddl_expect(p, "TABLE or INDEX");
        return;
    }
    refuse_if(p);
    furrow__table_name table = furrow__ddl_table(p);
    if (furrow__ddl_is_keyword(p, "CASCADE"))
        furrow__ddl_wrong(p, "drop the objects that depend on it in separate statements",
                          "CASCADE is not part of furrow DDL");
    furrow__change *change = add_change(p, FURROW__DROP_TABLE, at);
    change->table = table;
}

static void statement(parser *p)
{
    furrow__token at = p->token;
    if (furrow__ddl_take(p, "CREATE"))
        create(p, at);
    else if (furrow__ddl_take(p, "DROP"))
        drop(p, at);
    else if (furrow__ddl_take(p, "ALTER")) {
        if (furrow__ddl_take(p, "INDEX"))
            alter_index(p, at);
        else if (furrow__ddl_expect(p, "TABLE"))
            alter_table(p);
    } else if (furrow__ddl_take(p, "INSERT"))
        insert(p, at);
    else if (furrow__ddl_take(p, "UPDATE"))
        update(p, at);
    else if (furrow__ddl_take(p, "DELETE"))
        delete_rows(p, at);
    else if (furrow__ddl_is_keyword(p, "BEGIN") || furrow__ddl_is_keyword(p, "COMMIT") ||
             furrow__ddl_is_keyword(p, "ROLLBACK"))
        furrow__ddl_wrong(p, "leave it out: a revision runs in one transaction",
                          "a revision cannot begin or end a transaction");
    else if (furrow__ddl_is_keyword(p, "PRAGMA") || furrow__ddl_is_keyword(p, "SET") ||
             furrow__ddl_is_keyword(p, "GRANT") || furrow__ddl_is_keyword(p, "COMMENT") ||
             furrow__ddl_is_keyword(p, "TRUNCATE") || furrow__ddl_is_keyword(p, "WITH") ||
             furrow__ddl_is_keyword(p, "SELECT"))
        furrow__ddl_wrong(p, engine_block, "this is not part of furrow DDL");
    else
        furrow__ddl_expect(p, "CREATE, ALTER, DROP, INSERT, UPDATE or DELETE");
}

/* Directives above a statement apply to all changes that it makes. */
static void mark(parser *p, size_t from)
{
    const char *ignores = NULL;
    if (p->ignores.size) {
        const char *text = furrow__buffer_text(&p->ignores);
        ignores = text ? furrow__arena_text(p->arena, text, p->ignores.size) : NULL;
        if (!ignores)
            furrow__ddl_no_memory(p);
    }
    for (size_t i = from; i < p->out->count; i++) {
        p->out->items[i].allows_data_loss = p->allows_data_loss;
        p->out->items[i].ignores = ignores;
    }
}

static void start(parser *p)
{
    p->at_start = true;
    p->allows_data_loss = false;
    furrow__buffer_clear(&p->ignores);
    furrow__ddl_next(p);
}

static void parse_one(parser *p)
{
    size_t before = p->out->count;
    if (!p->wrong)
        statement(p);
    if (!p->wrong && p->token.kind == FURROW__TOKEN_END)
        furrow__ddl_wrong_at(p, (furrow__ddl_span){p->end_of_last, 0},
                             "end the statement with a semicolon", "; expected at the end");
    else if (!p->wrong && !furrow__ddl_is(p, ';'))
        furrow__ddl_expect_symbol(p, ';');
    if (!p->wrong)
        mark(p, before);
    if (p->wrong) {
        p->out->count = before;
        if (!p->out_of_memory)
            furrow__ddl_recover(p);
    }
}

static void parse_all(parser *p)
{
    start(p);
    while (!p->out_of_memory && p->problems->count < FURROW__PROBLEMS &&
           (p->wrong || p->token.kind != FURROW__TOKEN_END)) {
        if (!furrow__ddl_is(p, ';'))
            parse_one(p);
        if (!furrow__ddl_is(p, ';'))
            return;
        start(p);
    }
}

furrow_status furrow__ddl_parse_all(furrow__change_list *out, const furrow__source_text *source,
                                    furrow__problem_list *problems, furrow_error *error)
{
    const char *text = source->text;
    size_t size = source->size;
    size_t first = problems->count;
    parser p = {.out = out,
                .arena = out->arena,
                .text = text,
                .size = size,
                .scanner = furrow__scanner_begin(text, size, FURROW__SCAN_FURROW),
                .locator = furrow__locator_begin(text, source->location),
                .problems = problems};
    const char *nul = size ? memchr(text, '\0', size) : NULL;
    if (nul)
        furrow__ddl_wrong_at(&p, (furrow__ddl_span){(size_t)(nul - text), 0}, NULL,
                             "this text contains a NUL");
    else if (!furrow__utf8_is_valid(text, size))
        furrow__ddl_wrong_at(&p, (furrow__ddl_span){0, 0}, "save the file as UTF-8",
                             "this text is not valid UTF-8");
    else
        parse_all(&p);
    furrow__buffer_done(&p.ignores);
    if (p.out_of_memory)
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    if (problems->count == first)
        return FURROW_OK;
    furrow__fail(error, FURROW_INVALID, "%s", problems->items[first].message);
    if (problems->items[first].hint)
        furrow__hint(error, "%s", problems->items[first].hint);
    return FURROW_INVALID;
}

furrow_status furrow__ddl_parse(furrow__change_list *out, const furrow__source_text *source,
                                furrow__file_location *place, furrow_error *error)
{
    furrow__problem_list problems = {.count = 0};
    size_t before = out->count;
    furrow_status status = furrow__ddl_parse_all(out, source, &problems, error);
    *place = problems.count ? problems.items[0].place : source->location;
    if (status != FURROW_OK)
        out->count = before;
    return status;
}
