/* SPDX-License-Identifier: MIT
 *
 * The graph of revisions: their order, the heads, the schema after any set of revisions, and the
 * steps to a target. To compute a schema, revisions are always applied again from the beginning,
 * and the fingerprints of each revision are checked.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "migrate/revision/change_parts.h"
#include "migrate/revision/revision.h"

void furrow__error_locate(furrow_error *error, furrow__file_location at)
{
    furrow_error own = *error;
    char *message = error->message;
    size_t size = sizeof error->message;
    const char *text = own.message[0] ? own.message : furrow_status_name(own.status);
    int length = at.line ? snprintf(message, size, "%s:%u:%u: error: ", at.file, (unsigned)at.line,
                                    (unsigned)at.column)
                         : snprintf(message, size, "%s: error: ", at.file);
    if (length > 0 && (size_t)length < size)
        furrow__copy_text(message + length, size - (size_t)length, text);
}

/* Fails because of a mistake in a revision file. The furrow command reads the location from
 * history->failure. The message also begins with the location, because other programs only print
 * the message. */
static furrow_status fail_at(const furrow__revision *revision, furrow__file_location location,
                             const furrow_error *own, furrow_error *error)
{
    furrow__revision_failure *failure = revision->history ? revision->history->failure : NULL;
    location.file = revision->file;
    if (failure)
        *failure = (furrow__revision_failure){revision, location, *own};
    *error = *own;
    furrow__error_locate(error, location);
    return own->status;
}

furrow_status furrow__revision_fail(const furrow__revision *revision, const char *line,
                                    const furrow_error *own, furrow_error *error)
{
    furrow__file_location place = {.line = 0};
    size_t size = strlen(line), number = 1;
    for (size_t at = 0; *line && at < revision->size && !place.line; number++) {
        const char *newline = memchr(revision->text + at, '\n', revision->size - at);
        if (revision->size - at >= size && memcmp(revision->text + at, line, size) == 0)
            place = (furrow__file_location){
                .line = (uint32_t)number, .column = line[size - 1] == ' ' ? (uint32_t)size + 1 : 1};
        at = newline ? (size_t)(newline - revision->text) + 1 : revision->size;
    }
    return fail_at(revision, place, own, error);
}

static int compare_ids(const void *a, const void *b)
{
    return strcmp((*(furrow__revision *const *)a)->id, (*(furrow__revision *const *)b)->id);
}

size_t furrow__history_place(const furrow__history *history, const char *id)
{
    for (size_t i = 0; i < history->count; i++)
        if (strcmp(history->items[i]->id, id) == 0)
            return i;
    return SIZE_MAX;
}

/* Returns the item with this id; NULL if there is none. The list is sorted by id. */
static furrow__revision **find_sorted(furrow__revision **sorted, size_t count, const char *id)
{
    furrow__revision key = {.id = id}, *pointer = &key;
    return bsearch(&pointer, sorted, count, sizeof *sorted, compare_ids);
}

const furrow__revision *furrow__history_squash_of(const furrow__history *history, const char *id)
{
    for (size_t i = 0; i < history->count; i++)
        if (furrow__names_have(history->items[i]->squashes, history->items[i]->squash_count, id))
            return history->items[i];
    return NULL;
}

/* Removes the revisions that another revision squashes. If a squash was interrupted, their files
 * still exist. */
static furrow_status supersede(furrow__history *history, furrow_error *error)
{
    size_t kept = 0, count = history->count;
    bool any = false;
    for (size_t i = 0; i < count; i++)
        any |= history->items[i]->squash_count > 0;
    for (size_t i = 0; i < count && any; i++) {
        furrow__revision *revision = history->items[i];
        const furrow__revision *by = furrow__history_squash_of(history, revision->id);
        if (by && by != revision) {
            furrow__revision **more =
                furrow__arena_room(history->arena, history->superseded, history->superseded_count,
                                   &history->superseded_capacity, sizeof *more);
            if (!more)
                return furrow__fail(error, FURROW_NOMEM, "out of memory");
            history->superseded = more;
            more[history->superseded_count++] = revision;
        }
    }
    for (size_t i = 0; i < count && any; i++) {
        bool is_out = false;
        for (size_t k = 0; k < history->superseded_count; k++)
            is_out |= history->superseded[k] == history->items[i];
        if (!is_out)
            history->items[kept++] = history->items[i];
    }
    if (any)
        history->count = kept;
    for (size_t i = 0; i < history->count; i++)
        history->items[i]->history = history;
    return FURROW_OK;
}

