/* SPDX-License-Identifier: MIT
 * Creates the tables of all headers of this folder, and uses some of them. */
#include <inttypes.h>
#include <stdio.h>

#include "blog.furrow.h"
#include "item.furrow.h"
#include "person.furrow.h"
#include "room.furrow.h"
#include "todo.furrow.h"

static void book_room(furrow_session *s)
{
    room_insert(s, &(struct room){.building = "north", .number = 12, .seats = 8});
    furrow_date day;
    furrow_date_parse("2026-12-24", &day);
    booking_insert(
        s, &(struct booking){.building = "north", .number = 12, .day = day, .confirmed = true});
    struct room *room;
    if (room_get(s, &room, "north", 12) == FURROW_OK)
        printf("room %d has %d seats\n", room->number, room->seats);
    struct room_total_list totals;
    room_total_query(s, &totals,
                     "SELECT building, count(*) AS bookings FROM booking GROUP BY building");
    furrow_each (struct room_total, t, totals)
        printf("%s: %" PRId64 " booking\n", t->building, t->bookings);
}

/* A value that the model does not allow is refused. */
static void insert_person(furrow_session *s, const char *country)
{
    furrow_savepoint_begin(s);
    person_insert(s, &(struct person){.name = "Ada", .country = country});
    furrow_status status = furrow_savepoint_end(s);
    printf("%s: %s\n", country, status ? furrow_session_error(s)->message : "inserted");
}

int main(int argc, char **argv)
{
    furrow_engine *engine;
    furrow_error error;
    if (furrow_engine_open(&engine, argc > 1 ? argv[1] : "sqlite:///models.db", &error)) {
        fprintf(stderr, "models: %s\n", error.message);
        return 1;
    }
    furrow_session *s = furrow_session_open(engine);
    furrow_create_all(s, &todo_schema);
    furrow_create_all(s, &item_schema);
    furrow_create_all(s, &person_schema);
    furrow_create_all(s, &room_schema);
    furrow_create_all(s, &blog_schema);
    book_room(s);
    country_insert(s, &(struct country){.code = "GB", .name = "United Kingdom"});
    insert_person(s, "GB");
    insert_person(s, "XX");
    furrow_status status = furrow_commit(s);
    if (status != FURROW_OK)
        fprintf(stderr, "models: %s\n", furrow_session_error(s)->message);
    furrow_session_close(s);
    furrow_engine_close(engine);
    return status == FURROW_OK ? 0 : 1;
}
