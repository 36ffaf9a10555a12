/* SPDX-License-Identifier: MIT
 * Writes the statements of a step as a script that a person can read and run. */
#include "base/text.h"
#include "migrate/apply/parts.h"

furrow_status furrow__script_write(furrow__buffer *out, const furrow__script_request *request,
                                   furrow_error *error)
{
    const furrow__apply_dialect *engine = request->dialect->apply;
    const furrow__revision_step *step = request->step;
    bool in_transaction = !(step->revision->no_transaction && engine->commits_statements);
    char fingerprint[FURROW__FINGERPRINT_SIZE];
    furrow_status status = furrow__catalog_fingerprint(fingerprint, step->after, error);
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
