#include <furrow/model.h>

enum kind { A = 1 << 40 };

struct thing {
    int64_t id FURROW(primary_key);
    enum kind kind;
} ;
