/* SPDX-License-Identifier: MIT
 * Annotations of structs. */
#ifndef ROOM_H
#define ROOM_H

#include <furrow/model.h>

struct room {
    const char *building FURROW(primary_key);
    int16_t     number   FURROW(primary_key);
    int32_t     seats;
} FURROW(table("rooms"), index(building, desc(seats)), check("seats > 0 OR number < 100"));

struct booking {
    int64_t     id       FURROW(primary_key);
    const char *building;
    int16_t     number;
    furrow_date day;
    bool        confirmed;
} FURROW(references((building, number), room(building, number), on_delete(cascade)),
         unique(building, number, day, where("confirmed")));

struct room_total {
    const char *building;
    int64_t     bookings;
} FURROW(result);

#endif
