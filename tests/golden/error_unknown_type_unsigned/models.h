#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    uint32_t count;
    size_t size;
    time_t when;
} ;
