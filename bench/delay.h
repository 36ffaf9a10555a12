/* SPDX-License-Identifier: MIT
 *
 * Makes round trips longer. A child process listens on a Unix socket and passes everything that a
 * client sends to the server's socket, but only after a delay. Answers are not delayed. Each piece
 * of data has its own delay, so the delays of pieces that are sent in succession do not add up.
 */
#ifndef BENCH_DELAY_H
#define BENCH_DELAY_H

#include <stddef.h>
#include <sys/types.h>

/* Starts the child process. It listens in `folder` and delays each piece of data by `us`
 * microseconds. The host in `url` must be the folder of the server's Unix socket. The child ends
 * with this process or with bench_delay_stop. */
pid_t bench_delay_start(const char *folder, const char *url, long us);
void bench_delay_stop(pid_t child);
/* Writes the URL that reaches the server of `url` through the socket in `folder`. */
void bench_delay_url(char *out, size_t size, const char *folder, const char *url);

#endif
