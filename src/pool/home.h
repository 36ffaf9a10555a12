/* SPDX-License-Identifier: MIT
 *
 * The process that something belongs to. A fork copies the memory of what it must not use: sockets
 * that the parent speaks through, locks that nobody in the child will ever open. Asked at every
 * statement, so that the answer must not cost a system call: it is a byte on a page that the kernel
 * hands to a child empty, and only where there are no such pages the process's number.
 */
#ifndef FURROW_POOL_HOME_H
#define FURROW_POOL_HOME_H

#include <stdbool.h>
#include <sys/types.h>
#include <unistd.h>

typedef struct furrow__home {
    const volatile char *page; /* not zero at home; NULL where the kernel has no such pages */
    pid_t process;
} furrow__home;

void furrow__home_init(furrow__home *home);
void furrow__home_done(furrow__home *home);

static inline bool furrow__is_home(const furrow__home *home)
{
    return home->page ? *home->page != 0 : home->process == getpid();
}

#endif
