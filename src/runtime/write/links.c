/* SPDX-License-Identifier: MIT
 *
 * Adds, removes and sets links of a many-to-many relationship. Each of these operations takes one
 * statement for any number of targets. The exception is an engine that cannot change a table inside
 * WITH: setting links takes two statements there. If not all links were inserted, another statement
 * checks that the other links exist, and that no trigger cancelled their insertion.
 */
#include "runtime/session/field.h"
#include "runtime/session/key.h"
#include "runtime/session/use.h"
#include "runtime/write/bulk.h"

/* The ends of the links that a call changes. */
struct ends {
    const furrow_relation *relation;
    void *row;
    void *const *targets;
    size_t count;                   /* number of targets */
    const furrow_value *near, *far; /* the key of the row, and the arrays of the targets' keys */
};

static furrow_status check_rows(furrow_session *s, const struct ends *ends)
{
    const furrow_relation *r = ends->relation;
    const char *model = r->model->name;
    if (r->kind != FURROW_RELATION_THROUGH)
        return furrow__session_failf(
            s, FURROW_INVALID, "relation \"%s\" of model \"%s\" has no links", r->field, model);
    if (!ends->row || (!ends->targets && ends->count))
        return furrow__session_failf(s, FURROW_INVALID,
                                     "links of \"%s\" of model \"%s\": the %s NULL", r->field,
                                     model, ends->row ? "targets are" : "row is");
    if (furrow__key_has_null(r->model, r->columns, r->count, ends->row))
        return furrow__session_failf(s, FURROW_INVALID,
                                     "links of \"%s\" of model \"%s\": the row's key is NULL",
                                     r->field, model);
    for (size_t i = 0; i < ends->count; i++)
        if (!ends->targets[i] || furrow__key_has_null(r->target, r->target_columns,
                                                      r->link_target_count, ends->targets[i]))
            return furrow__session_failf(
                s, FURROW_INVALID, "links of \"%s\" of model \"%s\": target %zu %s", r->field,
                model, i + 1, ends->targets[i] ? "has a key that is NULL" : "is NULL");
    return FURROW_OK;
}

/* A column of the link can belong to both foreign keys. Checks that both keys would store the same
 * value in such a column. */
static furrow_status check_shared(furrow_session *s, const struct ends *ends)
{
    const furrow_relation *r = ends->relation;
    for (size_t i = 0; i < r->count; i++)
        for (size_t k = 0; k < r->link_target_count; k++) {
            if (r->link_columns[i] != r->link_target_columns[k])
                continue;
            const furrow_column *near = &r->model->columns[r->columns[i]];
            const furrow_column *far = &r->target->columns[r->target_columns[k]];
            furrow_value a = furrow__row_value(near, ends->row);
            for (size_t t = 0; t < ends->count; t++) {
                furrow_value b = furrow__row_value(far, ends->targets[t]);
                if (!furrow__values_are_equal(&a, &b))
                    return furrow__session_failf(
                        s, FURROW_INVALID,
                        "links of \"%s\" of model \"%s\": target %zu has another \"%s\"", r->field,
                        r->model->name, t + 1, far->name);
            }
        }
    return FURROW_OK;
}

/* Finds the first link that violates a foreign key. This is needed if the engine did not report the
 * violated constraint. */
static void explain(furrow__run *run, const struct ends *ends)
{
    furrow_session *s = run->s;
    const furrow_relation *r = ends->relation;
    void *link;
    if (run->status != FURROW_FOREIGN_KEY || run->error.constraint[0] ||
        !s->driver->explain_violation || !s->pooled->connection->in_transaction ||
        !(link = furrow__arena_aligned(&s->scratch, r->link->size, 16)))
        return;
    for (size_t i = 0; i < ends->count && !run->error.constraint[0]; i++) {
        memset(link, 0, r->link->size);
        for (size_t k = 0; k < r->count; k++)
            furrow__field_carry(&r->link->columns[r->link_columns[k]], link,
                                &r->model->columns[r->columns[k]], ends->row);
        for (size_t k = 0; k < r->link_target_count; k++)
            furrow__field_carry(&r->link->columns[r->link_target_columns[k]], link,
                                &r->target->columns[r->target_columns[k]], ends->targets[i]);
        s->driver->explain_violation(s->pooled->connection, r->link, link, &run->error);
    }
    run->row = link;
}

/* Runs a statement. *found receives the number of links that were added, removed or selected.
 * `found` may be NULL; a link that does not exist then counts as a failure. */
