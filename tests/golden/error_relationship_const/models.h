#include <furrow/model.h>

struct other {
    int64_t id FURROW(primary_key);
};

struct thing {
    int64_t             id       FURROW(primary_key);
    int64_t             other_id FURROW(references(other.id));
    const struct other *other;
};
