#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    const char *other FURROW(references(other.name));
} ;
struct other { int64_t id FURROW(primary_key); const char *name; };
