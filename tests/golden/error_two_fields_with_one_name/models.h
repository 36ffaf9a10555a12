#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    bool done;
    int64_t done;
} ;
