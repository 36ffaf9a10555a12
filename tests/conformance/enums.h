/* SPDX-License-Identifier: MIT
 *
 * Models with enums whose names are in a different order from their values. The values are
 * negative, have gaps, and are not declared in ascending order.
 */
#ifndef ENUMS_H
#define ENUMS_H

#include <furrow/model.h>

enum tone {
    TONE_SOFT = 4,
    TONE_LOUD = -7,
    TONE_ALTO = 2147483646,
    TONE_MUTE = 0,
    TONE_BASS = -2147483647,
};
/* The enum has no negative values, so gcc and clang choose an unsigned type for it. */
enum grade { GRADE_WORST, GRADE_BAD, GRADE_FINE, GRADE_BEST = 2000000000 };
enum only { ONLY_ONE = 7 };
/* Enums with a size of one byte and of two bytes. */
enum tiny { TINY_ZERO, TINY_LOW = -128, TINY_HIGH = 127 } __attribute__((packed));
enum word { WORD_ZERO, WORD_MIDDLE = 300, WORD_HIGH = 65535 } __attribute__((packed));

FURROW_LIST(sample);
FURROW_LIST(tag);

struct shelf {
    int64_t id FURROW(primary_key);
    furrow_opt(enum tone) tone FURROW(index);
    struct sample_list samples;
    struct tag_list tags FURROW(through(label));
};
struct sample {
    int64_t id FURROW(primary_key);
    furrow_opt(int64_t) shelf_id FURROW(references(shelf.id), index);
    struct shelf *shelf;
    enum tone tone FURROW(index);
    furrow_opt(enum tone) other;
    enum grade grade;
    furrow_opt(enum grade) mark FURROW(index);
    enum only only;
    furrow_opt(enum tiny) tiny;
    enum word word;
    int64_t hits;
};
/* Models whose primary key is an enum. */
struct tag {
    enum tone tone FURROW(primary_key);
    enum grade grade;
};
struct label {
    int64_t shelf_id FURROW(primary_key, references(shelf.id));
    enum tone tag_tone FURROW(primary_key, references(tag.tone));
};

#endif
