#include <furrow/model.h>

struct user { int64_t id FURROW(primary_key); };
struct User { int64_t id FURROW(primary_key); } FURROW(table("users"));
