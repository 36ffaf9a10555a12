/* SPDX-License-Identifier: MIT
 *
 * Which renames are meant. A hint that names what is gone and a name that is new is followed; so is
 * one whose name another rename frees (a to b, b to c), once that is done. Names that go round in a
 * circle look the same before and behind, so that they are told, not followed. All other hints are
 * of renames that are done.
 */
#include <string.h>

#include "migrate/diff_parts.h"

static bool is_old_name(const furrow__rename *pairs, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(pairs[i].old, name) == 0)
            return true;
    return false;
}

static bool is_new_name(const furrow__rename *pairs, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(pairs[i].new, name) == 0)
            return true;
    return false;
}

static void remove_pair(furrow__rename *pairs, size_t *count, size_t at)
{
    memmove(pairs + at, pairs + at + 1, (*count - at - 1) * sizeof *pairs);
    (*count)--;
}

/* Neither a name that stays taken, nor one that stays in use, nor a second one for the same. */
static bool is_meant(const furrow__rename *pairs, size_t count, size_t at)
{
    const furrow__rename *p = &pairs[at];
    return (!p->new_is_taken || is_old_name(pairs, count, p->new)) &&
           (!p->old_is_used || is_new_name(pairs, count, p->old)) &&
           !is_old_name(pairs, at, p->old);
}

size_t furrow__renames_order(furrow__rename *pairs, size_t *count)
{
    size_t done = 0;
    for (size_t i = 0; i < *count;)
        if (is_meant(pairs, *count, i)) {
            i++;
        } else {
            remove_pair(pairs, count, i);
            i = 0;
        }
    for (size_t i = done; i < *count;) {
        furrow__rename pair = pairs[i];
        if (is_old_name(pairs + done, *count - done, pair.new)) {
            i++;
            continue;
        }
        memmove(pairs + done + 1, pairs + done, (i - done) * sizeof *pairs);
        pairs[done++] = pair;
        i = done;
    }
    return done;
}
