#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    furrow_decimal a FURROW(decimal(19, 2));
    furrow_decimal b FURROW(decimal(4, 5));
    furrow_decimal c FURROW(decimal(4));
    int64_t d FURROW(decimal(4, 2));
} ;
