#include <furrow/model.h>

struct thing { int64_t id FURROW(primary_key); } FURROW(c_name("FURROW_OK"));
