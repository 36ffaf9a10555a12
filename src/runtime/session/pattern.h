/* SPDX-License-Identifier: MIT
 *
 * pattern("…"): a POSIX extended regular expression that a string must match.
 */
#ifndef FURROW_RUNTIME_SESSION_PATTERN_H
#define FURROW_RUNTIME_SESSION_PATTERN_H

#include "runtime/session/session.h"

/* Checks each field of a row whose column has a pattern. */
furrow_status furrow__check_patterns(furrow_session *s, const furrow_column *const *columns,
                                     size_t count, const void *row, furrow_error *error);
/* Checks the values that assignments store in columns with a pattern. */
furrow_status furrow__check_set_patterns(furrow_session *s, const furrow_assignment *set,
                                         size_t slots, furrow_error *error);

#endif
