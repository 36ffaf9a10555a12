#include <furrow/model.h>

FURROW_LIST(employee);

/* A tree: everyone but the boss has a manager. */
typedef struct employee {
    int64_t              id         FURROW(primary_key);
    furrow_opt(int64_t)  manager_id FURROW(references(employee.id), on_delete(set_null));
    int64_t              team_id    FURROW(references(team.id), deferrable);
    struct employee     *manager    FURROW(via(manager_id));
    struct employee_list reports    FURROW(via(manager_id));
    struct team         *team       FURROW(via(team_id));
    struct badge        *badge;
    struct employee_list friends    FURROW(through(friendship, one_id, other_id));
} employee;

struct team {
    int64_t              id      FURROW(primary_key);
    furrow_opt(int64_t)  lead_id FURROW(references(employee.id), unique);
    struct employee     *lead    FURROW(via(lead_id));
    struct employee_list members;
};

struct badge {
    int64_t          employee_id FURROW(primary_key, references(employee.id), on_delete(cascade));
    char             number[12]  FURROW(unique);
    struct employee *employee;
};

struct friendship {
    int64_t one_id   FURROW(primary_key, references(employee.id));
    int64_t other_id FURROW(primary_key, references(employee.id));
};
