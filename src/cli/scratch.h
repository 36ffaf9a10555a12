/* SPDX-License-Identifier: MIT
 * A scratch database is created for `furrow prove` and is not used by any other program. It is
 * either a file in its own folder, or a database on a server. It is removed at the end, even after
 * an error or an interrupt. It remains only if the process is killed. */
#ifndef FURROW_CLI_SCRATCH_H
#define FURROW_CLI_SCRATCH_H

#include <furrow/driver.h>

#include "sql/dialect.h"

typedef struct furrow__scratch {
    char folder[64];             /* the folder that contains the file; "" if the database is on a
                                    server */
    char name[64];               /* the name of the database on the server; "" if the database is a
                                    file */
    const char *server;          /* the URL of the connection that creates and drops the database */
    const furrow_driver *driver; /* the driver for `server` */
    furrow__buffer url;          /* the URL of the scratch database */
} furrow__scratch;

/* Create a database. furrow__scratch_file creates a file, for an engine without a server;
 * furrow__scratch_database creates a database on a server. If a function returns false, it has
 * reported the error to stderr, and there is nothing to remove. */
bool furrow__scratch_file(furrow__scratch *out, const furrow__dialect *dialect);
bool furrow__scratch_database(furrow__scratch *out, const char *server);
/* Removes the database. A zeroed struct is allowed. */
void furrow__scratch_remove(furrow__scratch *scratch);

#endif
