/* SPDX-License-Identifier: MIT
 *
 * Models for tables that contain values which their fields cannot hold: one model with a column of
 * each type, and one model for each kind of key.
 */
#ifndef UNREADABLE_H
#define UNREADABLE_H

#include <furrow/model.h>

enum shade { SHADE_LIGHT = 3, SHADE_NONE = 0, SHADE_DARK = 9 };

struct sample {
    int64_t id FURROW(primary_key);
    bool flag;
    int16_t small;
    int32_t middle;
    int64_t large;
    float single;
    double real;
    const char *text;
    char chars[4];
    furrow_time time;
    furrow_date date;
    furrow_uuid uuid;
    furrow_decimal decimal FURROW(decimal(6, 2));
    enum shade shade;
    furrow_opt(furrow_time) maybe;
};

struct by_uuid {
    furrow_uuid id FURROW(primary_key);
    furrow_date date;
};
struct by_text {
    const char *code FURROW(primary_key);
    furrow_date date;
};
struct by_two {
    int32_t a FURROW(primary_key, column("a \"b\""));
    furrow_uuid b FURROW(primary_key);
    furrow_date date;
};
/* A model whose names leave no room for an UPDATE in a hint. */
struct table_with_a_name_of_nearly_sixty_three_bytes {
    int64_t id FURROW(primary_key);
    enum shade shade_in_a_column_with_a_name_of_many_bytes;
};
/* A relationship to rows that cannot be read. */
FURROW_LIST(owned);
struct owner {
    int64_t id FURROW(primary_key);
    struct owned_list things;
};
struct owned {
    int64_t id FURROW(primary_key);
    int64_t owner_id FURROW(references(owner.id));
    furrow_date date;
    struct owner *owner FURROW(via(owner_id));
};
struct dated {
    int64_t id;
    furrow_date date;
} FURROW(result);

#endif