/* Replaces each squashed parent with the revision that squashes it. If one revision squashes
 * several of the parents, it becomes a parent only once. */
static void follow_squashes(const furrow__history *history, furrow__revision *revision)
{
    size_t kept = 0;
    for (size_t i = 0; i < revision->parent_count; i++) {
        const furrow__revision *by = furrow__history_squash_of(history, revision->parents[i]);
        const char *parent = by ? by->id : revision->parents[i];
        if (!furrow__names_have(revision->parents, kept, parent))
            revision->parents[kept++] = parent;
    }
    revision->parent_count = kept;
}

static furrow_status check_squashes(const furrow__history *history, furrow_error *error)
{
    furrow_error own = {0};
    for (size_t i = 0; i < history->count; i++)
        for (size_t k = 0; k < history->items[i]->squash_count; k++) {
            const char *id = history->items[i]->squashes[k];
            const furrow__revision *by = furrow__history_squash_of(history, id);
            if (by != history->items[i]) {
                furrow__fail(&own, FURROW_INVALID, "%s also squashes %s", by->file, id);
                return furrow__revision_fail(history->items[i], "-- squashes: ", &own, error);
            }
            if (strcmp(id, history->items[i]->id) == 0) {
                furrow__fail(&own, FURROW_INVALID, "this revision squashes itself");
                return furrow__revision_fail(history->items[i], "-- squashes: ", &own, error);
            }
        }
    return FURROW_OK;
}

static furrow_status fail_storage(const furrow__revision *revision, const furrow__revision *parent,
                                  furrow_error *error)
{
    furrow_error own = {0};
    furrow__fail(&own, FURROW_INVALID, "the storage version is %d, but that of the parent %s is %d",
                 revision->storage, parent->id, parent->storage);
    furrow__hint(&own, "write -- storage: %d below the header, then run furrow sum --accept %s",
                 parent->storage, revision->id);
    return furrow__revision_fail(revision, revision->storage_place.line ? "-- storage: " : "", &own,
                                 error);
}

static furrow_status check_links(furrow__revision **sorted, size_t count, furrow_error *error)
{
    furrow_error own = {0};
    for (size_t i = 0; i < count; i++) {
        const furrow__revision *revision = sorted[i];
        if (i && strcmp(revision->id, sorted[i - 1]->id) == 0) {
            furrow__fail(&own, FURROW_INVALID, "%s is also revision %s", sorted[i - 1]->file,
                         revision->id);
            return furrow__revision_fail(revision, "-- furrow revision ", &own, error);
        }
        for (size_t j = 0; j < revision->parent_count; j++) {
            furrow__revision **parent = find_sorted(sorted, count, revision->parents[j]);
            if (!parent) {
                furrow__fail(&own, FURROW_INVALID, "the parent %s is missing",
                             revision->parents[j]);
                furrow__hint(&own, "was its file left out, or removed?");
                return furrow__revision_fail(revision, "-- parent: ", &own, error);
            }
            if (revision->storage < (*parent)->storage)
                return fail_storage(revision, *parent, error);
        }
    }
    return FURROW_OK;
}

/* The parents of one revision, as indexes into the items of a history. */
typedef size_t parent_indexes[FURROW__REVISION_PARENTS];

/* Finds the parents of every revision. The items are sorted by id and contain every parent. Returns
 * NULL when out of memory. */
static parent_indexes *find_parents(const furrow__history *history, furrow_arena *scratch)
{
    parent_indexes *parents =
        furrow__arena_aligned(scratch, history->count * sizeof *parents, _Alignof(size_t));
    for (size_t i = 0; parents && i < history->count; i++)
        for (size_t j = 0; j < history->items[i]->parent_count; j++) {
            furrow__revision **parent =
                find_sorted(history->items, history->count, history->items[i]->parents[j]);
            parents[i][j] = (size_t)(parent - history->items);
        }
    return parents;
}

