/* SPDX-License-Identifier: MIT
 *
 * URLs. furrow's own parameters are removed, and libpq parses the rest (PostgreSQL manual,
 * 34.1.1.2). Defaults that are safer than libpq's are added. Errors never quote a part of a URL,
 * because any part of a malformed URL could be a password.
 */
#include "driver/postgresql/postgresql.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

enum { MAX_KEYWORDS = 80, RESERVED = 5 };

static furrow_status malformed(furrow_error *error, const char *what)
{
    furrow__fail(error, FURROW_INVALID, "the URL %s", what);
    return furrow__hint(error, "postgresql://user:password@host:port/database?parameter=value, "
                               "with @ : / ? # %% in any of them percent-encoded");
}

/* Returns the position after user and password. The password can contain a `?`. libpq uses the same
 * rule to find the end of the password. */
static char *after_user(char *url)
{
    char *authority = strstr(url, "://") + 3;
    char *end = authority + strcspn(authority, "@/");
    return *end == '@' ? end + 1 : authority;
}

/* Removes `prepare=…` from the query, in place. Returns false if its value is neither on nor off.
 */
static bool cut_prepare(char *url, bool *prepare)
{
    char *query = strchr(after_user(url), '?');
    if (!query)
        return true;
    char *to = query + 1;
    for (char *at = query + 1, *next; *at; at = next) {
        size_t size = strcspn(at, "&");
        next = at + size + (at[size] == '&');
        bool ours = strncmp(at, "prepare=", 8) == 0;
        if (ours && size == 11 && !strncmp(at + 8, "off", 3))
            *prepare = false;
        else if (ours && !(size == 10 && !strncmp(at + 8, "on", 2)))
            return false;
        if (ours)
            continue;
        if (to > query + 1)
            *to++ = '&';
        memmove(to, at, size);
        to += size;
    }
    *to = '\0';
    if (to == query + 1)
        *query = '\0';
    return true;
}

static bool is_keyword(const PQconninfoOption *known, const char *name, size_t size)
{
    for (; known && known->keyword; known++)
        if (strlen(known->keyword) == size && !strncmp(known->keyword, name, size))
            return true;
    return size == 3 && !strncmp(name, "ssl", 3); /* `ssl` is JDBC's name for `sslmode` */
}

/* Whether the query has a parameter that is not one of libpq's keywords. */
static bool has_unknown_parameter(char *url)
{
    const char *at = strchr(after_user(url), '?');
    bool is_unknown = false;
    PQconninfoOption *known = at ? PQconndefaults() : NULL;
    while (known && at && !is_unknown) {
        size_t size = strcspn(++at, "=&");
        is_unknown = !is_keyword(known, at, size);
        at = strchr(at + size, '&');
    }
    PQconninfoFree(known);
    return is_unknown;
}

static const char *value_of(const PQconninfoOption *options, const char *keyword)
{
    for (; options && options->keyword; options++)
        if (!strcmp(options->keyword, keyword))
            return options->val && *options->val ? options->val : NULL;
    return NULL;
}

/* Whether every host of a list is a Unix-domain socket or this machine. */
static bool is_local(const char *hosts)
{
    while (hosts && *hosts) {
        size_t size = strcspn(hosts, ",");
        bool local =
            size == 0 || *hosts == '/' || *hosts == '@' ||
            (size == 9 && !strncmp(hosts, "localhost", 9)) ||
            (size >= 4 && !strncmp(hosts, "127.", 4) && strspn(hosts, "0123456789.") >= size) ||
            (size == 3 && !strncmp(hosts, "::1", 3));
        if (!local)
            return false;
        hosts += size + (hosts[size] == ',');
    }
    return true;
}

static bool is_ports(const char *ports)
{
    while (ports && *ports) {
        size_t size = strcspn(ports, ",");
        unsigned long port = strtoul(ports, NULL, 10);
        if (size && (strspn(ports, "0123456789") != size || size > 5 || port < 1 || port > 65535))
            return false;
        ports += size + (ports[size] == ',');
    }
    return true;
}

/* Rejects a password with an `@` or `/` that is not percent-encoded. libpq would take a part of
 * such a password for the host, port or database, and quote that part in its error. */
static furrow_status check_parts(const furrow__pg_url *url, furrow_error *error)
{
    const char *host = value_of(url->options, "host");
    const char *hosts = after_user(url->text);
    const char *path = hosts + strcspn(hosts, "/?");
    if (!is_ports(value_of(url->options, "port")))
        return malformed(error, "has a port that is not a number from 1 to 65535");
    if (host && strchr(host, '@') && *host != '@')
        return malformed(error, "has an @ in its host");
    if (*path == '/' && memchr(path, '@', strcspn(path, "?")))
        return malformed(error, "has an @ after its first /");
    return FURROW_OK;
}

/* Whether to verify the server's certificate although the URL does not say so. This is false if the
 * server runs on this machine. It is also false if the URL, a service file or an environment
 * variable of libpq specifies sslmode. */
