#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    int32_t other_id FURROW(references(other.id));
} ;
struct other { int64_t id FURROW(primary_key); };