static void count_children(const furrow__history *history, parent_indexes *parents)
{
    for (size_t i = 0; i < history->count; i++)
        history->items[i]->child_count = 0;
    for (size_t i = 0; i < history->count; i++)
        for (size_t j = 0; j < history->items[i]->parent_count; j++)
            history->items[parents[i][j]]->child_count++;
}

/* Fills the list of children of each revision. Returns false when out of memory. */
static bool list_children(const furrow__history *history, parent_indexes *parents)
{
    count_children(history, parents);
    for (size_t i = 0; i < history->count; i++) {
        furrow__revision *revision = history->items[i];
        revision->children = furrow__arena_aligned(
            history->arena, (revision->child_count + 1) * sizeof(char *), _Alignof(char *));
        revision->child_count = 0;
        if (!revision->children)
            return false;
    }
    for (size_t i = 0; i < history->count; i++)
        for (size_t j = 0; j < history->items[i]->parent_count; j++) {
            furrow__revision *parent = history->items[parents[i][j]];
            parent->children[parent->child_count++] = history->items[i]->id;
        }
    return true;
}

/* Fills `storage_before`, and the storage version of the downgrade. The parents of a revision come
 * before it. */
static void find_storage_before(furrow__history *history)
{
    for (size_t i = 0; i < history->count; i++) {
        furrow__revision *revision = history->items[i];
        revision->storage_before = FURROW__STORAGE_FIRST;
        for (size_t j = 0; j < revision->parent_count; j++) {
            int storage = history->items[revision->parent_places[j]]->storage;
            if (storage > revision->storage_before)
                revision->storage_before = storage;
        }
        revision->downgrade.storage = revision->storage_before;
        revision->downgrade.storage_place = revision->storage_place;
    }
}

/* Fills `parent_places`. Parents come before their children, and usually directly before them, so
 * the search goes backwards. */
static void find_parent_places(furrow__history *history)
{
    for (size_t i = 0; i < history->count; i++) {
        furrow__revision *revision = history->items[i];
        for (size_t j = 0; j < revision->parent_count; j++)
            for (size_t k = i; k > 0; k--)
                if (strcmp(history->items[k - 1]->id, revision->parents[j]) == 0) {
                    revision->parent_places[j] = (uint32_t)(k - 1);
                    break;
                }
    }
}

static bool has_all_parents(const furrow__revision *revision, const size_t *parents,
                            const bool *placed)
{
    for (size_t j = 0; j < revision->parent_count; j++)
        if (!placed[parents[j]])
            return false;
    return true;
}

/* Returns the first revision that is not placed yet but whose parents are all placed. Returns
 * SIZE_MAX if there is none. The items are sorted by id. */
static size_t next_to_place(const furrow__history *history, parent_indexes *parents,
                            const bool *placed)
{
    for (size_t i = 0; i < history->count; i++)
        if (!placed[i] && has_all_parents(history->items[i], parents[i], placed))
            return i;
    return SIZE_MAX;
}

/* Sorts the items so that parents come before their children. Returns FURROW_INVALID if a revision
 * is its own ancestor. */
static furrow_status sort_by_parents(furrow__history *history, parent_indexes *parents,
                                     furrow_arena *scratch, furrow_error *error)
{
    size_t size = history->count * sizeof *history->items;
    furrow__revision **order = furrow__arena_aligned(scratch, size, _Alignof(furrow__revision *));
    bool *placed = furrow__arena_aligned(scratch, history->count, 1);
    if (!order || !placed)
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    memset(placed, 0, history->count);
    for (size_t count = 0; count < history->count; count++) {
        size_t next = next_to_place(history, parents, placed);
        if (next == SIZE_MAX) {
            furrow_error own = {0};
            const bool *first = memchr(placed, 0, history->count);
            furrow__fail(&own, FURROW_INVALID, "this revision is its own ancestor");
            return furrow__revision_fail(history->items[first - placed], "-- parent: ", &own,
                                         error);
        }
        placed[next] = true;
        order[count] = history->items[next];
    }
    memcpy(history->items, order, size);
    return FURROW_OK;
}

/* Links the items, and sorts them so that parents come before their children. The caller has sorted
 * them by id. */
