#include <furrow/model.h>

FURROW(table("things")) struct thing {
    int64_t id FURROW(primary_key);
};

struct FURROW(table("others")) other {
    int64_t id FURROW(primary_key);
};

struct third FURROW(table("thirds"))
{
    int64_t id FURROW(primary_key);
};

struct fourth {
    int64_t id FURROW(primary_key);
};
FURROW(table("fourths"));

typedef FURROW(unique(a, b)) struct fifth {
    FURROW(primary_key) int64_t id;
    int64_t FURROW(index) a;
    int64_t b;
} fifth;
