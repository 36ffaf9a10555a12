/* SPDX-License-Identifier: MIT
 *
 * One model for each type of field. In every model, `v` is never NULL, `n` can be NULL, and `d` has
 * a default. kinds_test.c runs the same tests on all these models.
 */
#ifndef KINDS_H
#define KINDS_H

#include <furrow/model.h>

enum mood { MOOD_LOW = -2147483647, MOOD_NONE = 0, MOOD_SOME = 1, MOOD_HIGH = 2147483647 };
/* The enum has no negative values, so gcc and clang choose an unsigned type for it. */
enum colour { COLOUR_RED, COLOUR_GREEN = 7, COLOUR_BLUE = 2147483647 };

struct of_bool {
    int64_t id FURROW(primary_key);
    bool v;
    furrow_opt(bool) n;
    furrow_opt(bool) d FURROW(default(true));
};
struct of_int16 {
    int64_t id FURROW(primary_key);
    int16_t v;
    furrow_opt(int16_t) n;
    furrow_opt(int16_t) d FURROW(default(-32768));
};
struct of_int32 {
    int64_t id FURROW(primary_key);
    int32_t v;
    furrow_opt(int32_t) n;
    furrow_opt(int32_t) d FURROW(default(2147483647));
};
struct of_int {
    int64_t id FURROW(primary_key);
    int v;
    furrow_opt(int) n;
    furrow_opt(int) d FURROW(default(-1));
};
struct of_int64 {
    int64_t id FURROW(primary_key);
    int64_t v;
    furrow_opt(int64_t) n;
    furrow_opt(int64_t) d FURROW(default(9223372036854775807));
};
struct of_float {
    int64_t id FURROW(primary_key);
    float v;
    furrow_opt(float) n;
    furrow_opt(float) d FURROW(default(0.5));
};
struct of_double {
    int64_t id FURROW(primary_key);
    double v;
    furrow_opt(double) n;
    furrow_opt(double) d FURROW(default(-2.5));
};
struct of_text {
    int64_t id FURROW(primary_key);
    const char *v;
    const char *n FURROW(nullable);
    const char *d FURROW(nullable, default("it's \"so\" \\ ? $1"));
};
struct of_chars {
    int64_t id FURROW(primary_key);
    char v[9];
    const char *n FURROW(nullable);
    const char *d FURROW(nullable, default("d"));
};
struct of_blob {
    int64_t id FURROW(primary_key);
    furrow_blob v;
    furrow_blob n FURROW(nullable);
};
struct of_time {
    int64_t id FURROW(primary_key);
    furrow_time v;
    furrow_opt(furrow_time) n;
    furrow_opt(furrow_time) d FURROW(default("2001-02-03T04:05:06.789012Z"));
};
struct of_date {
    int64_t id FURROW(primary_key);
    furrow_date v;
    furrow_opt(furrow_date) n;
    furrow_opt(furrow_date) d FURROW(default("2001-02-03"));
};
struct of_uuid {
    int64_t id FURROW(primary_key);
    furrow_uuid v;
    furrow_opt(furrow_uuid) n;
    furrow_opt(furrow_uuid) d FURROW(default("00112233-4455-6677-8899-aabbccddeeff"));
};
struct of_decimal {
    int64_t id FURROW(primary_key);
    furrow_decimal v FURROW(decimal(18, 4));
    furrow_opt(furrow_decimal) n FURROW(decimal(18, 4));
    furrow_opt(furrow_decimal) d FURROW(decimal(18, 4), default(-1.5));
};
struct of_json {
    int64_t id FURROW(primary_key);
    furrow_json v;
    furrow_json n FURROW(nullable);
    furrow_json d FURROW(nullable, default("{\"a\": [1, null]}"));
};
struct of_mood {
    int64_t id FURROW(primary_key);
    enum mood v;
    furrow_opt(enum mood) n;
    furrow_opt(enum mood) d FURROW(default(MOOD_LOW));
};
struct of_colour {
    int64_t id FURROW(primary_key);
    enum colour v;
    furrow_opt(enum colour) n;
    furrow_opt(enum colour) d FURROW(default(COLOUR_BLUE));
};

/* Structs for the results of raw statements. */
struct got_bool {
    bool v;
    furrow_opt(bool) n;
} FURROW(result);
struct got_int16 {
    int16_t v;
    furrow_opt(int16_t) n;
} FURROW(result);
struct got_int32 {
    int32_t v;
    furrow_opt(int32_t) n;
} FURROW(result);
struct got_int {
    int v;
    furrow_opt(int) n;
} FURROW(result);
struct got_int64 {
    int64_t v;
    furrow_opt(int64_t) n;
} FURROW(result);
struct got_float {
    float v;
    furrow_opt(float) n;
} FURROW(result);
struct got_double {
    double v;
    furrow_opt(double) n;
} FURROW(result);
struct got_text {
    const char *v;
    const char *n FURROW(nullable);
} FURROW(result);
struct got_chars {
    char v[9];
    const char *n FURROW(nullable);
} FURROW(result);
struct got_blob {
    furrow_blob v;
    furrow_blob n FURROW(nullable);
} FURROW(result);
struct got_time {
    furrow_time v;
    furrow_opt(furrow_time) n;
} FURROW(result);
struct got_date {
    furrow_date v;
    furrow_opt(furrow_date) n;
} FURROW(result);
struct got_uuid {
    furrow_uuid v;
    furrow_opt(furrow_uuid) n;
} FURROW(result);
struct got_decimal {
    furrow_decimal v FURROW(decimal(18, 4));
    furrow_opt(furrow_decimal) n FURROW(decimal(18, 4));
} FURROW(result);
struct got_json {
    furrow_json v;
    furrow_json n FURROW(nullable);
} FURROW(result);
struct got_mood {
    enum mood v;
    furrow_opt(enum mood) n;
} FURROW(result);
struct got_colour {
    enum colour v;
    furrow_opt(enum colour) n;
} FURROW(result);

#endif
