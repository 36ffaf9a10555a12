#include <furrow/model.h>

struct limits {
    int64_t id FURROW(primary_key);
    int64_t INT64_MAX;
    int64_t UINT_LEAST8_MAX;
    bool NULL;
    int64_t INT64_MAXIMUM;
};
