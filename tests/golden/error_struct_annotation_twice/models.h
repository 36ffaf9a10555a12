#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    int64_t count;
} FURROW(table("a"), table("b"));
