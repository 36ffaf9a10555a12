/* SPDX-License-Identifier: MIT
 *
 * A proxy between a client and a server that breaks what passes through it, when it is told to. It
 * listens on a loopback port that the kernel chose, runs a thread for each connection, and knows
 * nothing of the protocol that it carries (which must not be encrypted for a cut to mean anything).
 *
 *   proxy *p = proxy_open("127.0.0.1", 5432);   or a folder with PostgreSQL's socket in it
 *   … connect to 127.0.0.1 at proxy_port(p) …
 *   proxy_cut_after(p, PROXY_TO_CLIENT, 0);     the next answer never arrives
 *   proxy_close(p);
 *
 * Faults hold for every connection, those to come included, until proxy_heal.
 */
#ifndef FURROW_TESTS_PROXY_H
#define FURROW_TESTS_PROXY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct proxy proxy;

typedef enum proxy_direction {
    PROXY_TO_SERVER = 0,
    PROXY_TO_CLIENT = 1,
} proxy_direction;

/* NULL where no port can be had. The server need not be there: each connection tries anew. */
proxy *proxy_open(const char *host, int port);
/* End every connection and thread. NULL is allowed. */
void proxy_close(proxy *p);
int proxy_port(const proxy *p);

/* Reset every connection now (RST, not an orderly end). */
void proxy_reset(proxy *p);
/* Let nothing pass, and keep the connections open, until the next proxy_heal. */
void proxy_stall(proxy *p);
/* Pass on one byte at a time. */
void proxy_slice(proxy *p);
/* Let `bytes` more pass in one direction, then end the connection in both. What the client sent
 * before is on its way to the server. */
void proxy_cut_after(proxy *p, proxy_direction direction, uint64_t bytes);
/* Hold what is passed on for so long. */
void proxy_delay(proxy *p, int ms);
/* No fault any more. */
void proxy_heal(proxy *p);

/* Bytes passed on so far, and connections taken, over all connections. */
uint64_t proxy_bytes(proxy *p, proxy_direction direction);
uint64_t proxy_connections(proxy *p);

#endif
