#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    struct other *other;
} ;
struct other { int64_t id FURROW(primary_key); int64_t thing_id FURROW(references(thing.id)); };
