/* SPDX-License-Identifier: MIT
 *
 * Migrates databases with rows from one schema to another. A history has three revisions: the first
 * schema, its rows, and the changes that diff finds. The history is written to files, read again,
 * upgraded and downgraded. After every step, there must be no drift, and the models must agree with
 * the history. Every value must be preserved, unless the generated downgrade documents its loss. */
#ifndef FURROW_TESTS_MIGRATE_PAIRS_H
#define FURROW_TESTS_MIGRATE_PAIRS_H

#include "fixture.h"

#include "migrate/apply/route.h"
#include "migrate/revision/change_parts.h"
#include "migrate/author/diff.h"

#include "../unit/migrate_world.h"
#include "pairs_cover.h"
#include "migrate/apply/drift.h"

enum { REVISIONS = 3 };

typedef struct pair {
    const char *name;
    const char *before;  /* furrow DDL that creates the first schema */
    const char *rows;    /* furrow DDL that inserts the rows of the first schema */
    const char *changes; /* furrow DDL that changes the first schema into the second. The test runs
                            these changes if by_hand is set, and otherwise the changes that diff
                            finds */
    bool by_hand;
    const char *back;                /* furrow DDL for the downgrade; NULL if the downgrade is
                                        generated */
    const char *sqlite, *postgresql; /* SQL that another program runs on each engine after the rows
                                        are inserted; can be NULL. Each statement ends with a
                                        semicolon at the end of a line */
    const char *query;               /* a query whose result must not change */
    const char *query_after;         /* a query to run after the change, and its expected result */
    const char *answer;
    const char *refused; /* if the change must be refused: a part of the expected error message */
} pair;

typedef struct trial {
    fixture *f;
    const pair *of;
    furrow__history history;
    furrow__catalog schemas[REVISIONS]; /* the schema after each revision */
    furrow__change_list changes;        /* the changes that were read from the file */
    const char *file;                   /* the text of the last revision file */
    size_t kept_values;
} trial;

static const char *const pair_ids[REVISIONS] = {"aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc"};

#define WRONG(t, ...) pair_fails(t, __LINE__, __VA_ARGS__)

