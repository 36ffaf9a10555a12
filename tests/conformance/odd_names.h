/* SPDX-License-Identifier: MIT
 *
 * Models whose tables and columns have names with the characters that engines write between names
 * in their messages.
 */
#ifndef ODD_NAMES_H
#define ODD_NAMES_H

#include <furrow/model.h>

struct odd_parent {
    int64_t id FURROW(primary_key, column("i, d"));
    const char *label FURROW(column("la)bel"));
    const char *code FURROW(column("co\"de"));
} FURROW(table("odd pa)r\"ent"), unique(label, code));

struct odd_child {
    int64_t id FURROW(primary_key);
    int64_t parent_id FURROW(column("par, ent(id"), references(odd_parent.id));
    int32_t n FURROW(column("n.n"), check("n <> 3"));
    const char *word FURROW(column("odd child.word"));
} FURROW(table("odd child"), unique(n, word));

#endif
