/* SPDX-License-Identifier: MIT
 * Writes the statements of a step as a script that a person can read and run. */
#include "base/text.h"
#include "migrate/apply/parts.h"
#include "migrate/catalog/parts.h"

static furrow_status check_plan(const furrow__plan *plan, furrow__file_location *place,
                                furrow_error *error)
{
    for (size_t i = 0; i < plan->count; i++) {
        const furrow__action *action = &plan->actions[i];
        if (action->kind != FURROW__ACTION_REBUILD)
            continue;
        *place = action->place;
        furrow__fail(error, FURROW_INVALID,
                     "table %s must be rebuilt, which a script cannot do: what it must keep is "
                     "known only from the database",
                     FURROW__QUOTED_TABLE(action->table));
        return furrow__hint(error,
                            "run furrow upgrade or furrow downgrade without --sql; furrow show "
                            "prints the new table");
    }
    return FURROW_OK;
}

furrow_status furrow__script_write(furrow__buffer *out, const furrow__script_request *request,
                                   furrow__file_location *place, furrow_error *error)
{
    const furrow__apply_dialect *engine = request->dialect->apply;
    const furrow__revision_step *step = request->step;
    bool in_transaction = !(step->revision->no_transaction && engine->commits_statements);
    char fingerprint[FURROW__FINGERPRINT_SIZE];
    furrow_status status = check_plan(request->plan, place, error);
    if (status == FURROW_OK)
        status = furrow__catalog_fingerprint(fingerprint, step->after, error);
    if (status != FURROW_OK)
        return status;
    if (in_transaction)
        furrow__buffer_format(out, "%s;\n", engine->begin);
    if (request->creates_table) {
        furrow__revision_table_write_create(out, request->dialect, "IF NOT EXISTS ");
        furrow__buffer_add_text(out, ";\n");
    }
    furrow__plan_write(out, request->plan);
    if (step->down)
        furrow__revision_row_write_delete(out, step->revision->id);
    else
        furrow__revision_row_write_insert(out, step->revision, fingerprint, engine->current_time,
                                          NULL);
    furrow__buffer_add_text(out, in_transaction ? ";\nCOMMIT;\n" : ";\n");
    if (status == FURROW_OK && out->failed)
        status = furrow__fail(error, FURROW_NOMEM, "out of memory");
    return status;
}