static inline void pair_fails(const trial *t, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static inline void pair_fails(const trial *t, int line, const char *format, ...)
{
    char message[2000];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    fprintf(stderr, "pair \"%s\": %s\n---- from\n%s\n---- rows\n%s\n---- by\n%s\n", t->of->name,
            message, t->of->before, t->of->rows, t->file ? t->file : "");
    fail_msg("pair \"%s\" (line %d of pairs.h): %s", t->of->name, line, message);
}

/* Moves the text of a buffer into the fixture's arena, and empties the buffer. */
static inline const char *keep(fixture *f, furrow__buffer *buffer)
{
    const char *text = furrow__arena_text(&f->arena, furrow__buffer_text(buffer), buffer->size);
    furrow__buffer_done(buffer);
    return text;
}

/* Writes a revision to a file and reads the file again. The test uses the changes that were read.
 */
static inline void add_revision(trial *t, size_t at, const furrow__change_list *up,
                                const furrow__change_list *down)
{
    fixture *f = t->f;
    static furrow__catalog nothing;
    furrow__catalog_init(&nothing, NULL, &f->arena);
    const furrow__catalog *before = at ? &t->schemas[at - 1] : &nothing;
    char fingerprints[2][FURROW__FINGERPRINT_SIZE], file[32];
    furrow__buffer text = {0};
    furrow__problem_list problems;
    furrow__revision revision = {
        .id = pair_ids[at], .message = "a step", .storage = t->schemas[at].storage, .upgrade = *up};
    OK(furrow__catalog_fingerprint(fingerprints[0], before, &f->error));
    OK(furrow__catalog_fingerprint(fingerprints[1], &t->schemas[at], &f->error));
    revision.before = fingerprints[0];
    revision.after = fingerprints[1];
    revision.irreversible = !down;
    if (down)
        revision.downgrade = *down;
    if (at)
        revision.parents[revision.parent_count++] = pair_ids[at - 1];
    furrow__revision_write(&text, &revision, before, &t->schemas[at]);
    snprintf(file, sizeof file, "%s.sql", pair_ids[at]);
    t->file = furrow__arena_text(&f->arena, text.text, text.size);
    furrow_status status = furrow__history_add_all(
        &t->history,
        &(furrow__source_text){
            .text = t->file,
            .size = text.size,
            .location = {.file = furrow__arena_text(&f->arena, file, strlen(file))}},
        &problems, &f->error);
    furrow__buffer_done(&text);
    if (status != FURROW_OK)
        WRONG(t, "%s (%s)", f->error.message, f->error.hint);
}

static inline void change_schema(trial *t, furrow__catalog *out, const furrow__catalog *of,
                                 const furrow__change_list *changes)
{
    fixture *f = t->f;
    OK(furrow__catalog_copy(out, of, &f->arena, &f->error));
    if (furrow__changes_apply(out, changes, &f->error) != FURROW_OK)
        WRONG(t, "%s (%s)", f->error.message, f->error.hint);
}

/* Reads changes from furrow DDL. Changes that contain engine blocks are parsed as the text of a
 * revision file. */
static inline void read_section(trial *t, furrow__change_list *out, const char *text)
{
    fixture *f = t->f;
    furrow__history history = {.arena = &f->arena};
    furrow__problem_list problems;
    furrow__buffer file = {0};
    const char *zero = "00000000000000000000000000000000";
    if (strncmp(text, "-- ", 3) != 0) {
        read_changes(out, text, &f->arena);
        return;
    }
    furrow__buffer_format(&file,
                          "-- furrow revision %s\n-- parent: none\n-- message: m\n-- before: %s\n"
                          "-- after: %s\n-- irreversible\n\n%s",
                          pair_ids[0], zero, zero, text);
    size_t size = file.size;
    const char *kept = keep(f, &file);
    if (furrow__history_add_all(
            &history,
            &(furrow__source_text){.text = kept, .size = size, .location = {.file = "a.sql"}},
            &problems, &f->error) != FURROW_OK)
        WRONG(t, "%s in\n%s", f->error.message, kept);
    *out = history.items[0]->upgrade;
}

/* Chooses the storage version of the next history: the first version, the newest version, or a
 * change from the first to the newest. */
static inline void choose_storage(furrow__change_list lists[REVISIONS])
{
    static unsigned calls;
    unsigned way = calls++ % 3;
    lists[0].storage = lists[1].storage = way == 1 ? FURROW__STORAGE_NEWEST : FURROW__STORAGE_FIRST;
    lists[2].storage = way ? FURROW__STORAGE_NEWEST : FURROW__STORAGE_FIRST;
}

static inline void make_history(trial *t)
{
    fixture *f = t->f;
    furrow__change_list lists[REVISIONS];
    furrow__catalog nothing;
    furrow__diff there, back;
    const furrow__diff_options to_models = {.to_is_models = true},
                               way_back = {.is_downgrade = true};
    t->history = (furrow__history){.arena = &f->arena};
    furrow__catalog_init(&nothing, NULL, &f->arena);
    read_section(t, &lists[0], t->of->before);
    read_changes(&lists[1], t->of->rows, &f->arena);
    read_section(t, &lists[2], t->of->changes);
    choose_storage(lists);
    for (size_t i = 0; i < REVISIONS; i++)
        change_schema(t, &t->schemas[i], i ? &t->schemas[i - 1] : &nothing, &lists[i]);
    add_revision(t, 0, &lists[0], NULL);
    add_revision(t, 1, &lists[1], NULL);
    if (!t->of->by_hand) {
        OK(furrow__diff_catalogs(&there,
                                 &(furrow__diff_request){&t->schemas[1], &t->schemas[2], to_models},
                                 &f->arena, &f->error));
        there.changes.storage = lists[2].storage;
        change_schema(t, &t->schemas[2], &t->schemas[1], &there.changes);
        lists[2] = there.changes;
    }
    OK(furrow__diff_catalogs(&back,
                             &(furrow__diff_request){&t->schemas[2], &t->schemas[1], way_back},
                             &f->arena, &f->error));
    if (t->of->back)
        read_section(t, &back.changes, t->of->back);
    add_revision(t, 2, &lists[2], &back.changes);
    OK(furrow__history_link(&t->history, &f->error));
    t->changes = t->history.items[2]->upgrade;
}

typedef struct disposition {
    const furrow__catalog_table *table; /* the table in the first schema */
    const furrow__catalog_column *column;
    furrow__table_name now;
    const char *name;  /* the name after the changes; NULL if the table or column was dropped */
    bool is_converted; /* an expression or a data statement writes new values */
} disposition;

static inline void follow(disposition *one, const furrow__change_list *changes)
{
    for (size_t i = 0; i < changes->count && one->name; i++) {
        const furrow__change *c = &changes->items[i];
        if (c->kind == FURROW__ENGINE) {
            one->is_converted = true; /* the test does not know what the block writes */
            follow(one, &c->effect);
        }
        if (!one->name || !furrow__table_names_are_equal(c->table, one->now))
            continue;
        bool own = c->name && strcmp(c->name, one->name) == 0;
        if (c->kind == FURROW__DROP_TABLE || (c->kind == FURROW__DROP_COLUMN && own))
            one->name = NULL;
        else if (c->kind == FURROW__RENAME_TABLE)
            one->now.name = c->new_name;
        else if (c->kind == FURROW__RENAME_COLUMN && own)
            one->name = c->new_name;
        else if (c->kind == FURROW__DATA || (c->kind == FURROW__ALTER_COLUMN && own && c->backfill))
            one->is_converted = true;
    }
}

/* Writes an expression that selects the value of a column as text. The text of a value is the same
 * on each engine. */
static inline void add_value(furrow__buffer *out, const fixture *f,
                             const furrow__catalog_type *type, const char *column)
{
    bool sqlite = f->dialect == &furrow__dialect_sqlite;
    furrow__buffer name = {0};
    furrow__sql_identifier(&name, column);
    if (type->native || sqlite)
        furrow__buffer_format(
            out, type->type == FURROW_TYPE_BLOB && !type->native ? "lower(hex(%s))" : "%s",
            name.text);
    else if (type->type == FURROW_TYPE_TIME)
        furrow__buffer_format(
            out, "to_char(%s AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')", name.text);
    else if (type->type == FURROW_TYPE_FLOAT || type->type == FURROW_TYPE_DOUBLE)
        furrow__buffer_format(out, "%s::float8", name.text);
    else if (type->type == FURROW_TYPE_BLOB)
        furrow__buffer_format(out, "encode(%s, 'hex')", name.text);
    else if (type->type == FURROW_TYPE_BOOL)
        furrow__buffer_format(out, "%s::int", name.text);
    else
        furrow__buffer_format(out, "%s::text", name.text);
    furrow__buffer_done(&name);
}

/* Removes trailing zeros of decimals, because SQLite does not store them. */
static inline void add_plain(furrow__buffer *out, const fixture *f,
                             const furrow__catalog_type *type, const char *text)
{
    char digits[64];
    size_t size = strlen(text);
    if (type->native || type->type != FURROW_TYPE_DECIMAL) {
        furrow__buffer_add_text(out, text);
        return;
    }
    if (f->dialect == &furrow__dialect_sqlite && type->scale > 0) {
        bool negative = text[0] == '-';
        snprintf(digits, sizeof digits, "%0*lld", type->scale + 1 + negative,
                 strtoll(text, NULL, 10));
        size = strlen(digits);
        memmove(digits + size - (size_t)type->scale + 1, digits + size - (size_t)type->scale,
                (size_t)type->scale + 1);
        digits[size - (size_t)type->scale] = '.';
    } else {
        snprintf(digits, sizeof digits, "%s", text);
    }
    for (size = strlen(digits); strchr(digits, '.') && size > 0 && digits[size - 1] == '0'; size--)
        digits[size - 1] = '\0';
    if (size > 0 && digits[size - 1] == '.')
        digits[size - 1] = '\0';
    furrow__buffer_add_text(out, strcmp(digits, "-0") == 0 ? "0" : digits);
}

static inline int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Returns the rows of a table, sorted as text. The rows contain only the columns whose values must
 * be preserved. */
static inline const char *read_values(trial *t, furrow__table_name table,
                                      const disposition *dispositions, size_t count,
                                      const furrow__catalog *schema, bool old)
{
    fixture *f = t->f;
    const furrow__catalog_table *now = furrow__catalog_table_named(schema, table);
    const furrow__catalog_type *types[FURROW__QUERY_COLUMNS];
    const char *texts[200];
    size_t columns = 0, rows_read = 0;
    furrow__buffer sql = {0}, out = {0};
    furrow__buffer_add_text(&sql, "SELECT ");
    for (size_t i = 0; i < count && columns < FURROW__QUERY_COLUMNS; i++) {
        if (!dispositions[i].name || dispositions[i].is_converted)
            continue;
        const char *name = old ? dispositions[i].column->name : dispositions[i].name;
        const furrow__catalog_column *column = now ? furrow__catalog_column_named(now, name) : NULL;
        if (!column)
            WRONG(t, "column %s does not exist any more", name);
        furrow__buffer_add_text(&sql, columns ? ", " : "");
        add_value(&sql, f, &column->type, name);
        types[columns++] = &column->type;
    }
    furrow__buffer_add_text(&sql, columns ? " FROM " : "1 FROM ");
    furrow__write_table_name(&sql, f->dialect, table);
    furrow__query q = furrow__query_begin(f->c, furrow__buffer_text(&sql), &f->arena, &f->error);
    while (furrow__query_next(&q) && rows_read < 200) {
        furrow__buffer_clear(&out);
        for (size_t i = 0; i < columns; i++) {
            const char *text = furrow__query_text(&q, (int)i);
            furrow__buffer_add_text(&out, i ? "|" : "");
            if (text)
                add_plain(&out, f, types[i], text);
            else
                furrow__buffer_add_char(&out, '-');
            t->kept_values += old;
        }
        texts[rows_read++] = keep(f, &out);
    }
    OK(furrow__query_end(&q));
    qsort(texts, rows_read, sizeof *texts, compare_texts);
    furrow__buffer_clear(&out);
    for (size_t i = 0; i < rows_read; i++)
        furrow__buffer_format(&out, "%s\n", texts[i]);
    const char *text = keep(f, &out);
    furrow__buffer_done(&sql);
    return text;
}

/* Returns the values of the first schema that must be preserved: one string for each table. */
typedef struct values {
    furrow__table_name tables[64];
    disposition dispositions[64][64];
    size_t counts[64], count;
    const char *texts[64];
} values;

static inline void note_values(trial *t, values *v)
{
    const furrow__catalog *schema = &t->schemas[1];
    v->count = 0;
    for (size_t i = 0; i < schema->count && v->count < 64; i++) {
        const furrow__catalog_table *table = schema->tables[i];
        size_t at = v->count++;
        v->tables[at] = table->name;
        v->counts[at] = 0;
        for (size_t j = 0; j < table->column_count && j < 64; j++) {
            disposition *one = &v->dispositions[at][v->counts[at]++];
            *one = (disposition){table, &table->columns[j], table->name, table->columns[j].name,
                                 false};
            follow(one, &t->changes);
        }
        v->texts[at] =
            read_values(t, table->name, v->dispositions[at], v->counts[at], schema, true);
    }
}

static inline bool lives(const values *v, size_t at, furrow__table_name *now)
{
    for (size_t i = 0; i < v->counts[at]; i++)
        if (v->dispositions[at][i].name) {
            *now = v->dispositions[at][i].now;
            return true;
        }
    return false;
}

static inline bool was_written(const values *v, size_t at)
{
    bool all = true;
    for (size_t i = 0; i < v->counts[at]; i++)
        all &= v->dispositions[at][i].is_converted || !v->dispositions[at][i].name;
    return all;
}

static inline void compare_values(trial *t, const values *v, bool after, const char *when)
{
    furrow__table_name now;
    for (size_t i = 0; i < v->count; i++) {
        if (!lives(v, i, &now) || was_written(v, i))
            continue;
        const char *found = read_values(t, after ? now : v->tables[i], v->dispositions[i],
                                        v->counts[i], &t->schemas[after ? 2 : 1], !after);
        if (strcmp(found, v->texts[i]) != 0)
            WRONG(t, "%s, the rows of %s should be\n%sbut are\n%s", when, v->tables[i].name,
                  v->texts[i], found);
    }
}

/* Checks that the downgrade documents every value that it cannot restore. */
static inline void check_what_is_said(trial *t, const values *v)
{
    for (size_t i = 0; i < v->count; i++)
        for (size_t j = 0; j < v->counts[i]; j++) {
            char wanted[300];
            furrow__table_name now;
            const disposition *one = &v->dispositions[i][j];
            if (one->name)
                continue;
            if (lives(v, i, &now))
                snprintf(wanted, sizeof wanted, "cannot bring back: the values of %s.%s",
                         v->tables[i].name, one->column->name);
            else
                snprintf(wanted, sizeof wanted, "cannot bring back: the rows of %s",
                         v->tables[i].name);
            if (!strstr(t->file, wanted))
                WRONG(t, "the downgrade does not contain \"%s\"", wanted);
        }
}

static inline void add_parts(furrow__buffer *out, const char *name,
                             const furrow__catalog_constraint *c)
{
    furrow__buffer_format(out, "%s %d %s (", name, (int)c->kind, c->name ? c->name : "-");
    for (size_t i = 0; i < c->count; i++)
        furrow__buffer_format(out, "%s ", c->columns[i]);
    furrow__buffer_format(out, ") %s %s %d %d %d\n", c->target.name ? c->target.name : "",
                          c->expression ? c->expression : "", c->on_delete, c->on_update,
                          c->deferrable);
}

static inline void add_sorted(furrow__buffer *out, furrow__buffer *lines)
{
    const char *starts[1000];
    size_t count = 0;
    char *text = lines->size ? lines->text : NULL;
    while (text && *text && count < 1000) {
        starts[count++] = text;
        text = strchr(text, '\n');
        if (text)
            *text++ = '\0';
    }
    qsort(starts, count, sizeof *starts, compare_texts);
    for (size_t i = 0; i < count; i++)
        furrow__buffer_format(out, "%s\n", starts[i]);
}

/* Returns everything that inspect reads as text. The lines are sorted, because the order of the
 * columns does not matter. */
static inline const char *physical_text(fixture *f)
{
    furrow__catalog live;
    furrow__buffer lines = {0}, out = {0};
    OK(f->driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error));
    OK(furrow__inspect(&live, f->c, f->dialect, &f->arena, &f->error));
    OK(f->driver->rollback(f->c, &f->error));
    for (size_t i = 0; i < live.count; i++) {
        const furrow__catalog_table *table = live.tables[i];
        const char *name = table->name.name;
        furrow__buffer_format(&lines, "%s %d%d%d\n", name, table->strict, table->without_rowid,
                              table->autoincrement);
        for (size_t j = 0; j < table->column_count; j++) {
            const furrow__catalog_column *c = &table->columns[j];
            furrow__buffer_format(&lines, "%s.%s %s %d%d %s %s\n", name, c->name, c->type.native,
                                  c->nullable, c->assigned, c->default_ ? c->default_ : "-",
                                  c->generated ? c->generated : "-");
        }
        for (size_t j = 0; j < table->constraint_count; j++)
            add_parts(&lines, name, &table->constraints[j]);
        for (size_t j = 0; j < table->index_count; j++)
            furrow__buffer_format(&lines, "%s %s\n", name, table->indexes[j].source);
    }
    for (size_t i = 0; i < live.object_count; i++)
        furrow__buffer_format(&lines, "%d %s\n", (int)live.objects[i].kind,
                              live.objects[i].name.name);
    add_sorted(&out, &lines);
    const char *text = keep(f, &out);
    furrow__buffer_done(&lines);
    return text;
}

