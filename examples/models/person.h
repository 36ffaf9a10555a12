/* SPDX-License-Identifier: MIT
 * Annotations of fields. */
#ifndef PERSON_H
#define PERSON_H

#include <furrow/model.h>

struct country {
    const char *code FURROW(primary_key, min_length(2), max_length(2), pattern("^[A-Z]+$"));
    const char *name FURROW(unique);
};

struct person {
    int64_t             id         FURROW(primary_key);
    const char         *name       FURROW(index, min_length(1));
    furrow_opt(int32_t) age        FURROW(range(0, 150));
    furrow_opt(bool)    subscribed FURROW(default(true));
    const char         *country    FURROW(references(country.code), on_update(cascade));
    const char         *nick       FURROW(column("nickname"), renamed_from("alias"), nullable);
    int64_t             cents      FURROW(check("cents >= 0 AND cents <> 13"));
    int64_t             version    FURROW(version);
    furrow_time         seen_at    FURROW(default(now), touch);
};

#endif
