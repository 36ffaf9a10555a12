#include <furrow/model.h>

struct person {
    int64_t id FURROW(autoincrement, PRIMARY_KEY);
    const char *name FURROW(not_null, UNIQUE, max_len(20));
    const char *email FURROW(NOT_NULL, regex("@"));
    int64_t team_id FURROW(foreign_key(team.id), onDelete(cascade));
    int64_t points FURROW(Default(0));
};

struct team {
    int64_t id FURROW(primary_key);
};
