#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    int64_t count FURROW(default);
    int64_t other FURROW(default());
} ;
