#include <furrow/model.h>

enum level { LEVEL_LOW, LEVEL_MIDDLE, LEVEL_HIGH };

struct message {
    int64_t                id    FURROW(primary_key);
    enum level             level FURROW(check("level < 'LEVEL_HIGH'"));
    furrow_opt(enum level) least FURROW(check("least BETWEEN 'LEVEL_LOW' AND 'LEVEL_MIDDLE'"));
} FURROW(check("level >= least"), index(level, where("level > 'LEVEL_LOW'")));