static furrow_status link_items(furrow__history *history, furrow_error *error)
{
    furrow_arena scratch = {0};
    parent_indexes *parents = find_parents(history, &scratch);
    furrow_status status = parents && list_children(history, parents)
                               ? sort_by_parents(history, parents, &scratch, error)
                               : furrow__fail(error, FURROW_NOMEM, "out of memory");
    furrow__arena_done(&scratch);
    if (status == FURROW_OK) {
        find_parent_places(history);
        find_storage_before(history);
    }
    return status;
}

furrow_status furrow__history_link(furrow__history *history, furrow_error *error)
{
    furrow_status status = supersede(history, error);
    if (status == FURROW_OK)
        status = check_squashes(history, error);
    if (!history->count || status != FURROW_OK)
        return status;
    for (size_t i = 0; i < history->count; i++)
        follow_squashes(history, history->items[i]);
    qsort(history->items, history->count, sizeof *history->items, compare_ids);
    status = check_links(history->items, history->count, error);
    return status == FURROW_OK ? link_items(history, error) : status;
}

furrow__revision *furrow__history_find(const furrow__history *history, const char *id,
                                       furrow_error *error)
{
    furrow__revision *found = NULL;
    size_t size = strlen(id);
    for (size_t i = 0; i < history->count && size; i++) {
        if (strncmp(history->items[i]->id, id, size) != 0)
            continue;
        if (found) {
            furrow__fail(error, FURROW_INVALID, "\"%s\" is the beginning of both %s and %s", id,
                         found->id, history->items[i]->id);
            furrow__hint(error, "write more of the id");
            return NULL;
        }
        found = history->items[i];
    }
    const furrow__revision *squash = found ? NULL : furrow__history_squash_of(history, id);
    if (squash) {
        furrow__fail(error, FURROW_INVALID, "revision %s is squashed into %s", id, squash->id);
        furrow__hint(error, "name that revision or a later one");
    } else if (!found) {
        furrow__fail(error, FURROW_INVALID, "there is no revision \"%s\"", id);
        furrow__hint(error, "furrow history lists them");
    }
    return found;
}

size_t furrow__history_heads(const furrow__history *history, furrow__revision **out, size_t room)
{
    size_t count = 0;
    for (size_t i = 0; i < history->count; i++) {
        bool is_parent = false;
        for (size_t j = 0; j < history->count && !is_parent; j++)
            is_parent = furrow__names_have(history->items[j]->parents,
                                           history->items[j]->parent_count, history->items[i]->id);
        if (is_parent)
            continue;
        if (count < room)
            out[count] = history->items[i];
        count++;
    }
    return count;
}

int furrow__history_storage(const furrow__history *history, const bool *applied)
{
    int storage = FURROW__STORAGE_FIRST;
    for (size_t i = 0; i < history->count; i++)
        if (applied[i] && history->items[i]->storage > storage)
            storage = history->items[i]->storage;
    return storage;
}

/* Parents come before their children, so one pass from the last revision to the first is enough. */
size_t furrow__history_ancestors(const furrow__history *history, size_t place, bool *marks)
{
    size_t count = 0;
    memset(marks, 0, history->count);
    marks[place] = true;
    for (size_t i = place + 1; i > 0; i--) {
        if (!marks[i - 1])
            continue;
        count++;
        for (size_t j = 0; j < history->items[i - 1]->parent_count; j++)
            marks[history->items[i - 1]->parent_places[j]] = true;
    }
    return count;
}

/* Resets the location of the last failure. */
static void forget_failure(const furrow__history *history)
{
    if (history && history->failure)
        *history->failure = (furrow__revision_failure){.revision = NULL};
}

/* Applies a revision to a schema that can also contain changes of another branch. Foreign keys are
 * not checked, because two branches can be in conflict until a merge resolves the conflict. */
static furrow_status apply_beside(furrow__catalog *catalog, const furrow__revision *revision,
                                  bool down, furrow_error *error)
{
    const furrow__change_list *list = down ? &revision->downgrade : &revision->upgrade;
    if (down)
        catalog->storage = revision->storage_before;
    else if (revision->storage > catalog->storage)
        catalog->storage = revision->storage;
    for (size_t i = 0; i < list->count; i++) {
        furrow_error own = {0};
        if (furrow__change_apply(catalog, &list->items[i], &own) != FURROW_OK)
            return fail_at(revision, list->items[i].place, &own, error);
    }
    return FURROW_OK;
}

