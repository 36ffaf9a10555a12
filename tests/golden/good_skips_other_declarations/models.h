/* Everything that is not a model is skipped. */
#pragma once
#include <furrow/model.h>
#ifdef __cplusplus
extern "C" {
#endif
#if 0
struct broken { this is not C FURROW(;
#endif
#define TWICE(x) \
    ((x) * \
     2)

struct thing;
typedef int (*callback)(void *context, struct thing *thing);
typedef unsigned long long handle;
struct plain { unsigned long x : 3; void *(*f)(char **); union { int a; float b; } u; };
enum { ONE = 1, TWO = ONE + 'a' - 0x10 };
static inline int twice(int x) { if (x) { return TWICE(x); } return '}'; }

// A line comment is not the comment of the struct.
struct thing {
    /* ids */ int64_t id FURROW(primary_key); // the key
    bool a, b FURROW(index); const char *c FURROW(nullable), *d;
    char const *e;
    char text[TWO * 2];
};
extern int things(const struct thing *thing);
#ifdef __cplusplus
}
#endif
