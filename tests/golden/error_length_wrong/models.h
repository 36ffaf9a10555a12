#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    const char *a FURROW(max_length(0));
    int64_t b FURROW(max_length(3));
    char c[4] FURROW(max_length(4));
    const char *d FURROW(max_length("x"));
} ;
