/* SPDX-License-Identifier: MIT
 *
 * Makes the syncs of any program slower. After each call to fsync or fdatasync, the thread sleeps
 * for SLOW_SYNC_US microseconds. Usage:
 *
 *     LD_PRELOAD=libslow_sync.so SLOW_SYNC_US=2000 PROGRAM
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static long extra_us;
static int (*real_fsync)(int), (*real_fdatasync)(int);

__attribute__((constructor)) static void find(void)
{
    const char *text = getenv("SLOW_SYNC_US");
    extra_us = text ? strtol(text, NULL, 10) : 0;
    /* POSIX defines this cast: dlsym returns an object pointer even for a function. */
    *(void **)&real_fsync = dlsym(RTLD_NEXT, "fsync");
    *(void **)&real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
}

static void take_longer(void)
{
    struct timespec left = {extra_us / 1000000, extra_us % 1000000 * 1000};
    while (extra_us && nanosleep(&left, &left))
        ;
}

int fsync(int fd)
{
    int result = real_fsync(fd);
    take_longer();
    return result;
}

int fdatasync(int fd)
{
    int result = real_fdatasync(fd);
    take_longer();
    return result;
}
