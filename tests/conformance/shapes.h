/* SPDX-License-Identifier: MIT
 *
 * The models of shapes_test.c and cancelled_test.c. `shape` has every type of field, with and
 * without a default, NOT NULL and nullable. The end of a field's name shows which: `_p` is plain,
 * `_n` nullable, `_d` has a default, `_nd` has a default and is nullable. The defaults are the same
 * as in put_default in shapes_test.c; a plain number cannot have a default other than zero.
 */
#ifndef SHAPES_H
#define SHAPES_H

#include <furrow/model.h>

enum tone { TONE_OFF, TONE_LOW, TONE_HIGH = 9 };
/* No enumerator is zero, so a field that is zero has not been set. */
enum grade { GRADE_A = 1, GRADE_B, GRADE_C };

struct shape {
    int64_t id FURROW(primary_key);
    const char *name FURROW(unique);
    int32_t revision FURROW(version);

    bool bool_p;
    furrow_opt(bool) bool_n;
    bool bool_d FURROW(default(false));
    furrow_opt(bool) bool_nd FURROW(default(true));
    int16_t int16_p;
    furrow_opt(int16_t) int16_n;
    int16_t int16_d FURROW(default(0));
    furrow_opt(int16_t) int16_nd FURROW(default(-7));
    int32_t int32_p;
    furrow_opt(int32_t) int32_n;
    int32_t int32_d FURROW(default(0));
    furrow_opt(int32_t) int32_nd FURROW(default(-7));
    int64_t int64_p;
    furrow_opt(int64_t) int64_n;
    int64_t int64_d FURROW(default(0));
    furrow_opt(int64_t) int64_nd FURROW(default(-7));
    float float_p;
    furrow_opt(float) float_n;
    float float_d FURROW(default(0));
    furrow_opt(float) float_nd FURROW(default(-7));
    double double_p;
    furrow_opt(double) double_n;
    double double_d FURROW(default(0.0));
    furrow_opt(double) double_nd FURROW(default(-7));
    const char *text_p;
    const char *text_n FURROW(nullable);
    const char *text_d FURROW(default("none"));
    const char *text_nd FURROW(nullable, default("none"));
    char chars_p[9];
    char chars_d[9] FURROW(default(""));
    furrow_blob blob_p;
    furrow_blob blob_n FURROW(nullable);
    furrow_time time_p;
    furrow_opt(furrow_time) time_n;
    furrow_time time_d FURROW(default("1970-01-01T00:00:00Z"));
    furrow_opt(furrow_time) time_nd FURROW(default("1970-01-01T00:00:07Z"));
    furrow_date date_p;
    furrow_opt(furrow_date) date_n;
    furrow_date date_d FURROW(default("1970-01-01"));
    furrow_opt(furrow_date) date_nd FURROW(default("1970-01-08"));
    furrow_uuid uuid_p;
    furrow_opt(furrow_uuid) uuid_n;
    furrow_uuid uuid_d FURROW(default("00000000-0000-0000-0000-000000000000"));
    furrow_opt(furrow_uuid) uuid_nd FURROW(default("07000000-0000-0000-0000-000000000000"));
    furrow_decimal decimal_p FURROW(decimal(9, 2));
    furrow_opt(furrow_decimal) decimal_n FURROW(decimal(9, 2));
    furrow_decimal decimal_d FURROW(decimal(9, 2), default(0));
    furrow_opt(furrow_decimal) decimal_nd FURROW(decimal(9, 2), default(-0.07));
    furrow_json json_p;
    furrow_json json_n FURROW(nullable);
    furrow_json json_d FURROW(default("[7]"));
    furrow_json json_nd FURROW(nullable, default("[7]"));
    enum tone tone_p;
    furrow_opt(enum tone) tone_n;
    enum tone tone_d FURROW(default(TONE_OFF));
    furrow_opt(enum tone) tone_nd FURROW(default(TONE_HIGH));
    enum grade grade_d FURROW(default(GRADE_C));
    furrow_opt(enum grade) grade_nd FURROW(default(GRADE_C));

    furrow_time made FURROW(default(now));
    furrow_opt(furrow_time) made_n FURROW(default(now));
    furrow_time seen FURROW(default(now), touch);
    furrow_opt(furrow_time) seen_n FURROW(default(now), touch);
    furrow_time read FURROW(touch);
    furrow_opt(furrow_time) read_n FURROW(touch);
};

/* A model whose key the program assigns. */
struct setting {
    const char *key FURROW(primary_key);
    const char *value FURROW(default(""));
    furrow_opt(int32_t) hits FURROW(default(1));
};

/* A model that has no columns other than its key. */
struct keyword {
    const char *word FURROW(primary_key);
};

/* The models of cancelled_test.c. Their inserts differ in what the database returns: nothing, an
 * assigned key, defaults, or both. */
struct plain_line {
    int32_t id FURROW(primary_key, references(sheet.id));
    const char *name;
};
struct keyed_line {
    int64_t id FURROW(primary_key);
    const char *name;
};
struct default_line {
    int32_t id FURROW(primary_key, references(sheet.id));
    const char *name;
    furrow_opt(int32_t) number FURROW(default(5));
};
struct full_line {
    int32_t id FURROW(primary_key);
    const char *name;
    furrow_opt(int32_t) number FURROW(default(5));
    const char *word FURROW(default("none"));
    int64_t version FURROW(version);
};
/* Two models and their link model, whose keys the program assigns. */
FURROW_LIST(stamp);
struct sheet {
    int32_t id FURROW(primary_key);
    struct stamp_list stamps FURROW(through(sheet_stamp));
};
struct stamp {
    int32_t id FURROW(primary_key);
};
struct sheet_stamp {
    int32_t sheet_id FURROW(primary_key, references(sheet.id));
    int32_t stamp_id FURROW(primary_key, references(stamp.id));
    const char *name FURROW(default("link"));
};

#endif
