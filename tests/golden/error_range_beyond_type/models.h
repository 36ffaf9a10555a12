#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    int16_t count FURROW(range(0, 40000));
    int32_t other FURROW(range(-3000000000, 0));
} ;
