/* SPDX-License-Identifier: MIT
 * The registry: maps the scheme of a URL to a driver and a dialect. */
#ifndef FURROW_POOL_REGISTRY_H
#define FURROW_POOL_REGISTRY_H

#include <furrow/driver.h>

#include "sql/sql.h"

/* Finds the driver and the dialect for a URL, without connecting. Returns FURROW_INVALID, with
 * *driver and *dialect set to NULL, if the scheme is unknown or its driver was not built. The error
 * quotes only the scheme of the URL, since the rest may contain a password. */
furrow_status furrow__registry_find(const furrow_driver **driver, const furrow__dialect **dialect,
                                    const char *url, furrow_error *error);

#endif
