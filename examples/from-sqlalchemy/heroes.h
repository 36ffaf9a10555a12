/* SPDX-License-Identifier: MIT
 * The models of docs/from-sqlalchemy.md: heroes and their teams. */
#ifndef HEROES_H
#define HEROES_H

#include <furrow/model.h>

FURROW_LIST(hero);

struct team {
    int64_t id FURROW(primary_key);
    const char *name FURROW(unique);
    struct hero_list heroes;
};

struct hero {
    int64_t id FURROW(primary_key);
    const char *name FURROW(index);
    furrow_opt(int32_t) age;
    furrow_opt(int64_t) team_id FURROW(references(team.id), on_delete(set_null), index);
    struct team *team;
};

#endif
