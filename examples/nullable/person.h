/* SPDX-License-Identifier: MIT
 * The model of docs/nullable.md. */
#ifndef PERSON_H
#define PERSON_H

#include <furrow/model.h>

enum size { SMALL, MEDIUM, LARGE };

struct person {
    int64_t id FURROW(primary_key);
    const char *name;
    const char *nick FURROW(nullable);
    furrow_opt(int32_t) age FURROW(range(0, 150));
    furrow_opt(enum size) shirt;
    furrow_opt(furrow_date) born;
    furrow_blob photo FURROW(nullable);
    furrow_opt(int64_t) mentor_id FURROW(references(person.id), on_delete(set_null));
    struct person *mentor FURROW(via(mentor_id));
};

#endif
