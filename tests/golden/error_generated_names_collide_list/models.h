#include <furrow/model.h>

struct user { int64_t id FURROW(primary_key); };
struct user_list { int64_t id FURROW(primary_key); } FURROW(c_name("LISTS"));
