#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    furrow_opt(const char *) name;
    furrow_opt(furrow_blob) b;
    furrow_opt(struct thing) t;
} ;
