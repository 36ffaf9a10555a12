#include <furrow/model.h>

struct lesson {
    int64_t id FURROW(primary_key);
    const char *class;
    bool new;
};
