#include <furrow/model.h>

/* Names with ‮ control characters. */
struct sign {
    int64_t id FURROW(primary_key);
    const char *text FURROW(column("a‮⁦b"), default("‏ ؜"));
} FURROW(table("s⁩"));