/* Returns the first line in which two strings differ. */
static inline const char *first_difference(const char *a, const char *b)
{
    const char *line = b;
    for (; *a && *a == *b; a++, b++)
        if (*b == '\n')
            line = b + 1;
    return line;
}

static inline void check_drift(trial *t, const furrow__catalog *expected, const char *when)
{
    fixture *f = t->f;
    furrow__drift_list found;
    furrow__buffer out = {0};
    OK(f->driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error));
    OK(furrow__drift_find(
        &found,
        &(furrow__drift_request){.connection = f->c, .dialect = f->dialect, .expected = expected},
        &f->arena, &f->error));
    OK(f->driver->rollback(f->c, &f->error));
    if (found.count) {
        furrow__drift_write(&out, &found.items[0]);
        WRONG(t, "%s, %s", when, furrow__buffer_text(&out));
    }
    furrow__buffer_done(&out);
}

/* Checks that the history can be replayed up to this revision and then agrees with the live schema.
 */
static inline void check_schema(trial *t, size_t revisions, const char *when)
{
    fixture *f = t->f;
    furrow__catalog replayed;
    furrow__diff diff;
    char fingerprints[2][FURROW__FINGERPRINT_SIZE];
    bool applied[REVISIONS];
    for (size_t i = 0; i < REVISIONS; i++)
        applied[i] = i < revisions;
    OK(furrow__history_replay(&replayed, &t->history, applied, &f->arena, &f->error));
    OK(furrow__catalog_fingerprint(fingerprints[0], &replayed, &f->error));
    OK(furrow__catalog_fingerprint(fingerprints[1], &t->schemas[revisions - 1], &f->error));
    if (strcmp(fingerprints[0], fingerprints[1]) != 0)
        WRONG(t, "%s, the fingerprint differs", when);
    OK(furrow__diff_catalogs(&diff,
                             &(furrow__diff_request){&replayed, &t->schemas[revisions - 1],
                                                     (furrow__diff_options){.to_is_models = true}},
                             &f->arena, &f->error));
    if (diff.changes.count)
        WRONG(t, "%s, there is still a difference", when);
    check_drift(t, &replayed, when);
}

