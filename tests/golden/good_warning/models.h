#include <furrow/model.h>

struct file {
    int64_t id FURROW(primary_key);
};