static bool wants_verification(const furrow__pg_url *url, const PQconninfoOption *defaults)
{
    if (value_of(url->options, "sslmode") || value_of(url->options, "requiressl") ||
        value_of(url->options, "service"))
        return false;
    const char *mode = value_of(defaults, "sslmode");
    if (mode && strcmp(mode, "prefer") != 0)
        return false;
    const char *host = value_of(url->options, "host");
    const char *address = value_of(url->options, "hostaddr");
    if (!host && !address) {
        host = value_of(defaults, "host");
        address = value_of(defaults, "hostaddr");
    }
    return !is_local(host) || !is_local(address);
}

static void add(furrow__pg_url *url, size_t *count, const char *keyword, const char *value)
{
    url->keywords[*count] = keyword;
    url->values[*count] = value;
    ++*count;
    url->keywords[*count] = url->values[*count] = NULL;
}

/* Counts the hosts of a list separated by commas. An empty list means one default host. */
static int count_hosts(const char *hosts)
{
    int count = 1;
    for (; hosts && *hosts; hosts++)
        count += *hosts == ',';
    return count;
}

static furrow_status take_keywords(furrow__pg_url *url, furrow_error *error)
{
    size_t count = 0;
    PQconninfoOption *defaults = PQconndefaults();
    if (!defaults)
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    add(url, &count, "fallback_application_name", "furrow");
    for (const PQconninfoOption *o = url->options; o->keyword; o++)
        if (o->val && *o->val && strcmp(o->keyword, "client_encoding") != 0 &&
            count < MAX_KEYWORDS - RESERVED)
            add(url, &count, o->keyword, o->val);
    add(url, &count, "client_encoding", "UTF8");
    if (wants_verification(url, defaults))
        add(url, &count, "sslmode", "verify-full");
    const char *timeout = value_of(url->options, "connect_timeout");
    if (!timeout)
        timeout = value_of(defaults, "connect_timeout");
    url->connect_timeout_s = timeout ? (int)strtol(timeout, NULL, 10) : 0;
    url->has_timeout = timeout || value_of(url->options, "service");
    const char *host = value_of(url->options, "host"),
               *address = value_of(url->options, "hostaddr");
    int hosts = count_hosts(host), addresses = count_hosts(address);
    url->hosts = hosts > addresses ? hosts : addresses;
    PQconninfoFree(defaults);
    return FURROW_OK;
}

void furrow__pg_url_limit(furrow__pg_url *url, int limit_ms)
{
    enum { LEAST_S = 2, MOST_S = 10 }; /* libpq's shortest time limit is two seconds */
    if (url->hosts == 1 || url->has_timeout)
        return;
    int share_s = limit_ms > 0 ? limit_ms / 1000 / url->hosts : MOST_S;
    url->connect_timeout_s = share_s < LEAST_S ? LEAST_S : share_s > MOST_S ? MOST_S : share_s;
    snprintf(url->timeout, sizeof url->timeout, "%d", url->connect_timeout_s);
    size_t count = 0;
    while (url->keywords[count])
        count++;
    add(url, &count, "connect_timeout", url->timeout);
}

void furrow__pg_url_done(furrow__pg_url *url)
{
    PQconninfoFree(url->options);
    if (url->text) /* the value can be a password */
        explicit_bzero(url->text, strlen(url->text));
    furrow__release(url->text);
    *url = (furrow__pg_url){0};
}

/* Whether a text is a whole number, as libpq reads it. libpq checks connect_timeout only when it
 * connects, and reports an invalid value as a failure to connect. */
static bool is_number(const char *text)
{
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    return end != text && !end[strspn(end, " \t\n\v\f\r")] && !errno && number >= INT_MIN &&
           number <= INT_MAX;
}

furrow_status furrow__pg_url_parse(furrow__pg_url *out, const char *url, furrow_error *error)
{
    *out = (furrow__pg_url){.prepare = true};
    if (!url || (strncmp(url, "postgresql://", 13) != 0 && strncmp(url, "postgres://", 11) != 0))
        return malformed(error, "does not begin with postgresql://");
    if (!furrow__utf8_is_valid(url, strlen(url)))
        return malformed(error, "is not valid UTF-8");
    out->text = furrow__duplicate(url);
    if (!out->text)
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    if (!cut_prepare(out->text, &out->prepare))
        return malformed(error, "has a value for prepare that is neither on nor off");
    char *message = NULL;
    out->options = PQconninfoParse(out->text, &message);
    bool no_memory = !out->options && !message;
    PQfreemem(message); /* libpq's message can quote a password */
    if (no_memory)
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    if (!out->options && has_unknown_parameter(out->text))
        return malformed(error, "has a parameter that libpq does not know");
    if (!out->options)
        return malformed(error, "cannot be read");
    const char *timeout = value_of(out->options, "connect_timeout");
    if (timeout && !is_number(timeout))
        return malformed(error, "has a value for connect_timeout that is not a number of seconds");
    furrow_status status = check_parts(out, error);
    return status == FURROW_OK ? take_keywords(out, error) : status;
}
