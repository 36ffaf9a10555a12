/* SPDX-License-Identifier: MIT
 * Delays what a client sends to a PostgreSQL server: see delay.h. */
#include "delay.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

enum { CONNECTIONS = 8, PIECE = 65536, FOLDER = 100 };

/* Bytes that a client sent, stored until it is time to pass them on. */
struct piece {
    struct piece *next;
    int64_t due_ns;
    size_t size;
    char bytes[];
};

struct line {
    int client, server; /* two sockets; `client` is -1 if this entry is free */
    struct piece *first, *last;
};

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static const char *host_of(const char *url, size_t *size)
{
    const char *host = strrchr(url, '@');
    if (!host || strncmp(host + 1, "%2F", 3) != 0)
        bench_fail("the host of the URL is not the folder of a Unix socket");
    *size = strcspn(host + 1, ":/");
    return host + 1;
}

static void socket_of(struct sockaddr_un *address, const char *folder, const char *url)
{
    size_t size;
    const char *host = host_of(url, &size);
    long port = host[size] == ':' ? strtol(host + size + 1, NULL, 10) : 5432;
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    int length =
        snprintf(address->sun_path, sizeof address->sun_path, "%s/.s.PGSQL.%ld", folder, port);
    if (length < 0 || (size_t)length >= sizeof address->sun_path)
        bench_fail("%s: the path is too long for a Unix socket", folder);
}

static void decode(char *out, const char *text, size_t size)
{
    size_t length = 0;
    for (size_t i = 0; i < size && length < FOLDER - 1; i++) {
        char hex[3] = {0};
        if (text[i] == '%' && size - i > 2) {
            memcpy(hex, text + i + 1, 2);
            out[length++] = (char)strtol(hex, NULL, 16);
            i += 2;
        } else {
            out[length++] = text[i];
        }
    }
    out[length] = '\0';
}

void bench_delay_url(char *out, size_t size, const char *folder, const char *url)
{
    size_t host_size;
    const char *host = host_of(url, &host_size);
    int at = snprintf(out, size, "%.*s", (int)(host - url), url);
    for (const char *c = folder; *c && at > 0 && (size_t)at < size; c++)
        at += snprintf(out + at, size - (size_t)at, *c == '/' ? "%%2F" : "%c", *c);
    if (at < 0 || (size_t)at >= size ||
        (size_t)snprintf(out + at, size - (size_t)at, "%s", host + host_size) >= size - (size_t)at)
        bench_fail("the URL is too long");
}

static void end_line(struct line *line)
{
    close(line->client);
    close(line->server);
    for (struct piece *next; line->first; line->first = next) {
        next = line->first->next;
        free(line->first);
    }
    *line = (struct line){-1, -1, NULL, NULL};
}

static void take(struct line *lines, int listener, const struct sockaddr_un *server)
{
    int client = accept(listener, NULL, NULL);
    struct line *line = lines;
    while (line < lines + CONNECTIONS && line->client >= 0)
        line++;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (client < 0 || fd < 0 || line == lines + CONNECTIONS ||
        connect(fd, (const struct sockaddr *)server, sizeof *server)) {
        close(client);
        close(fd);
        return;
    }
    *line = (struct line){client, fd, NULL, NULL};
}

static bool send_all(int fd, const char *bytes, size_t size)
{
    for (size_t at = 0; at < size;) {
        ssize_t sent = send(fd, bytes + at, size - at, MSG_NOSIGNAL);
        if (sent < 0)
            return false;
        at += (size_t)sent;
    }
    return true;
}

/* Receives bytes from a client and stores them until it is time to pass them on. Returns false if
 * the connection has ended. */
static bool hold(struct line *line, int64_t delay_ns)
{
    struct piece *piece = malloc(sizeof *piece + PIECE);
    ssize_t size = piece ? recv(line->client, piece->bytes, PIECE, 0) : -1;
    if (size <= 0) {
        free(piece);
        return false;
    }
    piece->next = NULL;
    piece->due_ns = now_ns() + delay_ns;
    piece->size = (size_t)size;
    if (line->last)
        line->last->next = piece;
    else
        line->first = piece;
    line->last = piece;
    return true;
}

static bool answer(const struct line *line)
{
    char bytes[PIECE];
    ssize_t size = recv(line->server, bytes, sizeof bytes, 0);
    return size > 0 && send_all(line->client, bytes, (size_t)size);
}

/* Sends to the server the bytes whose delay has ended. Returns false if that failed. */
static bool release(struct line *line)
{
    while (line->first && line->first->due_ns <= now_ns()) {
        struct piece *piece = line->first;
        bool good = send_all(line->server, piece->bytes, piece->size);
        line->first = piece->next;
        if (!line->first)
            line->last = NULL;
        free(piece);
        if (!good)
            return false;
    }
    return true;
}

static bool serve_line(struct line *line, short client, short server, int64_t delay_ns)
{
    return (!client || hold(line, delay_ns)) && (!server || answer(line)) && release(line);
}

_Noreturn static void serve(int listener, const struct sockaddr_un *server, int64_t delay_ns)
{
    struct line lines[CONNECTIONS];
    struct pollfd polled[1 + 2 * CONNECTIONS] = {{.fd = listener, .events = POLLIN}};
    for (int i = 0; i < CONNECTIONS; i++)
        lines[i] = (struct line){-1, -1, NULL, NULL};
    for (;;) {
        int64_t next = INT64_MAX;
        for (int i = 0; i < CONNECTIONS; i++) {
            polled[1 + 2 * i] = (struct pollfd){.fd = lines[i].client, .events = POLLIN};
            polled[2 + 2 * i] = (struct pollfd){.fd = lines[i].server, .events = POLLIN};
            if (lines[i].first && lines[i].first->due_ns < next)
                next = lines[i].first->due_ns;
        }
        int64_t wait = next - now_ns();
        struct timespec pause = {0, wait > 0 ? (long)(wait < 999999999 ? wait : 999999999) : 0};
        if (ppoll(polled, 1 + 2 * CONNECTIONS, &pause, NULL) < 0 && errno != EINTR)
            _exit(1);
        for (int i = 0; i < CONNECTIONS; i++)
            if (lines[i].client >= 0 && !serve_line(&lines[i], polled[1 + 2 * i].revents,
                                                    polled[2 + 2 * i].revents, delay_ns))
                end_line(&lines[i]);
        if (polled[0].revents)
            take(lines, listener, server);
    }
}

pid_t bench_delay_start(const char *folder, const char *url, long us)
{
    struct sockaddr_un address, server;
    char server_folder[FOLDER];
    size_t size;
    const char *host = host_of(url, &size);
    decode(server_folder, host, size);
    socket_of(&server, server_folder, url);
    socket_of(&address, folder, url);
    unlink(address.sun_path);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) ||
        listen(listener, CONNECTIONS))
        bench_fail("%s: %s", address.sun_path, strerror(errno));
    pid_t child = fork();
    if (child < 0)
        bench_fail("%s", strerror(errno));
    if (child) {
        close(listener);
        return child;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_TIMERSLACK, 1L);
    serve(listener, &server, (int64_t)us * 1000);
}

void bench_delay_stop(pid_t child)
{
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}
