#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    bool done;
} ;
struct thing {
    int64_t id FURROW(primary_key);
    bool done;
} ;
