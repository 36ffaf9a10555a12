/* SPDX-License-Identifier: MIT
 *
 * Replaces the rows of squashed revisions in furrow_revision. If the last squashed revision is
 * applied, the database already has the schema of the squash, so the squash counts as applied.
 */
#include "base/text.h"
#include "migrate/apply/parts.h"
#include "migrate/revision/change_parts.h"

static bool is_squashed(const furrow__revision *squash, const char *id)
{
    return furrow__names_have(squash->squashes, squash->squash_count, id);
}

static size_t count_squashed(const furrow__revision *squash, const furrow__revision_rows *rows)
{
    size_t found = 0;
    for (size_t i = 0; i < rows->count; i++)
        found += is_squashed(squash, rows->items[i].id);
    return found;
}

static furrow_status fail_partly_applied(const furrow__revision *squash, size_t found,
                                         furrow_error *error)
{
    furrow__fail(
        error, FURROW_SCHEMA,
        "%s squashes %zu revisions, of which only %zu are applied; the last of them, %s, is "
        "not applied",
        squash->id, squash->squash_count, found, squash->squashes[0]);
    return furrow__hint(error,
                        "first upgrade the database to %s with the files from before the squash",
                        squash->squashes[0]);
}

/* Changes the row of the last squashed revision into the row of the squash. The last squashed
 * revision is the first in the list. */
static furrow_status replace_last(furrow__migrator *m, const furrow__revision *squash,
                                  furrow__revision_row *last, bool writes, furrow_error *error)
{
    furrow_status status = FURROW_OK;
    bool is_stamped = last->is_stamped;
    if (writes)
        status = furrow__revision_row_delete(m, last->id, error);
    if (writes && status == FURROW_OK)
        status = furrow__revision_row_write_complete(m, squash, is_stamped, error);
    *last = (furrow__revision_row){squash->id, squash->hash, true, 0, is_stamped};
    return status;
}

static furrow_status remove_others(furrow__migrator *m, furrow__revision_rows *rows,
                                   const furrow__revision *squash, bool writes, furrow_error *error)
{
    furrow_status status = FURROW_OK;
    size_t kept = 0;
    for (size_t i = 0; i < rows->count && status == FURROW_OK; i++) {
        if (!is_squashed(squash, rows->items[i].id))
            rows->items[kept++] = rows->items[i];
        else if (writes)
            status = furrow__revision_row_delete(m, rows->items[i].id, error);
    }
    rows->count = kept;
    return status;
}

static furrow_status replace(furrow__migrator *m, furrow__revision_rows *rows,
                             const furrow__revision *squash, bool writes, furrow_error *error)
{
    size_t found = count_squashed(squash, rows);
    if (!found)
        return FURROW_OK;
    if (!furrow__revision_rows_find(rows, squash->id)) {
        furrow__revision_row *last = furrow__revision_rows_find(rows, squash->squashes[0]);
        if (!last || !last->is_complete)
            return fail_partly_applied(squash, found, error);
        for (size_t i = 0; i < rows->count; i++)
            last->is_stamped |= is_squashed(squash, rows->items[i].id) && rows->items[i].is_stamped;
        furrow_status status = replace_last(m, squash, last, writes, error);
        if (status != FURROW_OK)
            return status;
    }
    return remove_others(m, rows, squash, writes, error);
}

furrow_status furrow__squashed_rows_replace(furrow__migrator *m, furrow__revision_rows *rows,
                                            const furrow__history *history, bool writes,
                                            furrow_error *error)
{
    furrow_status status = FURROW_OK;
    for (size_t i = 0; history && i < history->count && status == FURROW_OK; i++)
        if (history->items[i]->squash_count)
            status = replace(m, rows, history->items[i], writes, error);
    return status;
}
