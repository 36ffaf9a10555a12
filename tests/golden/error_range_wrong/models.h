#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    bool done FURROW(range(0, 1));
    double x FURROW(range(0, 1.5));
    int64_t y FURROW(range(1));
    furrow_decimal z FURROW(decimal(4, 2), range(0, 1.234));
} ;
