#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    int64_t other_id FURROW(via(other_id));
} ;
