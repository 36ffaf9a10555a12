#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    int64_t other_id FURROW(references(other.id));
    struct other *other FURROW(via(other_ide));
} ;
struct other { int64_t id FURROW(primary_key); struct thing_list things FURROW(via(id)); };
