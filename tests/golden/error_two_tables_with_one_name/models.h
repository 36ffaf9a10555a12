#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    bool done;
} FURROW(table("Other"));
struct other { int64_t id FURROW(primary_key); };