static inline furrow_status advance(trial *t, const char *target, bool down, bool allow)
{
    fixture *f = t->f;
    furrow__route_report report;
    furrow__migrator *m;
    furrow__migrator_options options = {
        .url = f->url, .lock_timeout_ms = 5000, .allow_data_loss = allow};
    OK(furrow__migrator_open(&m, f->driver, f->dialect, &options, &f->error));
    furrow_status status = furrow__route_run(
        m, &report,
        &(furrow__route_request){.history = &t->history, .target = target, .down = down}, &f->arena,
        &f->error);
    furrow__migrator_close(m);
    return status;
}

static inline void must_advance(trial *t, const char *target, bool down)
{
    fixture *f = t->f;
    if (advance(t, target, down, true) != FURROW_OK)
        WRONG(t, "%s: %s (%s)\n%s", down ? "downgrade" : "upgrade", f->error.message, f->error.hint,
              f->error.sql);
}

/* Runs the statements of another program. Each statement ends with a semicolon at the end of a
 * line. */
static inline void run_script(fixture *f, const char *sql)
{
    while (sql && *sql) {
        const char *end = strstr(sql, ";\n");
        size_t size = end ? (size_t)(end - sql) : strlen(sql);
        const char *one = furrow__arena_text(&f->arena, sql, size);
        run(f, one);
        sql = end ? end + 2 : NULL;
    }
}

