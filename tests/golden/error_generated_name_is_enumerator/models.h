#include <furrow/model.h>

enum kind { OTHER, THING };

struct thing {
    int64_t id FURROW(primary_key);
    enum kind kind;
} ;
