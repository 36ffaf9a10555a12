#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    struct other_list others FURROW(via(x), through(y));
} ;
struct other { int64_t id FURROW(primary_key); };
