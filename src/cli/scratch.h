/* SPDX-License-Identifier: MIT
 * A database that nobody else has, for a proof: a SQLite file in a folder of its own, or one made
 * on a server. It goes on every path but the end of the process by force. */
#ifndef FURROW_CLI_SCRATCH_H
#define FURROW_CLI_SCRATCH_H

#include <furrow/driver.h>

#include "base/buffer.h"

typedef struct furrow__scratch {
    char folder[64];    /* SQLite's, or "" */
    char name[64];      /* the server's database, or "" */
    const char *server; /* the URL it was made through */
    const furrow_driver *driver;
    furrow__buffer url; /* of the database */
} furrow__scratch;

/* Each says on stderr what is wrong and returns false; then there is nothing to remove. */
bool furrow__scratch_file(furrow__scratch *out);
bool furrow__scratch_database(furrow__scratch *out, const furrow_driver *driver,
                              const char *server);
/* Zero is allowed. */
void furrow__scratch_remove(furrow__scratch *scratch);

#endif
