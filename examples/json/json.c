/* SPDX-License-Identifier: MIT
 * Reads rows from JSON, changes them with patches, and writes them as JSON. */
#include <stdio.h>
#include <string.h>

#include "task.furrow.h"

static void print_problems(const furrow_problems *problems)
{
    for (size_t i = 0; i < problems->count; i++)
        printf("%s (%s): %s\n", problems->items[i].path, problems->items[i].rule,
               problems->items[i].message);
}

static struct task *create(furrow_session *s, const char *body)
{
    struct task *task;
    furrow_problems problems;
    if (task_from_json(s, &task, body, strlen(body), &problems) == FURROW_REJECTED) {
        print_problems(&problems);
        return NULL;
    }
    task_insert_with(s, task, furrow_load(TASK.labels));
    return task;
}

static void change(furrow_session *s, struct task *task, const char *body)
{
    furrow_problems problems;
    if (task_patch_json(s, task, body, strlen(body), &problems) == FURROW_REJECTED)
        print_problems(&problems);
    else
        task_update(s, task);
}

static void print_all(furrow_session *s)
{
    struct task_list tasks;
    const char *json;
    task_find(s, &tasks, .order_by = {furrow_asc(TASK.id)});
    task_list_to_json(s, &json, &tasks, .with = {furrow_load(TASK.labels)});
    printf("%s\n", json);
}

static void check(furrow_session *s)
{
    struct task task = {.title = "", .hours = FURROW_DECIMAL(1, 0)};
    furrow_problems problems;
    if (task_validate(s, &task, &problems) == FURROW_REJECTED)
        print_problems(&problems);
}

int main(int argc, char **argv)
{
    furrow_engine *engine;
    furrow_error error;
    if (furrow_engine_open(&engine, argc > 1 ? argv[1] : "sqlite:///json.db", &error)) {
        fprintf(stderr, "json: %s\n", error.message);
        return 1;
    }
    furrow_session *s = furrow_session_open(engine);
    furrow_create_all(s, &task_schema);
    create(s, "{\"title\": \"\", \"due\": \"soon\", \"plannedHours\": 0.125, \"done\": true}");
    struct task *task = create(s, "{\"title\": \"Write\", \"plannedHours\": \"2.50\","
                                  " \"labels\": [{\"name\": \"home\"}]}");
    if (task)
        change(s, task, "{\"state\": \"DONE\", \"due\": \"2026-12-24\"}");
    print_all(s);
    check(s);
    furrow_status status = furrow_commit(s);
    if (status != FURROW_OK)
        fprintf(stderr, "json: %s\n", furrow_session_error(s)->message);
    furrow_session_close(s);
    furrow_engine_close(engine);
    return status == FURROW_OK ? 0 : 1;
}
