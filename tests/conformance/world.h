/* SPDX-License-Identifier: MIT
 *
 * The models of all suites in this folder that have no header of their own.
 */
#ifndef WORLD_H
#define WORLD_H

#include <furrow/model.h>

enum level { LEVEL_LOW, LEVEL_MIDDLE, LEVEL_HIGH };

/* A model without constraints except its primary key. */
struct note {
    int64_t id FURROW(primary_key);
    const char *body;
};

/* A model with every constraint that a column can have. */
struct person {
    int64_t id FURROW(primary_key);
    const char *name FURROW(unique, min_length(1), max_length(10));
    int32_t age FURROW(range(0, 150), check("age <> 13"));
    char code[5];
    enum level level;
    double weight;
    const char *nick FURROW(nullable);
    furrow_decimal pay FURROW(decimal(6, 2), range(-1000, 1000));
} FURROW(unique(age, code, weight));

/* A visit refers to a person and, optionally, to a place. While the visit exists, its person cannot
 * be deleted. */
struct visit {
    int64_t id FURROW(primary_key);
    int64_t person_id FURROW(references(person.id));
    const char *country FURROW(nullable);
    furrow_opt(int32_t) number;
} FURROW(references((country, number), place(country, number)));

/* Models whose keys have other types. */
struct place {
    char country[3] FURROW(primary_key);
    int32_t number FURROW(primary_key);
    const char *name;
};
struct word {
    const char *text FURROW(primary_key);
    int64_t count;
};
struct thing {
    furrow_uuid id FURROW(primary_key);
    const char *name;
};

/* Columns that the library sets: a version and times. */
struct page {
    int64_t id FURROW(primary_key);
    const char *title;
    int64_t version FURROW(version);
    furrow_time made_at FURROW(default(now));
    furrow_time seen_at FURROW(default(now), touch);
};

/* A model for insert_many. The rows of one call omit values of different columns. */
struct mixed {
    int64_t id FURROW(primary_key);
    int32_t place;
    furrow_opt(int32_t) seven FURROW(default(7));
    const char *word FURROW(default("none"));
    furrow_opt(bool) yes FURROW(default(true));
    furrow_time at FURROW(default(now));
};

/* Names that are SQL keywords or that need quotes. */
struct order {
    int64_t id FURROW(primary_key);
    int32_t select FURROW(column("select"));
    int32_t from FURROW(column("a \"quoted\" name's; --"));
    int32_t by FURROW(column("\xc3\xa9t\xc3\xa9 $1 ?"), index);
} FURROW(index(select, desc(from)), check("by >= 0"));
struct user {
    int64_t id FURROW(primary_key);
    int64_t group FURROW(references(group.id), column("group"));
    const char *table FURROW(column("table"), unique);
};
struct group {
    int64_t id FURROW(primary_key);
    const char *user FURROW(column("user"));
};
struct select {
    int64_t id FURROW(primary_key);
    const char *where FURROW(column("where"));
} FURROW(table("select * from 'x'; \"drop\""));

/* Strings from outside the program, for the tests of SQL injection. */
struct payload {
    int64_t id FURROW(primary_key);
    const char *text;
    const char *other FURROW(nullable);
};
struct sentinel {
    int64_t id FURROW(primary_key);
    const char *secret;
};

/* Structs for the results of raw statements. */
struct tally {
    int64_t count;
    const char *word FURROW(nullable);
    furrow_opt(double) mean;
} FURROW(result);
struct narrow {
    int16_t small;
    enum level level;
    char code[3];
} FURROW(result);

#endif
