/* SPDX-License-Identifier: MIT
 *
 * Models with every kind of relationship, and with keys of every type. Every model has the columns
 * n, m and t, which the tests use in conditions and orders: n is never NULL; m and t can be NULL.
 */
#ifndef GRAPH_H
#define GRAPH_H

#include <furrow/model.h>

FURROW_LIST(person);
FURROW_LIST(paper);
FURROW_LIST(label);
FURROW_LIST(paper_label);
FURROW_LIST(club);
FURROW_LIST(membership);
FURROW_LIST(follow);
FURROW_LIST(event);
FURROW_LIST(remark);

/* An integer key, and three relationships: a reference to the same model (a tree), two references
 * from the model `paper`, and a many-to-many relationship of the model with itself. */
struct person {
    int64_t id FURROW(primary_key);
    furrow_opt(int64_t) boss_id FURROW(references(person.id), index);
    struct person *boss FURROW(via(boss_id));
    struct person_list reports FURROW(via(boss_id));
    struct passport *passport;
    struct paper_list written FURROW(via(author_id));
    struct paper_list reviewed FURROW(via(reviewer_id));
    struct person_list follows FURROW(through(follow, from_id, to_id));
    struct person_list followers FURROW(through(follow, to_id, from_id));
    struct follow_list follow_rows FURROW(via(from_id));
    struct club_list clubs FURROW(through(membership));
    struct membership_list memberships;
    int32_t n;
    furrow_opt(int32_t) m;
    const char *t FURROW(nullable);
};

/* The other side of a one-to-one relationship. Its key is text. Some people have no passport. */
struct passport {
    const char *number FURROW(primary_key);
    int64_t person_id FURROW(unique, references(person.id));
    struct person *person;
    int32_t n;
    furrow_opt(int32_t) m;
    const char *t FURROW(nullable);
};

/* A UUID key, and two references to the same model, one of which is optional. */
struct paper {
    furrow_uuid id FURROW(primary_key);
    int64_t author_id FURROW(references(person.id), index);
    furrow_opt(int64_t) reviewer_id FURROW(references(person.id), index);
    struct person *author FURROW(via(author_id));
    struct person *reviewer FURROW(via(reviewer_id));
    struct label_list labels FURROW(through(paper_label));
    struct paper_label_list paper_labels;
    struct remark_list remarks;
    int32_t n;
    furrow_opt(int32_t) m;
    const char *t FURROW(nullable);
};

/* A model whose key has type char[n]. */
struct label {
    char code[8] FURROW(primary_key);
    struct paper_list papers FURROW(through(paper_label));
    int32_t n;
    furrow_opt(int32_t) m;
    const char *t FURROW(nullable);
};

/* A link model whose key consists of its two references. The link rows have relationships of their
 * own. */
struct paper_label {
    furrow_uuid paper_id FURROW(primary_key, references(paper.id));
    char label_code[8] FURROW(primary_key, references(label.code), index);
    struct paper *paper;
    struct label *label;
    int32_t n;
    furrow_opt(int32_t) m;
    const char *t FURROW(nullable);
};

/* A key of two columns. */
struct club {
    const char *city FURROW(primary_key);
    int16_t number FURROW(primary_key);
    struct person_list members FURROW(through(membership));
    struct membership_list memberships;
    struct event_list events;
    int32_t n;
    furrow_opt(int32_t) m;
    const char *t FURROW(nullable);
};

/* A link model with its own key and additional columns. One of its references has two columns. A
 * person can be a member of the same club several times. */
struct membership {
    int64_t id FURROW(primary_key);
    int64_t person_id FURROW(references(person.id), index);
    const char *club_city;
    int16_t club_number;
    struct person *person;
    struct club *club FURROW(via(club_city, club_number));
    int32_t n;
    furrow_opt(int32_t) m;
    const char *t FURROW(nullable);
} FURROW(references((club_city, club_number), club(city, number)), index(club_city, club_number));

/* A link between rows of the same model. A person can follow themselves. */
struct follow {
    int64_t from_id FURROW(primary_key, references(person.id));
    int64_t to_id FURROW(primary_key, references(person.id), index);
    struct person *from FURROW(via(from_id));
    struct person *to FURROW(via(to_id));
    int32_t n;
    furrow_opt(int32_t) m;
    const char *t FURROW(nullable);
};

/* An optional reference of two columns. If one of the columns is NULL, the event has no club. */
struct event {
    int64_t id FURROW(primary_key);
    const char *city FURROW(nullable);
    furrow_opt(int16_t) number;
    struct club *club FURROW(via(city, number));
    int32_t n;
    furrow_opt(int32_t) m;
    const char *t FURROW(nullable);
} FURROW(references((city, number), club(city, number)), index(city, number));

/* A reference to a UUID key, and a reference to the same model (a tree). */
struct remark {
    int64_t id FURROW(primary_key);
    furrow_uuid paper_id FURROW(references(paper.id), index);
    furrow_opt(int64_t) parent_id FURROW(references(remark.id), index);
    struct paper *paper;
    struct remark *parent;
    struct remark_list replies;
    int32_t n;
    furrow_opt(int32_t) m;
    const char *t FURROW(nullable);
};

#endif
