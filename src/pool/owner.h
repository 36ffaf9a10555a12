/* SPDX-License-Identifier: MIT
 *
 * The process that something belongs to. A fork copies the memory of what it must not use: sockets
 * that the parent speaks through, locks that nobody in the child will ever open. Asked at every
 * statement, so that the answer must not cost a system call: it is a byte on a page that the kernel
 * hands to a child empty, and only where there are no such pages the process's number.
 */
#ifndef FURROW_POOL_OWNER_H
#define FURROW_POOL_OWNER_H

#include <stdbool.h>
#include <sys/types.h>
#include <unistd.h>

typedef struct furrow__owner {
    const volatile char *page; /* not zero at owner; NULL where the kernel has no such pages */
    pid_t process;
} furrow__owner;

void furrow__owner_init(furrow__owner *owner);
void furrow__owner_done(furrow__owner *owner);

static inline bool furrow__is_owner(const furrow__owner *owner)
{
    return owner->page ? *owner->page != 0 : owner->process == getpid();
}

#endif
