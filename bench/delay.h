/* SPDX-License-Identifier: MIT
 *
 * Makes round trips longer. A child process listens on a unix socket, and delays everything that a
 * client sends before it passes it to the server's socket. Answers pass at once. Each piece has its
 * own delay, so that pieces that are sent in succession do not add up.
 */
#ifndef BENCH_DELAY_H
#define BENCH_DELAY_H

#include <stddef.h>
#include <sys/types.h>

/* Listen in `folder` for the server of `url`, whose host is the folder of its socket, and delay
 * each piece by `us` microseconds. The child ends with this process, or with bench_delay_stop. */
pid_t bench_delay_start(const char *folder, const char *url, long us);
void bench_delay_stop(pid_t child);
/* The URL that reaches the server of `url` through the socket in `folder`. */
void bench_delay_url(char *out, size_t size, const char *folder, const char *url);

#endif
