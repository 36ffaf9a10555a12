#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    furrow_decimal price FURROW(decimal(5, 2), default(1.005));
    furrow_opt(furrow_decimal) cost FURROW(decimal(5, 2), default(1000));
} ;