furrow_status furrow__revision_apply(furrow__catalog *catalog, const furrow__revision *revision,
                                     bool down, furrow_error *error)
{
    furrow_error own = {0};
    furrow__file_location place;
    bool is_merge = revision->parent_count > 1;
    furrow_status status = apply_beside(catalog, revision, down, error);
    if (status == FURROW_OK && !(down && is_merge) &&
        furrow__changes_check_keys(catalog, down ? &revision->downgrade : &revision->upgrade,
                                   is_merge, &place, &own) != FURROW_OK)
        status = fail_at(revision, place, &own, error);
    return status;
}

static furrow_status check_fingerprint(const furrow__catalog *catalog,
                                       const furrow__revision *revision, const char *wanted,
                                       const char *when, furrow_error *error)
{
    char found[FURROW__FINGERPRINT_SIZE];
    furrow_status status = furrow__catalog_fingerprint(found, catalog, error);
    if (status != FURROW_OK || strcmp(found, wanted) == 0)
        return status;
    furrow_error own = {0};
    furrow__fail(&own, FURROW_INVALID, "the schema %s this revision is %s, but the header says %s",
                 when, found, wanted);
    furrow__hint(&own, "was this file, or one before it, edited?");
    return furrow__revision_fail(
        revision, strcmp(when, "before") == 0 ? "-- before: " : "-- after: ", &own, error);
}

/* Applies a revision and checks its fingerprints. `last` is the revision that was applied and
 * checked before it; NULL if there is none. */
static furrow_status apply_checked(furrow__catalog *catalog, const furrow__revision *revision,
                                   const furrow__revision *last, furrow_error *error)
{
    furrow_status status = FURROW_OK;
    if (!last || strcmp(last->after, revision->before) != 0)
        status = check_fingerprint(catalog, revision, revision->before, "before", error);
    if (status == FURROW_OK)
        status = furrow__revision_apply(catalog, revision, false, error);
    if (status == FURROW_OK)
        status = check_fingerprint(catalog, revision, revision->after, "after", error);
    return status;
}

/* Checks a revision of a branch: applies only its ancestors to an empty schema, then the revision.
 */
static furrow_status check_branch(const furrow__history *history, size_t place, const bool *marks,
                                  furrow_error *error)
{
    furrow_arena scratch = {0};
    furrow__catalog catalog;
    furrow_status status = FURROW_OK;
    furrow__catalog_init(&catalog, NULL, &scratch);
    for (size_t i = 0; i < place && status == FURROW_OK; i++)
        if (marks[i])
            status = apply_beside(&catalog, history->items[i], false, error);
    if (status == FURROW_OK)
        status = apply_checked(&catalog, history->items[place], NULL, error);
    furrow__arena_done(&scratch);
    return status;
}

static furrow_status replay(furrow__catalog *out, const furrow__history *history,
                            const bool *applied, bool *marks, furrow_error *error)
{
    furrow_status status = FURROW_OK;
    const furrow__revision *last = NULL;
    size_t done = 0;
    for (size_t i = 0; i < history->count && status == FURROW_OK; i++) {
        const furrow__revision *revision = history->items[i];
        if (!applied[i])
            continue;
        for (size_t j = 0; j < revision->parent_count; j++)
            if (!applied[revision->parent_places[j]])
                return furrow__fail(error, FURROW_INVALID,
                                    "revision %s is applied, but its parent %s is not",
                                    revision->id, revision->parents[j]);
        if (furrow__history_ancestors(history, i, marks) == done + 1) {
            status = apply_checked(out, revision, last, error);
            last = revision;
        } else {
            status = check_branch(history, i, marks, error);
            if (status == FURROW_OK)
                status = apply_beside(out, revision, false, error);
            last = NULL;
        }
        done++;
    }
    return status;
}

