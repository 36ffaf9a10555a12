/* SPDX-License-Identifier: MIT
 *
 * Loads relationships of rows that were read earlier: either paths for any rows, or one
 * relationship for a row and all rows that were read together with it.
 */
#include "runtime/query/load.h"
#include "runtime/query/member.h"
#include "runtime/session/rows.h"
#include "runtime/session/use.h"

/* Checks, as far as possible, that the rows belong to the model. *arena receives the arena for the
 * loaded rows: the stream's arena if all rows belong to one stream, otherwise the session's. */
static furrow_status check_rows(furrow_session *s, const furrow_model *model, void *const *rows,
                                size_t count, furrow_arena **arena)
{
    *arena = NULL;
    if (!rows && count)
        return furrow__session_failf(s, FURROW_INVALID, "load of model \"%s\": the rows are NULL",
                                     model->name);
    for (size_t i = 0; i < count; i++) {
        const furrow__result *result = rows[i] ? furrow__result_of(&s->results, rows[i]) : NULL;
        if (!rows[i])
            return furrow__session_failf(s, FURROW_INVALID, "load of model \"%s\": row %zu is NULL",
                                         model->name, i + 1);
        if (result && result->model != model)
            return furrow__session_failf(s, FURROW_INVALID,
                                         "load of model \"%s\": row %zu belongs to model \"%s\"",
                                         model->name, i + 1, result->model->name);
        furrow_arena *here = result ? result->arena : &s->arena;
        *arena = !*arena || *arena == here ? here : &s->arena;
    }
    *arena = *arena ? *arena : &s->arena;
    return FURROW_OK;
}

furrow_status furrow_rows_load(furrow_session *s, const furrow_model *model, void *const *rows,
                               size_t count, furrow_path_list paths)
{
    furrow_arena *arena;
    FURROW__USE(s, FURROW_INVALID);
    furrow_status status = furrow__session_start(s);
    if (status || (status = furrow__check_model(s, model)))
        return status;
    if (!paths.items && paths.count)
        return furrow__session_failf(s, FURROW_INVALID, "load of model \"%s\": the paths are NULL",
                                     model->name);
    if ((status = check_rows(s, model, rows, count, &arena)) ||
        (status = furrow__check_paths(s, model, paths)))
        return status;
    return furrow__load_paths(s, &(furrow__load_start){arena, model, rows, count}, paths);
}

bool furrow_relation_is_loaded(furrow_session *s, const furrow_relation *relation, const void *row)
{
    FURROW__USE(s, false);
    if (!s || !row || !relation)
        return false;
    if (furrow__member_is_list(relation))
        return furrow__member_list(relation, row).loaded;
    const void *target = furrow__member_pointer(relation, row);
    if (relation->kind == FURROW_RELATION_TO_ONE &&
        furrow__key_has_null(relation->model, relation->columns, relation->count, row))
        return true;
    /* The foreign key may have changed since the target was loaded. */
    if (target) {
        furrow__key_columns near = furrow__near_key(relation), far = furrow__far_key(relation);
        return furrow__keys_are_equal(&near, row, &far, target);
    }
    return furrow__row_has_none(&s->results, relation, row);
}

/* If the foreign key of a row of the session has become NULL, clears the row's pointer. */
static void drop_unreferred(furrow_session *s, const furrow_relation *r, void *row)
{
    if (r->kind == FURROW_RELATION_TO_ONE && furrow__member_pointer(r, row) &&
        furrow__key_has_null(r->model, r->columns, r->count, row) &&
        (furrow__result_of(&s->results, row) || furrow__arena_holds(&s->arena, row)))
        furrow__member_set_pointer(r, row, NULL);
}

/* Starts a load for a row and for the rows, if any, that were read together with it. The set
 * receives those of the rows for which the relationship is not loaded yet. */
static furrow_status start_with_siblings(furrow__load *l, const furrow__result *result,
                                         const furrow_relation *r, void *row, furrow__row_set *set)
{
    if (!result) {
        if (!furrow__row_set_add(set, row))
            return furrow__fail(&l->error, FURROW_NOMEM, "out of memory");
        return furrow__load_add_group(
            l, &(furrow__load_group){.model = r->model, .rows = set->items, .count = 1});
    }
    for (const furrow__store_block *b = result->blocks; b; b = b->next)
        for (size_t i = 0; i < b->count; i++) {
            void *sibling = b->rows + i * r->model->size;
            if (!furrow_relation_is_loaded(l->s, r, sibling) && !furrow__row_set_add(set, sibling))
                return furrow__fail(&l->error, FURROW_NOMEM, "out of memory");
        }
    return furrow__load_add_group(
        l, &(furrow__load_group){.model = r->model, .blocks = result->blocks});
}

furrow_status furrow_relation_load(furrow_session *s, const furrow_relation *relation, void *row)
{
    FURROW__USE(s, FURROW_INVALID);
    const furrow__result *result = s && row ? furrow__result_of(&s->results, row) : NULL;
    bool fits = relation && row && (!result || result->model == relation->model);
    if (s && s->status == FURROW_OK && fits && furrow_relation_is_loaded(s, relation, row)) {
        drop_unreferred(s, relation, row);
        return FURROW_OK;
    }
    furrow_status status = furrow__session_start(s);
    if (status)
        return status;
    if (!relation)
        return furrow__session_failf(s, FURROW_INVALID, "the relationship to load is NULL");
    if (!row)
        return furrow__session_failf(s, FURROW_INVALID, "\"%s\".\"%s\": the row is NULL",
                                     relation->model->name, relation->field);
    if (!fits)
        return furrow__session_failf(s, FURROW_INVALID,
                                     "\"%s\".\"%s\": the row belongs to model \"%s\"",
                                     relation->model->name, relation->field, result->model->name);
    furrow__row_set set = {0};
    furrow__load l = {.s = s, .arena = result ? result->arena : &s->arena};
    furrow__load_step what = {.relation = relation};
    status = start_with_siblings(&l, result, relation, row, &set);
    if (!status)
        status = furrow__load_run_step(&l, &what, set.items, set.count, NULL);
    if (status && s->status == FURROW_OK)
        furrow__session_fail(s, &l.error);
    furrow__release(set.items);
    furrow__identity_done(&l.identity);
    return status;
}
