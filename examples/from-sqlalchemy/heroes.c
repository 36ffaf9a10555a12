/* SPDX-License-Identifier: MIT
 * Heroes and teams: what the tutorials of SQLAlchemy and SQLModel do. */
#include <stdio.h>

#include "heroes.furrow.h"

static furrow_status create(furrow_session *s, void *context)
{
    (void)context;
    struct hero spider = {.name = "Spider", .age = furrow_some(19)};
    struct hero deadpond = {.name = "Deadpond"};
    struct hero *members[] = {&spider, &deadpond};
    struct team team = {.name = "Preventers", .heroes = {.items = members, .count = 2}};
    team_insert_with(s, &team, furrow_load(TEAM.heroes));
    return hero_insert(s, &(struct hero){.name = "Rusty", .age = furrow_some(48)});
}

static furrow_status show(furrow_session *s, void *context)
{
    (void)context;
    struct hero_list heroes;
    hero_find(s, &heroes, .where = {furrow_any(furrow_ge(HERO.age, 18), furrow_is_null(HERO.age))},
              .order_by = {furrow_asc(HERO.name)}, .with = {furrow_load(HERO.team)});
    furrow_each (struct hero, h, heroes)
        printf("%s: %s\n", h->name, h->team ? h->team->name : "no team");

    struct team_list teams;
    team_find(s, &teams, .where = {furrow_has(TEAM.heroes, furrow_eq(HERO.name, "Spider"))});
    return furrow_session_status(s);
}

int main(int argc, char **argv)
{
    furrow_engine *engine;
    furrow_error error = {0};
    if (furrow_engine_open(&engine, argc > 1 ? argv[1] : "sqlite:///heroes.db", &error)) {
        fprintf(stderr, "heroes: %s\n", error.message);
        return 1;
    }
    furrow_session *s = furrow_session_open(engine);
    furrow_create_all(s, &heroes_schema);
    furrow_status status = furrow_commit(s);
    furrow_session_close(s);
    if (status == FURROW_OK)
        status = furrow_transact(engine, create, NULL, &error);
    if (status == FURROW_OK)
        status = furrow_transact(engine, show, NULL, &error, .read_only = true);
    if (status != FURROW_OK)
        fprintf(stderr, "heroes: %s\n", error.message);
    furrow_engine_close(engine);
    return status == FURROW_OK ? 0 : 1;
}
