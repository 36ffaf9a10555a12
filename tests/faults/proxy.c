/* SPDX-License-Identifier: MIT */
#include "faults/proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MAX_CONNECTIONS = 4096, CHUNK_SIZE = 16384 };

typedef struct connection {
    proxy *owner;
    pthread_t thread;
    int sockets[2]; /* indexed by the receiver of the data: server, client; -1 if closed */
    int wake[2];    /* a pair of sockets; a shutdown of wake[0] ends every wait of the thread */
    bool is_open;   /* true until the thread has closed the sockets */
    bool is_reset;  /* whether to end the connection with RST; no more bytes are passed */
} connection;

struct proxy {
    char host[108];
    int server_port, port, listener;
    pthread_t thread;
    pthread_mutex_t lock; /* protects all members below */
    pthread_cond_t changed;
    bool closing, stalled, sliced;
    int delay_ms;
    bool cutting[2];
    uint64_t left[2], passed[2], taken;
    connection connections[MAX_CONNECTIONS];
};

static int connect_local(const proxy *p)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int size = snprintf(address.sun_path, sizeof address.sun_path, "%s/.s.PGSQL.%d", p->host,
                        p->server_port);
    if (size < 0 || (size_t)size >= sizeof address.sun_path)
        return -1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static int connect_to_server(const proxy *p)
{
    if (p->host[0] == '/')
        return connect_local(p);
    char port[16];
    snprintf(port, sizeof port, "%d", p->server_port);
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found;
    if (getaddrinfo(p->host, port, &hints, &found))
        return -1;
    int fd = -1;
    for (struct addrinfo *a = found; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen)) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(found);
    return fd;
}

static void without_nagle(int fd)
{
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* on a Unix socket this call fails,
                                                                 which does no harm */
}

/* Waits until the socket can be written to. Returns false if the connection has to end. */
static bool wait_for_room(const connection *c, int fd)
{
    struct pollfd watched[2] = {{.fd = fd, .events = POLLOUT},
                                {.fd = c->wake[1], .events = POLLIN}};
    if (poll(watched, 2, -1) < 0)
        return errno == EINTR;
    return !watched[1].revents;
}

static bool write_all(const connection *c, int fd, const char *bytes, size_t size)
{
    while (size) {
        ssize_t written = send(fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) && wait_for_room(c, fd))
            continue;
        if (written <= 0)
            return false;
        bytes += written;
        size -= (size_t)written;
    }
    return true;
}

/* Waits while the proxy is stalled. Returns how many of the next `size` bytes may pass, and sets
 * *end if the connection must end after these bytes. */
static size_t allowed(connection *c, proxy_direction direction, size_t size, bool *end,
                      bool *sliced, int *delay_ms)
{
    proxy *p = c->owner;
    pthread_mutex_lock(&p->lock);
    while (p->stalled && !p->closing && !c->is_reset)
        pthread_cond_wait(&p->changed, &p->lock);
    *end = p->closing || c->is_reset;
    if (c->is_reset)
        size = 0;
    if (p->cutting[direction] && size >= p->left[direction]) {
        /* If exactly `size` bytes may still pass, the connection does not end before the next byte
         * arrives. */
        *end = size > p->left[direction] || *end;
        size = (size_t)p->left[direction];
    }
    if (p->cutting[direction])
        p->left[direction] -= size;
    p->passed[direction] += size;
    *sliced = p->sliced;
    *delay_ms = p->delay_ms;
    pthread_mutex_unlock(&p->lock);
    return size;
}

/* Passes the next bytes of a connection on. Returns false if the connection has ended. */
static bool pass(connection *c, proxy_direction direction)
{
    char bytes[CHUNK_SIZE];
    ssize_t size = recv(c->sockets[!direction], bytes, sizeof bytes, 0);
    if (size <= 0)
        return size < 0 && errno == EINTR;
    bool end, sliced;
    int delay_ms;
    size_t may = allowed(c, direction, (size_t)size, &end, &sliced, &delay_ms);
    struct pollfd wake = {.fd = c->wake[1], .events = POLLIN};
    if (delay_ms > 0 && poll(&wake, 1, delay_ms) > 0)
        return false;
    size_t step = sliced ? 1 : may;
    for (size_t at = 0; at < may; at += step)
        if (!write_all(c, c->sockets[direction], bytes + at, step))
            return false;
    return !end;
}

static void carry(connection *c)
{
    struct pollfd watched[3] = {{.fd = c->sockets[PROXY_TO_SERVER], .events = POLLIN},
                                {.fd = c->sockets[PROXY_TO_CLIENT], .events = POLLIN},
                                {.fd = c->wake[1], .events = POLLIN}};
    for (bool on = true; on;) {
        if (poll(watched, 3, -1) < 0) {
            if (errno != EINTR)
                return;
            continue;
        }
        if (watched[2].revents)
            return;
        if (watched[PROXY_TO_CLIENT].revents)
            on = pass(c, PROXY_TO_SERVER);
        if (on && watched[PROXY_TO_SERVER].revents)
            on = pass(c, PROXY_TO_CLIENT);
    }
}

