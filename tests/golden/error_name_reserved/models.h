#include <furrow/model.h>

struct furrow_thing { int64_t id FURROW(primary_key); };
