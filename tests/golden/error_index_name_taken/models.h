#include <furrow/model.h>

struct a {
    int64_t id  FURROW(primary_key);
    int64_t b_c FURROW(index);
};
struct a_b {
    int64_t id FURROW(primary_key);
    int64_t c  FURROW(index);
};
struct d {
    int64_t id FURROW(primary_key);
} FURROW(table("e_f_idx"));
struct e {
    int64_t id FURROW(primary_key);
    int64_t f  FURROW(index);
};
