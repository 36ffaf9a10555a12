#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    int64_t count FURROW(default("three"));
    bool done FURROW(default(2));
    const char *name FURROW(default(3));
    furrow_time at FURROW(default("yesterday"));
    furrow_opt(furrow_date) day FURROW(default("2024-02-30"));
    furrow_opt(furrow_uuid) u FURROW(default("abc"));
    furrow_json j FURROW(default("{"));
    furrow_blob b FURROW(default("x"));
    int16_t small FURROW(default(40000));
} ;