furrow_status furrow__history_replay(furrow__catalog *out, const furrow__history *history,
                                     const bool *applied, furrow_arena *arena, furrow_error *error)
{
    furrow_arena scratch = {0};
    forget_failure(history);
    furrow__catalog_init(out, NULL, arena);
    bool *marks = furrow__arena_aligned(&scratch, history->count + 1, 1);
    furrow_status status = marks ? replay(out, history, applied, marks, error)
                                 : furrow__fail(error, FURROW_NOMEM, "out of memory");
    furrow__arena_done(&scratch);
    if (status != FURROW_OK)
        furrow__catalog_init(out, NULL, arena);
    return status;
}

furrow_status furrow__history_before(furrow__catalog *out, const furrow__history *history,
                                     size_t place, furrow_arena *arena, furrow_error *error)
{
    furrow_arena scratch = {0};
    bool *marks = furrow__arena_aligned(&scratch, history->count + 1, 1);
    furrow_status status = FURROW_OK;
    forget_failure(history);
    furrow__catalog_init(out, NULL, arena);
    if (!marks)
        status = furrow__fail(error, FURROW_NOMEM, "out of memory");
    else
        furrow__history_ancestors(history, place, marks);
    for (size_t i = 0; i < place && status == FURROW_OK; i++)
        if (marks[i])
            status = apply_beside(out, history->items[i], false, error);
    furrow__arena_done(&scratch);
    return status;
}

static furrow_status no_way_back(const furrow__revision *revision, furrow_error *error)
{
    furrow_error own = {0};
    furrow__fail(&own, FURROW_INVALID,
                 "the downgrade does not lead back to the schema before the upgrade");
    return furrow__revision_fail(revision, "-- downgrade", &own, error);
}

furrow_status furrow__history_check(const furrow__history *history, size_t place,
                                    furrow_error *error)
{
    furrow_arena scratch = {0};
    furrow__catalog catalog;
    char found[FURROW__FINGERPRINT_SIZE];
    const furrow__revision *revision = history->items[place];
    furrow_status status = furrow__history_before(&catalog, history, place, &scratch, error);
    if (status == FURROW_OK)
        status = apply_checked(&catalog, revision, NULL, error);
    if (status == FURROW_OK && !revision->irreversible) {
        status = furrow__revision_apply(&catalog, revision, true, error);
        if (status == FURROW_OK)
            status = furrow__catalog_fingerprint(found, &catalog, error);
        if (status == FURROW_OK && strcmp(found, revision->before) != 0)
            status = no_way_back(revision, error);
    }
    furrow__arena_done(&scratch);
    return status;
}

furrow__change_list furrow__step_changes(const furrow__revision_step *step)
{
    furrow__change_list changes = step->down ? step->revision->downgrade : step->revision->upgrade;
    changes.storage = step->after->storage;
    return changes;
}

typedef struct router {
    const furrow__history *history;
    const bool *applied;
    bool *wanted, *marks; /* arrays with one element for each revision: `wanted` says whether the
                             revision should be applied; `marks` is scratch memory */
    furrow_arena *arena;
    furrow_error *error;
} router;

static void want_ancestors(router *r, size_t place)
{
    furrow__history_ancestors(r->history, place, r->marks);
    for (size_t i = 0; i < r->history->count; i++)
        r->wanted[i] |= r->marks[i];
}

/* Returns the number in a target such as "+2" or "-1"; 0 if the target has another form. */
static unsigned long steps_of(const char *target, char sign)
{
    char *end = NULL;
    if (target[0] != sign || target[1] < '0' || target[1] > '9')
        return 0;
    unsigned long count = strtoul(target + 1, &end, 10);
    return *end ? 0 : count;
}

/* Fails because the target asks for more steps than there are revisions; `there` is the number of
 * revisions.
 */
static furrow_status too_many(router *r, const char *target, size_t there, bool down)
{
    const char *what = down ? "applied" : "left to apply";
    if (there == 1)
        furrow__fail(r->error, FURROW_INVALID, "\"%s\" asks for too many revisions: only 1 is %s",
                     target, what);
    else
        furrow__fail(r->error, FURROW_INVALID,
                     "\"%s\" asks for too many revisions: only %zu are %s", target, there, what);
    return furrow__hint(r->error, down ? "\"base\" undoes all" : "\"head\" applies all");
}

