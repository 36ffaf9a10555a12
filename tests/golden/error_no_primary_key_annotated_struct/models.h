#include <furrow/model.h>

struct thing {
    int64_t id;
} FURROW(table("things"));
