#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    int64_t a FURROW(version);
    int64_t b FURROW(version);
} ;
