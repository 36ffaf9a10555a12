#ifndef MODELS_H
#define MODELS_H

#include <furrow/model.h>

#define CODE_SIZE 8
enum { SHELVES = CODE_SIZE * 4 };

struct room {
    const char *building FURROW(primary_key, max_length(20));
    int16_t     number   FURROW(primary_key);
    furrow_date s        FURROW(primary_key);
    char        code[CODE_SIZE];
    const char *title    FURROW(nullable);
} FURROW(table("house.rooms"), unique(code, title), renamed_from("chambers"));

struct desk {
    furrow_uuid     id       FURROW(primary_key);
    const char     *building;
    int16_t         number;
    furrow_date     since;
    furrow_opt(int) rank;
    char            shelf[SHELVES];
    struct room    *room     FURROW(via(building, number, since));
} FURROW(references((building, number, since), room(building, number, s), on_delete(restrict), on_update(cascade), deferrable),
         index(building, desc(number), where("number > 0 AND rank IS NOT NULL")), index(building, desc(number)));

/* A primary key that is text, and below it one that is an enum. */
enum level { LOW = -1, HIGH = 1 << 2 };
struct setting {
    const char   *name  FURROW(primary_key);
    furrow_opt(bool) on FURROW(default(true));
    enum level    level FURROW(default(HIGH));
    furrow_json   extra FURROW(default("{\"a\": \"it's\"}"));
    furrow_decimal rate FURROW(decimal(6, 3), range(-1.5, 99.125));
    float ratio; int16_t low FURROW(range(-32768, 32767)); int64_t wide FURROW(range(-9223372036854775808, 9223372036854775807));
};
struct level_note {
    enum level level FURROW(primary_key);
    char       note[16];
};

#endif
