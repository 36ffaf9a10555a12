/* SPDX-License-Identifier: MIT
 *
 * The models of keys_test.c whose keys have types that cannot store every integer.
 */
#ifndef NARROW_H
#define NARROW_H

#include <furrow/model.h>

enum shade { SHADE_NONE, SHADE_LIGHT };

struct by_bool {
    bool id FURROW(primary_key);
    const char *name;
};
struct with_bool {
    const char *country FURROW(primary_key);
    bool id FURROW(primary_key);
    const char *name;
};
struct by_int16 {
    int16_t id FURROW(primary_key);
    const char *name;
};
struct with_int16 {
    const char *country FURROW(primary_key);
    int16_t id FURROW(primary_key);
    const char *name;
};
struct by_int32 {
    int32_t id FURROW(primary_key);
    const char *name;
};
struct with_int32 {
    const char *country FURROW(primary_key);
    int32_t id FURROW(primary_key);
    const char *name;
};
struct by_int64 {
    int64_t id FURROW(primary_key);
    const char *name;
};
struct with_int64 {
    const char *country FURROW(primary_key);
    int64_t id FURROW(primary_key);
    const char *name;
};
struct by_enum {
    enum shade id FURROW(primary_key);
    const char *name;
};
struct with_enum {
    const char *country FURROW(primary_key);
    enum shade id FURROW(primary_key);
    const char *name;
};

/* A model with a relationship. */
struct leaf {
    int32_t id FURROW(primary_key);
    furrow_opt(int32_t) up_id FURROW(references(leaf.id));
    struct leaf *up;
};

#endif
