/* SPDX-License-Identifier: MIT
 * From a URL to its driver, without connecting. */
#ifndef FURROW_POOL_REGISTRY_H
#define FURROW_POOL_REGISTRY_H

#include <furrow/driver.h>

#include "sql/sql.h"

/* FURROW_INVALID for a scheme that is unknown, or whose driver was not built; both are then NULL.
 * The URL is never in the error, since it may hold a password. */
furrow_status furrow__registry_find(const furrow_driver **driver, const furrow__dialect **dialect,
                                    const char *url, furrow_error *error);

#endif
