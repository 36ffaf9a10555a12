/* SPDX-License-Identifier: MIT
 *
 * Reads a live PostgreSQL database into a physical catalog (PostgreSQL's manual, "System
 * Catalogs"). There is one query for the tables of the whole database, one for the columns, and so
 * on for the constraints, indexes and other objects. Each query returns its rows in the order of
 * the tables. Expressions are read in the form in which PostgreSQL writes them.
 */
#include <string.h>

#include "base/text.h"
#include "dialect/postgresql/apply.h"
#include "migrate/apply/query.h"

/* Selects the relations to read. If $1 is a schema, only its temporary tables are read. If $1 is
 * NULL, all schemas except those of the system are read, but no temporary tables. Objects that
 * belong to an extension are left out. SCHEMA is NULL for the first schema of the search path. */
#define OURS                                                                                       \
    "c.relpersistence = CASE WHEN $1::text IS NULL THEN c.relpersistence ELSE 't' END"             \
    " AND CASE WHEN $1::text IS NULL THEN n.nspname !~ '^pg_' AND n.nspname <>"                    \
    " 'information_schema' AND c.relpersistence <> 't' ELSE n.nspname = $1::text END"              \
    " AND c.relname NOT IN ('furrow_revision', 'furrow_lock', 'furrow_drift')"                     \
    " AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid ="                        \
    " 'pg_catalog.pg_class'::pg_catalog.regclass AND e.objid = c.oid AND e.deptype = 'e')"
#define SCHEMA                                                                                     \
    "CASE WHEN $1::text IS NULL THEN NULLIF(n.nspname::text,"                                      \
    " pg_catalog.current_schema()::text) END"
/* Selects ordinary and partitioned tables, but not the partitions. */
#define TABLES "c.relkind IN ('r', 'p') AND NOT c.relispartition"

typedef struct reader {
    furrow__catalog *out;
    furrow_connection *connection;
    furrow_error *error;
    const char *schema;
    furrow__catalog_table *table; /* the table of the last row that was read */
} reader;

static furrow__query ask(reader *r, const char *sql)
{
    r->table = NULL;
    return furrow__query_begin_with(r->connection, sql, (furrow__texts){&r->schema, 1},
                                    r->out->arena, r->error);
}

static void no_memory(furrow__query *q)
{
    if (q->status == FURROW_OK)
        q->status = furrow__fail(q->error, FURROW_NOMEM, "out of memory");
}

/* Returns the table that the first two columns of a row name. Returns NULL if that table was
 * created after the tables were read. */
static furrow__catalog_table *table_of(reader *r, furrow__query *q)
{
    furrow__table_name name = {furrow__query_text(q, 0), furrow__query_text(q, 1)};
    if (!r->table || !furrow__table_names_are_equal(r->table->name, name))
        r->table = furrow__catalog_table_named(r->out, name);
    return r->table;
}

static furrow_status read_tables(reader *r)
{
    furrow__query q =
        ask(r, "SELECT " SCHEMA ", c.relname::text FROM pg_catalog.pg_class c"
               " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE " TABLES
               " AND " OURS " ORDER BY c.oid");
    while (furrow__query_next(&q)) {
        furrow__table_name name = {furrow__query_text(&q, 0), furrow__query_text(&q, 1)};
        if (!furrow__catalog_add_table(r->out, name))
            no_memory(&q);
    }
    return furrow__query_end(&q);
}

static furrow_status read_columns(reader *r)
{
    furrow__query q =
        ask(r, "SELECT " SCHEMA ", c.relname::text, a.attname::text,"
               " pg_catalog.format_type(a.atttypid, a.atttypmod)"
               " || CASE WHEN a.attcollation <> t.typcollation THEN ' COLLATE '"
               " || pg_catalog.quote_ident(o.collname::text) ELSE '' END,"
               " NOT a.attnotnull, a.attidentity <> '', a.attgenerated <> '',"
               " pg_catalog.pg_get_expr(d.adbin, d.adrelid)"
               " FROM pg_catalog.pg_class c"
               " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
               " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0"
               " AND NOT a.attisdropped"
               " JOIN pg_catalog.pg_type t ON t.oid = a.atttypid"
               " LEFT JOIN pg_catalog.pg_collation o ON o.oid = a.attcollation"
               " LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum"
               " WHERE " TABLES " AND " OURS " ORDER BY c.oid, a.attnum");
    while (furrow__query_next(&q)) {
        furrow__catalog_table *table = table_of(r, &q);
        furrow__catalog_column *column = table ? furrow__catalog_add_column(r->out, table) : NULL;
        if (!column) {
            if (table)
                no_memory(&q);
            continue;
        }
        column->name = furrow__query_text(&q, 2);
        column->type.native = furrow__query_text(&q, 3);
        column->nullable = furrow__query_bool(&q, 4);
        column->assigned = furrow__query_bool(&q, 5);
        const char *expression = furrow__query_text(&q, 7);
        if (furrow__query_bool(&q, 6)) {
            column->generated = expression;
            column->stored = true;
        } else {
            column->default_ = expression;
        }
    }
    return furrow__query_end(&q);
}

