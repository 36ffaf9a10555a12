#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    int64_t a;
    int64_t b;
} FURROW(references((a, b), other(x, y)));
struct other { int64_t id FURROW(primary_key); int64_t x; int64_t y; };