/* Checks that the change is refused and that nothing has changed. */
static inline void check_refusal(trial *t, const values *v, const char *physical)
{
    fixture *f = t->f;
    furrow_status status = advance(t, "head", false, false);
    if (status == FURROW_OK)
        WRONG(t, "the change is not refused");
    if (!strstr(f->error.message, t->of->refused))
        WRONG(t, "it is refused with another message: %s", f->error.message);
    compare_values(t, v, false, "after the refusal");
    const char *now = physical_text(f);
    if (strcmp(now, physical) != 0)
        WRONG(t, "after the refusal, this differs: %s", first_difference(physical, now));
}

static inline void look(trial *t, const char *query, const char *wanted, const char *when)
{
    if (query && wanted && strcmp(rows(t->f, query), wanted) != 0)
        WRONG(t, "%s: %s gives %s instead of %s", when, query, rows(t->f, query), wanted);
}

/* Returns the number of preserved values, or 0 if the change was refused as the pair expects. */
static inline size_t try_pair(fixture *f, const pair *of, cover *covered)
{
    static values v;
    trial t = {.f = f, .of = of};
    bool sqlite = f->dialect == &furrow__dialect_sqlite;
    make_history(&t);
    must_advance(&t, "+2", false);
    run_script(f, sqlite ? of->sqlite : of->postgresql);
    check_schema(&t, 2, "at first");
    const char *physical = physical_text(f), *look_first = of->query ? rows(f, of->query) : NULL;
    note_values(&t, &v);
    if (of->refused) {
        check_refusal(&t, &v, physical);
        return 0;
    }
    must_advance(&t, "head", false);
    check_schema(&t, 3, "after the upgrade");
    compare_values(&t, &v, true, "after the upgrade");
    look(&t, of->query, look_first, "after the upgrade");
    look(&t, of->query_after, of->answer, "after the upgrade");
    cover_changes(covered, &t.history.items[1]->upgrade, &t.schemas[0], &f->arena);
    cover_changes(covered, &t.changes, &t.schemas[1], &f->arena);
    const char *physical_after = physical_text(f);

    must_advance(&t, "-1", true);
    check_schema(&t, 2, "after the downgrade");
    compare_values(&t, &v, false, "after the downgrade");
    look(&t, of->query, look_first, "after the downgrade");
    check_what_is_said(&t, &v);
    cover_changes(covered, &t.history.items[2]->downgrade, &t.schemas[2], &f->arena);
    const char *now = physical_text(f);
    if (strcmp(now, physical) != 0)
        WRONG(&t, "after the downgrade, this differs: %s", first_difference(physical, now));

    must_advance(&t, "head", false);
    compare_values(&t, &v, true, "after the second upgrade");
    now = physical_text(f);
    if (strcmp(now, physical_after) != 0)
        WRONG(&t, "after the second upgrade, this differs: %s",
              first_difference(physical_after, now));
    if (sqlite)
        assert_string_equal(rows(f, "PRAGMA integrity_check"), "ok");
    return t.kept_values;
}

/* Removes all tables, so that the next pair can be tried. */
static inline void make_empty(fixture *f)
{
    char path[120];
    if (f->dialect == &furrow__dialect_sqlite) {
        static const char *const endings[] = {"", "-wal", "-shm"};
        f->driver->close(f->c);
        for (size_t i = 0; i < 3; i++) {
            snprintf(path, sizeof path, "%s/a.db%s", f->folder, endings[i]);
            unlink(path);
        }
        connect_to(f, &f->c);
    } else {
        static const char sql[] =
            "DO $$ DECLARE s text; BEGIN FOR s IN SELECT nspname FROM pg_namespace WHERE nspname"
            " !~ '^(pg_|information_schema)' LOOP EXECUTE format('DROP SCHEMA %I CASCADE', s);"
            " END LOOP; CREATE SCHEMA public; END $$";
        run(f, "SET client_min_messages = warning");
        run(f, sql);
    }
    furrow__arena_clear(&f->arena);
}

#endif
