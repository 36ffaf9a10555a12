#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    int32_t flags : 3;
} ;
