/* SPDX-License-Identifier: MIT
 * Declarations shared by the files that work on changes. */
#ifndef FURROW_MIGRATE_REVISION_CHANGE_PARTS_H
#define FURROW_MIGRATE_REVISION_CHANGE_PARTS_H

#include "migrate/catalog/parts.h"
#include "migrate/revision/change.h"
#include "schema/name.h"

/* Checks that the two sides of every foreign key have the same types after the changes. If no
 * change can affect the types, the check is skipped, unless `always` is true. If the types differ,
 * returns FURROW_INVALID and sets *place to the location of the responsible change. (change_keys.c)
 */
furrow_status furrow__changes_check_keys(const furrow__catalog *catalog,
                                         const furrow__change_list *list, bool always,
                                         furrow__file_location *place, furrow_error *error);

#endif
