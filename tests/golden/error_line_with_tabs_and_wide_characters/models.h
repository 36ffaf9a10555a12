#include <furrow/model.h>

struct thing {
	int64_t id FURROW(primary_key);
	const char *n FURROW(default("héé"), uniqe);
};
