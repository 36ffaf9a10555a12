/* SPDX-License-Identifier: MIT
 *
 * Models for tests that count statements. Rows can be nested three levels deep, and have columns
 * with and without defaults. */
#ifndef CARGO_H
#define CARGO_H

#include <furrow/model.h>

FURROW_LIST(hold);
FURROW_LIST(box);
FURROW_LIST(route);

struct ship {
    int64_t id FURROW(primary_key);
    const char *name;
    furrow_opt(int32_t) rank FURROW(default(5));
    struct hold_list holds;
};

struct hold {
    int64_t id FURROW(primary_key);
    const char *name;
    furrow_opt(int32_t) rank FURROW(default(5));
    int64_t ship_id FURROW(references(ship.id));
    struct box_list boxes;
};

struct box {
    int64_t id FURROW(primary_key);
    const char *name;
    furrow_opt(int32_t) rank FURROW(default(5));
    int64_t hold_id FURROW(references(hold.id));
};

/* A route can be part of another route (whole_id). */
struct route {
    int64_t id FURROW(primary_key);
    const char *name;
    furrow_opt(int32_t) rank FURROW(default(5));
    furrow_opt(int64_t) whole_id FURROW(references(route.id));
    struct route_list parts;
};

/* All values of a ticket are chosen by the database. */
struct ticket {
    int64_t id FURROW(primary_key);
};

#endif