/* Closes the sockets, and reports that to proxy_reset. */
static void end_connection(connection *c)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0}; /* makes close send RST instead of FIN */
    pthread_mutex_lock(&c->owner->lock);
    for (int i = 0; i < 2; i++) {
        if (c->sockets[i] >= 0 && c->is_reset)
            setsockopt(c->sockets[i], SOL_SOCKET, SO_LINGER, &now, sizeof now);
        if (c->sockets[i] >= 0)
            close(c->sockets[i]);
        close(c->wake[i]);
        c->sockets[i] = c->wake[i] = -1;
    }
    c->is_open = false;
    pthread_cond_broadcast(&c->owner->changed);
    pthread_mutex_unlock(&c->owner->lock);
}

static void *run_connection(void *argument)
{
    connection *c = argument;
    proxy *p = c->owner;
    int server = connect_to_server(p);
    pthread_mutex_lock(&p->lock);
    c->sockets[PROXY_TO_SERVER] = server;
    pthread_mutex_unlock(&p->lock);
    if (server >= 0) {
        without_nagle(server);
        carry(c);
    }
    end_connection(c);
    return NULL;
}

/* Starts the thread of a connection. The caller must hold the lock. */
static bool start(connection *c, proxy *owner, int client)
{
    *c = (connection){.owner = owner, .sockets = {-1, client}, .is_open = true};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, c->wake))
        return false;
    if (pthread_create(&c->thread, NULL, run_connection, c) == 0)
        return true;
    close(c->wake[0]);
    close(c->wake[1]);
    return false;
}

static void take(proxy *p, int client)
{
    without_nagle(client);
    pthread_mutex_lock(&p->lock);
    bool started =
        p->taken < MAX_CONNECTIONS && !p->closing && start(&p->connections[p->taken], p, client);
    p->taken += started;
    pthread_mutex_unlock(&p->lock);
    if (!started)
        close(client);
}

static void *run_listener(void *argument)
{
    proxy *p = argument;
    for (;;) {
        int client = accept(p->listener, NULL, NULL);
        if (client >= 0)
            take(p, client);
        else if (errno != EINTR && errno != ECONNABORTED)
            return NULL;
    }
}

static bool listen_somewhere(proxy *p)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    p->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (p->listener < 0)
        return false;
    if (bind(p->listener, (struct sockaddr *)&address, size) || listen(p->listener, 64) ||
        getsockname(p->listener, (struct sockaddr *)&address, &size)) {
        close(p->listener);
        return false;
    }
    p->port = ntohs(address.sin_port);
    return true;
}

proxy *proxy_open(const char *host, int port)
{
    proxy *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    snprintf(p->host, sizeof p->host, "%s", host);
    p->server_port = port;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->changed, NULL);
    bool listening = listen_somewhere(p);
    if (listening && pthread_create(&p->thread, NULL, run_listener, p) == 0)
        return p;
    if (listening)
        close(p->listener);
    free(p);
    return NULL;
}

int proxy_port(const proxy *p)
{
    return p->port;
}

/* Wakes the threads of all connections, which then close their sockets. The caller must hold the
 * lock. */
static void wake_connections(proxy *p)
{
    for (uint64_t i = 0; i < p->taken; i++)
        if (p->connections[i].is_open)
            shutdown(p->connections[i].wake[0], SHUT_RDWR);
    pthread_cond_broadcast(&p->changed);
}

void proxy_close(proxy *p)
{
    if (!p)
        return;
    shutdown(p->listener, SHUT_RDWR);
    pthread_join(p->thread, NULL);
    close(p->listener);
    pthread_mutex_lock(&p->lock);
    p->closing = true;
    wake_connections(p);
    pthread_mutex_unlock(&p->lock);
    for (uint64_t i = 0; i < p->taken; i++)
        pthread_join(p->connections[i].thread, NULL);
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

void proxy_reset(proxy *p)
{
    pthread_mutex_lock(&p->lock);
    uint64_t count = p->taken; /* connections that are accepted later are not affected */
    for (uint64_t i = 0; i < count; i++)
        p->connections[i].is_reset = true;
    wake_connections(p);
    for (uint64_t i = 0; i < count; i++)
        while (p->connections[i].is_open)
            pthread_cond_wait(&p->changed, &p->lock);
    pthread_mutex_unlock(&p->lock);
}

void proxy_stall(proxy *p)
{
    pthread_mutex_lock(&p->lock);
    p->stalled = true;
    pthread_mutex_unlock(&p->lock);
}

void proxy_slice(proxy *p)
{
    pthread_mutex_lock(&p->lock);
    p->sliced = true;
    pthread_mutex_unlock(&p->lock);
}

void proxy_cut_after(proxy *p, proxy_direction direction, uint64_t bytes)
{
    pthread_mutex_lock(&p->lock);
    p->cutting[direction] = true;
    p->left[direction] = bytes;
    pthread_mutex_unlock(&p->lock);
}

void proxy_delay(proxy *p, int ms)
{
    pthread_mutex_lock(&p->lock);
    p->delay_ms = ms;
    pthread_mutex_unlock(&p->lock);
}

void proxy_heal(proxy *p)
{
    pthread_mutex_lock(&p->lock);
    p->stalled = p->sliced = p->cutting[0] = p->cutting[1] = false;
    p->delay_ms = 0;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
}

uint64_t proxy_bytes(proxy *p, proxy_direction direction)
{
    pthread_mutex_lock(&p->lock);
    uint64_t bytes = p->passed[direction];
    pthread_mutex_unlock(&p->lock);
    return bytes;
}

uint64_t proxy_connections(proxy *p)
{
    pthread_mutex_lock(&p->lock);
    uint64_t taken = p->taken;
    pthread_mutex_unlock(&p->lock);
    return taken;
}
