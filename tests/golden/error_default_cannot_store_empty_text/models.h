#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    char code[8] FURROW(default("none"));
} ;
