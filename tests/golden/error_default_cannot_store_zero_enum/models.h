#include <furrow/model.h>

enum kind { PLAIN, FANCY };

struct thing {
    int64_t id FURROW(primary_key);
    enum kind kind FURROW(default(FANCY));
} ;
