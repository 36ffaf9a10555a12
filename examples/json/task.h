/* SPDX-License-Identifier: MIT
 * The models of docs/json.md. */
#ifndef TASK_H
#define TASK_H

#include <furrow/model.h>

FURROW_LIST(label);

enum state { OPEN, DONE };

struct task {
    int64_t id FURROW(primary_key, json(read_only));
    const char *title FURROW(min_length(1), max_length(60));
    enum state state FURROW(default(OPEN));
    furrow_opt(furrow_date) due;
    furrow_decimal hours FURROW(decimal(6, 2), json("plannedHours"));
    const char *internal FURROW(default(""), json(hidden));
    int64_t version FURROW(version, json(read_only));
    struct label_list labels;
};

struct label {
    int64_t id FURROW(primary_key);
    int64_t task_id FURROW(references(task.id), on_delete(cascade), index, json(hidden));
    const char *name FURROW(pattern("^[a-z]+$"), max_length(20));
};

#endif
