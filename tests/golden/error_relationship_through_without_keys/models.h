#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    struct other_list others FURROW(through(link));
} ;
struct other { int64_t id FURROW(primary_key); };
struct link { int64_t id FURROW(primary_key); int64_t thing_id FURROW(references(thing.id)); };
