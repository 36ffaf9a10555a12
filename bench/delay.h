/* SPDX-License-Identifier: MIT
 *
 * A round trip that takes longer: a child process that listens on a unix socket beside the
 * server's, and holds what a client sends for a while before the server gets it. Answers pass at
 * once. Each piece is held for itself, so that what is sent in a row is not held one after another.
 */
#ifndef BENCH_DELAY_H
#define BENCH_DELAY_H

#include <stddef.h>
#include <sys/types.h>

/* Listen in `folder` for the server of `url`, whose host is a folder with its socket, and hold for
 * `us` microseconds. The child ends with this process, or by bench_delay_stop. */
pid_t bench_delay_start(const char *folder, const char *url, long us);
void bench_delay_stop(pid_t child);
/* `url` as it is reached through the socket in `folder`. */
void bench_delay_url(char *out, size_t size, const char *folder, const char *url);

#endif