static furrow_status run_links(furrow_session *s, furrow__links_verb verb, const struct ends *ends,
                               uint64_t *found)
{
    furrow_error error = {0};
    furrow__sql sql = {.arena = &s->scratch};
    furrow__link_change change = {ends->relation, verb, ends->near, ends->far,
                                  furrow__session_now(s)};
    furrow_status status = furrow__sql_links(&sql, s->dialect, &change, &error);
    if (status) {
        furrow__buffer_done(&sql.text);
        return furrow__session_fail(s, &error);
    }
    furrow__run run;
    furrow__run_sql(&run, s, &sql);
    run.model = ends->relation->link;
    furrow__run_all(&run, found);
    if (verb == FURROW__LINKS_MISSING) {
        run.is_counted = true;
        if (found)
            *found = run.rows;
        else if (run.status == FURROW_OK && run.rows)
            furrow__fail_cancelled(&run, run.model, "not inserted");
    } else if (verb != FURROW__LINKS_KEEP && verb != FURROW__LINKS_REMOVE) {
        explain(&run, ends);
    }
    status = furrow__run_end(&run);
    furrow__buffer_done(&sql.text);
    return status;
}

/* Adds or sets links. If fewer links were inserted than were given, the other links already exist,
 * or a trigger has cancelled their insertion; another statement, which is not counted, then finds
 * out which of these is the case. If a link does not exist, another transaction may have deleted it
 * in between, so it is added again. */
static furrow_status insert_links(furrow_session *s, furrow__links_verb verb,
                                  const struct ends *ends)
{
    uint64_t inserted = 0, missing = 0;
    furrow_status status = run_links(s, verb, ends, &inserted);
    if (status || inserted == ends->count)
        return status;
    status = run_links(s, FURROW__LINKS_MISSING, ends, &missing);
    if (status || !missing)
        return status;
    status = run_links(s, FURROW__LINKS_ADD, ends, NULL);
    return status ? status : run_links(s, FURROW__LINKS_MISSING, ends, NULL);
}

/* Returns the target's relation that uses the same links in the other direction, or NULL. */
static const furrow_relation *other_end(const furrow_relation *r)
{
    for (size_t i = 0; i < r->target->relation_count; i++) {
        const furrow_relation *o = &r->target->relations[i];
        if (o->link == r->link && o->count == r->link_target_count &&
            o->link_target_count == r->count &&
            memcmp(o->link_columns, r->link_target_columns, o->count * sizeof *o->link_columns) ==
                0 &&
            memcmp(o->link_target_columns, r->link_columns, r->count * sizeof *r->link_columns) ==
                0)
            return o;
    }
    return NULL;
}

/* Marks the lists at both ends as not loaded, because the links have changed. */
static void forget_loaded(const struct ends *ends)
{
    const furrow_relation *r = ends->relation, *other = other_end(r);
    memset((char *)ends->row + r->offset, 0, sizeof(furrow__list));
    for (size_t i = 0; other && i < ends->count; i++)
        memset((char *)ends->targets[i] + other->offset, 0, sizeof(furrow__list));
}

static furrow_status change_links(furrow_session *s, furrow__links_verb verb,
                                  const struct ends *given)
{
    FURROW__USE(s, FURROW_INVALID);
    struct ends ends = *given;
    const furrow_relation *r = ends.relation;
    furrow_status status = furrow__session_start_write(s);
    if (status || (status = furrow__check_model(s, r->model)) || (status = check_rows(s, &ends)) ||
        (status = check_shared(s, &ends)))
        return status;
    if (!ends.count && verb != FURROW__LINKS_SET)
        return FURROW_OK;
    furrow_value *near = furrow__key_values(s, r->count),
                 *far = furrow__key_values(s, r->link_target_count);
    if (!near || !far)
        return furrow__session_no_memory(s);
    for (size_t i = 0; i < r->count; i++)
        near[i] = furrow__row_value(&r->model->columns[r->columns[i]], ends.row);
    furrow__key_columns far_key = furrow__far_key(r);
    status = furrow__key_arrays(s, far, &far_key, ends.targets, ends.count);
    ends.near = near;
    ends.far = far;
    if (!status && verb == FURROW__LINKS_SET && !furrow__dialect_changes_in_with(s->dialect)) {
        status = run_links(s, FURROW__LINKS_KEEP, &ends, NULL);
        verb = FURROW__LINKS_ADD;
    }
    if (!status && verb == FURROW__LINKS_REMOVE)
        status = run_links(s, verb, &ends, NULL);
    else if (!status && (ends.count || verb == FURROW__LINKS_SET))
        status = insert_links(s, verb, &ends);
    if (!status)
        forget_loaded(&ends);
    return status;
}

furrow_status furrow_links_add(furrow_session *s, const furrow_relation *relation, void *row,
                               void *const *targets, size_t count)
{
    return change_links(s, FURROW__LINKS_ADD,
                        &(struct ends){relation, row, targets, count, NULL, NULL});
}

furrow_status furrow_links_remove(furrow_session *s, const furrow_relation *relation, void *row,
                                  void *const *targets, size_t count)
{
    return change_links(s, FURROW__LINKS_REMOVE,
                        &(struct ends){relation, row, targets, count, NULL, NULL});
}

furrow_status furrow_links_set(furrow_session *s, const furrow_relation *relation, void *row,
                               void *const *targets, size_t count)
{
    return change_links(s, FURROW__LINKS_SET,
                        &(struct ends){relation, row, targets, count, NULL, NULL});
}
