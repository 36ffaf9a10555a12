/* SPDX-License-Identifier: MIT
 *
 * A proxy between a client and a server that breaks connections on request. It listens on a
 * loopback port that the kernel chooses and runs a thread for each connection. It does not
 * interpret the protocol, which must not be encrypted if a cut is to have a known effect.
 *
 *   proxy *p = proxy_open("127.0.0.1", 5432);   or a folder with PostgreSQL's socket in it
 *   … connect to 127.0.0.1 at proxy_port(p) …
 *   proxy_cut_after(p, PROXY_TO_CLIENT, 0);     the next answer never arrives
 *   proxy_close(p);
 *
 * A fault affects all connections, including later ones, until proxy_heal.
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

/* Returns NULL if there is no free port. The server need not run yet: each connection tries again.
 */
proxy *proxy_open(const char *host, int port);
/* Ends every connection and thread. NULL is allowed. */
void proxy_close(proxy *p);
int proxy_port(const proxy *p);

/* Resets every connection now, with RST instead of an orderly end. */
void proxy_reset(proxy *p);
/* Stops passing bytes, but keeps the connections open, until proxy_heal. */
void proxy_stall(proxy *p);
/* Passes one byte at a time. */
void proxy_slice(proxy *p);
/* Passes `bytes` more bytes in one direction and then ends the connection in both. What the client
 * sent before still reaches the server. */
void proxy_cut_after(proxy *p, proxy_direction direction, uint64_t bytes);
/* Delays every byte for so long. */
void proxy_delay(proxy *p, int ms);
/* Ends all faults. */
void proxy_heal(proxy *p);

/* The number of bytes that were passed and of connections that were accepted. */
uint64_t proxy_bytes(proxy *p, proxy_direction direction);
uint64_t proxy_connections(proxy *p);

#endif
