/* SPDX-License-Identifier: MIT
 * The driver and the dialect that a URL's scheme names. */
#include "pool/registry.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"

#define KNOWN_SCHEMES "sqlite, postgresql and postgres"

/* The size of the scheme before "://" (RFC 3986, 3.1), or 0. */
static size_t scheme_size(const char *url)
{
    size_t size = 0;
    if (!isalpha((unsigned char)url[0]))
        return 0;
    while (isalnum((unsigned char)url[size]) || (url[size] && strchr("+-.", url[size])))
        size++;
    return strncmp(url + size, "://", 3) == 0 ? size : 0;
}

static bool scheme_is(const char *url, size_t size, const char *scheme)
{
    return strlen(scheme) == size && strncmp(url, scheme, size) == 0;
}

furrow_status furrow__registry_find(const furrow_driver **driver, const furrow__dialect **dialect,
                                    const char *url, furrow_error *error)
{
    size_t size = scheme_size(url);
    *driver = NULL;
    *dialect = NULL;
    if (size == 0) {
        furrow__fail(error, FURROW_INVALID, "the url does not begin with a scheme and ://");
        return furrow__hint(error, "write sqlite:///file.db or postgresql://user@host/database; "
                                   "known schemes are " KNOWN_SCHEMES);
    }
    if (scheme_is(url, size, "sqlite")) {
        *driver = &furrow_driver_sqlite;
        *dialect = &furrow__dialect_sqlite;
        return FURROW_OK;
    }
    if (scheme_is(url, size, "postgresql") || scheme_is(url, size, "postgres")) {
#ifdef FURROW_WITH_POSTGRESQL
        *driver = &furrow_driver_postgresql;
        *dialect = &furrow__dialect_postgresql;
        return FURROW_OK;
#else
        furrow__fail(error, FURROW_INVALID, "this furrow was built without its PostgreSQL driver");
        return furrow__hint(error, "install libpq's headers and build furrow again");
#endif
    }
    return furrow__fail(error, FURROW_INVALID,
                        "the url's scheme \"%.*s\" is unknown: known are " KNOWN_SCHEMES,
                        (int)(size < 32 ? size : 32), url);
}
