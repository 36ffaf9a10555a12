/* SPDX-License-Identifier: MIT
 *
 * Makes round trips longer. A child process listens on a Unix socket. After a delay, it forwards to
 * the server's socket everything that a client sends. Answers are not delayed. Each piece of data
 * has its own delay. If pieces are sent in quick succession, their delays therefore do not add up.
 */
#ifndef BENCH_DELAY_H
#define BENCH_DELAY_H

#include <stddef.h>
#include <sys/types.h>

/* Starts the child process. It listens in `folder` and delays each piece of data by `us`
 * microseconds. The host in `url` must be the folder of the server's Unix socket. The child process
 * runs until bench_delay_stop is called or this process ends. */
pid_t bench_delay_start(const char *folder, const char *url, long us);
void bench_delay_stop(pid_t child);
/* Writes to `out` a URL for the same server as `url`, whose connections use the socket in
 * `folder`. */
void bench_delay_url(char *out, size_t size, const char *folder, const char *url);

#endif
