#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    const char *code FURROW(min_length(9), max_length(3));
} ;
