/* SPDX-License-Identifier: MIT
 * Shows how values that can be NULL are stored, read, found and changed. */
#include <inttypes.h>
#include <stdio.h>

#include "person.furrow.h"

static void insert_people(furrow_session *s)
{
    struct person ada = {.name = "Ada", .nick = "Countess", .age = furrow_some(36)};
    furrow_put(ada.shirt, SMALL);
    furrow_date born;
    if (furrow_date_parse("1815-12-10", &born))
        furrow_put(ada.born, born);
    person_insert(s, &ada);

    struct person bob = {.name = "Bob"}; /* everything that can be NULL is NULL */
    furrow_put(bob.mentor_id, ada.id);
    person_insert(s, &bob);
}

static void print_person(const struct person *p)
{
    printf("%s", p->name);
    if (p->nick)
        printf(", called %s", p->nick);
    if (p->age.has)
        printf(", %" PRId32 " years old", p->age.value);
    if (p->mentor)
        printf(", learns from %s", p->mentor->name);
    printf("\n");
}

static void find_people(furrow_session *s)
{
    struct person_list people;
    person_find(s, &people, .order_by = {furrow_asc(PERSON.age), furrow_asc(PERSON.id)},
                .with = {furrow_load(PERSON.mentor)});
    furrow_each (struct person, p, people)
        print_person(p);

    int64_t unknown, other, not_36;
    person_count(s, &unknown, .where = {furrow_is_null(PERSON.age)});
    person_count(s, &other, .where = {furrow_ne(PERSON.age, 36)});
    person_count(s, &not_36,
                 .where = {furrow_any(furrow_ne(PERSON.age, 36), furrow_is_null(PERSON.age))});
    printf("age unknown: %" PRId64 ", other than 36: %" PRId64 ", not 36: %" PRId64 "\n", unknown,
           other, not_36);
}

static void change_people(furrow_session *s)
{
    struct person *ada;
    if (person_first(s, &ada, .where = {furrow_eq(PERSON.name, "Ada")}) != FURROW_OK)
        return;
    furrow_null(ada->age);
    ada->nick = NULL;
    person_update(s, ada);
    person_update_where(s,
                        .set = {furrow_set_null(PERSON.mentor_id), furrow_set(PERSON.shirt, LARGE)},
                        .where = {furrow_not_null(PERSON.mentor_id)});
}

int main(int argc, char **argv)
{
    furrow_engine *engine;
    furrow_error error;
    if (furrow_engine_open(&engine, argc > 1 ? argv[1] : "sqlite:///nullable.db", &error)) {
        fprintf(stderr, "nullable: %s\n", error.message);
        return 1;
    }
    furrow_session *s = furrow_session_open(engine);
    furrow_create_all(s, &person_schema);
    insert_people(s);
    find_people(s);
    change_people(s);
    find_people(s);
    furrow_status status = furrow_commit(s);
    if (status != FURROW_OK)
        fprintf(stderr, "nullable: %s\n", furrow_session_error(s)->message);
    furrow_session_close(s);
    furrow_engine_close(engine);
    return status == FURROW_OK ? 0 : 1;
}
