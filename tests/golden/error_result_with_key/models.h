#include <furrow/model.h>

struct row {
    int64_t id FURROW(primary_key);
    struct x *x;
} FURROW(result, table("t"));
