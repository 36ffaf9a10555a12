#include <furrow/model.h>

struct furrow { int64_t id FURROW(primary_key); };
