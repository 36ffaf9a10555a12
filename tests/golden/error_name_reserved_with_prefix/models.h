#include <furrow/model.h>

struct furrow_model { int64_t id FURROW(primary_key); };
struct thing { int64_t id FURROW(primary_key); };
