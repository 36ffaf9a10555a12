/* SPDX-License-Identifier: MIT
 * What the files that work on changes share. */
#ifndef FURROW_MIGRATE_REVISION_CHANGE_PARTS_H
#define FURROW_MIGRATE_REVISION_CHANGE_PARTS_H

#include "migrate/catalog/parts.h"
#include "migrate/revision/change.h"
#include "schema/name.h"

/* Whether both sides of every foreign key are of one type behind the changes; where none of these
 * can have changed that, nothing is looked at. FURROW_INVALID, and *place is of the change that did
 * it. `always`: look in any case. (change_keys.c) */
furrow_status furrow__changes_check_keys(const furrow__catalog *catalog,
                                         const furrow__change_list *list, bool always,
                                         furrow__file_location *place, furrow_error *error);

#endif
