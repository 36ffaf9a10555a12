#ifndef PERSON_H
#define PERSON_H

#include <furrow/model.h>

FURROW_LIST(pet);

struct person {
    int64_t         id   FURROW(primary_key);
    const char     *name FURROW(unique);
    struct pet_list pets;
};

#endif
