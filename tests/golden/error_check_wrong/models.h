#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    int64_t count FURROW(check("count >= "));
    int64_t other FURROW(check("othr > 0"));
} FURROW(check("count > 'x'"));