static uint8_t action_of(const char *letter)
{
    switch (letter ? *letter : 'a') {
    case 'r':
        return FURROW_ACTION_RESTRICT;
    case 'c':
        return FURROW_ACTION_CASCADE;
    case 'n':
        return FURROW_ACTION_SET_NULL;
    case 'd':
        return FURROW_ACTION_SET_DEFAULT;
    default:
        return FURROW_ACTION_NONE;
    }
}

/* The constraint whose rows are being read. For a key, the query returns one row for each column,
 * in order. For a check, it returns one row without a column. */
typedef struct key_at_work {
    const char **columns, **targets;
    size_t place; /* index of the constraint in its table */
} key_at_work;

static void begin_constraint(reader *r, furrow__query *q, furrow__catalog_table *table,
                             key_at_work *at)
{
    static const furrow__constraint_kind kinds[256] = {['p'] = FURROW__CONSTRAINT_PRIMARY_KEY,
                                                       ['u'] = FURROW__CONSTRAINT_UNIQUE,
                                                       ['f'] = FURROW__CONSTRAINT_FOREIGN_KEY,
                                                       ['c'] = FURROW__CONSTRAINT_CHECK};
    const char *letter = furrow__query_text(q, 3);
    at->place = table->constraint_count;
    furrow__catalog_constraint *c = furrow__catalog_add_constraint(r->out, table);
    size_t size = FURROW__CATALOG_KEY * sizeof *at->columns;
    at->columns = furrow__arena_aligned(r->out->arena, size, _Alignof(char *));
    at->targets = furrow__arena_aligned(r->out->arena, size, _Alignof(char *));
    if (!c || !at->columns || !at->targets || !letter) {
        no_memory(q);
        return;
    }
    c->kind = kinds[(unsigned char)*letter];
    c->name = furrow__query_text(q, 2);
    c->columns = at->columns;
    if (c->kind == FURROW__CONSTRAINT_CHECK) {
        c->expression = furrow__query_text(q, 8);
        return;
    }
    c->deferrable = furrow__query_bool(q, 7);
    if (c->kind != FURROW__CONSTRAINT_FOREIGN_KEY)
        return;
    c->target = (furrow__table_name){furrow__query_text(q, 9), furrow__query_text(q, 10)};
    c->target_columns = at->targets;
    const char *actions = furrow__query_text(q, 11);
    c->on_delete = action_of(actions);
    c->on_update = action_of(actions ? actions + 1 : NULL);
}

static furrow_status read_constraints(reader *r)
{
    furrow__query q = ask(
        r, "SELECT " SCHEMA ", c.relname::text, k.conname::text, k.contype::text,"
           " p.place, a.attname::text, b.attname::text, k.condeferrable AND k.condeferred,"
           " pg_catalog.pg_get_expr(k.conbin, k.conrelid),"
           " NULLIF(m.nspname::text, pg_catalog.current_schema()::text), f.relname::text,"
           " k.confdeltype::text || k.confupdtype::text"
           " FROM pg_catalog.pg_class c"
           " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
           " JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid AND k.contype IN"
           " ('p', 'u', 'f', 'c') AND k.conparentid = 0"
           " LEFT JOIN pg_catalog.pg_class f ON f.oid = k.confrelid AND k.contype = 'f'"
           " LEFT JOIN pg_catalog.pg_namespace m ON m.oid = f.relnamespace"
           " CROSS JOIN LATERAL pg_catalog.generate_series(1, CASE WHEN k.contype = 'c' THEN 1 ELSE"
           " pg_catalog.cardinality(k.conkey) END) p (place)"
           " LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum ="
           " k.conkey[p.place] AND k.contype <> 'c'"
           " LEFT JOIN pg_catalog.pg_attribute b ON b.attrelid = k.confrelid AND b.attnum ="
           " k.confkey[p.place] AND k.contype = 'f'"
           " WHERE " TABLES " AND " OURS " ORDER BY c.oid, k.oid, p.place");
    key_at_work at = {0};
    while (furrow__query_next(&q)) {
        furrow__catalog_table *table = table_of(r, &q);
        int64_t place = furrow__query_int64(&q, 4);
        const char *column = furrow__query_text(&q, 5), *target = furrow__query_text(&q, 6);
        if (!table || place > FURROW__CATALOG_KEY)
            continue;
        if (place == 1)
            begin_constraint(r, &q, table, &at);
        if (q.status != FURROW_OK || !column)
            continue;
        at.columns[place - 1] = column;
        at.targets[place - 1] = target;
        table->constraints[at.place].count = (size_t)place;
    }
    return furrow__query_end(&q);
}

