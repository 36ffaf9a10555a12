#include <furrow/model.h>

enum kind { A = SOMETHING };

struct thing {
    int64_t id FURROW(primary_key);
    enum kind kind;
} ;
