/* SPDX-License-Identifier: MIT
 * Tests the inspection of live databases, which are read into physical catalogs. */
#include "fixture.h"

/* Writes a table of the catalog as text. Each column, constraint and index has a line. */
static void write_table(furrow__buffer *out, const furrow__catalog_table *t)
{
    furrow__buffer_format(out, "table %s%s%s\n", t->name.schema ? t->name.schema : "",
                          t->name.schema ? "." : "", t->name.name);
    for (size_t i = 0; i < t->column_count; i++) {
        const furrow__catalog_column *c = &t->columns[i];
        furrow__buffer_format(out, " %s %s%s%s", c->name, c->type.native,
                              c->nullable ? "" : " NOT NULL", c->assigned ? " ASSIGNED" : "");
        if (c->default_)
            furrow__buffer_format(out, " DEFAULT %s", c->default_);
        if (c->generated)
            furrow__buffer_format(out, " AS %s%s", c->generated, c->stored ? " STORED" : "");
        furrow__buffer_add_text(out, "\n");
    }
    static const char *const kinds[] = {"", "primary", "unique", "foreign", "check"};
    for (size_t i = 0; i < t->constraint_count; i++) {
        const furrow__catalog_constraint *c = &t->constraints[i];
        furrow__buffer_format(out, " %s %s", kinds[c->kind], c->name ? c->name : "-");
        for (size_t k = 0; k < c->count; k++)
            furrow__buffer_format(out, " %s", c->columns[k]);
        if (c->expression)
            furrow__buffer_format(out, " %s", c->expression);
        if (c->kind == FURROW__CONSTRAINT_FOREIGN_KEY)
            furrow__buffer_format(out, " -> %s.%s.%s %d %d%s",
                                  c->target.schema ? c->target.schema : "", c->target.name,
                                  c->target_columns ? c->target_columns[0] : "-", c->on_delete,
                                  c->on_update, c->deferrable ? " deferred" : "");
        furrow__buffer_add_text(out, "\n");
    }
    for (size_t i = 0; i < t->index_count; i++) {
        const furrow__catalog_index *x = &t->indexes[i];
        furrow__buffer_format(out, " index %s%s", x->name, x->unique ? " unique" : "");
        for (size_t k = 0; k < x->count; k++)
            furrow__buffer_format(out, " %s%s%s", x->parts[k].column ? x->parts[k].column : "=",
                                  x->parts[k].expression ? x->parts[k].expression : "",
                                  x->parts[k].descending ? " desc" : "");
        if (x->where)
            furrow__buffer_format(out, " where %s", x->where);
        furrow__buffer_add_text(out, "\n");
    }
}

static const char *described(fixture *f)
{
    furrow__catalog catalog;
    furrow__buffer out = {0};
    OK(furrow__inspect(&catalog, f->c, f->dialect, &f->arena, &f->error));
    for (size_t i = 0; i < catalog.count; i++)
        write_table(&out, catalog.tables[i]);
    for (size_t i = 0; i < catalog.object_count; i++)
        furrow__buffer_format(&out, "object %d %s%s%s\n", catalog.objects[i].kind,
                              catalog.objects[i].name.name,
                              catalog.objects[i].table.name ? " on " : "",
                              catalog.objects[i].table.name ? catalog.objects[i].table.name : "");
    const char *text = furrow__arena_text(&f->arena, furrow__buffer_text(&out), out.size);
    furrow__buffer_done(&out);
    return text;
}