static furrow_status want_next(router *r, const char *target, unsigned long steps)
{
    size_t there = 0;
    for (size_t i = 0; i < r->history->count && steps; i++)
        if (!r->wanted[i]) { /* its parents have lower indexes, so they are already wanted */
            r->wanted[i] = true;
            there++;
            steps--;
        }
    return steps ? too_many(r, target, there, false) : FURROW_OK;
}

static furrow_status want_last_undone(router *r, const char *target, unsigned long steps)
{
    size_t there = 0;
    for (size_t i = r->history->count; i > 0 && steps; i--)
        if (r->wanted[i - 1]) {
            r->wanted[i - 1] = false;
            there++;
            steps--;
        }
    return steps ? too_many(r, target, there, true) : FURROW_OK;
}

static furrow_status want_up(router *r, const char *target)
{
    const furrow__history *history = r->history;
    furrow__revision *heads[2];
    size_t count = furrow__history_heads(history, heads, 2);
    memcpy(r->wanted, r->applied, history->count);
    if (steps_of(target, '+'))
        return want_next(r, target, steps_of(target, '+'));
    if (strcmp(target, "heads") == 0 || (strcmp(target, "head") == 0 && count < 2)) {
        memset(r->wanted, 1, history->count);
        return FURROW_OK;
    }
    if (strcmp(target, "head") == 0) {
        furrow__fail(r->error, FURROW_INVALID, "there are %zu heads: %s, %s%s", count, heads[0]->id,
                     heads[1]->id, count > 2 ? ", ..." : "");
        return furrow__hint(r->error,
                            "join them with furrow merge, or give \"heads\" to apply all of them");
    }
    const furrow__revision *revision = furrow__history_find(history, target, r->error);
    if (!revision) {
        if (r->error)
            furrow__hint(r->error, "a target is head, heads, +n or the beginning of an id");
        return FURROW_INVALID;
    }
    want_ancestors(r, furrow__history_place(history, revision->id));
    return FURROW_OK;
}

static furrow_status want_down(router *r, const char *target)
{
    const furrow__history *history = r->history;
    unsigned long steps = steps_of(target, '-');
    memcpy(r->wanted, r->applied, history->count);
    if (steps)
        return want_last_undone(r, target, steps);
    memset(r->wanted, 0, history->count);
    if (strcmp(target, "base") == 0)
        return FURROW_OK;
    const furrow__revision *revision = furrow__history_find(history, target, r->error);
    if (!revision) {
        if (r->error)
            furrow__hint(r->error, "a target is base, -n or the beginning of an id");
        return FURROW_INVALID;
    }
    want_ancestors(r, furrow__history_place(history, revision->id));
    for (size_t i = 0; i < history->count; i++)
        r->wanted[i] = r->wanted[i] && r->applied[i];
    return FURROW_OK;
}

/* Checks an upgrade step. `applied` includes the revision of the step. */
static furrow_status step_up(router *r, const furrow__revision *revision, const bool *applied,
                             furrow__catalog *catalog)
{
    size_t place = furrow__history_place(r->history, revision->id), count = 0;
    for (size_t i = 0; i < r->history->count; i++)
        count += applied[i];
    if (furrow__history_ancestors(r->history, place, r->marks) == count)
        return apply_checked(catalog, revision, NULL, r->error);
    furrow_status status = check_branch(r->history, place, r->marks, r->error);
    return status == FURROW_OK ? apply_beside(catalog, revision, false, r->error) : status;
}

/* Returns the fingerprint of the schema that a downgrade must lead to. Usually, only the revision
 * and its ancestors are applied. The fingerprint is then in the revision's header, and was checked
 * before. Otherwise, the remaining revisions are applied to an empty schema, and the fingerprint of
 * the result is computed. */
static furrow_status expected_after(router *r, const furrow__revision *revision,
                                    const bool *applied, char wanted[FURROW__FINGERPRINT_SIZE])
{
    furrow_arena scratch = {0};
    furrow__catalog replayed;
    size_t count = 1;
    for (size_t i = 0; i < r->history->count; i++)
        count += applied[i];
    size_t place = furrow__history_place(r->history, revision->id);
    if (furrow__history_ancestors(r->history, place, r->marks) == count) {
        furrow__copy_text(wanted, FURROW__FINGERPRINT_SIZE, revision->before);
        return FURROW_OK;
    }
    furrow_status status =
        furrow__history_replay(&replayed, r->history, applied, &scratch, r->error);
    if (status == FURROW_OK)
        status = furrow__catalog_fingerprint(wanted, &replayed, r->error);
    furrow__arena_done(&scratch);
    return status;
}