static furrow_status read_indexes(reader *r)
{
    furrow__query q = ask(
        r, "SELECT " SCHEMA ", c.relname::text, x.relname::text, i.indisunique,"
           " pg_catalog.pg_get_expr(i.indpred, i.indrelid),"
           " pg_catalog.pg_get_indexdef(i.indexrelid), p.place, a.attname::text,"
           " pg_catalog.pg_get_indexdef(i.indexrelid, p.place, false),"
           " (i.indoption[p.place - 1]::int & 1) <> 0"
           " FROM pg_catalog.pg_class c"
           " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
           " JOIN pg_catalog.pg_index i ON i.indrelid = c.oid"
           " JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid"
           " CROSS JOIN LATERAL pg_catalog.generate_series(1, i.indnkeyatts::int) p (place)"
           " LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum ="
           " i.indkey[p.place - 1] AND a.attnum > 0"
           " WHERE " TABLES " AND " OURS " AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k"
           " WHERE k.conindid = i.indexrelid AND k.conrelid = c.oid AND k.contype <> 'f')"
           " ORDER BY c.oid, x.oid, p.place");
    furrow__index_part *parts = NULL;
    while (furrow__query_next(&q)) {
        furrow__catalog_table *table = table_of(r, &q);
        int64_t place = furrow__query_int64(&q, 6);
        if (!table || place > FURROW__CATALOG_KEY)
            continue;
        if (place == 1) {
            furrow__catalog_index *index = furrow__catalog_add_index(r->out, table);
            parts = furrow__arena_aligned(r->out->arena, FURROW__CATALOG_KEY * sizeof *parts,
                                          _Alignof(furrow__index_part));
            if (!index || !parts) {
                no_memory(&q);
                continue;
            }
            *index = (furrow__catalog_index){.name = furrow__query_text(&q, 2),
                                             .parts = parts,
                                             .unique = furrow__query_bool(&q, 3),
                                             .where = furrow__query_text(&q, 4),
                                             .source = furrow__query_text(&q, 5)};
        }
        const char *column = furrow__query_text(&q, 7);
        parts[place - 1] = (furrow__index_part){
            .column = column,
            .expression = column ? NULL : furrow__query_text(&q, 8),
            .descending = furrow__query_bool(&q, 9),
        };
        table->indexes[table->index_count - 1].count = (size_t)place;
    }
    return furrow__query_end(&q);
}

static furrow_status read_objects(reader *r)
{
    furrow__query q = ask(
        r, "SELECT " SCHEMA ", c.relname::text, c.relkind::text, NULL::text"
           " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
           " WHERE c.relkind IN ('v', 'm', 'f', 'S') AND " OURS
           " AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.objid = c.oid"
           " AND e.deptype IN ('i', 'a') AND c.relkind = 'S')"
           " UNION ALL SELECT " SCHEMA ", c.relname::text, 't', g.tgname::text"
           " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
           " JOIN pg_catalog.pg_trigger g ON g.tgrelid = c.oid AND NOT g.tgisinternal WHERE " OURS
           " ORDER BY 1, 2, 4");
    while (furrow__query_next(&q)) {
        furrow__table_name name = {furrow__query_text(&q, 0), furrow__query_text(&q, 1)};
        const char *kind = furrow__query_text(&q, 2), *trigger = furrow__query_text(&q, 3);
        furrow__catalog_object *object = furrow__catalog_add_object(r->out);
        if (!object || !kind) {
            no_memory(&q);
            continue;
        }
        object->kind = *kind == 'v'   ? FURROW__OBJECT_VIEW
                       : *kind == 't' ? FURROW__OBJECT_TRIGGER
                                      : FURROW__OBJECT_OTHER;
        object->name = name;
        if (trigger) {
            object->table = name;
            object->name.name = trigger;
        }
    }
    return furrow__query_end(&q);
}

furrow_status furrow__postgresql_inspect(furrow__catalog *out, furrow_connection *connection,
                                         const char *schema, furrow_error *error)
{
    reader r = {.out = out, .connection = connection, .error = error, .schema = schema};
    furrow_status status = read_tables(&r);
    if (status == FURROW_OK)
        status = read_columns(&r);
    if (status == FURROW_OK)
        status = read_constraints(&r);
    if (status == FURROW_OK)
        status = read_indexes(&r);
    if (status == FURROW_OK)
        status = read_objects(&r);
    return status;
}
