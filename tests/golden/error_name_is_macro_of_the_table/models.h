#include <furrow/model.h>

struct int64_max {
    int64_t id FURROW(primary_key);
};
