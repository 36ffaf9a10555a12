#include <furrow/model.h>

struct file {
    int64_t     id   FURROW(primary_key);
    const char *name FURROW(unique);
};

struct name_length {
    int64_t length;
} FURROW(result);
