/* SPDX-License-Identifier: MIT
 *
 * From where a database is to a target, step by step: what upgrade, downgrade, furrow_migrate and
 * prove have in common.
 */
#ifndef FURROW_MIGRATE_APPLY_ADVANCE_H
#define FURROW_MIGRATE_APPLY_ADVANCE_H

#include "migrate/apply/apply.h"

typedef struct furrow__advance_hooks {
    /* Before a step is run, behind the lock: may refuse it by any status but FURROW_OK, with *error
     * filled. May be NULL. */
    furrow_status (*before)(const furrow__revision_step *step, const furrow__plan *plan,
                            void *context, furrow_error *error);
    /* When a step is committed, or found to be (report->was_done). May be NULL. */
    void (*after)(const furrow__revision_step *step, const furrow__step_report *report,
                  void *context);
    void *context;
} furrow__advance_hooks;

typedef struct furrow__advance_report {
    size_t done, total;                  /* steps run by this call; steps there were */
    const furrow__revision_step *failed; /* or NULL; lives in the arena */
    furrow__step_report step;            /* of the last one */
} furrow__advance_report;

/* The steps from what is applied to a target (furrow__history_route), behind the lock that the
 * caller has. FURROW_SCHEMA, too, for a no-transaction revision that is half done the other way. */
furrow_status furrow__advance_route(furrow__revision_step **out, size_t *count, furrow__migrator *m,
                                    const furrow__history *history, const char *target, bool down,
                                    furrow_arena *arena, furrow_error *error);

/* Takes the migrator's lock (and gives it back), reads what is applied, finds the route, plans and
 * runs each step. What was committed before a failure stays. `hooks` may be NULL; *report is always
 * written. */
furrow_status furrow__advance(furrow__migrator *m, const furrow__dialect *dialect,
                              const furrow__history *history, const char *target, bool down,
                              const furrow__advance_hooks *hooks, furrow__advance_report *report,
                              furrow_arena *arena, furrow_error *error);

#endif
