#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    const char *code FURROW(pattern("[A-Z"));
    int64_t n FURROW(pattern("x"));
} ;
