/* SPDX-License-Identifier: MIT
 * Names the table or the column that a statement mentions and the database does not have. */
#ifndef FURROW_SCAN_MISSING_H
#define FURROW_SCAN_MISSING_H

#include <furrow/furrow.h>

#include "scan/scan.h"

typedef enum furrow__missing_kind {
    FURROW__MISSING_TABLE,
    FURROW__MISSING_COLUMN
} furrow__missing_kind;

/* The place of a name in the text of a statement: `text` begins with the name. */
typedef struct furrow__missing {
    furrow__missing_kind kind;
    const char *text;
    size_t size;
    uint32_t syntax;
} furrow__missing;

/* Sets the table and the column of the error. The name may be qualified: `"shop"."item"`, or
 * `item.price`. Changes nothing if the text does not begin with a name. */
void furrow__missing_name(const furrow__missing *missing, furrow_error *error);

/* Sets the hint, which is the same on every engine. Returns the error's status. */
furrow_status furrow__missing_hint(furrow__missing_kind kind, furrow_error *error);

#endif
