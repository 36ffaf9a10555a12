#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    int64_t a;
} FURROW(references((a), other(id), on_delet(cascade)));
struct other { int64_t id FURROW(primary_key); };
