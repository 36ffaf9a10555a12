#include <furrow/model.h>

#define THING 1

struct thing {
    int64_t id FURROW(primary_key);
    bool done;
} ;