/* Sets the schemas before and after a step. */
static furrow_status fill_step(router *r, furrow__revision_step *step, const bool *applied,
                               const furrow__catalog *before)
{
    furrow__catalog *after =
        furrow__arena_aligned(r->arena, sizeof *after, _Alignof(furrow__catalog));
    char found[FURROW__FINGERPRINT_SIZE], wanted[FURROW__FINGERPRINT_SIZE];
    if (!after)
        return furrow__fail(r->error, FURROW_NOMEM, "out of memory");
    step->before = before;
    step->after = after;
    if (step->down && step->revision->irreversible) {
        furrow__fail(r->error, FURROW_INVALID, "revision %s is irreversible", step->revision->id);
        return furrow__hint(r->error, "restore a backup instead");
    }
    furrow_status status = furrow__catalog_copy(after, before, r->arena, r->error);
    if (status == FURROW_OK && !step->down)
        return step_up(r, step->revision, applied, after);
    if (status == FURROW_OK)
        status = apply_beside(after, step->revision, true, r->error);
    if (status != FURROW_OK)
        return status;
    after->storage = furrow__history_storage(r->history, applied);
    status = expected_after(r, step->revision, applied, wanted);
    if (status == FURROW_OK)
        status = furrow__catalog_fingerprint(found, after, r->error);
    if (status == FURROW_OK && strcmp(found, wanted) != 0)
        status = no_way_back(step->revision, r->error);
    return status;
}

static furrow_status make_steps(router *r, furrow__revision_steps *out, bool down)
{
    const furrow__history *history = r->history;
    size_t total = 0;
    for (size_t i = 0; i < history->count; i++)
        total += r->wanted[i] != r->applied[i];
    furrow__revision_step *steps = furrow__arena_aligned(r->arena, (total + 1) * sizeof *steps,
                                                         _Alignof(furrow__revision_step));
    bool *applied = furrow__arena_aligned(r->arena, history->count + 1, 1);
    furrow__catalog *state =
        furrow__arena_aligned(r->arena, sizeof *state, _Alignof(furrow__catalog));
    if (!steps || !applied || !state)
        return furrow__fail(r->error, FURROW_NOMEM, "out of memory");
    memcpy(applied, r->applied, history->count);
    out->items = steps;
    furrow_status status = furrow__history_replay(state, history, r->applied, r->arena, r->error);
    const furrow__catalog *before = state;
    for (size_t n = 0; n < history->count && status == FURROW_OK; n++) {
        size_t i = down ? history->count - 1 - n : n;
        if (r->wanted[i] == r->applied[i])
            continue;
        furrow__revision_step *step = &steps[out->count];
        *step = (furrow__revision_step){.revision = history->items[i], .down = down};
        applied[i] = !down;
        status = fill_step(r, step, applied, before);
        before = step->after;
        out->count++;
    }
    return status;
}

furrow_status furrow__history_route(furrow__revision_steps *out, const furrow__history *history,
                                    const furrow__history_target *target, furrow_arena *arena,
                                    furrow_error *error)
{
    furrow_arena scratch = {0};
    router r = {.history = history, .applied = target->applied, .arena = arena, .error = error};
    furrow_status status = FURROW_NOMEM;
    forget_failure(history);
    *out = (furrow__revision_steps){.count = 0};
    r.wanted = furrow__arena_aligned(&scratch, history->count + 1, 1);
    r.marks = furrow__arena_aligned(&scratch, history->count + 1, 1);
    if (!r.wanted || !r.marks)
        furrow__fail(error, FURROW_NOMEM, "out of memory");
    else
        status = target->down ? want_down(&r, target->name) : want_up(&r, target->name);
    if (status == FURROW_OK)
        status = make_steps(&r, out, target->down);
    furrow__arena_done(&scratch);
    if (status != FURROW_OK)
        *out = (furrow__revision_steps){.count = 0};
    return status;
}
