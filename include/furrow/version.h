/* SPDX-License-Identifier: MIT
 *
 * The version of these headers, and of the library that the program runs with. Before 1.0, a new
 * minor version may change the interface; the library's soname then changes too.
 */
#ifndef FURROW_VERSION_H
#define FURROW_VERSION_H

#include <furrow/internal/export.h>

/* The three numbers of the version. */
#define FURROW_VERSION_MAJOR 0
#define FURROW_VERSION_MINOR 2
#define FURROW_VERSION_PATCH 0

/* The version as a string, "0.2.0". */
#define FURROW_VERSION                                                                             \
    FURROW_VERSION_TEXT_(FURROW_VERSION_MAJOR, FURROW_VERSION_MINOR, FURROW_VERSION_PATCH)
#define FURROW_VERSION_TEXT_(major, minor, patch) FURROW_VERSION_JOIN_(major, minor, patch)
#define FURROW_VERSION_JOIN_(major, minor, patch) #major "." #minor "." #patch

/* True if these headers have this version or a later one. Can be used in #if and _Static_assert. */
#define FURROW_VERSION_AT_LEAST(major, minor, patch)                                               \
    (FURROW_VERSION_MAJOR > (major) ||                                                             \
     (FURROW_VERSION_MAJOR == (major) &&                                                           \
      (FURROW_VERSION_MINOR > (minor) ||                                                           \
       (FURROW_VERSION_MINOR == (minor) && FURROW_VERSION_PATCH >= (patch)))))

/* Returns the version of the library. It equals FURROW_VERSION if the program runs with the version
 * that it was compiled with. The string is a static constant. */
FURROW_API const char *furrow_version(void);

#endif
