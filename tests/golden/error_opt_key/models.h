#include <furrow/model.h>

struct thing {
    furrow_opt(int64_t) id FURROW(primary_key);
};
