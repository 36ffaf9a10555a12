#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    int64_t other_id FURROW(references(other.id), on_delete(set_null));
    const char *code FURROW(references(other.code), on_update(set_null));
} ;
struct other { int64_t id FURROW(primary_key); const char *code FURROW(unique); };
