#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    const char *code FURROW(pattern("((a{1,200}){1,200}){1,200}"));
} ;
