/* SPDX-License-Identifier: MIT
 * Declarations shared by the files that work on changes. */
#ifndef FURROW_MIGRATE_REVISION_CHANGE_PARTS_H
#define FURROW_MIGRATE_REVISION_CHANGE_PARTS_H

#include "migrate/catalog/parts.h"
#include "migrate/revision/change.h"
#include "schema/name.h"

/* Checks that both sides of every foreign key have the same types after the changes. Unless
 * `always` is set, the check is skipped if no change can affect it. Returns FURROW_INVALID if the
 * types differ, and sets *place to the location of the responsible change. (change_keys.c) */
furrow_status furrow__changes_check_keys(const furrow__catalog *catalog,
                                         const furrow__change_list *list, bool always,
                                         furrow__file_location *place, furrow_error *error);

#endif
