#include <furrow/model.h>

struct thing {
    int64_t id;
    const char *name FURROW(unique);
};
