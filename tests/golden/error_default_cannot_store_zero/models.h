#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    bool done FURROW(default(true));
    int64_t count FURROW(default(1));
    double weight FURROW(default(1.5));
    furrow_date day FURROW(default("2024-01-31"));
    furrow_time at FURROW(default("2024-01-31T00:00:00Z"));
} ;
