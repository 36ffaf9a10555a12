#include <furrow/model.h>

struct wide {
    int32_t part_1 FURROW(primary_key);
    int32_t part_2 FURROW(primary_key);
    int32_t part_3 FURROW(primary_key);
    int32_t part_4 FURROW(primary_key);
    int32_t part_5 FURROW(primary_key);
    int32_t part_6 FURROW(primary_key);
    int32_t part_7 FURROW(primary_key);
    int32_t part_8 FURROW(primary_key);
    int32_t part_9 FURROW(primary_key);
    int32_t part_10 FURROW(primary_key);
    int32_t part_11 FURROW(primary_key);
    int32_t part_12 FURROW(primary_key);
    int32_t part_13 FURROW(primary_key);
    int32_t part_14 FURROW(primary_key);
    int32_t part_15 FURROW(primary_key);
    int32_t part_16 FURROW(primary_key);
    int32_t part_17 FURROW(primary_key);
};
