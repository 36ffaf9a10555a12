#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    const char *name FURROW(colour_of_sky);
} ;
