/* SPDX-License-Identifier: MIT
 *
 * Handles interrupts while a revision runs: see interrupt.h. A separate thread waits for the
 * signals. A request to cancel has no effect if it arrives between two statements. The thread
 * therefore repeats the request until no connection is watched.
 */
#include "cli/interrupt.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct {
    pthread_mutex_t mutex;
    pthread_t thread;
    sigset_t signals, before;
    furrow_connection *connection;
    bool running, came, ends;
} state = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void cancel(void)
{
    pthread_mutex_lock(&state.mutex);
    if (state.connection)
        state.connection->driver->cancel(state.connection);
    pthread_mutex_unlock(&state.mutex);
}

static bool ends(void)
{
    pthread_mutex_lock(&state.mutex);
    bool is = state.ends;
    pthread_mutex_unlock(&state.mutex);
    return is;
}

static void *wait_for_signals(void *unused)
{
    static const struct timespec often = {.tv_nsec = 50 * 1000000};
    (void)unused;
    while (!ends()) {
        int number = furrow__interrupt_requested() ? sigtimedwait(&state.signals, NULL, &often)
                                                   : sigwaitinfo(&state.signals, NULL);
        if (number > 0 && number != SIGUSR1) {
            if (furrow__interrupt_requested())
                _exit(128 + number);
            /* Begin with a newline, because the terminal has printed ^C. */
            fprintf(stderr,
                    "%sfurrow: interrupted: rolling back; interrupt again to stop at once\n",
                    isatty(STDERR_FILENO) ? "\n" : "");
            pthread_mutex_lock(&state.mutex);
            state.came = true;
            pthread_mutex_unlock(&state.mutex);
        }
        if (furrow__interrupt_requested())
            cancel();
    }
    return NULL;
}

bool furrow__interrupt_begin(void)
{
    sigemptyset(&state.signals);
    sigaddset(&state.signals, SIGINT);
    sigaddset(&state.signals, SIGTERM);
    sigaddset(&state.signals, SIGHUP);
    sigaddset(&state.signals, SIGUSR1); /* the signal that furrow__interrupt_end sends to end the
                                           thread */
    if (pthread_sigmask(SIG_BLOCK, &state.signals, &state.before) != 0)
        return false;
    state.came = state.ends = false;
    state.running = pthread_create(&state.thread, NULL, wait_for_signals, NULL) == 0;
    if (!state.running)
        pthread_sigmask(SIG_SETMASK, &state.before, NULL);
    return state.running;
}

void furrow__interrupt_end(void)
{
    if (!state.running)
        return;
    pthread_mutex_lock(&state.mutex);
    state.ends = true;
    state.connection = NULL;
    pthread_mutex_unlock(&state.mutex);
    pthread_kill(state.thread, SIGUSR1);
    pthread_join(state.thread, NULL);
    pthread_sigmask(SIG_SETMASK, &state.before, NULL);
    state.running = false;
}

void furrow__interrupt_watch(furrow_connection *connection)
{
    pthread_mutex_lock(&state.mutex);
    state.connection = connection;
    pthread_mutex_unlock(&state.mutex);
}

bool furrow__interrupt_requested(void)
{
    pthread_mutex_lock(&state.mutex);
    bool is = state.came;
    pthread_mutex_unlock(&state.mutex);
    return is;
}
