/* SPDX-License-Identifier: MIT
 *
 * Handles interrupts (Ctrl-C) while a revision runs. The first signal cancels the current
 * statement, even if it runs on a server, and the revision is rolled back. The second signal ends
 * the process immediately.
 *
 *     furrow__interrupt_begin();
 *     furrow__interrupt_watch(connection); … furrow__interrupt_watch(NULL);
 *     furrow__interrupt_end();
 */
#ifndef FURROW_CLI_INTERRUPT_H
#define FURROW_CLI_INTERRUPT_H

#include <furrow/driver.h>

/* Starts a thread that handles SIGINT, SIGTERM and SIGHUP until furrow__interrupt_end is called.
 * Returns false if the thread could not be started; a signal then ends the process as usual. */
bool furrow__interrupt_begin(void);
void furrow__interrupt_end(void);
/* Sets the connection whose current statement is cancelled by a signal. NULL means no connection.
 */
void furrow__interrupt_watch(furrow_connection *connection);
/* Returns whether a signal has arrived. */
bool furrow__interrupt_requested(void);

#endif
