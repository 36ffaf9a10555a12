#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    struct nobody *nobody;
    struct nobody_list list;
} ;
