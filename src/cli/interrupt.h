/* SPDX-License-Identifier: MIT
 *
 * Handles interrupts (Ctrl-C) of a running revision. The first signal cancels the current
 * statement, so that the revision is rolled back and the server does not continue to run it. The
 * second signal ends the process at once.
 *
 *     furrow__interrupt_begin();
 *     furrow__interrupt_watch(connection); … furrow__interrupt_watch(NULL);
 *     furrow__interrupt_end();
 */
#ifndef FURROW_CLI_INTERRUPT_H
#define FURROW_CLI_INTERRUPT_H

#include <furrow/driver.h>

/* Handle SIGINT, SIGTERM and SIGHUP until furrow__interrupt_end. False if no thread could be
 * started; the signals then end the process as usual. */
bool furrow__interrupt_begin(void);
void furrow__interrupt_end(void);
/* Set the connection whose statement a signal cancels; NULL for none. */
void furrow__interrupt_watch(furrow_connection *connection);
/* Whether a signal has arrived. */
bool furrow__interrupt_requested(void);

#endif