static void test_inspect__reads_everything_on_sqlite(void **state)
{
    fixture *f = *state;
    run(f, "CREATE TABLE \"sport.team\" (\"id\" INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT "
           "NULL DEFAULT 'x' COLLATE NOCASE, n INT AS (length(name)) STORED) STRICT");
    run(f, "CREATE TABLE person (id TEXT NOT NULL, team INT REFERENCES \"sport.team\" (id) ON "
           "DELETE CASCADE DEFERRABLE INITIALLY DEFERRED, CONSTRAINT person_pkey PRIMARY KEY (id), "
           "CONSTRAINT big CHECK (team > 3), UNIQUE (team, id)) WITHOUT ROWID");
    run(f, "CREATE INDEX person_team_idx ON person (team DESC, lower(id)) WHERE team > 5");
    run(f, "CREATE TABLE furrow_revision (id TEXT)");
    run(f, "CREATE VIRTUAL TABLE words USING fts5(x)");
    run(f, "CREATE VIEW people AS SELECT * FROM person");
    run(f, "CREATE TRIGGER watch AFTER INSERT ON person BEGIN SELECT 1; END");
    run(f, "CREATE TEMP TABLE passing (a)");
    const char *text = described(f);
    assert_non_null(strstr(text, "table sport.team\n"
                                 " id INTEGER NOT NULL ASSIGNED\n"
                                 " name TEXT COLLATE NOCASE NOT NULL DEFAULT 'x'\n"
                                 " n INT AS length(name) STORED\n"
                                 " primary - id\n"
                                 "table person\n"
                                 " id TEXT NOT NULL\n"
                                 " team INT\n"
                                 " foreign - team -> .sport.team.id 2 0 deferred\n"
                                 " primary person_pkey id\n"
                                 " check big team > 3\n"
                                 " unique - team id\n"
                                 " index person_team_idx team desc =lower(id) where team > 5\n"));
    assert_non_null(strstr(text, "object 3 words\n"));
    assert_non_null(strstr(text, "object 1 people\nobject 2 watch on person\n"));
    assert_null(strstr(text, "furrow_revision"));
    assert_null(strstr(text, "passing"));
}

#ifdef FURROW_WITH_POSTGRESQL
static void test_inspect__reads_everything_on_postgresql(void **state)
{
    fixture *f = *state;
    run(f, "CREATE SCHEMA sport");
    run(f, "CREATE TABLE sport.team (id BIGINT GENERATED BY DEFAULT AS IDENTITY, name VARCHAR(20) "
           "COLLATE \"C\" NOT NULL DEFAULT 'x', n INT GENERATED ALWAYS AS (length(name)) STORED, "
           "CONSTRAINT team_pkey PRIMARY KEY (id))");
    run(f, "CREATE TABLE person (id UUID NOT NULL, team BIGINT, score NUMERIC(12, 2), "
           "CONSTRAINT person_pkey PRIMARY KEY (id, team), CONSTRAINT big CHECK (team > 3 AND "
           "score < 10), CONSTRAINT person_team_key UNIQUE (team), CONSTRAINT person_team_fkey "
           "FOREIGN KEY (team) REFERENCES sport.team (id) ON DELETE CASCADE ON UPDATE SET DEFAULT "
           "DEFERRABLE INITIALLY DEFERRED)");
    run(f, "CREATE UNIQUE INDEX person_idx ON person (team DESC, lower(id::text)) WHERE team > 5");
    run(f, "CREATE TABLE furrow_revision (id TEXT)");
    run(f, "CREATE VIEW people AS SELECT * FROM person");
    run(f, "CREATE SEQUENCE loose");
    run(f, "CREATE TEMP TABLE passing (a INT)");
    assert_string_equal(
        described(f),
        "table sport.team\n"
        " id bigint NOT NULL ASSIGNED\n"
        " name character varying(20) COLLATE \"C\" NOT NULL DEFAULT 'x'::character varying\n"
        " n integer AS length((name)::text) STORED\n"
        " primary team_pkey id\n"
        "table person\n"
        " id uuid NOT NULL\n"
        " team bigint NOT NULL\n"
        " score numeric(12,2)\n"
        " check big ((team > 3) AND (score < (10)::numeric))\n"
        " primary person_pkey id team\n"
        " unique person_team_key team\n"
        " foreign person_team_fkey team -> sport.team.id 2 4 deferred\n"
        " index person_idx unique team desc =lower((id)::text) where (team > 5)\n"
        "object 3 loose\n"
        "object 1 people\n");
}
#endif

int main(void)
{
    const struct CMUnitTest sqlite[] = {
        SQLITE_TEST(test_inspect__reads_everything_on_sqlite),
    };
    int failed = cmocka_run_group_tests(sqlite, NULL, NULL);
#ifdef FURROW_WITH_POSTGRESQL
    const struct CMUnitTest postgresql[] = {
        POSTGRESQL_TEST(test_inspect__reads_everything_on_postgresql),
    };
    failed += RUN_ON_POSTGRESQL(postgresql);
#endif
    return failed;
}
