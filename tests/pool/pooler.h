/* SPDX-License-Identifier: MIT
 * Starts PgBouncer in transaction mode with script/server, for tests on the server of
 * FURROW_TEST_POSTGRESQL, whose folder is in FURROW_TEST_POSTGRESQL_FOLDER. */
#ifndef FURROW_TESTS_POOLER_H
#define FURROW_TESTS_POOLER_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct pooler {
    const char *script;
    char folder[300];
    char url[600]; /* connects to the database "furrow" through the pooler */
} pooler;

enum { POOLER_STARTED, POOLER_FAILED, POOLER_SKIPPED = 77 };
enum { POOLER_SIZE = 4 }; /* the usual size */

/* Starts a pooler that has at most `size` connections to each database. Returns POOLER_SKIPPED if
 * there is no server or PgBouncer is not installed. */
static inline int pooler_start(pooler *p, const char *script, int size)
{
    char command[1200];
    const char *parent = getenv("TMPDIR"), *server = getenv("FURROW_TEST_POSTGRESQL_FOLDER");
    *p = (pooler){.script = script};
    if (!server || !*server) {
        puts("skipped: FURROW_TEST_POSTGRESQL_FOLDER is not set");
        return POOLER_SKIPPED;
    }
    snprintf(p->folder, sizeof p->folder, "%s/furrow-pooler-%ld", parent ? parent : "/tmp",
             (long)getpid());
    snprintf(command, sizeof command,
             "out=$('%s' pooler '%s' '%s' %d) || exit; eval \"$out\" && printf '%%s\\n' "
             "\"$FURROW_TEST_POOLER\"",
             script, p->folder, server, size);
    FILE *out = popen(command, "r");
    bool read = out && fgets(p->url, sizeof p->url, out);
    int status = out ? pclose(out) : -1;
    p->url[strcspn(p->url, "\n")] = '\0';
    if (!read && status == POOLER_SKIPPED << 8)
        return POOLER_SKIPPED;
    return read && !status ? POOLER_STARTED : POOLER_FAILED;
}

static inline bool pooler_stop(const pooler *p)
{
    char command[700];
    snprintf(command, sizeof command, "'%s' stop '%s'", p->script, p->folder);
    return system(command) == 0;
}

#endif
