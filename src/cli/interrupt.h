/* SPDX-License-Identifier: MIT
 *
 * Ctrl-C while a revision runs: the statement is cancelled, so that the step is rolled back and the
 * server is not left at work for nobody. A second one ends the process at once.
 *
 *     furrow__interrupt_begin();
 *     furrow__interrupt_watch(connection); … furrow__interrupt_watch(NULL);
 *     furrow__interrupt_end();
 */
#ifndef FURROW_CLI_INTERRUPT_H
#define FURROW_CLI_INTERRUPT_H

#include <furrow/driver.h>

/* Until the end, SIGINT, SIGTERM and SIGHUP do not end the process but the first time. False where
 * there can be no thread; they then do what they always do. */
bool furrow__interrupt_begin(void);
void furrow__interrupt_end(void);
/* What to cancel: a connection at work, or NULL. */
void furrow__interrupt_watch(furrow_connection *connection);
/* Has a signal come? */
bool furrow__interrupt_requested(void);

#endif
