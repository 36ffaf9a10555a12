#include <furrow/model.h>

struct thing {
    int64_t id FURROW(primary_key);
    furrow_opt(float) huge FURROW(default(3.5e38));
    furrow_opt(float) tiny FURROW(default(-1e-46));
    furrow_opt(float) largest FURROW(default(3.4028235e38));
    furrow_opt(float) least FURROW(default(1.4e-45));
    furrow_opt(double) wide FURROW(default(3.5e38));
};
