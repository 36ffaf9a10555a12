#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    int64_t a FURROW(references(other.id));
    int64_t b FURROW(references(other.id));
    struct other *other;
} ;
struct other { int64_t id FURROW(primary_key); struct thing_list things; };
