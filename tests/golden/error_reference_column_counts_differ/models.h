#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    int64_t a;
    int64_t b;
} FURROW(references((a, b), other(id)));
struct other { int64_t id FURROW(primary_key); };
