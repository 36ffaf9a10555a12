#include <furrow/model.h>

struct revision {
    int64_t id FURROW(primary_key);
} FURROW(table("furrow_revision"));

struct drift {
    int64_t id FURROW(primary_key);
} FURROW(table("app.Furrow_Drift"));

struct door_lock {
    int64_t id FURROW(primary_key);
} FURROW(table("FURROW_LOCK"));
