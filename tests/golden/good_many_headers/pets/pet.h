#ifndef PET_H
#define PET_H

#include <furrow/model.h>

enum kind { CAT, DOG };

struct pet {
    int64_t        id        FURROW(primary_key);
    enum kind      kind;
    int64_t        person_id FURROW(references(person.id), on_delete(cascade));
    struct person *person;
};

#endif
