#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    const char *version FURROW(version);
    furrow_opt(int64_t) v FURROW(version);
} ;
