#include <furrow/model.h>

struct plain { int x; };
