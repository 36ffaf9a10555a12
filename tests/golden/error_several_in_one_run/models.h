#include <furrow/model.h>

struct a {
    int64 id FURROW(primary_key);
    bool done FURROW(uniqe);
    furrow_opt(int64_t age;
    char name[0];
};

struct b {
    int64_t a_id FURROW(references(a.id));
    const char *x FURROW(min_length(5), max_length(2)
};

struct c {
    int64_t id FURROW(primary_key);
    int64_t b_id FURROW(references(bb.id));
};
