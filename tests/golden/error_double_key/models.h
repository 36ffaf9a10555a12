#include <furrow/model.h>

struct thing {
    double d FURROW(primary_key);
};
