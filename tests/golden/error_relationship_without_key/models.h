#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    struct other *other;
    struct other_list others;
} ;
struct other { int64_t id FURROW(primary_key); };
