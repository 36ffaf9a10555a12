/* SPDX-License-Identifier: MIT
 * A scratch database for a proof, which nobody else uses: a file in a folder of its own, or a
 * database that is created on a server. It is removed at the end, also after an error or an
 * interrupt; it stays only if the process is killed. */
#ifndef FURROW_CLI_SCRATCH_H
#define FURROW_CLI_SCRATCH_H

#include <furrow/driver.h>

#include "sql/dialect.h"

typedef struct furrow__scratch {
    char folder[64];             /* the folder of the file; "" for a database on a server */
    char name[64];               /* the name of the database on the server; "" for a file */
    const char *server;          /* the URL through which the database was created */
    const furrow_driver *driver; /* for `server` */
    furrow__buffer url;          /* of the database */
} furrow__scratch;

/* Make a file for a serverless engine, or a database on a server. If they return false, the error
 * was reported on stderr, and nothing is left to remove. */
bool furrow__scratch_file(furrow__scratch *out, const furrow__dialect *dialect);
bool furrow__scratch_database(furrow__scratch *out, const char *server);
/* Remove the database. A struct of zeros is allowed. */
void furrow__scratch_remove(furrow__scratch *scratch);

#endif
