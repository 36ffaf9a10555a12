/* SPDX-License-Identifier: MIT
 * What the files of SQLite's rebuild share: which text the new table has (rebuild_table.c), moving
 * the rows (rebuild.c), and what must hold around all of it (rebuild_check.c). */
#ifndef FURROW_MIGRATE_APPLY_REBUILD_PARTS_H
#define FURROW_MIGRATE_APPLY_REBUILD_PARTS_H

#include "migrate/apply/migrator.h"

/* ---- rebuild_table.c: pure ---- */

/* What a rebuild makes of a live table: `live` with what `before` and `after` differ in. Parts that
 * stay keep their `source`. */
furrow_status furrow__rebuild_merge(furrow__catalog *catalog, furrow__catalog_table **out,
                                    const furrow__catalog_table *live, const furrow__action *action,
                                    furrow_error *error);
/* Whether an index says the same as another. */
bool furrow__rebuild_indexes_are_equal(const furrow__catalog_index *a,
                                       const furrow__catalog_index *b);
/* A column of the old table that is not there under this name afterwards, and that a text names; or
 * NULL. */
const char *furrow__rebuild_lost_column(const furrow__action *action, const char *text);
/* The name that a column of the new table has in the old one. */
const char *furrow__rebuild_old_name(const furrow__action *action, const char *name);

/* ---- rebuild_check.c ---- */

/* What is wrong with the database already, so that only what is new is held against a step. */
typedef struct furrow__rebuild_note {
    furrow_arena *arena;
    furrow__catalog_object *objects; /* views and triggers, and whether each compiles: `source` is
                                        NULL for one that does */
    size_t object_count;
    struct furrow__violations *violations;
    size_t violation_count;
    bool keys_are_unknown; /* a foreign key is such that SQLite cannot check it */
    const char *concerned; /* tables whose keys the plan can break, as a list of literals; NULL: any
                              table's */
} furrow__rebuild_note;

furrow_status furrow__rebuild_take_note(furrow__rebuild_note *out, furrow_connection *connection,
                                        const furrow__plan *plan, furrow_arena *arena,
                                        furrow_error *error);
/* FURROW_FOREIGN_KEY: rows that break a key, and did not before. FURROW_SCHEMA: a view or trigger
 * that compiled, and does not any more. Each by name. */
furrow_status furrow__rebuild_verify(const furrow__rebuild_note *note,
                                     furrow_connection *connection, furrow_error *error);

#endif
