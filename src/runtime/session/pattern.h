/* SPDX-License-Identifier: MIT
 *
 * pattern("…"): a POSIX extended regular expression that a string must match.
 */
#ifndef FURROW_RUNTIME_SESSION_PATTERN_H
#define FURROW_RUNTIME_SESSION_PATTERN_H

#include "runtime/session/session.h"

/* For each column that has a pattern, checks the field of a row. */
furrow_status furrow__check_patterns(furrow_session *s, const furrow_column *const *columns,
                                     size_t count, const void *row, furrow_error *error);
/* Checks the values that assignments store in columns with a pattern. */
furrow_status furrow__check_set_patterns(furrow_session *s, const furrow_assignment *set,
                                         size_t slots, furrow_error *error);

#endif
