/* SPDX-License-Identifier: MIT
 *
 * Models for tests of links, counts, inserts with relationships, and pages. They have every kind of
 * relationship, link models with additional columns, and keys of several columns.
 */
#ifndef LIBRARY_H
#define LIBRARY_H

#include <furrow/model.h>

FURROW_LIST(writer);
FURROW_LIST(book);
FURROW_LIST(genre);
FURROW_LIST(zone);
FURROW_LIST(meal);

struct writer {
    int64_t id FURROW(primary_key);
    const char *name;
    const char *country FURROW(nullable);
    furrow_opt(int64_t) mentor_id FURROW(references(writer.id));
    struct writer *mentor FURROW(via(mentor_id));
    struct book_list books FURROW(via(writer_id));
    struct book_list liked FURROW(through(liking));
};

struct book {
    int64_t id FURROW(primary_key);
    furrow_opt(int64_t) writer_id FURROW(references(writer.id));
    const char *title;
    furrow_opt(int32_t) year;
    furrow_decimal price FURROW(decimal(6, 2));
    struct writer *writer FURROW(via(writer_id));
    struct cover *cover;
    struct genre_list genres FURROW(through(book_genre));
    struct zone_list zones FURROW(through(book_zone));
};

/* The other side of a one-to-one relationship. */
struct cover {
    int64_t id FURROW(primary_key);
    int64_t book_id FURROW(unique, references(book.id));
    const char *color;
};

struct genre {
    int64_t id FURROW(primary_key);
    const char *name FURROW(unique);
    struct book_list books FURROW(through(book_genre));
};

/* A link model with an additional column. The database chooses the default of this column. */
struct book_genre {
    int64_t book_id FURROW(primary_key, references(book.id), on_delete(cascade));
    int64_t genre_id FURROW(primary_key, references(genre.id), on_delete(cascade));
    furrow_time added_at FURROW(default(now));
};

/* A link model with its own key, so that the same pair can be linked twice. */
struct liking {
    int64_t id FURROW(primary_key);
    int64_t writer_id FURROW(references(writer.id));
    int64_t book_id FURROW(references(book.id));
};

/* A model whose key has several columns, one of which is char[n]. */
struct zone {
    char country[3] FURROW(primary_key);
    int32_t number FURROW(primary_key);
    const char *name;
};

struct book_zone {
    int64_t book_id FURROW(primary_key, references(book.id));
    char country[3] FURROW(primary_key);
    int32_t number FURROW(primary_key);
    struct zone *zone FURROW(via(country, number));
} FURROW(references((country, number), zone(country, number)));

/* Rows for tests of pages: a column of every type that can be ordered. Some columns are often NULL.
 */
struct item {
    furrow_uuid id FURROW(primary_key);
    int32_t group;
    furrow_opt(int32_t) rank;
    const char *label FURROW(nullable);
    furrow_opt(double) weight;
    furrow_decimal price FURROW(decimal(8, 2));
    furrow_time at;
    furrow_date day;
    bool done;
    furrow_opt(int64_t) writer_id FURROW(references(writer.id));
    struct writer *writer FURROW(via(writer_id));
} FURROW(index(rank, id));

/* Rows for tests of copies. Some values are in separate memory (blobs and JSON) or NULL; others are
 * in the struct itself. */
struct parcel {
    int64_t id FURROW(primary_key);
    furrow_blob content;
    furrow_blob seal;
    furrow_blob thumbnail FURROW(nullable);
    furrow_json label;
    furrow_json note FURROW(nullable);
    char code[6];
    furrow_opt(double) weight;
    furrow_opt(int) size;
};

/* A link model whose two foreign keys share a column. Both linked rows therefore belong to the same
 * house. */
struct guest {
    int64_t house FURROW(primary_key);
    int64_t id FURROW(primary_key);
    struct meal_list meals FURROW(through(serving));
};
struct meal {
    int64_t house FURROW(primary_key);
    int64_t id FURROW(primary_key);
};
struct serving {
    int64_t house FURROW(primary_key);
    int64_t guest_id FURROW(primary_key);
    int64_t meal_id FURROW(primary_key);
} FURROW(references((house, guest_id), guest(house, id)),
         references((house, meal_id), meal(house, id)));

/* The following models refer to a room or to each other. Each reference has a different ON DELETE
 * rule. */
struct room {
    int64_t id FURROW(primary_key);
};
struct lamp {
    int64_t id FURROW(primary_key);
    int64_t room_id FURROW(references(room.id), on_delete(cascade));
};
struct chair {
    int64_t id FURROW(primary_key);
    furrow_opt(int64_t) room_id FURROW(references(room.id), on_delete(set_null));
};
struct plug {
    int64_t id FURROW(primary_key);
    int64_t lamp_id FURROW(references(lamp.id), on_delete(restrict));
};

#endif
