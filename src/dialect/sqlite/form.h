/* SPDX-License-Identifier: MIT
 * The form in which values of each type are stored, and the conversion of other spellings to this
 * form. The driver includes this header for the hints of its errors, so the header depends only on
 * base. */
#ifndef FURROW_DIALECT_SQLITE_FORM_H
#define FURROW_DIALECT_SQLITE_FORM_H

#include <furrow/furrow.h>

#include "base/buffer.h"

/* Writes a condition that is true for values in the form of the type. Returns a name for the form,
 * or NULL if the type has none; nothing is written then. */
const char *furrow__sqlite_write_form(furrow__buffer *out, furrow_type type, const char *value);
/* Writes an expression that converts other spellings of a value to the form in which furrow writes
 * it. The expression leaves a value unchanged if it does not recognize the value, or if the
 * conversion would lose something. */
void furrow__sqlite_write_to_form(furrow__buffer *out, furrow_type type, const char *value);
/* Writes one of the short expressions of a type, which are numbered from 0. Each gives the result
 * of furrow__sqlite_write_to_form for some spellings only; for each spelling that furrow cannot
 * read, one of them does. Returns false if the type has no expression with this number. */
bool furrow__sqlite_write_short_form(furrow__buffer *out, furrow_type type, size_t index,
                                     const char *value);

#endif
