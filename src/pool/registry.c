/* SPDX-License-Identifier: MIT
 * The table of URL schemes. See registry.h. */
#include "pool/registry.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"

#ifdef FURROW_WITH_POSTGRESQL
#define POSTGRESQL_DRIVER &furrow_driver_postgresql
#else
#define POSTGRESQL_DRIVER NULL
#endif

static const struct {
    const char *scheme;
    const furrow_driver *driver; /* NULL: furrow was built without this driver */
    const furrow__dialect *dialect;
} registry[] = {
    {"sqlite", &furrow_driver_sqlite, &furrow__dialect_sqlite},
    {"postgresql", POSTGRESQL_DRIVER, &furrow__dialect_postgresql},
    {"postgres", POSTGRESQL_DRIVER, &furrow__dialect_postgresql},
};

#define KNOWN_SCHEMES "sqlite, postgresql and postgres"

/* Returns the size of the scheme before "://" (RFC 3986, section 3.1); 0 if there is none. */
static size_t scheme_size(const char *url)
{
    size_t size = 0;
    if (!isalpha((unsigned char)url[0]))
        return 0;
    while (isalnum((unsigned char)url[size]) || (url[size] && strchr("+-.", url[size])))
        size++;
    return strncmp(url + size, "://", 3) == 0 ? size : 0;
}

static furrow_status fail_scheme(const char *url, size_t size, furrow_error *error)
{
    if (size)
        furrow__fail(error, FURROW_INVALID,
                     "unknown URL scheme \"%.*s\": the schemes are " KNOWN_SCHEMES,
                     (int)(size < 32 ? size : 32), url);
    else
        furrow__fail(error, FURROW_INVALID, "the URL does not begin with a scheme and ://");
    return furrow__hint(error, "write sqlite:///file.db or postgresql://user@host/database");
}

furrow_status furrow__registry_find(const furrow_driver **driver, const furrow__dialect **dialect,
                                    const char *url, furrow_error *error)
{
    size_t size = scheme_size(url);
    *driver = NULL;
    *dialect = NULL;
    for (size_t i = 0; size && i < sizeof registry / sizeof *registry; i++) {
        const char *scheme = registry[i].scheme;
        if (strlen(scheme) != size || strncmp(url, scheme, size) != 0)
            continue;
        if (!registry[i].driver) {
            furrow__fail(error, FURROW_INVALID, "furrow was built without the driver for %s://",
                         scheme);
            return furrow__hint(error, "install the headers of its client library and build "
                                       "furrow again");
        }
        *driver = registry[i].driver;
        *dialect = registry[i].dialect;
        return FURROW_OK;
    }
    return fail_scheme(url, size, error);
}
