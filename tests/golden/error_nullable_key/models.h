#include <furrow/model.h>

struct thing {
    const char *code FURROW(primary_key, nullable);
};
