#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    struct { int x; } inner;
    struct point where;
} ;
