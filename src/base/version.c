/* SPDX-License-Identifier: MIT
 *
 * Returns the version of the library.
 */
#include <furrow/version.h>

_Static_assert(FURROW_VERSION_AT_LEAST(0, 2, 0) && !FURROW_VERSION_AT_LEAST(0, 3, 0),
               "FURROW_VERSION_AT_LEAST compares in order");

const char *furrow_version(void)
{
    return FURROW_VERSION;
}
