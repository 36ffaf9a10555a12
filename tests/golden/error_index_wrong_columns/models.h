#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    int64_t count;
} FURROW(index(cuont), unique(), index(count, count), index(desc(count), 3));
