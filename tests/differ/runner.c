/* SPDX-License-Identifier: MIT
 *
 * Runs the steps of a program on one engine. */
#include "expect.h"
#include "memory.h"
#include "options.h"
#include "verbs.h"

#include <stdlib.h>
#include <string.h>

static bool has_unique_index(const built *b)
{
    bool found = false;
    for (uint16_t i = 0; i < b->model.index_count; i++)
        found |= b->indexes[i].unique;
    return found;
}

/* If a row violates several UNIQUE
 * constraints, the engines check them in different orders. PostgreSQL does not name the column of a
 * number that is too large. */
void add_status(runner *r, text *out, const char *call, furrow_status status)
{
    const furrow_error *e = furrow_session_error(r->s);
    if (r->several && (status == FURROW_UNIQUE || status == FURROW_CHECK ||
                       status == FURROW_NOT_NULL || status == FURROW_INVALID)) {
        text_add(out, "%s: violates a constraint\n", call);
        return;
    }
    text_add(out, "%s: %s", call, furrow_status_name(status));
    if (status != FURROW_OK && status != FURROW_NOT_FOUND && status != FURROW_ABORTED) {
        if (status != FURROW_INVALID)
            text_add(out, " table \"%s\"", e->table);
        if (status != FURROW_INVALID && status != FURROW_FOREIGN_KEY &&
            (status != FURROW_UNIQUE || !(has_unique_index(r->b) || has_unique_index(r->b->other))))
            text_add(out, " column \"%s\"", e->column);
        if (status != FURROW_INVALID && status != FURROW_UNIQUE && status != FURROW_FOREIGN_KEY)
            text_add(out, " constraint \"%s\"", e->constraint);
    }
    text_add(out, "\n");
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void add_rows(runner *r, text *out, const row_list *rows, bool ordered)
{
    char **lines = calloc(rows->count + 1, sizeof *lines);
    text_add(out, "%zu rows\n", rows->count);
    for (size_t i = 0; i < rows->count && lines; i++) {
        text line = {0};
        row_describe(r, &line, r->b, rows->items[i]);
        lines[i] = line.bytes;
    }
    if (!ordered && lines)
        qsort(lines, rows->count, sizeof *lines, compare_lines);
    for (size_t i = 0; i < rows->count && lines; i++) {
        text_add(out, "%s", lines[i]);
        free(lines[i]);
    }
    free(lines);
}

/* Selects the table of the next calls. */
static void select_table(runner *r, int i)
{
    r->table = &r->memory->tables[i];
    r->b = r->table->b;
}

static void expect_tables(runner *r)
{
    for (int i = 0; i < 2; i++) {
        select_table(r, i);
        expect_contents(r);
    }
}

/* Remembers the state at the beginning of a transaction (0) or a savepoint. */
static void save(runner *r, int level)
{
    free(r->saved[level]);
    r->saved[level] = memory_copy(r->memory);
    for (int i = 0; i < 2; i++)
        r->keys[i].marks[level] = r->keys[i].count;
}

/* Returns to that state after a rollback. */
static void restore(runner *r, int level)
{
    memset(r->filled, 0, sizeof r->filled);
    for (int i = 0; i < 2; i++)
        r->keys[i].count = r->keys[i].marks[level];
    memory_restore(r->memory, r->saved[level]);
}

static void add_contents(runner *r, text *out)
{
    for (int i = 0; i < 2; i++) {
        row_list list = {0};
        struct furrow_find_options o = {.s = r->s, .out = &list};
        select_table(r, i);
        for (uint16_t k = 0; k < r->b->model.primary_key_count; k++)
            o.order_by[k] = furrow_order_(&r->b->columns[k], false);
        add_status(r, out, "contents", furrow_model_find(&r->b->model, sizeof o, &o));
        add_rows(r, out, &list, true);
    }
}

static void commit(runner *r, text *out)
{
    furrow_status status = furrow_commit(r->s);
    add_status(r, out, "commit", status);
    r->depth = 0;
    if (status == FURROW_OK)
        save(r, 0);
    else
        restore(r, 0);
    add_contents(r, out);
}

static void rollback(runner *r, text *out)
{
    add_status(r, out, "rollback", furrow_rollback(r->s));
    r->depth = 0;
    restore(r, 0);
}

static void undo(runner *r, text *out)
{
    if (r->depth == 0)
        return;
    add_status(r, out, "savepoint_rollback", furrow_savepoint_rollback(r->s));
    restore(r, r->depth--);
}

static void end(runner *r, text *out)
{
    if (r->depth == 0)
        return;
    furrow_status status = furrow_savepoint_end(r->s);
    add_status(r, out, "savepoint_end", status);
    if (status != FURROW_OK)
        restore(r, r->depth);
    r->depth--;
}

static void begin(runner *r, text *out)
{
    add_status(r, out, "savepoint_begin", furrow_savepoint_begin(r->s));
    save(r, ++r->depth);
}

/* Returns the slot of the first row that the program keeps, starting at `slot`. */
static int filled_slot(const runner *r, int slot)
{
    int first = slot - slot % SLOTS;
    for (int i = 0; i < SLOTS; i++)
        if (r->filled[first + (slot + i) % SLOTS])
            return first + (slot + i) % SLOTS;
    return slot;
}

static verb *const verbs[KINDS] = {
    [INSERT] = insert_one,
    [INSERT_MANY] = insert_many,
    [UPSERT] = upsert,
    [GET] = get,
    [GET_MANY] = get_many,
    [REFRESH] = refresh,
    [UPDATE] = update,
    [DELETE] = delete_one,
    [FIND] = find,
    [PAGES] = pages,
    [FIRST] = first,
    [STREAM] = stream,
    [COUNT] = count,
    [EXISTS] = exists,
    [AGGREGATE] = aggregate,
    [LOAD] = load,
    [UPDATE_WHERE] = update_where,
    [DELETE_WHERE] = delete_where,
};
static void (*const controls[KINDS])(runner *r, text *out) = {
    [BEGIN] = begin, [END] = end, [UNDO] = undo, [COMMIT] = commit, [ROLLBACK] = rollback,
};

static void run_verb(runner *r, const step *s, text *out)
{
    size_t keys[2] = {r->keys[0].count, r->keys[1].count};
    step chosen = *s;
    select_table(r, s->table);
    choose_parents(r, &chosen);
    if (furrow_session_status(r->s) == FURROW_OK)
        r->several = false;
    if (s->kind == UPDATE || s->kind == DELETE || s->kind == REFRESH)
        chosen.slot = filled_slot(r, s->slot);
    memory *before = memory_copy(r->memory);
    if (s->guarded)
        furrow_savepoint_begin(r->s);
    furrow_status status = verbs[s->kind](r, &chosen, out);
    if (s->guarded && furrow_savepoint_end(r->s) != FURROW_OK) {
        for (int i = 0; i < 2; i++)
            r->keys[i].count = keys[i];
        memory_restore(r->memory, before);
    }
    free(before);
    if (status != FURROW_OK && status != FURROW_NOT_FOUND && !s->guarded && s->partial)
        rollback(r, out);
}

void runner_step(runner *r, const step *s, text *out)
{
    if (controls[s->kind])
        controls[s->kind](r, out);
    else
        run_verb(r, s, out);
    expect_tables(r);
}

bool runner_start(runner *r, text *out)
{
    r->s = furrow_session_open(r->engine);
    r->memory = memory_new(r->b);
    select_table(r, 0);
    save(r, 0);
    furrow_status status = furrow_create_all(r->s, &r->b->schema);
    if (status == FURROW_OK)
        status = furrow_commit(r->s);
    add_status(r, out, "create_all", status);
    if (status != FURROW_OK)
        text_add(out, "%s\n", furrow_session_error(r->s)->message);
    return status == FURROW_OK;
}

void runner_finish(runner *r, text *out)
{
    while (r->depth > 0)
        end(r, out);
    commit(r, out);
    expect_tables(r);
}

void runner_end(runner *r)
{
    select_table(r, 0);
    for (int i = 0; i <= MAX_STEPS; i++)
        free(r->saved[i]);
    furrow_session_reset(r->s);
    furrow_drop_all(r->s, &r->b->schema);
    furrow_commit(r->s);
    furrow_session_close(r->s);
    free(r->memory);
}
