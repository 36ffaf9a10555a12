#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    int64_t count FURROW(range(0, 5);
    bool don FURROW(uniq);
} ;
