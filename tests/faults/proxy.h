/* SPDX-License-Identifier: MIT
 *
 * A proxy that breaks connections between a client and a server on request. The proxy listens on a
 * loopback port that the kernel chooses, and runs a thread for each connection. It does not
 * interpret the protocol. If the connection is encrypted, a cut after a number of bytes has no
 * predictable effect.
 *
 *   proxy *p = proxy_open("127.0.0.1", 5432);   or a folder with PostgreSQL's socket in it
 *   … connect to 127.0.0.1 at proxy_port(p) …
 *   proxy_cut_after(p, PROXY_TO_CLIENT, 0);     the next answer never arrives
 *   proxy_close(p);
 *
 * A fault affects all connections until proxy_heal is called, including connections that are opened
 * later.
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

/* Starts a proxy. Returns NULL if there is no free port. The server need not be running: the proxy
 * connects to the server anew for each client. */
proxy *proxy_open(const char *host, int port);
/* Ends all connections and threads of the proxy, and frees it. `p` may be NULL. */
void proxy_close(proxy *p);
int proxy_port(const proxy *p);

/* Ends every accepted connection with an RST segment instead of an orderly shutdown. The function
 * returns after both sides of these connections are closed. Data that the client sends afterwards
 * does not reach the server. */
void proxy_reset(proxy *p);
/* Stops passing bytes until proxy_heal is called, but keeps the connections open. Bytes that a
 * thread is already writing still pass. */
void proxy_stall(proxy *p);
/* Passes the data on in pieces of one byte. */
void proxy_slice(proxy *p);
/* Passes `bytes` more bytes in one direction, and then ends the connection in both directions. Data
 * that the client sent earlier still reaches the server. */
void proxy_cut_after(proxy *p, proxy_direction direction, uint64_t bytes);
/* Delays the data by `ms` milliseconds. */
void proxy_delay(proxy *p, int ms);
/* Ends all faults, so that the proxy passes data on normally. */
void proxy_heal(proxy *p);

/* Statistics: the bytes that were passed on in one direction, and the accepted connections. */
uint64_t proxy_bytes(proxy *p, proxy_direction direction);
uint64_t proxy_connections(proxy *p);

#endif
