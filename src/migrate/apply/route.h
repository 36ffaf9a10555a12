/* SPDX-License-Identifier: MIT
 *
 * A route is the list of steps that lead from the applied revisions to a target. These functions
 * find and run routes for `furrow upgrade`, `furrow downgrade`, `furrow prove` and furrow_migrate.
 */
#ifndef FURROW_MIGRATE_APPLY_ROUTE_H
#define FURROW_MIGRATE_APPLY_ROUTE_H

#include "migrate/apply/migrator.h"

/* Functions of the caller, which are called before and after each step. */
typedef struct furrow__route_hooks {
    /* Called before a step runs, while no lock is held. To stop the route, the function sets *error
     * and returns a status other than FURROW_OK. Can be NULL. */
    furrow_status (*before)(const furrow__revision_step *step, const furrow__plan *plan,
                            void *context, furrow_error *error);
    /* Called after a step was committed. Also called if another process had already run the step;
     * report->was_done is then true. Can be NULL. */
    void (*after)(const furrow__revision_step *step, const furrow__step_report *report,
                  void *context);
    void *context; /* passed to both functions */
} furrow__route_hooks;

typedef struct furrow__route_request {
    const furrow__history *history;
    const char *target; /* a target for furrow__history_route, such as "head", "-1" or the id of a
                           revision */
    bool down;
    const furrow__route_hooks *hooks; /* the caller's hooks, which furrow__route_find ignores; can
                                         be NULL */
} furrow__route_request;

typedef struct furrow__route {
    const furrow__revision_step *steps;
    size_t count;
} furrow__route;

typedef struct furrow__route_report {
    size_t done;                         /* number of steps that this call ran */
    size_t total;                        /* number of steps in the route */
    const furrow__revision_step *failed; /* the step that failed, allocated in the arena; NULL if no
                                            step failed */
    furrow__step_report step;            /* the report of the last step that ran */
} furrow__route_report;

/* Finds the steps from the applied revisions to the target. Returns FURROW_SCHEMA, among other
 * cases, if a no-transaction revision was interrupted in the other direction. */
furrow_status furrow__route_find(furrow__migrator *m, furrow__route *out,
                                 const furrow__route_request *request, furrow_arena *arena,
                                 furrow_error *error);

/* Finds the route, then plans and runs each of its steps. Other migrators can run steps between
 * these steps: a step that one of them has run is left out, and the route ends with FURROW_BUSY if
 * they have changed anything else. If a step fails, the steps before it stay applied. *report is
 * always set. */
furrow_status furrow__route_run(furrow__migrator *m, furrow__route_report *report,
                                const furrow__route_request *request, furrow_arena *arena,
                                furrow_error *error);

#endif
