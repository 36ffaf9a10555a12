/* SPDX-License-Identifier: MIT
 * The registry: which driver and which dialect belong to the scheme of a URL. */
#ifndef FURROW_POOL_REGISTRY_H
#define FURROW_POOL_REGISTRY_H

#include <furrow/driver.h>

#include "sql/sql.h"

/* Finds the driver and the dialect for a URL, without connecting. Returns FURROW_INVALID, with both
 * set to NULL, for an unknown scheme and for one whose driver was not built. The error never quotes
 * the URL beyond its scheme, since it may contain a password. */
furrow_status furrow__registry_find(const furrow_driver **driver, const furrow__dialect **dialect,
                                    const char *url, furrow_error *error);

#endif
